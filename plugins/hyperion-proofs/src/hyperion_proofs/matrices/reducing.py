"""Untrusted. Beta-normal forms, each with its theorem."""

from __future__ import annotations

from hyperion.logic import kernel as k
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import exhausted


def beta_normal(x: Term) -> Theorem:
    """|- x = x with functions applied and tuples taken apart wherever they stand."""
    return exhausted(x, _redex)


def _redex(x: Term) -> Theorem | None:
    if x.kind == "A" and x.function.kind == "L":
        return k.beta(x)
    return k.projbeta(x) if x.kind == "P" and x.body.kind == "T" else None
