"""Sizes that operations make: declared as a new name, or as a number that the size must have."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.errors import InternalError
from hyperion.ir.function import Equation, Value
from hyperion.ir.scalars import Trap
from hyperion.ir.types import ArrayType
from hyperion_interp.shapes import Shape


def counted(declared: Value, sizes: Sequence[int]) -> Shape:
    """A shape from operands. Traps on a negative size, and on one that is not the number declared."""
    if any(size < 0 for size in sizes):
        raise Trap("value")
    return as_declared(declared, sizes)


def as_declared(declared: Value, sizes: Sequence[int]) -> Shape:
    assert isinstance(declared.type, ArrayType)
    for wanted, size in zip(declared.type.shape, sizes, strict=True):
        if isinstance(wanted, int) and wanted != size:
            raise Trap("value")
    return tuple(sizes)


def agree(equation: Equation, left: Sequence[int], right: Sequence[int]) -> None:
    """What the type rule has compared by name holds of the numbers too."""
    if tuple(left) != tuple(right):
        message = f"{equation.op} meets shapes {list(left)} and {list(right)}, which its type rule calls equal"
        raise InternalError("HY9102", message, equation.span)
