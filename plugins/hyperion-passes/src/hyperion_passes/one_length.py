"""Loops over arrays whose types do not say that they have one length.

    %r = fold (%xs, %ys), (%a) {        -->    %zs = reshape.like %ys, %xs
      ..                                       %r = fold (%xs, %zs), (%a) {
                                                 ..

Where the loop is in no other one: what is then left of the loop is one over pairs, which cannot trap by itself. The
evidence: both trap where the lengths differ, else they are the loop over the pairs.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from hyperion.interfaces.compiler_pass import PassContext, PassResult
from hyperion.ir.function import Equation, Function, Program, Value, outside_loops, values_of
from hyperion.ir.types import ArrayType
from hyperion_passes.fresh import Fresh
from hyperion_passes.rewriting import changed_outside_loops


@dataclass(frozen=True, slots=True)
class OneLength:
    @property
    def name(self) -> str:
        return "one-length"

    def run(self, program: Program, context: PassContext) -> PassResult:
        if not any(_others(e) for e in outside_loops(program.main.equations)):
            return PassResult(program.main)
        from hyperion_passes.evidence import Evidence, Rewrite
        from hyperion_passes.guarded import Guarded

        prover = Guarded(context.check).prover

        def rewritten(refused: Collection[str]) -> Rewrite:
            function, places = _alike(program.main, refused)
            return Rewrite(function, places, prover=prover)

        return Evidence(program, context).largest(rewritten, "loops")


def _others(e: Equation) -> tuple[int, ...]:
    """The places of the arrays that a loop goes over whose size is not that of the first by their types."""
    count = e.attribute("arrays") if e.op == "fold" and e.results else 0
    assert isinstance(count, int)
    return tuple(i for i in range(1, count) if _shape(e.operands[i]) != _shape(e.operands[0]))


def _shape(array: Value) -> tuple[int | str, ...]:
    assert isinstance(array.type, ArrayType)
    return array.type.shape


def _alike(function: Function, refused: Collection[str]) -> tuple[Function, tuple[str, ...]]:
    fresh, places = Fresh(values_of(function)), list[str]()

    def change(e: Equation) -> list[Equation]:
        others = _others(e)
        if not others or e.results[0].name in refused:
            return [e]
        places.append(e.results[0].name)
        operands, made = list(e.operands), list[Equation]()
        for i in others:
            old = operands[i]
            assert isinstance(old.type, ArrayType)
            operands[i] = fresh.value(old.name, ArrayType(old.type.element, _shape(operands[0])))
            made.append(Equation((operands[i],), "reshape.like", (old, operands[0]), (), (), e.span))
        return [*made, replace(e, operands=tuple(operands))]

    return replace(function, equations=changed_outside_loops(function.equations, change)), tuple(places)
