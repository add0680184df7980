"""Plugins that lie in a folder of a test, and the command that meets them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hyperion_cli.main import main


@pytest.fixture
def put() -> Callable[..., None]:
    return _put


def _put(folder: Path, name: str, source: str | None, entry: str = "", version: str = "1.2") -> None:
    """A distribution with one plugin."""
    module = f"broken_{name.replace('-', '_')}"
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text(f"[hyperion.plugins]\n{entry or f'{name} = {module}'}\n")
    if source is not None:
        (folder / f"{module}.py").write_text(source)


@pytest.fixture
def hyperion(capsys: pytest.CaptureFixture[str], own_default: None) -> Callable[..., tuple[int, str, str]]:
    """Runs the command: exit code, stdout, stderr."""

    def run(*words: object) -> tuple[int, str, str]:
        code = main([str(w) for w in words])
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on `sys.path`."""
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("broken_")]:
        del sys.modules[name]
