"""DLPack: arrays of other libraries in host memory, in and out without a copy.

The structures are those of dlpack.h (https://github.com/dmlc/dlpack, version 1.1), the protocol that of the Python
array API standard. A capsule of version 1 says whether its memory is read-only; an older one cannot, so read-only views
are refused to consumers that take nothing newer, and what comes in by an older one is taken as read-only.
"""

from __future__ import annotations

import ctypes
import threading
from typing import TYPE_CHECKING, Any, Final

from hyperion.buffers.elements import TYPESTRS, contiguous_strides, itemsize
from hyperion.errors import BufferError_

if TYPE_CHECKING:
    from hyperion.buffers.view import BufferView

VERSION: Final = (1, 1)
READ_ONLY, COPIED = 1, 2
DEVICE_TYPES: Final = {"cpu": 1, "cuda": 2, "rocm": 10}
_DEVICE_NAMES: Final = {
    1: "cpu",
    2: "cuda",
    3: "cuda_host",
    10: "rocm",
    11: "rocm_host",
    13: "cuda_managed",
    14: "oneapi",
}
_ON_HOST: Final = (1, 3, 11)
_CODES: Final = {"i": 0, "u": 1, "f": 2, "c": 5}
_NAMES: Final = {code: letter for letter, code in _CODES.items()}
MOST_AXES: Final = 64
MOST_BYTES: Final = 1 << 62


class Device(ctypes.Structure):
    _fields_ = (("type", ctypes.c_int32), ("number", ctypes.c_int32))


class DataType(ctypes.Structure):
    _fields_ = (("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16))


class Tensor(ctypes.Structure):
    _fields_ = (
        ("data", ctypes.c_void_p),
        ("device", Device),
        ("ndim", ctypes.c_int32),
        ("dtype", DataType),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    )


class Versioned(ctypes.Structure):
    _fields_ = (
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("context", ctypes.c_void_p),
        ("deleter", ctypes.c_void_p),
        ("flags", ctypes.c_uint64),
        ("tensor", Tensor),
    )


class Unversioned(ctypes.Structure):
    _fields_ = (("tensor", Tensor), ("context", ctypes.c_void_p), ("deleter", ctypes.c_void_p))


_Deleter = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_new = ctypes.pythonapi.PyCapsule_New
_new.argtypes, _new.restype = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p], ctypes.py_object
_rename = ctypes.pythonapi.PyCapsule_SetName
_rename.argtypes, _rename.restype = [ctypes.py_object, ctypes.c_char_p], ctypes.c_int
# Functions of a PyDLL of its own, since a destructor's capsule must not be counted as a new reference.
_raw = ctypes.PyDLL(None)
_raw.PyCapsule_IsValid.argtypes, _raw.PyCapsule_IsValid.restype = [ctypes.c_void_p, ctypes.c_char_p], ctypes.c_int
_raw.PyCapsule_GetPointer.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
_raw.PyCapsule_GetPointer.restype = ctypes.c_void_p
NEW, OLD, USED_NEW, USED_OLD = b"dltensor_versioned", b"dltensor", b"used_dltensor_versioned", b"used_dltensor"

_given: dict[int, object] = {}
"""What consumers hold, by the address of its structure: the structure, its arrays and the view."""
_lock = threading.Lock()


def given_out() -> int:
    """How many capsules and arrays of other libraries hold memory of Hyperion."""
    return len(_given)


@_Deleter
def _delete(address: int) -> None:
    _given.pop(address, None)


@_Deleter
def _forget(capsule: int) -> None:
    """Ends a capsule that nobody consumed."""
    for name in (NEW, OLD):
        if _raw.PyCapsule_IsValid(capsule, name):
            _given.pop(_raw.PyCapsule_GetPointer(capsule, name), None)


# Consumers call these until the process ends, after this module's names are gone: one reference is never given back.
for _callback in (_delete, _forget):
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(_callback))


