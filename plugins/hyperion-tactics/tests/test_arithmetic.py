"""Normal forms and linear arithmetic: what is proved holds in numbers and in z3, what is false is never proved."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
import z3  # type: ignore[import-untyped]  # z3's stubs are partial
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
from hyperion.logic.terms import Term, Ty
from hyperion_tactics import inequalities
from hyperion_tactics.arithmetic import tautology
from hyperion_tactics.chains import Operation
from hyperion_tactics.linear import linear
from hyperion_tactics.proving import Unproved, prove
from hyperion_tactics.ring import polynomial, polynomials, ring
from hyperion_tactics.semiring import Semiring, decide, normal_form
from hyperion_tactics.words import wrapping

Polynomial = dict[tuple[str, ...], Fraction]
A, B, C = (t.var(name, t.INT) for name in "abc")
LAX = settings(max_examples=60, deadline=None)


def shapes(*operations: str, leaves: int = 7) -> st.SearchStrategy[Any]:
    return st.recursive(
        st.sampled_from("abc") | st.integers(-3, 3),
        lambda inner: st.tuples(st.sampled_from(operations), inner, inner),
        max_leaves=leaves,
    )


def goal(left: Term, right: Term, *hypotheses: tuple[Term, Term]) -> Goal:
    return Goal(frozenset(hypotheses), left, right)


def expand(shape: Any) -> Polynomial:
    """The polynomial as a map from products to coefficients, independent of the normaliser."""
    if isinstance(shape, str):
        return {(shape,): Fraction(1)}
    if isinstance(shape, int):
        return {(): Fraction(shape)} if shape else {}
    op, first, second = shape[0], expand(shape[1]), expand(shape[2])
    if op == "mul":
        pairs = [(tuple(sorted(p + q)), c * d) for p, c in first.items() for q, d in second.items()]
    else:
        pairs = [*first.items(), *((q, d if op == "add" else -d) for q, d in second.items())]
    result: Polynomial = {}
    for p, c in pairs:
        result[p] = result.get(p, Fraction(0)) + c
    return {p: c for p, c in result.items() if c}


def real(shape: Any) -> Any:
    """The same over the reals."""
    return shape if not isinstance(shape, tuple) else (f"r{shape[0]}", *(real(s) for s in shape[1:]))  # type: ignore[misc]


# ---- rings


@pytest.mark.parametrize("ty", [t.INT, t.REAL])
@LAX
@given(shapes("add", "sub", "mul"), shapes("add", "sub", "mul"))
def test_ring_decides_polynomials(term: Callable[..., Term], ty: Ty, one: Any, other: Any) -> None:
    a, b = (term(s if ty is t.INT else real(s), ty) for s in (one, other))
    if expand(one) == expand(other):
        check(prove(goal(a, b), ring))
    else:
        with pytest.raises(Unproved):
            prove(goal(a, b), ring)
    difference = (term(("sub", ("mul", one, other), ("mul", other, one))), literals.int_lit(0))
    if ty is t.INT:
        check(prove(goal(*difference), ring))


@LAX
@given(shapes("add", "sub", "mul"))
def test_a_normal_form_is_its_own(term: Callable[..., Term], shape: Any) -> None:
    th = polynomials(t.INT).normal(term(shape))
    check(th)
    assert polynomials(t.INT).normal(th.right).right is th.right


def test_two_thousand_deep() -> None:
    total = A
    for i in range(2_000):
        total = apply("add", total, literals.int_lit(i) if i % 2 else B)
    odd, times = literals.int_lit(1_000**2), literals.int_lit(1_000)
    check(prove(goal(total, apply("add", apply("mul", times, B), apply("add", A, odd))), ring))


def test_a_wide_sum_is_balanced() -> None:
    xs = [t.var(f"x{i}", t.INT) for i in range(100)]
    left, right = xs[0], xs[-1]
    for x, y in zip(xs[1:], xs[-2::-1], strict=True):
        left, right = apply("add", left, x), apply("add", y, right)
    check(prove(goal(left, right), ring))
    product = apply("mul", xs[0], apply("mul", xs[1], apply("mul", xs[2], xs[3])))
    for _ in range(4):
        product = apply("mul", product, product)
    assert (
        polynomials(t.INT).normal(product).right
        is polynomials(t.INT).normal(apply("mul", product, literals.int_lit(1))).right
    )


def test_what_is_no_polynomial_is_an_atom() -> None:
    m = apply("max", A, B)
    square = apply("mul", m, m)
    check(prove(goal(apply("sub", apply("add", square, A), A), square), ring))
    with pytest.raises(Unproved, match="different normal forms"):
        prove(goal(m, apply("max", B, A)), ring)
    with pytest.raises(Unproved, match="neither integers nor reals"):
        prove(goal(TRUE, FALSE), ring)
    with pytest.raises(Unproved) as caught:
        prove(goal(apply("mul", apply("add", A, B), A), C), polynomial)
    (left,) = caught.value.subgoals
    assert polynomials(t.INT).normal(left.left).right is left.left


def test_coefficients_beyond_what_is_computed_are_refused() -> None:
    x = literals.int_lit(2**4000)
    with pytest.raises(NoProof, match="too large"):
        polynomials(t.INT).normal(apply("mul", apply("mul", x, x), A))


# ---- words that wrap


@pytest.mark.parametrize("word", ["i8", "u16", "i64"])
@settings(max_examples=30, deadline=None)
@given(shapes("add", "sub", "mul", leaves=5), shapes("add", "sub", "mul", leaves=5))
def test_words_that_wrap(word: str, one: Any, other: Any) -> None:
    def wrapped(shape: Any) -> Term:
        if isinstance(shape, str):
            return t.var(shape, t.type_of(word))
        if isinstance(shape, int):
            return apply(f"ofZ.{word}", literals.int_lit(shape))
        op, a, b = shape
        return apply(f"ofZ.{word}", apply(op, *(apply(f"toZ.{word}", wrapped(s)) for s in (a, b))))

    a, b = wrapped(("add", one, 0)), wrapped(("add", other, 0))
    modulus = 2 ** int(word[1:])
    difference = expand(("sub", one, other))
    if all(c % modulus == 0 for c in difference.values()):
        check(prove(goal(a, b), wrapping))
    else:
        with pytest.raises(Unproved, match="different polynomials"):
            prove(goal(a, b), wrapping)


def test_words_that_are_deep_or_none() -> None:
    x: Term = t.var("x", t.type_of("i8"))
    with pytest.raises(Unproved, match="not both words"):
        prove(goal(x, x), wrapping)
    for _ in range(5_000):
        x = apply("ofZ.i8", apply("neg", apply("toZ.i8", x)))
    with pytest.raises(Unproved, match="deeper than"):
        prove(goal(x, apply("ofZ.i8", A)), wrapping)


# ---- semirings: any two operations whose laws are given


def tropical(name: str) -> Semiring:
    """max or min as the sum, + as the product: idempotent, without units."""
    sums, add = (t.const(op, t.fun(t.INT, t.INT, t.INT)) for op in (name, "add"))
    return Semiring(
        Operation(sums, k.axiom(f"int.{name}.assoc")),
        Operation(add, k.axiom("int.add.assoc")),
        k.axiom(f"int.{name}.comm"),
        k.axiom(f"int.add.{name}"),
        mul_comm=k.axiom("int.add.comm"),
        idempotent=k.axiom(f"int.{name}.idem"),
    )


def tropical_expand(shape: Any) -> frozenset[tuple[Any, ...]]:
    """The set of products, each a sorted multiset of atoms."""
    if not isinstance(shape, tuple):
        return frozenset({(repr(shape),)})
    op, first, second = shape[0], tropical_expand(shape[1]), tropical_expand(shape[2])  # type: ignore[misc]
    if op == "add":
        return frozenset(tuple(sorted(p + q)) for p in first for q in second)
    return first | second


@pytest.mark.parametrize("name", ["max", "min"])
@LAX
@given(st.data())
def test_idempotent_semirings(term: Callable[..., Term], numeric: Callable[..., Any], name: str, data: Any) -> None:
    one, other = data.draw(shapes(name, "add")), data.draw(shapes(name, "add"))
    a, b, laws = term(one), term(other), tropical(name)
    if tropical_expand(one) == tropical_expand(other):
        check(prove(goal(a, b), decide(laws)))
    else:
        with pytest.raises(Unproved):
            prove(goal(a, b), decide(laws))
    th = laws.normal(a)
    check(th)
    for values in itertools.product((-2, 0, 5), repeat=3):
        assert numeric(th.left, dict(zip((A, B, C), values, strict=True))) == numeric(
            th.right, dict(zip((A, B, C), values, strict=True))
        )


def hypothetical() -> tuple[Semiring, Callable[[Term, Term], Term], Callable[[Term, Term], Term]]:
    """Operations that are variables, with their laws as hypotheses: \\x y. l = \\x y. r; the product does not
    commute."""
    ty = t.type_variable("'m")
    x, y, z = (t.var(name, ty) for name in "xyz")
    plus, times = (t.var(name, t.fun(ty, ty, ty)) for name in ("plus", "times"))

    def law(left: Term, right: Term, *variables: Term) -> k.Theorem:
        th = k.assume(t.lams(variables, left), t.lams(variables, right))
        for v in variables:
            th = k.app(th, k.refl(v))
            th = k.trans(k.trans(k.sym(k.beta(th.left)), th), k.beta(th.right))
        return th

    def p(a: Term, b: Term) -> Term:
        return t.app(plus, a, b)

    def m(a: Term, b: Term) -> Term:
        return t.app(times, a, b)

    semiring = Semiring(
        Operation(plus, law(p(p(x, y), z), p(x, p(y, z)), x, y, z)),
        Operation(times, law(m(m(x, y), z), m(x, m(y, z)), x, y, z)),
        law(p(x, y), p(y, x), x, y),
        law(m(x, p(y, z)), p(m(x, y), m(x, z)), x, y, z),
        right=law(m(p(x, y), z), p(m(x, z), m(y, z)), x, y, z),
    )
    return semiring, p, m


def test_operations_that_are_variables() -> None:
    semiring, p, m = hypothetical()
    a, b, c, d = (t.var(name, t.type_variable("'m")) for name in "abcd")
    left, right = m(p(a, b), p(c, d)), p(p(m(b, d), m(a, d)), p(m(b, c), m(a, c)))
    th = semiring.equal(left, right)
    assert th is not None
    assert len(th.hypotheses) == 4  # associativity of the product is not needed
    check(th)
    assert semiring.equal(m(a, b), m(b, a)) is None
    assert semiring.equal(p(a, a), a) is None
    with pytest.raises(Unproved, match=r"hypotheses|not about its goal"):
        prove(goal(left, right), decide(semiring))


@cache
def booleans() -> Semiring:
    """or and and, with laws that the tautology tactic proves; false is their zero and true their one."""
    p, q, r = (t.var(name, t.BOOL) for name in "pqr")
    op = {name: t.const(name, t.fun(t.BOOL, t.BOOL, t.BOOL)) for name in ("or", "and")}

    def plus(a: Term, b: Term) -> Term:
        return t.app(op["or"], a, b)

    def times(a: Term, b: Term) -> Term:
        return t.app(op["and"], a, b)

    def law(left: Term, right: Term) -> k.Theorem:
        return prove(goal(left, right), tautology)

    return Semiring(
        Operation(op["or"], law(plus(plus(p, q), r), plus(p, plus(q, r)))),
        Operation(op["and"], law(times(times(p, q), r), times(p, times(q, r)))),
        law(plus(p, q), plus(q, p)),
        law(times(p, plus(q, r)), plus(times(p, q), times(p, r))),
        mul_comm=law(times(p, q), times(q, p)),
        idempotent=law(plus(p, p), p),
        zero=(law(plus(FALSE, p), p), law(times(FALSE, p), FALSE)),
        one=law(times(TRUE, p), p),
    )


def bags(shape: Any) -> frozenset[tuple[str, ...]]:
    """The set of products of a formula, each a sorted multiset of atoms."""
    if isinstance(shape, bool):
        return frozenset({()}) if shape else frozenset()
    if isinstance(shape, str):
        return frozenset({(shape,)})
    first, second = bags(shape[1]), bags(shape[2])  # type: ignore[index]
    return first | second if shape[0] == "or" else frozenset(tuple(sorted(p + q)) for p in first for q in second)  # type: ignore[index]


FORMULA = st.recursive(
    st.sampled_from("pqr") | st.booleans(),
    lambda inner: st.tuples(st.sampled_from(["or", "and"]), inner, inner),
    max_leaves=7,
)


@LAX
@given(FORMULA, FORMULA)
def test_truth_values_with_zero_and_one(
    term: Callable[..., Term], numeric: Callable[..., Any], one: Any, other: Any
) -> None:
    laws = booleans()
    a, b = term(one, t.BOOL), term(other, t.BOOL)
    th = laws.normal(a)
    for values in itertools.product((True, False), repeat=3):
        row = dict(zip((t.var(name, t.BOOL) for name in "pqr"), values, strict=True))
        assert numeric(th.left, row) == numeric(th.right, row)
    found = laws.equal(a, b)
    assert (found is not None) == (bags(one) == bags(other))
    if found is not None:
        check(found)


def test_laws_of_other_operations_are_refused() -> None:
    add = t.const("add", t.fun(t.INT, t.INT, t.INT))
    with pytest.raises(NoProof, match="not the associativity"):
        Operation(add, k.axiom("int.mul.assoc"))
    sums = Operation(add, k.axiom("int.add.assoc"))
    mixed = Semiring(sums, sums, k.axiom("int.mul.comm"), k.axiom("int.mul.add"))
    with pytest.raises(NoProof, match="another operation"):
        mixed.normal(A)


def test_truth_values_are_no_ring_by_default() -> None:
    with pytest.raises(Unproved, match="of type bool"):
        prove(goal(TRUE, FALSE), decide(polynomials(t.INT)))
    with pytest.raises(Unproved, match="changes nothing"):
        prove(goal(TRUE, FALSE), normal_form(polynomials(t.INT)))


# ---- linear arithmetic


LINEAR = shapes("add", "sub", leaves=4)
RELATION = st.tuples(st.sampled_from(["le", "lt", "="]), LINEAR, LINEAR, st.booleans())


def equation(term: Callable[..., Term], relation: Any) -> tuple[Term, Term]:
    name, a, b, truth = relation
    if name == "=":
        return term(a), term(b)
    return apply(name, term(a), term(b)), TRUE if truth else FALSE


def meaning(relation: Any, values: Mapping[str, Any]) -> Any:
    """In z3, or in Python's integers."""
    name, a, b, truth = relation
    x, y = (_value(s, values) for s in (a, b))
    if name == "=":
        return x == y
    result = x <= y if name == "le" else x < y
    if truth:
        return result
    return z3.Not(result) if isinstance(result, z3.BoolRef) else not result


