"""Theorem objects that no rule made: whatever they claim, nothing counts as checked because of them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import hyperion as hp
from hyperion.cost import CONSTANT
from hyperion.errors import HyperionError, ProofError
from hyperion.evidence import authorise, judge
from hyperion.interfaces.strategy import Candidate
from hyperion.ir.function import Program
from hyperion.ir.parser import parse_program
from hyperion.logic import kernel
from hyperion.logic import terms as t
from hyperion.logic.checking import check
from hyperion.logic.denote import denote
from hyperion.logic.kernel import RuleError, Theorem
from hyperion.logic.proof import ProofFile, file_of
from hyperion.policy import Policy

SUM = """
func @total(%xs: i64[n]) -> i64 {
  %start = const START : i64
  %sum = fold (%xs), (%start) {
    ^(%x: i64, %s: i64):
      %t = add.wrap %s, %x : i64
      yield %t
  }
  return %sum
}
"""
SOURCE, WRONG = (parse_program(SUM.replace("START", n)) for n in "01")
LEFT, RIGHT = denote(SOURCE.main, SOURCE), denote(WRONG.main, WRONG)
HONEST = kernel.refl(LEFT)


def forged(base: Theorem = HONEST, **fields: object) -> Theorem:
    th = object.__new__(Theorem)
    for slot in Theorem.__slots__:
        object.__setattr__(th, slot, fields.get(slot, getattr(base, slot)))
    return th


class Claim(Theorem):
    """A subclass whose conclusion is what one likes."""

    __slots__ = ()

    def __init__(self) -> None: ...

    def __getattribute__(self, name: str) -> Any:
        claims = {"left": LEFT, "right": RIGHT, "hypotheses": frozenset(), "basis": frozenset(), "axioms": frozenset(),
                  "rule": "refl", "arguments": (LEFT,), "premises": (), "definitions": frozenset()}  # fmt: skip
        return claims[name] if name in claims else super().__getattribute__(name)


def keyed() -> Theorem:
    """Made with the constructor's own key."""
    return Theorem(kernel._KEY, "refl", (LEFT,), (), frozenset(), LEFT, RIGHT)


def mutated() -> Theorem:
    th = kernel.refl(LEFT)
    check(th)  # what the checker said of it is remembered, and is of no use
    object.__setattr__(th, "right", RIGHT)
    return th


def dropped() -> Theorem:
    th = kernel.assume(LEFT, RIGHT)
    object.__setattr__(th, "hypotheses", frozenset())
    return th


def restored() -> Theorem:
    """With the state of another one, as unpickling sets it."""
    th = copy.copy(HONEST)
    th.__setstate__([RIGHT if slot == "right" else getattr(HONEST, slot) for slot in Theorem.__slots__])
    return th


class Loop:
    """A premise that leads back to itself."""

    def __new__(cls) -> Theorem:
        th = forged(rule="sym", arguments=(), left=LEFT, right=RIGHT)
        object.__setattr__(th, "premises", (th,))
        return th


FORGERIES: dict[str, Callable[[], Any]] = {
    "another right side": lambda: forged(right=RIGHT),
    "the constructor's key": keyed,
    "a changed theorem": mutated,
    "a dropped hypothesis": dropped,
    "a hypothesis left in": lambda: kernel.assume(LEFT, RIGHT),
    "a subclass": Claim,
    "a restored state": restored,
    "an axiom of its own": lambda: forged(rule="axiom", arguments=("total.is.wrong",), right=RIGHT),
    "an axiom of another name": lambda: forged(rule="axiom", arguments=("int.add.comm",), right=RIGHT),
    "an unknown rule": lambda: forged(rule="believe", arguments=(LEFT, RIGHT), right=RIGHT),
    "an oracle": lambda: forged(rule="oracle", arguments=("z3", (), LEFT, RIGHT), right=RIGHT),
    "a definition": lambda: forged(rule="define", arguments=("total", RIGHT), right=RIGHT),
    "a computation": lambda: forged(rule="compute", arguments=(LEFT,), right=RIGHT),
    "a forged premise": lambda: kernel.sym(kernel.sym(forged(right=RIGHT))),
    "a cut of a forged fact": lambda: kernel.cut(dropped(), kernel.assume(LEFT, RIGHT)),
    "transitivity of forgeries": lambda: kernel.trans(forged(right=RIGHT), kernel.refl(RIGHT)),
    "a proof of something else": lambda: kernel.refl(RIGHT),
    "a proof of the converse": lambda: kernel.sym(forged(right=RIGHT)),
    "its own premise": Loop,
    "no theorem": lambda: SimpleNamespace(left=LEFT, right=RIGHT, hypotheses=frozenset(), premises=(), rule="refl"),
    "text": lambda: "denote(source) = denote(target)",
    "a file of something else": lambda: file_of(kernel.refl(LEFT)),
    "a file that claims": lambda: ProofFile(b'{"ok": true, "left": "%s", "right": "%s", "hypotheses": 0}'
                                            % (t.digest(LEFT).encode(), t.digest(RIGHT).encode())),
    "an empty file": lambda: ProofFile(b""),
}  # fmt: skip


