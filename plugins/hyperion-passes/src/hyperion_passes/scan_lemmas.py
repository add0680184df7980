r"""Untrusted search, checked theorems: a fold over what a scan made of each element is one fold, whose state is both;
so is a scan one scan; and a map goes into the scan whose elements it takes.

scan (\s x. ok (h s x)) s xs                     =  ok (steps h s xs)
bind (fold g t (steps h s xs).1) (\u. k u (steps h s xs).0)
                                                 =  bind (fold both (s, t) xs) (\p. k p.t p.s)
    where both (s, t) x is g t (h s x).1, and (h s x).0 with it
bind (scan f s xs) (\q. k (folded g t q.1) q.0)  =  bind (fold both (s, t) xs) (\p. k p.t p.s)
    where both (s, t) x is f s x, and g t of the element that it gives
bind (scan g t (steps h s xs).1) (\r. k r (steps h s xs).0)
                                                 =  bind (scan both (s, t) xs) (\p. k (p.0.t, p.1) p.0.s)
bind (scan f s xs) (\q. k (steps g t q.1) q.0)   =  bind (scan both (s, t) xs) (\p. k (p.0.t, p.1) p.0.s)
bind (scan f s xs) (\q. k q.0 (map h q.1))       =  bind (scan (\s x. bind (f s x) (\p. ok (p.0, h p.1))) s xs)
                                                         (\q. k q.0 q.1)

`steps` and `folded` are a scan and a fold without outcomes, by recursion on the list. The states of both loops stand in
one tuple, so there is a theorem for each number of states; one state alone is no tuple.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import argument_type, tuple_of, tuple_type, untuple
from hyperion.logic.terms import Term
from hyperion_passes.derived import both, replaced
from hyperion_passes.list_lemmas import ITEM, LIST, X, Y, Z, joined, outcomes, running
from hyperion_passes.order_lemmas import ONE, at

Prove = Callable[[Term, Term, Callable[..., Theorem] | None], Theorem]


def by_states(states: Sequence[Term], left: Term, right: Term, prove: Prove) -> Theorem:
    """|- left = right by induction on the list, for all values of the states at once.

    `prove` gets both sides at the empty list, and at a longer one with the hypothesis, which is a theorem at the states
    that it is asked for.
    """
    known = k.assume(t.lams(tuple(states), left), t.lams(tuple(states), right))

    def case(xs: Term, hypothesis: Callable[..., Theorem] | None) -> Theorem:
        th = prove(t.substitute(left, {LIST: xs}), t.substitute(right, {LIST: xs}), hypothesis)
        for v in reversed(states):
            th = k.abs_(v, th)
        return th

    base = case(t.const("nil", LIST.type), None)
    step = case(apply("cons", ITEM, LIST), lambda *values: at(known, *values))
    return at(k.list_induction(ITEM, LIST, known.left, known.right, base, step), *states)


def steps(h: Term, state: Term, xs: Term) -> Term:
    """What a scan by `\\s x. ok (h s x)` gives."""
    s, x = t.var("s", state.type), t.var("x", argument_type(xs.type))
    first = t.app(h, s, x)
    none = t.const("nil", t.list_of(t.proj(1, first).type))
    rest, more = t.var("ys", xs.type), t.var("r", t.fun(s.type, t.type_of("prod", s.type, none.type)))
    after = t.app(more, t.proj(0, first))
    whole = t.tup(t.proj(0, after), apply("cons", t.proj(1, first), t.proj(1, after)))
    return t.app(apply("listrec", t.lam(s, t.tup(s, none)), t.lams((x, rest, more, s), whole), xs), state)


def folded(g: Term, state: Term, xs: Term) -> Term:
    """What a fold by `\\s x. ok (g s x)` gives, in the form of `lemmas.total_fold`."""
    s, x = t.var("s", state.type), t.var("x", argument_type(xs.type))
    rest, more = t.var("ys", xs.type), t.var("r", t.fun(s.type, s.type))
    step = t.lams((x, rest, more, s), t.app(more, t.app(g, s, x)))
    return t.app(apply("listrec", t.lam(s, s), step, xs), state)


@cache
def total_scan() -> Theorem:
    """|- scan (\\s x. ok (h s x)) s xs = ok (steps h s xs)"""
    s = t.var("s", t.type_variable("'s"))
    h = t.var("h", t.fun(s.type, X, t.type_of("prod", s.type, Y)))
    step = t.lams((s, ITEM), apply("ok", t.app(h, s, ITEM)))

    def prove(left: Term, right: Term, known: Callable[..., Theorem] | None) -> Theorem:
        return joined(left, right, *([known(t.proj(0, t.app(h, s, ITEM)))] if known else ()))

    return by_states((s,), apply("scan", step, s, LIST), apply("ok", steps(h, s, LIST)), prove)


class Shape:
    """Two loops with so many states, s of the scan and u of the fold, and the tuple `whole` of both."""

    def __init__(self, scanned: int, folded: int) -> None:
        first, last = (
            [t.type_variable(f"'{name}{i}") for i in range(n)] for name, n in (("s", scanned), ("u", folded))
        )
        self.counts = scanned, folded
        self.states = t.var("s", tuple_type(first)), t.var("u", tuple_type(last))
        self.whole = t.var("p", tuple_type([*first, *last]))
        values = untuple(self.whole, scanned + folded)
        self.apart = tuple_of(values[:scanned]), tuple_of(values[scanned:])
        self.after = t.var("k", t.fun(self.states[1].type, self.states[0].type, t.outcome_of(t.type_variable("'r"))))

    def together(self, *parts: Term) -> Term:
        """The states of both as one tuple."""
        return tuple_of([v for x, count in zip(parts, self.counts, strict=True) for v in untuple(x, count)])

    def step(self, body: Term) -> Term:
        """A step of the one loop."""
        return t.lams((self.whole, ITEM), body)

    def loop(self, step: Term) -> Term:
        """The one loop, and what follows it."""
        s, u = self.apart
        after = t.lam(self.whole, t.app(self.after, u, s))
        return apply("bind", apply("fold", step, self.together(*self.states), LIST), after)

    def scan(self, step: Term, after: Term) -> Term:
        """The one loop that gives elements, too, and what follows it: `after` of the pair of u and the elements, and
        of s."""
        loop = apply("scan", step, self.together(*self.states), LIST)
        p = t.var("p", argument_type(loop.type))
        s, u = (t.substitute(x, {self.whole: t.proj(0, p)}) for x in self.apart)
        return apply("bind", loop, t.lam(p, t.app(after, t.tup(u, t.proj(1, p)), s)))


@cache
def fold_of_steps(scanned: int, folded: int) -> Theorem:
    """|- bind (fold g u (steps h s xs).1) (\\v. k v (steps h s xs).0) = bind (fold both (s, u) xs) (\\p. k p.u p.s)"""
    shape = Shape(scanned, folded)
    (s, u), (old, state) = shape.states, shape.apart
    h = t.var("h", t.fun(s.type, X, t.type_of("prod", s.type, Y)))
    g = t.var("g", t.fun(u.type, Y, t.outcome_of(u.type)))
    v, made = t.var("v", u.type), steps(h, s, LIST)
    first = t.app(h, old, ITEM)
    pair = t.lam(v, apply("ok", shape.together(t.proj(0, first), v)))
    step = shape.step(apply("bind", t.app(g, state, t.proj(1, first)), pair))
    left = apply("bind", apply("fold", g, u, t.proj(1, made)), t.lam(v, t.app(shape.after, v, t.proj(0, made))))
    here = t.app(h, s, ITEM)
    inner = t.app(g, u, t.proj(1, here))

    def prove(left: Term, right: Term, known: Callable[..., Theorem] | None) -> Theorem:
        if known is None:
            return joined(left, right)
        ok, *ends = (k.assume(inner, form) for form in outcomes(v))
        cases = [joined(left, right, ok, known(t.proj(0, here), v)), *(joined(left, right, end) for end in ends)]
        return k.outcome_cases(inner, v, *cases)

    return by_states(shape.states, left, shape.loop(step), prove)


@cache
def total_fold_of_scan(scanned: int, folded_: int) -> Theorem:
    """|- bind (scan f s xs) (\\q. k (folded g u q.1) q.0) = bind (fold both (s, u) xs) (\\p. k p.u p.s)"""
    shape = Shape(scanned, folded_)
    (s, u), (old, state) = shape.states, shape.apart
    pair, result = t.type_of("prod", s.type, Y), t.type_of("prod", s.type, t.list_of(Y))
    f, g = t.var("f", t.fun(s.type, X, t.outcome_of(pair))), t.var("g", t.fun(u.type, Y, u.type))
    q, r = t.var("q", pair), t.var("r", result)
    next_states = shape.together(t.proj(0, q), t.app(g, state, t.proj(1, q)))
    step = shape.step(apply("bind", t.app(f, old, ITEM), t.lam(q, apply("ok", next_states))))
    after = t.app(shape.after, folded(g, u, t.proj(1, r)), t.proj(0, r))
    left = apply("bind", apply("scan", f, s, LIST), t.lam(r, after))
    inner, rest = t.app(f, s, ITEM), apply("scan", f, t.proj(0, q), LIST)

    def prove(left: Term, right: Term, known: Callable[..., Theorem] | None) -> Theorem:
        if known is None:
            return joined(left, right)
        there = known(t.proj(0, q), t.app(g, u, t.proj(1, q)))
        ok, *ends = (k.assume(inner, form) for form in outcomes(q))
        cases = [
            joined(left, right, ok, fact, both(k.sym(there), replaced(there.left, fact)))
            for fact in (k.assume(rest, form) for form in outcomes(r))
        ]
        whole = k.outcome_cases(rest, r, *cases)
        return k.outcome_cases(inner, q, whole, *(joined(left, right, end) for end in ends))

    return by_states(shape.states, left, shape.loop(step), prove)


@cache
def no_scan() -> Theorem:
    """|- scan f s nil = ok (s, nil)"""
    s = t.var("s", t.type_variable("'s"))
    f = t.var("f", t.fun(s.type, X, t.outcome_of(t.type_of("prod", s.type, Y))))
    return running()(apply("scan", f, s, t.const("nil", LIST.type)))


@cache
def length_scanned() -> Theorem:
    """|- bind (scan f s xs) (\\q. k q (length q.1)) = bind (scan f s xs) (\\q. k q (length xs))"""
    s = t.var("s", t.type_variable("'s"))
    pair, result = t.type_of("prod", s.type, Y), t.type_of("prod", s.type, t.list_of(Y))
    f, q, p = t.var("f", t.fun(s.type, X, t.outcome_of(pair))), t.var("q", result), t.var("p", pair)
    then = t.var("k", t.fun(result, t.INT, t.outcome_of(t.type_variable("'r"))))

    def sized(size: Term) -> Term:
        return apply("bind", apply("scan", f, s, LIST), t.lam(q, t.app(then, q, size)))

    def prove(left: Term, right: Term, known: Callable[..., Theorem] | None) -> Theorem:
        if known is None:
            return joined(left, right)
        n = t.var("n", t.INT)
        longer = t.tup(t.proj(0, q), apply("cons", t.proj(1, p), t.proj(1, q)))
        there = known(t.proj(0, p), t.lams((q, n), t.app(then, longer, apply("add", ONE, n))))
        now, rest = t.app(f, s, ITEM), apply("scan", f, t.proj(0, p), LIST)
        ok, *ends = (k.assume(now, form) for form in outcomes(p))
        cases = [
            joined(left, right, ok, fact, both(k.sym(replaced(there.left, fact)), there, replaced(there.right, fact)))
            for fact in (k.assume(rest, form) for form in outcomes(q))
        ]
        whole = k.outcome_cases(rest, q, *cases)
        return k.outcome_cases(now, p, whole, *(joined(left, right, end) for end in ends))

    left, right = sized(apply("length", t.proj(1, q))), sized(apply("length", LIST))
    return by_states((s, then), left, right, prove)


Hypothesis = Callable[..., Theorem]


def _with_elements(
    states: Sequence[Term], left: Term, right: Term, inner: Term, q: Term, there: Sequence[Term], rests: Sequence[Term]
) -> Theorem:
    """|- left = right for two scans and what follows them, by induction for all values of the states.

    `inner` is what a step does first, and q its value; `there` are the values of the states at which the hypothesis is
    needed, `rests` what the scans do with the rest of the list.
    """

    def prove(left: Term, right: Term, known: Hypothesis | None) -> Theorem:
        if known is None:
            return joined(left, right)
        ok, *ends = (k.assume(inner, form) for form in outcomes(q))
        hypothesis = known(*there)

        def cases(pending: Sequence[Term], facts: tuple[Theorem, ...]) -> Theorem:
            if not pending:
                start, end = (_rewritten(side, facts) for side in (hypothesis.left, hypothesis.right))
                return joined(left, right, ok, *facts, both(k.sym(start), hypothesis, end))
            rest, *others = pending
            v = t.var(f"rest{len(others)}", argument_type(rest.type))
            forms = (cases(others, (*facts, k.assume(rest, form))) for form in outcomes(v))
            return k.outcome_cases(rest, v, *forms)

        return k.outcome_cases(inner, q, cases(rests, ()), *(joined(left, right, end) for end in ends))

    return by_states(states, left, right, prove)


def _rewritten(x: Term, facts: Sequence[Theorem]) -> Theorem:
    th = k.refl(x)
    for fact in facts:
        th = k.trans(th, replaced(th.right, fact))
    return th


@cache
def scan_of_steps(first: int, second: int) -> Theorem:
    """|- bind (scan g u (steps h s xs).1) (\\r. k r (steps h s xs).0)
    = bind (scan both (s, u) xs) (\\p. k (p.0.u, p.1) p.0.s)"""
    shape = Shape(first, second)
    (s, u), (old, state) = shape.states, shape.apart
    pair, made = t.type_of("prod", u.type, Z), t.type_of("prod", u.type, t.list_of(Z))
    h = t.var("h", t.fun(s.type, X, t.type_of("prod", s.type, Y)))
    g = t.var("g", t.fun(u.type, Y, t.outcome_of(pair)))
    r, q = t.var("r", made), t.var("q", pair)
    after = t.var("k", t.fun(made, s.type, t.outcome_of(t.type_variable("'r"))))
    there, here = t.app(h, old, ITEM), t.app(h, s, ITEM)
    both_next = t.tup(shape.together(t.proj(0, there), t.proj(0, q)), t.proj(1, q))
    step = shape.step(apply("bind", t.app(g, state, t.proj(1, there)), t.lam(q, apply("ok", both_next))))
    run = steps(h, s, LIST)
    left = apply("bind", apply("scan", g, u, t.proj(1, run)), t.lam(r, t.app(after, r, t.proj(0, run))))
    rests = (
        apply("scan", g, t.proj(0, q), t.proj(1, steps(h, t.proj(0, here), LIST))),
        apply("scan", step, shape.together(t.proj(0, here), t.proj(0, q)), LIST),
    )
    values = (t.proj(0, here), t.proj(0, q), _longer(after, t.proj(1, q)))
    inner = t.app(g, u, t.proj(1, here))
    return _with_elements((s, u, after), left, shape.scan(step, after), inner, q, values, rests)


@cache
def total_scan_of_scan(first: int, second: int) -> Theorem:
    """|- bind (scan f s xs) (\\q. k (steps g u q.1) q.0) = bind (scan both (s, u) xs) (\\p. k (p.0.u, p.1) p.0.s)"""
    shape = Shape(first, second)
    (s, u), (old, state) = shape.states, shape.apart
    pair, result = t.type_of("prod", s.type, Y), t.type_of("prod", s.type, t.list_of(Y))
    f = t.var("f", t.fun(s.type, X, t.outcome_of(pair)))
    g = t.var("g", t.fun(u.type, Y, t.type_of("prod", u.type, Z)))
    q, r = t.var("q", pair), t.var("r", result)
    made = t.type_of("prod", u.type, t.list_of(Z))
    after = t.var("k", t.fun(made, s.type, t.outcome_of(t.type_variable("'r"))))
    moved = t.app(g, state, t.proj(1, q))
    both_next = t.tup(shape.together(t.proj(0, q), t.proj(0, moved)), t.proj(1, moved))
    step = shape.step(apply("bind", t.app(f, old, ITEM), t.lam(q, apply("ok", both_next))))
    then = t.lam(r, t.app(after, steps(g, u, t.proj(1, r)), t.proj(0, r)))
    left = apply("bind", apply("scan", f, s, LIST), then)
    next_ = t.app(g, u, t.proj(1, q))
    rests = (
        apply("scan", f, t.proj(0, q), LIST),
        apply("scan", step, shape.together(t.proj(0, q), t.proj(0, next_)), LIST),
    )
    values = (t.proj(0, q), t.proj(0, next_), _longer(after, t.proj(1, next_)))
    return _with_elements((s, u, after), left, shape.scan(step, after), t.app(f, s, ITEM), q, values, rests)


def _longer(after: Term, element: Term) -> Term:
    """What follows a scan with this first element, of the scan of the rest: \\r s. k (r.0, element, r.1 ..) s"""
    assert after.type.args is not None
    r = t.var("r", after.type.args[0])
    s = t.var("s", t.domain(after.type.args[1]))
    return t.lams((r, s), t.app(after, t.tup(t.proj(0, r), apply("cons", element, t.proj(1, r))), s))


@cache
def map_of_scan() -> Theorem:
    """|- bind (scan f s xs) (\\q. k q.0 (map h q.1))
    = bind (scan (\\s x. bind (f s x) (\\p. ok (p.0, h p.1))) s xs) (\\q. k q.0 q.1)"""
    s, h = t.var("s", t.type_variable("'s")), t.var("h", t.fun(Y, Z))
    pair, result = t.type_of("prod", s.type, Y), t.type_of("prod", s.type, t.list_of(Y))
    f = t.var("f", t.fun(s.type, X, t.outcome_of(pair)))
    q, r, m = t.var("q", pair), t.var("r", result), t.var("m", t.type_of("prod", s.type, t.list_of(Z)))
    after = t.var("k", t.fun(s.type, t.list_of(Z), t.outcome_of(t.type_variable("'r"))))
    each = t.app(h, t.proj(1, q))
    step = t.lams((s, ITEM), apply("bind", t.app(f, s, ITEM), t.lam(q, apply("ok", t.tup(t.proj(0, q), each)))))
    mapped = t.lam(r, t.app(after, t.proj(0, r), apply("map", h, t.proj(1, r))))
    left = apply("bind", apply("scan", f, s, LIST), mapped)
    right = apply("bind", apply("scan", step, s, LIST), t.lam(m, t.app(after, t.proj(0, m), t.proj(1, m))))
    v, zs = t.var("v", s.type), t.var("zs", t.list_of(Z))
    longer = t.lams((v, zs), t.app(after, v, apply("cons", each, zs)))
    rests = tuple(apply("scan", g, t.proj(0, q), LIST) for g in (f, step))
    return _with_elements((s, after), left, right, t.app(f, s, ITEM), q, (t.proj(0, q), longer), rests)
