"""Virtual devices in pure Python: the model for device plugins."""
