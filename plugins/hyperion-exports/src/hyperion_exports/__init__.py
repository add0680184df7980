"""Proofs as files for SMT solvers, Coq and Metamath."""
