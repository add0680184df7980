"""A function is denoted once; whatever its term depends on, a change of it is seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import pytest

from hyperion.ir.function import Equation, Function, Program
from hyperion.ir.parser import parse_program
from hyperion.ir.registry import CORE
from hyperion.logic import denote as denoting
from hyperion.logic.denote import denote
from hyperion.logic.denoted import Denoted
from hyperion.logic.terms import INT, Term, var
from hyperion.testing.apart import at_once

ADD = "func @f(%x: i64) -> i64 { %y = add.wrap %x, %x : i64 return %y }"
MUL = "func @f(%x: i64) -> i64 { %y = mul.wrap %x, %x : i64 return %y }"
CALL = "func @g(%x: i64) -> i64 { %y = call @f (%x) : i64 return %y }"


def program(*texts: str) -> Program:
    return parse_program("\n".join(texts))


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the functions that were denoted as asked, not as callees, since the start of the test."""
    names: list[str] = []
    inner = denoting.Denotation.function

    def function(self: Any) -> Term:
        names.append(self._function.name)
        return inner(self)

    monkeypatch.setattr(denoting.Denotation, "function", function)
    return names


def test_one_function_is_denoted_once(counted: list[str]) -> None:
    source = program(ADD)
    terms = {denote(source.main, source), denote(source.main), denote(source.main, replace(source))}
    assert (len(terms), counted) == (1, ["f"])


def test_equal_functions_are_different_objects(counted: list[str]) -> None:
    """0.0 equals -0.0, and an attribute 1 equals true: equality is not asked."""
    texts = [f"func @f(%x: f64) -> f64 {{ %y = const {zero} : f64 return %y }}" for zero in ("0x0p+0", "-0x0p+0")]
    one, other = (program(text).main for text in texts)
    assert denote(one) is not denote(other)
    assert counted == ["f", "f"]


def test_another_callee_is_seen() -> None:
    first, second = program(ADD, CALL), program(MUL, CALL)
    caller = first.functions["g"]
    mixed = Program({"f": second.functions["f"], "g": caller}, "g")
    assert denote(caller, first) is not denote(caller, mixed)
    assert denote(caller, mixed) is denote(second.functions["g"], second)
    assert denote(caller, first) is denote(caller, first)


def test_a_dictionary_of_functions_that_changes_is_seen() -> None:
    functions = dict(program(ADD, CALL).functions)
    changing = Program(functions, "g")
    before = denote(changing.main, changing)
    functions["f"] = program(MUL).main
    assert denote(changing.main, changing) is not before
    functions["f"] = parse_program(ADD).main
    assert denote(changing.main, changing) is before


def test_another_row_of_the_op_table_is_seen() -> None:
    source = program(ADD)
    row = replace(CORE.ops["add.wrap"], denotation="machine mul wrap")
    registry = replace(CORE, ops=MappingProxyType(dict(CORE.ops) | {"add.wrap": row}))
    other = replace(source, registry=registry)
    assert denote(source.main, source) is not denote(source.main, other)
    assert denote(source.main, other) is denote(program(MUL).main)
    assert denote(source.main, source) is denote(program(ADD).main)


@dataclass(frozen=True)
class Changing(Equation):
    """An equation of another class, which could be another one at every look."""


def _changed(function: Function, **parts: Any) -> Function:
    return replace(function, **parts)


def _mutable() -> list[Function]:
    function = program(ADD).main
    (e,) = function.equations
    parts = {name: getattr(e, name) for name in ("results", "op", "operands", "attributes", "regions")}
    return [
        _changed(function, equations=list(function.equations)),
        _changed(function, parameters=list(function.parameters)),
        _changed(function, results=list(function.results)),
        _changed(function, equations=(replace(e, operands=list(e.operands)),)),  # pyright: ignore[reportArgumentType]
        _changed(function, equations=(Changing(**parts),)),
    ]


@pytest.mark.parametrize("case", range(5))
def test_what_could_change_is_denoted_every_time(counted: list[str], case: int) -> None:
    function = _mutable()[case]
    assert denote(function) is denote(function)
    assert counted == ["f", "f"]


def test_a_list_of_equations_that_changes_is_seen() -> None:
    function = program(ADD).main
    equations = list(function.equations)
    changing = _changed(function, equations=equations)
    before = denote(changing)
    equations[0] = replace(equations[0], op="mul.wrap")
    assert denote(changing) is denote(program(MUL).main) is not before


def test_so_many_are_kept() -> None:
    kept, x = Denoted(most=3), var("x", INT)
    functions = [program(ADD).main for _ in range(5)]
    for f in functions:
        kept.put(f, CORE, {}, (), x)
    assert [kept.get(f, CORE) for f in functions] == [None, None, x, x, x]


def test_many_threads_get_one_term() -> None:
    sources = [program(text) for text in (ADD, MUL)] * 25
    terms = at_once(lambda _: {denote(p.main, p) for p in sources}, 8)
    assert terms == [{denote(sources[0].main), denote(sources[1].main)}] * 8
