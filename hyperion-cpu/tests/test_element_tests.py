"""The test of every element beside par.reduce: against Python, for ends that may be any values of the type."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from hyperion.ir.parser import parse_program
from hyperion.ir.types import IntType
from hyperion.ir.verifier import verify
from hyperion_cpu.function import CpuFunction
from hyperion_cpu.target import CpuTarget

TEXT = """
func @between(%xs: {kind}[n], %low: {kind}, %high: {kind}, %odd: {kind}) -> bool {{
  %zero = const 0 : {kind}
  %held, %s = par.reduce (%xs), (%zero) {{lanes = 8, piece = 32}} {{
    ^(%x: {kind}):
      yield %x
  }} {{
    ^(%a: {kind}, %b: {kind}):
      %c = {join} %b, %a : {kind}
      yield %c
  }} {{
    ^(%r: {kind}, %t: {kind}):
      %u = add.wrap %t, %r : {kind}
      yield %u
  }} {{
    ^(%y: {kind}):
      {ends}
      %above = le {low}, %y
      %under = {upper} %y, {high}
      %other = ne %y, %odd
      %most = and %above, %other : bool
      %all = and %most, %under : bool
      yield %all
  }}
  return %held
}}
"""
JOINS = ("add.wrap", "sub.wrap")
"""The first is a plain sum, of which LLVM makes vectors by itself; the second is computed in lanes."""
SIZES = (1, 2, 17, 128, 8 * 32, 2 * 8 * 32 + 8 * 16 + 5)


@functools.cache
def between(kind: str, join: str, upper: str, ends: tuple[int, int] | None) -> CpuFunction:
    fixed = "" if ends is None else f"%l = const {ends[0]} : {kind}\n      %h = const {ends[1]} : {kind}"
    low, high = ("%low", "%high") if ends is None else ("%l", "%h")
    program = parse_program(TEXT.format(kind=kind, join=join, upper=upper, ends=fixed, low=low, high=high))
    verify(program)
    return CpuTarget().compile(program)


def edges(ty: IntType) -> list[int]:
    middle = [5, 6, 7, 8, 100] if not ty.signed else [-100, -9, -8, -1, 0, 1, 7, 8, 100]
    return [ty.minimum, ty.minimum + 1, *middle, ty.maximum - 1, ty.maximum]


def check(function: CpuFunction, ty: IntType, upper: str, low: int, high: int, seed: int) -> None:
    """Elements inside, and some with one element at or beside an end."""
    source = np.random.default_rng(seed)
    last = high - (upper == "lt")
    inside = [low, high] if low > last else sorted({low, last, (low + last) // 2, low + (last - low) // 3})
    dtype = np.dtype(str(ty).replace("i", "int").replace("u", "uint").replace("uinint", "uint"))
    for n in SIZES:
        xs = np.array([inside[k] for k in source.integers(0, len(inside), n)], dtype=dtype)
        for extra in (None, low - 1, last + 1, ty.minimum, ty.maximum):
            if extra is not None:
                if not ty.minimum <= extra <= ty.maximum:
                    continue
                xs[int(source.integers(0, n))] = extra
            odd = int(xs[0]) if seed % 7 == 0 else ty.wrap(last + 3)
            wanted = all(low <= x <= last and x != odd for x in xs.tolist())
            assert function(xs, low, high, odd) is wanted, (low, high, upper, n, extra)
            xs = xs.copy()


@pytest.mark.parametrize("kind", ["i64", "u16"])
def test_ends_that_are_known_at_run_time(kind: str) -> None:
    ty = IntType(int(kind[1:]), kind[0] == "i")
    for join in JOINS:
        for upper in ("le", "lt"):
            function = between(kind, join, upper, None)
            for seed, (low, high) in enumerate((a, b) for a in edges(ty)[::3] for b in edges(ty)[::2]):
                check(function, ty, upper, low, high, seed)


@pytest.mark.parametrize("ends", [(-1000, 1000), (-1024, 1023), (7, 3), (-(2**63), 2**63 - 1)])
def test_ends_that_are_constants(ends: tuple[int, int]) -> None:
    for join, upper in zip(JOINS, ("lt", "le"), strict=True):
        check(between("i64", join, upper, ends), IntType(64, True), upper, *ends, seed=abs(sum(ends)))
