"""Writes docs/reference/operations.md from the op table.

uv run python tests/operations_page.py
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from hyperion.ir.monoids import MONOIDS, monoid
from hyperion.ir.op_table import FAMILIES, OpDef
from hyperion.ir.types import Type, scalar_types

PAGE = Path(__file__).resolve().parent.parent / "docs/reference/operations.md"

HEAD = """# Operations

Every operation of the IR, from the table that the type checker, the interpreter and the logic read
([`hyperion/ir/op_table`](../../hyperion-core/src/hyperion/ir/op_table)). This page is made by
`uv run python tests/operations_page.py`. Plugins add more through the hook [`hyperion_ops`](hooks.md).

In a signature `T`, `U` and `K` are scalar types and `S` is any number of values; `F` is f32 or f64 and `C` the complex
type of such parts; `T[n..]` is an array of any number of dimensions, `T[n]` one of one dimension; `..` repeats what
stands before it. An operation that *traps* ends the function with the exception of that kind:

| trap | exception | code |
| --- | --- | --- |
| overflow | `OverflowError` | HY5101 |
| zero-division | `ZeroDivisionError` | HY5102 |
| index | `IndexError` | HY5103 |
| value | `ValueError` | HY5104 |
| inexact | `ArithmeticError` | HY5105 |

An operation that *makes sizes* takes the sizes of its result from the declared type: each is a new name, or a number
that the size must equal at run time, else it traps with `value`. Every other size must agree before the program runs:
two sizes are equal where they are the same name or the same number.

Integer arithmetic says in its name what becomes of a result that does not fit: `wrap` keeps it modulo 2**width, `trap`
traps, `sat` takes the end of the range. Floats are IEEE 754; a NaN has neither sign nor payload here.
"""

MONOID_HEAD = """## Monoids

What `reduce` takes as its `monoid`, with the unit that an empty array gives. Only the laws listed hold, and only they
may be used to regroup; the order of `reduce` itself is fixed.

| op | types | unit | laws |
| --- | --- | --- | --- |
"""

UNITS = {
    "max": "the least value",
    "min": "the greatest value",
    "and": "all bits 1",
    "or": "all bits 0",
    "xor": "all bits 0",
}
"""Where the unit is another number for each type."""


def page() -> str:
    sections = [HEAD]
    for title, rows in FAMILIES.items():
        sections.append(f"## {title}\n\n{''.join(_family(rows()))}")
    sections.append(MONOID_HEAD + "".join(_monoids()))
    return "\n".join(sections)


def _family(ops: Iterable[OpDef]) -> Iterator[str]:
    yield "| operation | signature | meaning | traps |\n| --- | --- | --- | --- |\n"
    for op in ops:
        doc = op.doc.replace("|", "\\|")
        yield f"| `{op.name}` | {_code(op.signature)} | {doc}{_extra(op)} | {', '.join(op.traps)} |\n"


def _code(text: str) -> str:
    return "`" + text.replace("|", "\\|") + "`"


def _extra(op: OpDef) -> str:
    """Attributes and regions, which the signature does not show."""
    optional = op.regions[len(op.regions) - op.optional_regions :]
    regions = [f"`{name}`{' (optional)' if name in optional else ''}" for name in op.regions]
    parts = [
        f"Attributes: {', '.join(f'`{name}`' for name in op.attributes)}." if op.attributes else "",
        f"Regions: {', '.join(regions)}." if regions else "",
        "Makes sizes." if op.makes_sizes else "",
    ]
    return "".join(f" {part}" for part in parts if part)


def _monoids() -> Iterator[str]:
    for op in MONOIDS:
        groups: dict[tuple[str, str], list[str]] = {}
        for kind in _types():
            found = monoid(op, kind)
            if found is not None:
                unit = UNITS.get(op, str(found.unit))
                groups.setdefault((unit, ", ".join(sorted(found.laws))), []).append(str(kind))
        for (unit, laws), kinds in groups.items():
            yield f"| `{op}` | {', '.join(kinds)} | {unit} | {laws} |\n"


def _types() -> list[Type]:
    return [kind for name, kind in scalar_types().items() if name == str(kind)]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE}")
