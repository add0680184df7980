"""Predicted times: what is counted in the IR, how forms are ranked, and what is kept of a machine."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hyperion import machine as machines
from hyperion.guards import guard_cost, guards
from hyperion.ir.function import Program
from hyperion.ir.parser import parse_program
from hyperion.machine import FILE, NOMINAL, Machine, known_machine, machine_of
from hyperion.polynomial import Polynomial, constant
from hyperion.prediction import SIZE, cycle, estimate
from hyperion.ranking import Ranking, time_text

SUM = """
func @total(%xs: i64[n]) -> i64 {
  %zero = const 0 : i64
  %sum = fold (%xs), (%zero) {
    ^(%x: i64, %s: i64):
      %t = add.MODE %s, %x : i64
      yield %t
  }
  return %sum
}
"""
KADANE = parse_program("""
func @kadane(%xs: i32[n]) -> i64 {
  %c = const 0 : i64
  %h, %b = fold (%xs), (%c, %c) {
    ^(%x: i32, %here: i64, %best: i64):
      %w = cast %x : i64
      %v = add.trap %here, %w : i64
      %h1 = max %v, %c : i64
      %b1 = max %best, %h1 : i64
      yield %h1, %b1
  }
  return %b
}
""")


def reduction(operations: int, lanes: int = 8, kind: str = "i64") -> Program:
    """A parallel sum whose mul has so many operations more than it needs."""
    steps = "\n".join(f"      %t{i} = sub.wrap %t{i - 1}, %b : {kind}" for i in range(1, operations))
    return parse_program(f"""
func @total(%xs: {kind}[n]) -> {kind} {{
  %zero = const 0 : {kind}
  %sum = par.reduce (%xs), (%zero) {{lanes = {lanes}, piece = 4112}} {{
    ^(%x: {kind}):
      yield %x
  }} {{
    ^(%a: {kind}, %b: {kind}):
      %t0 = add.wrap %a, %b : {kind}
{steps}
      yield %t{operations - 1}
  }} {{
    ^(%m: {kind}, %s: {kind}):
      %t = add.wrap %m, %s : {kind}
      yield %t
  }}
  return %sum
}}
""")


SCAN = """par.scan (%xs), (%zero) {lanes = 4, piece = 64} {
    ^(%x: i64, %c: i64):
      %d = add.wrap %c, %x : i64
      yield %d, %d
  } {
    ^(%y: i64):
      yield %y
  } {
    ^(%a: i64, %b: i64):
      %e = add.wrap %a, %b : i64
      yield %e
  } {
    ^(%f: i64, %g: i64):
      %h = add.wrap %g, %f : i64
      yield %h
  }"""
TWO_SCANS = """
func @sums(%xs: i64[n]) -> i64 {{
  %zero = const 0 : i64
  %s, %ys = SCAN
  {second}
  return %s
}}
""".replace("SCAN", SCAN.replace("{", "{{").replace("}", "}}"))


def test_polynomials() -> None:
    line = Polynomial((12, 9))
    assert str(line) == "9 n + 12"
    assert str(line + constant(-12)) == "9 n"
    assert str(line.times_n()) == "9 n² + 12 n"
    assert str(Polynomial((1, 0, 0, 2), 4)) == "2 n³ + 4 log n + 1"
    assert str(Polynomial()) == "0"
    assert line.at(10) == 102
    assert Polynomial((), 2).at(1024) == 20
    assert line.scaled(2) == Polynomial((24, 18))


def test_a_sequential_loop_has_work_and_the_chain_of_its_state() -> None:
    found = estimate(KADANE)
    assert str(found.work) == "7 n"  # cast, an addition with its test, two maxima of two each
    assert found.span_text == "3 n"  # here: + and max; best alone: max
    assert str(found.bytes) == "4 n"


def test_the_chain_is_the_longest_mean_cycle() -> None:
    def chain(*steps: str, results: str) -> float:
        body = "\n".join(steps)
        program = parse_program(f"""
