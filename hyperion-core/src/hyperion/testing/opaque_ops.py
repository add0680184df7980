"""What operations without laws do to values of the logic: see `hyperion.testing.denotation`.

The name of their constant holds the op, its attributes and the sizes that it makes. Those with regions, which are
functions here, are written out; any other is a program of one equation.
"""

# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false
# Values of the logic have every type.

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hyperion.ir.builder import Builder
from hyperion.ir.builder import program as program_of
from hyperion.ir.function import Attribute, Program
from hyperion.ir.ops import OPS
from hyperion.ir.partition import pieces
from hyperion.ir.types import ArrayType, Type, scalar_types
from hyperion.logic.meaning import rank
from hyperion.logic.terms import Ty

Value = Any  # of the logic; functions are curried callables

_SCALARS: Final = scalar_types()
TRAP: Final = ("trap",)
DIVERGE: Final = ("diverge",)
UNDEFINED: Final = ("undefined",)
TRAPS: Final = ("HY5101", "HY5102", "HY5103", "HY5104", "HY5105", "HY6026")
"""Codes of what ends a run as a trap; HY6026, sizes that differ, where the sizes of the operands are known here."""


@dataclass(frozen=True)
class Grid:
    """An array of two or more dimensions, row-major; in the logic its sizes and a function from indices to elements."""

    shape: tuple[int, ...]
    items: tuple[Value, ...]

    def __getitem__(self, part: int) -> Value:
        return self.shape[part] if part < len(self.shape) else self._along(())

    def _along(self, indices: tuple[int, ...]) -> Value:
        if len(indices) < len(self.shape):
            return lambda i: self._along((*indices, i))
        inside = all(0 <= i < size for i, size in zip(indices, self.shape, strict=True))
        return self.at(*indices) if inside else UNDEFINED

    def at(self, *indices: int) -> Value:
        return self.items[self.offset(indices)]

    def offset(self, indices: Sequence[int]) -> int:
        found = 0
        for i, size in zip(indices, self.shape, strict=True):
            found = found * size + i
        return found


def signature(ty: Ty) -> tuple[list[Ty], Ty]:
    types: list[Ty] = []
    while ty.name == "fun":
        assert ty.args is not None
        types.append(ty.args[0])
        ty = ty.args[1]
    return types, ty


def parsed(name: str) -> tuple[str, dict[str, Attribute], list[int | str]]:
    """The op, attributes and made sizes that the name of a constant holds."""
    op, bracket, rest = name.partition("[")
    op = op.removesuffix(".real")  # a float op of a function over the reals
    key: list[Any] = json.loads(bracket + rest) if bracket else [[]]
    attributes = {k: tuple(v) if isinstance(v, list) else v for k, v in key[0]}
    sizes: list[int | str] = [int(s) if isinstance(s, str) else f"s{s}" for s in key[1]] if len(key) == 2 else []
    return op, attributes, sizes


def element_of(ty: Ty) -> Ty:
    """The type of the elements of an array."""
    assert ty.args is not None
    return signature(ty.args[-1])[1] if rank(ty) > 1 else ty.args[0]


def type_of(ty: Ty, value: Value) -> Type:
    """The type of the IR, of arrays with the sizes that `value` has."""
    if rank(ty):
        return ArrayType(type_of(element_of(ty), None), shape_of(value))
    return _SCALARS[ty.text]


def whole(ty: Ty, value: Value) -> Value:
    """The value with its arrays of more dimensions as grids."""
    if value is UNDEFINED or isinstance(value, Grid):
        return value
    if rank(ty) > 1:
        shape = value[:-1]
        return Grid(shape, tuple(_applied(value[-1], place) for place in itertools.product(*map(range, shape))))
    if ty.name == "outcome" and value[0] == "ok":
        assert ty.args is not None
        return ("ok", whole(ty.args[0], value[1]))
    if ty.name == "prod":
        assert ty.args is not None
        return tuple(whole(part, x) for part, x in zip(ty.args, value, strict=True))
    return value


def _applied(function: Value, arguments: Sequence[Value]) -> Value:
    for a in arguments:
        function = function(a)
    return function


def shape_of(array: Value) -> tuple[int, ...]:
    return array.shape if isinstance(array, Grid) else (len(array),)


def items_of(array: Value) -> tuple[Value, ...]:
    return array.items if isinstance(array, Grid) else array


