"""Axioms that distributions bring: off unless policy names them, never anything but their own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import pytest

import hyperion as hp
from hyperion.errors import HyperionError, ProofError
from hyperion.evidence import judge
from hyperion.hookspecs import hookimpl
from hyperion.interfaces.theory import Record
from hyperion.ir.parser import parse_program
from hyperion.logic import checker, kernel, literals, theory
from hyperion.logic import terms as t
from hyperion.logic.checking import check
from hyperion.logic.denote import denote
from hyperion.logic.kernel import RuleError, Theorem
from hyperion.logic.proof import ProofFile, file_of
from hyperion.policy import Policy

OWNER = "acme-tropical"
TEXT = """
; A tropical semiring that a distribution brings, with a law that the core has not.
(const acme-tropical:dist (fun int int int))
(axiom acme-tropical:dist.def ((a int) (b int)) () (= (acme-tropical:dist a b) (abs (sub a b))))
(for OP (max min)
  (axiom acme-tropical:$OP.self ((a int)) () (= (acme-tropical:dist a ($OP a a)) 0)))
(axiom acme-tropical:triangle ((a int) (b int) (c int)) ((= (le a b) true))
  (= (le (acme-tropical:dist a c) (add (acme-tropical:dist a b) (acme-tropical:dist b c))) true))
"""
NAMES = tuple(f"{OWNER}:{name}" for name in ("dist.def", "max.self", "min.self", "triangle"))
ZERO, ONE = literals.int_lit(0), literals.int_lit(1)
CORE = checker.Theory(theory.axiom_text())


class Tropical:
    """The theory as its distribution registers it."""

    name = "tropical"
    axiom_text = TEXT
    axioms: Mapping[str, str] = dict.fromkeys(NAMES, "z3")
    records: Mapping[str, Record] = {name: Record("smt", "z3") for name in NAMES}

    def theorems(self) -> Mapping[str, Callable[[], Theorem]]:
        return {}


def plugin() -> ModuleType:
    module = ModuleType(OWNER)
    module.HYPERION_API = (1, 0)  # type: ignore[attr-defined]
    module.hyperion_theories = hookimpl(lambda: {"tropical": Tropical})  # type: ignore[attr-defined]
    return module


def fresh(code: str) -> str:
    """What the code prints in a process of its own."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120).stdout


def law() -> ProofFile:
    """A proof file that rests on the distribution's axioms, whether this process knows them or not."""
    wanted = ["axiom", NAMES[1], digest_of(NAMES[1])]
    lines = [["hyperion-proof", 2], wanted, ["sym", 0], ["end", 0, 0, 2]]
    return ProofFile("".join(json.dumps(line) + "\n" for line in lines).encode())


def digest_of(name: str) -> str:
    rules = checker.Rules(checker.Theory(TEXT, CORE, OWNER), 10**6)
    rules.axiom(name)
    return rules.axioms[name][1]


def code_of(attempt: Callable[[], object]) -> str:
    with pytest.raises(HyperionError) as caught:
        attempt()
    return caught.value.code


def test_off_is_a_refusal_that_says_how_to_switch_it_on() -> None:
    said = fresh(
        f"""
from hyperion.errors import ProofError
from hyperion.logic import checking, proof, kernel
try:
    checking.check(proof.ProofFile({law().text!r}))
except ProofError as error:
    print(error.code, error.message, *error.hints)
try:
    kernel.axiom({NAMES[1]!r})
except kernel.RuleError as error:
    print(error)
"""
    )
    assert said.splitlines() == [
        "HY7005 the proof needs the theory of acme-tropical, which is off "
        "to believe its axioms: hp.Instance(config={'theories': ['acme-tropical']})",
        f"no axiom {NAMES[1]}",
    ]


def test_an_instance_admits_what_its_configuration_names() -> None:
    hp.Instance(plugins=[plugin()]).close()
    with hp.Instance(plugins=[plugin()], config={"theories": [OWNER]}) as instance:
        assert instance.policy.theories == {OWNER}
    assert [name for name in kernel.AXIOMS if name.startswith(OWNER)] == list(NAMES)
    th = kernel.sym(kernel.axiom(NAMES[1]))
    assert file_of(th).text.split() == [line.replace(b" ", b"") for line in law().text.splitlines()]
    checked = check(th)
    assert checked.axioms == (NAMES[1],)
    assert checked.theories == {OWNER}
    assert checked.axiom_digests == {NAMES[1]: theory.axiom_digest(NAMES[1])} == {NAMES[1]: digest_of(NAMES[1])}


