"""The line that says what is being done."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable

import pytest

import hyperion as hp
from hyperion.interfaces.event import Event
from hyperion_cli import progress as module
from hyperion_cli.progress import progress

INC = "func @inc(%x: i64) -> i64 { %one = const 1 : i64 %y = add.trap %x, %one : i64 return %y }"


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_it_names_the_stage_and_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(module, "PATIENCE", 0)
    out = _Terminal()
    with hp.Instance() as instance, progress(instance, out):
        with instance.observer.stage("strategy", "power [bold]\x1b[2J", "f"):
            until(lambda: "looking for a proof by power" in out.getvalue())
        until(lambda: "working" in out.getvalue())
    assert "f: looking for a proof by power [bold]\\x1b[2J" in out.getvalue()
    assert "\x1b[2J" not in out.getvalue()
    assert re.search(r"\x1b\[2K|\x1b\[1A", out.getvalue())  # the line is taken away
    assert out.getvalue().rstrip().endswith(("\x1b[2K", "\x1b[?25h", "\r\x1b[1A\x1b[2K"))


def test_it_waits_before_it_appears(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(module, "PATIENCE", 1000)
    out = _Terminal()
    with hp.Instance() as instance, progress(instance, out):
        instance.compile(INC, frontend="ir")
    assert out.getvalue() == ""


@pytest.mark.parametrize(("kind", "term"), [(io.StringIO, "xterm"), (_Terminal, "dumb")])
def test_it_appears_on_terminals_only(kind: type[io.StringIO], term: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr(module, "PATIENCE", 0)
    out = kind()
    with hp.Instance() as instance, progress(instance, out):
        instance.tell(Event("compile.begin", "x"))
        time.sleep(0.05)
    assert out.getvalue() == ""


def test_an_exception_passes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    with hp.Instance() as instance, pytest.raises(KeyboardInterrupt), progress(instance, _Terminal()):
        raise KeyboardInterrupt
