"""An executor runs functions on the devices of a cluster, at once or later."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from hyperion.fences import Fence
from hyperion.interfaces.cluster import Cluster
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.event import Event
from hyperion.interfaces.strategy import Refusal
from hyperion.ir.function import Program
from hyperion.metrics import Metrics
from hyperion.stages import Watcher
from hyperion.tokens import Token

Place = Literal["host", "device"]


@dataclass(frozen=True, slots=True)
class Split:
    """What an executor does with a call: the elements of its longest array that each device takes, as `(address, first,
    after the last)`; or why it runs whole on one device."""

    shares: tuple[tuple[str, int, int], ...]
    refusals: tuple[Refusal, ...]


class Future(Protocol):
    """The results of a call that was submitted; `concurrent.futures.Future` with a fence, and it can be awaited."""

    @property
    def fence(self) -> Fence: ...

    def result(self, timeout: float | None = None) -> tuple[object, ...]:
        """Waits; raises what the call raised, TimeoutError where `timeout` seconds were not enough."""
        ...

    def exception(self, timeout: float | None = None) -> BaseException | None: ...

    def cancel(self) -> bool:
        """Asks for the call to end. Whether it will not give a result; it may have given one already."""
        ...

    def cancelled(self) -> bool: ...

    def done(self) -> bool: ...

    def add_done_callback(self, fn: Callable[[Future], object], /) -> None:
        """Calls `fn(future)` once done, in a thread that no device waits for."""
        ...

    def __await__(self) -> Generator[object, None, tuple[object, ...]]: ...


@runtime_checkable
class Executor(Protocol):
    """Runs functions on a cluster. A context manager; closing waits for what was submitted.

    Arguments are numbers, arrays and BufferViews, as `hyperion.arguments` says. Results are a tuple of scalars and
    BufferViews, which lie in host memory, or with `place="device"` where they were made. Functions are those of
    modules (`module["f"]`): these run on any device, and split over several where their theorem lets them, with the
    same bits; or what a target compiled, for devices of that target alone. One that a device has no code for runs on
    another device of the cluster. Every method may be called from any thread.
    Arguments must not be written before the call is done.
    """

    @property
    def cluster(self) -> Cluster: ...

    def execute(
        self,
        function: CompiledFunction,
        arguments: Sequence[object],
        *,
        token: Token | None = None,
        place: Place = "host",
    ) -> tuple[object, ...]:
        """Runs the function and waits. Raises what calling the function raises; `DeviceError`: HY5002 after `close`,
        HY5017 for what is not compiled, HY5022 in the child of a fork; `WorkCancelledError` (HY5020), `DeadlineError`
        (HY5021) by `token`; `DeviceLostError` (HY5012) where no device is left to run it."""
        ...

    def submit(
        self,
        function: CompiledFunction,
        arguments: Sequence[object],
        *,
        token: Token | None = None,
        after: Sequence[Fence] = (),
        place: Place = "host",
        wait: bool = True,
    ) -> Future:
        """Runs the function later, once all fences are done; calls that are ready run on a device in the order in which
        they became so. A call after a fence that failed does not run: its future has that error, with a note. Waits
        while too much is queued, unless `wait` is false: then, and where the thread that submits does the executor's
        own work, raises `DeviceError` (HY5023). Raises as `execute` where it can tell at once."""
        ...

    def plan(self, function: CompiledFunction, arguments: Sequence[object], *, submit: bool = False) -> Split:
        """What `execute`, or else `submit`, would do with the call now; nothing runs. Which branch a test at run time
        takes is not known before, nor what it refuses then. Raises what compiling the function raises."""
        ...

    @property
    def closed(self) -> bool:
        """Whether `close` was called; its Instance then forgets the executor."""
        ...

    def close(self, timeout: float | None = None) -> None:
        """Waits for submitted work, for `timeout` seconds at most, then cancels what is left. A second call does
        nothing. The devices stay open: they are the Instance's."""
        ...

    def __enter__(self) -> Executor: ...

    def __exit__(self, *exception: object) -> None: ...


@runtime_checkable
class Services(Protocol):
    """What an executor may ask of the Instance that made it."""

    def compiled_for(self, function: CompiledFunction, target: str) -> CompiledFunction:
        """The function for a code generation target: a module's function is compiled for it, under the rule that
        parallel operations need their theorem; another is returned where it is of that target. Raises `CodegenError`
        where the target cannot compile it, `DeviceError` (HY5017) for code of another target."""
        ...

    def compiled_program(self, program: Program, target: str) -> CompiledFunction:
        """A program for a code generation target, under the same rule: one with a parallel operation is refused.
        Raises `CodegenError` where the target cannot compile it, `ProofError` (HY7020) by the rule."""
        ...

    def tell(self, event: Event) -> None: ...

    @property
    def metrics(self) -> Metrics:
        """Where an executor counts: `metrics.count("submits")`, `metrics.observe("queue_seconds", s, device="cpu:0")`;
        `hyperion.metrics.FAMILIES` has the names. What is counted at every call is found once: `metrics.counter`,
        `metrics.timer`."""
        ...

    @property
    def watcher(self) -> Watcher:
        """Who is told of stages. In the thread that submits: `work = stages.carried(work)` and
        `start = perf_counter_ns()`. In the device's thread, inside `work()`, where `watcher.watching`:
        `stages.waited(watcher, "queue", name, start, device=address)`, and around each part
        `with stages.stage_of(watcher, "run", name, device=address)`, or `"transfer"`."""
        ...


@runtime_checkable
class ExecutorFactory(Protocol):
    """Registered by the hook `hyperion_executors`."""

    def create(self, cluster: Cluster, services: Services, options: Mapping[str, object]) -> Executor:
        """Raises `DeviceError` (HY5024) for options that this kind of executor does not have."""
        ...
