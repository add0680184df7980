"""Every total op inside parallel regions, on vectors of lanes: the same bits as the interpreter."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from hyperion.errors import HyperionError
from hyperion.ir.ops import OPS, infer, is_scalar_op
from hyperion.ir.parser import parse_program
from hyperion.ir.types import FloatType, IntType, Type, scalar_types
from hyperion_cpu.target import CpuTarget
from hyperion_llvm.lowering import scalar_emitters

reference = pytest.importorskip("hyperion_interp.interpreter")

TYPES = [scalar_types()[name] for name in ("bool", "i8", "i64", "u64", "f32", "f64")]
TOTAL = [
    n for n in scalar_emitters() if is_scalar_op(n) and not OPS[n].traps and n not in ("floordiv", "mod", "select")
]
JOIN = {FloatType: "add", IntType: "xor"}

TEXT = """
func @f(%xs: {kind}[n], %c: {kind}, %s0: {result}) -> {result} {{
  %r = par.reduce (%xs), (%s0) {{lanes = 4, piece = 40}} {{
    ^(%x: {kind}):
      %y = {op} {operands} : {result}
      yield %y
  }} {{
    ^(%a: {result}, %b: {result}):
      %j = {join} %b, %a : {result}
      yield %j
  }} {{
    ^(%m: {result}, %s: {result}):
      %t = {join} %s, %m : {result}
      yield %t
  }}
  return %r
}}
"""


def uses(op: str) -> list[tuple[str, Type, Type]]:
    """Ways to use the op on an element and a captured scalar: operands, element type, result type."""
    found: list[tuple[str, Type, Type]] = []
    for kind, operands in itertools.product(TYPES, (("%x",), ("%x", "%c"))):
        for hint in TYPES if op.startswith("cast") else (None,):
            try:
                (result,) = infer(op, (kind,) * len(operands), (), hint)
            except HyperionError:
                continue
            found.append((", ".join(operands), kind, result))
    return found


def scalar(kind: Type) -> object:
    return 1.25 if isinstance(kind, FloatType) else 3 if isinstance(kind, IntType) else True


def elements(kind: Type) -> np.ndarray[Any, Any]:
    source = np.random.default_rng(7)
    if isinstance(kind, FloatType):
        return source.normal(size=700).astype(f"f{kind.width // 8}")
    if isinstance(kind, IntType):
        dtype = f"{str(kind)[0]}{kind.width // 8}"
        return source.integers(0, 256, 700 * kind.width // 8, dtype="u1").view(dtype)
    return source.integers(0, 2, 700).astype(bool)


@pytest.mark.parametrize("op", TOTAL)
def test_total_ops_on_lanes(op: str) -> None:
    for operands, kind, result in uses(op):
        join = JOIN.get(type(result), "xor")
        program = parse_program(TEXT.format(kind=kind, op=op, operands=operands, result=result, join=join))
        xs = elements(kind)
        arguments = (xs, scalar(kind), scalar(result))
        assert repr((CpuTarget().compile(program)(*arguments),)) == repr(reference.interpret(program, arguments)), kind
