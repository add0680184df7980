"""The `hyperion` command as a user meets it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import hyperion as hp
from hyperion.codes import CODES
from hyperion.testing.apart import Apart
from hyperion_cli.main import _interrupt_again, main
from hyperion_cli.number import number
from hyperion_cli.output import plain, seconds, table

LOOPS = """
def total(xs):
    s = 0
    for x in xs:
        s += x
    return s

def add(x, y):
    return x + y

def odd(xs):
    return [x for x in xs]

def forever(n):
    i = 0
    while n > 0:
        i = i * 3 + 1
        if i > 1000:
            i = 0
    return i
"""


@pytest.fixture
def loops(tmp_path: Path) -> Path:
    (tmp_path / "loops.py").write_text(LOOPS)
    return tmp_path / "loops.py"


Hyperion = Callable[..., tuple[int, str, str]]


@pytest.fixture
def hyperion(capsys: pytest.CaptureFixture[str]) -> Hyperion:
    def run(*words: object) -> tuple[int, str, str]:
        code = main([str(w) for w in words])
        out, err = capsys.readouterr()
        return code, out, err

    return run


COMMAND = [sys.executable, "-m", "hyperion_cli.main"]


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith("hyperion 0.")


@pytest.mark.parametrize("words", [[], ["dance"], ["run"], ["theorems", "burn", "x"]])
def test_wrong_use_exits_with_2(words: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2


def test_run_takes_every_kind_of_argument(loops: Path, tmp_path: Path, hyperion: Hyperion) -> None:
    np.save(tmp_path / "xs.npy", np.array([1, 2, 3], dtype=np.int16))
    (tmp_path / "xs.csv").write_text("# a comment\nday,price\nmon,5\ntue,7\n")
    (tmp_path / "text.txt").write_bytes(b"ab")
    for argument, result in (("xs.npy", "6"), ("xs.csv:price", "12"), ("text.txt", "195")):
        assert hyperion("run", f"{loops}:total", tmp_path / argument) == (0, f"{result}\n", "")
    assert hyperion("run", f"{loops}:add", "2**40", "1") == (0, "1099511627777\n", "")
    assert hyperion("run", f"{loops}:add", "1.5", "--", "-2") == (0, "-0.5\n", "")
    assert hyperion("run", f"{loops}:add", "true", "1")[1] == "2\n"


def test_run_as_json(loops: Path, hyperion: Hyperion) -> None:
    code, out, err = hyperion("run", "--json", f"{loops}:add", 1, 2)
    found = json.loads(out)
    assert (code, err, found["function"], found["result"]) == (0, "", "add", 3)
    assert found["seconds"] > 0


def test_an_error_is_text_on_stderr_or_json_on_stdout(loops: Path, hyperion: Hyperion) -> None:
    largest = (1 << 63) - 1
    code, out, err = hyperion("run", f"{loops}:add", largest, 1)
    assert (code, out) == (1, "")
    assert err.startswith("HY5101: ")
    assert "return x + y" in err
    code, out, err = hyperion("run", f"{loops}:add", largest, 1, "--json")
    assert (code, err) == (1, "")
    error = json.loads(out)["error"]
    assert (error["code"], error["span"]["line"]) == ("HY5101", 9)
    assert hyperion("run", "--overflow", "wrap", f"{loops}:add", largest, 1)[1] == f"{-largest - 1}\n"


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        ("loops.py", [], "HY1201"),
        ("loop.py:total", [], "HY1202"),
        ("loops.py:totl", [], "did you mean 'total'?"),
        ("broken.py:f", [], "broken.py cannot be imported: ZeroDivisionError"),
        ("loops.py:total", ["nothing.txt"], "HY1205: argument xs: 'nothing.txt' is no number and no file"),
        ("loops.py:total", ["xs.csv"], "needs a column"),
        ("loops.py:total", ["xs.csv:prise"], "has no column 'prise'"),
        ("loops.py:total", ["bad.csv:price"], "bad.csv:3, column 'price': 'x' is no number"),
        ("loops.py:total", ["bad.npy"], "HY1205: argument xs: 'bad.npy' is no NumPy array file"),
        ("loops.py:add", ["1"], "missing a required argument: 'y'"),
    ],
)
def test_bad_arguments_say_what_is_wrong(
    function: str, arguments: list[str], message: str, loops: Path, hyperion: Hyperion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(loops.parent)
    Path("broken.py").write_text("1 / 0")
    Path("xs.csv").write_text("day,price\nmon,5\n")
    Path("bad.csv").write_text("day,price\nmon,5\ntue,x\n")
    Path("bad.npy").write_bytes(b"not an array")
    code, out, err = hyperion("run", function, *arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_what_the_frontend_refuses_fails(loops: Path, hyperion: Hyperion) -> None:
    code, _, err = hyperion("run", f"{loops}:odd", loops)
    assert code == 1
    assert "return [x for x in xs]" in err


def test_explain_and_check_a_proof(loops: Path, tmp_path: Path, own_default: None, hyperion: Hyperion) -> None:
    proof = tmp_path / "proof.json"
    code, out, _ = hyperion("explain", f"{loops}:total", loops, "--proof", proof)
    assert code == 0
    assert "theorem (checked)" in out
    assert "O(n) as written, O(n/p) as compiled" in out
    found = json.loads(hyperion("explain", "--json", f"{loops}:total", loops)[1])
    assert found["checked"] is True
    code, out, _ = hyperion("theorems", "check", proof)
    assert (code, out.splitlines()[0]) == (0, "checked")
    checked = json.loads(hyperion("theorems", "check", "--json", proof)[1])
    assert (checked["left"], checked["right"]) == (found["statement"]["left"], found["statement"]["right"])
    assert checked["hypotheses"] == 0


def test_a_changed_proof_is_refused(loops: Path, tmp_path: Path, hyperion: Hyperion) -> None:
    proof = tmp_path / "proof.json"
    hyperion("explain", f"{loops}:total", loops, "--proof", proof)
    changed = json.loads(proof.read_text())
    changed["steps"][-1] = ["axiom", "everything.is.true"]
    proof.write_text(json.dumps(changed))
    code, out, err = hyperion("theorems", "check", proof)
    assert (code, out) == (1, "")
    assert err.startswith("HY7001: ")
    assert "the checker refuses the proof" in err
    proof.write_text("{")
    assert hyperion("theorems", "check", proof)[0] == 1
    assert hyperion("theorems", "check", tmp_path / "none")[0] == 2


def test_explain_an_error_code(hyperion: Hyperion) -> None:
    assert hyperion("explain", "hy5101")[1].startswith("HY5101: A step of the function left the range")
    assert json.loads(hyperion("explain", "HY7020", "--json")[1])["code"] == "HY7020"
    assert hyperion("explain", "HY0000")[0] == 2


def test_every_code_that_any_installed_package_raises_is_explained() -> None:
    missing: set[str] = set()
    for status in hp.default_instance().plugins:
        spec = find_spec(status.module.split(".")[0]) if status.module else None
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            for file in Path(folder).rglob("*.py"):
                used = re.findall(r'"(HY\d{4})"', file.read_text(encoding="utf-8"))
                missing |= {f"{code} in {file}" for code in used if code not in CODES}
    assert not missing


def test_plugins_and_devices(hyperion: Hyperion) -> None:
    code, out, _ = hyperion("plugins")
    assert code == 0
    assert any(line.split()[:2] == ["cli", "active"] for line in out.splitlines())
    assert {"name", "state", "reason", "remedy"} <= json.loads(hyperion("plugins", "--json")[1])["plugins"][0].keys()
    assert "cpu:0" in hyperion("devices")[1]
    assert json.loads(hyperion("devices", "--json")[1])["devices"][0]["workers"] >= 1


def test_the_demo_proves_what_it_shows(hyperion: Hyperion) -> None:
    code, out, _ = hyperion("demo", "--only", "mmix", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["passed"] is True
    (loop,) = found["loops"]
    assert loop["explanation"]["checked"] is True
    assert loop["explanation"]["chosen_cost"] == "O(log n)"
    assert all(loop["agreements"].values())
    code, out, _ = hyperion("demo", "--only", "fibonacci")
    assert code == 0
    for part in ("def fibonacci", "theorem", "checked", "cost: O(n) as written", "agrees with the doubling formula"):
        assert part in out


def test_the_price_series_is_what_its_header_says() -> None:
    from hyperion_cli.demo.prices import load_prices

    prices = load_prices()
    assert (len(prices), prices[0], prices.min(), prices.max()) == (8321, 2556, 1025, 14531)


def test_output_is_plain_where_it_is_no_terminal(loops: Path) -> None:
    command = [*COMMAND, "explain", f"{loops}:total", loops]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert "\x1b" not in done.stdout


def test_a_reader_that_goes_away_is_no_error(loops: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*COMMAND, "plugins"], stdout=writer, stderr=subprocess.PIPE, text=True, check=False, timeout=60
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("words", "sign"),
    [(["run", "loops.py:forever", "1", "--log", "/dev/stdout"], "compiled"), (["demo"], "1. ")],
    ids=["run", "demo"],
)
def test_an_interruption_of_the_whole_group_ends_with_130(loops: Path, words: list[str], sign: str) -> None:
    """It comes once the output has its sign, while the loop runs or is looked at."""
    with subprocess.Popen(
        [*COMMAND, *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=loops.parent, start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as child:  # fmt: skip
        try:
            out = child.stdout
            assert out is not None
            Apart(lambda: next(line for line in out if sign in line)).outcome(60)
            os.killpg(child.pid, signal.SIGINT)
            _, err = child.communicate(timeout=60)
        finally:
            child.kill()
    assert child.returncode == 130
    assert err.strip() == "interrupted"


@pytest.mark.parametrize(("lost", "interruptions"), [(KeyboardInterrupt, 1), (ValueError, 0)])
def test_an_interruption_that_python_drops_comes_again(
    lost: type[BaseException], interruptions: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    again: list[None] = []
    monkeypatch.setattr("_thread.interrupt_main", lambda: again.append(None))
    others: list[Any] = []
    hook = _interrupt_again(others.append)
    hook(SimpleNamespace(exc_type=lost))
    assert (len(again), len(others)) == (interruptions, 1 - interruptions)


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("5", 5),
        ("-5", -5),
        ("10**15", 10**15),
        ("1_000", 1000),
        ("1e3", 1000.0),
        ("TRUE", True),
        ("x", None),
        ("2**x", None),
    ],
)
def test_numbers(word: str, value: object) -> None:
    assert number(word) == value
    assert type(number(word)) is type(value)


def test_texts() -> None:
    assert [seconds(t) for t in (2.0, 0.0123, 4.5e-6, 18e-9)] == ["2 s", "12.3 ms", "4.5 µs", "18 ns"]
    assert table([("a", "bb", "c"), ("aaa", "b", "")]) == ["a    bb  c", "aaa  b"]
    assert plain({"x": np.array([1, 2]), "y": (np.float64("nan"), 1.0)}) == {"x": [1, 2], "y": ["nan", 1.0]}
