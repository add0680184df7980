"""Untrusted search, checked theorems: sums of vectors over GF(2), chosen by bits, and maps that go through them.

A vector space has plus and zero with  (x + y) + z = x + (y + z),  x + y = y + x,  0 + x = x,  x + x = 0.  `gate c x` is
0 where the test c is true, else x. For an additive map `a` and a list of tests

    chosen [c0, c1, ..] v  =  gate c0 v + (gate c1 (a v) + (gate c2 (a (a v)) + .. 0))

Every additive map that commutes with `a` goes through it, so two such sums commute. By induction on the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import beta_spine, discharge, use
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import abstract, at, by_cases, chain, cond_is, fitted
from hyperion_proofs.unfolding import nil_cons, sure

V = t.type_variable("'v")
TEST, TESTS = t.var("b", t.BOOL), t.var("bs", t.list_of(t.BOOL))
NIL, CONS = nil_cons(TEST, TESTS)
MAP, THROUGH, KEEP = (t.var(n, t.fun(V, V)) for n in ("a", "through", "keep"))
_x, _y, _z, _w = (t.var(n, V) for n in "xyzw")
_c = t.var("c", t.BOOL)


@dataclass(frozen=True)
class Space:
    """The parameters: vectors are added by `plus`."""

    plus: Term
    zero: Term

    def sum(self, x: Term, y: Term) -> Term:
        return t.app(self.plus, x, y)

    def gate(self, test: Term, x: Term) -> Term:
        return apply("cond", test, self.zero, x)

    def laws(self) -> dict[str, tuple[Term, Term]]:
        """Each as one closed equation."""
        x, y, z = (t.var(n, self.zero.type) for n in "xyz")
        sides = {
            "assoc": ((x, y, z), self.sum(self.sum(x, y), z), self.sum(x, self.sum(y, z))),
            "comm": ((x, y), self.sum(x, y), self.sum(y, x)),
            "null": ((x,), self.sum(self.zero, x), x),
            "self": ((x,), self.sum(x, x), self.zero),
        }
        return {name: (t.lams(vs, left), t.lams(vs, right)) for name, (vs, left, right) in sides.items()}

    def additive(self, a: Term) -> tuple[Term, Term]:
        """a (x + y) = a x + a y, as one closed equation."""
        x, y = (t.var(n, self.zero.type) for n in "xy")
        return t.lams((x, y), t.app(a, self.sum(x, y))), t.lams((x, y), self.sum(t.app(a, x), t.app(a, y)))

    def chosen(self, tests: Term, a: Term) -> Term:
        """As a map of vectors."""
        v = t.var("v", self.zero.type)

        def more(test: Term, _: Term, rest: Term) -> Term:
            return t.lam(v, self.sum(self.gate(test, v), t.app(rest, t.app(a, v))))

        return recursion(tests, t.lam(v, self.zero), more)


def repeated(tests: Term, a: Term) -> Term:
    """a as often as there are tests, as a map of vectors."""
    assert a.type.args is not None
    v = t.var("v", a.type.args[0])
    return recursion(tests, t.lam(v, v), lambda _, __, rest: t.lam(v, t.app(rest, t.app(a, v))))


def recursion(tests: Term, nothing: Term, more: Callable[[Term, Term, Term], Term]) -> Term:
    """What is `nothing` for no tests, and `more` of the first test, the others and what they are."""
    rest = t.var("rest", nothing.type)
    return apply("listrec", nothing, t.lams((TEST, TESTS, rest), more(TEST, TESTS, rest)), tests)


def over(recursion: Term, tests: Term) -> Term:
    """The same recursion over other tests."""
    return t.app(recursion.function, tests)


def unrolled(x: Term, *values: Term) -> Theorem:
    """|- x v .. = what it is, for a recursion x over [] or b :: bs."""
    variables = tuple(t.var(f"at.{i}", v.type) for i, v in enumerate(values))
    put = dict(zip(variables, values, strict=True))
    tests = x.argument
    if tests is not NIL:
        put |= {TEST: tests.function.argument, TESTS: tests.argument}
    return k.inst(put, _unrolled(x.function, NIL if tests is NIL else CONS, variables))


@lru_cache(maxsize=256)
def _unrolled(recursion: Term, tests: Term, variables: tuple[Term, ...]) -> Theorem:
    x = t.app(recursion, tests)
    th = sure(use("listrec.nil", x) or use("listrec.cons", x))
    th = k.trans(th, beta_spine(th.right))
    for v in variables:
        th = k.app(th, k.refl(v))
        th = k.trans(th, k.beta(th.right))
    return th


def commuting(x: Term, a: Term) -> tuple[Term, Term]:
    """x (a v) = a (x v), as one closed equation."""
    assert a.type.args is not None
    v = t.var("v", a.type.args[0])
    return t.lam(v, t.app(x, t.app(a, v))), t.lam(v, t.app(a, t.app(x, v)))


GENERAL = Space(t.var("plus", t.fun(V, V, V)), t.var("zero", V))


def law(name: str, *values: Term) -> Theorem:
    """A law of the general space."""
    return at(k.assume(*GENERAL.laws()[name]), *values)


def added(first: Theorem, last: Theorem) -> Theorem:
    """From |- u = v and |- x = y: |- u + x = v + y."""
    return k.app(k.app(k.refl(GENERAL.plus), first), last)


@cache
def _exchanged() -> Theorem:
    s = GENERAL.sum
    inner = chain(k.sym(law("assoc", _x, _y, _z)), added(law("comm", _x, _y), k.refl(_z)), law("assoc", _y, _x, _z))
    return chain(law("assoc", _w, _x, s(_y, _z)), added(k.refl(_w), inner), k.sym(law("assoc", _w, _y, s(_x, _z))))


def exchanged(total: Term) -> Theorem:
    """|- (w + x) + (y + z) = (w + y) + (x + z)"""
    first, last = halves(total)
    (w, x), (y, z) = halves(first), halves(last)
    return k.inst({_w: w, _x: x, _y: y, _z: z}, _exchanged())


def halves(total: Term) -> tuple[Term, Term]:
    return total.function.argument, total.argument


@cache
def _cancelled() -> Theorem:
    inner = k.trans(added(k.refl(_x), law("self", _y)), law("comm", _x, GENERAL.zero))
    return chain(law("assoc", _x, _y, _y), inner, law("null", _x))


def cancelled(x: Term, y: Term) -> Theorem:
    """|- (x + y) + y = x"""
    return k.inst({_x: x, _y: y}, _cancelled())


@cache
def _gate_of_sum() -> Theorem:
    g = GENERAL
    left, right = g.gate(_c, g.sum(_x, _y)), g.sum(g.gate(_c, _x), g.gate(_c, _y))

    def case(known: Theorem) -> Theorem:
        parts = added(cond_is(known, g.gate(_c, _x)), cond_is(known, g.gate(_c, _y)))
        parts = k.trans(parts, law("null", g.zero)) if known.right is TRUE else parts
        return k.trans(cond_is(known, left), k.sym(parts))

    return by_cases(_c, left, right, case)


def gate_of_sum(c: Term, x: Term, y: Term) -> Theorem:
    """|- gate c (x + y) = gate c x + gate c y"""
    return k.inst({_c: c, _x: x, _y: y}, _gate_of_sum())


@cache
def nothing_through() -> Theorem:
    """{through is additive} |- through 0 = 0"""
    zero = GENERAL.zero
    none = k.app(k.refl(THROUGH), k.sym(law("null", zero)))
    both = at(k.assume(*GENERAL.additive(THROUGH)), zero, zero)
    return chain(none, both, law("self", t.app(THROUGH, zero)))


@cache
def _gate_through() -> Theorem:
    left, right = t.app(THROUGH, GENERAL.gate(_c, _x)), GENERAL.gate(_c, t.app(THROUGH, _x))

    def case(known: Theorem) -> Theorem:
        inner = k.app(k.refl(THROUGH), cond_is(known, left.argument))
        inner = k.trans(inner, nothing_through()) if known.right is TRUE else inner
        return k.trans(inner, k.sym(cond_is(known, right)))

    return by_cases(_c, left, right, case)


def gate_through(a: Term, c: Term, x: Term) -> Theorem:
    """{a is additive} |- a (gate c x) = gate c (a x)"""
    return k.inst({THROUGH: a, _c: c, _x: x}, _gate_through())


def induction(
    sides: Callable[[Term], tuple[Term, Term]],
    variables: tuple[Term, ...],
    base: Theorem,
    step: Callable[[Theorem], Theorem],
) -> Theorem:
    """|- the sides are equal for all tests, as functions of the variables; `base` for none, `step` from the same of one
    test less."""

    def closed(tests: Term) -> tuple[Term, Term]:
        left, right = sides(tests)
        return t.lams(variables, left), t.lams(variables, right)

    given = k.assume(*closed(TESTS))
    proved = abstract(variables, step(given))
    return k.list_induction(TEST, TESTS, *closed(TESTS), abstract(variables, base), proved)


@cache
def chosen_through() -> Theorem:
    """{a and through are additive, and commute} |- through (chosen v) = chosen (through v), of all v"""
    g, x = GENERAL, THROUGH
    additive, commutes = k.assume(*g.additive(x)), k.assume(*commuting(x, MAP))

    def sides(tests: Term) -> tuple[Term, Term]:
        chosen = g.chosen(tests, MAP)
        return t.app(x, t.app(chosen, _x)), t.app(chosen, t.app(x, _x))

    nil, cons = g.chosen(NIL, MAP), g.chosen(CONS, MAP)
    base = chain(k.app(k.refl(x), unrolled(nil, _x)), nothing_through(), k.sym(unrolled(nil, t.app(x, _x))))

    def step(given: Theorem) -> Theorem:
        opened = k.app(k.refl(x), unrolled(cons, _x))
        first, rest = halves(opened.right.argument)
        th = k.trans(opened, at(additive, first, rest))
        tail = k.trans(at(given, t.app(MAP, _x)), k.app(k.refl(g.chosen(TESTS, MAP)), at(commutes, _x)))
        th = k.trans(th, added(gate_through(x, TEST, _x), tail))
        return k.trans(th, k.sym(unrolled(cons, t.app(x, _x))))

    return induction(sides, (_x,), base, step)


@cache
def chosen_sum() -> Theorem:
    """{a is additive} |- chosen (x + y) = chosen x + chosen y, of all x and y"""
    g = GENERAL
    additive = k.assume(*g.additive(MAP))
    total = g.sum(_x, _y)

    def sides(tests: Term) -> tuple[Term, Term]:
        chosen = g.chosen(tests, MAP)
        return t.app(chosen, total), g.sum(t.app(chosen, _x), t.app(chosen, _y))

    nil, cons = g.chosen(NIL, MAP), g.chosen(CONS, MAP)
    nothing = k.trans(added(unrolled(nil, _x), unrolled(nil, _y)), law("null", g.zero))
    base = k.trans(unrolled(nil, total), k.sym(nothing))

    def step(given: Theorem) -> Theorem:
        moved = at(additive, _x, _y)
        rest = k.app(k.refl(g.chosen(TESTS, MAP)), moved)
        rest = k.trans(rest, at(given, *halves(moved.right)))
        th = k.trans(unrolled(cons, total), added(gate_of_sum(TEST, _x, _y), rest))
        parts = added(unrolled(cons, _x), unrolled(cons, _y))
        return chain(th, exchanged(th.right), k.sym(parts))

    return induction(sides, (_x, _y), base, step)


def keeping(keep: Term, a: Term) -> tuple[Term, Term]:
    """keep (a v) = a v, as one closed equation."""
    assert a.type.args is not None
    v = t.var("v", a.type.args[0])
    there = t.app(a, v)
    return t.lam(v, t.app(keep, there)), t.lam(v, there)


@cache
def chosen_kept() -> Theorem:
    """{keep is additive, keep (keep v) = keep v, keep (a v) = a v} |- keep (chosen (keep v)) = chosen (keep v)"""
    g, kept = GENERAL, t.app(KEEP, _x)
    additive, twice, moved = (k.assume(*sides) for sides in (g.additive(KEEP), keeping(KEEP, KEEP), keeping(KEEP, MAP)))

    def sides(tests: Term) -> tuple[Term, Term]:
        there = t.app(g.chosen(tests, MAP), kept)
        return t.app(KEEP, there), there

    nil, cons = unrolled(g.chosen(NIL, MAP), kept), unrolled(g.chosen(CONS, MAP), kept)
    base = chain(k.app(k.refl(KEEP), nil), k.inst({THROUGH: KEEP}, nothing_through()), k.sym(nil))

    def step(given: Theorem) -> Theorem:
        gate, rest = halves(cons.right)
        opened = k.trans(k.app(k.refl(KEEP), cons), at(additive, gate, rest))
        first = gate_through(KEEP, TEST, kept)
        first = k.trans(first, k.app(k.refl(gate.function), at(twice, _x)))
        inside = k.app(k.refl(rest.function), at(moved, kept))  # chosen (keep (a (keep v))) = chosen (a (keep v))
        last = chain(k.sym(k.app(k.refl(KEEP), inside)), at(given, t.app(MAP, kept)), inside)
        return chain(opened, added(first, last), k.sym(cons))

    return induction(sides, (_x,), base, step)


@cache
def chosen_commutes() -> Theorem:
    """{a is additive} |- chosen (a v) = a (chosen v), of all v"""
    th = k.inst({THROUGH: MAP}, chosen_through())
    trivial = k.refl(commuting(MAP, MAP)[0])
    opened = at(discharge(th, trivial), _x)
    return k.abs_(_x, k.sym(opened))


@cache
def repeated_sum() -> Theorem:
    """{a is additive} |- repeated (x + y) = repeated x + repeated y, of all x and y"""
    g = GENERAL
    additive = k.assume(*g.additive(MAP))
    total = g.sum(_x, _y)

    def sides(tests: Term) -> tuple[Term, Term]:
        again = repeated(tests, MAP)
        return t.app(again, total), g.sum(t.app(again, _x), t.app(again, _y))

    nil, cons = repeated(NIL, MAP), repeated(CONS, MAP)
    base = k.trans(unrolled(nil, total), k.sym(added(unrolled(nil, _x), unrolled(nil, _y))))

    def step(given: Theorem) -> Theorem:
        moved = at(additive, _x, _y)
        rest = k.trans(k.app(k.refl(repeated(TESTS, MAP)), moved), at(given, *halves(moved.right)))
        parts = added(unrolled(cons, _x), unrolled(cons, _y))
        return chain(unrolled(cons, total), rest, k.sym(parts))

    return induction(sides, (_x, _y), base, step)


@cache
def repeated_commutes() -> Theorem:
    """|- repeated (a v) = a (repeated v), of all v"""

    def sides(tests: Term) -> tuple[Term, Term]:
        again = repeated(tests, MAP)
        return t.app(again, t.app(MAP, _x)), t.app(MAP, t.app(again, _x))

    nil, cons = repeated(NIL, MAP), repeated(CONS, MAP)
    base = k.trans(unrolled(nil, t.app(MAP, _x)), k.sym(k.app(k.refl(MAP), unrolled(nil, _x))))

    def step(given: Theorem) -> Theorem:
        th = k.trans(unrolled(cons, t.app(MAP, _x)), at(given, t.app(MAP, _x)))
        return k.trans(th, k.sym(k.app(k.refl(MAP), unrolled(cons, _x))))

    return induction(sides, (_x,), base, step)


def in_space(th: Theorem, space: Space, values: Mapping[Term, Term], *facts: Theorem) -> Theorem:
    """A theorem about the general space for another, with values for its variables, the hypotheses `facts`
    discharged."""
    return discharge(fitted(th, {GENERAL.plus: space.plus, GENERAL.zero: space.zero, **values}), *facts)
