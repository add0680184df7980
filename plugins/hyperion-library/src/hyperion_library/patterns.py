"""Stored theorems about loops of other literals.

At first every literal is taken for one that could be another, but those that axioms name: the checker finds out. Where
it refuses, the proof is generalised in the kernel, which says which literals it depends on; that is written down.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar  # Any: JSON values

from hyperion.interfaces.theorem_library import Recalled, StoredTheorem
from hyperion.ir.function import Program
from hyperion.library.fitting import recalled
from hyperion.library.keys import interface
from hyperion.logic.denote import denote
from hyperion.logic.effort import OutOfTime, limited
from hyperion.logic.kernel import RuleError
from hyperion.logic.literals import literal
from hyperion.logic.proof import value_of
from hyperion.logic.terms import Term, TermError, subterms, type_of
from hyperion_library import index, shapes
from hyperion_library.constants import with_literals
from hyperion_library.database import Database
from hyperion_library.instantiation import Literals, Model, instance, model
from hyperion_library.pattern import candidates, generalised

T = TypeVar("T")
KEPT = 64  # proofs in memory


@dataclass(frozen=True, slots=True)
class StoredPattern:
    """A stored theorem, its proof read for other literals, and whether the kernel found out which those may be."""

    stored: StoredTheorem
    value: Mapping[str, Any]
    model: Model
    known: bool

    def about(self, source: Program, term: Term) -> Recalled | None:
        """The theorem about `source`, which denotes `term`; None where it has none."""
        found = instance(self.model, term)
        if found is None:
            return None
        proof, changed = found
        stored = replace(self.stored, candidates=(), refusals=())
        chosen = with_literals(stored.chosen, changed)
        written = set(subterms(denote(stored.source.main, stored.source)))
        return recalled(stored, source, chosen, proof, _how({o: n for o, n in changed.items() if o in written}))


def _how(changed: Literals) -> str:
    """What stands for what in the theorem."""
    shown = [f"{new.name} for {old.name}" for old, new in changed.items() if new.type.name == "int"]
    return f"as for a loop of the same shape{': ' if shown else ''}{', '.join(shown[:6])}"


class Patterns:
    """The patterns of a library, by the digests of its theorems."""

    def __init__(self, database: Database, decoded: Callable[[str, bytes], StoredTheorem | None]) -> None:
        self._database = database
        self._decoded = decoded
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, StoredPattern] = OrderedDict()

    def about(self, digest: str, source: Program, term: Term) -> Iterator[Recalled]:
        """The theorem of that digest about `source`, which denotes `term`. Asked for more, it takes what it gave for
        refused, and finds out which literals may be others at all."""
        pattern = _unless_spoilt(lambda: self._get(digest))
        if pattern is None or interface(pattern.stored.source) != interface(source):
            return
        found = _unless_spoilt(partial(pattern.about, source, term))
        if found is None:
            return
        yield found
        if not pattern.known:
            learnt = _unless_spoilt(partial(self._learn, pattern))
            found = None if learnt is None else _unless_spoilt(partial(learnt.about, source, term))
            if found is not None:
                yield found

    def _get(self, digest: str) -> StoredPattern | None:
        known = self._kept.get(digest)
        if known is not None:
            return known
        for holes, data in self._database.read("SELECT holes, record FROM theorems WHERE digest = ?", (digest,)):
            theorem = None if holes == "" else self._decoded(digest, data)
            if theorem is not None:
                return self._read_pattern(theorem, holes)
        return None

    def _read_pattern(self, theorem: StoredTheorem, holes: str | None) -> StoredPattern | None:
        value = value_of(theorem.proof)
        return self._keep(theorem, value, candidates(value) if holes is None else _read(holes), holes is not None)

    def _keep(
        self, theorem: StoredTheorem, value: Mapping[str, Any], literals: Sequence[Term], known: bool
    ) -> StoredPattern | None:
        read = model(value, denote(theorem.source.main, theorem.source), literals)
        if read is None:
            return None
        with self._lock:
            found = self._kept[theorem.digest] = StoredPattern(theorem, value, read, known)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found

    def _learn(self, pattern: StoredPattern) -> StoredPattern | None:
        """Generalises the proof in the kernel, writes down which literals are holes, and has the tree tell the others
        apart."""
        general, theorem = generalised(pattern.value), pattern.stored
        holes = () if general is None else tuple(general.holes.values())
        text = json.dumps([[x.type.name, x.name] for x in holes]) if holes else ""
        path = shapes.path(denote(theorem.source.main, theorem.source), holes) if holes else None
        self._database.write(lambda c: _update(c, theorem.digest, text, path), None)
        return self._keep(theorem, pattern.value, holes, True) if holes else None


def _unless_spoilt(read: Callable[[], T | None]) -> T | None:
    """What is read of a stored proof, of which nothing is believed; None where it is no proof, or takes too long."""
    try:
        with limited():
            return read()
    except (ValueError, LookupError, TypeError, AttributeError, TermError, RuleError, RecursionError, OutOfTime):
        return None


def _update(connection: sqlite3.Connection, digest: str, holes: str, path: Sequence[shapes.Step] | None) -> None:
    connection.execute("UPDATE theorems SET holes = ? WHERE digest = ?", (holes, digest))
    if path is None:
        index.remove(connection, digest)
    else:
        index.insert(connection, path, digest)


def _read(holes: str) -> list[Term]:
    return [literal(type_of(kind), payload) for kind, payload in json.loads(holes)]
