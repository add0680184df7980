"""Errors with a code, a place and a way out; one model for every stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A range of source text. Lines and columns count from 1; `text` is the source line itself, for the caret."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def caret(self) -> str:
        """The source line with a caret line below it; empty where the text is unknown."""
        if not self.text:
            return ""
        last = self.end_column if self.end_line == self.line else len(self.text) + 1
        width = max(1, min(last, len(self.text) + 1) - self.column)
        pad = "".join("\t" if c == "\t" else " " for c in self.text[: self.column - 1])
        return f"{self.text}\n{pad}{'^' * width}"


class HyperionError(Exception):
    """What went wrong, where, why and what to try.

    `code` is stable (`HY6001`; explained by `hyperion explain HY6001`); `message` is one sentence; `span` the place in
    the user's source; `notes` say why; `hints` say what to try.
    """

    def __init__(
        self,
        code: str,
        message: str,
        span: Span | None = None,
        notes: Sequence[str] = (),
        hints: Sequence[str] = (),
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.span = span
        self.notes = tuple(notes)
        self.hints = tuple(hints)

    def __str__(self) -> str:
        lines = [f"{self.code}: {self.message}"]
        if self.span is not None:
            lines.append(f"  --> {self.span}")
            lines.extend(f"    {line}" for line in self.span.caret().splitlines())
        lines.extend(f"  note: {note}" for note in self.notes)
        lines.extend(f"  try: {hint}" for hint in self.hints)
        return "\n".join(lines)


class PluginError(HyperionError):
    """An instance, plugin or hook failed (HY1xxx)."""


class BufferError_(HyperionError, BufferError):
    """A buffer or view cannot be made or used as asked (HY2xxx)."""


class ModuleError(HyperionError):
    """A module is damaged or does not hold what was asked for (HY3xxx)."""


class PassError(HyperionError):
    """A pass failed or gave no evidence (HY4xxx)."""


class StoppedError(PassError, TimeoutError):
    """A run of a pipeline was cancelled or ran out of time (HY4004, HY4005)."""


class DeviceError(HyperionError, RuntimeError):
    """A device, network or executor failed (HY5xxx)."""


class TypeCheckError(HyperionError, TypeError):
    """Source does not parse or does not type (HY6xxx)."""


class ProofError(HyperionError):
    """A proof step is wrong, or a statement has no proof (HY7xxx)."""


class CodegenError(HyperionError, RuntimeError):
    """Code generation cannot take this function (HY8xxx)."""


class InternalError(HyperionError, RuntimeError):
    """A defect of Hyperion itself (HY9xxx)."""


class OutOfMemoryError(HyperionError, MemoryError):
    """An array that a function makes does not fit in memory (HY5109)."""


class TrapOverflowError(HyperionError, OverflowError):
    """A step of the function left the range of its machine integer (HY5101)."""


class TrapZeroDivisionError(HyperionError, ZeroDivisionError):
    """A step of the function divided by zero (HY5102)."""


class TrapIndexError(HyperionError, IndexError):
    """A step of the function read or wrote outside an array (HY5103)."""


class TrapInexactError(HyperionError, ArithmeticError):
    """A step of the function met an integer that no float of the type equals (HY5105)."""


class TrapValueError(HyperionError, ValueError):
    """A step of the function met a value that Python refuses too, such as a negative shift count (HY5104)."""
