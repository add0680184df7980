"""Views of memory: what they share, how long it lives, what is refused."""

from __future__ import annotations

import array
import ctypes
import gc
import os
import sys
import weakref
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hyperion as hp
from hyperion.buffers import host
from hyperion.buffers.host import ALIGNMENT, MAPPED_FROM, HostBuffer, allocate_view, copy_into
from hyperion.errors import BufferError_
from hyperion.interfaces.buffer import BufferView
from hyperion.testing import BufferConformance
from hyperion.testing.apart import right_in_child

LAYOUTS: dict[str, Any] = {
    "C": np.arange(24, dtype="i4").reshape(2, 3, 4),
    "Fortran": np.asfortranarray(np.arange(24.0).reshape(4, 6)),
    "backwards": np.arange(7, dtype="i2")[::-1],
    "steps": np.arange(24).reshape(2, 3, 4).transpose(2, 0, 1)[::-1, :, ::2],
    "one number": np.float32(2.5),
    "nothing": np.zeros((0, 3), "u1"),
    "nothing, strided": np.zeros((4, 0, 3))[::2],
    "halves": np.array([1, -0.0, np.inf], "f2"),
    "truths": np.array([True, False]),
    "complex": np.array([1 + 2j, -0.0 - 3j], "c8"),
    "repeated": np.broadcast_to(np.arange(3), (4, 3)),
    "misaligned": np.frombuffer(b"x" + np.arange(3).tobytes(), "i8", offset=1),
}


class TestHostBuffer(BufferConformance):
    def make(self, nbytes: int) -> HostBuffer:
        return HostBuffer.allocate(nbytes)


