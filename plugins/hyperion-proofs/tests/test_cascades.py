"""Loops whose states do not all depend on each other: theorems, and plain Python's values and exceptions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any  # plain functions over lists of numbers

import numpy as np
import pytest
from outcomes import fits

import hyperion as hp
from hyperion.ir.function import walk
from hyperion.ir.parser import parse_program
from hyperion.logic.checking import check
from hyperion.logic.denote import denote
from hyperion.logic.terms import digest
from hyperion_proofs import cascade_lemmas
from hyperion_proofs.analysis import Refused
from hyperion_proofs.cascades import in_a_row
from hyperion_proofs.scanned import scanned
from hyperion_proofs.strategies import ParallelReduction, reduced


def loop(body: str) -> str:
    return f"""
func @loop(%xs: i64[n], %a0: i64, %b0: i64) -> (i64, i64) {{
  %zero = const 0 : i64
  %one = const 1 : i64
  %a2, %b2 = fold (%xs), (%a0, %b0) {{
    ^(%x: i64, %a: i64, %b: i64):
      {body}
  }}
  return %a2, %b2
}}"""


OVERDRAWN = loop("""%a1 = add.trap %a, %x : i64
      %under = lt %a1, %zero
      %b1 = if %under {
        %more = add.trap %b, %one : i64
        yield %more
      } {
        yield %b
      }
      yield %a1, %b1""")
IN_A_CIRCLE = loop("""%b1 = min %b, %a : i64
      %a1 = add.trap %b1, %x : i64
      yield %a1, %b1""")


def test_the_generic_theorem_has_no_hypothesis_but_the_laws() -> None:
    found = cascade_lemmas.in_two()
    assert len(found.hypotheses) == 3
    assert {v.name for side in (found.left, found.right) for v in side.free} == {"F", "f", "g", "mk", "xs"}
    assert not cascade_lemmas.of_columns(3).hypotheses


def test_one_choice_between_all_and_the_loop_as_written() -> None:
    program = parse_program(OVERDRAWN)
    (found,) = ParallelReduction().derive(program.main)
    assert not hasattr(found, "reason")
    checked = check(found.theorem)
    assert (checked.left, checked.right) == (digest(denote(program.main)), digest(denote(found.function)))
    assert (checked.hypotheses, checked.oracles) == (0, ())
    choices = [e for e in found.function.equations if e.op == "if"]
    assert len(choices) == 1
    assert [e.op for e in choices[0].regions[1].equations] == ["fold"]
    assert {"par.scan", "par.reduce"} <= {e.op for e in walk(found.function.equations)}


def test_states_that_depend_on_each_other_are_refused() -> None:
    program = parse_program(IN_A_CIRCLE)
    with pytest.raises(Refused, match="all states depend on each other"):
        in_a_row(program.main, 2, scanned, reduced)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Any:
    instance = hp.Instance(config={"home": str(tmp_path_factory.mktemp("home")), "prefer": "proven"})
    yield lambda function: hp.jit(function, instance=instance, budget=60)
    instance.close()


def outcome(function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except OverflowError:
        return OverflowError


def test_best_segment_with_its_ends(compiled: Any) -> None:
    def segment(xs):
        here = start = begin = end = 0
        best = -1
        for i, x in enumerate(xs):
            here += x
            if here > best:
                best = here
                begin, end = start, i
            if here < 0:
                here = 0
                start = i + 1
        return best, begin, end

    def plain(xs: list[int]) -> tuple[int, int, int]:
        here = start = begin = end = 0
        best = -1
        for i, x in enumerate(xs):
            here = fits(here + x)
            if here > best:
                best, begin, end = here, start, i
            if here < 0:
                here, start = 0, i + 1
        return best, begin, end

    function = compiled(segment)
    assert function.explain(np.zeros(5, np.int64)).parallel
    rng = np.random.default_rng(3)
    top = 2**63 - 1
    cases = [[], [-3], [4], [0, 0], [top], [top, -1, 1], [top, 1], [-(2**63), -1], [1] * 40 + [top], [5, -9, 5, -9, 5]]
    cases += [rng.integers(-9, 9, size).tolist() for size in (7, 8, 9, 65, 300, 9_000)]
    for xs in cases:
        assert outcome(function, np.array(xs, np.int64)) == outcome(plain, xs), xs[:5]


def test_what_comes_after_a_return_runs_where_the_loop_is_in_a_branch(compiled: Any) -> None:
    def below_zero(xs, first):
        if len(xs) == 0:
            return -1, first
        total, days = first, 0
        for x in xs:
            total += x
            if total < 0:
                days += 1
        return days, total

    def plain(xs: list[int], first: int) -> tuple[int, int]:
        total, days = first, 0
        for x in xs:
            total = fits(total + x)
            days += total < 0
        return (days, total) if xs else (-1, first)

    function = compiled(below_zero)
    assert function.explain(np.zeros(5, np.int64), 1).parallel
    rng = np.random.default_rng(4)
    cases = [[], [1], [-1], [2**62], [-(2**62), -(2**62)], *(rng.integers(-9, 9, n).tolist() for n in (9, 130, 9_000))]
    for xs in cases:
        for first in (0, 2**62, -(2**63), 2**63 - 1):
            assert outcome(function, np.array(xs, np.int64), first) == outcome(plain, xs, first), (xs[:5], first)