def array_of(shape: tuple[int, ...], items: Sequence[Value]) -> Value:
    """A scalar for no dimensions, a list for one."""
    return items[0] if not shape else tuple(items) if len(shape) == 1 else Grid(shape, tuple(items))


def single(name: str, types: Sequence[Type], result: Ty, operands: Sequence[Value]) -> Program:
    op, attributes, sizes = parsed(name)
    hint: Type | None = None
    if op.startswith(("cast", "bitcast")):
        op, _, target = op.rsplit(".", 2)
        hint = _SCALARS[target]
    elif sizes:
        shape = tuple(sizes)
        if OPS[op].makes_sizes == "the axis":
            axis = attributes["axis"]
            assert isinstance(axis, int)
            shape = (*shape_of(operands[0])[:axis], *shape, *shape_of(operands[0])[axis + 1 :])
        hint = ArrayType(type_of(element_of(result), None), shape)
    builder = Builder("f")
    values = [builder.parameter(f"x{i}", kind) for i, kind in enumerate(types)]
    return program_of(builder.build(builder.equation(op, values, list(attributes.items()), types=hint)))


class _Stopped(Exception):
    """A region ended otherwise than with a value."""

    def __init__(self, outcome: Value) -> None:
        super().__init__(outcome)
        self.outcome = outcome


def _called(function: Value, ty: Ty, *arguments: Value) -> Value:
    """The value of a region; `_Stopped` where it has none."""
    function = _applied(function, arguments)
    if signature(ty)[1].name != "outcome":
        return function
    if function[0] != "ok":
        raise _Stopped(function)
    return function[1]


def with_regions(name: str, types: Sequence[Ty], result: Ty, given: Sequence[Value]) -> Value:
    op, attributes, sizes = parsed(name)
    strict = result.name == "outcome"
    given = [whole(ty, x) if rank(ty) > 1 else x for ty, x in zip(types, given, strict=True)]
    try:
        value = _REGIONS[op](types, attributes, sizes, given)
    except _Stopped as stopped:
        assert strict
        return stopped.outcome
    return ("ok", value) if strict else value


def _columns(ty: Ty, shape: tuple[int, ...], rows: Sequence[Value]) -> Value:
    """One array, or a tuple of arrays, of what a region gave for each element."""
    result = signature(ty)[1]
    result = result.args[0] if result.name == "outcome" and result.args else result
    if result.name != "prod":
        return array_of(shape, rows)
    assert result.args is not None
    return tuple(array_of(shape, [row[k] for row in rows]) for k in range(len(result.args)))


def _map(types: Sequence[Ty], attributes: object, sizes: object, given: Sequence[Value]) -> Value:
    function, *arrays = given
    rows = zip(*map(items_of, arrays), strict=True)
    return _columns(types[0], shape_of(arrays[0]), [_called(function, types[0], *row) for row in rows])


def _build(types: Sequence[Ty], attributes: object, sizes: Sequence[int | str], given: Sequence[Value]) -> Value:
    function, *counts = given
    wrong = any(isinstance(s, int) and s != n for s, n in zip(sizes, counts, strict=True))
    if wrong or any(n < 0 for n in counts):
        raise _Stopped(TRAP)
    places = itertools.product(*map(range, counts))
    return _columns(types[0], tuple(counts), [_called(function, types[0], *place) for place in places])


def _scatter(types: Sequence[Ty], attributes: Mapping[str, Any], sizes: object, given: Sequence[Value]) -> Value:
    combine, array, indices, values = given
    axis, shape, items = attributes["axis"], shape_of(array), list(items_of(array))
    if any(not 0 <= i < shape[axis] for i in indices):
        raise _Stopped(TRAP)
    old, new = Grid(shape, ()), Grid(shape_of(values), ())
    for number, index in enumerate(indices):
        rest = (range(1) if k == axis else range(size) for k, size in enumerate(shape))
        for place in itertools.product(*rest):
            at = old.offset((*place[:axis], index, *place[axis + 1 :]))
            value = items_of(values)[new.offset((*place[:axis], number, *place[axis + 1 :]))]
            items[at] = _called(combine, types[0], items[at], value)
    return array_of(shape, items)


