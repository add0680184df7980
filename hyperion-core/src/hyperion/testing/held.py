"""A function that tests hold in the middle, to see what happens meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from hyperion.interfaces.codegen import Taken


class Held:
    """A compiled function around another, or around any callable: it sets `begun`, and goes on once `go` is set.

    function = Held(target.compile(program))
    future = executor.submit(function, arguments)
    assert function.begun.wait(20)
    ...
    function.go.set()
    """

    def __init__(self, called: Callable[..., object], seconds: float = 20.0) -> None:
        self._called = called
        self._seconds = seconds
        self.begun, self.go = threading.Event(), threading.Event()
        declared = getattr(called, "function", None)
        if declared is not None:
            self.function: Any = declared  # Any: what it was compiled from, where it says that

    def __call__(self, *arguments: object) -> object:
        self.begun.set()
        assert self.go.wait(self._seconds), "nobody let the function go on"
        return self._called(*arguments)

    @property
    def entry(self) -> object:
        return self

    def bind(self, mismatch: Callable[..., object]) -> Callable[..., object]:
        return self

    def taken(self, *arguments: object) -> Taken:
        self(*arguments)
        return "sequential"
