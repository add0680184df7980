"""Loops over matrices: over rows, and over all elements.

rewrite:
    for row in a: body                            --> for i in range(len(a)): row = a[i]; body
    for i, row in enumerate(a): body              --> for i in range(len(a)): row = a[i]; body
    for row in a: for x in row: body              --> for x in all elements of a: body
    for i in range(len(a)):                       --> for x in all elements of a: body with x for a[i, j]
        for j in range(a.shape[1]): body with a[i, j]
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Sequence
from copy import deepcopy

from hyperion.ir.function import Value
from hyperion.ir.types import I64
from hyperion_python.context import Context
from hyperion_python.hidden import Counted, Flat, hidden_name, load, store
from hyperion_python.liveness import Names, assigned
from hyperion_python.matrices import is_matrix
from hyperion_python.operands import MatrixRef


def over_matrix(cx: Context, node: ast.For, after: Names) -> ast.For | None:
    """The loop over a matrix as another one; None for any other loop."""
    return _over_elements(cx, node, after) or _over_places(cx, node, after) or _over_rows(cx, node)


def _over_rows(cx: Context, node: ast.For) -> ast.For | None:
    match node.iter, node.target:
        case ast.Name() as base, ast.Name(id=row) if is_matrix(cx, base):
            number = hidden_name("row", cx.loops)
            cx.local.add(number)
        case (
            ast.Call(func=ast.Name() as function, args=[ast.Name() as base], keywords=[]),
            ast.Tuple(elts=[ast.Name(id=number), ast.Name(id=row)]),
        ) if is_matrix(cx, base) and cx.resolve(function) is builtins.enumerate:
            pass
        case _:
            return None
    at = node.iter
    size = ast.copy_location(ast.Attribute(load(base.id, at), "shape", ast.Load()), at)
    rows = ast.copy_location(ast.Subscript(size, ast.copy_location(ast.Constant(0), at), ast.Load()), at)
    zero, one = (ast.copy_location(ast.Constant(x), at) for x in (0, 1))
    read = ast.copy_location(ast.Subscript(load(base.id, at), load(number, at), ast.Load()), at)
    target = ast.copy_location(ast.Name(number, ast.Store()), node.target)
    numbers = ast.copy_location(Counted(zero, rows, one), at)
    return ast.copy_location(ast.For(target, numbers, [store(row, read, at), *node.body], node.orelse), node)


def _over_elements(cx: Context, node: ast.For, after: Names) -> ast.For | None:
    """`for row in a: for x in row: body`, where the row is read for nothing else."""
    match node:
        case ast.For(
            target=ast.Name(id=row),
            iter=ast.Name() as base,
            body=[ast.For(target=ast.Name(id=x) as target, iter=ast.Name(id=inner), body=body, orelse=[])],
            orelse=[],
        ) if inner == row != x and is_matrix(cx, base):
            pass
        case _:
            return None
    names = {n.id for s in body for n in ast.walk(s) if isinstance(n, ast.Name)}
    if names & {row, base.id} & assigned(body).keys() or row in names or {row, x} & after:
        return None
    return _flat(node, base.id, target, body)


def _flat(node: ast.For, matrix: str, target: ast.Name, body: Sequence[ast.stmt]) -> ast.For:
    everything = ast.copy_location(Flat(load(matrix, node.iter)), node.iter)
    return ast.copy_location(ast.For(target, everything, [*body], []), node)


def _over_places(cx: Context, node: ast.For, after: Names) -> ast.For | None:
    """Both indices over all of a matrix, which the body reads there, and uses them for nothing else."""
    match node:
        case ast.For(
            target=ast.Name(id=i),
            iter=rows,
            body=[ast.For(target=ast.Name(id=j) as target, iter=columns, body=body, orelse=[])],
            orelse=[],
        ) if i != j and not {i, j} & after:
            pass
        case _:
            return None
    reads = _Reads(cx, i, j)
    for statement in body:
        reads.visit(statement)
    if reads.other or len(reads.matrices) != 1:
        return None
    (name,) = reads.matrices
    stores = assigned(body)
    written = any(isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store) and _base(n) == name
                  for s in body for n in ast.walk(s))  # fmt: skip
    again = {n.id for n in ast.walk(columns) if isinstance(n, ast.Name)}  # read anew in each turn of the outer loop
    if {i, j, name, *again} & stores.keys() or i in again or written:
        return None
    if not (_is_size(cx, rows, name, 0) and _is_size(cx, columns, name, 1)):
        return None
    x = hidden_name("x", cx.loops)
    cx.local.add(x)
    put = _Put(cx, i, j, x)
    replaced = [put.visit(deepcopy(s)) for s in body]
    return _flat(node, name, ast.copy_location(ast.Name(x, ast.Store()), target), replaced)


def _base(node: ast.expr) -> str:
    while isinstance(node, ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _place(cx: Context, node: ast.Subscript, i: str, j: str) -> str:
    """The matrix of which the element at i and j is read; empty for anything else."""
    match node:
        case ast.Subscript(
            value=ast.Name(id=name) as base, slice=ast.Tuple(elts=[ast.Name(id=first), ast.Name(id=second)])
        ):
            pass
        case ast.Subscript(
            value=ast.Subscript(value=ast.Name(id=name) as base, slice=ast.Name(id=first)), slice=ast.Name(id=second)
        ):
            pass
        case _:
            return ""
    read = isinstance(node.ctx, ast.Load) and (first, second) == (i, j)
    return name if read and is_matrix(cx, base) else ""


class _Reads(ast.NodeVisitor):
    """The matrices that are read at i and j, and whether these are used otherwise."""

    def __init__(self, cx: Context, i: str, j: str) -> None:
        self._cx, self._i, self._j = cx, i, j
        self.matrices: set[str] = set()
        self.other = False

    def visit_Subscript(self, node: ast.Subscript) -> None:
        name = _place(self._cx, node, self._i, self._j)
        if name:
            self.matrices.add(name)
        else:
            self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        self.other = self.other or node.id in (self._i, self._j)


class _Put(ast.NodeTransformer):
    """Writes x for the elements at i and j."""

    def __init__(self, cx: Context, i: str, j: str, x: str) -> None:
        self._cx, self._i, self._j, self._x = cx, i, j, x

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        return load(self._x, node) if _place(self._cx, node, self._i, self._j) else self.generic_visit(node)


def _is_size(cx: Context, node: ast.expr, name: str, axis: int) -> bool:
    """Whether it is the range of the indices of that axis of the matrix."""
    match node:
        case ast.Call(func=ast.Name() as function, args=[size], keywords=[]) if cx.resolve(function) is builtins.range:
            pass
        case _:
            return False
    match size:
        case ast.Call(func=ast.Name() as function, args=[ast.Name(id=of)], keywords=[]):
            return axis == 0 and of == name and cx.resolve(function) is builtins.len
        case ast.Subscript(value=ast.Attribute(value=ast.Name(id=of), attr="shape"), slice=ast.Constant(value=int(at))):
            return of == name and at == axis
        case ast.Name(id=held) if held in cx.local:
            matrix, value = cx.environment.get(name), cx.environment.get(held)
            if not isinstance(matrix, MatrixRef) or not isinstance(value, Value):
                return False
            root = cx.emitter.root(cx.contents(matrix).name)
            return cx.emitter.block.find(("columns" if axis else "len", root, I64)) == value
        case _:
            return False
