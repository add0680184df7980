"""TRUSTED. What scalar and array operations denote; control and loops are in `denote`.

Machine integer operations are the operation on integers between toZ and ofZ. An operation without laws is a constant of
its own, whose name holds the operation and the types that its terms do not show.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, nan
from typing import Final

from hyperion.errors import ProofError
from hyperion.ir.function import Equation
from hyperion.ir.types import BOOL, BoolType, FloatType, IntType, SpecType, Type
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.meaning import Effect, Pure, denote_type, float_constant, truth
from hyperion.logic.terms import Term, Ty

_COMPARE: Final = {
    "eq": ("eq", False),
    "lt": ("lt", False),
    "le": ("le", False),
    "gt": ("lt", True),
    "ge": ("le", True),
}
_LOGIC: Final = ("and", "or", "xor", "not")
_MACHINE: Final = ("add", "sub", "mul", "neg", "abs", "floordiv", "mod")
_INTEGER: Final = ("add", "sub", "mul", "neg", "abs", "floordiv", "max", "min")
_FLOAT_NAMES: Final[Mapping[str, str]] = {"add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv", "sqrt": "fsqrt"}
_REAL_NAMES: Final[Mapping[str, str]] = {"add": "radd", "sub": "rsub", "mul": "rmul", "neg": "rneg"}
_FLOAT: Final = ("add", "sub", "mul", "neg", "abs", "div", "div.trap", "sqrt")


def denote_scalar(equation: Equation, operands: tuple[Term, ...], real: bool) -> Pure | Effect:
    """The meaning of `equation` on denoted operands. Raises ProofError (HY7010) for an operation it does not know."""
    result = equation.results[0].type
    source = equation.operands[0].type if equation.operands else result
    match equation.op:
        case "const":
            return Pure((_constant(result, equation.attribute("value"), real),))
        case "select":
            return Pure((apply("cond", *operands),))
        case "eq" | "ne" | "lt" | "le" | "gt" | "ge":
            return Pure((_compare(equation.op, source, operands),))
        case "cast" | "cast.wrap" | "cast.trap" | "cast.round" | "cast.exact" | "cast.truncate":
            return _cast(equation.op, source, result, operands[0], denote_type(result, real))
        case "len":
            length = apply("length", operands[0])
            return Pure((to_word(result, length) if isinstance(result, IntType) else length,))
        case "get" | "update" | "fill" | "shl.wrap" | "shl.trap" | "shl.sat" | "shr":
            return Effect(_opaque(equation.op, operands, t.outcome_of(denote_type(result, real))))
        case "and" | "or" | "xor" | "not":
            known = isinstance(result, BoolType)
            return Pure((apply(equation.op, *operands) if known else _opaque(equation.op, operands, operands[0].type),))
        case _:
            return _arithmetic(equation, result, operands, real)


def _arithmetic(equation: Equation, result: Type, operands: tuple[Term, ...], real: bool) -> Pure | Effect:
    op, _, mode = equation.op.partition(".")
    match result:
        case IntType() if equation.op in ("max", "min"):
            return Pure((to_word(result, apply(op, *(to_integer(result, x) for x in operands))),))
        case IntType() if op in _MACHINE and mode in ("wrap", "trap", "sat"):
            return _machine(op, mode, result, operands)
        case SpecType("int") if equation.op in _INTEGER:
            return Pure((apply(op, *operands),))
        case FloatType() if equation.op in _FLOAT:
            value = _real(equation, op, operands) if real else _ieee(op, operands)
            return _unless_by_zero(result, operands[-1], value, real) if mode else Pure((value,))
        case _:
            raise ProofError("HY7010", f"operation {equation.op} on {result} has no denotation", equation.span)


def to_integer(ty: Type, x: Term) -> Term:
    """The integer value of a machine integer; an integer as it is; 0 or 1 of a truth value."""
    if isinstance(ty, IntType):
        return apply(f"toZ.{ty}", x)
    return apply("cond", x, literals.int_lit(1), literals.int_lit(0)) if isinstance(ty, BoolType) else x


def to_word(ty: IntType, z: Term) -> Term:
    return apply(f"ofZ.{ty}", z)


def _opaque(name: str, operands: tuple[Term, ...], result: Ty) -> Term:
    """An operation without axioms: a constant of its own for each name and type."""
    return t.app(t.const(f"op:{name}", t.fun(*(x.type for x in operands), result)), *operands)


def _constant(ty: Type, value: object, real: bool) -> Term:
    match ty:
        case BoolType():
            assert isinstance(value, bool)
            return truth(value)
        case IntType() | SpecType("int"):
            assert isinstance(value, int)
            z = literals.int_lit(value)
            return to_word(ty, z) if isinstance(ty, IntType) else z
        case FloatType():
            special = {"nan": nan, "inf": inf, "-inf": -inf}
            assert isinstance(value, str)
            return float_constant(ty, special[value] if value in special else float.fromhex(value), real)
        case _:
            raise ProofError("HY7010", f"a constant of type {ty} has no denotation")


def _compare(op: str, ty: Type, operands: tuple[Term, ...]) -> Term:
    if op == "ne":
        return apply("not", _compare("eq", ty, operands))
    name, swap = _COMPARE[op]
    x, y = reversed(operands) if swap else operands
    match ty:
        case IntType() | SpecType("int"):
            return apply(name, to_integer(ty, x), to_integer(ty, y))
        case BoolType() if op == "eq":
            return apply("not", apply("xor", x, y))
        case BoolType():
            return apply(name, to_integer(BOOL, x), to_integer(BOOL, y))
        case _ if x.type is t.REAL:
            return _opaque(f"{name}.real", (x, y), t.BOOL)
        case _:
            return apply(f"f{name}.{ty}", x, y)


def _cast(op: str, source: Type, result: Type, x: Term, ty: Ty) -> Pure | Effect:
    match source, result:
        case IntType() | BoolType(), SpecType("int"):
            return Pure((to_integer(source, x),))
        case BoolType(), IntType():
            one, zero = (to_word(result, literals.int_lit(n)) for n in (1, 0))
            return Pure((apply("cond", x, one, zero),))
        case IntType(), IntType() if op == "cast.trap":
            return Effect(_in_range(result, to_integer(source, x)))
        case IntType(), IntType() if op in ("cast", "cast.wrap"):
            return Pure((to_word(result, to_integer(source, x)),))
        case _:
            name = f"{op}.{source}.{result}"  # over the reals the types of the terms do not tell float formats apart
            if op in ("cast", "cast.wrap", "cast.round"):
                return Pure((_opaque(name, (x,), ty),))
            return Effect(_opaque(name, (x,), t.outcome_of(ty)))


def _trap(value: Ty) -> Term:
    return t.const("trap", t.outcome_of(value))


def _in_range(ty: IntType, z: Term) -> Term:
    """`ok` of the word where z is in its range, else a trap."""
    word = to_word(ty, z)
    return apply("cond", apply(f"inr.{ty}", z), apply("ok", word), _trap(word.type))


def _machine(op: str, mode: str, ty: IntType, operands: tuple[Term, ...]) -> Pure | Effect:
    """The exact result reduced, refused or saturated where it does not fit; a zero divisor traps in every mode."""
    z = apply(op, *(to_integer(ty, x) for x in operands))
    if mode == "sat":
        z = apply("max", literals.int_lit(ty.minimum), apply("min", literals.int_lit(ty.maximum), z))
    total = mode != "trap"
    value = to_word(ty, z) if total else _in_range(ty, z)
    if op not in ("floordiv", "mod"):
        return Pure((value,)) if total else Effect(value)
    by_zero = apply("eq", to_integer(ty, operands[1]), literals.int_lit(0))
    return Effect(apply("cond", by_zero, _trap(operands[1].type), apply("ok", value) if total else value))


def _ieee(op: str, operands: tuple[Term, ...]) -> Term:
    ty = operands[0].type
    name = _FLOAT_NAMES.get(op)
    return apply(f"{name}.{ty}", *operands) if name else _opaque(f"{op}.{ty}", operands, ty)


def _real(equation: Equation, op: str, operands: tuple[Term, ...]) -> Term:
    """The operation over the reals; what has laws there must have been granted."""
    if op not in _REAL_NAMES:
        return _opaque(f"{op}.real", operands, t.REAL)
    if equation.attribute("fp") != "reassoc":
        raise ProofError("HY7012", f"{equation.op} is IEEE in a function that regroups floats", equation.span)
    return apply(_REAL_NAMES[op], *operands)


def _unless_by_zero(ty: FloatType, divisor: Term, quotient: Term, real: bool) -> Effect:
    zero = float_constant(ty, 0.0, real)
    test = _compare("eq", ty, (divisor, zero))
    return Effect(apply("cond", test, _trap(quotient.type), apply("ok", quotient)))
