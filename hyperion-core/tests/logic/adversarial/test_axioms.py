"""An axiom is one of the frozen list, by its exact name, with what the files say, whatever this process believes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from hyperion.errors import ProofError
from hyperion.logic import checker, kernel, literals, theory
from hyperion.logic import terms as t
from hyperion.logic.checking import check
from hyperion.logic.kernel import RuleError

ZERO, ONE = literals.int_lit(0), literals.int_lit(1)
A = t.var("a", t.INT)
THEORY = checker.Theory(theory.axiom_text())
NAMES = [
    "", " ", "int", "int.", ".comm", "int.add", "int.add.comm ", " int.add.comm", "int.add.comm\n", "INT.ADD.COMM",
    "int.add.comm\x00", "int.add.c\u043emm", "int.add.\uff43omm", "int.add.comm.", "int..add.comm", "int/add/comm",
    "int.$OP.comm", "$W.of.to", "i7.of.to", "u128.of.to", "i64.of.to@0", "hyperion:int.add.comm", "evil:zero.is.one",
    "int.zero.is.one", "zero.is.one", "axiom", "const", "for", "float.add.assoc", "f64.fadd.assoc",
    "int.add.comm int.mul.comm",
    "../axioms/integers", "int.add.comm'", '"int.add.comm"', "__class__", "add", "true", "op:undefined",
    "a" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=lambda n: repr(n[:30]))
def test_a_name_is_exact(name: str, attack: Callable[..., Any]) -> None:
    assert attack([["axiom", name]]).agreed is None


@pytest.mark.parametrize("name", [0, True, None, 1.5, ["int.add.comm"], {"name": "int.add.comm"}, [["int.add.comm"]]])
def test_a_name_is_text(name: Any, attack: Callable[..., Any]) -> None:
    rows = {"format": "hyperion-proof", "version": 1, "types": [], "terms": [], "steps": [["axiom", name]]}
    assert attack(rows).agreed is None


@pytest.mark.parametrize("more", [[ZERO], [ZERO, ONE], [[]], [0]])
def test_an_axiom_takes_no_statement(more: list[Any], attack: Callable[..., Any]) -> None:
    assert attack([["axiom", "int.add.comm", *more]]).agreed is None


SMUGGLED: list[dict[str, Any]] = [
    {"axioms": {"zero.is.one": [[], "0", "1"]}},
    {"axioms": "(axiom zero.is.one () () (= 0 1))"},
    {"theory": "(axiom zero.is.one () () (= 0 1))"},
    {"theories": {"evil": "(axiom evil:zero.is.one () () (= 0 1))"}},
    {"constants": {"evil": "int"}},
    {"allow": ["zero.is.one", "evil:zero.is.one"]},
]


@pytest.mark.parametrize("extra", SMUGGLED, ids=lambda e: next(iter(e)))
@pytest.mark.parametrize("name", ["zero.is.one", "evil:zero.is.one"])
def test_a_proof_brings_no_axioms(extra: dict[str, Any], name: str, attack: Callable[..., Any]) -> None:
    rows = {"format": "hyperion-proof", "version": 1, "types": [], "terms": [], "steps": [["axiom", name]]}
    assert attack(rows | extra).agreed is None
    assert not checker.answer(THEORY, json.dumps(rows | extra), {"limits": {}})["ok"]
    assert not checker.answer(THEORY, json.dumps(rows), {"theories": {}, "oracles": []})["ok"]


def test_the_axioms_in_force_cannot_be_changed() -> None:
    before, false = dict(kernel.AXIOMS), (frozenset[Any](), ZERO, ONE)
    with pytest.raises(TypeError):
        kernel.AXIOMS["zero.is.one"] = false  # type: ignore[index]  the attempt is the test
    for name, owner in (
        ("int.add.comm", ""),
        ("evil:zero", ""),
        ("zero", "evil"),
        ("other:zero", "evil"),
        ("a:b:c", "a"),
    ):
        with pytest.raises(RuleError):
            kernel.install_axioms({name: false}, owner)
    assert dict(kernel.AXIOMS) == before


INADMISSIBLE = [
    ("evil", "(axiom zero.is.one () () (= 0 1))"), ("evil", "(axiom int.add.comm () () (= 0 1))"),
    ("evil", "(axiom other:zero () () (= 0 1))"), ("evil", "(axiom evil.zero () () (= 0 1))"),
    ("evil", "(const add int)"),
    ("evil", "(const evil:x@0 int)"), ("evil", "(axiom evil:x:y () () (= 0 1))"), ("op", "(const op:x int)"),
    ("", "(axiom zero.is.one () () (= 0 1))"), ("a b", "(axiom a b:zero () () (= 0 1))"),
    ("evil", "(axiom evil:zero () ("),
    ("evil", "(axiom evil:zero () () (= 0 true))"),
    ("evil", "(axiom evil:a () () (= 0 1)) (axiom evil:a () () (= 1 0))"),
    ("evil", "(for W (int) (axiom $W.add.comm () () (= 0 1)))"), ("int", "(axiom int.zero () () (= 0 1))"),
]  # fmt: skip


@pytest.mark.parametrize(("owner", "text"), INADMISSIBLE)
def test_a_distribution_names_only_what_is_its_own(owner: str, text: str) -> None:
    before, constants = dict(kernel.AXIOMS), dict(t.SIGNATURE)
    with pytest.raises(ProofError, match="HY7006"):
        theory.admit(owner, text)
    assert (dict(kernel.AXIOMS), dict(t.SIGNATURE)) == (before, constants)
    rows = {"format": "hyperion-proof", "version": 1, "types": [], "terms": [], "steps": [["axiom", "evil:zero"]]}
    said = checker.answer(THEORY, json.dumps(rows), {"theories": {owner: text}})
    assert not said["ok"]


FALSE_THEORY = """
from hyperion.evidence import judge
from hyperion.ir.parser import parse_program
from hyperion.logic import kernel, theory
from hyperion.logic import terms as t
from hyperion.logic.denote import denote
from hyperion.policy import Policy