SOURCE = """func @f(%x: int) -> int {
  %m = max %x, %x : int
  %d = sub %x, %m : int
  %a = abs %d : int
  return %a }"""
SHORTER = "func @f(%x: int) -> int { %z = const 0 : int return %z }"


def rests_on_it() -> Theorem:
    """|- denote(f) = denote(g), by two axioms of the distribution."""
    theory.admit(OWNER, TEXT)
    left, right = (denote(parse_program(text).main) for text in (SOURCE, SHORTER))
    x = t.var("x", t.INT)
    opened = kernel.beta(t.app(left, x))
    ok, value = opened.right.function, opened.right.argument
    a, b = (t.var(name, t.INT) for name in "ab")
    distance = kernel.inst({a: x, b: value.argument.argument}, kernel.axiom(NAMES[0]))
    zero = kernel.inst({a: x}, kernel.axiom(NAMES[1]))
    told = kernel.app(kernel.refl(ok), kernel.trans(kernel.sym(distance), zero))
    body = kernel.trans(kernel.trans(opened, told), kernel.sym(kernel.beta(t.app(right, x))))
    whole = kernel.abs_(x, body)
    return kernel.trans(kernel.trans(kernel.sym(kernel.eta(whole.left)), whole), kernel.eta(whole.right))


def test_policy_decides_though_the_process_knows_the_axioms() -> None:
    source, shorter = parse_program(SOURCE), parse_program(SHORTER)
    th = rests_on_it()
    for proof in (th, file_of(th)):
        refused = judge(source, shorter, proof, Policy())
        assert not refused.checked
        assert "HY7005" in refused.reason
        assert OWNER in refused.reason
        assert "'theories': ['acme-tropical']" in refused.reason
        assert not judge(source, shorter, proof, Policy(theories=frozenset(["another"]))).checked
        accepted = judge(source, shorter, proof, Policy(theories=frozenset([OWNER])))
        assert accepted.checked
        assert accepted.axioms == NAMES[:2]


SMUGGLED: dict[str, str] = {
    "an axiom of the core": "(axiom int.add.zero () () (= 0 1))",
    "a new axiom under a name like the core's": "(axiom int.add.one () () (= 0 1))",
    "a constant of the core": "(const add (fun int int int))",
    "a constant of the core at another type": "(const true (fun int int))",
    "an opaque constant": "(const op:x int)",
    "a defined constant": f"(const acme:fold@{'0' * 64} int)",
    "another's name": "(axiom other:x () () (= 0 1))",
    "a longer name that begins alike": "(axiom acme-two:x () () (= 0 1))",
    "a name within another's": "(axiom acme:other:x () () (= 0 1))",
    "a constant twice": "(const acme:x int) (const acme:x bool)",
    "an axiom twice": "(axiom acme:x () () (= 0 0)) (axiom acme:x () () (= 0 1))",
    "sides of two types": "(axiom acme:x () () (= 0 true))",
    "hypotheses of two types": "(axiom acme:x () ((= 0 true)) (= 0 1))",
    "an unknown form": "(believe acme:x () () (= 0 1))",
    "a theorem": "(theorem acme:x () () (= 0 1))",
    "an open parenthesis": "(axiom acme:x () () (= 0 1)",
    "nothing but text": "acme:x",
    "an unknown constant": "(axiom acme:x () () (= acme:y 1))",
}


