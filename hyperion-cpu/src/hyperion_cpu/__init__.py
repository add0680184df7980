"""The CPU device: just-in-time compiled functions, core groups, thread pool."""
