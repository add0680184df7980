"""Type rules of ops that give the elements of arrays another place or shape."""

from __future__ import annotations

from hyperion.errors import TypeCheckError
from hyperion.ir.array_rules import (
    array_operand,
    at_least,
    attribute_error,
    axes_attribute,
    axis_attribute,
    count_operands,
    is_whole,
    new_shape,
)
from hyperion.ir.sizes import SizeError, Sizes
from hyperion.ir.type_rules import Types, Use, count, expect, hinted
from hyperion.ir.types import I64, ArrayType, Type, is_scalar


def reslice(use: Use) -> Types:
    at_least(use, 1)
    array = array_operand(use, 0)
    rank = len(array.shape)
    if len(use.operands) != 1 + 2 * rank:
        message = (
            f"slice takes the array, then lo and hi of each of its {rank} axes; {len(use.operands)} operands given"
        )
        raise TypeCheckError("HY6011", message)
    count_operands(use, 1, len(use.operands))
    steps = use.attributes.get("steps", (1,) * rank)
    if not isinstance(steps, tuple) or len(steps) != rank or not all(is_whole(s) and s >= 1 for s in steps):
        example = f"{{steps = [{', '.join(['1'] * rank)}]}}"
        raise attribute_error(use, "steps", f"{rank} positive numbers, one for each axis", example)
    kind = new_shape(use, hinted(use, "slice %a, %lo, %hi : i64[m]"), rank)
    _same_element(use, kind, array.element)
    return (kind,)


def reverse(use: Use) -> Types:
    count(use, 1)
    array = array_operand(use, 0)
    axes_attribute(use, "axes", len(array.shape))
    return (array,)


def transpose(use: Use) -> Types:
    count(use, 1)
    array = array_operand(use, 0)
    rank = len(array.shape)
    permutation = axes_attribute(use, "permutation", rank)
    if len(permutation) != rank:
        example = f"{{permutation = [{', '.join(map(str, reversed(range(rank))))}]}}"
        raise attribute_error(use, "permutation", f"each of the {rank} axes once", example)
    return (ArrayType(array.element, tuple(array.shape[axis] for axis in permutation)),)


def broadcast(use: Use) -> Types:
    count(use, 2)
    given, like = use.operands[0], array_operand(use, 1)
    element, shape = (given.element, given.shape) if isinstance(given, ArrayType) else (given, ())
    if not is_scalar(element):
        raise TypeCheckError("HY6012", f"operand 1 of broadcast is {given}, expected an array or a scalar")
    axes = axes_attribute(use, "axes", len(like.shape))
    if len(axes) != len(shape):
        raise attribute_error(
            use, "axes", f"one axis of operand 2 for each of the {len(shape)} of operand 1", "{axes = []}"
        )
    sizes = Sizes("broadcast does not stretch an axis")
    for own, axis in enumerate(axes):
        sizes.bind(f"{axis}", (0, own, shape[own]))
        sizes.bind(f"{axis}", (1, axis, like.shape[axis]))
    return (ArrayType(element, like.shape),)


def reshape(use: Use) -> Types:
    at_least(use, 1)
    array = array_operand(use, 0)
    count_operands(use, 1, len(use.operands))
    at_least(use, 2)
    kind = new_shape(use, hinted(use, "reshape %a, %n, %m : i64[p, q]"), len(use.operands) - 1)
    _same_element(use, kind, array.element)
    return (kind,)


def reshape_like(use: Use) -> Types:
    count(use, 2)
    return (ArrayType(array_operand(use, 0).element, array_operand(use, 1).shape),)


def expand(use: Use) -> Types:
    count(use, 1)
    array = array_operand(use, 0)
    axis = axis_attribute(use, len(array.shape) + 1)
    return (ArrayType(array.element, (*array.shape[:axis], 1, *array.shape[axis:])),)


def squeeze(use: Use) -> Types:
    count(use, 1)
    array = array_operand(use, 0)
    axis = axis_attribute(use, len(array.shape))
    if array.shape[axis] != 1 or len(array.shape) < 2:
        message = f"squeeze takes away an axis of size 1 of two or more, axis {axis} of {array} is {array.shape[axis]}"
        raise TypeCheckError("HY6012", message)
    return (ArrayType(array.element, array.shape[:axis] + array.shape[axis + 1 :]),)


def concat(use: Use) -> Types:
    at_least(use, 1)
    first = array_operand(use, 0)
    rank = len(first.shape)
    axis = axis_attribute(use, rank)
    sizes = Sizes(f"concat along axis {axis} needs the other axes equal")
    for position in range(len(use.operands)):
        other = array_operand(use, position, rank)
        if other.element != first.element:
            expect(use, position, ArrayType(first.element, other.shape))
        for k, size in enumerate(other.shape):
            if k != axis:
                sizes.bind(str(k), (position, k, size))
    kind = new_shape(use, hinted(use, "concat %a, %b {axis = 0} : i64[k]"), rank, (axis,))
    _same_element(use, kind, first.element)
    _concatenated(use, kind, first, axis)
    return (kind,)


def _concatenated(use: Use, kind: ArrayType, first: ArrayType, axis: int) -> None:
    for k, (declared, given) in enumerate(zip(kind.shape, first.shape, strict=True)):
        if k != axis and declared != given:
            raise SizeError(
                "HY6026",
                f"axis {k} of the operands is {given}, axis {k} of the result is declared {declared}",
                hints=(f"only axis {axis} gets a new size",),
                sizes=((0, k, given),),
            )
    parts = [t.shape[axis] for t in use.operands if isinstance(t, ArrayType)]
    numbers = [size for size in parts if isinstance(size, int)]
    declared = kind.shape[axis]
    if len(numbers) == len(parts) and isinstance(declared, int) and sum(numbers) != declared:
        raise SizeError(
            "HY6026",
            f"axis {axis} of the result has {' + '.join(map(str, numbers))} = {sum(numbers)}, declared {declared}",
            sizes=tuple((i, axis, size) for i, size in enumerate(numbers)),
        )


def _same_element(use: Use, kind: ArrayType, element: Type) -> None:
    if kind.element != element:
        raise TypeCheckError("HY6013", f"{use.op} gives elements {element}, declared {kind.element}")


def gather(use: Use) -> Types:
    count(use, 2)
    array, indices = array_operand(use, 0), array_operand(use, 1)
    if indices.element != I64:
        expect(use, 1, ArrayType(I64, indices.shape))
    axis = axis_attribute(use, len(array.shape))
    return (ArrayType(array.element, array.shape[:axis] + indices.shape + array.shape[axis + 1 :]),)
