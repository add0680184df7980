"""Splits calls of module functions over the devices of an executor."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence

from hyperion.errors import HyperionError
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.executor import Services, Split
from hyperion.interfaces.strategy import Refusal
from hyperion.module import ModuleFunction
from hyperion.tokens import NOTHING, Token
from hyperion_cluster.lanes import Lane
from hyperion_cluster.splitting.crew import Results
from hyperion_cluster.splitting.shares import LAUNCH
from hyperion_cluster.splitting.split_program import SplitProgram, longest


class Splitter:
    """Of one executor. `launch`: seconds that handing out runs takes; a call that gains less runs whole. Every method
    may be called from any thread; in one of the lanes, which would wait for itself, nothing is split."""

    def __init__(self, lanes: Sequence[Lane], services: Services, launch: float = LAUNCH) -> None:
        self._lanes = lanes
        self._services = services
        self._launch = launch
        self._lock = threading.Lock()
        self._known: weakref.WeakKeyDictionary[ModuleFunction, SplitProgram] = weakref.WeakKeyDictionary()

    def plan(self, function: CompiledFunction, arguments: Sequence[object]) -> Split:
        """What `run` would do; nothing runs. Whether a test at run time holds is not known before it does. Raises what
        compiling the function raises."""
        if not isinstance(function, ModuleFunction):
            return _whole("code of a target, not a function of a module")
        if len(self._lanes) < 2:
            return _whole("the cluster has one device")
        known = self._of(function)
        if known.refusals:
            return Split((), known.refusals)
        given = known.arguments(arguments)
        if isinstance(given, str):
            return _whole(given)
        length = longest(given)
        places = known.cut(length)
        if len(places) < 2:
            return _whole(f"{length} elements are not worth more than one device")
        return Split(tuple((self._lanes[k].address, start, stop) for k, start, stop in places), ())

    def run(self, function: CompiledFunction, arguments: Sequence[object], token: Token = NOTHING) -> Results | None:
        """The results, arrays on the host; None where the call is to run whole on one device, which then also raises
        what there is to raise. Raises `WorkCancelledError` and `DeadlineError` by `token`."""
        if len(self._lanes) < 2 or not isinstance(function, ModuleFunction) or any(x.is_current for x in self._lanes):
            return None
        try:
            known = self._of(function)
        except HyperionError:
            return None
        return known.results(arguments, token)

    def took(self, function: CompiledFunction, arguments: Sequence[object], seconds: float) -> None:
        """A call that `run` left ran whole for so long."""
        known = self._known.get(function) if isinstance(function, ModuleFunction) else None
        if known is not None:
            known.took(arguments, seconds)

    def _of(self, function: ModuleFunction) -> SplitProgram:
        with self._lock:
            found = self._known.get(function)
        if found is not None:
            return found
        # The gate: a program whose parallel operations lack their theorem does not compile, and is not split.
        self._services.compiled_for(function, self._lanes[0].device.info.target)
        with self._lock:
            made = SplitProgram(function.derivation.chosen, self._lanes, self._services, self._launch)
            return self._known.setdefault(function, made)


def _whole(reason: str) -> Split:
    return Split((), (Refusal("splitting", reason),))
