"""Array elements, lengths and new arrays."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from hyperion.ir.function import Region, Value
from hyperion.ir.types import BOOL, I64, U64, ArrayType, FloatType, IntType, Type
from hyperion_python.context import Context, array_type
from hyperion_python.convert import as_scalar, coerce, constant, type_name
from hyperion_python.namespace import MISSING
from hyperion_python.operands import ArrayRef, Group, Literal, MatrixRef, Operand, Reference, Scalar, in_words
from hyperion_python.signature import ELEMENT_TYPES

_FROM_PYTHON: Final[dict[object, str]] = {int: "int64", float: "float64", bool: "bool"}


def widened(cx: Context, element: Value) -> Value:
    """An element as the scalar that it is in a function: integers up to 32 bits and int64 are int."""
    match element.type:
        case IntType() if element.type not in (I64, U64):
            return coerce(cx, element, I64, ast.Pass())
        case _:
            return element


def read_element(cx: Context, array: Operand, index: Operand, node: ast.Subscript) -> Scalar:
    """`array[index]` for one integer index, counted from the end where it is negative."""
    contents = cx.contents(as_array(cx, array, node))
    position = position_of(cx, contents, index, node)
    return widened(cx, cx.emitter.emit("get", (contents, position), array_type(contents).element))


def as_array(cx: Context, operand: Operand, node: ast.AST) -> ArrayRef:
    if isinstance(operand, MatrixRef):
        hint = "name both indices, a[i, j], or one row, a[i]"
        cx.refuse("HY6109", "a 2-d array is used where one of one dimension is needed", node, hint=hint)
    if not isinstance(operand, ArrayRef):
        cx.refuse("HY6109", f"{type_name(operand)} has no elements", node, hint="index a NumPy array")
    return operand


def as_arrays(cx: Context, operand: Operand, node: ast.AST) -> Reference:
    """An array of one or two dimensions."""
    return operand if isinstance(operand, MatrixRef) else as_array(cx, operand, node)


def position_of(cx: Context, contents: Value, index: Operand, node: ast.Subscript) -> Value:
    """The index from 0; the op that uses it traps where it is outside."""
    (position,) = positions_of(cx, contents, [index], node)
    return position


def positions_of(cx: Context, contents: Value, indices: Sequence[Operand], node: ast.Subscript) -> list[Value]:
    """The same for an index of each axis."""
    sizes = (lambda: cx.emitter.length(contents), lambda: cx.emitter.columns(contents))
    return [_position_in(cx, size, i, node) for size, i in zip(sizes, indices, strict=False)]


def _position_in(cx: Context, size_of: Callable[[], Value], index: Operand, node: ast.Subscript) -> Value:
    """The same along an axis of that size, which is asked for where it is needed."""
    i = as_scalar(cx, index, node.slice)
    if i.type == U64 or not isinstance(i.type, IntType):
        hint = "write xs[int(i)]" if i.type != BOOL else "write xs[int(b)]; xs[b] is a mask in NumPy"
        cx.refuse("HY6106", f"an index has to be an int, not {type_name(i)}", node.slice, hint=hint)
    value = coerce(cx, i, I64, node.slice)
    emitter = cx.emitter
    if emitter.least.get(value.name, -1) >= 0:
        return value
    size = size_of()
    from_end = emitter.emit("add.wrap", (value, size), I64)  # exact: value < 0 <= size
    if value.name in emitter.exact:
        return from_end
    negative = emitter.emit("lt", (value, emitter.constant(0, I64)), BOOL)
    return emitter.emit("select", (negative, from_end, value), I64)


def write_element(cx: Context, array: Operand, place: Sequence[Value], value: Operand, node: ast.Subscript) -> None:
    """`array[place] = value`; the array now has other contents, under every name that it has."""
    reference = owned_array(cx, array, node)
    contents = cx.contents(reference)
    kind = array_type(contents).element
    if _may_not_fit(value, kind):
        cx.emitter.emit("get", (contents, *place), kind)  # an index outside traps first, as in NumPy
    element = stored(cx, value, kind, node)
    updated = cx.emitter.emit("update", (contents, *place, element), contents.type)
    cx.emitter.same_size[updated.name] = cx.emitter.root(contents.name)
    cx.environment[reference.key] = updated


def owned_array(cx: Context, array: Operand, node: ast.Subscript) -> Reference:
    reference = as_arrays(cx, array, node)
    if not reference.owned:
        cx.refuse(
            "HY6109",
            "a write to an array that is a parameter is not taken",
            node,
            note="the caller would see the change, also where the function then stops with an error",
            hint="write into an array made here by np.empty(len(xs)) or np.zeros_like(xs), and return it",
        )
    return reference


def _may_not_fit(value: Operand, kind: Type) -> bool:
    """Whether storing the value as such an element may overflow at run time."""
    return isinstance(kind, IntType) and isinstance(value, Value) and value.type not in (BOOL, kind)


def stored(cx: Context, value: Operand, kind: Type, node: ast.AST) -> Value:
    """The value as an element. What NumPy would cut off or wrap is refused, or overflows at run time."""
    x = as_scalar(cx, value, node)
    match kind:
        case FloatType():
            return _stored_float(cx, x, kind, node)
        case IntType() if not isinstance(x.type, FloatType):
            if isinstance(x, Literal):
                return constant(cx, x, kind, node)
            if x.type == BOOL or x.type == kind:
                return coerce(cx, x, kind, node)
            return cx.emitter.emit("cast.trap", (x,), kind)
        case _ if x.type == kind:
            return coerce(cx, x, kind, node)
        case _:
            function = "bool" if kind == BOOL else "int"
            cx.refuse(
                "HY6106",
                f"{type_name(x)} is stored in an array of {in_words(kind)}",
                node,
                hint=f"convert it with {function}(x), or make the array with another dtype",
            )


def _stored_float(cx: Context, x: Scalar, kind: FloatType, node: ast.AST) -> Value:
    if isinstance(x, Value) and isinstance(x.type, FloatType) and x.type.width > kind.width:
        return cx.emitter.emit("cast.round", (x,), kind)
    return coerce(cx, x, kind, node)


def new_array(cx: Context, size: Operand, value: Value, node: ast.Call) -> Reference:
    """An array of copies of `value`, in NumPy's shapes n, (n,) or (n, m)."""
    if isinstance(size, Group):
        if len(size.items) not in (1, 2):
            hint = "index as a[i * columns + j]"
            cx.refuse("HY6109", "arrays made in a function have one or two dimensions", node, hint=hint)
        if len(size.items) == 2:
            return _new_matrix(cx, size.items, value, node)
        size = size.items[0]
    length = _count(cx, size, node)
    measured = cx.emitter.measured.get(length.name)
    if measured is not None and len(array_type(measured).shape) == 1:
        return cx.new_array(_as_long_as(cx, measured, value), owned=True)
    array = cx.emitter.emit("fill", (length, value), ArrayType(value.type, (cx.fresh_size(),)))
    cx.emitter.has_length(array, length)  # it is not negative, or there is no array
    return cx.new_array(array, owned=True)


