"""Elementary functions as `math` and as NumPy have them: at the edges, what the plain function gives."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any  # Any: results of every type

import numpy as np
import pytest

import hyperion as hp
from hyperion.errors import TypeCheckError

INF, NAN = math.inf, math.nan
EDGES = (0.0, -0.0, 1.5, -1.5, -2.0, 0.5, -0.5, 2.0**53 + 2, -(2.0**63), 5e-324, INF, -INF, NAN, 1e308)
WITHIN = EDGES[:-1]  # integers have 64 bits


def of_numpy(x: float) -> Any:
    return np.abs(x), np.sqrt(x), np.sign(x), math.fabs(x), np.isnan(x), np.isinf(x), np.isfinite(x)


def of_integers(x: int) -> Any:
    return np.abs(x), np.sign(x), np.square(x), np.maximum(x, 3), np.minimum(x, 3), np.sqrt(x * x)


def down(x: float) -> Any:
    return math.floor(x)


def up(x: float) -> Any:
    return math.ceil(x)


def squared(x: float) -> Any:
    return x**2


def cubed(x: float) -> Any:
    return x**3


def exponential(x: float) -> Any:
    return np.exp(x) + 0.0 * np.log(2.0 + np.abs(x)) * np.square(0.5)


def logarithm(x: float) -> Any:
    return np.log(x)


def outcome(function: Callable[..., Any], *arguments: Any) -> list[str]:
    try:
        with np.errstate(all="ignore"):
            found = function(*arguments)
    except (ArithmeticError, ValueError) as error:
        return [next(kind.__name__ for kind in (OverflowError, ValueError) if isinstance(error, kind))]
    return [repr(float(v)) for v in (found if isinstance(found, tuple) else (found,))]


@pytest.mark.parametrize(
    ("function", "edges"),
    [
        (of_numpy, EDGES),
        (of_integers, (0, 1, -1, 3, 4, -7, 2**31)),
        (down, WITHIN),
        (up, WITHIN),
        (squared, (*EDGES, 1.3407807929942596e154, 1.3407807929942597e154, -1.3407807929942597e154)),
        (cubed, (*EDGES, 5.643803094122363e102)),
        (exponential, (*EDGES, 709.0, 710.0, -746.0)),
        (logarithm, (0.0, -0.0, -1.0, 1.0, INF, -INF, NAN)),
    ],
    ids=lambda f: getattr(f, "__name__", ""),
)
def test_at_the_edges(function: Callable[..., Any], edges: tuple[Any, ...]) -> None:
    fp = "reassoc" if function in (squared, cubed, exponential, logarithm) else "ieee"
    compiled = hp.jit(function, fp=fp, derive="never")
    for x in edges:
        assert outcome(compiled, x) == outcome(function, x), x


def test_what_numpy_and_the_c_library_round_differently_is_refused() -> None:
    def inverse(x: float) -> Any:
        return x**-1

    for function, words in ((squared, "IEEE"), (exponential, "IEEE"), (inverse, "this .. on floats")):
        with pytest.raises(TypeCheckError, match=words):
            hp.jit(function)(1.0)


def test_the_least_integer_has_no_absolute_value() -> None:
    assert outcome(hp.jit(of_integers, derive="never"), -(2**63)) == ["OverflowError"]


def test_the_extrema_of_numpy_keep_nan_and_are_taken_for_integers_only() -> None:
    def larger(x: float, y: float) -> Any:
        return np.maximum(x, y)

    with pytest.raises(TypeCheckError, match=r"np\.maximum of floats"):
        hp.jit(larger)(1.0, 2.0)


def test_a_narrow_float_keeps_its_width() -> None:
    def root(xs: Any) -> Any:
        return np.sqrt(np.abs(xs[0]))

    xs = np.array([-3.0], np.float32)
    found = hp.jit(root, derive="never")(xs)
    assert float(found) == float(np.sqrt(np.abs(xs[0])))


def test_the_sign_of_a_float_is_a_float(harness: Any) -> None:
    assert type(harness.run("import numpy as np\ndef f(): return np.sign(-0.5)\n")) is float
