"""Arrays of two dimensions: their sizes, elements and rows, transposition, and products as NumPy forms them."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hyperion.ir.function import Region, Value
from hyperion.ir.types import I64, ArrayType, FloatType, IntType, Type
from hyperion_python import arithmetic, arrays
from hyperion_python.context import Context, LowerExpression, array_type
from hyperion_python.convert import coerce, type_name
from hyperion_python.emitter import close
from hyperion_python.operands import ArrayRef, Group, Literal, MatrixRef, Operand, Reference, in_words
from hyperion_python.signature import ELEMENT_TYPES


def is_matrix(cx: Context, node: ast.expr) -> bool:
    """Whether the expression is a matrix by its form: a name of one, its transposition or copy."""
    match node:
        case ast.Name(id=name):
            return name in cx.local and isinstance(cx.environment.get(name), MatrixRef)
        case ast.Attribute(value=value, attr="T"):
            return is_matrix(cx, value)
        case ast.Call(func=ast.Attribute(value=value, attr="copy" | "transpose"), args=[], keywords=[]):
            return is_matrix(cx, value)
        case ast.Call(func=function, args=[value], keywords=[]) if is_matrix(cx, value):
            found = cx.resolve(function)
            return found is np.transpose or found is np.copy
        case ast.Call(func=function, args=[left, right], keywords=[]) if is_matrix(cx, left) and is_matrix(cx, right):
            found = cx.resolve(function)
            return found is np.dot or found is np.matmul
        case ast.BinOp(op=ast.MatMult(), left=left, right=right):
            return is_matrix(cx, left) and is_matrix(cx, right)
        case _:
            return False


# Sizes


def attribute(cx: Context, matrix: Operand, node: ast.Attribute) -> Operand:
    """`a.T`, `a.shape`, `a.size` and `a.ndim`."""
    assert isinstance(matrix, MatrixRef)
    contents = cx.contents(matrix)
    match node.attr:
        case "T":
            return transposed(cx, matrix, node)
        case "shape":
            return Group((cx.emitter.length(contents), cx.emitter.columns(contents)))
        case "size":
            return _count(cx, contents)
        case "ndim":
            return Literal(2, named=True)
        case _:
            cx.refuse("HY6104", f"the attribute {node.attr} is not taken", node, hint="write a.shape, len(a) or a.T")


def transposed(cx: Context, matrix: Operand, node: ast.expr) -> Operand:
    """NumPy shares the memory, so nobody may write to either."""
    if isinstance(matrix, ArrayRef):
        return matrix
    if not isinstance(matrix, MatrixRef):
        cx.refuse("HY6106", f"{type_name(matrix)} is not transposed", node, hint="transpose a 2-d array")
    if matrix.owned and _names_it(cx, node):
        cx.refuse("HY6109", "the transposition of an array that this function makes is not taken", node,
                  note="NumPy's shares its memory: later writes show in both",
                  hint="transpose a copy: a.copy().T")  # fmt: skip
    contents = cx.contents(matrix)
    kind = array_type(contents)
    turned = ArrayType(kind.element, kind.shape[::-1])
    value = cx.emitter.emit("transpose", (contents,), turned, (("permutation", (1, 0)),))
    return cx.new_reference(value, owned=matrix.owned)


def _names_it(cx: Context, node: ast.expr) -> bool:
    """Whether what is transposed is a name, by which it may be written to later."""
    match node:
        case ast.Attribute(value=inner) | ast.Call(args=[inner]) | ast.Call(func=ast.Attribute(value=inner), args=[]):
            return isinstance(inner, ast.Name)
        case _:
            return True


# Elements and rows


def subscript(cx: Context, node: ast.Subscript, lower: LowerExpression) -> Operand | None:
    """`a[i, j]`, `a[i][j]`, `a[i]` and `a.shape[k]` of a matrix; None for another array."""
    match node:
        case ast.Subscript(value=ast.Attribute(value=base, attr="shape"), slice=index) if is_matrix(cx, base):
            return _size(cx, base, index, lower)
        case _:
            pass
    place = element(cx, node)
    if place is not None:
        matrix = lower(cx, place[0])
        assert isinstance(matrix, MatrixRef)
        contents = cx.contents(matrix)
        positions = arrays.positions_of(cx, contents, [lower(cx, i) for i in place[1]], node)
        return arrays.widened(cx, cx.emitter.emit("get", (contents, *positions), array_type(contents).element))
    if not is_matrix(cx, node.value):
        return None
    if isinstance(node.slice, ast.Slice | ast.Tuple):
        hint = "read elements, a[i, j], or rows, a[i]; pass a column as an argument of its own"
        cx.refuse("HY6104", "this part of a 2-d array is not taken", node.slice, hint=hint)
    matrix = lower(cx, node.value)
    assert isinstance(matrix, MatrixRef)
    return _row(cx, matrix, lower(cx, node.slice), node)


def _size(cx: Context, base: ast.expr, index: ast.expr, lower: LowerExpression) -> Operand:
    matrix, axis = lower(cx, base), lower(cx, index)
    assert isinstance(matrix, MatrixRef)
    if not isinstance(axis, Literal) or axis.value not in (0, 1, -1, -2) or isinstance(axis.value, bool):
        cx.refuse("HY6104", "an axis of a shape is a constant", index, hint="write a.shape[0] or a.shape[1]")
    contents = cx.contents(matrix)
    return cx.emitter.length(contents) if axis.value in (0, -2) else cx.emitter.columns(contents)


def element(cx: Context, node: ast.Subscript) -> tuple[ast.expr, Sequence[ast.expr]] | None:
    """The matrix and both indices of `a[i, j]` or `a[i][j]`; None for another place."""
    match node:
        case ast.Subscript(value=base, slice=ast.Tuple(elts=[i, j])) if is_matrix(cx, base):
            pass
        case ast.Subscript(value=ast.Subscript(value=base, slice=i), slice=j) if is_matrix(cx, base):
            pass
        case _:
            return None
    return None if any(isinstance(x, ast.Slice | ast.Tuple) for x in (i, j)) else (base, (i, j))


def _row(cx: Context, matrix: MatrixRef, index: Operand, node: ast.Subscript) -> ArrayRef:
    """Row i: the elements from i * columns on, of all elements one after the other."""
    if matrix.owned:
        cx.refuse("HY6109", "a row of an array that this function makes is not taken here", node,
                  note="NumPy's row shares its memory: later writes show in both",
                  hint="read its elements, a[i, j]")  # fmt: skip
    emitter, contents = cx.emitter, cx.contents(matrix)
    i = arrays.position_of(cx, contents, index, node)
    rows, columns = emitter.length(contents), emitter.columns(contents)
    emitter.emit("get", (_numbers(cx, rows), i), I64)  # IndexError where there is no such row
    start = emitter.emit("mul.wrap", (i, columns), I64)  # exact, as are all places in an array
    end = emitter.emit("add.wrap", (start, columns), I64)
    kind = ArrayType(array_type(contents).element, (cx.fresh_size(),))
    row = emitter.emit("slice", (flat(cx, contents), start, end), kind)
    emitter.has_length(row, columns)
    return cx.new_array(row, owned=False)


def _numbers(cx: Context, count: Value) -> Value:
    """0, 1, .. below the count, as an array in which an index is inside where a row of that number is there."""
    return cx.emitter.emit("iota", (count,), ArrayType(I64, (cx.fresh_size(),)))


def flat(cx: Context, contents: Value) -> Value:
    """All elements of a matrix one after the other."""
    count = _count(cx, contents)
    return cx.emitter.emit("reshape", (contents, count), ArrayType(array_type(contents).element, (cx.fresh_size(),)))


def _count(cx: Context, contents: Value) -> Value:
    """How many elements a matrix has."""
    sizes = (cx.emitter.length(contents), cx.emitter.columns(contents))
    return cx.emitter.emit("mul.wrap", sizes, I64)  # exact: the elements are in memory, or there are none


# Products


def product(cx: Context, left: Operand, right: Operand, node: ast.AST) -> Operand:
    """`left @ right` of matrices and vectors, as NumPy has it: integers wrap in the type that both fit."""
    for operand in (left, right):
        if not isinstance(operand, Reference):
            hint = "multiply numbers with *, and arrays with @"
            cx.refuse("HY6106", f"{type_name(operand)} is no operand of a matrix product", node, hint=hint)
    assert isinstance(left, Reference)
    assert isinstance(right, Reference)
    a, b = cx.contents(left), cx.contents(right)
    kind = _common_type(cx, array_type(a).element, array_type(b).element, node)
    if isinstance(left, ArrayRef) and isinstance(right, ArrayRef):
        return arrays.widened(cx, _inner(cx, a, b, kind))
    if isinstance(left, ArrayRef):
        return _vector(cx, _contracted(cx, _as_matrix(cx, a, 0), b, kind), 0)
    if isinstance(right, ArrayRef):
        return _vector(cx, _contracted(cx, a, _as_matrix(cx, b, 1), kind), 1)
    return cx.new_reference(_contracted(cx, a, b, kind), owned=True)


def _common_type(cx: Context, a: Type, b: Type, node: ast.AST) -> IntType | FloatType:
    names = {kind: name for name, kind in ELEMENT_TYPES.items()}
    found = np.promote_types(names[a], names[b]).name
    kind = ELEMENT_TYPES.get(found)
    if isinstance(kind, FloatType) and not (isinstance(a, FloatType) and a == b):
        what = f"the product of arrays of {in_words(a)} and {in_words(b)} is not taken"
        cx.refuse("HY6106", what, node, hint=f"convert one of them before, with astype(np.{found})")
    if isinstance(kind, FloatType) and cx.options.fp != "reassoc":
        cx.refuse("HY6106", "the product of float matrices is not taken", node,
                  note="NumPy does not say in which order it adds, so its bits depend on the machine",
                  hint='grant any order by fp="reassoc", or write the loops in the order that you mean')  # fmt: skip
    if not isinstance(kind, IntType | FloatType):
        cx.refuse("HY6106", f"the product of arrays of {in_words(a)} is not taken", node, hint="use integers")
    return kind


def _step(cx: Context, kinds: Sequence[Type], kind: IntType | FloatType) -> tuple[Region, Region]:
    """The regions that multiply two elements and add the product."""
    emitter, wraps = cx.emitter, ".wrap" if isinstance(kind, IntType) else ""
    granted = () if wraps else arithmetic.granted(cx)
    x, y = (Value(emitter.fresh(stem), k) for stem, k in zip("xy", kinds, strict=True))
    with emitter.inside(emitter.child()) as block:
        factors = tuple(coerce(cx, v, kind, ast.Pass()) for v in (x, y))
        multiply = close(block, [emitter.emit(f"mul{wraps}", factors, kind, granted)], [x, y])
    total, more = (Value(emitter.fresh(stem), kind) for stem in ("s", "p"))
    with emitter.inside(emitter.child()) as block:
        add = close(block, [emitter.emit(f"add{wraps}", (total, more), kind, granted)], [total, more])
    return multiply, add


def _contracted(cx: Context, a: Value, b: Value, kind: IntType | FloatType) -> Value:
    (rows, _), (_, columns) = array_type(a).shape, array_type(b).shape
    regions = _step(cx, (array_type(a).element, array_type(b).element), kind)
    attributes = (("left", (1,)), ("right", (0,)))
    operands, result = (a, b, _zero(cx, kind)), ArrayType(kind, (rows, columns))
    (made,) = cx.emitter.equation("contract", operands, (result,), attributes=attributes, regions=regions)
    return made


def _zero(cx: Context, kind: IntType | FloatType) -> Value:
    return cx.emitter.constant(0.0 if isinstance(kind, FloatType) else 0, kind)


def _as_matrix(cx: Context, vector: Value, axis: int) -> Value:
    """A vector as a matrix of one row (axis 0) or column (axis 1)."""
    known = cx.emitter.vector_of.get(vector.name)
    if known is not None and known[1] == axis:
        return known[0]
    (size,) = array_type(vector).shape
    kind = ArrayType(array_type(vector).element, (1, size) if axis == 0 else (size, 1))
    return cx.emitter.emit("expand", (vector,), kind, (("axis", axis),))


def _vector(cx: Context, matrix: Value, axis: int) -> ArrayRef:
    """The only row (axis 0) or column (axis 1) of a matrix."""
    kind = array_type(matrix)
    vector = cx.emitter.emit("squeeze", (matrix,), ArrayType(kind.element, (kind.shape[1 - axis],)), (("axis", axis),))
    cx.emitter.vector_of[vector.name] = (matrix, axis)
    return cx.new_array(vector, owned=True)


def _inner(cx: Context, a: Value, b: Value, kind: IntType | FloatType) -> Value:
    """The sum of the products of the elements of two vectors; other lengths trap."""
    multiply, add = _step(cx, (array_type(a).element, array_type(b).element), kind)
    total = Value(cx.emitter.fresh("s"), kind)
    (x, y), (before, more) = multiply.parameters, add.parameters
    put = {before.name: total, more.name: multiply.results[0]}
    (last,) = add.equations
    summed = replace(last, operands=tuple(put[v.name] for v in last.operands))
    body = Region((x, y, total), (*multiply.equations, summed), add.results)
    operands = (a, b, _zero(cx, kind))
    (found,) = cx.emitter.equation("fold", operands, (kind,), attributes=(("arrays", 2),), regions=(body,))
    return found
