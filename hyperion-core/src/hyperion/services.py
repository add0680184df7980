"""What an executor may ask of its Instance."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable

from hyperion.driver import GuardedTarget
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.event import Event
from hyperion.ir.function import Program
from hyperion.metrics import Metrics
from hyperion.module import ModuleFunction
from hyperion.observer import Observer


class ExecutorServices:
    """Follows `hyperion.interfaces.executor.Services`. A function is compiled once for each target: as it was derived,
    or as it was written where the target has no code for the derived form."""

    def __init__(self, target: Callable[[str], GuardedTarget], observer: Observer) -> None:
        self._target = target
        self._observer = observer
        self._lock = threading.Lock()
        self._made: weakref.WeakKeyDictionary[ModuleFunction, dict[str, ModuleFunction]] = weakref.WeakKeyDictionary()

    def compiled_for(self, function: CompiledFunction, target: str) -> CompiledFunction:
        if not isinstance(function, ModuleFunction):
            return function
        if function.target.name == target:
            return function.compiled
        with self._lock:
            made = self._made.setdefault(function, {})
            if target not in made:
                code = self._target(target)
                made[target] = ModuleFunction.deferred(function.derivation, lambda: code, self._observer)
        return made[target].compiled

    def compiled_program(self, program: Program, target: str) -> CompiledFunction:
        return self._target(target).compile(program)

    def tell(self, event: Event) -> None:
        self._observer.tell(event)

    @property
    def metrics(self) -> Metrics:
        return self._observer.metrics

    @property
    def watcher(self) -> Observer:
        return self._observer
