"""What executors count, and what they tell who watches: queues, copies and runs of each device, as parts of a call."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyperion as hp
from hyperion.errors import DeadlineError, TrapOverflowError, WorkCancelledError
from hyperion.fences import Fence
from hyperion.interfaces.event import Event
from hyperion.tokens import Token

SCALED = """func @scaled(%xs: f64[n], %a: f64) -> f64[n] {
  %ys = map (%xs) {
    ^(%x: f64):
      %y = mul %x, %a : f64
      yield %y
  }
  return %ys
}
"""
DOUBLE = "func @double(%x: i64) -> i64 { %y = add.trap %x, %x : i64 return %y }"


@pytest.fixture
def inst() -> Iterator[hp.Instance]:
    with hp.Instance(config={"derive": False}) as made:
        yield made


def test_calls_copies_and_bytes_are_counted_though_nobody_watches(inst: hp.Instance) -> None:
    scaled = inst.compile(SCALED, frontend="ir")["scaled"]
    xs = np.arange(100.0)
    with inst.executor(["virtual:0"]) as executor:
        for _ in range(3):
            (ys,) = executor.submit(scaled, [xs, 2.0]).result(60)
        assert np.asarray(ys)[7] == 14.0
        executor.execute(scaled, [xs, 2.0])
    found = inst.metrics
    assert (found.total("submits"), found.total("executes")) == (3, 1)
    assert found.number("queue_seconds", device="virtual:0") == found.number("run_seconds", device="virtual:0") == 4
    assert found.total("transfer_bytes", source="host", target="virtual:0") == 3200
    assert found.total("transfer_bytes", source="virtual:0", target="host") == 3200
    assert found.number("transfers") == found.number("transfer_seconds") == 8
    assert found.total("failures") == found.total("cancels") == found.total("deadlines") == 0


def test_every_way_to_end_is_counted(inst: hp.Instance) -> None:
    double = inst.compile(DOUBLE, frontend="ir")["double"]
    gate = Fence()
    token = Token()
    with inst.executor(["cpu:0"]) as executor:
        trapped = executor.submit(double, [1 << 62])
        withdrawn = executor.submit(double, [1], after=[gate])
        stopped = executor.submit(double, [1], after=[gate], token=token)
        late = executor.submit(double, [1], after=[gate], token=Token(seconds=0.001))
        assert isinstance(trapped.exception(10), TrapOverflowError)
        assert withdrawn.cancel()
        token.cancel()
        assert isinstance(stopped.exception(10), WorkCancelledError)
        assert isinstance(late.exception(10), DeadlineError)
        gate.signal()
    found = inst.metrics
    assert (found.total("cancels"), found.total("deadlines")) == (2, 1)
    assert found.total("failures", code="HY5101") == found.total("failures") == 1


def test_a_call_is_one_piece_of_work_on_all_threads_and_one_timeline(inst: hp.Instance, tmp_path: Path) -> None:
    scaled = inst.compile(SCALED, frontend="ir")["scaled"]
    events: list[Event] = []
    with inst.executor(["virtual:0"]) as executor, inst.tracing() as trace, inst.listening(events.append):
        executor.submit(scaled, [np.arange(8.0), 2.0]).result(60)
    ends = [e.fields for e in events if e.kind in ("submit.end", "queue.end", "transfer.end", "run.end")]
    assert sorted(str(f["stage"]) for f in ends) == ["queue", "run", "submit", "transfer", "transfer"]
    assert len({f["correlation"] for f in ends}) == 1
    assert {f.get("device") for f in ends if f["stage"] != "submit"} == {"virtual:0"}
    assert [f["bytes"] for f in ends if f["stage"] == "transfer"] == [64, 64]
    trace.save(tmp_path / "trace.json")
    written: list[dict[str, Any]] = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    processes = {e["args"]["name"]: e["pid"] for e in written if e["name"] == "process_name"}
    on_device = {e["name"] for e in written if e["pid"] == processes["virtual:0"] and e["ph"] in "Xb"}
    assert {"queue scaled", "transfer scaled", "run scaled"} <= on_device
    (submit,) = [e for e in written if e["name"] == "submit scaled"]
    arrows = [e for e in written if e["ph"] == "s" and (e["tid"], e["ts"]) == (submit["tid"], submit["ts"])]
    assert len(arrows) >= 3  # to both transfers and the run
