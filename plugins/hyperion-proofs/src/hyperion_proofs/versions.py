"""Untrusted. Two versions of a loop: a fast one where a test holds, the loop as written otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from hyperion.ir.function import Equation, Function, Region, Value
from hyperion.logic import kernel as k
from hyperion.logic.compute import TRUE
from hyperion.logic.derived import arguments
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import Effect
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, by_cases, chain, cond_is, exhausted, head
from hyperion_proofs.sites import Site
from hyperion_proofs.unfolding import bind_value

Prove = Callable[[Theorem], Theorem]
ProveOutcome = Callable[[Theorem, Term], Theorem]


def versioned(
    site: Site,
    before: Sequence[Equation],
    test: Value,
    results: Sequence[Value],
    prove: Prove,
    inside: Sequence[Equation] = (),
    other: Region | None = None,
    slow: Callable[[Term], Theorem] | None = None,
) -> tuple[Function, Theorem]:
    """`before`, then `if test {inside; results} {the loop}`, equal to the source function. All of `before` and `inside`
    is total; `prove(|- test = true)` gives |- loop = ok results. With `other` in the place of the loop, `slow(o)` gives
    |- loop = o, for the outcome o of `other`."""
    fast = Region((), tuple(inside), tuple(results))
    return versioned_by(site, before, test, fast, lambda known, o: _as(prove(known), o), other, slow)


def versioned_by(
    site: Site,
    before: Sequence[Equation],
    test: Value,
    fast: Region,
    prove: ProveOutcome,
    other: Region | None = None,
    slow: Callable[[Term], Theorem] | None = None,
) -> tuple[Function, Theorem]:
    """As `versioned`, for a region that may trap: `prove(|- test = true, o)` gives |- loop = o, for its outcome o."""
    site.define(before)
    choose = _choice(site, test, fast, other)
    chosen = _outcome(site, choose)
    th = _by_test(site.loop_outcome(), chosen, prove, slow)
    function = site.replaced([*before, choose])
    return function, site.conclude(th, function)


def versioned_together(
    site: Site,
    outer: Sequence[Equation],
    same: Value,
    before: Sequence[Equation],
    test: Value | None,
    results: Sequence[Value],
    prove: Prove,
) -> tuple[Function, Theorem]:
    """For a loop over several arrays: `outer`, then `if same { before; if test {results} {the loop} } {the loop}`.
    `same` says that the arrays have one length. Without a test, the results are right wherever that holds.
    `prove(|- test = true)` gives |- loop over the list of pairs = ok results; so does `prove(|- same = true)`."""
    site.define(outer)
    fast = Region((), tuple(before), tuple(results))
    if test is not None:
        inner = _choice(site, test, Region((), (), tuple(results)))
        again = tuple(site.names.fresh(r.name, r.type) for r in inner.results)
        inner = replace(inner, results=again, regions=(inner.regions[0], site.names.copy(inner.regions[1])))
        fast = Region((), (*before, inner), again)
    choose = _choice(site, same, fast)
    chosen = _outcome(site, choose)
    loop = site.loop_outcome()

    def proved(known: Theorem, o: Term) -> Theorem:
        return _as(prove(known), o)

    def case(known: Theorem) -> Theorem:
        picked = cond_is(known, chosen)
        if known.right is not TRUE:
            return k.sym(picked)
        first, last = settled(known, loop), settled(known, picked.right)
        middle = _by_test(first.right, last.right, proved) if test else _as(prove(known), last.right)
        return chain(first, middle, k.sym(last), k.sym(picked))

    th = by_cases(arguments(chosen)[1][0], loop, chosen, case)
    function = site.replaced([*outer, choose])
    return function, site.conclude(th, function)


def settled(known: Theorem, x: Term) -> Theorem:
    """|- x = x with the conditionals on a decided test resolved, binds of values run, tuples taken apart."""

    def rule(u: Term) -> Theorem | None:
        name, (_, args) = head(u), arguments(u)
        if name == "cond" and len(args) == 3 and args[0] is known.left:
            return cond_is(known, u)
        if name == "bind" and len(args) == 2 and head(args[0]) == "ok":
            return bind_value(u)
        if u.kind == "P" and u.body.kind == "T":
            return k.projbeta(u)
        return None

    return exhausted(x, rule)


def _choice(site: Site, test: Value, fast: Region, other: Region | None = None) -> Equation:
    """`if test {fast} {the loop}`, or `{other}`, with the loop's results."""
    again = tuple(site.names.fresh(r.name, r.type) for r in site.equation.results)
    fallback = Region((), (replace(site.equation, results=again),), again)
    return Equation(site.equation.results, "if", (test,), (), (fast, other or fallback), site.equation.span)


def _outcome(site: Site, equation: Equation) -> Term:
    found = site.denotation.equation(equation, site.env)
    assert isinstance(found, Effect)
    return found.outcome


def _by_test(loop: Term, chosen: Term, prove: ProveOutcome, slow: Callable[[Term], Theorem] | None = None) -> Theorem:
    """|- loop = chosen, for chosen = cond test o loop, or where `slow` proves it the last."""

    def case(known: Theorem) -> Theorem:
        picked = k.sym(cond_is(known, chosen))
        if known.right is not TRUE:
            return picked if slow is None else k.trans(slow(picked.left), picked)
        return k.trans(prove(known, picked.left), picked)

    return by_cases(arguments(chosen)[1][0], loop, chosen, case)


def _as(fast: Theorem, wanted: Term) -> Theorem:
    """From |- loop = ok r: |- loop = ok (r.0, r.1, ..), where that is wanted."""
    if fast.right is not wanted:
        fast = k.trans(fast, k.app(k.refl(fast.right.function), k.sym(k.tupeta(fast.right.argument))))
    if fast.right is not wanted:
        raise NoProof("the parallel form denotes something else")
    return fast
