"""Latencies and bandwidths as people write them: `5 us`, `10 GB/s`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from hyperion.errors import DeviceError

_QUANTITY: Final = re.compile(r"(?P<number>[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)[ \t]*(?P<unit>\D*)", re.ASCII)
_TIMES: Final[Mapping[str, float]] = {"s": 1, "ms": 1e3, "us": 1e6, "µs": 1e6, "μs": 1e6, "ns": 1e9}
"""How many of the unit are a second. The sign of micro stands twice: Unicode has two."""
_RATES: Final[Mapping[str, float]] = {
    "B/s": 1,
    **{f"{prefix}B/s": 10.0**power for prefix, power in (("k", 3), ("M", 6), ("G", 9), ("T", 12))},
    **{f"{prefix}iB/s": 2.0**power for prefix, power in (("K", 10), ("M", 20), ("G", 30), ("T", 40))},
    **{f"{prefix}bit/s": 10.0**power / 8 for prefix, power in (("k", 3), ("M", 6), ("G", 9), ("T", 12))},
}
"""How many bytes per second are one of the unit."""


def seconds_of(value: object) -> float:
    """Seconds from a number, or from text with a unit. Raises `DeviceError` (HY5034) for anything else."""
    number, unit = _parts(value, _TIMES, "a time", "5 us")
    return number / _TIMES[unit] if unit else number


def bandwidth_of(value: object) -> float:
    """Bytes per second from a number, or from text with a unit. Raises `DeviceError` (HY5034) for anything else."""
    number, unit = _parts(value, _RATES, "a bandwidth", "10 GB/s")
    return number * _RATES[unit] if unit else number


def _parts(value: object, units: Mapping[str, float], kind: str, example: str) -> tuple[float, str]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(value), ""
        except OverflowError:
            raise DeviceError("HY5034", f"{kind} of {value!r} is out of range") from None
    found = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    base = next(iter(units))
    if found is None:
        hints = [f'write it with its unit, "{example}", or as a number of {base}']
        raise DeviceError("HY5034", f"{value!r} is not {kind}", hints=hints)
    unit = found["unit"]
    if unit not in units:
        wrong = f"{value!r} has the unit {unit!r}" if unit else f"the text {value!r} has no unit"
        near = [u for u in units if u.lower() == unit.lower()] or get_close_matches(unit, units, n=1)
        hints = [f"did you mean {n!r}?" for n in near] + [f"units of {kind}: {', '.join(units)}"]
        raise DeviceError("HY5034", wrong, hints=hints)
    return float(found["number"]), unit


def time_text(seconds: float) -> str:
    """A latency in the unit that fits: `12.3 us`."""
    for unit in ("s", "ms", "us"):
        if seconds * _TIMES[unit] >= 1:
            return f"{seconds * _TIMES[unit]:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def rate_text(bandwidth: float) -> str:
    """A bandwidth in the unit that fits: `12.3 GB/s`."""
    for unit in ("TB/s", "GB/s", "MB/s", "kB/s"):
        if bandwidth >= _RATES[unit]:
            return f"{bandwidth / _RATES[unit]:.3g} {unit}"
    return f"{bandwidth:.3g} B/s"
