"""Faults on request: any call of a device can fail, be late, hang, or be the one in which the device is lost.

    faults = Faults(Fault("run", 2, "lose"))            # or Faults.parse("lose at run 2")
    device = instance.device("virtual:0", faults=faults)

Nothing is ever wrong without an error: there is no fault that changes values.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, cast, get_args

from hyperion.errors import DeviceError

Method = Literal["open", "allocate", "copy", "run", "synchronize", "free", "close"]
Kind = Literal["raise", "lose", "delay", "hang"]
METHODS: Final[tuple[str, ...]] = get_args(Method)
KINDS: Final[tuple[str, ...]] = get_args(Kind)
HANGING: Final = ("allocate", "copy", "run", "synchronize")
"""What can hang, because something ends it: a token, a timeout, the loss or the closing of the device."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens at a call: `call` counts from 1 the calls of `method`. "raise" ends it with an error; "lose" loses
    the device; "delay" makes it `seconds` late; "hang" makes it wait until its token ends or the device is lost or
    closed. Raises `DeviceError` (HY5060) for a fault that cannot be."""

    method: Method
    call: int
    kind: Kind
    seconds: float = 0.01

    def __post_init__(self) -> None:
        if self.method not in METHODS or self.kind not in KINDS:
            hints = [f"methods: {', '.join(METHODS)}", f"faults: {', '.join(KINDS)}"]
            raise DeviceError("HY5060", f"there is no fault {self.kind!r} of {self.method!r}", hints=hints)
        if self.call < 1 or not 0 <= self.seconds < 3600:
            raise DeviceError("HY5060", f"{self}: calls count from 1, and a delay takes 0 to 3600 seconds")
        if self.kind == "hang" and self.method not in HANGING:
            hints = [f"what can hang: {', '.join(HANGING)}"]
            raise DeviceError("HY5060", f"nothing would end a {self.method} that hangs", hints=hints)

    def __str__(self) -> str:
        return f"{self.kind} at {self.method} {self.call}"

    def error(self, address: str) -> DeviceError:
        """What "raise" raises: the error that a real device would have, where there is one."""
        code = {"open": "HY5011", "allocate": "HY5001"}.get(self.method, "HY5061")
        return DeviceError(code, f"{self.method} failed on {address}: the fault {str(self)!r} was asked for")


class Faults:
    """The faults of one device, or of several that share it. Counts calls and what was struck; any thread may ask.

    Raises `DeviceError` (HY5060) where two faults are at one call.
    """

    def __init__(self, *faults: Fault) -> None:
        self._faults = {(fault.method, fault.call): fault for fault in faults}
        if len(self._faults) < len(faults):
            raise DeviceError("HY5060", "two faults are at one call", notes=[str(fault) for fault in faults])
        self._calls: Counter[Method] = Counter()
        self._struck: list[Fault] = []
        self._lock = threading.Lock()

    @classmethod
    def parse(cls, text: str) -> Faults:
        """The faults of a text such as `lose at run 2; delay 0.5 at copy 1`. Raises `DeviceError` (HY5060)."""
        return cls(*(_parsed(part) for part in text.split(";") if part.strip()))

    def __str__(self) -> str:
        return "; ".join(map(str, self._faults.values())) or "no faults"

    @property
    def calls(self) -> Mapping[Method, int]:
        """How often each method was called."""
        with self._lock:
            return dict(self._calls)

    @property
    def struck(self) -> tuple[Fault, ...]:
        """The faults that happened, in order."""
        with self._lock:
            return tuple(self._struck)

    def at(self, method: Method) -> Fault | None:
        """Counts a call; the fault that it has."""
        with self._lock:
            self._calls[method] += 1
            fault = self._faults.get((method, self._calls[method]))
            if fault is not None:
                self._struck.append(fault)
            return fault


def points(workload: Callable[[Faults], object], kinds: tuple[Kind, ...] = ("raise", "lose")) -> Iterator[Faults]:
    """One plan for each call that the workload makes and each kind of fault, so that a test visits every point once.

    The workload opens its devices with the faults that it is given. It is run once without any, to count its calls.

        for faults in points(workload):
            error = attempt(lambda: workload(faults))
            assert faults.struck
    """
    counting = Faults()
    workload(counting)
    for method, count in counting.calls.items():
        for kind in kinds:
            if kind != "hang" or method in HANGING:
                yield from (Faults(Fault(method, call, kind)) for call in range(1, count + 1))


_FORM = re.compile(r"\s*(\w+)(?:\s+(\d+\.?\d*))?\s+at\s+(\w+)\s+(\d{1,9})\s*", re.ASCII)


def _parsed(text: str) -> Fault:
    found = _FORM.fullmatch(text)
    if found is None:
        hints = ["write faults as `lose at run 2; delay 0.5 at copy 1`"]
        raise DeviceError("HY5060", f"{text.strip()!r} is no fault", hints=hints)
    kind, seconds, method, call = found.groups()
    late = {} if seconds is None else {"seconds": float(seconds)}
    return Fault(cast(Method, method), int(call), cast(Kind, kind), **late)
