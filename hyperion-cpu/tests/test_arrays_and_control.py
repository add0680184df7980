"""Arrays are values, loops and branches mean what the interpreter says, and memory is given back."""

from __future__ import annotations

import contextlib
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hyperion.errors import CodegenError, HyperionError
from hyperion.ir.parser import parse_program
from hyperion.ir.verifier import verify
from hyperion_cpu.function import CpuFunction
from hyperion_cpu.target import CpuTarget

reference = pytest.importorskip("hyperion_interp.interpreter")

SIEVE = """
func @sieve(%n: i64) -> (bool[m], i64) {
  %zero = const 0 : i64
  %one = const 1 : i64
  %two = const 2 : i64
  %yes = const true : bool
  %no = const false : bool
  %all = fill %n, %yes : bool[m]
  %marks, %count = for %two, %n, %one, (%all, %zero) {
    ^(%i: i64, %a: bool[m], %c: i64):
      %prime = get %a, %i : bool
      %b, %c2 = if %prime {
        %start = mul.trap %i, %i : i64
        %d = for %start, %n, %i, (%a) {
          ^(%j: i64, %e: bool[m]):
            %e2 = update %e, %j, %no : bool[m]
            yield %e2
        }
        %c1 = add.trap %c, %one : i64
        yield %d, %c1
      } {
        yield %a, %c
      }
      yield %b, %c2
  }
  return %marks, %count
}
"""

SHARED = """
func @shared(%xs: i64[n], %i: i64, %v: i64) -> (i64[n], i64[n], i64) {
  %ys = update %xs, %i, %v : i64[n]
  %zs = update %ys, %i, %i : i64[n]
  %y = get %ys, %i : i64
  return %ys, %zs, %y
}
"""

TWICE = """
func @twice(%n: i64, %v: i64) -> (i64[m], i64[m]) {
  %zero = const 0 : i64
  %a = fill %n, %v : i64[m]
  return %a, %a
}
"""

SWAP = """
func @swap(%n: i64, %k: i64) -> (i64[m], i64[m]) {
  %zero = const 0 : i64
  %one = const 1 : i64
  %a = fill %n, %zero : i64[m]
  %b, %c = for %zero, %k, %one, (%a, %a) {
    ^(%i: i64, %x: i64[m], %y: i64[m]):
      %x2 = update %x, %zero, %i : i64[m]
      yield %y, %x2
  }
  return %b, %c
}
"""

OUTSIDE = """
func @outside(%n: i64) -> (i64[m], i64) {
  %zero = const 0 : i64
  %one = const 1 : i64
  %a = fill %n, %one : i64[m]
  %s = for %zero, %n, %one, (%zero) {
    ^(%i: i64, %t: i64):
      %b = update %a, %i, %zero : i64[m]
      %u = fold (%b), (%t) {
        ^(%x: i64, %v: i64):
          %w = add.trap %v, %x : i64
          yield %w
      }
      yield %u
  }
  return %a, %s
}
"""

FOLDED = """
func @folded(%n: i64) -> i64[m] {
  %one = const 1 : i64
  %zero = const 0 : i64
  %a = fill %n, %one : i64[m]
  %b, %j = fold (%a), (%a, %zero) {
    ^(%x: i64, %c: i64[m], %i: i64):
      %old = get %c, %i : i64
      %next = add.wrap %i, %one : i64
      %m = len %c : i64
      %inside = lt %next, %m
      %to = select %inside, %next, %i : i64
      %sum = add.trap %old, %x : i64
      %d = update %c, %to, %sum : i64[m]
      yield %d, %next
  }
  return %b
}
"""

COLLATZ = """
func @collatz(%n: i64) -> i64 {
  %zero = const 0 : i64
  %one = const 1 : i64
  %two = const 2 : i64
  %three = const 3 : i64
  %m, %k = while (%n, %zero) {
    ^(%x: i64, %c: i64):
      %go = gt %x, %one
      yield %go
  } {
    ^(%x2: i64, %c2: i64):
      %r = mod.trap %x2, %two : i64
      %odd = ne %r, %zero
      %y = if %odd {
        %p = mul.trap %x2, %three : i64
        %q = add.trap %p, %one : i64
        yield %q
      } {
        %h = floordiv.trap %x2, %two : i64
        yield %h
      }
      %d = add.trap %c2, %one : i64
      yield %y, %d
  }
  return %k
}
"""

CALLS = """
func @main(%xs: i32[n], %k: i64) -> (i64, i64[m]) {
  %a, %ys = call @helper(%xs, %k) : (i64, i64[m])
  %b, %zs = call @helper(%xs, %a) : (i64, i64[q])
  %zero = const 0 : i64
  %ws = update %ys, %zero, %b : i64[m]
  return %b, %ws
}
func @helper(%xs: i32[n], %k: i64) -> (i64, i64[m]) {
  %s = fold (%xs), (%k) {
    ^(%x: i32, %t: i64):
      %w = cast %x : i64
      %u = add.trap %t, %w : i64
      yield %u
  }
  %three = const 3 : i64
  %temporary = fill %three, %k : i64[p]
  %ys = fill %three, %s : i64[m]
  return %s, %ys
}
"""

