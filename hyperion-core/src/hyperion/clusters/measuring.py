"""Measures the links between the host and a device, by copies of a few milliseconds."""

from __future__ import annotations

from time import perf_counter
from typing import Final

from hyperion.buffers.host import HostBuffer
from hyperion.buffers.view import BufferView
from hyperion.clusters.described import reads_host_memory
from hyperion.errors import BufferError_, DeadlineError, DeviceError
from hyperion.interfaces.buffer import Buffer
from hyperion.interfaces.cluster import HOST, Link
from hyperion.interfaces.device import Device

SMALL: Final = 64
"""Bytes whose copy takes the latency alone."""
FIRST: Final = 1 << 16
LARGEST: Final = 1 << 24
"""Bytes of the first and of the largest copy that measures a bandwidth; each is four times the one before."""
ENOUGH: Final = 2e-3
"""Seconds above the latency that a copy takes that need not be larger, if it takes twice the latency too."""
UNSEEN: Final = 0.1
"""What of a latency is lost in its noise: where the largest copy takes no more above it, it is taken to do so."""
TRIES: Final = 4
"""Copies of a size; the fastest counts, since whatever else the machine does only adds time."""
TICK: Final = 1e-9
"""Seconds below which nothing is told apart."""
PATIENCE: Final = 60.0
"""Seconds that a copy may take."""


def measured_links(device: Device) -> dict[tuple[str, str], Link]:
    """The links to and from the host. Raises `DeadlineError` (HY5021) for a device that does not finish a copy, and as
    `Device.allocate` and `Device.copy`."""
    address = device.info.address
    if reads_host_memory(device.info) and _is_shared(device):
        shared = Link(shared=True, source="measured")
        return {(HOST, address): shared, (address, HOST): shared}
    return {(HOST, address): _measured(device, True), (address, HOST): _measured(device, False)}


def _is_shared(device: Device) -> bool:
    """Whether the host writes where the device reads."""
    buffer, other = device.allocate(SMALL), HostBuffer.allocate(SMALL)
    try:
        buffer.host()[:] = bytes(range(SMALL))
        device.copy(_bytes(buffer), _bytes(other))
        _finish(device, SMALL)
        return other.host() == buffer.host()
    except BufferError_:
        return False  # the host does not reach it
    finally:
        buffer.free()


def _measured(device: Device, to_device: bool) -> Link:
    latency = _copying(device, SMALL, to_device)
    nbytes, seconds = FIRST, _copying(device, FIRST, to_device)
    while nbytes < LARGEST and seconds - latency < max(ENOUGH, latency):
        try:
            seconds = _copying(device, 4 * nbytes, to_device)
        except DeviceError as error:
            if error.code != "HY5001":
                raise
            break  # its memory is not larger
        nbytes *= 4
    moving = max(seconds - latency, latency * UNSEEN)
    return Link(latency, (nbytes - SMALL) / moving, source="measured")


def _copying(device: Device, nbytes: int, to_device: bool) -> float:
    """The seconds of the fastest copy."""
    there, here = device.allocate(nbytes), HostBuffer.allocate(nbytes)
    source, target = (here, there) if to_device else (there, here)
    try:
        times: list[float] = []
        for _ in range(TRIES):
            start = perf_counter()
            device.copy(_bytes(source), _bytes(target))
            _finish(device, nbytes)
            times.append(perf_counter() - start)
        return max(min(times), TICK)
    finally:
        there.free()


def _bytes(buffer: Buffer) -> BufferView:
    return BufferView(buffer, "u8", (buffer.nbytes,), (1,))


def _finish(device: Device, nbytes: int) -> None:
    if not device.synchronize(PATIENCE):
        message = f"{device.info.address} did not copy {nbytes} bytes in {PATIENCE:g} seconds"
        raise DeadlineError("HY5021", message, hints=["describe its links instead of measuring them"])
