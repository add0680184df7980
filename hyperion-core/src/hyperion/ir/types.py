"""The types of the IR.

    type    ::= scalar | scalar "[" dim "]" | "(" type ("," type)* ")"
    scalar  ::= "bool" | "i8".."i128" | "u8".."u64" | "f16" | "bf16" | "f32" | "f64" | "c64" | "c128"
              | "int" | "real" | "index" | owner "." name
    dim     ::= number | name                                  a name is a symbolic size

`index` is another spelling of `i64`. `owner.name` is a type that a plugin registers: an opaque scalar. `int` is the
mathematical integer. It appears in theorems and in run-time guards; code generation takes it only where
the values provably fit 128 bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = [
    "BF16", "BOOL", "C64", "C128", "F16", "F32", "F64", "I8", "I16", "I32", "I64", "I128", "INT", "REAL", "U8", "U16",
    "U32", "U64", "ArrayType", "BoolType", "ComplexType", "ExtensionType", "FloatType", "IntType", "Size", "SpecType",
    "TupleType", "Type", "is_scalar", "scalar_types", "size_names",
]  # fmt: skip

Size = int | str  # of one dimension: a number, or the name of a symbolic size


@dataclass(frozen=True, slots=True)
class BoolType:
    def __str__(self) -> str:
        return "bool"


@dataclass(frozen=True, slots=True)
class IntType:
    """A two's complement machine integer of `width` bits."""

    width: int
    signed: bool = True

    def __str__(self) -> str:
        return f"{'i' if self.signed else 'u'}{self.width}"

    @property
    def minimum(self) -> int:
        return -(1 << (self.width - 1)) if self.signed else 0

    @property
    def maximum(self) -> int:
        return (1 << (self.width - 1)) - 1 if self.signed else (1 << self.width) - 1

    def wrap(self, value: int) -> int:
        """The value of this type that is congruent to `value` modulo 2**width."""
        return (value - self.minimum) % (1 << self.width) + self.minimum

    def contains(self, value: int) -> bool:
        return self.minimum <= value <= self.maximum


@dataclass(frozen=True, slots=True)
class FloatType:
    """A binary float of `width` bits: an IEEE 754 format, or with `brain` bfloat16, which is the upper half of an f32.

    Two formats of 16 bits exist, so the width alone does not tell a format.
    """

    width: int
    brain: bool = False

    def __str__(self) -> str:
        return f"{'b' if self.brain else ''}f{self.width}"

    @property
    def precision(self) -> int:
        """Bits of the significand, the hidden one included."""
        return 8 if self.brain else {16: 11, 32: 24, 64: 53}[self.width]

    @property
    def largest_exponent(self) -> int:
        """The largest finite value is below 2**(this + 1)."""
        return 127 if self.brain else {16: 15, 32: 127, 64: 1023}[self.width]

    @property
    def smallest_exponent(self) -> int:
        """The smallest positive value, a subnormal, is 2**this."""
        return 2 - self.largest_exponent - self.precision


@dataclass(frozen=True, slots=True)
class ComplexType:
    """A complex number of `width` bits: a real and an imaginary part of half the width each."""

    width: int

    def __str__(self) -> str:
        return f"c{self.width}"

    @property
    def part(self) -> FloatType:
        return FloatType(self.width // 2)


@dataclass(frozen=True, slots=True)
class ExtensionType:
    """An opaque scalar that a plugin registers as `owner.name`; only that plugin's ops know what it holds."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class SpecType:
    """A mathematical type: `int` or `real`."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class ArrayType:
    """An array; `shape` holds one entry per dimension, a number or the name of a symbolic size."""

    element: Type
    shape: tuple[Size, ...]

    def __str__(self) -> str:
        return f"{self.element}[{', '.join(map(_size_text, self.shape))}]"


def _size_text(size: Size) -> str:
    """Python refuses to write numbers of more than 4300 digits in decimal."""
    return str(size) if isinstance(size, str) or size.bit_length() <= 64 else hex(size)


@dataclass(frozen=True, slots=True)
class TupleType:
    elements: tuple[Type, ...]

    def __str__(self) -> str:
        return f"({', '.join(map(str, self.elements))})"


Type = BoolType | IntType | FloatType | ComplexType | SpecType | ExtensionType | ArrayType | TupleType

BOOL = BoolType()
I8, I16, I32, I64, I128 = (IntType(w) for w in (8, 16, 32, 64, 128))
U8, U16, U32, U64 = (IntType(w, signed=False) for w in (8, 16, 32, 64))
F16, F32, F64 = (FloatType(w) for w in (16, 32, 64))
BF16 = FloatType(16, brain=True)
C64, C128 = ComplexType(64), ComplexType(128)
INT, REAL = SpecType("int"), SpecType("real")

_SCALARS = (BOOL, I8, I16, I32, I64, I128, U8, U16, U32, U64, F16, BF16, F32, F64, C64, C128, INT, REAL)


def scalar_types() -> dict[str, Type]:
    """Every scalar type of the core by its name in the text form; `index` is a second name of i64."""
    return {**{str(t): t for t in _SCALARS}, "index": I64}


def is_scalar(t: Type) -> bool:
    return not isinstance(t, ArrayType | TupleType)


def size_names(t: Type) -> Iterator[str]:
    """The symbolic sizes in a type, from left to right; one that stands twice comes twice."""
    match t:
        case ArrayType():
            yield from (size for size in t.shape if isinstance(size, str))
        case TupleType():
            for element in t.elements:
                yield from size_names(element)
        case _:
            pass
