"""The plain function under Hyperion's rule for ints, to compare with: every step on ints stays within 64 bits."""

from __future__ import annotations

import ast
import builtins
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from hyperion.errors import HyperionError
from hyperion.interfaces.frontend import CompileOptions
from hyperion.ir.parser import parse_program
from hyperion.ir.printer import print_program
from hyperion.ir.verifier import verify
from hyperion_interp.interpreter import interpret
from hyperion_python.frontend import PythonFrontend

TRAPS = (OverflowError, ZeroDivisionError, IndexError, ValueError)


class Step64(int):
    """A Python int whose steps raise OverflowError outside 64 bits."""


def _step(name: str) -> Callable[..., Any]:
    plain = getattr(int, name)

    def step(self: int, *others: object) -> object:
        result = plain(self, *others)
        if type(result) is not int:
            return result
        if not -(2**63) <= result < 2**63:
            raise OverflowError(name)
        return Step64(result)

    return step


for _stem in ("add", "sub", "mul", "floordiv", "mod", "and", "or", "xor", "lshift", "rshift"):
    for _name in (f"__{_stem}__", f"__r{_stem}__"):
        setattr(Step64, _name, _step(_name))
for _name in ("__neg__", "__pos__", "__abs__", "__invert__", "__pow__"):
    setattr(Step64, _name, _step(_name))


class _Exact(ast.NodeTransformer):
    """Makes int constants checked, and forms `(a * b + c) % m` exactly."""

    def visit_Import(self, node: ast.Import) -> ast.AST | None:
        return None  # math and np are given

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if type(node.value) is int and -(2**63) <= node.value < 2**63:
            return ast.copy_location(_call("Step64", node), node)
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        return _folded(node) or self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        folded = _folded(node)
        if folded is not None:
            return folded
        if isinstance(node.op, ast.Mod) and isinstance(node.left, ast.BinOp | ast.UnaryOp):
            left, right = self._exact(node.left), _call("int_", self.visit(node.right))
            return ast.copy_location(_call("Step64", ast.BinOp(left, ast.Mod(), right)), node)
        return self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if isinstance(node.value, ast.Attribute):  # xs.shape[0]
            return node
        return self.generic_visit(node)

    def _exact(self, node: ast.expr) -> ast.expr:
        match node:
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() as op, right=right):
                return ast.BinOp(self._exact(left), op, self._exact(right))
            case ast.UnaryOp(op=ast.USub() as op, operand=operand):
                return ast.UnaryOp(op, self._exact(operand))
            case _:
                return _call("int_", self.visit(node))


def _folded(node: ast.expr) -> ast.AST | None:
    """A constant expression as CPython folds it: exactly."""
    allowed = ast.Constant | ast.UnaryOp | ast.BinOp | ast.operator | ast.unaryop
    if not all(isinstance(n, allowed) for n in ast.walk(node)):
        return None
    try:
        value = eval(compile(ast.Expression(node), "<constant>", "eval"))
    except (ArithmeticError, ValueError):
        return None
    constant = ast.copy_location(ast.Constant(value), node)
    return _Exact().visit_Constant(constant)


def _call(name: str, argument: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), [argument], [])


class _Arrays:
    """Stands in for numpy: arrays of Python numbers."""

    def __getattr__(self, name: str) -> object:
        return getattr(np, name)

    def zeros(self, n: Any, dtype: object = float) -> Any:
        n = n[0] if isinstance(n, tuple) else n
        if n < 0:
            raise ValueError("negative dimensions are not allowed")
        start: object = 0.0
        if np.dtype(dtype).kind in "iu":  # type: ignore[call-overload]
            start = Step64(0)
        elif np.dtype(dtype).kind == "b":  # type: ignore[call-overload]
            start = False
        return _objects([start] * n)

    empty = zeros

    def zeros_like(self, xs: Any) -> Any:
        return _objects([Step64(0) if isinstance(x, int) else 0.0 for x in xs])

    empty_like = zeros_like


