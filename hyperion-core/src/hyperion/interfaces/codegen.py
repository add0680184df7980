"""A code generation target compiles a program to something that can be called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol, runtime_checkable

from hyperion.ir.function import Program

Taken = Literal["parallel", "logarithmic", "sequential", "fallback"]


@runtime_checkable
class CompiledFunction(Protocol):
    """Callable with NumPy arrays and Python scalars. A trap raises the exception of the source's first failing step
    (`TrapOverflowError`, ...) with its span; Ctrl-C raises KeyboardInterrupt within 100 ms."""

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
