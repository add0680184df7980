r"""Untrusted search, checked theorems: a loop that in each turn reads and writes arrays at the turn's number is a scan.

    {le (length xs) MAX, eq (length A) (length xs), step}
    fold F (pack s A) (indices ofZ.i64 xs)
      =  bind (scan (\s i. f s i (the element of A at i)) s (indices ofZ.i64 xs)) (\q. ok (pack q.0 q.1))

    step    le n MAX  ==>  F (pack s (ws, y, ys)) n = bind (f s n y) (\r. ok (pack r.0 (ws, r.1, ys)))
            where n is the number of elements of ws, the list of what was written before

The list xs says how often the loop runs, no more. The other state lies beside the arrays in one value, which `pack`
makes; there may be several arrays A, each with a condition, and f gets an element of each. MAX is the largest i64; n
stands for ofZ.i64 n where it is an index.

By induction on xs. What lies before the place that the loop has reached is kept in reverse, as rows of what was there
and of what was written; `write_lemmas.rest` puts the two together with what follows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.kernel import Theorem
from hyperion.logic.loops import columns
from hyperion.logic.meaning import tuple_type, untuple
from hyperion.logic.terms import Term
from hyperion_passes.derived import both, named, replaced
from hyperion_passes.gather_lemmas import element
from hyperion_passes.index_lemmas import I64, WORD, length, length_cons, length_nonneg, numbered, rewritten, value
from hyperion_passes.lemmas import P, by_truth
from hyperion_passes.list_lemmas import ITEM, LIST, STATE, S, joined, outcomes
from hyperion_passes.order_lemmas import (
    LARGEST,
    ONE,
    ZERO,
    A,
    B,
    add,
    at,
    at_least,
    by_cases,
    decided,
    fact,
    in_i64,
    le,
    not_below_zero,
)
from hyperion_passes.write_lemmas import element_after, rest

NUMBER = t.var("i", I64)


class Turns:
    """The variables of the theorem for loops over `count` arrays."""

    def __init__(self, count: int) -> None:
        kinds = [t.type_variable(f"'y{i}") for i in range(count)]
        lists = [t.list_of(y) for y in kinds]
        whole = t.type_variable("'p")
        self.count = count
        self.made = tuple_type(kinds)
        self.pair = t.type_of("prod", S, self.made)
        self.pack = t.var("pack", t.fun(S, *lists, whole))
        self.step = t.var("F", t.fun(whole, I64, t.outcome_of(whole)))
        self.f = t.var("f", t.fun(S, I64, *kinds, t.outcome_of(self.pair)))
        self.arrays = [t.var(f"ys{i}", a) for i, a in enumerate(lists)]
        self.items = [t.var(f"y{i}", y) for i, y in enumerate(kinds)]
        self.rows = t.var("qs", t.list_of(t.type_of("prod", *kinds, *kinds)))
        row = t.var("row", t.type_of("prod", *kinds, *kinds))
        taken = [t.lam(row, t.proj(i, row)) for i in range(2 * count)]
        self.there, self.written = taken[:count], taken[count:]

    def loop(self, state: Term, arrays: Sequence[Term], numbers: Term) -> Term:
        return apply("fold", self.step, t.app(self.pack, state, *arrays), numbers)

    def scan_step(self, initial: Sequence[Term]) -> Term:
        """The step of the scan where the arrays held these elements before the loop."""
        found = [element(a, value(NUMBER)) for a in initial]
        return t.lams((STATE, NUMBER), t.app(self.f, STATE, NUMBER, *found))

    def scan(self, initial: Sequence[Term], numbers: Term, around: Callable[[int, Term], Term]) -> Term:
        """The scan, then the whole state; `around` says what becomes of each list that it made."""
        q = t.var("q", t.type_of("prod", S, t.list_of(self.made)))
        arrays = [around(i, a) for i, a in enumerate(columns(t.proj(1, q), self.count))]
        after = t.lam(q, apply("ok", t.app(self.pack, t.proj(0, q), *arrays)))
        return apply("bind", apply("scan", self.scan_step(initial), STATE, numbers), after)

    def at_cell(self, items: Sequence[Term]) -> list[Term]:
        """The arrays with these elements at the place that the loop has reached."""
        rows = zip(self.written, items, self.arrays, strict=True)
        return [rest(g, self.rows, apply("cons", y, ys)) for g, y, ys in rows]

    def step_law(self) -> tuple[Term, Term]:
        """Both sides of the law `step`."""
        n, r = length(self.rows), t.var("r", self.pair)
        index = t.app(WORD, n)
        before = t.app(self.step, t.app(self.pack, STATE, *self.at_cell(self.items)), index)
        made = untuple(t.proj(1, r), self.count)
        after = t.lam(r, apply("ok", t.app(self.pack, t.proj(0, r), *self.at_cell(made))))
        there = apply("bind", t.app(self.f, STATE, index, *self.items), after)
        trap = t.const("trap", before.type)
        binders = (self.rows, STATE, *self.arrays, *self.items)
        first, last = (t.lams(binders, apply("cond", le(n, LARGEST), side, trap)) for side in (before, there))
        return first, last


@cache
def fold_of_turns(count: int) -> Theorem:
    """The theorem above for `count` arrays."""
    return _Induction(count).theorem()


class _Induction:
    def __init__(self, count: int) -> None:
        self.shape = Turns(count)
        self.law = k.assume(*self.shape.step_law())

    def theorem(self) -> Theorem:
        shape = self.shape
        left, right = (t.lams(self._binders, side) for side in self._sides(LIST, shape.arrays))
        known = k.assume(left, right)
        base, step = self._over(t.const("nil", LIST.type), known), self._over(apply("cons", ITEM, LIST), known)
        th = k.list_induction(ITEM, LIST, left, right, base, step)
        th = at(th, t.const("nil", shape.rows.type), STATE, *shape.arrays)
        nothing = fact("int.add.zero", a=length(LIST))
        fits = le(length(LIST), LARGEST)
        truths = [both(joined(arguments(th.left)[1][0], fits, nothing), k.assume(fits, t.const("true", t.BOOL)))]
        truths += [k.assume(_same(a, LIST), t.const("true", t.BOOL)) for a in shape.arrays]
        for truth in truths:
            th = both(k.sym(decided(truth, th.left)), th, decided(truth, th.right))
        numbers = apply("indices", WORD, LIST)
        first, last = shape.loop(STATE, shape.arrays, numbers), shape.scan(shape.arrays, numbers, lambda _, a: a)
        return both(joined(first, th.left), th, joined(th.right, last))

    @property
    def _binders(self) -> tuple[Term, ...]:
        return self.shape.rows, STATE, *self.shape.arrays

    def _sides(self, xs: Term, arrays: Sequence[Term]) -> tuple[Term, Term]:
        """What happens from the rest xs on, where the arrays hold this there."""
        shape, rows = self.shape, self.shape.rows
        now = [rest(g, rows, a) for g, a in zip(shape.written, arrays, strict=True)]
        initial = [rest(g, rows, a) for g, a in zip(shape.there, arrays, strict=True)]
        numbers = numbered(xs, length(rows))
        loop = shape.loop(STATE, now, numbers)
        scan = shape.scan(initial, numbers, lambda i, a: rest(shape.written[i], rows, a))
        trap = t.const("trap", loop.type)
        for condition in reversed(self._conditions(xs, arrays)):
            loop, scan = (apply("cond", condition, side, trap) for side in (loop, scan))
        return loop, scan

    def _conditions(self, xs: Term, arrays: Sequence[Term]) -> list[Term]:
        return [le(add(length(self.shape.rows), length(xs)), LARGEST), *(_same(a, xs) for a in arrays)]

    def _over(self, xs: Term, known: Theorem) -> Theorem:
        """Both sides at xs, for all rows, states and arrays."""
        th = self._by_forms(xs, known, [])
        for v in reversed(self._binders):
            th = k.abs_(v, th)
        return th

    def _by_forms(self, xs: Term, known: Theorem, forms: list[Term]) -> Theorem:
        """By the form of each array: empty or not. A length other than that of xs decides a condition."""
        shape = self.shape
        if len(forms) < shape.count:
            i = len(forms)
            y, ys = shape.items[i], shape.arrays[i]
            sides = self._sides(xs, [*forms, *shape.arrays[i:]])
            cases = [self._by_forms(xs, known, [*forms, a]) for a in (t.const("nil", ys.type), apply("cons", y, ys))]
            return k.list_induction(y, ys, *sides, *cases)
        filled = xs.kind == "A"
        unlike = [a for a in forms if (a.kind == "A") != filled]
        if unlike:
            return joined(*self._sides(xs, forms), *_unlike())
        if not filled:
            return joined(*self._sides(xs, forms), k.compute(apply("eq", ZERO, ZERO)))
        return self._by_conditions(known, [])

    def _by_conditions(self, known: Theorem, truths: list[Theorem]) -> Theorem:
        """At longer lists alike, by the truth of each condition."""
        shape = self.shape
        sides = self._sides(apply("cons", ITEM, LIST), self._longer_arrays())
        more = [_both_longer(a, LIST) for a in shape.arrays]
        if len(truths) > shape.count:
            return self._step(sides, known, truths, more)
        condition = [arguments(sides[0])[1][0], *(_same(a, LIST) for a in shape.arrays)][len(truths)]
        return by_cases(
            condition,
            lambda yes: self._by_conditions(known, [*truths, yes]),
            lambda no: joined(*sides, *more, *truths, no),
        )

    def _longer_arrays(self) -> list[Term]:
        return [apply("cons", y, ys) for y, ys in zip(self.shape.items, self.shape.arrays, strict=True)]

    def _step(
        self, sides: tuple[Term, Term], known: Theorem, truths: Sequence[Theorem], more: Sequence[Theorem]
    ) -> Theorem:
        """By what the first turn gives, and then the scan of the rest."""
        shape = self.shape
        c, *same = truths
        fits = rewritten(c, length_cons())
        r, q = t.var("r", shape.pair), t.var("q", t.type_of("prod", S, t.list_of(shape.made)))
        n = length(shape.rows)
        now = t.app(shape.f, STATE, t.app(WORD, n), *shape.items)
        facts = (*truths, *more, self._index(fits), *self._elements(), self._first(fits))
        longer, initial = self._longer(known, fits, same, r)
        later = apply("scan", shape.scan_step(initial), t.proj(0, r), numbered(LIST, add(ONE, n)))
        ok, *ends = (k.assume(now, form) for form in outcomes(r))
        cases = [joined(*sides, *facts, ok, longer, k.assume(later, form)) for form in outcomes(q)]
        whole = k.outcome_cases(later, q, *cases)
        return k.outcome_cases(now, r, whole, *(joined(*sides, *facts, end) for end in ends))

    def _index(self, fits: Theorem) -> Theorem:
        """|- toZ.i64 (ofZ.i64 n) = n for the number n of rows, from |- le (n + (1 + length xs)) MAX = true."""
        return in_i64(self._nonneg(), self._small(fits))

    def _nonneg(self) -> Theorem:
        return named(length_nonneg(), xs=self.shape.rows)

    def _small(self, fits: Theorem) -> Theorem:
        """|- le n MAX = true"""
        more = fact("int.nonneg.add", k.compute(le(ZERO, ONE)), length_nonneg(), a=ONE, b=length(LIST))
        return at_least(fits, length(self.shape.rows), more)

    def _first(self, fits: Theorem) -> Theorem:
        """|- F (pack s ..) n = bind (f s n y) .."""
        shape = self.shape
        th = at(self.law, shape.rows, STATE, *shape.arrays, *shape.items)
        small = self._small(fits)
        return both(k.sym(decided(small, th.left)), th, decided(small, th.right))

    def _elements(self) -> Iterator[Theorem]:
        """|- get trap A n = ok y, for each array as it was before the loop."""
        shape = self.shape
        for g, y, ys in zip(shape.there, shape.items, shape.arrays, strict=True):
            yield element_after(g, shape.rows, apply("cons", y, ys))

    def _longer(self, known: Theorem, fits: Theorem, same: Sequence[Theorem], r: Term) -> tuple[Theorem, list[Term]]:
        """The hypothesis of the induction after the first turn, which gave r, and the arrays as they were."""
        shape = self.shape
        n, m = length(shape.rows), length(LIST)
        row = t.tup(*shape.items, *untuple(t.proj(1, r), shape.count))
        rows = apply("cons", row, shape.rows)
        th = at(known, rows, t.proj(0, r), *shape.arrays)
        test = arguments(th.left)[1][0]
        sum_ = replaced(test, named(length_cons(), x=row, xs=shape.rows))
        sum_ = both(sum_, replaced(sum_.right, fact("int.add.comm", a=ONE, b=n)))
        sum_ = both(sum_, replaced(sum_.right, fact("int.add.assoc", a=n, b=ONE, c=m)), fits)
        for truth in (sum_, *same):
            th = both(k.sym(decided(truth, th.left)), th, decided(truth, th.right))
        return th, [rest(g, rows, a) for g, a in zip(shape.there, shape.arrays, strict=True)]


def _same(ys: Term, xs: Term) -> Term:
    return apply("eq", length(ys), length(xs))


def _both_longer(ys: Term, xs: Term) -> Theorem:
    """|- eq (1 + length ys) (1 + length xs) = eq (length ys) (length xs)"""
    return k.inst({A: length(ys), B: length(xs)}, one_more_each())


@cache
def one_more_each() -> Theorem:
    """|- eq (add 1 a) (add 1 b) = eq a b"""

    def less(a: Term, b: Term) -> Theorem:
        th = replaced(le(add(ONE, a), add(ONE, b)), fact("int.add.comm", a=ONE, b=a))
        th = both(th, replaced(th.right, fact("int.add.comm", a=ONE, b=b)))
        return both(th, fact("int.le.add", a=a, b=b, c=ONE))

    th = fact("int.eq.def", a=add(ONE, A), b=add(ONE, B))
    th = both(th, replaced(th.right, less(A, B)))
    th = both(th, replaced(th.right, less(B, A)))
    return both(th, k.sym(fact("int.eq.def", a=A, b=B)))


def _unlike() -> Iterator[Theorem]:
    """|- eq 0 (1 + length xs) = false, and the other way round, for each list at hand."""
    for xs in (LIST, *(t.var(f"ys{i}", t.list_of(t.type_variable(f"'y{i}"))) for i in range(MOST_ARRAYS))):
        for th in not_zero():
            yield k.cut(named(length_nonneg(), xs=xs), k.inst({A: length(xs)}, th))


MOST_ARRAYS = 8


@cache
def not_zero() -> tuple[Theorem, Theorem]:
    """{le 0 a = true} |- eq 0 (add 1 a) = false, and eq (add 1 a) 0 = false"""
    more = add(ONE, A)
    false = t.const("false", t.BOOL)
    made: list[Theorem] = []
    for a, b in ((ZERO, more), (more, ZERO)):
        th = fact("int.eq.def", a=a, b=b)
        th = both(th, replaced(th.right, not_below_zero()))
        other = arguments(th.right)[1][0 if a is ZERO else 1]
        pair = (P, false) if a is ZERO else (false, P)
        made.append(both(th, k.inst({P: other}, by_truth(apply("and", *pair), false, P))))
    return made[0], made[1]
