"""A call means the same whatever types the function was called with before."""

from __future__ import annotations

import numpy as np

import hyperion as hp
from hyperion.testing.apart import at_once


@hp.jit
def triple(x):
    return x * 3.0


@hp.jit
def less_ten(n):
    return n - 10


@hp.jit
def last_plus(xs, a, b):
    h = 0
    for x in xs:
        h = max(h, x + a) + b
    return h


def test_the_last_signature_does_not_leak_into_the_next_call() -> None:
    assert triple(0.1) == 0.1 * 3.0
    assert triple(np.float32(0.1)) == np.float32(0.1) * np.float32(3.0)
    assert triple(0.1) == 0.1 * 3.0
    assert less_ten(np.uint64(50)) == 40
    assert less_ten(5) == -5


def test_a_derived_form_without_code_leaves_the_loop_as_written() -> None:
    xs = np.arange(3)
    assert last_plus(xs, 1, 1) == 4
    assert last_plus.explain(xs, 1, 1).chosen_cost in ("O(n)", "O(n/p)")


def test_threads_share_one_compilation() -> None:
    @hp.jit
    def total(xs):
        s = 0
        for x in xs:
            s += x
        return s

    xs = np.arange(10_000)
    assert at_once(lambda _: total(xs), 8, 120) == [49_995_000] * 8
