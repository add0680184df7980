"""TRUSTED. What scalar and array operations denote; control and loops are in `denote`."""

from __future__ import annotations

from math import inf, nan

from hyperion.errors import ProofError
from hyperion.ir.function import Equation
from hyperion.ir.types import BOOL, BoolType, FloatType, IntType, SpecType, Type
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.denote import Denotation, Effect, Pure, float_constant, truth
from hyperion.logic.kernel import FALSE, TRUE
from hyperion.logic.terms import Term, Ty

_ARITHMETIC = {"add", "sub", "mul", "neg", "abs", "floordiv", "mod"}
_COMPARE = {"eq": ("eq", False), "lt": ("lt", False), "le": ("le", False), "gt": ("lt", True), "ge": ("le", True)}
_FLOAT_NAMES = {"add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv", "sqrt": "fsqrt"}
_REAL_NAMES = {"add": "radd", "sub": "rsub", "mul": "rmul", "neg": "rneg"}


def denote_scalar(denotation: Denotation, equation: Equation, operands: tuple[Term, ...]) -> Pure | Effect:
    op, _, mode = equation.op.partition(".")
    result = equation.results[0].type
    source = equation.operands[0].type if equation.operands else result
    match op:
        case "const":
            return Pure((_constant(denotation, result, equation.attribute("value")),))
        case "select":
            return Pure((apply("cond", *operands),))
        case "eq" | "ne" | "lt" | "le" | "gt" | "ge":
            return Pure((_compare(op, source, operands),))
        case "cast":
            return _cast(mode, source, result, operands[0])
        case "len":
            length = apply("length", operands[0])
            return Pure((length if isinstance(result, SpecType) else to_word(result, length),))
        case "get" | "update" | "fill":
            return Effect(_opaque(op, operands, t.outcome_of(denotation.type(result))))
        case "and" | "or" | "xor" | "not" if isinstance(result, BoolType):
            return Pure((apply(op, *operands),))
        case "and" | "or" | "xor" | "not":
            return Pure((_opaque(op, operands, operands[0].type),))
        case "shl" | "shr":
            return Effect(_opaque(equation.op, operands, t.outcome_of(operands[0].type)))
        case _:
            pass
    match result:
        case IntType():
            return _machine(op, mode, result, operands)
        case SpecType("int") if op in _ARITHMETIC | {"max", "min"}:
            return Pure((apply(op, *operands),))
        case FloatType():
            return _float(denotation, equation, op, mode, operands)
        case _:
            raise ProofError("HY7010", f"operation {equation.op} has no denotation", equation.span)


def to_integer(ty: Type, x: Term) -> Term:
    """The integer value of a machine integer; an integer as it is; 0 or 1 of a truth value."""
    if isinstance(ty, IntType):
        return apply(f"toZ.{ty}", x)
    return apply("cond", x, literals.int_lit(1), literals.int_lit(0)) if isinstance(ty, BoolType) else x


def to_word(ty: Type, z: Term) -> Term:
    return apply(f"ofZ.{ty}", z)


def _opaque(name: str, operands: tuple[Term, ...], result: Ty) -> Term:
    """An operation without axioms: a constant of its own for each name and type."""
    return t.app(t.const(f"op:{name}", t.fun(*(x.type for x in operands), result)), *operands)


def _constant(denotation: Denotation, ty: Type, value: object) -> Term:
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
            return float_constant(denotation, ty, special[value] if value in special else float.fromhex(value))
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


def _cast(mode: str, source: Type, result: Type, x: Term) -> Pure | Effect:
    match source, result:
        case IntType() | BoolType(), SpecType("int"):
            return Pure((to_integer(source, x),))
        case IntType() | BoolType(), IntType():
            z = to_integer(source, x)
            if isinstance(source, BoolType):
                one, zero = (to_word(result, literals.int_lit(k)) for k in (1, 0))
                return Pure((apply("cond", x, one, zero),))
            if mode == "trap":
                return Effect(checked(result, z))
            return Pure((to_word(result, z),))
        case _:
            name = f"cast.{mode}.{source}" if mode else f"cast.{source}"
            ty = t.REAL if isinstance(result, FloatType) and x.type is t.REAL else t.type_of(str(result))
            if mode in ("exact", "truncate", "trap"):
                return Effect(_opaque(name, (x,), t.outcome_of(ty)))
            return Pure((_opaque(name, (x,), ty),))


def checked(ty: IntType, z: Term) -> Term:
    """`ok` of the word where z is in its range, else a trap."""
    word = to_word(ty, z)
    return apply("cond", apply(f"inr.{ty}", z), apply("ok", word), t.const("trap", t.outcome_of(word.type)))


def _machine(op: str, mode: str, ty: IntType, operands: tuple[Term, ...]) -> Pure | Effect:
    z = apply(op, *(apply(f"toZ.{ty}", x) for x in operands))
    divides = op in ("floordiv", "mod")
    match mode:
        case "trap":
            value = checked(ty, z)
        case "sat":
            value = to_word(
                ty, apply("max", literals.int_lit(ty.minimum), apply("min", literals.int_lit(ty.maximum), z))
            )
        case _:
            value = to_word(ty, z)
    if not divides:
        return Effect(value) if mode == "trap" else Pure((value,))
    quotient = value if mode == "trap" else apply("ok", value)
    by_zero = apply("eq", apply(f"toZ.{ty}", operands[1]), literals.int_lit(0))
    return Effect(apply("cond", by_zero, t.const("trap", quotient.type), quotient))


def _float(denotation: Denotation, equation: Equation, op: str, mode: str, operands: tuple[Term, ...]) -> Pure | Effect:
    ty = operands[0].type
    if denotation.real:
        if op in _REAL_NAMES and equation.attribute("fp") != "reassoc":
            raise ProofError("HY7012", f"{equation.op} is IEEE in a function that regroups floats", equation.span)
        value = apply(_REAL_NAMES[op], *operands) if op in _REAL_NAMES else _opaque(f"{op}.real", operands, ty)
        zero = _opaque("eq.real", (operands[-1], float_constant(denotation, FloatType(64), 0.0)), t.BOOL)
    else:
        name = _FLOAT_NAMES.get(op)
        value = apply(f"{name}.{ty}", *operands) if name else _opaque(f"{op}.{ty}", operands, ty)
        zero = apply(f"feq.{ty}", operands[-1], literals.float_lit(str(ty), 0.0))
    if op == "div" and mode == "trap":
        return Effect(apply("cond", zero, t.const("trap", t.outcome_of(ty)), apply("ok", value)))
    return Pure((value,))


__all__ = ["FALSE", "TRUE", "checked", "denote_scalar", "to_integer", "to_word"]
