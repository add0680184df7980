"""The budget of a derivation: a search that takes too long is cut, whether or not it asks, and says so."""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

import hyperion as hp
from hyperion.cost import LINEAR
from hyperion.errors import PluginError, ProofError, TypeCheckError
from hyperion.interfaces.compiler_pass import PassContext, PassResult
from hyperion.interfaces.strategy import Candidate, Refusal
from hyperion.ir.function import Function, Program
from hyperion.ir.parser import parse_program
from hyperion.logic import checking, effort, kernel
from hyperion.logic.denote import denote
from hyperion.logic.effort import LeftBehind, OutOfTime, checkpoint, limited, remaining, share, within
from hyperion.testing.apart import no_threads

TEXT = "func @twice(%x: i64) -> i64 { %y = add.wrap %x, %x : i64 return %y }"
PROGRAM = parse_program(TEXT)


def twice(x: Any) -> Any:
    """func @twice(%x: i64) -> i64 { %y = add.wrap %x, %x : i64 return %y }"""


@dataclass
class Slow:
    """A strategy that works for a while: asking whether it should stop, or not."""

    name: str
    asks: bool
    before: tuple[Any, ...] = ()
    seconds: float = 10.0
    stopped: threading.Event = field(default_factory=threading.Event)

    def derive(self, function: Function) -> Iterable[Candidate | Refusal]:
        yield from self.before
        end = time.monotonic() + self.seconds
        try:
            while time.monotonic() < end:
                time.sleep(0.005)
                if self.asks:
                    checkpoint()
        finally:
            self.stopped.set()


@dataclass
class Offers:
    name: str

    def derive(self, function: Function) -> Iterable[Candidate | Refusal]:
        yield Candidate(self.name, function, kernel.refl(denote(function)), LINEAR, False, "the same")


@pytest.fixture
def given(tiny: Any) -> Iterator[Callable[..., hp.Instance]]:
    made: list[hp.Instance] = []

    def make(*strategies: Any, **config: object) -> hp.Instance:
        for strategy in strategies:
            tiny.strategies[strategy.name] = lambda strategy=strategy: strategy
        made.append(hp.Instance(plugins=[tiny.module()], config={"library": False, **config}))
        return made[-1]

    yield make
    for instance in made:
        instance.close()


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    start = time.monotonic()
    found = call()
    return found, time.monotonic() - start


@pytest.mark.parametrize("asks", [True, False])
def test_a_strategy_is_cut_and_says_so(given: Callable[..., hp.Instance], asks: bool) -> None:
    instance = given(Slow("slow", asks))
    found, seconds = timed(lambda: instance.derive(PROGRAM, budget=0.4))
    assert seconds < 6.5
    assert found.theorem is None
    (refusal,) = found.refusals
    assert refusal.strategy == "slow"
    assert "seconds" in refusal.reason


@pytest.mark.parametrize("asks", [True, False])
def test_what_others_find_and_what_it_found_counts(given: Callable[..., hp.Instance], asks: bool) -> None:
    offer = Candidate("a-slow", PROGRAM.main, kernel.refl(denote(PROGRAM.main)), LINEAR, False, "its own")
    instance = given(Slow("a-slow", asks, (offer,)), Offers("b-quick"))
    found, seconds = timed(lambda: instance.derive(PROGRAM, budget=5.0))
    assert seconds < 6.5
    assert found.verdict.checked
    assert {c.summary for c in found.candidates} == {"its own", "the same"}
    assert [r.strategy for r in found.refusals] == ["a-slow"]


def test_the_function_runs_as_written_once_the_budget_is_spent(given: Callable[..., hp.Instance]) -> None:
    instance = given(Slow("slow", asks=False))
    function = hp.jit(twice, budget=0.3, instance=instance)
    found, seconds = timed(lambda: function(21))
    assert found == 42
    assert seconds < 6.5
    assert function.explain(21).refusals[0].strategy == "slow"


def test_a_pass_that_takes_too_long_is_left_behind(given: Callable[..., hp.Instance], tiny: Any) -> None:
    class Sleeps:
        name = "sleeps"

        def run(self, program: Program, context: PassContext) -> PassResult:
            time.sleep(10)
            return PassResult(program.main)

    tiny.passes["sleeps"] = Sleeps
    instance = given(Offers("quick"), pipeline="sleeps")
    found, seconds = timed(lambda: instance.derive(PROGRAM, budget=5.0))
    assert seconds < 6.5
    assert found.refusals[0].strategy == "pipeline"
    assert "seconds" in found.refusals[0].reason
    assert found.verdict.checked  # the strategies were asked about the program as written


def test_no_budget_and_no_limit(given: Callable[..., hp.Instance]) -> None:
    instance = given(Offers("quick"))
    assert instance.derive(PROGRAM, budget=math.inf).verdict.checked
    found = instance.derive(PROGRAM, budget=0)
    assert found.theorem is None
    assert found.refusals[0].strategy in ("budget", "quick")  # whichever thread is told first that it is over


def test_never_asks_no_strategy(given: Callable[..., hp.Instance]) -> None:
    slow = Slow("slow", asks=True)
    function = hp.jit(twice, derive="never", instance=given(slow))
    assert function(21) == 42
    assert not slow.stopped.is_set()
    assert function.explain(21).theorem is None


