"""What tests run apart from themselves ends, or fails them, in time."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from hyperion.testing.apart import Apart, at_once, no_threads, right_in_child

NEVER = threading.Event()
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")


def fails() -> None:
    raise LookupError("mine")


def test_a_call_gives_what_it_returns_or_raises() -> None:
    call = Apart(lambda: 5, "five")
    assert (call.outcome(), call.error(), call.ended, call.thread.name) == (5, None, True, "five")
    with pytest.raises(LookupError, match="mine"):
        Apart(fails).outcome()
    assert isinstance(Apart(fails).error(), LookupError)
    assert isinstance(Apart(lambda: pytest.fail("no")).error(), pytest.fail.Exception)


def test_a_call_that_hangs_fails() -> None:
    call = Apart(lambda: NEVER.wait(60), "the slow one")
    with pytest.raises(AssertionError, match=r"the slow one goes on after 0\.005 s"):
        call.outcome(0.005)
    assert not call.ended
    assert call.thread.daemon, "the process ends without it"


def test_calls_begin_together_and_their_first_error_is_raised() -> None:
    both = threading.Barrier(3)
    assert at_once(lambda n: (both.wait(10), n)[1], 3) == [0, 1, 2]
    with pytest.raises(LookupError):
        at_once(lambda n: fails() if n == 1 else None, 3)
    with pytest.raises(AssertionError, match="call 1 of 2 goes on"):
        at_once(lambda n: n == 0 or NEVER.wait(60), 2, 0.01)


def test_no_thread_starts() -> None:
    with no_threads(), pytest.raises(RuntimeError, match="can't start new thread"):
        Apart(fails)
    assert Apart(lambda: 5).outcome() == 5


@forks
def test_a_child_is_right_or_not(capfd: pytest.CaptureFixture[str]) -> None:
    assert right_in_child(lambda: True)
    assert not right_in_child(lambda: False)
    assert not right_in_child(lambda: os.kill(os.getpid(), signal.SIGKILL) is None)
    assert not right_in_child(lambda: bool(fails()))
    assert "LookupError: mine" in capfd.readouterr().err


@forks
def test_a_child_that_hangs_is_killed_and_fails() -> None:
    read, write = os.pipe()
    with pytest.raises(AssertionError, match="the child of the fork goes on after"):
        right_in_child(lambda: (os.close(read), time.sleep(60))[1] is None, 0.01)
    os.close(write)
    assert os.read(read, 1) == b"", "nobody has the other end any more"
    os.close(read)
