"""What an expression gives while a function is lowered, and what a name is bound to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hyperion.ir.function import Value
from hyperion.ir.types import BOOL, F64, I64, ArrayType, BoolType, ComplexType, FloatType, IntType, Type


class Hole(int):
    """The number of a literal that nobody reads: it takes any type."""


HOLE: Final = Hole(0)


@dataclass(frozen=True, slots=True, eq=False)
class Literal:
    """A number known while lowering; its type adapts to the other operand. `named` after it went through a variable.

    Two literals are equal if type and bits are: Python's own equality identifies 0.0 with -0.0 and 1 with True.
    """

    value: bool | int | float
    named: bool = False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Literal) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[type, int | str]:
        return type(self.value), self.value.hex() if isinstance(self.value, float) else self.value

    @property
    def type(self) -> Type:
        """The type that it has on its own."""
        if isinstance(self.value, bool):
            return BOOL
        return F64 if isinstance(self.value, float) else I64


@dataclass(frozen=True, slots=True)
class ArrayRef:
    """One array object; the environment's `key` holds its present contents. Aliases share the key."""

    key: str
    owned: bool  # made by this function, so that writes stay invisible outside


@dataclass(frozen=True, slots=True)
class MatrixRef:
    """The same for an array of two dimensions."""

    key: str
    owned: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Several values: the right side of an unpacking or of a return."""

    items: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Poison:
    """A name that must not be read, and why."""

    code: str
    reason: str
    hint: str


Reference = ArrayRef | MatrixRef
Operand = Value | Literal | Reference | Group
Scalar = Value | Literal
Binding = Value | Literal | Reference | Poison
Environment = dict[str, Binding]


@dataclass(frozen=True, slots=True)
class Origin:
    """A loop variable that starts as a literal and has not met a typed number yet."""

    loop: int
    name: str
    literal: int | float


class Retype(Exception):
    """A loop variable that started as a literal meets a number of another type: lower the loop again with `kind`."""

    def __init__(self, origins: frozenset[Origin], kind: Type) -> None:
        super().__init__(origins, kind)
        self.origins = origins
        self.kind = kind


def in_words(kind: Type) -> str:
    """A type as Python and NumPy users say it."""
    match kind:
        case BoolType():
            return "bool"
        case IntType(width=64, signed=True):
            return "int"
        case IntType(width=width, signed=signed):
            return f"{'int' if signed else 'uint'}{width}"
        case FloatType(brain=True):
            return "bfloat16"
        case FloatType(width=64):
            return "float"
        case ComplexType(width=width):
            return f"complex{width}"
        case FloatType(width=width):
            return f"float{width}"
        case ArrayType(element=element, shape=shape):
            name = {"int": "int64", "float": "float64"}.get(in_words(element), in_words(element))
            return f"{name} array" if len(shape) == 1 else f"{len(shape)}-d {name} array"
        case _:
            return str(kind)
