"""What the executor's tests share."""

from __future__ import annotations

from collections.abc import Generator

import pytest

import hyperion as hp
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.executor import Executor
from hyperion.testing.written_functions import WrittenDevice


@pytest.fixture(scope="module")
def instance() -> Generator[hp.Instance]:
    with hp.Instance() as made:
        yield made


@pytest.fixture
def executor(instance: hp.Instance) -> Generator[Executor]:
    with instance.executor([WrittenDevice()]) as made:
        yield made


MAPS = """
func @both(%xs: i64[n], %a: i64) -> (i64[n], i64[n]) {
  %ys = map (%xs) {
    ^(%x: i64):
      %y = mul.trap %x, %a : i64
      yield %y
  }
  %zs = map (%ys) {
    ^(%u: i64):
      %z = add.trap %u, %a : i64
      yield %z
  }
  return %ys, %zs
}
func @one(%x: i64) -> i64 {
  return %x
}
func @sorted(%xs: i64[n]) -> i64[n] {
  %ys = sort %xs {axis = 0} : i64[n]
  return %ys
}
func @kept(%xs: i64[n], %a: i64) -> (i64[n], i64[m]) {
  %ys = map (%xs) {
    ^(%x: i64):
      %y = mul.trap %x, %a : i64
      yield %y
  }
  %zero = const 0 : i64
  %c = lt %zero, %a
  %zs = when %c, %ys : i64[m]
  return %ys, %zs
}
"""


@pytest.fixture(scope="session")
def maps() -> dict[str, CompiledFunction]:
    """Functions that are maps, and others, compiled for the processors."""
    made = hp.default_instance().compile(MAPS, frontend="ir")
    return {name: made[name] for name in ("both", "one", "sorted", "kept")}
