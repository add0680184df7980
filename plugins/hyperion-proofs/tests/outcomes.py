"""What a call of a compiled function ends in, what overflows, and whether its theorem was checked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import hyperion as hp


def fits(value: int) -> int:
    if not -(2**63) <= value < 2**63:
        raise OverflowError
    return value


def outcome(function: Callable[..., int], arguments: tuple[int, ...]) -> int | type[Exception]:
    try:
        return function(*arguments)
    except OverflowError:
        return OverflowError
    except ZeroDivisionError:
        return ZeroDivisionError


def is_checked(explanation: hp.Explanation) -> None:
    reasons = [r.reason for r in explanation.refusals]
    if any("was cut" in r for r in reasons):
        pytest.skip("the machine is too busy for the search's time limit")
    assert explanation.checked, reasons