def test_the_budget_of_the_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HYPERION_BUDGET", raising=False)
    assert hp.Instance(plugins=[]).config.budget == 5.0
    assert hp.Instance(plugins=[], config={"budget": 2}).config.budget == 2.0
    monkeypatch.setenv("HYPERION_BUDGET", "7.5")
    assert hp.Instance(plugins=[]).config.budget == 7.5
    assert hp.Instance(plugins=[], config={"budget": 2.0}).config.budget == 2.0
    for wrong in ({"budget": -1}, {"budget": math.nan}, {"budget": "5"}, {"budget": True}):
        with pytest.raises(PluginError, match="HY1007"):
            hp.Instance(plugins=[], config=wrong)
    monkeypatch.setenv("HYPERION_BUDGET", "soon")
    with pytest.raises(PluginError, match="HY1007"):
        hp.Instance(plugins=[])


@pytest.mark.parametrize("wrong", [{"budget": -1}, {"budget": "5"}, {"budget": math.nan}, {"derive": "later"}])
def test_wrong_options_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(TypeCheckError, match="HY6032"):
        hp.jit(twice, **wrong)


@pytest.fixture
def no_time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    now = float(int(time.monotonic()))
    monkeypatch.setattr(effort, "monotonic", lambda: now)


@pytest.mark.usefixtures("no_time_passes")
def test_limits_nest_and_the_shorter_holds() -> None:
    assert remaining() == math.inf
    with limited(10), limited(100):
        assert remaining() == 10
    with limited(100), limited(10):
        assert remaining() == 10
    with limited(20), limited():  # a search within a budget may use all of it
        assert remaining() == 20
    with limited():
        assert remaining() == effort.SECONDS == 5
    with limited(-1), limited(100), pytest.raises(OutOfTime, match="-1 seconds"):
        checkpoint()
    checkpoint()


@pytest.mark.usefixtures("no_time_passes")
def test_shares_leave_something_for_what_follows() -> None:
    assert share(3) == math.inf
    with limited(10):
        assert share(0) == pytest.approx(10)
        assert share(2) == pytest.approx(8.4)
        assert share(19) == pytest.approx(0.5)


def test_within_returns_raises_and_leaves_behind() -> None:
    assert within(5, lambda: 42) == 42
    with pytest.raises(KeyError):
        within(5, lambda: dict[str, int]()["nothing"])
    ended = threading.Event()

    def deaf() -> None:
        time.sleep(0.3)
        try:
            checkpoint()
        finally:
            ended.set()

    with pytest.raises(LeftBehind, match="was left behind"):
        within(0.1, deaf)
    assert ended.wait(2)


def test_a_thread_that_is_left_behind_ends_when_it_asks() -> None:
    found: list[BaseException] = []

    def late() -> None:
        time.sleep(0.2)
        with effort.limited(100):
            try:
                checkpoint()
            except OutOfTime as error:
                found.append(error)

    with pytest.raises(LeftBehind):
        within(0.05, late)
    end = time.monotonic() + 5
    while not found and time.monotonic() < end:
        time.sleep(0.01)
    assert found


def test_the_checker_has_what_is_left_of_the_time() -> None:
    theorem = kernel.refl(denote(parse_program(TEXT.replace("add", "sub")).main))
    with limited(-1), pytest.raises(ProofError, match="HY7002"):
        checking.check(theorem)
    assert checking.check(theorem).hypotheses == 0


def test_a_checker_that_is_busy_is_not_waited_for_longer() -> None:
    theorem = kernel.refl(denote(parse_program(TEXT.replace("add", "mul")).main))
    with checking._checker._lock:  # pyright: ignore[reportPrivateUsage]  as a search in another thread has it
        start = time.monotonic()
        with limited(0.2), pytest.raises(ProofError, match="busy"):
            checking.check(theorem)
        assert time.monotonic() - start < 2
    assert checking.check(theorem).hypotheses == 0


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="there are no signals to threads on this system")
def test_ctrl_c_ends_the_waiting() -> None:
    ended = threading.Event()

    def searches() -> None:
        try:
            while True:
                time.sleep(0.005)
                checkpoint()
        finally:
            ended.set()

    main = threading.main_thread().ident
    assert main is not None
    timer = threading.Timer(0.2, lambda: signal.pthread_kill(main, signal.SIGINT))
    timer.start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        within(60, searches)
    assert time.monotonic() - start < 5
    assert ended.wait(5)


def test_where_no_thread_can_be_started_the_loop_stays_as_written() -> None:
    def total(n: int) -> int:
        s = 0
        for i in range(n):
            s += i
        return s

    with hp.Instance(config={"library": False}) as instance:
        function = hp.jit(total, instance=instance)
        with no_threads():
            assert function(4) == 6
        found = function.explain(4)
        assert not found.checked
        assert "a search with a time limit needs a thread: can't start new thread" in str(found)


def test_ctrl_c_while_its_thread_starts_ends_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """On one processor the search may be under way before `start` returns."""
    start, ended = threading.Thread.start, threading.Event()

    def interrupted(thread: threading.Thread) -> None:
        start(thread)
        raise KeyboardInterrupt

    def searches() -> None:
        try:
            while True:
                time.sleep(0.001)
                checkpoint()
        finally:
            ended.set()

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        within(20, searches)
    assert ended.wait(5)
