"""Tactics and combinators: what they prove is what was asked, the checker accepts it, and what they do not prove they
name."""

from __future__ import annotations

import pytest

from hyperion.errors import ProofError
from hyperion.interfaces.refuter import Counterexample, Verdict
from hyperion.interfaces.tactic import Goal, Progress, Tactic
from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.checking import check
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply, definitions
from hyperion.logic.derived import NoProof
from hyperion.logic.terms import Term
from hyperion_tactics.cases import absurd, bool_cases, list_induction, nat_induction, outcome_cases
from hyperion_tactics.combinators import (
    all_goals,
    complete,
    fail,
    first,
    orelse,
    repeat,
    skip,
    then,
    timeout,
    up_to_size,
)
from hyperion_tactics.conversions import on_sides, once, topdown, under_binder
from hyperion_tactics.proving import Unproved, prove
from hyperion_tactics.recursion import equations
from hyperion_tactics.rewriting import by, compute, rewrite, unfold
from hyperion_tactics.rules import RuleSet
from hyperion_tactics.simplifier import simplify
from hyperion_tactics.structural import (
    assumption,
    congruence,
    exact,
    extensionality,
    normalise,
    reflexivity,
    symmetry,
    transitivity,
)

INT = t.INT
A, B, C = (t.var(name, INT) for name in "abc")
F = t.var("f", t.fun(INT, INT))
COMM, ASSOC = k.axiom("int.add.comm"), k.axiom("int.add.assoc")


def goal(left: Term, right: Term, *hypotheses: tuple[Term, Term]) -> Goal:
    return Goal(frozenset(hypotheses), left, right)


def add(a: Term, b: Term) -> Term:
    return apply("add", a, b)


def proved(wanted: Goal, tactic: Tactic) -> k.Theorem:
    """The theorem, which the independent checker accepts too."""
    theorem = prove(wanted, tactic)
    assert theorem.left is wanted.left
    assert theorem.right is wanted.right
    assert theorem.hypotheses <= wanted.hypotheses
    check(theorem)
    return theorem


def refused(wanted: Goal, tactic: Tactic) -> Unproved:
    with pytest.raises(Unproved) as caught:
        prove(wanted, tactic)
    return caught.value


# ---- the shape of an equation


def test_exact_takes_an_instance() -> None:
    proved(goal(add(B, C), add(C, B)), exact(COMM))
    refused(goal(add(B, C), add(B, B)), exact(COMM))


def test_exact_refuses_a_theorem_that_assumes_more() -> None:
    known = k.assume(A, B)
    proved(goal(A, B, (A, B)), exact(known))
    assert "hypotheses" in str(refused(goal(A, C), exact(known)))


def test_assumption_in_both_directions() -> None:
    proved(goal(A, B, (A, B)), assumption)
    proved(goal(B, A, (A, B)), assumption)
    refused(goal(A, C, (A, B)), assumption)


def test_symmetry_and_transitivity() -> None:
    proved(goal(C, A, (A, B), (B, C)), then(symmetry, transitivity(B), assumption))
    refused(goal(A, C), transitivity(TRUE))


def test_congruence_leaves_what_differs() -> None:
    x = t.tup(t.app(F, A), A)
    wanted = goal(x, t.tup(t.app(F, B), A), (A, B))
    (remaining,) = refused(wanted, repeat(congruence, 1)).subgoals
    assert (remaining.left, remaining.right) == (t.app(F, A), t.app(F, B))
    proved(wanted, repeat(first(assumption, congruence)))


def test_congruence_under_a_binder_takes_a_new_variable() -> None:
    v = t.var("v", INT)
    left, right = t.lam(v, add(v, A)), t.lam(v, add(A, v))
    proved(goal(left, right), then(congruence, exact(COMM)))


def test_congruence_of_applications_of_different_length() -> None:
    g = t.var("g", t.fun(INT, INT, INT))
    proved(goal(t.app(g, A, B), t.app(F, B), (t.app(g, A), F)), then(congruence, assumption))
    refused(goal(t.app(F, A), t.app(t.var("b", t.fun(t.BOOL, INT)), TRUE)), congruence)


@pytest.mark.parametrize("left", [F, t.lam(A, add(A, B)), apply("neg", A).function])
def test_extensionality(left: Term) -> None:
    v = t.var("v", INT)
    proved(goal(left, t.lam(v, t.app(left, v))), then(extensionality, reflexivity))