def believed(proof: Any) -> bool:
    try:
        return judge(SOURCE, WRONG, proof, Policy(), time_limit=20.0).checked
    except (HyperionError, AttributeError, TypeError, RecursionError, KeyError):
        return False  # a refusal, if a rude one


@pytest.mark.parametrize("what", [w for w in FORGERIES if w != "its own premise"])
def test_the_judge_believes_no_forgery(what: str) -> None:
    assert not believed(FORGERIES[what]())


def test_a_circular_proof_ends() -> None:
    """Each step's row may name earlier rows only."""
    with pytest.raises((ProofError, KeyError)):
        check(Loop())


def test_forged_theorems_do_not_open_the_gate() -> None:
    """`authorise` compiles the sequential program all the same, and says that it is not proved."""
    for what, make in FORGERIES.items():
        if what in ("its own premise", "no theorem", "text", "a subclass"):
            continue
        assert not authorise(WRONG, SOURCE, make(), Policy()).checked, what


def test_theorems_cannot_be_made_or_changed_by_what_python_offers() -> None:
    with pytest.raises(RuleError):
        Theorem(object(), "refl", (LEFT,), (), frozenset(), LEFT, RIGHT)
    with pytest.raises(AttributeError):
        HONEST.right = RIGHT  # type: ignore[misc]  the attempt is the test


class Liar:
    """A strategy that offers the wrong function with a theorem of its choice."""

    name = "liar"

    def __init__(self, wrong: Callable[[Any], Any], theorem: Callable[[t.Term, t.Term], Any]) -> None:
        self._wrong, self._theorem = wrong, theorem

    def derive(self, function: Any) -> Iterator[Candidate]:
        target = self._wrong(function)
        left, right = denote(function), denote(target)
        yield Candidate(self.name, target, self._theorem(left, right), CONSTANT, False, "total = total")


def off_by_one(function: Any) -> Any:
    text = str(Program({function.name: function}, function.name)).replace("const 0 : i64", "const 1 : i64")
    return parse_program(text).main


LIES: dict[str, Callable[[t.Term, t.Term], Any]] = {
    "forged": lambda left, right: forged(kernel.refl(left), right=right),
    "assumed": kernel.assume,
    "assumption dropped": lambda left, right: forged(kernel.assume(left, right), hypotheses=frozenset()),
    "of the source alone": lambda left, _: kernel.refl(left),
    "of the target alone": lambda _, right: kernel.refl(right),
    "an axiom": lambda left, right: forged(rule="axiom", arguments=("liar:total",), left=left, right=right),
}


@pytest.mark.parametrize("what", LIES)
def test_a_lying_strategy_changes_no_result_of_jit(what: str, make_plugin: Callable[..., Any]) -> None:
    def total(xs):  # type: ignore[no-untyped-def]  what a user writes
        s = 0
        for x in xs:
            s = s + x
        return s

    liar = make_plugin("liar", hyperion_strategies=lambda: {"liar": lambda: Liar(off_by_one, LIES[what])})
    with hp.Instance(plugins=["python", "cpu", "interp", "passes", liar]) as instance:
        jitted = hp.jit(total, instance=instance)
        xs = np.arange(10)
        assert jitted(xs) == 45
        explained = jitted.explain(xs)
        assert [r.strategy for r in explained.refusals] == ["liar"]
        assert explained.theorem is None
        assert not explained.parallel
