"""Small programs with the results that the IR's meaning demands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import copysign, isnan
from typing import Any, TypeVar, cast

from hyperion.errors import (
    HyperionError,
    TrapIndexError,
    TrapOverflowError,
    TrapRecursionError,
    TrapValueError,
    TrapZeroDivisionError,
)
from hyperion.ir.function import Program
from hyperion.ir.parser import parse_program
from hyperion.ir.types import BF16, ArrayType
from hyperion.testing.arrays import dtype_name
from hyperion.testing.float_formats import bits_of
from hyperion.testing.random_programs import random_program as random_program

T = TypeVar("T")
MAX64 = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Example:
    """A program, its arguments (lists, nested for several axes, stand for arrays) and its results, or the trap that it
    ends in."""

    name: str
    text: str
    arguments: tuple[Any, ...]  # Any: numbers, tuples and lists of them
    results: tuple[Any, ...] = ()
    trap: type[HyperionError] | None = None

    def __str__(self) -> str:
        return self.name

    @property
    def program(self) -> Program:
        return parse_program(self.text, f"<{self.name}>")

    def compare(self, got: object) -> None:
        """Fails unless `got`, from `attempt`, is what this example must give."""
        if isinstance(got, HyperionError):
            assert type(got) is self.trap, f"{self}: {got}"
            assert got.span is not None, f"{self}: the trap has no place"
        elif isinstance(got, Exception):
            raise AssertionError(f"{self}: {type(got).__name__}: {got}") from got
        else:
            assert self.trap is None, f"{self}: no trap, but {got}"
            assert same(got, self.results), f"{self}: {got}"

    def arrays(self) -> tuple[Any, ...]:  # Any: NumPy arrays and numbers
        """The arguments with NumPy arrays of the parameters' element types for the lists."""
        import numpy as np

        found: list[Any] = []
        for parameter, argument in zip(self.program.main.parameters, self.arguments, strict=True):
            if isinstance(parameter.type, ArrayType):
                element = parameter.type.element
                array = np.array(argument, dtype="float64" if element == BF16 else dtype_name(str(element)))
                if element == BF16:
                    bits = [bits_of(float(x), BF16) for x in array.flat]
                    array = np.array(bits, dtype="uint16").reshape(array.shape)
                missing = len(parameter.type.shape) - array.ndim  # axes inside no rows
                found.append(array.reshape(array.shape + (0,) * missing))
            else:
                found.append(argument)
        return tuple(found)


def attempt(call: Callable[[], T]) -> T | Exception:
    """What `call` returns, or the exception that it raises."""
    try:
        return call()
    except Exception as error:
        return error


def same(got: object, expected: Sequence[object]) -> bool:
    """Whether what a call returned (one value bare, several as a tuple) is `expected`, arrays as lists.

    The sign of zero counts; any NaN is any other.
    """
    values = cast(tuple[Any, ...], got if isinstance(got, tuple) else (got,))  # Any: NumPy or Python numbers
    plain = [v.tolist() if hasattr(v, "tolist") else v for v in values]
    return _identical(plain, list(expected))


def _identical(x: Any, y: Any) -> bool:  # Any: numbers, or lists and tuples of them
    if isinstance(x, list | tuple) and isinstance(y, list | tuple):
        pairs = zip(cast("list[Any]", x), cast("list[Any]", y), strict=False)
        return len(cast("list[Any]", x)) == len(cast("list[Any]", y)) and all(_identical(a, b) for a, b in pairs)
    if isinstance(x, complex) and isinstance(y, complex):
        return _identical(x.real, y.real) and _identical(x.imag, y.imag)
    if isinstance(x, float) and isinstance(y, float):
        return (isnan(x) and isnan(y)) or (x == y and copysign(1, x) == copysign(1, y))
    return bool(x == y)


_SUM = """
func @total(%xs: i32[n]) -> i64 {
  %zero = const 0 : i64
  %sum = fold (%xs), (%zero) {
    ^(%x: i32, %s: i64):
      %w = cast %x : i64
      %t = add.trap %s, %w : i64
      yield %t
  }
  return %sum
}
"""

