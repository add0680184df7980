"""The proof file: a theorem's derivation as types, terms and steps, each referring to earlier ones only.

Written in version 2 (docs/reference/proof-format.md), a line for each entry. Version 1, one JSON object, is what module
files keep, on one line.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias, cast  # Any: JSON values

from hyperion.errors import ProofError
from hyperion.logic.kernel import Sequent, Theorem
from hyperion.logic.terms import Term, Ty, digest
from hyperion.logic.theory import statement_digest

FORMAT = "hyperion-proof"
TYPES = frozenset(["var", "con"])
TERMS = frozenset("VBCKALTP")
MOST_BYTES = 1 << 30


@dataclass(frozen=True, slots=True, eq=False)
class ProofFile:
    """A proof in the proof file format, of either version: what is left of a theorem that was made in another process.

    It is no theorem; what it shows, only the checker can say.
    """

    text: bytes

    @property
    def digest(self) -> str:
        """The sha256 of the text."""
        return hashlib.sha256(self.text).hexdigest()

    def value(self) -> Mapping[str, Any]:
        """The proof as the JSON values of version 1. Raises ValueError or RecursionError for a text that is no JSON."""
        if self.text.lstrip()[:1] == b"{":
            return json.loads(self.text)
        rows = [json.loads(line) for line in self.text.splitlines()[1:-1]]
        types = [r for r in rows if r[0] in TYPES]
        terms = [r for r in rows if r[0] in TERMS]
        steps = [r[:2] if r[0] == "axiom" else r for r in rows if r[0] not in TYPES and r[0] not in TERMS]
        return _version_1(types, terms, steps)

    def packed(self) -> bytes:
        """The text, compressed with zlib, as `.hyp` files hold it."""
        return zlib.compress(self.text)

    @classmethod
    def unpack(cls, data: bytes, limit: int = MOST_BYTES) -> ProofFile:
        """From a file's bytes, compressed with zlib or gzip or as they are.

        Raises ProofError (HY7001) for damaged data, for what is no ASCII, and for a text of more than `limit` bytes.
        """
        text, whole = data, True
        if data[:1] in (b"\x78", b"\x1f"):
            decoder = zlib.decompressobj(zlib.MAX_WBITS | 32)
            try:
                text = decoder.decompress(data, limit + 1)
            except zlib.error as error:
                raise ProofError("HY7001", f"the proof file is damaged: {error}") from None
            whole = decoder.eof and not decoder.unused_data
        if len(text) > limit:
            raise ProofError("HY7001", f"the proof file has more than {limit} bytes of text")
        if not whole:
            raise ProofError("HY7001", "the proof file is damaged: its compressed text has no end, or more after it")
        if not text.isascii():
            hints = ["`hyperion explain --proof` writes one"]
            raise ProofError("HY7001", "it is no proof file, which is ASCII text, compressed or not", hints=hints)
        return cls(text)


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
        elif id(th) not in seen:  # a forged theorem may be its own premise: that ends, too
            seen.add(id(th))
            stack.append((th, True))
            stack += [(p, False) for p in th.premises if id(p) not in seen]
    return order


def _needed(theorem: Theorem) -> list[tuple[Theorem, list[int]]]:
    """What the derivation needs, premises before conclusions, with the places of its premises."""
    found = _distinct(theorem)
    if any(max(premises, default=-1) >= place for place, (_, premises) in enumerate(found)):
        return found  # in a circle: for the checker to refuse
    places: dict[int, int] = {}
    needed: list[tuple[Theorem, list[int]]] = []
    stack = [len(found) - 1]
    while stack:
        here = stack[-1]
        th, premises = found[here]
        missing = () if here in places else [p for p in premises if p not in places]
        if missing:
            stack += missing
        elif stack.pop() not in places:
            places[here] = len(needed)
            needed.append((th, [places[p] for p in premises]))
    return needed


def _distinct(theorem: Theorem) -> list[tuple[Theorem, list[int]]]:
    """The same with more than is needed; the last is the theorem. Of those that say the same the first is taken:
    strategies often prove the same again."""
    order: list[Theorem] = []
    places: dict[int, int] = {}
    known: dict[Sequent, int] = {}
    seen: set[int] = set()
    stack = [(theorem, False)]
    while stack:
        th, ready = stack.pop()
        if id(th) in places:
            continue
        sequent = th.hypotheses, th.left, th.right
        place = known.get(sequent)
        if place is not None:
            places[id(th)] = place
        elif ready:
            places[id(th)] = known[sequent] = len(order)
            order.append(th)
        elif id(th) not in seen:  # as in `steps`
            seen.add(id(th))
            stack.append((th, True))
            stack += [(p, False) for p in th.premises if id(p) not in places]
    made = [(th, [places[id(p)] for p in th.premises]) for th in order]
    last = places[id(theorem)]
    return made[: last + 1]


class _Tables:
    """The entries of a proof, by kind and in the order of their use."""

    def __init__(self) -> None:
        self.types: list[Any] = []
        self.terms: list[Any] = []
        self.steps: list[Any] = []
        self.rows: list[Any] = []
        self._type_index: dict[Ty, int] = {}
        self._term_index: dict[Term, int] = {}

    def type(self, ty: Ty) -> int:
        found = self._type_index.get(ty)
        if found is None:
            entry = ["var", ty.name] if ty.args is None else ["con", ty.name, *map(self.type, ty.args)]
            found = self._type_index[ty] = self._add(self.types, entry)
        return found

    def term(self, x: Term) -> int:
        index, stack = self._term_index, [x]
        while x not in index:
            u = stack[-1]
            missing = () if u in index else [c for c in u.children() if c not in index]
            if missing:
                stack += missing
            elif stack.pop() not in index:
                index[u] = self._add(self.terms, self._entry(u))
        return index[x]

    def step(self, row: list[Any]) -> None:
        self._add(self.steps, row)

    def _add(self, table: list[Any], entry: list[Any]) -> int:
        table.append(entry)
        self.rows.append(entry)
        return len(table) - 1

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


def _tables(theorem: Theorem) -> _Tables:
    """Of version 2."""
    tables = _Tables()
    for th, premises in _needed(theorem):
        row = [th.rule, *map(tables.argument, th.arguments), *premises]
        if th.rule == "axiom":
            row.append(statement_digest(th.hypotheses, th.left, th.right))
        tables.step(row)
    return tables


_last_tables = lru_cache(maxsize=1)(_tables)
"""Of the theorem that was written last, for nobody who changes them: it is checked, and then kept."""


def export(theorem: Theorem) -> dict[str, Any]:
    """The proof of `theorem` as the JSON values of version 1."""
    return _exported(_tables(theorem))


def _exported(tables: _Tables) -> dict[str, Any]:
    steps = [row[:-1] if row[0] == "axiom" else row for row in tables.steps]  # version 1 has no digests of axioms
    return _version_1(tables.types, tables.terms, steps)


def _version_1(types: list[Any], terms: list[Any], steps: list[Any]) -> dict[str, Any]:
    return {"format": FORMAT, "version": 1, "types": types, "terms": terms, "steps": steps}


def file_of(proof: Proof) -> ProofFile:
    """The proof file of a theorem, in version 2: equal bytes for equal derivations."""
    if isinstance(proof, ProofFile):
        return proof
    tables = _last_tables(proof)
    end = ["end", len(tables.types), len(tables.terms), len(tables.steps)]
    return ProofFile("".join(map(_line, [[FORMAT, 2], *tables.rows, end])).encode("ascii"))


_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


_NUMBERS = [f'["%s"{",%d" * count}]\n' for count in range(8)]
"""The lines of entries that are a word and so many numbers, which most are."""


def _line(row: list[Any]) -> str:
    try:
        return _NUMBERS[len(row) - 1] % (*row,)
    except (TypeError, IndexError):  # more of them, or other things
        return _encode(row) + "\n"


def text_of(value: Mapping[str, Any]) -> bytes:
    """The text of a proof file of version 1, in one line."""
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def line_of(proof: Proof) -> bytes:
    """The proof in version 1, in one line, as module files keep it."""
    if isinstance(proof, Theorem):
        return _line_of_theorem(proof)
    return proof.text if b"\n" not in proof.text else text_of(proof.value())


@lru_cache(maxsize=1)
def _line_of_theorem(theorem: Theorem) -> bytes:
    """Of the theorem asked for last: what keeps it, and what keeps the verdict about it, ask one after the other."""
    return text_of(_exported(_last_tables(theorem)))


def value_of(proof: Proof) -> Mapping[str, Any]:
    """The proof as the JSON values of version 1."""
    return export(proof) if isinstance(proof, Theorem) else proof.value()
