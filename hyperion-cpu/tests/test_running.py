"""A par.scan whose elements one par.reduce takes: the same as the two one after the other, without arrays between."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

from hyperion.ir.parser import parse_program
from hyperion.ir.verifier import verify
from hyperion_cpu.target import CpuTarget

reference = pytest.importorskip("hyperion_interp.interpreter")

# A polynomial hash, and of its values before each step how many are negative, how many of those that follow an odd
# element, the largest, and whether all are below a bound.
BOTH = """
func @both(%xs: i32[n], %p: i64, %bound: i64) -> (i64, bool, i64, i64) {{
  %seed = const 17 : i64
  %zero = const 0 : i64
  %r, %before, %odd = par.scan (%xs), (%seed) {{lanes = {lanes}, piece = {piece}}} {{
    ^(%x: i32, %s: i64):
      %w = cast %x : i64
      %t = mul.wrap %p, %s : i64
      %s1 = add.wrap %t, %w : i64
      %one = const 1 : i64
      %bit = and %w, %one : i64
      %is = eq %bit, %one
      yield %s1, %s, %is
  }} {{
    ^(%x1: i32):
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
  %n = len %before : i64
  %all, %count, %top = par.reduce (%odd, %before), (%n, %zero) {{lanes = {lanes}, piece = {piece}}} {{
    ^(%o4: bool, %b4: i64):
      %neg4 = lt %b4, %zero
      %both4 = and %o4, %neg4 : bool
      %one4 = const 1 : i64
      %add4 = select %both4, %one4, %zero : i64
      yield %add4, %b4
  }} {{
    ^(%ac5: i64, %at5: i64, %bc5: i64, %bt5: i64):
      %c5 = add.wrap %ac5, %bc5 : i64
      %t5 = {join} %at5, %bt5 : i64
      yield %c5, %t5
  }} {{
    ^(%rc6: i64, %rt6: i64, %c6: i64, %t6: i64):
      %d6 = add.wrap %c6, %rc6 : i64
      %u6 = {join} %t6, %rt6 : i64
      yield %d6, %u6
  }} {{
    ^(%o7: bool, %b7: i64):
      %fits7 = le %b7, %bound
      yield %fits7
  }}
  return %r, %all, %count, %top
}}
"""

CUTS = [(1, 1), (3, 5), (8, 16)]
SIZES = [0, 1, 2, 7, 127, 129, 1000]


@functools.cache
def compiled(lanes: int, piece: int, join: str) -> tuple[Any, Any]:
    program = parse_program(BOTH.format(lanes=lanes, piece=piece, join=join))
    verify(program)
    return program, CpuTarget().compile(program)


@pytest.mark.parametrize(("lanes", "piece"), CUTS)
def test_it_matches_the_interpreter(lanes: int, piece: int) -> None:
    program, function = compiled(lanes, piece, "max" if lanes != 3 else "sub.wrap")
    rng = np.random.default_rng(lanes)
    for size in SIZES:
        xs = rng.integers(-100, 100, size).astype(np.int32)
        for bound in (2**63 - 1, 16, 1 << 61):
            found = function(xs, 31, bound)
            assert found == tuple(reference.interpret(program, (xs, 31, bound))), (size, bound)


def test_large_inputs_run_in_threads_and_make_no_array() -> None:
    _, function = compiled(8, 4112, "max")
    xs = np.random.default_rng(1).integers(-100, 100, 300_001).astype(np.int32)
    state, before = 17, list[int]()
    for x in xs.tolist():
        before.append(state)
        state = (31 * state + x + 2**63) % 2**64 - 2**63
    count = sum(b < 0 and x % 2 == 1 for b, x in zip(before, xs.tolist(), strict=True))
    top = max(0, *before)
    assert function(xs, 31, top) == (state, True, len(xs) + count, top)
    assert function(xs, 31, top - 1) == (state, False, len(xs) + count, top)
    assert function.taken(xs, 31, top) == "parallel"


CHANGED = """
func @changed(%xs: i64[n], %k: i64, %most: i64) -> (i64, i64[n]) {
  %zero = const 0 : i64
  %us = update %xs, %zero, %k
  %end, %sums = par.scan (%us), (%zero) {lanes = 8, piece = 16} {
    ^(%x: i64, %s: i64):
      %t = add.wrap %s, %x : i64
      yield %t, %t
  } {
    ^(%x1: i64):
      yield %x1
  } {
    ^(%a2: i64, %b2: i64):
      %c2 = add.wrap %a2, %b2 : i64
      yield %c2
  } {
    ^(%a3: i64, %s3: i64):
      %t3 = add.wrap %a3, %s3 : i64
      yield %t3
  }
  CHANGE
  %top = par.reduce (%sums), (%zero) {lanes = 8, piece = 16} {
    ^(%x4: i64):
      yield %x4
  } {
    ^(%a5: i64, %b5: i64):
      %c5 = max %a5, %b5 : i64
      yield %c5
  } {
    ^(%a6: i64, %s6: i64):
      %t6 = max %a6, %s6 : i64
      yield %t6
  }
  return %top, %vs
}
"""
IN_A_LOOP = """%one = const 1 : i64
  %vs = for %zero, %one, %one, (%us) {
    ^(%i: i64, %ws: i64[n]):
      %ys = update %ws, %i, %most
      yield %ys
  }"""


@pytest.mark.parametrize("change", ["%vs = update %us, %zero, %most", IN_A_LOOP])
@pytest.mark.parametrize("n", [3, 100, 5000])
def test_what_the_scan_goes_over_is_not_changed_before_the_reduction(change: str, n: int) -> None:
    program = parse_program(CHANGED.replace("CHANGE", change))
    verify(program)
    xs = np.arange(n) % 7
    top, changed = CpuTarget().compile(program)(xs, 5, 10**6)
    assert top == 5 + xs[1:].sum()
    assert np.array_equal(np.asarray(changed), [10**6, *xs[1:]])
