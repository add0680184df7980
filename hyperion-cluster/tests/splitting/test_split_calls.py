"""What ends a split call otherwise than with results, what is not split and why, and how devices share."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from itertools import product
from typing import Any  # Any: devices of other distributions, which may not be installed

import numpy as np
import pytest

import hyperion as hp
from hyperion import stages
from hyperion.errors import DeadlineError, WorkCancelledError
from hyperion.interfaces.cluster import Topology
from hyperion.ir.parser import parse_program
from hyperion.services import ExecutorServices
from hyperion.tokens import NOTHING, Token
from hyperion_cluster.lanes import Lane
from hyperion_cluster.placing import Placing
from hyperion_cluster.splitting import Splitter, Whole
from hyperion_cluster.splitting.planning import plan_of
from hyperion_cluster.splitting.shares import AGAIN, Judge, Shares
from hyperion_cluster.splitting.split_program import SplitProgram
from hyperion_cluster.splitting.team import Team

cpu = pytest.importorskip("hyperion_cpu.device")
virtual = pytest.importorskip("hyperion_virtual.driver")

SUM = """
func @sum(%xs: i64[n], %k: i64) -> (i64, i64[n]) {
  %zero = const 0 : i64
  %ys = map (%xs) {
    ^(%x: i64):
      %y = floordiv.trap %k, %x : i64
      yield %y
  }
  %held, %t = par.reduce (%ys), (%zero) {lanes = 2, piece = 4} {
    ^(%x1: i64):
      yield %x1
  } {
    ^(%a: i64, %b: i64):
      %ab = add.wrap %a, %b : i64
      yield %ab
  } {
    ^(%r: i64, %s: i64):
      %u = add.wrap %r, %s : i64
      yield %u
  } {
    ^(%z: i64):
      %small = le %z, %k
      yield %small
  }
  %out = if %held {
    yield %t
  } {
    %w = fold (%ys), (%zero) {
      ^(%v: i64, %s2: i64):
        %n = add.trap %s2, %v : i64
        yield %n
    }
    yield %w
  }
  return %out, %ys
}
"""


@pytest.fixture
def stopped() -> Iterator[list[Lane]]:
    made: list[Lane] = []
    yield made
    for lane in made:
        lane.stop()
        assert lane.join(10)


@pytest.fixture
def lanes(stopped: list[Lane]) -> Callable[..., list[Lane]]:
    """Lanes of virtual devices with these faults; an empty one has all processors."""

    def of(*faults: str | None) -> list[Lane]:
        for number, fault in enumerate(faults):
            stopped.append(Lane(_device(number, fault)))
        return stopped

    return of


def _device(number: int, fault: str | None) -> Any:
    if fault is None:
        return cpu.CpuDevice(dataclasses.replace(cpu.CpuDriver().describe("cpu:0"), address=f"cpu:{number}/9"))
    return virtual.VirtualDriver().open(f"virtual:{number}", {"faults": fault} if fault else {})


def split(text: str, on: list[Lane]) -> SplitProgram:
    instance = hp.default_instance()
    services = ExecutorServices(instance.target, instance.observer)
    return SplitProgram(parse_program(text), on, services, 0.0)


Results = Callable[..., Any]


def in_thread_of(lane: Lane, work: Callable[[], Any]) -> Any:
    """What the work gives there, as a call of the executor is done: nobody asks the device for its errors."""
    done: Future[Any] = Future()

    def do() -> None:
        try:
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)

    assert lane.put_run(do) is None
    return done.result(30)


@pytest.fixture(params=["by its caller", "by its first device", "by its last device"])
def results_of(request: pytest.FixtureRequest) -> Results:
    """`SplitProgram.results` in the thread of a caller, or of one of the devices, as for a call that was submitted."""

    def of(program: SplitProgram, given: list[Any], token: Token = NOTHING, placing: Placing | None = None) -> Any:
        on = program.shares.lanes
        if request.param == "by its caller":
            return program.results(given, token)
        team = Team(on, tuple(range(len(on))), placing)
        team.here = 0 if "first" in request.param else len(on) - 1
        return in_thread_of(team.lane, lambda: program.results(given, token, team))

    return of


XS = np.arange(1, 81)


def test_a_test_that_fails_sends_the_call_to_one_device(lanes: Callable[..., list[Lane]]) -> None:
    program = split(SUM, lanes(None, None))
    total, ys = program.results([XS, 90]) or (None, None)
    assert total == sum(90 // x for x in range(1, 81))
    assert np.asarray(ys).tolist() == [90 // x for x in range(1, 81)]
    assert program.results([-XS[::-1], -90]) is None  # 90 // 1 = 90 > -90
    assert program.refusals == ()
    assert program.results([XS, 90]) is not None


def test_a_trap_of_a_part_sends_the_call_to_one_device(lanes: Callable[..., list[Lane]], results_of: Results) -> None:
    program = split(SUM, lanes(None, "", None))
    for place in (0, 40, 79):
        assert results_of(program, [np.where(np.arange(80) == place, 0, XS), 90]) is None
    assert program.refusals == ()
    assert results_of(program, [XS, 90]) is not None


@pytest.mark.parametrize("fault", ["lose", "raise"])
@pytest.mark.parametrize("call", ["run 1", "run 2", "allocate 1", "copy 1", "copy 2", "copy 3"])
def test_another_device_does_what_one_did_not(
    lanes: Callable[..., list[Lane]], results_of: Results, fault: str, call: str
) -> None:
    on = lanes("", f"{fault} at {call}", None)
    program = split(SUM, on)
    total, ys = results_of(program, [XS, 90]) or (None, None)
    assert total == sum(90 // x for x in range(1, 81))
    assert np.asarray(ys).tolist() == [90 // x for x in range(1, 81)]
    assert on[1].open is (fault == "raise")
    program.shares = Shares(on, 0.0)
    assert results_of(program, [XS, 91]) is not None


@pytest.mark.parametrize("faults", [("lose at run 1", "", None), ("", "", "lose at run 1"), ("lose at run 2", "", "")])
def test_the_device_that_splits_a_call_is_lost(
    lanes: Callable[..., list[Lane]], results_of: Results, faults: tuple[str | None, ...]
) -> None:
    on = lanes(*faults)
    program = split(SUM, on)
    total, ys = results_of(program, [XS, 90]) or (None, None)
    assert total == sum(90 // x for x in range(1, 81))
    assert np.asarray(ys).tolist() == [90 // x for x in range(1, 81)]
    assert [lane.open for lane in on] == ["lose" not in (fault or "") for fault in faults]


def test_without_a_device_nothing_is_split(lanes: Callable[..., list[Lane]], results_of: Results) -> None:
    on = lanes("lose at run 1", "lose at run 1")
    assert results_of(split(SUM, on), [XS, 90]) is None
    assert [lane.open for lane in on] == [False, False]
    assert results_of(split(SUM, on), [XS, 90]) is None


def test_a_device_does_not_wait_for_another_that_has_other_calls(lanes: Callable[..., list[Lane]]) -> None:
    """Which may be many; callers' calls that are split wait in turn."""
    on = lanes(None, None, "")
    program, placing = split(SUM, on), Placing(on, Topology())
    team = Team(on, (0, 1, 2), placing)
    team.here = 0
    for _ in range(2):
        team.enter()
        placing.entered(on[1])
        over = threading.Event()
        other = on[1].run(lambda over=over: over.wait(60))
        try:
            assert not team.alone
            total, _ = in_thread_of(team.lane, lambda: program.results([XS, 90], team=team)) or (None, None)
            assert total == sum(90 // x for x in range(1, 81))
            assert not over.is_set()
        finally:
            over.set()
        other.result(10)
        placing.left(on[1])
        assert team.alone
        team.leave()
        assert placing.free
        team.here = 2  # which has memory of its own


def test_parts_are_told_as_work_of_their_devices(lanes: Callable[..., list[Lane]]) -> None:
    program, instance, events = split(SUM, lanes(None, "")), hp.default_instance(), list[Any]()
    before = instance.metrics
    with instance.listening(events.append), stages.stage_of(instance.observer, "run", "around"):
        assert program.results([XS, 90]) is not None
    counted = instance.metrics - before
    ends = [event.fields for event in events if event.kind in ("run.end", "transfer.end")]
    assert len({str(fields["correlation"]) for fields in ends}) == 1
    told = [(fields["stage"], fields.get("device")) for fields in ends]
    devices = ("cpu:0/9", "virtual:1")
    assert set(told) == {("run", None), *product(("run", "transfer"), devices)}
    for device in devices:
        assert counted.number("run_seconds", device=device) == told.count(("run", device)) > 0
    assert counted.total("transfers") == len([stage for stage, _ in told if stage == "transfer"])
    for source, target in (("host", "virtual:1"), ("virtual:1", "host")):
        assert counted.total("transfer_bytes", source=source, target=target) > 0


def test_a_token_ends_all_parts(lanes: Callable[..., list[Lane]], results_of: Results) -> None:
    program = split(SUM, lanes("hang at run 3", None))
    assert results_of(program, [XS, 90], Token(seconds=30)) is not None
    token = Token(seconds=0.05)
    program.shares = Shares(program.shares.lanes, 0.0)
    with pytest.raises(DeadlineError):
        results_of(program, [XS, 90], token)
    cancelled = Token()
    cancelled.cancel("not needed")
    with pytest.raises(WorkCancelledError, match="not needed"):
        results_of(program, [XS, 90], cancelled)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([XS], "1 arguments given, 2 expected"),
        ([XS.astype(float), 3], "argument xs is not exactly i64[n], on the host"),
        ([XS.reshape(2, 40), 3], "argument xs"),
        ([[1, 2], 3], "argument xs"),
        ([XS, 3.0], "argument k is not exactly i64"),
        ([XS, True], "argument k"),
        ([XS, 1 << 63], "argument k"),
    ],
)
def test_other_arguments_are_told_by_running_whole(
    lanes: Callable[..., list[Lane]], given: list[object], said: str
) -> None:
    program = split(SUM, lanes(None, None))
    found = program.arguments(given)
    assert isinstance(found, str)
    assert said in found
    assert program.results(given) is None


