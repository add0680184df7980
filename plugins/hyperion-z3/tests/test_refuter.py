"""z3 decides what it can, its counterexamples are real, and it says `unknown` of the rest."""

from __future__ import annotations

import gc
import math
import weakref
from fractions import Fraction
from time import monotonic, sleep

import pytest

import hyperion as hp
from hyperion.errors import ProofError
from hyperion.interfaces.refuter import Refuter
from hyperion.interfaces.tactic import Goal
from hyperion.logic import checking, literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import NoProof
from hyperion.logic.terms import Term
from hyperion.testing.apart import SECONDS, at_once, no_threads
from hyperion_proofs.theories.core import THEORIES
from hyperion_z3 import oracle, refuter, solver
from hyperion_z3.refuter import Z3Refuter

Z3 = Z3Refuter()
A, B, C = (t.var(n, t.INT) for n in "abc")
P, Q = (t.var(n, t.BOOL) for n in "pq")
X, Y = (t.var(n, t.type_of("i64")) for n in "xy")
U, V, W = (t.var(n, t.type_of("f32")) for n in "uvw")


def int_(value: int) -> Term:
    return literals.int_lit(value)


def word(op: str, x: Term, y: Term) -> Term:
    """A wrapping operation."""
    ty = x.type
    return apply(f"ofZ.{ty}", apply(op, apply(f"toZ.{ty}", x), apply(f"toZ.{ty}", y)))


def f32(value: float) -> Term:
    return literals.float_lit("f32", value)


def decide(left: Term, right: Term, *hypotheses: tuple[Term, Term]) -> str:
    return Z3.decide(hypotheses, left, right, 10)


def test_it_is_registered() -> None:
    with hp.Instance(plugins=["z3"]) as instance:
        refuter = instance.refuters()["z3"]
    assert isinstance(refuter, Refuter)
    assert refuter.name == "z3"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (apply("add", A, B), apply("add", B, A)),
        (apply("max", A, apply("min", A, B)), A),
        (apply("xor", P, Q), apply("xor", Q, P)),
        (word("mul", X, Y), word("mul", Y, X)),
        (word("mul", X, word("add", X, Y)), word("add", word("mul", X, X), word("mul", X, Y))),
        (apply("fadd.f32", U, V), apply("fadd.f32", V, U)),
        (apply("fmul.f32", U, f32(1.0)), U),
        (apply("fadd.f32", U, f32(-0.0)), U),
    ],
    ids=lambda x: t.digest(x)[:8],
)
def test_true_equations_are_proved(left: Term, right: Term) -> None:
    assert decide(left, right) == "proved"


def test_a_counterexample_names_the_values_of_the_variables() -> None:
    found = Z3.refute((), apply("sub", A, B), apply("sub", B, A), 10)
    assert found is not None
    assert found.values[A] != found.values[B]
    assert str(found) == f"a = {found.values[A]}, b = {found.values[B]}"


def test_hypotheses_hold_of_the_counterexample() -> None:
    positive = [(apply("lt", int_(0), v), TRUE) for v in (A, B)]
    found = Z3.refute(positive, apply("mul", A, B), apply("add", A, B), 10)
    assert found is not None
    a, b = found.values[A], found.values[B]
    assert isinstance(a, int)
    assert isinstance(b, int)
    assert a > 0 < b
    assert a * b != a + b


def test_contradictory_hypotheses_imply_anything() -> None:
    assert decide(A, B, (P, TRUE), (P, FALSE)) == "proved"


@pytest.mark.parametrize("ty", ["i8", "u8", "i64", "u64", "i128"])
def test_words_wrap(ty: str) -> None:
    x = t.var("x", t.type_of(ty))
    found = Z3.refute(
        (),
        apply("lt", apply(f"toZ.{ty}", x), apply(f"toZ.{ty}", word("add", x, apply(f"ofZ.{ty}", int_(1))))),
        TRUE,
        10,
    )
    signed, width = ty[0] == "i", int(ty[1:])
    assert found is not None
    assert found.values == {x: 2 ** (width - signed) - 1}


