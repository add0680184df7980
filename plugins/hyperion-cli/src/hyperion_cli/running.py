"""Runs a command. What one of a plugin raises becomes an error that says whose it is and what to do."""

from __future__ import annotations

import argparse
import traceback
from collections.abc import Iterator

from hyperion import log
from hyperion.errors import HyperionError, PluginError
from hyperion.interfaces.command import Command
from hyperion.plugins import PluginStatus
from hyperion.plugins.faults import text
from hyperion_cli.hosts import installed
from hyperion_cli.output import OutputError

_OUR_OWN = (HyperionError, SystemExit, KeyboardInterrupt, BrokenPipeError, OutputError)
"""What `main` knows how to end with: a command may leave by `sys.exit`, too."""

_log = log.logger("cli")


def run(name: str, command: Command, arguments: argparse.Namespace) -> int:
    """The command's exit code. Raises `PluginError` (HY1024) where it raises anything but a `HyperionError`, or returns
    something else."""
    try:
        code: object = command.run(arguments)
    except _OUR_OWN:
        raise
    except BaseException as error:
        _log.info("the command %s raised", name, exc_info=error)
        raise _broken(name, f"raised {text(error)}", error) from error
    if not isinstance(code, int):
        raise _broken(name, f"did its work and returned {code!r:.60}, no exit code")
    return int(code)


def _broken(name: str, what: str, error: BaseException | None = None) -> PluginError:
    owner = _owner(name)
    whose, distribution, off = f"the command {name!r}", "", ""
    if owner is not None:
        distribution = owner.distribution
        whose += f" of the plugin {owner.name!r}" + (f" ({distribution} {owner.version})" if distribution else "")
        off = f"HYPERION_DISABLE_PLUGINS={owner.name} goes on without it"
    hints = [f"update {distribution or 'its plugin'}, or report it to its authors", *([off] if off else [])]
    if error is not None:
        hints.insert(0, f"`hyperion --debug {name} ..` shows where, `--log FILE` writes it down")
    return PluginError("HY1024", f"{whose} {what}", notes=list(_places(error)), hints=hints)


def _owner(name: str) -> PluginStatus | None:
    """The plugin whose command it is; None where that cannot be told."""
    try:
        with installed() as found:
            return found.host.owners([("hyperion_cli_commands", name)])[0]
    except Exception:  # what is to be told is the command's error
        return None


def _places(error: BaseException | None) -> Iterator[str]:
    frames = traceback.extract_tb(None if error is None else error.__traceback__)
    for frame in frames[-1:]:
        yield f"raised in {frame.filename}:{frame.lineno}, in {frame.name}"
