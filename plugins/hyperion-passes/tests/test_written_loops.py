"""Loops that read and write arrays at their counter: evidence, and that nothing shows."""

from __future__ import annotations

from typing import Any

import pytest

from hyperion.errors import HyperionError
from hyperion.evidence import authorise
from hyperion.interfaces.compiler_pass import PassContext
from hyperion.ir.function import Program, walk
from hyperion.ir.parser import parse_program
from hyperion.ir.verifier import verify
from hyperion.logic import checking
from hyperion.pipeline import with_main
from hyperion.policy import Policy
from hyperion_interp.interpreter import interpret
from hyperion_passes import scan_lemmas, turn_lemmas, write_lemmas
from hyperion_passes.written_loops import WrittenLoops

LEMMAS = (
    turn_lemmas.fold_of_turns(1),
    turn_lemmas.fold_of_turns(2),
    turn_lemmas.one_more_each(),
    *turn_lemmas.not_zero(),
    write_lemmas.element_there(),
    write_lemmas.update_there(),
    scan_lemmas.no_scan(),
    scan_lemmas.length_scanned(),
)


@pytest.mark.parametrize("each", LEMMAS, ids=range(len(LEMMAS)))
def test_the_checker_accepts_what_the_pass_rests_on(each: Any) -> None:
    assert checking.check(each).hypotheses == len(each.hypotheses)


LOOP = """func @f(%xs: i64[n], %ys: i64[k], %n: i64, %p: i64[a]) -> (i64, i64[a]) {{
  %zero = const 0 : i64
  %one = const 1 : i64
  %r, %q = for %zero, %n, %one, (%one, %p) {{
    ^(%i: i64, %s: i64, %out: i64[a]):
      {body}
      yield %t, %after
  }}
  return %r, %q
}}"""
BODIES = {
    "a running sum": "%x = get %xs, %i %t = add.trap %s, %x %after = update %out, %i, %t",
    "and the counter": "%x = get %xs, %i %t = add.trap %s, %i %w = mul.trap %t, %x %after = update %out, %i, %w",
    "two arrays": "%x = get %xs, %i %y = get %ys, %i %t = sub.trap %x, %y %after = update %out, %i, %s",
    "no array but the counter": "%t = mul.wrap %s, %i %after = update %out, %i, %t",
    "what was there": "%o = get %out, %i %t = add.trap %s, %o %after = update %out, %i, %t",
    "what was written": "%a = update %out, %i, %s %o = get %a, %i %t = add.trap %o, %i %after = update %a, %i, %t",
    "in a branch": "%x = get %xs, %i %t = add.trap %s, %x %c = lt %t, %zero "
    "%after = if %c { %a = update %out, %i, %t yield %a } { yield %out }",
}
XS, YS = [3, -5, 2**63 - 1, -4], [1, 2, -3, 7]
ARGUMENTS: list[tuple[object, ...]] = [
    (XS, YS, 4, [9, 8, 7, 6]),  # overflows in some
    (XS, YS, 2, [5, 5]),
    (XS, YS, 2, [5, 5, 5]),  # a longer one is written in part
    (XS, YS, 3, [5, 5]),  # a shorter one ends with an error
    (XS[:1], YS, 2, [5, 5]),
    ([], [], 0, []),
    ([], [], -1, []),
]


def outcome(program: Program, *arguments: object) -> object:
    try:
        return repr(interpret(program, list(arguments)))
    except HyperionError as error:
        return error.code


@pytest.mark.parametrize("body", BODIES)
def test_a_loop_that_writes_is_a_scan(body: str) -> None:
    program = parse_program(LOOP.format(body=BODIES[body]))
    verify(program)
    result = WrittenLoops().run(program, PassContext())
    after = with_main(program, result.function)
    verify(after)
    assert [e.op for e in result.function.equations].count("scan") == 1
    assert authorise(after, program, result.theorem, Policy()).checked
    for arguments in ARGUMENTS:
        assert outcome(after, *arguments) == outcome(program, *arguments)


@pytest.mark.parametrize(
    "body",
    [
        "%j = add.wrap %i, %one %t = get %out, %j %after = update %out, %i, %t",  # reads beside
        "%j = add.wrap %i, %one %t = get %xs, %i %after = update %out, %j, %t",  # writes beside
        "%t = len %out : i64 %after = update %out, %i, %t",
    ],
)
def test_other_uses_of_arrays_stay(body: str) -> None:
    program = parse_program(LOOP.format(body=body))
    assert WrittenLoops().run(program, PassContext()).function == program.main


def test_two_arrays_are_written_and_a_loop_needs_no_state() -> None:
    text = """func @f(%xs: i64[n], %p: i64[n], %q: bool[n]) -> (i64[n], bool[n]) {
      %n = len %xs : i64
      %zero = const 0 : i64
      %one = const 1 : i64
      %a, %b = for %zero, %n, %one, (%p, %q) {
        ^(%i: i64, %u: i64[n], %v: bool[n]):
          %x = get %xs, %i
          %y = mul.trap %x, %x
          %c = lt %x, %zero
          %u1 = update %u, %i, %y
          %v1 = update %v, %i, %c
          yield %u1, %v1
      }
      return %a, %b
    }"""
    program = parse_program(text)
    verify(program)
    result = WrittenLoops().run(program, PassContext())
    after = with_main(program, result.function)
    assert authorise(after, program, result.theorem, Policy()).checked
    assert not any(e.op == "for" for e in walk(result.function.equations))
    for xs in ([], [3, -4], [2**62, 1]):
        arguments = xs, [0] * len(xs), [False] * len(xs)
        assert outcome(after, *arguments) == outcome(program, *arguments)
