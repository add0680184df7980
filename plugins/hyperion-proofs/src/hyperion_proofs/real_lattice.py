"""Untrusted. Equations of reals under max, min and +, whose maxima are conditionals on comparisons.

A conditional is a maximum or a minimum where its branches differ as the compared sides do. Signs are pushed inwards,
and the two sides are brought to normal form over (max, +), or over (min, +).
"""

from __future__ import annotations

from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, congruence
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import REALS
from hyperion.logic.terms import Term
from hyperion_proofs.derived import by_cases, chain, cond_is, head, instance, use
from hyperion_proofs.evaluate import minmax
from hyperion_proofs.real_signs import ZERO
from hyperion_proofs.tropical import Tropical

MAX_PLUS, MIN_PLUS = Tropical("rmax", REALS), Tropical("rmin", REALS)
_KNOWN = ("radd", "rsub", "rneg", "rmul", "cond", "rmax", "rmin")


def equal(a: Term, b: Term) -> Theorem | None:
    """|- a = b where both are maxima, or both minima, of the same sums."""
    if a.type is not t.REAL:
        return None
    first, last = with_extrema(a), with_extrema(b)
    names = {head(u) for x in (first.right, last.right) for u in t.subterms(x)}
    if not {"rmax", "rmin"} & names or {"rmax", "rmin"} <= names or "cond" in names:
        return None
    middle = (MIN_PLUS if "rmin" in names else MAX_PLUS).equal(first.right, last.right)
    return None if middle is None else chain(first, middle, k.sym(last))


def with_extrema(x: Term) -> Theorem:
    """|- x = x with maxima and minima for conditionals that are that, and signs pushed into them."""
    function, args = arguments(x)
    name = head(x)
    if name not in _KNOWN or not args:
        return k.refl(x)
    changes = [with_extrema(a) if a.type is t.REAL else _compared(a) for a in args]
    th = congruence(function, args, changes) or k.refl(x)
    y = th.right
    match name:
        case "cond":
            return chain(th, minmax(y))
        case "rsub" if y.function.argument is y.argument:
            return chain(th, REALS.equal(y, ZERO))
        case "rsub" if _has_extremum(y.argument):
            law = instance("real.sub.def", a=y.function.argument, b=y.argument)
            minus = law.right.argument
            return chain(th, law, k.app(k.refl(law.right.function), _turned(minus)))
        case "rneg":
            return chain(th, _turned(y))
        case _:
            return th


def _compared(test: Term) -> Theorem:
    """|- test = test with extrema on its sides, for a comparison of reals."""
    function, args = arguments(test)
    if head(test) not in ("rlt", "rle"):
        return k.refl(test)
    return congruence(function, args, [with_extrema(a) for a in args]) or k.refl(test)


def _has_extremum(x: Term) -> bool:
    return any(head(u) in ("rmax", "rmin") for u in t.subterms(x))


def _turned(x: Term) -> Theorem:
    """|- -y = y with the sign inside its extrema, for x = -y."""
    y = x.argument
    name, (_, args) = head(y), arguments(y)
    if name in ("rmax", "rmin"):
        a, b = args
        law = k.inst({_A: a, _B: b}, _opposite(name))
        inner = [_turned(apply("rneg", z)) for z in args]
        return k.trans(law, k.app(k.app(k.refl(law.right.function.function), inner[0]), inner[1]))
    if name == "radd" and _has_extremum(y):
        split = REALS.equal(x, apply("radd", *(apply("rneg", z) for z in args)))
        assert split is not None
        inner = [_turned(apply("rneg", z)) for z in args]
        return k.trans(split, k.app(k.app(k.refl(split.right.function.function), inner[0]), inner[1]))
    if name == "rneg" and _has_extremum(y):
        twice = REALS.equal(x, y.argument)
        assert twice is not None
        return twice
    return k.refl(x)


_A, _B = t.var("a", t.REAL), t.var("b", t.REAL)


@cache
def _opposite(name: str) -> Theorem:
    """|- -(rmax a b) = rmin (-a) (-b), or the other way round."""
    test = apply("rlt", _A, _B)
    u, v = (_B, _A) if name == "rmax" else (_A, _B)
    choice = apply("cond", test, u, v)
    inside = apply("cond", test, apply("rneg", u), apply("rneg", v))
    first, last = minmax(choice), minmax(inside)
    assert first is not None
    assert last is not None
    minus = apply("rneg", choice)

    def case(known: Theorem) -> Theorem:
        return k.trans(k.app(k.refl(minus.function), cond_is(known, choice)), k.sym(cond_is(known, inside)))

    pushed = by_cases(test, minus, inside, case)
    whole = chain(k.sym(k.app(k.refl(minus.function), first)), pushed, last)
    left, right = _in_order(whole.left.argument), _in_order(whole.right)
    start = k.app(k.refl(minus.function), left) if left is not None else None
    return chain(k.sym(start) if start is not None else None, whole, right)


def _in_order(x: Term) -> Theorem | None:
    """|- rmax b a = rmax a b, of what is about b first."""
    a = x.function.argument
    swapped = a is _B or (head(a) == "rneg" and a.argument is _B)
    return use(f"real.{head(x)}.comm", x) if swapped else None
