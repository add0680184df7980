"""Has the devices of an executor run parts at the same time; what a lost device did not do, another one does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter

from hyperion import stages
from hyperion.buffers.host import allocate_view, view
from hyperion.errors import DeviceLostError
from hyperion.interfaces.buffer import BufferView
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.executor import Services
from hyperion.tokens import Token
from hyperion_cluster.lanes import Job, Lane
from hyperion_cluster.moving import readable, to_device
from hyperion_cluster.splitting.values import Placed

Results = tuple[object, ...]
Compiled = Callable[[str], CompiledFunction]
"""Gives the code of one part for a target."""


@dataclass(slots=True)
class Crew:
    """For one call. `busy` has the seconds that each device worked, by its number."""

    lanes: Sequence[Lane]
    services: Services
    token: Token
    name: str
    busy: dict[int, float] = field(default_factory=dict[int, float])

    @property
    def home(self) -> int:
        """Where what is not split runs: the first device that reads the host's memory, or else the first."""
        numbers = [k for k, lane in enumerate(self.lanes) if lane.open]
        if not numbers:
            raise DeviceLostError("HY5012", f"no device is left to run {self.name}")
        return next((k for k in numbers if self.lanes[k].in_host_memory), numbers[0])

    def on_home(self, compiled: Compiled, arguments: Sequence[object]) -> Results:
        (found,) = self.all(compiled, [(self.home, 0, 0)], [arguments])
        return found

    def all(self, compiled: Compiled, places: Sequence[Placed], arguments: Sequence[Sequence[object]]) -> list[Results]:
        """The results of a part on each of the devices, with arguments of its own. Raises the first error."""
        jobs = [self._start(number, compiled, given) for (number, *_), given in zip(places, arguments, strict=True)]
        return self._results(jobs, [lambda given=given: self._again(compiled, given) for given in arguments])

    def collected(self, places: Sequence[Placed], runs: Sequence[BufferView]) -> BufferView:
        """One array on the host with the elements of all runs; each device brings its own."""
        whole = allocate_view(runs[0].dtype, (places[-1][2],))
        jobs = [
            self._collect(number, run, whole[start:stop])
            for (number, start, stop), run in zip(places, runs, strict=True)
        ]
        self._results(jobs, [None] * len(jobs))
        return whole

    def _collect(self, number: int, run: BufferView, target: BufferView) -> Job[Results]:
        held = next((each for each in self.lanes if each.address == run.device), None)
        lane = held or self.lanes[number if self.lanes[number].open else self.home]

        def work() -> Results:
            lane.device.copy(run, target)
            return ()

        return lane.run(work, label=f"{self.name} on {lane.address}")

    def _start(self, number: int, compiled: Compiled, arguments: Sequence[object]) -> Job[Results]:
        lane = self.lanes[number]
        devices = {each.address: each.device for each in self.lanes}

        def work() -> Results:
            self.token.check("run")
            begun = perf_counter()
            code = compiled(lane.device.info.target)
            compiling = perf_counter() - begun
            given = [
                x if not isinstance(x, BufferView) or readable(x, lane.device) else to_device(x, lane.device, devices)
                for x in arguments
            ]
            with stages.stage_of(self.services.watcher, "run", f"{self.name} on {lane.address}", self.name):
                found = lane.device.run(code, given, self.token)
                lane.device.synchronize()
            self.busy[number] = self.busy.get(number, 0.0) + perf_counter() - begun - compiling
            return tuple(x if isinstance(x, bool | int | float | complex | BufferView) else view(x) for x in found)

        return lane.run(work, label=f"{self.name} on {lane.address}")

    def _again(self, compiled: Compiled, arguments: Sequence[object]) -> Job[Results]:
        """The part on another device, which can read its arguments: those on the host."""
        return self._start(self.home, compiled, arguments)

    def _results(
        self, jobs: Sequence[Job[Results]], again: Sequence[Callable[[], Job[Results]] | None]
    ) -> list[Results]:
        """Waits for all jobs, also where one failed: they read the arguments."""
        found: list[Results] = []
        errors: list[BaseException] = []
        try:
            for job, repeat in zip(jobs, again, strict=True):
                self._one(job, repeat, found, errors)
        except BaseException:
            self.token.cancel("the call was given up")
            for job in jobs:
                with suppress(Exception):
                    job.result()
            raise
        if errors:
            raise errors[0]
        return found

    def _one(
        self,
        job: Job[Results],
        repeat: Callable[[], Job[Results]] | None,
        found: list[Results],
        errors: list[BaseException],
    ) -> None:
        try:
            for left in reversed(range(len(self.lanes))):
                try:
                    found.append(job.result())
                    return
                except DeviceLostError:
                    if repeat is None or not left:
                        raise
                    job = repeat()
        except Exception as error:
            if not errors:
                self.token.cancel("another part of the call failed")
            errors.append(error)
