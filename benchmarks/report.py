"""What was measured, as Markdown."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

COLUMNS = ("Hyperion", "Numba", "Numba prange", "NumPy", "read")
LEGEND = """\
H is Hyperion, "read" a vectorised read of the same array on all cores in the same round; times are milliseconds, and
"Numba / H" says how many times as long as Hyperion Numba takes. Hyperion and prange use all cores. Hyperion's sums and
segments raise `OverflowError` where a step leaves 64 bits; Numba and NumPy wrap silently."""


@dataclass(frozen=True, slots=True)
class Row:
    """Times in milliseconds, one for each round; `first` is the first call, compilation and proof included."""

    loop: str
    element: str
    times: dict[str, list[float]]
    first: dict[str, float]

    def median(self, who: str) -> float | None:
        return statistics.median(self.times[who]) if who in self.times else None

    def ratio(self, who: str) -> float | None:
        """How many times as long as Hyperion, the median over the rounds."""
        if who not in self.times:
            return None
        return statistics.median(t / h for t, h in zip(self.times[who], self.times["Hyperion"], strict=True))


def table(rows: Sequence[Row]) -> str:
    """Median times, then ratios."""
    ratios = ("Numba / H", "prange / H", "NumPy / H", "H / read")
    lines = _header("loop", "elements", *(f"{who} ms" for who in COLUMNS), *ratios)
    for row in rows:
        read = row.ratio("read")
        values = [*map(row.median, COLUMNS), *map(row.ratio, COLUMNS[1:4]), 1 / read if read else None]
        lines.append(_row(row.loop, row.element, *map(_number, values)))
    return "\n".join(lines)


def first_calls(rows: Sequence[Row]) -> str:
    """Seconds until the first result."""
    lines = _header("loop", "elements", "Hyperion s", "Numba s")
    for row in rows:
        seconds = (f"{row.first[who] / 1e3:.2f}" for who in ("Hyperion", "Numba"))
        lines.append(_row(row.loop, row.element, *seconds))
    return "\n".join(lines)


def report(rows: Sequence[Row], count: int, rounds: int) -> str:
    packages = ("hyperion-core", "numba", "numpy", "llvmlite")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
    return f"""\
{count:,} elements (power and Fibonacci: as many steps); medians of {rounds} rounds, contestants interleaved in each.
{_cpu()}, {os.cpu_count()} cores; Python {platform.python_version()}, {versions}.
{_bandwidth(rows, count)}

{table(rows)}

{LEGEND}

The first call, with everything that it takes (Hyperion: types, theorem, check, code; Numba: types, code):

{first_calls(rows)}
"""


def _bandwidth(rows: Sequence[Row], count: int) -> str:
    sizes = {"int32": 4, "int64": 8}
    rates = [count * sizes[row.element] / 1e6 / read for row in rows for read in row.times.get("read", ())]
    if not rates:
        return ""
    return f"Reading the arrays: {statistics.median(rates):.0f} GB/s (median), {max(rates):.0f} GB/s at best."


def _header(*cells: str) -> list[str]:
    return [_row(*cells), _row("---", "---", *("--:" for _ in cells[2:]))]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value >= 0.001 else f"{value:.1e}"


def _cpu() -> str:
    try:
        lines: Iterable[str] = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
