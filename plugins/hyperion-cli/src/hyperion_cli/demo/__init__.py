"""The loops of `hyperion demo`, one file per subject."""
