"""The sqlite file of a theorem library.

It is a cache: whatever goes wrong with it is logged once and costs time, nothing else. A file that is damaged is moved
aside and a new one begun; one of a newer version is left as it is. Each write is one transaction of sqlite's rollback
journal, which a crash at any moment leaves whole, and which, unlike its write-ahead log, needs no shared memory and so
works on network file systems and for readers without the right to write.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar  # Any: the values of rows

from hyperion import log
from hyperion_library import index

T = TypeVar("T")
VERSION = 1
PATIENCE = 2.0  # seconds to wait for other writers; then the theorem is not kept
MOST_BYTES = 1 << 28  # beyond it, the theorems that were put there first make room
_PAGE = 4096
_SCHEMA = (
    # `holes` are the literals that its proof allows to be others, as JSON: unknown where null, no proof where empty
    "CREATE TABLE theorems (digest TEXT PRIMARY KEY, key TEXT NOT NULL, rank INTEGER NOT NULL, holes TEXT,"
    " record BLOB NOT NULL)",
    "CREATE INDEX theorems_key ON theorems (key, rank)",
    *index.SCHEMA,
)
_ABANDONED: list[sqlite3.Connection] = []
_ALL: weakref.WeakSet[Database] = weakref.WeakSet()
_log = log.logger("library")


class Unusable(Exception):
    """The file cannot be used; the message says why."""


class Database:
    """Runs work on the file's connection; every method may be called from any thread, and after a fork."""

    def __init__(self, path: Callable[[], Path]) -> None:
        self._path = path
        self.path = Path()
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._opened_as: tuple[int, Path, int] = (0, Path(), 0)  # process, path, inode
        self._said: set[str] = set()
        _ALL.add(self)

    def renew(self) -> None:
        """In the child of a fork: another thread of the parent may have held the lock."""
        self._lock = threading.RLock()

    def read(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """The rows; none where there is no file, or it cannot be read."""
        return self._try(lambda c: c.execute(sql, values).fetchall(), [], make=False)

    def write(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """What `work` returns, done in one transaction; `otherwise` where that fails."""
        return self._try(lambda c: _transaction(c, work), otherwise, make=True)

    def close(self) -> None:
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is None:
                return
            if self._opened_as[0] == os.getpid():
                connection.close()
            else:  # after a fork it is the parent's: https://sqlite.org/howtocorrupt.html 2.6
                _ABANDONED.append(connection)

    def _try(self, work: Callable[[sqlite3.Connection], T], otherwise: T, make: bool) -> T:
        with self._lock:
            for attempt in (1, 2):
                try:
                    self.path = self._path()
                    connection = self._connected(make)
                    return otherwise if connection is None else work(connection)
                except sqlite3.Error as error:
                    if attempt == 2 or not _is_damage(error) or not self._move_aside(str(error)):
                        self._say(str(error))
                        return otherwise
                except (OSError, RuntimeError, Unusable) as error:  # RuntimeError: there is no such user's home
                    self._say(str(error))
                    return otherwise
        return otherwise

    def _connected(self, make: bool) -> sqlite3.Connection | None:
        """The connection of this process to the file that is there now; None where there is none to read."""
        inode = _inode(self.path)
        if self._connection is not None and self._opened_as == (os.getpid(), self.path, inode):
            return self._connection
        self.close()
        if not inode and not make:
            return None
        if make:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = self._opened()
        self._opened_as = os.getpid(), self.path, _inode(self.path)
        return self._connection

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            connection.execute(f"PRAGMA max_page_count = {2 * MOST_BYTES // _PAGE}")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version > VERSION:
                raise Unusable(
                    f"it is of a newer version ({version}, this one reads {VERSION}): update hyperion-library"
                )
            if version == 0:
                _transaction(connection, _create)
            return connection
        except BaseException:
            connection.close()
            raise

    def _move_aside(self, why: str) -> bool:
        """Gives a damaged file another name, unless another process has put a new one there already."""
        inode, self._connection = _inode(self.path), None
        aside = self.path.with_name(f"{self.path.name}.damaged-{os.getpid()}-{inode}")
        try:
            os.replace(self.path, aside)
        except FileNotFoundError:
            return True
        except OSError:
            return False
        with suppress(OSError):
            os.replace(f"{self.path}-journal", f"{aside}-journal")
        _log.warning(
            "the theorem library %s is damaged (%s); it is now %s, and a new one is begun", self.path, why, aside
        )
        return True

    def _say(self, why: str) -> None:
        """Once for each reason: a library that is of no use is no reason to fail."""
        if why not in self._said:
            self._said.add(why)
            _log.warning(
                "the theorem library %s is not used as it should: %s; theorems are derived anew", self.path, why
            )


def _is_damage(error: sqlite3.Error) -> bool:
    """Whether the file is no library; all else, a full disk or another's lock, passes."""
    if isinstance(error, sqlite3.OperationalError):
        return str(error).startswith("no such ")  # table or column: some other program's file
    return isinstance(error, sqlite3.DatabaseError)


def _transaction(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = work(connection)
        connection.execute("COMMIT")
        return result
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _create(connection: sqlite3.Connection) -> None:
    """The tables, unless another process has just made them."""
    if connection.execute("PRAGMA user_version").fetchone() == (0,):
        for statement in _SCHEMA:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")


def _inode(path: Path) -> int:
    try:
        return os.stat(path).st_ino
    except OSError:
        return 0


def _after_fork() -> None:
    for database in list(_ALL):
        database.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
