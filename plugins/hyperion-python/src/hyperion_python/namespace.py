"""What the free names of a function mean: closure, globals and builtins, read when it is compiled."""

from __future__ import annotations

import ast
import builtins
import math
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeGuard

import numpy as np

MISSING = object()

Lookup = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Namespace:
    """`lookup(name)` is the object that a free name stands for, or MISSING."""

    lookup: Lookup

    def resolve(self, node: ast.expr) -> object:
        """The object of a name or of an attribute of a module (`np.float32`), or MISSING."""
        match node:
            case ast.Name(id=name):
                return self.lookup(name)
            case ast.Attribute(value=inner, attr=attribute):
                owner = self.resolve(inner)
                return getattr(owner, attribute, MISSING) if isinstance(owner, types.ModuleType) else MISSING
            case _:
                return MISSING


def namespace_of_function(function: types.FunctionType) -> Namespace:
    """The free names of a loaded function as they stand now."""
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    names = function.__globals__

    def lookup(name: str) -> object:
        if name in cells:
            try:
                return cells[name].cell_contents
            except ValueError:  # the enclosing function has not assigned it yet
                return MISSING
        return names.get(name, getattr(builtins, name, MISSING))

    return Namespace(lookup)


def namespace_of_module(tree: ast.Module, functions: Mapping[str, object]) -> Namespace:
    """The top-level names of a text: imports of math and numpy, numbers and the given functions."""
    known: dict[str, object] = {}
    for statement in tree.body:
        match statement:
            case ast.Import(names=names):
                known.update(_imported_modules(names))
            case ast.ImportFrom(module="math" | "numpy" as module, names=names, level=0):
                owner = math if module == "math" else np
                known.update({n.asname or n.name: getattr(owner, n.name, MISSING) for n in names})
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                known[name] = _number(value)
            case _:
                pass
    for name in _reassigned(tree):
        known.pop(name, None)

    def lookup(name: str) -> object:
        if name in functions:
            return functions[name]
        return known.get(name, getattr(builtins, name, MISSING))

    return Namespace(lookup)


def _reassigned(tree: ast.Module) -> set[str]:
    """Names of the module that are stored more than once, so that no single value can be read off the text."""
    stored = [n.id for s in _outside_functions(tree) for n in ast.walk(s) if _is_store(n)]
    shared = {name for n in ast.walk(tree) if isinstance(n, ast.Global) for name in n.names}
    return {name for name in stored if stored.count(name) > 1} | shared


def _outside_functions(tree: ast.Module) -> list[ast.stmt]:
    return [s for s in tree.body if not isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef)]


def _is_store(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)


def _imported_modules(names: list[ast.alias]) -> dict[str, object]:
    modules: dict[str, object] = {"math": math, "numpy": np}
    return {n.asname or n.name: modules[n.name] for n in names if n.name in modules}


def _number(node: ast.expr) -> object:
    """A literal number, signed or combined by + - * ** <<, or MISSING."""
    match node:
        case ast.Constant(value=bool() | int() | float() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            value = _number(operand)
            return -value if isinstance(value, int | float) else MISSING
        case ast.BinOp(left=left, op=operator, right=right):
            a, b = _number(left), _number(right)
            if not isinstance(a, int | float) or not isinstance(b, int | float):
                return MISSING
            return _combined(operator, a, b)
        case _:
            return MISSING


def _combined(operator: ast.operator, a: float, b: float) -> object:
    match operator:
        case ast.Add():
            return a + b
        case ast.Sub():
            return a - b
        case ast.Mult():
            return a * b
        case ast.Pow() if isinstance(a, int) and isinstance(b, int) and 0 <= b <= 128 and abs(a) < 1 << 64:
            return a**b
        case ast.LShift() if isinstance(a, int) and isinstance(b, int) and 0 <= b <= 128:
            return a << b
        case _:
            return MISSING
