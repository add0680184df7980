"""An example of a plugin from outside the project."""
