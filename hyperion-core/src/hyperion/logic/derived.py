"""Untrusted. Short-cuts over the kernel's rules that every prover needs: spines, congruence, matching, cuts."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.kernel import Theorem
from hyperion.logic.sized import sized
from hyperion.logic.terms import Term, Ty


def arguments(x: Term) -> tuple[Term, list[Term]]:
    """Head and arguments of an application."""
    found: list[Term] = []
    while x.kind == "A":
        found.append(x.argument)
        x = x.function
    return x, found[::-1]


def congruence(function: Term, args: Sequence[Term], changes: Sequence[Theorem | None]) -> Theorem | None:
    """`function` applied to `args`, some of which change; None where none does."""
    if not any(changes):
        return None
    th = k.refl(function)
    for a, change in zip(args, changes, strict=True):
        th = k.app(th, change or k.refl(a))
    return th


def beta_spine(x: Term) -> Theorem:
    """|- (\\a. \\b. body) u v = body[u, v], as far as there are binders."""
    function, args = arguments(x)
    th = k.refl(function)
    for a in args:
        th = k.app(th, k.refl(a))
        if th.right.function.kind == "L":
            th = k.trans(th, k.beta(th.right))
    return th


def match(pattern: Term, x: Term, found: dict[Term, Term], types: dict[str, Ty]) -> bool:
    """One-way matching; a variable of the pattern stands for a term without loose bound variables."""
    match pattern.kind:
        case "V":
            if x.loose or not t.match_type(pattern.type, x.type, types):
                return False
            return found.setdefault(pattern, x) is x
        case "C":
            return x.kind == "C" and pattern.name == x.name and t.match_type(pattern.type, x.type, types)
        case "K":
            return pattern is x
        case "B":
            return x.kind == "B" and pattern.index == x.index
        case "P" if x.kind != "P" or pattern.index != x.index:
            return False
        case "L" if x.kind != "L" or not t.match_type(pattern.bound_type, x.bound_type, types):
            return False
        case _:
            pairs = zip(pattern.children(), x.children(), strict=False)
            return (
                pattern.kind == x.kind
                and len(pattern.children()) == len(x.children())
                and all(match(p, y, found, types) for p, y in pairs)
            )


def discharge(th: Theorem, *facts: Theorem) -> Theorem:
    """Cuts every fact that is a hypothesis of `th`."""
    for fact in facts:
        if (fact.left, fact.right) in th.hypotheses:
            th = k.cut(fact, th)
    return th


def is_sized(th: Theorem) -> bool:
    """Whether the theorem is |- sized f = sized g."""
    wrapper = sized(th.left.type)
    return wrapper is not None and all(x.kind == "A" and x.function is wrapper for x in (th.left, th.right))


def as_sized(th: Theorem) -> Theorem:
    """From |- f = g, or from that itself: |- sized f = sized g."""
    wrapper = sized(th.left.type)
    return th if wrapper is None or is_sized(th) else k.app(k.refl(wrapper), th)


def composed(theorems: Sequence[Theorem]) -> Theorem | None:
    """|- a = z from |- a = b, |- b = c, ..; |- sized a = sized z where one of them is about arrays that exist."""
    if any(map(is_sized, theorems)):
        theorems = [as_sized(th) for th in theorems]
    whole: Theorem | None = None
    for th in theorems:
        whole = th if whole is None else k.trans(whole, th)
    return whole
