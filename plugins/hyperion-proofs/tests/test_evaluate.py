"""Symbolic evaluation, implications and bounds: what is proved holds in numbers and in the checker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import pytest

from hyperion.ir.parser import parse_program
from hyperion.ir.types import I64
from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.checking import check
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.denote import Denotation
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.bounds import Bounds, from_shape, shape
from hyperion_proofs.derived import NoProof, head, instance
from hyperion_proofs.evaluate import Evaluator, minmax, no_range
from hyperion_proofs.implication import all_conjuncts, all_of, all_parts, both, conjunction, eliminate, introduce, parts

Numeric = Callable[[Term, Mapping[Term, Any]], Any]

A, B, C, Z = (t.var(n, t.INT) for n in "abcz")
P, Q = t.var("p", t.BOOL), t.var("q", t.BOOL)
X = t.var("x", t.type_of("i64"))


def int_(value: int) -> Term:
    return literals.int_lit(value)


def step_of(body: str, state: str = "%s: i64", element: str = "i64") -> Term:
    """The step of a loop whose body is this text, applied to variables."""
    inits = ", ".join(f"%c{i}" for i in range(state.count("%")))
    consts = "\n".join(f"%c{i} = const 0 : i64" for i in range(state.count("%")))
    results = ", ".join(f"%r{i}" for i in range(state.count("%")))
    text = f"""
