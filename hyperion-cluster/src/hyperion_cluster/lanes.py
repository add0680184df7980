"""One lane for each device: its threads, and what waits for it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from traceback import clear_frames
from typing import Generic, TypeVar

from hyperion.errors import DeviceError, DeviceLostError
from hyperion.fences import Fence, through, when_all
from hyperion.interfaces.device import Device, InPlaceDevice
from hyperion.metrics import Metrics
from hyperion.tokens import NOTHING, Token
from hyperion.waiting import waited
from hyperion_cluster.moving import reads_host
from hyperion_cluster.workers import Worker

R = TypeVar("R")
STAGED = 2
"""How many calls may have their arguments on a device at once before they run there."""


class Job(Generic[R]):
    """A piece of work on a lane. Once its fence is done, `value` is what the work returned."""

    __slots__ = ("_turn", "fence", "value")

    def __init__(self, label: str) -> None:
        self.fence = Fence(label)
        self.value: R | None = None
        self._turn = threading.Lock()  # held from when the work begins, or is given up

    def begin(self) -> bool:
        """Whether the work is to be done, now; not after it began or was given up."""
        return self._turn.acquire(blocking=False)

    def give_up(self, error: BaseException) -> None:
        """Work that did not begin is left out, and the job fails with this error."""
        if self.begin():
            self.fence.fail(error)

    def result(self, timeout: float | None = None) -> R:
        """Waits; raises the work's error, or TimeoutError after `timeout` seconds."""
        if not self.fence.wait(timeout):
            raise TimeoutError(f"{self.fence.label or 'the work'} did not end within {timeout} s")
        return self.value  # pyright: ignore[reportReturnType]  an R once the fence is done

    def forget(self) -> None:
        """Nobody asks any more how it ended: the frames of its error, which have the job, let go of what they hold."""
        if self.fence.error is not None:
            clear_frames(self.fence.error.__traceback__)
        del self.fence


class Lane:
    """The threads of one device: one that runs, and where the device has memory of its own another one that moves, so
    that the next call's arguments come while this call computes. Both are started by their first work."""

    def __init__(self, device: Device, metrics: Metrics | None = None) -> None:
        metrics = metrics or Metrics()
        self.device = device
        self.address = device.info.address
        self.in_host_memory = reads_host(device)
        self.takes_arrays = bool(getattr(device, "takes_arrays", False))
        self._never_early = bool(getattr(device, "never_early", False))
        self.in_place = device if isinstance(device, InPlaceDevice) else None
        self.queued = metrics.timer("queue_seconds", device=self.address)
        self.ran = metrics.timer("run_seconds", device=self.address)
        self._running = Worker(f"hyperion run {self.address}")
        self._moving = Worker(f"hyperion move {self.address}")
        self.put_run = self._running.put  # both take work that does not raise, or say why not
        self.put_move = self._moving.put
        self._stage = threading.Lock()
        self._staged = 0
        self._unstaged: deque[tuple[Callable[[], object], Callable[[DeviceError], object]]] = deque()
        self._lock = threading.Lock()
        self._landed = threading.Condition(self._lock)
        self._in_flight = 0
        self._reported = 0  # how many errors `synchronize` raised

    # Work of any kind

    def run(
        self, work: Callable[[], R], after: Sequence[Fence] = (), label: str = "", token: Token = NOTHING
    ) -> Job[R]:
        """Has the running thread call `work` once all fences are done, in the order in which that happens. Where one
        failed, the work is left out and the job fails with that error."""
        return self._job(self._running, work, after, label, token)

    def move(
        self, work: Callable[[], R], after: Sequence[Fence] = (), label: str = "", token: Token = NOTHING
    ) -> Job[R]:
        """The same on the thread that moves."""
        return self._job(self._moving, work, after, label, token)

    def _job(self, worker: Worker, work: Callable[[], R], after: Sequence[Fence], label: str, token: Token) -> Job[R]:
        job = Job[R](label)

        def do() -> None:
            if not job.begin():
                return
            try:
                job.value = self.settled(work, token)
            except BaseException as error:
                job.fence.fail(error)
            else:
                job.fence.signal()

        def ready(error: BaseException | None) -> None:
            if error is not None:
                job.fence.fail(through(error, label))
                return
            refused = worker.put(do)
            if refused is not None:
                job.fence.fail(refused)

        when_all(after, ready)
        return job

    # What the executor's calls need

    def stage(self, move_in: Callable[[], object], refused: Callable[[DeviceError], object]) -> None:
        """Has the moving thread call `move_in`, once fewer than `STAGED` calls have arguments on the device and do not
        run yet: those behind them wait on the host, where there is more room. `refused` learns why there is none."""
        with self._stage:
            if self._staged >= STAGED:
                self._unstaged.append((move_in, refused))
                return
            self._staged += 1
        self._put_move_in(move_in, refused)

    def _put_move_in(self, move_in: Callable[[], object], refused: Callable[[DeviceError], object]) -> None:
        error = self._moving.put(move_in)
        if error is not None:
            refused(error)

    def unstage(self) -> None:
        """A call that was staged has run, or will not."""
        with self._stage:
            if not self._unstaged:
                self._staged -= 1
                return
            following = self._unstaged.popleft()
        self._put_move_in(*following)

    def settled(self, work: Callable[[], R], token: Token = NOTHING) -> R:
        """Does the work and waits until the device has done it; raises its error and nobody else's. A device that has
        memory of its own finds the token as `hyperion.tokens.current()`.

        A device that returns early tells errors at the next `synchronize`, which may be that of the other thread.
        Whoever was under way when one was told does its work again, alone: running and copying change nothing else.
        """
        if token is NOTHING or self.in_host_memory:
            return self._settled(work, token)
        with token.active():
            return self._settled(work, token)

    def _settled(self, work: Callable[[], R], token: Token) -> R:
        if self._never_early:
            return work()
        with self._lock:
            self._in_flight += 1
            told = self._reported
        try:
            result = work()
            if self._synchronized() and told == self._reported:
                return result
        finally:
            with self._lock:
                self._in_flight -= 1
                if self._reported:  # only then somebody may want to be alone
                    self._landed.notify_all()
        token.check("run")  # what ended by it is not done again
        return self._alone(work)

    def _synchronized(self) -> bool:
        """False where an error was told, which may be that of the other thread."""
        try:
            self.device.synchronize()
        except DeviceLostError:
            raise
        except Exception:
            with self._lock:
                self._reported += 1
            return False
        return True

    def _alone(self, work: Callable[[], R]) -> R:
        with self._lock:
            waited(partial(self._landed.wait_for, lambda: not self._in_flight))
            result = work()
            self.device.synchronize()
            return result

    # Lifetime

    @property
    def open(self) -> bool:
        return self.device.state == "open"

    @property
    def is_current(self) -> bool:
        """Whether this thread is one of the lane's."""
        return self._running.is_current or self._moving.is_current

    def stop(self) -> None:
        """Ends the threads after what was put before."""
        self._running.stop()
        self._moving.stop()

    def join(self, timeout: float | None = None) -> bool:
        return self._running.join(timeout) and self._moving.join(timeout)
