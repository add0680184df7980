"""`hyperion passes`: the list, the opt-like driver, and reproducers."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hyperion_cli.main import main

DEFAULT = (
    "unroll,index-loops,loops-to-scans,written-loops,gathered-loops,counter-loops,one-length,canonicalize,"
    "constant-folding,cse,dce"
)

TEXT = """
func @f(%x: i64) -> i64 {
  %a = add.wrap %x, %x : i64
  %b = add.wrap %x, %x : i64
  %d = mul.wrap %a, %b : i64
  return %d
}
"""
AFTER = """func @f(%x: i64) -> i64 {
  %a = add.wrap %x, %x : i64
  %d = mul.wrap %a, %a : i64
  return %d
}
"""
PLUGIN = '''
from dataclasses import dataclass, replace

from hyperion.hookspecs import hookimpl
from hyperion.interfaces.compiler_pass import PassResult

HYPERION_API = (1, 0)


@dataclass(frozen=True)
class Exchange:
    """Exchanges operands. And a second sentence."""

    times: int = 1
    words: tuple[str, ...] = ("a", "b c")

    @property
    def name(self):
        return "exchange"

    def run(self, program, context):
        main = program.main
        return PassResult(replace(main, equations=tuple(replace(e, operands=e.operands[::-1]) for e in main.equations)))


@hookimpl
def hyperion_passes():
    return {"exchange": Exchange}
'''
MINUS = "func @g(%x: i64, %y: i64) -> i64 {\n  %d = sub.wrap %x, %y : i64\n  return %d\n}\n"
Hyperion = Callable[..., tuple[int, str, str]]


@pytest.fixture
def hyperion(capsys: pytest.CaptureFixture[str]) -> Hyperion:
    def run(*words: object) -> tuple[int, str, str]:
        code = main([str(word) for word in words])
        return (code, *capsys.readouterr())

    return run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "f.hir"
    path.write_text(TEXT)
    return path


@pytest.fixture
def exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_default: None) -> Path:
    """An installed plugin with a pass that has no evidence, and a file for it. The default Instance is made anew."""
    (tmp_path / "site").mkdir()
    info = tmp_path / "site/exchanging-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: exchanging\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text("[hyperion.plugins]\nexchanging = exchanging_plugin\n")
    (tmp_path / "site/exchanging_plugin.py").write_text(PLUGIN)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    path = tmp_path / "g.hir"
    path.write_text(MINUS)
    return path


def test_the_list(hyperion: Hyperion, exchange: Path) -> None:
    code, out, _ = hyperion("passes")
    assert code == 0
    lines = out.splitlines()
    assert any(line.startswith("cse  Common subexpressions: ") for line in lines)
    (at,) = [i for i, line in enumerate(lines) if line.startswith("exchange")]
    assert lines[at] == "exchange  Exchanges operands  [exchanging 1.2]"
    assert lines[at + 1] == '    times: int = 1, words: [str] = [a,"b c"]'
    assert "fixpoint(..)" in out
    assert "    max: int = 8" in lines
    (default,) = [i for i, line in enumerate(lines) if line.split() == ["default"]]  # what follows is too wide for it
    text = "".join(line.strip() for line in lines[default + 1 :])
    assert text.startswith(f"{DEFAULT}[pipeline]")


def test_the_list_as_json(hyperion: Hyperion, exchange: Path) -> None:
    found = json.loads(hyperion("passes", "--json")[1])
    (entry,) = [p for p in found["passes"] if p["name"] == "exchange"]
    assert entry == {
        "name": "exchange",
        "plugin": "exchanging",
        "distribution": "exchanging",
        "version": "1.2",
        "summary": "Exchanges operands",
        "options": [
            {"name": "times", "type": "int", "default": 1},
            {"name": "words", "type": "[str]", "default": ["a", "b c"]},
        ],
    }
    assert [c["name"] for c in found["combinators"]] == ["fixpoint", "repeat", "try"]
    assert {"name": "default", "text": DEFAULT} in found["pipelines"]


def test_a_pipeline_over_a_file(hyperion: Hyperion, file: Path) -> None:
    code, out, err = hyperion("passes", file, "--pipeline", "cse,fixpoint(dce)")
    assert (code, out, err) == (0, AFTER, "")
    assert hyperion("passes", file)[1] == AFTER  # the default pipeline


def test_stdin(hyperion: Hyperion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(TEXT))
    assert hyperion("passes", "-", "--pipeline", "cse")[1] == AFTER


def test_reports_go_to_stderr(hyperion: Hyperion, file: Path, tmp_path: Path) -> None:
    words = ("--timing", "--statistics", "--dump-changes", "--dump", tmp_path / "ir")
    code, out, err = hyperion("passes", file, "--pipeline", "cse,try(dce)", *words)
    assert (code, out) == (0, AFTER)
    for part in ("judging", "  dce ", "statistics", "removed", "+++ after", "-  %b = add.wrap %x, %x : i64"):
        assert part in err
    assert sorted(f.name for f in (tmp_path / "ir").iterdir()) == ["0000-input.hir", "0001-cse.hir"]


def test_everything_as_json(hyperion: Hyperion, file: Path) -> None:
    found = json.loads(hyperion("passes", file, "--pipeline", "cse , dce", "--json")[1])
    assert found["pipeline"] == "cse,dce"
    assert found["ir"] == AFTER
    assert found["steps"] == [
        {"pass": "cse", "changed": True, "evidence": "same term"},
        {"pass": "dce", "changed": False, "evidence": "unchanged"},
    ]
    assert (found["checked"], found["unproved"], found["notes"]) == (True, [], [])
    assert [p["pass"] for p in found["timing"]["passes"]] == ["cse", "dce"]
    assert found["statistics"]["passes"][0]["statistics"] == {"removed": 1, "replaced": 1}


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("--pipeline", "cs"), "did you mean 'cse'?"),
        (("--pipeline", "cse,"), "HY4010"),
        (("--pipeline", "fixpoint{m=1}(cse)"), "HY4012"),
    ],
)
def test_a_wrong_pipeline_is_wrong_use(hyperion: Hyperion, file: Path, words: tuple[str, ...], part: str) -> None:
    code, out, err = hyperion("passes", file, *words)
    assert (code, out) == (2, "")
    assert part in err
    assert "^" in err


def test_wrong_use(hyperion: Hyperion, file: Path, tmp_path: Path) -> None:
    assert hyperion("passes", tmp_path / "none.hir")[0] == 2
    assert "HY1220" in hyperion("passes", "--pipeline", "cse")[2]
    assert "HY1220" in hyperion("passes", file, "--reproduce", file)[2]
    file.write_text("func @f() -> i64 { return %x }")
    code, out, err = hyperion("passes", file, "--pipeline", "cse")
    assert (code, out) == (1, "")
    assert "%x" in err


def test_a_pass_without_proof(hyperion: Hyperion, exchange: Path) -> None:
    code, out, err = hyperion("passes", exchange, "--pipeline", "exchange")
    assert (code, out) == (1, "")
    assert "HY4003" in err
    code, out, err = hyperion("passes", exchange, "--pipeline", "exchange", "--unproved", "exchange")
    assert code == 0
    assert "sub.wrap %y, %x" in out
    assert "NOT PROVED: changed without evidence by exchange" in err
    found = json.loads(hyperion("passes", exchange, "--pipeline", "exchange", "--unproved", "exchange", "--json")[1])
    assert (found["checked"], found["unproved"]) == (False, ["exchange"])


def test_what_ends_otherwise_is_noted(hyperion: Hyperion, exchange: Path) -> None:
    _, _, err = hyperion(
        "passes", exchange, "--pipeline", "fixpoint{max=9}(exchange)", "--unproved", "exchange", "--no-verify-each"
    )
    assert "note: fixpoint{max=9}(exchange) on 'g' goes round in circles after 2 rounds" in err


def test_a_reproducer_runs_again(hyperion: Hyperion, exchange: Path, tmp_path: Path) -> None:
    folder = tmp_path / "found"
    _, _, err = hyperion("passes", exchange, "--pipeline", "cse,exchange", "--reproducers", folder)
    (file,) = folder.iterdir()
    assert str(file) in err
    code, out, err = hyperion("passes", "--reproduce", file)
    assert code == 1
    assert out == "it fails as recorded\n"
    assert "HY4003" in err
    assert "recorded with" not in err
    found = json.loads(hyperion("passes", "--reproduce", file, "--json")[1])
    assert (found["fails"], found["same"], found["error"]["code"]) == (True, True, "HY4003")

    file.write_text(file.read_text().replace("exchange{", "dce,exchange{", 1).replace("HY4003", "HY4002"))
    assert "it fails in another way; recorded was HY4002" in hyperion("passes", "--reproduce", file)[1]

    file.write_text(
        file.read_text().replace("sub.wrap %x, %y", "sub.wrap %x, %x").replace("exchanging 1.2", "exchanging 1.1")
    )
    code, out, err = hyperion("passes", "--reproduce", file)
    assert (code, out) == (0, "it no longer fails\n")
    assert "recorded with exchanging exchanging 1.1" in err
    assert "here is exchanging exchanging 1.2" in err


def test_what_is_no_reproducer(hyperion: Hyperion, file: Path) -> None:
    code, _, err = hyperion("passes", "--reproduce", file)
    assert code == 1
    assert "HY4030" in err


def test_a_time_limit(hyperion: Hyperion, file: Path) -> None:
    code, _, err = hyperion("passes", file, "--timeout", "0")
    assert code == 1
    assert "HY4005" in err
