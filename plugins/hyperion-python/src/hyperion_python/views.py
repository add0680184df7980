"""Parts of arrays without copies: slices with Python's bounds, and reversals."""

from __future__ import annotations

import ast

from hyperion.ir.function import Value
from hyperion.ir.types import BOOL, I64, ArrayType, IntType
from hyperion_python.context import Context, LowerExpression, array_type
from hyperion_python.convert import as_scalar, coerce, type_name
from hyperion_python.operands import ArrayRef, Literal, MatrixRef


def is_slice(node: ast.expr) -> bool:
    return isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice)


def viewed(cx: Context, node: ast.expr, lower: LowerExpression) -> tuple[Value, ArrayRef]:
    """The contents of an array or of a slice of one, and the array whose memory that is."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        array, reference = viewed(cx, node.value, lower)
        with cx.emitter.at(cx.span(node)):
            return sliced(cx, array, node.slice, lower), reference
    operand = lower(cx, node)
    if isinstance(operand, MatrixRef):
        hint = "loop over its rows, for row in a, or over range(len(a)), and read a[i, j]"
        cx.refuse("HY6109", "a 2-d array is not taken here", node, hint=hint)
    if not isinstance(operand, ArrayRef):
        cx.refuse(
            "HY6103", f"a loop over {type_name(operand)} is not taken", node, hint="loop over range(n), or an array"
        )
    return cx.contents(operand), operand


def sliced(cx: Context, array: Value, node: ast.Slice, lower: LowerExpression) -> Value:
    """`array[lower:upper:step]` for a constant step other than 0."""
    step = _step(cx, node, lower)
    bounds = [None if x is None else _bound(cx, x, lower) for x in (node.lower, node.upper)]
    size = cx.emitter.length(array)
    if step > 0:
        low, high = (_clamped(cx, b, size) for b in bounds)
        first = low or cx.emitter.constant(0, I64)
        return part(cx, array, first, size if high is None else _not_below(cx, high, low), step)
    low, high = (_clamped_down(cx, b, size) for b in bounds)
    behind = size if low is None else _plus_one(cx, low)
    first = cx.emitter.constant(0, I64) if high is None else _minimum(cx, _plus_one(cx, high), behind)
    backwards = reversal(cx, part(cx, array, first, behind, 1))
    if step == -1:
        return backwards
    return part(cx, backwards, cx.emitter.constant(0, I64), cx.emitter.length(backwards), -step)


def bounds(cx: Context, array: Value, node: ast.Slice, lower: LowerExpression) -> tuple[Value, Value]:
    """`lower` and `upper` of a slice that has both, each from 0 to the length; the second may be below the first."""
    assert node.lower is not None
    assert node.upper is not None
    values = [_bound(cx, x, lower) for x in (node.lower, node.upper)]
    low, high = (_clamped(cx, b, cx.emitter.length(array)) for b in values)
    assert low is not None
    assert high is not None
    return low, high


def part(cx: Context, array: Value, first: Value, behind: Value, step: int) -> Value:
    """The elements first, first + step, .. below behind, where 0 <= first <= behind <= the length."""
    emitter = cx.emitter
    if step == 1 and emitter.exact.get(first.name) == 0 and behind == emitter.length(array):
        return array
    kind = ArrayType(array_type(array).element, (cx.fresh_size(),))
    return emitter.emit("slice", (array, first, behind), kind, (("steps", (step,)),))


def cut(cx: Context, array: Value, count: Value) -> Value:
    """The first `count` elements, of which the array has at least as many."""
    return array if count == cx.emitter.length(array) else part(cx, array, cx.emitter.constant(0, I64), count, 1)


def reversal(cx: Context, array: Value) -> Value:
    length = cx.emitter.length(array)
    result = cx.emitter.emit("reverse", (array,), array.type, (("axes", (0,)),))
    cx.emitter.has_length(result, length)
    return result


def _step(cx: Context, node: ast.Slice, lower: LowerExpression) -> int:
    if node.step is None:
        return 1
    step = lower(cx, node.step)
    if not isinstance(step, Literal) or not isinstance(step.value, int) or isinstance(step.value, bool):
        cx.refuse("HY6104", "the step of a slice is a constant", node.step, hint="loop over range(start, stop, step)")
    if step.value == 0 or abs(step.value) >= 1 << 62:
        cx.refuse("HY6104", f"the step of a slice is not {step.value}", node.step, hint="use a step like 2 or -1")
    return step.value


def _bound(cx: Context, node: ast.expr, lower: LowerExpression) -> Value:
    x = as_scalar(cx, lower(cx, node), node)
    if not isinstance(x.type, IntType) or x.type != I64:
        cx.refuse("HY6106", f"a bound of a slice has to be an int, not {type_name(x)}", node, hint="int(i)")
    return coerce(cx, x, I64, node)


def _from_front(cx: Context, bound: Value, size: Value) -> Value:
    """A bound counted from the front: a negative one counts from the end."""
    emitter = cx.emitter
    least = emitter.least.get(bound.name)
    if least is not None and least >= 0:
        return bound
    counted = emitter.emit("add.wrap", (bound, size), I64)  # exact where it is used: bound < 0 <= size
    if bound.name in emitter.exact:
        return counted
    negative = emitter.emit("lt", (bound, emitter.constant(0, I64)), BOOL)
    return emitter.emit("select", (negative, counted, bound), I64)


def _clamped(cx: Context, bound: Value | None, size: Value) -> Value | None:
    """Python's bound of a slice that goes up: from 0 to the length."""
    if bound is None:
        return None
    emitter = cx.emitter
    exact, least, zero = emitter.exact.get(bound.name), emitter.least.get(bound.name), emitter.constant(0, I64)
    if exact == 0:
        return zero
    front = _from_front(cx, bound, size)
    if exact is not None and exact < 0:
        return _least_is(cx, _maximum(cx, front, zero), 0)
    below = _minimum(cx, front, size)
    return _least_is(cx, below if least is not None and least >= 0 else _maximum(cx, below, zero), 0)


def _clamped_down(cx: Context, bound: Value | None, size: Value) -> Value | None:
    """Python's bound of a slice that goes down: from -1 to the length - 1."""
    if bound is None:
        return None
    emitter = cx.emitter
    last = emitter.emit("sub.wrap", (size, emitter.constant(1, I64)), I64)  # exact: 0 <= size
    front = _from_front(cx, bound, size)
    return _minimum(cx, _maximum(cx, front, emitter.constant(-1, I64)), last)


def _not_below(cx: Context, high: Value, low: Value | None) -> Value:
    return high if low is None or cx.emitter.exact.get(low.name) == 0 else _maximum(cx, high, low)


def _plus_one(cx: Context, bound: Value) -> Value:
    above = cx.emitter.emit("add.wrap", (bound, cx.emitter.constant(1, I64)), I64)  # exact: bound < size
    return _least_is(cx, above, 0)


def _maximum(cx: Context, a: Value, b: Value) -> Value:
    return cx.emitter.emit("max", (a, b), I64)


def _minimum(cx: Context, a: Value, b: Value) -> Value:
    return a if a == b else cx.emitter.emit("min", (a, b), I64)


def _least_is(cx: Context, value: Value, least: int) -> Value:
    cx.emitter.least[value.name] = least
    return value
