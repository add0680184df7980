"""pieces.summaries and pieces.scan: against the interpreter, for every edge of the cut, and on several threads."""

from __future__ import annotations

import functools
from typing import Any  # Any: values of every type

import numpy as np
import pytest

from hyperion.errors import TrapValueError, TypeCheckError
from hyperion.ir.parser import parse_program
from hyperion.ir.partition import pieces
from hyperion.ir.printer import print_program
from hyperion.ir.verifier import verify
from hyperion_cpu.target import CpuTarget

reference = pytest.importorskip("hyperion_interp.interpreter")

# Steps of a polynomial hash: the order of the elements shows in every bit, wherever a piece is cut.
HASH = """
func @hash(%xs: i16[n], %ys: {kind}[n], %p: i64, %low: {kind}) -> (i64[k], i64[k], bool) {
  %ms, %cs, %held = pieces.summaries (%xs, %ys) {lanes = {lanes}, piece = 4} : (i64[k], i64[k], bool) {
    ^(%x: i16, %y: {kind}):
      %a = cast %x : i64
      yield %p, %a
  } {
    ^(%am: i64, %ac: i64, %bm: i64, %bc: i64):
      %m = mul.wrap %am, %bm : i64
      %t = mul.wrap %am, %bc : i64
      %c = add.wrap %t, %ac : i64
      yield %m, %c
  } {
    ^(%x1: i16, %y1: {kind}):
      %inside = le %low, %y1
      yield %inside
  }
  return %ms, %cs, %held
}
"""
RUNNING = """
func @running(%xs: f64[n], %starts: f64[k], %flags: bool[k], %limit: f64) -> (f64[k], bool[k], f64[n], bool[n]) {
  %ends, %seen, %sums, %marks = pieces.scan (%xs), (%starts, %flags) {lanes = {lanes}, piece = 4} {
    ^(%x: f64, %s: f64, %f: bool):
      %t = add %s, %x : f64
      %above = lt %limit, %t
      %g = or %f, %above : bool
      yield %t, %g, %t, %g
  }
  return %ends, %seen, %sums, %marks
}
"""
ENDS = """
func @ends(%lo: i64, %hi: i64, %step: i64, %most: i64) -> bool {
  %is = progression %lo, %hi, %step : i64[m]
  %inside = pieces.summaries (%is) {lanes = 8, piece = 4112} {
    ^(%i: i64):
      yield
  } {
    yield
  } {
    ^(%j: i64):
      %held = le %j, %most
      yield %held
  }
  return %inside
}
"""


@functools.cache
def compiled(text: str, lanes: int = 2, kind: str = "f64") -> tuple[Any, Any]:
    """The program, and it compiled: a function whose results have every type."""
    program = parse_program(text.replace("{lanes}", str(lanes)).replace("{kind}", kind))
    verify(program)
    return program, CpuTarget().compile(program)


@pytest.mark.parametrize(("lanes", "kind"), [(1, "i8"), (2, "f64"), (3, "u64"), (4, "f32")])
def test_summaries_are_those_of_the_interpreter(lanes: int, kind: str) -> None:
    program, function = compiled(HASH, lanes, kind)
    block = 4 * lanes
    dtype = {"i8": "i1", "u64": "u8", "f64": "f8", "f32": "f4"}[kind]
    for n in (0, 1, 3, block - 1, block, block + 1, 2 * block + 3, block + 16 * lanes, 7 * block + 16 * lanes + 1):
        xs, ys = (np.arange(n) * 7919 % 251 - 120).astype("i2"), (np.arange(n) % 100).astype(dtype)
        for low in (0, 1) if kind in ("i8", "u64") else (0.0, 1.0):
            got = function(xs, ys, 31, low)
            want = reference.interpret(program, [xs, ys, 31, low])
            assert [got[0].tolist(), got[1].tolist(), got[2]] == list(want), n
            assert got[2] is bool(n == 0 or low == 0)