def test_lambda_normal_forms() -> None:
    v = t.var("v", INT)
    pair = t.app(t.lam(v, t.tup(v, add(v, v))), A)
    proved(goal(t.proj(1, pair), add(A, A)), normalise)
    p = t.var("p", t.type_of("prod", INT, INT))
    proved(goal(t.tup(t.proj(0, p), t.proj(1, p)), p), normalise)
    assert refused(goal(t.tup(t.proj(1, p), t.proj(0, p)), p), normalise).subgoals


# ---- cases


def test_cases_on_a_truth_value() -> None:
    c = t.var("c", t.BOOL)
    wanted = goal(apply("cond", c, A, A), A)
    proved(wanted, then(bool_cases(c), simplify(RuleSet())))


def test_cases_on_an_outcome() -> None:
    o = t.var("o", t.outcome_of(INT))
    v = t.var("v", INT)
    ok = t.lam(v, apply("ok", v))
    wanted = goal(apply("bind", o, ok), o)
    outcases = {name: k.axiom(name) for name in ("outcase.ok", "outcase.trap", "outcase.diverge")}
    proved(wanted, then(unfold("bind"), outcome_cases(o), simplify(RuleSet.of(outcases))))


def test_a_contradiction_proves_anything() -> None:
    proved(goal(A, B, (TRUE, FALSE)), absurd)
    proved(goal(A, B, (apply("le", literals.int_lit(1), literals.int_lit(0)), TRUE)), simplify(RuleSet()))
    refused(goal(A, B, (TRUE, TRUE)), absurd)


def functions() -> tuple[Term, Term, Term, Term]:
    x, y, z = (t.type_variable(name) for name in ("'x", "'y", "'z"))
    f, g = t.var("f", t.fun(x, y)), t.var("g", t.fun(y, z))
    v = t.var("v", x)
    return f, g, t.lam(v, t.app(g, t.app(f, v))), t.var("xs", t.list_of(x))


def rules(*names: str) -> RuleSet:
    every = {name: equations(definitions()[name]) for name in names}
    return RuleSet.of(
        {f"{name}.{case}": th for name, pair in every.items() for case, th in zip("01", pair, strict=True)}
    )


def test_two_maps_are_one() -> None:
    f, g, both, xs = functions()
    wanted = goal(apply("map", g, apply("map", f, xs)), apply("map", both, xs))
    theorem = proved(wanted, then(list_induction(xs), simplify(rules("map"))))
    assert not theorem.hypotheses


def test_a_fold_over_mapped_elements() -> None:
    f, _, _, xs = functions()
    s, state = t.var("s", INT), t.var("s", INT)
    step = t.var("step", t.fun(INT, f.type.args[1], t.outcome_of(INT)))  # type: ignore[index]
    x = t.var("x", t.domain(f.type))
    inner = t.lams((s, x), t.app(step, s, t.app(f, x)))
    left, right = (
        t.lam(state, side) for side in (apply("fold", step, s, apply("map", f, xs)), apply("fold", inner, s, xs))
    )
    every = rules("map", "fold") | RuleSet.of({"bind": definitions()["bind"]})
    proved(goal(left, right), then(list_induction(xs), simplify(every)))


def test_induction_forgets_hypotheses_about_the_list() -> None:
    f, _, _, xs = functions()
    ys = apply("map", f, xs)
    wanted = goal(apply("length", ys), apply("length", xs), (xs, t.const("nil", xs.type)))
    failed = refused(wanted, list_induction(xs))
    assert [len(g.hypotheses) for g in failed.subgoals] == [0, 1]
    refused(wanted, list_induction(A))


def test_induction_over_naturals() -> None:
    """Adding zero on the right, for addition by recursion on the left."""
    n = t.var("n", t.NAT)
    zero = t.const("zero", t.NAT)
    suc = t.const("suc", t.fun(t.NAT, t.NAT))
    step = t.lams((t.var("m", t.NAT), n), t.app(suc, n))
    plus_zero = apply("natrec", zero, step, n)
    axioms = RuleSet.of({name: k.axiom(name) for name in ("natrec.zero", "natrec.suc")})
    assert not proved(goal(plus_zero, n), then(nat_induction(n), simplify(axioms))).hypotheses
    refused(goal(plus_zero, t.app(suc, n)), then(nat_induction(n), simplify(axioms)))
    refused(goal(A, A), nat_induction(A))


