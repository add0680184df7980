"""An executor runs compiled functions on buffers of its device."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Protocol, runtime_checkable

from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.device import Device


@runtime_checkable
class Executor(Protocol):
    """Registered by the hook `hyperion_executors`. A context manager; closing waits for what was submitted.

    Arguments are BufferViews, NumPy arrays and Python scalars; results are a tuple of the same.
    """

    @property
    def device(self) -> Device: ...

    def execute(self, function: CompiledFunction, arguments: Sequence[object]) -> tuple[object, ...]:
        """Runs the function and waits. A trap raises as calling the function does; HY5002 after `close`."""
        ...

    def submit(self, function: CompiledFunction, arguments: Sequence[object]) -> Future[tuple[object, ...]]:
        """Runs the function later, in the order of submission."""
        ...

    def close(self) -> None:
        """Waits for submitted work and gives back the device's resources; a second call does nothing."""
        ...

    def __enter__(self) -> Executor: ...

    def __exit__(self, *exception: object) -> None: ...
