"""Entry points are found as importlib.metadata finds them."""

from __future__ import annotations

import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from hyperion._entry_points import EntryPoint, entry_points


def library(group: str) -> list[EntryPoint]:
    """What importlib.metadata finds."""
    found: list[EntryPoint] = []
    for point in metadata.entry_points(group=group):
        assert point.dist is not None
        found.append(EntryPoint(point.name, point.module, point.dist.name, point.dist.version))
    return sorted(found, key=lambda point: point.name)


def distribution(folder: Path, name: str, text: str | None, version: str = "1.0", kind: str = "dist-info") -> None:
    stem = name.replace("-", "_") if kind == "dist-info" else name
    info = folder / f"{stem}-{version}.{kind}"
    info.mkdir(parents=True)
    head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nName: not this\n"
    (info / ("METADATA" if kind == "dist-info" else "PKG-INFO")).write_text(head, encoding="utf-8")
    if text is not None:
        (info / "entry_points.txt").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("group", ["hyperion.plugins", "console_scripts", "pytest11", "none"])
def test_here(group: str) -> None:
    assert entry_points(group) == library(group)


def test_forms_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = """
# a comment
[other]
a = other.module
[ g ]
b = one.two:three.four [extra]
; another
c=five
d = six:seven
[more]
e = f
"""
    distribution(tmp_path, "Mixed-Case.name", text)
    distribution(tmp_path, "eggs", "[g]\nx = eggs.y\n", kind="egg-info")
    distribution(tmp_path, "none", None)
    (tmp_path / "broken-1.0.dist-info").mkdir()
    (tmp_path / "broken-1.0.dist-info" / "entry_points.txt").write_bytes(b"[other]\n\xff\xfe")
    monkeypatch.syspath_prepend(str(tmp_path))
    found = entry_points("g")
    assert found == [
        EntryPoint("b", "one.two", "Mixed-Case.name", "1.0"),
        EntryPoint("c", "five", "Mixed-Case.name", "1.0"),
        EntryPoint("d", "six", "Mixed-Case.name", "1.0"),
        EntryPoint("x", "eggs.y", "eggs", "1.0"),
    ]


def test_the_first_of_one_name_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distribution(tmp_path / "first", "my-plugin", "[g]\na = new\n", "2.0")
    distribution(tmp_path / "first", "empty", None)
    distribution(tmp_path / "second", "My_Plugin", "[g]\na = old\n")
    distribution(tmp_path / "second", "empty", "[g]\nb = hidden\n")
    for place in ("second", "first"):
        monkeypatch.syspath_prepend(str(tmp_path / place))
    assert entry_points("g") == [EntryPoint("a", "new", "my-plugin", "2.0")] == library("g")


def test_archives_are_left_to_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "packed.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("packed-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: packed\nVersion: 1.0\n")
        file.writestr("packed-1.0.dist-info/entry_points.txt", "[g]\na = packed\n")
    monkeypatch.syspath_prepend(str(archive))
    assert entry_points("g") == [EntryPoint("a", "packed", "packed", "1.0")]


def test_finders_of_others_are_left_to_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    class Remote(metadata.Distribution):
        def read_text(self, filename: str) -> str | None:
            texts = {"METADATA": "Name: remote\nVersion: 3.0\n", "entry_points.txt": "[g]\na = remote\n"}
            return texts.get(filename)

        def locate_file(self, path: object) -> Path:
            return Path(str(path))

    class Finder(metadata.DistributionFinder):
        @classmethod
        def find_spec(cls, *arguments: object) -> None:
            return None

        def find_distributions(self, context: object = None) -> list[metadata.Distribution]:
            return [Remote()]

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder()])
    assert entry_points("g") == [EntryPoint("a", "remote", "remote", "3.0")]


def test_what_is_left_of_others_hides_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distribution(tmp_path, "mine", "[g]\na = mine\n", "2.0")
    distribution(tmp_path, "~ine", "[g]\na = mine\n")
    (tmp_path / "mine-1.0.dist-info").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert entry_points("g") == [EntryPoint("a", "mine", "mine", "2.0")]


def test_broken_files_beside_an_archive_hide_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distribution(tmp_path, "mine", "[g]\na = mine\n")
    distribution(tmp_path, "broken", "[g]\nno equals sign\n")
    (tmp_path / "no.zip").write_bytes(b"no archive")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path / "no.zip"))
    assert entry_points("g") == [EntryPoint("a", "mine", "mine", "1.0")]


def test_a_finder_that_raises_and_what_is_no_text_hide_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Finder:
        def find_spec(self, *_: object) -> None:
            return None

        def find_distributions(self, *_: object) -> list[object]:
            raise RuntimeError("no")

    distribution(tmp_path, "mine", "[g]\na = b\n")
    monkeypatch.setattr(sys, "path", [7, None, *sys.path, str(tmp_path)])
    assert [point.name for point in entry_points("g")] == ["a"]
    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])
    assert [point.name for point in entry_points("g")] == ["a"]


@pytest.mark.parametrize("value", ["", "no module", "a:b:c", "a..b", ":x", "a [extra"])
def test_what_names_no_module_is_the_same_beside_an_archive(
    value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distribution(tmp_path, "mine", f"[g]\na = {value}\nb = good\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    before = entry_points("g")
    (tmp_path / "no.zip").write_bytes(b"no archive")
    monkeypatch.syspath_prepend(str(tmp_path / "no.zip"))
    assert entry_points("g") == before
    assert [point.name for point in before] == ["a", "b"]
