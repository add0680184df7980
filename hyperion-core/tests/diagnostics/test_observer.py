"""What an Instance tells about its work."""

from __future__ import annotations

import contextvars
import logging
from collections.abc import Iterator
from time import perf_counter_ns
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import hyperion as hp
from hyperion import log, stages
from hyperion.errors import HyperionError, TypeCheckError
from hyperion.hookspecs import hookimpl
from hyperion.interfaces.event import Event
from hyperion.stages import KINDS, carried, going_on, resumed, stage, stage_of, waited
from hyperion.testing.apart import Apart

SUM = """func @sum(%xs: i64[n]) -> i64 {
  %zero = const 0 : i64
  %s = fold (%xs), (%zero) {
    ^(%x: i64, %t: i64):
      %u = add.wrap %t, %x : i64
      yield %u
  }
  return %s
}
"""


INC = "func @inc(%x: i64) -> i64 { %one = const 1 : i64 %y = add.trap %x, %one : i64 return %y }"


@pytest.fixture(autouse=True)
def nobody_watches_afterwards() -> Iterator[None]:
    assert stages.watched == 0
    yield
    assert stages.watched == 0


@pytest.fixture
def inst() -> Iterator[hp.Instance]:
    with hp.Instance() as made:
        yield made


def total(xs: list[int]) -> int:
    s = 0
    for x in xs:
        s += x
    return s


def stage_events(events: list[Event]) -> list[Event]:
    return [e for e in events if e.kind.endswith((".begin", ".end"))]


def assert_nested(events: list[Event]) -> None:
    """Every beginning has its end, inner before outer, and a parent that is open."""
    stack: list[int] = []
    for event in stage_events(events):
        number, parent = event.fields["id"], event.fields["parent"]
        if event.kind.endswith(".begin"):
            assert parent == (stack[-1] if stack else 0)
            assert isinstance(number, int)
            stack.append(number)
        else:
            assert stack.pop() == number
            assert isinstance(event.fields["seconds"], float)
            assert event.fields["seconds"] >= 0
    assert not stack


def test_every_stage_tells_its_beginning_and_end(inst: hp.Instance) -> None:
    events: list[Event] = []
    with inst.listening(events.append):
        compiled = hp.jit(total, instance=inst)
        assert compiled(np.arange(10)) == 45
    kinds = {e.fields["stage"] for e in stage_events(events)}
    assert set(KINDS) - kinds <= {"load"}
    assert_nested(events)
    for event in stage_events(events):
        assert event.fields["function"] == "total"
        assert event.fields["instance"] == inst.observer.instance
    correlations = {e.fields["correlation"]: e.fields["stage"] for e in stage_events(events) if not e.fields["parent"]}
    assert list(correlations.values()) == ["compile", "run"]
    assert {e.fields["correlation"] for e in events} == set(correlations)
    assert {"derived", "compiled"} <= {e.kind for e in events}


def test_children_fit_into_their_parents(inst: hp.Instance) -> None:
    events: list[Event] = []
    with inst.listening(events.append):
        inst.compile(SUM, frontend="ir")
    took = {e.fields["id"]: e.fields["seconds"] for e in events if e.kind.endswith(".end")}
    inside: dict[object, float] = {}
    for event in events:
        if event.kind.endswith(".end"):
            inside[event.fields["parent"]] = inside.get(event.fields["parent"], 0.0) + event.fields["seconds"]  # type: ignore[operator]
    for parent, seconds in inside.items():
        if parent:
            assert seconds <= took[parent]  # type: ignore[operator]


def test_an_error_ends_its_stages_and_is_named(inst: hp.Instance) -> None:
    events: list[Event] = []
    with inst.listening(events.append), pytest.raises(TypeCheckError):
        inst.compile("func @f(%x: i64) -> i64 { return %y }", frontend="ir")
    assert_nested(events)
    assert [e.fields.get("error") for e in events if e.kind.endswith(".end")] == ["HY6002", "HY6002"]


def test_a_trap_ends_the_run(inst: hp.Instance) -> None:
    text = "func @f(%x: i64) -> i64 { %y = mul.trap %x, %x : i64 return %y }"
    function = inst.compile(text, frontend="ir")["f"]
    events: list[Event] = []
    with inst.listening(events.append), pytest.raises(OverflowError):
        function(1 << 40)
    assert_nested(events)
    assert {e.fields["error"] for e in events if e.kind == "run.end"} == {"HY5101"}