func @f(%xs: {element}[n]) -> i64 {{
  {consts}
  {results} = fold (%xs), ({inits}) {{
    ^(%x: {element}, {state}):
      {body}
  }}
  return %r0
}}"""
    function = parse_program(text).main
    region = function.equations[-1].regions[0]
    step = Denotation(function).step(region, 1, {})
    return t.app(step, t.var("s", step.bound_type), t.var("x", step.body.bound_type))


def assume_in_range(word: str, e: Term) -> Theorem | None:
    return k.assume(apply(f"inr.{word}", e), TRUE)


MAXIMA = {
    "if": """%c = lt %s, %x : bool
      %y = if %c { yield %x } { yield %s }
      yield %y""",
    "select": """%c = le %s, %x : bool
      %y = select %c, %x, %s : i64
      yield %y""",
    "greater": """%c = gt %s, %x : bool
      %y = select %c, %s, %x : i64
      yield %y""",
    "op": """%y = max %s, %x : i64
      yield %y""",
}


@pytest.mark.parametrize("body", MAXIMA.values(), ids=list(MAXIMA))
def test_a_branch_on_a_comparison_is_the_maximum(body: str) -> None:
    call = step_of(body)
    th = Evaluator(no_range)(call)
    assert th.left is call
    assert not th.hypotheses
    assert head(th.right) == "ok"
    maximum = th.right.argument.argument
    assert head(maximum) == "max"
    assert maximum.free == {t.var("s", t.type_of("i64")), t.var("x", t.type_of("i64"))}
    assert check(th).hypotheses == 0


def test_a_sum_keeps_its_trap_until_its_range_is_known() -> None:
    call = step_of("%y = add.trap %s, %x : i64\n yield %y")
    assert head(Evaluator(no_range)(call).right) == "cond"
    th = Evaluator(assume_in_range)(call)
    assert head(th.right) == "ok"
    ((fact, value),) = th.hypotheses
    assert (head(fact), value) == ("inr.i64", TRUE)
    assert head(fact.argument) == "add"


def test_traps_of_both_branches_are_assumed_away(numeric: Numeric) -> None:
    body = """%zero = const 0 : i64
      %c = lt %x, %zero : bool
      %y = if %c {
        %n = sub.trap %s, %x : i64
        yield %n
      } {
        %n2 = add.trap %s, %x : i64
        yield %n2
      }
      yield %y"""
    th = Evaluator(assume_in_range)(step_of(body))
    assert head(th.right) == "ok"
    check(th)
    s, x = t.var("s", t.type_of("i64")), t.var("x", t.type_of("i64"))
    for a, b in ((5, -3), (5, 3), (0, 0), (-7, -7)):
        assert numeric(th.right.argument, {s: a, x: b}) == a + abs(b)


def test_conversions_of_words_that_fit_vanish() -> None:
    call = step_of("%w = cast %x : i64\n%y = max %s, %w : i64\nyield %y", element="i8")
    value = Evaluator(no_range)(call).right.argument.argument
    assert {head(u) for u in t.subterms(value) if u.kind == "A"} <= {"max", "toZ.i64", "toZ.i8"}


def test_evaluation_is_idempotent() -> None:
    th = Evaluator(no_range)(step_of(MAXIMA["if"]))
    assert Evaluator(no_range)(th.right).right is th.right


@pytest.mark.parametrize("comparison", ["lt", "le"])
@pytest.mark.parametrize("swap", [False, True], ids=["max", "min"])
def test_shifted_branches_are_maxima(comparison: str, swap: bool, numeric: Numeric) -> None:
    u, v = apply("add", B, C), apply("add", A, C)
    if swap:
        u, v = v, u
    x = apply("cond", apply(comparison, A, B), u, v)
    th = minmax(x)
    assert th is not None
    assert head(th.right) == ("min" if swap else "max")
    check(th)
    for a in (-1, 0, 1):
        values = {A: a, B: 0, C: 9}
        assert numeric(th.left, values) == numeric(th.right, values)


def test_other_branches_are_no_maxima() -> None:
    assert minmax(apply("cond", apply("lt", A, B), B, C)) is None
    assert minmax(apply("cond", apply("eq", A, B), A, B)) is None


# ---- implications


def test_both_and_parts() -> None:
    p, q = k.assume(P, TRUE), k.assume(Q, TRUE)
    th = both(p, q)
    assert th.left is apply("and", P, Q)
    assert th.hypotheses == p.hypotheses | q.hypotheses
    first, second = parts(k.assume(apply("and", P, Q), TRUE))
    assert (first.left, second.left) == (P, Q)
    check(th)
    check(first)
    check(second)


def test_conjunctions_come_apart_as_they_were_put_together() -> None:
    conditions = [P, Q, apply("le", A, B)]
    whole = conjunction(conditions)
    assert all_conjuncts(whole) == conditions
    found = all_parts(k.assume(whole, TRUE), 3)
    assert [th.left for th in found] == conditions
    assert all_of(found).left is whole


def test_an_implication_is_introduced_and_eliminated() -> None:
    zero = int_(0)
    conditions = [apply("le", zero, A), apply("le", zero, B)]
    goal = apply("le", zero, apply("add", A, B))
    facts = [k.assume(c, TRUE) for c in conditions]
    law = introduce([A, B], conditions, k.cut(facts[0], k.cut(facts[1], instance("int.nonneg.add", a=A, b=B))))
    assert not law.hypotheses
    assert law.left.kind == "L"
    check(law)
    one, two = int_(1), int_(2)
    known = [k.compute(apply("le", zero, n)) for n in (one, two)]
    th = eliminate(law, [one, two], known)
    assert th.left is t.substitute(goal, {A: one, B: two})
    assert not th.hypotheses
    check(th)


def test_an_implication_needs_its_facts() -> None:
    law = introduce([A], [apply("le", int_(0), A)], k.assume(apply("le", int_(0), A), TRUE))
    with pytest.raises((k.RuleError, NoProof, t.TermError)):
        eliminate(law, [A], [k.assume(apply("le", int_(0), B), TRUE)])


# ---- bounds


def bounds() -> Bounds:
    leaves = {Z: k.assume(apply("within", A, Z), TRUE), B: k.assume(apply("within", C, B), TRUE)}
    nonneg = {v: k.assume(apply("le", int_(0), v), TRUE) for v in (A, C)}
    top = apply("add", apply("mul", int_(4), A), apply("add", C, int_(100)))
    return Bounds(leaves, nonneg, k.assume(apply("le", top, int_(I64.maximum)), TRUE))


def sample(x: Term) -> list[Term]:
    y = apply("toZ.i8", t.var("y", t.type_of("i8")))
    return [Z, int_(-7), apply("add", x, B), apply("sub", int_(3), x), apply("neg", x), apply("max", x, y), y]


@pytest.mark.parametrize("e", [f for e in sample(Z) for f in sample(e)], ids=lambda e: t.digest(e)[:6])
def test_a_bound_bounds(e: Term, numeric: Numeric) -> None:
    th = bounds().within(e)
    assert th.left.argument is e
    bound = th.left.function.argument
    assert from_shape(shape(bound)) is bound
    check(th)
    random = Random(1)
    for _ in range(20):
        a, c = random.randint(0, 50), random.randint(0, 50)
        values = {v: random.randint(-128, 127) for v in e.free}
        values |= {A: a, C: c, Z: random.randint(-a, a), B: random.randint(-c, c)}
        assert abs(numeric(e, values)) <= numeric(bound, values)


def test_a_product_is_within_the_product_of_the_bounds() -> None:
    th = bounds().within(apply("mul", Z, B))
    assert th.right is TRUE
    assert INTEGERS.equal(th.left.function.argument, apply("mul", A, C)) is not None
    check(th)


def test_what_the_budget_covers_is_in_range() -> None:
    wide = apply("add", Z, apply("add", Z, B))
    th = bounds().in_range("i64", wide)
    assert th is not None
    assert (th.left, th.right) == (apply("inr.i64", wide), TRUE)
    assert {head(left) for left, _ in th.hypotheses} <= {"le", "within"}
    check(th)
    with pytest.raises(NoProof):
        bounds().in_range("i64", apply("add", wide, wide))
    assert bounds().in_range("i32", Z) is None
