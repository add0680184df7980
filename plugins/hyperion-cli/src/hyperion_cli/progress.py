"""A line that says what is being done, on a terminal and only while it takes long."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TextIO

import hyperion as hp
from hyperion.diagnostics import shown
from hyperion.interfaces.event import Event

if TYPE_CHECKING:
    from rich.status import Status
    from rich.text import Text

PATIENCE = 0.4  # seconds before the line appears; what is done by then needs no line, and no import of rich

_WORDS: Mapping[str, str] = {
    "check": "checking a proof",
    "codegen": "generating code for",
    "compile": "compiling",
    "derive": "deriving",
    "frontend": "reading",
    "load": "loading",
    "pass": "pass",
    "run": "running",
    "strategy": "looking for a proof by",
    "verify": "verifying",
}


@contextmanager
def progress(instance: hp.Instance, stream: TextIO | None = None) -> Generator[None]:
    """Shows the stages of the Instance's work on stderr while the body runs."""
    out = sys.stderr if stream is None else stream
    if not out.isatty() or os.environ.get("TERM") == "dumb":
        yield
        return
    line = _Line(out)
    timer = threading.Timer(PATIENCE, line.show)
    timer.daemon = True
    with instance.listening(line.heard):
        with suppress(RuntimeError):  # without a thread nothing is shown
            timer.start()
        try:
            yield
        finally:
            timer.cancel()
            line.hide()


class _Line:
    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._lock = threading.Lock()
        self._open: list[str] = []  # the stages that have begun, outer first
        self._status: Status | None = None
        self._over = False

    def heard(self, event: Event) -> None:
        with self._lock:
            if event.kind.endswith(".begin"):
                self._open.append(_words(event))
            elif event.kind.endswith(".end") and self._open:
                self._open.pop()
            if self._status is not None:
                self._status.update(self._text())

    def show(self) -> None:
        from rich.console import Console
        from rich.status import Status

        with self._lock:
            if not self._over:
                self._status = Status(self._text(), console=Console(file=self._out))
                self._status.start()

    def hide(self) -> None:
        with self._lock:
            self._over = True
            if self._status is not None:
                self._status.stop()
                self._status = None

    def _text(self) -> Text:
        from rich.text import Text

        return Text(self._open[-1] if self._open else "working", overflow="ellipsis", no_wrap=True)


def _words(event: Event) -> str:
    stage, name, function = (str(event.fields.get(key, "")) for key in ("stage", "name", "function"))
    words = " ".join(part for part in (_WORDS.get(stage, stage), name) if part)
    return shown(f"{function}: {words}" if function and function != name else words)
