"""Loops that write arrays at each index: what becomes a scan, with a theorem, and what does not."""

from __future__ import annotations

import pytest

from hyperion.interfaces.compiler_pass import PassContext
from hyperion.ir.function import Program, walk
from hyperion.ir.parser import parse_program
from hyperion.ir.verifier import verify
from hyperion.logic.denote import denote
from hyperion.logic.sized import sized
from hyperion.logic.terms import app
from hyperion.pipeline import with_main
from hyperion_passes import write_lemmas
from hyperion_passes.loops_to_scans import LoopsToScans

reference = pytest.importorskip("hyperion_interp.interpreter")

LOOP = """
func @f(%xs: i64[n], %ys: i64[n], %s0: i64) -> (i64, {results}) {{
  %n = len %xs : i64
  %zero = const 0 : i64
  %one = const 1 : i64
  %yes = const true : bool
  %a = map ({over}) {{
    ^(%e: i64):
      yield %e
  }}
  %b = map (%xs) {{
    ^(%e1: i64):
      yield %yes
  }}
  {loop}
  return {returned}
}}
"""
SUM = """%t, %r = for %zero, %n, %one, (%s0, %a) {
    ^(%i: i64, %s: i64, %c: i64[n]):
      %x = get %xs, %i
      %s1 = add.trap %s, %x : i64
      %c1 = update %c, %i, %s1
      yield %s1, %c1
  }"""
BEFORE = """%r, %t = for %zero, %n, %one, (%a, %s0) {
    ^(%i: i64, %c: i64[n], %s: i64):
      %c1 = update %c, %i, %s
      %x = get %xs, %i
      %low = lt %x, %s
      %s1 = if %low {
        %d = sub.trap %s, %x : i64
        yield %d
      } {
        %x2 = get %xs, %i
        yield %x2
      }
      yield %c1, %s1
  }"""
TWO = """%t, %r, %u, %v = for %zero, %n, %one, (%s0, %a, %s0, %b) {
    ^(%i: i64, %s: i64, %c: i64[n], %w: i64, %d: bool[n]):
      %x = get %xs, %i
      %s1 = add.trap %s, %x : i64
      %c1 = update %c, %i, %s1
      %w1 = max %w, %s1 : i64
      %p = lt %s1, %w1
      %d1 = update %d, %i, %p
      yield %s1, %c1, %w1, %d1
  }"""
READ = SUM.replace("%x = get %xs, %i", "%x = get %c, %i")
TWICE = SUM.replace("yield %s1, %c1", "%c2 = update %c1, %i, %s\n      yield %s1, %c2")
SHIFTED = SUM.replace("%c1 = update %c, %i, %s1", "%c1 = update %c, %zero, %s1")
USED = SUM.replace("%s1 = add.trap %s, %x", "%s1 = add.trap %s, %i")


def program(loop: str, results: str = "i64[n]", over: str = "%xs", returned: str = "%t, %r") -> Program:
    found = parse_program(LOOP.format(loop=loop, results=results, over=over, returned=returned))
    verify(found)
    return found


@pytest.mark.parametrize(
    ("loop", "results", "returned"),
    [
        (SUM, "i64[n]", "%t, %r"),
        (BEFORE, "i64[n]", "%t, %r"),
        (TWO, "i64[n], bool[n], i64", "%t, %r, %v, %u"),
    ],
)
def test_a_loop_that_writes_each_element_is_a_scan(loop: str, results: str, returned: str) -> None:
    source = program(loop, results, returned=returned)
    result = LoopsToScans().run(source, PassContext())
    assert [e.op for e in result.function.equations if e.op in ("for", "scan")] == ["scan"]
    assert not any(e.op in ("get", "update") for e in walk(result.function.equations))
    after = with_main(source, result.function)
    verify(after)
    th = result.theorem
    assert th is not None
    assert not th.hypotheses
    before, now = denote(source.main, source), denote(after.main, after)
    wrapper = sized(before.type)
    assert wrapper is not None
    assert (th.left, th.right) == (app(wrapper, before), app(wrapper, now))
    for xs in ([], [3], [1, -2, 5, 7], [2**63 - 1, 1], [-(2**63), 4, 2]):
        arguments = (xs, [0] * len(xs), 1)
        assert outcome(source, arguments) == outcome(after, arguments)


def outcome(source: Program, arguments: tuple[object, ...]) -> object:
    try:
        return reference.interpret(source, arguments)
    except OverflowError:
        return "overflow"


@pytest.mark.parametrize("loop", [READ, TWICE, SHIFTED, USED])
def test_loops_that_do_more_are_left_alone(loop: str) -> None:
    source = program(loop)
    assert LoopsToScans().run(source, PassContext()).function == source.main


def test_an_array_as_long_as_another_is_left_alone() -> None:
    source = program(SUM, over="%ys")
    assert LoopsToScans().run(source, PassContext()).function == source.main


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_theorem_asks_for_its_laws_alone(count: int) -> None:
    th = write_lemmas.fold_of_writes(count)
    assert len(th.hypotheses) == 2 + count  # the size, the step, and one for each array
    assert th.left.type is th.right.type
