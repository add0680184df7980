"""Where the elements of an array come from: memory of its own, other memory at a stride, or arithmetic.

`slice`, `reverse`, `iota`, `progression` and `fill` move nothing. What they give is a source that loops and `get` read
in place; it becomes an array in memory where one is needed: as a result, an argument of a call, a carried value, or to
be updated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import TypeAlias

from hyperion.errors import CodegenError
from hyperion.ir.types import BOOL, ArrayType, BoolType, Type
from hyperion_llvm.text import Writer, memory_type, scalar_type


@dataclass(frozen=True, slots=True)
class Array:
    """An array while it is compiled: `length` elements in row-major order. `owned`: this function made it, and no other
    value shares its memory. `sizes` are those of an array of two or more dimensions."""

    data: str
    length: str
    owned: bool
    sizes: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[str, ...]:
        return self.sizes or (self.length,)


def shaped(w: Writer, data: str, shape: Sequence[str], owned: bool) -> Array:
    """The array of this shape, which is in memory, so that its number of elements is a number of 64 bits."""
    length = reduce(lambda n, size: product(w, "i64", n, size), shape)
    return Array(data, length, owned, tuple(shape) if len(shape) > 1 else ())


@dataclass(frozen=True, slots=True)
class Strided:
    """Element i lies at `data + i * stride`, counted in elements; the stride may be negative."""

    data: str
    length: str
    stride: str


@dataclass(frozen=True, slots=True)
class Progression:
    """Element i is `start + i * step`, in the element's own type, modulo its width. With step 0 all elements are the
    start, of any type."""

    start: str
    length: str
    step: str


@dataclass(frozen=True, slots=True)
class Made:
    """Elements that a par.scan would make, for the one par.reduce that makes them as it goes (`running`)."""

    length: str


Source: TypeAlias = Array | Strided | Progression | Made
Field: TypeAlias = tuple[str, str]
"""An LLVM type and a value of it."""


def size_names(kind: ArrayType, name: str) -> list[str]:
    """The names of what holds the sizes of the array of that name."""
    return [f"{name}.n"] if len(kind.shape) == 1 else [f"{name}.n{axis}" for axis in range(len(kind.shape))]


def load_element(w: Writer, element: Type, data: str, index: str) -> str:
    kind = memory_type(element)
    return _from_memory(w, element, w.load(kind, w.offset(kind, data, index), "x"))


def _from_memory(w: Writer, element: Type, value: str) -> str:
    return w.set(f"icmp ne i8 {value}, 0", "x") if isinstance(element, BoolType) else value


def store_element(w: Writer, element: Type, value: str, data: str, index: str) -> None:
    if element == BOOL:
        value = w.set(f"zext i1 {value} to i8")
    kind = memory_type(element)
    w.store(kind, value, w.offset(kind, data, index))


def element_at(w: Writer, element: Type, source: Source, index: str) -> str:
    """Element `index`, which is inside."""
    match source:
        case Array():
            return load_element(w, element, source.data, index)
        case Strided():
            kind = memory_type(element)
            place = _moved(w, element, source.data, product(w, "i64", index, source.stride))
            return _from_memory(w, element, w.load(kind, place, "x"))
        case Progression(step="0"):
            return source.start
        case Progression():
            kind = scalar_type(element)
            return total(w, kind, source.start, product(w, kind, resized(w, element, index), source.step))
        case Made():
            raise _nowhere()


def _nowhere() -> CodegenError:
    return CodegenError("HY9001", "elements that are made on the way were read elsewhere")


def spread(w: Writer, element: Type, source: Source, low: str, length: str, step: str) -> Source:
    """The elements low, low + step, .., which are inside, as many as `length` says."""
    match source:
        case Progression(step="0"):
            return replace(source, length=length)
        case Progression():
            kind = scalar_type(element)
            start = total(w, kind, source.start, product(w, kind, resized(w, element, low), source.step))
            return Progression(start, length, product(w, kind, source.step, resized(w, element, step)))
        case Made():
            raise _nowhere()
        case _:
            stride = source.stride if isinstance(source, Strided) else "1"
            data = _moved(w, element, source.data, product(w, "i64", low, stride))
            return _in_memory(data, length, product(w, "i64", stride, step))


def reversed_(w: Writer, element: Type, source: Source) -> Source:
    """The elements in the opposite order."""
    last = w.set(f"sub i64 {source.length}, 1", "last")
    match source:
        case Progression(step="0"):
            return source
        case Progression():
            kind = scalar_type(element)
            start = total(w, kind, source.start, product(w, kind, resized(w, element, last), source.step))
            return Progression(start, source.length, product(w, kind, source.step, "-1"))
        case Made():
            raise _nowhere()
        case _:
            stride = source.stride if isinstance(source, Strided) else "1"
            data = _moved(w, element, source.data, product(w, "i64", last, stride))
            return _in_memory(data, source.length, product(w, "i64", stride, "-1"))


def _in_memory(data: str, length: str, stride: str) -> Array | Strided:
    return Array(data, length, owned=False) if stride == "1" else Strided(data, length, stride)


def _moved(w: Writer, element: Type, data: str, distance: str) -> str:
    """A pointer that may lie outside of the array: before a reversed array without elements."""
    return w.set(f"getelementptr {memory_type(element)}, ptr {data}, i64 {distance}", "p")


def resized(w: Writer, element: Type, index: str) -> str:
    """An index in the integer type of the elements."""
    kind = scalar_type(element)
    if _is_number(index):
        return _literal(kind, int(index))
    if kind == "i64":
        return index
    return w.set(f"trunc i64 {index} to {kind}", "i")


def product(w: Writer, kind: str, x: str, y: str) -> str:
    if _is_number(x) and _is_number(y):
        return _literal(kind, int(x) * int(y))
    if "1" in (x, y):
        return y if x == "1" else x
    if "0" in (x, y):
        return "0"
    return w.set(f"mul {kind} {x}, {y}")


def total(w: Writer, kind: str, x: str, y: str) -> str:
    if _is_number(x) and _is_number(y):
        return _literal(kind, int(x) + int(y))
    if "0" in (x, y):
        return y if x == "0" else x
    return w.set(f"add {kind} {x}, {y}")


def _literal(kind: str, value: int) -> str:
    half = 1 << int(kind[1:]) - 1
    return str((value + half) % (2 * half) - half)


def _is_number(operand: str) -> bool:
    return not operand.startswith("%")


def fields(source: Source, element: Type) -> list[Field]:
    """What another function must be handed to read the source: the operands that are no literals."""
    match source:
        case Array():
            given = [("ptr", source.data)]
        case Strided():
            given = [("ptr", source.data), ("i64", source.stride)]
        case Progression():
            given = [(scalar_type(element), source.start), (scalar_type(element), source.step)]
        case Made():
            raise _nowhere()
    return [(kind, value) for kind, value in given if not _is_number(value)]


def handed(source: Source, values: Sequence[str]) -> Source:
    """The source where the operands that `fields` gave have these names."""
    rest = list(values)

    def next_(operand: str) -> str:
        return operand if _is_number(operand) else rest.pop(0)

    match source:
        case Array() | Strided():
            moved = replace(source, data=next_(source.data))
            return replace(moved, stride=next_(moved.stride)) if isinstance(moved, Strided) else moved
        case Progression():
            start = next_(source.start)
            return replace(source, start=start, step=next_(source.step))
        case Made():
            raise _nowhere()
