"""Symbolic sizes in type rules: the letters of an op's signature are bound to the sizes of its operands.

A size name stands for one number in a whole function, so two sizes are equal where they are the same name or number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hyperion.errors import HyperionError, Label, Span, TypeCheckError
from hyperion.ir.types import ArrayType, Size, TupleType, Type

SizePlace = tuple[int, int, Size]
"""One size of one operand: the operand and the axis, counted from 0, and the size that stands there."""


class SizeError(TypeCheckError):
    """Two sizes that an op needs to be equal are not (HY6026).

    `sizes` says where each stands, so that whoever knows the names of the operands can say it with them.
    """

    def __init__(
        self,
        code: str,
        message: str,
        span: Span | None = None,
        notes: Sequence[str] = (),
        hints: Sequence[str] = (),
        labels: Sequence[Label] = (),
        *,
        errors: Sequence[HyperionError] = (),
        sizes: Sequence[SizePlace] = (),
    ) -> None:
        super().__init__(code, message, span, notes, hints, labels, errors=errors)
        self.sizes = tuple(sizes)


@dataclass(slots=True)
class Sizes:
    """What the letters of a signature stand for at one use. `reason` ends the message of a mismatch.

    >>> sizes = Sizes("equal sizes needed")
    >>> sizes.bind("k", (0, 1, "n"))
    >>> sizes.bind("k", (1, 0, "m"))
    Traceback (most recent call last):
    ...
    hyperion.ir.sizes.SizeError: HY6026: axis 1 of operand 1 is n, axis 0 of operand 2 is m: equal sizes needed
    """

    reason: str
    places: dict[str, SizePlace] = field(default_factory=dict[str, SizePlace])

    def bind(self, letter: str, place: SizePlace) -> None:
        """Takes the size at `place` for `letter`. Raises `SizeError` where the letter stands for another size."""
        known = self.places.setdefault(letter, place)
        if known[2] != place[2]:
            raise unequal(known, place, self.reason)

    def bind_shape(self, letter: str, operand: int, shape: Sequence[Size]) -> None:
        """Takes a whole shape: one letter for each axis."""
        for axis, size in enumerate(shape):
            self.bind(f"{letter}{axis}", (operand, axis, size))


def unequal(first: SizePlace, second: SizePlace, reason: str) -> SizeError:
    numbers = isinstance(first[2], int) and isinstance(second[2], int)
    hints = () if numbers else ("give one the shape of the other with `reshape.like`, which compares them at run time",)
    return SizeError("HY6026", f"{_told(first)}, {_told(second)}: {reason}", hints=hints, sizes=(first, second))


def _told(place: SizePlace) -> str:
    operand, axis, size = place
    return f"axis {axis} of operand {operand + 1} is {size}"


def with_sizes(t: Type, sizes: Mapping[str, Size]) -> Type:
    """`t` with its size names replaced; names that `sizes` lacks stay."""
    match t:
        case ArrayType():
            return ArrayType(t.element, tuple(sizes.get(s, s) if isinstance(s, str) else s for s in t.shape))
        case TupleType():
            return TupleType(tuple(with_sizes(element, sizes) for element in t.elements))
        case _:
            return t
