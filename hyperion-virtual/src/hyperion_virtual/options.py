"""What a virtual device is opened with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from math import inf, isnan
from typing import Any

from hyperion.errors import DeviceError
from hyperion_virtual.faults import Faults


@dataclass(frozen=True, slots=True)
class Options:
    """memory, pinned: the bytes of its memories; latency: the seconds that a copy between host and device takes, and
    bandwidth its bytes per second; seconds: the time that a run takes at least; asynchronous: whether copies and runs
    return before they are done; faults: a `Faults`, or its text."""

    memory: int = 1 << 28
    pinned: int = 1 << 26
    latency: float = 0.0
    bandwidth: float = inf
    seconds: float = 0.0
    asynchronous: bool = False
    faults: Faults = field(default_factory=Faults)

    @classmethod
    def of(cls, address: str, given: Mapping[str, object]) -> Options:
        """Raises `DeviceError`: HY5013 for an option that there is not, HY5060 for a value that cannot be."""
        names = [f.name for f in fields(cls)]
        for name in given:
            if name not in names:
                near = [f"did you mean {n}?" for n in get_close_matches(name, names, n=1)]
                hints = [*near, f"options: {', '.join(names)}"]
                raise DeviceError("HY5013", f"{address} has no option {name!r}", hints=hints)
        return cls(**{name: _checked(address, name, value) for name, value in given.items()})


def _checked(address: str, name: str, value: Any) -> Any:  # Any: the values of options are what is checked
    """The value as its option takes it."""
    match name, value:
        case "faults", str():
            return Faults.parse(value)
        case "faults", Faults():
            return value
        case "asynchronous", bool():
            return value
        case (("memory" | "pinned"), int()) if value >= 0 and not isinstance(value, bool):
            return value
        case (("latency" | "seconds"), int() | float()) if 0 <= value < inf and not isinstance(value, bool):
            return float(value)
        case "bandwidth", int() | float() if value > 0 and not isnan(value) and not isinstance(value, bool):
            return float(value)
        case _:
            hints = [f"{name} is {_TAKES[name]}"]
            raise DeviceError("HY5060", f"{address} cannot have {name} = {value!r}", hints=hints)


_TAKES = {
    "memory": "a number of bytes",
    "pinned": "a number of bytes",
    "latency": "a number of seconds",
    "bandwidth": "a positive number of bytes per second",
    "seconds": "a number of seconds",
    "asynchronous": "True or False",
    "faults": "a Faults, or a text such as `lose at run 2`",
}
