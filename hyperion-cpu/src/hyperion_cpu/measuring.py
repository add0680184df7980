"""Measures what operations cost on this machine, by small programs that are compiled as any other is."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import numpy as np

from hyperion.ir.function import Program
from hyperion.ir.parser import parse_program
from hyperion.machine import Machine
from hyperion.prediction import estimate
from hyperion_cpu.pool import thread_count
from hyperion_llvm import host

SMALL, TWO, MIDDLE, LARGE = 1 << 12, 2 * 8 * 4112, 1 << 20, 1 << 22
"""Elements for one thread; the fewest for two; enough for all; and as many as no near cache holds."""
BYTES = 4
RUNS = 5

_CHAIN = """
func @chain(%xs: i32[n]) -> i64 {
  %c = const 0 : i64
  %r = fold (%xs), (%c) {
    ^(%x: i32, %s: i64):
      %v = cast %x : i64
      %a = xor %s, %v : i64
      %b = sub.wrap %a, %v : i64
      %d = xor %b, %v : i64
      %e = add.wrap %d, %v : i64
      yield %e
  }
  return %r
}
"""
_BUSY = """
func @busy(%xs: i32[n]) -> (i64, i64) {
  %c = const 0 : i64
  %r, %q = par.reduce (%xs), (%c, %c) {lanes = 8, piece = 4112} {
    ^(%x: i32):
      %v = cast %x : i64
      yield %v, %v, %v
  } {
    ^(%a: i64, %b: i64, %c1: i64, %d: i64, %e: i64, %f: i64):
      %g = add.wrap %a, %d : i64
      %h = add.wrap %b, %g : i64
      %i = xor %h, %e : i64
      %j = sub.wrap %i, %a : i64
      %k = and %j, %f : i64
      %l = add.wrap %k, %c1 : i64
      yield %g, %j, %l
  } {
    ^(%m: i64, %o: i64, %p: i64, %s: i64, %t: i64):
      %u = add.wrap %m, %s : i64
      %w = xor %o, %p : i64
      %y = add.wrap %w, %t : i64
      yield %u, %y
  }
  return %r, %q
}
"""
_READ = """
func @read(%xs: i32[n]) -> i32 {
  %c = const 0 : i32
  %r = par.reduce (%xs), (%c) {lanes = 1, piece = 32768} {
    ^(%x: i32):
      yield %x
  } {
    ^(%a: i32, %b: i32):
      %g = xor %a, %b : i32
      yield %g
  } {
    ^(%m: i32, %s: i32):
      %u = xor %m, %s : i32
      yield %u
  }
  return %r
}
"""


def measured(compile_: Callable[[Program], Callable[..., object]]) -> Machine:
    """The times of this machine, the best of several runs each."""
    busy_program = parse_program(_BUSY)
    chain, busy, read = (compile_(p) for p in (parse_program(_CHAIN), busy_program, parse_program(_READ)))
    small, middle = np.arange(SMALL, dtype=np.int32), np.arange(MIDDLE, dtype=np.int32)
    call = _best(lambda: chain(small[:1]), 1000)
    (part,) = [p for p in estimate(busy_program).parts if p.shared]
    bits = host().vector_bits
    latency = (_best(lambda: chain(small), 20) - call) / (4 * SMALL)
    vector = (_best(lambda: busy(small), 20) - call) / (part.vector.at(SMALL) / bits)
    alone = part.vector.at(MIDDLE) / bits * vector
    count = thread_count()
    gain = alone / _best(lambda: busy(middle), 1)
    threads = min(max(gain, count / 2, 1.0), float(count))  # less than half is the doing of other programs
    two = _best(lambda: busy(middle[:TWO]), 20) - call
    start = max(two - alone * TWO / MIDDLE / min(threads, 2.0), 100.0)
    large = np.ones(LARGE, dtype=np.int32)
    byte = _best(lambda: read(large), 1) / (LARGE * BYTES)
    latency, vector = (max(time, 0.01) for time in (latency, vector))
    return Machine(latency / 3, latency, vector, bits, max(byte, 1e-3), threads, min(start, 1e6))


def _best(call: Callable[[], object], times: int) -> float:
    """Nanoseconds of one call, in the best of a few rounds of `times` calls."""
    call()
    rounds: list[float] = []
    for _ in range(RUNS):
        start = perf_counter()
        for _ in range(times):
            call()
        rounds.append((perf_counter() - start) / times * 1e9)
    return min(rounds)
