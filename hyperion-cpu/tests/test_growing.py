"""par.reduce in growing pieces: the interpreter's bits wherever the state becomes final."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

import numpy as np
import pytest

from hyperion.ir.function import Program
from hyperion.ir.parser import parse_program
from hyperion.ir.partition import pieces
from hyperion.ir.verifier import verify
from hyperion_cpu.function import CpuFunction
from hyperion_cpu.target import CpuTarget
from hyperion_llvm.keeping import kept

reference = pytest.importorskip("hyperion_interp.interpreter")
SINGLE = 100

# The sum before the first element that is 7; `keep` says what the state is after that.
UNTIL = """
func @until(%xs: {kind}[n], %done: bool) -> (bool, {kind}) {{
  %zero = const {zero} : {kind}
  %seven = const {seven} : {kind}
  %d, %s = par.reduce (%xs), (%done, %zero) {{lanes = {lanes}, piece = {piece}, growing = 100}} {{
    ^(%x: {kind}):
      %hit = eq %x, %seven
      %w = select %hit, %zero, %x : {kind}
      yield %hit, %w
  }} {{
    ^(%ah: bool, %aw: {kind}, %bh: bool, %bw: {kind}):
      %h = or %bh, %ah : bool
      %v = select %bh, %zero, %aw : {kind}
      %w1 = {add} %bw, %v : {kind}
      yield %h, %w1
  }} {{
    ^(%rh: bool, %rw: {kind}, %sd: bool, %ss: {kind}):
      %h1 = or %sd, %rh : bool
      %t = {add} %ss, %rw : {kind}
      {act}
  }}
  return %d, %s
}}
"""
FINAL = "%u = select %sd, %ss, %t : {kind}\n      yield %h1, %u"
ANOTHER = "yield %h1, %t"  # the state goes on changing: everything is read


@cache
def compiled(kind: str, lanes: int, piece: int, final: bool = True) -> tuple[Program, CpuFunction]:
    zero, seven = ("0", "7") if kind[0] == "i" else ("0x0.0p+0", "0x1.cp+2")
    act = (FINAL if final else ANOTHER).format(kind=kind)
    add = "add.wrap" if kind[0] == "i" else "add"
    program = parse_program(UNTIL.format(kind=kind, lanes=lanes, piece=piece, zero=zero, seven=seven, add=add, act=act))
    verify(program)
    return program, CpuTarget().compile(program)


def sizes(lanes: int, piece: int) -> list[int]:
    """Around every kind of cut."""
    ends = [SINGLE, SINGLE + 32 * lanes, SINGLE + 32 * lanes + 3 * lanes * piece]
    return [0, 1, *(n + d for n in ends for d in (-1, 0, 17 * lanes))]


@pytest.mark.parametrize(("kind", "lanes", "piece"), [("f32", 8, 48), ("i32", 3, 40), ("f32", 1, 200)])
@pytest.mark.parametrize("final", [True, False])
def test_the_interpreters_bits(kind: str, lanes: int, piece: int, final: bool) -> None:
    random = Random(lanes)
    program, function = compiled(kind, lanes, piece, final)
    for n in sizes(lanes, piece):
        xs = np.random.default_rng(n).normal(size=n).astype(kind.replace("32", "4")) + 9
        for hit in (None, *(random.randrange(n) for _ in range(min(n, 1)))):
            xs[xs == 7] = 8
            if hit is not None:
                xs[hit] = 7
            for done in (False, True) if hit == 0 else (False,):
                assert repr(function(xs, done)) == repr(reference.interpret(program, (xs, done))), (n, hit)


def test_a_large_input_is_left_where_the_state_is_final() -> None:
    _, function = compiled("i32", 8, 4112)
    n = 3_000_000
    xs: np.ndarray[Any, Any] = np.ones(n, "i4")
    for hit in (0, SINGLE - 1, SINGLE, 1000, 33_000, 500_000, n - 1):
        xs[hit] = 7
        assert function(xs, False) == (True, hit)
        xs[hit] = 1
    assert function(xs, False) == (False, n)
    assert function(xs[::2], False) == (False, n // 2)
    assert function.taken(xs, False) == "parallel"


@pytest.mark.parametrize("n", [0, 1, 127, 128, 129, 383, 384, 385, 5000, 66_000, 200_001])
def test_growing_pieces_cover_everything_once(n: int) -> None:
    for lanes, piece in ((8, 4112), (1, 1), (3, 40)):
        cuts = pieces(n, lanes, piece, growing=100)
        assert all(start < stop for start, stop in cuts)
        assert [0, *(stop for _, stop in cuts)] == [*(start for start, _ in cuts), n]
        assert all(stop - start == 1 for start, stop in cuts[:SINGLE])


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("%f = or %s, %a : bool\n yield %f", "%s is true"),
        ("%f = and %s, %a : bool\n yield %f", "%s is false"),
        ("%f = and %a, %s : bool\n yield %f", "%s is false"),
        ("%f = xor %s, %a : bool\n yield %f", ""),
        ("%n = not %s : bool\n %f = select %n, %a, %s : bool\n yield %f", "%n is false"),
        ("yield %s", "%s is true"),
    ],
)
def test_what_keeps_a_state(body: str, found: str) -> None:
    text = f"""
func @f(%xs: bool[n], %s0: bool) -> bool {{
  %r = par.reduce (%xs), (%s0) {{lanes = 8, piece = 64}} {{
    ^(%x: bool):
      yield %x
  }} {{
    ^(%b: bool, %c: bool):
      %d = or %b, %c : bool
      yield %d
  }} {{
    ^(%a: bool, %s: bool):
      {body}
  }}
  return %r
}}
"""
    (equation,) = parse_program(text).main.equations
    test = kept(equation.regions[2], 1)
    assert (f"%{test.test.results[0].name} is {str(test.truth).lower()}" if test else "") == found
