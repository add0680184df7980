"""docs/reference/errors.md, generated from the catalogue:

uv run python -m hyperion.codes.page docs/reference/errors.md
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from hyperion.codes import CODES
from hyperion.diagnostics.code import Code

_CHAPTERS = {
    "1": "HY1xxx: the Instance, plugins and the command line",
    "2": "HY2xxx: buffers, views and arguments",
    "3": "HY3xxx: modules and module files",
    "4": "HY4xxx: passes and pipelines",
    "5": "HY5xxx: devices, executors and traps",
    "6": "HY6xxx: parsing and types",
    "7": "HY7xxx: theorems, proofs and axioms",
    "8": "HY8xxx: code generation",
    "9": "HY9xxx: defects of Hyperion",
}
_HEAD = """\
# Error codes

Every error of Hyperion has a code, which is stable: it is never used for something else. `hyperion explain HY5101`
shows what stands here. [Diagnostics](diagnostics.md) describes the errors themselves.

This page is generated from `hyperion.codes`: `uv run python -m hyperion.codes.page docs/reference/errors.md`.
"""


def page() -> str:
    """The whole page."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield _HEAD
    chapter = ""
    for code, entry in sorted(CODES.items()):
        if code[2] != chapter:
            chapter = code[2]
            yield f"## {_CHAPTERS[chapter]}\n"
        yield from _entry(code, entry)


def _entry(code: str, entry: Code) -> Iterator[str]:
    yield f"### {code}\n"
    yield f"{entry.meaning}\n"
    if entry.retired:
        yield "Retired: nothing raises it any longer.\n"
    if entry.cause:
        yield f"Why: {entry.cause}\n"
    if entry.example:
        yield f"```{_language(entry.example)}\n{entry.example}\n```\n"
    if entry.remedy:
        yield f"Try: {entry.remedy}\n"


def _language(example: str) -> str:
    """Not `python`: the documents' tests run blocks of that name, and these end in errors."""
    return "console" if example.startswith("$") else "text" if re.match("func @", example) else "py"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
