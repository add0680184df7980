"""Keeps theorems between processes, and moves them between machines."""
