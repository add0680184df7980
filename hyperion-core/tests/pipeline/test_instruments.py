"""Instruments: told in order, kept apart, and the built-in ones."""

from __future__ import annotations

import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import hyperion as hp
from hyperion.errors import PassError
from hyperion.ir.parser import parse_program
from hyperion.pipeline import Dump, Instrument, PassRun, Statistics, Step, Timing


class Notes(Instrument):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def before(self, run: PassRun) -> None:
        self.lines.append(f"before {run.number} {run.text} {'/'.join(run.path)}".rstrip())

    def after(self, run: PassRun, step: Step, program: Any) -> None:
        assert step.changed == (program.main != run.program.main)
        self.lines.append(f"after {run.number} {step.evidence}")

    def failed(self, run: PassRun, error: PassError) -> None:
        self.lines.append(f"failed {run.number} {error.code}")


class Raises(Instrument):
    def __init__(self, when: str) -> None:
        self.when = when
        self.told = 0

    def _raise(self, when: str) -> None:
        self.told += 1
        if when == self.when:
            raise KeyError("oops")

    def before(self, run: PassRun) -> None:
        self._raise("before")

    def after(self, run: PassRun, step: Step, program: Any) -> None:
        self._raise("after")

    def failed(self, run: PassRun, error: PassError) -> None:
        self._raise("failed")


def test_instruments_are_told_in_order(toy: hp.Instance, toys: SimpleNamespace) -> None:
    notes = Notes()
    with pytest.raises(PassError):
        toy.pipeline("grow{most=1},repeat(try(turn),literals-first),fails", instruments=[notes]).run(toys.TEXT)
    assert notes.lines == [
        "before 1 grow{most=1}",
        "after 1 same term",
        "before 2 turn repeat/try",
        "after 2 same term",
        "before 3 literals-first repeat",
        "after 3 same term",
        "before 4 turn repeat/try",
        "after 4 same term",
        "before 5 literals-first repeat",
        "after 5 unchanged",
        "before 6 fails",
        "failed 6 HY4001",
    ]


@pytest.mark.parametrize("when", ["before", "after", "failed"])
def test_one_that_raises_is_detached_and_the_others_stay(
    toy: hp.Instance, toys: SimpleNamespace, when: str, caplog: pytest.LogCaptureFixture
) -> None:
    first, bad, last = Notes(), Raises(when), Notes()
    made = toy.pipeline("try(fails),grow,turn", instruments=[first, bad, last])
    outcome = made.run(toys.TEXT)
    assert outcome.changed
    assert len(first.lines) == len(last.lines) == 6
    assert made.instruments == (first, last)
    note = next(n for n in outcome.notes if "instrument" in n)
    assert f"the instrument Raises failed {when} " in note
    assert "is detached: KeyError: 'oops'" in note
    assert note in caplog.text
    told = bad.told
    made.run(toys.TEXT)
    assert bad.told == told


def test_attach_and_detach(toy: hp.Instance, toys: SimpleNamespace) -> None:
    made, notes = toy.pipeline("turn"), Notes()
    made.attach(notes)
    made.run(toys.TEXT)
    made.detach(notes)
    made.detach(notes)
    made.run(toys.TEXT)
    assert len(notes.lines) == 2


@pytest.mark.parametrize("junk", [42, Notes, object()])
def test_what_is_no_instrument(toy: hp.Instance, junk: Any) -> None:
    with pytest.raises(PassError, match="HY4021"):
        toy.pipeline("turn", instruments=[junk])
    with pytest.raises(PassError, match="HY4021"):
        toy.pipeline("turn").attach(junk)


def test_timing(toy: hp.Instance, toys: SimpleNamespace) -> None:
    timing = Timing()
    toy.pipeline("turn,fixpoint(grow{most=2},try(turn,fails)),turn", instruments=[timing]).run(toys.TEXT)
    assert [(r.text, r.path, r.runs, r.changes, r.failures) for r in timing.rows] == [
        ("turn", (), 1, 0, 0),
        ("grow{most=2}", ("fixpoint",), 3, 2, 0),
        ("turn", ("fixpoint", "try"), 3, 3, 0),
        ("fails", ("fixpoint", "try"), 3, 0, 3),
        ("turn", (), 1, 1, 0),
    ]
    assert all(r.seconds >= 0 and r.cpu_seconds >= 0 for r in timing.rows)
    assert sum(r.judging_seconds for r in timing.rows) > 0
    heads = [line.split("  ")[0] or line.strip().split("  ")[0] for line in timing.tree().splitlines()]
    assert heads == ["pass", "turn", "fixpoint", "grow{most=2}", "try", "turn", "fails", "turn", "total"]
    indents = [len(line) - len(line.lstrip()) for line in timing.tree().splitlines()]
    assert indents == [0, 0, 0, 2, 2, 4, 4, 0, 0]
    listed = timing.list().splitlines()
    assert len(listed) == 7
    assert any(line.startswith("fixpoint > try > fails") for line in listed)
    found = json.loads(timing.to_json())
    assert found == timing.json()
    assert [p["pass"] for p in found["passes"]] == [r.text for r in timing.rows]
    assert found["total"]["seconds"] == pytest.approx(sum(r.seconds for r in timing.rows))