def test_unsubscribing(inst: hp.Instance) -> None:
    one: list[Event] = []
    two: list[Event] = []
    forget = inst.on_event(one.append)
    inst.on_event(two.append)
    again = inst.on_event(two.append)
    inst.tell(Event("progress", "half", {"done": 1}))
    assert (len(one), len(two)) == (1, 2)
    forget()
    forget()
    again()
    inst.tell(Event("progress", "done"))
    assert (len(one), len(two)) == (1, 3)
    inst.close()
    assert stages.watched == 0


def test_a_raising_listener_never_breaks_work(inst: hp.Instance, caplog: pytest.LogCaptureFixture) -> None:
    heard: list[Event] = []

    def raises(event: Event) -> None:
        raise RuntimeError("mine")

    with inst.listening(raises), inst.listening(heard.append), caplog.at_level(logging.WARNING, "hyperion"):
        function = inst.compile(INC, frontend="ir")["inc"]
        assert function(5) == 6
    assert heard
    warnings = [r.getMessage() for r in caplog.records]
    assert warnings == ["a listener failed on the event compile.begin, and will not be named again: RuntimeError: mine"]


def test_a_listener_that_stops_listening_while_it_is_told(inst: hp.Instance) -> None:
    heard: list[str] = []

    def once(event: Event) -> None:
        heard.append(event.kind)
        forget()

    forget = inst.on_event(once)
    inst.compile(INC, frontend="ir")
    assert heard == ["compile.begin"]


def test_plugins_that_listen_hear_stages() -> None:
    module = ModuleType("listening_plugin")
    heard: list[str] = []

    @hookimpl
    def hyperion_on_event(event: Event) -> None:
        heard.append(event.kind)

    module.HYPERION_API = (1, 0)  # type: ignore[attr-defined]
    hyperion_on_event.__module__ = module.__name__
    module.hyperion_on_event = hyperion_on_event  # type: ignore[attr-defined]
    with hp.Instance(plugins=["auto", module]) as inst:
        assert inst.compile(INC, frontend="ir")["inc"](5) == 6
        assert stages.watched == 1
    assert {"pass.begin", "codegen.end", "run.begin", "run.end"} <= set(heard)


def test_logs_carry_the_identifiers(inst: hp.Instance, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "hyperion"):
        inst.compile(INC, frontend="ir")
    fields: list[dict[str, Any]] = [r.hyperion for r in caplog.records if hasattr(r, "hyperion")]
    assert {f["correlation"] for f in fields} == {fields[0]["correlation"]}
    assert {"verify.begin", "pass.end", "compiled"} <= {f["kind"] for f in fields}
    assert all(f["instance"] == inst.observer.instance for f in fields)


def test_nothing_is_told_where_nobody_listens(inst: hp.Instance) -> None:
    inst.compile(INC, frontend="ir")
    with inst.observer.stage("compile", "x"):
        assert stage("pass", "y") is stage("verify")
        assert stages.identifiers()["instance"] == inst.observer.instance
    assert stages.identifiers() == {}


def test_instances_are_told_apart() -> None:
    heard: list[Event] = []
    with hp.Instance() as one, hp.Instance() as two, one.listening(heard.append):
        two.compile(INC, frontend="ir")
        assert heard == []
        with one.observer.stage("compile", "outer"):
            two.compile(INC, frontend="ir")
        assert {e.kind for e in heard} == {"compile.begin", "compile.end"}


def test_a_thread_of_its_own_carries_on_where_it_is_asked_to(inst: hp.Instance) -> None:
    heard: list[Event] = []

    def work() -> None:
        with stage("search", "in a thread") as told:
            told.note(found=1)

    with inst.listening(heard.append), inst.observer.stage("compile", "f", "f"):
        for run in (work, lambda: contextvars.copy_context().run(work)):
            Apart(run).outcome()
        context = contextvars.copy_context()
        Apart(lambda: context.run(work)).outcome()
    ends = [e for e in heard if e.kind == "search.end"]
    assert [(e.fields["found"], e.fields["function"]) for e in ends] == [(1, "f")]


