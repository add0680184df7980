"""DLPack, beside NumPy's, and against capsules that lie."""

from __future__ import annotations

import ctypes
import gc
from typing import Any

import numpy as np
import pytest

import hyperion as hp
from hyperion.buffers import dlpack
from hyperion.buffers.dlpack import DataType, Device, Tensor, Unversioned, Versioned, from_dlpack, given_out
from hyperion.buffers.host import HostBuffer
from hyperion.errors import BufferError_
from hyperion.interfaces.buffer import BufferView
from hyperion.testing.apart import at_once


class Older:
    """An exporter from before DLPack 1."""

    def __init__(self, given: Any) -> None:
        self.given = given

    def __dlpack_device__(self) -> Any:
        return self.given.__dlpack_device__()

    def __dlpack__(self) -> object:
        return self.given.__dlpack__()


ARRAYS = [
    np.arange(6),
    np.arange(24, dtype="u2").reshape(2, 3, 4).transpose(2, 0, 1)[::-1, :, ::2],
    np.zeros((0, 3)),
    np.array(2.5, "f4"),
    np.array([True, False]),
    np.array([1j, 2]),
]


@pytest.mark.parametrize("source", ARRAYS, ids=lambda a: f"{a.dtype}{a.shape}")
def test_there_and_back(source: Any) -> None:
    before = given_out()
    seen = hp.view(source)
    theirs = np.from_dlpack(seen)
    assert (theirs.dtype, theirs.tolist(), theirs.flags.writeable) == (source.dtype, source.tolist(), True)
    assert source.size == 0 or np.shares_memory(theirs, source)
    assert given_out() == before + 1
    ours = from_dlpack(source)
    assert np.asarray(ours).tolist() == source.tolist()
    assert from_dlpack(seen).shape == seen.shape
    del theirs, ours
    gc.collect()
    assert given_out() == before


def test_read_only_is_honoured_both_ways() -> None:
    source = np.arange(5)
    source.flags.writeable = False
    assert not np.from_dlpack(hp.view(source)).flags.writeable
    assert from_dlpack(source).readonly
    assert from_dlpack(Older(np.arange(3))).readonly
    with pytest.raises(BufferError, match="HY2010"):
        hp.view(source).__dlpack__()
    assert np.from_dlpack(hp.view(source), copy=True).flags.writeable


def test_a_capsule_that_nobody_takes_is_given_back() -> None:
    before = given_out()
    seen = hp.view(np.arange(5))
    for version in (None, (1, 0)):
        capsule = seen.__dlpack__(max_version=version)
        assert given_out() == before + 1
        del capsule
        gc.collect()
        assert given_out() == before


def test_what_is_given_out_outlives_the_view() -> None:
    mine = hp.view(np.arange(1000), mode="copy")
    theirs = np.from_dlpack(mine)
    mine.buffer.free()
    del mine
    gc.collect()
    assert theirs.sum() == 499500


def test_a_capsule_is_consumed_once() -> None:
    class Stale:
        def __init__(self) -> None:
            self.capsule = hp.view(np.arange(3)).__dlpack__(max_version=(1, 0))

        def __dlpack_device__(self) -> tuple[int, int]:
            return 1, 0

        def __dlpack__(self, **_: object) -> object:
            return self.capsule

    stale = Stale()
    assert from_dlpack(stale).shape == (3,)
    with pytest.raises(BufferError_, match="HY2006"):
        from_dlpack(stale)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"stream": 3}, "HY2002"),
        ({"dl_device": (2, 0)}, "HY2002"),
        ({"dl_device": (2, 0), "copy": True}, "HY2002"),
    ],
)
def test_wishes_that_host_memory_cannot_fulfil(options: Any, code: str) -> None:
    with pytest.raises(BufferError, match=code):
        hp.view(np.arange(3)).__dlpack__(max_version=(1, 0), **options)


def test_misaligned_elements_are_not_given_out() -> None:
    seen = BufferView(HostBuffer.allocate(17), "i64", (2,), (8,), 1)
    with pytest.raises(BufferError_, match="HY2009"):
        seen.__dlpack__(max_version=(1, 0))
    assert np.from_dlpack(seen.copy()).tolist() == [0, 0]


class Lying:
    """Gives a capsule of its own making."""

    def __init__(self, managed: Any, name: bytes, device: tuple[int, int] = (1, 0)) -> None:
        self.managed, self.name, self.device = managed, name, device

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.device

    def __dlpack__(self, **_: object) -> object:
        return dlpack._new(ctypes.addressof(self.managed), self.name, None)  # pyright: ignore[reportPrivateUsage]


def tensor(
    shape: tuple[int, ...],
    kind: tuple[int, int, int] = (0, 64, 1),
    strides: tuple[int, ...] | None = None,
    data: int = 64,
) -> Tensor:
    sizes = (ctypes.c_int64 * len(shape))(*shape)
    steps = None if strides is None else (ctypes.c_int64 * len(strides))(*strides)
    made = Tensor(data or None, Device(1, 0), len(shape), DataType(*kind), sizes, steps, 0)
    made.kept = sizes, steps
    return made


@pytest.mark.parametrize(
    ("described", "code"),
    [
        (tensor((2,), (0, 64, 2)), "HY2003"),
        (tensor((2,), (0, 4, 1)), "HY2003"),
        (tensor((2,), (9, 8, 1)), "HY2003"),
        (tensor((-2,)), "HY2006"),
        (tensor((1 << 62,)), "HY2006"),
        (tensor((1 << 40, 1 << 40)), "HY2006"),
        (tensor((2,), strides=(1 << 62,)), "HY2006"),
        (tensor((2,), data=0), "HY2006"),
    ],
)
def test_capsules_of_which_nothing_is_believed(described: Tensor, code: str) -> None:
    with pytest.raises(BufferError_, match=code):
        from_dlpack(Lying(Versioned(1, 0, None, None, 0, described), dlpack.NEW))
    with pytest.raises(BufferError_, match=code):
        from_dlpack(Lying(Unversioned(described, None, None), dlpack.OLD))


def test_other_versions_names_and_devices() -> None:
    with pytest.raises(BufferError_, match=r"HY2006.*DLPack 2\.0"):
        from_dlpack(Lying(Versioned(2, 0, None, None, 0, tensor((2,))), dlpack.NEW))
    with pytest.raises(BufferError_, match="HY2006"):
        from_dlpack(Lying(Versioned(1, 0, None, None, 0, tensor((2,))), b"something"))
    with pytest.raises(BufferError_, match="HY2002: the array lies on cuda:3"):
        from_dlpack(Lying(Versioned(1, 0, None, None, 0, tensor((2,))), dlpack.NEW, (2, 3)))
    with pytest.raises(BufferError_, match="HY2006"):
        from_dlpack([1, 2])


def test_threads_give_out_and_take_back() -> None:
    before = given_out()
    source = np.arange(100)

    def work(_: int) -> set[int]:
        return {int(np.from_dlpack(from_dlpack(hp.view(source))).sum()) for _ in range(200)}

    assert at_once(work, 4) == [{4950}] * 4
    gc.collect()
    assert given_out() == before


def test_sizes_of_dlpacks_structures() -> None:
    assert (ctypes.sizeof(Tensor), ctypes.sizeof(Unversioned), ctypes.sizeof(Versioned)) == (48, 64, 80)