@pytest.mark.parametrize(
    ("text", "targets", "said"),
    [
        ("func @f(%x: i64) -> i64 { return %x }", ["cpu"], "nothing in it goes over an array in a parallel form"),
        ("func @f(%x: int) -> int { return %x }", ["cpu"], "%x is int, which has no form in memory"),
        (
            "func @f(%xs: i64[n, m]) -> i64[n, m] { %y = map (%xs) { ^(%x: i64): %z = neg.wrap %x : i64 yield %z } "
            "return %y }",
            ["cpu"],
            "map goes over an array of several axes",
        ),
        (
            "func @f(%xs: f64[n]) -> f64[n] { %y = map (%xs) { ^(%x: f64): %z = exp %x : f64 yield %z } return %y }",
            ["cpu", "reference"],
            "exp and log have other last bits",
        ),
        (
            "func @f(%xs: i64[n]) -> i64[n] { %y = sort %xs {axis = 0} : i64[n] return %y }",
            ["cpu"],
            "sort runs on one device",
        ),
        (
            "func @f(%xs: i64[n], %i: i64) -> i64[n] { %y = update %xs, %i, %i return %y }",
            ["cpu"],
            "update runs on one device",
        ),
    ],
)
def test_what_is_not_split_says_why(text: str, targets: list[str], said: str) -> None:
    plan = plan_of(parse_program(text), targets)
    assert said in plan.refusals[0].reason


