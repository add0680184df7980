"""Type rules of tuples, of single elements and of new arrays."""

from __future__ import annotations

from math import prod
from typing import TypeGuard

from hyperion.errors import TypeCheckError
from hyperion.ir.function import Attribute
from hyperion.ir.type_rules import Types, Use, count, expect, hinted
from hyperion.ir.types import BOOL, I64, INT, ArrayType, IntType, Size, TupleType, Type, is_scalar


def at_least(use: Use, wanted: int) -> None:
    if len(use.operands) < wanted:
        plural = "" if wanted == 1 else "s"
        raise TypeCheckError("HY6011", f"{use.op} takes at least {wanted} operand{plural}, {len(use.operands)} given")


def array_operand(use: Use, position: int, rank: int | None = None) -> ArrayType:
    """The operand's type, an array, of that many dimensions where `rank` says so."""
    given = use.operands[position]
    if not isinstance(given, ArrayType) or rank not in (None, len(given.shape)):
        wanted = "an array" if rank is None else f"a {rank}-d array"
        raise TypeCheckError("HY6012", f"operand {position + 1} of {use.op} is {given}, expected {wanted}")
    return given


def array_of(element: Type, shape: tuple[Size, ...]) -> Type:
    """The array; the element itself where no dimension is left."""
    return ArrayType(element, shape) if shape else element


def axis_attribute(use: Use, rank: int) -> int:
    """The attribute `axis`, a dimension of an array of `rank` dimensions."""
    value = use.attributes.get("axis")
    if not is_whole(value) or not 0 <= value < rank:
        raise attribute_error(use, "axis", f"an axis of the {rank}-d array, 0 to {rank - 1}", "{axis = 0}")
    return value


def axes_attribute(use: Use, name: str, rank: int) -> tuple[int, ...]:
    """Different axes of an array of `rank` dimensions."""
    value = use.attributes.get(name)
    valid = isinstance(value, tuple) and all(is_whole(axis) and 0 <= axis < rank for axis in value)
    if not isinstance(value, tuple) or not valid or len(set(value)) != len(value):
        last = f", 0 to {rank - 1}" if rank else ""
        raise attribute_error(use, name, f"different axes of the {rank}-d array{last}", f"{{{name} = [0]}}")
    return value


def attribute_error(use: Use, name: str, wanted: str, example: str) -> TypeCheckError:
    value = use.attributes.get(name)
    given = f"{name} of {use.op} is {shown(value)}" if value is not None else f"{use.op} has no {name}"
    return TypeCheckError("HY6014", f"{given}, expected {wanted}", hints=(f"write e.g. `{example}`",))


def shown(value: Attribute) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case tuple():
            return f"[{', '.join(map(str, value))}]"
        case _:
            return repr(value)


def is_whole(value: object) -> TypeGuard[int]:
    """Whether an attribute is a whole number; a bool is none."""
    return isinstance(value, int) and not isinstance(value, bool)


def new_shape(use: Use, kind: Type, rank: int, made: tuple[int, ...] | None = None) -> ArrayType:
    """Checks the declared type of an op that makes sizes; `made` are the axes whose sizes are new, all by default."""
    if not isinstance(kind, ArrayType) or len(kind.shape) != rank:
        form = f"T[{', '.join('mnpq'[:rank]) or 'm'}]" if rank <= 4 else "T[..]"
        raise TypeCheckError(
            "HY6013", f"{use.op} gives a {rank}-d array here, not {kind}", hints=(f"write e.g. `: {form}`",)
        )
    if not is_scalar(kind.element):
        raise TypeCheckError("HY6024", f"the elements of an array are scalars, not {kind.element}")
    names = [kind.shape[axis] for axis in (range(rank) if made is None else made)]
    names = [name for name in names if isinstance(name, str)]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise TypeCheckError(
            "HY6021", f"{use.op} makes two sizes of the name {repeated}", hints=("give each dimension its own name",)
        )
    return kind


def count_operands(use: Use, first: int, last: int) -> None:
    for position in range(first, last):
        expect(use, position, I64)