def test_adding_zero_changes_minus_zero() -> None:
    found = Z3.refute((), apply("fadd.f32", U, f32(0.0)), U, 10)
    assert found is not None
    value = found.values[U]
    assert isinstance(value, float)
    assert value == 0.0
    assert math.copysign(1.0, value) == -1.0


def test_there_is_one_nan_and_it_is_a_counterexample() -> None:
    found = Z3.refute((), apply("feq.f32", U, U), TRUE, 10)
    assert found is not None
    value = found.values[U]
    assert isinstance(value, float)
    assert math.isnan(value)
    nan = f32(math.nan)
    assert decide(U, V, (U, nan), (V, nan)) == "proved"


def test_floats_do_not_associate() -> None:
    left = apply("fadd.f32", apply("fadd.f32", U, V), W)
    assert Z3.refute((), left, apply("fadd.f32", U, apply("fadd.f32", V, W)), 30) is not None


def test_reals_are_fractions() -> None:
    r = t.var("r", t.REAL)
    half = literals.real_lit(Fraction(1, 2))
    one = literals.real_lit(Fraction(1))
    found = Z3.refute([(apply("rmul", r, half), one)], r, one, 10)
    assert found is not None
    assert found.values == {r: Fraction(2)}


def test_tuples_and_outcomes() -> None:
    pair = t.var("s", t.type_of("prod", t.INT, t.BOOL))
    assert decide(t.tup(t.proj(0, pair), t.proj(1, pair)), pair) == "proved"
    o = t.var("o", t.outcome_of(t.INT))
    same = apply("outcase", o, t.lam(A, apply("ok", A)), t.const("trap", o.type), t.const("diverge", o.type))
    assert decide(same, o) == "proved"
    found = Z3.refute((), apply("outcase", o, t.lam(A, A), int_(0), int_(1)), int_(0), 10)
    assert found is not None
    assert found.values[o] == ("diverge",) or found.values[o][0] == "ok"


def test_unknown_functions_are_congruent_and_no_more() -> None:
    f = t.var("f", t.fun(t.INT, t.outcome_of(t.BOOL)))
    assert decide(t.app(f, apply("add", A, B)), t.app(f, apply("add", B, A))) == "proved"
    assert decide(t.app(f, A), t.app(f, B)) == "refuted"
    opaque = t.const("op:secret", t.fun(t.INT, t.INT))
    assert decide(t.app(opaque, A), A) == "refuted"


def test_functions_are_equal_when_all_values_are() -> None:
    left = t.lam(A, apply("add", A, B))
    assert decide(left, t.lam(A, apply("add", B, A))) == "proved"
    assert decide(left, t.lam(A, A)) == "refuted"
    f = t.var("f", t.fun(t.INT, t.INT))
    assert decide(t.app(f, B), apply("add", B, B), (f, t.lam(A, apply("add", A, A)))) == "proved"


def test_lists_are_refuted_and_never_proved() -> None:
    xs, ys = (t.var(n, t.list_of(t.INT)) for n in ("xs", "ys"))
    length = apply("length", xs)
    assert decide(length, length) == "proved"  # the same term
    assert decide(apply("length", apply("map", t.lam(A, apply("neg", A)), xs)), length) == "unknown"
    found = Z3.refute((), xs, ys, 10)
    assert found is not None
    assert found.values[xs] != found.values[ys]
    assert decide(apply("length", apply("cons", A, xs)), int_(3)) == "refuted"


def test_what_it_does_not_understand_is_unknown() -> None:
    g = t.var("g", t.fun(t.fun(t.INT, t.INT), t.INT))
    f = t.var("f", t.fun(t.INT, t.INT))
    assert decide(t.app(g, f), A) == "unknown"
    deep = A
    for _ in range(20_000):
        deep = apply("add", deep, B)
    assert decide(deep, A) == "unknown"


def test_the_time_limit_is_kept() -> None:
    import time

    a, b, c = (apply("mul", v, apply("mul", v, v)) for v in (A, B, C))
    fermat = apply("eq", apply("add", a, b), c)
    positive = [(apply("lt", int_(0), v), TRUE) for v in (A, B, C)]
    start = time.monotonic()
    assert Z3.decide(positive, fermat, FALSE, 0.5) == "unknown"
    assert time.monotonic() - start < 5


