"""A module file that was loaded: its functions, each decoded, verified and its proof checked before its first use.

The file's hashes and its section META were compared before. The other sections are decoded together when the first
function of any name is used, since functions share texts and types. LLVM's lazy modules keep bodies back in the same
way until they are "materialized".
"""

from __future__ import annotations

import threading
from copy import copy
from typing import TypeVar

from hyperion.driver import Derivation
from hyperion.errors import ModuleError
from hyperion.ir.registry import Registry
from hyperion.module import container
from hyperion.module.codecs import Bytes
from hyperion.module.judging import Judge, Judged, Rejected, judged, rejection
from hyperion.module.known_verdicts import Ground
from hyperion.module.reading import Opened, Sealed, read_sealed
from hyperion.policy import Policy

T = TypeVar("T")


class LoadedFile:
    """Judges each function of a file once, by whichever thread asks first. What a function was refused for, it is
    refused for every time."""

    def __init__(self, sealed: Sealed, registry: Registry, policy: Policy, rejected: Rejected) -> None:
        self.sealed = sealed
        self._ground = Ground(sealed.table.digest, policy, sealed.limits, registry)
        self._rejected: Rejected = rejected
        self._lock = threading.RLock()
        self._opened: Opened | ModuleError | None = None
        self._judge: Judge | None = None
        self._found: dict[str, Derivation | ModuleError] = {}
        self._changed = False

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(member.name for member in self.sealed.meta.members)

    def derivation(self, name: str) -> Derivation:
        """That of a function in META. Raises `ModuleError` as `judge_all` does, about this function alone."""
        with self._lock:
            if name not in self._found:
                try:
                    self._found[name] = self._judged(name)
                except ModuleError as error:
                    self._found[name] = error
            return _given(self._found[name])

    def judge_all(self) -> None:
        """Judges every function. Raises `ModuleError`: HY3007, HY3009 to HY3013."""
        with self._lock:
            contents = self.opened().contents
            judgement = judged(contents, self._ground)
            self._refuse(rejection(contents, judgement))
            self._found.update(judgement.derivations)
            self._changed = bool(judgement.rejected)

    def opened(self) -> Opened:
        """The contents, decoded when first asked for. Raises `ModuleError`: HY3007, HY3009, HY3010, HY3012."""
        with self._lock:
            if self._opened is None:
                try:
                    self._opened = read_sealed(self.sealed, self._ground.registry)
                except ModuleError as error:
                    self._opened = error
            return _given(self._opened)

    def pieces(self) -> list[Bytes] | None:
        """The bytes of the file in pieces; None where the functions are not all as it has them, or it is of a version
        that this one does not write."""
        if self._rejected == "as-written":
            for name in self.names:
                self.derivation(name)
        if self._changed or not self.sealed.is_own:
            return None
        return container.again(self.sealed.table, self.sealed.stored, [code.data for code in self.sealed.code])

    def _judged(self, name: str) -> Derivation:
        contents = self.opened().contents
        self._judge = self._judge or Judge(contents, self._ground)
        derivation, why = self._judge.judged(next(f for f in contents.functions if f.name == name))
        if why:
            self._refuse(rejection(contents, Judged({name: derivation}, {name: why})))
            self._changed = True
        return derivation

    def _refuse(self, error: ModuleError | None) -> None:
        if error is not None and self._rejected == "error":
            raise error


def _given(found: T | ModuleError) -> T:
    if isinstance(found, ModuleError):
        raise copy(found)  # one of its own for each caller: a raised error gathers where it went
    return found
