"""Splits calls of module functions over the devices of an executor."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from hyperion.errors import CodegenError, HyperionError
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.executor import Services, Split
from hyperion.interfaces.strategy import Refusal
from hyperion.module import ModuleFunction
from hyperion.tokens import NOTHING, Token
from hyperion_cluster.lanes import Lane
from hyperion_cluster.running import watched
from hyperion_cluster.splitting.crew import Lost, Results
from hyperion_cluster.splitting.shares import LAUNCH
from hyperion_cluster.splitting.split_program import SplitProgram, longest


@dataclass(frozen=True, slots=True)
class Whole:
    """The call is to run whole on one device, which then also raises what there is to raise. With a `length`, `took` is
    to be told how long that takes; `spent` are the seconds of an attempt to split it, which came to nothing."""

    length: int = 0
    spent: float = 0.0


class Splitter:
    """Of one executor. `launch`: seconds that handing out runs takes; a call that gains less runs whole. `lost` is told
    of devices that are lost. Every method may be called from any thread; in one of the lanes, which would wait for
    itself, nothing is split."""

    def __init__(
        self,
        lanes: Sequence[Lane],
        services: Services,
        launch: float = LAUNCH,
        lost: Lost = lambda lane, error: None,
    ) -> None:
        self._lanes = lanes
        self._services = services
        self._launch = launch
        self._lost = lost
        self._lock = threading.Lock()
        self._targets = tuple(dict.fromkeys(lane.device.info.target for lane in lanes))
        self._known: weakref.WeakKeyDictionary[ModuleFunction, SplitProgram] = weakref.WeakKeyDictionary()

    def plan(self, function: CompiledFunction, arguments: Sequence[object]) -> Split:
        """What `run` would do; nothing runs. Whether a test at run time holds is not known before it does. Raises what
        compiling the function raises."""
        if not isinstance(function, ModuleFunction):
            return _whole("code of a target, not a function of a module")
        if len(self._lanes) < 2:
            return _whole("the cluster has one device")
        try:
            known = self._of(function)
        except CodegenError as error:
            if not any(self._compiles(function, target) for target in self._targets):
                raise
            return _whole(error.message)
        if known.refusals:
            return Split((), known.refusals)
        given = known.arguments(arguments)
        if isinstance(given, str):
            return _whole(given)
        length = longest(given)
        if not length:
            return _whole("no argument is an array with elements; a loop over a range alone runs whole")
        places = known.cut(length)
        if len(places) < 2:
            return _whole(f"{length} elements are not worth more than one device")
        faster = known.judge.faster_whole(length) if self._launch else ""
        if faster:
            return _whole(f"calls with about {length} elements {faster}")
        return Split(tuple((self._lanes[k].address, start, stop) for k, start, stop in places), ())

    def run(self, function: CompiledFunction, arguments: Sequence[object], token: Token = NOTHING) -> Results | Whole:
        """The results, arrays on the host. Raises `WorkCancelledError` and `DeadlineError` by `token`."""
        if len(self._lanes) < 2 or not isinstance(function, ModuleFunction) or any(x.is_current for x in self._lanes):
            return Whole()
        try:
            known = self._of(function)
        except HyperionError:
            return Whole()
        length = longest(arguments)
        if known.refusals or len(known.cut(length)) < 2:
            return Whole()
        if self._launch and not known.judge.splits(length):
            return Whole(length)
        begun = perf_counter()
        with watched(self._services, "run", function, ""):  # all parts are parts of it
            results = known.results(arguments, token)
        return Whole(length, perf_counter() - begun) if results is None else results

    def took(self, function: CompiledFunction, whole: Whole, seconds: float) -> None:
        """The call ran whole for so long."""
        if whole.length and isinstance(function, ModuleFunction):
            judge = self._of(function).judge
            judge.took(whole.length, False, seconds)
            if whole.spent:
                judge.took(whole.length, True, whole.spent + seconds)

    def _compiles(self, function: ModuleFunction, target: str) -> bool:
        try:
            self._services.compiled_for(function, target)
        except CodegenError:
            return False
        return True

    def _of(self, function: ModuleFunction) -> SplitProgram:
        with self._lock:
            found = self._known.get(function)
        if found is not None:
            return found
        # The gate: a program whose parallel operations lack their theorem does not compile, and is not split.
        # Nor is one that a device has no code for: another runs it whole.
        for target in self._targets:
            self._services.compiled_for(function, target)
        with self._lock:
            made = SplitProgram(function.derivation.chosen, self._lanes, self._services, self._launch, self._lost)
            return self._known.setdefault(function, made)


def _whole(reason: str) -> Split:
    return Split((), (Refusal("splitting", reason),))
