"""Networks between the ranks of a cluster."""
