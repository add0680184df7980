"""Arrays: length, elements, update, fill, and what gives elements another place without moving them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hyperion.ir.function import Equation
from hyperion.ir.types import I64, INT, ArrayType, IntType
from hyperion_llvm import matrices
from hyperion_llvm.loops import counted, range_length
from hyperion_llvm.lowering import Lowering
from hyperion_llvm.sources import Array, Progression, Source, element_at, product, reversed_, spread, store_element
from hyperion_llvm.text import element_of, entry_of, memory_type


def length(lowering: Lowering, equation: Equation) -> None:
    source, axis = lowering.source(equation.operands[0]), equation.attribute("axis", 0)
    assert isinstance(axis, int)
    size = source.shape[axis] if isinstance(source, Array) else source.length
    if equation.result.type == INT:
        size = lowering.writer.set(f"zext i64 {size} to i128")
    lowering.bind(equation.result, size)


def _check_index(lowering: Lowering, equation: Equation, size: str, index: str) -> None:
    # As unsigned numbers, negative indices are past every length.
    outside = lowering.writer.set(f"icmp uge i64 {index}, {size}", "c")
    lowering.trap_if(equation)(outside, "index")


def get(lowering: Lowering, equation: Equation) -> None:
    xs, *indices = equation.operands
    array = lowering.source(xs)
    index = _place(lowering, equation, array, [lowering.scalar(i) for i in indices], equation.op == "get")
    lowering.bind(equation.result, element_at(lowering.writer, entry_of(xs.type), array, index))


def _place(lowering: Lowering, equation: Equation, array: Source, indices: Sequence[str], checked: bool) -> str:
    """Where the element at the indices lies, in elements from the first."""
    shape = array.shape if isinstance(array, Array) else (array.length,)
    w, place = lowering.writer, ""
    for index, size in zip(indices, shape, strict=True):
        if checked:
            _check_index(lowering, equation, size, index)
        place = w.set(f"add i64 {product(w, 'i64', place, size)}, {index}") if place else index
    return place


def update(lowering: Lowering, equation: Equation) -> None:
    xs, *indices, v = equation.operands
    places, value = [lowering.scalar(i) for i in indices], lowering.scalar(v)
    index = _place(lowering, equation, lowering.source(xs), places, equation.op == "update")
    array = lowering.take(xs)
    store_element(lowering.writer, entry_of(xs.type), value, array.data, index)
    lowering.bind(equation.result, replace(array, owned=True))


def fill(lowering: Lowering, equation: Equation) -> None:
    if len(equation.operands) > 2:
        matrices.filled(lowering, equation)
        return
    w = lowering.writer
    size, value = (lowering.scalar(x) for x in equation.operands)
    lowering.trap_if(equation)(w.set(f"icmp slt i64 {size}, 0", "c"), "value")
    _as_declared(lowering, equation, size)
    lowering.bind(equation.result, Progression(value, size, "0"))


def _as_declared(lowering: Lowering, equation: Equation, size: str) -> None:
    """Traps where the declared size is a number and not this one."""
    assert isinstance(equation.result.type, ArrayType)
    (declared,) = equation.result.type.shape
    if isinstance(declared, int):
        lowering.trap_if(equation)(lowering.writer.set(f"icmp ne i64 {size}, {declared}", "c"), "value")


def iota(lowering: Lowering, equation: Equation) -> None:
    w = lowering.writer
    size = lowering.scalar(equation.operands[0])
    lowering.trap_if(equation)(w.set(f"icmp slt i64 {size}, 0", "c"), "value")
    _as_declared(lowering, equation, size)
    element = element_of(equation.result.type)
    assert isinstance(element, IntType)
    if element.maximum < (1 << 63) - 1:
        lowering.trap_if(equation)(w.set(f"icmp sgt i64 {size}, {element.maximum + 1}", "c"), "overflow")
    lowering.bind(equation.result, Progression("0", size, "1"))


def progression(lowering: Lowering, equation: Equation) -> None:
    low, high, step = (lowering.scalar(x) for x in equation.operands)
    count = range_length(lowering, equation, low, high, step)
    lowering.bind(equation.result, Progression(low, count, step))


def when(lowering: Lowering, equation: Equation) -> None:
    condition, xs = equation.operands
    source = lowering.source(xs)
    chosen = f"select i1 {lowering.scalar(condition)}, i64 {source.length}, i64 0"
    length = lowering.writer.set(chosen, "n")
    if isinstance(source, Array):
        lowering.bind(equation.result, Array(source.data, length, owned=False))
    else:
        lowering.bind(equation.result, replace(source, length=length))


def resize(lowering: Lowering, equation: Equation) -> None:
    """The array itself, which is as long as the other."""
    xs, other = equation.operands
    element_of(xs.type)
    element_of(other.type)
    source = lowering.source(xs)
    same_length(lowering, equation, (lowering.source(other), source))
    lowering.resized[equation.result.name] = xs
    lowering.bind(equation.result, replace(source, owned=False) if isinstance(source, Array) else source)


def gather(lowering: Lowering, equation: Equation) -> None:
    """A view where the indices are a progression; else a new array."""
    w = lowering.writer
    xs, indices = equation.operands
    element_of(indices.type)
    source, places, element = lowering.source(xs), lowering.source(indices), element_of(xs.type)
    if isinstance(places, Progression):
        _check_ends(lowering, equation, source, places)
        length = places.length
        lowering.bind(equation.result, spread(w, element, source, places.start, length, places.step))
        return

    data = lowering.allocate(element, places.length)

    def moved(i: str) -> None:
        index = element_at(w, I64, places, i)
        _check_index(lowering, equation, source.length, index)
        store_element(w, element, element_at(w, element, source, index), data, i)

    counted(lowering, places.length, moved)
    lowering.bind(equation.result, Array(data, places.length, owned=True))


def _check_ends(lowering: Lowering, equation: Equation, source: Source, places: Progression) -> None:
    """Traps unless the first and the last index are inside, in exact arithmetic: then so are those between."""
    w = lowering.writer
    start, step = (w.set(f"sext i64 {x} to i128") for x in (places.start, places.step))
    last = w.set(f"sub i128 {w.set(f'zext i64 {places.length} to i128')}, 1")
    end = w.set(f"add i128 {start}, {w.set(f'mul i128 {last}, {step}')}")
    size = w.set(f"zext i64 {source.length} to i128")
    outside = [w.set(f"icmp uge i128 {place}, {size}", "c") for place in (start, end)]
    either = w.set(f"or i1 {outside[0]}, {outside[1]}", "c")
    some = w.set(f"icmp ne i64 {places.length}, 0", "c")
    lowering.trap_if(equation)(w.set(f"and i1 {some}, {either}", "c"), "index")


def slice_(lowering: Lowering, equation: Equation) -> None:
    w = lowering.writer
    xs, *bounds = equation.operands
    element_of(xs.type)
    source, (low, high) = lowering.source(xs), (lowering.scalar(x) for x in bounds)
    # As unsigned numbers, negative bounds are past every length.
    for outside in (f"icmp ugt i64 {low}, {high}", f"icmp ugt i64 {high}, {source.length}"):
        lowering.trap_if(equation)(w.set(outside, "c"), "index")
    steps = equation.attribute("steps", (1,))
    assert isinstance(steps, tuple)
    (step,) = steps
    assert isinstance(step, int)
    size = w.set(f"sub i64 {high}, {low}", "size")
    if step > 1:
        # One more than (size - 1) // step where there is an element: no sum passes the range.
        before = w.set(f"udiv i64 {w.set(f'sub i64 {size}, 1')}, {step}")
        some = w.set(f"icmp ne i64 {size}, 0", "c")
        size = w.set(f"select i1 {some}, i64 {w.set(f'add i64 {before}, 1')}, i64 0", "size")
    _as_declared(lowering, equation, size)
    lowering.bind(equation.result, spread(w, element_of(xs.type), source, low, size, str(step)))


def concat(lowering: Lowering, equation: Equation) -> None:
    """A new array with the elements of all operands. All of them are in memory: no sum of lengths passes the range."""
    w, element = lowering.writer, element_of(equation.result.type)
    sources, starts = [lowering.source(x) for x in equation.operands], ["0"]
    for each in sources:
        starts.append(each.length if starts[-1] == "0" else w.set(f"add i64 {starts[-1]}, {each.length}", "n"))
    size = starts.pop()
    _as_declared(lowering, equation, size)
    data = lowering.allocate(element, size)
    for start, source in zip(starts, sources, strict=True):
        lowering.put(element, source, w.offset(memory_type(element), data, start))
    lowering.bind(equation.result, Array(data, size, owned=True))


def reverse(lowering: Lowering, equation: Equation) -> None:
    (xs,) = equation.operands
    source, element = lowering.source(xs), element_of(xs.type)
    if equation.attribute("axes") == (0,):
        source = reversed_(lowering.writer, element, source)
    lowering.bind(equation.result, replace(source, owned=False) if isinstance(source, Array) else source)


def same_length(lowering: Lowering, equation: Equation, sources: Sequence[Source]) -> None:
    for other in sources[1:]:
        if other.length != sources[0].length:
            differ = lowering.writer.set(f"icmp ne i64 {sources[0].length}, {other.length}", "c")
            lowering.trap_if(equation)(differ, "value")
