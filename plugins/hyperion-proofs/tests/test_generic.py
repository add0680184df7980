"""The generic theorems say what their module says: their hypotheses are the laws, and nothing else."""

from __future__ import annotations

import re

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.checking import check
from hyperion.logic.definitions import apply
from hyperion.logic.kernel import Theorem
from hyperion_proofs.generic import loop_lemmas, pieces_theorem, reduce_theorem
from hyperion_proofs.implication import implies
from hyperion_proofs.loop import ABSTRACT, CUT, XS, law_equation
from hyperion_proofs.power import M0, law_equations, power_theorem

FLOATS = re.compile(r"f(16|32|64)|real")


def accepted(th: Theorem) -> set[str]:
    """The axioms that the checker saw in use."""
    checked = check(th)
    assert (checked.left, checked.right) == (t.digest(th.left), t.digest(th.right))
    assert checked.hypotheses == len(th.hypotheses)
    assert set(checked.axioms) == th.axioms
    return set(checked.axioms)


def test_the_reduction_theorem_assumes_the_seven_laws_and_nothing_else() -> None:
    th = reduce_theorem()
    laws = {law_equation(ABSTRACT, name) for name in ABSTRACT.laws()}
    assert len(laws) == 7
    assert th.hypotheses == laws
    assert not any(FLOATS.search(name) for name in accepted(th))


def test_the_reduction_theorem_says_that_the_pieces_equal_the_fold() -> None:
    a, q, s = ABSTRACT, t.var("q", t.INT), t.var("s", ABSTRACT.state)
    bound = apply("add", q, apply("mul", a.w, apply("length", XS)))
    conditions = [t.app(a.ok_s, q, s), apply("all", a.ok_x, XS), apply("le", bound, a.top)]
    reduced = apply("ok", apply("preduce", CUT, a.lift, a.mul, a.act, XS, s))
    th = reduce_theorem()
    assert (th.left, th.right) == implies([q, s], conditions, apply("fold", a.f, s, XS), reduced)


def test_pieces_need_no_more_laws_than_the_whole() -> None:
    assert pieces_theorem().hypotheses == reduce_theorem().hypotheses


def test_the_power_theorem_assumes_its_two_laws_and_nothing_else() -> None:
    a = ABSTRACT
    th = power_theorem()
    assert th.hypotheses == set(law_equations(a.f, a.mul, a.act, M0).values())
    s = t.var("s", a.state)
    assert th.left is t.lam(s, apply("fold", a.f, s, XS))
    assert th.right is t.lam(s, apply("ok", apply("ppower", a.mul, a.act, XS, M0, s)))
    assert not any(name.startswith(("int.", "within", "i64")) for name in accepted(th))


def test_neither_theorem_speaks_of_associativity_or_a_unit() -> None:
    for th in (reduce_theorem(), power_theorem()):
        for left, right in th.hypotheses:
            nested = [u for side in (left, right) for u in t.subterms(side) if u.kind == "A" and u.function.kind == "A"]
            muls = [u for u in nested if u.function.function is ABSTRACT.mul]
            assert not [u for u in muls for x in (u.argument, u.function.argument) if ABSTRACT.mul in x.free]


def test_the_theorems_are_proved_once() -> None:
    assert reduce_theorem() is reduce_theorem()
    assert power_theorem() is power_theorem()


def test_the_lemmas_have_no_hypotheses() -> None:
    for th in loop_lemmas().values():
        assert not th.hypotheses
        accepted(th)


def test_a_false_law_gives_no_theorem_without_it() -> None:
    th = reduce_theorem()
    left, right = law_equation(ABSTRACT, "join")
    other = k.assume(left, right)
    assert k.cut(other, th).hypotheses == th.hypotheses