def test_a_step_that_reads_other_elements_is_refused(lanes: Callable[..., list[Lane]]) -> None:
    text = """
func @f(%xs: i64[n], %i: i64) -> i64[n] {
  %ys = map (%xs) {
    ^(%x: i64):
      %f = get %xs, %i
      %y = add.wrap %x, %f : i64
      yield %y
  }
  return %ys
}
"""
    program = split(text, lanes(None, None))
    assert program.results([XS, 1]) is None
    assert [r.reason for r in program.refusals] == ["a step reads the array %xs at other places than its own"]


def test_parts_without_memory_send_the_call_to_one_device(lanes: Callable[..., list[Lane]]) -> None:
    """Which needs less, as nothing is put together."""
    text = """
func @squares(%k: i64) -> i64[m] {
  %zero = const 0 : i64
  %one = const 1 : i64
  %is = progression %zero, %k, %one : i64[m]
  %ys = map (%is) {
    ^(%x: i64):
      %y = mul.wrap %x, %x : i64
      yield %y
  }
  return %ys
}
"""
    program = split(text, lanes(None, None))
    assert program.results([1 << 50]) is None
    assert program.refusals == ()
    (squares,) = program.results([50]) or (None,)
    assert np.asarray(squares).tolist() == [x * x for x in range(50)]


