"""Loops over a real price series: West Texas Intermediate crude oil, daily, 1986 to 2019."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import as_file, files
from typing import Any

from hyperion_cli.columns import csv_column
from hyperion_cli.demo.case import Case

Array = Any  # an int64 array, or anything that plain Python iterates over

REPEATED = 2000
SOURCE = (
    "WTI crude oil, dollars per barrel in cents, {n} trading days 1986-2019 (US Energy Information Administration, "
    "public domain)"
)


def largest_drop(prices: Array) -> int:
    peak = 0
    worst = 0
    for price in prices:
        peak = max(peak, price)
        worst = max(worst, peak - price)
    return worst


def best_holding_period(moves: Array) -> int:
    here = 0
    best = 0
    for move in moves:
        here = max(here + move, 0)
        best = max(best, here)
    return best


def load_prices() -> Array:
    """The closing prices in cents, int64."""
    with as_file(files("hyperion_cli.demo") / "wti.csv") as path:
        return csv_column(path, "cents")


def cases() -> Sequence[Case]:
    import numpy as np

    prices = load_prices()
    moves = np.diff(prices)
    return [
        _case("Largest drop from a running peak", largest_drop, prices),
        _case("Best period to hold: maximum segment sum of daily moves", best_holding_period, moves),
    ]


def _case(title: str, function: Any, series: Array) -> Case:
    import numpy as np

    long = np.tile(series, REPEATED)
    return Case(
        title,
        function,
        SOURCE.format(n=f"{len(series):,}"),
        arguments=(series,),
        times=(long,),
        times_note=f"the series {REPEATED} times over, {len(long):,} days",
        plain=(series.tolist(),),
        plain_note="the whole series",
        unit="cents",
    )
