"""Errors of sums, dot products and means of floats: the plain loop, and the parallel form that fp="reassoc" grants.

    uv run python benchmarks/float_errors.py                       # prints the tables
    uv run python benchmarks/float_errors.py --write               # and replaces FLOATS.md
    uv run python benchmarks/float_errors.py --most 1000000 --only mean

The truth is exact: `math.fsum` of the elements, and for products of the rounded products and what was rounded off,
which a product of two floats splits into without error (Dekker 1971). An error is |computed - exact| / (u * sum of the
magnitudes of the terms), with u = 2**-53 the unit roundoff of f64 and 2**-24 that of f32: the relative error, in units
of what one rounding may do, at condition number 1. A first-order bound is n - 1 for the plain loop.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

import hyperion as hp
from compiler import machine

RESULTS = Path(__file__).parent / "FLOATS.md"
SIZES = (1_000, 100_000, 1_000_000, 10_000_000)
Floats = np.ndarray[Any, Any]


def total(xs: Any) -> float:
    s = 0.0
    for x in xs:
        s += x
    return s


def squares(xs: Any) -> float:
    s = 0.0
    for x in xs:
        s += x * x
    return s


def mean(xs: Any) -> float:
    s = 0.0
    n = 0
    for x in xs:
        s += x
        n += 1
    return s / n


def averaged(xs: Any) -> float:
    """The moving average with weight 1/8."""
    s = 0.0
    for x in xs:
        s += 0.125 * (x - s)
    return s


@dataclass(frozen=True)
class Measured:
    name: str
    loop: Callable[[Any], float]
    exact: Callable[[Floats], tuple[float, float]]  # the value, and the sum of magnitudes that errors are relative to
    narrow: bool = True  # f32 too


def exact_total(xs: Floats) -> tuple[float, float]:
    wide = xs.astype(np.float64)
    return math.fsum(wide), math.fsum(np.abs(wide))


def exact_squares(xs: Floats) -> tuple[float, float]:
    wide = xs.astype(np.float64)
    product = wide * wide
    high = wide * 134217729.0
    high = high - (high - wide)
    low = wide - high
    rest = ((high * high - product) + 2.0 * high * low) + low * low
    parts: Floats = np.concatenate([product, rest])
    value = math.fsum(parts)
    return value, value


def exact_mean(xs: Floats) -> tuple[float, float]:
    value, size = exact_total(xs)
    return value / len(xs), size / len(xs)


def exact_averaged(xs: Floats) -> tuple[float, float]:
    """(7/8)**400 is less than 2**-53: what is older does not count."""
    wide = xs.astype(np.float64)[-400:]
    value, size, weight = Fraction(0), Fraction(0), Fraction(1, 8)
    for x in reversed(wide.tolist()):
        value += weight * Fraction(x)
        size += weight * abs(Fraction(x))
        weight *= Fraction(7, 8)
    return float(value), float(size)


LOOPS = (
    Measured("sum", total, exact_total),
    Measured("sum of squares", squares, exact_squares),
    Measured("mean", mean, exact_mean, narrow=False),
    Measured("moving average", averaged, exact_averaged),
)


def samples(n: int, random: np.random.Generator) -> Iterator[tuple[str, Floats]]:
    uniform = random.random(n)
    yield "uniform in [0, 1)", uniform
    yield "normal", random.standard_normal(n)
    yield "1e-8 to 1e8", 10.0 ** (16.0 * uniform - 8.0)
    half = random.standard_normal(n // 2) * 1e6
    cancelling = np.concatenate([half, -half])
    random.shuffle(cancelling)
    yield "cancels to 0", cancelling
    yield "0.1 everywhere", np.full(n, 0.1)
    yield "uniform, f32", uniform.astype(np.float32)


def units(computed: float, exact: float, size: float, roundoff: float) -> float:
    return abs(float(Fraction(computed) - Fraction(exact))) / (roundoff * size)


def rows(most: int, only: str) -> Iterator[str]:
    for measured in LOOPS:
        if only and only not in measured.name:
            continue
        plain, grouped = hp.jit(measured.loop), hp.jit(measured.loop, fp="reassoc")
        for n in (size for size in SIZES if size <= most):
            for name, xs in samples(n, np.random.default_rng(n)):
                if xs.dtype == np.float32 and not measured.narrow:
                    continue
                exact, size = measured.exact(xs)
                roundoff = 2.0**-24 if xs.dtype == np.float32 else 2.0**-53
                sequential = float(plain(xs))
                if n == SIZES[0]:  # the compiled loop has the bits of the plain one
                    assert sequential == float(measured.loop(list(xs)))
                assert grouped.explain(xs).parallel
                regrouped = float(grouped(xs))
                assert regrouped == float(grouped(xs))
                errors = [units(v, exact, size, roundoff) for v in (sequential, regrouped)]
                yield f"| {measured.name} | {n:,} | {name} | {errors[0]:,.2f} | {errors[1]:,.2f} |"


def report(most: int, only: str) -> str:
    lines = [
        "# Errors of floats",
        "",
        "`uv run python benchmarks/float_errors.py --write`",
        "",
        machine(),
        "",
        "Errors against exact sums, in units of one rounding: |computed - exact| / (u * sum of magnitudes).",
        "[What the figures mean](../docs/explanation/floats.md).",
        "",
        '| loop | n | elements | plain loop | fp="reassoc" |',
        "| --- | ---: | --- | ---: | ---: |",
        *rows(most, only),
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="replace FLOATS.md")
    parser.add_argument("--most", type=int, default=SIZES[-1], help="the largest size")
    parser.add_argument("--only", default="", help="loops whose name has this in it")
    given = parser.parse_args()
    text = report(given.most, given.only)
    if given.write:
        RESULTS.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