class TestMappedBuffer(BufferConformance):
    @pytest.fixture(autouse=True)
    def map_all(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(host, "MAPPED_FROM", 1)

    def make(self, nbytes: int) -> HostBuffer:
        return HostBuffer.allocate(nbytes)


@pytest.mark.parametrize("given", LAYOUTS.values(), ids=LAYOUTS)
def test_arrays_of_any_layout_are_borrowed_and_copied(given: Any) -> None:
    given = np.asarray(given)
    seen = hp.view(given)
    back = np.asarray(seen)
    assert (back.dtype, back.shape, back.flags.writeable) == (given.dtype, given.shape, given.flags.writeable)
    assert back.tobytes() == given.tobytes()
    assert given.size == 0 or np.shares_memory(back, given)
    copied = hp.view(given, mode="copy")
    assert (copied.contiguous, copied.readonly) == (True, False)
    assert (copied.buffer.address or 1) % ALIGNMENT == 0
    assert bytes(copied.host()) == given.tobytes()
    assert not np.shares_memory(np.asarray(copied), given)


@pytest.mark.parametrize("exporter", [array.array("i", [1, 2, 3]), bytearray(b"abc"), memoryview(b"abcd")[::-2]])
def test_other_exporters(exporter: Any) -> None:
    seen = hp.view(exporter)
    assert np.asarray(seen).tolist() == list(exporter)
    assert seen.readonly == memoryview(exporter).readonly


def test_an_array_by_its_interface_alone() -> None:
    class Only:
        def __init__(self, given: Any) -> None:
            self.__array_interface__ = given.__array_interface__
            self.kept = given

    source = np.arange(12.0).reshape(3, 4)[:, 1::2]
    seen = hp.view(Only(source))
    assert np.asarray(seen).tolist() == source.tolist()
    assert hp.view(Only(seen)).strides == seen.strides


axis = st.slices(5) | st.integers(-5, 4)


@given(axis, axis, st.booleans())
def test_indexing_is_numpys(first: Any, second: Any, turned: bool) -> None:
    source = np.arange(25).reshape(5, 5)
    seen = hp.view(source)
    got, want = (seen.T, source.T) if turned else (seen, source)
    assert np.asarray(got[first, second]).tolist() == want[first, second].tolist()
    assert np.asarray(got[first]).tolist() == want[first].tolist()


def test_reshaping() -> None:
    seen = hp.view(np.arange(12))
    assert np.asarray(seen.reshape(3, 4)).tolist() == np.arange(12).reshape(3, 4).tolist()
    assert seen.reshape(3, 4).reshape(12) == seen
    for shape, code in (((5,), "HY2001"), ((-1, -12), "HY2001")):
        with pytest.raises(BufferError_, match=code):
            seen.reshape(*shape)
    with pytest.raises(BufferError_, match="HY2005"):
        seen[::2].reshape(2, 3)
    with pytest.raises(IndexError):
        seen[12]
    with pytest.raises(IndexError):
        seen[0, 0]


@pytest.mark.parametrize(
    ("what", "code"),
    [
        (5, "HY2006"),
        ([1, 2], "HY2006"),
        (array.array("w" if sys.version_info >= (3, 13) else "u", "x"), "HY2003"),
        (np.arange(3, dtype=">i4" if sys.byteorder == "little" else "<i4"), "HY2003"),
        (np.array(["text"]), "HY2003"),
        (np.array([object()]), "HY2003"),
        (np.zeros(2, "M8[s]"), "HY2003"),
        (np.zeros(2, [("a", "i4")]), "HY2003"),
    ],
)
def test_what_cannot_be_viewed(what: object, code: str) -> None:
    with pytest.raises(BufferError_, match=code):
        hp.view(what)


def test_memory_outlives_its_owner_and_goes_with_its_last_reader() -> None:
    class Owner(np.ndarray[Any, Any]):
        pass

    source = np.arange(100).view(Owner)
    gone = weakref.ref(source)
    seen = hp.view(source)
    readers = [seen[3:5], np.asarray(seen), seen.buffer.host(), memoryview(seen.host())]
    del source, seen
    while readers:
        gc.collect()
        assert gone() is not None
        readers.pop()
    gc.collect()
    assert gone() is None


def test_freed_memory_is_refused_but_what_was_made_of_it_lives() -> None:
    mine = hp.view(np.arange(5), mode="copy")
    made = np.asarray(mine)
    mine.buffer.free()
    mine.buffer.free()
    assert made.tolist() == [0, 1, 2, 3, 4]
    for use in (mine.host, mine.copy, lambda: np.asarray(mine), lambda: mine.__dlpack__(max_version=(1, 0))):
        with pytest.raises(BufferError_, match="HY2007"):
            use()


def test_donation_moves_the_memory() -> None:
    mine = hp.view(np.arange(5), mode="copy")
    address = mine.buffer.address
    theirs = hp.view(mine, mode="donate")
    assert theirs.buffer.address == address
    assert np.asarray(theirs).tolist() == [0, 1, 2, 3, 4]
    for use in (mine.host, lambda: hp.view(mine, mode="donate")):
        with pytest.raises(BufferError_, match="HY2007"):
            use()


@pytest.mark.parametrize(("what", "code"), [(np.arange(3), "HY2006"), (hp.view(b"abc"), "HY2010")])
def test_what_cannot_be_donated(what: object, code: str) -> None:
    with pytest.raises(BufferError_, match=code):
        hp.view(what, mode="donate")
    with pytest.raises(BufferError_, match="HY2006"):
        hp.view(what, mode="lend")  # pyright: ignore[reportArgumentType] -- what is tested


def test_new_views() -> None:
    seen = allocate_view("f64", (2, 3))
    assert (seen.strides, seen.buffer.nbytes, seen.contiguous, seen.nbytes) == ((24, 8), 48, True, 48)
    with pytest.raises(BufferError_, match="HY2003"):
        allocate_view("int", (1,))
    with pytest.raises(BufferError_, match="HY2004"):
        HostBuffer.allocate(-1)
    with pytest.raises(MemoryError):
        HostBuffer.allocate(1 << 62)


@pytest.mark.parametrize(("dtype", "nbytes"), [("c64", 8), ("c128", 16), ("f16", 2), ("bf16", 2), ("i128", 16)])
def test_every_type_of_elements_has_its_size(dtype: str, nbytes: int) -> None:
    assert allocate_view(dtype, (3,)).buffer.nbytes == 3 * nbytes


@pytest.mark.parametrize("dtype", ["bf16", "i128"])
def test_elements_that_numpy_does_not_have(dtype: str) -> None:
    with pytest.raises(BufferError_, match=f"HY2003: NumPy has no elements of type {dtype}"):
        allocate_view(dtype, (1,)).__array_interface__  # noqa: B018 -- a property that raises


def test_overlaps() -> None:
    source = np.arange(20)
    seen = hp.view(source)
    again = hp.view(source)  # another buffer over the same bytes
    assert seen[:10].overlaps(again[9:])
    assert not seen[:10].overlaps(again[10:])
    assert seen[::-1].overlaps(again[19:])
    assert not seen[5:5].overlaps(seen)
    assert not seen.overlaps(hp.view(source, mode="copy"))


def test_copies_into_any_layout() -> None:
    for source in (
        np.arange(12).reshape(3, 4),
        np.arange(24).reshape(4, 6)[:3, ::-1][:, :4],
        np.arange(12)[::-1].reshape(3, 4),
    ):
        for target in (np.zeros((3, 4), int), np.zeros((4, 3), int).T, np.zeros((6, 8), int)[::2, ::-2]):
            copy_into(hp.view(target), hp.view(source))
            assert target.tolist() == source.tolist()


@pytest.mark.parametrize(
    ("target", "code"),
    [
        (hp.view(b"12345678"), "HY2010"),
        (hp.view(b"1234", mode="copy"), "HY2001"),
        (hp.view(np.zeros(8, "i1")), "HY2001"),
        (BufferView(HostBuffer.allocate(8), "u8", (8,), (0,)), "HY2008"),
    ],
)
def test_copies_that_are_refused(target: BufferView, code: str) -> None:
    with pytest.raises(BufferError_, match=code):
        copy_into(target, hp.view(b"abcdefgh"))


class WithoutAddresses(HostBuffer):
    """Bytes that the host reads through `host` alone."""

    def __init__(self) -> None:
        super().__init__(memoryview(bytearray(8)), 0, "moon:0")
        self.address = None  # the interface allows it


def test_a_copy_of_memory_without_addresses_is_refused_not_left_out() -> None:
    far, near = BufferView(WithoutAddresses(), "u8", (8,), (1,)), hp.view(b"abcdefgh", mode="copy")
    for target, source in ((far, near), (near, far)):
        with pytest.raises(BufferError_, match="HY2002: memory of moon:0 has no addresses"):
            copy_into(target, source)


def test_a_copy_onto_itself_is_refused() -> None:
    mine = hp.view(np.arange(5), mode="copy")
    with pytest.raises(BufferError_, match="HY2008"):
        copy_into(mine[1:], mine[:-1])


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the buffer protocol of Python classes, PEP 688")
def test_the_buffer_protocol() -> None:
    seen: Any = hp.view(np.arange(6.0).reshape(2, 3))
    assert memoryview(seen).tolist() == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    assert memoryview(seen.read_only()).readonly
    with pytest.raises(BufferError_, match="HY2005"):
        memoryview(seen.T)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_child_process_writes_into_memory_of_its_own() -> None:
    array = np.asarray(allocate_view("f64", (MAPPED_FROM,)))

    def write() -> bool:
        array[0] = 7
        return array[0] == 7

    assert right_in_child(write)
    assert array[0] == 0


def test_no_memory_is_lost() -> None:
    def once() -> None:
        source = np.arange(1000)
        seen = hp.view(source)
        seen.copy()
        np.asarray(seen[::2])
        hp.view(hp.view(source, mode="copy"), mode="donate")

    once()
    gc.collect()
    before = len(gc.get_objects())
    references = sys.getrefcount(ctypes.c_char)
    for _ in range(200):
        once()
    gc.collect()
    assert len(gc.get_objects()) - before < 50
    assert sys.getrefcount(ctypes.c_char) - references < 50


def test_an_array_of_ctypes() -> None:
    numbers = (ctypes.c_int64 * 3)(1, 2, 3)
    seen = hp.view(numbers)
    assert (seen.dtype, seen.shape, seen.strides) == ("i64", (3,), (8,))
    numbers[1] = 7
    assert np.asarray(seen).tolist() == [1, 7, 3]
    assert np.asarray(hp.view((ctypes.c_int16 * 3 * 2)((1, 2, 3), (4, 5, 6)))).tolist() == [[1, 2, 3], [4, 5, 6]]


def test_the_mask_of_an_array_is_not_lost() -> None:
    with pytest.raises(BufferError_, match="HY2003: a MaskedArray is more than its memory: its mask would be lost"):
        hp.view(np.ma.masked_array([1, 2], mask=[True, False]))


def test_a_view_says_what_it_is() -> None:
    seen = hp.view(np.arange(6.0).reshape(2, 3))
    assert repr(seen) == "<BufferView f64[2, 3] on cpu:0>"
    assert repr(seen.T.read_only()) == "<BufferView f64[3, 2] on cpu:0 strides (8, 24) read-only>"
    seen = hp.view(seen, "copy")
    seen.buffer.free()
    assert repr(seen) == "<BufferView f64[2, 3] on cpu:0>"
