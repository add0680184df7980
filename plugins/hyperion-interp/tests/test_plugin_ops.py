"""Ops and types of other distributions: evaluated, or run as the function of core ops that they expand to."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from hyperion.errors import PluginError, TrapIndexError, TrapOverflowError, TrapValueError
from hyperion.ir.builder import Builder
from hyperion.ir.function import Function
from hyperion.ir.op_table import OpDef
from hyperion.ir.parser import parse_program
from hyperion.ir.registry import CORE
from hyperion.ir.scalars import Trap
from hyperion.ir.type_rules import Use
from hyperion.ir.types import I64, ExtensionType
from hyperion_interp.interpreter import interpret


class Money(NamedTuple):
    cents: int


MONEY = ExtensionType("bank.money")


def _coins(values, types, result):
    if values[0] < 0:
        raise Trap("value")
    return Money(values[0])


def _broken(values, types, result):
    match values[0]:
        case 0:
            raise ValueError("no zeros here")
        case 1:
            return "one"
        case _:
            raise Trap("overflow")


def _window(use: Use) -> Function:
    """The sum of `window` neighbours; traps where there are fewer."""
    builder = Builder("window")
    xs = builder.parameter("xs", use.operands[0])
    first = builder.parameter("first", I64)
    count = builder.const(int(use.attributes["window"]), I64)
    total = builder.const(0, I64)
    zero, one = builder.const(0, I64), builder.const(1, I64)
    with builder.region(("i", I64), ("s", I64)) as block:
        i, s = block.parameters
        element = builder.op("get", xs, builder.op("add.trap", first, i))
        block.yields(builder.op("add.trap", s, element))
    (total,) = builder.for_((zero, count, one), (total,), block)
    return builder.build([total])


REGISTRY = CORE.extended(
    "bank-plugin",
    ops=[
        OpDef("bank.coins", "i64 -> money", "", lambda use: (MONEY,), ("value",), _coins),
        OpDef("bank.total", "money, money -> money", "", lambda use: (MONEY,), (),
              lambda values, types, result: Money(values[0].cents + values[1].cents)),
        OpDef("bank.cents", "money -> i64", "", lambda use: (I64,), (), lambda values, types, result: values[0].cents),
        OpDef("bank.broken", "i64 -> i64", "", lambda use: (I64,), (), _broken),
        OpDef("bank.nothing", "i64 -> i64", "", lambda use: (I64,), expansion=lambda use: Function("f", (), (), ())),
        OpDef("bank.window", "i64[n], i64 -> i64", "", lambda use: (I64,), attributes=("window",), expansion=_window),
    ],
    types=[MONEY],
)  # fmt: skip


def run(text: str, *arguments: object) -> object:
    results = interpret(parse_program(text, "bank.hir", REGISTRY), arguments)
    return results[0] if len(results) == 1 else results


def test_values_of_extension_types_pass_through_everything() -> None:
    text = """func @f(%m: bank.money, %ms: bank.money[n, 2])
        -> (bank.money[n2], (bank.money, bank.money), bank.money[k]) {
      %zero = const 0 : i64
      %two = const 2 : i64
      %right = reverse %ms {axes = [1]}
      %n = len %ms
      %flat = build %n : bank.money[n2] {
        ^(%i: i64):
          %x = get %right, %i, %zero
          %sum = bank.total %x, %m
          yield %sum
      }
      %cents = map (%flat) {
        ^(%y: bank.money):
          %c = bank.cents %y
          yield %c
      }
      %keys, %sorted = sort %cents, %flat {axis = 0, descending = true}
      %t = tuple %m, %m
      %same = fill %two, %m : bank.money[k]
      return %sorted, %t, %same
    }"""
    rows = [[Money(1), Money(2)], [Money(3), Money(40)]]
    expected = ([Money(45), Money(7)], (Money(5), Money(5)), [Money(5)] * 2)
    assert repr(run(text, Money(5), rows)) == repr(expected)
    objects = np.empty((2, 2), object)
    for index in np.ndindex(2, 2):
        objects[index] = rows[index[0]][index[1]]
    assert repr(run(text, Money(5), objects)) == repr(expected)


def test_a_plugins_trap_has_its_place() -> None:
    text = """func @f(%n: i64) -> bank.money {
  %m = bank.coins %n
  return %m
}"""
    assert run(text, 3) == Money(3)
    with pytest.raises(TrapValueError) as caught:
        run(text, -3)
    assert caught.value.span.line == 2


@pytest.mark.parametrize(("argument", "words"), [(0, "no zeros here"), (1, "'one'"), (2, "overflow")])
def test_a_broken_meaning_names_its_owner_and_the_place(argument: int, words: str) -> None:
    text = "func @f(%n: i64) -> i64 {\n  %m = bank.broken %n\n  return %m\n}"
    with pytest.raises(PluginError) as caught:
        run(text, argument)
    assert caught.value.code == "HY1016"
    assert "bank-plugin" in str(caught.value)
    assert words in str(caught.value)
    assert caught.value.span.line == 2


def test_an_expansion_is_run_and_traps_at_its_use() -> None:
    text = """func @f(%xs: i64[n], %i: i64) -> i64 {
  %s = bank.window %xs, %i {window = 3}
  return %s
}"""
    assert run(text, [1, 2, 3, 4], 1) == 9
    for arguments, error in ((([1, 2, 3], 1), TrapIndexError), (([2**62, 2**62, 1], 0), TrapOverflowError)):
        with pytest.raises(error) as caught:
            run(text, *arguments)
        assert caught.value.span.line == 2
        assert "inside the expansion of bank.window" in caught.value.notes


def test_two_uses_of_an_expansion_have_values_of_their_own() -> None:
    text = """func @f(%xs: i64[n], %i: i64) -> (i64, i64) {
  %s = bank.window %xs, %i {window = 1}
  %t = bank.window %xs, %s {window = 2}
  return %s, %t
}"""
    assert run(text, [1, 2, 3, 4], 0) == (1, 5)


def test_a_broken_expansion_names_its_owner_and_the_place() -> None:
    with pytest.raises(PluginError) as caught:
        run("func @f(%n: i64) -> i64 {\n  %m = bank.nothing %n\n  return %m\n}", 1)
    assert caught.value.code == "HY1016"
    assert "bank-plugin" in str(caught.value)
    assert caught.value.span.line == 2
