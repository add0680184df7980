"""Runs functions on the devices of a cluster, at once or later."""

from __future__ import annotations

import concurrent.futures
import sys
from collections.abc import Mapping, Sequence
from time import perf_counter
from types import FrameType

from hyperion import stages
from hyperion.errors import DeviceError, DeviceLostError
from hyperion.fences import Fence, when_all
from hyperion.interfaces.cluster import Cluster
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.executor import Place, Services, Split
from hyperion.tokens import NOTHING, Token
from hyperion_cluster.asked import check_asked, check_fences
from hyperion_cluster.calls import Call
from hyperion_cluster.futures import CallFuture, Results
from hyperion_cluster.lanes import Lane
from hyperion_cluster.moving import all_on_host
from hyperion_cluster.running import Submitted, prepared, run, watched
from hyperion_cluster.scheduler import PATIENCE, Scheduler
from hyperion_cluster.splitting import Splitter, Whole
from hyperion_cluster.splitting.shares import LAUNCH

QUEUE = 4096
"""How many calls may be queued or running at once, unless the option `queue` says otherwise."""


class ClusterExecutors:
    """Implements `ExecutorFactory`."""

    def create(self, cluster: Cluster, services: Services, options: Mapping[str, object]) -> ClusterExecutor:
        """Options `queue`: how many calls may be queued or running at once; `launch`: the seconds that splitting a call
        costs, so that a call which gains less runs whole. Raises `DeviceError` (HY5024) for others."""
        queue, launch = options.get("queue", QUEUE), options.get("launch", LAUNCH)
        for name in sorted(set(options) - {"queue", "launch"}):
            raise _option_error(f"the executor has no option {name!r}")
        if not isinstance(queue, int) or isinstance(queue, bool) or queue < 1:
            raise _option_error(f"queue={queue!r}; it is a whole number from 1")
        if not isinstance(launch, int | float) or isinstance(launch, bool) or not launch >= 0:
            raise _option_error(f"launch={launch!r}; it is a number of seconds from 0")
        return ClusterExecutor(cluster, services, queue, launch)


def _option_error(what: str) -> DeviceError:
    return DeviceError("HY5024", what, hints=["it has: queue, launch"])


