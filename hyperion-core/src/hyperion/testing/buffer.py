"""What every buffer must do."""

from __future__ import annotations

import gc
from unittest import SkipTest

from hyperion.errors import BufferError_
from hyperion.interfaces.buffer import Buffer, BufferView
from hyperion.testing.programs import attempt


class BufferConformance:
    """Subclass with `make`, which gives a zeroed buffer of `nbytes` bytes; `host` says whether the host reaches them,
    `alignment` how they are aligned."""

    host: bool = True
    alignment: int = 1

    def make(self, nbytes: int) -> Buffer:
        raise NotImplementedError

    def on_the_host(self, nbytes: int) -> Buffer:
        if not self.host:
            raise SkipTest("the host does not reach the buffer")
        return self.make(nbytes)

    def test_it_follows_the_interface(self) -> None:
        buffer = self.make(64)
        assert isinstance(buffer, Buffer)
        assert buffer.nbytes == 64
        assert ":" in buffer.device
        assert buffer.memory_kind
        assert buffer.address is None or buffer.address % self.alignment == 0

    def test_host_bytes_are_shared_not_copied(self) -> None:
        buffer = self.on_the_host(16)
        assert bytes(buffer.host()) == bytes(16)
        assert buffer.host().readonly == buffer.readonly
        if not buffer.readonly:
            buffer.host()[3] = 7
            assert buffer.host()[3] == 7

    def test_bytes_that_the_host_does_not_reach_are_refused(self) -> None:
        if self.host:
            raise SkipTest("the host reaches the buffer")
        buffer = self.make(16)
        view = BufferView(buffer, "u8", (16,), (1,))
        for read in (buffer.host, view.host, view.copy, view.__dlpack__, lambda: view.__array_interface__):
            error = attempt(read)
            assert isinstance(error, BufferError_)
            assert error.code == "HY2002"

    def test_an_empty_buffer_is_a_buffer(self) -> None:
        buffer = self.make(0)
        assert buffer.nbytes == 0
        assert BufferView(buffer, "i64", (0,), (8,)).size == 0

    def test_two_buffers_are_apart(self) -> None:
        first, second = self.make(64), self.make(64)
        assert not BufferView(first, "u8", (64,), (1,)).overlaps(BufferView(second, "u8", (64,), (1,)))

    def test_a_view_stays_inside(self) -> None:
        buffer = self.make(24)
        assert BufferView(buffer, "i64", (3,), (8,)).contiguous
        assert not BufferView(buffer, "i64", (3,), (-8,), 16).contiguous
        for shape, strides, offset in (((4,), (8,), 0), ((3,), (8,), 8), ((2,), (-8,), 0), ((1,), (8,), -8)):
            error = attempt(lambda view=(shape, strides, offset): BufferView(buffer, "i64", *view))
            assert isinstance(error, BufferError_), f"{shape}, {strides}, {offset} leaves the buffer"
            assert error.code == "HY2001"

    def test_freed_memory_is_refused(self) -> None:
        buffer = self.make(32)
        buffer.free()
        buffer.free()
        error = attempt(buffer.host)
        assert isinstance(error, BufferError_)
        assert error.code == "HY2007"
        assert buffer.nbytes == 32, "what it was is still known"

    def test_bytes_live_as_long_as_what_was_made_of_them(self) -> None:
        buffer = self.on_the_host(32)
        seen = buffer.host()
        if not buffer.readonly:
            seen[5] = 9
        before = bytes(seen)
        buffer.free()
        del buffer
        gc.collect()
        assert bytes(seen) == before
