"""Untrusted. What a proof rests on as SMT-LIB 2.6: every answer must be `unsat`.

The file has, for each axiom that the proof uses, the search for values that break it; the same for the theorem itself
where it is first order; and for each width of machine words that division with remainder has one quotient. The steps
between are not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hyperion.ir.types import IntType
from hyperion.logic.kernel import AXIOMS, Equation, Hypotheses
from hyperion.logic.proof import ProofFile, steps
from hyperion.logic.terms import Term, digest
from hyperion_exports.replay import replay
from hyperion_exports.smt_terms import NotFirstOrder, Script, number


@dataclass(frozen=True, slots=True)
class Obligation:
    """That `lines` have no model. `left_out` says why there are none."""

    name: str
    lines: tuple[str, ...] = ()
    datatypes: Mapping[str, str] = field(default_factory=dict[str, str])
    words: frozenset[IntType] = frozenset()
    left_out: str = ""

    def text(self) -> str:
        if self.left_out:
            return f"; left out, {self.name}: {self.left_out}\n"
        body = "\n".join(self.lines)
        return f'(push 1)\n(echo "{self.name}")\n{body}\n(check-sat)\n(pop 1)\n'


def denial(
    name: str, hypotheses: Hypotheses, left: Term, right: Term, definitions: Mapping[str, Term] | None = None
) -> Obligation:
    """The search for values with which all hypotheses hold and `left = right` does not."""
    script = Script(definitions or {})
    try:
        for a, b in sorted(hypotheses, key=_digests):
            script.lines.append(f"(assert {script.equation(a, b)})")
        script.lines.append(f"(assert (not {script.equation(left, right)}))")
    except NotFirstOrder as error:
        return Obligation(name, left_out=error.message)
    except RecursionError:
        return Obligation(name, left_out="the term is nested too deep")
    return Obligation(name, tuple(script.lines), script.datatypes, frozenset(script.words))


def axiom_obligation(name: str) -> Obligation:
    return denial(f"axiom {name}", *AXIOMS[name])


def quotients(kind: IntType) -> list[Obligation]:
    """That z = 2**width * q + r with r a value of the word has one solution q for every z."""
    period, low, high = 2**kind.width, number(kind.minimum), number(kind.maximum)

    def fits(q: str) -> str:
        return f"(assert (<= {low} (- z (* {period} {q})) {high}))"

    declared = "(declare-fun z () Int)"
    div = f"(div (- z {low}) {period})"
    exists = fits(div).replace("(assert ", "(assert (not ", 1) + ")"
    unique = (declared, "(declare-fun p () Int)", "(declare-fun q () Int)", fits("p"), fits("q"))
    return [
        Obligation(f"{kind}: a quotient", (declared, exists)),
        Obligation(f"{kind}: one quotient", (*unique, "(assert (not (= p q)))")),
    ]


def _digests(equation: Equation) -> tuple[str, str]:
    return digest(equation[0]), digest(equation[1])


def script_of(obligations: Iterable[Obligation], heading: str) -> str:
    """One file; solvers answer `unsat` once for each name that they echo."""
    every = list(obligations)
    words = sorted(frozenset[IntType]().union(*(o.words for o in every)), key=str)
    every = [o for w in words for o in quotients(w)] + every
    datatypes = {name: text for o in every for name, text in o.datatypes.items()}
    said = [o for o in every if not o.left_out]
    head = [
        *(f"; {line}" for line in heading.splitlines()),
        f"; {len(said)} obligations, {len(every) - len(said)} left out. Every answer must be unsat.",
        "(set-info :smt-lib-version 2.6)",
        "(set-logic ALL)",
        *(datatypes[name] for name in sorted(datatypes)),
    ]
    return "\n".join([*head, *(o.text() for o in every)])


@dataclass(frozen=True)
class SmtLib:
    """Exports the axioms that a proof uses, and what it shows where that is first order."""

    name: str = "smtlib"
    suffix: str = ".smt2"

    def export(self, proof: ProofFile) -> str:
        theorem = replay(proof)
        definitions = {th.left.name: th.right for th in steps(theorem) if th.rule == "define"}
        obligations = [axiom_obligation(name) for name in sorted(theorem.axioms)]
        obligations.append(denial("theorem", theorem.hypotheses, theorem.left, theorem.right, definitions))
        return script_of(obligations, "The axioms of a Hyperion proof, and its theorem.")
