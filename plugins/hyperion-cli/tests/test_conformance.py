"""Every command follows its interface."""

from __future__ import annotations

import pytest

from hyperion.interfaces.command import Command
from hyperion.testing import CommandConformance
from hyperion_cli.plugin import hyperion_cli_commands

COMMANDS = hyperion_cli_commands()
WORDS = {
    "compile": ("loops.py:total", "-o", "total.hym"),
    "explain": ("HY1002",),
    "inspect": ("total.hym",),
    "run": ("loops.py:total", "1"),
    "theorems": ("list",),
}


@pytest.mark.parametrize("command", COMMANDS, indirect=True)
class TestCommands(CommandConformance):
    @pytest.fixture(autouse=True)
    def command(self, request: pytest.FixtureRequest) -> None:
        self.called: str = request.param
        self.words = WORDS.get(request.param, ())

    def make(self) -> Command:
        return COMMANDS[self.called]()
