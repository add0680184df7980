"""A failing pass leaves a file with which it can be run again."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import hyperion as hp
from hyperion.errors import PassError
from hyperion.ir.parser import parse_program
from hyperion.pipeline import Reproducer
from hyperion.pipeline.reproducer import read_reproducer


def fails(toy: hp.Instance, text: str, source: str, folder: Path, **how: Any) -> tuple[PassError, Reproducer]:
    with pytest.raises(PassError) as caught:
        toy.pipeline(text).run(source, reproducers=folder, **how)
    (file,) = folder.iterdir()
    assert any(str(file) in note for note in caught.value.notes)
    return caught.value, read_reproducer(file)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("fails", "fails{how=raise}"),
        ("grow{most=1},fails{how=junk},turn", "fails{how=junk},turn"),
        ("grow{most=1},repeat{n=3}(turn,fails),turn", "fails{how=raise},repeat{n=2}(turn,fails{how=raise}),turn"),
        ("repeat{n=1}(fails,turn)", "fails{how=raise},turn"),
        ("fixpoint{max=3}(repeat(fails),turn),grow", "fails{how=raise},repeat{n=1}(fails{how=raise}),turn,"
         "fixpoint{max=2}(repeat{n=2}(fails{how=raise}),turn),grow{most=1000}"),
    ],
)  # fmt: skip
def test_it_holds_the_pipeline_from_the_pass_on(
    toy: hp.Instance, toys: SimpleNamespace, tmp_path: Path, text: str, rest: str
) -> None:
    error, found = fails(toy, text, toys.TEXT, tmp_path)
    assert (found.error, found.message) == (error.code, error.message)
    assert found.pipeline == rest


def test_it_holds_the_program_before_the_pass(toy: hp.Instance, toys: SimpleNamespace, tmp_path: Path) -> None:
    _, found = fails(toy, "literals-first,exchange", toys.TEXT, tmp_path)
    assert found.program == toy.pipeline("literals-first").run(toys.TEXT).program
    assert found.error == "HY4003"
    assert found.versions[0].startswith("hyperion-core ")
    assert found.versions[1].startswith("python 3.")
    assert found.versions[2].startswith("tiny")


def test_running_it_again_gives_the_same_error(toy: hp.Instance, toys: SimpleNamespace, tmp_path: Path) -> None:
    for how in ("raise", "invalid", "junk"):
        folder = tmp_path / how
        error, found = fails(toy, f"turn,try(turn),fails{{how={how}}}", toys.TEXT, folder)
        again = toy.reproduce(next(folder.iterdir()))
        assert again is not None
        assert (again.code, again.message) == (error.code, error.message) == (found.error, found.message)


def test_a_pass_that_is_mended_no_longer_fails(
    toy: hp.Instance, tiny: Any, toys: SimpleNamespace, tmp_path: Path
) -> None:
    fails(toy, "exchange", toys.TEXT, tmp_path)

    class Mended(toys.Turn):
        name = "exchange"

    tiny.passes["exchange"] = Mended
    with hp.Instance(plugins=[tiny.module()]) as mended:
        assert mended.reproduce(next(tmp_path.iterdir())) is None


def test_the_policy_is_part_of_it(toy_plugin: Any, toys: SimpleNamespace, tmp_path: Path) -> None:
    config = {"unproved_passes": ["exchange"], "verify_each": False, "reproducers": tmp_path}
    with hp.Instance(plugins=[toy_plugin], config=config) as instance:
        with pytest.raises(PassError):
            instance.pipeline("fails,exchange").run(toys.TEXT)
        (file,) = tmp_path.iterdir()
        found = read_reproducer(file)
        assert found.unproved_passes == ("exchange",)
        assert not found.verify_each
        assert instance.reproduce(file) is not None


def test_nothing_is_written_unless_asked_for(
    toy: hp.Instance, toys: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HYPERION_REPRODUCERS", raising=False)
    with pytest.raises(PassError) as caught:
        toy.pipeline("fails").run(toys.TEXT)
    assert caught.value.notes == ()
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv("HYPERION_REPRODUCERS", str(tmp_path / "here"))
    with pytest.raises(PassError) as caught:
        toy.pipeline("fails").run(toys.TEXT)
    assert "reproducer: " in caught.value.notes[0]
    assert len(list((tmp_path / "here").iterdir())) == 1


def test_deriving_writes_them_too(toy_plugin: Any, toys: SimpleNamespace, tmp_path: Path) -> None:
    with hp.Instance(plugins=[toy_plugin], config={"pipeline": "fails", "reproducers": str(tmp_path)}) as instance:
        instance.derive(parse_program(toys.TEXT))
    assert [f.name.split("-")[:2] for f in tmp_path.iterdir()] == [["HY4001", "fails"]]


def test_a_folder_that_cannot_be_written_does_not_hide_the_error(
    toy: hp.Instance, toys: SimpleNamespace, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PassError, match="HY4001") as caught:
        toy.pipeline("fails").run(toys.TEXT, reproducers=tmp_path / "file")
    assert "could not be written" in caught.value.notes[0]


@pytest.mark.parametrize("damage", ["// error: 3", '// pipeline: "', "// oracles: [1]", "// verify_each: 1", ""])
def test_a_damaged_file_is_an_error(toy: hp.Instance, toys: SimpleNamespace, tmp_path: Path, damage: str) -> None:
    text = str(Reproducer(parse_program(toys.TEXT), "turn", "HY4001", "no"))
    field = damage.split(":")[0]
    lines = [damage if field and line.startswith(f"{field}:") else line for line in text.splitlines()]
    file = tmp_path / "r.hir"
    file.write_text("\n".join(lines if field else lines[1:]))
    with pytest.raises(PassError, match="HY4030"):
        toy.reproduce(file)


def test_a_file_that_is_missing_or_no_text(toy: hp.Instance, tmp_path: Path) -> None:
    with pytest.raises(PassError, match="HY4030"):
        toy.reproduce(tmp_path / "none")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    with pytest.raises(PassError, match="HY4030"):
        toy.reproduce(tmp_path / "bytes")


def test_it_reads_as_it_was_written(toys: SimpleNamespace, tmp_path: Path) -> None:
    made = Reproducer(
        parse_program(toys.TEXT), 'tuned{label="a\\nb"}', "HY4003", "two\nlines ü", False, ("a",), ("z3",), ("x 1",)
    )
    path = made.write(tmp_path)
    assert read_reproducer(path) == made
    assert path.name.startswith("HY4003-tuned-f-")
    assert parse_program(path.read_text(encoding="utf-8")) == made.program
