"""An attack is a proof that must not go through: the checker and the kernel each have to refuse it by themselves."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from hyperion.errors import ProofError
from hyperion.logic import checker, proof, theory
from hyperion.logic import terms as t
from hyperion.logic.kernel import Theorem
from hyperion.logic.proof import ProofFile
from hyperion.logic.replay import replayed
from hyperion.logic.terms import Term, Ty
from hyperion.testing.proof_mutations import lines_of

THEORY = checker.Theory(theory.axiom_text())
Step = Sequence[Any]  # a rule, then terms, types, numbers of earlier steps, text


@dataclass(frozen=True)
class Answers:
    """What both said: the statement's digests, or why not."""

    checker: dict[str, Any]
    theorem: Theorem | None
    refusal: str

    @property
    def agreed(self) -> tuple[str, str, int] | None:
        """The statement, where both accept; None where both refuse. Fails where they differ."""
        if self.theorem is None or not self.checker["ok"]:
            assert self.theorem is None, f"only the kernel accepts; checker: {self.checker['error']}"
            assert not self.checker["ok"], (
                f"only the checker accepts {self.checker['statement']}; kernel: {self.refusal}"
            )
            return None
        said = (t.digest(self.theorem.left), t.digest(self.theorem.right), len(self.theorem.hypotheses))
        assert said == (self.checker["left"], self.checker["right"], self.checker["hypotheses"])
        assert sorted(self.theorem.axioms) == sorted(self.checker["axioms"])
        return said


def rows_of(steps: Sequence[Step], terms: Sequence[Any] = (), types: Sequence[Any] = ()) -> dict[str, Any]:
    """A proof file of these steps. Rows in `types` and `terms` are put behind the others as they are."""
    tables = proof._Tables()

    def argument(x: Any) -> Any:
        if isinstance(x, list):
            return [[argument(a) for a in pair] for pair in x]
        return tables.argument(x) if isinstance(x, Term | Ty) else x

    rows = [[rule, *map(argument, arguments)] for rule, *arguments in steps]
    return {
        "format": proof.FORMAT, "version": 1, "types": [*tables.types, *types],
        "terms": [*tables.terms, *terms], "steps": rows,
    }  # fmt: skip


def ask(rows: dict[str, Any]) -> Answers:
    """Both answers to a proof file; the checker's, in both versions of the format."""
    text = json.dumps(rows)
    said, newer = checker.answer(THEORY, text), checker.answer(THEORY, lines_of(rows))
    same = ("ok", "left", "right", "hypotheses", "axioms")
    assert [said.get(k) for k in same] == [newer.get(k) for k in same], "the versions of the format differ"
    try:
        return Answers(said, replayed(ProofFile(text.encode())), "")
    except ProofError as error:
        return Answers(said, None, error.message)


@pytest.fixture(scope="session")
def attack() -> Callable[..., Answers]:
    """The answers of checker and kernel to steps, or to the rows of a whole file."""
    return lambda steps, *more: ask(steps if isinstance(steps, dict) else rows_of(steps, *more))
