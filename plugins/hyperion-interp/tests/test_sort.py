"""`sort` is NumPy's stable sort."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperion.testing.arrays import dtype_name, random_array
from hyperion.testing.single_op import single_op
from hyperion_interp.interpreter import interpret

SHAPES = st.lists(st.integers(0, 5), min_size=1, max_size=3).map(tuple)


def few(kind: str, shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Values that repeat, so that stability shows."""
    pool = random_array(kind, (4,), seed)
    return np.random.default_rng(seed).choice(pool, shape)


@given(st.sampled_from(["i8", "u64", "i64", "f16", "f32", "f64", "bool"]), SHAPES, st.booleans(), st.data())
def test_keys_and_values_move_as_in_numpy(kind: str, shape: tuple[int, ...], fewer: bool, data: st.DataObject) -> None:
    seed = data.draw(st.integers(0, 2**32))
    keys = few(kind, shape, seed) if fewer else random_array(kind, shape, seed)
    axis = data.draw(st.integers(0, len(shape) - 1))
    descending = data.draw(st.booleans())
    names = ", ".join("nmp"[: len(shape)])
    places = np.arange(keys.size).reshape(shape)
    attributes = {"axis": axis, "descending": True} if descending else {"axis": axis}
    program = single_op("sort", [f"{kind}[{names}]", f"i64[{names}]", f"{kind}[{names}]"], None, attributes)
    order = np.argsort(_descending(keys) if descending else keys, axis=axis, kind="stable")
    expected = tuple(np.take_along_axis(x, order, axis).tolist() for x in (keys, places, keys))
    assert repr(interpret(program, [keys, places, keys])) == repr(expected)


def _descending(keys: np.ndarray) -> np.ndarray:
    """Keys that ascend where these descend, NaN still last."""
    if keys.dtype.kind == "f":
        return -keys
    _, ranks = np.unique(keys, return_inverse=True)
    return -ranks.reshape(keys.shape)


@pytest.mark.parametrize("descending", [False, True])
def test_the_order_of_special_floats(descending: bool) -> None:
    nan = float("nan")
    keys = [nan, 0.0, -0.0, float("-inf"), nan, float("inf"), -0.0, 0.0]
    program = single_op("sort", ["f64[n]", "i64[n]"], None, {"axis": 0, "descending": descending})
    _, order = interpret(program, [np.array(keys), list(range(8))])
    assert order == ([5, 1, 2, 6, 7, 3, 0, 4] if descending else [3, 1, 2, 6, 7, 5, 0, 4])


def test_128_bits() -> None:
    keys = [2**127 - 1, -(2**127), 2**64, -1]
    program = single_op("sort", ["i128[n]"], None, {"axis": 0})
    assert interpret(program, [keys]) == (sorted(keys),)
    assert interpret(program, [np.array(keys, dtype=dtype_name("i128"))]) == (sorted(keys),)
