"""`--trace FILE`: what a command does, for chrome://tracing and https://ui.perfetto.dev."""

from __future__ import annotations

import argparse
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hyperion as hp
from hyperion.tracing import Trace
from hyperion_cli.assumed import assumed_arguments, assumption
from hyperion_cli.compiled import CompiledFunction
from hyperion_cli.loading import load_arguments, load_function
from hyperion_cli.output import UsageError
from hyperion_cli.progress import progress


def add_trace_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--trace", metavar="FILE", help="write a trace there, for https://ui.perfetto.dev")


@contextmanager
def traced(path: str | None) -> Generator[Trace]:
    """A trace that is saved at the end, however the body ends. Raises `UsageError` (HY1221) where it cannot be."""
    trace = Trace()
    if path is not None and not Path(path).resolve().parent.is_dir():
        raise _unwritable(path, "there is no such folder")
    try:
        yield trace
    finally:
        if path is not None:
            _save(trace, path)


@dataclass(frozen=True, slots=True)
class Work:
    """A function and the values to call it with, as the command line names them; where it names none, what `assumed`
    says of them."""

    function: hp.JitFunction | CompiledFunction
    values: tuple[Any, ...]  # Any: numbers and arrays
    assumed: str = ""


@contextmanager
def working_on(arguments: argparse.Namespace, assume: bool = False) -> Generator[Work]:
    """Loads the function and its arguments, and records and shows what is done with them in the body.

    `assume` has example arguments made where none are given.
    """
    with traced(arguments.trace) as trace:
        kept = trace if arguments.trace else None
        # What a Python file prints while it is imported would get into the line that says what is done.
        quiet = arguments.function.rpartition(":")[0].endswith(".py")
        with trace.span(f"load {arguments.function}", "cli"), working(None, kept, shown=not quiet):
            function = load_function(arguments.function, arguments.overflow, arguments.fp, arguments.target)
        with trace.span("read the arguments", "cli"):
            work = _work(function, arguments.arguments, assume)
        with working(function, kept):
            yield work


def _work(function: hp.JitFunction | CompiledFunction, words: list[str], assume: bool) -> Work:
    if not assume or words:
        return Work(function, load_arguments(function, words))
    if isinstance(function, CompiledFunction):
        return Work(function, ())  # its types are declared
    values = assumed_arguments(function)
    return (
        Work(function, tuple(values.values()), assumption(values))
        if values
        else Work(function, load_arguments(function, words))
    )


@contextmanager
def working(
    function: hp.JitFunction | CompiledFunction | None, trace: Trace | None, shown: bool = True
) -> Generator[None]:
    """Records and shows what the Instance of the function, or the default one, does in the body."""
    instance = (function and function.instance) or hp.default_instance()
    with ExitStack() as stack:
        if trace is not None:
            stack.enter_context(instance.tracing(trace))
        if shown:
            stack.enter_context(progress(instance))
        yield


def _save(trace: Trace, path: str) -> None:
    try:
        trace.save(path)
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from error


def _unwritable(path: str, why: str) -> UsageError:
    hints = ["a file in a folder that exists"]
    return UsageError("HY1221", f"the trace cannot be written to {path!r}: {why}", hints=hints)
