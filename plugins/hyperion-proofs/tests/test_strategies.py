"""Which loops are derived, which are refused, and that the reasons given are true."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from hyperion.interfaces.strategy import Candidate, Refusal
from hyperion.ir.function import Function, Program, walk
from hyperion.ir.parser import parse_program
from hyperion.ir.types import I64, IntType
from hyperion.ir.verifier import verify
from hyperion.logic.checking import check
from hyperion.logic.denote import denote
from hyperion.logic.terms import digest
from hyperion_interp.interpreter import interpret
from hyperion_proofs.strategies import ParallelReduction, Power


def fold(body: str, state: Sequence[str] = ("s",), element: str = "i64", kind: str = "i64", zero: str = "0") -> str:
    """A function that folds its array with this body, from its other parameters."""
    parameters = ", ".join(f"%{v}0: {kind}" for v in state)
    carried = ", ".join(f"%{v}: {kind}" for v in state)
    results = ", ".join(f"%{v}9" for v in state)
    return f"""
func @loop(%xs: {element}[n], {parameters}) -> ({", ".join([kind] * len(state))}) {{
  %zero = const {zero} : {kind}
  {results} = fold (%xs), ({", ".join(f"%{v}0" for v in state)}) {{
    ^(%x: {element}, {carried}):
      {body}
  }}
  return {results}
}}"""


def counted(body: str, kind: str = "i64", parameters: str = "") -> str:
    return f"""
func @loop(%n: i64, %s0: {kind}{parameters}) -> {kind} {{
  %lo = const 0 : i64
  %one = const 1 : i64
  %s1 = for %lo, %n, %one, (%s0) {{
    ^(%i: i64, %s: {kind}):
      {body}
  }}
  return %s1
}}"""


def derive(text: str) -> tuple[Function, list[Candidate | Refusal]]:
    program = parse_program(text)
    verify(program)
    strategies = (ParallelReduction(), Power())
    return program.main, [found for s in strategies for found in s.derive(program.main)]


def candidate(text: str) -> Candidate:
    """The only candidate, its theorem accepted for exactly the source and what it offers."""
    source, (found,) = derive(text)
    assert isinstance(found, Candidate)
    verify(Program({"loop": found.function}, "loop"))
    checked = check(found.theorem)
    assert (checked.left, checked.right) == (digest(denote(source)), digest(denote(found.function)))
    assert (checked.hypotheses, checked.oracles) == (0, ())
    return found


def refusal(text: str) -> Refusal:
    """The first strategy's; a loop that does not read its array is refused by both."""
    _, (found, *_) = derive(text)
    assert isinstance(found, Refusal)
    return found


def ops(function: Function) -> set[str]:
    return {e.op for e in walk(function.equations)}


SEGMENT = """%h = {op} %s, %w : i64
      %h1 = max %h, %zero : i64
      %b1 = max %b, %h1 : i64
      yield %h1, %b1"""
WIDEN = "%w = cast %x : i64\n      "

DERIVED: dict[str, tuple[str, str, bool]] = {
    # name: text, the operation of the parallel form, whether it is under a guard
    "sum": (fold("%y = add.trap %s, %x : i64\n yield %y"), "par.reduce", True),
    "wrapping sum": (fold("%y = add.wrap %s, %x : i64\n yield %y"), "par.reduce", False),
    "sum of bytes": (fold(WIDEN + "%y = add.trap %s, %w : i64\n yield %y", element="i8"), "par.reduce", True),
    "maximum": (fold("%y = max %s, %x : i64\n yield %y"), "par.reduce", False),
    "minimum of bytes": (
        fold("%y = min %s, %x : u8\n yield %y", element="u8", kind="u8"),
        "par.reduce",
        False,
    ),
    "segment": (
        fold(WIDEN + SEGMENT.format(op="add.trap"), ("s", "b"), element="i32"),
        "par.reduce",
        True,
    ),
    "maximum by if": (
        fold("%c = lt %s, %x : bool\n%y = if %c { yield %x } { yield %s }\n yield %y"),
        "par.reduce",
        False,
    ),
    "hash": (
        fold(WIDEN + "%t = mul.wrap %s, %s00 : i64\n%y = add.wrap %t, %w : i64\nyield %y", element="u8").replace(
            "%s0: i64)", "%s0: i64, %s00: i64)"
        ),
        "par.reduce",
        False,
    ),
    "regrouped sum": (
        fold('%y = add %s, %x {fp = "reassoc"} : f64\n yield %y', element="f64", kind="f64", zero="0x0.0p+0"),
        "par.reduce",
        True,
    ),
    "two independent parts": (
        fold("%y = add.wrap %s, %x : i64\n%z = add.wrap %b, %y : i64\nyield %y, %z", ("s", "b")),
        "par.reduce",
        False,
    ),
    "power": (counted("%y = mul.wrap %s, %b : i64\nyield %y", parameters=", %b: i64"), "par.power", False),
    "affine": (counted("%t = mul.wrap %s, %b : i64\n%y = add.wrap %t, %b : i64\nyield %y", parameters=", %b: i64"),
               "par.power", False),
    "power over the indices of an array": (
        counted("%y = mul.wrap %s, %b : i64\nyield %y", parameters=", %b: i64, %xs: i64[m]").replace(
            "%lo = ", "%size = len %xs : i64\n  %lo = "
        ).replace("for %lo, %n", "for %lo, %size"),
        "par.power",
        False,
    ),
    "narrow power": (counted("%y = mul.wrap %s, %s0 : i8\nyield %y", kind="i8"), "par.power", False),
}  # fmt: skip


