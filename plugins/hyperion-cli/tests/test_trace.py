"""`--trace FILE`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hyperion_cli.main import main

LOOPS = """
def triple(n):
    s = 0
    for i in range(n):
        s += 3
    return s

def fails(n):
    return n // (n - n)
"""


@pytest.fixture
def loops(tmp_path: Path) -> str:
    file = tmp_path / "traced_loops.py"
    file.write_text(LOOPS)
    return str(file)


def spans(path: Path) -> dict[str, dict[str, Any]]:
    document = json.loads(path.read_text())
    assert document["otherData"]["hyperion"]
    found: dict[str, dict[str, Any]] = {}
    for event in document["traceEvents"]:
        if event["ph"] == "X":
            found.setdefault(event["name"], event)  # the first of each name
    return found


def within(inner: dict[str, Any], outer: dict[str, Any]) -> bool:
    return outer["ts"] <= inner["ts"] and inner["ts"] + inner["dur"] <= outer["ts"] + outer["dur"]


@pytest.mark.parametrize("command", ["run", "explain"])
def test_a_trace_of_a_command(
    command: str, loops: str, own_default: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "trace.json"
    assert main([command, "--trace", str(path), f"{loops}:triple", "14", "--overflow", "wrap"]) == 0
    out = capsys.readouterr().out
    assert command != "run" or out == "42\n"
    found = spans(path)
    for name in (
        "frontend python",
        "verify",
        "pass cse",
        "strategy power",
        "check",
        "codegen cpu",
        "llvm machine code",
    ):
        assert name in found
        assert within(found[name], found["compile triple"])
    assert within(found["check"], found["derive triple"])
    assert ("run triple" in found) == (command == "run")
    assert found[f"load {loops}:triple"]["dur"] > 0
    assert sum(s["dur"] for n, s in found.items() if n.startswith("llvm ")) <= found["codegen cpu"]["dur"]


def test_a_trace_of_what_fails(loops: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "trace.json"
    assert main(["run", "--trace", str(path), f"{loops}:fails", "14"]) == 1
    assert "HY5102" in capsys.readouterr().err
    assert spans(path)["run fails"]["args"]["error"] == "HY5102"


def test_a_trace_that_cannot_be_written(loops: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--trace", str(tmp_path / "none" / "t.json"), f"{loops}:triple", "14"]) == 2
    assert main(["run", "--trace", str(tmp_path), f"{loops}:triple", "14", "--json"]) == 2
    streams = capsys.readouterr()
    assert "HY1221" in streams.err
    assert json.loads(streams.out)["error"]["code"] == "HY1221"


def test_a_trace_of_ir_text_and_of_a_module_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, module, path = tmp_path / "double.hir", tmp_path / "double.hym", tmp_path / "trace.json"
    text.write_text("func @double(%x: i64) -> i64 { %y = add.trap %x, %x : i64 return %y }")
    for words, names in (
        (["compile", str(text), "-o", str(module)], {"compile ir", "frontend ir", "codegen cpu"}),
        (["run", f"{text}:double", "21"], {f"load {text}:double", "compile double", "run double"}),
        (["run", f"{module}:double", "21"], {f"load {module}:double", "run double"}),
    ):
        assert main([*words, "--trace", str(path)]) == 0
        assert names <= spans(path).keys()
    assert any(name.startswith("load ") and "double.hym" in name for name in spans(path))
    assert capsys.readouterr().out.endswith("42\n42\n")
