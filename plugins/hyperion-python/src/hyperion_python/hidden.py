"""Names that the frontend makes, which no Python program can have: flags, results and accumulators."""

from __future__ import annotations

import ast
from typing import Final

DONE: Final = "done"
RETURNED: Final = "returned"
RESULT: Final = "result"


def hidden_name(stem: str, number: int | str) -> str:
    return f"<{stem} {number}>"


def is_hidden(name: str, stem: str | None = None) -> bool:
    return name.startswith("<" if stem is None else f"<{stem} ")


def is_flag(name: str) -> bool:
    return is_hidden(name, DONE) or is_hidden(name, RETURNED)


def stem_of(name: str) -> str:
    """What a value of the IR is called after the name."""
    if name.startswith("["):
        return "a"
    return name[1:].split(" ")[0] if is_hidden(name) else name


class Hole(ast.expr):
    """A value that is never read: what a name holds before the turn that assigns it. It has any type."""


def load(name: str, at: ast.AST) -> ast.expr:
    return ast.copy_location(ast.Name(name, ast.Load()), at)


def store(name: str, value: ast.expr, at: ast.AST) -> ast.stmt:
    """The assignment of a value to a name."""
    target = ast.copy_location(ast.Name(name, ast.Store()), at)
    return ast.copy_location(ast.Assign([target], value), at)


def truth(value: bool, at: ast.AST) -> ast.expr:
    return ast.copy_location(ast.Constant(value), at)


def branch(test: ast.expr, then: list[ast.stmt], otherwise: list[ast.stmt], at: ast.AST) -> ast.stmt:
    return ast.copy_location(ast.If(test, then or [ast.copy_location(ast.Pass(), at)], otherwise), at)


def negated(test: ast.expr, at: ast.AST) -> ast.expr:
    return ast.copy_location(ast.UnaryOp(ast.Not(), test), at)


def exit_of(loop: ast.For | ast.While) -> tuple[str | None, list[ast.stmt]]:
    """The flag that ends a loop early, and the body of a turn in which it is not set.

    A for loop has its whole body under `if flag: pass else: ...`; a while loop tests `not flag` first.
    """
    match loop:
        case ast.For(body=[ast.If(test=ast.Name(id=flag), body=[ast.Pass()], orelse=body)]) if is_hidden(flag):
            return flag, body
        case (
            ast.While(test=ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=flag)))
            | ast.While(test=ast.BoolOp(op=ast.And(), values=[ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=flag)), _]))
        ) if is_hidden(flag):
            return flag, loop.body
        case _:
            return None, loop.body


class Counted(ast.expr):
    """The numbers of range(low, high, step), whatever range is bound to."""

    _fields = ("low", "high", "step")

    def __init__(self, low: ast.expr, high: ast.expr, step: ast.expr) -> None:
        super().__init__()
        self.low = low
        self.high = high
        self.step = step


class Between(ast.expr):
    """The elements of the array of that name from `low` up to `high`, numbers that are bounds as Python clamps them."""

    _fields = ("array", "low", "high")

    def __init__(self, array: ast.expr, low: ast.expr, high: ast.expr) -> None:
        super().__init__()
        self.array = array
        self.low = low
        self.high = high


class Flat(ast.expr):
    """All elements of a matrix, row by row."""

    _fields = ("matrix",)

    def __init__(self, matrix: ast.expr) -> None:
        super().__init__()
        self.matrix = matrix


class Extremum(ast.expr):
    """The first of two numbers that the other does not beat, as max and min have it."""

    _fields = ("left", "right", "largest")

    def __init__(self, left: ast.expr, right: ast.expr, largest: bool) -> None:
        super().__init__()
        self.left = left
        self.right = right
        self.largest = largest
