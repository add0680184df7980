"""A theorem library that lives as long as its Instance: what there is where no plugin keeps theorems."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from typing import NoReturn

from hyperion.errors import PluginError
from hyperion.interfaces.theorem_library import Imported, Recalled, StoredTheorem
from hyperion.ir.function import Program
from hyperion.library.fitting import recalled
from hyperion.library.keys import key_of


class InProcessLibrary:
    """Theorems in memory, found for programs of equal key. Bundles need a plugin (`hyperion-library`)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._theorems: dict[str, StoredTheorem] = {}
        self._by_key: dict[str, list[str]] = {}

    def __iter__(self) -> Iterator[StoredTheorem]:
        with self._lock:
            return iter([self._theorems[d] for d in sorted(self._theorems)])

    def __len__(self) -> int:
        return len(self._theorems)

    def __contains__(self, digest: object) -> bool:
        return digest in self._theorems

    def find(self, source: Program) -> Iterable[Recalled]:
        with self._lock:
            known = [self._theorems[d] for d in self._by_key.get(key_of(source), ())]
        for theorem in known:
            found = recalled(theorem, source)
            if found is not None:
                yield found

    def add(self, theorem: StoredTheorem) -> None:
        key = key_of(theorem.source)
        with self._lock:
            self._theorems[theorem.digest] = theorem
            self._by_key[key] = [theorem.digest, *(d for d in self._by_key.get(key, ()) if d != theorem.digest)]

    def drop(self, theorem: StoredTheorem, reason: str) -> None:
        with self._lock:
            self._theorems.pop(theorem.digest, None)
            for digests in self._by_key.values():
                if theorem.digest in digests:
                    digests.remove(theorem.digest)

    def export(self, path: str | os.PathLike[str], theorems: Iterable[StoredTheorem] | None = None) -> int:
        self._no_bundles()

    def import_(self, path: str | os.PathLike[str]) -> int:
        self._no_bundles()

    def take_in(self, path: str | os.PathLike[str]) -> Imported:
        self._no_bundles()

    def _no_bundles(self) -> NoReturn:
        raise PluginError(
            "HY1018",
            "this Instance keeps theorems in memory only, and moves no bundles",
            hints=["pip install hyperion-library, and do not disable the plugin `library`"],
        )

    def close(self) -> None:
        with self._lock:
            self._theorems.clear()
            self._by_key.clear()
