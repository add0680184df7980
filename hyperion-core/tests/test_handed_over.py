"""What plugins hand over is copied before it is judged, and junk is refused with its reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hyperion.cost import LOGARITHMIC
from hyperion.driver import derive
from hyperion.errors import PassError, TypeCheckError
from hyperion.evidence import Policy, authorise
from hyperion.interfaces.compiler_pass import PassContext, PassResult
from hyperion.interfaces.strategy import Candidate
from hyperion.ir.function import Equation, Function, Program
from hyperion.ir.parser import parse_program
from hyperion.ir.rebuild import rebuilt, rebuilt_type
from hyperion.ir.types import BF16, BOOL, ArrayType, ExtensionType, FloatType, IntType, TupleType, scalar_types
from hyperion.logic import kernel
from hyperion.logic.denote import denote
from hyperion.pipeline import OptimizerPipeline

SUM = parse_program("""
func @total(%xs: i64[n]) -> i64 {
  %zero = const 0 : i64
  %sum = fold (%xs), (%zero) {
    ^(%x: i64, %s: i64):
      %t = add.wrap %s, %x : i64
      yield %t
  }
  return %sum
}
""")
WRONG = parse_program("func @total(%xs: i64[n]) -> i64 {\n  %one = const 1 : i64\n  return %one\n}")


class Strategy:
    name = "offers"

    def __init__(self, *found: Any) -> None:
        self._found = found

    def derive(self, function: Function) -> Any:
        return self._found


class Pass:
    name = "rewrites"

    def __init__(self, result: Any) -> None:
        self._result = result

    def run(self, program: Program, context: PassContext) -> Any:
        return self._result


class Liar(Function):
    """Equal to everything."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]  as the attack needs it


def lying(function: Function) -> Function:
    return Liar(function.name, function.parameters, function.equations, function.results, function.span)


def ignore(event: object) -> None:
    pass


def test_equations_that_change_after_the_judgement_are_not_compiled() -> None:
    equations: list[Equation] = list(SUM.main.equations)
    offered = replace(SUM.main, equations=equations)  # type: ignore[arg-type]  a list, against the annotation
    found = Candidate("offers", offered, kernel.refl(denote(SUM.main)), LOGARITHMIC, False, "same")
    d = derive(SUM, OptimizerPipeline([], Policy()), [Strategy(found)], Policy(), ignore)
    assert d.verdict.checked
    equations.clear()
    assert d.chosen.main == SUM.main
    assert str(d.chosen_cost) == "O(n)"  # no parallel form, so the claimed cost is not believed


@pytest.mark.parametrize("junk", [42, None, "text"])
def test_what_is_no_candidate_is_a_refusal(junk: object) -> None:
    d = derive(SUM, OptimizerPipeline([], Policy()), [Strategy(junk)], Policy(), ignore)
    assert d.theorem is None
    assert [r.strategy for r in d.refusals] == ["offers"]


def test_a_candidate_without_a_function_is_refused() -> None:
    bad: Any = None
    found = Candidate("offers", bad, kernel.refl(denote(SUM.main)), LOGARITHMIC, False, "same")
    d = derive(SUM, OptimizerPipeline([], Policy()), [Strategy(found)], Policy(), ignore)
    assert d.theorem is None
    assert "NoneType" in d.refusals[0].reason


@pytest.mark.parametrize("result", [None, PassResult(lying(WRONG.main))])
def test_a_pass_is_not_believed_because_its_function_says_it_is_equal(result: object) -> None:
    refused: list[PassError] = []
    outcome = OptimizerPipeline([Pass(result)], Policy()).run(SUM, refused.append)
    assert outcome.program == SUM
    assert len(refused) == 1


def test_a_copy_is_equal_and_of_the_own_classes() -> None:
    assert rebuilt(lying(SUM.main)) == SUM.main
    assert type(rebuilt(lying(SUM.main))) is Function
    with pytest.raises(TypeCheckError, match="HY6025"):
        rebuilt(replace(SUM.main, name=7))  # type: ignore[arg-type]  as the attack needs it


class AnyWidth(int):
    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__


class AnyInteger(IntType):
    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = IntType.__hash__


def test_a_copy_of_a_type_is_of_the_own_classes_throughout() -> None:
    every = (*scalar_types().values(), ExtensionType("money.amount"), TupleType((ArrayType(BF16, ("n", 3)), BOOL)))
    for kind in every:
        assert rebuilt_type(kind) == kind
    honest = rebuilt_type(AnyInteger(8))
    assert (type(honest), honest == IntType(16)) == (IntType, False)
    for lie in (IntType(AnyWidth(8)), FloatType(16, 1), ExtensionType(7)):  # type: ignore[arg-type]  as the attack needs
        with pytest.raises(TypeCheckError, match="HY6025"):
            rebuilt_type(lie)


def test_that_a_parallel_program_equals_itself_permits_nothing() -> None:
    parallel = parse_program("""
func @total(%xs: f64[n], %s0: f64) -> f64 {
  %sum = par.reduce (%xs), (%s0) {lanes = 4, piece = 16} {
    ^(%x: f64):
      yield %x
  } {
    ^(%a: f64, %b: f64):
      %c = sub %a, %b : f64
      yield %c
  } {
    ^(%m: f64, %s: f64):
      %t = sub %s, %m : f64
      yield %t
  }
  return %sum
}
""")
    with pytest.raises(Exception, match="HY7020"):
        authorise(parallel, parallel, kernel.refl(denote(parallel.main)), Policy())