theory.admit("evil", "(axiom evil:zero.is.one () () (= 0 1))")
source, target = (parse_program(f"func @f(%x: i64) -> i64 {{ %c = const {n} : i64 return %c }}") for n in (0, 1))
th, left = kernel.axiom("evil:zero.is.one"), denote(source.main)
word, ok = left.body.argument.function, left.body.function
th = kernel.app(kernel.refl(ok), kernel.app(kernel.refl(word), th))
th = kernel.abs_(t.var("x", left.bound_type), th)
assert (th.left, th.right) == (left, denote(target.main))
for trusted in ([], ["other"], ["evil"]):
    verdict = judge(source, target, th, Policy(theories=frozenset(trusted)))
    print(verdict.checked, verdict.reason[:6])
"""


def test_a_false_theory_counts_nowhere_unless_policy_names_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FALSE_THEORY], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout.splitlines() == ["False HY7005", "False HY7005", "True "], done.stderr


def code_of(th: kernel.Theorem) -> str:
    with pytest.raises(ProofError) as caught:
        check(th)
    return caught.value.code


def test_what_this_process_believes_is_nothing_to_the_checker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every axiom turned into 0 = 1, one after the other, in the kernel's own table."""
    for i, name in enumerate(kernel.AXIOMS):
        if i % 10 == 0:
            with monkeypatch.context() as patch:
                patch.setitem(kernel._axioms, name, (frozenset(), ZERO, ONE))
                assert code_of(kernel.axiom(name)) in ("HY7001", "HY7004")


def test_a_constant_that_is_declared_here_alone_is_unknown_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(t.SIGNATURE, "evil.constant", t.INT)
    assert code_of(kernel.refl(t.const("evil.constant", t.INT))) == "HY7001"


def test_a_constant_of_a_changed_type_is_refused_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(t.SIGNATURE, "lt", t.fun(t.INT, t.INT))
    assert code_of(kernel.refl(t.const("lt", t.fun(t.INT, t.INT)))) == "HY7001"


def test_changed_arithmetic_in_this_process_is_refused_there(monkeypatch: pytest.MonkeyPatch) -> None:
    from hyperion.logic import compute

    monkeypatch.setitem(compute._INT_OPS, "add", lambda a, b: a + b + 1)  # type: ignore[arg-type]  a table that is read only
    said = kernel.compute(t.app(t.const("add", t.SIGNATURE["add"]), ONE, ONE))
    assert said.right is literals.int_lit(3)
    assert code_of(said) == "HY7004"


def test_an_axiom_says_what_it_says_for_all_values_and_no_more(attack: Callable[..., Any]) -> None:
    """A hypothesis of an axiom stays until it is proved."""
    assert attack([["axiom", "int.le.drop"]]).agreed[2] == 2
    lone: list[list[Any]] = [["axiom", "i8.to.of"], ["inst", [[t.var("z", t.INT), literals.int_lit(300)]], 0]]
    assert attack(lone).agreed[2] == 1
    inside = t.app(t.const("inr.i8", t.SIGNATURE["inr.i8"]), literals.int_lit(300))
    assert attack([*lone, ["compute", inside], ["cut", 2, 1]]).agreed is None  # it computes to false
    assert attack([*lone, ["assume", inside, kernel.TRUE], ["cut", 2, 1]]).agreed[2] == 1
