"""The processors as devices: `cpu:0` is all that this process may use, `cpu:1/2` the second half of them."""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from threading import get_ident
from time import sleep
from typing import Final, Literal, cast
from weakref import WeakSet

import numpy as np

from hyperion.buffers.elements import TYPESTRS
from hyperion.buffers.host import HostBuffer, copy_into
from hyperion.errors import BufferError_, DeviceError
from hyperion.interfaces.buffer import Buffer, BufferView
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.device import DeviceInfo, DeviceState, MemoryInfo
from hyperion.metrics import Sample
from hyperion.outs import Outs, check_outs
from hyperion.tokens import NOTHING, Token
from hyperion_cpu import blocks, processors
from hyperion_cpu.function import CpuFunction, Stopped
from hyperion_cpu.outs import delivered, offered
from hyperion_cpu.pool import thread_count
from hyperion_cpu.results import BlockBuffer
from hyperion_cpu.runtime import Memory, runtime
from hyperion_llvm import host

ADDRESS: Final = "cpu:0"
NOTABLE: Final = ("avx512f", "avx2", "sse4.2", "sve", "neon")
_PAUSE: Final = 0.001
"""Seconds between two looks at whether the runs of a device that is closed are over."""
_GROUP = re.compile(r"cpu:(\d{1,6})/(\d{1,6})")
_DTYPES: Final = {name: np.dtype(text) for name, text in TYPESTRS.items()}


class CpuDriver:
    """Implements `DeviceDriver`."""

    kind = "cpu"

    def devices(self) -> Sequence[DeviceInfo]:
        return (self.describe(ADDRESS),)

    def describe(self, address: str) -> DeviceInfo:
        found = _group_of(address)
        members = processors.usable() if found is None else processors.group(*found)
        absent = "" if members or found is None else _too_few(found[1])
        features = _features()
        workers = max(len(members), 1)
        name = processors.processor_name()
        if found is None:
            workers = thread_count()
        else:
            name = f"{name}, group {found[0]} of {found[1]}"
            features["processors"] = ",".join(map(str, members))
        memory = processors.memory_bytes()
        return DeviceInfo(
            address,
            "cpu",
            name,
            workers,
            memory,
            features,
            target="cpu",
            identity="-".join(["cpu", processors.machine_identity(), *map(str, found or ())]),
            memories=(MemoryInfo("host", memory, host=True, alignment=blocks.ALIGNMENT),),
            absent=absent,
            parts=tuple(f"processor {number}" for number in members),
        )

    def together(self, addresses: Sequence[str]) -> Sequence[str]:
        """`cpu:0` .. `cpu:N-1`, in any order, are the N groups."""
        count = len(addresses)
        if count > 1 and {*addresses} == {f"cpu:{n}" for n in range(count)}:
            return [f"{address}/{count}" for address in addresses]
        return addresses

    def open(self, address: str, options: Mapping[str, object]) -> CpuDevice:
        info = self.describe(address)
        if info.absent:
            raise DeviceError("HY5011", f"{address} is not here: {info.absent}", hints=[f"take {ADDRESS}"])
        if options:
            names = ", ".join(map(repr, options))
            raise DeviceError("HY5013", f"{address} has no option {names}: processors are opened without any")
        found = _group_of(address)
        return CpuDevice(info, () if found is None else processors.group(*found))


def _group_of(address: str) -> tuple[int, int] | None:
    """Which group of how many; None for all processors. Raises `DeviceError` (HY5010)."""
    if address == ADDRESS:
        return None
    parts = _GROUP.fullmatch(address)
    if parts is not None:
        number, count = map(int, parts.groups())
        if number < count and address == f"cpu:{number}/{count}":
            return number, count
    number = address.partition(":")[2]
    hints = [f"{ADDRESS} is all processors, cpu:1/2 the second of two groups of them"]
    if number.isdecimal() and len(number) < 7:
        hints.insert(0, f"cpu:{int(number)}/{int(number) + 1} is the last of {int(number) + 1} groups of processors")
    raise DeviceError("HY5010", f"there is no device {address!r}", hints=hints)


def _too_few(groups: int) -> str:
    count = len(processors.usable())
    return f"this process uses {count} processor{'s' * (count != 1)}, too few for {groups} groups"


def _features() -> dict[str, str]:
    spec = host()
    present = set(spec.features.split(","))
    return {
        "triple": spec.triple,
        "llvm": spec.cpu,
        "vector": next((name for name in NOTABLE if f"+{name}" in present), "baseline"),
        "huge pages": processors.huge_pages(),
    }


_devices: WeakSet[CpuDevice] = WeakSet()


def _forget_other_threads() -> None:
    """In the child of a fork: what the parent's other threads were doing goes on there only."""
    for device in _devices:
        device.forget_runs()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_other_threads)


