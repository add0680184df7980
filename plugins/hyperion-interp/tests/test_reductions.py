"""`reduce` and `contract` against NumPy, and floats against a loop in the order that the IR fixes."""

from __future__ import annotations

from itertools import product
from string import ascii_lowercase

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperion.errors import TrapOverflowError
from hyperion.ir.monoids import MONOIDS, monoid
from hyperion.testing.arrays import random_array
from hyperion.testing.single_op import single_op, type_of
from hyperion_interp.interpreter import interpret

SHAPES = st.lists(st.integers(0, 4), min_size=1, max_size=4).map(tuple)
SEEDS = st.integers(0, 2**32)

INTEGER = {
    "add.wrap": np.add, "mul.wrap": np.multiply, "max": np.maximum, "min": np.minimum, "and": np.bitwise_and,
    "or": np.bitwise_or, "xor": np.bitwise_xor,
}  # fmt: skip
FLOAT = {
    "add": np.add,
    "mul": np.multiply,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "maxnum": np.fmax,
    "minnum": np.fmin,
}
LOGICAL = {"and": np.logical_and, "or": np.logical_or, "xor": np.logical_xor}


def named(kind: str, rank: int, first: int = 0) -> str:
    return f"{kind}[{', '.join(ascii_lowercase[first : first + rank])}]"


@given(st.sampled_from(sorted(INTEGER)), st.sampled_from(["i8", "i16", "u32", "i64", "u64"]), SHAPES, SEEDS, st.data())
def test_integers(op: str, kind: str, shape: tuple[int, ...], seed: int, data: st.DataObject) -> None:
    axes = tuple(data.draw(st.lists(st.integers(0, len(shape) - 1), unique=True)))
    xs = random_array(kind, shape, seed)
    unit = np.array(monoid(op, type_of(kind)).unit, dtype=xs.dtype)
    with np.errstate(all="ignore"):
        expected = INTEGER[op].reduce(xs, axis=axes, initial=unit, dtype=xs.dtype)
    program = single_op("reduce", [named(kind, len(shape))], None, {"axes": axes, "monoid": op})
    assert interpret(program, [xs]) == (expected.tolist(),)


@given(st.sampled_from(sorted(LOGICAL)), SHAPES, SEEDS, st.data())
def test_truth_values(op: str, shape: tuple[int, ...], seed: int, data: st.DataObject) -> None:
    axes = tuple(data.draw(st.lists(st.integers(0, len(shape) - 1), unique=True)))
    xs = random_array("bool", shape, seed)
    program = single_op("reduce", [named("bool", len(shape))], None, {"axes": axes, "monoid": op})
    expected = LOGICAL[op].reduce(xs, axis=axes) if axes else xs
    assert interpret(program, [xs]) == (expected.tolist(),)


@given(st.sampled_from(sorted(FLOAT)), st.sampled_from(["f16", "f32", "f64"]), SHAPES, SEEDS, st.data())
def test_floats_in_order(op: str, kind: str, shape: tuple[int, ...], seed: int, data: st.DataObject) -> None:
    axes = data.draw(st.lists(st.integers(0, len(shape) - 1), unique=True))
    xs = random_array(kind, shape, seed)
    kept = [axis for axis in range(len(shape)) if axis not in axes]
    expected = np.empty([shape[axis] for axis in kept], xs.dtype)
    with np.errstate(all="ignore"):
        for outer in np.ndindex(expected.shape):
            total = xs.dtype.type(monoid(op, type_of(kind)).unit)
            for inner in np.ndindex(*(shape[axis] for axis in sorted(axes))):
                index = dict(zip(kept, outer, strict=True)) | dict(zip(sorted(axes), inner, strict=True))
                total = _step(op, total, xs[tuple(index[axis] for axis in range(len(shape)))])
            expected[outer] = total
    program = single_op("reduce", [named(kind, len(shape))], None, {"axes": tuple(axes), "monoid": op})
    (got,) = interpret(program, [xs])
    assert repr(got) == repr(expected.tolist())


def test_axes_named_in_another_order_are_gone_over_in_the_same() -> None:
    xs = np.array([[1e-1, 6.68526919e-121, -2.11998568e205], [5.96046448e-8, -3.0, 4.15142325e-259]])
    results = [
        interpret(single_op("reduce", [named("f64", 2)], None, {"axes": axes, "monoid": "mul"}), [xs])
        for axes in ((0, 1), (1, 0))
    ]
    assert results[0] == results[1]


def _step(op: str, total: np.floating, x: np.floating) -> np.floating:
    """NumPy's step; NumPy does not order the zeros, IEEE 754-2019 does. A C library may answer a signalling NaN with a
    NaN, where maxNum takes the number."""
    if op.endswith("num") and (np.isnan(total) or np.isnan(x)):
        return x if np.isnan(total) else total
    found = FLOAT[op](total, x)
    if total == 0 and x == 0 and op not in ("add", "mul"):
        larger = op.startswith("max")
        return total if np.signbit(total) != larger else x
    return found


@pytest.mark.parametrize(("op", "kind"), [(op, kind) for op in MONOIDS for kind in
    ("bool", "i8", "u8", "i64", "u64", "i128", "f16", "bf16", "f32", "f64", "c64", "c128", "int", "real")
    if monoid(op, type_of(kind)) is not None])  # fmt: skip
def test_nothing_is_the_unit_and_one_value_is_itself(op: str, kind: str) -> None:
    unit = monoid(op, type_of(kind)).unit
    program = single_op("reduce", [f"{kind}[n, m]"], None, {"axes": (1,), "monoid": op})
    assert repr(interpret(program, [[[], []]])) == repr(([unit, unit],))
    ones = [[True], [False]] if kind == "bool" else [[1], [0]]
    (got,) = interpret(program, [ones])
    assert got == [row[0] for row in ones]


