"""Untrusted. Short-cuts over the kernel's rules: congruence, matching, rewriting at the root and at given places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term, Ty


def chain(*theorems: Theorem | None) -> Theorem | None:
    """Transitivity over all that are not None (None: no change)."""
    whole: Theorem | None = None
    for th in theorems:
        if th is not None:
            whole = k.trans(whole, th) if whole else th
    return whole


def both(*theorems: Theorem | None) -> Theorem:
    """`chain` where something is known to change."""
    whole = chain(*theorems)
    assert whole is not None
    return whole


def arguments(x: Term) -> tuple[Term, list[Term]]:
    """Head and arguments of an application."""
    found: list[Term] = []
    while x.kind == "A":
        found.append(x.argument)
        x = x.function
    return x, found[::-1]


def head(x: Term) -> str:
    """Name of the head constant, the label for a defined one; else the kind of the term."""
    while x.kind == "A":
        x = x.function
    return x.name.partition("@")[0] if x.kind == "C" else x.kind


def congruence(function: Term, args: Sequence[Term], changes: Sequence[Theorem | None]) -> Theorem | None:
    """`function` applied to `args`, some of which change."""
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


def place(x: Term, old: Term) -> Term:
    """\\z. x, with z for every `old` in x."""
    z = t.var("place~", old.type)
    inside = t.transform(x, lambda u, _: z if u is old else None, lambda u, _: not old.free <= u.free)
    return t.lam(z, inside)


def replaced(x: Term, fact: Theorem) -> Theorem:
    """From |- old = new: |- x = x with `new` for every `old`."""
    th = k.app(k.refl(place(x, fact.left)), fact)
    return both(k.sym(k.beta(th.left)), th, k.beta(th.right))


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


def instance(th: Theorem, found: Mapping[Term, Term], types: Mapping[str, Ty]) -> Theorem:
    """The theorem with its type variables and then its variables (as they were named before) instantiated."""
    if types:
        th = k.inst_type(types, th)
    mapping = {t.instantiate_types(v, types): x for v, x in found.items()} if types else found
    return k.inst(mapping, th) if mapping else th


def rewrite(th: Theorem, x: Term) -> Theorem | None:
    """The theorem at the instance whose left side is `x`; None where there is none."""
    found: dict[Term, Term] = {}
    types: dict[str, Ty] = {}
    if not match(th.left, x, found, types):
        return None
    made = instance(th, found, types)
    return made if made.left is x else None


def axiom(name: str, **values: Term) -> Theorem:
    """The axiom with its variables given by name; the type variables follow from the values."""
    th = k.axiom(name)
    found = {v: values[v.name] for v in th.left.free | th.right.free if v.name in values}
    types: dict[str, Ty] = {}
    assert all(t.match_type(v.type, x.type, types) for v, x in found.items())
    return instance(th, found, types)


def discharge(th: Theorem, *facts: Theorem) -> Theorem:
    """Cuts every fact that is a hypothesis of `th`."""
    for fact in facts:
        if (fact.left, fact.right) in th.hypotheses:
            th = k.cut(fact, th)
    return th
