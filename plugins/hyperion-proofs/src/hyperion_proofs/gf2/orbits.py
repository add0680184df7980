"""Untrusted search, checked theorems: what a linear map makes of one vector, by polynomials in that map.

For the vector s, the map `a` and a polynomial p, given by tests ps that its coefficients are 0, where  p(a) s = 0:

    horner ps   = p(a) s, by  s, a s + p s, a (a s + p s) + p' s, ..
    spread ps r = the sum of horner of the last coefficients of p, for those n where the highest bit of b**n r is set

and  spread ps (b r) = a (spread ps r)  where b multiplies polynomials r by x, modulo p. The highest bits are those that
a shift register with the coefficients ps gives out; so no bit of r need be followed to its next place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import at, by_cases, chain, cond_is
from hyperion_proofs.gf2.vectors import (
    CONS,
    GENERAL,
    KEEP,
    MAP,
    NIL,
    TEST,
    TESTS,
    THROUGH,
    Space,
    V,
    added,
    exchanged,
    gate_of_sum,
    gate_through,
    halves,
    in_space,
    induction,
    law,
    nothing_through,
    recursion,
    repeated,
    unrolled,
)

W = t.type_variable("'w")
POLYNOMIALS = Space(t.var("plus.w", t.fun(W, W, W)), t.var("zero.w", W))
NEXT, HIGHEST = t.var("next", t.fun(W, W)), t.var("highest", t.fun(W, t.BOOL))
START = t.var("start", V)
R = t.var("r", W)
_x, _y = t.var("x", W), t.var("y", W)


class Orbit:
    """The definitions, for the general vector or a certain one."""

    def __init__(
        self, space: Space, a: Term, b: Term, highest: Term, start: Term, laws: tuple[Theorem, ...] = ()
    ) -> None:
        self.space, self.map, self.next, self.highest, self.start = space, a, b, highest, start
        self.laws = laws

    def top(self, r: Term, x: Term) -> Term:
        """x where the highest bit of r is set."""
        return self.space.gate(t.app(self.highest, r), x)

    def horner(self, tests: Term) -> Term:
        return recursion(
            tests, self.start, lambda p, _, rest: self.space.sum(t.app(self.map, rest), self.space.gate(p, self.start))
        )

    def spread(self, tests: Term) -> Term:
        """As a function of a polynomial."""
        assert self.next.type.args is not None
        r = t.var("r", self.next.type.args[0])

        def more(_: Term, others: Term, rest: Term) -> Term:
            return t.lam(r, self.space.sum(self.top(r, self.horner(others)), t.app(rest, t.app(self.next, r))))

        return recursion(tests, t.lam(r, self.space.zero), more)


ORBIT = Orbit(GENERAL, MAP, NEXT, HIGHEST, START)


def whole(tests: Term, space: Space, b: Term) -> Term:
    """p (b) r + b**n r for n coefficients of p, as a map."""
    r = t.var("r", space.zero.type)
    return recursion(
        tests, t.lam(r, r), lambda p, _, rest: t.lam(r, space.sum(space.gate(p, r), t.app(rest, t.app(b, r))))
    )


def _ends(tests: Term) -> Term:
    """As `whole`, but of the start where highest bits are set."""

    def more(p: Term, _: Term, rest: Term) -> Term:
        return t.lam(R, GENERAL.sum(ORBIT.top(R, GENERAL.gate(p, START)), t.app(rest, t.app(NEXT, R))))

    return recursion(tests, t.lam(R, ORBIT.top(R, START)), more)


def top_laws(orbit: Orbit, polynomials: Space) -> dict[str, tuple[Term, Term]]:
    """The highest bit goes through sums: as closed equations."""
    x, y = (t.var(n, polynomials.zero.type) for n in "xy")
    s = orbit.start
    both = t.lams((x, y), orbit.top(polynomials.sum(x, y), s))
    return {
        "sum": (both, t.lams((x, y), orbit.space.sum(orbit.top(x, s), orbit.top(y, s)))),
        "zero": (orbit.top(polynomials.zero, s), orbit.space.zero),
    }


@cache
def _apart() -> Theorem:
    """|- spread ps (b r) + a (spread ps r) = top r (horner ps) + ends ps r, of all r"""
    g, o = GENERAL, ORBIT
    additive = k.assume(*g.additive(MAP))
    moved = t.app(NEXT, R)

    def sides(tests: Term) -> tuple[Term, Term]:
        spread = o.spread(tests)
        left = g.sum(t.app(spread, moved), t.app(MAP, t.app(spread, R)))
        return left, g.sum(o.top(R, o.horner(tests)), t.app(_ends(tests), R))

    spread = o.spread(NIL)
    none = k.trans(k.app(k.refl(MAP), unrolled(spread, R)), k.inst({THROUGH: MAP}, nothing_through()))
    left = k.trans(added(unrolled(spread, moved), none), law("null", g.zero))
    last = added(_at_horner(unrolled(o.horner(NIL))), unrolled(_ends(NIL), R))
    base = chain(left, k.sym(law("self", o.top(R, START))), k.sym(last))

    def step(given: Theorem) -> Theorem:
        spread, h = o.spread(CONS), o.horner(TESTS)
        inner = unrolled(spread, R)  # top r h + spread ps (b r)
        opened = k.trans(k.app(k.refl(MAP), inner), at(additive, *halves(inner.right)))
        through = gate_through(MAP, t.app(HIGHEST, R), h)
        opened = k.trans(opened, added(through, k.refl(opened.right.argument)))
        th = added(unrolled(spread, moved), opened)
        th = k.trans(th, exchanged(th.right))
        th = k.trans(th, added(k.refl(th.right.function.argument), at(given, moved)))
        th = k.trans(th, exchanged(th.right))  # (top (b r) h + top (b r) h) + (top r (a h) + ends ps (b r))
        gone = law("self", o.top(moved, h))
        th = k.trans(th, added(gone, k.refl(th.right.argument)))
        th = k.trans(th, law("null", th.right.argument))
        first = _at_horner(unrolled(o.horner(CONS)))
        first = k.trans(first, gate_of_sum(t.app(HIGHEST, R), *halves(first.right.argument)))
        last = added(first, unrolled(_ends(CONS), R))  # (x + y) + (y + z)
        return k.trans(th, k.sym(k.trans(last, _twice(last.right))))

    return induction(sides, (R,), base, step)


def _at_horner(th: Theorem) -> Theorem:
    return k.app(k.refl(ORBIT.top(R, th.left).function), th)


def _twice(total: Term) -> Theorem:
    """|- (x + y) + (y + z) = x + z"""
    first, last = halves(total)
    (x, y), z = halves(first), last.argument
    inner = chain(k.sym(law("assoc", y, y, z)), added(law("self", y), k.refl(z)), law("null", z))
    return k.trans(law("assoc", x, y, last), added(k.refl(x), inner))


@cache
def _ends_highest() -> Theorem:
    """|- ends ps r = top (whole ps r) start, of all r"""
    g, o, w = GENERAL, ORBIT, POLYNOMIALS
    laws = {name: k.assume(*sides) for name, sides in top_laws(ORBIT, w).items()}

    def sides(tests: Term) -> tuple[Term, Term]:
        return t.app(_ends(tests), R), o.top(t.app(whole(tests, w, NEXT), R), START)

    def under(th: Theorem) -> Theorem:
        x = o.top(th.left, START)  # cond (highest r) zero start
        return k.app(k.app(_congruence(x, k.app(k.refl(HIGHEST), th)), k.refl(g.zero)), k.refl(START))

    base = k.trans(unrolled(_ends(NIL), R), k.sym(under(unrolled(whole(NIL, w, NEXT), R))))

    def step(given: Theorem) -> Theorem:
        inner = under(unrolled(whole(CONS, w, NEXT), R))
        gate, rest = halves(inner.right.function.function.argument.argument)
        split = k.trans(inner, at(laws["sum"], gate, rest))
        ends = unrolled(_ends(CONS), R)
        th = k.trans(ends, added(_gate_moved(laws["zero"], under), at(given, t.app(NEXT, R))))
        return k.trans(th, k.sym(split))

    return induction(sides, (R,), base, step)


def _congruence(x: Term, th: Theorem) -> Theorem:
    """|- cond c = cond d"""
    return k.app(k.refl(x.function.function.function), th)


def _gate_moved(nothing: Theorem, under: Callable[[Theorem], Theorem]) -> Theorem:
    """|- top r (gate p start) = top (gate p r) start"""
    g, o, w = GENERAL, ORBIT, POLYNOMIALS
    left, right = o.top(R, g.gate(TEST, START)), o.top(w.gate(TEST, R), START)

    def case(known: Theorem) -> Theorem:
        first = k.app(k.refl(left.function), cond_is(known, left.argument))
        last = under(cond_is(known, w.gate(TEST, R)))
        if known.right is TRUE:
            empty = first.right
            none = by_cases(t.app(HIGHEST, R), empty, g.zero, lambda c: cond_is(c, empty))
            return chain(first, none, k.sym(nothing), k.sym(last))
        return k.trans(first, k.sym(last))

    return by_cases(TEST, left, right, case)


@cache
def _advanced() -> Theorem:
    """{horner ps = 0, whole ps r = 0} |- spread ps (b r) = a (spread ps r)"""
    g, o, w = GENERAL, ORBIT, POLYNOMIALS
    guard = k.assume(o.horner(TESTS), g.zero)
    polynomial = k.assume(t.app(whole(TESTS, w, NEXT), R), w.zero)
    th = at(_apart(), R)
    empty = k.app(k.refl(o.top(R, guard.left).function), guard)
    none = by_cases(t.app(HIGHEST, R), empty.right, g.zero, lambda c: cond_is(c, empty.right))
    highest = k.app(k.refl(HIGHEST), polynomial)
    ends = at(_ends_highest(), R)
    put = k.app(k.app(_congruence(ends.right, highest), k.refl(g.zero)), k.refl(START))
    nothing = chain(ends, put, k.assume(*top_laws(ORBIT, w)["zero"]))
    th = chain(th, added(k.trans(empty, none), nothing), law("null", g.zero))  # x + y = 0
    x, y = halves(th.left)
    again = chain(k.sym(law("assoc", x, y, y)), added(th, k.refl(y)), law("null", y))  # x + (y + y) = y
    alone = chain(added(k.refl(x), law("self", y)), law("comm", x, g.zero), law("null", x))
    return k.trans(k.sym(alone), again)


def advanced(orbit: Orbit, polynomials: Space, tests: Term, r: Term, *facts: Theorem) -> Theorem:
    """|- spread ps (b r) = a (spread ps r), from the laws of both spaces and of the highest bit, that a is additive,
    |- horner ps = 0 and |- whole ps r = 0."""
    values = {POLYNOMIALS.plus: polynomials.plus, POLYNOMIALS.zero: polynomials.zero, R: r}
    return _for(orbit, _advanced(), tests, values, facts)


def _for(orbit: Orbit, th: Theorem, tests: Term, more: Mapping[Term, Term], facts: Sequence[Theorem]) -> Theorem:
    """A theorem about the general orbit for another, the hypotheses `facts` discharged."""
    own = {MAP: orbit.map, NEXT: orbit.next, HIGHEST: orbit.highest, START: orbit.start, TESTS: tests}
    return in_space(th, orbit.space, {**own, **more}, *facts)


@cache
def whole_in_parts() -> Theorem:
    """|- whole ps x = chosen ps x + repeated ps x, of all x"""
    g = GENERAL
    x = t.var("x", V)

    def sides(tests: Term) -> tuple[Term, Term]:
        return t.app(whole(tests, g, MAP), x), g.sum(t.app(g.chosen(tests, MAP), x), t.app(repeated(tests, MAP), x))

    nil = g.chosen(NIL, MAP), repeated(NIL, MAP)
    right = added(unrolled(nil[0], x), unrolled(nil[1], x))
    base = chain(unrolled(whole(NIL, g, MAP), x), k.sym(law("null", x)), k.sym(right))

    def step(given: Theorem) -> Theorem:
        th = unrolled(whole(CONS, g, MAP), x)
        th = k.trans(th, added(k.refl(th.right.function.argument), at(given, t.app(MAP, x))))
        gate, (chosen, again) = th.right.function.argument, halves(th.right.argument)
        th = k.trans(th, k.sym(law("assoc", gate, chosen, again)))
        parts = added(unrolled(g.chosen(CONS, MAP), x), unrolled(repeated(CONS, MAP), x))
        return k.trans(th, k.sym(parts))

    return induction(sides, (x,), base, step)


@cache
def _horner_kept() -> Theorem:
    """{keep is additive, keep (a (keep v)) = a (keep v), keep start = start} |- keep (horner ps) = horner ps"""
    o, v = ORBIT, t.var("v", V)
    there = t.app(MAP, t.app(KEEP, v))
    additive, moved = k.assume(*GENERAL.additive(KEEP)), k.assume(t.lam(v, t.app(KEEP, there)), t.lam(v, there))
    begun = k.assume(t.app(KEEP, START), START)

    def sides(tests: Term) -> tuple[Term, Term]:
        return t.app(KEEP, o.horner(tests)), o.horner(tests)

    nil = unrolled(o.horner(NIL))
    base = chain(k.app(k.refl(KEEP), nil), begun, k.sym(nil))

    def step(given: Theorem) -> Theorem:
        th = unrolled(o.horner(CONS))
        first, last = halves(th.right)
        opened = k.trans(k.app(k.refl(KEEP), th), at(additive, first, last))
        there = k.app(k.refl(MAP), given)  # a (keep h) = a h
        same = chain(k.sym(k.app(k.refl(KEEP), there)), at(moved, o.horner(TESTS)), there)
        gate = gate_through(KEEP, TEST, START)
        gate = k.trans(gate, k.app(k.refl(last.function), begun))
        return chain(opened, added(same, gate), k.sym(th))

    return induction(sides, (), base, step)


@cache
def _spread_kept() -> Theorem:
    """{the same} |- keep (spread ps r) = spread ps r, of all r"""
    o, additive = ORBIT, k.assume(*GENERAL.additive(KEEP))

    def sides(tests: Term) -> tuple[Term, Term]:
        spread = t.app(o.spread(tests), R)
        return t.app(KEEP, spread), spread

    nil = unrolled(o.spread(NIL), R)
    base = chain(k.app(k.refl(KEEP), nil), k.inst({THROUGH: KEEP}, nothing_through()), k.sym(nil))

    def step(given: Theorem) -> Theorem:
        th = unrolled(o.spread(CONS), R)
        first, last = halves(th.right)
        opened = k.trans(k.app(k.refl(KEEP), th), at(additive, first, last))
        gate = gate_through(KEEP, t.app(HIGHEST, R), o.horner(TESTS))
        gate = k.trans(gate, k.app(k.refl(first.function), _horner_kept()))
        return chain(opened, added(gate, at(given, t.app(NEXT, R))), k.sym(th))

    return induction(sides, (R,), base, step)


def spread_kept(orbit: Orbit, keep: Term, tests: Term, r: Term, *facts: Theorem) -> Theorem:
    """|- keep (spread ps r) = spread ps r, from the laws of the space and of `keep`."""
    return at(_for(orbit, _spread_kept(), tests, {KEEP: keep}, facts), r)
