"""Random programs have the outcome that a second evaluator gives them, which is written over NumPy.

It shares the op table's `evaluate` for what NumPy lacks (bf16, i128, fma, complex products and a few conversions);
everything on arrays is NumPy's own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from operator import getitem
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hyperion.errors import HyperionError
from hyperion.ir.function import Equation, Program, Region
from hyperion.ir.monoids import monoid
from hyperion.ir.ops import OPS, evaluate
from hyperion.ir.scalars import Trap
from hyperion.ir.traps import TRAPS
from hyperion.ir.types import ArrayType, BoolType, ComplexType, FloatType, IntType, Type
from hyperion.testing.random_arguments import random_arguments
from hyperion.testing.random_programs import random_program
from hyperion_interp.interpreter import interpret

Values = Sequence[Any]


def dtype(kind: Type) -> str:
    """NumPy's type of a scalar; Python objects where it has none."""
    match kind:
        case BoolType():
            return "bool"
        case IntType() if kind.width <= 64:
            return f"{'' if kind.signed else 'u'}int{kind.width}"
        case FloatType() if not kind.brain:
            return f"float{kind.width}"
        case ComplexType():
            return f"complex{kind.width}"
        case _:
            return "object"


def array(kind: Type, items: list[Any], shape: Sequence[int]) -> np.ndarray:
    assert isinstance(kind, ArrayType)
    found = np.empty(len(items), dtype(kind.element))
    for i, item in enumerate(items):
        found[i] = item
    return found.reshape(tuple(shape))


# Scalars


def in_range(kind: IntType, exact: int, mode: str) -> int:
    info = np.iinfo(dtype(kind))
    if mode == "sat":
        return max(int(info.min), min(int(info.max), exact))
    if not info.min <= exact <= info.max:
        raise Trap("overflow")
    return exact


EXACT: dict[str, Callable[..., int]] = {
    "add": lambda x, y: x + y, "sub": lambda x, y: x - y, "mul": lambda x, y: x * y, "neg": lambda x: -x,
    "abs": lambda x: x if x >= 0 else -x,
    "floordiv": lambda x, y: (x - (x % y)) // y, "mod": lambda x, y: x - y * ((x - (x % y)) // y),
    "shl": lambda x, count: x * 2 ** min(count, 64),
}  # fmt: skip

WRAPPED = {
    "add.wrap": np.add, "sub.wrap": np.subtract, "mul.wrap": np.multiply, "neg.wrap": np.negative, "abs.wrap": np.abs,
    "floordiv.wrap": np.floor_divide, "mod.wrap": np.remainder, "and": np.bitwise_and, "or": np.bitwise_or,
    "xor": np.bitwise_xor, "not": np.invert, "max": np.maximum, "min": np.minimum,
}  # fmt: skip

COMPARED = {
    "eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
}  # fmt: skip

FLOATS = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "sqrt": np.sqrt, "neg": np.negative,
    "abs": np.abs, "floor": np.floor, "ceil": np.ceil, "trunc": np.trunc, "round": np.rint, "copysign": np.copysign,
    "maximum": np.maximum, "minimum": np.minimum, "maxnum": np.fmax, "minnum": np.fmin,
}  # fmt: skip

COMPLEX = {"add": np.add, "sub": np.subtract, "neg": np.negative, "conj": np.conj, "real": np.real, "imag": np.imag}


def scalar(op: str, values: Values, types: Sequence[Type], result: Type) -> Any:
    if any(dtype(kind) == "object" for kind in (*types, result)):
        return evaluate(op, values, types, result)
    given = [np.array(value, dtype(kind)) for value, kind in zip(values, types, strict=True)]
    stem, _, mode = op.rpartition(".")
    kind = types[0]
    if op in COMPARED:
        return bool(COMPARED[op](*given))
    if op == "select":
        return values[1] if values[0] else values[2]
    if isinstance(kind, IntType | BoolType):
        return integer(op, stem, mode, given, kind, result)
    if isinstance(kind, FloatType) and op in FLOATS:
        if given[0] == 0 and given[-1] == 0 and op.startswith(("max", "min")):  # NumPy does not order the zeros
            signs = [bool(np.signbit(x)) for x in given]
            return -0.0 if (all(signs) if op.startswith("max") else any(signs)) else 0.0
        return FLOATS[op](*given).item()
    if isinstance(kind, FloatType):
        return from_float(op, given, kind, result)
    if isinstance(kind, ComplexType) and op in COMPLEX:
        return COMPLEX[op](*given).item()
    if isinstance(kind, ComplexType) and op in ("cast", "cast.round"):
        return given[0].astype(dtype(result)).item()
    return evaluate(op, values, types, result)


