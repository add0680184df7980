"""Registers nothing yet."""

HYPERION_API = (1, 0)