def test_addition_of_naturals_commutes() -> None:
    """With the lemmas that the proof by hand needs: n + 0 = n and n + suc m = suc (n + m)."""
    m, n, r = (t.var(name, t.NAT) for name in ("m", "n", "r"))
    suc = t.const("suc", t.fun(t.NAT, t.NAT))
    step = t.lams((t.var("k", t.NAT), r), t.app(suc, r))
    plus = k.define("plus", t.lams((m, n), apply("natrec", n, step, m)))
    zero, next_ = equations(plus)

    def add_(a: Term, b: Term) -> Term:
        return t.app(plus.left, a, b)

    rules_ = RuleSet.of({"zero": zero, "next": next_})
    by_induction = then(list_or_nat(m), simplify(rules_))
    right_zero = proved(goal(add_(m, t.const("zero", t.NAT)), m), by_induction)
    right_next = proved(goal(add_(m, t.app(suc, n)), t.app(suc, add_(m, n))), by_induction)
    more = rules_ | RuleSet.of({"right zero": right_zero, "right next": right_next})
    proved(goal(add_(m, n), add_(n, m)), then(list_or_nat(m), simplify(more)))


def list_or_nat(v: Term) -> Tactic:
    return first(list_induction(v), nat_induction(v))


# ---- rewriting


def test_rewriting_once_and_everywhere() -> None:
    x = add(add(A, B), add(A, B))
    proved(goal(x, add(add(B, A), add(A, B))), rewrite(COMM, right=False))
    zero = literals.int_lit(0)
    deep = add(zero, add(zero, add(zero, A)))
    remaining = refused(goal(deep, B), rewrite(k.axiom("int.add.zero"))).subgoals
    assert [g.left for g in remaining] == [add(zero, add(zero, A))]
    proved(goal(deep, A), repeat(rewrite(k.axiom("int.add.zero"))))


def test_rewriting_from_right_to_left() -> None:
    proved(goal(add(A, add(B, C)), add(add(A, B), C)), then(rewrite(ASSOC, "right to left", right=False), reflexivity))


def test_conditions_of_a_rewrite_become_subgoals() -> None:
    to_of = k.axiom("i8.to.of")
    x = apply("toZ.i8", apply("ofZ.i8", literals.int_lit(5)))
    wanted = goal(x, literals.int_lit(5))
    assert not refused(wanted, rewrite(to_of)).refuted
    proved(wanted, then(rewrite(to_of), compute))
    proved(wanted, rewrite(to_of, conditions=compute))
    moved = goal(apply("neg", x), A)
    (left,) = refused(moved, rewrite(to_of, conditions=compute)).subgoals
    assert left == goal(apply("neg", literals.int_lit(5)), A)
    large = apply("toZ.i8", apply("ofZ.i8", literals.int_lit(500)))
    refused(goal(large, literals.int_lit(500)), rewrite(to_of, conditions=compute))


def test_conversions_under_binders_and_at_one_place() -> None:
    v = t.var("v", INT)
    function = t.lam(v, add(v, A))
    proved(goal(function, t.lam(v, add(A, v))), on_sides(under_binder(by(COMM)), right=False))
    assert on_sides(once(by(COMM)), right=False)(goal(function, t.lam(v, add(A, v)))).subgoals == ()
    proved(goal(function, t.lam(v, add(A, v))), on_sides(topdown(by(COMM)), right=False))
    refused(goal(A, B), on_sides(under_binder(by(COMM))))


def test_an_unknown_definition_is_named() -> None:
    assert "nothing is not defined" in str(refused(goal(A, B), unfold("nothing")))


# ---- combinators


def test_first_gives_the_reasons_of_all() -> None:
    assert "first; second" in str(refused(goal(A, B), first(fail("first"), fail("second"), fail("first"))))
    assert "no tactic" in str(refused(goal(A, B), first()))
    proved(goal(A, A), orelse(fail("no"), reflexivity))


def test_all_goals_takes_one_tactic_for_each() -> None:
    wanted = goal(A, C, (A, B), (B, C))
    proved(wanted, all_goals(transitivity(B), [assumption, assumption]))
    assert "1 tactics for 2 subgoals" in str(refused(wanted, all_goals(transitivity(B), [assumption])))


def test_complete_refuses_what_is_left() -> None:
    assert refused(goal(A, B), complete(symmetry)).subgoals == (goal(B, A),)


