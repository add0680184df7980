"""Which arrays may be changed in place.

Arrays are values: `update` gives a new one. An array that this function made and that nobody reads again is given
away instead of copied. The rule is local: a value may be given away at an equation of the region that defines it (or
in a branch of an `if` there) if no later equation and no yield of that region reads it, or what views its memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from hyperion.ir.function import Equation, Region, Value, walk
from hyperion.ir.types import ArrayType


def arrays_read(equations: Iterable[Equation]) -> Iterator[str]:
    """The names of arrays that the equations read, those in their regions too."""
    for equation in walk(tuple(equations)):
        for value in equation.operands:
            if isinstance(value.type, ArrayType):
                yield value.name
        for region in equation.regions:
            yield from arrays_among(region.results)


def arrays_among(values: Iterable[Value]) -> Iterator[str]:
    return (v.name for v in values if isinstance(v.type, ArrayType))


VIEWS = {"slice": 0, "reverse": 0, "when": 1, "gather": 0, "reshape.like": 0, "reshape": 0, "expand": 0, "squeeze": 0}
"""The ops whose result may lie in the memory of an operand, and of which."""

Views = Mapping[str, frozenset[str]]
"""Of each name the arrays in whose memory the values of this name may lie."""


def viewed(equations: tuple[Equation, ...]) -> Views:
    found: dict[str, frozenset[str]] = {}
    for equation in walk(equations):
        if equation.op in VIEWS:
            name, base = equation.result.name, equation.operands[VIEWS[equation.op]].name
            found[name] = found.get(name, frozenset()) | {base} | found.get(base, frozenset())
    return found


def with_memory(names: Iterable[str], views: Views) -> set[str]:
    """The names, and those of the arrays in whose memory they may lie."""
    return {each for name in names for each in (name, *views.get(name, ()))}


@dataclass(slots=True)
class Scope:
    """One region while it is being lowered: what may be given away in it, and what is read later on."""

    mine: set[str]
    later: list[set[str]]
    position: int = 0
    gone: set[str] = field(default_factory=set[str])

    @classmethod
    def of(cls, equations: tuple[Equation, ...], results: Iterable[Value], mine: Iterable[str], views: Views) -> Scope:
        reads = with_memory(arrays_among(results), views)
        later: list[set[str]] = [set(), reads]  # at the yield nothing is read later; before it, the yielded values
        for equation in reversed(equations):
            reads = reads | with_memory(arrays_read((equation,)), views)
            later.append(reads)
        later.reverse()
        return cls(set(mine), later[1:])

    def may_give(self, name: str) -> bool:
        return name in self.mine and name not in self.gone and name not in self.later[self.position]

    def givable(self) -> set[str]:
        """What a branch of an `if` at this place may give away."""
        return {name for name in self.mine if self.may_give(name)}


def loop_reads(equation: Equation, views: Views) -> set[str]:
    """Arrays that a loop goes over or reads from outside in each round: they cannot be given to it."""
    count = equation.attribute("arrays", 0)
    assert isinstance(count, int)
    over = arrays_among(equation.operands[:count])
    inside = (name for region in equation.regions for name in region_reads(region))
    return with_memory((*over, *inside), views)


def region_reads(region: Region) -> Iterator[str]:
    yield from arrays_read(region.equations)
    yield from arrays_among(region.results)