@pytest.mark.parametrize("lanes", [1, 2, 3])
def test_a_scan_starts_each_piece_from_its_state(lanes: int) -> None:
    program, function = compiled(RUNNING, lanes)
    for n in (0, 1, 4 * lanes - 1, 4 * lanes, 8 * lanes + 1, 4 * lanes + 16 * lanes + 1):
        xs = np.where(np.arange(n) % 7 == 3, -0.0, np.sqrt(np.arange(n)))
        xs[n // 2 : n // 2 + 1] = np.nan
        count = len(pieces(n, lanes, 4))
        starts, flags = np.linspace(-1, 1, count), np.arange(count) % 3 == 1
        got = function(xs, starts, flags, 3.5)
        want = reference.interpret(program, [xs, starts, flags, 3.5])
        for a, b in zip(got, want, strict=True):
            assert a.tobytes() == np.array(b, dtype=a.dtype).tobytes(), n


def test_a_state_too_few_traps() -> None:
    _, function = compiled(RUNNING)
    for count in (0, 4, 6):
        with pytest.raises(TrapValueError):
            function(np.zeros(17), np.zeros(count), np.zeros(count, dtype=bool), 0.0)
    assert len(function(np.zeros(17), np.zeros(5), np.zeros(5, dtype=bool), 0.0)[2]) == 17


def test_many_pieces_on_several_threads() -> None:
    _, function = compiled(HASH, 8, "i8")
    n = 1 << 17
    xs, ys = np.arange(n).astype("i2"), np.zeros(n, dtype="i1")
    ms, cs, held = function(xs, ys, 1, 0)
    assert held
    assert len(ms) == n // 4
    assert cs.tolist() == xs.astype("i8").reshape(-1, 4).sum(axis=1).tolist()


def test_a_test_of_a_progression_is_decided_by_its_ends() -> None:
    _, function = compiled(ENDS)
    assert function(0, 1 << 60, 1, (1 << 60) - 1) is True  # no time to look at each
    assert function(0, 1 << 60, 1, (1 << 60) - 2) is False
    assert function(0, 0, 1, -1) is True


def test_texts_come_back() -> None:
    for text in (HASH, RUNNING, ENDS):
        program, _ = compiled(text)
        assert parse_program(print_program(program)) == program


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        (" : (i64[k], i64[k], bool) {", " {", "HY6017", "pieces.summaries"),
        (": (i64[k], i64[k], bool) {", ": (i64[k], i64[j], bool) {", "HY6013", "one size"),
        (": (i64[k], i64[k], bool) {", ": (i64[3], i64[3], bool) {", "HY6013", "a name"),
        (": (i64[k], i64[k], bool) {", ": (i64[k], i64[k], i64[k]) {", "HY6013", "gives (i64[p], i64[p], bool) here"),
        ("piece = 4}", "piece = 0}", "HY6014", "piece of pieces.summaries is 0"),
        ("(%xs, %ys) {", "(%xs, %ys), (%p) {", "HY6012", "takes arrays only, operand 3 is i64"),
    ],
)
def test_what_does_not_fit_is_refused(old: str, new: str, code: str, said: str) -> None:
    text = HASH.replace("{lanes}", "2").replace("{kind}", "f64")
    assert old in text
    with pytest.raises(TypeCheckError) as caught:
        verify(parse_program(text.replace(old, new)))
    assert caught.value.code == code
    assert said in str(caught.value)


def test_entering_states_are_arrays_of_one_size() -> None:
    text = RUNNING.replace("{lanes}", "2")
    with pytest.raises(TypeCheckError) as caught:
        verify(parse_program(text.replace("%flags: bool[k]", "%flags: bool[j]")))
    assert "each piece has one state that enters it" in str(caught.value)
    with pytest.raises(TypeCheckError, match="expected a 1-d array"):
        verify(parse_program(text.replace("%flags: bool[k]", "%flags: bool")))