def test_repeat_stops_where_nothing_changes() -> None:
    assert refused(goal(A, B), repeat(skip)).subgoals == (goal(A, B),)
    assert refused(goal(A, B), repeat(symmetry, 3)).subgoals == (goal(B, A),)


def test_ten_thousand_rounds_do_not_recurse() -> None:
    proved(goal(A, B, (A, B)), then(repeat(symmetry, 10_000), assumption))


def test_a_time_limit_is_a_failure_that_says_so() -> None:
    def slow(wanted: Goal) -> Progress:
        return repeat(symmetry, 10**9)(wanted)

    failed = refused(goal(A, B), timeout(0.05, slow))
    assert "more than 0.05 seconds" in str(failed)
    with pytest.raises(Unproved, match=r"no proof within 0\.05 seconds"):
        prove(goal(A, B), slow, time_limit=0.05)


def test_an_outer_time_limit_holds_within_an_inner_one() -> None:
    with pytest.raises(Unproved, match=r"no proof within 0\.05 seconds"):
        prove(goal(A, B), first(timeout(60, repeat(symmetry, 10**9)), skip), time_limit=0.05)


def test_a_guard_on_the_size_of_the_goal() -> None:
    big = A
    for _ in range(20):
        big = add(big, big)
    assert "more than 10 sub-terms" in str(refused(goal(big, big), up_to_size(10, reflexivity)))
    proved(goal(big, big), up_to_size(100, reflexivity))


# ---- what prove itself holds to


def test_a_theorem_about_something_else_is_refused() -> None:
    def liar(wanted: Goal) -> Progress:
        return Progress((), lambda _: k.refl(wanted.left))

    assert refused(goal(A, B), liar).code == "HY7041"


def test_a_theorem_with_other_hypotheses_is_refused() -> None:
    def assuming(wanted: Goal) -> Progress:
        return Progress((), lambda _: k.assume(wanted.left, wanted.right))

    assert refused(goal(A, B), assuming).code == "HY7041"
    proved(goal(A, B, (A, B)), assuming)


def test_a_justification_that_breaks_a_rule_is_refused() -> None:
    def broken(wanted: Goal) -> Progress:
        return Progress((), lambda _: k.trans(k.refl(A), k.refl(B)))

    assert "middle terms differ" in str(refused(goal(A, B), broken))


def test_what_is_unproved_names_the_subgoal() -> None:
    failed = refused(goal(add(A, B), add(C, B), (A, B)), congruence)
    assert failed.code == "HY7040"
    assert "a = b |- a = c" in str(failed)


def test_many_subgoals_are_counted() -> None:
    left, right = (t.tup(*(t.var(f"{name}{i}", INT) for i in range(6))) for name in "xy")
    assert "and 3 more" in str(refused(goal(left, right), congruence))


def test_a_refuter_finds_what_breaks_a_subgoal() -> None:
    class Differ:
        name = "differ"

        def refute(self, _: object, left: Term, right: Term, time_limit: float) -> Counterexample | None:
            return Counterexample({A: 0, C: 1}) if (left, right) == (A, C) else None

        def decide(self, _: object, left: Term, right: Term, time_limit: float) -> Verdict:
            return "unknown"

    wanted = goal(t.tup(A, B), t.tup(C, A))
    with pytest.raises(Unproved) as caught:
        prove(wanted, congruence, refuters=[Differ()])
    assert caught.value.refuted == goal(A, C)
    assert "counterexample: a = 0, c = 1" in str(caught.value)


def test_a_tactic_may_fail_in_any_way_of_the_kernel() -> None:
    def ill_typed(wanted: Goal) -> Progress:
        raise t.TermError("ill-typed")

    proved(goal(A, A), first(ill_typed, reflexivity))
    with pytest.raises(NoProof):
        fail("x")(goal(A, B))
    with pytest.raises(ProofError):
        prove(goal(A, B), ill_typed)


# ---- depth


def test_terms_of_depth_five_thousand() -> None:
    deep, other = A, B
    for _ in range(5_000):
        deep, other = t.app(F, deep), t.app(F, other)
    wanted = goal(deep, other, (A, B))
    proved(wanted, repeat(first(assumption, congruence)))
    proved(wanted, simplify(RuleSet()))
    proved(wanted, rewrite(k.assume(A, B), everywhere=True, right=False))
    assert len(str(refused(wanted, reflexivity))) < 8_000
