"""What the constants of the axiom files mean in z3."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hyperion.ir.types import IntType
from hyperion.logic import terms as t
from hyperion_z3.arithmetic import Arithmetic
from hyperion_z3.solver import Z3, z3
from hyperion_z3.values import FLOATS, Outcome, Value, choose, word_of

Meaning = tuple[int, Callable[..., Value]]
"""The number of arguments, and the function of them."""


def meaning(name: str, arithmetic: Arithmetic, where: Z3) -> Meaning | None:
    """What a constant means whatever its type; None for one that this table does not have."""
    base, _, suffix = name.partition(".")
    if suffix in FLOATS:
        return _float(base, where)
    word = word_of(t.type_of(suffix)) if suffix[:1] in ("i", "u") and suffix[1:].isdigit() else None
    if word is not None:
        return _word(base, word, arithmetic)
    if name in _LOGIC:
        return _LOGIC[name]
    if name in _REAL:
        return _REAL[name]
    if name in ("true", "false"):
        return 0, lambda: z3.BoolVal(name == "true", where)
    if name in arithmetic.operations:
        return (1 if name in ("neg", "abs") else 2), arithmetic.operations[name]
    return None


STRUCTURAL = ("cond", "ok", "trap", "diverge", "outcase", "nil", "cons", "listrec")


def structural(name: str, arithmetic: Arithmetic, where: Z3, default: Callable[[], Value]) -> Meaning | None:
    """Constructors and recursors; `default` is some value of the type inside an outcome."""
    match name:
        case "cond":
            return 3, lambda c, a, b: choose(c, a, b, arithmetic)
        case "ok" | "trap" | "diverge":
            yes, no = z3.BoolVal(True, where), z3.BoolVal(False, where)
            if name == "ok":
                return 1, lambda v: Outcome(yes, no, v)
            return 0, lambda: Outcome(no, yes if name == "trap" else no, default())
        case "outcase":

            def by_case(o: Outcome, f: Callable[[Value], Value], traps: Value, diverges: Value) -> Value:
                return choose(o.ok, f(o.value), choose(o.traps, traps, diverges, arithmetic), arithmetic)

            return 4, by_case
        case "nil":
            return 0, list[Value]
        case "cons":
            return 2, lambda x, xs: [x, *xs]
        case "listrec":
            return 3, _fold
        case _:
            return None


def _fold(empty: Value, step: Callable[[Value], Value], xs: list[Value]) -> Value:
    result = empty
    for i in reversed(range(len(xs))):
        result = step(xs[i])(xs[i + 1 :])(result)
    return result


_LOGIC: Mapping[str, Meaning] = {
    "and": (2, lambda p, q: z3.And(p, q)),
    "or": (2, lambda p, q: z3.Or(p, q)),
    "xor": (2, lambda p, q: z3.Xor(p, q)),
    "not": (1, lambda p: z3.Not(p)),
}
_REAL: Mapping[str, Meaning] = {
    "radd": (2, lambda a, b: a + b),
    "rsub": (2, lambda a, b: a - b),
    "rmul": (2, lambda a, b: a * b),
    "rneg": (1, lambda a: -a),
}


def _word(base: str, word: IntType, arithmetic: Arithmetic) -> Meaning | None:
    meanings: Mapping[str, Meaning] = {
        "toZ": (1, lambda x: arithmetic.to_integer(word, x)),
        "ofZ": (1, lambda z: arithmetic.of_integer(word, z)),
        "inr": (1, lambda z: arithmetic.in_range(word, z)),
    }
    return meanings.get(base)


def _float(base: str, where: Z3) -> Meaning | None:
    nearest = z3.RNE(where)
    meanings: Mapping[str, Meaning] = {
        "fadd": (2, lambda a, b: z3.fpAdd(nearest, a, b, where)),
        "fsub": (2, lambda a, b: z3.fpSub(nearest, a, b, where)),
        "fmul": (2, lambda a, b: z3.fpMul(nearest, a, b, where)),
        "fdiv": (2, lambda a, b: z3.fpDiv(nearest, a, b, where)),
        "fsqrt": (1, lambda a: z3.fpSqrt(nearest, a, where)),
        "flt": (2, lambda a, b: z3.fpLT(a, b, where)),
        "fle": (2, lambda a, b: z3.fpLEQ(a, b, where)),
        "feq": (2, lambda a, b: z3.fpEQ(a, b, where)),
    }
    return meanings.get(base)
