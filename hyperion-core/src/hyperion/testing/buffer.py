"""What every buffer must do."""

from __future__ import annotations

from hyperion.errors import BufferError_
from hyperion.interfaces.buffer import Buffer, BufferView
from hyperion.testing.programs import attempt


class BufferConformance:
    """Subclass with `make`, which gives a zeroed buffer of `nbytes` bytes."""

    def make(self, nbytes: int) -> Buffer:
        raise NotImplementedError

    def test_it_follows_the_interface(self) -> None:
        buffer = self.make(64)
        assert isinstance(buffer, Buffer)
        assert buffer.nbytes == 64
        assert ":" in buffer.device

    def test_host_bytes_are_shared_not_copied(self) -> None:
        buffer = self.make(16)
        assert bytes(buffer.host()) == bytes(16)
        if not buffer.readonly:
            buffer.host()[3] = 7
            assert buffer.host()[3] == 7

    def test_an_empty_buffer_is_a_buffer(self) -> None:
        buffer = self.make(0)
        assert buffer.nbytes == 0
        assert BufferView(buffer, "i64", (0,), (8,)).size == 0

    def test_a_view_stays_inside(self) -> None:
        buffer = self.make(24)
        assert BufferView(buffer, "i64", (3,), (8,)).contiguous
        assert not BufferView(buffer, "i64", (3,), (-8,), 16).contiguous
        for shape, strides, offset in (((4,), (8,), 0), ((3,), (8,), 8), ((2,), (-8,), 0), ((1,), (8,), -8)):
            error = attempt(lambda view=(shape, strides, offset): BufferView(buffer, "i64", *view))
            assert isinstance(error, BufferError_), f"{shape}, {strides}, {offset} leaves the buffer"
            assert error.code == "HY2001"
