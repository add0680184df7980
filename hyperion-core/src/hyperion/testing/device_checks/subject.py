"""What the tests of devices are given, and how they move data and look at errors."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeVar
from unittest import SkipTest

from hyperion.buffers.elements import contiguous_strides, itemsize
from hyperion.buffers.host import allocate_view, view
from hyperion.errors import BufferError_, HyperionError
from hyperion.interfaces.buffer import BufferView
from hyperion.interfaces.codegen import CodegenTarget, CompiledFunction
from hyperion.interfaces.device import Device, DeviceDriver
from hyperion.testing.programs import Example, attempt
from hyperion.tokens import NOTHING

if TYPE_CHECKING:
    from hyperion.testing.arrays import Array

T = TypeVar("T")
ELSEWHERE = "elsewhere:0"


class DeviceSubject:
    """What is tested: the driver, and one of its devices."""

    options: ClassVar[Mapping[str, object]] = {}
    """What the device is opened with."""
    absent: str = ""
    """An address that a device of this kind could have, but none here has."""
    fillable: int = 0
    """How many bytes of the first memory the tests may fill; 0 where they may not run it full."""
    interrupts: bool = False
    """Whether a running function looks at its token, so that a long loop can be cancelled in the middle."""

    def driver(self) -> DeviceDriver:
        raise NotImplementedError

    def make(self) -> Device:
        """An open device; by default the driver's first."""
        driver = self.driver()
        return driver.open(driver.devices()[0].address, self.options)

    def target(self) -> CodegenTarget | None:
        """What compiles for the device; None where nothing does yet."""
        return None

    def used(self, device: Device) -> int | None:
        """The bytes of the device's memories that are taken; None where the device does not say."""
        return None

    def lose(self, device: Device) -> None:
        """Makes the device be lost, where that can be done."""
        skip("the device cannot be made to be lost")

    @contextmanager
    def opened(self) -> Generator[Device]:
        device = self.make()
        try:
            yield device
        finally:
            device.close()

    def compiled(self, example: Example) -> CompiledFunction:
        target = self.target()
        if target is None:
            skip("no target compiles for the device")
        return target.compile(example.program)


def skip(reason: str) -> NoReturn:
    raise SkipTest(reason)


class Elsewhere:
    """A buffer of a device that no other one reaches."""

    device, memory_kind, nbytes, readonly, address = ELSEWHERE, "device", 1024, False, 1 << 20

    def host(self) -> memoryview:
        raise BufferError_("HY2002", f"the host does not reach the memory of {self.device}")

    def free(self) -> None:
        pass


def code_of(call: Callable[[], object]) -> str:
    """The code of the error that `call` ends in."""
    found = attempt(call)
    assert isinstance(found, HyperionError), f"no error of Hyperion, but {found!r}"
    return found.code


def blank(device: Device, dtype: str, shape: tuple[int, ...], kind: str = "") -> BufferView:
    """New memory of the device, read as an array."""
    strides = contiguous_strides(shape, itemsize(dtype))
    count = 1
    for n in shape:
        count *= n
    return BufferView(device.allocate(count * itemsize(dtype), kind), dtype, shape, strides)


def put(device: Device, given: Array | BufferView, kind: str = "") -> BufferView:
    """The elements in new memory of the device."""
    source = given if isinstance(given, BufferView) else view(given)
    target = blank(device, source.dtype, source.shape, kind)
    device.copy(source, target)
    return target


def fetch(device: Device, source: BufferView) -> BufferView:
    """The elements in new host memory, once they are there."""
    target = allocate_view(source.dtype, source.shape)
    device.copy(source, target)
    assert device.synchronize(60), "the device did not end its work in a minute"
    return target


def fetched(device: Device, source: BufferView) -> Array:
    import numpy as np

    return np.asarray(fetch(device, source))


def sent(device: Device, arguments: Iterable[Any]) -> list[object]:  # Any: NumPy's arrays are generic
    """Arguments with the arrays in the device's memory; tuples and numbers stay."""
    return [put(device, x) if hasattr(x, "__array__") else x for x in arguments]


def ran(device: Device, function: CompiledFunction, arguments: Iterable[object]) -> tuple[Any, ...]:  # Any: as called
    """The results on the host, once the work is done. Raises its error, whenever the device tells it."""
    results = device.run(function, sent(device, arguments), NOTHING)
    assert isinstance(results, tuple)
    assert device.synchronize(60), "the device did not end its work in a minute"
    return tuple(fetched(device, x) if isinstance(x, BufferView) else x for x in results)