def _count(cx: Context, size: Operand, node: ast.Call) -> Value:
    count = as_scalar(cx, size, node)
    if count.type != I64:
        cx.refuse("HY6106", f"the size of an array has to be an int, not {type_name(count)}", node, hint="int(n)")
    return coerce(cx, count, I64, node)


def _new_matrix(cx: Context, sizes: Sequence[Operand], value: Value, node: ast.Call) -> Reference:
    rows, columns = (_count(cx, size, node) for size in sizes)
    matrix = cx.emitter.emit("fill", (rows, columns, value), ArrayType(value.type, (cx.fresh_size(), cx.fresh_size())))
    cx.emitter.has_length(matrix, rows)
    cx.emitter.has_columns(matrix, columns)
    return cx.new_reference(matrix, owned=True)


def _as_long_as(cx: Context, array: Value, value: Value) -> Value:
    """As many copies of `value` as the array has elements; its type says that the sizes are equal."""
    kind, emitter = array_type(array), cx.emitter
    element = Value(emitter.fresh("x"), kind.element)
    region = Region((element,), (), (value,))
    made_kind, attributes = ArrayType(value.type, kind.shape), (("arrays", 1),)
    (made,) = emitter.equation("map", (array,), (made_kind,), attributes=attributes, regions=(region,))
    emitter.same_size[made.name] = emitter.root(array.name)
    return made


def element_type(cx: Context, node: ast.expr | None, default: Type | None) -> Type:
    """The element type that a dtype argument names: np.int32, int, float, bool or xs.dtype."""
    if node is None:
        assert default is not None
        return default
    match node:
        case ast.Attribute(value=ast.Name() as base, attr="dtype") if base.id in cx.environment:
            return array_type(cx.contents(as_arrays(cx, cx.read(base), node))).element
        case ast.Constant(value=str() as name):
            pass
        case _:
            name = dtype_name(cx.resolve(node))
    if name not in ELEMENT_TYPES:
        cx.refuse(
            "HY6109", "the dtype is not taken", node, note=f"taken: {', '.join(ELEMENT_TYPES)}", hint="dtype=np.float64"
        )
    return ELEMENT_TYPES[name]


def dtype_name(found: object) -> str:
    """The name of the dtype that an object stands for, or "" if it is none."""
    if found is MISSING:
        return ""
    if isinstance(found, type) and found in _FROM_PYTHON:
        return _FROM_PYTHON[found]
    if isinstance(found, np.dtype):
        return found.name if found.isnative else ""  # pyright: ignore[reportUnknownMemberType]  dtype is not static
    if isinstance(found, type) and issubclass(found, np.generic):
        return np.dtype(found).name  # pyright: ignore[reportUnknownArgumentType]  dtype is not static
    return ""


def zero(cx: Context, kind: Type) -> Value:
    if isinstance(kind, FloatType):
        return cx.emitter.constant(0.0, kind)
    return cx.emitter.constant(False if kind == BOOL else 0, kind)


def one(cx: Context, kind: Type) -> Value:
    if isinstance(kind, FloatType):
        return cx.emitter.constant(1.0, kind)
    return cx.emitter.constant(True if kind == BOOL else 1, kind)
