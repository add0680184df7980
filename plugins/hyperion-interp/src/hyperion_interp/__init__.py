"""The reference interpreter for Hyperion IR."""
