"""Finding proofs: tactics, combinators, a simplifier, decision procedures and an e-graph. Untrusted."""