def test_a_reduction_traps_where_its_op_does() -> None:
    program = single_op("reduce", ["i8[n, m]"], None, {"axes": (0,), "monoid": "add.trap"})
    assert interpret(program, [[[100, 1], [27, 2]]]) == ([127, 3],)
    assert interpret(program, [[[100, -100], [-100, 100], [127, 127]]]) == ([127, 127],)
    with pytest.raises(TrapOverflowError) as caught:
        interpret(program, [[[100, 1], [28, 2], [-100, 0]]])
    assert caught.value.code == "HY5101"


def regions(kind: str, result: str) -> list[tuple[list[str], object]]:
    """The products widened to `result`, summed there."""
    add, multiply = ("add.wrap", "mul.wrap") if result[0] in "iu" else ("add", "mul")

    def product_of(b, x, y):
        if kind != result:
            x, y = (b.op("cast", v, type=type_of(result)) for v in (x, y))
        return [b.op(multiply, x, y)]

    return [([kind, kind], product_of), ([result, result], lambda b, total, p: [b.op(add, total, p)])]


@st.composite
def contractions(draw: st.DrawFn) -> tuple[dict[str, tuple[int, ...]], str, str, list[str], list[str]]:
    """Attributes, and the axes of both operands as letters: contracted ones, batch ones, free ones."""
    letters = iter(ascii_lowercase)
    summed = [next(letters) for _ in range(draw(st.integers(0, 2)))]
    batch = [next(letters) for _ in range(draw(st.integers(0, 2)))]
    free = [[next(letters) for _ in range(draw(st.integers(0, 2)))] for _ in range(2)]
    x, y = (draw(st.permutations(summed + batch + f)) for f in free)
    if not x or not y:
        return draw(contractions())
    attributes = {
        "left": tuple(x.index(c) for c in summed), "right": tuple(y.index(c) for c in summed),
        "batch_left": tuple(x.index(c) for c in batch), "batch_right": tuple(y.index(c) for c in batch),
    }  # fmt: skip
    attributes = {name: axes for name, axes in attributes.items() if axes or draw(st.booleans())}
    result = batch + [c for c in x if c in free[0]] + [c for c in y if c in free[1]]
    return attributes, "".join(x), "".join(y), summed, result


@given(contractions(), st.sampled_from([("i8", "i8"), ("i8", "i32"), ("u64", "u64")]), SEEDS, st.data())
def test_contract_is_einsum(contraction, kinds: tuple[str, str], seed: int, data: st.DataObject) -> None:
    attributes, x, y, _, result = contraction
    kind, wide = kinds
    sizes = {c: data.draw(st.integers(0, 3)) for c in x + y}
    xs, ys = (random_array(kind, [sizes[c] for c in axes], seed + i) for i, axes in enumerate((x, y)))
    initial = int(random_array(wide, (), seed))
    program = single_op(
        "contract", [f"{kind}[{', '.join(x)}]", f"{kind}[{', '.join(y)}]", wide], None, attributes, regions(kind, wide)
    )
    dtype = random_array(wide, (), 0).dtype
    with np.errstate(all="ignore"):
        expected = np.einsum(f"{x},{y}->{''.join(result)}", xs.astype(dtype), ys.astype(dtype)) + dtype.type(initial)
    assert interpret(program, [xs, ys, initial]) == (expected.astype(dtype).tolist(),)


@given(contractions(), st.sampled_from([("f16", "f32"), ("f32", "f32"), ("f64", "f64")]), SEEDS, st.data())
def test_contract_adds_floats_in_order(contraction, kinds: tuple[str, str], seed: int, data: st.DataObject) -> None:
    attributes, x, y, summed, result = contraction
    kind, wide = kinds
    sizes = {c: data.draw(st.integers(0, 3)) for c in x + y}
    xs, ys = (random_array(kind, [sizes[c] for c in axes], seed + i) for i, axes in enumerate((x, y)))
    initial = random_array(wide, (), seed)[()]
    expected = np.empty([sizes[c] for c in result], random_array(wide, (), 0).dtype)
    scalar = expected.dtype.type
    with np.errstate(all="ignore"):
        for outer in product(*(range(sizes[c]) for c in result)):
            total, at = initial, dict(zip(result, outer, strict=True))
            for inner in product(*(range(sizes[c]) for c in summed)):
                at |= dict(zip(summed, inner, strict=True))
                a, b = xs[tuple(at[c] for c in x)], ys[tuple(at[c] for c in y)]
                total = total + scalar(a) * scalar(b)
            expected[outer] = total
    program = single_op(
        "contract", [f"{kind}[{', '.join(x)}]", f"{kind}[{', '.join(y)}]", wide], None, attributes, regions(kind, wide)
    )
    (got,) = interpret(program, [xs, ys, initial])
    assert repr(got) == repr(expected.tolist())


def test_matrix_product_and_its_monoid_of_another_kind() -> None:
    """The shortest paths of two steps: min over sums."""
    far = 2**31
    graph = np.array([[0, 3, far], [far, 0, 4], [1, far, 0]])
    shortest = [
        (["i64", "i64"], lambda b, x, y: [b.op("add.wrap", x, y)]),
        (["i64", "i64"], lambda b, total, x: [b.op("min", total, x)]),
    ]
    program = single_op("contract", ["i64[n, n]", "i64[n, n]", "i64"], None, {"left": (1,), "right": (0,)}, shortest)
    expected = np.min(graph[:, :, None] + graph[None, :, :], axis=1)
    assert interpret(program, [graph, graph, 2**40]) == (expected.tolist(),)
