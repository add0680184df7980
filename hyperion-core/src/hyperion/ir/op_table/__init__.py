"""The rows of the op table, one file for each family."""

from __future__ import annotations

from collections.abc import Iterator

from hyperion.ir.op_table import arithmetic, arrays, casts, control, floats, integers
from hyperion.ir.op_table.definition import OpDef
from hyperion.ir.op_table.integers import MODES

__all__ = ["FAMILIES", "MODES", "OpDef", "table"]

FAMILIES = {
    "Machine integers": integers.rows,
    "Arithmetic and comparison": arithmetic.rows,
    "Floats and complex numbers": floats.rows,
    "Conversions": casts.rows,
    "Literals, tuples and arrays": arrays.rows,
    "Control and loops": control.rows,
}


def table() -> Iterator[OpDef]:
    for rows in FAMILIES.values():
        yield from rows()
