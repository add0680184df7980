"""A library of theorems: what was derived once is looked up instead of searched for. Untrusted, like every search: what
it offers counts only once the checker has accepted the proof for exactly the programs at hand."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from hyperion.cost import Cost
from hyperion.interfaces.strategy import CandidateReport, Refusal
from hyperion.ir.function import Program
from hyperion.logic import checking
from hyperion.logic.proof import Proof

if TYPE_CHECKING:
    from hyperion.ir.registry import Registry
    from hyperion.policy import Policy


@dataclass(frozen=True, slots=True, eq=False)
class StoredTheorem:
    """`source = chosen`, by `proof`, with what was said of it when it was found.

    `str` is the statement as the checker recomputes it: the same in every process. `digest` names the theorem: a hash
    of both sides' denotations and of the types, but not of the proof or of any name. `searched` says by what it was
    found: strategies, passes and their versions; empty where that is not known. `summary`, `strategy`, `cost`,
    `parallel`, and what else the search said, are claims of whoever stored it.
    """

    digest: str
    source: Program
    chosen: Program
    proof: Proof
    strategy: str
    summary: str
    cost: Cost
    parallel: bool
    searched: str = ""
    candidates: tuple[CandidateReport, ...] = ()
    refusals: tuple[Refusal, ...] = ()

    def __str__(self) -> str:
        return self.checked.statement

    @property
    def checked(self) -> checking.Checked:
        """What the checker concludes from the proof. Raises `ProofError` where it refuses."""
        return checking.check(self.proof)

    @property
    def axioms(self) -> tuple[str, ...]:
        return self.checked.axioms

    @property
    def oracles(self) -> tuple[str, ...]:
        return self.checked.oracles


@dataclass(frozen=True, slots=True)
class Recalled:
    """What a library offers for a program: an equivalent of exactly that program and the proof that it is one.

    `how` says how it was found: `exact`, or what stands for what in a theorem about a loop of the same shape.
    """

    theorem: StoredTheorem
    chosen: Program
    proof: Proof
    how: str = "exact"


@dataclass(frozen=True, slots=True)
class Imported:
    """How many theorems of a bundle were accepted, known ones included, and why each other was refused."""

    accepted: int
    refused: tuple[str, ...]


@runtime_checkable
class TheoremLibrary(Protocol):
    """Theorems by the meaning of their source. Iterates over all of them, in the order of their digests.

    A library that cannot be read or written loses nothing but time: `find`, `add` and `drop` never raise for that.
    """

    def __iter__(self) -> Iterator[StoredTheorem]: ...

    def __len__(self) -> int: ...

    def __contains__(self, digest: object) -> bool: ...

    def find(self, source: Program) -> Iterable[Recalled]:
        """What is known about a program, the likeliest first. Nothing of it is checked yet."""
        ...

    def add(self, theorem: StoredTheorem) -> None:
        """Keeps a theorem that the checker accepted."""
        ...

    def drop(self, theorem: StoredTheorem, reason: str) -> None:
        """Forgets a theorem that the checker refused."""
        ...

    def export(self, path: str | os.PathLike[str], theorems: Iterable[StoredTheorem] | None = None) -> int:
        """Writes a bundle of these theorems, or of all; returns how many."""
        ...

    def import_(self, path: str | os.PathLike[str]) -> int:
        """Takes in a bundle; each theorem is checked again. Returns how many were accepted, known ones included."""
        ...

    def take_in(self, path: str | os.PathLike[str]) -> Imported:
        """`import_` with the reasons. Raises `ModuleError`: HY3014 where the file cannot be read, HY3021 to HY3023 for
        what is no bundle or a damaged one."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class TheoremLibraries(Protocol):
    """Registered by the hook `hyperion_libraries`: a way to keep theorems between processes."""

    @property
    def name(self) -> str: ...

    def open(self, home: Callable[[], Path], registry: Registry, policy: Policy) -> TheoremLibrary:
        """The library in the folder that `home` gives, which is made only when something is put there. It is asked
        anew for each use, since HYPERION_HOME may change."""
        ...
