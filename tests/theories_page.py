"""Writes docs/reference/theories.md from the theories and their records.

uv run python tests/theories_page.py
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from hyperion.interfaces.theory import Record
from hyperion.logic.kernel import AXIOMS, Equation
from hyperion.logic.readable import statement
from hyperion.logic.terms import Term
from hyperion_proofs.theories.core import THEORIES
from hyperion_proofs.theories.records import CoreTheory, records

PAGE = Path(__file__).resolve().parent.parent / "docs/reference/theories.md"

HEAD = """# Theories

What proofs may rest on: the axioms of the core, each with how it was validated, and the laws that the theories prove
from them. This page is made by `uv run python tests/theories_page.py` from
[the axiom files](../../hyperion-core/src/hyperion/logic/axioms) and
[the theories](../../plugins/hyperion-proofs/src/hyperion_proofs/theories), which are data.

The kernel and the checker believe an axiom, so it is there only where nothing else gives the fact; everything else is a
definition or a theorem. `python -m hyperion_z3.validate` writes the records:

- `smt`: z3 finds no counterexample among all values of the types, at each width as it stands;
- `exhaustive`: it holds for all values of types of at most 8 bits;
- `definition`: it says by cases or by recursion what a constant is;
- `tested`: it holds for as many random values as the record says. These are about `exp` and `log`, of which z3 knows
  nothing; exported to Coq they are theorems about the `exp` and `ln` of its reals, which a test checks.

A record carries the digest of the statement that it is about, so that a changed axiom has none. The test suite
validates a sample of the axioms again, refutes a mutant of each, and tries to derive `0 = 1`, `true = false`,
`-0.0 = 0.0` and `NaN = 0.0` in each theory; with `HYPERION_VALIDATE=all` it does all of it at every width.

`instance.theories()["lists"].theorems()["append.assoc"]()` proves a law, in milliseconds to seconds, and returns the
theorem, which `print(statement(theorem.left, theorem.right))` shows with `statement` of `hyperion.logic.readable`. `W`
stands for a machine integer type and `F` for a float format: there is an axiom, or a law, for each; the first is shown.
"""


def page() -> str:
    counts = Counter(record.status for record in records().values())
    total = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    laws = sum(len(theory.contents.laws) for theory in THEORIES.values())
    lines = [HEAD, f"There are {counts.total()} axioms ({total}) and {laws} laws.\n"]
    for _, theory in sorted(THEORIES.items()):
        lines += _section(theory)
    return "\n".join(lines)


def _section(theory: CoreTheory) -> Iterator[str]:
    contents = theory.contents
    yield f"## {theory.name}\n"
    yield f"{contents.summary}\n"
    if theory.records:
        yield "| axiom | says | status |\n| --- | --- | --- |"
        own = theory.records
        said = {name: _says(left, right, given) for name, (given, left, right) in AXIOMS.items() if name in own}
        yield from _rows({name: (text, _status(own[name])) for name, text in said.items()})
    if contents.definitions:
        names = dict.fromkeys(_family(name) for name in contents.definitions)
        yield f"Defined: {', '.join(f'`{name}`' for name in names)}.\n"
    yield "| law | says |\n| --- | --- |"
    yield from _rows({name: (_says(law.left, law.right, law.hypotheses),) for name, law in contents.laws.items()})
    if contents.refuted:
        yield "What does not hold, each refuted by values in the theory's file:\n"
        yield "| law | would say |\n| --- | --- |"
        yield from _rows({name: (_says(law.left, law.right, ()),) for name, law in contents.refuted.items()})


def _status(record: Record) -> str:
    return record.status + (f", {record.detail}" if record.detail else "")


def _says(left: Term, right: Term, hypotheses: Iterable[Equation]) -> str:
    text = "; ".join(line.strip() for line in statement(left, right, hypotheses).splitlines())
    return f"`{_family(text)}`".replace("|", "\\|")


def _rows(rows: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """One row for each family: its first member speaks for it."""
    found: dict[str, str] = {}
    for name, cells in rows.items():
        found.setdefault(_family(name), " | ".join(cells))
    yield from (f"| `{name}` | {cells} |" for name, cells in found.items())
    yield ""


def _family(text: str) -> str:
    text = re.sub(r"\b[iu](8|16|32|64|128)\b", "W", text)
    return re.sub(r"\bf(16|32|64)\b", "F", text)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
