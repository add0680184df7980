"""Untrusted. Facts that a loop's guard gives: magnitudes of values, and predicates that hold for every element."""

from __future__ import annotations

from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, beta_spine, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, chain, cond_is, head, instance, unfold, use
from hyperion_proofs.implication import parts
from hyperion_proofs.loop import HEAD, XS, X
from hyperion_proofs.unfolding import nil_cons, reduce_list, rewrite


def magnitude(z: Term, wide: Term) -> Theorem:
    """|- within wide z = true, where wide is the maximum of magnitudes of which |z| is one."""
    return _widened(instance("within.abs", a=z), wide)


def limits(th: Theorem) -> tuple[Theorem, Theorem]:
    """From |- within p a: |- le (neg p) a = true and |- le a p = true."""
    p, a = th.left.function.argument, th.left.argument
    return parts(k.trans(k.sym(instance("within.def", p=p, a=a)), th))


def in_limits(fact: Theorem, low: Theorem, high: Theorem) -> dict[Term, Theorem]:
    """From |- (\\x. and (and (le lo x) (le x hi)) ..) x, low |- -p <= lo and high |- hi <= p: |- within p x, by x."""
    found: dict[Term, Theorem] = {}
    for both in _pairs(k.trans(k.sym(beta_spine(fact.left)), fact)):
        above, below = parts(both)
        lo, z, hi = above.left.function.argument, above.left.argument, below.left.argument
        th = instance("within.range", lo=lo, hi=hi, p=high.left.argument, a=z)
        found[z] = discharge(th, above, below, low, high)
    return found


def _pairs(th: Theorem) -> list[Theorem]:
    """The conjunctions of two comparisons in a right-nested conjunction of such."""
    if head(th.left.function.argument) != "and":
        return [th]
    first, rest = parts(th)
    return [first, *_pairs(rest)]


def _widened(th: Theorem, wide: Term) -> Theorem:
    """From |- within p a: |- within wide a, where wide is a max that contains p."""
    p, a = th.left.function.argument, th.left.argument
    if p is wide:
        return th
    if head(wide) != "max":
        raise NoProof("the magnitude is not among those of the guard")
    left, right = arguments(wide)[1]
    if p is left:
        return discharge(instance("within.max.left", p=p, q=right, a=a), th)
    inner = _widened(th, right)
    swapped = discharge(instance("within.max.left", p=right, q=left, a=a), inner)
    flip = INTEGERS.commute("max", wide)
    function = swapped.left.function.function
    return chain(k.app(k.app(k.refl(function), flip), k.refl(a)), swapped)


def computed(x: Term) -> Theorem:
    """|- le a b = true by arithmetic that leaves literals only."""
    function, (a, b) = arguments(x)
    left, right = INTEGERS.normal(a) or k.refl(a), INTEGERS.normal(b) or k.refl(b)
    th = k.app(k.app(k.refl(function), left), right)
    return k.trans(th, k.compute(th.right))


@cache
def _always() -> Theorem:
    """|- all (\\x. true) xs = true."""
    ok_x = t.lam(t.var("x", X), TRUE)
    xs, x = XS, HEAD
    nil, cons = nil_cons(x, xs)
    base = reduce_list("all", apply("all", ok_x, nil))
    ih = k.assume(apply("all", ok_x, xs), TRUE)
    th = reduce_list("all", apply("all", ok_x, cons))
    back = rewrite(th.right, k.sym(unfold("all", apply("all", ok_x, xs))))
    assert back is not None
    th = k.trans(th, back)  # and ((\x. true) x) (all .. xs)
    first = k.beta(th.right.function.argument)
    both = k.app(k.app(k.refl(th.right.function.function), first), ih)
    opened = use("and.def", both.right)
    assert opened is not None
    step = chain(th, both, opened, cond_is(k.refl(TRUE), opened.right))
    return k.list_induction(x, xs, apply("all", ok_x, xs), TRUE, base, step)


def everywhere(xs: Term) -> Theorem:
    """|- all (\\x. true) xs = true."""
    assert xs.type.args is not None
    th = k.inst_type({"'x": xs.type.args[0]}, _always())
    (v,) = th.left.free
    return k.inst({v: xs}, th)
