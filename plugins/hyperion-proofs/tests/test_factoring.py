"""Distributivity: what all summands have in common is multiplied once, and the sums are plain Python's."""

from __future__ import annotations

from typing import Any  # conftest's classes, which a test cannot import

import numpy as np
import pytest

import hyperion as hp
from hyperion.ir.function import Equation, Program, walk
from hyperion.ir.parser import parse_program
from hyperion.logic.checking import check
from hyperion.logic.denote import denote
from hyperion.logic.terms import digest
from hyperion_interp.interpreter import interpret
from hyperion_proofs.strategies import ParallelReduction

LOOP = """func @loop(%xs: {kind}[n], %a: {kind}, %b: {kind}) -> {kind} {{
  %zero = const {zero} : {kind}
  %r = fold (%xs), (%a) {{
    ^(%x: {kind}, %s: {kind}):
      {body}
  }}
  return %r
}}"""
ADD = "%y = add.wrap %s, %t : i64\n yield %y"
PRODUCT = "%t = mul.wrap %a, %x : i64\n"


def reduced(source: Any) -> tuple[Any, Equation]:
    (found,) = (c for c in ParallelReduction().derive(source) if not hasattr(c, "reason"))
    checked = check(found.theorem)
    assert (checked.left, checked.right) == (digest(denote(source)), digest(denote(found.function)))
    (reduce,) = (e for e in walk(found.function.equations) if e.op == "par.reduce")
    return found.function, reduce


@pytest.mark.parametrize(
    ("body", "products"),
    [
        (PRODUCT + ADD, (0, 1)),
        ("%t1 = mul.wrap %a, %x : i64\n%t2 = mul.wrap %b, %x : i64\n%t = add.wrap %t1, %t2 : i64\n" + ADD, (0, 1)),
        ("%t1 = mul.wrap %a, %x : i64\n%t2 = mul.wrap %x, %x : i64\n%t = mul.wrap %t1, %t2 : i64\n" + ADD, (2, 1)),
        ("%t1 = mul.wrap %a, %x : i64\n%t2 = mul.wrap %x, %x : i64\n%t = sub.wrap %t1, %t2 : i64\n" + ADD, (2, 0)),
        ("%c = lt %zero, %x\n%t = select %c, %a, %zero : i64\n" + ADD, (0, 1)),
        ("%t = mul.wrap %s, %a : i64\n%y = add.wrap %t, %x : i64\nyield %y", None),  # no plain sum
    ],
    ids=range(6),
)
def test_a_factor_goes_out_of_a_sum(body: str, products: tuple[int, int] | None) -> None:
    program = parse_program(LOOP.format(kind="i64", zero="0", body=body))
    function, reduce = reduced(program.main)
    lift, _, act = (sum(e.op == "mul.wrap" for e in region.equations) for region in reduce.regions[:3])
    assert products is None or (lift, act) == products
    for xs in ([], [5], [2**62, -3, 7, 2**63 - 1, -(2**63)], list(range(-20, 200))):
        for a, b in ((3, -2), (2**62 + 1, 2**40), (0, 1)):
            arguments: list[Any] = [xs, a, b]
            assert interpret(Program({"loop": function}, "loop"), arguments) == interpret(program, arguments)


def test_floats_that_may_be_regrouped(tmp_path: Any) -> None:
    def weighted(xs, a, b):
        s = 0.0
        for x in xs:
            s += a * x + b * x
        return s

    with hp.Instance(config={"home": str(tmp_path)}) as instance:
        function = hp.jit(weighted, instance=instance, fp="reassoc", budget=60)
        xs = np.random.default_rng(3).normal(size=10_000)
        assert "s + (a + b)*A" in str(function.explain(xs, 2.0, 3.0).theorem)
        assert function(xs, 2.0, 3.0) == pytest.approx(5 * xs.sum(), rel=1e-12)
        assert np.isnan(function(xs, float("inf"), float("-inf")))
        assert function(np.array([1e308, 1e308]), 0.25, 0.25) == 1e308  # the sum of the elements alone is not finite
