"""The list of environment variables is complete: a misspelt one is found by it."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

from hyperion.config import Config
from hyperion.environment import FOR_TESTS, VARIABLES

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs/reference/configuration.md"


def named(*globs: str, read: str = r"environ[^\n]*?\"(HYPERION_\w+)\"") -> set[str]:
    """The variables that sources read."""
    files = [f for pattern in globs for f in REPOSITORY.glob(pattern)]
    texts = [f.read_text(encoding="utf-8") for f in files if f.name != "environment.py"]
    return {name for text in texts for name in re.findall(read, text)}


def test_every_variable_that_is_read_is_listed() -> None:
    found = named("hyperion-*/src/**/*.py", "plugins/*/src/**/*.py", read=r"\"(HYPERION_\w+)\"")
    assert found - {"HYPERION_API"} == set(VARIABLES)  # the version of the API that a plugin names


def test_those_of_tests_are_others() -> None:
    assert not set(FOR_TESTS) & set(VARIABLES)
    assert named("tests/*.py", "plugins/*/tests/*.py", "hyperion-*/tests/**/*.py") <= {*FOR_TESTS, *VARIABLES}


def test_the_page_lists_them() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in VARIABLES if f"| `{name}` |" not in text] == []


def test_the_page_lists_every_key_with_its_default() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for field in fields(Config):
        row = next((line for line in text.splitlines() if line.startswith("|") and f"`{field.name}`" in line), "")
        assert row, field.name
        if field.default not in ("", ()) and field.name != "plugins":
            assert json.dumps(field.default) in row
