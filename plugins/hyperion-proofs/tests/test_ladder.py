"""Every rung of the ladder: loops as people write them are parallel, proved, and equal to plain Python however the
elements are cut into pieces."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest

import hyperion as hp

Loop = Callable[..., Any]  # Any: plain functions over lists of numbers
LOOPS: list[tuple[str, Loop]] = []
SIZES = (0, 1, 2, 3, 5, 6, 7, 12, 13, 29, 48)


def rung(name: str) -> Callable[[Loop], Loop]:
    def keep(loop: Loop) -> Loop:
        LOOPS.append((name, loop))
        return loop

    return keep


@rung("rows")
def longest_streak(xs: Any) -> int:
    streak = 0
    longest = 0
    for x in xs:
        streak = streak + 1 if x > 0 else 0
        longest = max(longest, streak)
    return longest


@rung("rows")
def trades_with_rest(xs: Any) -> int:
    own = -(10**6)
    sold = 0
    free = 0
    for x in xs:
        own, sold, free = max(own, free - x), own + x, max(free, sold)
    return max(sold, free)


@rung("signs")
def best_trade(xs: Any) -> int:
    low = 10**6
    best = 0
    for x in xs:
        best = max(best, x - low)
        low = min(low, x)
    return best


@rung("control")
def runs_of_zero(xs: Any) -> int:
    inside = False
    count = 0
    for x in xs:
        if x != 0:
            inside = False
        elif not inside:
            inside = True
            count += 1
    return count


@rung("control")
def scanner(xs: Any) -> int:
    state = 0
    found = 0
    for x in xs:
        if state == 0:
            if x > 0:
                state = 1
        elif state == 1:
            if x < 0:
                state = 2
            else:
                found += 1
        elif x == 0:
            state = 0
            found += 3
    return found


@rung("control")
def alternating_sum(xs: Any) -> int:
    sign = 1
    total = 0
    for x in xs:
        total += sign * x
        sign = -sign
    return total


@rung("control")
def has_three(xs: Any) -> bool:
    for x in xs:  # noqa: SIM110
        if x == 3:
            return True
    return False


@rung("extremum")
def place_of_largest(xs: Any) -> int:
    best = -(10**6)
    place = -1
    for i, x in enumerate(xs):
        if x > best:
            best = x
            place = i
    return place


@rung("extremum")
def last_place_of_smallest(xs: Any) -> int:
    best = 10**6
    place = -1
    i = 0
    for x in xs:
        if x <= best:
            best = x
            place = i
        i += 1  # noqa: SIM113
    return place


@rung("extremum")
def ties_for_largest(xs: Any) -> int:
    best = -(10**6)
    count = 0
    for x in xs:
        if x > best:
            best = x
            count = 1
        elif x == best:
            count += 1
    return count


@rung("memory")
def rises(xs: Any) -> int:
    before = 0
    count = 0
    for x in xs:
        if x > before:
            count += 1
        before = x
    return count


@rung("memory")
def longest_rise(xs: Any) -> int:
    before = 10**6
    length = 0
    longest = 0
    for x in xs:
        length = length + 1 if x > before else 1
        longest = max(longest, length)
        before = x
    return longest


@rung("memory of two, skipping")
def peaks_without_zeros(xs: Any) -> int:
    a = 0
    b = 0
    count = 0
    for x in xs:
        if x == 0:
            continue
        if b > a and b >= x:
            count += 1
        a, b = b, x
    return count


@rung("clamps")
def bounded_level(xs: Any) -> int:
    level = 3
    for x in xs:
        level = min(max(level + x, 0), 10)
    return level


@rung("clamps")
def filled_or_drained(xs: Any) -> int:
    level = 0
    for x in xs:
        if x > 0:  # noqa: SIM108
            level = min(level + x, 7)
        else:
            level = max(level + x, 0)
    return level


@rung("ranked")
def third_largest(xs: Any) -> int:
    first = second = third = -(10**6)
    for x in xs:
        if x > first:
            first, second, third = x, first, second
        elif x > second:
            second, third = x, second
        elif x > third:
            third = x
    return third


@rung("ordered")
def spread(xs: Any) -> int:
    low = 0
    high = 0
    for x in xs:
        if x < low:
            low = x
        elif x > high:
            high = x
    return high - low


@rung("thresholds")
def never_in_debt(xs: Any) -> bool:
    balance = 5
    solvent = True
    for x in xs:
        balance += x
        if balance < 0:
            solvent = False
    return solvent


@rung("thresholds")
def ever_above(xs: Any) -> bool:
    level = 0
    above = False
    for x in xs:
        level += x
        if level > 9:
            above = True
    return above


@rung("quotients")
def odd_less_even(xs: Any) -> int:
    balance = 0
    for x in xs:
        if x % 2 == 0:
            balance -= 1
        else:
            balance += 1
    return balance


@rung("quotients")
def digits_and_thirds(xs: Any) -> int:
    total = 0
    for x in xs:
        total += x % 10 + x // 3
    return total


@rung("first")
def place_of_three(xs: Any) -> int:
    for i, x in enumerate(xs):
        if x == 3:
            return i
    return -1


@rung("first")
def first_beyond(xs: Any) -> Any:
    place = 7
    for i, x in enumerate(xs):
        if x > 2 or x < -2:
            place = i * 2
            break
    return place


@rung("several arrays")
def dot(xs: Any) -> int:
    total = 0
    for x, y in zip(xs, reversed(xs), strict=False):
        total += x * y
    return total


@pytest.mark.parametrize(("name", "loop"), LOOPS, ids=[f"{name}-{loop.__name__}" for name, loop in LOOPS])
def test_a_loop_is_parallel_and_equal_however_it_is_cut(name: str, loop: Loop, instance: hp.Instance) -> None:
    compiled = hp.jit(loop, instance=instance)
    random = Random(name)
    for size in SIZES:
        for spread_of_values in (1, 4, 40):
            values = [random.randint(-spread_of_values, spread_of_values) for _ in range(size)]
            assert compiled(np.array(values, dtype=np.int64)) == loop(values), values
    found = compiled.explain(np.zeros(7, dtype=np.int64))
    assert found.checked, found.refusals
    assert found.parallel


@pytest.mark.parametrize(
    "loop", [longest_streak, best_trade, rises, bounded_level, digits_and_thirds, dot], ids=lambda f: f.__name__
)
def test_at_the_limits_of_the_type(loop: Loop, instance: hp.Instance) -> None:
    """Python's own integers do not overflow: a sum beyond 64 bits raises."""
    compiled = hp.jit(loop, instance=instance)
    random = Random(loop.__name__)
    for _ in range(40):
        values = [random.choice([-(2**63), 2**63 - 1, -(2**62), 2**62, -1, 0, 1]) for _ in range(random.randint(1, 9))]
        wanted = _within_64_bits(loop, values)
        given = np.array(values, dtype=np.int64)
        if wanted is None:
            with pytest.raises(OverflowError):
                compiled(given)
        else:
            assert compiled(given) == wanted, values