_KADANE = """
func @segment(%xs: i64[n]) -> i64 {
  %zero = const 0 : i64
  %here, %best = fold (%xs), (%zero, %zero) {
    ^(%x: i64, %h: i64, %b: i64):
      %s = add.trap %h, %x : i64
      %h1 = max %s, %zero : i64
      %b1 = max %b, %h1 : i64
      yield %h1, %b1
  }
  return %best
}
"""

_FIBONACCI = """
func @fibonacci(%n: i64) -> i64 {
  %zero = const 0 : i64
  %one = const 1 : i64
  %a, %b = for %zero, %n, %one, (%zero, %one) {
    ^(%i: i64, %a0: i64, %b0: i64):
      %c = add.wrap %a0, %b0 : i64
      yield %b0, %c
  }
  return %a
}
"""

_BRANCH = """
func @absolute_or_double(%x: i64, %double: bool) -> i64 {
  %r = if %double {
    %d = add.trap %x, %x : i64
    yield %d
  } {
    %a = abs.trap %x : i64
    yield %a
  }
  return %r
}
"""

_DIVIDE = """
func @divide(%x: i64, %y: i64) -> (i64, i64) {
  %q = floordiv.trap %x, %y : i64
  %r = mod.trap %x, %y : i64
  return %q, %r
}
"""

_ELEMENT = """
func @element(%xs: i64[n], %i: i64) -> i64 {
  %x = get %xs, %i : i64
  return %x
}
"""

_UNUSED = """
func @unused(%x: i64, %y: i64) -> i64 {
  %z = floordiv.wrap %x, %y : i64
  return %x
}
"""

_FLOATS = """
func @floats(%xs: f64[n]) -> f64 {
  %zero = const 0x0p+0 : f64
  %sum = fold (%xs), (%zero) {
    ^(%x: f64, %s: f64):
      %t = add %s, %x : f64
      yield %t
  }
  return %sum
}
"""

_STEP = """
func @steps(%step: i64) -> i64 {
  %zero = const 0 : i64
  %ten = const 10 : i64
  %s = for %zero, %ten, %step, (%zero) {
    ^(%i: i64, %s0: i64):
      %t = add.trap %s0, %i : i64
      yield %t
  }
  return %s
}
"""

_REPEATED = """
func @repeated(%x: i64) -> i64 {
  %two = const 2 : i64
  %again = const 2 : i64
  %three = const 3 : i64
  %six = mul.wrap %two, %three : i64
  %a = mul.wrap %x, %two : i64
  %b = mul.wrap %x, %again : i64
  %c = add.wrap %a, %b : i64
  %d = add.wrap %c, %six : i64
  return %d
}
"""

_RECURSION = """
func @fibonacci(%n: i64) -> i64 {
  %one = const 1 : i64
  %two = const 2 : i64
  %r = recurse %n {memo = true} {
    ^(%m: i64):
      %base = le %m, %one
      %v = if %base {
        yield %m
      } {
        %a = sub.trap %m, %one : i64
        %x = self %a : i64
        %b = sub.trap %m, %two : i64
        %y = self %b : i64
        %z = add.trap %x, %y : i64
        yield %z
      }
      yield %v
  }
  return %r
}
"""

_TAIL = """
func @gcd(%a: i64, %b: i64) -> i64 {
  %zero = const 0 : i64
  %r = recurse %a, %b {
    ^(%x: i64, %y: i64):
      %base = eq %y, %zero
      %v = if %base {
        yield %x
      } {
        %q = mod.trap %x, %y : i64
        %w = self %y, %q : i64
        yield %w
      }
      yield %v
  }
  return %r
}
"""

