"""Arrays of two dimensions: other shapes of the same elements, new ones, and transposition."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.errors import CodegenError
from hyperion.ir.function import Equation
from hyperion.ir.types import ArrayType, Type
from hyperion_llvm.counting import plain
from hyperion_llvm.loops import counted
from hyperion_llvm.lowering import Lowering
from hyperion_llvm.sources import Array, load_element, shaped, store_element, total
from hyperion_llvm.text import entry_of

TILE = 32
"""Rows and columns that are transposed together."""


def room(lowering: Lowering, element: Type, shape: Sequence[str]) -> Array:
    """New memory for an array of this shape; its sizes may be such that no number of 64 bits counts its elements."""
    w, length, lost = lowering.writer, shape[0], "false"
    for size in shape[1:]:
        pair = w.set(f"call {{i64, i1}} @llvm.umul.with.overflow.i64(i64 {length}, i64 {size})")
        length = w.set(f"extractvalue {{i64, i1}} {pair}, 0", "n")
        lost = w.set(f"or i1 {lost}, {w.set(f'extractvalue {{i64, i1}} {pair}, 1')}", "c")
    length = w.set(f"select i1 {lost}, i64 -1, i64 {length}", "n") if len(shape) > 1 else length
    return shaped(w, lowering.allocate(element, length), shape, owned=True)


def unit_axis(lowering: Lowering, equation: Equation) -> None:
    """`expand` and `squeeze`: the same memory."""
    (xs,) = equation.operands
    axis = equation.attribute("axis")
    assert isinstance(axis, int)
    array = lowering.array(xs)
    shape = list(array.shape)
    if equation.op == "expand":
        shape.insert(axis, "1")
    else:
        del shape[axis]
    lowering.bind(equation.result, shaped(lowering.writer, array.data, shape, owned=False))


def reshape(lowering: Lowering, equation: Equation) -> None:
    """The same memory, if the numbers of elements are equal."""
    w = lowering.writer
    xs, *operands = equation.operands
    array, sizes = lowering.array(xs), [lowering.scalar(x) for x in operands]
    check_counts(lowering, equation, sizes)
    wide = [w.set(f"zext i64 {size} to i128") for size in (array.length, *sizes)]
    if len(sizes) > 2:
        raise CodegenError("HY8002", f"{equation.result} has more than two dimensions", equation.span)
    count = wide[1] if len(sizes) == 1 else w.set(f"mul i128 {wide[1]}, {wide[2]}")
    lowering.trap_if(equation)(w.set(f"icmp ne i128 {wide[0]}, {count}", "c"), "value")
    lowering.bind(equation.result, shaped(w, array.data, sizes, owned=False))


def check_counts(lowering: Lowering, equation: Equation, sizes: Sequence[str]) -> None:
    """Traps where a size is negative, or is not the number that the type says."""
    kind, w = equation.result.type, lowering.writer
    assert isinstance(kind, ArrayType)
    for size, declared in zip(sizes, kind.shape, strict=True):
        wrong = f"icmp ne i64 {size}, {declared}" if isinstance(declared, int) else f"icmp slt i64 {size}, 0"
        lowering.trap_if(equation)(w.set(wrong, "c"), "value")


def filled(lowering: Lowering, equation: Equation) -> None:
    *sizes, value = (lowering.scalar(x) for x in equation.operands)
    check_counts(lowering, equation, sizes)
    element = entry_of(equation.result.type)
    made = room(lowering, element, sizes)
    counted(lowering, made.length, lambda i: store_element(lowering.writer, element, value, made.data, i))
    lowering.bind(equation.result, made)


def transpose(lowering: Lowering, equation: Equation) -> None:
    (xs,) = equation.operands
    array, element, w = lowering.array(xs), entry_of(xs.type), lowering.writer
    if equation.attribute("permutation") != (1, 0):
        raise CodegenError("HY8002", "only the two axes of a matrix are exchanged", equation.span)
    rows, columns = array.shape
    made = room(lowering, element, (columns, rows))

    def moved(i: str, j: str) -> None:
        value = load_element(w, element, array.data, total(w, "i64", w.set(f"mul i64 {i}, {columns}"), j))
        store_element(w, element, value, made.data, total(w, "i64", w.set(f"mul i64 {j}, {rows}"), i))

    def tile(index: str) -> None:
        first, end = _tile(lowering, index, rows)
        tiles = _tiles(lowering, columns)

        def across(other: str) -> None:
            left, right = _tile(lowering, other, columns)
            plain(w, first, end, lambda i: plain(w, left, right, lambda j: moved(i, j)))

        plain(w, "0", tiles, across)

    counted(lowering, _tiles(lowering, rows), tile, heavy=True, cost=TILE)
    lowering.bind(equation.result, made)


def _tiles(lowering: Lowering, size: str) -> str:
    w = lowering.writer
    return w.set(f"udiv i64 {w.set(f'add i64 {size}, {TILE - 1}')}, {TILE}")


def _tile(lowering: Lowering, index: str, size: str) -> tuple[str, str]:
    """Where a tile starts and ends."""
    w = lowering.writer
    start = w.set(f"mul i64 {index}, {TILE}")
    end = w.set(f"call i64 @llvm.umin.i64(i64 {w.set(f'add i64 {start}, {TILE}')}, i64 {size})")
    return start, end
