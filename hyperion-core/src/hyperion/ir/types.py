"""The types of the IR.

    type    ::= scalar | scalar "[" dim "]" | "(" type ("," type)* ")"
    scalar  ::= "bool" | "i8".."i128" | "u8".."u64" | "f16" | "f32" | "f64" | "int" | "real"
    dim     ::= number | name                                  a name is a symbolic size

`int` is the mathematical integer. It appears in theorems and in run-time guards; code generation takes it only where
the values provably fit 128 bits.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "BOOL", "F16", "F32", "F64", "I8", "I16", "I32", "I64", "I128", "INT", "REAL", "U8", "U16", "U32", "U64",
    "ArrayType", "BoolType", "FloatType", "IntType", "SpecType", "TupleType", "Type", "scalar_types",
]  # fmt: skip


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
    """An IEEE 754 binary format of `width` bits."""

    width: int

    def __str__(self) -> str:
        return f"f{self.width}"


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
    shape: tuple[int | str, ...]

    def __str__(self) -> str:
        return f"{self.element}[{', '.join(map(str, self.shape))}]"


@dataclass(frozen=True, slots=True)
class TupleType:
    elements: tuple[Type, ...]

    def __str__(self) -> str:
        return f"({', '.join(map(str, self.elements))})"


Type = BoolType | IntType | FloatType | SpecType | ArrayType | TupleType

BOOL = BoolType()
I8, I16, I32, I64, I128 = (IntType(w) for w in (8, 16, 32, 64, 128))
U8, U16, U32, U64 = (IntType(w, signed=False) for w in (8, 16, 32, 64))
F16, F32, F64 = (FloatType(w) for w in (16, 32, 64))
INT, REAL = SpecType("int"), SpecType("real")


def scalar_types() -> dict[str, Type]:
    """Every scalar type by its name in the text form."""
    every = (BOOL, I8, I16, I32, I64, I128, U8, U16, U32, U64, F16, F32, F64, INT, REAL)
    return {str(t): t for t in every}
