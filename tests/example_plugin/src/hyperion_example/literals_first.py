"""Moves literals to the front."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hyperion.interfaces.compiler_pass import PassContext, PassResult
from hyperion.ir.function import Program


@dataclass(frozen=True, slots=True)
class LiteralsFirst:
    """Literals depend on nothing, so they may come first; the denotation stays the same term.

    rewrite:  %y = op %x; %c = const k   -->   %c = const k; %y = op %x
    """

    @property
    def name(self) -> str:
        return "literals-first"

    def run(self, program: Program, context: PassContext) -> PassResult:
        ordered = sorted(program.main.equations, key=lambda equation: equation.op != "const")
        context.count("literals", sum(equation.op == "const" for equation in ordered))
        return PassResult(replace(program.main, equations=tuple(ordered)))
