"""Case splits: tautologies against truth tables, arithmetic with max, min and connectives against z3, oracles,
refuters."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
import z3  # type: ignore[import-untyped]  # z3's stubs are partial
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hyperion.errors import ProofError
from hyperion.interfaces.refuter import Refuter
from hyperion.interfaces.tactic import Goal
from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.checking import check
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.terms import Term
from hyperion_tactics.arithmetic import arithmetic, by_splits, connectives, tautology
from hyperion_tactics.auto import auto
from hyperion_tactics.oracles import oracle
from hyperion_tactics.proving import Unproved, prove
from hyperion_z3.refuter import Z3Refuter

A, B, C = (t.var(name, t.INT) for name in "abc")
P, Q, R = (t.var(name, t.BOOL) for name in "pqr")


def goal(left: Term, right: Term, *hypotheses: tuple[Term, Term]) -> Goal:
    return Goal(frozenset(hypotheses), left, right)


def numbers(*values: int) -> tuple[Term, ...]:
    return tuple(literals.int_lit(v) for v in values)


# ---- tautologies

FORMULA = st.recursive(
    st.sampled_from("pqr") | st.booleans(),
    lambda inner: (
        st.tuples(st.sampled_from(["and", "or", "xor"]), inner, inner)
        | st.tuples(st.just("not"), inner)
        | st.tuples(st.just("cond"), inner, inner, inner)
    ),
    max_leaves=6,
)


@settings(max_examples=80, deadline=None)
@given(FORMULA, FORMULA)
@example("p", ("cond", ("and", "p", "p"), ("or", "p", "q"), "p"))
def test_tautologies_against_truth_tables(
    term: Callable[..., Term], numeric: Callable[..., Any], one: Any, other: Any
) -> None:
    wanted = goal(term(one, t.BOOL), term(other, t.BOOL))
    rows = [dict(zip((P, Q, R), row, strict=True)) for row in itertools.product((True, False), repeat=3)]
    if all(numeric(wanted.left, row) == numeric(wanted.right, row) for row in rows):
        check(prove(wanted, tautology))
    else:
        with pytest.raises(Unproved):
            prove(wanted, tautology)


def test_a_choice_between_anything() -> None:
    x = apply("cond", apply("and", P, Q), A, B)
    check(prove(goal(x, apply("cond", P, apply("cond", Q, A, B), B)), tautology))
    check(prove(goal(A, B, (apply("or", P, Q), TRUE), (P, FALSE), (Q, FALSE)), tautology))


def test_splits_are_limited() -> None:
    many = [t.var(f"p{i}", t.BOOL) for i in range(4)]
    total = many[0]
    for p in many[1:]:
        total = apply("xor", total, p)
    turned = many[-1]
    for p in reversed(many[:-1]):
        turned = apply("xor", turned, p)
    with pytest.raises(Unproved, match="more than 2 splits"):
        prove(goal(total, turned), by_splits(connectives(), None, 2))
    check(prove(goal(total, turned), by_splits(connectives(), None, 4)))


# ---- arithmetic

VALUE = st.recursive(
    st.sampled_from("ab") | st.integers(-2, 2),
    lambda inner: (
        st.tuples(st.sampled_from(["add", "sub", "max", "min"]), inner, inner) | st.tuples(st.just("abs"), inner)
    ),
    max_leaves=3,
)
TEST = st.recursive(
    st.tuples(st.sampled_from(["le", "lt", "eq"]), VALUE, VALUE),
    lambda inner: st.tuples(st.sampled_from(["and", "or"]), inner, inner) | st.tuples(st.just("not"), inner),
    max_leaves=2,
)


def number(shape: Any, values: dict[str, Any]) -> Any:
    """In z3."""
    if isinstance(shape, str):
        return values[shape]
    if isinstance(shape, int):
        return shape
    op, *rest = shape
    args = [number(r, values) for r in rest]
    operations: dict[str, Callable[..., Any]] = {
        "add": lambda a, b: a + b,
        "sub": lambda a, b: a - b,
        "max": lambda a, b: z3.If(a >= b, a, b),
        "min": lambda a, b: z3.If(a <= b, a, b),
        "abs": lambda a: z3.If(a < 0, -a, a),
    }
    return operations[op](*args)


def truth(shape: Any, values: dict[str, Any], wanted: bool = True) -> Any:
    """In z3: that the test is as wanted. Over the integers `a < b` is `a + 1 <= b`, and so it is written, which says
    more than `a < b` where the values are reals."""
    op, *rest = shape
    if op == "not":
        return truth(rest[0], values, not wanted)
    if op in ("and", "or"):
        return (z3.And if (op == "and") == wanted else z3.Or)(*(truth(r, values, wanted) for r in rest))
    a, b = (z3.Sum(number(r, values), 0) for r in rest)
    less, greater = a + 1 <= b, b + 1 <= a
    if op == "eq":
        return a == b if wanted else z3.Or(less, greater)
    if op == "lt":
        return less if wanted else b <= a
    return a <= b if wanted else greater


def proved_by_z3(kind: Callable[[str], Any], hypotheses: list[Any], wanted: Any) -> bool:
    variables = {name: kind(name) for name in "ab"}
    solver = z3.Solver()
    solver.add(*(truth(h, variables) for h in hypotheses), truth(wanted, variables, False))
    return solver.check() == z3.unsat


BOUNDED = ("eq", ("max", "b", -1), ("min", ("min", -2, "a"), ("abs", "a")))  # -1 at least, and -2 at most
HALVES = ("eq", ("add", "a", "a"), ("add", ("add", "b", "b"), 1))  # of the rationals, not of the integers


@settings(max_examples=30, deadline=None)
@given(st.lists(TEST, max_size=2), TEST)
@example([BOUNDED], ("eq", "a", "b"))
@example([BOUNDED], ("lt", "b", "a"))
@example([HALVES], ("lt", "b", "a"))
def test_arithmetic_against_z3(term: Callable[..., Term], hypotheses: list[Any], wanted: Any) -> None:
    """Whatever is proved holds over the integers. What holds in every case over the rationals is proved, as the
    elimination is complete there; over the integers it decides more, not everything."""
    try:
        theorem = prove(goal(term(wanted), TRUE, *((term(h), TRUE) for h in hypotheses)), arithmetic)
    except Unproved:
        assert not proved_by_z3(z3.Real, hypotheses, wanted), "z3 proves it over the reals"
    else:
        assert proved_by_z3(z3.Int, hypotheses, wanted), "a false goal is proved"
        check(theorem)


def test_max_and_min() -> None:
    check(prove(goal(apply("max", A, apply("min", A, B)), A), arithmetic))
    two, eight = numbers(2, 8)
    check(prove(goal(apply("mod", apply("mul", two, A), two), literals.int_lit(0)), arithmetic))
    check(prove(goal(apply("lt", apply("mod", A, eight), eight), TRUE), arithmetic))
    check(prove(goal(apply("floordiv", apply("add", apply("mul", two, A), literals.int_lit(1)), two), A), arithmetic))
    with pytest.raises(Unproved):
        prove(goal(apply("lt", apply("mod", A, B), B), TRUE), arithmetic)


# ---- one tactic for all of them


def test_auto() -> None:
    f = t.var("f", t.fun(t.INT, t.INT))
    square = apply("mul", apply("add", A, B), apply("sub", A, B))
    for wanted in (
        goal(A, A),
        goal(A, B, (B, A)),
        goal(t.app(t.lam(A, t.tup(A, B)), C), t.tup(C, B)),
        goal(square, apply("sub", apply("mul", A, A), apply("mul", B, B))),
        goal(apply("le", A, C), TRUE, (apply("le", A, B), TRUE), (apply("le", B, C), TRUE)),
        goal(t.app(f, A), t.app(f, B), (A, B)),
        goal(apply("max", A, B), apply("max", B, A)),
        goal(apply("or", P, Q), apply("or", Q, P)),
    ):
        check(prove(wanted, auto))
    with pytest.raises(Unproved, match="the sides differ; the goal is no hypothesis; "):
        prove(goal(t.app(f, A), A), auto)


# ---- z3 as refuter and as oracle


@pytest.fixture(scope="module")
def refuter() -> Refuter:
    return Z3Refuter()


def test_the_counterexample_breaks_the_subgoal(refuter: Refuter, numeric: Callable[..., Any]) -> None:
    wanted = goal(apply("max", A, B), A, (apply("le", A, C), TRUE))
    with pytest.raises(Unproved, match="counterexample: a = ") as caught:
        prove(wanted, arithmetic, refuters=[refuter])
    failed = caught.value
    assert failed.refuted is not None
    assert failed.counterexample is not None
    values = dict(failed.counterexample.values) | {C: failed.counterexample.values.get(C, 10**9)}
    assert all(numeric(a, values) == numeric(b, values) for a, b in failed.refuted.hypotheses)
    assert numeric(failed.refuted.left, values) != numeric(failed.refuted.right, values)


def test_what_holds_has_no_counterexample(refuter: Refuter) -> None:
    with pytest.raises(Unproved) as caught:
        prove(goal(apply("mul", A, A), apply("abs", apply("mul", A, A))), arithmetic, refuters=[refuter])
    assert caught.value.counterexample is None


def test_the_word_of_an_oracle_is_labelled(refuter: Refuter) -> None:
    square = apply("mul", A, A)
    theorem = prove(goal(square, apply("abs", square)), oracle(refuter))
    assert theorem.oracles == {"z3"}
    assert k.sym(theorem).oracles == {"z3"}
    with pytest.raises(ProofError):
        check(theorem)
    with pytest.raises(Unproved, match="z3 says: refuted"):
        prove(goal(square, A), oracle(refuter))
