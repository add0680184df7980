"""Loops that hold the index of the best element so far hold the element too.

rewrite:
    best = 0                                 best = 0
    for i in range(1, len(xs)):              x = xs[0] if len(xs) > 0 else 0
        if xs[i] > xs[best]:         -->     for i in range(1, len(xs)):
            best = i                             if xs[i] > x:
                                                     best = i
                                                     x = xs[i]

Where the array is read at the held index in comparisons with its element at the index of the turn only, and the held
index is set in their branches only, to the index of the turn. So the element at that index was read before, and where
the array is empty, reading it raises the same IndexError.
"""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass

from hyperion.ir.types import BOOL, I64
from hyperion_python.context import Context, array_type
from hyperion_python.hidden import hidden_name, load, store
from hyperion_python.liveness import assigned
from hyperion_python.operands import ArrayRef, Literal


@dataclass(frozen=True, slots=True)
class _Held:
    """The names of an array, of an index of it that a loop holds, and of the index of the turn."""

    array: str
    held: str
    index: str

    def compares(self, test: ast.expr) -> bool:
        """Whether a test compares the element at the held index with the one of the turn."""
        match test:
            case ast.Compare(left=left, ops=[_], comparators=[right]):
                return {self._place(left), self._place(right)} == {self.held, self.index}
            case _:
                return False

    def _place(self, node: ast.expr) -> str | None:
        match node:
            case ast.Subscript(value=ast.Name(id=array), slice=ast.Name(id=place)) if array == self.array:
                return place
            case _:
                return None

    def reads(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Subscript) and self._place(node) == self.held

    def sets(self, node: ast.AST) -> bool:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name(id=value)):
                return (name, value) == (self.held, self.index)
            case _:
                return False


def with_held_elements(cx: Context, node: ast.For) -> list[ast.stmt] | None:
    """What stands for the loop: the element that it starts with, and the loop; None where it holds no such index."""
    if not isinstance(node.target, ast.Name) or node.orelse:
        return None
    held = _held(cx, node, node.target.id)
    if held is None:
        return None
    cx.reductions += 1
    some, element = hidden_name("some", cx.reductions), hidden_name("held", cx.reductions)
    reference = cx.environment[held.array]
    assert isinstance(reference, ArrayRef)
    contents = cx.contents(reference)
    size = cx.emitter.length(contents)
    cx.environment[some] = cx.emitter.emit("lt", (cx.emitter.constant(0, I64), size), BOOL)
    cx.local.add(some)
    zero = {"f": 0.0, "b": False}.get(str(array_type(contents).element)[0], 0)
    first = ast.Subscript(load(held.array, node), ast.copy_location(ast.Constant(0), node), ast.Load())
    choice = ast.IfExp(load(some, node), ast.copy_location(first, node), ast.copy_location(ast.Constant(zero), node))
    body = [_Holding(held, element).visit(copy.deepcopy(s)) for s in node.body]
    loop = ast.copy_location(ast.For(node.target, node.iter, body, []), node)
    cx.local.add(element)
    return [store(element, ast.copy_location(choice, node), node), loop]


def _held(cx: Context, node: ast.For, index: str) -> _Held | None:
    stores = assigned(node.body)
    inside = [n for s in node.body for n in ast.walk(s)]
    if index in stores or any(isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store) for n in inside):
        return None
    for n in inside:
        match n:
            case ast.Subscript(value=ast.Name(id=array), slice=ast.Name(id=name)) if name in stores:
                found = _Held(array, name, index)
                if array not in stores and _is_zero(cx, name) and isinstance(cx.environment.get(array), ArrayRef):
                    return found if _only_compared(found, inside) else None
            case _:
                pass
    return None


def _is_zero(cx: Context, name: str) -> bool:
    start = cx.environment.get(name)
    return isinstance(start, Literal) and type(start.value) is int and start.value == 0


def _only_compared(held: _Held, inside: list[ast.AST]) -> bool:
    """Whether all reads are in comparisons, and all assignments in their branches."""
    choices = [n for n in inside if isinstance(n, ast.If) and held.compares(n.test)]
    set_there = sum(held.sets(s) for n in choices for s in (*n.body, *n.orelse))
    stored = sum(isinstance(n, ast.Name) and n.id == held.held and isinstance(n.ctx, ast.Store) for n in inside)
    return len(choices) == sum(map(held.reads, inside)) and set_there == stored


class _Holding(ast.NodeTransformer):
    """Puts the held element for what is read at the held index, and keeps it where the index is set."""

    def __init__(self, held: _Held, element: str) -> None:
        self._held = held
        self._element = element

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        return load(self._element, node) if self._held.reads(node) else self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST | list[ast.stmt]:
        if not self._held.sets(node):
            return self.generic_visit(node)
        now = ast.Subscript(load(self._held.array, node), load(self._held.index, node), ast.Load())
        return [node, store(self._element, ast.copy_location(now, node), node)]
