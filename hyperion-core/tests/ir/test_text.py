"""The text form: parse, print, parse gives the same; errors are errors with a place, never tracebacks."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hyperion.errors import TypeCheckError
from hyperion.ir import parse_program, print_function, print_program, verify
from hyperion.testing.programs import random_program

KADANE = """\
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

CONTROL = """\
func @main(%a: i64, %c: bool, %f: f64) -> (i64, f64, bool[m]) {
  %one = const 1 : i64
  %neg = const -5 : i64
  %nan = const nan : f64
  %low = const -inf : f64
  %half = const 0x1.8p+1 : f64
  %tiny = const -0x0.0p+0 : f64
  %t = const true : bool
  %r = if %c {
    %q = add.wrap %a, %one : i64
    yield %q
  } {
    yield %a
  }
  %s = for %one, %a, %neg, (%r) {
    ^(%i: i64, %k: i64):
      %k1 = xor %k, %i : i64
      yield %k1
  }
  %w = while (%s) {
    ^(%p: i64):
      %go = lt %p, %one
      yield %go
  } {
    ^(%p2: i64):
      %p3 = add.sat %p2, %one : i64
      yield %p3
  }
  %g = add %f, %half {fp = "reassoc"} : f64
  %flags = fill %one, %t : bool[m]
  %u, %v = call @other(%w, %g) : (i64, f64)
  return %u, %v, %flags
}

func @other(%x: i64, %y: f64) -> (i64, f64) {
  return %x, %y
}
"""

PARALLEL = """\
func @sums(%xs: i64[n], %ys: i64[n], %lo: i64, %hi: i64) -> (bool, i64, i64) {
  %zero = const 0 : i64
  %ok, %s = par.reduce (%xs, %ys), (%zero) {lanes = 8, piece = 16} {
    ^(%x: i64, %y: i64):
      %p = mul.wrap %x, %y : i64
      yield %p
  } {
    ^(%a: i64, %b: i64):
      %ab = add.wrap %a, %b : i64
      yield %ab
  } {
    ^(%r: i64, %t: i64):
      %rt = add.wrap %r, %t : i64
      yield %rt
  } {
    ^(%gx: i64, %gy: i64):
      %g = lt %gx, %gy
      yield %g
  }
  %one = const 1 : i64
  %e = par.power %lo, %hi, %one, (%one) {
    %three = const 3 : i64
    yield %three
  } {
    ^(%m1: i64, %m2: i64):
      %m = mul.wrap %m1, %m2 : i64
      yield %m
  } {
    ^(%n1: i64, %n2: i64):
      %nn = mul.wrap %n1, %n2 : i64
      yield %nn
  }
  return %ok, %s, %e
}
"""

PROGRAMS = {"kadane": KADANE, "control": CONTROL, "parallel": PARALLEL}


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_printing_gives_the_text_back(text: str) -> None:
    program = parse_program(text)
    verify(program)
    assert print_program(program) == text
    assert parse_program(print_program(program)) == program


@given(st.integers(0, 2**32))
@settings(max_examples=150, deadline=None)
def test_random_programs_round_trip(seed: int) -> None:
    program = random_program(Random(seed))
    verify(program)
    text = print_program(program)
    again = parse_program(text)
    assert again == program
    assert print_program(again) == text


def test_the_layout_is_free_and_comments_are_skipped() -> None:
    text = "func @f(%x: i64) -> (i64) { // a comment\n %y = max %x,\n %x : i64 return %y }"
    (equation,) = parse_program(text).main.equations
    assert equation.op == "max"
    assert equation.span is not None
    assert (equation.span.line, equation.span.column, equation.span.end_line) == (2, 2, 3)


def test_types_that_follow_may_be_left_out() -> None:
    program = parse_program("func @f(%x: i64) -> bool { %y = add.trap %x, %x  %c = lt %x, %y return %c }")
    assert [str(e.result.type) for e in program.main.equations] == ["i64", "bool"]


@pytest.mark.parametrize(
    ("written", "stored"),
    [("1.5", "0x1.8000000000000p+0"), ("0x1.8p+0", "0x1.8000000000000p+0"), ("2", "0x1.0000000000000p+1"),
     ("-0.0", "-0x0.0p+0"), ("nan", "nan"), ("1e-3", (1e-3).hex())],
)  # fmt: skip
def test_float_literals_have_one_form(written: str, stored: str) -> None:
    program = parse_program(f"func @f() -> f64 {{ %x = const {written} : f64 return %x }}")
    assert program.main.equations[0].attribute("value") == stored
    assert parse_program(print_function(program.main)) == program


def test_zero_and_minus_zero_are_different_programs() -> None:
    plus, minus = (parse_program(f"func @f() -> f64 {{ %x = const {z} : f64 return %x }}") for z in ("0.0", "-0.0"))
    assert plus != minus


