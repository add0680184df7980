"""Untrusted. Inequalities between sums of non-negative integers."""

from __future__ import annotations

from hyperion.logic import kernel as k
from hyperion.logic.definitions import apply
from hyperion.logic.derived import discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, chain, instance


def regroup(th: Theorem, bound: Term) -> Theorem:
    """From |- le a top = true and a = bound as sums: |- le bound top = true."""
    same = INTEGERS.equal(bound, th.left.function.argument)
    if same is None:
        raise NoProof("the bounds differ")
    return chain(k.app(k.app(k.refl(th.left.function.function), same), k.refl(th.left.argument)), th)


def drop(th: Theorem, bound: Term, extra: Theorem) -> Theorem:
    """From |- le a top, a = bound + d and |- le 0 d: |- le bound top."""
    d = extra.left.argument
    wide = regroup(th, apply("add", bound, d))
    return discharge(instance("int.le.drop", a=bound, b=th.left.argument, d=d), extra, wide)


def nonneg_add(a: Theorem, b: Theorem) -> Theorem:
    return discharge(instance("int.nonneg.add", a=a.left.argument, b=b.left.argument), a, b)


def nonneg_mul(a: Theorem, b: Theorem) -> Theorem:
    return discharge(instance("int.nonneg.mul", a=a.left.argument, b=b.left.argument), a, b)
