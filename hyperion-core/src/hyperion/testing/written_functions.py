"""Compiled functions of a third party, which wait until a test lets them go on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic, sleep

from hyperion.interfaces.codegen import Taken
from hyperion.tokens import current

SECONDS = 30.0
"""After which a test that hangs fails."""


class Written:
    """A Python function as a `CompiledFunction`."""

    def __init__(self, run: Callable[..., object], name: str = "written") -> None:
        self.name = name
        self._run = run

    def __call__(self, *arguments: object) -> object:
        return self._run(*arguments)

    @property
    def entry(self) -> object:
        return self._run

    def bind(self, mismatch: Callable[..., object]) -> Callable[..., object]:
        return self._run

    def taken(self, *arguments: object) -> Taken:
        return "sequential"


class Gate(Written):
    """Says that it runs, waits until it is opened, and returns its argument; looks at the token where it is told to."""

    def __init__(self) -> None:
        super().__init__(self._wait, "gate")
        self.entered = threading.Event()
        self.opened = threading.Event()
        self.calls: list[object] = []

    def _wait(self, given: object) -> object:
        self.calls.append(given)
        self.entered.set()
        assert self.opened.wait(SECONDS), "nobody opened the gate"
        return given


def add_one(n: object) -> object:
    assert isinstance(n, int)
    return n + 1


class Loop(Written):
    """Runs until its token ends it."""

    def __init__(self) -> None:
        super().__init__(self._loop, "loop")
        self.entered = threading.Event()

    def _loop(self) -> object:
        self.entered.set()
        token, end = current(), monotonic() + SECONDS
        while monotonic() < end:
            token.check("the loop")
            sleep(0.0005)
        raise AssertionError("nobody ended the loop")
