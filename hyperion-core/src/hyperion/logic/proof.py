"""The proof file: a theorem's derivation as types, terms and steps, each referring to earlier ones only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, cast  # Any: JSON values

from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term, Ty, digest, subterms

FORMAT = "hyperion-proof"
VERSION = 1


@dataclass(frozen=True, slots=True, eq=False)
class ProofFile:
    """A proof in the proof file format, as JSON text: what is left of a theorem that was made in another process.

    It is no theorem; what it shows, only the checker can say.
    """

    text: bytes

    def value(self) -> Mapping[str, Any]:
        """The proof as JSON values. Raises ValueError or RecursionError for a text that is no JSON."""
        return json.loads(self.text)


Proof: TypeAlias = Theorem | ProofFile
"""What the checker can be asked about."""


def steps(theorem: Theorem) -> list[Theorem]:
    """Every theorem of the derivation, premises before conclusions."""
    order: list[Theorem] = []
    seen: set[int] = set()
    stack = [(theorem, False)]
    while stack:
        th, ready = stack.pop()
        if ready:
            order.append(th)
        elif id(th) not in seen:
            seen.add(id(th))
            stack.append((th, True))
            stack.extend((p, False) for p in th.premises)
    return order


class _Tables:
    def __init__(self) -> None:
        self.types: list[Any] = []
        self.terms: list[Any] = []
        self._type_index: dict[Ty, int] = {}
        self._term_index: dict[Term, int] = {}

    def type(self, ty: Ty) -> int:
        found = self._type_index.get(ty)
        if found is None:
            entry = ["var", ty.name] if ty.args is None else ["con", ty.name, *map(self.type, ty.args)]
            found = self._type_index[ty] = len(self.types)
            self.types.append(entry)
        return found

    def term(self, x: Term) -> int:
        if x not in self._term_index:
            for u in subterms(x):
                if u not in self._term_index:
                    entry = self._entry(u)
                    self._term_index[u] = len(self.terms)
                    self.terms.append(entry)
        return self._term_index[x]

    def _entry(self, u: Term) -> list[Any]:
        children = [self._term_index[c] for c in u.children()]
        match u.kind:
            case "V" | "B" | "C":
                return [u.kind, u.index if u.kind == "B" else u.name, self.type(u.type)]
            case "K":
                return ["K", self.type(u.type), u.name]
            case "L":
                return ["L", self.type(u.bound_type), *children]
            case "P":
                return ["P", u.index, *children]
            case _:
                return [u.kind, *children]

    def argument(self, x: object) -> Any:
        """A rule's argument: terms and types by index, a substitution as a list of pairs."""
        match x:
            case Term():
                return self.term(x)
            case Ty():
                return self.type(x)
            case tuple():
                return [list(map(self.argument, pair)) for pair in sorted(cast("_Pairs", x), key=_name_of)]
            case _:
                return x


_Pairs: TypeAlias = tuple[tuple[Term | str, Term | Ty], ...]


def _name_of(pair: tuple[Term | str, Term | Ty]) -> str:
    """What pairs are sorted by, substitutions and hypotheses: their order means nothing, it may be that of a set."""
    replaced = pair[0]
    if isinstance(replaced, str):
        return replaced
    return f"{replaced.name} {replaced.type}" if replaced.kind == "V" else digest(replaced)


def export(theorem: Theorem) -> dict[str, Any]:
    """The proof of `theorem` in the proof file format."""
    tables = _Tables()
    index: dict[int, int] = {}
    rows: list[Any] = []
    for th in steps(theorem):
        index[id(th)] = len(rows)
        rows.append([th.rule, *map(tables.argument, th.arguments), *(index[id(p)] for p in th.premises)])
    return {"format": FORMAT, "version": VERSION, "types": tables.types, "terms": tables.terms, "steps": rows}


def file_of(proof: Proof) -> ProofFile:
    """The proof file of a theorem: equal bytes for equal derivations, in one line."""
    if isinstance(proof, ProofFile):
        return proof
    return ProofFile(text_of(export(proof)))


def text_of(value: Mapping[str, Any]) -> bytes:
    """The text of a proof file, in one line."""
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def value_of(proof: Proof) -> Mapping[str, Any]:
    """The proof as JSON values."""
    return export(proof) if isinstance(proof, Theorem) else proof.value()
