"""Loops that read arrays at their counter, and loops over several arrays: evidence, and that nothing shows."""

from __future__ import annotations

from typing import Any

import pytest

from hyperion.errors import HyperionError
from hyperion.evidence import authorise
from hyperion.interfaces.compiler_pass import CompilerPass, PassContext
from hyperion.ir.function import Program, walk
from hyperion.ir.parser import parse_program
from hyperion.ir.verifier import verify
from hyperion.logic import checking
from hyperion.pipeline import with_main
from hyperion.policy import Policy
from hyperion_interp.interpreter import interpret
from hyperion_passes import gather_lemmas, guarded
from hyperion_passes.gathered_loops import GatheredLoops
from hyperion_passes.one_length import OneLength

LEMMAS = (
    gather_lemmas.get_element(),
    gather_lemmas.traverse_where(),
    gather_lemmas.itself(),
    *gather_lemmas.of_nothing().values(),
    guarded.bind_guarded(),
)


@pytest.mark.parametrize("each", LEMMAS, ids=range(len(LEMMAS)))
def test_the_checker_accepts_what_the_passes_rest_on(each: Any) -> None:
    assert checking.check(each).hypotheses == len(each.hypotheses)


def proved(each: CompilerPass, text: str) -> tuple[Program, Program]:
    """The program, and what the pass makes of it, with a theorem that the checker accepts."""
    program = parse_program(text)
    verify(program)
    result = each.run(program, PassContext())
    after = with_main(program, result.function)
    verify(after)
    assert result.function != program.main
    assert authorise(after, program, result.theorem, Policy()).checked
    return program, after


def outcome(program: Program, *arguments: object) -> object:
    try:
        return repr(interpret(program, list(arguments)))
    except HyperionError as error:
        return error.code


LOOP = """func @f(%xs: i64[n], %ys: i8[k], %lo: i64, %hi: i64, %step: i64) -> (i64, bool) {{
  %zero = const 0 : i64
  %no = const false : bool
  %r, %c = for %lo, %hi, %step, (%zero, %no) {{
    ^(%i: i64, %s: i64, %b: bool):
      {body}
      yield %t, %d
  }}
  %out = add.wrap %r, %lo
  return %out, %c
}}"""
BODIES = {
    "one array": "%x = get %xs, %i %t = add.trap %s, %x %d = lt %x, %zero",
    "and the counter": "%x = get %xs, %i %p = mul.trap %x, %i %t = add.trap %s, %p %d = or %b, %no",
    "two arrays": "%x = get %xs, %i %y = get %ys, %i %z = cast %y : i64 %t = sub.trap %x, %z %d = lt %z, %s",
    "twice": "%x = get %xs, %i %y = get %xs, %i %t = mul.wrap %x, %y %d = eq %t, %s",
    "in a branch": "%y = get %ys, %i %z = cast %y : i64 %d = lt %z, %i "
    "%t = if %d { %x = get %xs, %i yield %x } { yield %s }",
    "a trap before": "%q = floordiv.trap %s, %i %x = get %xs, %i %t = add.trap %q, %x %d = not %b",
}
RANGES = [(0, 4, 1), (3, -1, -1), (0, 4, 3), (0, 5, 1), (-1, 3, 1), (2, 2, 1), (0, 3, 0), (3, -2, -1), (1, 4, 1)]


@pytest.mark.parametrize("body", BODIES)
def test_elements_at_the_counter(body: str) -> None:
    program, after = proved(GatheredLoops(), LOOP.format(body=BODIES[body]))
    ops = [e.op for e in walk(after.main.equations)]
    assert "gather" in ops
    assert "for" not in ops
    for lo, hi, step in RANGES:
        for xs in ([], [5, -7, 2**62, 2**62], [1, 2, 3, 4, 5]):
            for ys in ([1, -2, 3, 4], [9]):
                assert outcome(after, xs, ys, lo, hi, step) == outcome(program, xs, ys, lo, hi, step)


@pytest.mark.parametrize(
    "body",
    [
        "%x = get %xs, %s %t = add.trap %s, %x %d = lt %x, %zero",
        "%j = add.trap %i, %s %x = get %xs, %j %y = get %xs, %i %t = add.wrap %x, %y %d = lt %x, %zero",
        "%u = update %xs, %i, %s %t = len %u : i64 %d = not %b",
        "%t = add.trap %s, %i %d = not %b",
    ],
)
def test_other_loops_stay(body: str) -> None:
    program = parse_program(LOOP.format(body=body))
    assert GatheredLoops().run(program, PassContext()).function == program.main


OVER = """func @f(%xs: i64[n], %ys: i8[k], %zs: i64[n]) -> i64 {{
  %zero = const 0 : i64
  %r = fold ({arrays}), (%zero) {{
    ^({elements}, %s: i64):
      %y = cast %b : i64
      %t = mul.trap %a, %y
      %u = add.trap %t, %s
      yield %u
  }}
  %out = add.wrap %r, %r
  return %out
}}"""


@pytest.mark.parametrize(
    ("arrays", "elements"),
    [
        ("%xs, %ys", "%a: i64, %b: i8"),
        ("%ys, %xs", "%b: i8, %a: i64"),
        ("%xs, %ys, %zs", "%a: i64, %b: i8, %c: i64"),
        ("%xs, %zs, %ys, %ys", "%a: i64, %c: i64, %b: i8, %d: i8"),
    ],
)
def test_loops_over_several_arrays(arrays: str, elements: str) -> None:
    program, after = proved(OneLength(), OVER.format(arrays=arrays, elements=elements))
    for xs, ys in (([], []), ([1, 2], [3, 4]), ([1, 2], [3]), ([2**62, 2**62, 1], [2, 1, 1]), ([], [1])):
        assert outcome(after, xs, ys, xs) == outcome(program, xs, ys, xs)


def test_arrays_of_one_size_stay() -> None:
    text = OVER.format(arrays="%xs, %zs", elements="%a: i64, %b: i64")
    program = parse_program(text.replace("cast %b", "add.wrap %b, %zero"))
    assert OneLength().run(program, PassContext()).function == program.main