def device_of(address: str) -> tuple[int, int]:
    """DLPack's device type and number of `cpu:0`, `cuda:1`; raises `BufferError_` (HY2002) for other kinds."""
    kind, _, number = address.partition(":")
    if kind not in DEVICE_TYPES:
        raise BufferError_(
            "HY2002", f"DLPack has no devices of kind {kind!r}", hints=["copy the view to the host first: device.copy"]
        )
    return DEVICE_TYPES[kind], int(number) if number.isdecimal() and kind != "cpu" else 0


def export(
    view: BufferView,
    stream: object = None,
    max_version: tuple[int, int] | None = None,
    dl_device: tuple[int, int] | None = None,
    copy: bool | None = None,
) -> object:
    """A capsule for the view's memory; see `BufferView.__dlpack__`. Raises `BufferError_`: HY2002 for another device,
    HY2003 for elements that DLPack does not have, HY2009 for memory that is not aligned, HY2010 for read-only memory
    and a consumer that takes no version 1."""
    host = (DEVICE_TYPES["cpu"], 0)
    if dl_device is not None and tuple(dl_device) not in (host, device_of(view.device)):
        raise BufferError_("HY2002", f"a view on {view.device} cannot be given to device {tuple(dl_device)}")
    if stream not in (None, -1) and device_of(view.device) == host:
        raise BufferError_("HY2002", f"host memory has no streams, stream {stream!r} was asked for")
    moved = dl_device is not None and tuple(dl_device) != device_of(view.device)
    if moved and copy is False:
        raise BufferError_(
            "HY2002", f"a view on {view.device} reaches the host by a copy only, copy=False was asked for"
        )
    copied = bool(copy) or moved
    shown = view.copy() if copied else view
    modern = max_version is not None and max_version[0] >= 1
    if not modern and (shown.readonly or shown.buffer.readonly):
        hints = ["a consumer of DLPack 1.0 or later", "view.copy() can be written"]
        raise BufferError_("HY2010", "read-only memory needs DLPack 1.0, which the consumer does not take", hints=hints)
    return _capsule(shown, modern, copied)


