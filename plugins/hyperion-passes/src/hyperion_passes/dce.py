"""Dead code: unused equations go, unless they may trap or run for ever.

    %z = mul.wrap %x, %y    (z unused)    -->    nothing

Only total equations go: an unused one that may trap, or run for ever, is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from hyperion.interfaces.compiler_pass import PassContext, PassResult
from hyperion.ir.function import Equation, Program, Region, Value
from hyperion.ir.ops import is_total
from hyperion_passes.meaning import evidence


@dataclass(frozen=True, slots=True)
class DeadCode:
    @property
    def name(self) -> str:
        return "dce"

    def run(self, program: Program, context: PassContext) -> PassResult:
        function = program.main
        used = {v.name for v in function.results}
        return evidence(program, replace(function, equations=_live(function.equations, used)), context)


def _live(equations: Iterable[Equation], used: set[str]) -> tuple[Equation, ...]:
    """The equations that stay, from the last to the first; `used` gains what they use."""
    stay: list[Equation] = []
    for equation in reversed(tuple(equations)):
        if is_total(equation) and not any(v.name in used for v in equation.results):
            continue
        used |= _names(equation.operands)
        stay.append(replace(equation, regions=tuple(_live_region(r, used) for r in equation.regions)))
    return tuple(reversed(stay))


def _live_region(region: Region, used: set[str]) -> Region:
    used |= _names(region.results)
    return replace(region, equations=_live(region.equations, used))


def _names(values: Iterable[Value]) -> set[str]:
    return {v.name for v in values}
