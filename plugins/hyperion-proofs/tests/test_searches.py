"""Searches that end at their hit, and loops that only count their input: which states are final, and plain Python's
values and exceptions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any  # plain functions over lists of numbers

import numpy as np
import pytest
from outcomes import fits

import hyperion as hp
from hyperion.ir.function import walk
from hyperion.ir.parser import parse_program
from hyperion.logic import terms as t
from hyperion.logic.checking import check
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.denote import denote
from hyperion.logic.terms import digest
from hyperion_proofs import unread
from hyperion_proofs.loop import int_
from hyperion_proofs.stopping import final_test
from hyperion_proofs.strategies import ParallelReduction, Power

A, B, D, E = (t.var(name, t.BOOL) for name in "abde")
N, M = t.var("n", t.INT), t.var("m", t.INT)
NOT_D = apply("cond", D, FALSE, TRUE)


@pytest.mark.parametrize(
    ("acted", "state", "test"),
    [
        ((apply("or", D, A),), (D,), D),
        ((apply("and", D, A),), (D,), NOT_D),
        ((apply("xor", D, A),), (D,), None),
        ((apply("or", D, A), apply("cond", D, N, M)), (D, N), D),
        ((apply("or", D, A), M), (D, N), None),
        ((apply("or", D, A), apply("or", E, B)), (D, E), apply("cond", D, E, FALSE)),
        ((apply("cond", apply("eq", N, int_(-1)), M, N),), (N,), apply("cond", apply("eq", N, int_(-1)), FALSE, TRUE)),
        ((apply("add", N, M),), (N,), None),
    ],
    ids=range(8),
)
def test_which_states_are_final(acted: tuple[t.Term, ...], state: tuple[t.Term, ...], test: t.Term | None) -> None:
    assert final_test(acted, state) is test


SEARCH = """func @loop(%xs: i64[n], %k: i64) -> bool {{
  %no = const {start} : bool
  %r = fold (%xs), (%no) {{
    ^(%x: i64, %f: bool):
      %c = eq %x, %k
      %g = {op} %f, %c : bool
      yield %g
  }}
  return %r
}}"""


@pytest.mark.parametrize(
    ("op", "start", "ends"), [("or", "false", True), ("and", "true", True), ("xor", "false", False)]
)
def test_only_pieces_of_searches_grow(op: str, start: str, ends: bool) -> None:
    source = parse_program(SEARCH.format(op=op, start=start)).main
    (found,) = ParallelReduction().derive(source)
    (reduce,) = (e for e in walk(found.function.equations) if e.op == "par.reduce")
    assert (reduce.attribute("growing") is not None) == ends
    checked = check(found.theorem)
    assert (checked.left, checked.right) == (digest(denote(source)), digest(denote(found.function)))


def test_a_loop_that_reads_no_element_is_over_the_length() -> None:
    checked = check(unread.counted())
    assert checked.hypotheses == 0
    text = "|- (fold (\\x0. (\\x1. (g x0))) s ys) = (fold (\\x0. (\\x1. (g x0))) s (indices w ys))"
    assert checked.statement.startswith(text)
    source = parse_program("""func @loop(%xs: f64[n], %k: i64, %s0: i64) -> i64 {
  %r = fold (%xs), (%s0) {
    ^(%x: f64, %s: i64):
      %t = mul.wrap %s, %k : i64
      %u = add.wrap %t, %k : i64
      yield %u
  }
  return %r
}""").main
    (found,) = (c for c in Power().derive(source) if not hasattr(c, "reason"))
    assert {e.op for e in found.function.equations} >= {"len", "par.power"}
    assert check(found.theorem).right == digest(denote(found.function))


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Any:
    instance = hp.Instance(config={"home": str(tmp_path_factory.mktemp("home"))})
    yield lambda loop: hp.jit(loop, instance=instance, budget=60)
    instance.close()


def outcome(loop: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return loop(*arguments)
    except OverflowError:
        return OverflowError


def test_what_follows_the_hit_cannot_trap(compiled: Any) -> None:
    def before_key(xs, key):
        total = 0
        for x in xs:
            if x == key:
                break
            total += x * 3
        return total

    def plain(xs: list[int], key: int) -> int:
        total = 0
        for x in xs:
            if x == key:
                break
            total = fits(total + fits(x * 3))
        return total

    function = compiled(before_key)
    assert function.explain(np.zeros(5, np.int64), 1).parallel
    big = 2**62
    cases = [[], [7], [7, big, big], [1, 2, 7, big], [big, 7], [1] * 300 + [7, -big], [1] * 300 + [big, 7]]
    for xs in (*cases, [5] * 50_000 + [7] + [big] * 3):
        assert outcome(function, np.array(xs, np.int64), 7) == outcome(plain, xs, 7), xs[:5]


def test_a_sum_of_one_value_is_a_product(compiled: Any) -> None:
    def flat(xs, fee, start):
        total = start
        for _ in xs:
            total += fee
        return total

    function = compiled(flat)
    assert function.explain(np.zeros(5, np.int64), 1, 0).chosen_cost == "O(1)"
    for fee in (0, 3, -1, 2**62, -(2**62), 2**63 - 1, -(2**63)):
        for start in (0, 1, -1, 2**63 - 1, -(2**63)):
            for n in (0, 1, 2, 3, 1000):
                total, wanted = start, start + n * fee
                wanted = wanted if -(2**63) <= wanted < 2**63 else OverflowError
                assert outcome(function, np.zeros(n, np.int8), fee, total) == wanted, (fee, start, n)


def test_counts_and_sums_end_at_the_hit(compiled: Any) -> None:
    def until_zero(xs):
        large = 0
        total = 5
        for x in xs:
            if x == 0:
                break
            if x > 2:
                large += 1
            total -= x
        return large, total

    function = compiled(until_zero)
    assert "growing" in function.ir(np.zeros(3, np.int32))
    xs = np.random.default_rng(2).integers(-9, 9, 70_000, np.int32)
    xs[xs == 0] = 1
    for hit in (None, 0, 127, 128, 5000, 69_999):
        ys = xs.copy()
        if hit is not None:
            ys[hit] = 0
        assert function(ys) == until_zero(ys.tolist()), hit
