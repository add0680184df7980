"""A search that takes too long is cut and says so."""

from __future__ import annotations

import gc

import pytest

from hyperion._collecting import RARE, rare_collections
from hyperion.interfaces.strategy import Refusal
from hyperion.ir.parser import parse_program
from hyperion.logic import effort
from hyperion_proofs.strategies import ParallelReduction

TEXT = """
func @sum(%xs: i64[n]) -> i64 {
  %zero = const 0 : i64
  %s = fold (%xs), (%zero) {
    ^(%x: i64, %a: i64):
      %b = add.trap %a, %x : i64
      yield %b
  }
  return %s
}
"""


def test_a_long_search_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effort.limited.__wrapped__, "__defaults__", (-1.0,))
    (refusal,) = ParallelReduction().derive(parse_program(TEXT).main)
    assert isinstance(refusal, Refusal)
    assert "was cut" in refusal.reason
    assert refusal.span is not None


def test_the_collector_rests_until_the_last_search_ends() -> None:
    before = gc.get_threshold()
    with rare_collections():
        with rare_collections():
            assert gc.get_threshold() == RARE
        assert gc.get_threshold() == RARE
    assert gc.get_threshold() == before
    gc.set_threshold(0)
    try:
        with rare_collections():
            assert gc.get_threshold()[0] == 0  # who switched it off keeps it so
    finally:
        gc.set_threshold(*before)
