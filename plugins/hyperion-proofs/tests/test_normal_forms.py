"""Normal forms decide equality of polynomials, and every theorem about them holds in numbers and in the checker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hyperion.ir.types import I8
from hyperion.logic import literals, modular
from hyperion.logic import terms as t
from hyperion.logic.checking import check
from hyperion.logic.definitions import apply
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import INTEGERS, REALS, Ring
from hyperion.logic.terms import Term
from hyperion_proofs.tropical import MAX_PLUS, MIN_PLUS, Tropical

Numeric = Callable[[Term, Mapping[Term, Any]], Any]
Polynomial = dict[tuple[str, ...], int]

NAMES = "abc"
SHAPE = st.recursive(
    st.sampled_from(NAMES) | st.integers(-3, 3),
    lambda inner: st.tuples(st.sampled_from(["add", "sub", "mul"]), inner, inner) | st.tuples(st.just("neg"), inner),
    max_leaves=7,
)
SETTINGS = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def term(shape: Any, ring: Ring) -> Term:
    if isinstance(shape, str):
        return t.var(shape, ring.type)
    if isinstance(shape, int):
        return ring.literal(shape)
    op, *rest = shape
    names = {"add": ring.add, "sub": ring.sub, "mul": ring.mul, "neg": ring.neg}
    return ring.op(names[op], *(term(r, ring) for r in rest))


def expand(shape: Any) -> Polynomial:
    """The polynomial as a map from products to coefficients, independent of the normaliser."""
    if isinstance(shape, str):
        return {(shape,): 1}
    if isinstance(shape, int):
        return {(): shape} if shape else {}
    op, *rest = shape
    first = expand(rest[0])
    if op == "neg":
        return {p: -c for p, c in first.items()}
    second = expand(rest[1])
    result: Polynomial = {}
    if op == "mul":
        pairs = [(tuple(sorted(p + q)), c * d) for p, c in first.items() for q, d in second.items()]
    else:
        pairs = [*first.items(), *((q, d if op == "add" else -d) for q, d in second.items())]
    for p, c in pairs:
        result[p] = result.get(p, 0) + c
    return {p: c for p, c in result.items() if c}


def rebuilt(polynomial: Polynomial, random: Random) -> Any:
    """Another expression of the same polynomial: monomials and factors in another order."""
    monomials: list[Any] = []
    for product, c in polynomial.items():
        factors: list[Any] = [*product, c]
        random.shuffle(factors)
        whole = factors[0]
        for f in factors[1:]:
            whole = ("mul", whole, f) if random.random() < 0.5 else ("mul", f, whole)
        monomials.append(whole)
    random.shuffle(monomials)
    total: Any = 0
    for m in monomials:
        total = ("add", total, m) if random.random() < 0.5 else ("add", m, total)
    return total


def assert_holds(th: Theorem, numeric: Numeric, random: Random) -> None:
    assert not th.hypotheses
    for _ in range(3):
        values = {v: random.randint(-128, 127) for v in th.left.free | th.right.free}
        assert numeric(th.left, values) == numeric(th.right, values)
    check(th)


@pytest.mark.parametrize("ring", [INTEGERS, REALS], ids=["int", "real"])
@given(shape=SHAPE, random=st.randoms(use_true_random=False))
@SETTINGS
def test_equal_polynomials_are_proved_equal(ring: Ring, shape: Any, random: Random, numeric: Numeric) -> None:
    polynomial = expand(shape)
    left, right = term(shape, ring), term(rebuilt(polynomial, random), ring)
    th = ring.equal(left, right)
    assert th is not None
    assert (th.left, th.right) == (left, right)
    assert_holds(th, numeric, random)


@given(first=SHAPE, second=SHAPE)
@SETTINGS
def test_polynomials_are_proved_equal_only_if_they_are(first: Any, second: Any) -> None:
    th = INTEGERS.equal(term(first, INTEGERS), term(second, INTEGERS))
    assert (th is not None) == (expand(first) == expand(second))
    other = ("add", first, 1)
    assert INTEGERS.equal(term(first, INTEGERS), term(other, INTEGERS)) is None


@pytest.mark.parametrize("ring", [INTEGERS, REALS], ids=["int", "real"])
@given(shape=SHAPE)
@SETTINGS
def test_a_polynomial_in_normal_form_stays(ring: Ring, shape: Any) -> None:
    th = ring.normal(term(shape, ring))
    assert th is None or ring.normal(th.right) is None


TROPICAL = st.recursive(
    st.sampled_from(NAMES) | st.integers(-3, 3),
    lambda inner: st.tuples(st.sampled_from(["plus", "plus", "add"]), inner, inner),
    max_leaves=7,
)


def tropical_term(shape: Any, semiring: Tropical) -> Term:
    if not isinstance(shape, tuple):
        return term(shape, INTEGERS)
    op, a, b = shape
    return apply(semiring.plus if op == "plus" else "add", tropical_term(a, semiring), tropical_term(b, semiring))


def shuffled(shape: Any, random: Random) -> Any:
    """The same by commutativity, idempotence and distributivity."""
    if not isinstance(shape, tuple):
        return ("plus", shape, shape) if random.random() < 0.2 else shape
    op, a, b = shape
    if op == "add" and isinstance(b, tuple) and b[0] == "plus":
        return ("plus", shuffled(("add", a, b[1]), random), shuffled(("add", a, b[2]), random))
    a, b = shuffled(a, random), shuffled(b, random)
    return (op, a, b) if random.random() < 0.5 else (op, b, a)


@pytest.mark.parametrize("semiring", [MAX_PLUS, MIN_PLUS], ids=["max", "min"])
@given(shape=TROPICAL, random=st.randoms(use_true_random=False))
@SETTINGS
def test_rearranged_maxima_are_proved_equal(semiring: Tropical, shape: Any, random: Random, numeric: Numeric) -> None:
    left, right = tropical_term(shape, semiring), tropical_term(shuffled(shape, random), semiring)
    th = semiring.equal(left, right)
    assert th is not None
    assert_holds(th, numeric, random)
    normal = semiring.normal(left)
    assert normal is None or semiring.normal(normal.right) is None


@given(first=TROPICAL, second=TROPICAL, random=st.randoms(use_true_random=False))
@SETTINGS
def test_maxima_are_proved_equal_only_if_they_are(first: Any, second: Any, random: Random, numeric: Numeric) -> None:
    th = MAX_PLUS.equal(tropical_term(first, MAX_PLUS), tropical_term(second, MAX_PLUS))
    if th is not None:
        assert_holds(th, numeric, random)


def word_term(shape: Any, inside: bool, random: Random | None) -> Term:
    """The integer of a shape over i8 words, reduced at random places inside."""
    if isinstance(shape, str):
        e = apply("toZ.i8", t.var(shape, t.type_of("i8")))
    elif isinstance(shape, int):
        e = literals.int_lit(shape)
    else:
        op, *rest = shape
        e = apply(op, *(word_term(r, True, random) for r in rest))
    if inside and random is not None and random.random() < 0.4:
        return apply("toZ.i8", apply("ofZ.i8", e))
    return e


@given(shape=SHAPE, random=st.randoms(use_true_random=False))
@SETTINGS
def test_inner_reductions_vanish_modulo(shape: Any, random: Random, numeric: Numeric) -> None:
    left = apply("ofZ.i8", word_term(shape, False, random))
    right = apply("ofZ.i8", word_term(rebuilt(expand(shape), random), False, random))
    th = modular.equal(left, right)
    assert th is not None
    assert_holds(th, numeric, random)
    values = {v: random.randint(-128, 127) for v in left.free}
    assert I8.contains(numeric(left, values))
    normal = modular.normal(left)
    assert normal is None or modular.normal(normal.right) is None
