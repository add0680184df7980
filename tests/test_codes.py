"""The catalogue of error codes: complete, without repetition, and each example ends in its error."""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
import runpy
import shlex
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from hyperion.codes import CODES, FILES, document, explanation, near
from hyperion.codes.page import page
from hyperion.ir.parser import parse_program
from hyperion.ir.verifier import verify
from hyperion_cli.main import main

REPOSITORY = Path(__file__).resolve().parent.parent
SOURCES = [
    f
    for folder in ("hyperion-*", "plugins/hyperion-*")
    for package in REPOSITORY.glob(folder)
    for f in sorted((package / "src").rglob("*.py"))
]
PAGE = REPOSITORY / "docs/reference/errors.md"
CATALOGUE = {Path(f.__file__ or "") for f in FILES}


@cache
def named_codes() -> dict[str, set[str]]:
    """Every code that is a whole string somewhere in the sources, with the files."""
    found: dict[str, set[str]] = {}
    for file in SOURCES:
        if file in CATALOGUE:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"HY\d{4}", node.value):
                found.setdefault(node.value, set()).add(file.name)
    return found


def test_every_code_that_is_raised_is_listed() -> None:
    missing = {code: files for code, files in named_codes().items() if code not in CODES}
    assert not missing, "list them in hyperion/codes, in the file of their thousand"


def test_every_code_that_is_listed_is_raised_or_retired() -> None:
    """Or promised: what an interface's documentation names, implementations outside of this repository raise."""
    named = set(named_codes())
    for file in (REPOSITORY / "hyperion-core/src/hyperion/interfaces").glob("*.py"):
        named |= set(re.findall(r"HY\d{4}", file.read_text(encoding="utf-8")))
    assert [code for code, entry in CODES.items() if (code in named) == entry.retired] == []


def test_codes_are_unique_and_in_the_file_of_their_thousand() -> None:
    counts = Counter(code for file in FILES for code in file.CODES)
    assert [code for code, n in counts.items() if n > 1] == []
    written = Counter(
        code for file in CATALOGUE for code in re.findall(r'^    +"(HY\d{4})": ', file.read_text(), re.MULTILINE)
    )
    assert written == counts, "a code stands twice in one file"
    assert all(re.fullmatch(r"HY[1-9]\d{3}", code) for code in counts)
    assert all(len({code[2] for code in file.CODES}) <= 1 for file in FILES)


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_explained_in_full(code: str) -> None:
    entry = CODES[code]
    for part in (entry.meaning, entry.cause, entry.remedy, entry.example):
        assert part, "write a Code with meaning, cause, example and remedy"
    for sentence in (entry.meaning, entry.cause, entry.remedy):
        assert sentence.endswith((".", "`", ":")), sentence
        assert sentence[0].isupper() or sentence[0] in "`=" or sentence.startswith(("hp.", "z3 ", "overflow", "stdout"))
    text = explanation(code)
    assert text is not None
    for part in (code, entry.meaning, entry.cause, entry.remedy):
        assert part in text


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with the files that examples name."""
    halved = "def halved(x):\n    return x / 2\n"
    (tmp_path / "loops.py").write_text(
        f"def total(xs):\n    s = 0\n    for x in xs:\n        s += x\n    return s\n\n\n{halved}"
    )
    (tmp_path / "prices.csv").write_text("date,close\n1,2\n2,3\n")
    (tmp_path / "twice.csv").write_text("close,close\n1,2\n")
    (tmp_path / "changing.py").write_text("def double(x): return 2 * x")
    (tmp_path / "double.hir").write_text("func @double(%x: i64) -> i64 { %y = add.trap %x, %x : i64 return %y }")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HYPERION_CONFIG")
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) & {"loops", "changing"} - before:
        del sys.modules[name]


def outcome(example: str, folder: Path) -> str:
    """What the example prints and the error that it ends in."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            if example.startswith("func @"):
                verify(parse_program(example))
            elif example.startswith("$ "):
                for command in re.findall(r"^\$ hyperion (.*)$", example, re.MULTILINE):
                    main(shlex.split(command))
            else:
                script = folder / "example.py"
                script.write_text(example)
                runpy.run_path(str(script), run_name="__main__")
        except Exception as error:
            print(error, file=out)
    return out.getvalue()


@pytest.mark.parametrize("code", [code for code, entry in CODES.items() if entry.runs])
def test_the_example_of_a_code_ends_in_it(code: str, folder: Path) -> None:
    assert f"{code}: " in outcome(CODES[code].example, folder)


def test_examples_that_do_not_run_are_few() -> None:
    quiet = [code for code, entry in CODES.items() if not entry.runs]
    assert len(quiet) < len(CODES) / 5


def test_the_page_is_what_the_catalogue_says() -> None:
    if os.environ.get("HYPERION_UPDATE_GOLDEN") == "1":
        PAGE.write_text(page(), encoding="utf-8")
    update = "uv run python -m hyperion.codes.page docs/reference/errors.md"
    assert PAGE.read_text(encoding="utf-8") == page(), update


def test_no_text_for_no_code() -> None:
    assert explanation("HY0000") is None
    assert document("HY0000") is None
    assert near("HY5110")
    assert near("XX") == []


def explained(*words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main(["explain", *words])
    streams = capsys.readouterr()
    return code, streams.out, streams.err


@pytest.mark.parametrize("word", ["HY5101", "hy5101", "5101", "HY-5101"])
def test_the_command_explains_a_code(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = explained(word, capsys=capsys)
    assert code == 0
    assert out.startswith("HY5101: ")
    entry = CODES["HY5101"]
    for line in entry.example.split("\n"):
        assert f"    {line}".rstrip() in out.split("\n")
    assert "why: " in out
    assert "try: " in out


def test_the_command_explains_a_code_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    import json

    code, out, _ = explained("HY5101", "--json", capsys=capsys)
    assert code == 0
    assert json.loads(out) == document("HY5101")


def test_an_unknown_code_names_one_that_is_near(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = explained("HY5199", capsys=capsys)
    assert code == 2
    assert "HY1208: there is no error code HY5199" in err
    assert re.search(r"did you mean HY51\d\d\?|did you mean HY\d+\?", err)
