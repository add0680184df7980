"""The parallel forms denote their own pieces: shown by summaries that obey no law."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

import pytest

from hyperion.errors import ProofError
from hyperion.ir.function import Program
from hyperion.ir.parser import parse_program
from hyperion.testing.denotation import meaning

Denotes = Callable[[Program, Sequence[object]], None]

REDUCE = """
func @f(%xs: i64[n], %s: i64, %t: i64) -> (bool, i64, i64) {
  %ok, %a, %b = par.reduce (%xs), (%s, %t) {lanes = 2, piece = 3} {
    ^(%x: i64):
      yield %x, %x
  } {
    ^(%p: i64, %q: i64, %u: i64, %v: i64):
      %pu = sub.wrap %p, %u : i64
      %qv = mul.wrap %q, %v : i64
      yield %pu, %qv
  } {
    ^(%p2: i64, %q2: i64, %s2: i64, %t2: i64):
      %s3 = sub.wrap %p2, %s2 : i64
      %t3 = add.wrap %q2, %t2 : i64
      yield %s3, %t3
  } {
    ^(%y: i64):
      %zero = const 0 : i64
      %pos = lt %zero, %y : bool
      yield %pos
  }
  return %ok, %a, %b
}"""


@pytest.mark.parametrize("n", [0, 1, 2, 3, 6, 7, 13, 38, 39, 45])
def test_a_parallel_reduction_of_a_summary_without_laws(denotes: Denotes, n: int) -> None:
    """The pieces show: a regrouped difference is another number."""
    random = Random(n)
    denotes(parse_program(REDUCE), [[random.randint(-1, 9) for _ in range(n)], 5, -3])


POWER = """
func @f(%lo: i64, %hi: i64, %by: i64, %c: i64, %s: i64) -> i64 {
  %r = par.power %lo, %hi, %by, (%s) {
    yield %c, %c
  } {
    ^(%p: i64, %q: i64, %u: i64, %v: i64):
      %pu = mul.wrap %p, %u : i64
      %qv = sub.wrap %q, %v : i64
      yield %pu, %qv
  } {
    ^(%p2: i64, %q2: i64, %s2: i64):
      %m = mul.wrap %p2, %s2 : i64
      %k = add.wrap %m, %q2 : i64
      yield %k
  }
  return %r
}"""


@pytest.mark.parametrize("limits", [(0, n, 1) for n in (-2, 0, 1, 2, 3, 4, 5, 11, 64)] + [(9, -2, -3), (0, 5, 0)])
def test_a_power_of_a_summary_without_laws(denotes: Denotes, limits: tuple[int, int, int]) -> None:
    denotes(parse_program(POWER), [*limits, 3, 7])


def test_pieces_are_part_of_the_meaning() -> None:
    assert meaning(REDUCE) is not meaning(REDUCE.replace("piece = 3", "piece = 4"))
    assert meaning(REDUCE) is not meaning(REDUCE.replace("lanes = 2", "lanes = 3"))


def test_a_region_of_a_parallel_operation_may_not_trap() -> None:
    with pytest.raises(ProofError) as error:
        meaning(REDUCE.replace("sub.wrap %p, %u", "sub.trap %p, %u"))
    assert error.value.code == "HY7011"


SCAN = """
func @f(%xs: i64[n], %ys: i64[n], %s: i64, %t: i64) -> (i64, i64, i64[n], i64[n]) {
  %a, %b, %us, %vs = par.scan (%xs, %ys), (%s, %t) {lanes = 2, piece = 3} {
    ^(%x: i64, %y: i64, %c: i64, %d: i64):
      %c1 = mul.wrap %c, %x : i64
      %d1 = sub.wrap %y, %d : i64
      %u = sub.wrap %c1, %y : i64
      yield %c1, %d1, %u, %d
  } {
    ^(%x2: i64, %y2: i64):
      yield %y2, %x2
  } {
    ^(%p: i64, %q: i64, %u2: i64, %v2: i64):
      %pu = sub.wrap %p, %u2 : i64
      %qv = mul.wrap %q, %v2 : i64
      yield %pu, %qv
  } {
    ^(%p3: i64, %q3: i64, %s3: i64, %t3: i64):
      %s4 = sub.wrap %p3, %s3 : i64
      %t4 = add.wrap %q3, %t3 : i64
      yield %s4, %t4
  }
  return %a, %b, %us, %vs
}"""


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 6, 7, 13, 38, 39, 45])
def test_a_parallel_scan_of_a_summary_without_laws(denotes: Denotes, n: int) -> None:
    random = Random(n)
    xs, ys = ([random.randint(-3, 9) for _ in range(n)] for _ in range(2))
    denotes(parse_program(SCAN), [xs, ys, 5, -3])


def test_the_pieces_of_a_scan_are_part_of_its_meaning() -> None:
    assert meaning(SCAN) is not meaning(SCAN.replace("piece = 3", "piece = 4"))
    assert meaning(SCAN) is not meaning(SCAN.replace("lanes = 2", "lanes = 3"))


def test_a_region_of_a_parallel_scan_may_not_trap() -> None:
    for line in ("mul.wrap %c, %x", "sub.wrap %p, %u2", "add.wrap %q3, %t3"):
        with pytest.raises(ProofError) as error:
            meaning(SCAN.replace(line, line.replace("wrap", "trap")))
        assert error.value.code == "HY7011"


WINDOWS = """
func @f(%xs: i64[n], %w: i64) -> (i64[k], i64[k]) {
  %as, %bs = par.windows (%xs), (%w) : (i64[k], i64[k]) {
    ^(%x: i64):
      %y = add.wrap %x, %w : i64
      yield %x, %y
  } {
    ^(%p: i64, %q: i64, %u: i64, %v: i64):
      %pu = sub.wrap %p, %u : i64
      %qv = mul.wrap %q, %u : i64
      yield %pu, %qv
  }
  return %as, %bs
}"""


@pytest.mark.parametrize(("n", "width"), [(0, 1), (1, 1), (5, -1), (5, 0), (7, 2), (7, 3), (7, 7), (7, 8), (13, 5)])
def test_windows_of_products_without_laws(denotes: Denotes, n: int, width: int) -> None:
    """The two runs of each window show."""
    random = Random(n)
    denotes(parse_program(WINDOWS), [[random.randint(-9, 9) for _ in range(n)], width])
