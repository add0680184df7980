"""Instances of theorems: one-way matching of their left sides, and fresh variables."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term, Ty

_counter = itertools.count()


def fresh(ty: Ty, hint: str = "v") -> Term:
    """A variable that no other term has."""
    return t.var(f"{hint}~{next(_counter)}", ty)


def match(pattern: Term, x: Term, found: dict[Term, Term], types: dict[str, Ty], fixed: frozenset[Term]) -> bool:
    """Extends `found` and `types` so that `pattern` becomes `x`; variables in `fixed` stand for themselves. A variable
    stands for a term without loose bound variables."""
    stack = [(pattern, x)]
    while stack:
        p, y = stack.pop()
        if p is y and not p.free and not p.type.variables:
            continue
        match p.kind:
            case "V" if p not in fixed:
                if y.loose or not t.match_type(p.type, y.type, types) or found.setdefault(p, y) is not y:
                    return False
            case "V" | "K":
                if p is not y:
                    return False
            case "C":
                if y.kind != "C" or p.name != y.name or not t.match_type(p.type, y.type, types):
                    return False
            case _:
                if p.kind != y.kind or p.index != y.index or len(p.children()) != len(y.children()):
                    return False
                if p.kind in "BL" and not t.match_type(p.type, y.type, types):
                    return False
                stack.extend(zip(reversed(p.children()), reversed(y.children()), strict=True))
    return True


def instance(th: Theorem, found: Mapping[Term, Term], types: Mapping[str, Ty]) -> Theorem:
    """The theorem where its variables are replaced as `match` found."""
    if types and not all(t.type_variable(name) is ty for name, ty in types.items()):
        th = k.inst_type(types, th)
        found = {t.var(v.name, t.instantiate_type(v.type, types)): x for v, x in found.items()}
    return k.inst(found, th) if found else th


def at(th: Theorem, x: Term, fixed: frozenset[Term] = frozenset()) -> Theorem | None:
    """The instance of `th` whose left side is `x`, with its hypotheses; None where there is none."""
    found: dict[Term, Term] = {}
    types: dict[str, Ty] = {}
    return instance(th, found, types) if match(th.left, x, found, types, fixed) else None


def free_variables(th: Theorem) -> frozenset[Term]:
    """Those of the sides and of the hypotheses."""
    sides = [th.left, th.right, *(side for equation in th.hypotheses for side in equation)]
    return frozenset[Term]().union(*(side.free for side in sides))
