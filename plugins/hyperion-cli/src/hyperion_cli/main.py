"""The `hyperion` command: finds subcommands through the hook `hyperion_cli_commands` and runs one of them.

Exit codes: 0 done, 1 failed (so is a plugin's command that raises), 2 wrong use, 130 interrupted, 141 the reader of our
output went away.
"""

from __future__ import annotations

import _thread
import faulthandler
import io
import logging
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import hyperion as hp
from hyperion import log
from hyperion.diagnostics import shown, to_json
from hyperion.errors import PluginError
from hyperion.interfaces.command import Command
from hyperion_cli.errors import print_error
from hyperion_cli.hosts import installed, stdout_for_results
from hyperion_cli.output import OutputError, UsageError, flush, print_json
from hyperion_cli.parsing import parse
from hyperion_cli.running import run
from hyperion_cli.watching import watched

FAILED, USAGE, INTERRUPTED, BROKEN_PIPE = 1, 2, 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line and returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if _missing(sys.stderr):
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115  for the rest of the process
    if _missing(sys.stdout):
        return _unwritable("stdout is closed")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    with suppress(OSError, ValueError):  # stderr is no file
        faulthandler.enable(sys.stderr)  # where native code of a plugin crashes, Python's stack says whose it is
    hook, sys.unraisablehook = sys.unraisablehook, _interrupt_again(sys.unraisablehook)
    warnings = _Warnings(logging.WARNING)
    log.logger().addHandler(warnings)
    try:
        return _flushed(words)
    except KeyboardInterrupt as interrupt:
        print("interrupted", file=sys.stderr)
        for note in getattr(interrupt, "__notes__", ()):
            print(f"  note: {shown(note)}", file=sys.stderr)
        return INTERRUPTED
    finally:
        log.logger().removeHandler(warnings)
        sys.unraisablehook = hook


class _Warnings(logging.Handler):
    """Prints warnings of Hyperion's loggers to stderr: that a library cannot be written, for instance."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            print(f"warning: {shown(record.getMessage())}", file=sys.stderr)
        except Exception:  # as every handler of the standard library does
            self.handleError(record)


def _flushed(words: list[str]) -> int:
    """Runs the command with all its output written, however it ends."""
    try:
        try:
            return _main(words)
        finally:
            flush()
    except BrokenPipeError:
        _forget_output()
        return BROKEN_PIPE
    except OutputError as error:
        _forget_output()
        return _unwritable(error.strerror or str(error))


def _main(words: list[str]) -> int:
    try:
        commands = _commands(words)
        arguments = parse(commands, words)
        with watched(arguments):
            return run(arguments.command, commands[arguments.command], arguments)
    except hp.HyperionError as error:
        if "--debug" in words:
            traceback.print_exception(error.__cause__ or error)
        if "--json" in words:
            print_json({"error": to_json(error)})
        else:
            print_error(error)
        return USAGE if isinstance(error, UsageError) else FAILED


def _missing(stream: object) -> bool:
    """Python has no stream for a descriptor that was closed when it started."""
    return stream is None


def _unwritable(why: str) -> int:
    print_error(hp.HyperionError("HY1213", f"the output cannot be written: {why}"))
    return FAILED


def _forget_output() -> None:
    """What is still buffered has nowhere to go; without this the interpreter complains when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _interrupt_again(otherwise: Callable[[Any], object]) -> Callable[[Any], object]:  # Any: UnraisableHookArgs
    """A hook that raises a Ctrl-C once more that came while an object was finalised, where Python drops exceptions."""

    def hook(lost: Any) -> None:
        if lost.exc_type is KeyboardInterrupt:
            _thread.interrupt_main()
        else:
            otherwise(lost)

    return hook


def _commands(words: Sequence[str]) -> Mapping[str, Command]:
    """The commands of active plugins; those that find out what is wrong ask none of them. What plugins print while they
    are imported goes to stderr. Raises `PluginError` (HY1002) where no plugin has commands."""
    if words[:1] in (["doctor"], ["plugins"]):
        from hyperion_cli.commands.doctor import Doctor
        from hyperion_cli.commands.plugins import Plugins

        return {"doctor": Doctor(), "plugins": Plugins()}
    with stdout_for_results():
        try:
            commands = hp.default_instance().commands()
        except PluginError:
            commands = _those_that_work(words)
    if commands:
        return commands
    with installed() as found:
        notes = [f"plugin {s.name} is {s.state}: {s.reason}" for s in found.host.statuses() if s.state != "active"]
    hints = ["`cli` has the usual ones; is it in HYPERION_PLUGINS, and not in HYPERION_DISABLE_PLUGINS?"]
    hints.append("`hyperion plugins` and `hyperion doctor` work all the same")
    raise PluginError("HY1002", "no active plugin registers commands", notes=notes, hints=hints)


def _those_that_work(words: Sequence[str]) -> dict[str, Command]:
    """The commands without those that two plugins register, also where the configuration cannot be read: what does not
    need it does its work, the others say what is wrong with it. Raises the error of the one that the words ask for."""
    commands: dict[str, Command] = {}
    errors: dict[str, PluginError] = {}
    with installed() as found:
        for name in found.host.names("hyperion_cli_commands"):
            try:
                commands[name] = found.host.get("hyperion_cli_commands", name)
            except PluginError as error:
                errors[name] = error
    asked = next((word for word in words if word in commands or word in errors), "")
    if asked in errors:
        raise errors[asked]
    for error in errors.values():
        print_error(error)
    return commands


if __name__ == "__main__":
    sys.exit(main())
