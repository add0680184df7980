"""The `hyperion` command: finds subcommands through the hook `hyperion_cli_commands` and runs one of them.

Exit codes: 0 done, 1 failed, 2 wrong use, 130 interrupted, 141 the reader of our output went away.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Mapping, Sequence

import hyperion as hp
from hyperion.errors import PluginError
from hyperion.interfaces.command import Command
from hyperion_cli.output import UsageError, print_error, print_json

FAILED, USAGE, INTERRUPTED, BROKEN_PIPE = 1, 2, 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line and returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _main(words)
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # What is still buffered has nowhere to go; without this the interpreter complains when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    return code


def _main(words: list[str]) -> int:
    try:
        commands = _commands()
        arguments = _parser(commands).parse_args(words)
        return commands[arguments.command].run(arguments)
    except hp.HyperionError as error:
        if "--json" in words:
            print_json({"error": error_fields(error)})
        else:
            print_error(error)
        return USAGE if isinstance(error, UsageError) else FAILED


def _commands() -> Mapping[str, Command]:
    instance = hp.default_instance()
    commands = instance.commands()
    if not commands:
        notes = [f"plugin {s.name} is {s.state}: {s.reason}" for s in instance.plugins if s.state != "active"]
        hints = ["`cli` has the usual ones; is it in HYPERION_PLUGINS, and not in HYPERION_DISABLE_PLUGINS?"]
        raise PluginError("HY1002", "no active plugin registers commands", notes=notes, hints=hints)
    return commands


def _parser(commands: Mapping[str, Command]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hyperion",
        description="Derives theorems about loops, checks them, runs proven equivalents that are cheaper or parallel.",
        epilog="An error code is explained by `hyperion explain CODE`.",
    )
    parser.add_argument("--version", action="version", version=f"hyperion {hp.__version__}")
    table = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in commands.items():
        sub = table.add_parser(name, help=command.help, description=command.help)
        sub.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
        command.configure(sub)
    return parser


def error_fields(error: hp.HyperionError) -> dict[str, object]:
    """An error as plain values."""
    span = error.span
    place = None if span is None else {"file": span.file, "line": span.line, "column": span.column, "text": span.text}
    return {
        "code": error.code,
        "kind": type(error).__name__,
        "message": error.message,
        "span": place,
        "notes": list(error.notes),
        "hints": list(error.hints),
    }


if __name__ == "__main__":
    sys.exit(main())
