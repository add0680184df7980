"""Matrices on the CPU: every layout of an argument, every size of a product, and sizes that fit no memory."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import pytest

from hyperion.errors import CodegenError, OutOfMemoryError
from hyperion.ir.parser import parse_program
from hyperion.ir.verifier import verify
from hyperion_cpu import packed
from hyperion_cpu.function import CpuFunction
from hyperion_cpu.target import CpuTarget

PRODUCT = """func @product(%a: i64[n, k], %b: i64[q, m], %s: i64) -> i64[n, m] {
  %c = contract %a, %b, %s {left = [1], right = [0]} {
    ^(%x: i64, %y: i64):
      %xy = mul.wrap %x, %y : i64
      yield %xy
  } {
    ^(%t: i64, %p: i64):
      %u = add.wrap %t, %p : i64
      yield %u
  }
  return %c
}"""
MOVED = """func @moved(%a: i16[n, m], %x: f32[n], %i: i64, %j: i64, %v: i16)
    -> (i16[m, n], i16[n, m], i16, i64, f32[1, n], i64[p, q], f32[n], i16[r]) {
  %t = transpose %a {permutation = [1, 0]}
  %u = update %a, %i, %j, %v
  %e = get %t, %j, %i
  %n = len %a : i64
  %m = dim %a {axis = 1}
  %r = expand %x {axis = 0}
  %f = fill %m, %n, %n : i64[p, q]
  %s = squeeze %r {axis = 0}
  %size = mul.wrap %n, %m : i64
  %flat = reshape %t, %size : i16[r]
  return %t, %u, %e, %m, %r, %f, %s, %flat
}"""


@cache
def compiled(text: str) -> CpuFunction:
    program = parse_program(text)
    verify(program)
    return CpuTarget().compile(program)


def numbers(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).integers(-(2**63), 2**63 - 1, shape, endpoint=True)


def test_products_of_all_small_sizes_and_across_blocks() -> None:
    product = compiled(PRODUCT)
    for n, k, m in itertools.product((0, 1, 3, 4, 9), (0, 1, 3, 4, 9), (0, 1, 2, 5)):
        a, b = numbers(n, k), numbers(k, m)
        found = product(a, b, 7)
        assert found.shape == (n, m)
        assert np.array_equal(found, a @ b + 7)
    for n, k, m in ((70, 130, 1030), (130, 70, 1), (300, 2, 600)):
        a, b = numbers(n, k), numbers(k, m)
        assert np.array_equal(product(a, b, 0), a @ b)
    with pytest.raises(ValueError, match="HY5104"):
        product(numbers(2, 3), numbers(2, 3), 0)


def test_arguments_of_any_layout() -> None:
    product, a = compiled(PRODUCT), numbers(8, 6)
    frozen = a.copy()
    frozen.flags.writeable = False
    backwards = a[::-1, ::2]
    for left, right in ((a.T, a), (np.asfortranarray(a), frozen.T), (backwards, backwards.T), (a[1:3], a[:6, 4:])):
        assert np.array_equal(product(left, right, 0), left @ right)
    for wrong in (a[0], a[:, :, None], a.astype(np.int32), a.tolist()):
        with pytest.raises(TypeError):
            product(a, wrong, 0)


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (40, 70), (0, 4), (4, 0)], ids=str)
def test_elements_and_shapes(shape: tuple[int, int]) -> None:
    n, m = shape
    a, x = numbers(n, m).astype(np.int16), np.arange(n, dtype=np.float32)
    moved = compiled(MOVED)
    if not a.size:
        with pytest.raises(IndexError):
            moved(a, x, 0, 0, 7)
        return
    changed = a.copy()
    changed[n - 1, m - 1] = 7
    found = moved(a, x, n - 1, m - 1, 7)
    wanted = (a.T, changed, a[-1, -1], m, x[None], np.full((m, n), n), x, a.T.ravel())
    for one, other in zip(found, wanted, strict=True):
        assert np.array_equal(one, other)
        assert not isinstance(other, np.ndarray) or (one.dtype, one.shape) == (other.dtype, other.shape)
    for i, j in ((n, 0), (0, m), (-1, 0), (0, -1)):
        with pytest.raises(IndexError):
            moved(a, x, i, j, 7)


def test_sizes_whose_product_no_memory_has() -> None:
    with pytest.raises(OutOfMemoryError):
        compiled(PRODUCT)(np.zeros((2**40, 0), int), np.zeros((0, 2**40), int), 0)


def test_the_entry_for_other_interpreters_takes_matrices() -> None:
    product = compiled(PRODUCT)
    a = numbers(3, 2)
    slot = packed.pack(product.function.parameters[0].type, a)
    assert len(slot) == packed.SLOT
    made = packed.unpack(product.function.results[0].type, slot, 0, lambda *given: given)
    assert made == (a.__array_interface__["data"][0], 0, 3, 2)


def test_a_product_whose_step_may_trap_has_no_code() -> None:
    with pytest.raises(CodegenError, match="HY8004"):
        compiled(PRODUCT.replace("mul.wrap", "mul.trap"))
    with pytest.raises(CodegenError, match="HY8002"):
        compiled(PRODUCT.replace("left = [1], right = [0]", "left = [0], right = [0]").replace("[n, m]", "[k, m]"))
