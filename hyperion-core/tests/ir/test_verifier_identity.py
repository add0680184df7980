"""The verifier looks once at uses that have the same attributes and types by identity: it finds what it finds where no
two are the same object."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from random import Random

import pytest

from hyperion.ir.function import Attribute, Equation, Function, Program, Region, Value
from hyperion.ir.parser import parse_program
from hyperion.ir.types import I64, Type
from hyperion.ir.verifier import errors_of, verify
from hyperion.testing.module_programs import changed_program
from hyperion.testing.module_samples import KINDS
from hyperion.testing.random_programs import random_program

Attributes = tuple[tuple[str, Attribute], ...]


def rebuilt(
    program: Program, of_type: Callable[[Type], Type], of_attributes: Callable[[Attributes], Attributes]
) -> Program:
    def values(old: tuple[Value, ...]) -> tuple[Value, ...]:
        return tuple(Value(v.name, of_type(v.type)) for v in old)

    def region(old: Region) -> Region:
        return Region(values(old.parameters), equations(old.equations), values(old.results))

    def equation(e: Equation) -> Equation:
        return replace(
            e,
            results=values(e.results),
            operands=values(e.operands),
            attributes=of_attributes(e.attributes),
            regions=tuple(map(region, e.regions)),
        )

    def equations(old: tuple[Equation, ...]) -> tuple[Equation, ...]:
        return tuple(map(equation, old))

    def function(old: Function) -> Function:
        return replace(
            old, parameters=values(old.parameters), equations=equations(old.equations), results=values(old.results)
        )

    return replace(program, functions={name: function(f) for name, f in program.functions.items()})


def shared(program: Program) -> Program:
    """Equal types and attributes as one object each."""
    types: dict[Type, Type] = {}
    attributes: dict[str, Attributes] = {}  # True == 1, so by their text
    return rebuilt(program, lambda t: types.setdefault(t, t), lambda a: attributes.setdefault(repr(a), a))


def apart(program: Program) -> Program:
    """No two types, and no two attributes, one object; only the empty tuple has no copy."""
    return rebuilt(program, copy, lambda a: (*a,))


def found(program: Program) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(e.code, e.message, e.hints) for e in errors_of(program)]


@pytest.mark.parametrize("start", range(0, 120, 30))
def test_the_same_errors(start: int) -> None:
    invalid = 0
    for seed in range(start, start + 30):
        random = Random(seed)
        program = parse_program(KINDS) if seed % 5 == 0 else random_program(random, 24, everything=True)
        changed = changed_program(changed_program(program, random), random)
        assert found(program) == found(shared(program)) == found(apart(program)) == []
        assert found(shared(changed)) == found(apart(changed)) == found(changed)
        invalid += bool(found(changed))
    assert invalid > 5


def test_each_wrong_use_is_reported() -> None:
    x = Value("x", I64)
    wrong = tuple(Equation((Value(f"y{i}", I64),), "lt", (x, x)) for i in range(5))
    right = Equation((Value("z", I64),), "add.wrap", (x, x))
    program = Program(
        {"f": Function("f", (x,), (right, *wrong, replace(right, results=(Value("w", I64),))), (x,))}, "f"
    )
    assert [code for code, *_ in found(program)] == ["HY6013"] * 5


def test_each_call_is_compared() -> None:
    """Equal uses of `call`: what is wrong depends on the callee's sizes too."""
    text = """
    func @make(%n: i64) -> i64[m] {
      %xs = iota %n : i64[m]
      return %xs
    }
    func @f(%n: i64) -> i64 {
      %a = call @make(%n) : i64[k]
      %b = call @make(%n) : i64[k]
      return %n
    }"""
    with pytest.raises(Exception, match="HY6021") as caught:
        verify(parse_program(text))
    assert "the size name k is in use" in str(caught.value)
