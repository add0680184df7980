"""A code generation target compiles a program to something that can be called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from hyperion.ir.function import Program
from hyperion.machine import Machine

Taken = Literal["parallel", "logarithmic", "sequential", "fallback"]


@runtime_checkable
class CompiledFunction(Protocol):
    """Callable with what `hyperion.arguments.called_with` takes, and refuses the rest as that does. A trap raises the
    exception of the source's first failing step (`TrapOverflowError`, ...) with its span; Ctrl-C raises
    KeyboardInterrupt within 100 ms."""

    def __call__(self, *arguments: object) -> object: ...

    @property
    def entry(self) -> object:
        """The fastest callable with the same meaning (a METH_FASTCALL builtin on CPython)."""
        ...

    def bind(self, mismatch: Callable[..., object]) -> Callable[..., object]:
        """A callable like `entry` that converts nothing: for arguments that are not exactly of the declared types it
        calls `mismatch(*arguments)` and returns its result. Callers with one version per signature use it."""
        ...

    def taken(self, *arguments: object) -> Taken:
        """Runs the function and says which version these arguments selected."""
        ...


@runtime_checkable
class CodegenTarget(Protocol):
    """Registered by the hook `hyperion_codegen_targets`."""

    @property
    def name(self) -> str: ...

    def lower(self, program: Program, emit: Literal["llvm", "asm"]) -> str:
        """The optimised LLVM IR or the assembly of the program."""
        ...

    def compile(self, program: Program) -> CompiledFunction: ...


@dataclass(frozen=True, slots=True)
class NativeCode:
    """Machine code of one program, as a module file keeps it.

    `format` says what the bytes are (`object`: what the system's linker takes). `compat` says everything that the code
    relies on; it may run only where the target gives the same text.
    """

    format: str
    compat: str
    data: bytes | memoryview


@runtime_checkable
class NativeTarget(CodegenTarget, Protocol):
    """A target that can also give the code that it would run, and run code that it gave in another process."""

    def native(self, program: Program) -> NativeCode:
        """The code of the program: the same bytes for the same program and `compat`."""
        ...

    def load(self, program: Program, code: NativeCode) -> CompiledFunction | None:
        """The compiled program from code that `native` gave for it; None where `compat` differs here.

        The code is run as it is: whoever wrote it can do anything that this process can.
        """
        ...


class CodeStore(Protocol):
    """Where a target keeps machine code that it made, by all that the code relies on. Only who may write this process'
    program can write there: what is found is run as it is."""

    def find(self, compat: str) -> bytes | None: ...

    def keep(self, compat: str, data: bytes) -> None: ...


@runtime_checkable
class StoringTarget(CodegenTarget, Protocol):
    """A target that need not make the same machine code again in another process."""

    def compile_with(self, program: Program, store: CodeStore) -> CompiledFunction:
        """What `compile` gives, with machine code from the store where it has the very same; else it is put there."""
        ...


@runtime_checkable
class MeasuredTarget(CodegenTarget, Protocol):
    """A target that can say how fast its machine is; the forms that are compiled for it are ranked by that."""

    @property
    def machine_key(self) -> str:
        """Everything that the measured times rely on: processor, threads, versions."""
        ...

    def measure(self) -> Machine:
        """Measures the machine; takes a few tenths of a second."""
        ...
