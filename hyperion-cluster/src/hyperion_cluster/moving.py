"""Moves elements between the memories of the host and of devices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import cast

from hyperion.buffers.elements import contiguous_strides, itemsize
from hyperion.buffers.host import HostBuffer, allocate_view
from hyperion.errors import BufferError_, DeviceError, DeviceLostError
from hyperion.interfaces.buffer import BufferView
from hyperion.interfaces.device import Device
from hyperion.tokens import NOTHING, Token

PIECE = 32 << 20
"""Bytes after which a copy looks at its token and tells how far it is."""


def on_host(view: BufferView) -> bool:
    """Whether the host reads the view's memory in place. Raises `BufferError_` (HY2007) where it was freed."""
    buffer = view.buffer
    if type(buffer) is HostBuffer and buffer.alive:
        return True
    try:
        buffer.host()
    except BufferError_ as error:
        if error.code == "HY2007":
            raise
        return False
    except DeviceLostError:
        return False
    return True


def all_on_host(values: Iterable[object]) -> bool:
    for value in values:
        if isinstance(value, BufferView):
            if not on_host(value):
                return False
        elif isinstance(value, tuple) and not all_on_host(cast("tuple[object, ...]", value)):
            return False
    return True


def views_in(given: object) -> Iterator[BufferView]:
    """The views among the items of tuples, or the view that is given."""
    if isinstance(given, BufferView):
        yield given
    elif isinstance(given, tuple):
        for item in cast("tuple[object, ...]", given):
            yield from views_in(item)


def reads_host(device: Device) -> bool:
    """Whether the device computes in the host's memory, so that nothing is moved."""
    memories = device.info.memories
    return not memories or memories[0].host


def readable(view: BufferView, device: Device) -> bool:
    """Whether the device reads the view's memory in place."""
    return view.device == device.info.address or (reads_host(device) and on_host(view))


def to_device(view: BufferView, device: Device, others: Mapping[str, Device], token: Token = NOTHING) -> BufferView:
    """The elements in C order in new memory of the device; by way of the host from another device, which `others` has
    by its address. Raises as `Device.allocate` and `Device.copy`, and as `to_host`."""
    if not on_host(view):
        view = to_host(view, others, token)
    size = itemsize(view.dtype)
    with _known(token):
        buffer = device.allocate(size * view.size)
    made = BufferView(buffer, view.dtype, view.shape, contiguous_strides(view.shape, size))
    _copy(device, view, made, token)
    return made


def to_host(view: BufferView, devices: Mapping[str, Device], token: Token = NOTHING) -> BufferView:
    """The elements where the host reads them: in new memory, unless it does already. Raises `DeviceLostError` (HY5012)
    where they are lost with their device, `DeviceError` (HY5016) where nobody here has the device."""
    if on_host(view):
        return view
    device = devices.get(view.device)
    if device is None:
        raise DeviceError(
            "HY5016",
            f"an array lies in the memory of {view.device}, which does not belong to this cluster",
            hints=["copy it to the host with its device: device.copy(view, hp.view(array))"],
        )
    if device.state == "lost":
        raise DeviceLostError(
            "HY5012",
            f"an array was left in the memory of {view.device}, which is lost",
            hints=["make it again on another device, or ask for results on the host"],
        )
    made = allocate_view(view.dtype, view.shape)
    _copy(device, view, made, token)
    return made


def _copy(device: Device, source: BufferView, target: BufferView, token: Token) -> None:
    """Copies by pieces of rows, so that a long copy can be watched and stopped."""
    with _known(token):
        _copy_by_pieces(device, source, target, token)


def _known(token: Token) -> AbstractContextManager[object]:
    """Devices find the token as `hyperion.tokens.current()`."""
    return nullcontext() if token is NOTHING else token.active()


def _copy_by_pieces(device: Device, source: BufferView, target: BufferView, token: Token) -> None:
    if source.nbytes <= PIECE or not source.shape or source.shape[0] < 2:
        device.copy(source, target)
        if token is not NOTHING:
            token.report("transfer", source.nbytes, source.nbytes, "bytes")
        return
    row = source.nbytes // source.shape[0]
    step = max(1, PIECE // row)
    for first in range(0, source.shape[0], step):
        device.copy(source[first : first + step], target[first : first + step])
        token.report("transfer", min(first + step, source.shape[0]) * row, source.nbytes, "bytes")
