"""A compiled function: loaded code behind a builtin."""

from __future__ import annotations

import ctypes
import math
import os
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from threading import get_ident, main_thread
from typing import Any, NoReturn

import numpy as np

from hyperion.buffers.elements import itemsize
from hyperion.buffers.view import BufferView
from hyperion.errors import InternalError, OutOfMemoryError
from hyperion.interfaces.codegen import Taken
from hyperion.ir.function import Function
from hyperion.ir.traps import trap_error
from hyperion.ir.types import ArrayType
from hyperion.tokens import NOTHING, Token
from hyperion_cpu import packed, results
from hyperion_cpu.arguments import convert
from hyperion_cpu.builtin_functions import builtin
from hyperion_cpu.layout import dtype_of
from hyperion_cpu.runtime import Linked
from hyperion_llvm import INTERRUPTED, ModuleText

TOOK_PARALLEL, TOOK_POWER, TOOK_FALLBACK = 1, 2, 4
Wrap = Callable[..., object]


class Stopped(Exception):
    """The kernel of a run ended because its token was cancelled, or its deadline passed."""


_NEVER = NOTHING.address, math.inf
_main = [main_thread().ident]
"""The thread that hears signals; in the child of a fork the one that forked."""


def _note_main() -> None:
    _main[0] = main_thread().ident


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_note_main)


def _deadline(token: Token) -> float:
    """In seconds of the clock that runs look at."""
    if token.deadline == math.inf or sys.platform == "linux":
        return token.deadline
    return time.clock_gettime(time.CLOCK_MONOTONIC) + token.remaining


class CpuFunction:
    """Implements `CompiledFunction`. Loading is done; calling is the builtin `entry`."""

    def __init__(self, function: Function, module: ModuleText, linked: Linked) -> None:
        self.function = function
        self._module = module
        self._linked = linked
        self._dtypes = [dtype_of(v.type.element) if isinstance(v.type, ArrayType) else None for v in function.results]
        self._elements = [
            (str(v.type.element), itemsize(str(v.type.element))) if isinstance(v.type, ArrayType) else ("", 0)
            for v in function.results
        ]
        self._exact = self._builtin(self._impossible, self._wrap)
        self.entry: Callable[..., Any] = self._builtin(self._converted, self._wrap)  # Any: it checks its arguments
        self._for_devices: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {}

    def __call__(self, *arguments: object) -> object:
        return self.entry(*arguments)

    def bind(self, mismatch: Callable[..., object]) -> Callable[..., Any]:  # Any: as for `entry`
        """A builtin like `entry` that calls `mismatch(*arguments)` for arguments not exactly of the declared types."""
        return self._builtin(mismatch, self._wrap)

    def for_device(self, address: str) -> Callable[..., Any]:  # Any: as for `entry`
        """A builtin like `entry` whose array results are views of buffers of the device at `address`."""
        return self._views(address)[0]

    def _views(self, address: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """That builtin, and the one for arguments of exactly the declared types."""
        found = self._for_devices.get(address)
        if found is None:
            wrap = partial(self._view, address)
            exact = self._builtin(self._impossible, wrap)
            found = self._builtin(lambda *given: exact(*convert(self.function, given)), wrap), exact
            self._for_devices[address] = found
        return found

    def run(
        self,
        entry: Callable[..., Any],
        arguments: Sequence[object],
        token: Token,
        pool: int = 0,
        notes: int = 0,
        outs: int = 0,
    ) -> Any:  # Any: results are of the function's types
        """Calls a builtin of this function as a run: other Python threads run meanwhile, and `token` can end it.

        pool: the address of the pool of threads that it uses, 0 for that of all processors. notes: the address of a
        byte that tells which version ran, or 0. outs: where the addresses and bytes of memory for the results are, or
        0: of a function that `offers` it, called with arguments of exactly the declared types. Raises `Stopped` where
        the token ended it.
        """
        main = get_ident() == _main[0]
        address, deadline = _NEVER if token is NOTHING else (token.address, _deadline(token))
        return self._linked.call_as_run(address, deadline, pool, main, notes, outs, entry, *arguments)

    @property
    def offers(self) -> frozenset[int]:
        """The results that it writes where the caller has memory of just their size."""
        return self._module.offered if "hyperion_call" in self._linked.addresses else frozenset()

    def run_into(
        self, device: str, arguments: Sequence[object], token: Token, pool: int, outs: int
    ) -> Any:  # Any: as above
        """As `run` by the builtin of the device; a result is None where it lies in what `outs` has for it."""
        exact = self._views(device)[1]
        return self.run(exact, convert(self.function, arguments), token, pool, outs=outs)

    def taken(self, *arguments: object) -> Taken:
        notes = ctypes.c_uint8(0)
        self.run(self.entry, arguments, NOTHING, notes=ctypes.addressof(notes))
        bits = notes.value
        if bits & TOOK_FALLBACK:
            return "fallback"
        if bits & TOOK_PARALLEL:
            return "parallel"
        return "logarithmic" if bits & TOOK_POWER else "sequential"

    def _builtin(self, mismatch: Callable[..., object], wrap: Wrap) -> Callable[..., Any]:  # Any: as for `entry`
        address = self._linked.addresses.get("hyperion_call")
        if address is None:
            own, kernel = self._linked.own, self._linked.addresses["hyperion_packed"]

            def owning(data: int, position: int, *shape: int) -> object:
                return wrap(own(data), data, position, *shape)

            return packed.entry(self.function, kernel, mismatch, self._raise, owning)
        return builtin(self.function.name, address, (mismatch, self._raise, wrap))

    def _converted(self, *arguments: object) -> object:
        return self._exact(*convert(self.function, arguments))

    def _impossible(self, *arguments: object) -> NoReturn:
        kinds = ", ".join(type(x).__name__ for x in arguments)
        raise InternalError("HY9002", f"converted arguments of @{self.function.name} do not fit ({kinds})")

    def _raise(self, site: int, count: int, size: int) -> NoReturn:
        if site == INTERRUPTED:
            raise Stopped
        found = self._module.sites[site - 1]
        if found.kind == "memory":
            raise OutOfMemoryError(
                "HY5109",
                f"{self.function.name} makes an array of {count:,} elements, {count * size:,} bytes: more than fits",
                found.span,
                hints=["a smaller array, or several calls with a part of the data each"],
            )
        raise trap_error(found.kind, found.span)

    def _wrap(
        self, owner: object, address: int, position: int, *shape: int
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
        dtype = self._dtypes[position]
        assert dtype is not None
        return results.to_array(owner, address, shape, dtype)

    def _view(self, device: str, owner: object, address: int, position: int, *shape: int) -> BufferView | None:
        if owner is False:
            return None  # it lies where the caller wants it
        return results.to_view(owner, address, shape, *self._elements[position], device)
