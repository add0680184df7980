r"""Untrusted search, checked theorems: what one access to an array says of another at the same index.

    {get trap xs i = ok v}                    le 0 i = true, le (add 1 i) (length xs) = true
    {update trap xs i w = ok ys}              the same, and length ys = length xs
    {get trap xs i = ok v}                    update d xs i w = update e xs i w
    {le 0 i, le (add 1 i) (length xs)}        update d xs i w = update e xs i w
    {le 0 i, le (add 1 i) (length xs)}        bind (get trap xs i) (\v. k) = k

An element is found, or replaced, by the same recursion; what is outside of the list has no part in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import TypeAlias

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, congruence
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import argument_type
from hyperion.logic.terms import Term
from hyperion_passes import lemmas
from hyperion_passes.derived import both, head, replaced, rewrite, value_of
from hyperion_passes.index_lemmas import D, E, get_inside, length_nonneg, moved, rewritten
from hyperion_passes.lemmas import basic
from hyperion_passes.list_lemmas import ITEM, LIST, X, joined, outcomes, run_with
from hyperion_passes.order_lemmas import MINUS, ONE, ZERO, A, add, at, by_cases, fact, holds, le, one_more

ELEMENT, NEW = t.var("v", X), t.var("w", X)
UPDATED = t.var("ys", LIST.type)
GIVEN, OTHER = (t.var(name, t.outcome_of(LIST.type)) for name in "de")
TRAP, NO_LIST = (t.const("trap", t.outcome_of(ty)) for ty in (X, LIST.type))


Side: TypeAlias = Callable[[Term], Term]
"""A term about a list, and about the index A."""
Facts: TypeAlias = Callable[[Theorem, "Theorem | None"], Sequence[Theorem]]


def get(d: Term, xs: Term = LIST) -> Term:
    return apply("get", d, xs, A)


def update(d: Term, xs: Term = LIST, new: Term = NEW) -> Term:
    return apply("update", d, xs, A, new)


def _everywhere(left: Side, right: Side, first: Side, facts: Facts = lambda c, rest: ()) -> Theorem:
    """|- left xs = right xs, which access xs at the index A, `first` before all; by induction on the list, for all
    indices at once. `facts` may say more at a first element, where `c` says that it is accessed, or after one, where
    `rest` says what holds of the rest of the list."""
    low = holds(le(ZERO, A))
    before, start, end = (t.lam(A, run_with(side(LIST), low).right) for side in (first, left, right))
    later = at(k.assume(start, end), add(MINUS, A))
    o = t.open_binder(before, add(MINUS, A))
    v = t.var("found", argument_type(o.type))

    def at_list(xs: Term) -> tuple[Term, Term]:
        first, last = (t.open_binder(t.substitute(loop, {LIST: xs}), A) for loop in (start, end))
        return first, last

    def step(c: Theorem) -> Theorem:
        sides = at_list(apply("cons", ITEM, LIST))
        if c.right is TRUE:
            return joined(*sides, c, *facts(c, None))
        cases: list[Theorem] = []
        for known in (k.assume(o, form) for form in outcomes(v)):  # what happens in the rest of the list
            rest = both(k.sym(replaced(later.left, known)), later, replaced(later.right, known))
            rest = both(k.sym(basic()(rest.left)), rest, basic()(rest.right))
            values = (value_of(rest),) if head(rest.left) == head(rest.right) == "ok" else ()
            cases.append(joined(*sides, c, known, rest, *values, *facts(c, rest)))
        return k.outcome_cases(o, v, *cases)

    base = k.abs_(A, joined(*at_list(t.const("nil", LIST.type))))
    over = k.abs_(A, by_cases(le(A, ZERO), step, step))
    th = at(k.list_induction(ITEM, LIST, start, end, base, over), A)

    def inside(c: Theorem) -> Theorem:
        first, last = (run_with(side(LIST), c) for side in (left, right))
        return both(first, th, k.sym(last))

    return by_cases(low.left, inside, lambda c: joined(left(LIST), right(LIST), c))


def _given(first: Side, v: Term, left: Side, right: Side) -> Theorem:
    """{first xs = ok v} |- left xs = right xs"""

    def after(side: Side) -> Side:
        return lambda xs: apply("bind", first(xs), t.lam(v, side(xs)))

    th = _everywhere(after(left), after(right), first)
    known = k.assume(first(LIST), apply("ok", v))
    sides: list[Theorem] = []
    for side in (th.left, th.right):
        given = replaced(side, known)
        taken = lemmas.sequencing_at(given.right)
        assert taken is not None
        sides.append(both(given, taken, k.beta(taken.right)))
    return both(k.sym(sides[0]), th, sides[1])


@cache
def update_after_get() -> Theorem:
    """{get trap xs i = ok v} |- update d xs i w = update e xs i w"""
    return _given(partial(get, TRAP), ELEMENT, partial(update, GIVEN), partial(update, OTHER))


@cache
def length_after_update() -> Theorem:
    """{update trap xs i w = ok ys} |- length ys = length xs"""

    def size(xs: Term) -> Term:
        return apply("ok", apply("length", xs))

    return value_of(_given(partial(update, NO_LIST), UPDATED, lambda _: size(UPDATED), size))


@cache
def inside_after_get() -> tuple[Theorem, Theorem]:
    """{get trap xs i = ok v} |- le 0 i = true, and |- le (add 1 i) (length xs) = true"""
    return _inside(partial(get, TRAP), ELEMENT)


@cache
def inside_after_update() -> tuple[Theorem, Theorem]:
    """{update trap xs i w = ok ys} |- le 0 i = true, and |- le (add 1 i) (length xs) = true"""
    return _inside(partial(update, NO_LIST), UPDATED)


def _inside(access: Side, v: Term) -> tuple[Theorem, Theorem]:
    """{access xs = ok v} |- le 0 i = true, and |- le (add 1 i) (length xs) = true"""

    def high(xs: Term) -> Term:
        return le(add(ONE, A), apply("length", xs))

    def tested(xs: Term) -> Term:
        return apply("outcase", access(xs), t.lam(v, high(xs)), TRUE, TRUE)

    def facts(c: Theorem, rest: Theorem | None) -> Sequence[Theorem]:
        """That an index plus one is at most a length plus one."""
        if rest is None:
            start = fact("int.le.trans", c, length_nonneg(), a=A, b=ZERO, c=apply("length", LIST))
            return (moved(start, ONE),)
        if rest.left is TRUE:
            return ()
        return (rewritten(moved(rest, ONE), one_more()),)

    whole = _everywhere(tested, lambda _: TRUE, access, facts)
    known = k.assume(access(LIST), apply("ok", v))
    taken = replaced(whole.left, known)
    taken = both(taken, rewrite(k.axiom("outcase.ok"), taken.right))
    above = both(k.sym(both(taken, k.beta(taken.right))), whole)

    def below(c: Theorem) -> Theorem:
        missing = both(k.sym(run_with(known.left, c)), known)  # trap = ok v
        return apart(missing, c.left, TRUE)

    return by_cases(le(ZERO, A), lambda c: c, below), above


@cache
def get_is_found(d: Term) -> Theorem:
    """|- outcase (get d xs i) (\\v. ok v) d d = get d xs i, for d a trap or a divergence."""
    ok = t.lam(ELEMENT, apply("ok", ELEMENT))
    return _everywhere(lambda xs: apply("outcase", get(d, xs), ok, d, d), partial(get, d), partial(get, d))


@cache
def update_inside() -> Theorem:
    """{le 0 i = true, le (add 1 i) (length xs) = true} |- update d xs i w = update e xs i w"""
    return _found(update_after_get())


@cache
def get_succeeds() -> Theorem:
    """{le 0 i = true, le (add 1 i) (length xs) = true} |- bind (get trap xs i) (\\v. k) = k"""
    k_ = t.var("k", t.outcome_of(t.type_variable("'k")))
    left = apply("bind", get(TRAP), t.lam(ELEMENT, k_))
    known = replaced(left, k.assume(get(TRAP), apply("ok", ELEMENT)))
    return _found(both(known, basic()(known.right)))


def _found(found: Theorem) -> Theorem:
    """From {get trap xs i = ok v} |- l = r: {le 0 i = true, le (add 1 i) (length xs) = true} |- l = r

    An element that is inside is found, since otherwise a trap would be a divergence."""
    o, diverge = get(TRAP), t.const("diverge", TRAP.type)
    same = k.inst({D: TRAP, E: diverge}, get_inside())  # get trap xs i = get diverge xs i

    def missing(form: Term, d: Term, there: Theorem) -> Theorem:
        """What is not `ok` is d, and here something else."""
        same_form = both(k.sym(there), k.assume(o, form))  # get d xs i = form
        whole = get_is_found(d)
        taken = replaced(whole.left, same_form)
        taken = both(taken, basic()(taken.right))
        return apart(both(k.sym(taken), whole, same_form), found.left, found.right)  # d = form

    trapped, diverged = missing(TRAP, diverge, same), missing(diverge, TRAP, k.refl(o))
    return k.outcome_cases(o, ELEMENT, found, trapped, diverged)


def apart(th: Theorem, left: Term, right: Term) -> Theorem:
    """From A |- o = p, two outcomes of different forms: A |- left = right."""
    values = {head(th.left): left, head(th.right): right}
    v = t.var("any~", argument_type(th.left.type))
    ok, trap, diverge = (values.get(form, left) for form in ("ok", "trap", "diverge"))
    function, args = arguments(apply("outcase", th.left, t.lam(v, ok), trap, diverge))
    middle = congruence(function, args, [th, None, None, None])
    assert middle is not None
    return both(k.sym(_picked(middle.left)), middle, _picked(middle.right))


def _picked(x: Term) -> Theorem:
    """|- outcase o f t d = what it gives for the form of o."""
    form = head(arguments(x)[1][0])
    th = rewrite(k.axiom(f"outcase.{form}"), x)
    assert th is not None
    return k.trans(th, k.beta(th.right)) if form == "ok" else th
