"""The example of a plugin from outside is what the guide for authors shows, file by file."""

from __future__ import annotations

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
EXAMPLE = REPOSITORY / "tests/example_plugin"
GUIDE = REPOSITORY / "docs/how-to/write-a-plugin.md"
_FILE = re.compile(r"^`(\S+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def files_of_the_guide() -> dict[str, str]:
    """What the guide tells its readers to write, by the path in their folder."""
    return dict(_FILE.findall(GUIDE.read_text(encoding="utf-8")))


def test_the_guide_shows_every_file_as_it_is() -> None:
    there = {
        str(path.relative_to(EXAMPLE)): path.read_text(encoding="utf-8")
        for path in EXAMPLE.rglob("*")
        if path.suffix in (".py", ".toml") and path.name != "__init__.py"
    }
    assert files_of_the_guide() == there
