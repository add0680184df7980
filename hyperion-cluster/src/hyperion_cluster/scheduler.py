"""What the calls of an executor share: lanes, room in the queue, and the end of all that."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from time import monotonic

from hyperion.errors import DeadlineError, DeviceError, DeviceLostError, HyperionError, WorkCancelledError
from hyperion.interfaces.cluster import Cluster
from hyperion.interfaces.event import Event
from hyperion.interfaces.executor import Services
from hyperion.metrics import Sample
from hyperion.tokens import Token
from hyperion.waiting import waited
from hyperion_cluster import lifetimes
from hyperion_cluster.calls import Call
from hyperion_cluster.deadlines import Deadlines
from hyperion_cluster.lanes import Lane
from hyperion_cluster.placing import Placing
from hyperion_cluster.workers import Worker, closed_error

PATIENCE = 5.0
"""Seconds that closing waits for calls that were told to stop."""


class Scheduler:
    """Every method may be called from any thread. It outlives its executor until the last call has ended."""

    def __init__(self, cluster: Cluster, services: Services, limit: int) -> None:
        self.services = services
        self.limit = limit
        self.lanes = tuple(Lane(device, services.metrics) for device in cluster.devices)
        self.devices = {lane.address: lane.device for lane in self.lanes}
        self.placing = Placing(self.lanes, cluster.topology)
        self.callbacks = Worker("hyperion callbacks")
        self.deadlines = Deadlines()
        self._forks = lifetimes.forks
        self._lock = threading.Lock()
        self._change = threading.Condition(self._lock)
        self._taken = 0  # of the room in the queue
        self._calls: set[Call] = set()
        self.executes = services.metrics.counter("executes")
        self.submits = services.metrics.counter("submits")
        self._here = 0  # calls that run in the threads that asked for them
        self._waiting = 0  # threads that wait for `_change`
        self._closed = False
        self._abandoned = False
        self._lost: set[Lane] = set()
        services.metrics.collect(self, Scheduler.lengths)
        lifetimes.watch(self)

    def lengths(self) -> Iterator[Sample]:
        """For the metrics: how many submitted calls wait, for which device."""
        if self._forks != lifetimes.forks or self.closed:
            return
        with self._lock:
            calls = list(self._calls)
        yield "waiting_calls", {}, sum(call.waits for call in calls)
        queued = [call.queued_on for call in calls]
        for lane in self.lanes:
            yield "queued_calls", {"device": lane.address}, queued.count(lane)

    # Calls come and go

    @property
    def closed(self) -> bool:
        """Whether no call comes any more, and none is left."""
        return self._closed and self._none()

    def check(self) -> None:
        """Raises `DeviceError`: HY5022 in the child of a fork, HY5002 once closed."""
        if self._forks != lifetimes.forks:
            raise lifetimes.forked_error()
        if self._closed:
            raise closed_error()

    def enter(self, call: Call, wait: bool, token: Token | None) -> None:
        """Takes room in the queue, and waits for it where `wait`. Raises as `check`; `DeviceError` (HY5023) where the
        queue is full and nobody waits; as the token."""
        with self._lock:
            if self._taken < self.limit and not self._closed:
                self._take(call)
                return
        self.check()
        if not wait or any(lane.is_current for lane in self.lanes):
            raise _full_error(self.limit, wait)
        forget = (lambda: None) if token is None else token.on_cancel(self._wake)
        try:
            self._enter_later(call, token)
        finally:
            forget()

    def _enter_later(self, call: Call, token: Token | None) -> None:
        with self._lock:
            while self._taken >= self.limit and not self._closed:
                if token is not None:
                    token.check("the wait for room in the queue")
                self._wait(None if token is None else token.remaining)
            if self._closed:
                raise closed_error()
            self._take(call)

    def _take(self, call: Call) -> None:
        call.entered = True
        self._taken += 1
        self._calls.add(call)

    def _wait(self, seconds: float | None) -> None:
        self._waiting += 1
        try:
            waited(self._change.wait, seconds)
        finally:
            self._waiting -= 1

    def _wake(self) -> None:
        with self._lock:
            self._change.notify_all()

    def leave_room(self) -> None:
        """A call has ended, though its future does not say so yet."""
        with self._lock:
            self._taken -= 1
            if self._waiting:
                self._change.notify_all()

    def leave(self, call: Call) -> None:
        """A call has ended and its future says so."""
        with self._lock:
            self._calls.discard(call)
            self._left()

    def _left(self) -> None:
        if self._waiting:
            self._change.notify_all()
        if self._abandoned and self._none():
            self._stop()
            self.callbacks.stop()

    def enter_here(self) -> None:
        """A call runs in the thread that asks for it; closing waits for it too. Raises as `check`."""
        if self._forks != lifetimes.forks:
            raise lifetimes.forked_error()
        with self._lock:
            if self._closed:
                raise closed_error()
            self._here += 1

    def leave_here(self) -> None:
        with self._lock:
            self._here -= 1
            self._left()

    # Devices

    def start(self, call: Call) -> None:
        """Sends the call to a device, or ends it where there is none."""
        try:
            if call.split():
                return
            lane = self.placing.choose(call.function, call.arguments)
            if lane is None:
                raise self.none_left()
            call.go(lane)
        except Exception as error:
            call.finish(error)

    def none_left(self) -> DeviceError:
        """Why no device takes a call."""
        states = [f"{lane.address} is {lane.device.state}" for lane in self.lanes]
        if any(lane.device.state == "lost" for lane in self.lanes):
            return DeviceLostError(
                "HY5012",
                f"no device is left to run this: {', '.join(states)}",
                notes=["arguments on the host are as they were"],
                hints=["open the device again, and make an executor on a cluster that has it"],
            )
        return DeviceError("HY5014", f"no device is open: {', '.join(states)}", hints=["make another executor"])

    def lost(self, lane: Lane, error: DeviceLostError) -> None:
        """Tells, once for each device, that it is lost."""
        with self._lock:
            if lane in self._lost:
                return
            self._lost.add(lane)
        rest = [other.address for other in self.lanes if other.open]
        what = f"{lane.address} is lost; its calls run on {', '.join(rest)}" if rest else f"{lane.address} is lost"
        self.services.metrics.count("device_losses", device=lane.address)
        self.services.tell(Event("device.lost", what, {"device": lane.address, "error": error.message}))

    def count_end(self, error: BaseException, dropped: bool) -> None:
        """Counts a call that gave no result."""
        metrics = self.services.metrics
        if dropped or isinstance(error, WorkCancelledError):
            metrics.count("cancels")
        elif isinstance(error, DeadlineError):
            metrics.count("deadlines")
        else:
            metrics.count("failures", code=error.code if isinstance(error, HyperionError) else type(error).__name__)

    # The end

    def close(self, timeout: float | None) -> None:
        """Takes no more calls; waits for those that are there, and after `timeout` seconds cancels them. Raises
        `DeviceError` (HY5025) where some do not stop."""
        if self._forks != lifetimes.forks:
            return
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._change.notify_all()
        if any(lane.is_current for lane in self.lanes):
            self.abandon()  # a call cannot wait for its own end
            return
        try:
            ended = self._drained(timeout)
        except BaseException:  # Ctrl-C
            self._cancel_all()
            self.abandon()
            raise
        if not ended:
            self._cancel_all()
            ended = self._drained(PATIENCE)
        self._stop()
        if not ended:
            raise _stuck_error([str(call.label) for call in list(self._calls)], self._here)
        for lane in self.lanes:
            lane.join(PATIENCE)
        self.callbacks.stop()
        self.callbacks.join(PATIENCE)

    def _drained(self, timeout: float | None, enough: Callable[[], bool] | None = None) -> bool:
        """Whether all calls ended within `timeout` seconds, or as many as are `enough`."""
        end = None if timeout is None else monotonic() + timeout
        with self._lock:
            while not (enough or self._none)():
                left = None if end is None else end - monotonic()
                if left is not None and left <= 0:
                    return False
                self._wait(left)
            return True

    def _none(self) -> bool:
        return not self._calls and not self._here

    def _only_waiting(self) -> bool:
        return not self._here and all(call.waits for call in self._calls)

    def _cancel_all(self) -> None:
        with self._lock:
            calls = list(self._calls)
        for call in calls:
            call.cancel()

    def _stop(self) -> None:
        for lane in self.lanes:
            lane.stop()

    def abandon(self) -> None:
        """The threads end after the last call; nobody waits."""
        if self._forks != lifetimes.forks:
            return
        with self._lock:
            self._closed = self._abandoned = True
            self._left()

    def finish(self) -> None:
        """The program ends: calls that can run do, those that wait for a fence are cancelled."""
        if self._forks != lifetimes.forks:
            return
        with self._lock:
            self._closed = True
        try:
            self._drained(None, self._only_waiting)
        finally:
            self._cancel_all()
            self._drained(PATIENCE)
            self._stop()
            self.callbacks.stop()
            self.callbacks.join(PATIENCE)


def _full_error(limit: int, wait: bool) -> DeviceError:
    why = "this thread does the work that would make room" if wait else "the call was not to wait"
    return DeviceError(
        "HY5023",
        f"{limit} calls are queued or running, which is all that the executor takes, and {why}",
        hints=["wait for some of the futures", "a longer queue: instance.executor(devices, queue=...)"],
    )


def _stuck_error(labels: list[str], here: int) -> DeviceError:
    shown = labels[:3] + ([f"{here} in the threads that asked for them"] if here else [])
    return DeviceError(
        "HY5025",
        f"{len(labels) + here} calls did not stop within {PATIENCE:g} s of being cancelled: {', '.join(shown)}",
        notes=["their results are dropped; what they use stays in use until they end"],
    )