def integer(op: str, stem: str, mode: str, given: list[np.ndarray], kind: Type, result: Type) -> Any:
    x, y = given[0], given[-1]
    if stem in ("floordiv", "mod") and y == 0:
        raise Trap("zero-division")
    if (stem == "shl" or op == "shr") and y < 0:
        raise Trap("value")
    match op:
        case "shr":
            return np.right_shift(x, min(int(y), kind.width - 1)).item() if kind.signed or y < kind.width else 0
        case "shl.wrap":
            return np.left_shift(x, y).item() if y < kind.width else 0
        case "cast" | "cast.wrap":
            return x.astype(dtype(result)).item()
        case "cast.trap" | "cast.sat":
            return in_range(result, int(x), mode)
        case "cast.round" if result.width > 16:  # NumPy goes to float16 by way of float32
            return x.astype(dtype(result)).item()
        case "bitcast":
            found = x.view(dtype(result)).item()
            return float("nan") if found != found else found
        case "popcount":
            return np.bitwise_count(x.view(f"uint{kind.width}")).item()
        case "clz" | "ctz":
            text = np.binary_repr(x.view(f"uint{kind.width}").item(), kind.width)
            rest = text.lstrip("0") if op == "clz" else text.rstrip("0")
            return kind.width - len(rest)
        case _ if op in WRAPPED:
            return WRAPPED[op](*given).item()
        case _ if stem in EXACT:
            return in_range(kind, EXACT[stem](*map(int, given)), mode)
        case _:
            return evaluate(op, [value.item() for value in given], (kind,) * len(given), result)


def from_float(op: str, given: list[np.ndarray], kind: FloatType, result: Type) -> Any:
    (x, *_) = given
    match op:
        case "div.trap":
            if given[1] == 0:
                raise Trap("zero-division")
            return np.divide(*given).item()
        case "cast" | "cast.round":
            return x.astype(dtype(result)).item()
        case "cast.truncate" | "cast.truncate.sat":
            saturates = op.endswith("sat")
            if np.isnan(x) and saturates:
                return 0
            if np.isnan(x):
                raise Trap("value")
            near = np.clip(x.astype("float64"), -(2.0**200), 2.0**200)
            return in_range(result, int(np.trunc(near)), "sat" if saturates else "trap")
        case "complex":
            found = np.empty((), dtype(result))
            found.real, found.imag = given
            return found.item()
        case "bitcast" if not np.isnan(x):
            return x.view(dtype(result)).item()
        case _:
            return evaluate(op, [value.item() for value in given], (kind,) * len(given), result)


# Arrays


