"""Functions of matrices from source to machine code: what they give, what is proved, and what they cost."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import hyperion as hp


@pytest.fixture(scope="module")
def patient() -> Iterator[hp.Instance]:
    """With time to search, however busy the machine is."""
    with hp.Instance(config={"library": False, "budget": 60.0, "prefer": "proven"}) as instance:
        yield instance


def numbers(*shape: int, dtype: str = "i8") -> np.ndarray:
    return np.random.default_rng(sum(shape)).integers(-(2**63), 2**63 - 1, shape).astype(dtype)


def filtered(a, b, x):
    return a @ b @ x


def three(a, b, c):
    return a @ b @ c


def checked_alike(plain: Callable[..., Any], compiled: Callable[..., Any], *arguments: np.ndarray) -> None:
    try:
        wanted = plain(*arguments)
    except ValueError:
        with pytest.raises(ValueError, match="HY5104"):
            compiled(*arguments)
        return
    found = compiled(*arguments)
    assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
    assert np.array_equal(found, wanted)


def test_a_product_with_a_vector_never_makes_the_matrix(patient: hp.Instance) -> None:
    compiled = hp.jit(filtered, instance=patient)
    for n, k, m in ((3, 4, 5), (1, 1, 1), (0, 2, 3), (2, 0, 3), (65, 33, 70)):
        checked_alike(filtered, compiled, numbers(n, k), numbers(k, m), numbers(m))
    checked_alike(filtered, compiled, numbers(2, 3), numbers(2, 3), numbers(3))
    checked_alike(filtered, compiled, numbers(2, 3), numbers(3, 4), numbers(3))
    found = compiled.explain(numbers(3, 4), numbers(4, 5), numbers(5))
    assert (found.source_cost, found.chosen_cost, found.checked) == ("O(n^3)", "O(n^2)", True)
    large, x = np.ones((3000, 3000), np.int64), np.arange(3000)
    assert compiled(large, large, x)[0] == 3000 * int(x.sum())  # 27 billion products as written


def test_a_chain_is_grouped_by_the_sizes_of_its_matrices(patient: hp.Instance) -> None:
    compiled = hp.jit(three, instance=patient)
    for sizes in ((2, 9, 3, 8), (9, 2, 8, 3), (0, 1, 0, 1), (1, 0, 1, 1), (40, 1, 40, 1)):
        checked_alike(three, compiled, *(numbers(*pair, dtype="i4") for pair in itertools.pairwise(sizes)))
    checked_alike(three, compiled, *(numbers(2, 3, dtype="i4") for _ in range(3)))
    assert compiled.explain(*(numbers(2, 2, dtype="i4") for _ in range(3))).checked


def product(a, b):
    return a @ b


def test_products_of_floats_need_a_grant_and_keep_one_order(patient: hp.Instance) -> None:
    a = np.random.default_rng(1).normal(size=(40, 30))
    with pytest.raises(TypeError, match="float matrices"):
        hp.jit(filtered, instance=patient)(a, a.T, a[:, 0])
    found = hp.jit(product, instance=patient, fp="reassoc")(a, a.T)
    wanted = np.zeros((40, 40))
    for k in range(30):
        wanted = wanted + a[:, k : k + 1] * a.T[k]
    assert np.array_equal(found, wanted)


def largest(a):
    most = 0
    for i in range(len(a)):
        for j in range(a.shape[1]):
            most = max(most, a[i, j])
    return most


def test_a_loop_over_all_elements_is_parallel(patient: hp.Instance) -> None:
    compiled = hp.jit(largest, instance=patient)
    a = np.random.default_rng(2).integers(-99, 99, (300, 200), dtype=np.int32)
    assert (compiled(a), compiled(a.T), compiled(a[::-2, ::3])) == (a.max(), a.max(), a[::-2, ::3].max())
    assert compiled(a[:0]) == 0
    assert compiled.explain(a).parallel
