"""Untrusted. Short-cuts over the kernel's rules: congruence, matching, rewriting at the root and at given places."""

from __future__ import annotations

from collections.abc import Mapping

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, congruence, match
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


def head(x: Term) -> str:
    """Name of the head constant, the label for a defined one; else the kind of the term."""
    while x.kind == "A":
        x = x.function
    return x.name.partition("@")[0] if x.kind == "C" else x.kind


def place(x: Term, old: Term) -> Term:
    """\\z. x, with z for every `old` in x."""
    z = t.var("place~", old.type)
    inside = t.transform(x, lambda u, _: z if u is old else None, lambda u, _: not old.free <= u.free)
    return t.lam(z, inside)


def replaced(x: Term, fact: Theorem) -> Theorem:
    """From |- old = new: |- x = x with `new` for every `old`."""
    th = k.app(k.refl(place(x, fact.left)), fact)
    return both(k.sym(k.beta(th.left)), th, k.beta(th.right))


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
    return named(k.axiom(name), **values)


def named(th: Theorem, **values: Term) -> Theorem:
    """The theorem with its variables given by name; the type variables follow from the values."""
    sides = [side for equation in ((th.left, th.right), *th.hypotheses) for side in equation]
    found = {v: values[v.name] for side in sides for v in side.free if v.name in values}
    types: dict[str, Ty] = {}
    assert all(t.match_type(v.type, x.type, types) for v, x in found.items())
    return instance(th, found, types)


def value_of(th: Theorem) -> Theorem:
    """From A |- ok l = ok r: A |- l = r, since both are what outcase gives."""
    value = th.left.argument
    v = t.var("any~", value.type)
    function, args = arguments(apply("outcase", th.left, t.lam(v, v), value, value))
    first = rewrite(k.axiom("outcase.ok"), t.app(function, *args))
    last = rewrite(k.axiom("outcase.ok"), t.app(function, th.right, *args[1:]))
    middle = congruence(function, args, [th, None, None, None])
    assert first is not None
    assert last is not None
    return both(k.sym(k.beta(first.right)), k.sym(first), middle, last, k.beta(last.right))