class Evaluator:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.values: dict[str, Any] = {}

    def run(self, arguments: Values) -> list[Any]:
        main = self.program.main
        for parameter, argument in zip(main.parameters, arguments, strict=True):
            self.values[parameter.name] = argument
        return self.block(main.equations, main.results)

    def block(self, equations: Sequence[Equation], results: Sequence[Any]) -> list[Any]:
        for e in equations:
            given = [self.values[v.name] for v in e.operands]
            if OPS[e.op].evaluate is not None:
                found = [scalar(e.op, given, [v.type for v in e.operands], e.result.type)]
            else:
                found = getattr(self, e.op.replace(".", "_") + "_")(e, *given)
            self.values.update(zip((v.name for v in e.results), found, strict=True))
        return [self.values[v.name] for v in results]

    def region(self, region: Region, *arguments: Any) -> list[Any]:
        self.values.update(zip((v.name for v in region.parameters), arguments, strict=True))
        return self.block(region.equations, region.results)

    def const_(self, e: Equation) -> Values:
        literal = e.attribute("value")
        return [float.fromhex(literal) if isinstance(literal, str) else literal]

    def tuple_(self, e: Equation, *given: Any) -> Values:
        return [given]

    def item_(self, e: Equation, given: Any) -> Values:
        return [given[e.attribute("index")]]

    def len_(self, e: Equation, xs: np.ndarray) -> Values:
        return [len(xs)]

    def dim_(self, e: Equation, xs: np.ndarray) -> Values:
        return [xs.shape[e.attribute("axis")]]

    def get_(self, e: Equation, xs: np.ndarray, *index: int) -> Values:
        return [python(xs[inside(xs, index)])]

    def update_(self, e: Equation, xs: np.ndarray, *rest: Any) -> Values:
        *index, value = rest
        place = inside(xs, index)
        found = xs.copy()
        found[place] = value
        return [found]

    def fill_(self, e: Equation, *given: Any) -> Values:
        *shape, value = given
        if min(shape) < 0:
            raise Trap("value")
        return [np.full(shape, value, dtype(e.result.type.element))]

    def array_(self, e: Equation, *given: Any) -> Values:
        return [array(e.result.type, list(given), e.result.type.shape)]

    def iota_(self, e: Equation, count: int) -> Values:
        if count < 0:
            raise Trap("value")
        if count and count - 1 > e.result.type.element.maximum:
            raise Trap("overflow")
        return [np.arange(count).astype(dtype(e.result.type.element))]

    def progression_(self, e: Equation, lo: int, hi: int, step: int) -> Values:
        if step == 0:
            raise Trap("value")
        return [np.arange(lo, hi, step)]

    def when_(self, e: Equation, condition: bool, xs: np.ndarray) -> Values:
        return [xs if condition else xs[:0]]

    def slice_(self, e: Equation, xs: np.ndarray, *bounds: int) -> Values:
        cuts = []
        for axis, step in enumerate(e.attribute("steps") or (1,) * xs.ndim):
            lo, hi = bounds[2 * axis : 2 * axis + 2]
            if lo < 0 or hi < lo or hi > xs.shape[axis]:
                raise Trap("index")
            cuts.append(slice(lo, hi, step))
        return [xs[tuple(cuts)]]

    def reverse_(self, e: Equation, xs: np.ndarray) -> Values:
        return [np.flip(xs, e.attribute("axes"))]

    def transpose_(self, e: Equation, xs: np.ndarray) -> Values:
        return [np.transpose(xs, e.attribute("permutation"))]

    def broadcast_(self, e: Equation, xs: Any, like: np.ndarray) -> Values:
        axes = e.attribute("axes")
        if not axes:
            return [np.full(like.shape, xs, dtype(e.result.type.element))]
        ordered = np.transpose(xs, np.argsort(axes))
        missing = [axis for axis in range(like.ndim) if axis not in axes]
        return [np.broadcast_to(np.expand_dims(ordered, missing), like.shape)]

    def reshape_(self, e: Equation, xs: np.ndarray, *sizes: int) -> Values:
        if min(sizes) < 0 or int(np.prod(np.array(sizes, object))) != xs.size:
            raise Trap("value")
        return [xs.reshape(sizes)]

    def reshape_like_(self, e: Equation, xs: np.ndarray, like: np.ndarray) -> Values:
        return self.reshape_(e, xs, *like.shape)

    def expand_(self, e: Equation, xs: np.ndarray) -> Values:
        return [np.expand_dims(xs, e.attribute("axis"))]

    def squeeze_(self, e: Equation, xs: np.ndarray) -> Values:
        return [np.squeeze(xs, e.attribute("axis"))]

    def concat_(self, e: Equation, *parts: np.ndarray) -> Values:
        return [np.concatenate(parts, e.attribute("axis"))]

    def gather_(self, e: Equation, xs: np.ndarray, indices: np.ndarray) -> Values:
        axis = e.attribute("axis")
        if ((indices < 0) | (indices >= xs.shape[axis])).any():
            raise Trap("index")
        return [np.take(xs, indices, axis)]

    def scatter_(self, e: Equation, xs: np.ndarray, indices: np.ndarray, values: np.ndarray) -> Values:
        axis = e.attribute("axis")
        found = np.moveaxis(xs.copy(), axis, 0)
        new = np.moveaxis(values, axis, 0)
        for number, index in enumerate(indices.tolist()):
            if not 0 <= index < len(found):
                raise Trap("index")
            for place in np.ndindex(new.shape[1:]):
                value = python(new[(number, *place)])
                if e.regions:
                    (value,) = self.region(e.regions[0], python(found[(index, *place)]), value)
                found[(index, *place)] = value
        return [np.moveaxis(found, 0, axis)]

    def sort_(self, e: Equation, keys: np.ndarray, *values: np.ndarray) -> Values:
        axis, descending = e.attribute("axis"), e.attribute("descending", False)
        order = np.empty(keys.shape, int)
        for place in np.ndindex(*np.delete(keys.shape, axis)):
            line = (*place[:axis], slice(None), *place[axis:])
            column = [python(key) for key in keys[line]]

            def key(i: int, column: list[Any] = column) -> tuple[bool, Any]:
                value = column[i]
                return value != value, 0 if value != value else -value if descending else value

            order[line] = sorted(range(len(column)), key=key)
        return [np.take_along_axis(xs, order, axis) for xs in (keys, *values)]

    def reduce_(self, e: Equation, xs: np.ndarray) -> Values:
        axes, op, kind = e.attribute("axes"), e.attribute("monoid"), e.operands[0].type.element
        moved = np.moveaxis(xs, sorted(axes), range(xs.ndim - len(axes), xs.ndim))
        shape = moved.shape[: xs.ndim - len(axes)]
        totals = []
        for place in np.ndindex(shape):
            total = monoid(op, kind).unit
            for x in moved[place].flat if axes else [moved[place]]:
                total = scalar(op, (total, python(x)), (kind, kind), kind)
            totals.append(total)
        return [array(e.result.type, totals, shape) if shape else totals[0]]

    def contract_(self, e: Equation, xs: np.ndarray, ys: np.ndarray, start: Any) -> Values:
        left, right, batch_left, batch_right = (
            e.attribute(name) or () for name in ("left", "right", "batch_left", "batch_right")
        )
        xs, free_x = self.grouped(xs, batch_left, left)
        ys, free_y = self.grouped(ys, batch_right, right)
        if xs.shape[xs.ndim - len(left) :] != ys.shape[ys.ndim - len(right) :]:
            raise Trap("value")
        batch, summed = xs.shape[: len(batch_left)], xs.shape[len(batch_left) + len(free_x) :]
        totals = []
        for b in np.ndindex(batch):
            for i in np.ndindex(free_x):
                for j in np.ndindex(free_y):
                    total = start
                    for k in np.ndindex(summed):
                        (product,) = self.region(e.regions[0], python(xs[(*b, *i, *k)]), python(ys[(*b, *j, *k)]))
                        (total,) = self.region(e.regions[1], total, product)
                    totals.append(total)
        shape = (*batch, *free_x, *free_y)
        return [array(e.result.type, totals, shape) if shape else totals[0]]

    def grouped(self, xs: np.ndarray, batch: Values, summed: Values) -> tuple[np.ndarray, tuple[int, ...]]:
        """Batch axes first and contracted ones last; and the sizes of those between."""
        free = [axis for axis in range(xs.ndim) if axis not in (*batch, *summed)]
        return np.transpose(xs, (*batch, *free, *summed)), tuple(xs.shape[axis] for axis in free)

    def if_(self, e: Equation, condition: bool) -> Values:
        return self.region(e.regions[0 if condition else 1])

    def for_(self, e: Equation, lo: int, hi: int, step: int, *carried: Any) -> Values:
        if step == 0:
            raise Trap("value")
        while lo < hi if step > 0 else lo > hi:
            carried = tuple(self.region(e.regions[0], lo, *carried))
            lo += step
        return carried

    def fold_(self, e: Equation, *given: Any) -> Values:
        arrays, carried = np_split(e, given)
        if len({len(xs) for xs in arrays}) > 1:
            raise Trap("value")
        for row in zip(*arrays, strict=True):
            carried = self.region(e.regions[0], *map(python, row), *carried)
        return carried

    def scan_(self, e: Equation, *given: Any) -> Values:
        arrays, carried = np_split(e, given)
        rows = []
        for row in zip(*arrays, strict=True):
            found = self.region(e.regions[0], *map(python, row), *carried)
            carried, made = found[: len(carried)], found[len(carried) :]
            rows.append(made)
        made_types = [v.type for v in e.results[len(carried) :]]
        columns = [[row[i] for row in rows] for i in range(len(made_types))]
        return [*carried, *(array(t, c, arrays[0].shape) for t, c in zip(made_types, columns, strict=True))]

    def map_(self, e: Equation, *arrays: np.ndarray) -> Values:
        return self.over(e, arrays[0].shape, lambda place: [python(xs[place]) for xs in arrays])

    def build_(self, e: Equation, *counts: int) -> Values:
        if min(counts) < 0:
            raise Trap("value")
        return self.over(e, counts, list)

    def over(self, e: Equation, shape: Sequence[int], given: Callable[[tuple[int, ...]], list[Any]]) -> Values:
        rows = [self.region(e.regions[0], *given(place)) for place in np.ndindex(*shape)]
        columns = [[row[i] for row in rows] for i in range(len(e.results))]
        return [array(v.type, column, shape) for v, column in zip(e.results, columns, strict=True)]


