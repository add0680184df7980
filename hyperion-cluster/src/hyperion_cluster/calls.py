"""One call on its way: queued, moved in, run, moved out; and every way in which that ends."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from time import perf_counter, perf_counter_ns
from typing import TYPE_CHECKING, Literal, cast

import numpy as np

from hyperion import log, stages
from hyperion.buffers.host import view
from hyperion.errors import DeviceError, DeviceLostError
from hyperion.fences import through
from hyperion.interfaces.buffer import BufferView
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.executor import Place
from hyperion.stages import Stage
from hyperion.tokens import NOTHING, Token
from hyperion_cluster.futures import CallFuture, FutureCancelledError, Results
from hyperion_cluster.moving import all_on_host, on_host, readable, to_device, to_host
from hyperion_cluster.running import Submitted, conforming, name_of, run, transferred
from hyperion_cluster.splitting import Splitter, Whole

_log = log.logger("executor")

if TYPE_CHECKING:
    from hyperion_cluster.lanes import Lane
    from hyperion_cluster.scheduler import Scheduler
    from hyperion_cluster.splitting.team import Team


class Call:
    """It `waits` for fences, is `queued`, `runs` and is `over`. Whoever ends a state decides what follows."""

    __slots__ = (
        "_asked", "_begun", "_deadline", "_forget", "_lock", "_mine", "_placed", "_results", "_said", "_splitter",
        "_staged", "_state", "_team", "_there", "_watched", "_whole", "_withdrawn", "arguments", "around", "entered",
        "function", "future", "label", "lane", "place", "scheduler", "token",
    )  # fmt: skip

    def __init__(
        self,
        scheduler: Scheduler,
        function: CompiledFunction,
        arguments: Sequence[object],
        token: Token | None,
        place: Place,
        label: Submitted,
        splitter: Splitter | None = None,
    ) -> None:
        self.scheduler = scheduler
        self.function = function
        self.arguments = arguments
        self.token = NOTHING if token is None else Token(parent=token)  # its own, once it runs
        self._watched = token is not None
        self.place: Place = place
        self.label = label
        self.future = CallFuture(self, scheduler.callbacks, label)
        self.around: Stage | None = None  # who submitted, where somebody watches
        self._asked = perf_counter_ns()
        self.entered = False  # whether it has room in the queue
        self._state: Literal["waits", "queued", "runs", "over"] = "waits"
        self._withdrawn = False
        self._lock = threading.Lock()
        self._there: Sequence[object] = ()  # the arguments where the device reads them
        self._mine: list[BufferView] = []  # those of them that the call moved there
        self._staged = self._placed = False
        self._results: Results = ()
        self._splitter = splitter
        self._team: Team | None = None  # of a call that is split
        self._whole = Whole() if splitter is None else None  # once it is to run whole
        self._begun = 0.0
        self._said = False  # that it runs
        self._deadline = 0
        self._forget: Callable[[], None] = _nothing

    # Before it runs

    def watch(self) -> None:
        """Ends the call before it runs, once its token is cancelled or its time is over."""
        if self.token.remaining < float("inf"):
            self._deadline = self.scheduler.deadlines.add(self.token.deadline, self._expire)
        self._forget = self.token.on_cancel(self._stop)

    @property
    def waits(self) -> bool:
        """Whether it waits for fences."""
        return self._state == "waits"

    @property
    def runs(self) -> bool:
        return self._state == "runs"

    @property
    def queued_on(self) -> Lane | None:
        """The lane where it waits for its turn."""
        return getattr(self, "lane", None) if self._state == "queued" else None

    def ready(self, error: BaseException | None) -> None:
        """What it waited for is done, or failed with `error`."""
        with self._lock:
            if self._state != "waits":
                return
            self._state = "queued" if error is None else "over"
        if error is None:
            self.scheduler.start(self)
        else:
            self._finish(error=through(error, str(self.label)))

    def _begin(self) -> bool:
        """Whether the call may run now: it was not ended before."""
        with self._lock:
            if self._state != "queued":
                return self._state == "runs"
            self._state = "runs"
            if not self._watched:
                self.token = Token()  # for `cancel`
        self._begun = perf_counter()
        self.lane.queued((perf_counter_ns() - self._asked) / 1e9)
        if self.around is not None:
            name = name_of(self.function)
            stages.waited(self.scheduler.services.watcher, "queue", name, self._asked, name, self.lane.address)
        return True

    def cancel(self) -> bool:
        """For the future."""
        with self._lock:
            state = self._state
            if state == "over":
                return self._withdrawn
            self._withdrawn = True
            if state != "runs":
                self._state = "over"
        if state == "runs":
            self.token.cancel("its future was cancelled")
        else:
            self.scheduler.services.metrics.count("cancels")
            self._leave().withdraw()
            self.scheduler.leave(self)
        return True

    def _expire(self) -> None:
        self.token.expire()
        self._stop()

    def _stop(self) -> None:
        """The token ended: a call that does not run yet fails now; one that runs looks at its token."""
        try:
            self.token.check("the wait in the queue")
        except Exception as error:
            self.refuse(error)

    def refuse(self, error: Exception) -> None:
        """A call that does not run yet fails."""
        with self._lock:
            if self._state not in ("waits", "queued"):
                return
            self._state = "over"
        self._finish(error=error)

    # In parts on several lanes

    def split(self) -> bool:
        """Whether the call goes to several devices that have nothing else to do, which share it."""
        if self._splitter is None or self._whole is not None:
            return False
        offered = self._splitter.offer(self.function, self.arguments)
        if isinstance(offered, Whole):
            self._whole = offered
            return False
        self._team = offered
        self.lane = offered.lane
        self._queued(self.lane.put_run(self._step(self._share)))
        return True

    def _share(self) -> None:
        """In the thread of one of the devices, which does its part and then those steps that take all parts."""
        if not self._begin():
            self._release()
            return
        assert self._splitter is not None
        assert self._team is not None
        try:
            self._say()
            found = self._splitter.run_by(self._team, self.function, self.arguments, self.token)
        except BaseException as error:
            self._failed(error)
            return
        self._release()
        if isinstance(found, Whole):
            self._whole, self._begun = found, perf_counter()
            self.scheduler.start(self)
        else:
            self._finish(found)

    def _learn(self) -> None:
        """How long a call took whole that might have been split, where nothing disturbed it."""
        if self._splitter is not None and self._whole is not None and self.scheduler.placing.free:
            self._splitter.took(self.function, self._whole, perf_counter() - self._begun)

    # Whole on one lane

    def go(self, lane: Lane) -> None:
        """Queues the next step on the lane. Each step ends by queueing the next or by `_finish`."""
        self.lane = lane
        self._placed = True
        self.scheduler.placing.entered(lane)
        if _are_there(self.arguments, lane):
            self._there = self.arguments
            self._queued(lane.put_run(self._step(self._compute)))
        else:
            self._staged = True
            lane.stage(self._step(self._move_in), self._failed)

    def _step(self, step: Callable[[], None]) -> Callable[[], None]:
        """The step, as a part of what the caller did, where somebody watches."""
        around = self.around
        if around is None:
            return step

        def resumed() -> None:
            with stages.resumed(around):
                step()

        return resumed

    def _queued(self, refused: DeviceError | None) -> None:
        if refused is not None:
            self._failed(refused)

    def _move_in(self) -> None:
        if not self._begin():
            self._release()
            return
        try:
            self.token.check("transfer")
            self._there = [self._moved(x) for x in conforming(self.function, self.arguments)]
        except BaseException as error:
            self._failed(error)
            return
        self._queued(self.lane.put_run(self._step(self._compute)))

    def _moved(self, given: object) -> object:
        """The argument where the lane's device reads it."""
        if _is_there(given, self.lane):
            return given
        if isinstance(given, tuple):
            return tuple(map(self._moved, cast("tuple[object, ...]", given)))
        device, devices = self.lane.device, self.scheduler.devices
        source = given if isinstance(given, BufferView) else view(given)
        if self.lane.in_host_memory:
            return self._transfer(source, lambda: to_host(source, devices, self.token), source.device, "host")
        work = lambda: to_device(source, device, devices, self.token)  # noqa: E731  as below
        made = self._transfer(source, lambda: self.lane.settled(work, self.token), "host", self.lane.address)
        self._mine.append(made)
        return made

    def _transfer(self, view: BufferView, work: Callable[[], BufferView], source: str, target: str) -> BufferView:
        return transferred(self.scheduler.services, self.function, self.lane.address, view, (source, target), work)

    def _compute(self) -> None:
        if not self._begin():
            self._release()
            return
        scheduler, token = self.scheduler, self.token
        try:
            self._say()
            before = perf_counter()
            results = run(scheduler.services, self.function, self.lane, self._there, token, scheduler.devices)
            scheduler.placing.took(self.function, self.lane, perf_counter() - before)
            stays = self.lane.in_host_memory or self.place == "device" or all_on_host(results)
        except BaseException as error:
            self._failed(error)
            return
        self._release()
        if stays:
            self._finish(results)
        else:
            self._results = results
            self._queued(self.lane.put_move(self._step(self._move_out)))

    def _say(self) -> None:
        """Tells the token that the call runs."""
        if self._watched and not self._said:
            self._said = True
            self.token.report("run", 0, 1, "calls")

    def _move_out(self) -> None:
        moved: list[BufferView] = []
        try:
            results = tuple([self._moved_out(x, moved) for x in self._results])
        except BaseException as error:
            self._failed(error)
            return
        _free(moved)
        self._finish(results)

    def _moved_out(self, result: object, moved: list[BufferView]) -> object:
        """The result on the host; `moved` gets what it was copied from."""
        if isinstance(result, tuple):
            return tuple([self._moved_out(x, moved) for x in cast("tuple[object, ...]", result)])
        if not isinstance(result, BufferView) or on_host(result):
            return result
        moved.append(result)
        lane, devices = self.lane, self.scheduler.devices
        work = lambda: lane.settled(lambda: to_host(result, devices, self.token), self.token)  # noqa: E731  as above
        return self._transfer(result, work, result.device, "host")

    # The end

    def _failed(self, error: BaseException) -> None:
        """The call of a device that is lost, or has no code for it, goes to another; any other error is the call's."""
        self._release()
        self._results = ()
        lane = self.lane
        if isinstance(error, DeviceLostError) and not lane.open:
            self.scheduler.lost(lane, error)
            self.scheduler.start(self)
        elif self.scheduler.placing.unfit(self.function, lane, error):
            self.scheduler.start(self)
        else:
            self._finish(error=error)

    def _release(self) -> None:
        """Gives back what the call holds of its lane."""
        self._there = ()
        if self._team is not None:
            team, self._team = self._team, None
            team.leave()
        if self._mine:
            mine, self._mine = self._mine, []
            _free(mine)
        if self._staged:
            self._staged = False
            self.lane.unstage()
        if self._placed:
            self._placed = False
            self.scheduler.placing.left(self.lane)

    def finish(self, error: BaseException) -> None:
        """The call fails before it came to a device."""
        self._finish(error=error)

    def _finish(self, results: Results = (), error: BaseException | None = None) -> None:
        with self._lock:
            self._state = "over"
            dropped = self._withdrawn
        if dropped:
            error = FutureCancelledError("HY5020", f"{self.label} was cancelled while it ran")
        elif error is None and self._watched:
            try:
                self.token.report("run", 1, 1, "calls")
            except BaseException as late:
                error = late
        if error is None:
            self._learn()
        else:
            self.scheduler.count_end(error, dropped)
        future = self._leave()
        if error is None:
            future.succeed(results)
        else:
            future.fail(error, dropped)
        self.scheduler.leave(self)

    def _leave(self) -> CallFuture:
        """Lets go of everything, before anybody learns of the end. The future is gone too: the frames in the traceback
        of its error have the call."""
        if self._watched:
            self._forget()
            self.token.end()
            if self._deadline:
                self.scheduler.deadlines.forget(self._deadline)
        self.arguments = self._there = ()
        self._results = ()
        if self.entered:
            self.scheduler.leave_room()
        future = self.future
        del self.future
        return future


def _nothing() -> None:
    pass


def _free(views: Iterable[BufferView]) -> None:
    """Gives memory back that only the call knows. A device that cannot do so says it again when it is next used."""
    for made in views:
        try:
            made.buffer.free()
        except Exception as error:
            fields = {"kind": "buffer.free", "device": made.device}
            log.write(_log, logging.WARNING, f"{made.device} did not take memory back: {error}", fields)


def _are_there(arguments: Sequence[object], lane: Lane) -> bool:
    for given in arguments:  # noqa: SIM110  a call of every function does this, and `all` takes three times as long
        if not _is_there(given, lane):
            return False
    return True


def _is_there(given: object, lane: Lane) -> bool:
    """Whether the lane's device reads the argument where it is."""
    if isinstance(given, BufferView):
        return readable(given, lane.device)
    if isinstance(given, tuple):
        return _are_there(cast("tuple[object, ...]", given), lane)
    return lane.in_host_memory or not isinstance(given, np.ndarray)
