"""The discrimination tree, in two tables of the sqlite file: `nodes` by parent and symbol, and `leaves`.

Discrimination trees as terms indexes: McCune, Experiments with discrimination-tree indexing and path indexing for term
retrieval, Journal of Automated Reasoning 9 (1992). Here only literals have wildcards, so a lookup meets few branches.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any  # the values of rows

from hyperion_library.shapes import Step

SCHEMA = (
    "CREATE TABLE nodes (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL, symbol TEXT NOT NULL,"
    " UNIQUE (parent, symbol))",
    "CREATE TABLE leaves (node INTEGER NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (node, digest))",
    "CREATE INDEX leaves_digest ON leaves (digest)",
)
ROOT = 0
MOST_BRANCHES = 64

Read = Callable[[str, Sequence[Any]], list[Any]]


def insert(connection: sqlite3.Connection, path: Sequence[Step], digest: str) -> None:
    """Puts a pattern at the end of its path, which has one symbol at each step; at no other place any longer."""
    remove(connection, digest)
    node = ROOT
    for (symbol,) in path:
        connection.execute("INSERT OR IGNORE INTO nodes (parent, symbol) VALUES (?, ?)", (node, symbol))
        ((node,),) = connection.execute("SELECT id FROM nodes WHERE parent = ? AND symbol = ?", (node, symbol))
    connection.execute("INSERT OR IGNORE INTO leaves (node, digest) VALUES (?, ?)", (node, digest))


def remove(connection: sqlite3.Connection, digest: str) -> None:
    connection.execute("DELETE FROM leaves WHERE digest = ?", (digest,))


def lookup(read: Read, path: Sequence[Step]) -> list[str]:
    """The digests of the patterns that the path may be an instance of."""
    nodes = [ROOT]
    for symbols in path:
        nodes = [
            child
            for node in nodes[:MOST_BRANCHES]
            for symbol in symbols
            for (child,) in read("SELECT id FROM nodes WHERE parent = ? AND symbol = ?", (node, symbol))
        ]
        if not nodes:
            return []
    return [digest for node in nodes for (digest,) in read("SELECT digest FROM leaves WHERE node = ?", (node,))]
