"""The ops of other distributions: what they hand over may raise anything and give anything."""

from __future__ import annotations

from hyperion.errors import HyperionError, PluginError
from hyperion.ir.function import Equation, Function, Program
from hyperion.ir.op_table import OpDef
from hyperion.ir.ops import region_type
from hyperion.ir.rebuild import rebuilt
from hyperion.ir.scalars import Evaluate, Number, Trap, holds
from hyperion.ir.type_rules import Types, Use, listing
from hyperion.ir.types import Type
from hyperion.ir.verifier import verify
from hyperion_interp.block import Code, Environment, Meaning


def guarded(equation: Equation, op: OpDef) -> Evaluate:
    """The op's `evaluate`, held to its type rule and its traps: the logic relies on both."""
    evaluate = op.evaluate
    assert evaluate is not None

    def evaluated(values: tuple[Number, ...], types: Types, result: Type) -> Number:
        try:
            value = evaluate(values, types, result)
        except Trap as trap:
            if trap.kind not in op.traps:
                raise _wrong(equation, op, f"trapped with {trap.kind!r}, which it does not declare") from trap
            raise
        except Exception as error:
            raise _wrong(equation, op, f"raised {type(error).__name__}: {error}") from error
        if not holds(result, value):
            raise _wrong(equation, op, f"gave {value!r}, which is no {result}")
        return value

    return evaluated


def expanded(equation: Equation, op: OpDef) -> Function:
    """The function of core ops that one use of the op stands for."""
    assert op.expansion is not None
    operands, results = (tuple(v.type for v in values) for values in (equation.operands, equation.results))
    use = Use(equation.op, operands, dict(equation.attributes), results, tuple(map(region_type, equation.regions)))
    try:
        function = rebuilt(op.expansion(use))
        verify(Program({function.name: function}, function.name))
    except Exception as error:
        raise _wrong(equation, op, f"has no valid expansion: {error}") from error
    given = tuple(v.type for v in function.parameters), tuple(v.type for v in function.results)
    if given != (operands, results):
        shown = f"{listing(given[0])} -> {listing(given[1])}, expected {listing(operands)} -> {listing(results)}"
        raise _wrong(equation, op, f"expands to a function of {shown}")
    return function


def expansion(equation: Equation, code: Code) -> Meaning:
    """The expansion run at the place of the equation: its traps are those of the equation."""

    def meaning(environment: Environment, operands: list[Number]) -> list[Number]:
        try:
            return environment.machine.call(code, operands)
        except HyperionError as error:
            note = f"inside the expansion of {equation.op}"
            raise type(error)(error.code, error.message, equation.span, (*error.notes, note), error.hints) from None

    return meaning


def _wrong(equation: Equation, op: OpDef, what: str) -> PluginError:
    return PluginError("HY1017", f"{op.name} of {op.owner!r} {what}", equation.span)
