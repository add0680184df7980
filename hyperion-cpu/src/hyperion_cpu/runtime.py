"""What every compiled function of this process shares: the JIT, the pool and the look at signals."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hyperion.errors import CodegenError, DeviceError
from hyperion.interfaces.codegen import CodeStore
from hyperion_cpu import blocks, pool, stack
from hyperion_cpu.device import memory_bytes
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
    "PyTuple_SetItem", "PyObject_Call", "PyObject_CallFunction", "Py_IncRef", "Py_DecRef",
)  # fmt: skip

POLL = """
declare i32 @PyErr_CheckSignals()

; Looks at signals: not 0 if a handler raised.
define i32 @hyperion_poll() {
  %status = call i32 @PyErr_CheckSignals()
  ret i32 %status
}
"""

TIMED_POLL = """
declare ptr @PyEval_SaveThread()
declare void @PyEval_RestoreThread(ptr)
declare i32 @PyErr_CheckSignals()
declare i32 @clock_gettime(i32, ptr)
@last = internal global i64 0

; Every 10 ms lets other Python threads run, then looks at signals: not 0 if a handler raised. More often would hand
; most of the time to a thread that waits for the interpreter's lock.
define i32 @hyperion_poll() {
entry:
  %time = alloca [2 x i64], align 8
  %r = call i32 @clock_gettime(i32 1, ptr %time)
  %seconds = load i64, ptr %time
  %place = getelementptr i64, ptr %time, i64 1
  %nanoseconds = load i64, ptr %place
  %whole = mul i64 %seconds, 1000000000
  %now = add i64 %whole, %nanoseconds
  %before = load i64, ptr @last
  %passed = sub i64 %now, %before
  %due = icmp sge i64 %passed, 10000000
  br i1 %due, label %look, label %out
look:
  store i64 %now, ptr @last
  %state = call ptr @PyEval_SaveThread()
  call void @PyEval_RestoreThread(ptr %state)
  %status = call i32 @PyErr_CheckSignals()
  ret i32 %status
out:
  ret i32 0
}
"""


def address_of(library: ctypes.CDLL | ctypes.PyDLL, name: str) -> int:
    return ctypes.cast(getattr(library, name), ctypes.c_void_p).value or 0


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of large blocks: kept at most, kept for the next array, mapped in all; and how often one was reused."""

    limit: int
    kept: int
    mapped: int
    reused: int


class Runtime:
    """The JIT of this process and the addresses that compiled code may use."""

    def __init__(self, store: CodeStore | None = None) -> None:
        self.target: TargetSpec = host()
        self._jit = llvm.create_lljit_compiler(machine(self.target))
        self._lock = threading.Lock()
        self._count = 0
        self._trackers: list[object] = []
        self.symbols = _process_symbols(self.target)
        self._free: Callable[[int], object] = lambda _: None  # until there is code that makes blocks
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
        with self._lock:
            self._count += 1
            try:
                tracker = builder.link(self._jit, f"hyperion.{self._count}")
            except RuntimeError as error:
                raise CodegenError("HY8011", "the code made does not load", notes=[str(error)]) from error
        return Linked(tracker, {name: tracker[name] for name in exports}, self._free)

    def _start_memory(self, store: CodeStore | None) -> None:
        exports = ("block", "block_free", "blocks", "blocks_trim", "blocks_reset")
        own = self._own("blocks", blocks.text(), [f"hyperion_{name}" for name in exports], store)
        self._memory = (ctypes.c_int64 * 4).from_address(own["hyperion_blocks"])
        self._memory[0] = blocks.most_kept(memory_bytes())
        self._free = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(own["hyperion_block_free"])
        self._trim = ctypes.CFUNCTYPE(None)(own["hyperion_blocks_trim"])
        _after_fork(own["hyperion_blocks_reset"])

    def _start_pool(self, store: CodeStore | None) -> None:
        poll = TIMED_POLL if sys.platform == "linux" else POLL
        text = poll + pool.text(self.target.architecture).replace("declare i32 @hyperion_poll()", "")
        exports = ("hyperion_poll", "hyperion_parallel", "hyperion_pool_reset", "hyperion_threads")
        own = self._own("pool", text, exports, store)
        threads = ctypes.c_int32.from_address(own["hyperion_threads"])
        threads.value = pool.thread_count() if pool.has_threads(self.target.architecture) else 1
        _after_fork(own["hyperion_pool_reset"])

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

    @property
    def threads(self) -> int:
        return ctypes.c_int32.from_address(self.symbols["hyperion_threads"]).value


class Linked:
    """A loaded object: keeps the code in memory. `free` takes the blocks that its functions made."""

    def __init__(self, tracker: object, addresses: dict[str, int], free: Callable[[int], object]) -> None:
        self._tracker = tracker
        self.addresses = addresses
        self.free = free


def _after_fork(address: int) -> None:
    """Calls what lies at `address` in the child of each fork."""
    reset = ctypes.CFUNCTYPE(None)(address)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=lambda: reset())


def _process_symbols(target: TargetSpec) -> dict[str, int]:
    symbols = {name: address_of(ctypes.pythonapi, name) for name in PYTHON}
    library = ctypes.CDLL(None)
    needed = C_LIBRARY + blocks.IMPORTS + (pool.IMPORTS if pool.has_threads(target.architecture) else ())
    symbols |= {name: address_of(library, name) for name in needed}
    symbols["hyperion_stack_floor"] = ctypes.cast(stack.CALLBACK, ctypes.c_void_p).value or 0
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


_making = threading.Lock()
_made: list[Runtime] = []


def runtime(store: CodeStore | None = None) -> Runtime:
    """The runtime of this process, made on first use, then with its own code from `store`."""
    with _making:
        if not _made:
            _made.append(Runtime(store))
        return _made[0]