TWO = """
func @dot(%xs: f64[n], %ys: f64[m]) -> f64 {
  %zero = const 0x0.0p+0 : f64
  %s = fold (%xs, %ys), (%zero) {
    ^(%x: f64, %y: f64, %t: f64):
      %p = mul %x, %y : f64
      %u = add %t, %p : f64
      yield %u
  }
  return %s
}
"""

RANGE = """
func @range(%lo: i64, %hi: i64, %step: i64) -> (i64, i64) {
  %zero = const 0 : i64
  %one = const 1 : i64
  %s, %k = for %lo, %hi, %step, (%zero, %zero) {
    ^(%i: i64, %t: i64, %c: i64):
      %u = add.wrap %t, %i : i64
      %d = add.wrap %c, %one : i64
      yield %u, %d
  }
  return %s, %k
}
"""

GUARD = """
func @guard(%n: i64, %v: u64, %xs: i32[m]) -> bool {
  %a = cast %n : int
  %b = cast %v : int
  %l = len %xs : int
  %p = mul %l, %b : int
  %q = add %p, %a : int
  %c = const 7 : int
  %d = floordiv %q, %c : int
  %m = max %d, %b : int
  %e = sub %m, %l : int
  %r = lt %e, %b
  return %r
}
"""

LARGE = (1 << 63) - 1
CASES: list[tuple[str, tuple[Any, ...]]] = [
    (SIEVE, (30,)),
    (SIEVE, (0,)),
    (SIEVE, (-1,)),
    (SHARED, (np.array([1, 2, 3]), 1, 9)),
    (SHARED, (np.array([1, 2, 3]), 3, 9)),
    (TWICE, (3, 5)),
    (SWAP, (2, 0)),
    (SWAP, (2, 5)),
    (OUTSIDE, (6,)),
    (FOLDED, (5,)),
    (COLLATZ, (27,)),
    (COLLATZ, (LARGE,)),
    (CALLS, (np.array([1, -2, 3], "i4"), 5)),
    (CALLS, (np.array([1, -2, 3], "i4"), LARGE)),
    (TWO, (np.array([1.5, 2.5]), np.array([3.0, -1.0]))),
    (TWO, (np.array([1.5, 2.5]), np.array([3.0]))),
    (RANGE, (0, 10, 3)),
    (RANGE, (10, 0, -3)),
    (RANGE, (0, 10, -3)),
    (RANGE, (5, 5, 1)),
    (RANGE, (0, 1, 0)),
    (RANGE, (-LARGE - 1, LARGE, LARGE)),
    (RANGE, (LARGE, -LARGE - 1, -LARGE - 1)),
    (GUARD, (LARGE, 2**64 - 1, np.zeros(5, "i4"))),
    (GUARD, (-LARGE, 3, np.zeros(0, "i4"))),
]


def compiled(text: str) -> CpuFunction:
    program = parse_program(text)
    verify(program)
    return CpuTarget().compile(program)


def plain(value: object) -> object:
    if isinstance(value, tuple):
        return tuple(plain(v) for v in value)
    return value.tolist() if isinstance(value, np.ndarray) else value


def outcome(call: Callable[[], object]) -> object:
    """The results as a tuple of plain values, or the code and place of the trap."""
    try:
        got = plain(call())
    except HyperionError as error:
        return error.code, error.span
    return got if isinstance(got, tuple) else (got,)


@pytest.mark.parametrize(("text", "arguments"), CASES)
def test_like_the_interpreter(text: str, arguments: tuple[Any, ...]) -> None:
    before = [x.copy() if isinstance(x, np.ndarray) else x for x in arguments]
    want = outcome(lambda: reference.interpret(parse_program(text), arguments))
    assert outcome(lambda: compiled(text)(*arguments)) == want
    assert plain(tuple(before)) == plain(tuple(arguments)), "an argument was changed"


def test_results_own_their_memory() -> None:
    function = compiled(TWICE)
    first, second = function(4, 7)
    first[0] = 1
    assert second.tolist() == [7] * 4
    assert function(1000, 3)[0].sum() == 3000


def resident() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096


@pytest.mark.parametrize(("text", "arguments"), [(TWICE, (5000, 1)), (OUTSIDE, (300,)), (CALLS, CASES[13][1])])
def test_nothing_is_leaked(text: str, arguments: tuple[Any, ...]) -> None:
    function = compiled(text)

    def run(count: int) -> None:
        for _ in range(count):
            with contextlib.suppress(OverflowError):
                function(*arguments)

    run(100)
    tracemalloc.start()
    before, memory = tracemalloc.get_traced_memory()[0], resident()
    run(5000)
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert after - before < 100_000  # 20 bytes a call: less than the smallest object; the rest are caches of others
    assert resident() - memory < 20 << 20


def test_an_array_too_large_is_a_memory_error() -> None:
    with pytest.raises(
        MemoryError, match=r"HY5109: .* 1,152,921,504,606,846,976 elements, 9,223,372,036,854,775,808 b"
    ):
        compiled(TWICE)(1 << 60, 1)


def test_an_unbounded_int_is_refused() -> None:
    text = """
func @f(%n: i64) -> bool {
  %a = cast %n : int
  %b = mul %a, %a : int
  %c = mul %b, %b : int
  %z = const 0 : int
  %r = lt %c, %z
  return %r
}
"""
    with pytest.raises(CodegenError, match="past 128 bits") as caught:
        compiled(text)
    assert caught.value.code == "HY8003"
    assert caught.value.span is not None
