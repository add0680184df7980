"""Traces follow the Trace Event Format, and their spans nest."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hyperion.testing.apart import SECONDS, Apart
from hyperion.tracing import Trace


def checked(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The events of a document that follows the format: phases, fields and metadata, spans nested on each track, both
    ends of each arrow in a span, and of each asynchronous span."""
    document = json.loads(json.dumps(document))
    assert set(document) == {"traceEvents", "displayTimeUnit", "otherData"}
    assert document["displayTimeUnit"] in ("ms", "ns")
    events = document["traceEvents"]
    processes = {e["pid"]: e["args"]["name"] for e in events if e["name"] == "process_name"}
    assert list(processes.values()).count("hyperion") == 1
    named = {(e["pid"], e["tid"]) for e in events if e["name"] == "thread_name"}
    last = 0.0
    for event in events:
        assert event["ph"] in "XBMCbesf"
        assert event["pid"] in processes
        assert isinstance(event["name"], str)
        assert isinstance(event["pid"], int)
        assert isinstance(event["tid"], int)
        assert event["ts"] >= 0
        if event["ph"] == "X":
            assert event["dur"] >= 0
        if event["ph"] == "M":
            assert event["name"] in ("process_name", "thread_name")
        else:
            assert (event["pid"], event["tid"]) in named
            assert event["ts"] >= last
            last = event["ts"]
        if event["ph"] == "C":
            assert event["args"]
            assert all(isinstance(v, (int, float)) for v in event["args"].values())
    for track in named:
        assert_nested([e for e in events if (e["pid"], e["tid"]) == track and e["ph"] == "X"])
    assert sorted(e["id"] for e in events if e["ph"] == "b") == sorted(e["id"] for e in events if e["ph"] == "e")
    begun = {e["id"]: e for e in events if e["ph"] == "s"}
    assert sorted(begun) == sorted(e["id"] for e in events if e["ph"] == "f")
    for arrow in events:
        if arrow["ph"] in "sf":
            assert arrow["bp"] == "e"
            assert (arrow["name"], arrow["cat"]) == (begun[arrow["id"]]["name"], begun[arrow["id"]]["cat"])
            assert any(
                e["ph"] in "XB" and (e["pid"], e["tid"], e["ts"]) == (arrow["pid"], arrow["tid"], arrow["ts"])
                for e in events
            )
    return events


def arrows(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """The names of the spans at both ends of each arrow."""
    found: dict[int, list[str]] = {}
    for arrow in events:
        if arrow["ph"] in "sf":
            here = {key: arrow[key] for key in ("pid", "tid", "ts")}
            names = [e["name"] for e in events if e["ph"] in "XB" and {key: e[key] for key in here} == here]
            found.setdefault(arrow["id"], []).append(names[-1])
    return [(a, b) for a, b in found.values()]


def assert_nested(spans: list[dict[str, Any]]) -> list[int]:
    """Each span lies within the ones that are open where it begins; their depths in order."""
    stack: list[float] = []
    depths: list[int] = []
    for span in spans:
        start, stop = round(span["ts"] * 1000), round((span["ts"] + span["dur"]) * 1000)
        while stack and stack[-1] <= start and not (stack[-1] == start == stop):
            stack.pop()
        assert not stack or stop <= stack[-1]
        depths.append(len(stack))
        stack.append(stop)
    return depths


class Clock:
    """A clock that tells the given steps, and then steps of one; 0 makes spans that take no time."""

    def __init__(self, steps: Iterator[int]) -> None:
        self._steps = steps
        self._now = 0
        self._lock = threading.Lock()

    def __call__(self) -> int:
        with self._lock:
            self._now += next(self._steps, 1)
            return self._now


trees = st.recursive(st.just(()), lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=12)


def grow(trace: Trace, tree: tuple[Any, ...], numbers: Iterator[int]) -> None:
    for child in tree:
        with trace.span(f"s{next(numbers)}", "test", children=len(child)):
            grow(trace, child, numbers)


def depths_of(tree: tuple[Any, ...], depth: int = 0) -> list[int]:
    return [d for child in tree for d in (depth, *depths_of(child, depth + 1))]


@example(((), ()), [0, 0, 0, 0, 0])
@example((((),), ()), [0, 0, 0, 0, 0, 0, 0])
@given(trees, st.lists(st.integers(0, 3000)))
def test_spans_of_one_thread_nest_as_they_did(tree: tuple[Any, ...], steps: list[int]) -> None:
    trace = Trace(Clock(iter(steps)))
    grow(trace, tree, count())
    spans = [e for e in checked(trace.json()) if e["ph"] == "X"]
    assert [s["name"] for s in spans] == [f"s{i}" for i in range(len(spans))]
    if all(s["dur"] for s in spans):
        assert assert_nested(spans) == depths_of(tree)


@given(st.lists(trees, min_size=2, max_size=4))
def test_threads_have_tracks_of_their_own(given_trees: list[tuple[Any, ...]]) -> None:
    trace = Trace()
    together = threading.Barrier(len(given_trees))

    def work(tree: tuple[Any, ...]) -> None:
        together.wait(SECONDS)
        grow(trace, tree, count())
        together.wait(SECONDS)  # so that no two threads get one number

    for call in [Apart(lambda t=t: work(t), f"w{i}") for i, t in enumerate(given_trees)]:
        call.outcome()
    events = checked(trace.json())
    names = {e["tid"]: e["args"]["name"] for e in events if e["name"] == "thread_name"}
    for i, tree in enumerate(given_trees):
        spans = [e for e in events if e["ph"] == "X" and names[e["tid"]] == f"w{i}"]
        assert len(spans) == len(depths_of(tree))


def test_children_take_no_longer_than_what_holds_them() -> None:
    trace = Trace(Clock(iter([10] * 100)))
    with trace.span("outer"):
        for _ in range(3):
            with trace.span("inner"):
                pass
    outer = next(s for s in trace.spans if s.name == "outer")
    inner = [s for s in trace.spans if s.name == "inner"]
    assert sum(s.stop - s.start for s in inner) == 30
    assert outer.stop - outer.start == 70


def test_a_span_that_raises_is_recorded_and_one_that_is_open_begins() -> None:
    trace = Trace()
    with pytest.raises(ZeroDivisionError), trace.span("fails"):
        raise ZeroDivisionError
    trace.begin("endless", "test")
    events = checked(trace.json())
    assert [(e["ph"], e["name"]) for e in events if e["ph"] != "M"] == [("X", "fails"), ("B", "endless")]


LARGE = {"large": f"an integer of {(10**5000).bit_length()} bits"}


def test_arguments_become_json(tmp_path: Path) -> None:
    trace = Trace()
    with trace.span("s", path=tmp_path, infinite=float("inf"), flag=True, many=(1, "a", {2}), large=10**5000):
        trace.counter("candidates", offered=3, checked=1.5, lost=float("nan"))
    path = tmp_path / "trace.json"
    path.write_text("old")
    trace.save(path)
    events = checked(json.loads(path.read_text()))
    (span,) = [e for e in events if e["ph"] == "X"]
    assert span["args"] == {"path": str(tmp_path), "infinite": "inf", "flag": True, "many": [1, "a", [2]], **LARGE}
    (counter,) = [e for e in events if e["ph"] == "C"]
    assert counter["args"] == {"offered": 3, "checked": 1.5}
    assert [p.name for p in tmp_path.iterdir()] == ["trace.json"]


def test_a_trace_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    target.mkdir()
    with pytest.raises(OSError, match="folder"):
        Trace().save(target)
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]
    with pytest.raises(OSError, match="none"):
        Trace().save(tmp_path / "none" / "t.json")