def make_tuple(use: Use) -> Types:
    return (TupleType(use.operands),)


def item(use: Use) -> Types:
    count(use, 1)
    given = use.operands[0]
    if not isinstance(given, TupleType):
        raise TypeCheckError("HY6012", f"operand 1 of item is {given}, expected a tuple")
    index = use.attributes.get("index")
    if not is_whole(index) or not 0 <= index < len(given.elements):
        raise attribute_error(use, "index", f"0 to {len(given.elements) - 1} for {given}", "{index = 0}")
    return (given.elements[index],)


def length(use: Use) -> Types:
    count(use, 1)
    array_operand(use, 0)
    kind = hinted(use, "len %xs : i64") if use.hint else I64
    if kind not in (I64, INT):
        raise TypeCheckError("HY6013", f"len gives i64 or int, not {kind}")
    return (kind,)


def dimension(use: Use) -> Types:
    count(use, 1)
    axis_attribute(use, len(array_operand(use, 0).shape))
    return (I64,)


def _indices(use: Use, extra: int) -> ArrayType:
    at_least(use, 1)
    array = array_operand(use, 0)
    rank = len(array.shape)
    if len(use.operands) != 1 + rank + extra:
        value = " and a value" if extra else ""
        message = f"{use.op} takes the array, {rank} indices for {array}{value}; {len(use.operands)} operands given"
        raise TypeCheckError("HY6011", message)
    count_operands(use, 1, 1 + rank)
    return array


def get(use: Use) -> Types:
    return (_indices(use, 0).element,)


def update(use: Use) -> Types:
    array = _indices(use, 1)
    expect(use, len(use.operands) - 1, array.element)
    return (array,)


def fill(use: Use) -> Types:
    at_least(use, 2)
    rank = len(use.operands) - 1
    count_operands(use, 0, rank)
    kind = new_shape(use, hinted(use, "fill %n, %v : i64[m]"), rank)
    expect(use, rank, kind.element)
    return (kind,)


def literal_array(use: Use) -> Types:
    kind = hinted(use, "array %a, %b : i64[2]")
    if not isinstance(kind, ArrayType) or not all(isinstance(size, int) for size in kind.shape):
        raise TypeCheckError(
            "HY6013", f"array gives an array whose sizes are numbers, not {kind}", hints=("write e.g. `: i64[2, 3]`",)
        )
    wanted = prod(size for size in kind.shape if isinstance(size, int))
    if len(use.operands) != wanted:
        raise TypeCheckError("HY6011", f"{kind} has {wanted} elements, {len(use.operands)} given")
    for position in range(wanted):
        expect(use, position, kind.element)
    return (kind,)


def iota(use: Use) -> Types:
    count(use, 1)
    expect(use, 0, I64)
    kind = new_shape(use, hinted(use, "iota %n : i64[m]"), 1)
    if not isinstance(kind.element, IntType):
        raise TypeCheckError("HY6013", f"iota gives machine integers, not {kind.element}")
    return (kind,)


def _named_size(use: Use, example: str) -> ArrayType:
    """The declared type of an op that makes one size, which must be a name."""
    kind = new_shape(use, hinted(use, example), 1)
    if not isinstance(kind.shape[0], str):
        hints = (f"write e.g. `{example}`",)
        raise TypeCheckError("HY6013", f"the size that {use.op} makes is a name, not {kind.shape[0]}", hints=hints)
    return kind


def progression(use: Use) -> Types:
    count(use, 3)
    count_operands(use, 0, 3)
    kind = _named_size(use, "progression %lo, %hi, %step : i64[m]")
    if kind.element != I64:
        raise TypeCheckError("HY6013", f"progression gives i64, not {kind.element}")
    return (kind,)


def when(use: Use) -> Types:
    count(use, 2)
    expect(use, 0, BOOL)
    array = array_operand(use, 1, 1)
    kind = _named_size(use, "when %c, %xs : i64[m]")
    if kind.element != array.element:
        raise TypeCheckError("HY6013", f"when gives an array of {array.element}, not of {kind.element}")
    return (kind,)
