"""Refusals name the variables, the place, and what to try."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import hyperion as hp
from hyperion.ir.parser import parse_program
from hyperion_proofs.analysis import Refused
from hyperion_proofs.strategies import reduced


@pytest.fixture(scope="module")
def instance() -> Iterator[hp.Instance]:
    with hp.Instance(config={"library": False, "budget": 60}) as made:
        yield made


def majority(xs: Any) -> int:
    votes = 0
    leader = 0
    for x in xs:
        if votes == 0:
            leader = x
        votes += 1 if x == leader else -1
    return leader


def widest(xs: Any) -> int:
    low = 10**18
    high = -(10**18)
    for x in xs:
        if x < low:
            low = x
        elif x > high:
            high = x
    return high - low


def shared(xs: Any, n: int) -> int:
    s = n
    for x in xs:
        s = x // (s + 1)
    return s


def halved(n: int) -> int:
    steps = 0
    while n > 1:
        n //= 3
        steps += 1
    return steps


@pytest.mark.parametrize(
    ("loop", "arguments", "line", "words"),
    [
        (majority, (np.arange(5),), "if votes == 0:", ("`votes == 0`", "`votes`", "hp.assume")),
        (shared, (np.arange(5), 3), "s = x // (s + 1)", ("`x // (s + 1)`", "`s`", "hp.assume")),
        (halved, (9,), "while n > 1:", ("`n`", "`steps`", "`for` over a range")),
    ],
)
def test_in_the_words_of_the_source(
    instance: hp.Instance, loop: Callable[..., Any], arguments: tuple[Any, ...], line: str, words: tuple[str, ...]
) -> None:
    found = hp.jit(loop, instance=instance).explain(*arguments).refusals[0]
    assert all(word in found.reason for word in words), found.reason
    assert found.span is not None
    assert found.span.text.strip() == line


def test_a_summary_that_asks_more_than_the_loop_begins_with() -> None:
    """Such a loop is a scan and a loop after it instead."""
    program = parse_program(hp.jit(widest, derive="never").ir(np.arange(5)))
    index = next(i for i, e in enumerate(program.main.equations) if e.op == "fold")
    with pytest.raises(Refused, match=r"states with low <= high, and the loop begins with low = 1000000000000000000"):
        reduced(program.main, index)
