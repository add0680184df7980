"""TRUSTED. Literals: integers, reals as fractions, floats by their bits. One text per value, one term per text."""

from __future__ import annotations

import re
import struct
from fractions import Fraction
from math import isnan
from typing import Final

from hyperion.logic.terms import INT, REAL, Term, TermError, Ty, payload_literal, type_of

_NAN: Final = {"f16": "7e00", "f32": "7fc00000", "f64": "7ff8000000000000"}
_FORMAT: Final = {"f16": ">e", "f32": ">f", "f64": ">d"}
_REAL: Final = re.compile(r"-?[0-9]+/[1-9][0-9]*")  # `Fraction` also reads 1e9999999999, and computes the power


def int_lit(value: int) -> Term:
    return payload_literal(INT, str(int(value)))


def real_lit(value: Fraction) -> Term:
    return payload_literal(REAL, f"{value.numerator}/{value.denominator}")


def float_lit(type_name: str, value: float) -> Term:
    """The literal of format `type_name` that equals `value`, which must be exactly representable in it, or NaN."""
    if isnan(value):
        return float_bits(type_name, _NAN[type_name])
    packed = struct.pack(_FORMAT[type_name], value)
    if struct.unpack(_FORMAT[type_name], packed)[0] != value:
        raise TermError(f"{value!r} is not a value of {type_name}")
    return float_bits(type_name, packed.hex())


def float_bits(type_name: str, bits: str) -> Term:
    """The literal with these bits (big-endian hex); every NaN becomes the canonical quiet one."""
    if len(bits) != len(_NAN[type_name]) or not set(bits) <= set("0123456789abcdef"):
        raise TermError(f"{bits!r} are not the bits of a {type_name}")
    if isnan(struct.unpack(_FORMAT[type_name], bytes.fromhex(bits))[0]):
        bits = _NAN[type_name]
    return payload_literal(type_of(type_name), bits)


def literal(ty: Ty, payload: str) -> Term:
    """The literal of a payload text, which must be in canonical form."""
    if ty is INT:
        t = int_lit(int(payload))
    elif ty is REAL and _REAL.fullmatch(payload):
        t = real_lit(Fraction(payload))
    elif ty.name in _NAN:
        t = float_bits(ty.name, payload)
    else:
        raise TermError(f"{payload[:40]!r} is no literal of type {ty}")
    if t.name != payload:
        raise TermError(f"literal {payload!r} is not canonical")
    return t


def int_value(t: Term) -> int:
    if t.kind != "K" or t.type is not INT:
        raise TermError("not an integer literal")
    return int(t.name)


def float_value(t: Term) -> float:
    if t.kind != "K" or t.type.name not in _NAN:
        raise TermError("not a float literal")
    return struct.unpack(_FORMAT[t.type.name], bytes.fromhex(t.name))[0]


def real_value(t: Term) -> Fraction:
    if t.kind != "K" or t.type is not REAL:
        raise TermError("not a real literal")
    return Fraction(t.name)
