"""The patterns of stored theorems: made when a loop of the same shape first asks for one, then kept."""

from __future__ import annotations

import json
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hyperion.interfaces.theorem_library import Recalled, StoredTheorem
from hyperion.ir.function import Program
from hyperion.library.fitting import recalled
from hyperion.logic.denote import denote
from hyperion.logic.effort import OutOfTime, limited
from hyperion.logic.literals import literal
from hyperion.logic.proof import file_of, value_of
from hyperion.logic.terms import Term, TermError, type_of
from hyperion_library import index, shapes
from hyperion_library.constants import with_literals
from hyperion_library.database import Database
from hyperion_library.instantiation import Literals, instance_of
from hyperion_library.pattern import Pattern, generalised

KEPT = 64  # patterns in memory


@dataclass(frozen=True, slots=True)
class StoredPattern:
    """A stored theorem and the pattern of its proof."""

    stored: StoredTheorem
    pattern: Pattern

    def about(self, source: Program, term: Term) -> Recalled | None:
        """The theorem about `source`, which denotes `term`; None where it has none."""
        found = instance_of(self.pattern, term)
        if found is None:
            return None
        theorem, literals = found
        changed = {old: literals[hole] for hole, old in self.pattern.holes.items() if literals[hole] is not old}
        shown = {old: new for old, new in changed.items() if old in self.pattern.written}
        stored = replace(self.stored, candidates=(), refusals=())
        chosen = with_literals(stored.chosen, changed)
        return recalled(stored, source, chosen, file_of(theorem), _how(shown))


def _how(changed: Literals) -> str:
    """What stands for what in the theorem."""
    shown = [f"{new.name} for {old.name}" for old, new in changed.items() if new.type.name == "int"]
    return f"as for a loop of the same shape{': ' if shown else ''}{', '.join(shown[:6])}"


class Patterns:
    """The patterns of a library, by the digests of its theorems."""

    def __init__(self, database: Database, decoded: Callable[[str, bytes], StoredTheorem | None]) -> None:
        self._database = database
        self._decoded = decoded
        self._kept: OrderedDict[str, StoredPattern] = OrderedDict()

    def get(self, digest: str) -> StoredPattern | None:
        """The pattern; None where the proof has none."""
        known = self._kept.get(digest)
        if known is not None:
            return known
        for holes, data in self._database.read("SELECT holes, record FROM theorems WHERE digest = ?", (digest,)):
            theorem = None if holes == "" else self._decoded(digest, data)
            if theorem is None:
                return None
            pattern = _generalised(theorem, holes)
            if holes is None:
                self._keep_holes(theorem, pattern)
            if pattern is not None:
                return self._keep(digest, StoredPattern(theorem, pattern))
        return None

    def _keep(self, digest: str, found: StoredPattern) -> StoredPattern:
        self._kept[digest] = found
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found

    def _keep_holes(self, theorem: StoredTheorem, pattern: Pattern | None) -> None:
        """Writes down which literals are holes, and has the tree tell the others apart."""
        holes = () if pattern is None else tuple(pattern.holes.values())
        text = json.dumps([[x.type.name, x.name] for x in holes]) if holes else ""
        path = shapes.path(denote(theorem.source.main, theorem.source), holes) if holes else None
        self._database.write(lambda c: _update(c, theorem.digest, text, path), None)


def _update(connection: sqlite3.Connection, digest: str, holes: str, path: Sequence[shapes.Step] | None) -> None:
    connection.execute("UPDATE theorems SET holes = ? WHERE digest = ?", (holes, digest))
    if path is None:
        index.remove(connection, digest)
    else:
        index.insert(connection, path, digest)


def _generalised(theorem: StoredTheorem, holes: str | None) -> Pattern | None:
    """The pattern of a stored proof, of which nothing is believed; None where it is no proof, or too long a one."""
    try:
        value, literals = value_of(theorem.proof), None if holes is None else _read(holes)
        with limited():
            return generalised(value, literals)
    except (ValueError, LookupError, TypeError, AttributeError, TermError, RecursionError, OutOfTime):
        return None


def _read(holes: str) -> list[Term]:
    return [literal(type_of(kind), payload) for kind, payload in json.loads(holes)]
