"""Moves literals to the front."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hyperion.interfaces.compiler_pass import PassResult
from hyperion.ir.function import Function


@dataclass(frozen=True, slots=True)
class LiteralsFirst:
    """Literals depend on nothing, so they may come first; the denotation stays the same term.

    rewrite:  %y = op %x; %c = const k   -->   %c = const k; %y = op %x
    """

    name: str = "literals-first"

    def run(self, function: Function) -> PassResult:
        ordered = sorted(function.equations, key=lambda equation: equation.op != "const")
        return PassResult(replace(function, equations=tuple(ordered)))
