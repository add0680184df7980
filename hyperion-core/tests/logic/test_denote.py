"""The shape of what functions denote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from hyperion.errors import ProofError
from hyperion.ir.function import Program
from hyperion.ir.parser import parse_program
from hyperion.logic import terms as t
from hyperion.logic.denote import denote
from hyperion.testing.denotation import head, heads, meaning, opened

Denotes = Callable[[Program, Sequence[object]], None]


def test_total_equations_are_substituted_and_unused_ones_vanish() -> None:
    text = "func @f(%x: i64) -> i64 { %one = const 1 : i64 %y = add.wrap %x, %one : i64 DEAD return %y }"
    assert meaning(text.replace("DEAD", "%z = mul.wrap %y, %y : i64")) is meaning(text.replace("DEAD", ""))
    assert head(opened(text.replace("DEAD", ""))) == "ok"


def test_a_trap_is_kept_where_its_result_is_not_used(denotes: Denotes) -> None:
    text = "func @f(%x: i64) -> i64 { %y = add.trap %x, %x : i64 return %x }"
    x = opened(text)
    assert head(x) == "bind"
    assert head(x.argument.body) == "ok"
    denotes(parse_program(text), [2**62])


def test_the_result_of_the_last_trapping_equation_is_returned_as_it_is() -> None:
    assert head(opened("func @f(%x: i64) -> i64 { %y = add.trap %x, %x : i64 return %y }")) == "cond"


def test_traps_are_in_order() -> None:
    first, second = "%a = add.trap %x, %y : i64", "%b = mul.trap %x, %y : i64"
    template = "func @f(%x: i64, %y: i64) -> (i64, i64) {{ {} {} return %a, %b }}"
    x, y = meaning(template.format(first, second)), meaning(template.format(second, first))
    assert x is not y
    assert head(x.body.body) == head(y.body.body) == "bind"


def test_names_do_not_matter() -> None:
    text = "func @f(%x: i64[n]) -> i64 { %l = len %x : i64 return %l }"
    assert meaning(text) is meaning(text.replace("%x", "%longer").replace("[n]", "[k]").replace("@f", "@g"))


def test_a_branch_is_lazy_where_a_side_may_trap(denotes: Denotes) -> None:
    text = """
func @f(%c: bool, %x: i64) -> i64 {
  %y = if %c {
    %z = SIDE %x, %x : i64
    yield %z
  } {
    yield %x
  }
  return %y
}"""
    assert head(opened(text.replace("SIDE", "add.wrap")).argument) == "cond"  # ok (cond c z x)
    trapping = opened(text.replace("SIDE", "add.trap"))
    assert head(trapping) == "cond"
    assert trapping.type is t.outcome_of(t.type_of("i64"))
    denotes(parse_program(text.replace("SIDE", "add.trap")), [False, 2**62])


def test_several_values_travel_as_a_tuple() -> None:
    x = opened("func @f(%x: i64, %y: bool) -> (i64, bool) { return %x, %y }")
    assert x.argument.kind == "T"
    assert opened("func @f(%x: i64) -> i64 { return %x }").argument.kind == "B"


def test_a_loop_is_a_fold_over_its_array_or_range() -> None:
    body = "^(%x: i64, %s: i64): %y = add.trap %s, %x : i64 yield %y"
    fold = opened(f"func @f(%xs: i64[n], %s0: i64) -> i64 {{ %r = fold (%xs), (%s0) {{ {body} }} return %r }}")
    assert head(fold) == "fold"
    counted = opened(
        "func @f(%n: i64, %s0: i64) -> i64 { %one = const 1 : i64 "
        f"%r = for %s0, %n, %one, (%s0) {{ {body} }} return %r }}"
    )
    assert head(counted) == "bind"
    assert head(counted.function.argument) == "range"
    assert "fold" in heads(counted)


WHILE = """
func @f(%x: i64) -> i64 {
  %r = while (%x) {
    ^(%s: i64):
      %zero = const 0 : i64
      %go = lt %zero, %s : bool
      yield %go
  } {
    ^(%t: i64):
      %one = const 1 : i64
      %u = sub.trap %t, %one : i64
      yield %u
  }
  return %r
}"""


def test_a_while_loop_is_opaque() -> None:
    x = opened(WHILE)
    assert head(x) == "op:while"
    assert x is not opened(WHILE.replace("const 1", "const 2"))


CALLS = """
func @f(%x: i64) -> i64 {
  %y = call @g(%x) : i64
  %z = call @g(%y) : i64
  return %z
}
func @g(%a: i64) -> i64 {
  %b = add.trap %a, %a : i64
  return %b
}"""


def test_a_call_is_the_function_that_it_calls(denotes: Denotes) -> None:
    source = parse_program(CALLS)
    for x in (3, 2**61, 2**62):
        denotes(source, [x])
    with pytest.raises(ProofError) as error:
        denote(source.main)
    assert error.value.code == "HY7010"


def test_another_callee_is_another_meaning() -> None:
    assert meaning(CALLS) is not meaning(CALLS.replace("add.trap %a", "mul.trap %a"))


@pytest.mark.parametrize("op", ["add.trap", "sub.wrap", "max"])
@pytest.mark.parametrize("other", ["add.wrap", "add.sat", "min"])
def test_other_operations_are_other_terms(op: str, other: str) -> None:
    text = "func @f(%x: i8, %y: i8) -> i8 { %z = OP %x, %y : i8 return %z }"
    assert meaning(text.replace("OP", op)) is not meaning(text.replace("OP", other))


def test_widths_and_signs_are_told_apart() -> None:
    text = "func @f(%x: T, %y: T) -> T { %z = add.wrap %x, %y : T return %z }"
    assert len({meaning(text.replace("T", kind)) for kind in ("i8", "u8", "i64", "u64")}) == 4


def test_the_zeros_are_told_apart() -> None:
    text = "func @f() -> f64 { %z = const ZERO : f64 return %z }"
    assert meaning(text.replace("ZERO", "0x0.0p+0")) is not meaning(text.replace("ZERO", "-0x0.0p+0"))


def test_an_unknown_operation_has_no_denotation() -> None:
    source = parse_program("func @f(%x: i64, %y: i64) -> i64 { %z = add.wrap %x, %y : i64 return %z }").main
    for op in ("add.odd", "cond", "length", "max.wrap", "shl", "cast.odd", "fold.x", "not.an.op"):
        (e,) = source.equations
        changed = type(source)(source.name, source.parameters, (_with_op(e, op),), source.results)
        with pytest.raises(ProofError) as error:
            denote(changed)
        assert error.value.code == "HY7010"


def _with_op(e: Any, op: str) -> Any:
    return type(e)(e.results, op, e.operands, e.attributes, e.regions)