_ALONG = """
func @along(%xs: f64[n], %flag: bool) -> (f64, i64) {
  %zero = const 0 : i64
  %one = const 1 : i64
  %none = const 0x0p+0 : f64
  %n = len %xs : i64
  %s, %c = recurse %n, %flag {memo = true} {
    ^(%m: i64, %f: bool):
      %base = eq %m, %zero
      %t, %k = if %base {
        yield %none, %zero
      } {
        %i = sub.trap %m, %one : i64
        %other = not %f : bool
        %u, %d = self %i, %other : (f64, i64)
        %x = get %xs, %i
        %w = add %u, %x : f64
        %v = select %f, %w, %u : f64
        %e = add.trap %d, %one : i64
        yield %v, %e
      }
      yield %t, %k
  }
  return %s, %c
}
"""

_ATTEMPT = """
func @shares(%xs: i64[n], %js: i64[m], %a: i64) -> (i64, bool[m]) {
  %none = const -1 : i64
  %zero = const 0 : i64
  %known, %shares = map (%js) {
    ^(%j: i64):
      %ok, %share = attempt %none {
        %x = get %xs, %j
        %inner, %s = attempt %a {
          %t = add.trap %x, %x : i64
          yield %t
        }
        %q = floordiv.trap %s, %x : i64
        yield %q
      }
      yield %ok, %share
  }
  %sum = fold (%shares), (%zero) {
    ^(%share.1: i64, %t.1: i64):
      %u = add.trap %t.1, %share.1 : i64
      yield %u
  }
  return %sum, %known
}
"""

_ENDLESS = """
func @endless(%n: i64) -> i64 {
  %r = recurse %n {
    ^(%m: i64):
      %v = self %m : i64
      %w = add.wrap %v, %m : i64
      yield %w
  }
  return %r
}
"""

EXAMPLES = (
    Example("sum", _SUM, ([1, -2, 3],), (2,)),
    Example("sum of nothing", _SUM, ([],), (0,)),
    Example("maximum segment sum", _KADANE, ([3, -5, 4, 2, -1, 6, -7, 2],), (11,)),
    Example("maximum segment sum overflows", _KADANE, ([MAX64, 1, -5],), trap=TrapOverflowError),
    Example("overflow that the final value hides", _KADANE, ([-MAX64, -1, -1, MAX64],), (MAX64,)),
    Example("fibonacci", _FIBONACCI, (10,), (55,)),
    Example("fibonacci of a negative number", _FIBONACCI, (-3,), (0,)),
    Example("the branch that is taken", _BRANCH, (-7, False), (7,)),
    Example("the other branch is not run", _BRANCH, (-MAX64 - 1, True), trap=TrapOverflowError),
    Example("floor division", _DIVIDE, (-7, 2), (-4, 1)),
    Example("division by zero", _DIVIDE, (1, 0), trap=TrapZeroDivisionError),
    Example("quotient beyond the range", _DIVIDE, (-MAX64 - 1, -1), trap=TrapOverflowError),
    Example("an element", _ELEMENT, ([5, 6], 1), (6,)),
    Example("no element there", _ELEMENT, ([5, 6], 2), trap=TrapIndexError),
    Example("a negative index", _ELEMENT, ([5, 6], -1), trap=TrapIndexError),
    Example("an unused equation traps", _UNUSED, (1, 0), trap=TrapZeroDivisionError),
    Example("floats are added in order", _FLOATS, ([1e16, 1.0, -1e16],), (0.0,)),
    Example("steps of a range", _STEP, (3,), (18,)),
    Example("a range without step", _STEP, (0,), trap=TrapValueError),
    Example("repeated work", _REPEATED, (5,), (26,)),
    Example("a recursion", _RECURSION, (12,), (144,)),
    Example("a base case", _RECURSION, (-4,), (-4,)),
    Example("a recursion that ends in a call of itself", _TAIL, (12, -18), (-6,)),
    Example("a recursion along an array", _ALONG, ([1.5, 2.0, -0.25], True), (1.25, 3)),
    Example(
        "attempts that trap",
        _ATTEMPT,
        ([5, 0, MAX64], [0, 1, 2, 3, -1, 0], MAX64),
        (2 - 1 + 1 - 1 - 1 + 2, [True, False, True, False, False, True]),
    ),
    Example("a recursion without end", _ENDLESS, (1,), trap=TrapRecursionError),
)
