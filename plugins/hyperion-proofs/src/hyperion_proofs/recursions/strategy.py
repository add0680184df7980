"""Untrusted. The strategy for functions that call themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from hyperion.cost import LINEAR
from hyperion.costing import cost_of
from hyperion.errors import ProofError
from hyperion.interfaces.strategy import Candidate, Refusal
from hyperion.ir.function import Equation, Function, Program, walk
from hyperion.logic.effort import OutOfTime, limited
from hyperion.logic.kernel import RuleError, Theorem, trans
from hyperion.logic.terms import TermError
from hyperion.stages import stage
from hyperion_proofs.analysis import Refused
from hyperion_proofs.derived import NoProof
from hyperion_proofs.recursions.filling import Filling
from hyperion_proofs.recursions.looped import looped
from hyperion_proofs.recursions.tables import Table
from hyperion_proofs.recursions.tail_proof import TailProof
from hyperion_proofs.recursions.tails import candidates
from hyperion_proofs.sites import Site
from hyperion_proofs.strategies import Power
from hyperion_proofs.templates import NotLinear


@dataclass(frozen=True)
class Recursion:
    """Recursions on one number by constant distances, and those that count and end in a call of themselves, become
    counted loops, O(n), and powers of them, O(log n); those on two numbers tables of rows, O(n^2)."""

    name: str = "recursion"

    def derive(self, function: Function) -> Iterable[Candidate | Refusal]:
        made, theorem, texts = function, None, list[str]()
        index = 0
        while index < len(made.equations):
            equation = made.equations[index]
            if equation.op == "recurse":
                try:
                    with limited(), stage("search", _name(equation)):
                        new, th, text = _replaced(made, index)
                except (OutOfTime, Refused, NotLinear, NoProof, RuleError, TermError, ProofError) as why:
                    yield self._refusal(why, equation)
                else:
                    index += len(new.equations) - len(made.equations)
                    theorem = th if theorem is None else trans(theorem, th)
                    made = new
                    texts.append(text)
            index += 1
        yield from self._inner(function)
        if theorem is not None:
            text = "\n".join(texts)
            cost = cost_of(Program({made.name: made}, made.name))
            yield Candidate(self.name, made, theorem, cost, parallel=False, summary=text)
            if cost == LINEAR:
                yield from self._shorter(made, theorem, text)
            else:
                reason = "the rows of a table are made one after the other, each of those before"
                yield Refusal(self.name, reason, span=function.span)

    def _shorter(self, function: Function, theorem: Theorem, text: str) -> Iterator[Candidate | Refusal]:
        """The loop as a power of its step, or in closed form."""
        for found in Power().derive(function):
            if isinstance(found, Refusal):
                yield replace(found, strategy=self.name, reason=f"as a loop it stays linear: {found.reason}")
            else:
                whole = trans(theorem, found.theorem)
                summary = f"{text}\n{found.summary}"
                yield replace(found, strategy=self.name, theorem=whole, summary=summary)

    def _inner(self, function: Function) -> Iterator[Refusal]:
        top = {id(e) for e in function.equations}
        for e in walk(function.equations):
            if e.op == "recurse" and id(e) not in top:
                yield Refusal(self.name, "the recursion is inside a loop, a branch or another recursion", span=e.span)

    def _refusal(self, why: Exception, equation: Equation) -> Refusal:
        kept = "; it runs as written, and keeps what it knows in a table" if equation.attribute("memo") else ""
        if isinstance(why, Refused):
            return Refusal(self.name, why.reason + kept, why.law, why.counterexample, why.span or equation.span)
        reason = why.message if isinstance(why, ProofError) else str(why)
        return Refusal(self.name, reason + kept, span=equation.span)


def _replaced(function: Function, index: int) -> tuple[Function, Theorem, str]:
    """The function with the recursion at `index` as a loop or a table, |- denote(source) = denote(it), and what that
    says. Raises Refused or NoProof."""
    site = Site(function, index)
    if len(site.equation.operands) == 1:
        return looped(function, index)
    if site.equation.attribute("memo"):
        table = Table(site)
        return table.function, Filling(table).theorem(), table.text()
    return _tail(site)


def _tail(site: Site) -> tuple[Function, Theorem, str]:
    """The first loop that is proved."""
    failed: NoProof | None = None
    for tail in candidates(site):
        try:
            return tail.function, TailProof(tail).theorem(), tail.text()
        except NoProof as why:
            failed = why
    raise failed or NoProof("the calls of itself end at no base case that is known")


def _name(equation: Equation) -> str:
    return "recursion" if equation.span is None else f"recursion at line {equation.span.line}"
