"""Registers the commands that come with Hyperion. Registration only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, cast

from hyperion.hookspecs import hookimpl

if TYPE_CHECKING:
    from hyperion.interfaces.command import Command

HYPERION_API = (1, 0)

_COMMANDS = {
    "compile": "Compile",
    "demo": "Demo",
    "devices": "Devices",
    "doctor": "Doctor",
    "explain": "Explain",
    "inspect": "Inspect",
    "passes": "Passes",
    "plugins": "Plugins",
    "run": "Run",
    "theorems": "Theorems",
}


def _make(module: str, name: str) -> Command:
    return cast("Command", getattr(import_module(f"hyperion_cli.commands.{module}"), name)())


@hookimpl
def hyperion_cli_commands() -> Mapping[str, Callable[[], Command]]:
    return {module: partial(_make, module, name) for module, name in _COMMANDS.items()}
