"""Canonical forms: operands in order, identities of integers and truth values, `if` to `select`.

    gt %x, %y              -->  lt %y, %x              add.wrap 1, %x           -->  add.wrap %x, 1
    add.trap %x, 0         -->  %x                     not (not %p)             -->  %p
    mul.wrap %x, -1        -->  neg.wrap %x            select (not %p), %a, %b  -->  select %p, %b, %a
    if %p {yield %a} {yield %b}  -->  select %p, %a, %b

Applied until nothing changes. The laws are in `identities`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hyperion.interfaces.compiler_pass import PassContext, PassResult
from hyperion.ir.function import Equation, Function, Program, values_of
from hyperion.ir.types import is_scalar
from hyperion_passes.identities import Context, simplified
from hyperion_passes.meaning import evidence
from hyperion_passes.rewriting import Rewriting, Rewritten, by_values, kept


@dataclass(frozen=True, slots=True)
class Canonicalize:
    @property
    def name(self) -> str:
        return "canonicalize"

    def run(self, program: Program, context: PassContext) -> PassResult:
        return evidence(program, _canonical(program.main, context), context)


def _canonical(function: Function, context: PassContext) -> Function:
    order = {v.name: i for i, v in enumerate(values_of(function))}
    while True:
        context.check()
        after = _Canonicalizing(order).function(function)
        if after == function:
            return after
        function = after


class _Canonicalizing(Rewriting):
    def __init__(self, order: dict[str, int]) -> None:
        super().__init__()
        self._definitions: dict[str, Equation] = {}
        self._context = Context(self._definitions, order)

    def equation(self, equation: Equation) -> Rewritten:
        law = _conditional if equation.op == "if" else simplified
        found = law(equation, self._context) or kept(equation)
        for each in found.equations:
            self._definitions.update({v.name: each for v in each.results})
        return found


def _conditional(equation: Equation, context: Context) -> Rewritten | None:
    """An `if` that only chooses between values is a select for each; one on a negation has its branches swapped."""
    (condition,) = equation.operands
    then, other = equation.regions
    negation = context.made_by(condition, "not")
    if negation is not None:
        return kept(replace(equation, operands=negation.operands, regions=(other, then)))
    if then.equations or other.equations:
        return None
    if then.results == other.results:
        return by_values(equation, *then.results)
    if not equation.results or not all(is_scalar(v.type) for v in equation.results):
        return None
    chosen = zip(equation.results, then.results, other.results, strict=True)
    selects = tuple(Equation((r,), "select", (condition, a, b), span=equation.span) for r, a, b in chosen)
    return Rewritten(selects, equation.results)
