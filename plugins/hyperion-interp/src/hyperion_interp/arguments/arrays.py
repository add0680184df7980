"""NumPy arrays and nested lists to arrays of the IR."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from hyperion.errors import BufferError_
from hyperion.ir.rounding import float_of_bits
from hyperion.ir.scalars import Number
from hyperion.ir.types import BF16, ArrayType, BoolType, ComplexType, FloatType, IntType, SpecType, Type
from hyperion_interp.arguments.numpy_types import is_array, is_plain, row_major
from hyperion_interp.arguments.refusal import refused
from hyperion_interp.arguments.scalars import scalar
from hyperion_interp.block import room

if TYPE_CHECKING:
    from hyperion_interp.arguments.numpy_types import Array

OpenShape = tuple[int | None, ...]


class Elements(NamedTuple):
    """Row-major; the size of an axis is None where nested lists do not tell it: that of the columns of no rows."""

    items: list[Number]
    shape: OpenShape


def elements(kind: ArrayType, argument: object, name: str, most: int) -> Elements:
    """The elements of an argument. Raises `BufferError_` (HY2101)."""
    if is_array(argument):
        return _of_numpy(kind, argument, name, most)
    return _of_lists(kind, argument, name)


def _of_numpy(kind: ArrayType, array: Array, name: str, most: int) -> Elements:
    """Strides, byte order and read-only memory do not matter: elements are read in row-major order of the indices."""
    rank = len(kind.shape)
    if array.ndim != rank:
        hint = "give it an axis: `x[None]`" if array.ndim == 0 else f"give an array of {rank} axes"
        raise refused(name, kind, f"a {array.ndim}-d array", hint)
    dtype = array.dtype
    if not _takes(kind.element, dtype):
        raise refused(name, kind, f"an array of {dtype}", *_conversion(kind.element))
    room(array.shape, None, most)  # one that is repeated along an axis of stride 0 is small until it is read
    items = row_major(array)
    if kind.element == BF16 and dtype.name == "uint16":
        return Elements([float_of_bits(int(bits), BF16) for bits in items], array.shape)
    if dtype.name != _SAME.get(str(kind.element)) or not is_plain(array):
        items = _checked(kind, items, name)
    return Elements(items, array.shape)


_SAME = {
    "bool": "bool", "i8": "int8", "i16": "int16", "i32": "int32", "i64": "int64", "u8": "uint8", "u16": "uint16",
    "u32": "uint32", "u64": "uint64", "f16": "float16", "bf16": "bfloat16", "f32": "float32", "f64": "float64",
    "c64": "complex64", "c128": "complex128",
}  # fmt: skip
"""Elements that need no check, by type: NumPy's name."""


def _takes(kind: Type, dtype: Any) -> bool:  # Any: NumPy's dtypes are generic
    """Whether elements of that dtype can be values of `kind`; each is still checked where not all are."""
    if dtype.kind == "O":
        return True
    if dtype.name == "bfloat16":  # of ml_dtypes
        return isinstance(kind, FloatType | ComplexType)
    if dtype.kind in "fc" and dtype.itemsize > (8 if dtype.kind == "f" else 16):
        return False  # Python has no such numbers
    match kind:
        case BoolType():
            return dtype.kind == "b"
        case IntType() | SpecType():
            return dtype.kind in "iu"
        case FloatType():
            return dtype.kind in "fiu"
        case ComplexType():
            return dtype.kind in "cfiu"
        case _:
            return False


def _conversion(kind: Type) -> tuple[str, ...]:
    same = _SAME.get(str(kind))
    return (f"convert it: `x.astype({same!r})`",) if same and kind != BF16 else ()


def _of_lists(kind: ArrayType, argument: object, name: str) -> Elements:
    rank = len(kind.shape)
    rows: list[Any] = [argument]  # Any: the elements of a list are checked one by one
    shape: list[int | None] = []
    for _ in range(rank):
        rows = [_sequence(row, kind, name) for row in rows]
        lengths = [len(row) for row in rows]
        for number, length in enumerate(lengths):
            if length != lengths[0]:
                raise _ragged(kind, name, shape, number, lengths)
        shape.append(lengths[0] if lengths else None)
        rows = [item for row in rows for item in row]
    return Elements(_checked(kind, rows, name), tuple(shape))


def _sequence(row: object, kind: ArrayType, name: str) -> Sequence[Any]:
    convert = getattr(row, "tolist", None)
    plain = convert() if callable(convert) else row
    if isinstance(plain, list | tuple):
        return cast("Sequence[Any]", plain)
    rank = len(kind.shape)
    form = "a list" if rank == 1 else f"lists nested {rank} deep"
    raise refused(name, kind, type(row).__name__, f"give {form} or a {rank}-d NumPy array")


def _ragged(kind: ArrayType, name: str, shape: Sequence[int | None], number: int, lengths: list[int]) -> BufferError_:
    indices: list[int] = []
    for size in reversed(shape):
        number, index = divmod(number, size or 1)
        indices.append(index)
    odd = "".join(f"[{index}]" for index in reversed(indices))
    first = "[0]" * len(indices)
    message = f"{name} is {kind}, but {name}{first} has {lengths[0]} elements and {name}{odd} has"
    given = next(length for length in lengths if length != lengths[0])
    return BufferError_("HY2101", f"{message} {given}", hints=("give rows of one length",))


def _checked(kind: ArrayType, items: list[Any], name: str) -> list[Number]:
    return [scalar(kind.element, item, f"an element of {name}") for item in items]
