"""The theorem library of an Instance, kept in a sqlite file."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from hyperion import log
from hyperion.errors import HyperionError
from hyperion.interfaces.theorem_library import Imported, Recalled, StoredTheorem
from hyperion.ir.function import Program
from hyperion.ir.registry import Registry
from hyperion.library.fitting import recalled
from hyperion.library.keys import key_of
from hyperion.logic.terms import TermError
from hyperion.policy import Policy
from hyperion_library import bundle, record
from hyperion_library.admission import DEFAULT, Budget, Refused, admitted
from hyperion_library.database import MOST_BYTES, Database

_log = log.logger("library")


class SqliteLibrary:
    """Follows `TheoremLibrary`."""

    def __init__(self, path: Callable[[], Path], registry: Registry, policy: Policy) -> None:
        self._database = Database(path)
        self._registry = registry
        self._policy = policy

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
        rows = self._database.read(
            "SELECT digest, record FROM theorems WHERE key = ? ORDER BY rank, rowid DESC", (key_of(source),)
        )
        for digest, data in rows:
            theorem = self._decoded(digest, data)
            found = None if theorem is None else _recalled(theorem, source)
            if found is not None:
                yield found

    def add(self, theorem: StoredTheorem) -> None:
        try:
            row = theorem.digest, key_of(theorem.source), theorem.cost.rank, record.encode(theorem)
        except (HyperionError, KeyError) as error:
            _log.warning("a theorem about %s cannot be kept: %s", theorem.source.entry, error)
            return
        self._database.write(lambda c: _put(c, row), None)

    def drop(self, theorem: StoredTheorem, reason: str) -> None:
        self._drop(theorem.digest, reason)

    def export(self, path: str | os.PathLike[str], theorems: Iterable[StoredTheorem] | None = None) -> int:
        return bundle.write(path, map(record.encode, self if theorems is None else theorems))

    def import_(self, path: str | os.PathLike[str]) -> int:
        report = self.take_in(path)
        for refused in report.refused:
            _log.warning("%s: %s", os.fsdecode(path), refused)
        return report.accepted

    def take_in(self, path: str | os.PathLike[str], budget: Budget = DEFAULT) -> Imported:
        accepted, refused = 0, list[str]()
        for found in admitted(bundle.read(path), self._registry, self._policy, budget):
            if isinstance(found, Refused):
                refused.append(str(found))
                continue
            accepted += 1
            if found.digest not in self:
                self.add(found)
        return Imported(accepted, tuple(refused))

    def close(self) -> None:
        self._database.close()

    def _decoded(self, digest: str, data: bytes) -> StoredTheorem | None:
        """The theorem; None where the record is damaged, then it is dropped, or is about operations of plugins that are
        not here."""
        try:
            return record.decode(data, self._registry, digest)
        except HyperionError as error:
            if error.code != "HY3010":
                self._drop(digest, error.message)
            return None

    def _drop(self, digest: str, reason: str) -> None:
        _log.warning("the stored theorem %.16s is dropped: %s", digest, reason)
        self._database.write(lambda c: c.execute("DELETE FROM theorems WHERE digest = ?", (digest,)), None)


def _recalled(theorem: StoredTheorem, source: Program) -> Recalled | None:
    try:
        return recalled(theorem, source)
    except (ValueError, TermError, RecursionError):  # the record is about another function than its key says
        return None


def _put(connection: sqlite3.Connection, row: tuple[str, str, int, bytes]) -> None:
    connection.execute("INSERT OR REPLACE INTO theorems (digest, key, rank, record) VALUES (?, ?, ?, ?)", row)
    if _held(connection) > MOST_BYTES:
        connection.execute(
            "DELETE FROM theorems WHERE rowid IN (SELECT rowid FROM theorems ORDER BY rowid LIMIT"
            " (SELECT 1 + count(*) / 10 FROM theorems))"
        )


def _held(connection: sqlite3.Connection) -> int:
    """The bytes in use."""
    pages, free, size = (
        connection.execute(f"PRAGMA {what}").fetchone()[0] for what in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size