def on_thread(name: str, work: Any) -> None:
    Apart(work, name).outcome()


def test_devices_are_processes_and_what_one_causes_has_an_arrow() -> None:
    trace = Trace(Clock(iter([10] * 100)))
    with trace.span("main"):
        submit = trace.begin("submit f", "submit", id="1")
        waiting = trace._clock()
        trace.end(submit)

        def lane() -> None:
            trace.past("queue f", "queue", waiting, {"n": 1}, process="cpu:0", id="2", cause="1")
            run = trace.begin("run f", "run", "cpu:0", "3", "1")
            trace.end(trace.begin("part", "run", "cpu:0", "4", "3"))
            trace.end(run)

        on_thread("lane 0", lane)
    events = checked(trace.json())
    processes = {e["args"]["name"]: e["pid"] for e in events if e["name"] == "process_name"}
    assert set(processes) == {"hyperion", "cpu:0"}
    on_device = [(e["ph"], e["name"]) for e in events if e["pid"] == processes["cpu:0"] and e["ph"] in "Xbe"]
    assert on_device == [("b", "queue f"), ("e", "queue f"), ("X", "run f"), ("X", "part")]
    tracks = [e["args"]["name"] for e in events if e["name"] == "thread_name" and e["pid"] == processes["cpu:0"]]
    assert tracks == ["lane 0"]
    assert arrows(events) == [("submit f", "run f")]


def test_calls_that_wait_together_overlap() -> None:
    trace = Trace(Clock(iter([10] * 100)))
    starts = [trace._clock() for _ in range(3)]
    for number, start in enumerate(starts):
        trace.past(f"queue {number}", "queue", start, process="cpu:0")
    events = checked(trace.json())
    assert [e["name"] for e in events if e["ph"] == "b"] == ["queue 0", "queue 1", "queue 2"]
    assert len({e["id"] for e in events if e["ph"] == "b"}) == 3


def test_spans_of_another_clock_are_put_in_their_place() -> None:
    here, there = Trace(Clock(iter([100] * 50))), Trace(Clock(iter([1] * 50)))
    call = here.begin("call", "submit", id="call")

    def remote() -> None:
        there.end(there.begin("run", "run", process="cpu:0", id="there.1", cause="call"))

    on_thread("worker", remote)
    here.add(there.spans, offset=250, process="node-1")
    here.add([], process="nobody")
    here.end(call)
    events = checked(here.json())
    (run,) = [e for e in events if e["name"] == "run" and e["ph"] == "X"]
    (call_event,) = [e for e in events if e["name"] == "call"]
    assert {e["args"]["name"] for e in events if e["name"] == "process_name"} == {"hyperion", "node-1 cpu:0"}
    assert (run["ts"], run["dur"]) == ((250 + 2 - 100) / 1000, 0.001)
    assert call_event["ts"] <= run["ts"]
    assert arrows(events) == [("call", "run")]


def test_what_began_before_the_trace_moves_its_beginning() -> None:
    trace = Trace(Clock(iter([1000] * 50)))
    trace.past("queue", "queue", 100)
    trace.add(Trace(Clock(iter([1]))).spans)
    assert [e["ts"] for e in checked(trace.json()) if e["ph"] == "b"] == [0.0]
    other = Trace(Clock(iter([1] * 9)))
    with other.span("early"):
        pass
    trace.add(other.spans, offset=-5000)
    assert min(e["ts"] for e in checked(trace.json())) == 0.0
