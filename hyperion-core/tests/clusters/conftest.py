"""Devices of a plugin for tests: `toy:0` to `toy:3` with memory of their own, `near:0` and `near:1` in the host's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest

import hyperion as hp
from hyperion.buffers.host import HostBuffer, copy_into
from hyperion.buffers.view import BufferView
from hyperion.errors import BufferError_, DeviceError
from hyperion.interfaces.device import DeviceInfo, DeviceState, MemoryInfo


class FarBuffer(HostBuffer):
    """Memory that the host is told that it does not reach."""

    def host(self) -> memoryview:
        raise BufferError_("HY2002", f"it lies on {self.device}")


class Toy:
    """Does at once what it is asked for."""

    def __init__(self, info: DeviceInfo, far: bool, log: list[str], size: object = None) -> None:
        self.info = info
        self.size = size
        self.state: DeviceState = "open"
        self.far = far
        self.log = log
        self.copied: list[int] = []

    def allocate(self, nbytes: int, kind: str = "") -> HostBuffer:
        if nbytes > self.info.memory:
            raise DeviceError("HY5001", f"{self.info.address} has no {nbytes} bytes left")
        return (FarBuffer if self.far else HostBuffer).allocate(nbytes, self.info.address)

    def copy(self, source: BufferView, target: BufferView) -> None:
        self.copied.append(source.nbytes)
        host = [BufferView(near(v.buffer), v.dtype, v.shape, v.strides) for v in (target, source)]
        copy_into(*host)

    def run(self, function: Any, arguments: Sequence[object], token: object) -> tuple[object, ...]:
        raise AssertionError("nothing runs here")

    def synchronize(self, timeout: float | None = None) -> bool:
        return True

    def close(self) -> None:
        self.state = "closed"
        self.log.append(f"closed {self.info.address}")


def near(buffer: Any) -> HostBuffer:
    return HostBuffer(buffer._memory, buffer.address) if isinstance(buffer, FarBuffer) else buffer


@dataclass
class Driver:
    """`kind:0` up to `count`; the one after these is absent."""

    kind: str
    count: int
    far: bool
    log: list[str] = field(default_factory=list)
    memory: int = 1 << 17
    opens: Callable[[str], str] = lambda address: address

    def devices(self) -> Sequence[DeviceInfo]:
        return [self.describe(f"{self.kind}:{n}") for n in range(self.count)]

    def describe(self, address: str) -> DeviceInfo:
        number = address.removeprefix(f"{self.kind}:").partition("/")[0]
        if not number.isdecimal() or int(number) > self.count:
            raise DeviceError("HY5010", f"there is no device {address!r}")
        absent = "its slot is empty" if int(number) == self.count else ""
        memory = MemoryInfo("device" if self.far else "host", self.memory, host=not self.far)
        return DeviceInfo(address, self.kind, "a toy", 1, self.memory, memories=(memory,), absent=absent)

    def together(self, addresses: Sequence[str]) -> Sequence[str]:
        """Those in the host's memory share it out: they have other addresses together."""
        count = len(addresses)
        return addresses if self.far or count < 2 else [a if "/" in a else f"{a}/{count}" for a in addresses]

    def open(self, address: str, options: Mapping[str, object]) -> Toy:
        if unknown := options.keys() - {"size"}:
            raise DeviceError("HY5013", f"{self.kind} has no option {unknown}")
        info = self.describe(self.opens(address))
        if info.absent:
            raise DeviceError("HY5011", f"{address} is not here: {info.absent}")
        self.log.append(f"opened {address}")
        return Toy(info, self.far, self.log, options.get("size"))


@dataclass
class Toys:
    """The drivers, and what they did."""

    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.toy = Driver("toy", 4, True, self.log)
        self.near = Driver("near", 2, False, self.log)

    def table(self) -> dict[str, Callable[[], Driver]]:
        return {"toy": lambda: self.toy, "near": lambda: self.near}


@pytest.fixture
def toys() -> Toys:
    return Toys()


@pytest.fixture
def inst(toys: Toys, make_plugin: Callable[..., ModuleType]) -> Iterator[hp.Instance]:
    with hp.Instance(plugins=[make_plugin("toys", hyperion_devices=lambda: toys.table())]) as made:
        yield made
