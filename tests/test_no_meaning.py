"""A function whose meaning would be too large a term has none: it compiles as written, and says why."""

from __future__ import annotations

import numpy as np
import pytest

import hyperion as hp
from hyperion.logic import sequences

TEXT = """func @total(%xs: i64[n], %start: i64) -> i64 {
  %sum = fold (%xs), (%start) {
    ^(%x: i64, %s: i64):
      %y = mul.trap %x, %x : i64
      %t = add.trap %s, %y : i64
      yield %t
  }
  return %sum
}"""


def test_it_is_compiled_as_written_and_refused_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequences, "MOST_PARTS", 20)
    with hp.Instance() as instance:
        f = instance.compile(TEXT, frontend="ir", target="cpu")["total"]
        assert f(np.array([1, 2, 3]), 4) == 18
        explanation = f.explain()
        assert not explanation.checked
        assert [(r.strategy, r.reason) for r in explanation.refusals] == [
            ("denote", "total has no denotation: the term has more than 20 parts")
        ]
        assert "total has no denotation: the term has more than 20 parts" in str(explanation)
        assert "par." not in f.ir()
