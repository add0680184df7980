"""scan and par.scan: against the interpreter and plain loops, for every size, type and number of threads."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

from hyperion.errors import TrapOverflowError
from hyperion.ir.parser import parse_program
from hyperion.ir.verifier import verify
from hyperion_cpu.target import CpuTarget

reference = pytest.importorskip("hyperion_interp.interpreter")

SEQUENTIAL = """
func @sums(%xs: {kind}[n], %start: i64) -> (i64, i64[n], bool[n]) {{
  %zero = const 0 : i64
  %last, %sums, %negative = scan (%xs), (%start) {{
    ^(%x: {kind}, %s: i64):
      %w = cast %x : i64
      %t = add.trap %s, %w : i64
      %b = lt %t, %zero
      yield %t, %s, %b
  }}
  return %last, %sums, %negative
}}
"""

# A polynomial hash: the order of pieces and lanes shows in every bit. The elements made are of other types.
HASH = """
func @hash(%xs: {kind}[n], %p: i64) -> (i64, i64[n], i32[n], bool[n]) {{
  %seed = const 17 : i64
  %r, %before, %low, %odd = par.scan (%xs), (%seed) {{lanes = {lanes}, piece = {piece}}} {{
    ^(%x: {kind}, %s: i64):
      %w = cast %x : i64
      %t = mul.wrap %p, %s : i64
      %s1 = add.wrap %t, %w : i64
      %v = cast.wrap %s1 : i32
      %neg = lt %s1, %seed
      yield %s1, %s, %v, %neg
  }} {{
    ^(%x1: {kind}):
      %w1 = cast %x1 : i64
      yield %p, %w1
  }} {{
    ^(%am2: i64, %ac2: i64, %bm2: i64, %bc2: i64):
      %m2 = mul.wrap %am2, %bm2 : i64
      %t2 = mul.wrap %am2, %bc2 : i64
      %c2 = add.wrap %t2, %ac2 : i64
      yield %m2, %c2
  }} {{
    ^(%rm3: i64, %rc3: i64, %s3: i64):
      %t23 = mul.wrap %rm3, %s3 : i64
      %s23 = add.wrap %t23, %rc3 : i64
      yield %s23
  }}
  return %r, %before, %low, %odd
}}
"""

# Floats of two arrays: where the input is cut shows in the last bits.
DOT = """
func @dots(%xs: f32[n], %ys: f64[n]) -> (f64, bool, f64[n], f32[n]) {{
  %zero = const 0x0.0p+0 : f64
  %no = const false : bool
  %s, %any, %sums, %seen = par.scan (%xs, %ys), (%zero, %no) {{lanes = {lanes}, piece = {piece}}} {{
    ^(%x: f32, %y: f64, %s0: f64, %n: bool):
      %w = cast %x : f64
      %p = mul %w, %y : f64
      %t = add %s0, %p : f64
      %neg = lt %p, %zero
      %n1 = or %n, %neg
      %z = select %n1, %t, %p : f64
      yield %t, %n1, %z, %x
  }} {{
    ^(%x1: f32, %y1: f64):
      %w1 = cast %x1 : f64
      %p1 = mul %w1, %y1 : f64
      %neg1 = lt %p1, %zero
      yield %p1, %neg1
  }} {{
    ^(%a2: f64, %an2: bool, %b2: f64, %bn2: bool):
      %c2 = add %b2, %a2 : f64
      %cn2 = or %an2, %bn2 : bool
      yield %c2, %cn2
  }} {{
    ^(%r3: f64, %rn3: bool, %t3: f64, %tn3: bool):
      %u3 = add %t3, %r3 : f64
      %un3 = or %tn3, %rn3 : bool
      yield %u3, %un3
  }}
  return %s, %any, %sums, %seen
}}
"""

CUTS = [(1, 1), (2, 3), (3, 5), (8, 16), (4, 64)]
SIZES = [0, 1, 2, 7, 31, 127, 128, 129, 1000, 4099]


@functools.cache
def compiled(text: str, kind: str = "", lanes: int = 0, piece: int = 0) -> tuple[Any, Any]:
    program = parse_program(text.format(kind=kind, lanes=lanes, piece=piece))
    verify(program)
    return program, CpuTarget().compile(program)


def same(left: Any, right: Any) -> None:
    """In every bit; the interpreter gives lists."""
    assert repr([np.asarray(x).tolist() for x in left]) == repr([np.asarray(x).tolist() for x in right])


@pytest.mark.parametrize("size", SIZES)
def test_a_scan_gives_the_states_of_a_plain_loop(size: int) -> None:
    xs = np.random.default_rng(size).integers(-(2**31), 2**31, size).astype(np.int32)
    _, function = compiled(SEQUENTIAL, "i32")
    last, sums, negative = function(xs, 5)
    expected = np.concatenate([[5], 5 + np.cumsum(xs, dtype=np.int64)])
    assert last == expected[-1]
    assert np.array_equal(sums, expected[:-1])
    assert np.array_equal(negative, expected[1:] < 0)


def test_a_scan_traps_where_the_plain_loop_does() -> None:
    _, function = compiled(SEQUENTIAL, "i32")
    xs = np.array([1, 1, -5], np.int32)
    assert function(xs[:1], 2**63 - 2)[0] == 2**63 - 1
    with pytest.raises(TrapOverflowError):
        function(xs, 2**63 - 2)


@pytest.mark.parametrize("kind", ["i8", "u8", "i16", "i32", "u32"])
@pytest.mark.parametrize(("lanes", "piece"), CUTS)
def test_integers_match_the_interpreter(kind: str, lanes: int, piece: int) -> None:
    program, function = compiled(HASH, kind, lanes, piece)
    rng = np.random.default_rng(lanes)
    for size in SIZES[:8]:
        xs = rng.integers(0, 100, size).astype(f"{kind[0]}{int(kind[1:]) // 8}")
        same(function(xs, 31), reference.interpret(program, (xs, 31)))


@pytest.mark.parametrize(("lanes", "piece"), CUTS)
def test_floats_match_the_interpreter_in_every_bit(lanes: int, piece: int) -> None:
    program, function = compiled(DOT, "", lanes, piece)
    rng = np.random.default_rng(piece)
    for size in SIZES[:8]:
        xs, ys = rng.normal(size=size).astype(np.float32), np.abs(rng.normal(size=size))
        same(function(xs, ys), reference.interpret(program, (xs, ys)))


def test_large_inputs_run_in_threads() -> None:
    _, function = compiled(HASH, "i32", 8, 4112)
    xs = np.arange(1_000_000, dtype=np.int32)
    r, before, low, negative = function(xs, 31)
    state = 17
    expected: list[int] = []
    for x in xs.tolist():
        expected.append(state)
        state = (31 * state + x + 2**63) % 2**64 - 2**63
    assert r == state
    assert before.tolist() == expected
    after = np.array([*expected[1:], state])
    assert np.array_equal(low, after.astype(np.int32))
    assert np.array_equal(negative, after < 17)
    assert function.taken(xs, 31) == "parallel"
