"""Untrusted search, checked theorems: loops over the indices of an array, and what an index that is inside says.

    {le 0 i, le (add 1 i) (length xs)}  get d xs i = get e xs i
    {le (length xs) MAX}                all (\\i. 0 <= i and i + 1 <= length xs) (indices ofZ.i64 xs) = true
    {le (length xs) MAX}                fold (\\s i. bind (get d xs i) (g s)) s (indices ofZ.i64 xs) = fold g s xs
    {all p xs, p x ==> f s x = h s x}   fold f s xs = fold h s xs

MAX is the largest i64; `i` of i64 stands for toZ.i64 i. Arrays that exist are no longer than that.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_passes.derived import both, replaced
from hyperion_passes.list_lemmas import ITEM, LIST, STATE, S, X, by_induction, joined, run_with, running
from hyperion_passes.order_lemmas import (
    LARGEST,
    MINUS,
    ONE,
    ZERO,
    A,
    B,
    C,
    add,
    at,
    at_least,
    by_cases,
    decided,
    fact,
    holds,
    in_i64,
    le,
    le_add,
    not_below_zero,
    not_le,
    one_less,
    one_more,
)

I64 = t.type_of("i64")
WORD = t.const("ofZ.i64", t.fun(t.INT, I64))
D, E = (t.var(name, t.outcome_of(X)) for name in "de")
BEFORE, FIRST = t.var("zs", LIST.type), t.var("z", X)


def value(i: Term) -> Term:
    return apply("toZ.i64", i)


def length(xs: Term) -> Term:
    return apply("length", xs)


def split(left: Term, right: Term, *conditions: Term, facts: tuple[Theorem, ...] = ()) -> Theorem:
    """|- left = right, by both truth values of each condition."""
    if not conditions:
        return joined(left, right, *facts)
    c, *rest = conditions
    cases = [split(left, right, *rest, facts=(*facts, k.assume(c, value))) for value in (TRUE, FALSE)]
    return k.bool_cases(c, *cases)


def append(xs: Term, ys: Term) -> Term:
    rest, result = t.var("ys", xs.type), t.var("r", xs.type)
    return apply("listrec", ys, t.lams((ITEM, rest, result), apply("cons", ITEM, result)), xs)


def single(x: Term) -> Term:
    return apply("cons", x, t.const("nil", t.list_of(x.type)))


def numbered(xs: Term, i: Term) -> Term:
    """The indices of xs, counted from i."""
    loop = running()(apply("indices", WORD, LIST)).right  # (listrec ..) 0
    return t.app(t.substitute(loop.function, {LIST: xs}), i)


@cache
def length_nonneg() -> Theorem:
    """|- le 0 (length xs) = true"""
    one = k.compute(le(ZERO, ONE))

    def more(known: Theorem) -> tuple[Theorem, ...]:
        return (fact("int.nonneg.add", one, known, a=ONE, b=known.left.argument),)

    return by_induction(ITEM, LIST, le(ZERO, length(LIST)), TRUE, facts=more)


@cache
def length_cons() -> Theorem:
    """|- length (cons x xs) = add 1 (length xs)"""
    return joined(length(apply("cons", ITEM, LIST)), add(ONE, length(LIST)))


@cache
def length_nil() -> Theorem:
    """|- length nil = 0"""
    return running()(length(t.const("nil", LIST.type)))


def _longer(xs: Term) -> Theorem:
    return k.inst({LIST: xs}, length_nonneg())


@cache
def append_single() -> Theorem:
    """|- append (append zs [x]) ys = append zs (cons x ys)"""
    left = append(append(BEFORE, single(ITEM)), LIST)
    return by_induction(FIRST, BEFORE, left, append(BEFORE, apply("cons", ITEM, LIST)))


@cache
def length_append() -> Theorem:
    """|- length (append zs xs) = add (length zs) (length xs)"""
    m, n = length(BEFORE), length(LIST)
    laws = fact("int.add.assoc", a=ONE, b=m, c=n), fact("int.add.zero", a=n)
    left = length(append(BEFORE, LIST))
    return by_induction(FIRST, BEFORE, left, add(m, n), facts=lambda _: (k.sym(laws[0]), laws[1]))


@cache
def get_next() -> Theorem:
    """|- get d (append zs (cons x ys)) (length zs) = ok x"""
    n = length(BEFORE)
    inside = not_below_zero()
    nonneg = _longer(BEFORE)
    laws = k.cut(nonneg, k.inst({A: n}, inside)), k.inst({A: n}, one_less())
    whole = append(BEFORE, apply("cons", ITEM, LIST))
    found = apply("get", D, whole, n)
    loop = run_with(found, nonneg).right
    th = by_induction(FIRST, BEFORE, loop, apply("ok", ITEM), facts=lambda _: laws)
    return both(run_with(found, nonneg), th)


def moved(th: Theorem, by: Term) -> Theorem:
    """From |- le a b = true: |- le (add by a) (add by b) = true."""
    return k.cut(th, k.inst({A: th.left.function.argument, B: th.left.argument, C: by}, le_add()))


def rewritten(th: Theorem, *facts: Theorem) -> Theorem:
    """The theorem with facts used in its left side, from left to right."""
    changed = k.refl(th.left)
    for each in facts:
        changed = k.trans(changed, replaced(changed.right, each))
    return k.trans(k.sym(changed), th)


@cache
def get_inside() -> Theorem:
    """{le 0 i = true, le (add 1 i) (length xs) = true} |- get d xs i = get e xs i"""
    low, high = le(ZERO, A), le(add(ONE, A), length(LIST))
    trap, cons = t.const("trap", D.type), apply("cons", ITEM, LIST)
    loops = [run_with(apply("get", d, LIST, A), holds(low)).right for d in (D, E)]
    left, right = (t.lam(A, apply("cond", low, apply("cond", high, loop, trap), trap)) for loop in loops)
    known = k.assume(left, right)

    def bodies(xs: Term) -> tuple[Term, Term]:
        return t.open_binder(t.substitute(left, {LIST: xs}), A), t.open_binder(t.substitute(right, {LIST: xs}), A)

    def over(xs: Term, prove: Callable[[Theorem, Term, Term], Theorem]) -> Theorem:
        """Both sides at xs, by the truth of `low`."""
        return k.abs_(A, by_cases(low, lambda c: prove(c, *bodies(xs)), lambda c: joined(*bodies(xs), c)))

    def later(inside: Theorem, positive: Theorem) -> Theorem:
        """Element i - 1 of the rest, where 0 < i."""
        before = add(MINUS, A)
        start = rewritten(moved(positive, MINUS), k.compute(add(ONE, ZERO)), k.compute(add(MINUS, ONE)))
        end = rewritten(moved(inside, MINUS), k.inst({A: length(LIST)}, one_less()), k.inst({A: A}, one_less()))
        end = rewritten(end, k.sym(one_more()))
        rest = at(known, before)
        return both(k.sym(_chosen(rest.left, start, end)), rest, _chosen(rest.right, start, end))

    def step(low: Theorem, first: Term, last: Term) -> Theorem:
        more = t.substitute(high, {LIST: cons})
        inside = rewritten(holds(more), length_cons())

        def no(zero: Theorem) -> Theorem:
            positive = k.cut(zero, k.inst({B: ZERO}, not_le()))
            return joined(first, last, low, holds(more), zero, later(inside, positive))

        return by_cases(
            more,
            lambda _: by_cases(le(A, ZERO), lambda c: joined(first, last, low, holds(more), c), no),
            lambda c: joined(first, last, low, c),
        )

    base = over(t.const("nil", LIST.type), lambda c, x, y: joined(x, y, c, k.cut(c, not_below_zero())))
    th = at(k.list_induction(ITEM, LIST, left, right, base, over(cons, step)), A)
    chosen = [_chosen(side, holds(low), holds(high)) for side in (th.left, th.right)]
    th = both(k.sym(chosen[0]), th, chosen[1])
    ends = [run_with(apply("get", d, LIST, A), holds(low)) for d in (D, E)]
    return both(ends[0], th, k.sym(ends[1]))


def _chosen(x: Term, *truths: Theorem) -> Theorem:
    """|- cond c1 (cond c2 .. a ..) .. = a, from each |- c = true."""
    th = k.refl(x)
    for c in truths:
        th = both(th, decided(c, th.right))
    return th


def as_functions(th: Theorem, s: Term) -> Theorem:
    """From A |- f s = g s, whose functions do not hold s: A |- f = g."""
    run = running()
    th = both(k.sym(run(th.left)), th, run(th.right))
    whole = k.abs_(s, th)
    return both(k.sym(k.eta(whole.left)), whole, k.eta(whole.right))


P = t.var("p", t.fun(X, t.BOOL))
F, H = (t.var(name, t.fun(S, X, t.outcome_of(S))) for name in "fh")
G = t.var("g", t.fun(S, X, t.outcome_of(S)))


@cache
def fold_where() -> Theorem:
    """{all p xs = true, (\\s x. cond (p x) (f s x) (h s x)) = (\\s x. h s x)} |- fold f s xs = fold h s xs"""
    given = t.app(P, ITEM)
    steps = t.app(F, STATE, ITEM), t.app(H, STATE, ITEM)
    law = k.assume(t.lams((STATE, ITEM), apply("cond", given, *steps)), t.lams((STATE, ITEM), steps[1]))

    def body(xs: Term) -> tuple[Term, Term]:
        loops = apply("fold", F, STATE, xs), apply("fold", H, STATE, xs)
        return apply("cond", apply("all", P, xs), *loops), loops[1]

    left, right = (t.lam(STATE, side) for side in body(LIST))
    known = k.assume(left, right)

    def used(equation: Theorem, truth: Theorem) -> Theorem:
        """The first branch of the choice on the left equals the right."""
        return k.trans(k.sym(decided(truth, equation.left)), equation)

    every = holds(apply("all", P, LIST))
    first, last = body(apply("cons", ITEM, LIST))

    def here(c: Theorem) -> Theorem:
        same = used(at(law, STATE, ITEM), c)

        def rest(all_of: Theorem) -> Theorem:
            loops = as_functions(used(at(known, STATE), all_of), STATE)
            return joined(first, last, c, all_of, same, loops)

        return by_cases(every.left, rest, lambda no: joined(first, last, c, no))

    base = k.abs_(STATE, joined(*body(t.const("nil", LIST.type))))
    step = k.abs_(STATE, by_cases(given, here, lambda no: joined(first, last, no)))
    th = at(k.list_induction(ITEM, LIST, left, right, base, step), STATE)
    return used(th, every)


def inside(n: Term) -> Term:
    """\\i. 0 <= i and i + 1 <= n, for an i64."""
    i = t.var("i", I64)
    return t.lam(i, apply("and", le(ZERO, value(i)), le(add(ONE, value(i)), n)))


@cache
def indices_inside() -> Theorem:
    """{le (length xs) MAX = true} |- all (\\i. 0 <= i and i + 1 <= length xs) (indices ofZ.i64 xs) = true"""
    n = t.var("n", t.INT)
    small = holds(le(n, LARGEST))
    low = le(ZERO, A)

    def body(xs: Term) -> Term:
        every = apply("all", inside(n), numbered(xs, A))
        return apply("cond", low, apply("cond", le(add(A, length(xs)), n), every, TRUE), TRUE)

    left, right = t.lam(A, body(LIST)), t.lam(A, TRUE)
    known = k.assume(left, right)
    whole = body(apply("cons", ITEM, LIST))
    more = le(add(A, add(ONE, length(LIST))), n)

    def step(c: Theorem, fits: Theorem) -> Theorem:
        next_ = add(ONE, A)
        regrouped = both(
            k.sym(fact("int.add.assoc", a=A, b=ONE, c=length(LIST))),
            replaced(add(add(A, ONE), length(LIST)), fact("int.add.comm", a=A, b=ONE)),
        )
        end = rewritten(fits, regrouped)
        here = at_least(end, next_, length_nonneg())
        self = at_least(rewritten(here, fact("int.add.comm", a=ONE, b=A)), A, k.compute(le(ZERO, ONE)))
        word = in_i64(c, fact("int.le.trans", self, small, a=A, b=n, c=LARGEST))
        start = fact("int.nonneg.add", k.compute(le(ZERO, ONE)), c, a=ONE, b=A)
        rest = at(known, next_)
        rest = k.trans(k.sym(_chosen(rest.left, start, end)), rest)
        return joined(whole, TRUE, c, fits, word, here, rest)

    def case(c: Theorem) -> Theorem:
        return by_cases(more, lambda yes: step(c, yes), lambda no: joined(whole, TRUE, c, no))

    nil = body(t.const("nil", LIST.type))
    short = le(add(A, ZERO), n)
    base = k.abs_(A, split(nil, TRUE, low, short))
    over = k.abs_(A, by_cases(low, case, lambda c: joined(whole, TRUE, c)))
    th = at(k.list_induction(ITEM, LIST, left, right, base, over), A)
    th = k.inst({n: length(LIST)}, k.inst({A: ZERO}, th))
    size = length(LIST)
    total = replaced(le(add(ZERO, size), size), fact("int.add.zero", a=size))
    fits = k.trans(total, fact("int.le.refl", a=size))
    th = k.trans(k.sym(_chosen(th.left, k.compute(le(ZERO, ZERO)), fits)), th)
    goal = apply("all", inside(length(LIST)), apply("indices", WORD, LIST))
    return both(running()(goal), k.sym(running()(th.left)), th)


@cache
def fold_indices() -> Theorem:
    """{le (length xs) MAX = true} |- fold (\\s i. bind (get d xs i) (g s)) s (indices ofZ.i64 xs) = fold g s xs"""
    trap = t.const("trap", t.outcome_of(S))

    def by_index(xs: Term, indices: Term) -> Term:
        i = t.var("i", I64)
        step = t.lams((STATE, i), apply("bind", apply("get", D, xs, value(i)), t.app(G, STATE)))
        return apply("fold", step, STATE, indices)

    def body(zs: Term, xs: Term) -> tuple[Term, Term]:
        """The rest xs of a list that begins with zs, whose indices begin where zs ends."""
        whole = append(zs, xs)
        loops = by_index(whole, numbered(xs, length(zs))), apply("fold", G, STATE, xs)
        left, right = (apply("cond", le(length(whole), LARGEST), loop, trap) for loop in loops)
        return left, right

    left, right = (t.lams((BEFORE, STATE), side) for side in body(BEFORE, LIST))
    known = k.assume(left, right)
    cons = apply("cons", ITEM, LIST)
    first, last = body(BEFORE, cons)

    def step(c: Theorem) -> Theorem:
        n, rest = length(BEFORE), k.inst({LIST: cons}, length_nonneg())
        summed = rewritten(c, k.inst({LIST: cons}, length_append()))
        word = in_i64(_longer(BEFORE), at_least(summed, n, rest))
        longer = at(known, append(BEFORE, single(ITEM)), STATE)
        moved = [_run_lists(side) for side in (longer.left, longer.right)]
        longer = both(k.sym(moved[0]), longer, moved[1])
        longer = both(k.sym(_chosen(longer.left, c)), longer, _chosen(longer.right, c))
        return joined(first, last, c, word, get_next(), as_functions(longer, STATE))

    def _run_lists(side: Term) -> Theorem:
        th = replaced(side, append_single())
        return k.trans(th, replaced(th.right, length_single()))

    def over(xs: Term, prove: Callable[[Theorem], Theorem]) -> Theorem:
        sides = body(BEFORE, xs)
        condition = le(length(append(BEFORE, xs)), LARGEST)
        th = by_cases(condition, prove, lambda no: joined(*sides, no))
        return k.abs_(BEFORE, k.abs_(STATE, th))

    nil = t.const("nil", LIST.type)
    base = over(nil, lambda c: joined(*body(BEFORE, nil), c))
    th = at(k.list_induction(ITEM, LIST, left, right, base, over(cons, step)), nil, STATE)
    small = holds(le(length(LIST), LARGEST))
    size = k.trans(joined(le(length(append(nil, LIST)), LARGEST), small.left), small)
    th = both(k.sym(_chosen(th.left, size)), th, _chosen(th.right, size))
    return both(joined(by_index(LIST, apply("indices", WORD, LIST)), th.left), th)


@cache
def length_indices() -> Theorem:
    """|- length (indices w xs) = length xs"""
    indices = apply("indices", t.var("w", t.fun(t.INT, t.type_variable("'w"))), LIST)
    loop = running()(indices).right.function

    def body(xs: Term) -> tuple[Term, Term]:
        return length(t.app(t.substitute(loop, {LIST: xs}), A)), length(xs)

    left, right = (t.lam(A, side) for side in body(LIST))
    later = at(k.assume(left, right), add(ONE, A))
    base = k.abs_(A, joined(*body(t.const("nil", LIST.type))))
    step = k.abs_(A, joined(*body(apply("cons", ITEM, LIST)), later))
    th = at(k.list_induction(ITEM, LIST, left, right, base, step), ZERO)
    return both(joined(length(indices), th.left), th)


@cache
def length_single() -> Theorem:
    """|- length (append zs [x]) = add 1 (length zs)"""
    return by_induction(FIRST, BEFORE, length(append(BEFORE, single(ITEM))), add(ONE, length(BEFORE)))
