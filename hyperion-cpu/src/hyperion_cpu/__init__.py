"""The CPU device: just-in-time compiled functions, thread pool, executor."""
