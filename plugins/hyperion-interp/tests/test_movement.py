"""Ops that move elements are NumPy's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperion.errors import TrapIndexError, TrapValueError
from hyperion.testing.arrays import random_array
from hyperion.testing.single_op import single_op
from hyperion_interp.interpreter import interpret

SIZES = st.integers(0, 5)
SHAPES = st.lists(SIZES, min_size=1, max_size=4).map(tuple)
KINDS = st.sampled_from(["i8", "u64", "f32", "f64", "bool", "c128"])
NAMES = "nmpqrstu"


def array(draw: st.DrawFn, kind: str, shape: tuple[int, ...]) -> np.ndarray:
    return random_array(kind, shape, draw(st.integers(0, 2**32)))


def typed(kind: str, names: str, rank: int) -> str:
    return f"{kind}[{', '.join(names[:rank])}]"


@st.composite
def given_array(draw: st.DrawFn) -> tuple[str, np.ndarray]:
    kind, shape = draw(KINDS), draw(SHAPES)
    return kind, array(draw, kind, shape)


def check(program: object, arguments: list[object], expected: np.ndarray) -> None:
    (got,) = interpret(program, arguments)
    assert repr(got) == repr(expected.tolist())


@given(given_array(), st.data())
def test_slice(given_: tuple[str, np.ndarray], data: st.DataObject) -> None:
    kind, xs = given_
    bounds, steps, cuts = [], [], []
    for size in xs.shape:
        lo = data.draw(st.integers(0, size))
        hi = data.draw(st.integers(lo, size))
        step = data.draw(st.integers(1, 4))
        bounds += [lo, hi]
        steps.append(step)
        cuts.append(slice(lo, hi, step))
    attributes = {"steps": tuple(steps)} if any(s != 1 for s in steps) or data.draw(st.booleans()) else {}
    operands = [typed(kind, NAMES, xs.ndim), *["i64"] * len(bounds)]
    program = single_op("slice", operands, typed(kind, NAMES[4:], xs.ndim), attributes)
    check(program, [xs, *bounds], xs[tuple(cuts)])


@pytest.mark.parametrize("bounds", [(-1, 2), (2, 1), (0, 4), (4, 4), (3, 2), (-2, -1), (0, 2**62)])
def test_slice_outside(bounds: tuple[int, int]) -> None:
    program = single_op("slice", ["i64[n]", "i64", "i64"], "i64[m]")
    with pytest.raises(TrapIndexError):
        interpret(program, [[1, 2, 3], *bounds])
    assert interpret(program, [[1, 2, 3], 3, 3]) == ([],)


@given(given_array(), st.data())
def test_reverse(given_: tuple[str, np.ndarray], data: st.DataObject) -> None:
    kind, xs = given_
    axes = tuple(data.draw(st.lists(st.integers(0, xs.ndim - 1), unique=True)))
    check(single_op("reverse", [typed(kind, NAMES, xs.ndim)], None, {"axes": axes}), [xs], np.flip(xs, axes))


@given(given_array(), st.data())
def test_transpose(given_: tuple[str, np.ndarray], data: st.DataObject) -> None:
    kind, xs = given_
    order = tuple(data.draw(st.permutations(range(xs.ndim))))
    program = single_op("transpose", [typed(kind, NAMES, xs.ndim)], None, {"permutation": order})
    check(program, [xs], xs.transpose(order))


@given(KINDS, SHAPES, st.data())
def test_broadcast(kind: str, shape: tuple[int, ...], data: st.DataObject) -> None:
    axes = tuple(data.draw(st.lists(st.integers(0, len(shape) - 1), unique=True)))
    xs = array(data.draw, kind, tuple(shape[axis] for axis in axes))
    like = np.zeros(shape, np.int8)
    own = [NAMES[axis] for axis in axes]
    first = f"{kind}[{', '.join(own)}]" if axes else kind
    program = single_op("broadcast", [first, typed("i8", NAMES, len(shape))], None, {"axes": axes})
    aligned = xs.transpose(np.argsort(axes)) if axes else xs
    placed = aligned.reshape([size if axis in axes else 1 for axis, size in enumerate(shape)])
    check(program, [xs if axes else xs[()], like], np.broadcast_to(placed, shape))


@given(given_array(), st.data())
def test_reshape(given_: tuple[str, np.ndarray], data: st.DataObject) -> None:
    kind, xs = given_
    left, shape = xs.size, []
    while left > 1 and len(shape) < 4:
        factor = data.draw(st.sampled_from([d for d in range(1, left + 1) if left % d == 0]))
        shape.append(factor)
        left //= factor
    shape.append(left)
    shape = data.draw(st.permutations(shape))
    operands = [typed(kind, NAMES, xs.ndim), *["i64"] * len(shape)]
    result = f"{kind}[{', '.join(f'k{i}' for i in range(len(shape)))}]"
    check(single_op("reshape", operands, result), [xs, *shape], xs.reshape(shape))
    like = f"i8[{', '.join(f'k{i}' for i in range(len(shape)))}]"
    program = single_op("reshape.like", [operands[0], like])
    check(program, [xs, np.zeros(shape, np.int8)], xs.reshape(shape))


@pytest.mark.parametrize("sizes", [(5,), (-6,), (2, 4), (-2, -3), (0, 6), (2**40, 2**40)])
def test_reshape_to_another_count(sizes: tuple[int, ...]) -> None:
    result = f"i64[{', '.join(NAMES[4 : 4 + len(sizes)])}]"
    program = single_op("reshape", ["i64[n, m]", *["i64"] * len(sizes)], result)
    with pytest.raises(TrapValueError):
        interpret(program, [[[1, 2, 3], [4, 5, 6]], *sizes])
    like = single_op("reshape.like", ["i64[n, m]", "bool[k]"])
    with pytest.raises(TrapValueError):
        interpret(like, [[[1, 2, 3], [4, 5, 6]], [True] * 5])


@given(KINDS, SHAPES, st.data())
def test_concat(kind: str, shape: tuple[int, ...], data: st.DataObject) -> None:
    axis = data.draw(st.integers(0, len(shape) - 1))
    sizes = data.draw(st.lists(SIZES, min_size=1, max_size=4))
    parts = [array(data.draw, kind, (*shape[:axis], size, *shape[axis + 1 :])) for size in sizes]

    def named(size: str) -> str:
        return f"{kind}[{', '.join([*NAMES[:axis], size, *NAMES[axis + 1 : len(shape)]])}]"

    operands = [named(f"k{i}") for i in range(len(parts))]
    total = data.draw(st.sampled_from(["k", str(sum(sizes))]))
    program = single_op("concat", operands, named(total), {"axis": axis})
    check(program, parts, np.concatenate(parts, axis))
    if total != "k":
        wrong = single_op("concat", operands, named(str(sum(sizes) + 1)), {"axis": axis})
        with pytest.raises(TrapValueError):
            interpret(wrong, parts)


@given(given_array(), st.data())
def test_gather(given_: tuple[str, np.ndarray], data: st.DataObject) -> None:
    kind, xs = given_
    axis = data.draw(st.integers(0, xs.ndim - 1))
    shape = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=3))
    if xs.shape[axis] == 0:
        shape[0] = 0
    indices = data.draw(st.integers(0, 2**32).map(np.random.default_rng)).integers(0, xs.shape[axis] or 1, shape)
    index_type = f"i64[{', '.join(f'k{i}' for i in range(len(shape)))}]"
    program = single_op("gather", [typed(kind, NAMES, xs.ndim), index_type], None, {"axis": axis})
    check(program, [xs, indices], np.take(xs, indices, axis))


@pytest.mark.parametrize("index", [-1, 3, 2**62, -(2**63)])
def test_indices_outside(index: int) -> None:
    gather = single_op("gather", ["i64[n, m]", "i64[k]"], None, {"axis": 1})
    scatter = single_op("scatter", ["i64[n, m]", "i64[k]", "i64[n, k]"], None, {"axis": 1})
    for rows in (2, 0):
        xs = np.zeros((rows, 3), np.int64)
        with pytest.raises(TrapIndexError):
            interpret(gather, [xs, [0, index]])
        with pytest.raises(TrapIndexError):
            interpret(scatter, [xs, [0, index], np.zeros((rows, 2), np.int64)])


def add_region(kind: str) -> tuple[list[str], object]:
    return [kind, kind], lambda b, x, y: [b.op("add.wrap" if kind[0] in "iu" else "add", x, y)]


@given(st.sampled_from(["i8", "u64", "f32", "f64"]), SHAPES, st.booleans(), st.data())
def test_scatter(kind: str, shape: tuple[int, ...], combine: bool, data: st.DataObject) -> None:
    axis = data.draw(st.integers(0, len(shape) - 1))
    count = data.draw(st.integers(0, 6)) if shape[axis] else 0
    xs = array(data.draw, kind, shape)
    values = array(data.draw, kind, (*shape[:axis], count, *shape[axis + 1 :]))
    if combine and kind[0] == "f":  # the sign of a NaN that an addition makes is not defined
        xs, values = np.nan_to_num(xs, posinf=1e9, neginf=-3), np.nan_to_num(values, posinf=1, neginf=-1)
    random = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    indices = random.integers(0, shape[axis] or 1, count)
    names = NAMES[: len(shape)]
    operands = [
        typed(kind, NAMES, len(shape)),
        "i64[k]",
        f"{kind}[{', '.join([*names[:axis], 'k', *names[axis + 1 :]])}]",
    ]
    program = single_op("scatter", operands, None, {"axis": axis}, [add_region(kind)] if combine else [])
    expected = xs.copy()
    place = (*[slice(None)] * axis, indices)
    with np.errstate(all="ignore"):
        if combine:
            np.add.at(expected, place, values)
        else:
            for k, index in enumerate(indices):
                expected[(*[slice(None)] * axis, index)] = values.take(k, axis)
    check(program, [xs, indices, values], expected)