@pytest.mark.parametrize(
    ("text", "code", "place", "says"),
    [
        ("func @f() -> i64 { %x = const 1 : i64 return %y }", "HY6002", 46, "%y is not visible"),
        ("func @f() -> i64 { %x = const 1 : i65 return %x }", "HY6024", 35, "there is no type i65"),
        ("func @f() -> i64 { %x = const 1 return %x }", "HY6017", 20, "needs its result type"),
        ("func @f() -> i64 { %x = const 1 : i64 }", "HY6001", 39, "expected an operation or `return`, found `}`"),
        ("func @f(%x: i64) -> i64 { %y = adq %x, %x return %y }", "HY6010", 32, "there is no op adq"),
        ("func @f(%x: i64) -> bool { return %x }", "HY6023", 35, "returns (i64), declared (bool)"),
        ("func @f(%x: i64) -> i64 { %y, %z = max %x, %x return %y }", "HY6013", 27, "gives 1 result, 2 named"),
        ("", "HY6001", 1, "there is no function"),
        ("func @f(%x: i64) -> i64 { return %x } garbage", "HY6001", 39, "expected `func`"),
        ("func @f() -> i64 { %x = const 1 : i64 return %x ~ }", "HY6001", 49, "begins no token"),
        ('func @f(%x: f64) -> f64 { %y = neg %x {fp = "\\q"} : f64 return %y }', "HY6001", 45, "wrong escape"),
        ("func @f() -> i64 { %x = const 1e999 : f64 return %x }", "HY6022", 31, "too large"),
        ("func @f() -> int { %x = const " + "9" * 5000 + " : int return %x }", "HY6022", 31, "too large"),
    ],
)  # fmt: skip
def test_a_syntax_error_has_code_place_and_caret(text: str, code: str, place: int, says: str) -> None:
    with pytest.raises(TypeCheckError) as caught:
        parse_program(text, "f.hir")
    error = caught.value
    assert error.code == code
    assert error.span is not None
    assert (error.span.file, error.span.line) == ("f.hir", 1)
    assert error.span.column == place
    assert says in str(error)
    assert not text or "^" in str(error)


def test_all_errors_are_reported_and_no_follow_ups() -> None:
    text = """
func @f(%x: i64) -> i64 {
  %a = max %x, %lost
  %b = max %a, %x
  %c = adq %x
  return %b
}
func @g( -> i64 { return %x }
func @h(%x: i65) -> i64 { return %x }
"""
    with pytest.raises(TypeCheckError) as caught:
        parse_program(text)
    assert "4 errors" in str(caught.value)
    assert [e.code for e in caught.value.errors] == ["HY6002", "HY6010", "HY6001", "HY6024"]


@pytest.mark.parametrize("depth", [101, 5000])
def test_deep_nesting_is_an_error_not_a_crash(depth: int) -> None:
    text = "func @f(%c: bool) -> bool {" + "%x = if %c {" * depth
    with pytest.raises(TypeCheckError, match="nested deeper"):
        parse_program(text)
    with pytest.raises(TypeCheckError, match="nested deeper"):
        parse_program("func @f(%c: " + "(" * depth)


def test_the_deepest_nesting_works() -> None:
    opening, closing = "", ""
    for level in range(99):
        opening += f"%x{level} = if %c {{"
        closing = f"yield %{'c' if level == 98 else f'x{level + 1}'} }} {{ yield %c }}\n{closing}"
    program = parse_program(f"func @f(%c: bool) -> bool {{ {opening} {closing} return %x0 }}")
    verify(program)
    assert parse_program(print_program(program)) == program


TOKENS = sorted({t for text in PROGRAMS.values() for t in re.findall(r"[%@]?[\w.$-]+|[{}()\[\]:,=^]", text)})


def check_is_read_or_refused(text: str) -> None:
    refusal = None
    try:
        verify(parse_program(text))
    except TypeCheckError as error:
        refusal = error
    assert refusal is None or (refusal.code.startswith("HY6") and "HY6" in str(refusal))


@given(st.sampled_from(list(PROGRAMS.values())), st.data())
@settings(max_examples=300, deadline=None)
def test_damaged_text_gives_a_program_or_a_clear_error(text: str, data: st.DataObject) -> None:
    words = re.findall(r"\S+|\s+", text)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(words) - 1))
        words[at] = data.draw(st.sampled_from(TOKENS) | st.text(max_size=5) | st.just(""))
    check_is_read_or_refused("".join(words))


@given(st.text(alphabet='func@f%x(){}[]:,=->^ \n0123456789.ei64n"\\/té٣', max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_gives_a_program_or_a_clear_error(text: str) -> None:
    check_is_read_or_refused(text)
