"""The rate at which this machine reads memory: a plain vectorised read of the array, on all cores."""

from __future__ import annotations

import ctypes
import importlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

STREAMS = 8  # places that one thread reads at a time; one alone does not keep the memory busy


def _ir() -> str:
    """A function that reads `bytes` bytes from `data`, 64 at a time at each of `STREAMS` evenly spaced places."""

    def each(line: str) -> str:
        return "\n".join(line.replace("$", str(i)) for i in range(STREAMS))

    total = "%n0"
    sums: list[str] = []
    for i in range(1, STREAMS):
        sums.append(f"%t{i} = add <8 x i64> {total}, %n{i}")
        total = f"%t{i}"
    return f"""
define i64 @read(ptr %data, i64 %bytes) {{
entry:
%even = udiv i64 %bytes, {STREAMS}
%part = and i64 %even, -64
{each("%o$ = mul i64 %part, $")}
{each("%d$ = getelementptr i8, ptr %data, i64 %o$")}
br label %loop
loop:
%at = phi i64 [0, %entry], [%next, %loop]
{each("%a$ = phi <8 x i64> [zeroinitializer, %entry], [%n$, %loop]")}
{each("%p$ = getelementptr i8, ptr %d$, i64 %at")}
{each("%x$ = load <8 x i64>, ptr %p$, align 8")}
{each("%n$ = add <8 x i64> %a$, %x$")}
%next = add i64 %at, 64
%more = icmp ult i64 %next, %part
br i1 %more, label %loop, label %done
done:
{chr(10).join(sums)}
%sum = call i64 @llvm.vector.reduce.add.v8i64(<8 x i64> {total})
ret i64 %sum
}}
declare i64 @llvm.vector.reduce.add.v8i64(<8 x i64>)
"""


class Reader:
    """Reads arrays, all but the odd bytes at the ends of the parts that threads and streams take."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._pool = ThreadPoolExecutor(max(1, threads - 1))  # the calling thread reads too
        self._engine, self._read = _compile()

    def read(self, array: Any) -> None:  # Any: a NumPy array, which this module does not import
        """Reads a contiguous array once, each thread a contiguous part."""
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
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(_ir()), machine)
    engine.finalize_object()
    address: int = engine.get_function_address("read")
    return engine, ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64)(address)
