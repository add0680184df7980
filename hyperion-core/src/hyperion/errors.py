"""Errors with a code, a place and a way out; one model for every stage."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

from hyperion.diagnostics.html import render_html
from hyperion.diagnostics.model import Diagnostic, called_from
from hyperion.diagnostics.place import Label as Label
from hyperion.diagnostics.place import Span as Span
from hyperion.diagnostics.text import render_text

E = TypeVar("E", bound="HyperionError")


class HyperionError(Exception):
    """What went wrong, where, why and what to try.

    `code` is stable (`HY6001`; explained by `hyperion explain HY6001`); `message` is one sentence; `span` the place in
    the user's source; `notes` say why; `hints` say what to try; `labels` are secondary places. `errors` are the members
    where several errors were found together, else this one alone.

    >>> place = Span("f.py", 3, 7, 3, 8, "    x @ y")
    >>> error = HyperionError("HY6104", "this is not taken", place, hints=["write x * y"])
    >>> print(error)
    HY6104: this is not taken
      --> f.py:3:7
            x @ y
              ^
      try: write x * y
    """

    def __init__(
        self,
        code: str,
        message: str,
        span: Span | None = None,
        notes: Sequence[str] = (),
        hints: Sequence[str] = (),
        labels: Sequence[Label] = (),
        *,
        errors: Sequence[HyperionError] = (),
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.span = span
        self.notes = tuple(notes)
        self.hints = tuple(hints)
        self._labels = tuple(labels)
        self._errors = tuple(errors)

    @property
    def labels(self) -> tuple[Label, ...]:
        """Secondary places, among them the calls that the code at `span` was inlined into."""
        return (*self._labels, *called_from(self.span))

    @labels.setter
    def labels(self, labels: Sequence[Label]) -> None:
        inlined = called_from(self.span)
        self._labels = tuple(label for label in labels if label not in inlined)

    @property
    def errors(self) -> tuple[HyperionError, ...]:
        """The errors that were found together, each with code, place, notes and hints of its own."""
        return self._errors or (self,)

    @property
    def diagnostic(self) -> Diagnostic:
        """The error as a value, for the renderings in `hyperion.diagnostics`."""
        return Diagnostic(
            self.code,
            self.message,
            self.span,
            self.labels,
            self.notes,
            self.hints,
            tuple(error.diagnostic for error in self._errors),
            kind=type(self).__name__,
        )

    def __str__(self) -> str:
        return render_text(self)

    def _repr_html_(self) -> str:
        return render_html(self)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        """What a notebook shows: HTML and plain text."""
        return {"text/plain": str(self), "text/html": self._repr_html_()}


def brief(error: E) -> E:
    """The error without the frames it came through, for where the caller's own frame and the error's place say it all.
    HYPERION_TRACEBACK=full keeps them."""
    return error if os.environ.get("HYPERION_TRACEBACK") == "full" else error.with_traceback(None)


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


class DeviceLostError(DeviceError):
    """A device stopped answering in the middle of its work (HY5012)."""


class WorkCancelledError(DeviceError):
    """Work was cancelled by its token or its future (HY5020)."""


class DeadlineError(DeviceError, TimeoutError):
    """Work did not end before its deadline (HY5021)."""


STOPS = (WorkCancelledError, DeadlineError)
"""How a token ends work: whoever takes errors of searches and passes for lost chances lets these through."""
RAISED = (Exception, SystemExit)
"""What is caught of code that strangers wrote: that it calls `sys.exit` does not end the program that asked it."""


class TypeCheckError(HyperionError, TypeError):
    """Source does not parse or does not type (HY6xxx)."""


class ArgumentRangeError(TypeCheckError, OverflowError):
    """An integer argument is outside the range of its parameter (HY6122)."""


class ArgumentSizeError(TypeCheckError, ValueError):
    """The sizes of array arguments do not fit the parameters or each other (HY6113)."""


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


class TrapRecursionError(HyperionError, RecursionError):
    """A function called itself deeper than the stack allows (HY5111)."""


class AssumptionError(TrapValueError):
    """What a function assumes, by `hp.assume` or `hp.Range`, does not hold (HY5110)."""
