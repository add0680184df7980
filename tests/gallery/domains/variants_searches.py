"""Searches that end at their first hit, and loops that only ask how long their input is."""

from __future__ import annotations

from typing import Any  # loops take every type

from catalogue import Domain, Given, Whole

HERE = Domain("variants")
VALUES = Whole(-60, 60)


@HERE.loop(VALUES, Given((7, -60, 61)))
def position_of(values: Any, key: Any) -> Any:
    for i in range(len(values)):
        if values[i] == key:
            return i
    return -1


@HERE.loop(VALUES, Given((-60, 0, 61)), dtypes="int64 int32")
def nothing_below(values: Any, floor: Any) -> Any:
    return all(v >= floor for v in values)


@HERE.loop(VALUES, Given((59, 60)))
def first_above_limit(values: Any, limit: Any) -> Any:
    """The first value over a limit, and where it is."""
    place = -1
    value = 0
    for i, v in enumerate(values):
        if v > limit:
            place = i
            value = v
            break
    return place, value


@HERE.loop(VALUES)
def both_signs(values: Any) -> Any:
    """Nothing more can be learnt once there was one of each."""
    up = False
    down = False
    for v in values:
        up = up or v > 0
        down = down or v < 0
    return up and down


@HERE.loop(Whole(-60, 60, extreme=False))
def paid_until_zero(values: Any) -> Any:
    total = 0
    for v in values:
        if v == 0:
            break
        total += v
    return total


@HERE.loop(VALUES, Given((3, -7, 2**40)), target="closed")
def flat_fee(values: Any, fee: Any) -> Any:
    """What each costs does not depend on it."""
    total = 0
    for _ in values:
        total += fee
    return total
