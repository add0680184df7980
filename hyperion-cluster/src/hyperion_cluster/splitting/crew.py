"""Has the devices of an executor run parts at the same time; what a lost device did not do, another one does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter
from traceback import clear_frames
from typing import TypeVar

from hyperion import stages
from hyperion.buffers.elements import itemsize
from hyperion.buffers.host import allocate_view, copy_into, view
from hyperion.errors import DeadlineError, DeviceError, DeviceLostError, WorkCancelledError
from hyperion.interfaces.buffer import BufferView
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.executor import Services
from hyperion.tokens import Token
from hyperion_cluster.lanes import Job, Lane
from hyperion_cluster.moving import on_host, readable, to_device, to_host
from hyperion_cluster.running import transferred, watched
from hyperion_cluster.splitting.team import Team
from hyperion_cluster.splitting.values import Placed

Results = tuple[object, ...]
R = TypeVar("R")
Compiled = Callable[[str], CompiledFunction]
"""Gives the code of one part for a target."""
Work = Callable[[], Results]
Outs = Sequence[BufferView | None]
Lost = Callable[[Lane, DeviceLostError], object]
SMALL = 1 << 16
"""Bytes up to which the calling thread copies by itself."""


@dataclass(slots=True)
class Crew:
    """For one call, by the devices of its team. The calling thread works too: that of a device for it, another one for
    the first device that reads the host's memory; the others' lanes for theirs. `concat` gives the code that joins so
    many arrays of a dtype. `busy` has the seconds that each device worked, by its number. `known` has the devices by
    what ran on them before: the first time, code is made ready there. `lost` is told of devices that are.
    """

    lanes: Sequence[Lane]
    team: Team
    services: Services
    token: Token
    name: str
    concat: Callable[[str, int], Compiled]
    known: set[tuple[int, CompiledFunction]]
    lost: Lost
    busy: dict[int, float] = field(default_factory=dict[int, float])
    unusual: bool = False  # whether code ran where it did not before, or one device did the work of another

    @property
    def home(self) -> int:
        """Where what is not split runs."""
        number = self.team.home
        if number is None:
            raise DeviceLostError("HY5012", f"no device is left to run {self.name}")
        return number

    def on_home(self, compiled: Compiled, arguments: Sequence[object]) -> Results:
        (found,) = self.all(compiled, [(self.home, 0, 0)], [arguments])
        return found

    def all(
        self,
        compiled: Compiled,
        places: Sequence[Placed],
        arguments: Sequence[Sequence[object]],
        outs: Sequence[Outs | None] = (),
    ) -> list[Results]:
        """The results of a part on each of the devices, with arguments of its own and, where there are `outs`, in that
        memory. Raises the first error."""

        def works(given: Sequence[object], into: Outs | None) -> Callable[[int], Work]:
            return lambda number: self._work(number, compiled, given, into)

        numbers = [self._taker(number) for number, *_ in places]
        return self._together(numbers, list(map(works, arguments, outs or [None] * len(places))))

    @property
    def writes_in_place(self) -> bool:
        """Whether all devices write results to memory of the host that they are given."""
        return all(lane.in_host_memory and lane.in_place is not None for lane in self.lanes)

    def room(self, dtype: str, length: int) -> BufferView:
        """New memory that all devices write to, and all of it. Raises as `Device.allocate`."""
        size, device = itemsize(dtype), self.lanes[self.home].in_place
        assert device is not None
        return BufferView(device.allocate(size * length, cleared=False), dtype, (length,), (size,))

    def _taker(self, number: int) -> int:
        """Which device does the work of one: where it would wait behind other calls there, a device that splits a call
        in its own thread does not wait for them, and does it instead."""
        here = self.team.here
        if here is None or here == number or not self.lanes[here].open or not self.team.has_other_calls(number):
            return number
        self.unusual = True
        return here

    def collected(self, places: Sequence[Placed], runs: Sequence[BufferView]) -> BufferView:
        """One array on the host with the elements of all runs."""
        length, first = places[-1][2], runs[0]
        if not all(map(on_host, runs)):
            return self._brought(places, runs)
        if len(runs) == 1:
            return first
        if length * max(1, first.nbytes // max(1, len(first))) > SMALL:
            (joined,) = self.on_home(self.concat(first.dtype, len(runs)), runs)
            assert isinstance(joined, BufferView)
            return joined if on_host(joined) else self._brought([(self.home, 0, length)], [joined])
        whole = allocate_view(first.dtype, (length,))
        for (_, start, stop), run in zip(places, runs, strict=True):
            copy_into(whole[start:stop], run)
        return whole

    def _brought(self, places: Sequence[Placed], runs: Sequence[BufferView]) -> BufferView:
        """Each device brings what lies in its memory."""
        whole = allocate_view(runs[0].dtype, (places[-1][2],))
        owners = {lane.address: number for number, lane in enumerate(self.lanes)}
        numbers = [owners.get(run.device, number) for (number, *_), run in zip(places, runs, strict=True)]

        def works(number: int, run: BufferView, target: BufferView) -> Callable[[int], Work]:
            def work() -> Results:
                lane = self.lanes[number]
                self._moved(lane, run, "host", lambda: lane.device.copy(run, target))
                return ()

            return lambda _: work

        targets = [whole[start:stop] for _, start, stop in places]
        self._together(numbers, [works(*each) for each in zip(numbers, runs, targets, strict=True)])
        return whole

    def _work(self, number: int, compiled: Compiled, arguments: Sequence[object], outs: Outs | None = None) -> Work:
        lane = self.lanes[number]

        def work() -> Results:
            self.token.check("run")
            code = compiled(lane.device.info.target)
            begun = perf_counter()
            given = [self._readable(x, lane) if isinstance(x, BufferView) else x for x in arguments]
            with watched(self.services, "run", self.name, lane.address):
                start = perf_counter()
                if outs is None or lane.in_place is None:
                    found = lane.device.run(code, given, self.token)
                else:
                    found = lane.in_place.run(code, given, self.token, outs)
                self.services.metrics.observe("run_seconds", perf_counter() - start, device=lane.address)
            self.busy[number] = self.busy.get(number, 0.0) + perf_counter() - begun
            if (number, code) not in self.known:
                self.known.add((number, code))
                self.unusual = True
            return tuple(x if isinstance(x, bool | int | float | complex | BufferView) else view(x) for x in found)

        return work

    def _readable(self, given: BufferView, lane: Lane) -> BufferView:
        if readable(given, lane.device):
            return given
        others = {each.address: each.device for each in self.lanes}
        if lane.in_host_memory:
            return self._moved(lane, given, "host", lambda: to_host(given, others))
        return self._moved(lane, given, lane.address, lambda: to_device(given, lane.device, others))

    def _moved(self, lane: Lane, given: BufferView, target: str, work: Callable[[], R]) -> R:
        source = "host" if on_host(given) else given.device
        with self.token.active():
            return transferred(self.services, self.name, lane.address, given, (source, target), work)

    def _elsewhere(self, number: int, work: Work) -> Job[Results]:
        lane = self.lanes[number]
        carried = stages.carried(work) if stages.watched else work
        return lane.run(carried, label=f"{self.name} on {lane.address}", token=self.token)

    def _together(self, numbers: Sequence[int], works: Sequence[Callable[[int], Work]]) -> list[Results]:
        """Waits for all works, also where one failed: they read the arguments. The first error cancels the others."""
        jobs: list[Job[Results] | None] = [None] * len(works)
        errors: list[Exception] = []
        try:
            found = self._ended(numbers, works, jobs, errors)
            if errors:
                raise errors[0]
            return found
        finally:
            _let_go(jobs, errors)

    def _ended(
        self,
        numbers: Sequence[int],
        works: Sequence[Callable[[int], Work]],
        jobs: list[Job[Results] | None],
        errors: list[Exception],
    ) -> list[Results]:
        """As `_together`, with the jobs and what failed."""
        own = self._own(numbers)
        forget = self.token.on_cancel(lambda: self._give_up(jobs))
        try:
            for k, number in enumerate(numbers):
                if k not in own:
                    jobs[k] = self._elsewhere(number, works[k](number))
            order = sorted(range(len(works)), key=lambda k: k not in own)
            made = {k: self._one(numbers[k], jobs[k], works[k], errors) for k in order}
            return [made[k] for k in range(len(works))]
        except BaseException:
            self.token.cancel("the call was given up")
            self._give_up(jobs)
            for job in jobs:
                if job is not None:
                    with suppress(Exception):
                        job.result()
            raise
        finally:
            forget()

    def _own(self, numbers: Sequence[int]) -> Collection[int]:
        """Which of the works this thread does: that of a device all those of its device, and those of another one that
        would wait there behind other calls."""
        if self.team.here is None:
            return [k for k, number in enumerate(numbers) if self.lanes[number].in_host_memory][:1]
        return [k for k, number in enumerate(numbers) if number == self.team.here or self.team.has_other_calls(number)]

    def _give_up(self, jobs: Sequence[Job[Results] | None]) -> None:
        """The work that waits behind that of other calls is left out: the token ended."""
        try:
            self.token.check("the wait in the queue")
        except (WorkCancelledError, DeadlineError) as error:
            for job in jobs:
                if job is not None:
                    job.give_up(error)

    def _awaited(self, job: Job[Results]) -> Results:
        left = min(max(self.token.remaining, 0), threading.TIMEOUT_MAX)
        if not self.token.cancelled:
            with suppress(TimeoutError):
                return job.result(left)
        self._give_up([job])
        return job.result()

    def _one(
        self, number: int, job: Job[Results] | None, work: Callable[[int], Work], errors: list[Exception]
    ) -> Results:
        """The results of a piece of work; where its device is lost or fails, another one does it again."""
        try:
            try:
                return self._awaited(job) if job is not None else self.lanes[number].settled(work(number), self.token)
            except DeviceError as error:
                self._note(number, error)
                return self._again(number, work, error)
        except Exception as error:
            if not errors:
                self.token.cancel("another part of the call failed")
            errors.append(error)
        return ()

    def _again(self, number: int, work: Callable[[int], Work], error: DeviceError) -> Results:
        self.unusual = True
        for other in sorted((k for k in range(len(self.lanes)) if k != number), key=lambda k: k != self.team.home):
            if isinstance(error, WorkCancelledError | DeadlineError):
                break
            if self.lanes[other].open:
                try:
                    return self.lanes[other].settled(work(other), self.token)
                except DeviceError as next_error:
                    self._note(other, next_error)
                    error = next_error
        raise error

    def _note(self, number: int, error: DeviceError) -> None:
        if isinstance(error, DeviceLostError) and not self.lanes[number].open:
            self.lost(self.lanes[number], error)


def _let_go(jobs: list[Job[Results] | None], errors: list[Exception]) -> None:
    """The frames that errors went through have them too, by these lists: in cycles, the arguments would wait for a
    collection."""
    for job in jobs:
        if job is not None:
            job.forget()
    for error in errors:
        clear_frames(error.__traceback__)
    jobs.clear()
    errors.clear()
