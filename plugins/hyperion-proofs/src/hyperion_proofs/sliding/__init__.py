"""Windows that slide over an array, each summarised anew by an inner loop, become products of all windows."""