def _value(shape: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(shape, str):
        return values[shape]
    if isinstance(shape, int):
        return shape
    a, b = _value(shape[1], values), _value(shape[2], values)  # type: ignore[index]
    return a + b if shape[0] == "add" else a - b  # type: ignore[index]


@settings(max_examples=80, deadline=None)
@given(st.lists(RELATION, max_size=4), RELATION)
def test_linear_goals_against_z3(term: Callable[..., Term], hypotheses: list[Any], wanted: Any) -> None:
    sequent = goal(*equation(term, wanted), *(equation(term, h) for h in hypotheses))
    solver = z3.Solver()
    variables = {name: z3.Int(name) for name in "abc"}
    for h in hypotheses:
        solver.add(meaning(h, variables))
    solver.add(z3.Not(meaning(wanted, variables)))
    true = solver.check() == z3.unsat
    try:
        theorem = prove(sequent, linear)
    except Unproved:
        # Small coefficients and an elimination with rounding: what holds over the integers is found.
        assert not true, f"z3 proves it: {sequent}"
    else:
        assert true, "a false goal is proved"
        check(theorem)


@pytest.mark.parametrize(
    ("left", "right", "hypotheses"),
    [
        (("le", ("add", "a", "a"), 0), True, [(("le", ("add", "a", "a"), 1), True)]),  # an even number
        (("lt", "a", "b"), False, [(("le", "b", "a"), True)]),
        (("le", ("mul", "a", "b"), ("mul", "b", "a")), True, []),  # products are variables
        (("le", 1, 2), True, []),
        (("le", 2, 1), False, []),
        ("c", "a", [(("and", ("le", "a", "b"), ("lt", "b", "a")), True)]),  # from a contradiction
        ("a", "b", [(("add", "a", "c"), ("add", "b", "c"))]),
    ],
)
def test_linear_goals(term: Callable[..., Term], left: Any, right: Any, hypotheses: list[Any]) -> None:
    sequent = goal(term(left), term(right), *((term(a), term(b)) for a, b in hypotheses))
    check(prove(sequent, linear))
    check(prove(Goal(sequent.hypotheses, sequent.right, sequent.left), linear))


def test_a_long_chain_of_inequalities() -> None:
    names = [t.var(f"x{i}", t.INT) for i in range(60)]
    chain = [(apply("le", a, b), TRUE) for a, b in itertools.pairwise(names)]
    check(prove(goal(apply("le", names[0], names[-1]), TRUE, *chain), linear))
    with pytest.raises(Unproved, match="do not decide"):
        prove(goal(apply("le", names[-1], names[0]), TRUE, *chain), linear)


def test_too_many_inequalities_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inequalities, "MOST_LINES", 2)
    hypotheses = [(apply("le", x, y), TRUE) for x, y in itertools.permutations((A, B, C), 2)]
    with pytest.raises(Unproved, match="more than 2 inequalities"):
        prove(goal(apply("le", A, literals.int_lit(0)), TRUE, *hypotheses), linear)


def test_what_is_no_comparison_is_left_alone() -> None:
    with pytest.raises(Unproved, match="no comparison"):
        prove(goal(t.var("p", t.BOOL), TRUE, (t.var("q", t.BOOL), TRUE)), linear)
