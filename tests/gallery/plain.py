"""The plain function as Python runs it, but with integers of 64 bits that trap, wrap or saturate: what a loop means.

The literals and the numbers of ranges and lengths of a function are made such words, so that every step is one. What
stands directly under `%` is exact where overflow traps, as it is for Hyperion. Elements of float32 arrays are NumPy's.
"""

from __future__ import annotations

import ast
import inspect
import math
import operator
import textwrap
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any  # values of every type

import numpy as np

LEAST, MOST = -(1 << 63), (1 << 63) - 1


class Word(int):
    """An integer of 64 bits; a result outside of them raises OverflowError."""

    @classmethod
    def fitted(cls, value: int) -> int:
        if LEAST <= value <= MOST:
            return cls(value)
        raise OverflowError("a step leaves 64 bits")


class Wrapping(Word):
    @classmethod
    def fitted(cls, value: int) -> int:
        return cls(((value - LEAST) & ((1 << 64) - 1)) + LEAST)


class Saturating(Word):
    @classmethod
    def fitted(cls, value: int) -> int:
        return cls(min(max(value, LEAST), MOST))


def _binary(name: str, of: Callable[[int, int], int]) -> None:
    def forward(self: Word, other: Any) -> Any:
        return type(self).fitted(of(int(self), int(other))) if isinstance(other, int) else NotImplemented

    def backward(self: Word, other: Any) -> Any:
        return type(self).fitted(of(int(other), int(self))) if isinstance(other, int) else NotImplemented

    setattr(Word, f"__{name}__", forward)
    setattr(Word, f"__r{name}__", backward)


for _name in ("add", "sub", "mul", "floordiv", "mod", "lshift", "rshift", "and", "or", "xor", "pow"):
    _binary(_name, getattr(operator, f"__{_name}__"))
for _name, _of in (("neg", operator.neg), ("abs", abs), ("invert", operator.invert), ("pos", operator.pos)):
    setattr(Word, f"__{_name}__", lambda self, of=_of: type(self).fitted(of(int(self))))

KINDS: dict[str, type[Word]] = {"trap": Word, "wrap": Wrapping, "sat": Saturating}


_CONSTANT = (ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop)


class _Words(ast.NodeTransformer):
    def visit(self, node: ast.AST) -> Any:
        """What consists of literals alone is a number: `-(2**63)` leaves nothing."""
        if isinstance(node, ast.BinOp | ast.UnaryOp) and all(isinstance(part, _CONSTANT) for part in ast.walk(node)):
            return self.visit(ast.Constant(eval(ast.unparse(node))))
        return super().visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return _call("_word", node) if type(node.value) is int else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        if not isinstance(node.op, ast.Mod):
            return ast.BinOp(self.visit(node.left), node.op, self.visit(node.right))
        return _call("_word", ast.BinOp(self._exact(node.left), ast.Mod(), _call("_exact", self.visit(node.right))))

    def _exact(self, node: ast.expr) -> ast.expr:
        match node:
            case ast.BinOp(left, ast.Add() | ast.Sub() | ast.Mult() as op, right):
                return ast.BinOp(self._exact(left), op, self._exact(right))
            case _:
                return _call("_exact", self.visit(node))


def _call(name: str, argument: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), [argument], [])


@cache
def in_words(function: Callable[..., Any], overflow: str) -> Callable[..., Any]:
    """The function on words."""
    kind = KINDS[overflow]

    def word(value: Any) -> Any:
        return kind.fitted(value) if type(value) is int or isinstance(value, Word) else value

    def exact(value: Any) -> Any:
        return int(value) if kind is Word and isinstance(value, Word) else value

    def filled(value: int) -> Callable[..., list[Any]]:
        def make(size: int, dtype: Any = np.float64) -> list[Any]:
            if size < 0:
                raise ValueError("negative dimensions are not allowed")
            return [float(value) if np.dtype(dtype).kind == "f" else word(value)] * size

        return make

    numpy = {
        **{name: getattr(np, name) for name in ("int64", "float64", "float32", "uint8", "int32", "abs", "log", "nan")},
        "zeros": filled(0),
        "empty": filled(0),
        "ones": filled(1),
        "full": lambda size, value, dtype=None: [value] * size,
        "zeros_like": lambda xs: [word(0) if isinstance(x, int) else 0.0 for x in xs],
    }
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    (definition,) = tree.body
    assert isinstance(definition, ast.FunctionDef)
    definition.decorator_list = []
    tree = ast.fix_missing_locations(_Words().visit(tree))
    names = {
        **vars(inspect.getmodule(function)),
        "_word": word,
        "_exact": exact,
        "range": lambda *bounds: map(word, range(*bounds)),
        "len": lambda xs: word(len(xs)),
        "enumerate": lambda xs, start=0: ((word(i), x) for i, x in enumerate(xs, start)),
        "int": lambda x: word(int(x)),
        "np": SimpleNamespace(**numpy),
        "math": math,
    }
    names.update({k: word(v) for k, v in names.items() if type(v) is int})
    exec(compile(tree, f"<{definition.name} in words>", "exec"), names)
    return names[definition.name]


def run(function: Callable[..., Any], overflow: str, arguments: Sequence[Any]) -> Any:
    """What the function means: its result, or the exception that it raises."""
    kind = KINDS[overflow]

    def taken(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return [kind(v) if type(v) is int else v for v in _elements(value)]
        return kind(value) if type(value) is int else value

    return _outcome(in_words(function, overflow), map(taken, arguments))


def run_unbounded(function: Callable[..., Any], arguments: Sequence[Any]) -> Any:
    """The same with Python's own integers, which is faster: for arguments with which no step leaves 64 bits."""
    return _outcome(function, (_elements(a) if isinstance(a, np.ndarray) else a for a in arguments))


def _elements(values: np.ndarray[Any, Any]) -> list[Any]:
    return list(values) if values.dtype == np.float32 else values.tolist()


def _outcome(function: Callable[..., Any], arguments: Iterable[Any]) -> Any:
    try:
        with np.errstate(all="ignore"):
            return function(*arguments)
    except (ArithmeticError, IndexError, ValueError) as error:
        return error