def _contract(types: Sequence[Ty], attributes: Mapping[str, Any], sizes: object, given: Sequence[Value]) -> Value:
    multiply, add, left, right, initial = given
    a, b = Grid(shape_of(left), items_of(left)), Grid(shape_of(right), items_of(right))
    axes = {n: attributes.get(n, ()) for n in ("left", "right", "batch_left", "batch_right")}
    free_left = [k for k in range(len(a.shape)) if k not in (*axes["left"], *axes["batch_left"])]
    free_right = [k for k in range(len(b.shape)) if k not in (*axes["right"], *axes["batch_right"])]
    shape = [a.shape[k] for k in (*axes["batch_left"], *free_left)] + [b.shape[k] for k in free_right]
    summed = [range(a.shape[k]) for k in axes["left"]]
    if [a.shape[k] for k in axes["left"]] != [b.shape[k] for k in axes["right"]]:
        raise _Stopped(TRAP)
    batches = len(axes["batch_left"])
    made: list[Value] = []
    for place in itertools.product(*map(range, shape)):
        batch, own, other = (
            place[:batches],
            place[batches : batches + len(free_left)],
            place[batches + len(free_left) :],
        )
        total = initial
        for along in itertools.product(*summed):
            x = dict(zip((*axes["batch_left"], *free_left, *axes["left"]), (*batch, *own, *along), strict=True))
            y = dict(zip((*axes["batch_right"], *free_right, *axes["right"]), (*batch, *other, *along), strict=True))
            product = _called(
                multiply, types[0], a.at(*(x[k] for k in range(len(x)))), b.at(*(y[k] for k in range(len(y))))
            )
            total = _called(add, types[1], total, product)
        made.append(total)
    return array_of(tuple(shape), made)


def _rows(arrays: Sequence[Value]) -> list[tuple[Value, ...]]:
    if len({len(a) for a in arrays}) > 1:
        raise _Stopped(TRAP)
    return list(zip(*arrays, strict=True))


def _flat(value: Value, count: int) -> tuple[Value, ...]:
    return (value,) if count == 1 else value


def _tupled(values: Sequence[Value]) -> Value:
    return values[0] if len(values) == 1 else tuple(values)


def _summaries(types: Sequence[Ty], attributes: Mapping[str, Any], sizes: object, given: Sequence[Value]) -> Value:
    count = attributes["arrays"]
    (lift, multiply, *guards), elements = given[:-count], _rows(given[-count:])
    width = len(signature(types[1])[0]) // 2
    made: list[tuple[Value, ...]] = []
    for start, stop in pieces(len(elements), attributes["lanes"], attributes["piece"]):
        found = _flat(_called(lift, types[0], *elements[start]), width)
        for row in elements[start + 1 : stop]:
            later = _flat(_called(lift, types[0], *row), width)
            found = _flat(_called(multiply, types[1], *later, *found), width)
        made.append(found)
    columns = [tuple(row[k] for row in made) for k in range(width)]
    return _tupled([*columns, *(all(_called(guard, types[2], *row) for row in elements) for guard in guards)])


def _scan_pieces(types: Sequence[Ty], attributes: Mapping[str, Any], sizes: object, given: Sequence[Value]) -> Value:
    count = attributes["arrays"]
    step, elements, entering = given[0], _rows(given[1 : 1 + count]), given[1 + count :]
    cut = pieces(len(elements), attributes["lanes"], attributes["piece"])
    if any(len(states) != len(cut) for states in entering):
        raise _Stopped(TRAP)
    result = signature(types[0])[1]
    width = len(result.args) if result.name == "prod" and result.args else 1
    left, made = [list[Value]() for _ in entering], [list[Value]() for _ in range(width - len(entering))]
    for number, (start, stop) in enumerate(cut):
        states = tuple(column[number] for column in entering)
        for row in elements[start:stop]:
            found = _flat(_called(step, types[0], *row, *states), width)
            states = found[: len(states)]
            for column, value in zip(made, found[len(states) :], strict=True):
                column.append(value)
        for column, value in zip(left, states, strict=True):
            column.append(value)
    return _tupled([tuple(column) for column in (*left, *made)])


def _while(types: Sequence[Ty], attributes: object, sizes: object, given: Sequence[Value]) -> Value:
    test, body, state = given
    while _called(test, types[0], state):
        state = _called(body, types[1], state)
    return state


_REGIONS: dict[str, Callable[..., Value]] = {
    "map": _map, "build": _build, "scatter": _scatter, "contract": _contract, "while": _while,
    "pieces.summaries": _summaries, "pieces.scan": _scan_pieces,
}  # fmt: skip
