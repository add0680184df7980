"""Columns of CSV files as arrays."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hyperion_cli.number import number
from hyperion_cli.output import UsageError

Row = tuple[int, list[str]]  # the line of the file that it ends on, its cells


def csv_column(path: Path, column: str) -> Any:  # Any: an array
    """A column of a CSV file with a header row; int64 where every cell is an integer, float64 otherwise.

    Lines that start with `#` are comments, empty ones are skipped; a byte order mark is none of the first name.
    Raises `UsageError`: HY1206 for a column or a cell that does not fit, HY1214 for a name that two columns have.
    """
    import numpy as np

    with _rows(path) as rows:
        _, names = next(rows, (0, []))
        place = _place(path, names, column)
        cells = [(line, _cell(path, line, row, place, column)) for line, row in rows]
    try:
        return np.array([int(cell) for _, cell in cells], dtype=np.int64)
    except (ValueError, OverflowError):
        pass
    for line, cell in cells:
        if number(cell) is None:
            hints = ["a decimal point, and no thousands separator"] if "," in cell else []
            raise UsageError("HY1206", f"{_where(path, line, column)}: {cell!r} is no number", hints=hints)
    return np.array([float(cell) for _, cell in cells], dtype=np.float64)


def header(path: Path) -> Sequence[str]:
    """The names of the columns."""
    with _rows(path) as rows:
        return next(rows, (0, []))[1]


@contextmanager
def _rows(path: Path) -> Iterator[Iterator[Row]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        numbers: list[int] = []  # of the lines that were handed on

        def lines() -> Iterator[str]:
            for n, line in enumerate(file, 1):
                if not line.startswith("#"):
                    numbers.append(n)
                    yield line

        yield ((numbers[-1], row) for row in csv.reader(lines()) if row)


def _place(path: Path, names: list[str], column: str) -> int:
    places = [i for i, name in enumerate(names) if name == column]
    if len(places) > 1:
        both = " and ".join(str(i + 1) for i in places)
        hints = ["give each column a name of its own in the header row"]
        raise UsageError("HY1214", f"{path} has several columns {column!r}: numbers {both}", hints=hints)
    if places:
        return places[0]
    hints = [f"columns: {', '.join(names) or 'none'}"]
    if len(names) == 1 and (";" in names[0] or "\t" in names[0]):
        separator = "semicolon" if ";" in names[0] else "tab"
        hints = [f"the header has {separator}s; commas separate columns: save the file with commas"]
    raise UsageError("HY1206", f"{path} has no column {column!r}", hints=hints)


def _cell(path: Path, line: int, row: list[str], place: int, column: str) -> str:
    cell = row[place].strip() if place < len(row) else ""
    if cell:
        return cell
    what = "the cell is empty" if place < len(row) else f"the row ends after {len(row)} cells"
    hints = ["fill in a number, nan for a missing one, or remove the row"]
    raise UsageError("HY1206", f"{_where(path, line, column)}: {what}", hints=hints)


def _where(path: Path, line: int, column: str) -> str:
    return f"{path}:{line}, column {column!r}"
