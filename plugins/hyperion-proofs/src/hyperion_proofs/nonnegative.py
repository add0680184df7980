"""Untrusted. Integer inequalities as `le 0 p = true`: sums and products of them, division by a positive factor."""

from __future__ import annotations

from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, discharge, use
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, chain, cond_is, contradiction, instance
from hyperion_proofs.inequalities import nonneg_add, nonneg_mul

_ZERO, _ONE = literals.int_lit(0), literals.int_lit(1)


def nonnegative(p: Term) -> Term:
    return apply("le", _ZERO, p)


_A, _B = t.var("a", t.INT), t.var("b", t.INT)


@cache
def _moved() -> Theorem:
    """|- le 0 (sub b a) = le a b."""
    moved = instance("int.le.add", a=_A, b=_B, c=apply("neg", _A))  # le (a + -a) (b + -a) = le a b
    function = moved.left.function.function
    zero = INTEGERS.equal(_ZERO, moved.left.function.argument)
    rest = INTEGERS.equal(apply("sub", _B, _A), moved.left.argument)
    assert zero is not None
    assert rest is not None
    return k.trans(k.app(k.app(k.refl(function), zero), rest), moved)


def difference(th: Theorem) -> Theorem:
    """From |- le a b = true: |- le 0 (sub b a) = true."""
    a, b = arguments(th.left)[1]
    return k.trans(k.inst({_A: a, _B: b}, _moved()), th)


def at_most(th: Theorem, a: Term, b: Term) -> Theorem:
    """From |- le 0 p = true where p = b - a: |- le a b = true."""
    gap = apply("sub", b, a)
    th = th if th.left.argument is gap else as_sum(th, gap)
    return k.trans(k.sym(k.inst({_A: a, _B: b}, _moved())), th)


def known(value: int) -> Theorem:
    """|- le 0 value = true."""
    return k.compute(nonnegative(literals.int_lit(value)))


def as_sum(th: Theorem, p: Term) -> Theorem:
    """From |- le 0 q = true where p = q as polynomials: |- le 0 p = true."""
    same = INTEGERS.equal(p, th.left.argument)
    if same is None:
        raise NoProof("the sums differ")
    return k.trans(k.app(k.refl(th.left.function), same), th)


def total(*parts: Theorem) -> Theorem:
    """|- le 0 (p + (q + ..)) = true."""
    result = parts[-1]
    for th in reversed(parts[:-1]):
        result = nonneg_add(th, result)
    return result


def denied(th: Theorem) -> Theorem:
    """From |- le 0 p = false: |- le 0 (-1 - p) = true."""
    p = th.left.argument
    flipped = instance("int.le.not", a=_ZERO, b=p)  # not (le 0 p) = lt p 0
    holds = k.app(k.refl(flipped.left.function), th)
    opened = use("not.def", holds.right)
    assert opened is not None
    truth = chain(k.sym(flipped), holds, opened, use("cond.false", opened.right))
    less = instance("int.lt.def", a=p, b=_ZERO)  # lt p 0 = le (1 + p) 0
    return as_sum(difference(k.trans(k.sym(less), truth)), apply("sub", literals.int_lit(-1), p))


@cache
def _divided() -> Theorem:
    """{0 <= m, 0 <= m * y + (m - 1)} |- 0 <= y"""
    m, y = t.var("m", t.INT), t.var("y", t.INT)
    wide = apply("add", apply("mul", m, y), apply("sub", m, _ONE))
    factor, above = k.assume(nonnegative(m), TRUE), k.assume(nonnegative(wide), TRUE)
    below = denied(k.assume(nonnegative(y), FALSE))
    absurd = as_sum(total(above, nonneg_mul(factor, below)), literals.int_lit(-1))
    no = contradiction(k.trans(k.sym(absurd), k.compute(absurd.left)), nonnegative(y), TRUE)
    return k.bool_cases(nonnegative(y), k.assume(nonnegative(y), TRUE), no)


def divided(m: int, y: Term, th: Theorem) -> Theorem:
    """From |- le 0 p = true where p = m * y + (m - 1) for a positive m: |- le 0 y = true."""
    factor = literals.int_lit(m)
    wide = apply("add", apply("mul", factor, y), apply("sub", factor, _ONE))
    found = k.inst({t.var("m", t.INT): factor, t.var("y", t.INT): y}, _divided())
    return discharge(found, known(m), as_sum(th, wide))


def equal(a: Term, b: Term, below: Theorem, above: Theorem) -> Theorem:
    """From |- le 0 (b - a) = true and |- le 0 (a - b) = true: |- a = b."""
    return discharge(instance("int.le.antisym", a=a, b=b), at_most(below, a, b), at_most(above, b, a))


