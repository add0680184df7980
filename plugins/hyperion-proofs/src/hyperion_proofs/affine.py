"""Untrusted. A step of trapping i64 that is affine in its state: what lies between two states stays between them.

y is between x and z where m (y - x) = n (z - x) in each component, for numbers 0 <= n <= m and 1 <= m. A step that
traps for neither x nor z does not trap for y, whose sums are between theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, cached_property

from hyperion.diagnostics.place import Span
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import untuple
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.analysis import Refused
from hyperion_proofs.derived import NoProof, by_cases, chain, contradiction, head, instance, replace_all
from hyperion_proofs.evaluate import Evaluator
from hyperion_proofs.implication import all_of, all_parts, both, conjunction, introduce, parts
from hyperion_proofs.inequalities import nonneg_mul
from hyperion_proofs.jumping import tidy
from hyperion_proofs.ladder.intervals import implied
from hyperion_proofs.loop import add, int_, le
from hyperion_proofs.nonnegative import difference
from hyperion_proofs.polynomials import Polynomial, polynomial
from hyperion_proofs.recurrences import row
from hyperion_proofs.segments import fine_law, of_outcome, ran, value
from hyperion_proofs.splitting import both_ways
from hyperion_proofs.unfolding import sure

STEPS, OF = t.var("share.n", t.INT), t.var("share.m", t.INT)
"""n and m."""
_ZERO, _ONE = int_(0), int_(1)


def shares_of(n: Term, m: Term) -> tuple[Term, Term, Term]:
    """What is asked of n and m."""
    return le(_ZERO, n), le(n, m), le(_ONE, m)


class Affine:
    """The step h, of a state of `count` words. Raises Refused where it is not affine."""

    def __init__(self, h: Term, count: int, span: Span | None) -> None:
        self.h, self.count, self._span = h, count, span
        self.state = t.var("s", h.bound_type)
        self._call = t.app(h, self.state)
        ranges: list[Theorem] = []
        th = _evaluated(self._call, ranges)
        while head(th.right) == "cond":
            test, _, other = arguments(th.right)[1]
            if head(test) != "inr.i64" or head(other) != "trap" or len(ranges) > 40:
                break
            ranges.append(k.assume(test, TRUE))
            th = _evaluated(self._call, ranges)
        if head(th.right) != "ok":
            raise Refused("a step may trap by more than the range of its sums", span=span)
        self._stepped = th
        self.ranges = [x.left.argument for x in ranges]
        self._atoms = [apply("toZ.i64", u) for u in untuple(self.state, count)]
        self._rows = {e: self._row(e) for e in self.ranges}

    def _row(self, e: Term) -> Sequence[Polynomial]:
        found = row(polynomial(e), self._atoms)
        if any(self.state in a.free for p in found for a in p.atoms):
            raise Refused("a step takes more than sums of its state, which is not affine", span=self._span)
        return found

    @property
    def varies(self) -> bool:
        """Whether the state is multiplied by values that are known at run time only."""
        return any(c.atoms for row_ in self._rows.values() for c in row_[:-1])

    # ---- the relation

    def between(self, n: Term = STEPS, m: Term = OF) -> Term:
        """R."""
        x, y, z = (t.var(name, self.state.type) for name in ("x", "y", "z"))
        gaps = zip(*(self.integers(u) for u in (x, y, z)), strict=True)
        tests: list[Term] = []
        for a, b, c in gaps:
            left, right = sides(n, m, a, b, c)
            tests += [le(left, right), le(right, left)]
        return t.lams((x, y, z), conjunction(tests))

    def integers(self, s: Term) -> list[Term]:
        """The integers that a state is made of."""
        return [apply("toZ.i64", u) for u in untuple(s, self.count)]

    def equations(self, held: Theorem) -> list[Theorem]:
        """From |- R x y z = true: |- m (y - x) = n (z - x) for each component."""
        opened = tidy(held.left)
        facts = all_parts(k.trans(k.sym(opened), held), 2 * self.count)
        found: list[Theorem] = []
        for below, above in zip(facts[::2], facts[1::2], strict=True):
            a, b = arguments(below.left)[1]
            found.append(discharge(instance("int.le.antisym", a=a, b=b), below, above))
        return found

    def held(self, x: Term, equations: Sequence[Theorem]) -> Theorem:
        """|- x = true, for x = R x y z, from what `equations` gives."""
        opened = tidy(x)
        facts = [fact for th in equations for fact in both_ways(th)]
        made = all_of(facts)
        return chain(opened, made)

    # ---- what is known of a step

    @cached_property
    def _in_range(self) -> list[Theorem]:
        """{ran (h s)} |- inr of each sum of a step."""
        test = ran(self._call)
        given = k.assume(test, TRUE)
        found: list[Theorem] = []
        for e in self.ranges:
            claim = apply("inr.i64", e)
            no = k.assume(claim, FALSE)
            known = tuple(k.assume(th.left, TRUE) for th in found)
            trapped = discharge(_evaluated(test, (*known, no)), *found)
            absurd = contradiction(k.trans(k.sym(given), trapped), claim, TRUE)
            found.append(k.bool_cases(claim, k.assume(claim, TRUE), absurd))
        return found

    @cached_property
    def _ran(self) -> Theorem:
        """{ran (h s)} |- h s = ok (..)."""
        return discharge(self._stepped, *self._in_range)

    def fine(self) -> Theorem:
        """The law that no step runs forever."""
        goal = fine_law(self.h)[0]
        s = self.state
        whole = t.open_binder(goal, s)

        def case(facts: tuple[Theorem, ...]) -> Theorem:
            th = _evaluated(whole, facts)
            if head(th.right) != "cond":
                return th
            test = arguments(th.right)[1][0]
            return by_cases(test, whole, TRUE, lambda known: case((*facts, known)))

        return k.abs_(s, case(()))

    def law(self, otherwise: Term) -> Theorem:
        """{0 <= n, n <= m, 1 <= m} |- the law of `segments` that what is between stays between."""
        states = x, y, z = [t.var(name, self.state.type) for name in ("x", "y", "z")]
        between = self.between()
        calls = [t.app(self.h, u) for u in states]
        conditions = (t.app(between, *states), ran(calls[0]), ran(calls[2]))
        held, first, last = (k.assume(c, TRUE) for c in conditions)
        gaps = self.equations(held)
        scaled = {e: self._scaled(e, gaps, states) for e in self.ranges}

        def at(th: Theorem, s: Term, fact: Theorem | None) -> Theorem:
            moved = k.inst({self.state: s}, th)
            return moved if fact is None else discharge(moved, fact)

        ends = [[at(th, s, fact) for th in self._in_range] for s, fact in ((x, first), (z, last))]
        middle = [convex(a, b, scaled[e], self._at(e, y)) for e, a, b in zip(self.ranges, *ends, strict=True)]
        ran_on = discharge(k.inst({self.state: y}, self._stepped), *middle)
        test = of_outcome(ran(calls[1]), ran_on)
        stepped = [at(self._ran, x, first), ran_on, at(self._ran, z, last)]
        inside = [ends[0], middle, ends[1]]
        values = [of_outcome(value(c, otherwise), th) for c, th in zip(calls, stepped, strict=True)]
        goal = k.refl(between)
        for th in values:
            goal = k.app(goal, th)
        facts: dict[Term, Theorem] = {}
        for e, row_ in zip(self.ranges, zip(*inside, strict=True), strict=True):
            for s, claim in zip(states, row_, strict=True):
                to_of = discharge(instance("i64.to.of", z=self._at(e, s)), claim)
                facts[to_of.left] = to_of
        equations = self._after(goal.right, facts, [*scaled.values(), *gaps])
        done = k.trans(goal, self.held(goal.right, equations))
        return introduce(tuple(states), conditions, both(test, done))

    def _at(self, e: Term, s: Term) -> Term:
        return t.substitute(e, {self.state: s})

    def _after(self, x: Term, facts: dict[Term, Theorem], gaps: Sequence[Theorem]) -> list[Theorem]:
        """|- m (y' - x') = n (z' - x') for each component of the states after the step, for x = R x' y' z'."""
        known = {th.left: th for th in gaps}
        found: list[Theorem] = []
        for words in zip(*(self.integers(u) for u in arguments(x)[1]), strict=True):
            left, right = sides(STEPS, OF, *(tidy(u).right for u in words))
            first, last = (replace_all(side, facts.get) or k.refl(side) for side in (left, right))
            same = known.get(first.right) or INTEGERS.equal(first.right, last.right)
            if same is None:
                raise NoProof("a state after a step is not between those that it was")
            found.append(chain(first, same, k.sym(last)))
        return found

    def _scaled(self, e: Term, gaps: Sequence[Theorem], states: Sequence[Term]) -> Theorem:
        """|- m (e y - e x) = n (e z - e x), from the same of each component."""
        left, right = sides(STEPS, OF, *(self._at(e, s) for s in states))
        total: Theorem | None = None
        for c, gap in zip(self._rows[e], gaps, strict=False):
            if not c.monomials:
                continue
            product = k.app(k.refl(apply("mul", c.term(), gap.left).function), gap)
            if total is None:
                total = product
            else:
                total = k.app(k.app(k.refl(add(total.left, product.left).function.function), total), product)
        if total is None:
            return sure(INTEGERS.equal(left, right))
        return chain(INTEGERS.equal(left, total.left), total, INTEGERS.equal(total.right, right))


