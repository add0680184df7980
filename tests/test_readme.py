"""What the README and the documents show is what happens."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest


def _sibling(name: str) -> ModuleType:
    """A module beside this one; tests are not packages and are imported by path."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


reading = _sibling("documents")
DOCUMENTS = reading.documents()


def _name(document: Path) -> str:
    return str(document.relative_to(reading.REPOSITORY))


def _has_python(document: Path) -> bool:
    return any(block.info == "python" for block in reading.blocks(document))


@pytest.mark.parametrize("document", list(filter(_has_python, DOCUMENTS)), ids=_name)
def test_python_blocks_run_and_print_what_is_shown(document: Path, own_default: None, tmp_path: Path) -> None:
    stale = [run for run in reading.run_python(document, tmp_path) if not run.agrees]
    for run in stale:
        print(f"{document.name}:{run.shown.line} shows\n{run.shown.body}\nbut the code prints\n{run.printed}")
    assert not stale, f"`uv run python tests/documents.py {_name(document)}` shows what is printed now"


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_relative_links_lead_somewhere(document: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    targets = [
        t.split("#")[0] for t in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in t and not t.startswith("#")
    ]
    missing = [t for t in targets if not (document.parent / t).exists()]
    assert not missing


def test_first_screen_of_the_readme() -> None:
    screen = (reading.REPOSITORY / "README.md").read_text(encoding="utf-8")[:2500]
    for command in ("pip install uv", "uv run hyperion demo", "uv run pytest"):
        assert command in screen
