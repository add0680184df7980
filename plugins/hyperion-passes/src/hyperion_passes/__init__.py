"""Optimisation passes for Hyperion IR, each with its evidence."""