class ClusterExecutor:
    """Implements `Executor`. Calls that are ready run on a device in the order in which they became so."""

    def __init__(self, cluster: Cluster, services: Services, queue: int = QUEUE, launch: float = LAUNCH) -> None:
        self.cluster = cluster
        self._scheduler = Scheduler(cluster, services, queue)
        self._splitter = Splitter(
            self._scheduler.lanes, services, launch, self._scheduler.lost, self._scheduler.placing
        )

    def execute(
        self,
        function: CompiledFunction,
        arguments: Sequence[object],
        *,
        token: Token | None = None,
        place: Place = "host",
    ) -> Results:
        check_asked(function, place)
        self._scheduler.executes()
        given = prepared(arguments)
        if not self._splits(place):
            return self._whole(function, given, token, place)
        split = self._split(function, given, token)
        if isinstance(split, tuple):
            return split
        begun = perf_counter()
        results = self._whole(function, given, token, place)
        self._splitter.took(function, split, perf_counter() - begun)
        return results

    def _whole(self, function: CompiledFunction, given: Results, token: Token | None, place: Place) -> Results:
        if token is None:
            lane = self._scheduler.placing.choose(function, given)
            if lane is not None and lane.in_host_memory and all_on_host(given):
                results = self._here(function, given, lane)
                if results is not None:
                    return results
        call = self._call(function, given, token, place, _caller(2))
        future = call.future
        try:
            self._send(call, (), True, token)
            return future.result()
        except KeyboardInterrupt:  # one ends the wait; the call gets a while to let go of its arguments
            future.cancel()
            concurrent.futures.wait([future], PATIENCE)
            raise
        finally:
            del call, future  # the frame in the traceback of its error would keep it

    def submit(
        self,
        function: CompiledFunction,
        arguments: Sequence[object],
        *,
        token: Token | None = None,
        after: Sequence[Fence] = (),
        place: Place = "host",
        wait: bool = True,
    ) -> CallFuture:
        check_asked(function, place)
        check_fences(after)
        self._scheduler.submits()
        splitter = self._splitter if self._splits(place) else None
        call = self._call(function, prepared(arguments), token, place, _caller(1), splitter)
        future = call.future
        self._send(call, after, wait, token)
        return future

    @property
    def closed(self) -> bool:
        return self._scheduler.closed

    def plan(self, function: CompiledFunction, arguments: Sequence[object], *, submit: bool = False) -> Split:
        return self._splitter.plan(function, prepared(arguments), idle=submit)

    def close(self, timeout: float | None = None) -> None:
        """Waits as the interface says. Ctrl-C while it waits cancels what is left. Raises `DeviceError` (HY5025) where
        cancelled calls do not stop within five seconds."""
        self._scheduler.close(timeout)

    def __del__(self) -> None:
        """Ends the threads of one that nobody closed. A `weakref.finalize` would keep the Instance, and by it this."""
        scheduler = getattr(self, "_scheduler", None)
        if scheduler is not None and not scheduler.closed:  # lifetimes.py ends what is left at the end of the program
            scheduler.abandon()

    def __enter__(self) -> ClusterExecutor:
        return self

    def __exit__(self, *exception: object) -> None:
        interrupted = isinstance(exception[1], KeyboardInterrupt)
        self.close(0 if interrupted else None)

    def _splits(self, place: Place) -> bool:
        """Whether calls whose results lie there are for several devices."""
        lanes = self._scheduler.lanes
        return len(lanes) > 1 and (place == "host" or all(lane.in_host_memory for lane in lanes))

    def _split(self, function: CompiledFunction, given: Results, token: Token | None) -> Results | Whole:
        self._scheduler.enter_here()
        try:
            return self._splitter.run(function, given, token or NOTHING)
        except Exception as error:
            self._scheduler.count_end(error, False)
            raise
        finally:
            self._scheduler.leave_here()

    def _here(self, function: CompiledFunction, given: Results, lane: Lane) -> Results | None:
        """Runs in this thread, which costs no switch between threads; None where the device is lost, or has no code for
        the function, and others may run it."""
        scheduler = self._scheduler
        scheduler.enter_here()
        try:
            if len(scheduler.lanes) == 1:
                return run(scheduler.services, function, lane, given, NOTHING, scheduler.devices)
            return self._timed(function, given, lane)
        except DeviceLostError as error:
            if lane.open:
                raise
            scheduler.lost(lane, error)
            return None
        except Exception as error:
            if scheduler.placing.unfit(function, lane, error):
                return None
            scheduler.count_end(error, False)
            raise
        finally:
            scheduler.leave_here()

    def _timed(self, function: CompiledFunction, given: Results, lane: Lane) -> Results:
        scheduler = self._scheduler
        scheduler.placing.entered(lane)
        try:
            before = perf_counter()
            results = run(scheduler.services, function, lane, given, NOTHING, scheduler.devices)
            scheduler.placing.took(function, lane, perf_counter() - before)
            return results
        finally:
            scheduler.placing.left(lane)

    def _call(
        self,
        function: CompiledFunction,
        given: Results,
        token: Token | None,
        place: Place,
        caller: FrameType,
        splitter: Splitter | None = None,
    ) -> Call:
        self._scheduler.check()
        if token is not None:
            token.check("submit")
        label = Submitted(function, caller)
        return Call(self._scheduler, function, given, token, place, label, splitter)

    def _send(self, call: Call, after: Sequence[Fence], wait: bool, token: Token | None) -> None:
        try:
            if not stages.watched:
                self._enter(call, after, wait, token)
                return
            with watched(self._scheduler.services, "submit", call.function, ""):
                call.around = stages.going_on()
                self._enter(call, after, wait, token)
        except KeyboardInterrupt:  # wherever it struck, the call may be queued, or run
            call.cancel()
            raise
        except Exception as error:
            if call.entered:
                call.refuse(error)
            raise

    def _enter(self, call: Call, after: Sequence[Fence], wait: bool, token: Token | None) -> None:
        self._scheduler.enter(call, wait, token)
        if token is not None:
            call.watch()
        when_all(after, call.ready)


_caller = sys._getframe  # pyright: ignore[reportPrivateUsage]  inspect.currentframe is the same, and slower
