"""Every axiom is true, as far as z3 can tell, and z3 would notice if it were not."""

from __future__ import annotations

import subprocess
import sys

import pytest

from hyperion.errors import ProofError
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion_proofs import validate
from hyperion_proofs.validate import Axiom

AXIOMS = validate.axioms()
PROVED = sorted(name for name in AXIOMS if not name.startswith(validate.DEFINED))
# The families of the machine words differ in a number only: CI refutes the mutants of these.
SOME_WORDS = ("i8", "i64", "u8", "u64")
MUTATED = [name for name in PROVED if name[0] not in "iu" or name.startswith(("int.", *SOME_WORDS))]


def test_the_record_names_every_axiom_and_no_other() -> None:
    assert set(validate.recorded()) == set(AXIOMS), "run: python -m hyperion_proofs.validate"


def test_only_the_equations_of_the_recursors_are_definitions() -> None:
    defined = {name for name, status in validate.recorded().items() if status == "definition"}
    recursors = {f"outcase.{case}" for case in ("ok", "trap", "diverge")} | {"listrec.nil", "listrec.cons"}
    recursors |= {"natrec.zero", "natrec.suc"}
    assert defined == recursors | {"cond.true", "cond.false"}


def test_importing_the_validator_does_not_import_z3() -> None:
    code = "import sys, hyperion_proofs.validate as v; v.recorded(); sys.exit('z3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", PROVED)
def test_z3_proves_the_axiom(name: str) -> None:
    pytest.importorskip("z3")
    assert validate.status(AXIOMS[name]) == validate.recorded()[name] == "smt"


@pytest.mark.parametrize("name", MUTATED)
def test_z3_refutes_a_mutant_of_the_axiom(name: str) -> None:
    pytest.importorskip("z3")
    verdicts = (validate.decide(mutant, 0.3) for mutant in validate.mutants(AXIOMS[name]))
    assert "refuted" in verdicts


def test_most_mutants_are_refuted() -> None:
    pytest.importorskip("z3")
    names = [name for name in PROVED if name.startswith(("int.", "within.", "real."))]
    verdicts = [validate.decide(mutant, 0.3) for name in names for mutant in validate.mutants(AXIOMS[name])]
    assert len(verdicts) > 400
    assert verdicts.count("refuted") / len(verdicts) > 0.6


def _integers(*names: str) -> tuple[t.Term, ...]:
    return tuple(t.var(name, t.INT) for name in names)


def _apply(name: str, *arguments: t.Term) -> t.Term:
    return t.app(t.const(name, t.SIGNATURE[name]), *arguments)


def test_a_false_axiom_is_reported_with_a_counterexample() -> None:
    pytest.importorskip("z3")
    a, b = _integers("a", "b")
    with pytest.raises(ProofError, match="the axiom wrong is false") as caught:
        validate.status(Axiom("wrong", (), _apply("sub", a, b), _apply("sub", b, a)))
    assert caught.value.code == "HY7023"
    assert "a = " in caught.value.notes[0]


@pytest.mark.parametrize("word", ["i8", "i32", "i64", "u8"])
def test_max_does_not_distribute_over_wrapping_addition(word: str) -> None:
    """The law that would let a wrapping maximum segment sum be regrouped."""
    pytest.importorskip("z3")
    a, b, c = _integers("a", "b", "c")

    def add(x: t.Term, y: t.Term) -> t.Term:
        return _apply(f"toZ.{word}", _apply(f"ofZ.{word}", _apply("add", x, y)))

    left, right = add(a, _apply("max", b, c)), _apply("max", add(a, b), add(a, c))
    hypotheses = tuple((_apply(f"inr.{word}", x), t.const("true", t.BOOL)) for x in (a, b, c))
    assert validate.decide(Axiom("wrong", hypotheses, left, right)) == "refuted"


@pytest.mark.parametrize(("a", "b"), [(7, 2), (-7, 2), (7, -2), (-7, -2), (7, 0), (0, 3), (-6, 3)])
def test_the_meaning_of_division_in_z3_is_the_kernels(a: int, b: int) -> None:
    pytest.importorskip("z3")
    from hyperion.logic import kernel

    for name in ("floordiv", "mod"):
        th = kernel.compute(_apply(name, literals.int_lit(a), literals.int_lit(b)))
        assert validate.decide(Axiom(name, (), th.left, th.right)) == "proved"
