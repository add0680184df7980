"""z3 as a refuter, as the validator of axioms, and as a labelled oracle. Untrusted."""
