"""Every scalar op on a few operands, with the results that its meaning demands."""

from __future__ import annotations

from math import inf, nan
from typing import Any, cast

from hyperion.errors import (
    HyperionError,
    TrapInexactError,
    TrapOverflowError,
    TrapValueError,
    TrapZeroDivisionError,
)
from hyperion.testing.programs import Example

_BY_ZERO, _OVERFLOW, _VALUE, _INEXACT = TrapZeroDivisionError, TrapOverflowError, TrapValueError, TrapInexactError

_MODES = ("wrap", "trap", "sat")

Row = tuple[str, str, str, tuple[Any, ...], Any]
"""An op, its operand types, its result type, its operands, and its result or trap; Any: numbers of those types."""

_INTEGERS: tuple[Row, ...] = (
    ("add.wrap", "i8 i8", "i8", (127, 1), -128),
    ("add.trap", "i8 i8", "i8", (127, -1), 126),
    ("add.trap", "i8 i8", "i8", (127, 1), _OVERFLOW),
    ("add.sat", "i8 i8", "i8", (-100, -100), -128),
    ("sub.wrap", "u8 u8", "u8", (1, 2), 255),
    ("sub.trap", "u8 u8", "u8", (1, 2), _OVERFLOW),
    ("sub.trap", "u8 u8", "u8", (2, 1), 1),
    ("sub.sat", "u8 u8", "u8", (1, 2), 0),
    ("mul.wrap", "i128 i128", "i128", (1 << 100, 1 << 100), 0),
    ("mul.trap", "i64 i64", "i64", (1 << 32, 1 << 31), _OVERFLOW),
    ("mul.sat", "i64 i64", "i64", (1 << 32, -(1 << 31)), -(1 << 63)),
    ("neg.wrap", "i8", "i8", (-128,), -128),
    ("neg.trap", "i8", "i8", (-127,), 127),
    ("neg.trap", "i8", "i8", (-128,), _OVERFLOW),
    ("neg.sat", "i8", "i8", (-128,), 127),
    ("abs.wrap", "i16", "i16", (-32768,), -32768),
    ("abs.trap", "i16", "i16", (-32768,), _OVERFLOW),
    ("abs.sat", "i16", "i16", (-32768,), 32767),
    ("floordiv.wrap", "i8 i8", "i8", (-128, -1), -128),
    ("floordiv.trap", "i8 i8", "i8", (-128, -1), _OVERFLOW),
    ("floordiv.sat", "i8 i8", "i8", (-128, -1), 127),
    ("floordiv.wrap", "i8 i8", "i8", (-7, 2), -4),
    ("mod.wrap", "i64 i64", "i64", (-7, 2), 1),
    ("mod.trap", "i64 i64", "i64", (7, -2), -1),
    ("mod.sat", "i64 i64", "i64", (7, 2), 1),
    *((f"{op}.{mode}", "i64 i64", "i64", (7, 0), _BY_ZERO) for op in ("floordiv", "mod") for mode in _MODES),
    ("and", "u8 u8", "u8", (0b1100, 0b1010), 0b1000),
    ("or", "i8 i8", "i8", (-128, 1), -127),
    ("xor", "bool bool", "bool", (True, True), False),
    ("not", "u16", "u16", (1,), 65534),
    ("popcount", "i8", "i8", (-1,), 8),
    ("clz", "u64", "u64", (1,), 63),
    ("clz", "i32", "i32", (0,), 32),
    ("ctz", "i64", "i64", (-8,), 3),
    ("shl.wrap", "i8 i8", "i8", (3, 7), -128),
    ("shl.trap", "i8 i8", "i8", (3, 7), _OVERFLOW),
    ("shl.trap", "i8 i8", "i8", (3, 5), 96),
    *((f"shl.{mode}", "i8 i8", "i8", (3, -1), _VALUE) for mode in _MODES),
    ("shl.sat", "i8 i8", "i8", (-3, 100), -128),
    ("shr", "i8 i8", "i8", (-3, 1), -2),
    ("shr", "i8 i8", "i8", (-3, -1), _VALUE),
    ("max", "u64 u64", "u64", (3, (1 << 64) - 1), (1 << 64) - 1),
    ("min", "i64 i64", "i64", (3, -(1 << 63)), -(1 << 63)),
    ("floordiv", "int int", "int", (-(10**30), 7), -142857142857142857142857142858),
    ("floordiv", "int int", "int", (5, 0), 0),
    ("mod", "int int", "int", (-(10**30), 7), 6),
    ("mod", "int int", "int", (10**30, -7), -6),
    ("mod", "int int", "int", (5, 0), 5),
)