def _objects(items: Sequence[object]) -> Any:
    array = np.empty(len(items), dtype=object)
    for i, item in enumerate(items):
        array[i] = item
    return array


class _Range:
    """A range of checked ints."""

    def __init__(self, *bounds: int) -> None:
        self.numbers = range(*bounds)

    def __iter__(self) -> Iterator[int]:
        return map(Step64, self.numbers)

    def __reversed__(self) -> Iterator[int]:
        return map(Step64, reversed(self.numbers))


def plain(text: str, name: str) -> Callable[..., object]:
    """The function of a text, with checked ints."""
    tree = ast.fix_missing_locations(_Exact().visit(ast.parse(text)))
    names: dict[str, Any] = {
        "Step64": Step64, "int_": builtins.int, "math": math, "np": _Arrays(),
        "int": lambda x: _step("__pos__")(int(x)), "len": lambda x: Step64(len(x)),
        "range": _Range, "enumerate": lambda x, start=0: ((_step("__pos__")(i), v) for i, v in enumerate(x, start)),
    }  # fmt: skip
    exec(compile(tree, "<plain>", "exec"), names)
    return names[name]


def _argument(value: object) -> object:
    if isinstance(value, np.ndarray):
        if value.dtype.kind in "iu":
            return _objects([Step64(x) for x in value.tolist()])
        return _objects(value.tolist()) if value.dtype in (np.float64, np.bool_) else value
    return Step64(value) if type(value) is int else value


def normal(value: object) -> object:
    """A result as something that compares by type and bits."""
    if isinstance(value, np.ndarray | list):
        return [normal(x) for x in value]
    if isinstance(value, tuple):
        return tuple(normal(x) for x in value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return "bool", value
    if isinstance(value, int):
        return "int", int(value)
    assert isinstance(value, float)
    return "float", "nan" if math.isnan(value) else value.hex()


def outcome(function: Callable[[], object]) -> object:
    try:
        return normal(function())
    except TRAPS as error:
        return next(kind.__name__ for kind in TRAPS if isinstance(error, kind))


class Harness:
    """Lowers, verifies, prints, parses and runs functions given as text."""

    def __init__(self) -> None:
        self.frontend = PythonFrontend()

    def lower(self, text: str, *arguments: object, name: str = "f", **options: Any) -> Any:
        signature = self.frontend.signature(arguments)
        program = self.frontend.lower((text, name), signature, CompileOptions(**options))
        verify(program)
        assert print_program(parse_program(print_program(program))) == print_program(program)
        return program

    def run(self, text: str, *arguments: object, name: str = "f", **options: Any) -> object:
        program = self.lower(text, *arguments, name=name, **options)
        results = interpret(program, [a.tolist() if isinstance(a, np.ndarray) else a for a in arguments], 100_000)
        return results[0] if len(results) == 1 else tuple(results)

    def agree(self, text: str, *cases: Sequence[object], name: str = "f") -> None:
        """Every case gives what the plain function gives, or the same kind of exception."""
        function = plain(text, name)
        for case in cases:
            got = outcome(lambda case=case: self.run(text, *case, name=name))
            wanted = outcome(lambda case=case: function(*map(_argument, case)))
            assert got == wanted, f"{case}: {got} for {wanted}"

    def refused(
        self, text: str, *arguments: object, code: str, at: str, name: str = "f", **options: Any
    ) -> HyperionError:
        """The refusal, whose caret has to point at the text `at`."""
        with pytest.raises(HyperionError) as caught:
            self.lower(text, *arguments, name=name, **options)
        error = caught.value
        assert error.code == code, error
        assert error.span is not None
        assert error.hints, error
        line = text.splitlines()[error.span.line - 1]
        assert error.span.text == line
        assert line[error.span.column - 1 :].startswith(at), f"{line[error.span.column - 1 :]!r}\n{error}"
        return error


@pytest.fixture(scope="session")
def harness() -> Harness:
    return Harness()
