"""Functions and equations made ready to run."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter

from hyperion.errors import HyperionError
from hyperion.ir.expansion import expansion_of
from hyperion.ir.function import Equation, Function, Region, Value
from hyperion.ir.registry import Registry, lookup
from hyperion.ir.scalars import Evaluate, Number, Trap
from hyperion.ir.traps import trap_error
from hyperion.ir.types import SpecType
from hyperion_interp.block import CALL_FRAMES, REGION_FRAMES, Block, Code, Environment, Meaning, Step, nesting
from hyperion_interp.expansion import expanded
from hyperion_interp.meanings import MEANINGS

MOST_BITS = 1 << 22
"""Of an `int` or a `real`: repeated squaring fills any memory."""


class Translator:
    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def function(self, function: Function) -> Code:
        body = self._block(function.parameters, function.equations, function.results)
        return Code(function.name, body, CALL_FRAMES + REGION_FRAMES * nesting(function.equations), function.span)

    def _block(
        self, parameters: tuple[Value, ...], equations: tuple[Equation, ...], results: tuple[Value, ...]
    ) -> Block:
        steps = tuple(map(self._step, equations))
        return Block(tuple(v.name for v in parameters), steps, tuple(v.name for v in results))

    def _region(self, region: Region) -> Block:
        return self._block(region.parameters, region.equations, region.results)

    def _step(self, equation: Equation) -> Step:
        definition = lookup(equation.op, self._registry)
        if definition.evaluate is not None:
            return _scalar_step(equation, definition.evaluate)
        if definition.expansion is not None:
            return _step(equation, expanded(equation, self._expansion(equation)))
        return _step(equation, MEANINGS[equation.op](equation, tuple(map(self._region, equation.regions))))

    def _expansion(self, equation: Equation) -> Code:
        try:
            return self.function(expansion_of(equation, self._registry))
        except HyperionError as error:
            _place(error, equation)
            raise


def _step(equation: Equation, meaning: Meaning) -> Step:
    operands = tuple(v.name for v in equation.operands)
    results = tuple(v.name for v in equation.results)

    def step(environment: Environment) -> None:
        values = environment.values
        try:
            found = meaning(environment, [values[name] for name in operands])
        except Trap as trap:
            raise trap_error(trap.kind, equation.span) from None
        except HyperionError as error:
            _place(error, equation)
            raise
        for name, value in zip(results, found, strict=True):
            values[name] = value

    return step


def _scalar_step(equation: Equation, evaluate: Evaluate) -> Step:
    operands = _tuple_of([v.name for v in equation.operands])
    types = tuple(v.type for v in equation.operands)
    name, kind = equation.result.name, equation.result.type
    unbounded = isinstance(kind, SpecType)

    def step(environment: Environment) -> None:
        values = environment.values
        given = operands(values)
        if unbounded and sum(map(_bits, given)) > MOST_BITS:
            message = f"the interpreter makes no {kind} of more than {MOST_BITS} bits"
            raise HyperionError("HY5108", message, equation.span)
        try:
            values[name] = evaluate(given, types, kind)
        except Trap as trap:
            raise trap_error(trap.kind, equation.span) from None
        except HyperionError as error:
            _place(error, equation)
            raise

    return step


def _tuple_of(names: list[str]) -> Callable[[dict[str, Number]], tuple[Number, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple([values[name] for name in names])


def _place(error: HyperionError, equation: Equation) -> None:
    """Gives a place to the error of a plugin, which does not know it."""
    if error.span is None:
        error.span = equation.span


def _bits(value: Number) -> int:
    """An upper bound of the bits of an `int` or a `real`."""
    return value.numerator.bit_length() + value.denominator.bit_length() if hasattr(value, "numerator") else 0
