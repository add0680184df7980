"""The executor on clusters of devices."""
