"""The executor of `cpu:0`: calls at once, or in order of submission on one thread of its own."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, cast

import numpy as np

from hyperion.errors import DeviceError
from hyperion.interfaces.buffer import BufferView
from hyperion.interfaces.codegen import CompiledFunction
from hyperion_cpu.device import CpuDevice

if TYPE_CHECKING:
    from hyperion.interfaces.device import Device


class CpuExecutor:
    """Implements `Executor`. A function uses all threads of the pool by itself."""

    def __init__(self) -> None:
        self._device = CpuDevice()
        self._threads: ThreadPoolExecutor | None = ThreadPoolExecutor(1, "hyperion-cpu")

    @property
    def device(self) -> Device:
        return self._device

    def execute(self, function: CompiledFunction, arguments: Sequence[object]) -> tuple[object, ...]:
        self._open()
        return _run(function, arguments)

    def submit(self, function: CompiledFunction, arguments: Sequence[object]) -> Future[tuple[object, ...]]:
        return self._open().submit(_run, function, tuple(arguments))

    def close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown(wait=True)
            self._threads = None
            self._device.close()

    def __enter__(self) -> CpuExecutor:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _open(self) -> ThreadPoolExecutor:
        if self._threads is None:
            raise DeviceError("HY5002", "the executor is closed", hints=["create another one"])
        return self._threads


def _run(function: CompiledFunction, arguments: Sequence[object]) -> tuple[object, ...]:
    result = function(*[_argument(x) for x in arguments])
    return cast(tuple[object, ...], result) if isinstance(result, tuple) else (result,)


def _argument(given: object) -> object:
    return np.asarray(given) if isinstance(given, BufferView) else given
