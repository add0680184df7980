"""map, scan, build and new arrays against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperion.errors import TrapOverflowError, TrapValueError, TrapZeroDivisionError
from hyperion.ir.types import I64
from hyperion.testing.arrays import dtype_name, random_array
from hyperion.testing.single_op import single_op, type_of
from hyperion_interp.interpreter import interpret

SHAPES = st.lists(st.integers(0, 5), min_size=1, max_size=3).map(tuple)
SEEDS = st.integers(0, 2**32)


def named(kind: str, rank: int) -> str:
    return f"{kind}[{', '.join('nmpq'[:rank])}]"


@given(SHAPES, SEEDS)
def test_map_over_several_arrays(shape: tuple[int, ...], seed: int) -> None:
    xs, ys, zs = (random_array(kind, shape, seed) for kind in ("i8", "i8", "bool"))

    def body(b, x, y, z):
        return [b.op("add.wrap", x, y), b.op("lt", x, y), b.op("select", z, x, y)]

    operands = [named(kind, len(shape)) for kind in ("i8", "i8", "bool")]
    program = single_op("map", operands, None, {"arrays": 3}, [(["i8", "i8", "bool"], body)])
    expected = (xs + ys, xs < ys, np.where(zs, xs, ys))
    assert interpret(program, [xs, ys, zs]) == tuple(x.tolist() for x in expected)


def test_map_traps_at_its_first_element_that_does() -> None:
    body = (["i64"], lambda b, x: [b.op("floordiv.trap", b.const(6, I64), x)])
    program = single_op("map", ["i64[n, m]"], None, {"arrays": 1}, [body])
    assert interpret(program, [[[1, 2], [3, -4]]]) == ([[6, 3], [2, -2]],)
    with pytest.raises(TrapZeroDivisionError):
        interpret(program, [[[1, 2], [0, -4]]])
    assert interpret(program, [[]]) == ([],)


def running(kind: str, op: str) -> object:
    def body(b, x, s):
        total = b.op(op, s, x)
        return [total, total]

    return single_op("scan", [f"{kind}[n]", kind], None, {"arrays": 1}, [([kind, kind], body)])


@pytest.mark.parametrize(
    ("op", "kind", "function"),
    [
        ("add.wrap", "i8", np.cumsum), ("add.wrap", "u64", np.cumsum), ("mul.wrap", "i32", np.cumprod),
        ("add", "f16", np.cumsum), ("add", "f32", np.cumsum), ("add", "f64", np.cumsum), ("mul", "f64", np.cumprod),
        ("add", "c128", np.cumsum), ("max", "i16", np.maximum.accumulate), ("maximum", "f32", np.maximum.accumulate),
    ],
)  # fmt: skip
@given(size=st.integers(0, 9), seed=SEEDS)
def test_scan_is_numpys(op: str, kind: str, function, size: int, seed: int) -> None:
    xs = random_array(kind, (size + 1,), seed)
    if op == "maximum":
        xs = np.where(xs == 0, xs.dtype.type(0), xs)  # NumPy does not order the zeros
    more = {} if op in ("max", "maximum") else {"dtype": xs.dtype}
    with np.errstate(all="ignore"):
        expected = function(xs, **more)
    final, made = interpret(running(kind, op), [xs[1:], xs[0]])
    assert repr(made) == repr(expected[1:].tolist())
    assert repr(final) == repr(expected[-1].item())


def test_scan_with_two_states_and_two_arrays() -> None:
    def body(b, x, y, low, high):
        low, high = b.op("min", low, x), b.op("max", high, y)
        return [low, high, b.op("sub.wrap", high, low), b.op("lt", low, high)]

    kinds = ["i64[n]", "i64[n]", "i64", "i64"]
    program = single_op("scan", kinds, None, {"arrays": 2}, [(["i64"] * 4, body)])
    assert interpret(program, [[3, 1, 2], [1, 5, 4], 9, 0]) == (1, 5, [-2, 4, 4], [False, True, True])
    assert interpret(program, [[], [], 9, 0]) == (9, 0, [], [])


@given(SHAPES, SEEDS)
def test_build_counts_in_row_major_order(shape: tuple[int, ...], seed: int) -> None:
    rank = len(shape)
    weights = random_array("i64", (rank,), seed).tolist()

    def body(b, *indices):
        total = b.const(0, I64)
        for index, weight in zip(indices, weights, strict=True):
            total = b.op("add.wrap", total, b.op("mul.wrap", index, b.const(weight, I64)))
        return [total, indices[0]]

    results = [named("i64", rank)] * 2
    program = single_op("build", ["i64"] * rank, results, {}, [(["i64"] * rank, body)])
    expected = np.zeros(shape, np.int64)
    for axis, weight in enumerate(weights):
        with np.errstate(all="ignore"):
            expected += np.indices(shape)[axis] * np.int64(weight)
    assert interpret(program, shape) == (expected.tolist(), np.indices(shape)[0].tolist())


def test_build_traps_in_order_and_on_negative_counts() -> None:
    def body(b, i, j):
        return [b.op("floordiv.trap", i, b.op("sub.wrap", j, b.const(2, I64)))]

    program = single_op("build", ["i64", "i64"], "i64[p, q]", {}, [(["i64", "i64"], body)])
    assert interpret(program, [2, 2]) == ([[0, 0], [-1, -1]],)
    assert interpret(program, [0, 5]) == ([],)
    with pytest.raises(TrapZeroDivisionError):
        interpret(program, [1, 3])
    for counts in ((-1, 0), (0, -1), (-(2**63), 3)):
        with pytest.raises(TrapValueError):
            interpret(program, counts)


@pytest.mark.parametrize("kind", ["i8", "u8", "i32", "u64", "i128"])
@pytest.mark.parametrize("count", [0, 1, 2, 5, 127, 128, 129, 255, 256, 257])
def test_iota(kind: str, count: int) -> None:
    program = single_op("iota", ["i64"], f"{kind}[n]")
    if count - 1 > type_of(kind).maximum:
        with pytest.raises(TrapOverflowError):
            interpret(program, [count])
    else:
        assert interpret(program, [count]) == (list(range(count)),)


def test_sizes_that_are_declared_as_numbers() -> None:
    cases = [
        (single_op("fill", ["i64", "i64", "f64"], "f64[2, m]"), lambda n: [n, 3, 0.5], [[0.5] * 3] * 2),
        (single_op("iota", ["i64"], "u8[2]"), lambda n: [n], [0, 1]),
        (single_op("build", ["i64"], "i64[2]", {}, [(["i64"], lambda b, i: [i])]), lambda n: [n], [0, 1]),
        (single_op("slice", ["i64[n]", "i64", "i64"], "i64[2]"), lambda n: [[7, 8, 9], 0, n], [7, 8]),
        (single_op("reshape", ["i64[n]", "i64"], "i64[2]"), lambda n: [[7, 8, 9][:n], n], [7, 8]),
        (single_op("concat", ["i64[n]", "i64[m]"], "i64[2]", {"axis": 0}), lambda n: [[7], [8, 9][: n - 1]], [7, 8]),
    ]
    for program, arguments, expected in cases:
        assert interpret(program, arguments(2)) == (expected,)
        for wrong in (1, 3):
            with pytest.raises(TrapValueError):
                interpret(program, arguments(wrong))


@given(st.sampled_from(["i8", "f32", "bool", "c64"]), SHAPES, SEEDS)
def test_fill_and_array(kind: str, shape: tuple[int, ...], seed: int) -> None:
    xs = random_array(kind, shape, seed)
    value = random_array(kind, (), seed)[()]
    fill = single_op("fill", [*["i64"] * len(shape), kind], named(kind, len(shape)))
    assert repr(interpret(fill, [*shape, value])) == repr((np.full(shape, value, dtype_name(kind)).tolist(),))
    literal = single_op("array", [kind] * xs.size, f"{kind}[{', '.join(map(str, shape))}]")
    assert repr(interpret(literal, list(xs.flat))) == repr((xs.tolist(),))
