"""Bounds checks that passes took away stay away in compiled code, with the theorem that the gate asks for."""

from __future__ import annotations

import numpy as np
import pytest

import hyperion as hp

TEXT = """func @f(%xs: i64[n], %ys: f64[m]) -> f64 {
  %zero = const 0 : i64
  %one = const 1 : i64
  %start = const 0x0p+0 : f64
  %n = len %xs : i64
  %m = len %ys : i64
  %r = for %zero, %n, %one, (%start) {
    ^(%i: i64, %s: f64):
      %x = get %xs, %i
      %low = le %zero, %x
      %high = lt %x, %m
      %inside = and %low, %high : bool
      %t = if %inside {
        %y = get %ys, %x
        yield %y
      } {
        yield %s
      }
      yield %t
  }
  return %r
}"""


@pytest.mark.parametrize("passes", ["default", "bounds-checks", "index-loops,bounds-checks,licm,dce"])
def test_compiled_without_checks(passes: str) -> None:
    with hp.Instance(config={"pipeline": passes}) as instance:
        module = instance.compile(TEXT, frontend="ir")
        f = module["f"]
        xs, ys = np.array([3, -1, 2, 99, -(2**63)]), np.array([0.5, 1.5, 2.5])
        assert f(xs, ys) == 2.5
        assert f(xs[:0], ys) == 0.0
        unchecked = f.ir().count("get.unchecked")
        assert unchecked == {"default": 0, "bounds-checks": 2, "index-loops,bounds-checks,licm,dce": 1}[passes]
