"""A compiler pass rewrites a function and says why the result means the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from hyperion.ir.function import Function
from hyperion.logic.kernel import Theorem


@dataclass(frozen=True, slots=True)
class PassResult:
    """The rewritten function and its evidence: a theorem `|- denote(before) = denote(after)`, or None where
    `denote(before)` and `denote(after)` are the same term. Whoever runs the pass checks either."""

    function: Function
    theorem: Theorem | None = None


@runtime_checkable
class CompilerPass(Protocol):
    """Registered by the hook `hyperion_passes`. Valid IR in, valid IR out."""

    @property
    def name(self) -> str: ...

    def run(self, function: Function) -> PassResult: ...
