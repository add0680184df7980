"""What of the process a plugin's code changes that everybody else relies on. It is told, and put back."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

_OF_SYS = ("stdout", "stderr", "excepthook", "unraisablehook")
_OWN_THREADS = 2
"""This thread, and the one that looks how long plugins take."""


class Change(NamedTuple):
    """What was changed, and what puts it back."""

    what: str
    undo: Callable[[], object]


class Surroundings(NamedTuple):
    """The working folder, the variables that Hyperion reads, the limit of recursion, what a Ctrl-C does, where text
    and errors go, and the threads that the program waits for. A snapshot; `put_back` compares it with what there is by
    then."""

    folder: str
    variables: Mapping[str, str]
    depth: int
    interrupt: object
    streams: Mapping[str, object]
    closed: frozenset[str]
    threads: frozenset[threading.Thread]
    alone: bool

    @classmethod
    def now(cls) -> Surroundings:
        streams = {name: getattr(sys, name, None) for name in _OF_SYS}
        closed = frozenset(name for name, stream in streams.items() if getattr(stream, "closed", False))
        interrupt = signal.getsignal(signal.SIGINT)
        return cls(_folder(), _variables(), sys.getrecursionlimit(), interrupt, streams, closed, _threads(), _alone())

    def put_back(self) -> tuple[str, ...]:
        """What changed since, as "the working folder, to '/'". It is put back, unless another thread of the program was
        there, which may have done it."""
        changes = list(self._changes())
        if self.alone:
            for change in changes:
                change.undo()
        return tuple(change.what for change in changes)

    def _changes(self) -> Iterator[Change]:
        if sys.getrecursionlimit() != self.depth:  # first: what follows needs some
            found, depth = sys.getrecursionlimit(), self.depth
            sys.setrecursionlimit(max(found, depth))
            yield Change(f"the limit of recursion, to {found}", lambda: sys.setrecursionlimit(depth))
        folder = _folder()
        if folder != self.folder:
            yield Change(f"the working folder, to {folder!r}", lambda: _go(self.folder))
        variables = _variables()
        for name in sorted({*variables, *self.variables}):
            if variables.get(name) != self.variables.get(name):
                yield Change(f"the variable {name}, to {variables.get(name)!r}", lambda name=name: self._reset(name))
        if signal.getsignal(signal.SIGINT) is not self.interrupt and _is_main():
            yield Change("what a Ctrl-C does", self._listen)
        for name, stream in self.streams.items():
            if getattr(sys, name, None) is not stream:
                yield Change(f"sys.{name}", lambda name=name, stream=stream: setattr(sys, name, stream))
            elif getattr(stream, "closed", False) and name not in self.closed:
                yield Change(f"sys.{name}, which is closed", lambda: None)
        for thread in _threads() - self.threads if self.alone else ():
            yield Change(f"the threads that the program waits for, by {thread.name!r}", lambda: None)

    def _reset(self, name: str) -> None:
        if name in self.variables:
            os.environ[name] = self.variables[name]
        else:
            os.environ.pop(name, None)

    def _listen(self) -> None:
        if callable(self.interrupt) or isinstance(self.interrupt, int):
            signal.signal(signal.SIGINT, self.interrupt)


def _folder() -> str:
    try:
        return os.getcwd()
    except OSError:  # it was removed
        return ""


def _go(folder: str) -> None:
    if folder:
        os.chdir(folder)


def _variables() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("HYPERION_") or name == "HOME"}


def _threads() -> frozenset[threading.Thread]:
    return frozenset(thread for thread in threading.enumerate() if not thread.daemon)


def _alone() -> bool:
    return threading.active_count() <= _OWN_THREADS


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()