func @f(%n: i64, %a0: i64, %b0: i64) -> (i64, i64) {{
  %zero = const 0 : i64
  %one = const 1 : i64
  %p, %q = for %zero, %n, %one, (%a0, %b0) {{
    ^(%i: i64, %a: i64, %b: i64):
      {body}
      yield {results}
  }}
  return %p, %q
}}
""")
        loop = program.main.equations[-1]
        return cycle(loop.regions[0], loop.regions[0].parameters[1:])

    assert chain("%s = add.wrap %a, %b : i64", results="%b, %s") == 1  # b to b
    assert chain("%s = mul.wrap %a, %a : i64", results="%b, %s") == 1.5  # a to b to a takes two steps
    assert chain("%s = add.wrap %i, %i : i64", results="%s, %b") == 0


def test_each_of_two_scans_summarises_for_itself() -> None:
    text = TWO_SCANS.format(second="%t, %zs = " + SCAN)
    one, two = (estimate(parse_program(x)) for x in (TWO_SCANS.format(second=""), text))
    assert (str(one.bytes), str(two.bytes)) == ("16 n", "32 n")


@pytest.mark.parametrize(("mode", "span"), [("trap", "1 n"), ("wrap", "(1 n)/p")])
def test_what_llvm_makes_vectors_of_has_no_chain(mode: str, span: str) -> None:
    assert estimate(parse_program(SUM.replace("MODE", mode))).span_text == span


def test_a_parallel_loop_is_shared_by_lanes_and_threads() -> None:
    found = estimate(reduction(100))
    assert (str(found.work), found.span_text, str(found.bytes)) == ("100 n", "(100 n)/p", "8 n")
    one, many = replace(NOMINAL, threads=1.0), replace(NOMINAL, threads=16.0)
    assert found.nanoseconds(one) > 3 * found.nanoseconds(many)
    assert found.nanoseconds(one, 1000) == found.nanoseconds(many, 1000)  # short inputs have one thread
    assert found.nanoseconds(replace(one, vector_bits=128.0)) > 1.9 * found.nanoseconds(one)


def test_many_operations_are_not_worth_few_lanes_and_threads() -> None:
    """Hundreds of operations a step against one addition."""
    written = parse_program(SUM.replace("MODE", "trap"))
    dear, cheap = reduction(640), reduction(1)
    small = Ranking(lambda: replace(NOMINAL, threads=2.0, vector_bits=128.0))
    large = Ranking(lambda: replace(NOMINAL, threads=64.0, vector_bits=512.0))
    assert small.slower(dear, written)
    assert f"n = {SIZE:,}" in small.slower(dear, written)
    assert not small.slower(cheap, written)
    assert small.best([dear, cheap]) == 1
    assert small.best([cheap, dear]) == 0
    near = reduction(6)  # close enough to be measured
    assert not large.slower(near, written)


def test_only_a_close_choice_is_measured() -> None:
    asked: list[int] = []

    def measured() -> Machine:
        asked.append(1)
        return NOMINAL

    ranking = Ranking(measured)
    assert ranking.best([reduction(1)]) == 0
    assert ranking.best([reduction(100), reduction(1)]) == 1
    assert asked == []
    assert ranking.best([reduction(6), reduction(7)]) == 0
    assert asked == [1]


def test_forms_that_round_differently_are_chosen_alike_everywhere() -> None:
    def never() -> Machine:
        raise AssertionError("the machine was asked")

    text = SUM.replace("i64", "f64").replace("const 0 :", "const 0x0p+0 :")
    floats = [parse_program(text.replace("add.MODE %s, %x", 'add %s, %x {fp = "reassoc"}'))] * 2
    assert Ranking(never).best(floats) == 0


def test_powers_are_logarithmic() -> None:
    text = """
