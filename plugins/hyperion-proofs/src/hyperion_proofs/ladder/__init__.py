"""Untrusted. The ladder: rungs that find summaries of loop bodies, tried in order; a law prover decides what counts."""
