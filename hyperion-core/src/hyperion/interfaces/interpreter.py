"""An interpreter runs programs step by step and so says what the IR means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from hyperion.ir.function import Program


@runtime_checkable
class Interpreter(Protocol):
    """Registered by the hook `hyperion_interpreters`."""

    @property
    def name(self) -> str: ...

    def run(self, program: Program, arguments: Sequence[object]) -> tuple[object, ...]:
        """The results of the entry function. A trap raises the matching `Trap...Error` with the equation's span."""
        ...
