"""Chooses the device of a call that runs whole: by what waits there, how fast it was, and what must be moved to it."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from math import inf
from typing import Any, cast

import numpy as np

from hyperion.errors import CodegenError
from hyperion.interfaces.buffer import BufferView
from hyperion.interfaces.cluster import HOST, Topology
from hyperion.interfaces.codegen import CompiledFunction
from hyperion_cluster.lanes import Lane
from hyperion_cluster.moving import on_host, readable

Array = np.ndarray[Any, np.dtype[Any]]  # Any: of any elements
NEWEST = 0.3
"""The weight of the newest time of a function among those before."""


class Placing:
    """Every method may be called from any thread."""

    def __init__(self, lanes: Sequence[Lane], topology: Topology) -> None:
        self._lanes = lanes
        self._topology = topology
        self._alone = len(lanes) == 1
        self._lock = threading.Lock()
        self._waiting = dict.fromkeys(lanes, 0)
        self._seconds: weakref.WeakKeyDictionary[CompiledFunction, dict[Lane, float]] = weakref.WeakKeyDictionary()
        self._unfit: weakref.WeakKeyDictionary[CompiledFunction, frozenset[Lane]] = weakref.WeakKeyDictionary()

    def choose(self, function: CompiledFunction, arguments: Sequence[object]) -> Lane | None:
        """The open device that should have done the call first; the first of the cluster among equals. None where no
        device is open. One that is known not to run the function is asked where no other is open: it says why."""
        if self._alone:
            return self._lanes[0] if self._lanes[0].open else None
        with self._lock:
            seconds = dict(self._seconds.get(function, {}))
            waiting = dict(self._waiting)
            unfit = self._unfit.get(function, frozenset[Lane]())
        known = [s for s in seconds.values() if s < inf]
        guess = min(known, default=1e-4)  # a device that never ran it is tried before a slower one

        def ends(lane: Lane) -> float:
            own = seconds.get(lane, guess)
            return (waiting[lane] + 1) * own + sum(self._moving(x, lane) for x in arguments)

        lanes = [lane for lane in self._lanes if lane.open]
        return min([lane for lane in lanes if lane not in unfit] or lanes, key=ends, default=None)

    def _moving(self, given: object, lane: Lane) -> float:
        """The seconds that it takes to move an argument to where the lane's device reads it."""
        if isinstance(given, BufferView):
            if readable(given, lane.device):
                return 0.0
            source, nbytes = HOST if on_host(given) else given.device, given.nbytes
        elif lane.in_host_memory or not isinstance(given, np.ndarray):
            return 0.0
        else:
            source, nbytes = HOST, cast(Array, given).nbytes
        return self._topology.link(source, HOST if lane.in_host_memory else lane.address).seconds(nbytes)

    def unfit(self, function: CompiledFunction, lane: Lane, error: BaseException) -> bool:
        """Whether the error says that code of the device's target cannot be had, and another open device has another
        target, so that it may run the function."""
        if self._alone or not (isinstance(error, CodegenError) or getattr(error, "code", "") == "HY5017"):
            return False
        target = lane.device.info.target
        with self._lock:
            unfit = self._unfit.get(function, frozenset[Lane]())
            unfit |= {other for other in self._lanes if other.device.info.target == target}
            self._unfit[function] = unfit
        return any(other.open for other in self._lanes if other not in unfit)

    def take_idle(self) -> tuple[Lane, ...]:
        """Enters the open lanes where nothing waits or runs; none where they are fewer than two."""
        lanes = [lane for lane in self._lanes if lane.open]
        with self._lock:
            idle = tuple([lane for lane in lanes if not self._waiting[lane]])
            if len(idle) < 2:
                return ()
            for lane in idle:
                self._waiting[lane] += 1
            return idle

    def waiting(self, lane: Lane) -> int:
        """How many calls wait or run there."""
        return self._waiting[lane]

    @property
    def free(self) -> bool:
        """Whether no call waits or runs anywhere."""
        return not any(self._waiting.values())

    def entered(self, lane: Lane) -> None:
        if not self._alone:
            with self._lock:
                self._waiting[lane] += 1

    def left(self, lane: Lane) -> None:
        if not self._alone:
            with self._lock:
                self._waiting[lane] -= 1

    def took(self, function: CompiledFunction, lane: Lane, seconds: float) -> None:
        """The function ran on the lane's device for so long."""
        if self._alone:
            return
        with self._lock:
            times = self._seconds.setdefault(function, {})
            before = times.get(lane)
            times[lane] = seconds if before is None else (1 - NEWEST) * before + NEWEST * seconds
