"""Bytes on one memory of one device, and typed views of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Protocol, runtime_checkable

from hyperion.errors import BufferError_
from hyperion.ir.types import BoolType, ComplexType, FloatType, IntType, scalar_types


@runtime_checkable
class Buffer(Protocol):
    """Bytes with an owner; they live as long as the Buffer does."""

    @property
    def device(self) -> str:
        """The address of the device, such as `cpu:0`."""
        ...

    @property
    def nbytes(self) -> int: ...

    @property
    def readonly(self) -> bool: ...

    def host(self) -> memoryview:
        """The bytes themselves, without a copy; raises `BufferError_` (HY2002) where the host cannot reach them."""
        ...


@dataclass(frozen=True, slots=True)
class BufferView:
    """A Buffer read as an array: `dtype` is an IR type name (`i64`, `f32`), `shape` in elements, `strides` and
    `offset` in bytes. Raises `BufferError_` (HY2001) where the view would leave the buffer."""

    buffer: Buffer
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int = 0
    readonly: bool = False

    def __post_init__(self) -> None:
        size = itemsize(self.dtype)
        if len(self.shape) != len(self.strides) or any(n < 0 for n in self.shape):
            raise BufferError_("HY2001", f"shape {self.shape} and strides {self.strides} do not fit together")
        low = high = self.offset
        if 0 not in self.shape:
            reach = [(n - 1) * s for n, s in zip(self.shape, self.strides, strict=True)]
            low += sum(r for r in reach if r < 0)
            high += sum(r for r in reach if r > 0) + size
        if low < 0 or high > self.buffer.nbytes:
            raise BufferError_(
                "HY2001",
                f"a view of bytes {low} to {high} leaves its buffer of {self.buffer.nbytes} bytes",
                notes=[f"shape {self.shape}, strides {self.strides}, offset {self.offset}, dtype {self.dtype}"],
            )

    @property
    def size(self) -> int:
        """The number of elements."""
        return prod(self.shape)

    @property
    def contiguous(self) -> bool:
        return self.strides == contiguous_strides(self.shape, itemsize(self.dtype))


def itemsize(dtype: str) -> int:
    """Bytes of one element; raises `BufferError_` (HY2003) for a type that has no bytes."""
    match scalar_types().get(dtype):
        case BoolType():
            return 1
        case IntType() | FloatType() | ComplexType() as kind:
            return kind.width // 8
        case _:
            hints = ["bool, i8..i128, u8..u64, f16, bf16, f32, f64, c64, c128"]
            raise BufferError_("HY2003", f"{dtype!r} is not the type of elements in memory", hints=hints)


def contiguous_strides(shape: Sequence[int], size: int) -> tuple[int, ...]:
    """Strides in bytes of a C-ordered array."""
    strides: list[int] = []
    for n in reversed(shape):
        strides.append(size)
        size *= max(n, 1)
    return tuple(reversed(strides))
