"""Axioms about exp and log, of which z3 knows nothing: tested with decimals of many digits at random values.

Both sides are computed to more digits than they are compared in, so an equation that is false by a little is told from
one that holds; that it fails only between the values is what this cannot tell.
"""

# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false
# Values of the logic have every type.

from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping
from decimal import Decimal
from random import Random
from typing import Any, Final, TypeAlias

from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.terms import Term
from hyperion_z3.statements import Statement

Value: TypeAlias = Any  # a Decimal or a truth value

CONSTANTS: Final = frozenset({"rexp", "rlog"})
VALUES = 2_000
"""Random values at which an axiom is tested."""
_DIGITS, _AGREE = 60, Decimal(10) ** -45
_OPERATIONS: Final[Mapping[str, Callable[..., Value]]] = {
    "rexp": lambda a: a.exp(),
    "rlog": lambda a: a.ln() if a > 0 else Decimal(0),
    "radd": lambda a, b: a + b,
    "rsub": lambda a, b: a - b,
    "rmul": lambda a, b: a * b,
    "rneg": lambda a: -a,
    "rdiv": lambda a, b: a / b if b else Decimal(0),
    "rmax": max,
    "rmin": min,
    "rle": lambda a, b: a <= b,
    "rlt": lambda a, b: a < b,
    "req": lambda a, b: _close(a, b),
    "true": lambda: True,
    "false": lambda: False,
    "not": lambda p: not p,
    "and": lambda p, q: p and q,
    "or": lambda p, q: p or q,
    "xor": lambda p, q: p != q,
    "cond": lambda p, a, b: a if p else b,
}


def is_transcendental(statement: Statement) -> bool:
    return bool(statement.constants & CONSTANTS)


def counterexample(statement: Statement, values: int = VALUES) -> str:
    """Values that break it, in words; empty where it holds at all that were tried."""
    random = Random(statement.name)
    with decimal.localcontext() as context:
        context.prec = _DIGITS
        for n in range(values):
            given = {v: _value(v, random, n) for v in statement.variables}
            known = all(_equal(_number(a, given), _number(b, given)) for a, b in statement.hypotheses)
            if known and not _equal(_number(statement.left, given), _number(statement.right, given)):
                return ", ".join(f"{v.name} = {value:.6g}" for v, value in given.items()) or "it has no variables"
    return ""


def _value(v: Term, random: Random, n: int) -> Decimal:
    if v.type is not t.REAL:
        raise ValueError(f"{v.name} is no real number")
    special = (0, 1, -1)
    return Decimal(special[n] if n < len(special) else random.randrange(-(10**9), 10**9)) / (1 if n < 3 else 10**8)


def _number(x: Term, given: Mapping[Term, Value]) -> Value:
    if x.kind == "V":
        return given[x]
    if x.kind == "K":
        exact = literals.real_value(x)
        return Decimal(exact.numerator) / exact.denominator
    arguments: list[Term] = []
    while x.kind == "A":
        arguments.insert(0, x.argument)
        x = x.function
    return _OPERATIONS[x.name](*(_number(a, given) for a in arguments))


def _equal(a: Value, b: Value) -> bool:
    return a is b if isinstance(a, bool) or isinstance(b, bool) else _close(a, b)


def _close(a: Decimal, b: Decimal) -> bool:
    return abs(a - b) <= _AGREE * max(1, abs(a), abs(b))
