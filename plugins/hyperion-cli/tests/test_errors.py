"""Errors on a terminal."""

from __future__ import annotations

import io
import re

import pytest

from hyperion.errors import HyperionError, Label, Span
from hyperion_cli.errors import print_error, rich_text

HERE = Span("f.py", 3, 5, 3, 6, "    x[bold]1[/bold] = '\x1b[2J'")
ERROR = HyperionError("HY6012", "[red]types[/red] differ", HERE, ["[link=x]"], ["[/]"], [Label(HERE, "[b]")])


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_rich_takes_nothing_for_markup() -> None:
    assert rich_text(ERROR).plain == str(ERROR)


def test_colours_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal, file, quiet = _Terminal(), io.StringIO(), _Terminal()
    print_error(ERROR, terminal)
    print_error(ERROR, file)
    assert file.getvalue() == f"{ERROR}\n"
    assert "\x1b[" in terminal.getvalue()
    assert re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue()) == f"{ERROR}\n"
    assert "\x1b[2J" not in terminal.getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    print_error(ERROR, quiet)
    assert quiet.getvalue() == f"{ERROR}\n"
