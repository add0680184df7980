"""Untrusted. Short-cuts over the kernel's rules that every prover needs: spines, congruence, matching, cuts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.effort import checkpoint
from hyperion.logic.kernel import Theorem
from hyperion.logic.sized import sized
from hyperion.logic.terms import Term, Ty


class NoProof(Exception):
    """A tactic did not reach its goal; the message says which."""


MEMORY = 1 << 14
"""Theorems of a kind that are remembered: proofs by cases, and of several laws, ask for the same ones again."""


@lru_cache(maxsize=MEMORY)
def refl(x: Term) -> Theorem:
    """|- x = x"""
    return k.refl(x)


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
    th = refl(function)
    for a, change in zip(args, changes, strict=True):
        th = k.app(th, change or refl(a))
    return th


def beta_spine(x: Term) -> Theorem:
    """|- (\\a. \\b. body) u v = body[u, v], as far as there are binders."""
    function, args = arguments(x)
    th = refl(function)
    for a in args:
        th = k.app(th, refl(a))
        if th.right.function.kind == "L":
            th = k.trans(th, k.beta(th.right))
    return th


def match(pattern: Term, x: Term, found: dict[Term, Term], types: dict[str, Ty]) -> bool:
    """One-way matching; a variable of the pattern stands for a term without loose bound variables."""
    if pattern.kind == "V":
        return not x.loose and _match_type(pattern.type, x.type, types) and found.setdefault(pattern, x) is x
    if pattern.kind != x.kind:
        return False
    match pattern.kind:
        case "C":
            return pattern.name == x.name and _match_type(pattern.type, x.type, types)
        case "K":
            return pattern is x
        case "B":
            return pattern.index == x.index
        case "P" if pattern.index != x.index:
            return False
        case "L" if not _match_type(pattern.bound_type, x.bound_type, types):
            return False
        case _:
            parts, others = pattern.children(), x.children()
            pairs = zip(parts, others, strict=False)
            return len(parts) == len(others) and all(match(p, y, found, types) for p, y in pairs)


def _match_type(pattern: Ty, ty: Ty, types: dict[str, Ty]) -> bool:
    return pattern is ty if not pattern.variables else t.match_type(pattern, ty, types)


def discharge(th: Theorem, *facts: Theorem) -> Theorem:
    """Cuts every fact that is a hypothesis of `th`."""
    for fact in facts:
        if (fact.left, fact.right) in th.hypotheses:
            th = k.cut(fact, th)
    return th


def chain(*theorems: Theorem | None) -> Theorem:
    """Transitivity over all that are not None (None: no change)."""
    present = [th for th in theorems if th is not None]
    if not present:
        raise NoProof("an empty chain of equations")
    result = present[0]
    for th in present[1:]:
        result = k.trans(result, th)
    return result


def join(first: Theorem | None, second: Theorem | None) -> Theorem | None:
    return k.trans(first, second) if first and second else first or second


def head(x: Term) -> str:
    """Name of the head constant; the label for a defined one; empty where there is none."""
    while x.kind == "A":
        x = x.function
    return x.name.partition("@")[0] if x.kind == "C" else ""


@cache
def axiom_at(name: str, types: tuple[tuple[str, Ty], ...] = ()) -> Theorem:
    th = k.axiom(name)
    return k.inst_type(dict(types), th) if types else th


def use(name: str, x: Term) -> Theorem | None:
    """The axiom `name` with its left side instantiated to `x`; its hypotheses, instantiated, remain."""
    checkpoint()
    return _used(name, x) if ":" not in name else _instantiated(name, x)


@lru_cache(maxsize=MEMORY)
def _used(name: str, x: Term) -> Theorem | None:
    """Of the core's axioms, which never change."""
    return _instantiated(name, x)


def _instantiated(name: str, x: Term) -> Theorem | None:
    th = k.axiom(name)
    found: dict[Term, Term] = {}
    types: dict[str, Ty] = {}
    if not match(th.left, x, found, types):
        return None
    if types:
        th = axiom_at(name, tuple(sorted(types.items())))
        found = {t.instantiate_types(v, types): y for v, y in found.items()}
    return k.inst(found, th) if found else th


def cond_is(c: Theorem, x: Term) -> Theorem:
    """From |- c = true (or false): |- cond c a b = a (or b), for x = cond c a b."""
    function, (_, a, b) = arguments(x)
    swapped = k.app(k.app(k.app(refl(function), c), refl(a)), refl(b))
    step = use("cond.true" if c.right is TRUE else "cond.false", swapped.right)
    assert step is not None
    return k.trans(swapped, step)


def is_sized(th: Theorem) -> bool:
    """Whether the theorem is |- sized f = sized g."""
    wrapper = sized(th.left.type)
    return wrapper is not None and all(x.kind == "A" and x.function is wrapper for x in (th.left, th.right))


def as_sized(th: Theorem) -> Theorem:
    """From |- f = g, or from that itself: |- sized f = sized g."""
    wrapper = sized(th.left.type)
    return th if wrapper is None or is_sized(th) else k.app(refl(wrapper), th)


def composed(theorems: Sequence[Theorem]) -> Theorem | None:
    """|- a = z from |- a = b, |- b = c, ..; |- sized a = sized z where one of them is about arrays that exist."""
    if any(map(is_sized, theorems)):
        theorems = [as_sized(th) for th in theorems]
    whole: Theorem | None = None
    for th in theorems:
        whole = th if whole is None else k.trans(whole, th)
    return whole


def extensionality(v: Term, th: Theorem) -> Theorem:
    """From A |- f v = g v, where v is free in none of A, f and g: A |- f = g."""
    step = k.abs_(v, th)
    return k.trans(k.trans(k.sym(k.eta(step.left)), step), k.eta(step.right))
