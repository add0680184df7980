"""What the processor costs, measured; and the choice between a proven form and the loop as written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import hyperion as hp
from hyperion import machine as machines
from hyperion.interfaces.codegen import MeasuredTarget
from hyperion.ir.parser import parse_program
from hyperion.machine import FILE, NOMINAL, Machine
from hyperion_cpu.target import CpuTarget

LOOP = """
func @f(%xs: i64[n]) -> i64 {
  %c = const 0 : i64
  %r = fold (%xs), (%c) {
    ^(%x: i64, %s: i64):
      %t = add.wrap %s, %x : i64
      yield %t
  }
  return %r
}
"""


def test_the_machine_is_measured() -> None:
    target = CpuTarget()
    assert isinstance(target, MeasuredTarget)
    assert "LLVM" in target.machine_key
    found = target.measure()
    assert found.valid()
    assert 0.02 < found.latency_ns < 50
    assert 1 <= found.threads <= 1024


def test_the_constants_are_kept_in_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machines, "_known", machines._Known())  # pyright: ignore[reportPrivateUsage]  a new process
    slow = replace(NOMINAL, latency_ns=7.0)
    monkeypatch.setattr(CpuTarget, "measure", lambda self: slow)  # pyright: ignore[reportUnknownLambdaType]
    with hp.Instance(config={"home": tmp_path}) as instance:
        assert instance.machine(measure=False) == NOMINAL
        assert instance.machine() == slow
        assert instance.machine(measure=False) == slow
    assert (tmp_path / FILE).exists()


def measured_as(monkeypatch: pytest.MonkeyPatch, found: Machine) -> None:
    monkeypatch.setattr(machines, "_known", machines._Known())  # pyright: ignore[reportPrivateUsage]  a new process
    monkeypatch.setattr(CpuTarget, "measure", lambda self: found)  # pyright: ignore[reportUnknownLambdaType]


@pytest.mark.parametrize("prefer", ["fastest", "proven"])
def test_a_proven_form_that_would_be_slower_is_not_compiled(
    prefer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine with one slow lane and quick memory, what costs a few operations more is no gain."""
    measured_as(monkeypatch, replace(NOMINAL, vector_bits=64.0, threads=1.0, vector_ns=2.0, byte_ns=0.001))
    text = LOOP.replace("add.wrap %s, %x : i64", "add.trap %s, %x : i64")
    xs = np.arange(1000, dtype=np.int64)
    with hp.Instance(config={"home": tmp_path, "prefer": prefer, "library": False}) as instance:
        function = instance.compile(text, "ir")["f"]
        found = function.explain(xs)
        assert function(xs) == int(xs.sum())
        assert found.parallel is (prefer == "proven")
        if prefer == "fastest":
            assert found.theorem is None
            assert [c.verdict for c in found.candidates] == ["checked, slower than as written"]
            assert found.refusals[-1].strategy == "cost"
            assert "as written" in found.refusals[-1].reason
            assert found.candidates[0].work
            assert found.taken == "sequential"


def test_where_it_is_faster_it_is_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured_as(monkeypatch, replace(NOMINAL, vector_bits=512.0, threads=16.0, byte_ns=0.001))
    text = LOOP.replace("add.wrap %s, %x : i64", "add.trap %s, %x : i64")
    with hp.Instance(config={"home": tmp_path, "prefer": "fastest", "library": False}) as instance:
        found = instance.compile(text, "ir")["f"].explain(np.arange(1000, dtype=np.int64))
    assert found.parallel
    assert found.candidates[0].guards
    assert found.written is not None
    assert found.written.work == "2 n"


@pytest.mark.parametrize("op", ["add.wrap", "mul.wrap", "max", "min", "and", "or", "xor"])
@pytest.mark.parametrize("swapped", [False, True])
def test_plain_reductions_are_the_same_at_every_size(op: str, swapped: bool) -> None:
    """Those whose pieces LLVM makes vectors of."""
    order = "%b, %a" if swapped else "%a, %b"
    unit = {"max": -(1 << 63), "min": (1 << 63) - 1, "mul.wrap": 1, "and": -1}.get(op, 0)
    function = CpuTarget().compile(
        parse_program(f"""
func @f(%xs: i64[n]) -> i64 {{
  %c = const {unit} : i64
  %r = par.reduce (%xs), (%c) {{lanes = 8, piece = 64}} {{
    ^(%x: i64):
      yield %x
  }} {{
    ^(%a: i64, %b: i64):
      %t = {op} {order} : i64
      yield %t
  }} {{
    ^(%m: i64, %s: i64):
      %u = {op} %m, %s : i64
      yield %u
  }}
  return %r
}}
""")
    )
    ufunc = {
        "add.wrap": np.add, "mul.wrap": np.multiply, "max": np.maximum, "min": np.minimum, "and": np.bitwise_and,
        "or": np.bitwise_or, "xor": np.bitwise_xor,
    }[op]  # fmt: skip
    random = np.random.default_rng(1)
    for n in (0, 1, 2, 7, 8, 63, 64, 511, 512, 513, 1000, 5000):
        xs = random.integers(-(1 << 63), 1 << 63, n, dtype=np.int64, endpoint=False)
        assert function(xs) == int(ufunc.reduce(xs, initial=np.int64(unit)))