_FLOATS: tuple[Row, ...] = (
    ("add", "f32 f32", "f32", (16777216.0, 1.0), 16777216.0),
    ("add", "bf16 bf16", "bf16", (256.0, 1.0), 256.0),
    ("sub", "f64 f64", "f64", (0.0, 0.0), 0.0),
    ("sub", "f64 f64", "f64", (inf, inf), nan),
    ("mul", "f16 f16", "f16", (300.0, -300.0), -inf),
    ("mul", "f64 f64", "f64", (-1.0, 0.0), -0.0),
    ("div", "f64 f64", "f64", (1.0, -0.0), -inf),
    ("div.trap", "f64 f64", "f64", (1.0, 4.0), 0.25),
    ("div.trap", "f64 f64", "f64", (1.0, -0.0), _BY_ZERO),
    ("neg", "f64", "f64", (0.0,), -0.0),
    ("abs", "f64", "f64", (-0.0,), 0.0),
    ("sqrt", "f64", "f64", (-0.0,), -0.0),
    ("sqrt", "f32", "f32", (2.0,), 1.4142135381698608),
    ("sqrt", "f64", "f64", (-1.0,), nan),
    ("exp", "f64", "f64", (1.0,), 2.718281828459045),
    ("exp", "f64", "f64", (1000.0,), inf),
    ("exp", "f32", "f32", (1.0,), 2.7182817459106445),
    ("exp", "f64", "f64", (-inf,), 0.0),
    ("log", "f64", "f64", (10.0,), 2.302585092994046),
    ("log", "f64", "f64", (-0.0,), -inf),
    ("log", "f32", "f32", (10.0,), 2.3025851249694824),
    ("log", "f64", "f64", (-1.0,), nan),
    ("maximum", "f64 f64", "f64", (nan, 1.0), nan),
    ("maximum", "f64 f64", "f64", (-0.0, 0.0), 0.0),
    ("minimum", "f64 f64", "f64", (0.0, -0.0), -0.0),
    ("maxnum", "f64 f64", "f64", (nan, 1.0), 1.0),
    ("minnum", "f64 f64", "f64", (nan, nan), nan),
    ("floor", "f64", "f64", (-0.5,), -1.0),
    ("ceil", "f64", "f64", (-0.5,), -0.0),
    ("trunc", "f64", "f64", (-0.5,), -0.0),
    ("round", "f64", "f64", (2.5,), 2.0),
    ("round", "f64", "f64", (-0.5,), -0.0),
    ("copysign", "f64 f64", "f64", (3.0, -0.0), -3.0),
    ("fma", "f64 f64 f64", "f64", (1.0 + 2.0**-52, 1.0 - 2.0**-52, -1.0), -(2.0**-104)),
    ("eq", "f64 f64", "bool", (0.0, -0.0), True),
    ("ne", "f64 f64", "bool", (nan, nan), True),
    ("lt", "f64 f64", "bool", (nan, 1.0), False),
    ("le", "i64 i64", "bool", (1, 1), True),
    ("gt", "u64 u64", "bool", ((1 << 64) - 1, 0), True),
    ("ge", "i8 i8", "bool", (-1, 1), False),
    ("select", "bool i64 i64", "i64", (False, 1, 2), 2),
)

_COMPLEX: tuple[Row, ...] = (
    ("complex", "f32 f32", "c64", (1.5, -0.0), complex(1.5, -0.0)),
    ("real", "c128", "f64", (complex(1, 2),), 1.0),
    ("imag", "c128", "f64", (complex(1, -0.0),), -0.0),
    ("conj", "c128", "c128", (complex(1, 2),), complex(1, -2)),
    ("mul", "c128 c128", "c128", (complex(1, 2), complex(3, 4)), complex(-5, 10)),
    ("div", "c128 c128", "c128", (complex(-5, 10), complex(3, 4)), complex(1, 2)),
    ("abs", "c128", "f64", (complex(3, -4),), 5.0),
    ("eq", "c64 c64", "bool", (complex(1, 2), complex(1, 2)), True),
)

_CONVERSIONS: tuple[Row, ...] = (
    ("cast", "bool", "i64", (True,), 1),
    ("cast", "bf16", "f32", (-0.0,), -0.0),
    ("cast", "c64", "c128", (1j,), 1j),
    ("cast.wrap", "i64", "u8", (-1,), 255),
    ("cast.trap", "i64", "u8", (255,), 255),
    ("cast.trap", "i64", "u8", (256,), _OVERFLOW),
    ("cast.sat", "i64", "u8", (-1,), 0),
    ("cast.round", "i64", "f32", ((1 << 24) + 1,), 16777216.0),
    ("cast.round", "f64", "f16", (65520.0,), inf),
    ("cast.round", "f16", "bf16", (1.00390625,), 1.0),
    ("cast.exact", "i64", "f32", (1 << 24,), 16777216.0),
    ("cast.exact", "i64", "f32", ((1 << 24) + 1,), _INEXACT),
    ("cast.truncate", "f64", "i8", (-1.9,), -1),
    ("cast.truncate", "f64", "i8", (128.0,), _OVERFLOW),
    ("cast.truncate", "f64", "i8", (nan,), _VALUE),
    ("cast.truncate.sat", "f64", "i8", (1e300,), 127),
    ("cast.truncate.sat", "f64", "i8", (nan,), 0),
    ("bitcast", "f32", "u32", (-0.0,), 1 << 31),
    ("bitcast", "u16", "bf16", (0x3FC0,), 1.5),
)


def _example(row: Row) -> Example:
    op, kinds, result, operands, expected = row
    parameters = [f"%x{i}: {kind}" for i, kind in enumerate(kinds.split())]
    names = ", ".join(f"%x{i}" for i in range(len(parameters)))
    text = f"func @f({', '.join(parameters)}) -> {result} {{ %z = {op} {names} : {result} return %z }}"
    name = f"{op} on {kinds}: {', '.join(map(str, operands))}"
    if isinstance(expected, type):
        return Example(name, text, operands, trap=cast("type[HyperionError]", expected))
    return Example(name, text, operands, (expected,))


SCALAR_EXAMPLES = tuple(map(_example, (*_INTEGERS, *_FLOATS, *_COMPLEX, *_CONVERSIONS)))
