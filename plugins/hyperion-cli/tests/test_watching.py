"""`--log FILE`, `--log-level LEVEL`, `--metrics FILE`, HYPERION_LOG and HYPERION_LOG_LEVEL."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from hyperion_cli.main import main

INC = "func @inc(%x: i64) -> i64 { %one = const 1 : i64 %y = add.trap %x, %one : i64 return %y }"


@pytest.fixture
def inc(tmp_path: Path, own_default: None) -> str:
    file = tmp_path / "inc.hir"
    file.write_text(INC)
    return str(file)


def logged(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_logs_and_metrics_of_a_command(inc: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log, text, values = (tmp_path / name for name in ("log.jsonl", "metrics.txt", "metrics.json"))
    assert main(["run", inc, "41", "--log", str(log), "--metrics", str(text)]) == 0
    assert capsys.readouterr().out == "42\n"
    lines = logged(log.read_text())
    assert {line["level"] for line in lines} == {"INFO"}
    assert any(line["fields"].get("kind") == "compiled" for line in lines)
    assert text.read_text().endswith("# EOF\n")
    assert "hyperion_compile_seconds_count" in text.read_text()
    assert main(["--metrics", str(values), "run", inc, "41", "--log", str(log), "--log-level", "debug"]) == 0
    assert json.loads(values.read_text())["metrics"]["compile_seconds"]["kind"] == "histogram"
    assert "DEBUG" in {line["level"] for line in logged(log.read_text())}


def test_logs_of_what_fails_go_to_stderr(inc: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", inc, str(2**63 - 1), "--log", "-", "--json"]) == 1
    shown = capsys.readouterr()
    assert json.loads(shown.out)["error"]["code"] == "HY5101"
    assert "compiled" in {line["fields"]["kind"] for line in logged(shown.err)}


def test_logs_as_the_environment_says(
    inc: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HYPERION_LOG", str(tmp_path / "log.jsonl"))
    monkeypatch.setenv("HYPERION_LOG_LEVEL", "DEBUG")
    assert main(["run", inc, "41"]) == 0
    assert "DEBUG" in {line["level"] for line in logged((tmp_path / "log.jsonl").read_text())}
    assert logging.getLogger("hyperion").level == logging.NOTSET


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--log", "none/log.jsonl"], "'none/log.jsonl' cannot be written"),
        (["--metrics", "none/metrics.txt"], "'none/metrics.txt' cannot be written: there is no such folder"),
        (["--log", "-", "--log-level", "LOUD"], "'LOUD' is no level of logs"),
    ],
)
def test_what_cannot_be_written_is_said_before_the_work(
    options: list[str], text: str, inc: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", inc, "41", *options]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert text in " ".join(shown.err.split())


def test_a_folder_is_no_file_for_metrics(inc: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", inc, "41", "--metrics", str(tmp_path)]) == 2
    assert "HY1044" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk here that is always full")
def test_a_full_disk_disturbs_no_work_and_hides_no_error(inc: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", inc, "41", "--log", "/dev/full"]) == 0
    shown = capsys.readouterr()
    assert shown.out == "42\n"
    assert "warning: /dev/full has not all of the log" in shown.err
    assert main(["run", inc, str(2**63 - 1), "--metrics", "/dev/full"]) == 1
    shown = capsys.readouterr()
    assert "HY1044" in shown.err
    assert "HY5101" in shown.err


OWN = """
import hyperion as hp

with hp.Instance(plugins=["net"]) as gone:
    gone.networks(1)[0].barrier().wait(5)
mine = hp.Instance()


@hp.jit(instance=mine)
def inc(x):
    return x + 1
"""


def test_metrics_are_of_all_instances_that_the_command_used(
    tmp_path: Path, own_default: None, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own.py").write_text(OWN)
    assert main(["run", f"{tmp_path / 'own.py'}:inc", "41", "--metrics", str(tmp_path / "values.json")]) == 0
    assert capsys.readouterr().out == "42\n"
    found = json.loads((tmp_path / "values.json").read_text())["metrics"]
    assert [x["number"] for x in found["compile_seconds"]["series"]] == [1]  # of `mine`
    assert [x["value"] for x in found["network_calls"]["series"]] == [1]  # of one that is closed
