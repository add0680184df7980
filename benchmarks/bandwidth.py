"""The rate at which this machine reads memory: a plain vectorised read of the array, on all cores."""

from __future__ import annotations

import ctypes
import importlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

# Reads 256 bytes a step into four sums, which LLVM keeps in vector registers.
_READ = """
define i64 @read(ptr %data, i64 %bytes) {
entry:
  br label %loop
loop:
  %at = phi i64 [0, %entry], [%next, %loop]
  %a = phi <8 x i64> [zeroinitializer, %entry], [%a1, %loop]
  %b = phi <8 x i64> [zeroinitializer, %entry], [%b1, %loop]
  %c = phi <8 x i64> [zeroinitializer, %entry], [%c1, %loop]
  %d = phi <8 x i64> [zeroinitializer, %entry], [%d1, %loop]
  %p0 = getelementptr i8, ptr %data, i64 %at
  %p1 = getelementptr i8, ptr %p0, i64 64
  %p2 = getelementptr i8, ptr %p0, i64 128
  %p3 = getelementptr i8, ptr %p0, i64 192
  %x0 = load <8 x i64>, ptr %p0, align 8
  %x1 = load <8 x i64>, ptr %p1, align 8
  %x2 = load <8 x i64>, ptr %p2, align 8
  %x3 = load <8 x i64>, ptr %p3, align 8
  %a1 = add <8 x i64> %a, %x0
  %b1 = add <8 x i64> %b, %x1
  %c1 = add <8 x i64> %c, %x2
  %d1 = add <8 x i64> %d, %x3
  %next = add i64 %at, 256
  %more = icmp ult i64 %next, %bytes
  br i1 %more, label %loop, label %done
done:
  %ab = add <8 x i64> %a1, %b1
  %cd = add <8 x i64> %c1, %d1
  %all = add <8 x i64> %ab, %cd
  %sum = call i64 @llvm.vector.reduce.add.v8i64(<8 x i64> %all)
  ret i64 %sum
}
declare i64 @llvm.vector.reduce.add.v8i64(<8 x i64>)
"""


class Reader:
    """Reads arrays whose size in bytes is a multiple of 256 times the number of threads."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._pool = ThreadPoolExecutor(max(1, threads - 1))  # the calling thread reads too
        self._engine, self._read = _compile()

    def read(self, array: Any) -> None:  # Any: a NumPy array, which this module does not import
        """Reads every byte of a contiguous array once, each thread a contiguous part."""
        part = array.nbytes // self._threads
        start = array.ctypes.data
        others = [self._pool.submit(self._read, start + i * part, part) for i in range(1, self._threads)]
        self._read(start, part)
        for done in others:
            done.result()

    def close(self) -> None:
        self._pool.shutdown()


def _compile() -> tuple[object, Callable[[int, int], int]]:
    """The compiled function, and the engine that owns its code."""
    llvm: Any = importlib.import_module("llvmlite.binding")  # Any: llvmlite has no type information
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    features: str = llvm.get_host_cpu_features().flatten()
    machine = llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=features, opt=3
    )
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(_READ), machine)
    engine.finalize_object()
    address: int = engine.get_function_address("read")
    return engine, ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64)(address)
