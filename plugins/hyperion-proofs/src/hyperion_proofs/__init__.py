"""Theories, tactics and strategies that derive proven equivalents."""
