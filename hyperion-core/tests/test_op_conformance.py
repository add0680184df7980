"""Ops and types of plugins against their conformance classes, which find what is wrong with them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest

from hyperion.errors import PluginError
from hyperion.ir import Builder, Function
from hyperion.ir.op_table import OpDef
from hyperion.ir.type_rules import Use, is_machine_integer, uniform
from hyperion.ir.types import I8, I64, ExtensionType
from hyperion.testing import OpConformance, TypeConformance

PAIR = uniform(2, is_machine_integer, "machine integers")


def smaller(use: Use) -> Function:
    b = Builder("smaller")
    x, y = (b.parameter(n, t) for n, t in zip("xy", use.operands, strict=True))
    return b.build([b.op("min", x, y)])


EXPANDED = OpDef("acme.smaller", "T, T -> T", "The smaller one.", PAIR, expansion=smaller)
EVALUATED = OpDef("acme.first", "T, T -> T", "The first.", PAIR, evaluate=lambda values, types, result: values[0])


class TestExpanded(OpConformance):
    uses = ((I64, I64), (I8, I8))

    def make(self) -> OpDef:
        return EXPANDED


class TestEvaluated(TestExpanded):
    def make(self) -> OpDef:
        return EVALUATED


class TestColour(TypeConformance):
    def make(self) -> ExtensionType:
        return ExtensionType("acme.colour")


class Broken(TestExpanded):
    __test__ = False

    def __init__(self, **changes: object) -> None:
        self.changes = changes

    def make(self) -> OpDef:
        return replace(EXPANDED, **self.changes)  # type: ignore[arg-type]


def _broken_meaning(evaluate: Callable[..., object]) -> Broken:
    return Broken(expansion=None, evaluate=evaluate)


COUNT = itertools.count()


@pytest.mark.parametrize(
    ("broken", "test"),
    [
        (Broken(name="smaller"), OpConformance.test_the_registry_takes_it),
        (Broken(rule=lambda use: None), OpConformance.test_a_use_is_verified_printed_and_parsed_again),
        (_broken_meaning(lambda x: x), OpConformance.test_its_meaning_gives_values_of_its_type),
        (_broken_meaning(lambda v, t, r: str(v)), OpConformance.test_its_meaning_gives_values_of_its_type),
        (_broken_meaning(lambda v, t, r: v[0] + 1), OpConformance.test_its_meaning_gives_values_of_its_type),
        (_broken_meaning(lambda v, t, r: next(COUNT)), OpConformance.test_its_meaning_gives_values_of_its_type),
        (Broken(rule=lambda use: (use.operands[0],)), OpConformance.test_operands_that_it_does_not_take_are_refused),
    ],
)
def test_the_class_finds(broken: Broken, test: Callable[[OpConformance], None]) -> None:
    with pytest.raises((AssertionError, PluginError, IndexError)):
        test(broken)
