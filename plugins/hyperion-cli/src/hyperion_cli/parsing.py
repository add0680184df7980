"""The words of the command line. Options may stand anywhere, between arguments too."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from typing import Any

import hyperion as hp
from hyperion.errors import PluginError
from hyperion.interfaces.command import Command
from hyperion.plugins.faults import goes_through, text
from hyperion_cli.watching import add_watching_arguments

_DEBUG = "print the traceback of an error"
_NEGATIVE = re.compile(r"-[\d.]|-(inf|nan)$", re.IGNORECASE)


def parse(commands: Mapping[str, Command], words: Sequence[str]) -> argparse.Namespace:
    """What the words ask for. Ends the process with a usage message and exit code 2 where they ask for nothing."""
    parser = argparse.ArgumentParser(
        prog="hyperion",
        description="Derives theorems about loops, checks them, runs proven equivalents that are cheaper or parallel.",
        epilog="An error code is explained by `hyperion explain CODE`.",
    )
    parser.add_argument("--version", action="version", version=f"hyperion {hp.__version__}")
    parser.add_argument("--debug", action="store_true", help=_DEBUG)
    add_watching_arguments(parser)
    table = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_CommandParser)
    for name, command in commands.items():
        about = str(command.help)
        escaped = about.replace("%", "%%")
        description = escaped if "%(prog)" in about else about  # argparse takes it as a format only then
        sub = table.add_parser(name, help=escaped, description=description, allow_abbrev=False)
        sub.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
        add_watching_arguments(sub, argparse.SUPPRESS)
        try:
            command.configure(sub)
        except BaseException as error:  # a stranger's: it is the end of that command alone
            if goes_through(error, type(command).__module__):
                raise
            sub.broken = error
        if not sub.has("--debug"):  # it may have one of its own
            sub.add_argument("--debug", action="store_true", help=_DEBUG, default=argparse.SUPPRESS)
    return parser.parse_args(words)


class _CommandParser(argparse.ArgumentParser):
    """The parser of one command: sorts its words into options and arguments before they are parsed.

    argparse itself takes `FILE:FUNC --overflow wrap 90` for a function without arguments and a word too many.
    """

    def __init__(self, **settings: Any) -> None:  # Any: argparse's own
        self._takes_value: dict[str, bool] = {}
        self.broken: BaseException | None = None
        super().__init__(**settings)

    def add_argument(self, *names: str, **settings: Any) -> argparse.Action:  # type: ignore[override]  # Any: argparse's
        action = super().add_argument(*names, **settings)
        self._takes_value.update(dict.fromkeys(action.option_strings, action.nargs != 0))
        return action

    def has(self, option: str) -> bool:
        return option in self._takes_value

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # Any: argparse's overloads
        if args is None or self._subparsers is not None:  # the parser of the word that follows sorts the rest
            return super().parse_known_args(args, namespace)
        if self.broken is not None:
            name = self.prog.split()[-1]
            what = f"the command {name!r} cannot be used: its `configure` raised {text(self.broken)}"
            hints = [f"`hyperion plugins why hyperion_cli_commands:{name}` says whose it is: report it to its authors"]
            raise PluginError("HY1005", what, hints=hints) from self.broken
        found, rest = super().parse_known_args(self._options_first(args), namespace)
        unknown = [word for word in rest if word != "--"]
        if unknown:  # the parser of all commands would say so with its own usage
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown

    def _options_first(self, words: Sequence[str]) -> list[str]:
        options: list[str] = []
        arguments: list[str] = []
        rest = iter(words)
        for word in rest:
            if word == "--":
                arguments += rest
            elif not word.startswith("-") or word == "-" or _NEGATIVE.match(word):
                arguments.append(word)
            else:
                options.append(word)
                if self._takes_value.get(word):
                    options += [value for value in [next(rest, None)] if value is not None]
        return [*options, "--", *arguments] if arguments else options
