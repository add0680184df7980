"""Recursions as machine code: stacks that end, tables that grow."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import hyperion as hp
from hyperion.testing.apart import Apart

DEEP = """
func @deep(%n: i64) -> i64 {
  %one = const 1 : i64
  %r = recurse %n, %one MEMO {
    ^(%m: i64, %k: i64):
      %base = lt %m, %one
      %v = if %base {
        yield %m
      } {
        %i = sub.wrap %m, %one : i64
        %x = self %i, %k : i64
        %y = add.wrap %x, %k : i64
        yield %y
      }
      yield %v
  }
  return %r
}
"""

KEYS = """
func @keys(%n: i64, %flag: bool) -> (i64, f32, bool) {
  %one = const 1 : i64
  %three = const 3 : i64
  %half = const 0x1p-1 : f32
  %r, %s, %t = recurse %n, %flag {memo = true} {
    ^(%m: i64, %f: bool):
      %base = lt %m, %one
      %v, %w, %u = if %base {
        yield %m, %half, %f
      } {
        %i = sub.wrap %m, %one : i64
        %g = not %f : bool
        %x, %a, %p = self %i, %g : (i64, f32, bool)
        %j = sub.wrap %m, %three : i64
        %y, %b, %q = self %j, %f : (i64, f32, bool)
        %z = add.wrap %x, %y : i64
        %c = add %a, %b : f32
        %e = xor %p, %q : bool
        yield %z, %c, %e
      }
      yield %v, %w, %u
  }
  return %r, %s, %t
}
"""


def on_stack_of(size: int, call: Callable[[], object]) -> object:
    """What a call gives, or the type of what it raises, on a thread with a stack of `size` bytes."""
    before = threading.stack_size(size)
    apart = Apart(call)
    threading.stack_size(before)
    error = apart.error()
    return type(error).__name__ if isinstance(error, RecursionError) else apart.outcome()


def test_the_stack_of_each_thread_ends_in_an_error() -> None:
    with hp.Instance(config={"derive": False}) as instance:  # no table takes its place
        for memo in ("", "{memo = true}"):
            deep = instance.compile(DEEP.replace("MEMO", memo), frontend="ir")["deep"]
            assert deep(3000) == 3000
            for size in (1 << 18, 1 << 20, 1 << 23):
                assert on_stack_of(size, partial(deep, 10**8)) == "TrapRecursionError"
                assert on_stack_of(size, partial(deep, 200)) == 200


def test_tables_have_every_scalar_and_grow() -> None:
    with hp.Instance() as instance:
        keys = instance.compile(KEYS, frontend="ir")["keys"]
        sums = {n: n for n in range(-5, 1)}
        halves, flags = dict.fromkeys(sums, 0.5), {(n, f): f for n in sums for f in (False, True)}
        for n in range(1, 40):
            sums[n], halves[n] = sums[n - 1] + sums[n - 3], halves[n - 1] + halves[n - 3]
            for f in (False, True):
                flags[n, f] = flags[n - 1, not f] ^ flags[n - 3, f]
        for n in (-2, 0, 1, 2, 20, 39):
            assert keys(n, True) == (sums[n], halves[n], flags[n, True])
