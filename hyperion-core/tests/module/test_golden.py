"""Module files of every format version that there was are read, and hold what they held."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import hyperion as hp
from hyperion.ir.printer import print_program
from hyperion.module.container import VERSION
from hyperion.module.reading import open_module
from hyperion.module.source import Memory

FOLDER = Path(__file__).parent.parent / "golden_modules"
FILES = sorted(FOLDER.glob("*.hym"))
MAKE = f"run {FOLDER.name}/make.py and commit what it writes"


def version_of(path: Path) -> tuple[int, int]:
    found = re.search(r"-(\d+)\.(\d+)\.hym$", path.name)
    assert found is not None
    return int(found[1]), int(found[2])


def test_this_version_has_its_files() -> None:
    assert sum(version_of(path) == VERSION for path in FILES) >= 3, MAKE
    assert all(version_of(path) <= VERSION for path in FILES)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_module_of_an_older_version_is_read(path: Path, reader: hp.Instance) -> None:
    """A proof may be rejected later, if the meaning of an operation was mended; the function is as written then."""
    data = path.read_bytes()
    assert open_module(Memory(data)).table.version == version_of(path)
    module = reader.load(data, rejected="as-written")
    contents = open_module(Memory(data), registry=reader.registry).contents
    programs = [p for f in contents.functions for p in (f.source, f.chosen)]
    assert "\n".join(map(print_program, programs)) == path.with_suffix(".txt").read_text(encoding="utf-8")
    assert list(module) == [f.name for f in contents.functions]


@pytest.mark.parametrize("path", [p for p in FILES if version_of(p) == VERSION], ids=lambda p: p.stem)
def test_a_module_of_this_version_is_kept_and_proved(path: Path, reader: hp.Instance) -> None:
    """Where this fails, bytes that this version writes, or meanings, have changed. Before a release make the files anew
    with `--replace`; after it, raise the minor version."""
    data = path.read_bytes()
    module = reader.load(data)
    assert module.to_bytes() == data
    assert module.entry.explain().checked
