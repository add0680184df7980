"""Loops whose states move evenly, at huge counts: jumps, and the step that overflows; against Python's integers."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import product
from time import process_time

from outcomes import is_checked, outcome

import hyperion as hp

MIN, MAX, HUGE = -(2**63), 2**63 - 1, 10**15


def carried(n, a, b, c, d, e, f, x, y):
    for _ in range(n):
        x, y = a * x + b * y + e, c * x + d * y + f
    return x, y


def _carried(coefficients: Sequence[int]) -> Callable[[tuple[int, ...]], tuple[int, ...]]:
    """A step with a test of each sum; it raises OverflowError as the loop does."""
    a, b, c, d, e, f = coefficients

    def whole(first: int, second: int, last: int) -> int:
        if not all(MIN <= v <= MAX for v in (first, second, first + second, first + second + last)):
            raise OverflowError
        return first + second + last

    return lambda s: (whole(a * s[0], b * s[1], e), whole(c * s[0], d * s[1], f))


def _at_length(step: Callable[[tuple[int, ...]], tuple[int, ...]], state: tuple[int, ...], n: int) -> tuple[int, ...]:
    """The state after n steps in Python's integers, by the moves of 12 steps."""

    def ran(s: tuple[int, ...], count: int) -> tuple[int, ...]:
        for _ in range(count):
            s = step(s)
        return s

    if n < 400:
        return ran(state, n)
    state, n = ran(state, 200), n - 200
    after = ran(state, 12)
    moves = [y - x for x, y in zip(state, after, strict=True)]
    assert [y - x for x, y in zip(after, ran(after, 12), strict=True)] == moves
    most = min([n // 12, *((MAX - x if d > 0 else x - MIN) // abs(d) for x, d in zip(state, moves, strict=True) if d)])
    return ran(tuple(x + most * d for x, d in zip(state, moves, strict=True)), min(n - 12 * most, 400))


EVEN = [
    ((HUGE**2 // 10**12, *c), s)
    for c, s in (
        ((1, 0, 0, 0, 7, 0), (5, 0)),  # x = x*r + p with r = 1
        ((1, 0, 0, 0, 10, 0), (5, 0)),
        ((-1, 0, 0, 1, 7, 1), (5, 0)),
        ((0, 0, 0, 0, MIN, MAX), (5, 0)),
        ((2, 0, 0, 3, -5, MAX // -2 * 2), (5, MAX // 2)),  # fixed points, and a product that does not fit
        ((0, -1, 1, -1, 1, 2), (MAX // 3, 4)),  # a period of 3
        ((2, 1, -1, 0, 0, 0), (1, 0)),  # arithmetic progressions
        ((1, 0, 1, 0, -3, 4), (MAX, MIN)),
        ((0, 1, 0, 0, 3, 1), (MAX, MIN)),
    )
]


def test_states_that_move_evenly_take_no_time_and_stop_where_the_loop_does() -> None:
    compiled = hp.jit(carried, budget=60)
    is_checked(compiled.explain(3, 1, 1, 1, 1, 1, 1, 1, 1))
    chosen = random.Random(5)
    cases = list(EVEN)
    for _ in range(120):
        size = [-2, -1, -1, 0, 0, 1, 1, 2, chosen.choice((MIN, MAX, 10**9))]
        c = [chosen.choice(size) for _ in range(6)]
        if c[1] and c[2] == 0 and c[0] == c[3] == 1:
            continue  # sums of sums
        cases.append(((chosen.choice((10**18, MAX, 15119, 15121, 30)), *c), (chosen.choice(size), chosen.choice(size))))
    for (n, *coefficients), state in cases:
        wanted: object
        try:
            wanted = _at_length(_carried(coefficients), state, n)
        except OverflowError:
            wanted = OverflowError
        except AssertionError:
            continue  # a state that grows faster, and slower than a power
        begun = process_time()
        assert outcome(compiled, (n, *coefficients, *state)) == wanted, (n, coefficients, state)
        assert process_time() - begun < 1


def paid_in_all(n, held, rate, paid):
    total = 0
    for _ in range(n):
        held = held * rate + paid
        total += held
    return total


def test_sums_of_sums_where_a_coefficient_is_one() -> None:
    compiled = hp.jit(paid_in_all, budget=60)
    is_checked(compiled.explain(3, 1, 1, 1))
    for arguments in product((0, 7, 16000), (-3, MAX // 9), (1, 0, -1, 2), (0, -2, MIN)):
        assert outcome(compiled, arguments) == expected_steps(*arguments), arguments
    begun = process_time()
    n = 4 * 10**9
    assert compiled(n, 5, 1, 1) == 5 * n + n * (n + 1) // 2
    for held, rate, paid in ((5, 1, 1), (-5, 1, -1), (MAX, 1, -1), (MAX, 0, 10)):
        assert outcome(compiled, (10**18, held, rate, paid)) is OverflowError
    assert compiled(10**18 + 1, 0, -1, 9) == 9 * (10**18 // 2 + 1)
    assert process_time() - begun < 1


def expected_steps(n: int, held: int, rate: int, paid: int) -> int | type[Exception]:
    total = 0
    for _ in range(n):
        scaled = held * rate
        held = scaled + paid
        total += held
        if not all(MIN <= v <= MAX for v in (scaled, held, total)):
            return OverflowError
    return total
