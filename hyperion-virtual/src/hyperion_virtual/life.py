"""Whether a device is open, lost or closed. Its buffers, its memories and its queued work look here, not at the device:
so nothing keeps a device that nobody has."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from math import inf

from hyperion.errors import DeviceError, DeviceLostError, WorkCancelledError
from hyperion.interfaces.device import DeviceState
from hyperion.tokens import Token
from hyperion.waiting import waited


class Life:
    """Open, then lost or closed. Every method may be called from any thread."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.state: DeviceState = "open"
        self.ended = Token()  # cancelled once the device is lost or closed
        self.closing = Token()  # cancelled when `close` begins: what hangs ends, what works goes on
        self._reason = ""
        self._process = os.getpid()
        self._lock = threading.Lock()

    def check(self) -> None:
        """Raises `DeviceLostError` (HY5012) or `DeviceError`: HY5014 once closed, HY5022 in the child of a fork, which
        has none of the threads."""
        if self.state == "lost":
            raise DeviceLostError(
                "HY5012",
                f"{self.address} was lost: {self._reason}",
                hints=["what was in its memory is gone; run the work again on another device"],
            )
        if self.state == "closed":
            hints = [f"take it from an Instance that is open: instance.device({self.address!r})"]
            raise DeviceError("HY5014", f"{self.address} is closed", hints=hints)
        if self.forked:
            hints = ["open the device in the child, or start processes by spawn"]
            raise DeviceError(
                "HY5022", f"{self.address} was opened in the process that this one was forked from", hints=hints
            )

    @property
    def forked(self) -> bool:
        return os.getpid() != self._process

    def lose(self, reason: str) -> None:
        self._end("lost", reason)

    def close(self) -> None:
        self._end("closed", "it was closed")

    def _end(self, state: DeviceState, reason: str) -> None:
        with self._lock:
            if self.state == "closed" or (self.state, state) == ("lost", "lost"):
                return
            self.state = state
            self._reason = self._reason or reason
        self.ended.cancel(reason)

    @contextmanager
    def guarding(self, token: Token) -> Generator[None]:
        """Cancels the token where the device ends inside; then its loss is what the work raises."""
        forget = self.ended.on_cancel(lambda: token.cancel(f"{self.address} is gone"))
        try:
            yield
        except WorkCancelledError:
            if self.ended.cancelled:
                self.check()
            raise
        finally:
            forget()

    def pause(self, seconds: float, *tokens: Token) -> None:
        """Waits; ends at once by the loss or the end of the device, or by one of the tokens, and raises why."""
        wait_for(lambda wake: [t.on_cancel(wake) for t in (self.ended, *tokens)], _least(seconds, tokens))
        self.check()
        for token in tokens:
            token.check("a pause of the device")


def _least(seconds: float, tokens: tuple[Token, ...]) -> float:
    return min(seconds, *(token.remaining for token in tokens), inf)


def wait_for(register: Callable[[Callable[[], None]], list[Callable[[], None]]], timeout: float | None) -> bool:
    """Whether one of the events that `register` ties a function to happened within `timeout` seconds. `register` gives
    the functions that untie it."""
    woken = threading.Event()
    untie = register(woken.set)
    try:
        return waited(woken.wait, timeout)
    finally:
        for forget in untie:
            forget()