def test_statistics(toy: hp.Instance, toys: SimpleNamespace) -> None:
    counted = Statistics()
    toy.pipeline("literals-first,fixpoint(grow{most=2}),literals-first", instruments=[counted]).run(toys.TEXT)
    assert counted.tree().splitlines() == [
        "statistics      count",
        "literals-first",
        "  literals          1",
        "fixpoint",
        "  grow{most=2}",
        "    grown           2",
        "literals-first",
        "  literals          3",
    ]
    assert counted.list().splitlines() == [
        "statistics               count",
        "literals-first literals      4",
        "grow{most=2} grown           2",
    ]
    found = json.loads(counted.to_json())
    assert [(p["pass"], p["statistics"]) for p in found["passes"]] == [
        ("literals-first", {"literals": 1}),
        ("grow{most=2}", {"grown": 2}),
        ("literals-first", {"literals": 3}),
    ]


def test_statistics_of_a_step_and_what_is_no_count(toy: hp.Instance, toys: SimpleNamespace) -> None:
    (step,) = toy.pipeline("literals-first").run(toys.TEXT).steps
    assert dict(step.statistics) == {"literals": 1}

    class Miscounts(toys.Turn):
        def run(self, program: Any, context: Any) -> Any:
            context.count("half", 0.5)

    with pytest.raises(PassError, match=r"HY4001.*HY4006"):
        toy.create_pipeline([Miscounts()]).run(toys.TEXT)


def test_dump_into_a_folder(toy: hp.Instance, toys: SimpleNamespace, tmp_path: Path) -> None:
    made = toy.pipeline("turn,grow{most=1},try(fails),literals-first", instruments=[Dump(tmp_path / "ir")])
    outcome = made.run(toys.TEXT)
    files = sorted(f.name for f in (tmp_path / "ir").iterdir())
    assert files == ["0000-input.hir", "0002-grow.hir", "0003-fails.failed", "0004-literals-first.hir"]
    assert parse_program((tmp_path / "ir/0000-input.hir").read_text()) == parse_program(toys.TEXT)
    assert (tmp_path / "ir/0004-literals-first.hir").read_text() == str(outcome)
    assert "RuntimeError: boom" in (tmp_path / "ir/0003-fails.failed").read_text()
    made.run(toys.TEXT)
    assert (tmp_path / "ir/0005-input.hir").exists()  # the second run goes on counting


def test_dump_everything(toy: hp.Instance, toys: SimpleNamespace, tmp_path: Path) -> None:
    toy.pipeline("turn,grow{most=1}", instruments=[Dump(tmp_path, only_changes=False)]).run(toys.TEXT)
    assert sorted(f.name for f in tmp_path.iterdir()) == ["0000-input.hir", "0001-turn.hir", "0002-grow.hir"]


def test_dump_differences_to_a_stream(toy: hp.Instance, toys: SimpleNamespace) -> None:
    stream = io.StringIO()
    toy.pipeline("turn,repeat{n=1}(grow{most=1})", instruments=[Dump(stream, diff=True)]).run(toys.TEXT)
    text = stream.getvalue()
    assert "// ---- 0000 input @f\nfunc @f" in text
    assert "// ---- 0002 grow{most=1} in repeat{n=1} @f\n--- before\n+++ after\n" in text
    assert "+  %g.0 = const 1 : i64\n" in text
    assert "0001" not in text


def test_a_dump_that_cannot_write_is_detached(toy: hp.Instance, toys: SimpleNamespace, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    outcome = toy.pipeline("grow{most=1}", instruments=[Dump(tmp_path / "file/ir")]).run(toys.TEXT)
    assert outcome.changed
    assert "the instrument Dump failed before grow{most=1}" in outcome.notes[0]