def _capsule(view: BufferView, modern: bool, copied: bool) -> object:
    axes = view.ndim
    size = itemsize(view.dtype)
    view.buffer.host()  # freed memory is not given out
    start = (view.buffer.address or 0) + view.offset
    if view.size and (start % min(size, 8) or any(s % size for s in view.strides)):
        hints = ["view.copy() is aligned"]
        raise BufferError_("HY2009", f"elements of {size} bytes at address {start:#x} are not aligned", hints=hints)
    shape = (ctypes.c_int64 * axes)(*view.shape)
    strides = (ctypes.c_int64 * axes)(*(s // size for s in view.strides))
    device = Device(*device_of(view.device))
    tensor = Tensor(start if view.size else None, device, axes, _data_type(view.dtype), shape, strides, 0)
    deleter = ctypes.cast(_delete, ctypes.c_void_p)
    if modern:
        flags = (READ_ONLY if view.readonly or view.buffer.readonly else 0) | (COPIED if copied else 0)
        managed: Any = Versioned(*VERSION, None, deleter, flags, tensor)
    else:
        managed = Unversioned(tensor, None, deleter)
    address = ctypes.addressof(managed)
    # The memory itself is held, so that `free` of the buffer takes nothing from the consumer.
    _given[address] = (managed, shape, strides, view.buffer.host(), view)
    return _new(address, NEW if modern else OLD, ctypes.cast(_forget, ctypes.c_void_p))


def _data_type(dtype: str) -> DataType:
    if dtype == "bool":
        return DataType(6, 8, 1)
    if dtype == "bf16":
        return DataType(4, 16, 1)
    return DataType(_CODES[dtype[0]], 8 * itemsize(dtype), 1)


def from_dlpack(given: Any, copy: bool | None = None) -> BufferView:  # Any: whatever has the protocol's two methods
    """A view of an array in host memory that has `__dlpack__`, without a copy unless asked for.

    Raises `BufferError_`: HY2002 for memory of another device, HY2003 for elements that Hyperion does not have, HY2006
    for what has no `__dlpack__` or gives a broken capsule."""
    if not (hasattr(given, "__dlpack__") and hasattr(given, "__dlpack_device__")):
        raise BufferError_("HY2006", f"a {type(given).__name__} has no __dlpack__")
    kind, number = given.__dlpack_device__()
    if kind not in _ON_HOST:
        name = _DEVICE_NAMES.get(int(kind), f"device type {int(kind)}")
        hints = ["copy it to the host first, such as array.cpu()"]
        raise BufferError_("HY2002", f"the array lies on {name}:{number}", hints=hints)
    try:
        capsule = given.__dlpack__(max_version=VERSION)
    except TypeError:  # an exporter from before version 1
        capsule = given.__dlpack__()
    seen = _consume(capsule)
    return seen.copy() if copy else seen


class _Consumed:
    """What a capsule managed; given back when the last view of it goes."""

    __slots__ = ("_address", "_deleter")

    def __init__(self, address: int, deleter: int) -> None:
        self._address = address
        self._deleter = _Deleter(deleter) if deleter else None

    def __del__(self) -> None:
        if self._deleter is not None:
            self._deleter(self._address)


def _consume(capsule: object) -> BufferView:
    from hyperion.buffers.host import at_address

    with _lock:  # a capsule is consumed once
        modern = bool(_raw.PyCapsule_IsValid(id(capsule), NEW))
        if not modern and not _raw.PyCapsule_IsValid(id(capsule), OLD):
            raise BufferError_("HY2006", f"{capsule!r} is no DLPack capsule, or was consumed before")
        address = int(_raw.PyCapsule_GetPointer(id(capsule), NEW if modern else OLD))
        if modern:
            managed: Any = Versioned.from_address(address)
            if managed.major != VERSION[0]:
                what = f"DLPack {managed.major}.{managed.minor} is not read here, {VERSION[0]}.x is"
                raise BufferError_("HY2006", what)
            readonly = bool(managed.flags & READ_ONLY)
        else:
            managed = Unversioned.from_address(address)
            readonly = True
        dtype, shape, strides, first = _checked(managed.tensor)
        _rename(capsule, USED_NEW if modern else USED_OLD)
        owner = _Consumed(address, managed.deleter or 0)
    return at_address(first, dtype, shape, strides, readonly, owner)


def _checked(tensor: Any) -> tuple[str, tuple[int, ...], tuple[int, ...], int]:
    """Type, shape, strides in bytes and address of a tensor of which nothing is believed."""
    axes = int(tensor.ndim)
    if not 0 <= axes <= MOST_AXES or (axes and not tensor.shape):
        raise BufferError_("HY2006", f"the capsule describes an array of {axes} axes")
    dtype = _name(tensor.dtype)
    size = itemsize(dtype)
    shape = tuple(int(tensor.shape[i]) for i in range(axes))
    strides = (
        tuple(size * int(tensor.strides[i]) for i in range(axes)) if tensor.strides else contiguous_strides(shape, size)
    )
    reach = size + sum(abs(s) * (n - 1) for n, s in zip(shape, strides, strict=True) if n > 0)
    if any(n < 0 for n in shape) or reach > MOST_BYTES:
        raise BufferError_("HY2006", f"the capsule describes an array of shape {shape} and strides {strides}")
    first = int(tensor.data or 0) + int(tensor.byte_offset)
    if not tensor.data and 0 not in shape:
        raise BufferError_("HY2006", f"the capsule describes an array of shape {shape} without memory")
    return dtype, shape, strides, first


def _name(kind: Any) -> str:
    code, bits = int(kind.code), int(kind.bits)
    name = {(6, 8): "bool", (4, 16): "bf16"}.get((code, bits), f"{_NAMES.get(code)}{bits}")
    if kind.lanes != 1 or (name not in TYPESTRS and name != "bf16"):
        what = f"elements of DLPack type code {code}, {bits} bits, {int(kind.lanes)} lanes are not supported"
        raise BufferError_("HY2003", what)
    return name