def test_traces_record_stages_of_every_thread(inst: hp.Instance) -> None:
    with inst.tracing() as trace:
        others = [Apart(lambda: inst.compile(INC, frontend="ir")) for _ in range(2)]
        inst.compile(SUM, frontend="ir")["sum"](np.arange(4))
        for other in others:
            other.outcome()
    assert len({s.thread for s in trace.spans if s.name == "codegen cpu"}) == 3  # a search has a thread of its own too
    names = [s.name for s in trace.spans]
    assert names.count("codegen cpu") >= 3
    assert "run sum" in names
    assert any(name.startswith("strategy ") for name in names)
    before = len(trace.spans)
    inst.compile(INC, frontend="ir")
    assert len(trace.spans) == before


def test_a_trace_of_a_failing_call_is_whole(inst: hp.Instance) -> None:
    with pytest.raises(HyperionError), inst.tracing() as trace:
        inst.compile("func", frontend="ir")
    assert [s.args["error"] for s in trace.spans] == ["HY6001", "HY6001"]
    assert all(e["ph"] != "B" for e in trace.events())


def test_what_a_device_does_is_part_of_the_work_that_submitted_it(
    inst: hp.Instance, caplog: pytest.LogCaptureFixture
) -> None:
    """As an executor does it: a lane's thread takes up a call, tells how long it waited, and then runs it."""
    heard: list[Event] = []
    watcher = inst.observer

    def call(start: int) -> None:
        waited(watcher, "queue", "f", start, "f", "cpu:0")
        with stage_of(watcher, "run", "f", "f", "cpu:0"), stage("codegen", "cpu"):
            log.write(log.logger("lane"), logging.INFO, "in the lane", {})

    with inst.tracing() as trace, inst.listening(heard.append), caplog.at_level(logging.INFO, "hyperion"):
        with inst.observer.stage("submit", "f", "f"):
            work = carried(call)
            start = perf_counter_ns()
        Apart(lambda: work(start), "cpu:0 lane").outcome()
        with stage_of(watcher, "run", "g", "g", "cpu:0"):  # of another call, which carries nothing
            pass
    submit = next(e for e in heard if e.kind == "submit.end")
    mine = [e for e in heard if e.fields["correlation"] == submit.fields["correlation"]]
    assert [e.kind for e in mine] == [
        "submit.begin", "submit.end", "queue.end", "run.begin", "codegen.begin", "codegen.end", "run.end",
    ]  # fmt: skip
    assert [e.fields.get("device") for e in mine] == [None, None, *["cpu:0"] * 5]
    assert {e.fields["parent"] for e in mine[2:4]} == {submit.fields["id"]}
    (record,) = [r for r in caplog.records if r.message == "in the lane"]
    assert (record.hyperion["device"], record.hyperion["correlation"]) == ("cpu:0", submit.fields["correlation"])  # type: ignore[attr-defined]
    spans = {s.name: s for s in trace.spans}
    assert spans["queue f"].overlaps
    assert spans["run f"].cause == spans["submit f"].id
    assert [spans[n].process for n in ("submit f", "queue f", "run f", "codegen cpu")] == ["", *["cpu:0"] * 3]
    assert [e["ph"] for e in trace.events() if e["ph"] in "sf"] == ["s", "f"]


def test_work_is_taken_up_in_another_thread(inst: hp.Instance) -> None:
    found: list[Any] = []
    with inst.observer.stage("compile", "f", "f") as around:
        here = going_on()
    assert here is around

    def work() -> None:
        with resumed(here):
            found.append(dict(stages.identifiers()))
        found.append(dict(stages.identifiers()))

    Apart(work).outcome()
    assert [f.get("function") for f in found] == ["f", None]


def test_a_search_in_the_background_is_part_of_its_call(inst: hp.Instance) -> None:
    heard: list[Event] = []
    with inst.listening(heard.append):
        function = hp.jit(total, derive="background", instance=inst)
        assert function(np.arange(10)) == 45
        assert function.wait(60)
    compiles = [e.fields for e in heard if e.kind == "compile.end" and e.fields["name"] == "total"]
    assert len({f["correlation"] for f in compiles}) == 1
    assert sorted(f["parent"] == 0 for f in compiles)[-1]
    assert inst.metrics.number("compile_seconds") == 2


def test_progress_of_no_work_is_told_to_nobody() -> None:
    stages.progress("derive", 1)
    stages.tally("cache_hits")


def test_nobody_watches_an_instance_that_is_closed() -> None:
    instance, before, heard = hp.Instance(plugins=[]), stages.watched, list[Event]()
    instance.close()
    instance.on_event(heard.append)
    with instance.tracing():
        assert stages.watched == before
    instance.tell(Event("x", "y"))
    assert heard == []