@pytest.mark.parametrize("name", DERIVED)
def test_derived(name: str) -> None:
    text, op, guarded = DERIVED[name]
    found = candidate(text)
    assert op in ops(found.function)
    assert ("if" in {e.op for e in found.function.equations}) == guarded
    assert found.parallel == (op == "par.reduce")
    assert str(found.cost) == ("O(n/p)" if op == "par.reduce" else "O(log n)")


REFUSED: dict[str, tuple[str, str]] = {
    "product of the state": (
        fold("%y = mul.wrap %s, %s : i64\nyield %y"),
        "two values of the state are multiplied",
    ),
    "counter and another type": (
        counted("%c = lt %i, %n : bool\n%y = xor %c, %s : bool\nyield %y", kind="bool"),
        "the state is not of 64-bit integers only",
    ),
    "read by index": (
        counted("%v = get %xs, %i : i64\n%y = add.wrap %s, %v : i64\nyield %y", parameters=", %xs: i64[m]"),
        "reads or writes arrays by index",
    ),
    "read at one place": (
        counted("%v = get %xs, %lo : i64\n%y = add.wrap %s, %v : i64\nyield %y", parameters=", %xs: i64[m]"),
        "reads or writes arrays by index",
    ),
    "division": (
        fold("%y = floordiv.wrap %s, %x : i64\nyield %y"),
        "goes through `floordiv`",
    ),
    "narrow trapping sum": (
        fold("%y = add.trap %s, %x : i8\nyield %y", element="i8", kind="i8"),
        "range of i8; only i64",
    ),
    "bits that move": (
        fold("%c = const 1 : i64\n%d = shl.wrap %s, %c : i64\n%y = xor %d, %x : i64\nyield %y"),
        "the bits of the state move",
    ),
    "strict sum": (
        fold("%y = add %s, %x : f64\nyield %y", element="f64", kind="f64", zero="0x0.0p+0"),
        "IEEE addition rounds",
    ),
    "a branch on the state": (
        fold("%c = lt %s, %x : bool\n%y = if %c { yield %zero } { yield %s }\nyield %y"),
        "",
    ),
    "growth": (fold("%t = add.trap %s, %s : i64\n%y = add.trap %t, %x : i64\nyield %y"), ""),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    text, reason = REFUSED[name]
    found = refusal(text)
    assert reason in found.reason
    assert found.reason
    assert found.span is not None


def test_several_arrays_at_once() -> None:
    text = """
func @loop(%xs: i64[n], %ys: i64[n], %s0: i64) -> i64 {
  %s1 = fold (%xs, %ys), (%s0) {
    ^(%x: i64, %y: i64, %s: i64):
      %t = mul.wrap %x, %y : i64
      %u = add.wrap %s, %t : i64
      yield %u
  }
  return %s1
}"""
    assert "lift(x, y) = x*y" in candidate(text).summary


def test_loops_inside_a_branch_are_derived_in_their_places() -> None:
    """Also where two of them are alike but for the array."""
    text = """
func @loop(%xs: i64[n], %ys: i64[m], %c: bool) -> i64 {
  %r = if %c {
    %zero = const 0 : i64
    %s1 = fold (%xs), (%zero) {
      ^(%x: i64, %s: i64):
        %y = add.trap %s, %x : i64
        yield %y
    }
    %s2 = fold (%ys), (%zero) {
      ^(%z: i64, %t: i64):
        %u = add.trap %t, %z : i64
        yield %u
    }
    %s3 = max %s1, %s2 : i64
    yield %s3
  } {
    %one = const 1 : i64
    yield %one
  }
  return %r
}"""
    found = candidate(text)
    assert found.summary.count("for every xs") == found.summary.count("for every ys") == 1
    (branch,) = found.function.equations
    assert sum(e.op == "if" for e in branch.regions[0].equations) == 2  # by a guard each


def test_two_loops_are_derived_one_after_the_other() -> None:
    text = """
func @loop(%xs: i64[n]) -> i64 {
  %zero = const 0 : i64
  %s1 = fold (%xs), (%zero) {
    ^(%x: i64, %s: i64):
      %y = add.wrap %s, %x : i64
      yield %y
  }
  %s2 = fold (%xs), (%s1) {
    ^(%z: i64, %t: i64):
      %u = max %t, %z : i64
      yield %u
  }
  return %s2
}"""
    found = candidate(text)
    assert [e.op for e in found.function.equations] == ["const", "par.reduce", "par.reduce"]
    assert found.summary.count("for every xs") == 2


# ---- counterexamples


@pytest.mark.parametrize("kind", ["i8", "i16", "i32", "i64", "u8", "u64"])
@pytest.mark.parametrize("name", ["max", "min"])
def test_wrapping_segments_are_refused_with_numbers_that_break_the_law(kind: str, name: str) -> None:
    body = f"%h = add.wrap %s, %x : {kind}\n%h1 = {name} %h, %zero : {kind}\nyield %h1"
    found = refusal(fold(body, element=kind, kind=kind))
    assert name in found.reason
    assert found.law == f"c + {name}(a, b) = {name}(c + a, c + b) on {kind}, wrapping"
    a, b, c, left, right = map(int, re.findall(r"-?\d+", found.counterexample))
    word = IntType(int(kind[1:]), kind[0] == "i")
    choose = max if name == "max" else min
    assert all(map(word.contains, (a, b, c)))
    assert (left, right) == (word.wrap(c + choose(a, b)), choose(word.wrap(c + a), word.wrap(c + b)))
    assert left != right


def test_the_counterexample_breaks_the_summary_of_the_loop() -> None:
    """Two elements from two states: no one summary of `+ x` gives both results under wrapping."""
    body = "%h = add.wrap %s, %x : i8\n%h1 = max %h, %zero : i8\nyield %h1"
    program = parse_program(fold(body, element="i8", kind="i8"))
    results = {s: interpret(program, [[127, 127], s])[0] for s in (0, 1)}
    assert results == {0: 0, 1: 127}  # with a larger start the plain loop wraps and restarts


def test_strict_floats_are_refused_with_numbers_that_break_the_law() -> None:
    body = "%y = add %s, %x : f64\nyield %y"
    found = refusal(fold(body, element="f64", kind="f64", zero="0x0.0p+0"))
    assert found.law == "(a + b) + c = a + (b + c) on floats"
    a, b, c, left, right = map(float, re.findall(r"-?\d+\.?\d*(?:e[+-]?\d+)?", found.counterexample))
    assert ((a + b) + c, a + (b + c)) == (left, right)
    assert left != right


# ---- the theorem as text


def test_the_theorem_uses_the_names_of_the_source() -> None:
    text = fold(WIDEN + SEGMENT.format(op="add.trap"), ("s", "b"), element="i32")
    assert candidate(text).summary.splitlines() == [
        "for every xs : i32[n] and every way to cut it into pieces,",
        "  (s, b) = act(summary of the last piece, .. act(summary of the first, initial state))",
        "  lift(x) = (x, 0, x, 0)",
        "  mul((a0, a1, a2, a3), (b0, b1, b2, b3))"
        " = (a0 + b0, max(a1, a0 + b1), max(a2 + b0, b2), max(max(a3, a2 + b1), b3))",
        "  act((a0, a1, a2, a3), (s, b)) = (max(a0 + s, a1), max(max(a2 + s, b), a3))",
        "  by act(lift(x), s) = step(s, x) and act(A, act(B, s)) = act(mul(A, B), s)",
        "  where |initial state| + len(xs)*2**31 < 2**63, tested at run time; else the loop as written",
    ]


def test_a_power_has_a_summary_without_argument() -> None:
    text = DERIVED["affine"][0]
    lines = candidate(text).summary.splitlines()
    assert lines[0] == "for every count n, s = act(R**n, initial state) with R = lift(), by repeated squaring,"
    assert lines[1] == "  lift() = (b, b)"
    assert lines[2] == "  mul((a0, a1), (b0, b1)) = (a0*b0, a1 + a0*b1)"
    assert lines[3] == "  act((a0, a1), s) = a0*s + a1"


def test_letters_of_the_source_are_not_used_for_summaries() -> None:
    text = fold("%y = add.wrap %a, %b : i64\nyield %y", ("a",)).replace("%x: i64", "%b: i64")
    lines = candidate(text).summary.splitlines()
    assert lines[2:5] == ["  lift(b) = b", "  mul(A, B) = A + B", "  act(A, a) = a + A"]


@pytest.mark.parametrize("name", DERIVED)
def test_texts_are_short_and_free_of_made_up_names(name: str) -> None:
    summary = candidate(DERIVED[name][0]).summary
    assert 4 <= len(summary.splitlines()) <= 8
    assert not re.search(r"[a-z]\.\d", summary)
    assert "%" not in summary


def test_a_guard_over_wide_elements_names_their_magnitude() -> None:
    last = candidate(DERIVED["sum"][0]).summary.splitlines()[-1]
    assert last.startswith("  where |x| <= m for every x, with m chosen so that |initial state| + len(xs)*m < 2**63")
    assert I64.maximum + 1 == 2**63
