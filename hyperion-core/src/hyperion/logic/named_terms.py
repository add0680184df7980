"""Untrusted. Terms whose bound variables have names, as a graph in which equal sub-terms are one node.

In a locally nameless term the same value is another sub-term under each number of binders; here it is one node, of
which one can say how often it is used and which binders it needs.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from hyperion.logic.terms import Term, Ty

Form: TypeAlias = Literal["variable", "constant", "literal", "bound", "call", "apply", "function", "tuple", "item"]
Line: TypeAlias = "str | tuple[int, Rope]"
Rope: TypeAlias = "list[Line]"
"""Lines, and blocks of lines with what they are further indented."""

_LETTERS: Final = {"list": ("xs", "ys", "zs"), "fun": ("f", "g", "h"), "prod": ("p", "q", "r"), "outcome": ("o",)}
_OTHERS: Final = ("x", "y", "z", "u", "v", "w")


@dataclass(slots=True, eq=False)
class Node:
    """A term. `label` is the name of a leaf or of the constant that is called, `needs` the set of binders that it
    speaks of, as bits, `uses` the number of places where it stands. The rest is what was written for it."""

    form: Form
    label: str
    type: Ty
    children: tuple[Node, ...]
    needs: int
    uses: int = 0
    text: str = ""
    strength: int = 0
    lines: Rope | None = None
    parameters: deque[int] = field(default_factory=deque[int])


@dataclass(slots=True, eq=False)
class _Scope:
    """The binders around a term, innermost first; `counts` are the names used so far."""

    outer: _Scope | None
    binder: int
    counts: dict[str, int]


class NamedTerms:
    """The graph of all terms given to `node`."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.binders: list[tuple[str, Ty]] = []
        self._at: dict[tuple[Term, _Scope | None], Node] = {}
        self._opened: dict[tuple[Term, _Scope | None], _Scope] = {}
        self._known: dict[tuple[object, ...], Node] = {}

    def node(self, x: Term) -> Node:
        """The node of a term without loose bound variables."""
        stack: list[tuple[Term, _Scope | None, bool]] = [(x, None, False)]
        while stack:
            u, scope, ready = stack.pop()
            scope = scope if u.loose else None
            if (u, scope) in self._at:
                continue
            inner = self._open(u, scope) if u.kind == "L" else scope
            parts = _parts(u)
            if parts and not ready:
                stack.append((u, scope, True))
                stack.extend((p, inner, False) for p in reversed(parts))
            else:
                children = tuple(self._at[p, inner if p.loose else None] for p in parts)
                self._at[u, scope] = self._made(u, children, inner)
        return self._at[x, None]

    def _open(self, function: Term, scope: _Scope | None) -> _Scope:
        found = self._opened.get((function, scope))
        if found is None:
            counts = scope.counts if scope else {}
            letters = _LETTERS.get(function.bound_type.name, _OTHERS)
            free, number = {v.name for v in function.free}, counts.get(letters[0], 0)
            while (name := _numbered(letters, number)) in free:
                number += 1
            found = _Scope(scope, len(self.binders), counts | {letters[0]: number + 1})
            self.binders.append((name, function.bound_type))
            self._opened[function, scope] = found
        return found

    def _made(self, u: Term, children: tuple[Node, ...], scope: _Scope | None) -> Node:
        needs = 0
        for child in children:
            needs |= child.needs
        form, label = _form(u)
        if u.kind == "L":
            assert scope is not None
            needs &= ~(1 << scope.binder)
            label = str(scope.binder)
        elif u.kind == "B":
            for _ in range(u.index):
                assert scope is not None
                scope = scope.outer
            assert scope is not None
            needs, label = 1 << scope.binder, str(scope.binder)
        key = (form, label, u.type, *map(id, children))
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = Node(form, label, u.type, children, needs)
            if form == "function":
                found.parameters.append(int(label))
            self.nodes.append(found)
            for child in children:
                child.uses += 1
        return found


def _numbered(letters: tuple[str, ...], number: int) -> str:
    return letters[number] if number < len(letters) else f"{letters[0]}{number - len(letters) + 1}"


def _parts(u: Term) -> tuple[Term, ...]:
    """The sub-terms that are nodes: of an application its arguments, and its head where that is no constant."""
    if u.kind != "A":
        return u.children()
    found: list[Term] = []
    while u.kind == "A":
        found.append(u.argument)
        u = u.function
    if u.kind != "C":
        found.append(u)
    return tuple(reversed(found))


def _form(u: Term) -> tuple[Form, str]:
    match u.kind:
        case "V":
            return "variable", u.name
        case "C":
            return "constant", u.name
        case "K":
            return "literal", u.name
        case "B":
            return "bound", ""
        case "L":
            return "function", ""
        case "T":
            return "tuple", ""
        case "P":
            return "item", str(u.index)
        case "A":
            while u.kind == "A":
                u = u.function
            return ("call", u.name) if u.kind == "C" else ("apply", "")
