"""A function made anew from its parts.

What a plugin hands over may be of subclasses with an equality of their own, or hold lists that change later; what is
verified, compared and compiled is this copy.
"""

from __future__ import annotations

from typing import cast

from hyperion.errors import Span, TypeCheckError
from hyperion.ir.function import Attribute, Equation, Function, Region, Value
from hyperion.ir.types import (
    BOOL,
    ArrayType,
    BoolType,
    ComplexType,
    ExtensionType,
    FloatType,
    IntType,
    SpecType,
    TupleType,
    Type,
)


def rebuilt(function: object) -> Function:
    """An equal function of exactly the IR's own classes. Raises TypeCheckError (HY6025) for anything else."""
    if not isinstance(function, Function):
        raise _not_ir(function)
    return Function(
        _text(function.name),
        tuple(map(_value, function.parameters)),
        tuple(map(_equation, function.equations)),
        tuple(map(_value, function.results)),
        _span(function.span),
    )


def _equation(e: object) -> Equation:
    if not isinstance(e, Equation):
        raise _not_ir(e)
    return Equation(
        tuple(map(_value, e.results)),
        _text(e.op),
        tuple(map(_value, e.operands)),
        tuple((_text(name), _attribute(value)) for name, value in e.attributes),
        tuple(map(_region, e.regions)),
        _span(e.span),
    )


def _region(r: object) -> Region:
    if not isinstance(r, Region):
        raise _not_ir(r)
    return Region(tuple(map(_value, r.parameters)), tuple(map(_equation, r.equations)), tuple(map(_value, r.results)))


def _value(v: object) -> Value:
    if not isinstance(v, Value):
        raise _not_ir(v)
    return Value(_text(v.name), rebuilt_type(v.type))


def rebuilt_type(ty: object) -> Type:
    """An equal type of exactly the IR's own classes. Raises TypeCheckError (HY6025) for anything else."""
    match ty:
        case ArrayType():
            shape = tuple(int(d) if isinstance(d, int) else _text(d) for d in ty.shape)
            return ArrayType(rebuilt_type(ty.element), shape)
        case TupleType():
            return TupleType(tuple(map(rebuilt_type, ty.elements)))
        case BoolType():
            return BOOL
        case IntType():
            return IntType(_number(ty.width), _flag(ty.signed))
        case FloatType():
            return FloatType(_number(ty.width), _flag(ty.brain))
        case ComplexType():
            return ComplexType(_number(ty.width))
        case SpecType():
            return SpecType(_text(ty.name))
        case ExtensionType():
            return ExtensionType(_text(ty.name))
        case _:
            raise _not_ir(ty)


def _attribute(value: object) -> Attribute:
    if type(value) in (bool, int, float, str):
        return value  # pyright: ignore[reportReturnType]  one of exactly these classes
    if isinstance(value, tuple):
        items = cast("tuple[object, ...]", value)
        return tuple(map(_number, items))
    raise _not_ir(value)


def _flag(b: object) -> bool:
    if type(b) is bool:
        return b
    raise _not_ir(b)


def _number(i: object) -> int:
    if type(i) is int:
        return i
    raise _not_ir(i)


def _text(name: object) -> str:
    if type(name) is str:
        return name
    raise _not_ir(name)


def _span(span: object) -> Span | None:
    if span is None:
        return None
    if type(span) is Span and all(type(caller) is Span for caller in span.callers):
        return span
    raise _not_ir(span)


def _not_ir(found: object) -> TypeCheckError:
    return TypeCheckError("HY6025", f"a {type(found).__name__} stands where the IR has another class")
