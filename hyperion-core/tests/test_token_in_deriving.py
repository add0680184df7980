"""A token goes through compile and derive: it ends them soon, as what it is, and tells how far they came."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

import hyperion as hp
from hyperion.cost import LINEAR
from hyperion.errors import DeadlineError, WorkCancelledError
from hyperion.interfaces.compiler_pass import PassContext, PassResult
from hyperion.interfaces.event import Event
from hyperion.interfaces.strategy import Candidate, Refusal
from hyperion.ir.function import Function, Program
from hyperion.ir.parser import parse_program
from hyperion.logic import kernel
from hyperion.logic.denote import denote
from hyperion.logic.effort import checkpoint
from hyperion.tokens import Progress, Token

TEXT = "func @twice(%x: i64) -> i64 { %y = add.wrap %x, %x : i64 return %y }"
PROGRAM = parse_program(TEXT)
SOON = 5.0


def twice(x: Any) -> Any:
    """func @twice(%x: i64) -> i64 { %y = add.wrap %x, %x : i64 return %y }"""


@dataclass
class Endless:
    """A strategy that says when it began, and then searches, asking whether it should stop, or not."""

    name: str = "endless"
    asks: bool = True
    begun: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)
    stopped: threading.Event = field(default_factory=threading.Event)
    begins: Callable[[], object] = lambda: None

    def derive(self, function: Function) -> Iterable[Candidate | Refusal]:
        self.begun.set()
        self.begins()
        try:
            while not self.release.wait(0.001):
                if self.asks:
                    checkpoint()
        finally:
            self.stopped.set()
        yield Candidate(self.name, function, kernel.refl(denote(function)), LINEAR, False, "the same")


@dataclass
class Swallows:
    """A strategy that takes whatever ends it for a refusal."""

    name: str = "swallows"
    begins: Callable[[], object] = lambda: None

    def derive(self, function: Function) -> Iterable[Candidate | Refusal]:
        self.begins()
        try:
            checkpoint()
        except Exception as error:
            yield Refusal(self.name, str(error))


@pytest.fixture
def given(tiny: Any) -> Iterator[Callable[..., hp.Instance]]:
    made: list[hp.Instance] = []

    def make(*strategies: Any, **config: object) -> hp.Instance:
        for strategy in strategies:
            tiny.strategies[strategy.name] = lambda strategy=strategy: strategy
        made.append(hp.Instance(plugins=[tiny.module()], config={"library": False, "budget": 60, **config}))
        return made[-1]

    yield make
    for instance in made:
        instance.close()


@pytest.mark.parametrize("asks", [True, False])
def test_cancelling_ends_a_derivation_soon_and_is_no_refusal(given: Callable[..., hp.Instance], asks: bool) -> None:
    token, strategy = Token(), Endless(asks=asks)
    strategy.begins = lambda: token.cancel("the user left")
    instance = given(strategy)
    start = time.monotonic()
    with pytest.raises(WorkCancelledError, match="during derive: the user left"):
        instance.derive(PROGRAM, token=token)
    assert time.monotonic() - start < SOON
    strategy.release.set()
    assert strategy.stopped.wait(SOON)


@pytest.mark.parametrize("asks", [True, False])
def test_a_deadline_ends_a_derivation_soon(given: Callable[..., hp.Instance], asks: bool) -> None:
    strategy = Endless(asks=asks)
    instance = given(strategy)
    start = time.monotonic()
    with pytest.raises(DeadlineError, match="the deadline passed during derive") as caught:
        instance.derive(PROGRAM, token=Token(seconds=0.1))
    assert caught.value.code == "HY5021"
    assert time.monotonic() - start < SOON
    strategy.release.set()
    assert strategy.stopped.wait(SOON)


def test_a_strategy_that_swallows_it_changes_nothing(given: Callable[..., hp.Instance]) -> None:
    token = Token()
    instance = given(Swallows(begins=token.cancel))
    with pytest.raises(WorkCancelledError):
        instance.derive(PROGRAM, token=token)


def test_without_a_budget_it_is_asked_too(given: Callable[..., hp.Instance]) -> None:
    token, strategy = Token(), Endless()
    strategy.begins = token.cancel
    with pytest.raises(WorkCancelledError):
        given(strategy).derive(PROGRAM, budget=float("inf"), token=token)
    assert strategy.stopped.wait(SOON)


def test_a_pass_that_is_cancelled_is_no_pass_that_fails(given: Callable[..., hp.Instance], tiny: Any) -> None:
    token = Token()

    class Cancels:
        name = "cancels"

        def run(self, program: Program, context: PassContext) -> PassResult:
            token.cancel("in a pass")
            context.check()
            raise AssertionError("not reached")

    tiny.passes["cancels"] = Cancels
    instance = given(pipeline="try(cancels)")
    with pytest.raises(WorkCancelledError, match="in a pass"):
        instance.derive(PROGRAM, token=token)
    with token.active(), pytest.raises(WorkCancelledError, match="during passes: in a pass"):
        instance.pipeline().run(PROGRAM)


@pytest.mark.parametrize("method", ["compile", "compile_program", "derive", "load"])
def test_a_token_that_is_over_begins_nothing(given: Callable[..., hp.Instance], method: str) -> None:
    instance = given()
    token = Token()
    token.cancel()
    calls: dict[str, Callable[[], object]] = {
        "compile": lambda: instance.compile(TEXT, frontend="ir", token=token),
        "compile_program": lambda: instance.compile_program(PROGRAM, token=token),
        "derive": lambda: instance.derive(PROGRAM, token=token),
        "load": lambda: instance.load(b"", token=token),
    }
    with instance.listening(pytest.fail), pytest.raises(WorkCancelledError):
        calls[method]()


def test_functions_are_compiled_under_the_token_that_is_active(given: Callable[..., hp.Instance]) -> None:
    token, strategy = Token(), Endless()
    strategy.begins = token.cancel
    function = hp.jit(twice, instance=given(strategy))
    with token.active(), pytest.raises(WorkCancelledError):
        function(21)
    strategy.begins = strategy.release.set
    assert function(21) == 42  # what was cancelled is compiled by the next call


def test_code_is_not_generated_any_more(given: Callable[..., hp.Instance], tiny: Any) -> None:
    token, strategy = Token(), Endless()
    strategy.release.set()
    instance = given(strategy)

    def cancel(event: Event) -> None:
        if event.kind == "derive.end":
            token.cancel()

    with instance.listening(cancel), pytest.raises(WorkCancelledError, match="during codegen"):
        instance.compile(TEXT, frontend="ir", token=token)
    assert tiny.target.compiled == []


def test_progress_is_told_to_the_token_and_to_who_listens(given: Callable[..., hp.Instance]) -> None:
    instance = given(Swallows("a"), Swallows("b"))
    progress: list[Progress] = []
    events: list[Event] = []
    two = TEXT + TEXT.replace("twice", "again")
    with instance.listening(lambda e: events.append(e) if e.kind == "progress" else None):
        kept = instance.compile(two, frontend="ir", token=Token(report=progress.append)).to_bytes()
        instance.load(kept, token=Token(report=progress.append))
    assert [(e.fields["stage"], e.fields["done"], e.fields["total"], e.fields["unit"]) for e in events] == [
        (p.stage, p.done, p.total, p.unit) for p in progress
    ]
    assert {p.stage for p in progress} == {"compile", "derive", "codegen", "load"}
    assert [p.done for p in progress if p.stage == "derive"] == [0, 1, 0, 1]
    assert Progress("compile", 1, 2, "functions") in progress
    assert [(p.done, p.total) for p in progress if p.stage == "load"] == [(0, 2), (1, 2)]
    assert "derive: 1 of 2 strategies" in {e.message for e in events}
    assert {e.fields["function"] for e in events if e.fields["stage"] == "derive"} == {"twice", "again"}


def test_a_report_that_raises_ends_the_derivation(given: Callable[..., hp.Instance]) -> None:
    def fails(progress: Progress) -> None:
        raise OSError("mine")

    with pytest.raises(WorkCancelledError, match="its report failed: OSError: mine"):
        given(Swallows()).derive(PROGRAM, token=Token(report=fails))


def test_one_ctrl_c_ends_a_derivation(given: Callable[..., hp.Instance]) -> None:
    strategy = Endless(begins=lambda: __import__("_thread").interrupt_main())
    with pytest.raises(KeyboardInterrupt):
        given(strategy).derive(PROGRAM, token=Token())
    assert strategy.stopped.wait(SOON)
