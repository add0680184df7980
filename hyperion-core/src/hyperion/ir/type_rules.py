"""Type rules: from operand types, attributes and regions to result types.

A rule returns the result types or raises `TypeCheckError` without a span; whoever knows the place adds it. The rules of
scalar ops are here, those of arrays in `array_rules`, `shape_rules` and `bulk_rules`, those of ops with regions in
`region_rules`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hyperion.errors import TypeCheckError
from hyperion.ir.function import Attribute
from hyperion.ir.scalars import float_text, holds
from hyperion.ir.types import (
    BOOL,
    INT,
    REAL,
    ArrayType,
    BoolType,
    ComplexType,
    ExtensionType,
    FloatType,
    IntType,
    SpecType,
    TupleType,
    Type,
    is_scalar,
)

Types = tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class RegionType:
    parameters: Types
    results: Types

    def __str__(self) -> str:
        return f"{listing(self.parameters)} -> {listing(self.results)}"


@dataclass(frozen=True, slots=True)
class Use:
    """One use of an op, as a type rule sees it. `hint` is the declared result types, if any."""

    op: str
    operands: Types
    attributes: Mapping[str, Attribute]
    hint: Types | None
    regions: tuple[RegionType, ...]


LARGEST_LITERAL = 4096  # bits of an `int` literal

TypeRule = Callable[[Use], Types]
Accepts = Callable[[Type], bool]


def listing(types: Types) -> str:
    return f"({', '.join(map(str, types))})"


def is_machine_integer(t: Type) -> bool:
    return isinstance(t, IntType)


def is_float(t: Type) -> bool:
    return isinstance(t, FloatType)


def is_bits(t: Type) -> bool:
    return isinstance(t, IntType | BoolType)


def is_ordered(t: Type) -> bool:
    return isinstance(t, IntType | SpecType)


def is_modeless(t: Type) -> bool:
    return isinstance(t, FloatType | ComplexType | SpecType)


def is_real(t: Type) -> bool:
    return isinstance(t, FloatType) or t == REAL


def is_divided(t: Type) -> bool:
    return isinstance(t, FloatType | ComplexType) or t == REAL


def is_complex(t: Type) -> bool:
    return isinstance(t, ComplexType)


def is_comparable(t: Type) -> bool:
    return is_scalar(t) and not isinstance(t, ExtensionType)


def is_sorted(t: Type) -> bool:
    """Whether < orders the values of `t`."""
    return is_comparable(t) and not isinstance(t, ComplexType)


def is_int(t: Type) -> bool:
    return t == INT


def count(use: Use, wanted: int) -> None:
    if len(use.operands) != wanted:
        plural = "" if wanted == 1 else "s"
        raise TypeCheckError("HY6011", f"{use.op} takes {wanted} operand{plural}, {len(use.operands)} given")


def expect(use: Use, position: int, wanted: Type) -> None:
    given = use.operands[position]
    if given != wanted:
        raise TypeCheckError(
            "HY6012",
            f"operand {position + 1} of {use.op} is {given}, expected {wanted}",
            hints=cast_hints(given, wanted),
        )


def cast_hints(given: Type, wanted: Type) -> tuple[str, ...]:
    if is_lossless(given, wanted):
        return (f"insert a `cast %value : {wanted}`",)
    if isinstance(given, IntType) and isinstance(wanted, IntType):
        return (f"convert it with `cast.trap %value : {wanted}` or `cast.wrap %value : {wanted}`",)
    if isinstance(given, IntType | FloatType) and isinstance(wanted, FloatType):
        return (f"convert it with `cast.round %value : {wanted}`",)
    if isinstance(given, FloatType) and isinstance(wanted, IntType):
        return (f"convert it with `cast.truncate %value : {wanted}`",)
    if isinstance(given, ComplexType) and isinstance(wanted, FloatType):
        return ("take a part of it with `real %value` or `imag %value`",)
    return ()


def hinted(use: Use, form: str) -> Type:
    """The declared type of the only result, for an op whose result type is a choice."""
    if use.hint is None or len(use.hint) != 1:
        raise TypeCheckError("HY6017", f"{use.op} needs its result type", hints=(f"write it after a colon: `{form}`",))
    return use.hint[0]


def uniform(arity: int, accepts: Accepts, family: str) -> TypeRule:
    """(T, ..., T) -> T for the types that `accepts`."""

    def rule(use: Use) -> Types:
        first = _same_operands(use, arity, accepts, family)
        return (first,)

    return rule


def equality(use: Use) -> Types:
    _same_operands(use, 2, is_comparable, "scalars whose equality is known")
    return (BOOL,)


def comparison(use: Use) -> Types:
    _same_operands(use, 2, is_sorted, "scalars that have an order")
    return (BOOL,)


def magnitude(use: Use) -> Types:
    first = _same_operands(use, 1, is_modeless, "floats, complex numbers, int and real")
    return (first.part if isinstance(first, ComplexType) else first,)


def complex_of_parts(use: Use) -> Types:
    parts = (FloatType(32), FloatType(64))
    first = _same_operands(use, 2, lambda t: t in parts, "f32 and f64")
    assert isinstance(first, FloatType)
    return (ComplexType(2 * first.width),)


def complex_part(use: Use) -> Types:
    first = _same_operands(use, 1, is_complex, "complex numbers")
    assert isinstance(first, ComplexType)
    return (first.part,)


def _same_operands(use: Use, arity: int, accepts: Accepts, family: str) -> Type:
    count(use, arity)
    first = use.operands[0]
    if not accepts(first):
        raise TypeCheckError(
            "HY6012",
            f"{use.op} takes {family}, operand 1 is {first}",
            notes=_note(use, first),
            hints=_mode_hints(use.op, first),
        )
    for position in range(1, arity):
        expect(use, position, first)
    return first


def _note(use: Use, given: Type) -> tuple[str, ...]:
    if isinstance(given, ArrayType):
        return (f"{use.op} acts on single elements",)
    return ()


def _mode_hints(op: str, given: Type) -> tuple[str, ...]:
    stem, _, mode = op.partition(".")
    if isinstance(given, IntType) and not mode and stem in ("add", "sub", "mul", "neg", "abs", "floordiv", "mod"):
        return (f"say what an overflow does: {stem}.trap, {stem}.wrap or {stem}.sat",)
    if is_modeless(given) and mode and stem in ("add", "sub", "mul", "neg", "abs"):
        return (f"write {stem}, without a mode",)
    if isinstance(given, ArrayType):
        return ("read an element with `get`, or go over the elements with `fold`",)
    if isinstance(given, IntType) and stem == "div":
        return ("write floordiv.trap for integers, or cast.round to a float first",)
    if isinstance(given, FloatType) and op in ("max", "min"):
        return (f"write {op}imum, where a NaN wins, or {op}num, where the number wins",)
    if isinstance(given, ComplexType) and op in ("lt", "le", "gt", "ge"):
        return ("compare `abs %x`, or the parts",)
    return ()


def constant(use: Use) -> Types:
    count(use, 0)
    kind = hinted(use, "const 1 : i64")
    value = use.attributes.get("value")
    if isinstance(kind, ArrayType | TupleType | ComplexType | ExtensionType):
        raise TypeCheckError("HY6022", f"const has no type {kind}", hints=_instead_of_constant(kind))
    if is_real(kind):
        _float_constant(kind, value)
    elif not holds(kind, value) or not _is_readable(value):
        raise TypeCheckError("HY6022", f"{_shown(value)} is not a value of {kind}", notes=_range_note(kind))
    return (kind,)


def _instead_of_constant(kind: Type) -> tuple[str, ...]:
    match kind:
        case ArrayType():
            return ("make arrays with `fill` or `array`",)
        case TupleType():
            return ("make tuples with `tuple`",)
        case ComplexType():
            return ("write `complex %re, %im` of two constants",)
        case _:
            return (f"only the plugin that has {kind} makes its values",)


def _is_readable(value: Attribute | None) -> bool:
    """Python refuses to write and read integers of more than 4300 digits."""
    return isinstance(value, int) and value.bit_length() <= LARGEST_LITERAL


def _shown(value: Attribute | None) -> str:
    if isinstance(value, int) and value.bit_length() > 256:
        return f"a number of {value.bit_length()} bits"
    return repr(value)


def _float_constant(kind: Type, value: Attribute | None) -> None:
    try:
        number = float.fromhex(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        number = None
    if number is None or float_text(number) != value:
        raise TypeCheckError(
            "HY6022",
            f"{value!r} is not a literal of {kind}",
            hints=("write a hexadecimal float such as 0x1.8p+1, or nan, inf, -inf",),
        )
    if kind == REAL and value in ("nan", "inf", "-inf"):
        raise TypeCheckError("HY6022", f"{value} is not a real number")
    if isinstance(kind, FloatType) and not holds(kind, number):
        raise TypeCheckError(
            "HY6022", f"{value} is not exactly a value of {kind}", hints=(f"round it to {kind} first",)
        )


def _range_note(kind: Type) -> tuple[str, ...]:
    return (f"{kind} holds {kind.minimum} to {kind.maximum}",) if isinstance(kind, IntType) else ()


def is_lossless(source: Type, target: Type) -> bool:
    """Whether `cast` goes from `source` to `target`: every value is kept and the types differ."""
    match source, target:
        case BoolType(), IntType():
            return True
        case ((BoolType() | IntType()), SpecType()):
            return target == INT
        case IntType(), IntType():
            inside = target.contains(source.minimum) and target.contains(source.maximum)
            return inside and source != target
        case FloatType(), FloatType():
            within = source.precision <= target.precision and source.largest_exponent <= target.largest_exponent
            return within and source != target
        case ComplexType(), ComplexType():
            return source.width < target.width
        case _:
            return False


def conversion(accepts: Callable[[Type, Type], bool], meaning: str) -> TypeRule:
    """S -> T for the pairs that `accepts`."""

    def rule(use: Use) -> Types:
        count(use, 1)
        target = hinted(use, f"{use.op} %x : i64")
        source = use.operands[0]
        if not accepts(source, target):
            raise TypeCheckError(
                "HY6012",
                f"{use.op} does not go from {source} to {target}",
                notes=(f"{use.op} is {meaning}",),
                hints=("use the value itself",) if source == target else cast_hints(source, target),
            )
        return (target,)

    return rule


def between_integers(source: Type, target: Type) -> bool:
    return isinstance(source, IntType | SpecType) and source != REAL and is_machine_integer(target) and source != target


def to_float(source: Type, target: Type) -> bool:
    match source, target:
        case FloatType(), FloatType():
            return source != target and not is_lossless(source, target)
        case ComplexType(), ComplexType():
            return target.width < source.width
        case _:
            return integer_to_float(source, target)


def integer_to_float(source: Type, target: Type) -> bool:
    return isinstance(source, IntType) and isinstance(target, FloatType)


def same_bits(source: Type, target: Type) -> bool:
    match source, target:
        case (IntType(), FloatType()) | (FloatType(), IntType()):
            return source.width == target.width
        case _:
            return False


def float_to_integer(source: Type, target: Type) -> bool:
    return isinstance(source, FloatType) and isinstance(target, IntType)


def select(use: Use) -> Types:
    count(use, 3)
    expect(use, 0, BOOL)
    if not is_scalar(use.operands[1]):
        raise TypeCheckError(
            "HY6012", f"select takes scalars, operand 2 is {use.operands[1]}", hints=("use `if` for arrays",)
        )
    expect(use, 2, use.operands[1])
    return (use.operands[1],)