def sides(n: Term, m: Term, x: Term, y: Term, z: Term) -> tuple[Term, Term]:
    return apply("mul", m, apply("sub", y, x)), apply("mul", n, apply("sub", z, x))


def _evaluated(x: Term, facts: Sequence[Theorem]) -> Theorem:
    """|- x = its value, where the ranges of sums are as the facts say."""
    known = {th.left: th for th in facts if th.right is TRUE}
    return Evaluator(lambda word, e: known.get(apply(f"inr.{word}", e)), tuple(facts))(x)


@cache
def _convex() -> tuple[Theorem, Theorem, tuple[Term, ...]]:
    """{0 <= n, n <= m, 1 <= m, m (y - x) <= n (z - x), the same turned around}, and {l <= x, l <= z} |- l <= y, or
    {x <= l, z <= l} |- y <= l."""
    x, y, z, bound = (t.var(f"convex.{name}", t.INT) for name in "xyzl")
    shares = [k.assume(c, TRUE) for c in shares_of(STEPS, OF)]
    left, right = sides(STEPS, OF, x, y, z)
    same = [k.assume(le(left, right), TRUE), k.assume(le(right, left), TRUE)]
    rest = difference(shares[1])
    positive = implied(le(_ZERO, OF), shares)

    def prove(goal: Term, near: Theorem, far: Theorem) -> Theorem:
        no = k.assume(goal, FALSE)
        a, b = arguments(goal)[1]
        over = implied(le(_ZERO, apply("sub", apply("sub", a, b), _ONE)), [no])
        products = [nonneg_mul(rest, difference(near)), nonneg_mul(shares[0], difference(far))]
        products.append(nonneg_mul(positive, over))
        return k.bool_cases(goal, k.assume(goal, TRUE), implied(goal, [*products, *same, *shares]))

    low = prove(le(bound, y), k.assume(le(bound, x), TRUE), k.assume(le(bound, z), TRUE))
    high = prove(le(y, bound), k.assume(le(x, bound), TRUE), k.assume(le(z, bound), TRUE))
    return low, high, (x, y, z, bound)


def convex(
    first: Theorem, last: Theorem, gap: Theorem, middle: Term, shares: tuple[Term, Term] = (STEPS, OF)
) -> Theorem:
    """From |- inr x, |- inr z and |- m (y - x) = n (z - x): {0 <= n, n <= m, 1 <= m} |- inr y."""
    low, high, (x, y, z, bound) = _convex()
    n, m = shares
    a, c = first.left.argument, last.left.argument
    ends = [parts(k.trans(k.sym(instance("i64.inr.def", z=th.left.argument)), th)) for th in (first, last)]
    whole = instance("i64.inr.def", z=middle)
    found: list[Theorem] = []
    goals = arguments(whole.right)[1]
    for th, goal, facts, limit in zip((low, high), goals, zip(*ends, strict=True), (0, 1), strict=True):
        level = arguments(goal)[1][limit]
        proved = k.inst({x: a, y: middle, z: c, bound: level, STEPS: n, OF: m}, th)
        found.append(discharge(proved, *both_ways(gap), *facts))
    return k.trans(whole, both(*found))