@cache
def _extreme(name: str) -> tuple[Theorem, Theorem]:
    """|- 0 <= max x 0 and |- 0 <= max x 0 - x; or |- 0 <= 0 - min 0 x and |- 0 <= x - min 0 x."""
    x = t.var("x", t.INT)
    test = nonnegative(x)
    values = (x, _ZERO) if name == "max" else (_ZERO, x)
    sums = ((values[0], _ZERO), (values[1], x)) if name == "max" else ((values[0], x), (values[1], _ZERO))
    same = INTEGERS.equal(*(apply("add", a, b) for a, b in sums))
    assert same is not None
    whole = instance(f"int.le.{name}", a=_ZERO, b=x, u=values[0], v=values[1])  # cond (le 0 x) u v = max u v
    chosen = discharge(whole, same)
    extreme = chosen.right

    def goal(value: Term, other: Term) -> Term:
        return apply("sub", *((value, other) if name == "max" else (other, value)))

    def case(c: Theorem) -> list[Theorem]:
        to_value = k.trans(k.sym(chosen), cond_is(c, chosen.left))  # max u v = the chosen one
        sign = c if c.right is TRUE else as_sum(nonneg_add(denied(c), known(1)), apply("neg", x))
        found: list[Theorem] = []
        for other in (_ZERO, x):
            fact = known(0) if to_value.right is other else sign
            function, (a, b) = arguments(goal(extreme, other))
            sides = [to_value if y is extreme else k.refl(y) for y in (a, b)]
            changed = k.app(k.app(k.refl(function), sides[0]), sides[1])
            inside = k.app(k.refl(fact.left.function), changed)
            found.append(k.trans(inside, as_sum(fact, changed.right)))
        return found

    yes, no = case(k.assume(test, TRUE)), case(k.assume(test, FALSE))
    first, second = (k.bool_cases(test, a, b) for a, b in zip(yes, no, strict=True))
    return first, second


def extreme(name: str, x: Term) -> tuple[Theorem, Theorem]:
    """|- 0 <= max x 0 and |- 0 <= max x 0 - x; or |- 0 <= 0 - min 0 x and |- 0 <= x - min 0 x."""
    first, second = (k.inst({t.var("x", t.INT): x}, th) for th in _extreme(name))
    return first, second


@cache
def _between() -> tuple[Theorem, Theorem]:
    """{0 <= u, 0 <= v - u} |- 0 <= max (g * v) 0 - g * u, and |- 0 <= g * u - min 0 (g * v)."""
    g, u, v = (t.var(name, t.INT) for name in "guv")
    low, high = k.assume(nonnegative(u), TRUE), k.assume(nonnegative(apply("sub", v, u)), TRUE)
    reach, value, sign = apply("mul", g, v), apply("mul", g, u), nonnegative(g)
    goals = apply("sub", apply("max", reach, _ZERO), value), apply("sub", value, apply("min", _ZERO, reach))
    above, below = extreme("max", reach), extreme("min", reach)

    def case(c: Theorem) -> list[Theorem]:
        positive = c.right is TRUE
        size = c if positive else as_sum(nonneg_add(denied(c), known(1)), apply("neg", g))
        near, far = nonneg_mul(size, low), nonneg_mul(size, high)  # |g| * u and |g| * (v - u)
        upper = nonneg_add(above[1], far) if positive else nonneg_add(above[0], near)
        lower = nonneg_add(below[0], near) if positive else nonneg_add(below[1], far)
        return [as_sum(upper, goals[0]), as_sum(lower, goals[1])]

    yes, no = case(k.assume(sign, TRUE)), case(k.assume(sign, FALSE))
    first, second = (k.bool_cases(sign, a, b) for a, b in zip(yes, no, strict=True))
    return first, second


def between(g: Term, low: Theorem, high: Theorem) -> tuple[Theorem, Theorem]:
    """From |- 0 <= u and |- 0 <= v - u: |- 0 <= max (g * v) 0 - g * u, and |- 0 <= g * u - min 0 (g * v)."""
    v, u = high.left.argument.function.argument, high.left.argument.argument
    values = {t.var("g", t.INT): g, t.var("u", t.INT): u, t.var("v", t.INT): v}
    first, second = (discharge(k.inst(values, th), low, high) for th in _between())
    return first, second


def powers_between(low: Theorem, high: Theorem, n: int) -> tuple[Theorem, Theorem]:
    """From |- 0 <= u and |- 0 <= v - u: |- 0 <= u**n and |- 0 <= v**n - u**n, for n at least 1, as nested products."""
    v, u = high.left.argument.function.argument, high.left.argument.argument
    bottom, gap, top_power, bottom_power = low, high, v, u
    for _ in range(n - 1):  # v * v**m - u * u**m = (v - u) * v**m + u * (v**m - u**m)
        above = as_sum(nonneg_add(bottom, gap), top_power)
        next_top, next_bottom = apply("mul", top_power, v), apply("mul", bottom_power, u)
        parts = nonneg_add(nonneg_mul(high, above), nonneg_mul(low, gap))
        gap = as_sum(parts, apply("sub", next_top, next_bottom))
        bottom = as_sum(nonneg_mul(bottom, low), next_bottom)
        top_power, bottom_power = next_top, next_bottom
    return bottom, gap
