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
from hyperion_cluster.placing import Placing
from hyperion_cluster.running import watched
from hyperion_cluster.splitting.crew import Lost, Results
from hyperion_cluster.splitting.shares import LAUNCH
from hyperion_cluster.splitting.split_program import SplitProgram, longest
from hyperion_cluster.splitting.team import Team


@dataclass(frozen=True, slots=True)
class Whole:
    """The call is to run whole on one device, which then also raises what there is to raise. With a `length`, `took` is
    to be told how long that takes; `spent` are the seconds of an attempt to split it over so many `devices`, which came
    to nothing."""

    length: int = 0
    spent: float = 0.0
    devices: int = 0


class Splitter:
    """Of one executor. `launch`: seconds that handing out runs takes; a call that gains less runs whole. `lost` is told
    of devices that are lost, `placing` which devices share a call. Every method may be called from any thread; in one
    of the lanes, which would wait for itself, nothing is split but by the team that was taken for it."""

    def __init__(
        self,
        lanes: Sequence[Lane],
        services: Services,
        launch: float = LAUNCH,
        lost: Lost = lambda lane, error: None,
        placing: Placing | None = None,
    ) -> None:
        self._lanes = lanes
        self._services = services
        self._launch = launch
        self._lost = lost
        self._placing = placing
        self._lock = threading.Lock()
        self._targets = tuple(dict.fromkeys(lane.device.info.target for lane in lanes))
        self._known: weakref.WeakKeyDictionary[ModuleFunction, SplitProgram] = weakref.WeakKeyDictionary()

    def plan(self, function: CompiledFunction, arguments: Sequence[object], idle: bool = False) -> Split:
        """What `run` would do, by the devices that are `idle` alone if that is asked for; nothing runs. Whether a test
        at run time holds is not known before it does. Raises what compiling the function raises."""
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
        numbers = self._numbers(idle)
        if len(numbers) < 2:
            return _whole(f"{self._calls()}: whole calls side by side keep the devices busy")
        places = known.cut(length, numbers)
        if len(places) < 2:
            return _whole(f"{length} elements are not worth more than one device")
        faster = known.judges[len(numbers)].faster_whole(length) if self._launch else ""
        if faster:
            return _whole(f"calls with about {length} elements {faster}")
        return Split(tuple((self._lanes[k].address, start, stop) for k, start, stop in places), ())

    def run(self, function: CompiledFunction, arguments: Sequence[object], token: Token = NOTHING) -> Results | Whole:
        """The results, arrays on the host. Raises `WorkCancelledError` and `DeadlineError` by `token`."""
        known = self._splittable(function)
        if known is None or any(lane.is_current for lane in self._lanes):
            return Whole()
        team = Team(self._lanes, self._numbers(idle=False), self._placing)
        found = self._decided(known, longest(arguments), team)
        if found is not None:
            return found
        team.enter()
        try:
            return self._shared(function, known, arguments, token, team)
        finally:
            team.leave()

    def offer(self, function: CompiledFunction, arguments: Sequence[object]) -> Team | Whole:
        """The devices for a call that nobody waits for, which it has until `Team.leave`: those that have nothing else
        to do, if it may be split over them. `run_by` then is to be called in the thread of the device `here`. Compiles
        nothing: for a function that comes for the first time, `run_by` may find that the call runs whole."""
        length = longest(arguments)
        if self._placing is None or not length or not isinstance(function, ModuleFunction):
            return Whole()
        with self._lock:
            known = self._known.get(function)
        if known is not None and (known.refusals or length < known.least or not known.shares.may_pay(length)):
            return Whole()
        idle = self._placing.take_idle()
        if not idle:
            return Whole()
        team = Team(self._lanes, tuple([k for k, lane in enumerate(self._lanes) if lane in idle]), self._placing)
        team.here = team.home
        whole = None
        if team.here is None:
            whole = Whole()
        elif known is not None:
            whole, team.decided = self._decided(known, length, team), True
        if whole is None:
            return team
        team.leave()
        return whole

    def run_by(
        self, team: Team, function: CompiledFunction, arguments: Sequence[object], token: Token
    ) -> Results | Whole:
        """As `run`, with the devices that `offer` gave, in the thread of one of them."""
        known = self._splittable(function)
        if known is None:
            return Whole()
        whole = None if team.decided else self._decided(known, longest(arguments), team)
        return whole or self._shared(function, known, arguments, token, team)

    def took(self, function: CompiledFunction, whole: Whole, seconds: float) -> None:
        """The call ran whole for so long."""
        if whole.length and isinstance(function, ModuleFunction):
            judge = self._of(function).judges[whole.devices]
            judge.took(whole.length, False, seconds)
            if whole.spent:
                judge.took(whole.length, True, whole.spent + seconds)

    def _splittable(self, function: CompiledFunction) -> SplitProgram | None:
        if len(self._lanes) < 2 or not isinstance(function, ModuleFunction):
            return None
        try:
            known = self._of(function)
        except HyperionError:
            return None
        return None if known.refusals else known

    def _decided(self, known: SplitProgram, length: int, team: Team) -> Whole | None:
        """None where the call is to be split."""
        if length < known.least or len(known.cut(length, team.numbers)) < 2:
            return Whole()
        devices = len(team.numbers)
        return None if not self._launch or known.judges[devices].splits(length) else Whole(length, devices=devices)

    def _shared(
        self, function: CompiledFunction, known: SplitProgram, arguments: Sequence[object], token: Token, team: Team
    ) -> Results | Whole:
        begun = perf_counter()
        with watched(self._services, "run", function, ""):  # all parts are parts of it
            results = known.results(arguments, token, team)
        if results is not None:
            return results
        return Whole(longest(arguments), perf_counter() - begun, len(team.numbers))

    def _numbers(self, idle: bool) -> tuple[int, ...]:
        """The devices that a call may be split over."""
        if not idle or self._placing is None:
            return tuple(range(len(self._lanes)))
        waiting = self._placing.waiting
        return tuple([k for k, lane in enumerate(self._lanes) if lane.open and not waiting(lane)])

    def _calls(self) -> str:
        """What the devices have to do."""
        assert self._placing is not None
        counts = [(self._placing.waiting(lane), lane.address) for lane in self._lanes if lane.open]
        return ", ".join(f"{n} call{'s' * (n != 1)} on {address}" for n, address in counts if n) or "no device is open"

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
