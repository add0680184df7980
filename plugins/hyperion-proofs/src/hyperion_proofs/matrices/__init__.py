"""Untrusted. Products of matrices: how they may be grouped, and which grouping is compiled."""
