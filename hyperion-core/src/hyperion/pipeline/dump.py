"""A built-in instrument that shows the IR after passes: on a stream, or in a folder with one file for each."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from difflib import unified_diff
from os import PathLike
from pathlib import Path
from threading import Lock
from typing import TextIO

from hyperion.errors import PassError
from hyperion.ir.function import Program
from hyperion.ir.printer import print_program
from hyperion.pipeline.instrument import Instrument, PassRun
from hyperion.pipeline.outcome import Step


class Dump(Instrument):
    """The IR after each pass.

    to: a folder, which gets `0000-input.hir` and then one file a pass, `0003-cse.hir`; or a stream; stderr where None.
        Files of those names are overwritten. Numbers go on where a second run follows.
    only_changes: leave out passes that changed nothing.
    diff: show a unified diff in the place of the IR; the files are then called `0003-cse.diff`.
    """

    def __init__(
        self, to: str | PathLike[str] | TextIO | None = None, *, only_changes: bool = True, diff: bool = False
    ) -> None:
        self._folder = Path(to) if isinstance(to, (str, PathLike)) else None
        self._stream = to if not isinstance(to, (str, PathLike)) else None
        self._only_changes = only_changes
        self._diff = diff
        self._number = -1
        self._last: Program | None = None
        self._lock = Lock()

    def before(self, run: PassRun) -> None:
        with self._lock:
            if run.program is not self._last and run.number == 1:
                self._number += 1
                self._put("input", "input", print_program(run.program), "hir", run)
            self._last = run.program

    def after(self, run: PassRun, step: Step, program: Program) -> None:
        with self._lock:
            self._number += 1
            self._last = program
            if not step.changed and self._only_changes:
                return
            text = print_program(program)
            if self._diff:
                old, new = print_program(run.program).splitlines(), text.splitlines()
                text = "".join(f"{line}\n" for line in unified_diff(old, new, "before", "after", lineterm=""))
            unproved = ", UNPROVED" if step.evidence == "none" else ""
            self._put(run.name, f"{_place(run)}{unproved}", text, "diff" if self._diff else "hir", run)

    def failed(self, run: PassRun, error: PassError) -> None:
        with self._lock:
            self._number += 1
            self._put(run.name, f"{_place(run)} failed", _comment(str(error).splitlines()), "failed", run)

    def _put(self, name: str, title: str, text: str, kind: str, run: PassRun) -> None:
        if self._folder is None:
            print(
                f"// ---- {self._number:04d} {title} @{run.program.entry}",
                text,
                sep="\n",
                file=self._stream or sys.stderr,
            )
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / f"{self._number:04d}-{name}.{kind}").write_text(text, encoding="utf-8")


def _place(run: PassRun) -> str:
    return " in ".join((run.text, *reversed(run.path)))


def _comment(lines: Iterable[str]) -> str:
    return "".join(f"// {line}".rstrip() + "\n" for line in lines)
