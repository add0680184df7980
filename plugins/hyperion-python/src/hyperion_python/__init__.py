"""The Python frontend: ordinary functions become Hyperion IR."""
