"""Recursions by constant distances as counted loops, with theorems."""
