"""`par.scan` is `scan` wherever its laws hold; for others, its pieces are those of `pieces`."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperion.ir.function import Program
from hyperion.ir.partition import pieces
from hyperion.testing.single_op import single_op
from hyperion_interp.interpreter import interpret

Regions = list[tuple[list[str], object]]


def affine() -> Regions:
    """s = x * s + y modulo 2**64; the summary of a piece is its x and y."""

    def step(b, x, y, s):
        new = b.op("add.wrap", b.op("mul.wrap", x, s), y)
        return [new, new, s]

    def multiply(b, x1, y1, x0, y0):
        return [b.op("mul.wrap", x1, x0), b.op("add.wrap", b.op("mul.wrap", x1, y0), y1)]

    return [
        (["u64"] * 3, step),
        (["u64"] * 2, lambda b, x, y: [x, y]),
        (["u64"] * 4, multiply),
        (["u64"] * 3, lambda b, x, y, s: [step(b, x, y, s)[0]]),
    ]


def sequential_and_parallel(
    regions: Regions, kinds: Sequence[str], arrays: int, **cuts: int
) -> tuple[Program, Program]:
    attributes = {"arrays": arrays}
    return (
        single_op("scan", kinds, None, attributes, regions[:1]),
        single_op("par.scan", kinds, None, {**attributes, **cuts}, regions),
    )


@given(st.integers(1, 5), st.integers(1, 7), st.integers(0, 200), st.integers(0, 2**64 - 1))
def test_lawful_regions(lanes: int, piece: int, n: int, start: int) -> None:
    scan, parallel = sequential_and_parallel(affine(), ["u64[n]", "u64[n]", "u64"], 2, lanes=lanes, piece=piece)
    xs, ys = [i * i + 3 for i in range(n)], [start ^ i for i in range(n)]
    assert interpret(parallel, [xs, ys, start]) == interpret(scan, [xs, ys, start])


def maximum_segment() -> Regions:
    """Kadane's two states as the (max, +) matrices that they are: here = max(0, here + x), best = max(best, here)."""

    def step(b, x, here, best):
        zero = b.op("sub.wrap", x, x)
        here = b.op("max", zero, b.op("add.wrap", here, x))
        best = b.op("max", best, here)
        return [here, best, best]

    def lift(b, x):
        zero = b.op("sub.wrap", x, x)
        top = b.op("max", zero, x)
        return [x, top, top, x]  # sum, best suffix, best segment, best prefix

    def multiply(b, sum1, suffix1, best1, prefix1, sum0, suffix0, best0, prefix0):
        return [
            b.op("add.wrap", sum1, sum0),
            b.op("max", suffix1, b.op("add.wrap", suffix0, sum1)),
            b.op("max", b.op("max", best1, best0), b.op("add.wrap", suffix0, prefix1)),
            b.op("max", prefix0, b.op("add.wrap", sum0, prefix1)),
        ]

    def act(b, total, suffix, best, prefix, here, top):
        return [
            b.op("max", suffix, b.op("add.wrap", here, total)),
            b.op("max", b.op("max", top, best), b.op("add.wrap", here, prefix)),
        ]

    return [(["i64"] * 3, step), (["i64"], lift), (["i64"] * 8, multiply), (["i64"] * 6, act)]


@pytest.mark.parametrize("lanes", [1, 2, 3, 8])
@pytest.mark.parametrize("piece", [1, 2, 5, 16])
@pytest.mark.parametrize("n", [0, 1, 2, 7, 16, 33, 130])
def test_maximum_segment_sum(lanes: int, piece: int, n: int) -> None:
    scan, parallel = sequential_and_parallel(maximum_segment(), ["i64[n]", "i64", "i64"], 1, lanes=lanes, piece=piece)
    xs = [(i * 7919 + 13) % 41 - 20 for i in range(n)]
    assert interpret(parallel, [xs, 0, 0]) == interpret(scan, [xs, 0, 0])


def float_sum() -> Regions:
    def add(b, x, s):
        total = b.op("add", s, x)
        return [total, total]

    def once(b, x, y):
        return [b.op("add", y, x)]

    return [(["f64"] * 2, add), (["f64"], lambda b, x: [x]), (["f64"] * 2, once), (["f64"] * 2, once)]


@given(st.lists(st.floats(-1e9, 1e9), max_size=90), st.integers(1, 4), st.integers(1, 5), st.floats(-1, 1))
def test_floats_have_the_bits_of_their_pieces(xs: list[float], lanes: int, piece: int, start: float) -> None:
    _, parallel = sequential_and_parallel(float_sum(), ["f64[n]", "f64"], 1, lanes=lanes, piece=piece)
    made, state, final = [], start, start
    for low, high in pieces(len(xs), lanes, piece):
        final, summary = state, xs[low]
        for x in xs[low:high]:
            final += x
            made.append(final)
        for x in xs[low + 1 : high]:
            summary += x
        state += summary
    assert interpret(parallel, [xs, start]) == (final, made)
