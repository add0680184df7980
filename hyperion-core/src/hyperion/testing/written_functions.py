"""Functions and a device of a third party, with which a test decides what runs when."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from time import monotonic, sleep

from hyperion.buffers.host import HostBuffer, copy_into
from hyperion.interfaces.buffer import Buffer, BufferView
from hyperion.interfaces.codegen import CompiledFunction, Taken
from hyperion.interfaces.device import DeviceInfo, DeviceState
from hyperion.testing.apart import SECONDS as SECONDS
from hyperion.tokens import Token, current


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


class WrittenDevice:
    """A device of a third party, in host memory: it calls the function that it is given, in the thread that asks."""

    def __init__(self, address: str = "written:0") -> None:
        self.info = DeviceInfo(address, "written", "calls functions written in Python", workers=1)
        self.state: DeviceState = "open"

    def allocate(self, nbytes: int, kind: str = "") -> Buffer:
        return HostBuffer.allocate(nbytes, self.info.address)

    def copy(self, source: BufferView, target: BufferView) -> None:
        copy_into(target, source)

    def run(self, function: CompiledFunction, arguments: Sequence[object], token: Token) -> tuple[object, ...]:
        with token.active():
            return (function(*arguments),)

    def synchronize(self, timeout: float | None = None) -> bool:
        return True

    def close(self) -> None:
        self.state = "closed"
