"""Copies of equations beside the equations themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hyperion.ir.function import Equation, Region, Value
from hyperion_passes.fresh import Fresh


class Copy:
    """Copies equations; every value that they define gets a name of its own, `values` are put for others."""

    def __init__(self, fresh: Fresh, values: Mapping[str, Value] | None = None) -> None:
        self._fresh = fresh
        self._values = dict(values or {})

    def value(self, value: Value) -> Value:
        return self._values.get(value.name, value)

    def equations(self, equations: tuple[Equation, ...]) -> tuple[Equation, ...]:
        return tuple(map(self._equation, equations))

    def _equation(self, e: Equation) -> Equation:
        operands, regions = tuple(map(self.value, e.operands)), tuple(map(self.region, e.regions))
        return replace(e, operands=operands, regions=regions, results=tuple(map(self._renamed, e.results)))

    def region(self, region: Region) -> Region:
        parameters = tuple(map(self._renamed, region.parameters))
        equations = self.equations(region.equations)
        return Region(parameters, equations, tuple(map(self.value, region.results)))

    def _renamed(self, value: Value) -> Value:
        self._values[value.name] = renamed = self._fresh.value(value.name, value.type)
        return renamed