@pytest.mark.parametrize("case", SMUGGLED)
def test_what_is_smuggled_is_refused_by_both_and_changes_nothing(case: str) -> None:
    text = f"(const acme:first int) {SMUGGLED[case]}"
    before, signature = dict(kernel.AXIOMS), dict(t.SIGNATURE)
    assert code_of(lambda: theory.admit("acme", text)) == "HY7006"
    assert dict(kernel.AXIOMS) == before
    assert signature == t.SIGNATURE
    assert "acme" not in theory.ADMITTED
    answer = checker.answer(
        CORE, b'["hyperion-proof",2]\n["axiom","acme:x","0"]\n["end",0,0,1]\n', {"theories": {"acme": text}}
    )
    assert not answer["ok"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("(const acme:f (fun int int)))", "a parenthesis is closed that was not opened"),
        ("(axiom acme:x () () (= 0 1)", "a parenthesis is not closed"),
        ("(axiom other:x () () (= 0 1))", "other:x is no name of acme, in (axiom other:x () () (= 0 1))"),
        ("(axiom acme:x (n int) () (= 0 1))", "there is no such form: (axiom acme:x (n int) () (= 0 1))"),
        ("(axiom acme:x ((n int)) (= n 1))", "there is no such form: (axiom acme:x ((n int)) (= n 1))"),
        ("(axiom acme:x ((n int)) ((le 0 n)) (= n 1))", "there is no such form: (axiom acme:x ((n int)) ((le 0 n)) "),
        ("acme:x", "there is no such form: acme:x"),
        ("()", "there is no such form: ()"),
        ("(axiom acme:x () () (= acme:y 1))", "unknown constant acme:y, in (axiom acme:x () () (= acme:y 1))"),
        ("(axiom acme:x ((n intt)) () (= 0 1))", "no type constructor intt"),
    ],
)
def test_a_text_that_cannot_be_read_is_refused_with_the_form(text: str, said: str) -> None:
    with pytest.raises(ProofError) as caught:
        theory.admit("acme", text)
    assert said in caught.value.message
    assert "forms are (const NAME TYPE) and (axiom NAME" in str(caught.value)


@pytest.mark.parametrize("owner", ["", "op", "a:b", "a b", "-a", "a@b", "x" * 101, "\u00e9"])
def test_a_distribution_has_a_plain_name(owner: str) -> None:
    text = f"(axiom {owner}:x () () (= 0 1))"
    assert code_of(lambda: theory.admit(owner, text)) == "HY7006"
    answer = checker.answer(CORE, law().text, {"theories": {owner: text}})
    assert not answer["ok"]
    assert "no name of a distribution" in str(answer["error"])


def test_a_distribution_has_one_text() -> None:
    assert theory.admit(OWNER, TEXT) == NAMES
    assert theory.admit(OWNER, TEXT) == NAMES
    assert code_of(lambda: theory.admit(OWNER, TEXT + "(axiom acme-tropical:more () () (= 0 1))")) == "HY7006"
    assert f"{OWNER}:more" not in kernel.AXIOMS


def test_the_name_of_an_axiom_stands_for_what_it_says() -> None:
    """A file that means another statement by the name is refused, by whoever reads it."""
    theory.admit(OWNER, TEXT)
    text = law().text.decode().replace(digest_of(NAMES[1]), theory.axiom_digest("int.add.zero"))
    with pytest.raises(ProofError, match=r"means another axiom by the name acme-tropical:max\.self"):
        check(ProofFile(text.encode()))
    other = TEXT.replace("(acme-tropical:dist a ($OP a a)) 0", "(acme-tropical:dist a ($OP a a)) 1")
    answer = checker.answer(CORE, law().text, {"theories": {OWNER: other}})
    assert "means another axiom" in str(answer["error"])
    step = json.dumps(["axiom", "int.add.zero", theory.axiom_digest("int.add.comm")])
    core = f'["hyperion-proof",2]\n{step}\n["end",0,0,1]\n'
    with pytest.raises(ProofError, match="means another axiom"):
        check(ProofFile(core.encode()))


def test_only_the_theory_calls_for_axioms() -> None:
    said = (frozenset[Any](), ZERO, ONE)
    for name, owner in (("x", ""), ("int.add.zero", ""), ("acme:x", ""), ("x", "acme"), ("other:x", "acme")):
        with pytest.raises(RuleError, match="installed already"):
            kernel.install_axioms({name: said}, owner)
    assert kernel.AXIOMS.keys().isdisjoint({"x", "acme:x", "other:x"})
