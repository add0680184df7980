"""The numbers that terms of the logic stand for, against which proofs are tested; and terms from shapes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import pytest

from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.terms import Term

Number = Any  # a truth value, an int or a Fraction, as the term's type says

OPERATIONS: dict[str, Callable[..., Number]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "neg": lambda a: -a,
    "abs": abs,
    "max": max,
    "min": min,
    "le": lambda a, b: a <= b,
    "lt": lambda a, b: a < b,
    "eq": lambda a, b: a == b,
    "radd": lambda a, b: a + b,
    "rsub": lambda a, b: a - b,
    "rmul": lambda a, b: a * b,
    "rneg": lambda a: -a,
    "cond": lambda c, a, b: a if c else b,
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
    "xor": lambda a, b: a != b,
    "not": lambda a: not a,
    "true": True,
    "false": False,
}


def number(x: Term, values: Mapping[Term, Number]) -> Number:
    """The value of a term where its variables have these values."""
    done: dict[Term, Number] = {}
    for u in t.subterms(x):
        match u.kind:
            case "V":
                done[u] = values[u]
            case "K":
                done[u] = literals.int_value(u) if u.type is t.INT else Fraction(u.name)
            case "C":
                done[u] = OPERATIONS[u.name]
            case "A":
                f, y = done[u.function], done[u.argument]
                done[u] = _applied(f, y, u)
            case "T":
                done[u] = tuple(done[i] for i in u.items)
            case "P":
                done[u] = done[u.body][u.index]
            case _:
                raise AssertionError(u.kind)
    return done[x]


def _applied(f: Any, y: Number, x: Term) -> Number:
    args, head = [y], x.function
    if isinstance(f, tuple):
        args, f = [*f[1:], y], f[0]
    while head.kind == "A":
        head = head.function
    arity = {"neg": 1, "abs": 1, "rneg": 1, "not": 1, "cond": 3}.get(head.name, 2)
    return f(*args) if len(args) == arity else (f, *args)


def built(shape: Any, ty: t.Ty = t.INT) -> Term:
    """A term from nested tuples: ("add", "a", 3)."""
    if isinstance(shape, str):
        return t.var(shape, ty)
    if isinstance(shape, bool):
        return t.const(str(shape).lower(), t.BOOL)
    if isinstance(shape, int):
        return literals.int_lit(shape) if ty is t.INT else literals.real_lit(Fraction(shape))
    op, *rest = shape
    return apply(op, *(built(r, ty) for r in rest))


@pytest.fixture(scope="session")
def numeric() -> Callable[[Term, Mapping[Term, Number]], Number]:
    return number


@pytest.fixture(scope="session")
def term() -> Callable[..., Term]:
    return built
