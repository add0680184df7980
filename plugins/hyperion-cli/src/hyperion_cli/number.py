"""Numbers as the command line and CSV cells write them."""

from __future__ import annotations


def number(word: str) -> bool | int | float | None:
    """true, false, an int (`10**15`, `1_000`), a float; None for anything else."""
    if word.lower() in ("true", "false"):
        return word.lower() == "true"
    base, power, exponent = word.partition("**")
    try:
        if power and len(exponent) < 4:
            return int(base) ** int(exponent)
        return int(word)
    except ValueError:
        pass
    try:
        return float(word)
    except ValueError:
        return None
