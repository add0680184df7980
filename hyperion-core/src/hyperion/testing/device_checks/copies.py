"""Copies: every element type, every layout, and nothing else is touched."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from hyperion.buffers.elements import TYPESTRS, itemsize
from hyperion.buffers.host import allocate_view, copy_into, view
from hyperion.errors import BufferError_, DeviceError
from hyperion.interfaces.buffer import BufferView
from hyperion.testing.device_checks.subject import DeviceSubject, Elsewhere, blank, code_of, fetch, fetched, put
from hyperion.testing.programs import attempt

DTYPES = (*TYPESTRS, "bf16", "i128")


class Layout(NamedTuple):
    """Strides and offset are in elements; `total` is how many the memory has."""

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int
    total: int

    def of(self, whole: BufferView) -> BufferView:
        size = itemsize(whole.dtype)
        strides = tuple(size * s for s in self.strides)
        return BufferView(whole.buffer, whole.dtype, self.shape, strides, size * self.offset)


LAYOUTS = {
    "in order": Layout((2, 3), (3, 1), 0, 6),
    "inside": Layout((3,), (1,), 2, 9),
    "backwards": Layout((4,), (-1,), 3, 4),
    "every second": Layout((3,), (2,), 0, 6),
    "transposed": Layout((2, 3), (1, 2), 0, 6),
    "backwards with gaps": Layout((2, 2), (-4, 2), 5, 9),
    "three axes": Layout((2, 2, 2), (1, 6, -2), 2, 10),
    "an axis of one": Layout((3, 1), (2, 99), 1, 6),
    "one number": Layout((), (), 1, 3),
    "nothing": Layout((0, 3), (3, 1), 0, 0),
    "nothing, somewhere": Layout((2, 0), (1, 1), 4, 4),
}


def _numbers(dtype: str, count: int, first: int = 0) -> BufferView:
    """Elements on the host that differ in every byte."""
    made = allocate_view(dtype, (count,))
    made.host()[:] = bytes((first + 7 * n) % 251 if dtype != "bool" else (first + n) % 2 for n in range(made.nbytes))
    return made


class CopyChecks(DeviceSubject):
    def test_elements_of_every_type_come_back(self) -> None:
        with self.opened() as device:
            for memory in device.info.memories:
                for dtype in DTYPES:
                    given = _numbers(dtype, 5)
                    back = fetch(device, put(device, given, memory.kind))
                    assert bytes(back.host()) == bytes(given.host()), f"{dtype} in {memory.kind} memory"

    def test_layouts_are_followed_and_gaps_left_alone(self) -> None:
        with self.opened() as device:
            for name, layout in LAYOUTS.items():
                for dtype in ("i32", "c128", "u8"):
                    new, old = _numbers(dtype, layout.total, 1), _numbers(dtype, layout.total, 100)
                    expected = old.copy()
                    copy_into(layout.of(expected), layout.of(new))
                    there = put(device, old)
                    device.copy(layout.of(new), layout.of(there))
                    assert bytes(fetch(device, there).host()) == bytes(expected.host()), f"to memory {name}"
                    back = fetch(device, layout.of(there))
                    assert bytes(back.host()) == bytes(layout.of(new).copy().host()), f"from memory {name}"

    def test_copies_inside_the_device(self) -> None:
        with self.opened() as device:
            for first in device.info.memories:
                for second in device.info.memories:
                    for layout in LAYOUTS.values():
                        given = _numbers("i16", layout.total)
                        source, target = put(device, given, first.kind), blank(device, "i16", layout.shape, second.kind)
                        device.copy(layout.of(source), target)
                        assert bytes(fetch(device, target).host()) == bytes(layout.of(given).copy().host())

    def test_read_only_memory_is_read(self) -> None:
        with self.opened() as device:
            there = put(device, view(b"abcd"))
            assert bytes(fetch(device, there.read_only()).host()) == b"abcd"

    def test_read_only_targets_are_refused(self) -> None:
        with self.opened() as device:
            there, host = put(device, view(b"abcd")), allocate_view("u8", (4,))
            for target in (there.read_only(), host.read_only(), view(b"efgh")):
                source = there if target.buffer.device != there.device else host
                assert code_of(lambda s=source, t=target: device.copy(s, t)) == "HY2010"
            assert bytes(fetch(device, there).host()) == b"abcd"

    def test_other_shapes_and_types_are_refused(self) -> None:
        with self.opened() as device:
            there = blank(device, "f32", (2, 3))
            for other in (("f32", (3, 2)), ("f32", (6,)), ("i32", (2, 3)), ("f64", (2, 3)), ("f32", (2, 0))):
                host = allocate_view(*other)
                assert code_of(lambda h=host: device.copy(h, there)) == "HY2001"
                assert code_of(lambda h=host: device.copy(there, h)) == "HY2001"

    def test_overlaps_are_refused(self) -> None:
        with self.opened() as device:
            there = put(device, view(b"abcdefgh"))
            for source, target in ((there[:6], there[2:]), (there, there), (there[::-1], there)):
                error = attempt(lambda s=source, t=target: device.copy(s, t))
                assert isinstance(error, BufferError_)
                assert error.code == "HY2008"
            device.copy(there[:4], there[4:])
            assert bytes(fetch(device, there).host()) == b"abcdabcd"

    def test_targets_whose_elements_share_bytes_are_refused(self) -> None:
        with self.opened() as device:
            there, host = blank(device, "i32", (4,)), allocate_view("i32", (3, 4))
            repeated = replace(there, shape=(3, 4), strides=(0, 4))
            assert code_of(lambda: device.copy(host, repeated)) == "HY2008"
            assert fetched(device, repeated).tolist() == [[0] * 4] * 3, "such a source is read"

    def test_memory_of_strangers_is_refused(self) -> None:
        with self.opened() as device:
            stranger, there = BufferView(Elsewhere(), "u8", (4,), (1,)), blank(device, "u8", (4,))
            for source, target in ((stranger, there), (there, stranger)):
                error = attempt(lambda s=source, t=target: device.copy(s, t))
                assert isinstance(error, DeviceError)
                assert error.code == "HY5016"

    def test_a_refused_copy_leaves_the_device_as_it_was(self) -> None:
        with self.opened() as device:
            there = put(device, view(b"abcd"))
            code_of(lambda: device.copy(allocate_view("u8", (3,)), there))
            assert device.synchronize(60)
            assert bytes(fetch(device, there).host()) == b"abcd"
