"""Untrusted. Means and central moments of two parts joined: the formulas, and proofs that joining is associative.

With counts n and c, means m and M, joined f = c / (n + c) and d = M - m:

    mean      m + d * f
    product   q + Q + (d * e) * (n * f)                      q: the sum of products of distances from two means
    cube      t + T + d * ((d * d) * (n * f) * ((n - c) / (n + c)) + 3 * ((n * Q - c * q) / (n + c)))
    fourth    u + U + d * (d * (d * d * (n * f) * ((n * n - n * c + c * c) / (n + c) / (n + c))
                                + 6 * ((n * n * Q + c * c * q) / (n + c) / (n + c)))
                           + 4 * ((n * T - c * t) / (n + c)))

(Chan, Golub, LeVeque 1983; Pebay 2008). Each has a total, a sum over the elements, which of joined parts is the sum of
both: n * m of a mean, q + n * m * m' of a product, t + 3 * m * q + n * m**3 of a cube, u + 4 * m * t + 6 * m**2 * q +
n * m**4 of a fourth moment. That is an equation with one denominator. So however parts are joined, the totals are
equal, and from them follow the means, the products, the cubes, the fourth moments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import discharge, match
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs import fields
from hyperion_proofs.derived import NoProof, chain, instance, replace_all
from hyperion_proofs.real_signs import ZERO, Signs, opened, same

Values = Sequence[Term]
_THREE, _FOUR, _SIX = (literals.real_lit(Fraction(n)) for n in (3, 4, 6))


def add(a: Term, b: Term) -> Term:
    return apply("radd", a, b)


def mul(a: Term, b: Term) -> Term:
    return apply("rmul", a, b)


def sub(a: Term, b: Term) -> Term:
    return apply("rsub", a, b)


def div(a: Term, b: Term) -> Term:
    return apply("rdiv", a, b)


@dataclass(frozen=True)
class Kind:
    """A moment: `size` values after the count, of which the last is the moment and the others are moments themselves,
    of the kinds `parts`. `joined` takes the counts n, c and n + c, and the values of both parts."""

    name: str
    size: int
    joined: Callable[[Term, Term, Term, Values, Values], Term]
    total: Callable[[Term, Values], Term]
    parts: tuple[tuple[str, tuple[int, ...]], ...] = ()


def _mean(n: Term, c: Term, both: Term, old: Values, new: Values) -> Term:
    (m,), (later,) = old, new
    return add(m, mul(sub(later, m), div(c, both)))


def _product(n: Term, c: Term, both: Term, old: Values, new: Values) -> Term:
    (m, p, q), (later, after, more) = old, new
    distances = mul(sub(later, m), sub(after, p))
    return add(add(q, more), mul(distances, mul(n, div(c, both))))


def _cube(n: Term, c: Term, both: Term, old: Values, new: Values) -> Term:
    (m, q, u), (later, more, cubes) = old, new
    d = sub(later, m)
    own = mul(mul(mul(d, d), mul(n, div(c, both))), div(sub(n, c), both))
    crossed = mul(_THREE, div(sub(mul(n, more), mul(c, q)), both))
    return add(add(u, cubes), mul(d, add(own, crossed)))


def _fourth(n: Term, c: Term, both: Term, old: Values, new: Values) -> Term:
    (m, q, u, w), (later, more, cubes, fourths) = old, new
    d = sub(later, m)
    shares = div(div(add(sub(mul(n, n), mul(n, c)), mul(c, c)), both), both)
    own = mul(mul(mul(d, d), mul(n, div(c, both))), shares)
    squares = mul(_SIX, div(div(add(mul(mul(n, n), more), mul(mul(c, c), q)), both), both))
    crossed = mul(_FOUR, div(sub(mul(n, cubes), mul(c, u)), both))
    return add(add(w, fourths), mul(d, add(mul(d, add(own, squares)), crossed)))


def _total_of_fourths(n: Term, v: Values) -> Term:
    m, q, u, w = v
    square = mul(m, m)
    crossed = add(mul(mul(_FOUR, m), u), mul(mul(_SIX, square), q))
    return add(w, add(crossed, mul(n, mul(square, square))))


MEAN = Kind("mean", 1, _mean, lambda n, v: mul(n, v[0]))
PRODUCT = Kind(
    "product", 3, _product, lambda n, v: add(v[2], mul(mul(n, v[0]), v[1])), (("mean", (0,)), ("mean", (1,)))
)
CUBE = Kind(
    "cube",
    3,
    _cube,
    lambda n, v: add(v[2], add(mul(_THREE, mul(v[0], v[1])), mul(mul(mul(n, v[0]), v[0]), v[0]))),
    (("mean", (0,)), ("product", (0, 0, 1))),
)
FOURTH = Kind(
    "fourth",
    4,
    _fourth,
    _total_of_fourths,
    (("mean", (0,)), ("product", (0, 0, 1)), ("cube", (0, 1, 2))),
)
KINDS = {kind.name: kind for kind in (MEAN, PRODUCT, CUBE, FOURTH)}


# ---- totals add up


_N, _C = t.var("n", t.REAL), t.var("c", t.REAL)


def _variables(kind: Kind) -> tuple[list[Term], list[Term]]:
    """Of the two parts; a square is a product of one mean with itself where the two are the same variable."""
    old, new = ([t.var(f"{side}{i}", t.REAL) for i in range(kind.size)] for side in ("old", "new"))
    return old, new


def _joined_values(kind: Kind, n: Term, c: Term, old: Values, new: Values) -> list[Term]:
    """All values of two parts joined."""
    both = add(n, c)
    values = [KINDS[name].joined(n, c, both, [old[i] for i in at], [new[i] for i in at]) for name, at in kind.parts]
    return [*values, kind.joined(n, c, both, old, new)]


@cache
def _sum_of_totals(kind: Kind) -> Theorem:
    """{req (n + c) 0 = false} |- the total of the joined parts = total of the old one + total of the new one"""
    old, new = _variables(kind)
    both = add(_N, _C)
    left = kind.total(both, _joined_values(kind, _N, _C, old, new))
    right = add(kind.total(_N, old), kind.total(_C, new))
    known = k.assume(apply("req", both, ZERO), FALSE)
    found = fields.equal(left, right, [known])
    if found is None:
        raise NoProof(f"the totals of a {kind.name} do not add up")
    return found


@dataclass(frozen=True)
class _Part:
    """A count and values, and how they were joined of two others, if they were."""

    n: Term
    values: tuple[Term, ...]
    of: tuple[_Part, _Part] | None = None


def _taken_apart(kind: Kind, x: Term) -> _Part | None:
    """The joined parts whose moment x is."""
    old, new = _variables(kind)
    pattern = kind.joined(_N, _C, add(_N, _C), old, new)
    found: dict[Term, Term] = {}
    if not match(pattern, x, found, {}):
        return None
    n, c = found.get(_N), found[_C]
    if n is None:
        return None
    first = tuple(found[v] for v in old)
    last = tuple(found[v] for v in new)
    values = tuple(_joined_values(kind, n, c, first, last))
    return _Part(add(n, c), values, (_inner(kind, n, first), _inner(kind, c, last)))


def _inner(kind: Kind, n: Term, values: tuple[Term, ...]) -> _Part:
    found = _taken_apart(kind, values[-1])
    return found if found is not None and found.values == values and found.n is n else _Part(n, values)


def _total(kind: Kind, part: _Part, signs: Signs) -> Theorem:
    """|- the total of a part = the sum of the totals of those that it was joined of."""
    if part.of is None:
        return k.refl(kind.total(part.n, part.values))
    first, last = part.of
    old, new = _variables(kind)
    known = dict(zip(old, first.values, strict=True)) | dict(zip(new, last.values, strict=True))
    law = k.inst({_N: first.n, _C: last.n, **known}, _sum_of_totals(kind))
    fact = signs.nonzero(part.n)
    if fact is None:
        raise NoProof("a count may be 0")
    law = discharge(law, fact)
    inner = [_total(kind, p, signs) for p in part.of]
    return k.trans(law, k.app(k.app(k.refl(law.right.function.function), inner[0]), inner[1]))


# ---- equal totals, equal moments


@cache
def _cancelled() -> Theorem:
    """{req n 0 = false, n * x = n * y} |- x = y"""
    x, y = t.var("x", t.REAL), t.var("y", t.REAL)
    fact = k.assume(apply("req", _N, ZERO), FALSE)
    inverse = discharge(instance("real.div.inverse", b=_N), fact)  # n * (1 / n) = 1
    equal = k.assume(mul(_N, x), mul(_N, y))
    j = inverse.left.argument

    def back(z: Term) -> Theorem:
        """|- z = (1 / n) * (n * z)"""
        ones = mul(inverse.left, z)
        down = replace_all(ones, {inverse.left: inverse}.get)
        assert down is not None
        return chain(same(z, down.right), k.sym(down), same(ones, mul(j, mul(_N, z))))

    middle = k.app(k.refl(mul(j, _N).function), equal)
    return chain(back(x), middle, k.sym(back(y)))


@cache
def _subtracted() -> Theorem:
    """{x + z = y + z} |- x = y"""
    x, y, z = (t.var(name, t.REAL) for name in "xyz")
    equal = k.assume(add(x, z), add(y, z))
    minus = apply("rneg", z)
    function = add(add(x, z), minus).function.function
    middle = k.app(k.app(k.refl(function), equal), k.refl(minus))
    return chain(same(x, middle.left), middle, same(middle.right, y))


def equal(kind: Kind, a: Term, b: Term, facts: Sequence[Theorem]) -> Theorem | None:
    """|- a = b, for two moments of the same elements, joined in another order; None where they are not that."""
    first, last = opened(a), opened(b)
    x, y = _taken_apart(kind, first.right), _taken_apart(kind, last.right)
    if x is None or y is None:
        return None
    try:
        return chain(first, _equal(kind, x, y, Signs(facts)), k.sym(last))
    except NoProof:
        return None


def _equal(kind: Kind, x: _Part, y: _Part, signs: Signs) -> Theorem:
    """|- the moment of x = that of y."""
    counts = same(y.n, x.n)
    changes: dict[Term, Theorem] = {y.values[-1]: k.refl(y.values[-1]), y.n: counts}
    for name, at in kind.parts:
        inner = KINDS[name]
        u, v = (_taken_apart(inner, p.values[at[-1]]) for p in (x, y))
        if u is None or v is None:
            raise NoProof("a moment is not joined as its mean is")
        changes[v.values[-1]] = k.sym(_equal(inner, u, v, signs))
    totals = chain(_total(kind, x, signs))
    others = _total(kind, y, signs)
    whole = chain(totals, same(totals.right, others.right), k.sym(others))
    turned = replace_all(whole.right, changes.get)  # with the counts and the means of x
    whole = chain(whole, turned)
    a, b = x.values[-1], y.values[-1]
    if kind is MEAN:
        fact = signs.nonzero(x.n)
        if fact is None:
            raise NoProof("a count may be 0")
        return discharge(k.inst({_N: x.n, t.var("x", t.REAL): a, t.var("y", t.REAL): b}, _cancelled()), fact, whole)
    rest = whole.left.argument
    names = {t.var("x", t.REAL): a, t.var("y", t.REAL): b, t.var("z", t.REAL): rest}
    return discharge(k.inst(names, _subtracted()), whole)
