"""What has a machine form: refused with its place before anything is lowered, so that no later step meets it."""

from __future__ import annotations

from collections.abc import Container

from hyperion.errors import CodegenError
from hyperion.ir.function import Equation, Function, Value
from hyperion.ir.ops import OPS
from hyperion.ir.types import ArrayType
from hyperion_llvm.text import scalar_type


def check_forms(function: Function, known: Container[str]) -> None:
    """Raises `CodegenError`: HY8002 for a value without a machine form, HY8001 for an op that is not `known`."""
    for value in function.parameters:
        _check_value(value, None)
    _check_equations(function.equations, known)


def _check_equations(equations: tuple[Equation, ...], known: Container[str]) -> None:
    for equation in equations:
        for value in equation.results:
            _check_value(value, equation)
        if equation.op not in known:
            raise CodegenError(
                "HY8001", f"the op {equation.op} cannot be compiled", equation.span, hints=[_instead(equation.op)]
            )
        for region in equation.regions:
            for value in region.parameters:
                _check_value(value, equation)
            _check_equations(region.equations, known)


def _instead(op: str) -> str:
    if op in OPS:
        return 'write it as a loop over elements, or interpret it: target="reference"'
    return "its plugin must define it by an expansion into core ops, or a codegen plugin must lower it"


def _check_value(value: Value, equation: Equation | None) -> None:
    kind = value.type
    try:
        scalar_type(kind.element if isinstance(kind, ArrayType) else kind)
    except CodegenError as error:
        span = equation.span if equation is not None else None
        hints = error.hints or ("the interpreter computes with it",)
        raise CodegenError(error.code, f"{value}: {error.message}", span, error.notes, hints) from None
