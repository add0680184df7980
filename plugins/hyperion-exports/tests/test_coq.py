"""Coq checks whole proofs again, proves every axiom that is not about floats, and refuses what is false."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from hyperion.logic import kernel as k
from hyperion.logic import literals, theory
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply, definitions
from hyperion.logic.derived import beta_spine, use
from hyperion.logic.kernel import Theorem
from hyperion.logic.proof import ProofFile, file_of
from hyperion_exports.coq import Coq, text_of

COQC = shutil.which("coqc")
pytestmark = pytest.mark.skipif(COQC is None, reason="coqc is not on the PATH (Debian: apt install coq)")
assert theory.axiom_text()
A, B, X = t.var("a", t.INT), t.var("b", t.INT), t.var("x", t.type_variable("'a"))
ONE, TWO = literals.int_lit(1), literals.int_lit(2)
FUNEXT = "functional_extensionality_dep"


def coqc(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "Proof.v").write_text(text, encoding="utf-8")
    command = [COQC or "coqc", "Proof.v"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=900)


def assumptions(text: str, folder: Path) -> set[str]:
    """The names of what Coq took without proof."""
    done = coqc(text, folder)
    assert done.returncode == 0, done.stderr[-2000:]
    said = done.stdout.partition("Axioms:\n")[2]
    return {line.split()[0] for line in said.splitlines() if line and not line.startswith(" ")}


def test_every_axiom_but_those_of_floats_is_proved(tmp_path: Path) -> None:
    text = text_of([k.axiom(name) for name in k.AXIOMS])
    taken = [line.split()[1] for line in text.splitlines() if line.startswith("Axiom ")]
    assert {name[:10] for name in taken} == {"axiom_f16_", "axiom_f32_", "axiom_f64_"}
    assert len(taken) == len([n for n in k.AXIOMS if n.startswith(("f16.", "f32.", "f64."))])
    assert text.count("\nLemma axiom_") == len(k.AXIOMS) - len(taken)
    assumptions(text, tmp_path)


LONG = ["fibonacci", "total", "prefix", "segment"] if os.environ.get("HYPERION_COQ") == "all" else []  # two minutes


@pytest.mark.parametrize("name", ["polynomial", *LONG])
def test_a_derived_theorem_is_checked_again(name: str, derived: Callable[[str], ProofFile], tmp_path: Path) -> None:
    taken = assumptions(Coq().export(derived(name)), tmp_path)
    assert FUNEXT in taken
    assert all(n.startswith("op_") for n in taken - {FUNEXT})  # operations of which nothing is known


def rules() -> Theorem:
    """Every rule once, all in one theorem."""
    f, o, p = t.var("f", t.fun(t.INT, t.INT)), t.var("o", t.outcome_of(t.INT)), t.var("p", t.BOOL)
    pair = t.var("q", t.type_of("prod", t.INT, t.BOOL))
    nat, ints = t.type_of("nat"), t.list_of(t.INT)
    n, xs = t.var("n", nat), t.var("xs", ints)
    cons, nil, suc = t.const("cons", t.fun(t.INT, ints, ints)), t.const("nil", ints), t.const("suc", t.fun(nat, nat))
    polymorphic = k.inst_type({"'a": t.BOOL}, k.refl(t.lam(X, X)))
    again = t.lams((A, xs, t.var("r", ints)), t.app(cons, A, t.var("r", ints)))
    rebuilt = apply("listrec", nil, again, xs)
    base, once = (
        use("listrec.nil", t.substitute(rebuilt, {xs: nil})),
        use("listrec.cons", t.substitute(rebuilt, {xs: t.app(cons, A, xs)})),
    )
    assert base
    assert once
    grown = k.app(k.refl(t.app(cons, A)), k.assume(rebuilt, xs))
    copied = k.list_induction(A, xs, rebuilt, xs, base, k.trans(k.trans(once, beta_spine(once.right)), grown))
    counted = k.nat_induction(n, n, n, k.refl(t.const("zero", nat)), k.app(k.refl(suc), k.assume(n, n)))
    split = k.bool_cases(p, k.refl(A), k.refl(A))
    parts = k.outcome_cases(o, A, k.refl(f), k.refl(f), k.refl(f))
    word = t.app(t.const("toZ.i8", t.SIGNATURE["toZ.i8"]), apply("ofZ.i8", literals.int_lit(300)))
    swapped = k.inst({A: ONE, B: TWO}, k.axiom("int.add.comm"))
    cut = k.cut(k.sym(swapped), k.assume(swapped.right, swapped.left))
    fractions = [literals.real_lit(Fraction(1, i)) for i in (2, 3)]
    real, *compared = (t.app(t.const(op, t.SIGNATURE[op]), *fractions) for op in ("radd", "rle", "rlt", "req"))
    each = [
        k.trans(cut, k.sym(cut)), k.eta(t.lam(A, t.app(f, A))), k.tupeta(pair), k.projbeta(t.proj(1, t.tup(A, p))),
        k.proj(0, k.refl(pair)), split, parts, copied, counted, polymorphic, *map(k.compute, [word, real, *compared]),
        definitions()["fold"], k.abs_(A, k.inst({B: A}, k.axiom("int.add.comm"))), k.beta(t.app(t.lam(A, B), A)),
    ]  # fmt: skip
    return k.tuple_(*each)


def test_every_rule(tmp_path: Path) -> None:
    th = rules()
    taken = assumptions(Coq().export(file_of(th)), tmp_path)
    assert FUNEXT in taken
    assert not [name for name in taken if name.startswith(("axiom_", "s"))] or "sig_not_dec" in taken


def test_hypotheses_are_hypotheses(tmp_path: Path) -> None:
    assert assumptions(Coq().export(file_of(k.sym(k.assume(A, B)))), tmp_path) == set()


def test_what_computes_on_floats_and_what_an_oracle_says_is_listed(tmp_path: Path) -> None:
    one = literals.float_lit("f64", 1.0)
    computed = k.compute(t.app(t.const("fadd.f64", t.SIGNATURE["fadd.f64"]), one, one))
    said = k.oracle("z3", [], ONE, ONE)
    taken = assumptions(Coq().export(file_of(k.tuple_(computed, said))), tmp_path)
    assert len([name for name in taken if name.startswith("s")]) == 2


def forged(th: Theorem, **fields: object) -> Theorem:
    for name, value in fields.items():
        object.__setattr__(th, name, value)
    return th


@pytest.mark.parametrize(
    "make",
    [
        lambda: forged(k.trans(k.refl(ONE), k.refl(ONE)), right=TWO),
        lambda: forged(k.compute(apply("add", ONE, ONE)), right=ONE),
        lambda: forged(k.axiom("int.add.comm"), right=A),
        lambda: forged(k.abs_(A, k.refl(A)), right=t.lam(A, ONE)),
        lambda: forged(k.eta(t.lam(A, t.app(t.var("f", t.fun(t.INT, t.INT)), A))), right=t.lam(A, A)),
        lambda: k.trans(forged(k.trans(k.refl(ONE), k.refl(ONE)), right=TWO), k.refl(TWO)),
    ],
)
def test_coq_refuses_what_is_false(make: Callable[[], Theorem], tmp_path: Path) -> None:
    done = coqc(text_of([make()]), tmp_path)
    assert done.returncode != 0
    assert "Error" in done.stderr
