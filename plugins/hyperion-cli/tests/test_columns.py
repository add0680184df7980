"""CSV columns: what is read, and what the refusals say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hyperion_cli.columns import csv_column, header
from hyperion_cli.output import UsageError


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("x\n1\n2.5\n", [1.0, 2.5]),
        ("\ufeffx,y\n1,2\n", [1]),
        ("# a\nx,y\n\n# b\n1,2\n 3 ,\n", [1, 3]),
        ('y,x\n"a,b",7\n', [7]),
        ("x\n", []),
        ("x\nnan\n1\n", [float("nan"), 1.0]),
    ],
)
def test_columns(text: str, values: list[float], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(text.encode())
    column = csv_column(tmp_path / "a.csv", "x")
    assert column.dtype == (np.float64 if any(isinstance(v, float) for v in values) else np.int64)
    np.testing.assert_array_equal(column, values)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x,y\n1\n2,3\n", "HY1206: a.csv:2, column 'y': the row ends after 1 cells\n  try: fill in a number, nan for"),
        ("# comment\nx,y\n1,2\n1,\n", "HY1206: a.csv:4, column 'y': the cell is empty\n  try: fill in a number"),
        ("y,x,y\n1,2,3\n", "HY1214: a.csv has several columns 'y': numbers 1 and 3\n  try: give each column a name"),
        ("x;y\n1;2\n", "HY1206: a.csv has no column 'y'\n  try: the header has semicolons; commas separate columns"),
        ("x,z\n1,2\n", "HY1206: a.csv has no column 'y'\n  try: columns: x, z"),
        ("", "HY1206: a.csv has no column 'y'\n  try: columns: none"),
        ('y\n"1,5"\n', "HY1206: a.csv:2, column 'y': '1,5' is no number\n  try: a decimal point"),
    ],
)
def test_what_does_not_fit(text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text(text)
    with pytest.raises(UsageError) as caught:
        csv_column(Path("a.csv"), "y")
    assert str(caught.value).startswith(message)


def test_the_header_is_without_the_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("\ufeffday,price\n".encode())
    assert header(tmp_path / "a.csv") == ["day", "price"]
