"""What every subcommand must do."""

from __future__ import annotations

import argparse

from hyperion.interfaces.command import Command


class CommandConformance:
    """Subclass with `make`, and with `words`: arguments that the command takes, without the command itself."""

    words: tuple[str, ...] = ()

    def make(self) -> Command:
        raise NotImplementedError

    def test_it_follows_the_interface(self) -> None:
        command = self.make()
        assert isinstance(command, Command)
        assert command.name
        assert not set(command.name) & set(" -/:"), "it is one word"

    def test_its_help_is_one_line(self) -> None:
        text = self.make().help
        assert text
        assert "\n" not in text

    def test_it_parses_its_words_beside_the_option_that_all_commands_have(self) -> None:
        parsed = self._parser().parse_args([*self.words, "--json"])
        assert parsed.json is True

    def test_every_argument_is_explained(self) -> None:
        silent = [action.dest for action in self._parser()._actions if not action.help]  # no other way to ask
        assert set(silent) <= {"action"}, "give them a help text"

    def test_configuring_twice_is_configuring_anew(self) -> None:
        command = self.make()
        first, second = argparse.ArgumentParser(prog="x"), argparse.ArgumentParser(prog="x")
        command.configure(first)
        command.configure(second)
        assert first.format_help() == second.format_help()

    def _parser(self) -> argparse.ArgumentParser:
        parser = argparse.ArgumentParser(exit_on_error=False)
        parser.add_argument("--json", action="store_true", help="one JSON document")
        self.make().configure(parser)
        return parser
