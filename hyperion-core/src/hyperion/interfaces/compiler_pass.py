"""A compiler pass rewrites the entry function of a program and says why the result means the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Event
from time import monotonic
from types import MappingProxyType
from typing import Protocol, runtime_checkable

from hyperion.errors import PassError, StoppedError
from hyperion.ir.function import Function, Program
from hyperion.logic.kernel import Theorem
from hyperion.policy import Policy
from hyperion.tokens import current


@dataclass(frozen=True, slots=True)
class PassResult:
    """The rewritten entry function and its evidence: a theorem `|- denote(before) = denote(after)`, or None where
    `denote(before)` and `denote(after)` are the same term. Whoever runs the pass checks either."""

    function: Function
    theorem: Theorem | None = None


@dataclass(frozen=True, slots=True)
class PassContext:
    """What a pass may use while it runs.

    `policy` is what counts as proof; `deadline`, a time of `time.monotonic`, and the event `cancel` say when `check`
    ends the pass.
    """

    policy: Policy = field(default_factory=Policy)
    deadline: float | None = None
    cancel: Event | None = None
    _counts: Counter[str] = field(default_factory=Counter[str], init=False)

    def count(self, name: str, n: int = 1) -> None:
        """Adds `n` to the statistic `name` of this run of the pass."""
        if isinstance(n, bool) or not isinstance(n, int):  # pyright: ignore[reportUnnecessaryIsInstance]  passes are strangers' code
            raise PassError("HY4006", f"the statistic {name!r} counts integers, not {n!r}")
        self._counts[str(name)] += n

    @property
    def statistics(self) -> Mapping[str, int]:
        """What was counted so far."""
        return MappingProxyType(self._counts)

    def check(self) -> None:
        """Call it in loops. Raises `StoppedError` once the run is cancelled (HY4004) or past its deadline (HY4005), and
        as the token of the work that it is part of (`hyperion.tokens.current`)."""
        current().check("passes")
        if self.cancel is not None and self.cancel.is_set():
            raise StoppedError("HY4004", "the run of the pipeline was cancelled")
        if self.deadline is not None and monotonic() >= self.deadline:
            raise StoppedError("HY4005", "the run of the pipeline is past its deadline", hints=["give it more time"])


@runtime_checkable
class CompilerPass(Protocol):
    """Registered by the hook `hyperion_passes`. Valid IR in, valid IR out; deterministic, without state of its own.

    A pass with options is a frozen dataclass: its fields, of type bool, int, float, str or tuple, are the options, and
    a pipeline sets them by `dataclasses.replace`. It rewrites the entry function only; the functions that the entry
    calls are there to be read.
    """

    @property
    def name(self) -> str: ...

    def run(self, program: Program, context: PassContext) -> PassResult: ...
