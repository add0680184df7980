"""Nothing that a file says of its functions is believed: proofs are checked for exactly the IR in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

import hyperion as hp
from hyperion.errors import ModuleError, ProofError
from hyperion.ir.parser import parse_program
from hyperion.module import Limits
from hyperion.module.module import Module
from hyperion.testing.forged_modules import (
    PARALLEL,
    WRONG,
    code_of,
    edited,
    forged,
    never_compiled,
    section,
    with_section,
)
from hyperion.testing.module_samples import TOTAL, sample_module


def test_a_proof_is_checked_again(sample: bytes, reader: hp.Instance) -> None:
    proof = json.loads(section(sample, b"PRF"))
    for change in (
        lambda p: p["steps"].append(["axiom", "everything.is.true"]),
        lambda p: p["steps"].append(["sym", 99]),
        lambda p: p["steps"].clear(),
        lambda p: p.update(version=2),
        lambda p: p["terms"].pop(0),
    ):
        changed = json.loads(json.dumps(proof))
        change(changed)
        data = with_section(sample, b"PRF", json.dumps(changed, separators=(",", ":")).encode() + b"\n")
        with pytest.raises(ModuleError, match=r"HY3011: the proof of 'total' is rejected: HY7001") as caught:
            reader.load(data)
        assert "rejected=" in str(caught.value)
        loaded = reader.load(data, rejected="as-written")
        explanation = loaded["total"].explain()
        assert (explanation.checked, explanation.theorem) == (False, None)
        assert loaded["total"].derivation.chosen is loaded["total"].derivation.source
        assert explanation.refusals[-1].strategy == "module file"


@pytest.mark.parametrize("rewritten", [False, True])
@pytest.mark.parametrize(
    ("source", "chosen", "statement", "reason"),
    [
        (TOTAL, WRONG, TOTAL, "right side is not what the compiled function denotes"),
        (WRONG, TOTAL, TOTAL, "left side is not what the source function denotes"),
        (TOTAL, WRONG, WRONG, "left side is not what the source function denotes"),
        (TOTAL, TOTAL.replace("i64", "i32"), TOTAL, "other parameter types"),
    ],
)
def test_a_true_proof_of_something_else_is_refused(
    source: str, chosen: str, statement: str, reason: str, rewritten: bool, reader: hp.Instance
) -> None:
    data = forged(source, chosen, statement, rewritten)
    with pytest.raises(ModuleError, match=rf"HY3011(.|\n)*{reason}"):
        reader.load(data)
    assert not reader.load(data, rejected="as-written")["total"].explain().checked


def test_passes_prove_by_the_same_term(reader: hp.Instance) -> None:
    old = sample_module()["total"].derivation
    renamed = parse_program(TOTAL.replace("%sum", "%all"))
    for chosen, taken in ((renamed, True), (parse_program(WRONG), False)):
        new = replace(old, chosen=chosen, theorem=None, equality=None)
        data = Module({"total": never_compiled(new)}).to_bytes()
        if taken:
            assert reader.load(data)["total"].derivation.chosen == chosen
        else:
            with pytest.raises(ModuleError, match=r"HY3011(.|\n)*nothing shows that it means what its source does"):
                reader.load(data)


def test_passes_without_proof_need_the_policy(reader: hp.Instance) -> None:
    old = sample_module()["total"].derivation
    new = replace(old, chosen=parse_program(WRONG), theorem=None, equality=None, unproved=("wild",))
    data = Module({"total": never_compiled(new)}).to_bytes()
    with pytest.raises(ModuleError, match=r"HY3011(.|\n)*changed without proof by wild"):
        reader.load(data)
    with hp.Instance(plugins=[], config={"unproved_passes": ("wild",)}) as lenient:
        explanation = lenient.load(data)["total"].explain()
    assert (explanation.unproved, explanation.checked) == (("wild",), False)


def test_nothing_parallel_without_a_theorem(instance: hp.Instance) -> None:
    for data in (
        forged(PARALLEL, PARALLEL, PARALLEL),
        forged(TOTAL, PARALLEL, TOTAL),
        forged(TOTAL, PARALLEL, PARALLEL),
    ):
        with pytest.raises(ModuleError, match="HY3011"):
            instance.load(data)
    as_written = instance.load(forged(TOTAL, PARALLEL, TOTAL), rejected="as-written")
    assert as_written["total"]([1, 2]) == 3
    with pytest.raises(ProofError, match="HY7020"):  # the source itself is parallel: the gate before code refuses it
        instance.load(forged(PARALLEL, PARALLEL, PARALLEL), rejected="as-written")["total"]([1, 2])


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.update(left="0" * 64),
        lambda t: t.update(axioms=["int.add.comm"]),
        lambda t: t.update(oracles=["trust me"]),
    ],
)
def test_what_the_file_says_of_a_theorem_is_compared(
    change: Callable[[Any], object], sample: bytes, reader: hp.Instance
) -> None:
    data = edited(sample, b"THM", lambda v: change(v["functions"][0]["theorem"]))
    assert code_of(lambda: reader.load(data)) == "HY3011"


def test_proofs_have_limits(sample: bytes, reader: hp.Instance) -> None:
    fresh = sample_module().to_bytes()
    assert code_of(lambda: reader.load(fresh, limits=Limits(proof_equations=1))) == "HY3007"
    assert code_of(lambda: reader.load(fresh, limits=Limits(proof_bytes=9))) == "HY3007"
    assert code_of(lambda: reader.load(fresh, limits=Limits(proof_terms=2))) == "HY3011"


def test_invalid_ir_is_refused(reader: hp.Instance) -> None:
    bad = parse_program("func @total(%x: i64) -> i64 { return %x }")
    main = replace(bad.main, results=())
    old = sample_module()["total"].derivation
    invalid = replace(bad, functions={"total": replace(main, equations=(_unknown_operand(),))})
    new = replace(old, source=invalid, chosen=invalid, theorem=None, equality=None)
    data = Module({"total": never_compiled(new)}).to_bytes()
    with pytest.raises(ModuleError, match=r"HY3013: the module's IR is not valid(.|\n)*HY60"):
        reader.load(data)


def _unknown_operand() -> Any:
    return (
        parse_program("func @f(%x: i64) -> i64 { %y = add.wrap %x, %x : i64 return %y }")
        .main.equations[0]
        .__class__((), "add.wrap", ())
    )
