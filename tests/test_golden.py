"""Text in, text out: each file of tests/golden holds a program, what to do with it, and what comes of it.

    // passes: canonicalize,dce the program after these passes
    // verify                         every error that the verifier reports

The first line says what to do; after `// ----` stands the expected text, which HYPERION_UPDATE_GOLDEN=1 writes anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import hyperion as hp
from hyperion.errors import TypeCheckError
from hyperion.ir.parser import parse_program
from hyperion.ir.printer import print_program
from hyperion.ir.verifier import verify

GOLDEN = Path(__file__).parent / "golden"
SEPARATOR = "// ----\n"


def _after(text: str, name: str) -> str:
    what, _, argument = text.splitlines()[0].removeprefix("// ").partition(": ")
    match what:
        case "passes":
            program = parse_program(text, name)
            verify(program)
            with hp.Instance() as instance:
                return print_program(instance.pipeline(argument).run(program).program)
        case "verify":
            try:
                verify(parse_program(text, name))
            except TypeCheckError as error:
                return "".join(f"// {line}".rstrip() + "\n" for line in str(error).splitlines())
            return "// valid\n"
        case _:
            raise ValueError(f"{name}: the first line is neither `// passes: ...` nor `// verify`")


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.hir")), ids=lambda f: f.stem)
def test_golden(file: Path) -> None:
    text, _, expected = file.read_text(encoding="utf-8").partition(SEPARATOR)
    got = _after(text, file.name)
    if os.environ.get("HYPERION_UPDATE_GOLDEN") == "1":
        file.write_text(text + SEPARATOR + got, encoding="utf-8")
    else:
        assert got == expected, "if the new text is right, run again with HYPERION_UPDATE_GOLDEN=1"
