"""What every compiled function of this process shares: the JIT, memory, pools of threads and the look at signals."""

from __future__ import annotations

import ctypes
import itertools
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hyperion._forking import survives_forks
from hyperion.errors import CodegenError, DeviceError
from hyperion.interfaces.codegen import CodeStore
from hyperion_cpu import blocks, entry, pool, runs, stack
from hyperion_cpu.builtin_functions import builtin
from hyperion_cpu.pools import Pools
from hyperion_cpu.processors import memory_bytes
from hyperion_llvm import TargetSpec, host, object_code, optimise, parse
from hyperion_llvm.binding import llvm
from hyperion_llvm.compile import machine

C_LIBRARY = ("clock_gettime", "calloc", "free", "memcpy", "memset", "memmove", "fmod", "fmodf", "exp", "log")
WIDE_ARITHMETIC = (
    "__divti3", "__modti3", "__udivti3", "__umodti3", "__floattidf", "__floattisf", "__floattihf", "__floatuntidf",
    "__floatuntisf", "__fixdfti", "__fixsfti", "__fixhfti", "__truncdfhf2", "__truncsfhf2", "__extendhfsf2",
)  # fmt: skip
PYTHON = (
    "PyErr_CheckSignals", "PyErr_Clear", "PyErr_Occurred", "PyEval_SaveThread",
    "PyEval_RestoreThread", "PyLong_AsLongLongAndOverflow", "PyLong_AsUnsignedLongLong", "PyLong_FromLongLong",
    "PyLong_FromUnsignedLongLong", "PyFloat_FromDouble", "PyBool_FromLong", "PyTuple_New", "PyTuple_GetItem",
    "PyTuple_SetItem", "PyObject_Call", "PyObject_CallFunction", "PyObject_Vectorcall", "PyFloat_AsDouble",
    "PyLong_AsLongLong", "Py_IncRef", "Py_DecRef", "PyCapsule_New", "PyCapsule_GetPointer", "PyErr_NoMemory",
)  # fmt: skip


def address_of(library: ctypes.CDLL | ctypes.PyDLL, name: str) -> int:
    return ctypes.cast(getattr(library, name), ctypes.c_void_p).value or 0


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of large blocks: kept at most, kept for the next array, mapped in all; how often one was reused; and the
    most bytes that were in use at once, which is mapped and not kept."""

    limit: int
    kept: int
    mapped: int
    reused: int
    peak: int = 0


class Runtime:
    """The JIT of this process and the addresses that compiled code may use."""

    def __init__(self, store: CodeStore | None = None) -> None:
        self.target: TargetSpec = host()
        self._jit = llvm.create_lljit_compiler(machine(self.target))
        self._numbers = itertools.count(1)
        self._trackers: list[object] = []
        self.symbols = _process_symbols(self.target)
        self.own: Callable[[int], object] = lambda _: None  # until there is code that makes blocks
        self.call_as_run: Callable[..., Any] = lambda *_: None  # until there is code that calls; Any: its results
        self._start_memory(store)
        self._start_pool(store)

    def link(self, object_image: bytes, exports: Sequence[str], symbols: Mapping[str, int] | None = None) -> Linked:
        """Loads an object; gives the addresses of what it exports, which hold while the result lives."""
        builder = llvm.JITLibraryBuilder().add_object_img(object_image)
        for name, address in {**self.symbols, **(symbols or {})}.items():
            if name not in exports:
                builder.import_symbol(name, address)
        for name in exports:
            builder.export_symbol(name)
        try:
            tracker = builder.link(self._jit, f"hyperion.{next(self._numbers)}")
        except RuntimeError as error:
            raise CodegenError("HY8011", "the code made does not load", notes=[str(error)]) from error
        return Linked(tracker, {name: tracker[name] for name in exports}, self.own, self.call_as_run)

    def _start_memory(self, store: CodeStore | None) -> None:
        exports = ("block", "block_free", "block_owner", "block_new", "blocks", "blocks_trim", "blocks_reset")
        own = self._own("blocks", blocks.text(), [f"hyperion_{name}" for name in exports], store)
        self._memory = (ctypes.c_int64 * 5).from_address(own["hyperion_blocks"])
        self._memory[0] = blocks.most_kept(memory_bytes())
        self.own = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p)(own["hyperion_block_owner"])
        self._new_block = builtin("new_block", own["hyperion_block_new"])
        self._trim = ctypes.CFUNCTYPE(None)(own["hyperion_blocks_trim"])
        _after_fork(own["hyperion_blocks_reset"])

    def _start_pool(self, store: CodeStore | None) -> None:
        names = (
            "poll", "back", "run", "outs", "key", "parallel", "pool", "pool_reset", "pool_end",
            "stack_floor", "floor_key", "call_slow", "call_failed",
        )  # fmt: skip
        text = runs.text() + stack.text() + pool.text(self.target.architecture) + entry.SHARED
        own = self._own("pool", text, [f"hyperion_{name}" for name in names], store)
        for key in ("hyperion_key", "hyperion_floor_key"):
            ctypes.c_int64.from_address(own[key]).value = _thread_specific()
        self.call_as_run = builtin("run", own["hyperion_run"])
        reset = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(own["hyperion_pool_reset"])
        threads = pool.thread_count() if pool.has_threads(self.target.architecture) else 1
        self.pools = Pools(own["hyperion_pool"], threads, reset, self.symbols["hyperion_pool_end"])

    def _own(self, name: str, text: str, exports: Sequence[str], store: CodeStore | None) -> dict[str, int]:
        """Where the runtime's own code is; from now on compiled code may use it."""
        linked = self.link(self._own_object(name, text, store), exports)
        self._trackers.append(linked)
        self.symbols |= linked.addresses
        return linked.addresses

    def _own_object(self, name: str, text: str, store: CodeStore | None) -> bytes:
        compat = self.target.compat(text)
        image = None if store is None else store.find(compat)
        if image is None:
            module = parse(text, name, self.target)
            optimise(module, self.target, 2)
            image = object_code(module, self.target)
            if store is not None:
                store.keep(compat, image)
        return image

    @property
    def memory(self) -> Memory:
        return Memory(*self._memory)

    def trim(self) -> None:
        """Gives the memory that waits for the next array back to the system."""
        self._trim()

    def block(self, nbytes: int, cleared: bool) -> tuple[object, int]:
        """The owner of so many bytes, fewer than 2**62, zeros if they are to be `cleared`, and their address. Raises
        MemoryError where there is no memory left."""
        owner = self._new_block(nbytes, int(cleared))
        return owner, _data_of(owner, None)

    @property
    def threads(self) -> int:
        return self.pools.usual.threads


