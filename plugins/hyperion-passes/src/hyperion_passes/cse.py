"""Common subexpressions: what was computed before on every path is not computed again.

    %a = mul.wrap %x, %y                  %a = mul.wrap %x, %y
    %b = mul.wrap %x, %y          -->     %c = add.wrap %a, %a
    %c = add.wrap %a, %b

An equation goes where an equal one was evaluated before it on every path: in its block or in one around it. That holds
for one that may trap as well: the first of the two has then trapped or has its value.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Hashable
from dataclasses import dataclass

from hyperion.interfaces.compiler_pass import PassContext, PassResult
from hyperion.ir.function import Equation, Program, Region, Value
from hyperion_passes.meaning import evidence
from hyperion_passes.rewriting import Rewriting, Rewritten, by_values, kept


@dataclass(frozen=True, slots=True)
class CommonSubexpressions:
    @property
    def name(self) -> str:
        return "cse"

    def run(self, program: Program, context: PassContext) -> PassResult:
        return evidence(program, _Merging().function(program.main), context)


class _Merging(Rewriting):
    def __init__(self) -> None:
        super().__init__()
        self._available: ChainMap[Hashable, tuple[Value, ...]] = ChainMap()

    def enter(self) -> None:
        self._available = self._available.new_child()

    def leave(self) -> None:
        self._available = self._available.parents

    def equation(self, equation: Equation) -> Rewritten:
        key = _shape(equation, {})
        before = self._available.get(key)
        if before is not None:
            return by_values(equation, *before)
        self._available[key] = equation.results
        return kept(equation)


def _shape(equation: Equation, inner: dict[str, int]) -> Hashable:
    """What two equations have in common if and only if they compute the same; names inside regions do not count."""
    operands = tuple(inner.get(v.name, v.name) for v in equation.operands)
    attributes = tuple((name, type(value), value) for name, value in equation.attributes)
    types = tuple(str(v.type) for v in equation.results)
    return equation.op, operands, attributes, types, tuple(_region_shape(r, inner) for r in equation.regions)


def _region_shape(region: Region, inner: dict[str, int]) -> Hashable:
    inner = dict(inner)
    _number(region.parameters, inner)
    shapes: list[Hashable] = []
    for equation in region.equations:
        shapes.append(_shape(equation, inner))
        _number(equation.results, inner)
    parameters = tuple(str(v.type) for v in region.parameters)
    return parameters, tuple(shapes), tuple(inner.get(v.name, v.name) for v in region.results)


def _number(values: tuple[Value, ...], inner: dict[str, int]) -> None:
    for v in values:
        inner[v.name] = len(inner)
