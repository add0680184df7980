"""The e-graph agrees with brute force, explains what it joined, and stops at its limits."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hyperion.interfaces.tactic import Goal
from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.checking import check
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import NoProof
from hyperion.logic.terms import Term
from hyperion_tactics.egraph import EGraph, Full
from hyperion_tactics.forest import length
from hyperion_tactics.proving import Unproved, prove
from hyperion_tactics.rules import RuleSet, rule
from hyperion_tactics.saturation import Limits, congruence_closure, equality_saturation, optimise, saturate

INT = t.INT
A, B, C = (t.var(name, INT) for name in "abc")
F = t.var("f", t.fun(INT, INT))
G = t.var("g", t.fun(INT, INT, INT))
LAWS = ("add.comm", "add.assoc", "mul.comm", "mul.assoc", "mul.add", "add.zero", "mul.one", "mul.zero")
RING = RuleSet.of({name: k.axiom(f"int.{name}") for name in LAWS}) | RuleSet.of(
    {f"{name} back": k.sym(k.axiom(f"int.{name}")) for name in ("mul.add", "add.assoc")}
)


def goal(left: Term, right: Term, *hypotheses: tuple[Term, Term]) -> Goal:
    return Goal(frozenset(hypotheses), left, right)


def times(n: int, x: Term) -> Term:
    for _ in range(n):
        x = t.app(F, x)
    return x


# ---- congruence closure


def closure(terms: list[Term], equations: list[tuple[Term, Term]]) -> dict[Term, int]:
    """The classes of all sub-terms by brute force: joined again and again until nothing changes."""
    every = list(dict.fromkeys(u for x in terms for u in t.subterms(x)))
    number = {x: i for i, x in enumerate(every)}

    def merge(a: Term, b: Term) -> bool:
        old, new = number[a], number[b]
        for x in every:
            if number[x] == old:
                number[x] = new
        return old != new

    changed = True
    while changed:
        changed = any(merge(a, b) for a, b in equations)
        for x, y in itertools.combinations(every, 2):
            if (
                x.kind == y.kind == "A"
                and number[x.function] == number[y.function]
                and number[x.argument] == number[y.argument]
            ):
                changed |= merge(x, y)
    return number


TERMS = st.recursive(
    st.sampled_from([A, B, C]),
    lambda inner: inner.map(lambda x: t.app(F, x)) | st.tuples(inner, inner).map(lambda p: t.app(G, *p)),
    max_leaves=4,
)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(TERMS, TERMS), max_size=5), st.lists(TERMS, min_size=2, max_size=4))
def test_congruence_closure_against_brute_force(equations: list[tuple[Term, Term]], terms: list[Term]) -> None:
    graph = EGraph()
    for x in terms:
        graph.add(x)
    for a, b in equations:
        graph.union(k.assume(a, b))
    graph.rebuild()
    expected = closure([*terms, *(side for e in equations for side in e)], equations)
    for x, y in itertools.combinations(expected, 2):
        assert graph.same(x, y) == (expected[x] == expected[y])
        if graph.same(x, y):
            th = graph.explain(x, y)
            assert (th.left, th.right) == (x, y)
            assert th.hypotheses <= frozenset(equations)
    joined = [(x, y) for x, y in itertools.combinations(terms, 2) if graph.same(x, y) and x is not y]
    if joined:
        check(graph.explain(*joined[0]))


def test_a_cycle_of_functions() -> None:
    wanted = goal(times(1, A), A, (times(5, A), A), (times(3, A), A))
    check(prove(wanted, congruence_closure))
    with pytest.raises(Unproved, match=r"saturated|iterations"):
        prove(goal(times(1, A), A, (times(4, A), A), (times(2, A), A)), congruence_closure)


def test_equal_functions_have_equal_values() -> None:
    h = t.var("h", t.fun(INT, INT))
    check(prove(goal(t.app(F, A), t.app(h, B), (F, h), (A, B)), congruence_closure))


def test_tuples_and_projections() -> None:
    p = t.var("p", t.type_of("prod", INT, INT))
    check(prove(goal(t.proj(0, p), t.proj(0, t.tup(A, B)), (p, t.tup(A, C)), (B, C)), congruence_closure))


def test_a_contradiction_proves_anything() -> None:
    hypotheses = [(apply("le", A, B), TRUE), (apply("le", C, B), FALSE), (A, C)]
    check(prove(goal(A, B, *hypotheses), congruence_closure))


def test_abstractions_are_leaves() -> None:
    x = t.lam(A, t.app(G, A, B))
    graph = EGraph()
    graph.add(x)
    graph.union(k.assume(B, C))
    assert not graph.same(x, t.lam(A, t.app(G, A, C)))
    assert t.app(G, A, B) not in graph
    with pytest.raises(NoProof, match="loose"):
        graph.add(x.body)


def test_what_is_not_joined_is_not_explained() -> None:
    graph = EGraph()
    graph.add(A)
    for x in (B, A):
        if x is B:
            with pytest.raises(NoProof, match="different classes"):
                graph.explain(A, x)
        else:
            assert graph.explain(A, x).right is A


def test_five_thousand_deep() -> None:
    th = prove(goal(times(5_000, A), times(5_000, B), (A, B)), congruence_closure)
    check(th)
    assert length(th) <= 10_002


# ---- rules


def test_factoring_is_found_and_explained() -> None:
    xs = [t.var(f"x{i}", INT) for i in range(4)]
    total, factored = apply("mul", A, xs[0]), xs[0]
    for x in xs[1:]:
        total, factored = apply("add", total, apply("mul", x, A)), apply("add", factored, x)
    th = prove(goal(total, apply("mul", A, factored)), equality_saturation(RING))
    assert check(th).hypotheses == 0
    best = optimise(total, RING, lambda u: 100 if u.kind == "C" and u.name == "mul" else 1)
    check(best)
    assert sum(u.kind == "C" and u.name == "mul" for u in t.subterms(best.right)) == 1


SHAPE = st.recursive(
    st.sampled_from("ab") | st.integers(-1, 2),
    lambda inner: st.tuples(st.sampled_from(["add", "mul"]), inner, inner),
    max_leaves=4,
)


@settings(max_examples=40, deadline=None)
@given(SHAPE)
def test_every_class_has_one_value(term: Callable[..., Term], numeric: Callable[..., Any], shape: Any) -> None:
    graph = EGraph(1_500)
    graph.add(term(shape))
    saturate(graph, RING, Limits(iterations=4, terms=1_500))
    for values in ({A: 2, B: -3}, {A: 0, B: 7}):
        for root, each in graph.classes():
            if root.type is INT:
                assert {numeric(x, values) for x in each.terms} == {numeric(root, values)}
    for root, each in itertools.islice(graph.classes(), 5):
        check(graph.explain(root, each.terms[-1]))


def test_rules_with_conditions_wait_for_them() -> None:
    rules = RuleSet.of({"to.of": k.axiom("i8.to.of")})
    x = apply("toZ.i8", apply("ofZ.i8", A))
    check(prove(goal(x, A, (apply("inr.i8", A), TRUE)), equality_saturation(rules)))
    with pytest.raises(Unproved, match="saturated"):
        prove(goal(x, A), equality_saturation(rules))


def test_rules_for_any_type() -> None:
    rules = RuleSet.of({name: k.axiom(name) for name in ("cond.true", "cond.false", "listrec.nil", "listrec.cons")})
    c = apply("le", literals.int_lit(1), literals.int_lit(2))
    check(prove(goal(apply("cond", c, A, B), A), equality_saturation(rules)))
    check(prove(goal(apply("cond", c, TRUE, FALSE), TRUE), equality_saturation(rules)))


def test_a_rule_whose_head_is_a_variable() -> None:
    th = k.assume(t.app(F, A), B)
    rules = RuleSet([rule("f", th, fixed=[F, A, B])])
    check(prove(goal(times(2, A), t.app(F, B), (t.app(F, A), B)), equality_saturation(rules)))


def test_literals_are_computed() -> None:
    x = apply("add", literals.int_lit(2), apply("mul", literals.int_lit(3), A))
    check(prove(goal(x, literals.int_lit(14), (A, literals.int_lit(4))), equality_saturation(RuleSet())))


# ---- limits


def test_limits_end_the_search() -> None:
    endless = RuleSet([rule("grow", k.app(k.refl(F), k.sym(k.axiom("int.add.zero"))), fixed=[F])])
    graph = EGraph(200)
    graph.add(t.app(F, A))
    assert saturate(graph, endless, Limits(terms=200, iterations=10**6)).stop in ("terms", "saturated")
    assert len(graph) <= 200
    deep = A
    for i in range(12):
        deep = apply("add", deep, t.var(f"y{i}", INT))
    with pytest.raises(Unproved, match="it stopped: terms, after"):
        prove(goal(deep, A), equality_saturation(RING, Limits(terms=1_000)))
    with pytest.raises(Unproved, match="it stopped: iterations, after 1 iterations"):
        prove(goal(deep, A), equality_saturation(RING, Limits(iterations=1)))
    with pytest.raises(Unproved, match="it stopped: seconds"):
        prove(goal(deep, A), equality_saturation(RING, Limits(seconds=0.0, terms=10**6)))


def test_a_full_graph_takes_no_term() -> None:
    graph = EGraph(2)
    with pytest.raises(Full):
        graph.add(t.app(G, A, B))
