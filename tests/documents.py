"""Reads the fenced code blocks of a Markdown document and runs its Python.

As a program it replaces the outputs that a document shows by what is printed now:

    uv run python tests/documents.py README.md
"""

from __future__ import annotations

import contextlib
import doctest
import io
import linecache
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block; `info` is what follows the opening fence, `line` the number of its first line of content."""

    info: str
    body: str
    line: int


@dataclass(frozen=True)
class Run:
    """What a Python block printed and the `text` block that shows it."""

    shown: Block
    printed: str

    @property
    def agrees(self) -> bool:
        """Whether the output is as shown; `...` stands for any text, for times and others that differ between runs."""
        return doctest.OutputChecker().check_output(self.shown.body, self.printed, doctest.ELLIPSIS)


def blocks(document: Path) -> list[Block]:
    text = document.read_text(encoding="utf-8")
    return [
        Block(m["info"].strip(), m["body"], text.count("\n", 0, m.start("body")) + 1) for m in _FENCE.finditer(text)
    ]


def documents() -> list[Path]:
    """Every Markdown document that readers see, the README first."""
    inside = sorted((REPOSITORY / "docs").rglob("*.md"))
    return [REPOSITORY / "README.md", *inside]


def run_python(document: Path, folder: Path) -> list[Run]:
    """Runs the `python` blocks of a document in order, in one namespace; returns those with a `text` block after them.

    Each block is also written to a file of its own, on the lines that it has in the document, because `hp.jit` reads
    sources. In one file for all it would find other code than here: what Python compiles for `np.zeros` depends on
    whether the same text imports `np`.
    """
    every = blocks(document)
    namespace: dict[str, object] = {"__name__": document.stem}
    runs: list[Run] = []
    for position, block in enumerate(every):
        if block.info != "python":
            continue
        file = folder / f"{block.line}" / f"{document.stem.replace('-', '_')}.py"
        file.parent.mkdir()
        file.write_text("\n" * (block.line - 1) + block.body, encoding="utf-8")
        linecache.checkcache(str(file))
        namespace["__file__"] = str(file)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(file.read_text(encoding="utf-8"), str(file), "exec", dont_inherit=True), namespace)
        following = every[position + 1] if position + 1 < len(every) else None
        if following is not None and following.info == "text":
            lines = [line.rstrip() for line in printed.getvalue().rstrip().splitlines()]
            runs.append(Run(following, "\n".join(lines) + "\n"))
    return runs


def update(document: Path) -> int:
    """Shows in the document what its blocks print now; returns how many outputs changed."""
    with tempfile.TemporaryDirectory() as folder:
        stale = [run for run in run_python(document, Path(folder)) if not run.agrees]
    lines = document.read_text(encoding="utf-8").splitlines(keepends=True)
    for run in reversed(stale):
        start = run.shown.line - 1
        lines[start : start + run.shown.body.count("\n")] = [run.printed]
    document.write_text("".join(lines), encoding="utf-8")
    return len(stale)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(f"{name}: {update(Path(name))} outputs changed")
