"""The parts of `hyperion.testing.DeviceConformance`, by what they look at."""
