"""Untrusted. Expressions of loop bodies as plain terms, simplified without proofs: what a rung reads and builds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.terms import Term
from hyperion_proofs.derived import head

ZERO = literals.int_lit(0)


def cond(c: Term, a: Term, b: Term) -> Term:
    if c is TRUE or a is b:
        return a
    if c is FALSE:
        return b
    a, b = _within(c, a, 1), _within(c, b, 2)
    if a is b:
        return a
    if a is TRUE and b is FALSE:
        return c
    if head(c) == "cond" and a.type is t.BOOL:
        test, yes, no = arguments(c)[1]
        if yes is TRUE and a is TRUE:  # (test or no) or b
            return cond(test, TRUE, cond(no, TRUE, b))
    return apply("cond", c, a, b)


def _within(c: Term, branch: Term, side: int) -> Term:
    """A branch, where it tests the same again."""
    while head(branch) == "cond" and arguments(branch)[1][0] is c:
        branch = arguments(branch)[1][side]
    return branch


def both(p: Term, q: Term) -> Term:
    return FALSE if q is FALSE else cond(p, q, FALSE)


def either(p: Term, q: Term) -> Term:
    return TRUE if q is TRUE else cond(p, TRUE, q)


def negation(p: Term) -> Term:
    return cond(p, FALSE, TRUE)


def add(a: Term, b: Term) -> Term:
    if a is ZERO or b is ZERO:
        return b if a is ZERO else a
    if a.kind == "K" and b.kind == "K":
        return literals.int_lit(literals.int_value(a) + literals.int_value(b))
    return apply("add", a, b)


def pick(name: str, a: Term, b: Term) -> Term:
    """max or min."""
    if a is b:
        return a
    if a.kind == "K" and b.kind == "K":
        return max(a, b, key=literals.int_value) if name == "max" else min(a, b, key=literals.int_value)
    return apply(name, a, b)


def simplified(e: Term, known: Mapping[Term, Term]) -> Term:
    """`e` with some sub-terms replaced, and what follows from that for conditionals, sums and truth values."""
    memo: dict[Term, Term] = {}

    def go(u: Term) -> Term:
        if u in known:
            return known[u]
        if u not in memo:
            memo[u] = _simpler(u, go)
        return memo[u]

    return go(e)


def _simpler(u: Term, go: Callable[[Term], Term]) -> Term:
    if u.kind == "P":
        body = go(u.body)
        return body.items[u.index] if body.kind == "T" else t.proj(u.index, body)
    if u.kind == "T":
        return t.tup(*(go(i) for i in u.items))
    if u.kind != "A":
        return u
    function, args = arguments(u)
    match head(u), len(args):
        case "cond", 3:
            c = go(args[0])
            if c in (TRUE, FALSE):
                return go(args[1] if c is TRUE else args[2])
            return cond(c, go(args[1]), go(args[2]))
        case "and", 2:
            return both(go(args[0]), go(args[1]))
        case "or", 2:
            return either(go(args[0]), go(args[1]))
        case "not", 1:
            return negation(go(args[0]))
        case "add", 2:
            return add(go(args[0]), go(args[1]))
        case ("max" | "min") as name, 2:
            return pick(name, go(args[0]), go(args[1]))
        case _:
            parts = [go(a) for a in args]
            if all(p is a for p, a in zip(parts, args, strict=True)):
                return u
            x = t.app(function, *parts)
            return _computed(x, parts)


def _computed(x: Term, parts: Sequence[Term]) -> Term:
    if all(p.kind == "K" for p in parts):
        try:
            return k.compute(x).right
        except k.RuleError:
            return x
    return x


def tests(e: Term) -> Iterable[Term]:
    """The tests of the conditionals inside, without those that are conditionals themselves."""
    for u in t.subterms(e):
        if head(u) == "cond":
            function_args = arguments(u)[1]
            if len(function_args) == 3 and head(function_args[0]) != "cond":
                yield function_args[0]


def mentions(e: Term, atoms: Iterable[Term]) -> bool:
    """Whether an atom occurs, or the word of which an atom is the integer."""
    inside = set(t.subterms(e))
    return any(a in inside or (head(a).startswith("toZ.") and a.argument in inside) for a in atoms)
