"""A strategy searches for a proven equivalent of a function. Untrusted: only its theorem counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from hyperion.cost import Cost
from hyperion.errors import Span
from hyperion.ir.function import Function
from hyperion.logic.kernel import Theorem


@dataclass(frozen=True, slots=True)
class Candidate:
    """`function` equals the source function, by `theorem`: `|- denote(source) = denote(function)`."""

    strategy: str
    function: Function
    theorem: Theorem
    cost: Cost
    parallel: bool
    summary: str  # the equivalence in readable form, one or a few lines


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a strategy offers nothing: the law that fails and, where one was found, values that break it."""

    strategy: str
    reason: str
    law: str = ""
    counterexample: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class CandidateReport:
    """One equivalent that a strategy offered. `verdict` is `chosen`, `checked, not chosen` or why it was refused."""

    strategy: str
    summary: str
    cost: str
    verdict: str


@runtime_checkable
class Strategy(Protocol):
    """Registered by the hook `hyperion_strategies`."""

    @property
    def name(self) -> str: ...

    def derive(self, function: Function) -> Iterable[Candidate | Refusal]: ...
