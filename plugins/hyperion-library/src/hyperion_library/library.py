"""The theorem library of an Instance, kept in a sqlite file."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from hyperion import log
from hyperion.errors import STOPS, HyperionError
from hyperion.interfaces.theorem_library import Imported, Recalled, StoredTheorem
from hyperion.ir.function import Program
from hyperion.ir.registry import Registry
from hyperion.library.fitting import recalled
from hyperion.library.keys import key_of_term
from hyperion.logic.denote import denote
from hyperion.logic.terms import Term, TermError
from hyperion.policy import Policy
from hyperion_library import index, record, shapes
from hyperion_library.database import MOST_BYTES, Database

if TYPE_CHECKING:
    from hyperion_library.admission import Budget
    from hyperion_library.patterns import Patterns

MOST_CANDIDATES = 4  # of one shape
Steps = Sequence[shapes.Step]

_log = log.logger("library")


class SqliteLibrary:
    """Follows `TheoremLibrary`."""

    def __init__(self, path: Callable[[], Path], registry: Registry, policy: Policy) -> None:
        self._database = Database(path)
        self._registry = registry
        self._policy = policy

    @cached_property
    def _patterns(self) -> Patterns:
        from hyperion_library.patterns import Patterns  # on use: most theorems are found as they are

        return Patterns(self._database, self._decoded)

    def __iter__(self) -> Iterator[StoredTheorem]:
        for (digest,) in self._database.read("SELECT digest FROM theorems ORDER BY digest"):
            for (data,) in self._database.read("SELECT record FROM theorems WHERE digest = ?", (digest,)):
                theorem = self._decoded(digest, data)
                if theorem is not None:
                    yield theorem

    def __len__(self) -> int:
        return sum(count for (count,) in self._database.read("SELECT count(*) FROM theorems"))

    def __contains__(self, digest: object) -> bool:
        return isinstance(digest, str) and bool(
            self._database.read("SELECT 1 FROM theorems WHERE digest = ?", (digest,))
        )

    def find(self, source: Program) -> Iterable[Recalled]:
        term = denote(source.main, source)
        rows = self._database.read(
            "SELECT digest, record FROM theorems WHERE key = ? ORDER BY rank, rowid DESC",
            (key_of_term(source, term),),
        )
        for digest, data in rows:
            theorem = self._decoded(digest, data)
            if theorem is not None:
                yield from _fitting(lambda t=theorem: _exactly(t, source))
        yield from self._of_shape(source, term)

    def _of_shape(self, source: Program, term: Term) -> Iterator[Recalled]:
        """Theorems about loops that differ in literals only, instantiated to those of `source`."""
        path = shapes.query(term)
        if path is None:
            return
        for digest in index.lookup(self._database.read, path)[:MOST_CANDIDATES]:
            yield from _fitting(lambda d=digest: self._patterns.about(d, source, term))

    def add(self, theorem: StoredTheorem) -> None:
        try:
            term = denote(theorem.source.main, theorem.source)
            key = key_of_term(theorem.source, term)
            row = theorem.digest, key, theorem.cost.rank, record.encode(theorem)
        except (HyperionError, TermError, KeyError) as error:
            _log.warning("a theorem about %s cannot be kept: %s", theorem.source.entry, error)
            return
        path, query = shapes.path(term), shapes.query(term)
        self._database.write(lambda c: _put(c, row, path, query), None)

    def drop(self, theorem: StoredTheorem, reason: str) -> None:
        self._drop(theorem.digest, reason)

    def export(self, path: str | os.PathLike[str], theorems: Iterable[StoredTheorem] | None = None) -> int:
        from hyperion_library import bundle

        return bundle.write(path, map(record.encode, self if theorems is None else theorems))

    def import_(self, path: str | os.PathLike[str]) -> int:
        report = self.take_in(path)
        for refused in report.refused:
            _log.warning("%s: %s", os.fsdecode(path), refused)
        return report.accepted

    def take_in(self, path: str | os.PathLike[str], budget: Budget | None = None) -> Imported:
        from hyperion_library import bundle
        from hyperion_library.admission import DEFAULT, Refused, admitted

        accepted, refused = 0, list[str]()
        theorems = admitted(bundle.read(path), self._registry, self._policy, budget or DEFAULT)
        for number, found in enumerate(theorems, 1):
            if isinstance(found, Refused):
                refused.append(str(found))
                continue
            if found.digest not in self:
                self.add(found)
            if found.digest in self:
                accepted += 1
            else:
                refused.append(str(Refused(number, "it holds, but the library's file cannot be written")))
        return Imported(accepted, tuple(refused))

    def close(self) -> None:
        self._database.close()

    def _decoded(self, digest: str, data: bytes) -> StoredTheorem | None:
        """The theorem; None where the record is damaged, then it is dropped, or is about operations of plugins that are
        not here."""
        try:
            return record.decode(data, self._registry, digest)
        except STOPS:
            raise
        except HyperionError as error:
            if error.code != "HY3010":
                self._drop(digest, error.message)
            return None

    def _drop(self, digest: str, reason: str) -> None:
        _log.warning("the stored theorem %.16s is dropped: %s", digest, reason)
        self._database.write(lambda c: _delete(c, digest), None)


def _exactly(theorem: StoredTheorem, source: Program) -> Iterator[Recalled]:
    found = recalled(theorem, source)
    if found is not None:
        yield found


def _fitting(find: Callable[[], Iterator[Recalled]]) -> Iterator[Recalled]:
    """What `find` gives, if the record is about a function such as its key says."""
    try:
        yield from find()
    except (ValueError, TermError, RecursionError):
        return


def _delete(connection: sqlite3.Connection, digest: str) -> None:
    connection.execute("DELETE FROM theorems WHERE digest = ?", (digest,))
    index.remove(connection, digest)


def _put(
    connection: sqlite3.Connection, row: tuple[str, str, int, bytes], path: Steps | None, query: Steps | None
) -> None:
    connection.execute("INSERT OR REPLACE INTO theorems (digest, key, rank, record) VALUES (?, ?, ?, ?)", row)
    if path is not None and query is not None and not _is_covered(connection, query):
        index.insert(connection, path, row[0])
    if _held(connection) > MOST_BYTES:
        connection.execute(
            "DELETE FROM theorems WHERE rowid IN (SELECT rowid FROM theorems ORDER BY rowid LIMIT"
            " (SELECT 1 + count(*) / 10 FROM theorems))"
        )


def _is_covered(connection: sqlite3.Connection, query: Steps) -> bool:
    """Whether there are theorems enough of which this may be an instance."""
    found = index.lookup(lambda sql, values: connection.execute(sql, values).fetchall(), query)
    return len(found) >= MOST_CANDIDATES


def _held(connection: sqlite3.Connection) -> int:
    """The bytes in use."""
    pages, free, size = (
        connection.execute(f"PRAGMA {what}").fetchone()[0] for what in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size
