"""The iterables of loops: arrays, slices and reversals of them, numbers, and several of these side by side."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass

from hyperion.ir.function import Value
from hyperion.ir.types import BOOL, I64
from hyperion_python import matrices, views
from hyperion_python.arithmetic import integer_binary
from hyperion_python.context import Context
from hyperion_python.convert import as_scalar, coerce, type_name
from hyperion_python.expressions import lower
from hyperion_python.hidden import Flat
from hyperion_python.operands import Literal, MatrixRef, Scalar


@dataclass(frozen=True, slots=True)
class Elements:
    """The elements of `array`, which is the array of that `key` or a part of it."""

    array: Value
    key: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """first, first + 1, ..: `count` of them, or without end."""

    first: Scalar
    count: Value | None


@dataclass(frozen=True, slots=True)
class Together:
    """zip and enumerate: it ends with the shortest. `strict`: different lengths are an error at the end."""

    parts: tuple[Iterable, ...]
    strict: bool = False


Iterable = Elements | Numbers | Together


def leaves(source: Iterable) -> Iterator[Elements | Numbers]:
    if isinstance(source, Together):
        for part in source.parts:
            yield from leaves(part)
    else:
        yield source


def iterable_of(cx: Context, node: ast.expr) -> Iterable:
    """What a loop goes over, evaluated once, before the loop."""
    with cx.emitter.at(cx.span(node)):
        match node:
            case ast.Call(func=ast.Name() as function) as call:
                found = cx.resolve(function)
                if found is builtins.range:
                    return _range(cx, call)
                if found is builtins.enumerate:
                    return _enumerate(cx, call)
                if found is builtins.zip:
                    return _zip(cx, call)
                if found is builtins.reversed:
                    return _reversed(cx, call)
            case Flat(matrix=matrix):
                reference = lower(cx, matrix)
                assert isinstance(reference, MatrixRef)
                return Elements(matrices.flat(cx, cx.contents(reference)), reference.key)
            case _:
                pass
        if isinstance(node, ast.Tuple | ast.List | ast.Constant):
            cx.refuse(
                "HY6103",
                "a loop goes over range(...), an array or a part of it, enumerate(...), zip(...) or reversed(...)",
                node,
                hint="put the values into a NumPy array and pass it as an argument",
            )
        array, reference = views.viewed(cx, node, lower)
        return Elements(array, reference.key)


def plain_arguments(cx: Context, call: ast.Call, least: int, most: int | None) -> list[ast.expr]:
    if call.keywords:
        cx.refuse("HY6108", "this keyword is not taken", call.keywords[0].value, hint="leave it out")
    starred = next((a for a in call.args if isinstance(a, ast.Starred)), None)
    if starred is not None:
        cx.refuse("HY6108", "a starred argument is not taken", starred, hint="write the arguments one by one")
    if len(call.args) < least or (most is not None and len(call.args) > most):
        message = f"{ast.unparse(call.func)} with {len(call.args)} arguments is not taken"
        cx.refuse("HY6108", message, call, hint="check the arguments")
    return call.args


def integer(cx: Context, node: ast.expr, what: str = "range") -> Value:
    return whole(cx, as_scalar(cx, lower(cx, node), node), node, what)


def whole(cx: Context, x: Scalar, node: ast.expr, what: str = "range") -> Value:
    if x.type not in (I64, BOOL):
        cx.refuse("HY6106", f"{what} takes int, not {type_name(x)}", node, hint="convert it with int(x)")
    return coerce(cx, x, I64, node)


def _range(cx: Context, call: ast.Call) -> Numbers:
    """A range beside other iterables: from a constant, in steps of 1."""
    arguments = plain_arguments(cx, call, 1, 3)
    low = lower(cx, arguments[0]) if len(arguments) > 1 else Literal(0)
    step = lower(cx, arguments[2]) if len(arguments) > 2 else Literal(1)
    known = isinstance(low, Literal) and isinstance(low.value, int) and 0 <= low.value < 1 << 62
    if not isinstance(low, Literal) or not known or step != Literal(1):
        cx.refuse("HY6103", "this range is not taken beside another iterable", call,
                  hint="zip with range(n) or range(1, n), and form the other number in the body")  # fmt: skip
    first = cx.emitter.constant(int(low.value), I64)
    high = integer_binary(cx, "max", integer(cx, arguments[min(1, len(arguments) - 1)]), first)
    if low.value:
        high = cx.emitter.emit("sub.wrap", (high, first), I64)  # exact: 0 <= first <= high
        cx.emitter.least[high.name] = 0
    return Numbers(Literal(low.value), high)


def _enumerate(cx: Context, call: ast.Call) -> Together:
    match call.keywords:
        case [ast.keyword(arg="start", value=value)] if len(call.args) == 1:
            call = ast.copy_location(ast.Call(call.func, [*call.args, value], []), call)
        case _:
            pass
    arguments = plain_arguments(cx, call, 1, 2)
    source = iterable_of(cx, arguments[0])
    start: Scalar = Literal(0)
    if len(arguments) == 2:
        start = as_scalar(cx, lower(cx, arguments[1]), arguments[1])
        if not isinstance(start, Literal) or not I64.contains(int(start.value)) or start.type != I64:
            start = whole(cx, start, arguments[1], "enumerate")
    return Together((Numbers(start, None), source))


def _zip(cx: Context, call: ast.Call) -> Iterable:
    strict = False
    match call.keywords:
        case [ast.keyword(arg="strict", value=ast.Constant(value=bool() as strict))]:
            call = ast.copy_location(ast.Call(call.func, call.args, []), call)
        case _:
            pass
    return Together(tuple(iterable_of(cx, a) for a in plain_arguments(cx, call, 1, None)), strict)


def _reversed(cx: Context, call: ast.Call) -> Iterable:
    (argument,) = plain_arguments(cx, call, 1, 1)
    source = iterable_of(cx, argument)
    if not isinstance(source, Elements):
        hint = "write range(n - 1, -1, -1)" if isinstance(source, Numbers) else "reverse each array of it"
        cx.refuse("HY6103", "reversed takes an array, a part of one, or range(n)", argument, hint=hint)
    return Elements(views.reversal(cx, source.array), source.key)


def count_of(cx: Context, source: Iterable) -> Value:
    """How many turns a loop over it has. It has an end."""
    match source:
        case Elements(array=array):
            return cx.emitter.length(array)
        case Numbers(count=count):
            assert count is not None
            return count
        case Together():
            counts = list(dict.fromkeys(count_of(cx, p) for p in source.parts if not _is_endless(p)))
            shortest = counts[0]
            for count in counts[1:]:
                shortest = integer_binary(cx, "min", shortest, count)
            return shortest


def _is_endless(source: Iterable) -> bool:
    if isinstance(source, Together):
        return all(_is_endless(p) for p in source.parts)
    return isinstance(source, Numbers) and source.count is None


def unequal(cx: Context, source: Iterable) -> Value | None:
    """Whether a strict zip in it has parts of different lengths, unless they are known to be equal."""
    if not isinstance(source, Together):
        return None
    inner = [u for p in source.parts if (u := unequal(cx, p)) is not None]
    if source.strict:
        counts = [count_of(cx, p) for p in source.parts]
        inner += [cx.emitter.emit("ne", (counts[0], c), BOOL) for c in dict.fromkeys(counts[1:]) if c != counts[0]]
    result: Value | None = None
    for differs in inner:
        result = differs if result is None else cx.emitter.emit("or", (result, differs), BOOL)
    return result