def test_a_part_that_has_no_code_is_refused(lanes: Callable[..., list[Lane]]) -> None:
    """Here because a captured scalar has the name of a part's own parameter."""
    text = """
func @f(%xs: i64[n], %part.s0: i64) -> i64 {
  %t = par.reduce (%xs), (%part.s0) {lanes = 2, piece = 4} {
    ^(%x1: i64):
      %v = add.wrap %x1, %part.s0 : i64
      yield %v
  } {
    ^(%a: i64, %b: i64):
      %ab = add.wrap %a, %b : i64
      yield %ab
  } {
    ^(%r: i64, %s: i64):
      %u = add.wrap %r, %s : i64
      %w = add.wrap %u, %part.s0 : i64
      yield %w
  }
  return %t
}
"""
    program = split(text, lanes(None, None))
    assert program.results([XS, 1]) is None
    assert program.refusals[0].reason.startswith("HY60")
    assert "part.s0" in program.refusals[0].reason


def test_shares_follow_what_the_devices_did(lanes: Callable[..., list[Lane]]) -> None:
    shares = Shares(lanes("", ""), 0.0)
    assert shares.cut(80, 8) == ((0, 0, 40), (1, 40, 80))
    assert shares.cut(15, 8) == ((0, 0, 15),)
    assert shares.cut(23, 8) == ((0, 0, 8), (1, 8, 23))
    for _ in range(30):
        shares.learn(0, 300, 1.0)
        shares.learn(1, 100, 1.0)
    assert shares.cut(80, 8) == ((0, 0, 64), (1, 64, 80))
    assert shares.cut(803, 8) == ((0, 0, 600), (1, 600, 803))
    shares.learn(0, 0, 1.0)
    shares.learn(0, 1, 0.0)
    assert shares.cut(80, 8) == ((0, 0, 64), (1, 64, 80))
    for _ in range(30):
        shares.learn(1, 1, 1.0)
    assert shares.cut(80, 8) == ((0, 0, 72), (1, 72, 80))  # without a launch to save, whatever has two blocks
    shares.launch = 1e-9
    assert shares.cut(80, 8) == ((0, 0, 80),)


def test_a_device_of_another_kind_tries_one_block_first(lanes: Callable[..., list[Lane]]) -> None:
    shares = Shares(lanes(None, "", None), 0.0)
    assert shares.cut(800, 8) == ((0, 0, 400), (1, 400, 408), (2, 408, 800))
    shares.learn(1, 8, 1.0)
    for number in (0, 2):
        shares.learn(number, 400, 1.0)
    assert shares.cut(808, 8) == ((0, 0, 400), (1, 400, 408), (2, 408, 808))
    assert Shares(shares.lanes, 0.0).cut(8, 8) == ((0, 0, 8),)


