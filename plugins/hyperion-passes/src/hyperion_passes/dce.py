"""Dead code: unused equations go, unless they may trap or run for ever.

    %z = mul.wrap %x, %y    (z unused)    -->    nothing

Only total equations go: an unused one that may trap, or run for ever, is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from hyperion.interfaces.compiler_pass import PassContext, PassResult
from hyperion.ir.function import Equation, Function, Program, Region, Value
from hyperion.ir.ops import CORE, Registry, is_total
from hyperion_passes.meaning import evidence


@dataclass(frozen=True, slots=True)
class DeadCode:
    @property
    def name(self) -> str:
        return "dce"

    def run(self, program: Program, context: PassContext) -> PassResult:
        after = replace(program.main, equations=live(program.main, program.registry))
        return evidence(program, after, context)


def live(function: Function, registry: Registry = CORE) -> tuple[Equation, ...]:
    """The equations of the function that its results, or traps, need."""
    return _live(function.equations, _names(function.results), registry)


def _live(equations: Iterable[Equation], used: set[str], registry: Registry) -> tuple[Equation, ...]:
    """The equations that stay, from the last to the first; `used` gains what they use."""
    stay: list[Equation] = []
    for equation in reversed(tuple(equations)):
        if is_total(equation, registry) and not any(v.name in used for v in equation.results):
            continue
        used |= _names(equation.operands)
        stay.append(replace(equation, regions=tuple(_live_region(r, used, registry) for r in equation.regions)))
    return tuple(reversed(stay))


def _live_region(region: Region, used: set[str], registry: Registry) -> Region:
    used |= _names(region.results)
    return replace(region, equations=_live(region.equations, used, registry))


def _names(values: Iterable[Value]) -> set[str]:
    return {v.name for v in values}
