"""Untrusted. Elements that the body of a recursion reads: an access gives a value or traps, and never diverges."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, head
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import at, by_cases, chain, cond_is, unfold, use
from hyperion_proofs.loop import HEAD, XS, X
from hyperion_proofs.recursions.affine import Facts
from hyperion_proofs.recursions.outcomes import ending, rewritten
from hyperion_proofs.recursions.reading import Reader
from hyperion_proofs.unfolding import nil_cons, sure

_I = t.var("i", t.INT)
_TRAP = t.const("trap", t.outcome_of(X))


def accesses(x: Term) -> Iterator[Term]:
    """The accesses to arrays in a term, at places that do not depend on what was read before."""
    for u in t.subterms(x):
        if head(u) == "get" and len(arguments(u)[1]) == 3 and not u.loose:
            yield u


def access_ends(x: Term) -> Theorem:
    """|- ending o = o for an access o that traps outside of the array."""
    _, (_, xs, i) = arguments(x)
    assert xs.type.args is not None
    types = {X.name: xs.type.args[0]}
    th = k.inst_type(types, _ends())
    return k.inst({t.instantiate_types(XS, types): xs, _I: i}, th)


@cache
def _ends() -> Theorem:
    """|- ending (get trap xs i) = get trap xs i."""
    opened = unfold("get", _get(XS))
    chosen = arguments(opened.right)[1][1]  # listrec .. xs i
    test = arguments(opened.right)[1][0]
    inner = at(_along(chosen.function), _I)

    def case(known: Theorem) -> Theorem:
        picked = k.trans(opened, cond_is(known, opened.right))
        moved = rewritten(ending(opened.left), {opened.left: picked})
        if known.right is TRUE:
            return chain(moved, inner, k.sym(picked))
        return chain(moved, Reader(Facts())(moved.right), k.sym(picked))

    return by_cases(test, ending(opened.left), opened.left, case)


def _get(xs: Term) -> Term:
    return apply("get", _TRAP, xs, _I)


def _along(function: Term) -> Theorem:
    """|- (\\i. ending (listrec .. xs i)) = (\\i. listrec .. xs i), by induction on xs."""
    recursor = function.function  # listrec .. without its list

    def sides(xs: Term) -> tuple[Term, Term]:
        o = t.app(recursor, xs, _I)
        return t.lam(_I, ending(o)), t.lam(_I, o)

    nil, cons = nil_cons(HEAD, XS)
    ih = k.assume(*sides(XS))

    def case(xs: Term) -> Theorem:
        o = t.app(recursor, xs, _I)
        first = t.app(recursor, xs)
        step = sure(use("listrec.nil", first) or use("listrec.cons", first))
        read = Reader(Facts())
        opened = k.app(step, k.refl(_I))
        opened = k.trans(opened, read(opened.right))
        moved = rewritten(ending(o), {o: opened})
        pushed = k.trans(moved, read(moved.right))  # cond (i <= 0) (ok x) (ending (listrec .. ys (i - 1)))
        rest = next((u for u in t.subterms(pushed.right) if head(u) == "outcase" and len(arguments(u)[1]) == 4), None)
        if rest is not None:
            again = at(ih, arguments(rest)[1][0].argument)
            pushed = k.trans(pushed, rewritten(pushed.right, {rest: again}))
        return k.abs_(_I, k.trans(pushed, k.sym(opened)))

    return k.list_induction(HEAD, XS, *sides(XS), case(nil), case(cons))
