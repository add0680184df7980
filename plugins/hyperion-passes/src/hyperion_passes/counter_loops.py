"""Loops that use their counter become loops over the numbers that it takes.

    %r = for %lo, %hi, %step, (%a) {           %is = progression %lo, %hi, %step : i64[m]
      ^(%i: i64, %s: i64):                     %r = fold (%is), (%a) {
        %t = mul.wrap %i, %s            -->      ^(%i: i64, %s: i64):
        yield %t                                   %t = mul.wrap %i, %s
    }                                              yield %t
                                               }

Where the loop is in no other one, reads and carries no array, and the steps differ: strategies then find a loop over
elements. No evidence is needed, the two denote one term.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hyperion.interfaces.compiler_pass import PassContext, PassResult
from hyperion.ir.function import Equation, Function, Program, Value, outside_loops, values_of, walk
from hyperion.ir.types import I64, ArrayType
from hyperion.logic.denote import denote
from hyperion_passes.fresh import Fresh
from hyperion_passes.rewriting import changed_outside_loops


@dataclass(frozen=True, slots=True)
class CounterLoops:
    @property
    def name(self) -> str:
        return "counter-loops"

    def run(self, program: Program, context: PassContext) -> PassResult:
        main = program.main
        count = sum(map(_uses_counter_alone, outside_loops(main.equations)))
        if not count:
            return PassResult(main)
        after = _over_numbers(main)
        if denote(main, program) is not denote(after, program):
            return PassResult(main)
        context.count("loops", count)
        return PassResult(after)


def _over_numbers(function: Function) -> Function:
    fresh = Fresh(v for v in values_of(function))

    def change(e: Equation) -> tuple[Equation, ...]:
        if not _uses_counter_alone(e):
            return (e,)
        numbers = fresh.array("counter", I64)
        progression = Equation((numbers,), "progression", e.operands[:3], (), (), e.span)
        return progression, replace(e, op="fold", operands=(numbers, *e.operands[3:]), attributes=(("arrays", 1),))

    return replace(function, equations=changed_outside_loops(function.equations, change))


def _uses_counter_alone(e: Equation) -> bool:
    """Whether e is a counted loop that uses its counter, and no array."""
    if e.op != "for":
        return False
    (region,) = e.regions
    inside = tuple(walk(region.equations))
    read = [v for each in inside for v in (*each.operands, *(r for inner in each.regions for r in inner.results))]
    read += region.results
    return region.parameters[0] in read and not any(map(_is_array, (*read, *e.operands[3:])))


def _is_array(value: Value) -> bool:
    return isinstance(value.type, ArrayType)
