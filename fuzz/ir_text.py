"""Feeds the text form of the IR with whatever atheris thinks of: any text is a program or an error with a code.

    uv run --with atheris python fuzz/ir_text.py -max_total_time=300

Options are those of libFuzzer; a folder as argument keeps the corpus. Without one, random valid programs and those of
the reference are the start. A crash is written to `crash-...`; it becomes a test in
`hyperion-core/tests/ir/test_fuzz.py` first, and is repaired then.
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

import atheris  # pyright: ignore[reportMissingImports]  not a dependency: `uv run --with atheris`

with atheris.instrument_imports(include=["hyperion.ir"]):
    from hyperion.errors import TypeCheckError
    from hyperion.ir import parse_program, print_program, verify
    from hyperion.ir.pictures import dot, html, mermaid

from hyperion.ir.ops import OPS
from hyperion.testing.programs import random_program

WORDS = [
    *OPS, "func", "return", "yield", "->", "{", "}", "(", ")", "[", "]", ",", ":", "=", "^", "%x", "%y", "@f", "@g",
    "i64", "bool", "f64", "c64", "bf16", "index", "0", "-1", "0x1.8p+1", "1e3", "nan", "-inf", "true", '"s"', "//",
    "\n", "n", "axes", "9" * 50, "\x00", "\x85", "é", "%", "@", '"', "\\",
]  # fmt: skip


def check(data: bytes) -> None:
    """A program that round trips, or a `TypeCheckError`; anything else is a finding."""
    text = data.decode("utf-8", "surrogateescape")  # other bytes become lone surrogates
    refusal = None
    try:
        program = parse_program(text)
        printed = print_program(program)
        again = print_program(parse_program(printed))
        assert again == printed, "printing is not stable"
        verify(program)
        assert parse_program(printed) == program, "a valid program does not round trip"
        dot(program), mermaid(program), html(program)
    except TypeCheckError as error:
        refusal = error
    if refusal is not None:
        assert all(e.message and e.code.startswith("HY6") for e in (refusal, *refusal.errors))
        str(refusal)


def mutate(data: bytes, max_size: int, seed: int) -> bytes:
    """Every other time words are exchanged, put in or left out, so that more than tokens is reached."""
    chance = random.Random(seed)
    if chance.random() < 0.5:
        return atheris.Mutate(data, max_size)
    words = data.decode("utf-8", "surrogateescape").split(" ")
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(words) + 1)
        match chance.randrange(4):
            case 0:
                words.insert(at, chance.choice(WORDS))
            case 1 if at < len(words):
                words[at] = chance.choice(WORDS)
            case 2:
                del words[at : at + chance.randrange(1, 4)]
            case _:
                start = chance.randrange(len(words) + 1)
                words[at:at] = words[start : start + chance.randrange(1, 12)]
    return " ".join(words).encode("utf-8", "surrogateescape")[:max_size]


def seeds(folder: Path) -> None:
    """Valid programs, of random ops and from the documents, as the first inputs."""
    for number in range(60):
        (folder / f"random{number}").write_text(
            print_program(random_program(random.Random(number), 6)), encoding="utf-8"
        )
    reference = Path(__file__).parent.parent / "docs" / "reference" / "ir.md"
    for number, block in enumerate(reference.read_text(encoding="utf-8").split("```hir\n")[1:]):
        (folder / f"reference{number}").write_text(block.split("```")[0], encoding="utf-8")


def main() -> None:
    arguments = list(sys.argv)
    if all(argument.startswith("-") for argument in arguments[1:]):
        folder = tempfile.mkdtemp(prefix="hyperion-fuzz-")
        seeds(Path(folder))
        arguments.append(folder)
    atheris.Setup(arguments, check, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
