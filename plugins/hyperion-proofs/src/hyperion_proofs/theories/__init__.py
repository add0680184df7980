"""The theories of the core: axioms with the record of how each was validated, and laws proved from them."""
