"""egglog finds, the kernel proves; and what happens without egglog."""

from __future__ import annotations

import pytest

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.checking import check
from hyperion.logic.definitions import apply
from hyperion.logic.derived import NoProof
from hyperion.logic.terms import Term
from hyperion_tactics import egglog_finder
from hyperion_tactics.egglog_finder import available, cheapest, optimise_by_egglog
from hyperion_tactics.proving import Unproved
from hyperion_tactics.ring import ring
from hyperion_tactics.rules import RuleSet
from hyperion_tactics.structural import reflexivity

needs_egglog = pytest.mark.skipif(not available(), reason="egglog is an extra")
A = t.var("a", t.INT)
XS = [t.var(f"x{i}", t.INT) for i in range(5)]
RULES = RuleSet.of(
    {name: k.axiom(f"int.{name}") for name in ("add.comm", "add.assoc", "mul.comm", "mul.add")}
    | {"factor": k.sym(k.axiom("int.mul.add")), "cond": k.axiom("cond.true"), "range": k.axiom("i8.to.of")}
)


def products() -> Term:
    total = apply("mul", A, XS[0])
    for x in XS[1:]:
        total = apply("add", total, apply("mul", x, A))
    return total


def price(x: Term) -> int:
    return 50 if x.kind == "C" and x.name == "mul" else 1


@needs_egglog
def test_what_egglog_finds_is_proved() -> None:
    th = optimise_by_egglog(products(), RULES, price, ring)
    check(th)
    assert sum(u.kind == "C" and u.name == "mul" for u in t.subterms(th.right)) == 1
    assert (
        len([u for u in t.subterms(th.right) if u.kind == "A" and u.function.kind == "C" and u.function.name == "mul"])
        == 1
    )


@needs_egglog
def test_what_no_tactic_proves_is_no_theorem() -> None:
    with pytest.raises(Unproved):
        optimise_by_egglog(products(), RULES, price, reflexivity)


@needs_egglog
def test_terms_that_egglog_does_not_know_are_atoms() -> None:
    f = t.var("f", t.fun(t.INT, t.INT))
    x = apply("add", t.app(f, A), t.app(t.lam(A, A), A))
    assert cheapest(x, RuleSet(), price) is x


@needs_egglog
def test_terms_that_are_too_deep_are_refused() -> None:
    x = A
    for _ in range(2_000):
        x = apply("neg", x)
    with pytest.raises(NoProof, match="deeper than"):
        cheapest(x, RuleSet(), price)


def test_without_egglog_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(egglog_finder, "available", lambda: False)
    with pytest.raises(NoProof, match=r"hyperion-tactics\[egglog\]"):
        cheapest(A, RuleSet(), price)
