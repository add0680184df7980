"""A strategy searches for a proven equivalent of a function. Untrusted: only its theorem counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
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
    guard: str = ""  # the run-time test that the equivalence needs, where its IR does not say it well


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
    """One equivalent that a strategy offered. `verdict` is `chosen`, `checked, not chosen` or why it was refused.

    `work`, `span` and `bytes` are polynomials in the size n of the longest loop: weighted operations, those of them
    that wait for each other (p stands for lanes times threads), and what is read. `predicted` is the seconds at
    `hyperion.prediction.SIZE`. `axioms` counts those that the theorem rests on; `guards` are its run-time tests. They
    are of the moment: neither the library nor module files keep them.
    """

    strategy: str
    summary: str
    cost: str
    verdict: str
    work: str = field(default="", compare=False)
    span: str = field(default="", compare=False)
    bytes: str = field(default="", compare=False)
    predicted: float = field(default=0.0, compare=False)
    axioms: int = field(default=0, compare=False)
    guards: tuple[str, ...] = field(default=(), compare=False)
    guard_cost: float = field(default=0.0, compare=False)  # nanoseconds an element


@runtime_checkable
class Strategy(Protocol):
    """Registered by the hook `hyperion_strategies`."""

    @property
    def name(self) -> str: ...

    def derive(self, function: Function) -> Iterable[Candidate | Refusal]: ...