def _within_64_bits(loop: Loop, values: list[int]) -> int | None:
    """What the loop gives in 64-bit integers that trap; None where it traps."""
    try:
        return int(loop([_Word(v) for v in values]))
    except OverflowError:
        return None


class _Word(int):
    """An integer whose sums, differences and products must fit 64 bits."""

    def _fit(self, value: int) -> _Word:
        if not -(2**63) <= value < 2**63:
            raise OverflowError
        return _Word(value)

    def __add__(self, other: int) -> _Word:
        return self._fit(int(self) + int(other))

    def __sub__(self, other: int) -> _Word:
        return self._fit(int(self) - int(other))

    def __mul__(self, other: int) -> _Word:
        return self._fit(int(self) * int(other))

    def __mod__(self, other: int) -> _Word:
        return _Word(int(self) % other)

    def __floordiv__(self, other: int) -> _Word:
        return _Word(int(self) // other)

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: int) -> _Word:
        return self._fit(int(other) - int(self))


def test_what_no_rung_takes_is_refused_with_a_reason(instance: hp.Instance) -> None:
    def majority(xs: Any) -> int:
        candidate = 0
        votes = 0
        for x in xs:
            if votes == 0:
                candidate = x
            votes += 1 if x == candidate else -1
        return candidate

    found = hp.jit(majority, instance=instance).explain(np.zeros(7, dtype=np.int64))
    assert not found.parallel
    assert "a branch tests the state" in str(found)
