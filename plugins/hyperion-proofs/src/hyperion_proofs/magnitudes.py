"""Untrusted. Magnitudes of polynomials in words, as literals: |- within p e = true, and from it that e is in a word."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from hyperion.ir.types import IntType
from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, discharge, head
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, instance
from hyperion_proofs.implication import both, parts
from hyperion_proofs.inequalities import nonneg_add, nonneg_mul
from hyperion_proofs.nonnegative import as_sum, at_most, difference, divided, known


@cache
def _product() -> Theorem:
    """{within p a, within q b} |- within (p * q) (a * b), since 2 (p q - a b) = (p - a) (q + b) + (p + a) (q - b)"""
    p, q, a, b = (t.var(n, t.INT) for n in "pqab")
    (a_low, a_high), (b_low, b_high) = (_ends(k.assume(apply("within", *pair), TRUE)) for pair in ((p, a), (q, b)))
    bound, value = apply("mul", p, q), apply("mul", a, b)

    def half(first: Theorem, second: Theorem, gap: Term) -> Theorem:
        return divided(2, gap, nonneg_add(nonneg_add(first, second), known(1)))

    upper = half(nonneg_mul(a_high, b_low), nonneg_mul(a_low, b_high), apply("sub", bound, value))
    gap = apply("sub", value, apply("neg", bound))
    lower = half(nonneg_mul(a_low, b_low), nonneg_mul(a_high, b_high), gap)
    within = both(at_most(lower, apply("neg", bound), value), at_most(upper, value, bound))
    return k.trans(instance("within.def", p=bound, a=value), within)


def _ends(th: Theorem) -> tuple[Theorem, Theorem]:
    """From |- within p a: |- 0 <= p + a and |- 0 <= p - a."""
    p, a = th.left.function.argument, th.left.argument
    low, high = parts(k.trans(k.sym(instance("within.def", p=p, a=a)), th))
    return as_sum(difference(low), apply("add", p, a)), difference(high)


def within(e: Term, known: Mapping[Term, Theorem]) -> Theorem:
    """|- within p e = true for a literal p, from magnitudes of the atoms."""
    if e in known:
        return known[e]
    _, args = arguments(e)
    if e.kind == "K":
        th = instance("within.abs", a=e)
    else:
        match head(e):
            case "add" | "sub" as op:
                a, b = (within(x, known) for x in args)
                p, q = (th.left.function.argument for th in (a, b))
                th = discharge(instance(f"within.{op}", p=p, q=q, a=args[0], b=args[1]), a, b)
            case "mul":
                a, b = (within(x, known) for x in args)
                values = [a.left.function.argument, b.left.function.argument, *args]
                mapping = {t.var(n, t.INT): x for n, x in zip("pqab", values, strict=True)}
                th = discharge(k.inst(mapping, _product()), a, b)
            case "neg":
                a = within(args[0], known)
                th = discharge(instance("within.neg", p=a.left.function.argument, a=args[0]), a)
            case name:
                raise NoProof(f"the magnitude of `{name or 'a value'}` is not known")
    p = th.left.function.argument
    if p.kind == "K":
        return th
    function = th.left.function.function
    return k.trans(k.sym(k.app(k.app(k.refl(function), k.compute(p)), k.refl(th.left.argument))), th)


def word_within(x: Term) -> Theorem:
    """|- within 2**(width - 1) (toZ x) = true, of a signed word; 2**width - 1 of an unsigned one."""
    word = x.type.name
    ty = IntType(int(word[1:]), word[0] == "i")
    z = apply(f"toZ.{word}", x)
    low, high = parts(k.trans(k.sym(instance(f"{word}.inr.def", z=z)), instance(f"{word}.inr.to", x=x)))
    size = max(-ty.minimum, ty.maximum)
    return between(z, low, high, size)


def between(z: Term, low: Theorem, high: Theorem, size: int) -> Theorem:
    """From |- lo <= z and |- z <= hi with literals no further out than `size`: |- within size z = true."""
    lo, hi, p = low.left.function.argument, high.left.argument, literals.int_lit(size)
    bottom = apply("le", apply("neg", p), lo)
    negated = k.compute(bottom.function.argument)
    first = k.app(k.app(k.refl(bottom.function.function), negated), k.refl(lo))
    below = k.trans(first, k.compute(first.right))
    above = k.compute(apply("le", hi, p))
    return discharge(instance("within.range", lo=lo, hi=hi, p=p, a=z), low, high, below, above)


def in_word(word: str, th: Theorem) -> Theorem:
    """From |- within p e = true with a literal p: |- inr.word e = true. Raises NoProof where p is too large."""
    p, e = th.left.function.argument, th.left.argument
    ty = IntType(int(word[1:]), word[0] == "i")
    size = literals.int_value(p)
    if size > ty.maximum or -size < ty.minimum:
        raise NoProof(f"a value may leave {word}")
    low, high = parts(k.trans(k.sym(instance("within.def", p=p, a=e)), th))
    bottom, top = literals.int_lit(ty.minimum), literals.int_lit(ty.maximum)
    negated = k.compute(low.left.function.argument)
    low = k.trans(k.sym(k.app(k.app(k.refl(low.left.function.function), negated), k.refl(e))), low)
    first = discharge(
        instance("int.le.trans", a=bottom, b=low.left.function.argument, c=e),
        k.compute(apply("le", bottom, low.left.function.argument)),
        low,
    )
    last = discharge(instance("int.le.trans", a=e, b=p, c=top), high, k.compute(apply("le", p, top)))
    return k.trans(instance(f"{word}.inr.def", z=e), both(first, last))
