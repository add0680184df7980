"""par.windows: against the interpreter and plain products, for every width, type and number of threads."""

from __future__ import annotations

import functools
from typing import Any  # Any: values of every type

import numpy as np
import pytest

from hyperion.ir.parser import parse_program
from hyperion.ir.verifier import verify
from hyperion_cpu.target import CpuTarget

reference = pytest.importorskip("hyperion_interp.interpreter")

# Steps of a polynomial hash: the order of the elements shows in every bit, wherever a window is cut.
HASH = """
func @hash(%xs: {kind}[n], %ys: i64[n], %w: i64, %p: i64) -> (i64[k], i64[k]) {
  %ms, %cs = par.windows (%xs, %ys), (%w) : (i64[k], i64[k]) {
    ^(%x: {kind}, %y: i64):
      %a = cast %x : i64
      %b = add.wrap %a, %y : i64
      yield %p, %b
  } {
    ^(%am: i64, %ac: i64, %bm: i64, %bc: i64):
      %m = mul.wrap %am, %bm : i64
      %t = mul.wrap %am, %bc : i64
      %c = add.wrap %t, %ac : i64
      yield %m, %c
  }
  return %ms, %cs
}
"""
LARGEST = """
func @largest(%xs: {kind}[n], %w: i64) -> {kind}[k] {
  %ms = par.windows %xs, (%w) : {kind}[k] {
    ^(%x: {kind}):
      yield %x
  } {
    ^(%a: {kind}, %b: {kind}):
      %m = max %a, %b : {kind}
      yield %m
  }
  return %ms
}
"""


@functools.cache
def compiled(text: str, kind: str) -> tuple[Any, Any]:
    """The program, and it compiled: a function whose results have every type."""
    program = parse_program(text.replace("{kind}", kind))
    verify(program)
    return program, CpuTarget().compile(program)


def products(xs: list[int], width: int, p: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start in range(max(0, len(xs) - width + 1)):
        m, c = 1, 0
        for x in xs[start : start + width]:
            m, c = m * p, c * p + x
        found.append(tuple((v + 2**63) % 2**64 - 2**63 for v in (m, c)))  # pyright: ignore[reportArgumentType]  two
    return found


def test_elements_are_taken_in_order() -> None:
    program, function = compiled(HASH, "i16")
    for n in (0, 1, 2, 3, 7, 20):
        xs, ys = (np.random.default_rng(n + d).integers(-99, 99, n) for d in (0, 1))
        for width in (-(2**63), -1, 0, 1, 2, 3, 5, n - 1, n, n + 1, 2**63 - 1):
            arguments = xs.astype("i2"), ys, width, 1_000_003
            got = function(*arguments)
            want = products((xs + ys).tolist(), max(1, width), 1_000_003)
            assert list(zip(*(a.tolist() for a in got), strict=True)) == want, (n, width)
            for mine, theirs in zip(got, reference.interpret(program, arguments), strict=True):
                assert mine.tolist() == np.asarray(theirs).tolist(), (n, width)


def test_many_tasks_and_one_long_one() -> None:
    program, function = compiled(LARGEST, "i32")
    xs = np.random.default_rng(1).integers(-(2**31), 2**31, 100_003, dtype="i4")
    for width in (1, 2, 3, 64, 4097, 50_000, 50_002, 100_003):
        got = function(xs, width)
        assert len(got) == len(xs) - width + 1
        places = np.unique(np.concatenate([np.arange(min(9, len(got))), np.arange(0, len(got), 997), [len(got) - 1]]))
        assert [got[i] for i in places] == [xs[i : i + width].max() for i in places], width
    assert function.taken(xs, 64) == "parallel"
    assert reference.interpret(program, (xs[:50], 7))[0] == function(xs[:50], 7).tolist()
