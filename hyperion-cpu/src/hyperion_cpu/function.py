"""A compiled function: loaded code behind a builtin."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from hyperion.errors import InternalError, OutOfMemoryError
from hyperion.interfaces.codegen import Taken
from hyperion.ir.function import Function
from hyperion.ir.traps import trap_error
from hyperion.ir.types import ArrayType
from hyperion_cpu import packed, results
from hyperion_cpu.arguments import convert
from hyperion_cpu.layout import dtype_of
from hyperion_cpu.runtime import Linked
from hyperion_llvm import ModuleText

TOOK_PARALLEL, TOOK_POWER, TOOK_FALLBACK = 1, 2, 4
METH_FASTCALL = 0x80


class _MethodDefinition(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


# A builtin reads its definition even while it is deallocated, so definitions are never freed.
_definitions: list[_MethodDefinition] = []

_new_builtin = ctypes.pythonapi.PyCFunction_NewEx
_new_builtin.restype = ctypes.py_object
_new_builtin.argtypes = [ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p]


class CpuFunction:
    """Implements `CompiledFunction`. Loading is done; calling is the builtin `entry`."""

    def __init__(self, function: Function, module: ModuleText, linked: Linked) -> None:
        self.function = function
        self._module = module
        self._linked = linked
        self._taken = ctypes.c_uint8.from_address(linked.addresses["hyperion_taken"])
        self._asked = (ctypes.c_uint64 * 2).from_address(linked.addresses["hyperion_asked"])
        self._dtypes = [dtype_of(v.type.element) if isinstance(v.type, ArrayType) else None for v in function.results]
        self._last = threading.Lock()
        self._definition = self._define()
        self._exact = self._builtin(self._impossible)
        self.entry: Callable[..., Any] = self._builtin(self._converted)  # Any: a builtin's arguments are its own check

    def __call__(self, *arguments: object) -> object:
        return self.entry(*arguments)

    def bind(self, mismatch: Callable[..., object]) -> Callable[..., Any]:  # Any: as for `entry`
        """A builtin like `entry` that calls `mismatch(*arguments)` for arguments not exactly of the declared types."""
        return self._builtin(mismatch)

    def taken(self, *arguments: object) -> Taken:
        with self._last:
            self.entry(*arguments)
            bits = self._taken.value
        if bits & TOOK_FALLBACK:
            return "fallback"
        if bits & TOOK_PARALLEL:
            return "parallel"
        return "logarithmic" if bits & TOOK_POWER else "sequential"

    def _define(self) -> _MethodDefinition | None:
        address = self._linked.addresses.get("hyperion_call")
        if address is None:
            return None
        text = f"{self.function.name}, compiled by Hyperion".encode()
        definition = _MethodDefinition(self.function.name.encode(), address, METH_FASTCALL, text)
        _definitions.append(definition)
        return definition

    def _builtin(self, mismatch: Callable[..., object]) -> Callable[..., Any]:  # Any: as for `entry`
        if self._definition is None:
            address = self._linked.addresses["hyperion_packed"]
            return packed.entry(self.function, address, self._raise, self._wrap)
        own = (mismatch, self._raise, self._wrap)
        return _new_builtin(ctypes.addressof(self._definition), own, None)

    def _converted(self, *arguments: object) -> object:
        return self._exact(*convert(self.function, arguments))

    def _impossible(self, *arguments: object) -> NoReturn:
        kinds = ", ".join(type(x).__name__ for x in arguments)
        raise InternalError("HY9002", f"converted arguments of @{self.function.name} do not fit ({kinds})")

    def _raise(self, site: int) -> NoReturn:
        found = self._module.sites[site - 1]
        if found.kind == "memory":
            count, size = self._asked
            raise OutOfMemoryError(
                "HY5109",
                f"{self.function.name} makes an array of {count:,} elements, {count * size:,} bytes: more than fits",
                found.span,
                hints=["a smaller array, or several calls with a part of the data each"],
            )
        raise trap_error(found.kind, found.span)

    def _wrap(self, address: int, position: int, *shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
        dtype = self._dtypes[position]
        assert dtype is not None
        return results.to_array(address, shape, dtype, self._linked.free)