def test_the_faster_way_is_taken_and_the_other_tried_again() -> None:
    judge = Judge()
    assert judge.splits(1000)
    judge.took(1000, True, 2.0)
    assert not judge.splits(1000)
    judge.took(1000, False, 9.0)  # its code is made ready in it
    assert not judge.splits(1000)
    assert judge.faster_whole(1000) == ""
    judge.took(1000, False, 1.0)
    assert judge.faster_whole(1000) == "took 1e+03 ms whole, 2e+03 ms split"
    ways = [judge.splits(1000) for _ in range(2 * AGAIN)]
    assert ways.count(True) == 2
    assert judge.splits(100_000)  # of another order
    for _ in range(20):
        judge.took(1000, True, 0.5)
    assert [judge.splits(1000) for _ in range(AGAIN)].count(True) == AGAIN - 1


# By the splitter of an executor


def largest_rise(moves):  # type: ignore[no-untyped-def]
    here = 0
    best = 0
    for x in moves:
        here = max(here + x, 0)
        best = max(best, here)
    return best


def sum_of(xs):  # type: ignore[no-untyped-def]
    total = 0
    for x in xs:
        total += x
    return total


def test_nothing_is_split_in_the_thread_of_a_lane(lanes: Callable[..., list[Lane]]) -> None:
    on = lanes(None, None)
    moves = np.arange(70000, dtype=np.int32)
    instance = hp.default_instance()
    function = instance.compile(largest_rise, arguments=(moves,))["largest_rise"]
    splitter = Splitter(on, ExecutorServices(instance.target, instance.observer), 0.0)
    assert on[1].run(lambda: splitter.run(function, [moves])).result(10) == Whole()
    assert splitter.run(function, [moves]) == (function(moves),)


@pytest.mark.parametrize("how", ["deadline", "cancel"])
def test_a_part_that_waits_behind_other_calls_is_given_up(
    lanes: Callable[..., list[Lane]], results_of: Results, how: str, request: pytest.FixtureRequest
) -> None:
    on = lanes(None, None)
    program = split(SUM, on)
    assert program.results([XS, 90]) is not None
    program.shares = Shares(on, 0.0)
    over, begun = threading.Event(), threading.Event()
    busy = on[0 if "last" in request.node.name else 1]  # not the one that waits for it
    other = busy.run(lambda: (begun.set(), over.wait(60)))
    assert begun.wait(10)
    token = Token(seconds=0.02 if how == "deadline" else None)
    try:
        if how == "cancel":
            stop = threading.Timer(0.02, token.cancel)
            stop.start()
        with pytest.raises(DeadlineError if how == "deadline" else WorkCancelledError, match="queue"):
            results_of(program, [XS, 90], token)
        assert not over.is_set()
    finally:
        over.set()
    other.result(10)
    assert busy.run(lambda: 1).result(10) == 1  # what was given up is left out


def test_an_attempt_that_comes_to_nothing_counts(lanes: Callable[..., list[Lane]]) -> None:
    """Where a test at run time always fails, a call costs both ways."""
    on = lanes(None, None)
    moves = np.full(70000, 1 << 60, dtype=np.int64)
    instance = hp.default_instance()
    function = instance.compile(sum_of, arguments=(moves,), overflow="trap")["sum_of"]
    splitter = Splitter(on, ExecutorServices(instance.target, instance.observer), 1e-9)
    tried = splitter.run(function, [moves])
    assert isinstance(tried, Whole)
    assert tried.length == 70000
    assert tried.spent > 0
    for _ in range(2):
        splitter.took(function, tried, 1.0)
    assert splitter.run(function, [moves]) == Whole(70000, devices=2)
    said = splitter.plan(function, [moves]).refusals[0].reason
    assert said.startswith("calls with about 70000 elements took 1e+03 ms whole")
