"""Which reductions may be bracketed, and which keep the order of the ranks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hyperion.errors import DeviceError
from hyperion.interfaces.network import Reduction
from hyperion.ir.monoids import monoid
from hyperion.ir.types import scalar_types
from hyperion.logic import kernel
from hyperion.logic.associative import associativity
from hyperion.logic.checking import check
from hyperion.logic.denote import denote
from hyperion.logic.derived import NoProof
from hyperion.logic.proof import file_of
from hyperion.policy import Policy
from hyperion.reductions import Believed, in_order, law, proved

WORDS = ("i8", "i16", "i32", "i64", "i128", "u8", "u16", "u32", "u64")
BY_AXIOMS = [
    *((op, w) for op in ("add.wrap", "mul.wrap", "max", "min", "and", "or", "xor") for w in WORDS),
    *((op, "bool") for op in ("and", "or", "xor")),
    *((op, f) for op in ("maximum", "minimum", "maxnum", "minnum") for f in ("f16", "f32", "f64")),
]


def test_a_reduction_says_how_it_goes() -> None:
    assert str(in_order("add", "f64")) == "add on f64, in order"
    made = proved("max", "i64")
    assert str(made) == f"max on i64, theorem {made.theorem[:12]}"
    assert made == proved("max", "i64")
    assert made != in_order("max", "i64")


@pytest.mark.parametrize(("op", "dtype"), BY_AXIOMS)
def test_the_axioms_prove_it(op: str, dtype: str) -> None:
    left, right = law(op, dtype)
    theorem = associativity(denote(left.main), denote(right.main))
    assert (theorem.left, theorem.right) == (denote(left.main), denote(right.main))
    assert not theorem.hypotheses
    assert not theorem.oracles
    found = monoid(op, scalar_types()[dtype])
    assert found is not None
    assert "associative" in found.laws


def test_the_checker_accepts_one_of_each_kind() -> None:
    for op, dtype in (("mul.wrap", "i128"), ("min", "u8"), ("xor", "i64"), ("or", "bool"), ("maxnum", "f32")):
        how = proved(op, dtype)
        assert how.proof is not None
        assert check(how.proof).hypotheses == 0


@pytest.mark.parametrize(
    ("op", "dtype", "why"),
    [
        ("add", "f64", "with x = 1.0, y = 1.0, z = 9007199254740992.0: add(add(x, y), z) is 9007199254740994.0"),
        ("add", "c64", "with x = (1+0j), y = (1.15"),
        ("add.trap", "i64", "add.trap(add.trap(x, y), z) is a trap, add.trap(x, add.trap(y, z)) is 0"),
        ("add.trap", "u8", "the operation may trap"),
        ("add.sat", "i8", "with x = 1, y = 127, z = -128"),
        ("add.sat", "u8", "the axioms alone do not say so"),
        ("sub.wrap", "i64", "with x = 0, y = 0, z = 1"),
        ("maximum", "bf16", "the axioms alone do not say so"),
    ],
)
def test_what_is_not_proved_is_refused_with_numbers_where_they_break_it(op: str, dtype: str, why: str) -> None:
    with pytest.raises(DeviceError) as caught:
        proved(op, dtype)
    assert caught.value.code == "HY5203"
    assert f"it is not proved that {op} associates on {dtype}" in caught.value.message
    assert why in caught.value.notes[0]
    assert f'reductions.in_order("{op}", "{dtype}")' in caught.value.hints[0]


@pytest.mark.parametrize(
    ("op", "dtype"),
    [("lt", "i64"), ("neg", "f64"), ("nothing", "i64"), ("add", "i64"), ("add", "real"), ("add", "x"), ("fold", "i64")],
)
def test_what_is_no_operation_on_two_values_is_refused(op: str, dtype: str) -> None:
    for make in (in_order, proved):
        with pytest.raises(DeviceError, match=f"which {op} on {dtype} is not") as caught:
            make(op, dtype)
        assert caught.value.code == "HY5204"


def test_a_proof_of_anothers_is_judged() -> None:
    left, right = law("max", "i32")
    theorem = associativity(denote(left.main), denote(right.main))
    assert proved("max", "i32", theorem) == proved("max", "i32")
    assert proved("max", "i32", file_of(theorem)) == proved("max", "i32")
    for proof, why in (
        (kernel.sym(theorem), "left side"),
        (kernel.refl(theorem.left), "right side"),
        (kernel.oracle("guess", (), theorem.left, theorem.right), "guess"),
        (proved("max", "i64").proof, "left side"),
        (kernel.assume(theorem.left, theorem.right), "1 hypotheses"),
    ):
        with pytest.raises(DeviceError, match="HY5203") as caught:
            proved("max", "i32", proof)
        assert why in caught.value.notes[0]


def test_an_oracle_counts_where_policy_says_so() -> None:
    left, right = law("add.sat", "u8")
    guess = kernel.oracle("guess", (), denote(left.main), denote(right.main))
    assert proved("add.sat", "u8", guess, Policy(oracles=frozenset({"guess"}))).theorem


def test_a_theorem_is_believed_only_where_its_proof_was_seen() -> None:
    how, believed = proved("add.wrap", "i64"), Believed(Policy())
    bare = replace(how, proof=None)
    with pytest.raises(DeviceError, match="HY5203") as caught:
        believed.check(bare)
    assert caught.value.notes == ("no theorem was given",)
    believed.check(how)
    believed.check(bare)  # what it says was shown
    for forged in (Reduction("add", "f64", how.theorem, how.proof), Reduction("add.wrap", "i64", "0" * 64, how.proof)):
        with pytest.raises(DeviceError, match=r"HY5203: theorem .* does not say that add"):
            believed.check(forged)
    with pytest.raises(DeviceError, match="HY5204"):
        believed.check(Reduction("lt", "i64"))


def test_no_proof_for_what_does_not_associate() -> None:
    for op in ("sub.wrap", "add.sat"):
        left, right = law(op, "i64")
        with pytest.raises(NoProof):
            associativity(denote(left.main), denote(right.main))
