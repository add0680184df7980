"""The shape of a term as a path in a discrimination tree.

The term is read in preorder; what lies between two literals is one symbol, a hash. A literal is a symbol of its own, or
a wildcard of its type. A larger part whose shape came before is written as a reference to it, so that a path is as
long as the term's graph, not as the tree that it stands for; literals in such a part are compared when a candidate is
matched.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from hashlib import sha256

from hyperion.logic import terms as t
from hyperion.logic.terms import Term

MOST_NODES = 20_000
"""Symbols of a path; a term that needs more has no shape, and is found by its key alone."""
SMALL = 12  # nodes of a part that is written again each time

Step = tuple[str, ...]
"""The symbols that fit at this place of a path: one, or a literal and its wildcard."""


def path(x: Term, holes: Collection[Term] | None = None) -> list[Step] | None:
    """The path of a pattern: `holes` are the literals that stand for any of their type, None where all do. None for a
    term that is too large."""
    found: list[Step] = []
    between = sha256()
    for count, symbol in enumerate(_symbols(x)):
        if count > MOST_NODES:
            return None
        if isinstance(symbol, str):
            between.update(symbol.encode() + b"\0")
            continue
        found.append((between.hexdigest()[:32],))
        between = sha256()
        exact, wild = f"{symbol.type} {symbol.name}", f"{symbol.type} *"
        found.append((wild,) if holes is None or symbol in holes else (exact,))
    return [*found, (between.hexdigest()[:32],)]


def query(x: Term) -> list[Step] | None:
    """The path to look a term up by: where it has a literal, both the literal and the wildcard fit."""
    found = path(x, ())
    return found and [s if " " not in s[0] else (s[0], f"{s[0].rpartition(' ')[0]} *") for s in found]


def _symbols(x: Term) -> Iterator[str | Term]:
    """The term in preorder: literals as they are, all else as text."""
    numbers: dict[Term, int] = {}
    whole = skeleton(x)
    sizes = _sizes(whole)
    stack = [(x, whole)]
    while stack:
        u, shape = stack.pop()
        if u.kind == "K":
            yield u
        elif not u.children():
            yield f"{u.kind} {u.index if u.kind == 'B' else u.name} {u.type}"
        elif shape in numbers:
            yield f"# {numbers[shape]}"
        else:
            if sizes[shape] > SMALL:
                numbers[shape] = len(numbers)
            yield f"{u.kind} {u.index if u.kind == 'P' else ''} {u.type}"
            stack.extend(reversed(list(zip(u.children(), shape.children(), strict=True))))


def skeleton(x: Term) -> Term:
    """The term with one variable for all literals of a type: equal for terms of one shape."""
    return t.transform(x, lambda u, _: t.var("*", u.type) if u.kind == "K" else None, lambda u, _: False)


def _sizes(x: Term) -> dict[Term, int]:
    """The nodes of the tree that each part stands for, as far as they are few."""
    sizes: dict[Term, int] = {}
    for u in t.subterms(x):
        sizes[u] = min(1 + sum(sizes[c] for c in u.children()), SMALL + 1)
    return sizes
