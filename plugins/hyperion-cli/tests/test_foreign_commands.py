"""Commands of plugins: what they do wrong is said with whose they are, and disturbs no other command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Hyperion = Callable[..., tuple[int, str, str]]
Put = Callable[..., None]

COMMAND = """
from hyperion.hookspecs import hookimpl
HYPERION_API = (1, 0)
class Command:
    name, help = "beads", "HELP"
    def configure(self, parser): CONFIGURE
    def run(self, arguments): RUN
@hookimpl
def hyperion_cli_commands():
    return {"beads": Command}
"""


def beads(run: str = "return 0", configure: str = "pass", about: str = "list beads") -> str:
    return COMMAND.replace("RUN", run).replace("CONFIGURE", configure).replace("HELP", about)


@pytest.mark.parametrize(
    ("run", "said"),
    [
        ("1 / 0", "raised ZeroDivisionError: division by zero"),
        ("raise MemoryError", "raised MemoryError"),
        ("raise GeneratorExit", "raised GeneratorExit"),
        ("raise type('Odd', (BaseException,), {'__str__': lambda self: 1 / 0})", "raised Odd: <its text raised Zero"),
    ],
)
def test_a_command_that_raises_says_whose_it_is(here: Path, put: Put, hyperion: Hyperion, run: str, said: str) -> None:
    put(here, "acme", beads(run))
    code, out, err = hyperion("beads")
    assert (code, out) == (1, "")
    told = " ".join(err.split())
    assert f"HY1024: the command 'beads' of the plugin 'acme' (acme 1.2) {said}" in told
    assert f"note: raised in {here / 'broken_acme.py'}:7, in run" in told
    assert "try: `hyperion --debug beads ..` shows where, `--log FILE` writes it down" in told
    assert "try: update acme, or report it to its authors" in told
    assert "try: HYPERION_DISABLE_PLUGINS=acme goes on without it" in told
    assert "Traceback" not in err


@pytest.mark.parametrize("words", [("--debug", "beads"), ("beads", "--debug")])
def test_the_traceback_is_shown_on_request(
    here: Path, put: Put, hyperion: Hyperion, words: tuple[str, ...], tmp_path: Path
) -> None:
    put(here, "acme", beads("1 / 0"))
    code, out, err = hyperion(*words, "--json", "--log", tmp_path / "log.jsonl")
    assert code == 1
    assert json.loads(out)["error"]["code"] == "HY1024"
    assert 'broken_acme.py", line 7, in run' in err
    assert "ZeroDivisionError" in err
    (line,) = [json.loads(x) for x in (tmp_path / "log.jsonl").read_text().splitlines() if "beads" in x]
    assert line["exception"]["type"] == "ZeroDivisionError"


def test_a_command_has_a_debug_of_its_own(here: Path, put: Put, hyperion: Hyperion) -> None:
    put(here, "acme", beads("return 5 + arguments.debug", "parser.add_argument('--debug', type=int, default=2)"))
    assert hyperion("beads", "--debug", "4")[0] == 9


@pytest.mark.parametrize(("run", "code"), [("raise SystemExit(7)", 7), ("raise KeyboardInterrupt", 130)])
def test_a_command_may_leave(here: Path, put: Put, hyperion: Hyperion, run: str, code: int) -> None:
    put(here, "acme", beads(run))
    if code == 7:
        with pytest.raises(SystemExit) as left:
            hyperion("beads")
        assert left.value.code == 7
    else:
        assert hyperion("beads")[0] == code


@pytest.mark.parametrize(("run", "returned"), [("return None", "None"), ("return 'done'", "'done'")])
def test_a_command_that_returns_no_exit_code_is_told_so(
    here: Path, put: Put, hyperion: Hyperion, run: str, returned: str
) -> None:
    put(here, "acme", beads(run))
    code, _, err = hyperion("beads")
    assert code == 1
    assert f"'acme' (acme 1.2) did its work and returned {returned}, no exit code" in " ".join(err.split())


@pytest.mark.parametrize("configure", ["1 / 0", "raise SystemExit(3)", "raise KeyboardInterrupt"])
def test_a_command_that_cannot_be_configured_does_not_end_the_others(
    here: Path, put: Put, hyperion: Hyperion, configure: str
) -> None:
    put(here, "acme", beads(configure=configure))
    assert hyperion("explain", "HY1001")[0] == 0
    code, _, err = hyperion("beads")
    assert code == 1
    assert "HY1005: the command 'beads' cannot be used: its `configure` raised" in err


def test_a_help_with_a_percent_sign_leaves_the_help_of_all_alone(
    here: Path, put: Put, hyperion: Hyperion, capsys: pytest.CaptureFixture[str]
) -> None:
    put(here, "acme", beads(about="100% of the beads, %s and %(prog) too"))
    for words in (("--help",), ("beads", "--help")):
        with pytest.raises(SystemExit) as left:
            hyperion(*words)
        assert left.value.code == 0
        assert "100% of the beads, %s and %(prog) too" in capsys.readouterr().out
