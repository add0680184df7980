"""What a newcomer types: options anywhere, output that goes nowhere, endless loops, proofs of something else."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hyperion.logic import kernel, literals, proof
from hyperion.logic import terms as t
from hyperion_cli.main import main
from hyperion_cli.output import wrapped

LOOPS = """
import numpy as np
import hyperion as hp

print("imported")

def total(xs):
    s = 0
    for x in xs:
        s += x
    return s

def fibonacci(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a

@hp.jit(overflow="wrap")
def wrapping(n):
    return n + n

def forever(n):
    i = 0
    while n > 0:
        i = i * 3 + 1
        if i > 1000:
            i = 0
    return i

def zeros(n):
    xs = np.zeros(n)
    xs[0] = 1.0
    return xs
"""
LARGEST = (1 << 63) - 1
Hyperion = Callable[..., tuple[int, str, str]]


@pytest.fixture
def hyperion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Hyperion:
    (tmp_path / "loops.py").write_text(LOOPS)
    monkeypatch.chdir(tmp_path)

    def run(*words: object) -> tuple[int, str, str]:
        try:
            code = main([str(w) for w in words])
        except SystemExit as end:
            code = int(str(end.code))
        out, err = capfd.readouterr()
        return code, out, err

    return run


def test_options_stand_anywhere(hyperion: Hyperion) -> None:
    for words in (
        ("loops.py:fibonacci", "--overflow", "wrap", 90),
        ("loops.py:fibonacci", 90, "--overflow=wrap"),
        ("--overflow", "wrap", "loops.py:fibonacci", "--", 90),
    ):
        code, out, _ = hyperion("explain", *words)
        assert code == 0
        assert "O(n) as written, O(log n) as compiled" in out
        assert "taken: logarithmic" in out
    assert hyperion("run", "loops.py:wrapping", "-10**3", "--overflow", "sat")[1].endswith("-2000\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run"], "the following arguments are required: FILE:FUNC\n"),
        (["theorems"], "the following arguments are required: ACTION\n"),
        (["run", "loops.py:total", "--fast"], "unrecognized arguments: --fast"),
        (["plugins", "all"], "usage: hyperion plugins [-h] [--json]"),
        (["devices", "all"], "HY5010: there is no device 'all': an address is KIND:NUMBER\n"),
        (["run", "loops.py:total", "--overflow"], "--overflow: expected one argument"),
    ],
)
def test_usage_messages(words: list[str], message: str, hyperion: Hyperion) -> None:
    code, _, err = hyperion(*words)
    assert code == 2
    assert message in err


@pytest.mark.parametrize(
    "words",
    [
        ["run", "none.py:total", "loops.py"],
        ["run", "none.hir", "loops.py"],
        ["run", "loops.py:total", "none.npy"],
        ["run", "loops.py:total", "none.csv:close"],
        ["run", "loops.py:total", "loops.py", "--trace", "no/folder/t.json"],
        ["explain", "loops.py:total", "loops.py", "--proof", "no/folder/p.hyp"],
        ["compile", "none.py:total", "loops.py", "-o", "m.hym"],
        ["compile", "loops.py:total", "loops.py", "-o", "no/folder/m.hym"],
        ["inspect", "none.hym"],
        ["passes", "none.hir"],
        ["passes", "total.hir", "--dump", "loops.py/folder"],
        ["passes", "--reproduce", "none.repro"],
        ["theorems", "check", "none.hyp"],
        ["theorems", "check", "none.hyt"],
        ["theorems", "import", "none.hyt"],
        ["theorems", "export", "no/folder/all.hyt"],
    ],
    ids=" ".join,
)
def test_a_file_that_cannot_be_read_or_written_is_wrong_use(words: list[str], hyperion: Hyperion) -> None:
    Path("total.hir").write_text("func @same(%x: i64) -> i64 {\n  return %x\n}\n")
    code, out, err = hyperion(*words)
    assert (code, out.removeprefix("imported\n")) == (2, "")
    assert err.removeprefix("imported\n").startswith("HY")


def test_files_that_are_near_have_the_same_suffix(hyperion: Hyperion) -> None:
    for name in ("prices.py", "prices.hym", "price.hir"):
        Path(name).write_text("")
    assert "did you mean prices.hym?" in hyperion("run", "price.hym")[2]
    assert "did you mean price.hir?" in hyperion("run", "prices.hir")[2]
    assert "did you mean" not in hyperion("run", "prices.npy:total")[2]


def test_an_option_wins_over_the_decorator(hyperion: Hyperion) -> None:
    assert hyperion("run", "loops.py:wrapping", LARGEST)[1] == "imported\n-2\n"
    code, _, err = hyperion("run", "loops.py:wrapping", LARGEST, "--overflow", "trap")
    assert code == 1
    assert "HY5101" in err


def test_json_is_the_only_thing_on_stdout(hyperion: Hyperion) -> None:
    for words in (("run", "loops.py:wrapping", 1), ("explain", "loops.py:wrapping", 1)):
        code, out, err = hyperion(*words, "--json")
        assert (code, err) == (0, "imported\n")
        assert json.loads(out)


def test_an_endless_loop_is_explained_at_once(hyperion: Hyperion) -> None:
    code, out, _ = hyperion("explain", "loops.py:forever", 1)
    assert code == 0
    assert "taken: sequential" in out


def test_too_large_an_array_is_said(hyperion: Hyperion) -> None:
    code, _, err = hyperion("run", "loops.py:zeros", "10**14")
    assert code == 1
    assert "HY5109: zeros makes an array of 100,000,000,000,000 elements, 800,000,000,000,000 bytes" in err


@pytest.mark.parametrize(("path", "why"), [("none/q.proof", "No such file or directory"), (".", "Is a directory")])
def test_a_proof_that_cannot_be_written(path: str, why: str, hyperion: Hyperion) -> None:
    code, _, err = hyperion("explain", "loops.py:total", "loops.py", "--proof", path)
    assert code == 2
    assert f"HY1211: the proof cannot be written to {path!r}: {why}" in err


def test_axioms_are_counted_unless_asked_for(hyperion: Hyperion) -> None:
    assert "int.add.assoc" not in hyperion("explain", "loops.py:total", "loops.py")[1]
    out = hyperion("explain", "loops.py:total", "loops.py", "--verbose")[1]
    assert "int.add.assoc" in out
    assert max(map(len, out.splitlines())) <= 100


def test_a_proof_under_hypotheses_is_not_plainly_checked(hyperion: Hyperion, tmp_path: Path) -> None:
    x = t.var("x", t.INT)
    for theorem, code, first in (
        (kernel.assume(x, literals.int_lit(1)), 1, "checked, but under 1 hypothesis: it says nothing unconditional"),
        (kernel.axiom("int.add.comm"), 0, "checked, but it is no equation between two functions"),
    ):
        (tmp_path / "p.json").write_text(json.dumps(proof.export(theorem)))
        found = hyperion("theorems", "check", "p.json")
        assert found[0] == code
        assert found[1].startswith(first)
        found = hyperion("theorems", "check", "p.json", "--json")
        assert (found[0], json.loads(found[1])["checked"]) == (code, code == 0)


def test_a_long_statement_is_cut_unless_asked_for(hyperion: Hyperion) -> None:
    hyperion("explain", "loops.py:total", "loops.py", "--proof", "p.json")
    short = hyperion("theorems", "check", "p.json")[1]
    long = hyperion("theorems", "check", "p.json", "--full")[1]
    assert short.splitlines()[0] == long.splitlines()[0] == "checked"
    assert short.splitlines()[-1].startswith("  ... --full shows")
    assert len(long.splitlines()) > len(short.splitlines())


def test_no_loop_of_the_demonstration(hyperion: Hyperion) -> None:
    code, out, err = hyperion("demo", "--only", "nothing")
    assert (code, out) == (2, "")
    assert "HY1212: no loop has 'nothing' in its title" in err
    assert "Lines of a text" in err


def test_the_numbers_of_the_demonstration_stay(hyperion: Hyperion) -> None:
    assert hyperion("demo", "--only", "mmix")[1].startswith("6. Knuth's MMIX")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("words", ["plugins", "plugins --json", "explain HY5101"])
def test_output_that_cannot_be_written(words: str) -> None:
    for target, why in (("> /dev/full", "No space left on device"), (">&-", "stdout is closed")):
        command = f"{shlex.quote(sys.executable)} -m hyperion_cli.main {words} {target}"
        done = subprocess.run(command, shell=True, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
        assert (done.returncode, done.stderr) == (1, f"HY1213: the output cannot be written: {why}\n")


def test_closed_stderr_does_not_mix_with_the_result() -> None:
    command = f"{shlex.quote(sys.executable)} -m hyperion_cli.main explain HY0000 2>&-"
    done = subprocess.run(command, shell=True, stdout=subprocess.PIPE, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")


def test_long_lines_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    assert wrapped("  short") == ["  short"]
    assert wrapped("  " + "word " * 15) == ["  " + ("word " * 9).rstrip(), "      " + ("word " * 6).rstrip()]
