"""Errors of sums, means, variances, softmax and segments: the plain loop, and the form that fp="reassoc" grants.

    uv run python benchmarks/float_errors.py                       # prints the tables
    uv run python benchmarks/float_errors.py --write               # and replaces FLOATS.md
    uv run python benchmarks/float_errors.py --most 1000000 --only mean

The truth is exact: `math.fsum` of the elements, and for products of the rounded products and what was rounded off,
which a product of two floats splits into without error (Dekker 1971). An error is |computed - exact| / (u * sum of the
magnitudes of the terms; for variances the sum of squared distances from the mean), with u = 2**-53 the unit roundoff
of f64 and 2**-24 that of f32: the relative error, in units of what one rounding may do, at condition number 1. A
first-order bound is n - 1 for the plain loop.
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


def variance(xs: Any) -> float:
    """Welford's, times the number of elements."""
    n = 0
    mean = 0.0
    m2 = 0.0
    for x in xs:
        n += 1  # noqa: SIM113  as people write it
        d = x - mean
        mean += d / n
        m2 += d * (x - mean)
    return m2


def softmax(xs: Any) -> float:
    """The sum of exp(x - largest), rescaled where the largest grows."""
    m = -math.inf
    s = 0.0
    for x in xs:
        most = max(m, x)
        s = s * math.exp(m - most) + math.exp(x - most)
        m = most
    return s


def segment(xs: Any) -> float:
    """The largest sum of neighbours."""
    here = 0.0
    best = 0.0
    for x in xs:
        here = max(here + x, 0.0)
        best = max(best, here)
    return best


@dataclass(frozen=True)
class Measured:
    name: str
    loop: Callable[[Any], float]
    exact: Callable[[Floats], tuple[float, float]]  # the value, and the sum of magnitudes that errors are relative to
    narrow: bool = True  # f32 too
    most: int = SIZES[-1]


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


def exact_variance(xs: Floats) -> tuple[float, float]:
    """In multiples of 2**-120, as integers; what is below does not count."""
    whole = [int(Fraction(x) * 2**120) for x in xs.tolist()]
    value = Fraction(len(whole) * sum(x * x for x in whole) - sum(whole) ** 2, len(whole) * 2**240)
    return float(value), float(value) or 1.0


def exact_softmax(xs: Floats) -> tuple[float, float]:
    """In the 64 bits of an extended float."""
    wide = xs.astype(np.longdouble)
    value = float(np.sum(np.exp(wide - np.max(wide))))
    return value, value


def exact_segment(xs: Floats) -> tuple[float, float]:
    """In multiples of 2**-120, as integers."""
    here = best = 0
    for x in xs.tolist():
        here = max(here + int(Fraction(x) * 2**120), 0)
        best = max(best, here)
    return float(Fraction(best, 2**120)), float(math.fsum(np.abs(xs)))


LOOPS = (
    Measured("sum", total, exact_total),
    Measured("sum of squares", squares, exact_squares),
    Measured("mean", mean, exact_mean, narrow=False),
    Measured("moving average", averaged, exact_averaged),
    Measured("variance", variance, exact_variance, narrow=False, most=1_000_000),
    Measured("softmax", softmax, exact_softmax, narrow=False, most=1_000_000),
    Measured("segment", segment, exact_segment, narrow=False, most=100_000),
)


def samples(n: int, random: np.random.Generator) -> Iterator[tuple[str, Floats]]:
    uniform = random.random(n)
    yield "uniform in [0, 1)", uniform
    yield "normal", random.standard_normal(n)
    yield "1e6 + normal", 1e6 + random.standard_normal(n)
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
        plain, grouped = hp.jit(measured.loop), hp.jit(measured.loop, fp="reassoc", budget=60)
        for n in (size for size in SIZES if size <= min(most, measured.most)):
            for name, xs in samples(n, np.random.default_rng(n)):
                if xs.dtype == np.float32 and not measured.narrow:
                    continue
                if name == "1e6 + normal" and measured.loop is not variance:
                    continue
                if name == "1e-8 to 1e8" and measured.loop is softmax:  # nothing but the largest counts
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
