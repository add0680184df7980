"""Untrusted. Shift registers and cyclic checksums: steps that are linear over GF(2), as parallel reductions."""
