"""Tokens: cancelled once, for good; deadlines; reports; parents; and everything from several threads."""

from __future__ import annotations

import ctypes
import gc
import math
import threading
import weakref
from functools import partial
from typing import Any

import pytest

from hyperion.errors import DeadlineError, PluginError, WorkCancelledError
from hyperion.testing.apart import Apart
from hyperion.tokens import NOTHING, Progress, Token, active, current


def test_a_token_without_limits_lets_everything_go_on() -> None:
    token = Token()
    token.check()
    token.report("run", 1, 2, "pieces")
    token.expire()
    assert (token.cancelled, token.remaining, token.reason) == (False, math.inf, "")
    assert ctypes.c_int32.from_address(token.address).value == 0


@pytest.mark.parametrize("seconds", [-1, -0.001, math.nan, -math.inf])
def test_seconds_that_are_none_are_refused(seconds: float) -> None:
    with pytest.raises(PluginError, match="a token takes seconds from 0 on, not ") as caught:
        Token(seconds=seconds)
    assert caught.value.code == "HY1042"
    assert "seconds=None sets no limit" in caught.value.hints


def test_no_seconds_are_over_at_once_and_infinitely_many_never() -> None:
    with pytest.raises(DeadlineError, match="the deadline passed during transfer") as caught:
        Token(seconds=0).check("transfer")
    assert caught.value.code == "HY5021"
    assert isinstance(caught.value, TimeoutError)
    Token(seconds=math.inf).check()


def test_cancelling_happens_once_and_says_why() -> None:
    token = Token()
    heard: list[str] = []
    token.on_cancel(lambda: heard.append("kept"))
    forget = token.on_cancel(lambda: heard.append("forgotten"))
    forget()
    forget()
    assert token.cancel("the page is closed")
    assert not token.cancel("again")
    assert heard == ["kept"]
    assert token.reason == "the page is closed"
    assert ctypes.c_int32.from_address(token.address).value == 1
    with pytest.raises(WorkCancelledError, match="the work was cancelled during derive: the page is closed") as caught:
        token.check("derive")
    assert caught.value.code == "HY5020"
    token.on_cancel(lambda: heard.append("late"))()
    assert heard == ["kept", "late"]


def test_every_callback_is_called_though_one_raises() -> None:
    token = Token()
    heard: list[int] = []

    def fails() -> None:
        raise OSError("mine")

    token.on_cancel(fails)
    token.on_cancel(lambda: heard.append(1))
    child = Token(parent=token)
    with pytest.raises(OSError, match="mine"):
        token.cancel()
    assert heard == [1]
    assert token.cancelled
    assert child.cancelled


def test_a_deadline_that_passed_is_no_cancellation_and_leaves_room_for_one() -> None:
    token = Token(seconds=0)
    token.expire()
    assert ctypes.c_int32.from_address(token.address).value == -1
    assert not token.cancelled
    with pytest.raises(DeadlineError):
        token.check()
    heard: list[int] = []
    token.on_cancel(lambda: heard.append(1))
    assert heard == []
    assert token.cancel("and not wanted")
    assert heard == [1]
    token.expire()
    assert ctypes.c_int32.from_address(token.address).value == 1
    with pytest.raises(WorkCancelledError):
        token.check()


def test_a_parent_holds_for_its_children_and_not_the_other_way() -> None:
    parent = Token(seconds=100)
    child, other = Token(seconds=1000, parent=parent), Token(seconds=0, parent=parent)
    grandchild = Token(parent=child)
    assert child.deadline == parent.deadline == grandchild.deadline
    with pytest.raises(DeadlineError):
        other.check()
    other.cancel()
    parent.check()
    parent.cancel("all of it")
    assert (child.cancelled, grandchild.cancelled, grandchild.reason) == (True, True, "all of it")
    late = Token(parent=parent)
    assert (late.cancelled, late.reason) == (True, "all of it")


def test_a_parent_that_lives_long_keeps_no_child() -> None:
    parent = Token()
    children = [weakref.ref(Token(parent=parent)) for _ in range(100)]
    gc.collect()
    assert [child() for child in children] == [None] * 100
    assert len(parent._children or ()) == 0
    over = Token(parent=parent)
    over.end()
    over.end()
    Token().end()
    assert parent.cancel()
    assert not over.cancelled


def test_reports_go_to_the_parents_too() -> None:
    heard: list[tuple[str, Progress]] = []
    parent = Token(report=lambda p: heard.append(("parent", p)))
    child = Token(report=lambda p: heard.append(("child", p)), parent=parent)
    Token(parent=child).report("transfer", 3, 7, "bytes")
    told = Progress("transfer", 3, 7, "bytes")
    assert heard == [("child", told), ("parent", told)]


def test_a_report_that_raises_cancels_the_work() -> None:
    def fails(progress: Progress) -> None:
        raise OSError("the pipe is gone")

    token = Token(report=fails)
    with pytest.raises(WorkCancelledError, match="its report failed: OSError: the pipe is gone") as caught:
        token.report("run", 1)
    assert isinstance(caught.value.__cause__, OSError)
    assert token.cancelled


def test_a_report_that_cancels_ends_the_work_there() -> None:
    token = Token(report=lambda progress: token.cancel("enough"))
    with pytest.raises(WorkCancelledError, match="during run: enough"):
        token.report("run", 1)


def test_the_token_of_a_context() -> None:
    token, inner = Token(), Token()
    assert current() is NOTHING
    with token.active() as given:
        assert given is token is current()
        with active(None) as kept, inner.active():
            assert (kept, current()) == (token, inner)
        assert current() is token
    assert current() is NOTHING
    token.cancel()
    with token.active(), pytest.raises(WorkCancelledError), active(None):
        raise AssertionError("not reached")


def test_one_of_many_threads_cancels_and_every_callback_is_called_once(in_threads: Any) -> None:
    for _ in range(20):
        token = Token()
        heard: list[int] = []
        lock = threading.Lock()

        def told(heard: list[int] = heard, lock: threading.Lock = lock) -> None:
            with lock:
                heard.append(1)

        def work(token: Token = token) -> bool:
            token.on_cancel(told)
            Token(parent=token)
            return token.cancel("first")

        assert sorted(in_threads(work, 8)) == [False] * 7 + [True]
        assert len(heard) == 8


def test_expiring_never_takes_a_cancellation_back(in_threads: Any) -> None:
    for _ in range(50):
        token = Token(seconds=0)
        calls = iter([token.expire, token.cancel, token.expire, token.cancel])
        in_threads(lambda calls=calls: next(calls)(), 4)
        assert token.cancelled


def test_nobody_cancels_the_token_of_work_without_one() -> None:
    heard: list[int] = []
    current().on_cancel(lambda: heard.append(1))()
    child = Token(parent=current())
    assert not current().cancel("by mistake")
    current().check()
    child.check()
    assert heard == []


class Interrupted(dict[object, Any]):
    """Callbacks that a handler of a signal interrupts, before one is stored or after it."""

    def __init__(self, token: Token, before: bool) -> None:
        self._token, self._before = token, before

    def __setitem__(self, key: object, callback: Any) -> None:
        if self._before:
            self._token.cancel()
        super().__setitem__(key, callback)
        self._token.cancel()


@pytest.mark.parametrize("before", [True, False])
def test_a_handler_of_a_signal_cancels_whatever_it_interrupts(before: bool) -> None:
    token, heard = Token(), list[int]()
    token._callbacks = Interrupted(token, before)
    Apart(lambda: token.on_cancel(partial(heard.append, 1))).outcome()
    assert token.cancelled
    assert heard == [1]