class Linked:
    """A loaded object: keeps the code in memory. `own` gives the owner of the block of these data, `call_as_run` is
    `hyperion_run` of `runs`."""

    def __init__(
        self,
        tracker: object,
        addresses: dict[str, int],
        own: Callable[[int], object],
        call_as_run: Callable[..., Any],  # Any: what the callable gives
    ) -> None:
        self._tracker = tracker
        self.addresses = addresses
        self.own = own
        self.call_as_run = call_as_run


_data_of = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
    ("PyCapsule_GetPointer", ctypes.pythonapi)
)


def _after_fork(address: int) -> None:
    """Calls what lies at `address` in the child of each fork."""
    reset = ctypes.CFUNCTYPE(None)(address)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=lambda: reset())


def _thread_specific() -> int:
    """A key of thread-specific data."""
    key = ctypes.c_uint64(0)
    if ctypes.CDLL(None).pthread_key_create(ctypes.byref(key), None):
        raise DeviceError("HY5004", "the system has no more thread-specific data to give")
    return key.value


def _process_symbols(target: TargetSpec) -> dict[str, int]:
    symbols = {name: address_of(ctypes.pythonapi, name) for name in PYTHON}
    library = ctypes.CDLL(None)
    needed = C_LIBRARY + blocks.IMPORTS + runs.IMPORTS + stack.imports()
    needed += pool.IMPORTS if pool.has_threads(target.architecture) else ()
    needed += runs.PINNING if sys.platform == "linux" else ()
    symbols |= {name: address_of(library, name) for name in needed}
    for wide in _wide_libraries():
        for name in WIDE_ARITHMETIC:
            if name not in symbols and hasattr(wide, name):
                symbols[name] = address_of(wide, name)
    if "__divti3" not in symbols:
        raise DeviceError("HY5004", "128-bit division was not found", hints=["install libgcc_s or compiler-rt"])
    return symbols


def _wide_libraries() -> list[ctypes.CDLL]:
    found = [ctypes.CDLL(None)]
    for name in ("libgcc_s.so.1", "libSystem.B.dylib"):
        try:
            found.append(ctypes.CDLL(name))
        except OSError:
            continue  # another platform's name
    return found


_making = survives_forks(threading.Lock())
_made: list[Runtime] = []


def runtime(store: CodeStore | None = None) -> Runtime:
    """The runtime of this process, made on first use, then with its own code from `store`."""
    with _making:
        if not _made:
            _made.append(Runtime(store))
        return _made[0]
