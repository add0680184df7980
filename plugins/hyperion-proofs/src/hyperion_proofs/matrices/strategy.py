"""Untrusted. The strategy that groups matrix products anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hyperion.costing import cost_of
from hyperion.errors import ProofError
from hyperion.interfaces.strategy import Candidate, Refusal
from hyperion.ir.function import Function, Program
from hyperion.logic import kernel as k
from hyperion.logic.denote import denote
from hyperion.logic.effort import OutOfTime, limited
from hyperion.logic.kernel import RuleError, Theorem
from hyperion.logic.terms import TermError
from hyperion.stages import stage
from hyperion_proofs.derived import NoProof, chain
from hyperion_proofs.matrices.chains import Chain, Regrouped, Tree, chains, in_the_way, worthwhile
from hyperion_proofs.matrices.normal import Grouping
from hyperion_proofs.pretty import source_names


@dataclass(frozen=True)
class Association:
    """Chains of matrix products are grouped with the fewest multiplications."""

    name: str = "association"

    def derive(self, function: Function) -> Iterable[Candidate | Refusal]:
        made, texts = function, list[str]()
        for _ in range(len(function.equations)):
            found = next((c for c in chains(made) if worthwhile(c) != [c.tree] and in_the_way(made, c) is None), None)
            if found is None or len(texts) == MOST_CHAINS:
                break
            trees = worthwhile(found)
            texts.append(_text(made, found, trees))
            made = Regrouped(made, found).function(trees)
        for left in chains(function):
            trap = in_the_way(function, left)
            if trap is not None and worthwhile(left) != [left.tree]:
                reason = f"between the products stands {trap.op}, which may trap: they are not moved past it"
                yield Refusal(self.name, reason, span=trap.span)
        if made is function:
            return
        try:
            with limited(), stage("search", "matrix products"):
                theorem = _equal(function, made)
        except (OutOfTime, NoProof, RuleError, TermError, ProofError, RecursionError) as why:
            yield Refusal(self.name, f"the products are not grouped anew: {why}", span=function.span)
            return
        cost = cost_of(Program({made.name: made}, made.name))
        yield Candidate(self.name, made, theorem, cost, parallel=False, summary="\n".join(texts))


MOST_CHAINS = 16
"""Of one function that are grouped anew."""


def _equal(before: Function, after: Function) -> Theorem:
    """|- denote(before) = denote(after)"""
    group = Grouping()
    left, right = denote(before), denote(after)
    first, last = group(left) or k.refl(left), group(right) or k.refl(right)
    if first.right is not last.right:
        raise NoProof("the two groupings have different normal forms")
    return chain(first, k.sym(last))


def _text(function: Function, found: Chain, trees: list[Tree]) -> str:
    columns = {e.result.name: e.operands[0] for e in function.equations if e.op == "expand"}
    leaves = [columns.get(leaf.name, leaf) for leaf in found.leaves]
    over = ", ".join(dict.fromkeys(f"{v.name} : {v.type}" for v in leaves))
    names = source_names(leaves)
    lines = [f"for every {over},"]
    lines += [f"{_grouped(found.tree, names)} = {_grouped(tree, names)}" for tree in trees if tree != found.tree][:6]
    lines.append("by (A @ B) @ C = A @ (B @ C) over a commutative ring; sizes that do not fit trap on both sides")
    if len(trees) > 1:
        lines.append("whichever takes the fewest multiplications of these sizes, as is found at run time")
    return "\n  ".join(lines)


def _grouped(tree: Tree, names: list[str], outermost: bool = True) -> str:
    if isinstance(tree, int):
        return names[tree]
    text = " @ ".join(_grouped(part, names, outermost=False) for part in tree)
    return text if outermost else f"({text})"
