"""0 = 1 is attempted in every theory, and found as soon as an axiom is false."""

from __future__ import annotations

import os

import pytest

from hyperion.logic import literals, theory
from hyperion.logic.kernel import AXIOMS, Sequent
from hyperion_proofs.theories.consistency import Contradiction, contradiction
from hyperion_proofs.theories.core import THEORIES

ALL = os.environ.get("HYPERION_VALIDATE") == "all"
WITH_AXIOMS = sorted(name for name, theory_ in THEORIES.items() if theory_.records)
# The axioms of machine types differ in a width only: outside a full run, these speak for all.
SOME = ("i8.", "u8.", "f32.")
FAMILIES = ("i16.", "i32.", "i64.", "i128.", "u16.", "u32.", "u64.", "f16.", "f64.")


def axioms_of(name: str) -> dict[str, Sequent]:
    """The axioms of a theory and of those that it builds on."""
    below = {"words": {"integers"}, "bits": {"integers"}}.get(name, set[str]())
    names = {a for each in {name, "booleans"} | below for a in THEORIES[each].records}
    return {a: AXIOMS[a] for a in sorted(names) if ALL or not a.startswith(FAMILIES)}


def read(binders: str, equation: str, hypothesis: str = "") -> Sequent:
    text = f"(axiom false ({binders}) ({hypothesis}) {equation})"
    return theory.load(text)["false"]


@pytest.mark.parametrize("name", WITH_AXIOMS)
def test_no_contradiction_follows_from_the_axioms(name: str) -> None:
    assert contradiction(axioms_of(name), most=60 if ALL else 10) is None


FALSE = {
    "integers": [
        read("(a int) (b int)", "(= (sub a b) (sub b a))"),
        read("(a int)", "(= (add a 1) a)"),
        read("(a int) (b int)", "(= (le a b) true)"),
        read("(a int) (m int)", "(= (mod a m) a)"),
        read("(a int) (b int)", "(= a b)", "(= (le a b) true)"),
        read("(n int)", "(= (pow2 n) (add 1 n))"),
    ],
    "booleans": [
        read("(p bool)", "(= p true)"),
        read("(a 'a) (b 'a)", "(= (cond true a b) b)"),
        read("(p bool) (q bool)", "(= (or p q) (xor p q))"),
    ],
    "floats": [
        read("(x f32)", "(= (fadd.f32 x (float f32 0)) x)"),
        read("(x f32)", "(= (fsub.f32 x x) (float f32 0))"),
        read("(x f32)", "(= (fmul.f32 x (float f32 0)) (float f32 0))"),
        read("(x f32)", "(= (feq.f32 x x) true)"),
        read("(x f32) (y f32)", "(= x y)", "(= (feq.f32 x y) true)"),
    ],
    "words": [
        read("(z int)", "(= (toZ.i8 (ofZ.i8 z)) z)"),
        read("(z int)", "(= (inr.u8 z) true)"),
        read("(x i8)", "(= (within 127 (toZ.i8 x)) true)"),
    ],
    "bits": [
        read("(x i8) (y i8) (i int)", "(= (bit.i8 (band.i8 x y) i) (or (bit.i8 x i) (bit.i8 y i)))"),
        read("(x i8) (y i8)", "(= x y)", "(= (bit.i8 x 0) (bit.i8 y 0))"),
        read("(x u8) (i int)", "(= (bit.u8 (ofZ.u8 (neg (toZ.u8 x))) i) (not (bit.u8 x i)))"),
    ],
    "reals": [read("(a real)", "(= (radd a a) a)")],
    "outcomes": [
        read("(f (fun 'a 'b)) (u 'b) (v 'b)", "(= (outcase (the trap (outcome 'a)) f u v) v)"),
        read("", "(= (the trap (outcome int)) (the diverge (outcome int)))"),
        read("(x 'a) (y 'a)", "(= (ok x) (ok y))"),
    ],
    "lists": [
        read(
            "(n 'b) (c (fun 'a (list 'a) 'b 'b)) (x 'a) (xs (list 'a))",
            "(= (listrec n c (cons x xs)) n)",
        ),
    ],
    "naturals": [read("(n nat)", "(= (suc n) n)")],
}


@pytest.mark.parametrize(("name", "false"), [(name, s) for name, statements in FALSE.items() for s in statements])
def test_a_contradiction_is_found_when_an_axiom_is_false(name: str, false: Sequent) -> None:
    found = contradiction({**axioms_of(name), "false": false}, most=16)
    assert isinstance(found, Contradiction)
    assert found.left is not found.right


def test_every_theory_with_axioms_is_tried_with_a_false_one() -> None:
    assert sorted(FALSE) == WITH_AXIOMS


def test_minus_zero_nan_and_one_are_different_values() -> None:
    zero, minus, nan, one = (literals.float_lit("f32", x) for x in (0.0, -0.0, float("nan"), 1.0))
    for a, b in ((zero, minus), (nan, zero), (one, zero)):
        found = contradiction({"false": (frozenset(), a, b)})
        assert found == Contradiction(a, b, "false")
    assert contradiction({"true": (frozenset(), nan, literals.float_bits("f32", "ffc00000"))}) is None
