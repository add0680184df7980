"""A device owns memory and runs compiled functions; a driver knows the devices of one kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from hyperion.interfaces.buffer import Buffer, BufferView
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.tokens import Token

DeviceState = Literal["open", "lost", "closed"]


@dataclass(frozen=True, slots=True)
class MemoryInfo:
    """One memory of a device: `nbytes` 0 where unknown, `host` whether the host reads it in place, `alignment` in
    bytes of what is allocated there."""

    kind: str  # "host", "device", "pinned"
    nbytes: int = 0
    host: bool = False
    alignment: int = 64


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """What is known without opening the device, also of one that is absent, so that code can be made for it.

    `memory` is in bytes, 0 where unknown. `target` names the code generation target whose functions the device runs.
    `identity` is the same wherever and whenever the device is seen, unlike the number in its address; empty where it
    has none. `absent` says why the device cannot be opened here; empty where it can. `parts` names what the device is
    made of where another device may be made of the same, as groups of processors are: `processor 3`. One cluster does
    not have two such devices.
    """

    address: str  # "cpu:0"
    kind: str  # "cpu"
    description: str
    workers: int
    memory: int = 0
    features: Mapping[str, str] = field(default_factory=dict[str, str])
    target: str = ""
    identity: str = ""
    memories: tuple[MemoryInfo, ...] = ()
    absent: str = ""
    parts: tuple[str, ...] = ()


@runtime_checkable
class DeviceDriver(Protocol):
    """Registered by the hook `hyperion_devices` under the kind of its devices. Making and asking it opens nothing."""

    @property
    def kind(self) -> str: ...

    def devices(self) -> Sequence[DeviceInfo]:
        """The devices that are here, in the order of their numbers; cheap: no context is made, no memory taken."""
        ...

    def describe(self, address: str) -> DeviceInfo:
        """The device of that address, present or absent. Raises `DeviceError` (HY5010) where no device of this kind
        could have it."""
        ...

    def together(self, addresses: Sequence[str]) -> Sequence[str]:
        """What the addresses mean when one cluster names them all, in the same order: `cpu:0` and `cpu:1` are the
        halves of the processors, `cpu:0/2` and `cpu:1/2`. Most drivers return them as they are."""
        ...

    def open(self, address: str, options: Mapping[str, object]) -> Device:
        """Raises `DeviceError`: HY5010 for an address as above, HY5011 for a device that is absent or does not open,
        HY5013 for options that this kind of device does not have."""
        ...


@runtime_checkable
class Device(Protocol):
    """An open device: its work is done in the order in which it was asked for.

    Any thread may call any method. `copy` and `run` may return before the work is done; then later calls wait for it
    by themselves, and its error is raised by the next `synchronize`. What needs work that failed is not done, and ends
    in the same error, whenever it is asked for: memory that was never written is not read. Once the device is lost,
    every method but `close`, `info` and `state` raises `DeviceLostError` (HY5012); after `close`, `DeviceError`
    (HY5014).

    The token of the work that asks is `hyperion.tokens.current()`: an `allocate`, `copy` or `synchronize` that takes
    long looks at it and ends with its error; `run` is given its own.

    A device may have a method `gauges` besides, which tells the metrics what it measures of itself at that moment, at
    once: name, labels and value of each, as `hyperion.metrics.Sample`. `hyperion.metrics.FAMILIES` has the names;
    `device_memory_bytes` with the labels `device` and `memory` is one.
    """

    @property
    def info(self) -> DeviceInfo: ...

    @property
    def state(self) -> DeviceState: ...

    def allocate(self, nbytes: int, kind: str = "") -> Buffer:
        """New memory of a kind that `info.memories` lists, by default the first; zeroed. Raises `DeviceError`: HY5001
        where there is none left, HY5015 for a kind that the device does not have; `BufferError_` (HY2004) for a
        negative size."""
        ...

    def copy(self, source: BufferView, target: BufferView) -> None:
        """Copies elements between this device and the host, or within one of them. Shapes and dtypes are equal, and the
        two do not overlap. Raises `BufferError_` as `hyperion.buffers.host.copy_into` does; `DeviceError` (HY5016)
        where one of them lies on a device that this one does not reach."""
        ...

    def run(self, function: CompiledFunction, arguments: Sequence[object], token: Token) -> tuple[object, ...]:
        """Runs a function that `info.target` compiled. Arguments are Python scalars and BufferViews in memory that the
        device reads; results are the same, new arrays in the device's first memory. A trap raises as calling the
        function does; `token` is looked at between pieces of the work. Other Python threads run meanwhile, and must not
        change the arguments."""
        ...

    def synchronize(self, timeout: float | None = None) -> bool:
        """Whether all work, of calls that returned, was done within `timeout` seconds. Raises the first error of work
        that nobody was told yet; a thread is told that of work that it asked for, even where another was before."""
        ...

    def close(self) -> None:
        """Waits for its work and gives back what the device holds; a second call does nothing."""
        ...


@runtime_checkable
class InPlaceDevice(Device, Protocol):
    """A device that also writes results to memory that it is given. It says so by `takes_outs`; callers ask by
    `isinstance`, and others never get the arguments that only these have."""

    @property
    def takes_outs(self) -> Literal[True]: ...

    def allocate(self, nbytes: int, kind: str = "", *, cleared: bool = True) -> Buffer:
        """As above. Memory that is not `cleared` may hold anything: who asked for it writes it before it is read."""
        ...

    def run(
        self,
        function: CompiledFunction,
        arguments: Sequence[object],
        token: Token,
        outs: Sequence[BufferView | None] | None = None,
    ) -> tuple[object, ...]:
        """As above. `outs` has for each result the view that is to be it, in memory that the device reads, or None for
        new memory; what lies there after an error is not said. Raises `BufferError_` before it writes anything: HY2001
        where there are more or fewer than results, or one is of another type or shape than its result; HY2008 where it
        shares bytes with an argument, another one or itself; HY2010 where it is read-only."""
        ...
