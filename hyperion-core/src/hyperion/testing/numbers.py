"""The numbers that terms of the logic stand for, against which proofs are tested. Words are their integers."""

# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# Values of the logic have every type.

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, TypeAlias

from hyperion.ir.types import IntType, scalar_types
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.terms import Term

Number: TypeAlias = Any  # a truth value, an int, a Fraction or a tuple, as the term's type says

OPERATIONS: Mapping[str, Callable[..., Number]] = {
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
    "rdiv": lambda a, b: a / b if b else Fraction(0),
    "toR": Fraction,
    "rmax": max,
    "rmin": min,
    "rle": lambda a, b: a <= b,
    "rlt": lambda a, b: a < b,
    "req": lambda a, b: a == b,
    "cond": lambda c, a, b: a if c else b,
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
    "xor": lambda a, b: a != b,
    "not": lambda a: not a,
    "within": lambda p, a: -p <= a <= p,
    "true": lambda: True,
    "false": lambda: False,
}


def number(x: Term, values: Mapping[Term, Number]) -> Number:
    """The value of a term where its variables have these values. Nothing recurses on its depth."""
    done: dict[Term, Number] = {}
    for u in t.subterms(x):
        match u.kind:
            case "V":
                done[u] = values[u]
            case "K":
                done[u] = literals.int_value(u) if u.type is t.INT else Fraction(u.name)
            case "T":
                done[u] = tuple(done[i] for i in u.items)
            case "P":
                done[u] = done[u.body][u.index]
            case "C" | "A" if u.type.name != "fun":
                head, arguments = _spine(u)
                done[u] = _operation(head.name)(*(done[a] for a in arguments))
            case "C" | "A":
                pass  # waits for more arguments
            case _:
                raise AssertionError(u.kind)
    return done[x]


def _spine(x: Term) -> tuple[Term, list[Term]]:
    arguments: list[Term] = []
    while x.kind == "A":
        arguments.insert(0, x.argument)
        x = x.function
    return x, arguments


def _operation(name: str) -> Callable[..., Number]:
    stem, _, word = name.partition(".")
    kind = scalar_types().get(word)
    if not isinstance(kind, IntType):
        return OPERATIONS[name]
    return {"toZ": lambda x: x, "ofZ": kind.wrap, "inr": kind.contains}[stem]
