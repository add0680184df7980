"""Every axiom has a record of its present statement, z3 still agrees, and it would notice a false one."""

from __future__ import annotations

import os
from random import Random

import pytest

from hyperion.errors import ProofError
from hyperion.logic import kernel, literals
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion_z3 import validate, validation
from hyperion_z3.mutation import mutants
from hyperion_z3.refuter import solve
from hyperion_z3.statements import Statement, read_records, statement, statements
from hyperion_z3.validation import decide, is_definition

STATEMENTS = statements()
RECORDS = read_records()
ALL = os.environ.get("HYPERION_VALIDATE") == "all"
RANDOM = Random(os.environ.get("HYPERION_SEED", "axioms"))
SAMPLE = sorted(STATEMENTS) if ALL else sorted(RANDOM.sample(sorted(STATEMENTS), 25))


def test_every_axiom_has_a_record_of_its_present_statement_and_nothing_else_has() -> None:
    assert validate.stale() == [], "run: python -m hyperion_z3.validate"
    assert set(RECORDS) == set(STATEMENTS)


def test_the_equations_of_recursors_are_definitions() -> None:
    defined = {name for name, record in RECORDS.items() if record.status == "definition"}
    recursors = {f"outcase.{case}" for case in ("ok", "trap", "diverge")} | {"listrec.nil", "listrec.cons"}
    recursors |= {"natrec.zero", "natrec.suc"}
    recursors |= {"cond.true", "cond.false"}
    assert recursors == {name for name, s in STATEMENTS.items() if is_definition(s)}
    assert defined == recursors | set(validation.RECURSIVE) | set(validation.LENGTHS)


@pytest.mark.parametrize("name", SAMPLE)
def test_the_axiom_is_validated_as_recorded(name: str) -> None:
    found, recorded = validation.validate(STATEMENTS[name]), RECORDS[name]
    assert (found.status, found.method, found.digest) == (recorded.status, recorded.method, recorded.digest)


@pytest.mark.parametrize("name", sorted(STATEMENTS))
def test_a_mutant_of_the_axiom_is_refuted(name: str) -> None:
    # The longer time is for a busy machine: most mutants are refuted at once, and one is enough.
    verdicts = (decide(mutant, limit).verdict for limit in (0.5, 10) for mutant in mutants(STATEMENTS[name]))
    assert "refuted" in verdicts


def test_most_mutants_are_refuted() -> None:
    names = [name for name in sorted(STATEMENTS) if name.startswith(("int.", "within.", "real."))]
    chosen = [m for name in names for m in mutants(STATEMENTS[name])]
    sample = chosen if ALL else RANDOM.sample(chosen, 150)
    verdicts = [decide(mutant, 0.3).verdict for mutant in sample]
    assert len(chosen) > 400
    assert verdicts.count("refuted") / len(verdicts) > 0.6


def _integers(*names: str) -> tuple[t.Term, ...]:
    return tuple(t.var(name, t.INT) for name in names)


def test_a_false_axiom_is_reported_with_a_counterexample() -> None:
    a, b = _integers("a", "b")
    with pytest.raises(ProofError, match="the axiom wrong is false") as caught:
        validation.validate(statement("wrong", frozenset(), apply("sub", a, b), apply("sub", b, a)))
    assert caught.value.code == "HY7023"
    assert "a = " in caught.value.notes[0]


def test_an_axiom_about_an_unknown_constant_is_refused() -> None:
    secret = t.const("op:secret", t.fun(t.INT, t.INT))
    (a,) = _integers("a")
    with pytest.raises(ProofError, match="op:secret") as caught:
        validation.validate(statement("new", frozenset(), t.app(secret, a), a))
    assert caught.value.code == "HY7022"


def test_an_undecided_axiom_is_refused() -> None:
    a, b, c = (apply("mul", v, apply("mul", v, v)) for v in _integers("a", "b", "c"))
    positive = frozenset((apply("lt", literals.int_lit(0), v), TRUE) for v in _integers("a", "b", "c"))
    fermat = statement("fermat", positive, apply("eq", apply("add", a, b), c), t.const("false", t.BOOL))
    with pytest.raises(ProofError, match="cannot decide the axiom fermat") as caught:
        validation.validate(fermat, time_limit=1)
    assert caught.value.code == "HY7024"


@pytest.mark.parametrize("word", ["i8", "i32", "i64", "u8"])
def test_max_does_not_distribute_over_wrapping_addition(word: str) -> None:
    """The law that would let a wrapping maximum segment sum be regrouped."""
    a, b, c = _integers("a", "b", "c")

    def add(x: t.Term, y: t.Term) -> t.Term:
        return apply(f"toZ.{word}", apply(f"ofZ.{word}", apply("add", x, y)))

    left, right = add(a, apply("max", b, c)), apply("max", add(a, b), add(a, c))
    hypotheses = [(apply(f"inr.{word}", x), TRUE) for x in (a, b, c)]
    assert solve(hypotheses, left, right, 10).verdict == "refuted"


@pytest.mark.parametrize(("a", "b"), [(7, 2), (-7, 2), (7, -2), (-7, -2), (7, 0), (0, 3), (-6, 3), (-128, -1)])
@pytest.mark.parametrize("name", ["floordiv", "mod"])
def test_the_meaning_of_division_in_z3_is_the_kernels(name: str, a: int, b: int) -> None:
    th = kernel.compute(apply(name, literals.int_lit(a), literals.int_lit(b)))
    assert decide(Statement(name, (), th.left, th.right)).verdict == "proved"
    x, y = (apply("toZ.i8", t.var(n, t.type_of("i8"))) for n in "xy")  # no free integer: bit vectors too
    facts = [(x, literals.int_lit(a)), (y, literals.int_lit(b))]
    assert solve(facts, apply(name, x, y), th.right, 10).verdict == "proved"
