r"""Untrusted search, checked theorems: a loop over the indices of xs that writes every element of an array is a scan.

    {le (length xs) MAX, pack, step}
    fold (\p i. h p (get trap xs i) (update trap (array p) i)) (pack s (map k xs)) (indices ofZ.i64 xs)
      =  bind (scan f s xs) (\q. ok (pack q.0 q.1))

    pack    array (pack s a) = a
    step    h (pack s a) (ok x) (\w. ok (u w))  =  bind (f s x) (\r. ok (pack r.0 (u r.1)))

`map k xs`, which the loop starts with, is any array that is as long as xs; none of its elements remains. The state
lies beside the array in one value, which `pack` makes; there may be several arrays, for each of which there are an
`array`, a k and an argument of h. MAX is the largest i64; an index of i64 stands for its integer.

By induction on xs. What lies before the place that the loop has reached is kept in reverse, as the list of its
elements with those that were written: `rest g qs ys` is ys with what g finds in each of qs before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.kernel import Theorem
from hyperion.logic.loops import columns
from hyperion.logic.meaning import argument_type, tuple_type, untuple
from hyperion.logic.terms import Term
from hyperion_passes.derived import both, named, replaced
from hyperion_passes.index_lemmas import I64, WORD, length, length_cons, length_nonneg, numbered, rewritten, value
from hyperion_passes.list_lemmas import ITEM, LIST, STATE, S, X, joined, outcomes, run_with, running
from hyperion_passes.order_lemmas import (
    LARGEST,
    ONE,
    ZERO,
    A,
    add,
    at,
    at_least,
    by_cases,
    decided,
    fact,
    holds,
    in_i64,
    le,
    not_below_zero,
    one_less,
)

_Q, _Z = t.type_variable("'q"), t.type_variable("'z")
_PASSED, _LAST = t.var("qs", t.list_of(_Q)), t.var("q", _Q)
_TAKE = t.var("g", t.fun(_Q, _Z))
_REST, _NEW = t.var("ys", t.list_of(_Z)), t.var("w", _Z)


def rest(g: Term, qs: Term, ys: Term) -> Term:
    """ys with the elements that g finds in qs before it, the first of qs next to ys."""
    assert qs.type.args is not None
    q, more = t.var("q", qs.type.args[0]), t.var("more", qs.type)
    r, zs = t.var("r", t.fun(ys.type, ys.type)), t.var("zs", ys.type)
    step = t.lams((q, more, r, zs), t.app(r, apply("cons", t.app(g, q), zs)))
    return t.app(apply("listrec", t.lam(zs, zs), step, qs), ys)


def _along(left: Callable[[Term], Term], right: Callable[[Term], Term], o: Callable[[Term], Term] | None) -> Theorem:
    """|- left qs = right qs where 0 <= j, for all ys, j and w at once, by induction on qs; at a longer list by the
    forms of the outcome `o` of ys."""
    low, trap = le(ZERO, A), t.const("trap", left(_PASSED).type)
    variables = (_REST, A, _NEW)

    def sides(qs: Term) -> tuple[Term, Term]:
        return apply("cond", low, left(qs), trap), apply("cond", low, right(qs), trap)

    first, last = (t.lams(variables, side) for side in sides(_PASSED))
    known = k.assume(first, last)
    one, n = k.compute(le(ZERO, ONE)), length(_PASSED)

    def step(c: Theorem) -> Theorem:
        later = fact("int.nonneg.add", one, c, a=ONE, b=A)
        there = at(known, apply("cons", t.app(_TAKE, _LAST), _REST), add(ONE, A), _NEW)
        there = both(k.sym(decided(later, there.left)), there, decided(later, there.right))
        moved = replaced(add(add(ONE, n), A), fact("int.add.comm", a=ONE, b=n))
        moved = both(moved, fact("int.add.assoc", a=n, b=ONE, c=A))
        laws = (later, moved, there, k.cut(c, not_below_zero()), one_less())
        return by_form(c, sides(apply("cons", _LAST, _PASSED)), *laws)

    def by_form(c: Theorem, pair: tuple[Term, Term], *laws: Theorem) -> Theorem:
        if o is None:
            return joined(*pair, c, *laws)
        found, at_rest = t.var("found", _REST.type), run_with(o(_REST), c).right
        cases = (joined(*pair, c, *laws, k.assume(at_rest, form)) for form in outcomes(found))
        return k.outcome_cases(at_rest, found, *cases)

    def over(qs: Term, prove: Callable[[Theorem], Theorem]) -> Theorem:
        th = by_cases(low, prove, lambda c: joined(*sides(qs), c))
        for v in reversed(variables):
            th = k.abs_(v, th)
        return th

    nil = t.const("nil", _PASSED.type)
    base = over(nil, lambda c: by_form(c, sides(nil), fact("int.add.zero", a=A)))
    return k.list_induction(_LAST, _PASSED, first, last, base, over(apply("cons", _LAST, _PASSED), step))


@cache
def _get_after() -> Theorem:
    """|- (\\ys j w. cond (le 0 j) (get trap (rest g qs ys) (length qs + j)) ..) = (.. get trap ys j ..)"""
    trap = t.const("trap", t.outcome_of(_Z))
    return _along(
        lambda qs: apply("get", trap, rest(_TAKE, qs, _REST), add(length(qs), A)),
        lambda qs: apply("get", trap, _REST, A),
        None,
    )


@cache
def _update_after() -> Theorem:
    """|- (\\ys j w. cond (le 0 j) (update trap (rest g qs ys) (length qs + j) w) ..)
    = (.. bind (update trap ys j w) (\\u. ok (rest g qs u)) ..)"""
    trap, u = t.const("trap", t.outcome_of(_REST.type)), t.var("u", _REST.type)

    def here(ys: Term) -> Term:
        return apply("update", trap, ys, A, _NEW)

    return _along(
        lambda qs: apply("update", trap, rest(_TAKE, qs, _REST), add(length(qs), A), _NEW),
        lambda qs: apply("bind", here(_REST), t.lam(u, apply("ok", rest(_TAKE, qs, u)))),
        here,
    )


@cache
def element_there() -> Theorem:
    """|- get trap (rest g qs (cons y ys)) (length qs) = ok y"""
    return _there(_get_after())


@cache
def update_there() -> Theorem:
    """|- update trap (rest g qs (cons y ys)) (length qs) w = ok (rest g qs (cons w ys))"""
    return _there(_update_after())


def _there(law: Theorem) -> Theorem:
    """The law for what comes at once after the rows, run to its value."""
    n, y = length(_PASSED), t.var("y", _Z)
    th = at(law, apply("cons", y, _REST), ZERO, _NEW)
    yes = k.compute(le(ZERO, ZERO))
    th = both(k.sym(decided(yes, th.left)), th)
    nothing = both(fact("int.add.comm", a=n, b=ZERO), fact("int.add.zero", a=n))
    th = both(k.sym(replaced(th.left, nothing)), th, running()(th.right))
    value, kept = th.right.argument, rest(_TAKE, _PASSED, apply("cons", _NEW, _REST))
    if value.type is kept.type:
        th = k.trans(th, k.app(k.refl(th.right.function), k.sym(running()(kept))))
    return th


def element_after(g: Term, rows: Term, ys: Term) -> Theorem:
    """|- get trap (rest g rows ys) n = ok x for the number n of rows, where x is the first of ys."""
    y, more = arguments(ys)[1]
    return named(element_there(), g=g, qs=rows, y=y, ys=more)


def update_here(g: Term, rows: Term, ys: Term, w: Term) -> Theorem:
    """|- update trap (rest g rows ys) n w = ok (rest g rows ys, with w for the first of ys)."""
    y, more = arguments(ys)[1]
    return named(update_there(), g=g, qs=rows, y=y, ys=more, w=w)


class Writes:
    """The variables of the theorem for loops that write `count` arrays."""

    def __init__(self, count: int) -> None:
        made = [t.type_variable(f"'y{i}") for i in range(count)]
        lists = [t.list_of(y) for y in made]
        whole = t.type_variable("'p")
        self.count = count
        self.row = t.type_of("prod", X, *made)
        self.made = tuple_type(made)
        self.listed = t.list_of(self.made)
        self.pair = t.type_of("prod", S, self.made)
        self.start = [t.var(f"k{i}", t.fun(X, y)) for i, y in enumerate(made)]
        self.pack = t.var("pack", t.fun(S, *lists, whole))
        self.array = [t.var(f"array{i}", t.fun(whole, a)) for i, a in enumerate(lists)]
        writes = [t.fun(y, t.outcome_of(a)) for y, a in zip(made, lists, strict=True)]
        self.h = t.var("h", t.fun(whole, t.outcome_of(X), *writes, t.outcome_of(whole)))
        self.f = t.var("f", t.fun(S, X, t.outcome_of(self.pair)))
        self.whole = t.var("p", whole)
        self.lists = [t.var(f"a{i}", a) for i, a in enumerate(lists)]
        self.after = [t.var(f"u{i}", t.fun(y, a)) for i, (y, a) in enumerate(zip(made, lists, strict=True))]

    def packed(self, s: Term, *arrays: Term) -> Term:
        return t.app(self.pack, s, *arrays)

    def pack_law(self, i: int) -> Theorem:
        """{pack} |- (\\s a.. array (pack s a ..)) = (\\s a.. a)"""
        binders = STATE, *self.lists
        return k.assume(t.lams(binders, t.app(self.array[i], self.packed(*binders))), t.lams(binders, self.lists[i]))

    def step_law(self) -> Theorem:
        binders = (STATE, *self.lists, ITEM, *self.after)
        r = t.var("r", self.pair)
        writes: list[Term] = []
        for u in self.after:
            w = t.var("w", t.domain(u.type))
            writes.append(t.lam(w, apply("ok", t.app(u, w))))
        left = t.app(self.h, self.packed(STATE, *self.lists), apply("ok", ITEM), *writes)
        made = untuple(t.proj(1, r), self.count)
        done = [t.app(u, y) for u, y in zip(self.after, made, strict=True)]
        right = apply("bind", t.app(self.f, STATE, ITEM), t.lam(r, apply("ok", self.packed(t.proj(0, r), *done))))
        return k.assume(t.lams(binders, left), t.lams(binders, right))

    def loop(self, xs: Term, state: Term, indices: Term) -> Term:
        """The loop over indices of the list xs."""
        i, p = t.var("i", I64), self.whole
        got = apply("get", t.const("trap", t.outcome_of(X)), xs, value(i))
        writes = [
            apply("update", t.const("trap", t.outcome_of(a.type)), t.app(array, p), value(i))
            for array, a in zip(self.array, self.lists, strict=True)
        ]
        return apply("fold", t.lams((p, i), t.app(self.h, p, got, *writes)), state, indices)

    def scan(self, xs: Term, around: Callable[[int, Term], Term]) -> Term:
        """The scan of xs, then the whole state; `around` says what becomes of each list that it made."""
        q = t.var("q", t.type_of("prod", S, self.listed))
        arrays = [around(i, a) for i, a in enumerate(columns(t.proj(1, q), self.count))]
        after = t.lam(q, apply("ok", self.packed(t.proj(0, q), *arrays)))
        return apply("bind", apply("scan", self.f, STATE, xs), after)


@cache
def fold_of_writes(count: int) -> Theorem:
    """The theorem above for `count` arrays."""
    return _Induction(count).theorem()


class _Induction:
    """`rows` are what lies before the place that the loop has reached: elements of xs, and what was written."""

    def __init__(self, count: int) -> None:
        self.shape = Writes(count)
        row = t.var("row", self.shape.row)
        self.rows = t.var("qs", t.list_of(row.type))
        self.taken = [t.lam(row, t.proj(i, row)) for i in range(count + 1)]

    def theorem(self) -> Theorem:
        left, right = (t.lams((self.rows, STATE), side) for side in self._sides(LIST))
        known, nil = k.assume(left, right), t.const("nil", LIST.type)
        base = self._over(nil, lambda c: joined(*self._sides(nil), c))
        step = self._over(apply("cons", ITEM, LIST), lambda c: self._step(c, known))
        th = k.list_induction(ITEM, LIST, left, right, base, step)
        th = at(th, t.const("nil", self.rows.type), STATE)
        fits = le(length(LIST), LARGEST)
        nothing = fact("int.add.zero", a=length(LIST))
        fits = both(joined(arguments(th.left)[1][0], fits, nothing), holds(fits))
        th = both(k.sym(decided(fits, th.left)), th, decided(fits, th.right))
        arrays = [apply("map", f, LIST) for f in self.shape.start]
        loop = self.shape.loop(LIST, self.shape.packed(STATE, *arrays), apply("indices", WORD, LIST))
        return both(joined(loop, th.left), th, joined(th.right, self.shape.scan(LIST, lambda _, a: a)))

    def _sides(self, xs: Term) -> tuple[Term, Term]:
        """What happens from the rest xs on."""
        shape, rows = self.shape, self.rows
        arrays = [rest(g, rows, apply("map", f, xs)) for g, f in zip(self.taken[1:], shape.start, strict=True)]
        whole = rest(self.taken[0], rows, xs)
        loop = shape.loop(whole, shape.packed(STATE, *arrays), numbered(xs, length(rows)))
        scan = shape.scan(xs, lambda i, a: rest(self.taken[i + 1], rows, a))
        fits, trap = le(add(length(rows), length(xs)), LARGEST), t.const("trap", loop.type)
        return apply("cond", fits, loop, trap), apply("cond", fits, scan, trap)

    def _over(self, xs: Term, prove: Callable[[Theorem], Theorem]) -> Theorem:
        sides = self._sides(xs)
        th = by_cases(arguments(sides[0])[1][0], prove, lambda no: joined(*sides, no))
        return k.abs_(self.rows, k.abs_(STATE, th))

    def _step(self, c: Theorem, known: Theorem) -> Theorem:
        """By what the first step gives, and then the scan of the rest."""
        shape, here = self.shape, self._sides(apply("cons", ITEM, LIST))
        fits = rewritten(c, length_cons())
        r, q = (t.var(name, t.type_of("prod", S, ty)) for name, ty in (("r", shape.made), ("q", shape.listed)))
        now, later = t.app(shape.f, STATE, ITEM), apply("scan", shape.f, t.proj(0, r), LIST)
        facts = (c, self._index(fits), self._element(), *self._written(), *self._laws())
        longer = self._longer(known, fits, r)
        ok, *ends = (k.assume(now, form) for form in outcomes(r))
        cases = [joined(*here, *facts, ok, longer, k.assume(later, form)) for form in outcomes(q)]
        whole = k.outcome_cases(later, q, *cases)
        return k.outcome_cases(now, r, whole, *(joined(*here, *facts, end) for end in ends))

    def _index(self, fits: Theorem) -> Theorem:
        """|- toZ.i64 (ofZ.i64 n) = n for the number n of rows, from |- le (n + (1 + length xs)) MAX = true."""
        n, m = length(self.rows), length(LIST)
        more = fact("int.nonneg.add", k.compute(le(ZERO, ONE)), length_nonneg(), a=ONE, b=m)
        return in_i64(named(length_nonneg(), xs=self.rows), at_least(fits, n, more))

    def _longer(self, known: Theorem, fits: Theorem, r: Term) -> Theorem:
        """The hypothesis of the induction after the first element, which gave r."""
        n, m = length(self.rows), length(LIST)
        row = t.tup(ITEM, *untuple(t.proj(1, r), self.shape.count))
        th = at(known, apply("cons", row, self.rows), t.proj(0, r))
        test = arguments(th.left)[1][0]
        sum_ = replaced(test, named(length_cons(), x=row, xs=self.rows))
        sum_ = both(sum_, replaced(sum_.right, fact("int.add.comm", a=ONE, b=n)))
        sum_ = both(sum_, replaced(sum_.right, fact("int.add.assoc", a=n, b=ONE, c=m)), fits)
        return both(k.sym(decided(sum_, th.left)), th, decided(sum_, th.right))

    def _element(self) -> Theorem:
        """|- get trap xs n = ok x"""
        return element_after(self.taken[0], self.rows, apply("cons", ITEM, LIST))

    def _written(self) -> Iterator[Theorem]:
        """|- update trap array n = \\w. ok (array with w there), for each array."""
        for i, array in enumerate(self._arrays()):
            w = t.var("w", argument_type(array.type))
            th = k.abs_(w, update_here(self.taken[i + 1], self.rows, array, w))
            yield both(k.sym(k.eta(th.left)), th)

    def _arrays(self) -> list[Term]:
        """What each array holds from here on."""
        return [apply("cons", t.app(f, ITEM), apply("map", f, LIST)) for f in self.shape.start]

    def _laws(self) -> Iterator[Theorem]:
        shape, arrays, after = self.shape, list[Term](), list[Term]()
        for g, array in zip(self.taken[1:], self._arrays(), strict=True):
            w = t.var("w", argument_type(array.type))
            arrays.append(rest(g, self.rows, array))
            after.append(t.lam(w, rest(g, self.rows, apply("cons", w, array.argument))))
        for i in range(shape.count):
            yield at(shape.pack_law(i), STATE, *arrays)
        yield at(shape.step_law(), STATE, *arrays, ITEM, *after)
