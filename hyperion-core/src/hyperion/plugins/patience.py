"""Says in which plugin's code a process is, where that takes long or is interrupted: nothing else can end it."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import NamedTuple

from hyperion import log

PATIENCE = 3.0
"""Seconds of a plugin's code after which a warning says whose it is; after twice as many another, and so on."""

NOTABLE = 1.0
"""Seconds of it after which a Ctrl-C is said to have come there: sooner it was not meant for the plugin."""

_log = log.logger("waiting")


class _Now(NamedTuple):
    name: str
    described: str
    doing: str
    since: float


class Patience:
    """`watching` is around whatever plugins do while somebody waits, `at` around what one of them does."""

    def __init__(self) -> None:
        self._now: list[_Now] = []

    @contextmanager
    def watching(self) -> Generator[None]:
        """A thread warns, as long as the body takes."""
        over = threading.Event()
        with suppress(RuntimeError):  # there are too many threads, or the program ends
            threading.Thread(target=self._watch, args=(over,), name="hyperion patience", daemon=True).start()
        try:
            yield
        finally:
            over.set()

    @contextmanager
    def at(self, name: str, described: str, doing: str) -> Generator[None]:
        """`doing` says what the plugin is asked for: "importing it". A late Ctrl-C in the body gets a note of it."""
        now = _Now(name, described, doing, monotonic())
        self._now.append(now)
        _log.debug("plugin %s: %s", described, doing)  # the last line where the process ends in it
        try:
            yield
        except KeyboardInterrupt as error:
            if monotonic() - now.since >= NOTABLE:
                error.add_note(f"in plugin {described}, {doing}; {_advice(name)}")
            raise
        finally:
            self._now.remove(now)

    def _watch(self, over: threading.Event) -> None:
        seconds = PATIENCE
        while not over.wait(seconds):
            for now in self._now[-1:]:
                took = monotonic() - now.since
                if took >= seconds:
                    message = "plugin %s: %s has taken %.0f s and goes on; Ctrl-C ends the wait, %s"
                    _log.warning(message, now.described, now.doing, took, _advice(now.name))
                    seconds *= 2


def _advice(name: str) -> str:
    return f"HYPERION_DISABLE_PLUGINS={name} goes on without it"
