"""The loops, by domain."""
