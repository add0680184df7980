"""A subcommand of the `hyperion` command."""

from __future__ import annotations

import argparse
from typing import Protocol, runtime_checkable


@runtime_checkable
class Command(Protocol):
    """Registered by the hook `hyperion_cli_commands`."""

    @property
    def name(self) -> str: ...

    @property
    def help(self) -> str:
        """One line for `hyperion --help`."""
        ...

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Adds this command's own arguments. `--json`, `--log`, `--log-level` and `--metrics` are there already."""
        ...

    def run(self, arguments: argparse.Namespace) -> int:
        """Does the work and returns the exit code: 0 done, 1 failed, 2 wrong use. A `HyperionError` ends in its message
        and 1; what else it raises in HY1024, which names the plugin, and 1."""
        ...