def np_split(e: Equation, given: Values) -> tuple[Values, Values]:
    return given[: e.attribute("arrays")], list(given[e.attribute("arrays") :])


def inside(xs: np.ndarray, index: Sequence[int]) -> tuple[int, ...]:
    if any(i < 0 or i >= size for i, size in zip(index, xs.shape, strict=True)):
        raise Trap("index")
    return tuple(index)


def python(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def listed(value: Any) -> Any:
    match value:
        case np.ndarray():
            return value.tolist()
        case tuple():
            return tuple(map(listed, value))
        case _:
            return value


def converted(kind: Type, argument: Any, sizes: dict[str, int]) -> Any:
    """Nested lists as an array; of the columns of no rows the other arguments know the number."""
    if not isinstance(kind, ArrayType):
        return argument
    shape = [sizes.get(size, 0) for size in kind.shape]
    return array(kind, [reduce(getitem, place, argument) for place in np.ndindex(*shape)], shape)


def sizes_of(program: Program, arguments: Values) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for parameter, argument in zip(program.main.parameters, arguments, strict=True):
        level = argument
        for size in parameter.type.shape if isinstance(parameter.type, ArrayType) else ():
            if level is None:
                break
            sizes[size] = len(level)
            level = level[0] if level else None
    return sizes


def expected(program: Program, arguments: Values) -> object:
    sizes = sizes_of(program, arguments)
    given = [converted(p.type, a, sizes) for p, a in zip(program.main.parameters, arguments, strict=True)]
    try:
        with np.errstate(all="ignore"):
            return tuple(map(listed, Evaluator(program).run(given)))
    except Trap as trap:
        return TRAPS[trap.kind][0]


def got(program: Program, arguments: Values) -> object:
    try:
        return interpret(program, arguments)
    except HyperionError as error:
        if error.span is None:
            raise
        return error.code


@pytest.mark.parametrize("everything", [False, True])
@given(st.integers(0, 2**32))
@settings(max_examples=300, deadline=None)
def test_outcomes(everything: bool, seed: int) -> None:
    random = Random(seed)
    program = random_program(random, random.randrange(1, 30), everything)
    arguments = random_arguments(random, program.main)
    assert repr(got(program, arguments)) == repr(expected(program, arguments))


def test_most_random_programs_end_in_values() -> None:
    """The comparison above is worth little where most programs trap."""
    ended = 0
    for seed in range(100):
        random = Random(seed)
        program = random_program(random, 15, True)
        ended += isinstance(got(program, random_arguments(random, program.main)), tuple)
    assert ended >= 25
