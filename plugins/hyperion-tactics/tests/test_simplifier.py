"""The simplifier ends, names the rules that loop, and what it proves holds in numbers."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hyperion.errors import ProofError
from hyperion.interfaces.tactic import Goal
from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.checking import check
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import NoProof
from hyperion.logic.terms import Term
from hyperion_tactics.commutative import ac_rules
from hyperion_tactics.linear import linear
from hyperion_tactics.order import TermOrder
from hyperion_tactics.proving import Unproved, prove
from hyperion_tactics.ring import polynomials
from hyperion_tactics.rules import Procedure, RuleSet, rule
from hyperion_tactics.simplifier import Limits, Looping, Simplifier, simplify

A, B, C = (t.var(name, t.INT) for name in "abc")
LAWS = {name: k.axiom(name) for name in ("int.add.zero", "int.mul.one", "int.mul.zero", "int.neg.def", "int.sub.def")}
SUMS = ac_rules("add", k.axiom("int.add.assoc"), k.axiom("int.add.comm"))
SHAPE = st.recursive(
    st.sampled_from("abc") | st.integers(-3, 3),
    lambda inner: (
        st.tuples(st.sampled_from(["add", "sub", "mul", "max"]), inner, inner) | st.tuples(st.just("neg"), inner)
    ),
    max_leaves=12,
)


def add(a: Term, b: Term) -> Term:
    return apply("add", a, b)


def le(a: Term, b: Term) -> Term:
    return apply("le", a, b)


def goal(left: Term, right: Term, *hypotheses: tuple[Term, Term]) -> Goal:
    return Goal(frozenset(hypotheses), left, right)


@settings(max_examples=60, deadline=None)
@given(SHAPE, st.integers(0, 2**32))
def test_normal_forms_are_equal_in_numbers(
    term: Callable[..., Term], numeric: Callable[..., Any], shape: Any, seed: int
) -> None:
    x = term(shape)
    th = Simplifier(RuleSet.of(LAWS) | SUMS)(x)
    if th is None:
        return
    check(th)
    random = Random(seed)
    values = {v: random.randint(-9, 9) for v in (A, B, C)}
    assert numeric(th.left, values) == numeric(th.right, values)
    assert Simplifier(RuleSet.of(LAWS) | SUMS)(th.right) is None, "a normal form has no other"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from("abcdefg"), min_size=2, max_size=9), st.randoms(use_true_random=False))
def test_ordered_rewriting_decides_sums(names: list[str], random: Random) -> None:
    def bracketed(items: list[Term]) -> Term:
        if len(items) == 1:
            return items[0]
        cut = random.randrange(1, len(items))
        return add(bracketed(items[:cut]), bracketed(items[cut:]))

    items = [t.var(name, t.INT) for name in names]
    left = bracketed(items)
    random.shuffle(items)
    wanted = goal(left, bracketed(items))
    if wanted.left is not wanted.right:
        check(prove(wanted, simplify(SUMS)))
    with pytest.raises(Unproved):
        prove(goal(left, add(bracketed(items), A)), simplify(SUMS))


def test_the_order_is_total_and_respects_contexts() -> None:
    order = TermOrder()
    terms = [
        A,
        B,
        C,
        add(A, B),
        add(B, A),
        literals.int_lit(9),
        literals.int_lit(10),
        literals.int_lit(-1),
        t.lam(A, A),
    ]
    for x in terms:
        assert not order.less(x, x)
        for y in terms:
            if x is y or x.type is not y.type:
                continue
            assert order.less(x, y) != order.less(y, x)
            assert order.less(x, y) == order.less(add(A, x), add(A, y)) if x.type is t.INT else True


# ---- rules that do not end


@pytest.mark.parametrize("hypotheses", [True, False])
def test_rules_that_undo_each_other_are_named(hypotheses: bool) -> None:
    rules = RuleSet.of({"apart": k.axiom("int.sub.def"), "together": k.sym(k.axiom("int.sub.def"))})
    with pytest.raises(Looping) as caught:
        simplify(rules, hypotheses=hypotheses)(goal(apply("sub", A, B), A))
    assert set(caught.value.rules) == {"apart", "together"}
    with pytest.raises(Unproved, match="rewrite a - b to itself: apart, together"):
        prove(goal(apply("sub", A, B), A), simplify(rules))


def test_only_the_rules_of_the_loop_are_named() -> None:
    rules = RuleSet.of(
        {"apart": k.axiom("int.sub.def"), "together": k.sym(k.axiom("int.sub.def")), "zero": k.axiom("int.add.zero")}
    )
    with pytest.raises(Looping) as caught:
        Simplifier(rules)(add(literals.int_lit(0), apply("sub", A, B)))
    assert set(caught.value.rules) == {"apart", "together"}


def grows() -> RuleSet:
    """f x -> f (0 + x), for ever."""
    f = t.var("f", t.fun(t.INT, t.INT))
    th = k.app(k.refl(f), k.sym(k.axiom("int.add.zero")))
    return RuleSet([rule("grow", th, fixed=[f])])


def test_a_rule_that_grows_ends_at_the_limit_of_steps() -> None:
    f = t.var("f", t.fun(t.INT, t.INT))
    with pytest.raises(Looping, match="more than 50 steps, at last by these rules: grow"):
        Simplifier(grows(), limits=Limits(steps=50))(t.app(f, A))
    with pytest.raises(Looping, match="more than 40 symbols"):
        Simplifier(grows(), limits=Limits(size=40))(t.app(f, A))


def test_a_loop_through_an_assumption_is_found() -> None:
    f, g = (t.var(name, t.fun(t.INT, t.INT)) for name in "fg")
    hypotheses = [(t.app(f, A), t.app(g, t.app(g, B))), (t.app(g, B), t.app(f, A))]
    th = Simplifier(RuleSet(), hypotheses, Limits(steps=200))(t.app(f, A))
    assert th is None or th.hypotheses <= frozenset(hypotheses)


@pytest.mark.parametrize(
    "theorem", [k.sym(k.axiom("int.add.zero")), k.sym(k.axiom("int.mul.zero")), k.sym(k.axiom("int.le.refl"))]
)
def test_theorems_that_are_no_rules(theorem: k.Theorem) -> None:
    with pytest.raises(ProofError, match="HY7042"):
        rule("no", theorem)


# ---- conditions and contexts


def test_a_condition_is_proved_by_the_rules_themselves() -> None:
    rules = RuleSet.of({"to.of": k.axiom("i8.to.of"), "inr": k.axiom("i8.inr.to"), "of.to": k.axiom("i8.of.to")})
    x = t.var("x", t.type_of("i8"))
    inner = apply("toZ.i8", x)
    check(prove(goal(apply("toZ.i8", apply("ofZ.i8", inner)), inner), simplify(rules)))
    with pytest.raises(Unproved):
        prove(goal(apply("toZ.i8", apply("ofZ.i8", A)), A), simplify(rules))
    in_range = (apply("inr.i8", A), TRUE)
    check(prove(goal(apply("toZ.i8", apply("ofZ.i8", A)), A, in_range), simplify(rules)))


def test_a_condition_that_needs_itself_is_not_proved() -> None:
    c = apply("inr.i8", A)
    th = k.cut(k.assume(A, B), k.assume(A, B))
    circular = k.inst({}, th)
    simplifier = Simplifier(RuleSet([rule("circular", circular, fixed=[A, B])]))
    assert simplifier(A) is None
    assert simplifier(c) is None


def test_conditions_are_put_to_a_solver() -> None:
    """0 <= a |- if a < 8 then a mod 9 else b, where a mod m = a needs 0 <= a and a < m."""
    nine, eight = literals.int_lit(9), literals.int_lit(8)
    x = apply("cond", apply("lt", A, eight), apply("mod", A, nine), B)
    wanted = goal(x, apply("cond", apply("lt", A, eight), A, B), (le(literals.int_lit(0), A), TRUE))
    rules = RuleSet.of({"small": k.axiom("int.mod.small")})
    check(prove(wanted, simplify(rules, solver=linear)))
    with pytest.raises(Unproved):
        prove(wanted, simplify(rules))
    with pytest.raises(Unproved):
        prove(Goal(frozenset(), wanted.left, wanted.right), simplify(rules, solver=linear))


def test_what_a_deep_condition_leaves_is_simplified_elsewhere() -> None:
    """p waits for a condition that speaks of a term whose own rule has a condition, one too many there."""
    p = t.var("p", t.BOOL)
    inner = apply("toZ.i8", apply("ofZ.i8", A))
    waits = k.oracle("test", [(le(inner, B), TRUE)], p, TRUE)
    rules = RuleSet([rule("waits", waits, fixed=[p, A, B])]) | RuleSet.of({"to.of": k.axiom("i8.to.of")})
    known = ((apply("inr.i8", A), TRUE), (le(A, B), TRUE))
    shallow, deep = (Simplifier(rules, known, Limits(conditions=n)) for n in (1, 2))
    assert shallow(p) is None
    for simplifier in (shallow, deep):
        th = simplifier(inner)
        assert th is not None
        assert th.right is A
    held = deep(p)
    assert held is not None
    assert held.right is TRUE
    assert held.hypotheses <= frozenset(known)


def test_branches_are_under_their_condition() -> None:
    c, d = t.var("c", t.BOOL), t.var("d", t.BOOL)
    both = apply("and", c, d)
    x = apply("cond", both, apply("cond", c, A, B), apply("cond", both, B, C))
    check(prove(goal(x, apply("cond", both, A, C)), simplify(RuleSet())))
    assert Simplifier(RuleSet())(apply("cond", c, A, apply("cond", d, B, C))) is None


def test_a_choice_between_functions_keeps_its_arguments() -> None:
    f = t.var("f", t.fun(t.INT, t.INT))
    c = le(A, B)
    x = t.app(apply("cond", c, apply("cond", c, f, t.lam(A, A)), f), add(literals.int_lit(0), B))
    check(prove(goal(x, t.app(apply("cond", c, f, f), B)), simplify(RuleSet.of(LAWS))))


def test_an_assumption_about_a_variable_of_a_binder_stays_inside() -> None:
    v = t.var("v", t.INT)
    inner = apply("cond", le(v, A), apply("cond", le(v, A), v, B), C)
    th = Simplifier(RuleSet())(t.lam(v, inner))
    assert th is not None
    check(th)
    assert not th.hypotheses
    assert th.right is t.lam(v, apply("cond", le(v, A), v, C))


def test_a_rule_for_a_function_is_used_on_its_applications() -> None:
    f, g = (t.var(name, t.fun(t.INT, t.INT)) for name in "fg")
    check(prove(goal(t.app(f, A), t.app(g, A), (f, g)), simplify(RuleSet())))


def test_the_names_of_bound_variables_do_not_clash() -> None:
    clash = t.var("bound~0", t.INT)
    x = t.lam(A, add(literals.int_lit(0), add(A, clash)))
    th = Simplifier(RuleSet.of(LAWS))(x)
    assert th is not None
    assert th.right is t.lam(A, add(A, clash))


def test_rules_are_found_by_what_is_at_their_top() -> None:
    rules = RuleSet.of(LAWS) | SUMS
    zero = literals.int_lit(0)
    names = [r.name for r in rules.candidates(add(zero, A))]
    assert "int.add.zero" in names
    assert "int.mul.zero" not in names
    assert [r.name for r in rules.candidates(apply("mul", zero, A))] == ["int.mul.zero"]
    assert rules.candidates(A) == []


def test_a_procedure_stands_for_many_rules() -> None:
    polynomials_of = polynomials(t.INT)
    rules = RuleSet(
        procedures=[Procedure("ring", name, polynomials_of.normal) for name in ("add", "mul", "sub", "neg")]
    )
    x = apply("cond", le(apply("sub", A, A), B), apply("mul", add(A, B), B), C)
    same = apply("cond", le(literals.int_lit(0), B), add(apply("mul", B, B), apply("mul", A, B)), C)
    check(prove(goal(x, same), simplify(rules)))
    assert Simplifier(RuleSet.of(LAWS) | rules)(A) is None
    forward, back = (Procedure(name, "sub", lambda x: k.refl(x)) for name in ("forward", "back"))
    assert Simplifier(RuleSet(procedures=[forward, back]))(apply("sub", A, B)) is None


def test_deep_terms() -> None:
    zero, x = literals.int_lit(0), A
    for _ in range(5_000):
        x = add(zero, x)
    check(prove(goal(x, A), simplify(RuleSet.of(LAWS), Limits(steps=10**6, size=10**6))))


def test_simplify_fails_where_nothing_changes() -> None:
    with pytest.raises(NoProof):
        simplify(RuleSet.of(LAWS))(goal(A, B))