func @f(%n: i64) -> i64 {
  %one = const 1 : i64
  %nought = const 0 : i64
  %r = par.power %nought, %n, %one, (%one) {
    ^():
      %two = const 2 : i64
      yield %two
  } {
    ^(%a: i64, %b: i64):
      %c = mul.wrap %a, %b : i64
      yield %c
  } {
    ^(%m: i64, %s: i64):
      %t = mul.wrap %m, %s : i64
      yield %t
  }
  return %r
}
"""
    found = estimate(parse_program(text))
    assert "log n" in str(found.span)
    assert found.nanoseconds(NOMINAL) < 100


GUARDED = parse_program("""
func @total(%xs: i64[n]) -> i64 {
  %c = const 0 : i64
  %n = len %xs : int
  %most = const 1000 : int
  %lo = const -100 : i64
  %hi = const 100 : i64
  %held, %fast = par.reduce (%xs), (%c) {lanes = 8, piece = 4112} {
    ^(%x: i64):
      yield %x
  } {
    ^(%a: i64, %b: i64):
      %t = add.wrap %a, %b : i64
      yield %t
  } {
    ^(%m: i64, %s: i64):
      %t.1 = add.wrap %m, %s : i64
      yield %t.1
  } {
    ^(%x.2: i64):
      %low = le %lo, %x.2
      %high = le %x.2, %hi
      %in = and %low, %high : bool
      yield %in
  }
  %fits = le %n, %most
  %safe = and %held, %fits : bool
  %sum = if %safe {
    yield %fast
  } {
    %slow = fold (%xs), (%c) {
      ^(%x.3: i64, %s.3: i64):
        %t.3 = add.trap %s.3, %x.3 : i64
        yield %t.3
    }
    yield %slow
  }
  return %sum
}
""")


def test_a_guard_reads_as_an_expression_and_has_a_cost() -> None:
    (guard,) = guards(GUARDED)
    assert str(guard) == "(-100 <= x and x <= 100 for every x of xs) and len(xs) <= 1000"
    assert guard.each
    slow = replace(NOMINAL, vector_ns=10.0)
    assert guard_cost(GUARDED, slow) > 1
    assert guard_cost(KADANE, slow) == 0
    assert guards(KADANE) == ()
    assert estimate(GUARDED).span_text == "(2.5 n)/p"  # the loop as written is the fall-back


SCANNED = parse_program("""
func @sums(%xs: f64[n]) -> f64[n] {
  %zero = const 0.0 : f64
  %s, %q, %a = par.scan (%xs), (%zero, %zero) {lanes = 4, piece = 16} {
    ^(%x1: f64, %s1: f64, %q1: f64):
      %s2 = add %s1, %x1 : f64
      %q2 = add %q1, %x1 : f64
      yield %s2, %q2, %s2
  } {
    ^(%x2: f64):
      yield %x2, %x2
  } {
    ^(%b1: f64, %b2: f64, %a1: f64, %a2: f64):
      %m1 = add %b1, %a1 : f64
      %m2 = add %b2, %a2 : f64
      yield %m1, %m2
  } {
    ^(%b3: f64, %b4: f64, %s3: f64, %q3: f64):
      %s4 = add %b3, %s3 : f64
      %q4 = add %b4, %q3 : f64
      yield %s4, %q4
  }
  %ok = eq %s, %q : bool
  %out = if %ok {
      yield %a
  } {
      %s5, %c = scan (%xs), (%zero) {
        ^(%x3: f64, %s6: f64):
          %s7 = add %s6, %x3 : f64
          yield %s7, %s7
      }
      yield %c
  }
  return %out
}
""")


def test_the_step_of_a_parallel_scan_is_no_test_of_elements() -> None:
    (guard,) = guards(SCANNED)
    assert str(guard) == "s == q"
    assert not guard.each
    assert guard_cost(SCANNED, NOMINAL) == 0


def test_a_machine_is_measured_once_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = machines._Known()  # pyright: ignore[reportPrivateUsage]  as in a process that has just begun
    monkeypatch.setattr(machines, "_known", known)
    fast = replace(NOMINAL, latency_ns=0.125)
    asked: list[int] = []

    def measure() -> Machine:
        asked.append(1)
        return fast

    assert known_machine("mine", tmp_path) == NOMINAL
    assert machine_of("mine", measure, tmp_path) == fast
    assert machine_of("mine", measure, tmp_path) == fast
    assert known_machine("mine", tmp_path / "other") == fast
    known.machines.clear()
    assert machine_of("mine", measure, tmp_path) == fast
    assert asked == [1]
    assert machine_of("another", measure, tmp_path) == fast  # another processor, another measurement
    assert asked == [1, 1]


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", '{"key": "mine"}', '{"key": "mine", "constants": {"threads": "x"}}',
        json.dumps({"key": "mine", "constants": {"threads": -1}}),
    ],
)  # fmt: skip
def test_a_damaged_file_is_measured_anew(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machines, "_known", machines._Known())  # pyright: ignore[reportPrivateUsage]  as above
    (tmp_path / FILE).write_text(text)
    assert machine_of("mine", lambda: NOMINAL, tmp_path) == NOMINAL
    assert json.loads((tmp_path / FILE).read_text())["key"] == "mine"


def test_a_home_that_cannot_be_written_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machines, "_known", machines._Known())  # pyright: ignore[reportPrivateUsage]  as above
    (tmp_path / "file").write_text("")
    assert machine_of("mine", lambda: NOMINAL, tmp_path / "file") == NOMINAL


def test_constants_that_no_machine_has_are_not_believed() -> None:
    assert NOMINAL.valid()
    for wrong in (0.0, -1.0, float("nan"), float("inf")):
        assert not replace(NOMINAL, byte_ns=wrong).valid()


@pytest.mark.parametrize(("value", "text"), [(2.0, "2 s"), (0.0012, "1.2 ms"), (3e-6, "3 µs"), (4.5e-8, "45 ns")])
def test_times_are_short(value: float, text: str) -> None:
    assert time_text(value) == text