def test_threads_do_not_disturb_each_other() -> None:
    def work(i: int) -> tuple[str, str]:
        shift = int_(i)
        true = Z3.decide((), apply("add", apply("add", A, shift), B), apply("add", A, apply("add", shift, B)), 20)
        false = Z3.decide((), apply("add", A, int_(i + 1)), A, 20)
        return true, false

    assert at_once(lambda n: {work(6 * n + i) for i in range(6)}, 8, 120) == [{("proved", "refuted")}] * 8


def test_naturals_are_refuted_and_never_proved() -> None:
    n = t.var("n", t.NAT)
    k_, r = t.var("k", t.NAT), t.var("r", t.NAT)
    double = apply("natrec", t.const("zero", t.NAT), t.lams((k_, r), apply("suc", apply("suc", r))), n)
    found = Z3.refute((), double, apply("suc", n), 10)
    assert found is not None
    assert found.values[n] != 1
    assert decide(apply("natrec", t.const("zero", t.NAT), t.lams((k_, r), apply("suc", r)), n), n) == "unknown"


# ---- the oracle


def test_an_oracle_theorem_carries_the_label_and_counts_only_where_it_is_allowed() -> None:
    goal = Goal(frozenset(), word("mul", X, Y), word("mul", Y, X))
    theorem = oracle.prove(goal)
    assert (theorem.left, theorem.right) == (goal.left, goal.right)
    assert theorem.oracles == {"z3"}
    assert checking.check(theorem, oracles=["z3"]).oracles == ("z3",)
    with pytest.raises(ProofError, match="z3"):
        checking.check(theorem)


def test_the_oracle_proves_under_hypotheses() -> None:
    hypotheses = frozenset([(A, B)])
    assert oracle.prove(Goal(hypotheses, apply("add", A, C), apply("add", B, C))).hypotheses == hypotheses


def test_the_oracle_refuses_what_is_false_or_undecided() -> None:
    with pytest.raises(ProofError) as caught:
        oracle.prove(Goal(frozenset(), apply("add", A, int_(1)), A))
    assert caught.value.code == "HY7025"
    assert "counterexample: a = " in caught.value.notes[0]
    xs = t.var("xs", t.list_of(t.INT))
    with pytest.raises(ProofError, match="does not decide"):
        oracle.prove(Goal(frozenset(), apply("length", apply("map", t.lam(A, A), xs)), apply("length", xs)), 1)


def test_the_oracle_is_a_tactic() -> None:
    with hp.Instance(plugins=["z3"]) as instance:
        tactic = instance.tactics()["z3"]
    progress = tactic(Goal(frozenset(), apply("add", A, B), apply("add", B, A)))
    assert progress.subgoals == ()
    assert progress.justify(()).oracles == {"z3"}
    with pytest.raises(NoProof, match="refutes"):
        tactic(Goal(frozenset(), A, B))


def test_without_a_thread_that_ends_z3_in_time_nothing_is_known() -> None:
    with no_threads():
        assert Z3.decide((), apply("add", A, B), apply("add", B, A), 20) == "unknown"
    assert Z3.decide((), apply("add", A, B), apply("add", B, A), 20) == "proved"


FUNCTIONS = THEORIES["naturals"].contents.laws["plus.suc"]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (apply("add", A, B), apply("add", B, A)),
        (apply("mod", A, B), apply("floordiv", A, B)),
        (word("mul", X, Y), word("mul", Y, X)),
        (apply("pow2", A), apply("pow2", B)),
        (FUNCTIONS.left, FUNCTIONS.right),
    ],
)
def test_what_z3_holds_goes_with_the_question(left: Term, right: Term, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[weakref.ref[object]] = []

    def noted() -> object:
        where = solver.context()
        made.append(weakref.ref(where))
        return where

    monkeypatch.setattr(refuter, "context", noted)
    gc.disable()
    try:
        decide(left, right)
        end = monotonic() + SECONDS
        while any(each() for each in made) and monotonic() < end:
            sleep(0.001)  # the thread that watched the time limit ends
        assert made
        assert not any(each() for each in made)
    finally:
        gc.enable()
