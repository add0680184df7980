"""What holds of the reals, under fp="reassoc", is no theorem about IEEE floats, and cannot be cut with one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hyperion as hp
from hyperion.evidence import judge
from hyperion.logic import kernel, literals
from hyperion.logic import terms as t
from hyperion.logic.proof import file_of

F64, F32 = t.type_of("f64"), t.type_of("f32")
A, B, C = (t.var(n, t.REAL) for n in "abc")
X, Y, Z = (t.var(n, F64) for n in "xyz")


def real(name: str, *arguments: t.Term) -> t.Term:
    return t.app(t.const(name, t.SIGNATURE[name]), *arguments)


REGROUPED = [["axiom", "real.radd.assoc"]]
CUTS: dict[str, list[list[Any]]] = {
    "a float for a real": [*REGROUPED, ["inst", [[A, X]], 0]],
    "floats as a type": [*REGROUPED, ["insttype", [["real", F64]], 0]],
    "reals as floats' type": [["refl", real("fadd.f64", X, Y)], ["insttype", [["f64", t.REAL]], 0]],
    "an equation across both": [["assume", X, A]],
    "a float operation of reals": [["refl", t.const("fadd.f64", t.SIGNATURE["fadd.f64"])], ["refl", A], ["app", 0, 1]],
    "a real operation of floats": [["refl", t.const("radd", t.SIGNATURE["radd"])], ["refl", X], ["app", 0, 1]],
    "transitivity across both": [["refl", literals.real_lit(literals.Fraction(1))],
                                 ["refl", literals.float_lit("f64", 1.0)], ["trans", 0, 1]],
    "a hypothesis across both": [["axiom", "real.radd.comm"], ["assume", real("fadd.f64", X, Y),
                                                                real("fadd.f64", Y, X)],
                                 ["cut", 0, 1]],
    "an axiom that regroups floats": [["axiom", "f64.fadd.assoc"]],
    "float addition named as real": [["axiom", "real.fadd.assoc"]],
    "f32 for f64": [["refl", X], ["inst", [[X, t.var("x", F32)]], 0]],
    "one choice of both": [["refl", t.const("cond", t.fun(t.BOOL, t.REAL, t.REAL, t.REAL))], ["refl", kernel.TRUE],
                           ["app", 0, 1], ["refl", X], ["app", 2, 3]],
}  # fmt: skip


@pytest.mark.parametrize("what", CUTS)
def test_reals_and_floats_do_not_meet(what: str, attack: Callable[..., Any]) -> None:
    assert attack(CUTS[what]).agreed is None


def test_no_axiom_speaks_of_floats_and_reals() -> None:
    for name, (hypotheses, left, right) in kernel.AXIOMS.items():
        sides = [side for equation in (*hypotheses, (left, right)) for side in equation]
        types = {u.type.name for side in sides for u in t.subterms(side)} & {"real", "f16", "f32", "f64"}
        assert len(types) < 2, name
    assert not {
        f"{kind}.{law}" for kind in ("f16", "f32", "f64") for law in ("fadd.assoc", "fmul.assoc", "fmul.add")
    } & (kernel.AXIOMS.keys())


def test_regrouping_floats_is_refuted_by_computing(attack: Callable[..., Any]) -> None:
    """(0.1 + 0.2) + 0.3 and 0.1 + (0.2 + 0.3), rounded, are two literals."""
    a, b, c = (literals.float_lit("f64", v) for v in (0.1, 0.2, 0.3))
    left = attack([["compute", real("fadd.f64", a, b)]]).theorem.right
    right = attack([["compute", real("fadd.f64", b, c)]]).theorem.right
    one, other = (attack([["compute", real("fadd.f64", *x)]]).agreed[1] for x in ((left, c), (a, right)))
    assert one != other


def total(xs):  # type: ignore[no-untyped-def]  what a user writes
    s = 0.0
    for x in xs:
        s = s + x
    return s


def derived(instance: hp.Instance, fp: str, xs: Any) -> Any:
    (function,) = instance.compile(total, arguments=(xs,), fp=fp).values()
    return function.derivation


def test_a_relaxed_theorem_proves_nothing_strict() -> None:
    """The gate: the proof that regroups the relaxed sum, offered for the strict one, whole and as a file."""
    with hp.Instance() as instance:
        relaxed, strict = (derived(instance, fp, np.arange(4.0)) for fp in ("reassoc", "ieee"))
        assert relaxed.verdict.checked
        assert not strict.parallel
        for proof in (relaxed.theorem, file_of(relaxed.theorem)):
            for source, target in (
                (strict.source, relaxed.chosen), (strict.source, strict.chosen), (relaxed.chosen, strict.source),
                (relaxed.source, strict.source),
            ):  # fmt: skip
                assert not judge(source, target, proof, instance.policy).checked
            assert judge(relaxed.source, relaxed.chosen, proof, instance.policy).checked


def test_a_relaxed_theorem_of_one_format_proves_nothing_of_another() -> None:
    """Both denote reals; the formats that are computed in must agree all the same."""
    with hp.Instance() as instance:
        double, single = (derived(instance, "reassoc", np.arange(4, dtype=ty)) for ty in (np.float64, np.float32))
        assert double.verdict.checked
        assert single.verdict.checked
        for one, other in ((double, single), (single, double)):
            for proof in (one.theorem, other.theorem):
                assert not judge(one.source, other.chosen, proof, instance.policy).checked
