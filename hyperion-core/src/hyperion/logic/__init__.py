"""Terms, kernel, denotation and checker: the trusted part of Hyperion."""