class CpuDevice:
    """Implements `Device` over the memory of the host. What is done is done when a method returns; several threads may
    run functions at the same time.

    `memory` tells how the large blocks of this process' results are reused, `trim` gives those that wait back.
    """

    takes_arrays = True
    """Whether `run` takes NumPy arrays too: of exactly the declared types in C order where they are, others copied."""
    takes_outs: Literal[True] = True

    never_early = True
    """Whether what `copy` and `run` do is done when they return, so that nobody needs to synchronize."""

    def __init__(self, info: DeviceInfo, members: tuple[int, ...] = ()) -> None:
        self.info = info
        self.state: DeviceState = "open"
        self._members = members
        self._runtime = runtime()
        self._pool = self._runtime.pools.take(members).address if members else 0
        self.forget_runs()
        _devices.add(self)

    def forget_runs(self) -> None:
        """Starts anew with none under way."""
        self._runs: dict[object, int] = {}  # the threads of those that are

    def allocate(self, nbytes: int, kind: str = "", *, cleared: bool = True) -> Buffer:
        self._check_open()
        if kind not in ("", "host"):
            what = f"{self.info.address} has no memory of kind {kind!r}"
            raise DeviceError("HY5015", what, hints=["its memory is of kind 'host'"])
        address = self.info.address
        if nbytes < 1 << blocks.SMALLEST:
            return HostBuffer.allocate(nbytes, address)
        try:
            if nbytes >= 1 << 62:
                raise MemoryError
            owner, data = self._runtime.block(nbytes, cleared)
        except MemoryError:
            hints = ["free buffers that are not needed any more, or take a smaller one"]
            raise DeviceError("HY5001", f"{address} has no {nbytes:,} bytes left", hints=hints) from None
        return BlockBuffer(owner, data, nbytes, address)

    def copy(self, source: BufferView, target: BufferView) -> None:
        self._check_open()
        for view in (source, target):
            self._reach(view)
        copy_into(target, source)

    def run(
        self, function: CompiledFunction, arguments: Sequence[object], token: Token, outs: Outs | None = None
    ) -> tuple[object, ...]:
        compiled = function if isinstance(function, CpuFunction) else getattr(function, "compiled", None)
        if not isinstance(compiled, CpuFunction):
            what = f"{self.info.address} runs code of the target cpu, not a {type(function).__name__}"
            raise DeviceError("HY5017", what, hints=['module["f"] is compiled for each device that runs it'])
        if token is not NOTHING:
            token.check("run")
        runs, own, thread = self._runs, object(), get_ident()
        try:
            runs[own] = thread  # no signal's handler comes between this and `try`, nor before what `finally` does first
            self._check_open()
            given = [self._array(x) if isinstance(x, BufferView) else x for x in arguments]
            if outs is not None:
                return self._run_into(compiled, given, token, outs)
            result = compiled.run(compiled.for_device(self.info.address), given, token, self._pool)
        except Stopped:
            token.expire()
            token.check("run")
            raise
        finally:
            runs.pop(own, None)
            if self.state == "closed":
                self._give_back()
        return cast("tuple[object, ...]", result) if isinstance(result, tuple) else (result,)

    def _run_into(self, compiled: CpuFunction, given: Sequence[object], token: Token, outs: Outs) -> tuple[object, ...]:
        known = check_outs(compiled.function, outs, given)
        held = [self._reach(out) for out in outs if out is not None]  # also where somebody frees it meanwhile
        places = offered(compiled, outs) if known else None
        there = 0 if places is None else ctypes.addressof(places)
        made = compiled.run_into(self.info.address, given, token, self._pool, there)
        del held
        return delivered(outs, cast("tuple[object, ...]", made) if isinstance(made, tuple) else (made,))

    def synchronize(self, timeout: float | None = None) -> bool:
        self._check_open()
        return True

    def close(self) -> None:
        self.state = "closed"
        thread = get_ident()  # a run of its own, where a signal's handler closes the device, does not end meanwhile
        while any(other != thread for other in [*self._runs.values()]):
            sleep(_PAUSE)
        self._give_back()

    def _give_back(self) -> None:
        """Ends the threads of a closed device, once nothing is under way."""
        if not self._runs:
            members, self._members = self._members, ()
            if members:
                self._runtime.pools.give_back(members)

    @property
    def memory(self) -> Memory:
        """The figures of large blocks, of this process as a whole."""
        return self._runtime.memory

    def gauges(self) -> Iterator[Sample]:
        """For the metrics: the large blocks of this process, whichever devices are open."""
        memory = self.memory
        yield "process_array_bytes", {}, memory.mapped - memory.kept
        yield "process_array_peak_bytes", {}, memory.peak
        yield "process_array_kept_bytes", {}, memory.kept

    def trim(self) -> None:
        """Gives the memory that waits for the next result back to the system."""
        self._runtime.trim()

    def _check_open(self) -> None:
        if self.state != "open":
            hints = ["take it from an Instance that is open: instance.device(address)"]
            raise DeviceError("HY5014", f"{self.info.address} is closed", hints=hints)

    def _reach(self, view: BufferView) -> memoryview:
        try:
            return view.buffer.host()
        except BufferError_ as error:
            if error.code != "HY2002":
                raise
            what = f"{self.info.address} does not reach memory of kind {view.buffer.memory_kind!r} on {view.device}"
            raise DeviceError("HY5016", what, hints=["copy it to the host by its own device"]) from error

    def _array(self, view: BufferView) -> object:
        """The elements where they are."""
        memory = self._reach(view)
        dtype = _DTYPES.get(view.dtype)
        if dtype is None:
            return view  # the function says that it does not take it
        if not view.size:
            return np.asarray(view)
        array = np.ndarray(view.shape, dtype, memory, view.offset, view.strides)
        if view.readonly:
            array.flags.writeable = False
        return array
