"""The numbers that terms of the logic stand for, against which proofs are tested."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import pytest

from hyperion.ir.types import IntType
from hyperion.logic import literals
from hyperion.logic import terms as t
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
    "not": lambda a: not a,
    "within": lambda p, a: -p <= a <= p,
    "true": True,
    "false": False,
}


def _word(text: str) -> IntType:
    return IntType(int(text[1:]), text[0] == "i")


def number(x: Term, values: Mapping[Term, Number]) -> Number:
    """The value of a term where its variables have these values; words are their integers."""
    match x.kind:
        case "V":
            return values[x]
        case "K":
            return literals.int_value(x) if x.type is t.INT else Fraction(x.name)
        case "T":
            return tuple(number(i, values) for i in x.items)
        case "P":
            return number(x.body, values)[x.index]
        case _:
            pass
    arguments: list[Number] = []
    while x.kind == "A":
        arguments.insert(0, number(x.argument, values))
        x = x.function
    name, _, word = x.name.partition(".")
    match name:
        case "toZ":
            return arguments[0]
        case "ofZ":
            return _word(word).wrap(arguments[0])
        case "inr":
            return _word(word).contains(arguments[0])
        case _:
            return OPERATIONS[name](*arguments) if arguments else OPERATIONS[name]


@pytest.fixture(scope="session")
def numeric() -> Callable[[Term, Mapping[Term, Number]], Number]:
    return number
