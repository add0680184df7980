"""Inlining.

    %y = call @square(%x)        -->    %y = mul.trap %x, %x

Small functions go first, with all that they call in turn, as long as the entry keeps to `max_equations`. What nobody
calls any more stays in the program. The evidence: a call denotes the meaning of the other function at the operands, and
that is evaluated as far as its first operation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from hyperion.interfaces.compiler_pass import PassContext, PassResult
from hyperion.ir.function import Equation, Function, Program, walk
from hyperion.ir.inline import MOST_EQUATIONS, Inliner, TooLarge
from hyperion.logic.denote import denote
from hyperion_passes.evidence import Evidence, Rewrite


@dataclass(frozen=True, slots=True)
class Inline:
    """`max_equations`: how large the entry may become; `max_callee`: how large an inlined function may be."""

    max_equations: int = MOST_EQUATIONS
    max_callee: int = MOST_EQUATIONS

    @property
    def name(self) -> str:
        return "inline"

    def run(self, program: Program, context: PassContext) -> PassResult:
        chosen = self._chosen(_Calls(program))

        def rewritten(refused: Collection[str]) -> Rewrite:
            callees = tuple(name for name in chosen if name not in refused)
            main = self._inlined(program, callees)
            if main is program.main:
                return Rewrite(main, ())
            left = {str(e.attribute("callee")) for e in walk(main.equations) if e.op == "call"}
            return Rewrite(main, callees, opaque=[denote(program.functions[name], program) for name in left])

        return Evidence(program, context).largest(rewritten, "functions")

    def _inlined(self, program: Program, callees: Collection[str]) -> Function:
        def callee(e: Equation) -> Function | None:
            name = str(e.attribute("callee")) if e.op == "call" else ""
            return program.functions[name] if name in callees else None

        try:
            return Inliner(program, callee, self.max_equations).function(program.main)
        except TooLarge:
            return program.main

    def _chosen(self, calls: _Calls) -> tuple[str, ...]:
        """The functions to inline, smallest first."""
        whole = calls.sizes(calls.order)
        chosen: tuple[str, ...] = ()
        for name in sorted(calls.order[:-1], key=lambda name: (whole[name], name)):
            sizes = calls.sizes({*chosen, name})
            if sizes[name] <= self.max_callee and sizes[calls.order[-1]] <= self.max_equations:
                chosen = (*chosen, name)
        return chosen


class _Calls:
    """Who calls whom, and how often. `order` has every function that is reached, callees first, the entry last."""

    def __init__(self, program: Program) -> None:
        self._equations: dict[str, int] = {}
        self._calls: dict[str, Counter[str]] = {}
        done: dict[str, None] = {}
        stack = [(program.entry, False)]
        while stack:
            name, ready = stack.pop()
            if ready:
                done[name] = None
            elif name not in self._calls:
                self._count(program.functions[name])
                stack.append((name, True))
                stack += [(callee, False) for callee in self._calls[name]]
        self.order = tuple(done)

    def sizes(self, inlined: Collection[str]) -> dict[str, int]:
        """How many equations each function has once the calls of `inlined` are replaced."""
        sizes: dict[str, int] = {}
        for name in self.order:
            grown = (n * sizes[callee] for callee, n in self._calls[name].items() if callee in inlined)
            sizes[name] = self._equations[name] + sum(grown)
        return sizes

    def _count(self, function: Function) -> None:
        equations = tuple(walk(function.equations))
        self._equations[function.name] = len(equations)
        self._calls[function.name] = Counter(str(e.attribute("callee")) for e in equations if e.op == "call")
