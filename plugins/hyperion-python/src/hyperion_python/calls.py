"""Calls: the builtins and NumPy functions that are taken, and other Python functions."""

from __future__ import annotations

import ast
import builtins
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

import hyperion
from hyperion.interfaces.frontend import CompileOptions
from hyperion.ir.function import Function, Value
from hyperion.ir.types import BOOL, F32, F64, U64, ArrayType, Size, Type
from hyperion_python import arithmetic, arrays, comparisons, convert, elementary, matrices, reductions
from hyperion_python.context import Context, LowerExpression, array_type
from hyperion_python.elementary import Handler
from hyperion_python.namespace import MISSING
from hyperion_python.operands import ArrayRef, Group, Literal, MatrixRef, Operand, Reference
from hyperion_python.recursion import calls_itself, lower_self_call
from hyperion_python.signature import sizes_of
from hyperion_python.targets import unwrapped
from hyperion_python.traps import value_error_where


@dataclass(frozen=True, slots=True)
class _Known:
    """A function that is taken: its handler, how many arguments it has (None: any), its keywords."""

    handler: Handler
    least: int
    most: int | None
    keywords: tuple[str, ...] = ()


def _length(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
    if not isinstance(given[0], Reference):
        cx.refuse("HY6106", f"len of {convert.type_name(given[0])}", node, hint="len takes an array")
    return cx.emitter.length(cx.contents(given[0]))


def _extremum(largest: bool) -> Handler:
    def handler(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
        return comparisons.extremum(cx, largest, given, node)

    return handler


def _absolute(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
    return comparisons.absolute(cx, given[0], node)


def _divided(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
    quotient = arithmetic.binary(cx, ast.FloorDiv, given[0], given[1], node)
    return Group((quotient, arithmetic.binary(cx, ast.Mod, given[0], given[1], node)))


def _code_point(cx: Context, node: ast.Call) -> Operand:
    match node.args:
        case [ast.Constant(value=str() as text)] if len(text) == 1 and not node.keywords:
            return Literal(ord(text))
        case _:
            cx.refuse("HY6108", "ord takes one character here", node, hint="write ord('a'); elements of bytes are ints")


def _integer(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
    return convert.to_integer(cx, given[0], node)


def _unsigned(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
    x = convert.as_scalar(cx, given[0], node)
    if isinstance(x.type, type(F64)):
        cx.refuse("HY6106", "np.uint64 of a float is not taken", node, hint="np.uint64(int(x))")
    return convert.to_integer(cx, x, node, U64)


def _float(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
    return convert.to_float(cx, given[0], node)


def _narrow_float(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
    return convert.to_float(cx, given[0], node, F32)


def _typed_float(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
    return convert.coerce(cx, convert.to_float(cx, given[0], node), F64, node)


def _truth(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
    return convert.truth(cx, given[0], node)


def _assumed(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
    """A statement; `hyperion_python.assumptions` sees to it that nobody uses its value."""
    holds = convert.as_scalar(cx, convert.truth(cx, given[0], node), node)
    value_error_where(cx, cx.emitter.emit("not", (convert.coerce(cx, holds, BOOL, node),), BOOL))
    return Literal(True)


def _filled(value: Callable[[Context, Type], Value]) -> Handler:
    def handler(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
        kind = arrays.element_type(cx, _dtype_node(node, 1), F64)
        return arrays.new_array(cx, given[0], value(cx, kind), node)

    return handler


def _like(value: Callable[[Context, Type], Value]) -> Handler:
    def handler(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
        contents = cx.contents(arrays.as_arrays(cx, given[0], node))
        kind = arrays.element_type(cx, _dtype_node(node, 1), array_type(contents).element)
        size: Operand = cx.emitter.length(contents)
        if isinstance(given[0], MatrixRef):
            size = Group((size, cx.emitter.columns(contents)))
        return arrays.new_array(cx, size, value(cx, kind), node)

    return handler


def _copy(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
    """Another array object with the same contents, which are a value."""
    return cx.new_reference(cx.contents(arrays.as_arrays(cx, given[0], node)), owned=True)


def _product(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
    return matrices.product(cx, given[0], given[1], node)


def _transposed(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
    return matrices.transposed(cx, given[0], node)


def _full(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
    x = convert.as_scalar(cx, given[1], node)
    kind = arrays.element_type(cx, _dtype_node(node, 2), x.type)
    return arrays.new_array(cx, given[0], arrays.stored(cx, x, kind, node), node)


def _dtype_node(node: ast.Call, position: int) -> ast.expr | None:
    if len(node.args) > position:
        return node.args[position]
    return next((k.value for k in node.keywords if k.arg == "dtype"), None)


_KNOWN: Final[dict[int, _Known]] = {
    id(function): known
    for function, known in (
        (builtins.len, _Known(_length, 1, 1)),
        (builtins.max, _Known(_extremum(True), 1, None)),
        (builtins.min, _Known(_extremum(False), 1, None)),
        (builtins.abs, _Known(_absolute, 1, 1)),
        (builtins.divmod, _Known(_divided, 2, 2)),
        (builtins.int, _Known(_integer, 1, 1)),
        (builtins.float, _Known(_float, 1, 1)),
        (builtins.bool, _Known(_truth, 1, 1)),
        (math.sqrt, _Known(elementary.square_root, 1, 1)),
        (math.exp, _Known(elementary.exponential, 1, 1)),
        (math.log, _Known(elementary.logarithm, 1, 1)),
        (math.fabs, _Known(elementary.float_absolute, 1, 1)),
        (math.floor, _Known(elementary.rounded(False), 1, 1)),
        (math.ceil, _Known(elementary.rounded(True), 1, 1)),
        (math.isnan, _Known(elementary.class_of_float("ne", 0.0), 1, 1)),
        (math.isinf, _Known(elementary.class_of_float("eq", math.inf), 1, 1)),
        (math.isfinite, _Known(elementary.class_of_float("le", sys.float_info.max), 1, 1)),
        (np.sqrt, _Known(elementary.numpy_square_root, 1, 1)),
        (np.exp, _Known(elementary.of_numpy("exp"), 1, 1)),
        (np.log, _Known(elementary.of_numpy("log"), 1, 1)),
        (np.abs, _Known(elementary.numpy_absolute, 1, 1)),
        (np.square, _Known(elementary.square, 1, 1)),
        (np.sign, _Known(elementary.sign, 1, 1)),
        (np.maximum, _Known(elementary.numpy_extremum(True), 2, 2)),
        (np.minimum, _Known(elementary.numpy_extremum(False), 2, 2)),
        (np.isnan, _Known(elementary.class_of_float("ne", 0.0), 1, 1)),
        (np.isinf, _Known(elementary.class_of_float("eq", math.inf), 1, 1)),
        (np.isfinite, _Known(elementary.class_of_float("le", sys.float_info.max), 1, 1)),
        (hyperion.assume, _Known(_assumed, 1, 1)),
        (np.int64, _Known(_integer, 1, 1)),
        (np.uint64, _Known(_unsigned, 1, 1)),
        (np.float32, _Known(_narrow_float, 1, 1)),
        (np.float64, _Known(_typed_float, 1, 1)),
        (np.bool_, _Known(_truth, 1, 1)),
        (np.empty, _Known(_filled(arrays.zero), 1, 2, ("dtype",))),
        (np.zeros, _Known(_filled(arrays.zero), 1, 2, ("dtype",))),
        (np.ones, _Known(_filled(arrays.one), 1, 2, ("dtype",))),
        (np.full, _Known(_full, 2, 3, ("dtype",))),
        (np.copy, _Known(_copy, 1, 1)),
        (np.dot, _Known(_product, 2, 2)),
        (np.matmul, _Known(_product, 2, 2)),
        (np.transpose, _Known(_transposed, 1, 1)),
        (np.empty_like, _Known(_like(arrays.zero), 1, 2, ("dtype",))),
        (np.zeros_like, _Known(_like(arrays.zero), 1, 2, ("dtype",))),
        (np.ones_like, _Known(_like(arrays.one), 1, 2, ("dtype",))),
    )
}

_HINTS: Final[dict[str, str]] = {
    "print": "return the values and print them outside",
    "round": "write int(x + 0.5) for non-negative x",
    "sorted": "sort outside, with np.sort",
    "isinstance": "the types are known when the function is compiled; remove the test",
    "pow": "write x * x, or multiply in a loop",
}


def lower_call(cx: Context, node: ast.Call, lower: LowerExpression) -> Operand:
    """A call of a known function, or of another Python function that is compiled with this one."""
    name = ast.unparse(node.func)
    if isinstance(node.func, ast.Name) and node.func.id in cx.local:
        cx.refuse("HY6108", f"{name} is a local name, not a function that can be compiled", node.func,
                  hint="call a function of the module")  # fmt: skip
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name() as array, attr="copy"), args=[], keywords=[]) if isinstance(
            cx.environment.get(array.id), Reference
        ):
            return _copy(cx, node, [cx.read(array)])
        case ast.Call(func=ast.Attribute(value=value, attr="copy" | "transpose" as method), args=[], keywords=[]) if (
            matrices.is_matrix(cx, value)
        ):
            return (_copy if method == "copy" else _transposed)(cx, node, [lower(cx, value)])
        case ast.Call(func=ast.Attribute(value=value, attr="dot"), args=[other], keywords=[]) if matrices.is_matrix(
            cx, value
        ):
            return _product(cx, node, [lower(cx, value), lower(cx, other)])
        case _:
            pass
    target = cx.resolve(node.func)
    if target is MISSING:
        cx.refuse("HY6108", f"there is no function {name} that can be compiled", node.func, hint=_hint(node.func))
    if target is builtins.ord:
        return _code_point(cx, node)
    if target is builtins.float and (literal := _float_of_text(node)) is not None:
        return literal
    if reductions.is_reduction(node, target):
        return reductions.lower_reduction(cx, node, target, lower)
    known = _KNOWN.get(id(target))
    if known is not None:
        return _call_known(cx, node, name, known, lower)
    function, options = unwrapped(target, cx.options)
    if function is None:
        hint = _HINTS.get(name, "write it with loops and arithmetic, or pass its result as an argument")
        cx.refuse("HY6108", f"the function {name} is not taken", node.func, hint=hint)
    if cx.itself is not None and calls_itself(cx.source, function):
        results = lower_self_call(cx, node, lambda x: _argument(cx, x, lower))
        return results[0] if len(results) == 1 else Group(results)
    return _call_function(cx, node, name, function, options, lower)


def _float_of_text(node: ast.Call) -> Literal | None:
    """float("-inf") and the like, as Python reads them; None for another call."""
    match node.args:
        case [ast.Constant(value=str(text))] if not node.keywords:
            try:
                return Literal(float(text))
            except ValueError:
                return None
        case _:
            return None


def _hint(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return "methods of arrays and numbers are not taken; write the loop, or call a function of a module"
    return "define it in the module, or import it"


def _call_known(cx: Context, node: ast.Call, name: str, known: _Known, lower: LowerExpression) -> Operand:
    for keyword in node.keywords:
        if keyword.arg not in known.keywords:
            cx.refuse("HY6108", f"the keyword {keyword.arg or '**'} of {name} is not taken", keyword.value,
                      hint="leave it out, or do it outside")  # fmt: skip
    values = node.args
    if known.keywords and known.most is not None and len(values) == known.most:
        values = values[:-1]  # the last one is the dtype, which is not a value
    if len(values) < known.least or (known.most is not None and len(values) > known.most):
        cx.refuse("HY6108", f"{name} with {len(values)} arguments is not taken", node, hint="check the arguments")
    return known.handler(cx, node, [_argument(cx, x, lower) for x in values])


def _argument(cx: Context, node: ast.expr, lower: LowerExpression) -> Operand:
    if isinstance(node, ast.Starred):
        cx.refuse("HY6108", "a starred argument is not taken", node, hint="write the arguments one by one")
    return lower(cx, node)


def _call_function(
    cx: Context,
    node: ast.Call,
    name: str,
    function: object,
    options: CompileOptions,
    lower: LowerExpression,
) -> Operand:
    if node.keywords:
        cx.refuse("HY6108", f"keyword arguments of {name} are not taken", node.keywords[0].value,
                  hint="pass them by position")  # fmt: skip
    given = [_passed(cx, _argument(cx, x, lower), x) for x in node.args]
    kinds = [_without_names(i, v.type) for i, v in enumerate(given)]
    callee = cx.lower_callee(function, kinds, cx.span(node), options)
    sizes = _sizes(callee, given)
    kinds = [_renamed_size(cx, v.type, sizes) for v in callee.results]
    results = cx.emitter.equation("call", given, kinds, attributes=(("callee", callee.name),))
    operands = tuple(_received(cx, v) for v in results)
    return operands[0] if len(operands) == 1 else Group(operands)


def _passed(cx: Context, operand: Operand, node: ast.expr) -> Value:
    match operand:
        case ArrayRef() | MatrixRef():
            return cx.contents(operand)
        case Group():
            cx.refuse("HY6108", "a tuple as an argument is not taken", node, hint="pass its parts one by one")
        case _:
            return convert.coerce(cx, operand, operand.type, node)


def _received(cx: Context, value: Value) -> Operand:
    return cx.new_reference(value, owned=True) if isinstance(value.type, ArrayType) else value


def _without_names(position: int, kind: Type) -> Type:
    return ArrayType(kind.element, sizes_of(position, len(kind.shape))) if isinstance(kind, ArrayType) else kind


def _sizes(callee: Function, given: Sequence[Value]) -> dict[Size, Size]:
    """What the sizes of the callee's parameters are here."""
    pairs = ((p.type, v.type) for p, v in zip(callee.parameters, given, strict=True))
    return {
        theirs: ours
        for kind, actual in pairs
        if isinstance(kind, ArrayType) and isinstance(actual, ArrayType)
        for theirs, ours in zip(kind.shape, actual.shape, strict=True)
    }


def _renamed_size(cx: Context, kind: Type, sizes: Mapping[Size, Size]) -> Type:
    """A result's type here: a size of its own, unless it is that of an argument."""
    if not isinstance(kind, ArrayType):
        return kind
    return ArrayType(kind.element, tuple(sizes[size] if size in sizes else cx.fresh_size() for size in kind.shape))


def literal_of(found: object) -> Literal | None:
    """A global number as a literal, or None."""
    match found:
        case bool() | np.bool_():
            return Literal(bool(found), named=True)
        case np.integer():
            return Literal(int(found), named=True)
        case int():
            return Literal(int(found), named=True)
        case float() if type(found) is float:
            return Literal(found, named=True)
        case _:
            return None
