"""The arguments of a function, with sizes that agree; and results on the way back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from hyperion.errors import BufferError_
from hyperion.ir.function import Function
from hyperion.ir.scalars import Number
from hyperion.ir.types import ArrayType, TupleType, Type
from hyperion_interp.arguments.arrays import elements
from hyperion_interp.arguments.refusal import refused, shown
from hyperion_interp.arguments.scalars import scalar
from hyperion_interp.arrays import PersistentArray


def values_of_arguments(function: Function, arguments: Sequence[object], most_elements: int) -> list[Number]:
    """The values of the parameters.

    Raises `BufferError_` (HY2101) where an argument does not fit its parameter, or sizes disagree.
    """
    if len(arguments) != len(function.parameters):
        raise BufferError_(
            "HY2101", f"@{function.name} takes {len(function.parameters)} arguments, {len(arguments)} given"
        )
    reader = _Reader(most_elements)
    pairs = zip(function.parameters, arguments, strict=True)
    values = [reader.value(parameter.type, argument, str(parameter)) for parameter, argument in pairs]
    reader.close_shapes()
    return values


def result(kind: Type, value: Number) -> object:
    """A value as a Python object: an array as lists, one level for each axis; a tuple as a tuple."""
    match kind:
        case ArrayType():
            return value.nested()
        case TupleType():
            return tuple(map(result, kind.elements, value))
        case _:
            return value


class _Reader:
    def __init__(self, most_elements: int) -> None:
        self._most = most_elements
        self._sizes: dict[str, tuple[int, str]] = {}  # by name: the number, and which axis of what told it
        self._open: list[tuple[PersistentArray, ArrayType, tuple[int | None, ...]]] = []

    def value(self, kind: Type, argument: object, name: str) -> Number:
        match kind:
            case ArrayType():
                return self._array(kind, argument, name)
            case TupleType():
                return self._tuple(kind, argument, name)
            case _:
                return scalar(kind, argument, name)

    def _tuple(self, kind: TupleType, argument: object, name: str) -> tuple[Number, ...]:
        if not isinstance(argument, tuple):
            raise refused(name, kind, shown(argument), "give a Python tuple")
        items = cast("tuple[object, ...]", argument)
        if len(items) != len(kind.elements):
            raise refused(name, kind, f"a tuple of {len(items)}", f"give a tuple of {len(kind.elements)}")
        pairs = enumerate(zip(kind.elements, items, strict=True))
        return tuple(self.value(element, item, f"item {index} of {name}") for index, (element, item) in pairs)

    def _array(self, kind: ArrayType, argument: object, name: str) -> PersistentArray:
        items, shape = elements(kind, argument, name, self._most)
        for axis, (declared, size) in enumerate(zip(kind.shape, shape, strict=True)):
            if size is not None:
                self._meet(declared, size, name if len(shape) == 1 else f"axis {axis} of {name}", f"{name} is {kind}")
        array = PersistentArray(items, tuple(size or 0 for size in shape))
        if None in shape:
            self._open.append((array, kind, shape))
        return array

    def _meet(self, declared: int | str, size: int, place: str, what: str) -> None:
        if isinstance(declared, int):
            if declared != size:
                raise BufferError_("HY2101", f"{what}, but {place} has {size} elements")
            return
        wanted, teller = self._sizes.setdefault(declared, (size, place))
        if wanted != size:
            raise BufferError_(
                "HY2101",
                f"{what} with {declared} = {wanted}, but {place} has {size} elements",
                notes=(f"{declared} is {wanted} by {teller}",),
                hints=(f"give {teller} and {place} equal sizes",),
            )

    def close_shapes(self) -> None:
        """The sizes that nested lists left open are those that other arguments tell, else 0."""
        for array, kind, shape in self._open:
            pairs = zip(kind.shape, shape, strict=True)
            array.shape = tuple(self._told(declared) if size is None else size for declared, size in pairs)

    def _told(self, declared: int | str) -> int:
        if isinstance(declared, int):
            return declared
        return self._sizes.setdefault(declared, (0, ""))[0]
