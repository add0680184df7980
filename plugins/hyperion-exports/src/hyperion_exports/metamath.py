"""Untrusted. The kernel's rules about equations and functions as theorems of higher-order logic in Metamath.

Not proofs, the rules: that each follows in the logic of HOL Light, as `hol.mm` of Metamath's own databases has it.
"""

from __future__ import annotations

from importlib.resources import files


def rules() -> str:
    """A database for Metamath; it includes `hol.mm`, which must lie beside it."""
    return files("hyperion_exports").joinpath("rules.mm").read_text(encoding="utf-8")
