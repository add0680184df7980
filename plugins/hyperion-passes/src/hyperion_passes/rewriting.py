"""Rebuilding a function equation by equation, regions included."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from hyperion.ir.function import Equation, Function, Region, Value


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What stands for one equation: the equations at its place, and the values of its results."""

    equations: tuple[Equation, ...]
    values: tuple[Value, ...]


def kept(equation: Equation) -> Rewritten:
    return Rewritten((equation,), equation.results)


def by_values(equation: Equation, *values: Value) -> Rewritten:
    """Values that exist already; the equation stays where a type differs, as size names may."""
    same = all(v.type == r.type for v, r in zip(values, equation.results, strict=True))
    return Rewritten((), values) if same else kept(equation)


def changed_outside_loops(
    equations: Iterable[Equation], change: Callable[[Equation], Iterable[Equation]]
) -> tuple[Equation, ...]:
    """The equations of a block and of the branches in it, each with what it is changed to in its place."""
    made: list[Equation] = []
    for e in equations:
        if e.op == "if":
            regions = (replace(r, equations=changed_outside_loops(r.equations, change)) for r in e.regions)
            made.append(replace(e, regions=tuple(regions)))
        else:
            made += change(e)
    return tuple(made)


class Rewriting:
    """Subclass with `equation`, which sees each equation after its operands and its regions are rewritten.

    A value may be replaced by any value that is defined before it, in its block or in one around it.
    """

    def __init__(self) -> None:
        self._values: dict[str, Value] = {}

    def equation(self, equation: Equation) -> Rewritten:
        raise NotImplementedError

    def enter(self) -> None:
        """A block begins."""

    def leave(self) -> None:
        """A block ends: its values are no longer in scope."""

    def function(self, function: Function) -> Function:
        equations, results = self._block(function.equations, function.results)
        return replace(function, equations=equations, results=results)

    def _block(
        self, equations: tuple[Equation, ...], results: tuple[Value, ...]
    ) -> tuple[tuple[Equation, ...], tuple[Value, ...]]:
        self.enter()
        made: list[Equation] = []
        for each in equations:
            operands = tuple(map(self._value, each.operands))
            regions = tuple(map(self._region, each.regions))
            found = self.equation(replace(each, operands=operands, regions=regions))
            made.extend(found.equations)
            for old, new in zip(each.results, found.values, strict=True):
                if old.name != new.name:
                    self._values[old.name] = new
        self.leave()
        return tuple(made), tuple(map(self._value, results))

    def _region(self, region: Region) -> Region:
        equations, results = self._block(region.equations, region.results)
        return Region(region.parameters, equations, results)

    def _value(self, value: Value) -> Value:
        return self._values.get(value.name, value)


class Renaming(Rewriting):
    """Puts values for others, and those for others in turn."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        super().__init__()
        for name, value in values.items():
            while value.name in values:
                value = values[value.name]
            self._values[name] = value

    def equation(self, equation: Equation) -> Rewritten:
        return kept(equation)

    def region(self, region: Region) -> Region:
        return self._region(region)
