"""The interpreter on every kind of op, traps with their place included."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hyperion.errors import (
    HyperionError,
    TrapIndexError,
    TrapOverflowError,
    TrapValueError,
    TrapZeroDivisionError,
    TypeCheckError,
)
from hyperion.ir.parser import parse_program
from hyperion_interp.interpreter import Interpreter, interpret

BIG = 2**63 - 1


def run(text: str, *arguments: object, fuel: int | None = None) -> object:
    results = interpret(parse_program(text), arguments, fuel)
    return results[0] if len(results) == 1 else results


def binary(op: str, kind: str, result: str | None = None) -> str:
    result = result or kind
    return f"func @f(%x: {kind}, %y: {kind}) -> {result} {{ %z = {op} %x, %y : {result} return %z }}"


KADANE = """
func @kadane(%xs: i32[n]) -> i64 {
  %zero = const 0 : i64
  %here, %best = fold (%xs), (%zero, %zero) {
    ^(%x: i32, %h: i64, %b: i64):
      %w = cast %x : i64
      %s = add.trap %h, %w : i64
      %h1 = max %s, %zero : i64
      %b1 = max %b, %h1 : i64
      yield %h1, %b1
  }
  return %best
}
"""


@pytest.mark.parametrize("make", [list, tuple, lambda xs: np.array(xs, dtype=np.int32)])
def test_kadane(make) -> None:
    assert run(KADANE, make([3, -5, 4, 2, -1, 6, -7, 2])) == 11
    assert run(KADANE, make([])) == 0


def test_results_are_python_values() -> None:
    text = "func @f(%x: f32, %b: bool, %xs: f32[n]) -> (f32, bool, f32[n]) { return %x, %b, %xs }"
    x, b, xs = run(text, np.float32(0.1), np.bool_(True), np.array([0.5, math.nan], dtype=np.float32))
    assert (type(x), x) == (float, float(np.float32(0.1)))
    assert b is True
    assert type(xs) is list
    assert math.isnan(xs[1])


@pytest.mark.parametrize(
    ("text", "arguments", "error", "code"),
    [
        (binary("add.trap", "i64"), (BIG, 1), TrapOverflowError, "HY5101"),
        (binary("floordiv.wrap", "i64"), (1, 0), TrapZeroDivisionError, "HY5102"),
        (binary("div.trap", "f64"), (1.0, -0.0), TrapZeroDivisionError, "HY5102"),
        (binary("shr", "i64"), (1, -1), TrapValueError, "HY5104"),
        ("func @f(%xs: i8[n], %i: i64) -> i8 { %z = get %xs, %i return %z }", ([1, 2], 2), TrapIndexError, "HY5103"),
        ("func @f(%xs: i8[n], %i: i64) -> i8 { %z = get %xs, %i return %z }", ([1, 2], -1), TrapIndexError, "HY5103"),
        (
            "func @f(%xs: i8[n], %i: i64, %v: i8) -> i8[n] { %z = update %xs, %i, %v return %z }",
            ([], 0, 1),
            TrapIndexError,
            "HY5103",
        ),
        ("func @f(%n: i64) -> i64[m] { %z = fill %n, %n : i64[m] return %z }", (-1,), TrapValueError, "HY5104"),
        ("func @f(%n: i64) -> f32 { %z = cast.exact %n : f32 return %z }", (2**24 + 1,), HyperionError, "HY5105"),
        ("func @f(%x: f64) -> i64 { %z = cast.truncate %x : i64 return %z }", (math.nan,), TrapValueError, "HY5104"),
        ("func @f(%x: f64) -> i64 { %z = cast.truncate %x : i64 return %z }", (2.0**63,), TrapOverflowError, "HY5101"),
        (
            "func @f(%s: i64) -> i64 { %z = for %s, %s, %s, (%s) { ^(%i: i64, %c: i64): yield %c } return %z }",
            (0,),
            TrapValueError,
            "HY5104",
        ),
        (
            "func @f(%a: i8[n], %b: i8[m]) -> i8 { %c = const 0 : i8 "
            "%z = fold (%a, %b), (%c) { ^(%x: i8, %y: i8, %s: i8): yield %s } return %z }",
            ([1], [1, 2]),
            TrapValueError,
            "HY5104",
        ),
    ],
)
def test_a_trap_names_its_equation(text: str, arguments: tuple, error: type, code: str) -> None:
    with pytest.raises(error) as caught:
        run(text, *arguments)
    assert caught.value.code == code
    assert caught.value.span.column in (text.index("%z =") + 1, text.index("%z =") - 21 + 1)
    assert "^" in str(caught.value)


def test_an_unused_equation_traps_all_the_same_and_the_first_one_wins() -> None:
    text = """func @f(%x: i64) -> i64 {
  %q = floordiv.trap %x, %x : i64
  %u = add.trap %x, %x : i64
  return %x
}"""
    with pytest.raises(TrapZeroDivisionError):
        run(text, 0)
    with pytest.raises(TrapOverflowError) as caught:
        run(text, BIG)
    assert caught.value.span.line == 3
    assert run(text, 5) == 5


def test_the_innermost_equation_is_named_through_calls_and_loops() -> None:
    text = """func @f(%xs: i64[n]) -> i64 {
  %one = const 1 : i64
  %p = fold (%xs), (%one) {
    ^(%x: i64, %a: i64):
      %m = call @mul(%a, %x) : i64
      yield %m
  }
  return %p
}
func @mul(%x: i64, %y: i64) -> i64 {
  %z = mul.trap %x, %y : i64
  return %z
}"""
    assert run(text, [2, 3, 4]) == 24
    with pytest.raises(TrapOverflowError) as caught:
        run(text, [2**40, 2**40])
    assert caught.value.span.line == 11


def test_a_branch_is_lazy() -> None:
    text = """func @f(%c: bool, %x: i64) -> i64 {
      %r = if %c { %q = floordiv.trap %x, %x : i64 yield %q } { yield %x } return %r }"""
    assert run(text, False, 0) == 0
    assert run(text, True, 7) == 1


@pytest.mark.parametrize("bounds", [(0, 5, 1), (5, 0, -2), (0, 0, 1), (3, 20, 7), (-4, 4, 3), (1, 0, 1)])
def test_for_and_power_are_pythons_range(bounds: tuple[int, int, int]) -> None:
    text = """func @f(%lo: i64, %hi: i64, %step: i64) -> (i64, i64) {
      %one = const 1 : i64
      %ten = const 10 : i64
      %r = for %lo, %hi, %step, (%one) { ^(%i: i64, %c: i64):
        %d = mul.wrap %c, %ten : i64 %e = add.wrap %d, %i : i64 yield %e }
      %p = par.power %lo, %hi, %step, (%one) { yield %ten }
        { ^(%a: i64, %b: i64): %ab = mul.wrap %a, %b : i64 yield %ab }
        { ^(%m: i64, %s: i64): %ms = mul.wrap %m, %s : i64 yield %ms }
      return %r, %p }"""
    expected = 1
    for i in range(*bounds):
        expected = expected * 10 + i
    assert run(text, *bounds) == (expected, 10 ** len(range(*bounds)))


FIBONACCI = """func @fibonacci(%n: i64) -> u64 {
  %zero = const 0 : i64
  %step = const 1 : i64
  %a0 = const 0 : u64
  %b0 = const 1 : u64
  %a, %b = par.power %zero, %n, %step, (%a0, %b0) {
    yield %a0, %b0, %b0
  } {
    ^(%p: u64, %q: u64, %r: u64, %s: u64, %t: u64, %u: u64):
      %ps = mul.wrap %p, %s : u64
      %qt = mul.wrap %q, %t : u64
      %pt = mul.wrap %p, %t : u64
      %qu = mul.wrap %q, %u : u64
      %ru = mul.wrap %r, %u : u64
      %v = add.wrap %ps, %qt : u64
      %w = add.wrap %pt, %qu : u64
      %y = add.wrap %qt, %ru : u64
      yield %v, %w, %y
  } {
    ^(%e: u64, %f: u64, %g: u64, %x0: u64, %x1: u64):
      %e0 = mul.wrap %e, %x0 : u64
      %f1 = mul.wrap %f, %x1 : u64
      %f0 = mul.wrap %f, %x0 : u64
      %g1 = mul.wrap %g, %x1 : u64
      %r0 = add.wrap %e0, %f1 : u64
      %r1 = add.wrap %f0, %g1 : u64
      yield %r0, %r1
  }
  return %a
}"""


def test_power_takes_logarithmic_time() -> None:
    a, b, first = 0, 1, []
    for _ in range(120):
        first.append(a)
        a, b = b, (a + b) % 2**64
    assert [run(FIBONACCI, n) for n in range(120)] == first
    assert run(FIBONACCI, -5) == 0
    # F(2n) = F(n) (2 F(n+1) - F(n)), at a size that no loop reaches.
    n = 10**18
    x, y = run(FIBONACCI, n), run(FIBONACCI, n + 1)
    assert run(FIBONACCI, 2 * n) == x * (2 * y - x) % 2**64


def test_power_over_the_longest_range() -> None:
    text = """func @f(%lo: i64, %hi: i64) -> i64 { %one = const 1 : i64 %zero = const 0 : i64
      %k = par.power %lo, %hi, %one, (%zero) { yield %one }
        { ^(%a: i64, %b: i64): %ab = add.wrap %a, %b : i64 yield %ab }
        { ^(%m: i64, %s: i64): %ms = add.wrap %m, %s : i64 yield %ms } return %k }"""
    assert run(text, -(2**63), BIG) == -1  # 2**64 - 1 steps, modulo 2**64


REDUCE = """func @f(%xs: i64[n], %s0: f64) -> (bool, f64) {
  %half = const 0.5 : f64
  %ok, %s = par.reduce (%xs), (%s0) {lanes = 2, piece = 3} {
    ^(%x: i64):
      %f = cast.round %x : f64
      yield %half, %f
  } {
    ^(%a1: f64, %b1: f64, %a0: f64, %b0: f64):
      %a = mul %a1, %a0 : f64
      %t = mul %a1, %b0 : f64
      %b = add %t, %b1 : f64
      yield %a, %b
  } {
    ^(%a2: f64, %b2: f64, %s1: f64):
      %u = mul %a2, %s1 : f64
      %v = add %u, %b2 : f64
      yield %v
  } {
    ^(%g: i64):
      %zero = const 0 : i64
      %positive = gt %g, %zero
      yield %positive
  }
  return %ok, %s
}"""


@pytest.mark.parametrize("n", [0, 1, 2, 3, 5, 6, 7, 12, 13, 38, 39, 100])
def test_reduce_joins_pieces_in_order(n: int) -> None:
    xs = [i * i + 1 for i in range(n)]
    state = 3.0
    for x in xs:
        state = 0.5 * state + x
    ok, got = run(REDUCE, xs, 3.0)
    assert ok is True
    assert got == pytest.approx(state, rel=1e-12)
    if n:
        xs[n // 2] = 0
        assert run(REDUCE, xs, 3.0)[0] is False


def test_reduce_has_the_bits_of_its_pieces() -> None:
    xs = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
    text = """func @f(%xs: f64[n], %s: f64) -> f64 { %r = par.reduce (%xs), (%s) {lanes = 2, piece = 3}
      { ^(%x: f64): yield %x } { ^(%l: f64, %e: f64): %m = add %l, %e : f64 yield %m }
      { ^(%p: f64, %t: f64): %a = add %p, %t : f64 yield %a } return %r }"""
    expected = 0.7 + ((0.6 + (0.5 + 0.4)) + ((0.3 + (0.2 + 0.1)) + 0.0))
    assert run(text, xs, 0.0) == expected
    assert run(text, [], -0.0) == 0.0
    assert math.copysign(1, run(text, [], -0.0)) == -1


def test_arrays_are_values() -> None:
    text = """func @f(%xs: i64[n], %v: i64) -> (i64[n], i64[n], i64, i64) {
      %i = const 0 : i64
      %ys = update %xs, %i, %v
      %zs = update %xs, %i, %i
      %old = get %xs, %i
      %new = get %ys, %i
      return %xs, %zs, %old, %new }"""
    given = [1, 2]
    assert run(text, given, 9) == ([1, 2], [0, 2], 1, 9)
    assert given == [1, 2]


def test_a_loop_of_writes_is_linear_and_fold_sees_the_old_array() -> None:
    text = """func @f(%xs: i64[n]) -> (i64[n], i64[n]) {
      %zero = const 0 : i64
      %one = const 1 : i64
      %ys, %k = fold (%xs), (%xs, %zero) { ^(%x: i64, %a: i64[n], %i: i64):
        %d = add.trap %x, %x : i64
        %b = update %a, %zero, %d
        %j = add.trap %i, %one : i64
        %c = update %b, %i, %d
        yield %c, %j }
      return %ys, %xs }"""
    xs = list(range(1, 50001))
    ys, same = run(text, xs)
    assert same == xs
    assert ys[1:] == [2 * x for x in xs[1:]]


def test_while_and_fuel() -> None:
    text = """func @collatz(%n: i64) -> i64 { %one = const 1 : i64 %two = const 2 : i64 %three = const 3 : i64
      %zero = const 0 : i64
      %m, %k = while (%n, %zero) { ^(%a: i64, %b: i64): %go = ne %a, %one yield %go }
        { ^(%c: i64, %d: i64):
          %half = floordiv.trap %c, %two : i64
          %odd = mod.trap %c, %two : i64
          %is = eq %odd, %one
          %next = if %is { %t = mul.trap %c, %three : i64 %u = add.trap %t, %one : i64 yield %u } { yield %half }
          %e = add.trap %d, %one : i64
          yield %next, %e }
      return %k }"""
    assert run(text, 27) == 111
    with pytest.raises(HyperionError, match="HY5106"):
        run(text, 0, fuel=1000)


def test_narrow_floats_round_after_every_step() -> None:
    assert run(binary("add", "f32"), 16777216.0, 1.0) == 16777216.0
    assert run(binary("mul", "f32"), 3e38, 10.0) == math.inf
    assert run(binary("mul", "f16"), 300.0, -300.0) == -math.inf
    assert run(binary("div", "f32"), 1.0, 3.0) == float(np.float32(1) / np.float32(3))
    assert run(binary("div", "f64"), 1.0, -0.0) == -math.inf
    assert math.isnan(run(binary("div", "f64"), 0.0, 0.0))
    assert math.copysign(1, run(binary("mul", "f64"), -1.0, 0.0)) == -1


def test_mathematical_integers() -> None:
    text = """func @f(%x: i64, %xs: i8[n]) -> (int, int) {
      %z = cast %x : int %y = mul %z, %z : int %w = mul %y, %y : int %n = len %xs : int return %w, %n }"""
    assert run(text, BIG, [1, 2, 3]) == (BIG**4, 3)


def test_invalid_programs_are_refused_before_they_run() -> None:
    with pytest.raises(TypeCheckError):
        run("func @f(%x: i64) -> i64 { %y = add %x, %x : i64 return %y }", 1)


def test_limits_are_errors() -> None:
    with pytest.raises(HyperionError, match="HY5108"):
        run("func @f(%n: i64) -> i64[m] { %z = fill %n, %n : i64[m] return %z }", 2**62)
    chain = "".join(f"func @g{i}() -> () {{ call @g{i + 1}() : () return }}\n" for i in range(3000))
    with pytest.raises(HyperionError, match="HY5107"):
        run(f"{chain} func @g3000() -> () {{ return }}")


def test_the_deepest_regions_run() -> None:
    text = "%c"
    body = "yield %c"
    for level in range(98):
        body = f"%x{level} = if {text} {{ {body} }} {{ yield %c }} yield %x{level}"
    program = f"func @f(%c: bool) -> bool {{ %r = if %c {{ {body} }} {{ yield %c }} return %r }}"
    assert run(program, True) is True


def test_an_interpreter_runs_many_times() -> None:
    interpreter = Interpreter(parse_program(KADANE), fuel=5)
    assert [interpreter.run([[n]]) for n in range(-1, 3)] == [(0,), (0,), (1,), (2,)]
