"""Arrays: length, elements, update, fill."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.ir.function import Equation
from hyperion.ir.types import BOOL, INT, ArrayType, BoolType, Type
from hyperion_llvm.loops import counted
from hyperion_llvm.lowering import Array, Lowering
from hyperion_llvm.text import Writer, element_of, memory_type


def load_element(w: Writer, element: Type, data: str, index: str) -> str:
    kind = memory_type(element)
    value = w.load(kind, w.offset(kind, data, index), "x")
    return w.set(f"icmp ne i8 {value}, 0", "x") if isinstance(element, BoolType) else value


def store_element(w: Writer, element: Type, value: str, data: str, index: str) -> None:
    if element == BOOL:
        value = w.set(f"zext i1 {value} to i8")
    kind = memory_type(element)
    w.store(kind, value, w.offset(kind, data, index))


def length(lowering: Lowering, equation: Equation) -> None:
    size = lowering.array(equation.operands[0]).length
    if equation.result.type == INT:
        size = lowering.writer.set(f"zext i64 {size} to i128")
    lowering.bind(equation.result, size)


def _check_index(lowering: Lowering, equation: Equation, array: Array, index: str) -> None:
    # As unsigned numbers, negative indices are past every length.
    outside = lowering.writer.set(f"icmp uge i64 {index}, {array.length}", "c")
    lowering.trap_if(equation)(outside, "index")


def get(lowering: Lowering, equation: Equation) -> None:
    xs, i = equation.operands
    array, index = lowering.array(xs), lowering.scalar(i)
    if equation.op == "get":
        _check_index(lowering, equation, array, index)
    lowering.bind(equation.result, load_element(lowering.writer, element_of(xs.type), array.data, index))


def update(lowering: Lowering, equation: Equation) -> None:
    xs, i, v = equation.operands
    index, value = lowering.scalar(i), lowering.scalar(v)
    if equation.op == "update":
        _check_index(lowering, equation, lowering.array(xs), index)
    array = lowering.take(xs)
    store_element(lowering.writer, element_of(xs.type), value, array.data, index)
    lowering.bind(equation.result, Array(array.data, array.length, owned=True))


def fill(lowering: Lowering, equation: Equation) -> None:
    w = lowering.writer
    size, value = (lowering.scalar(x) for x in equation.operands)
    lowering.trap_if(equation)(w.set(f"icmp slt i64 {size}, 0", "c"), "value")
    assert isinstance(equation.result.type, ArrayType)
    element, (declared,) = equation.result.type.element, equation.result.type.shape
    if isinstance(declared, int):
        lowering.trap_if(equation)(w.set(f"icmp ne i64 {size}, {declared}", "c"), "value")
    data = lowering.allocate(element, size)
    counted(lowering, size, lambda i: store_element(w, element, value, data, i))
    lowering.bind(equation.result, Array(data, size, owned=True))


def same_length(lowering: Lowering, equation: Equation, sources: Sequence[Array]) -> None:
    for other in sources[1:]:
        if other.length != sources[0].length:
            differ = lowering.writer.set(f"icmp ne i64 {sources[0].length}, {other.length}", "c")
            lowering.trap_if(equation)(differ, "value")
