"""floordiv and mod of `int` compute in 32, 64 or 128 bits, by where the operands lie, with scalars and vectors."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from hyperion.ir.parser import parse_program
from hyperion.ir.types import IntType, scalar_types
from hyperion_cpu.target import CpuTarget

SCALAR = """
func @f(%a: {kind}, %b: {kind}, %d: {divisor}) -> i64 {{
  %x = cast %a : int
  %y = cast %b : int
  %p = mul %x, %y : int
  %m = {m}
  %r = {op} %p, %m : int
  %z = cast.wrap %r : i64
  return %z
}}
"""
VECTOR = """
func @f(%xs: {kind}[n], %d: {divisor}, %s0: u64) -> u64 {{
  %r = par.reduce (%xs), (%s0) {{lanes = 8, piece = 40}} {{
    ^(%v: {kind}):
      %x = cast %v : int
      %m = {m}
      %q = {op} %x, %m : int
      %y = cast.wrap %q : u64
      yield %y
  }} {{
    ^(%a: u64, %b: u64):
      %j = xor %b, %a : u64
      yield %j
  }} {{
    ^(%m: u64, %s: u64):
      %t = xor %s, %m : u64
      yield %t
  }}
  return %r
}}
"""
DIVISORS = {n: f"const {n} : int" for n in (1, 2, 7, 11, 64, 65521, 1000003, 2**31 - 1, 2**32, 2**61 - 1, -3)}
KINDS = ["u8", "i16", "i32", "u32", "i64", "u64"]
DIVISORS[0] = "cast %d : int"  # what it is at run time, 0 included


def _edges(kind: IntType) -> list[int]:
    wanted = {kind.minimum, kind.minimum + 1, -7, -1, 0, 1, 2, 65521, kind.maximum - 1, kind.maximum}
    return sorted(v for v in wanted if kind.contains(v))


def _exact(op: str, x: int, m: int) -> int:
    return ((x // m) if m else 0) if op == "floordiv" else ((x % m) if m else x)


@pytest.mark.parametrize("op", ["floordiv", "mod"])
@pytest.mark.parametrize("m", DIVISORS)
@pytest.mark.parametrize("name", KINDS[:-1])  # the product of two u64 may leave 128 bits
def test_scalars(op: str, m: int, name: str) -> None:
    kind = scalar_types()[name]
    assert isinstance(kind, IntType)
    divisors = [0, 1, 3, 250] if m == 0 else [m]
    text = SCALAR.format(kind=kind, divisor="u8", m=DIVISORS[m], op=op)
    run = CpuTarget().compile(parse_program(text, "f.hir"))
    for a in _edges(kind):
        for b in _edges(kind):
            for d in divisors:
                found = run(a, b, d & 255)
                assert found == IntType(64).wrap(_exact(op, a * b, d)), (a, b, d)


@pytest.mark.parametrize("m", DIVISORS)
@pytest.mark.parametrize("name", KINDS)
def test_vectors(m: int, name: str) -> None:
    """Each op with every other divisor of a type and every other type of a divisor."""
    op = ("floordiv", "mod")[(KINDS.index(name) + list(DIVISORS).index(m)) % 2]
    kind = scalar_types()[name]
    assert isinstance(kind, IntType)
    source = Random(f"{op}{m}{name}")
    values = _edges(kind) + [source.randint(kind.minimum, kind.maximum) for _ in range(640)]
    text = VECTOR.format(kind=kind, divisor="u8", m=DIVISORS[m], op=op)
    run = CpuTarget().compile(parse_program(text, "f.hir"))
    for d in [0, 3] if m == 0 else [m]:
        total = 5
        for v in values:
            total ^= IntType(64, signed=False).wrap(_exact(op, v, d))
        found = run(np.array(values, dtype={"u": "uint", "i": "int"}[name[0]] + name[1:]), d & 255, 5)
        assert found == total
