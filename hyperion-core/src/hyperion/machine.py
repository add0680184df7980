"""What operations cost on a machine: measured once by its target, and kept in the home of the Instance."""

from __future__ import annotations

import json
import math
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import cast

from hyperion._forking import survives_forks


@dataclass(frozen=True, slots=True)
class Machine:
    """Times in nanoseconds. The defaults stand for no machine in particular: what must not depend on the machine, such
    as the choice of a form that rounds differently, is ranked by them."""

    issue_ns: float = 0.1  # a simple operation among others that do not wait for it
    latency_ns: float = 0.33  # a simple operation on the result of the one before
    vector_ns: float = 0.2  # a simple operation on one vector register, among others
    vector_bits: float = 256.0
    byte_ns: float = 0.06  # a byte that all threads together read from memory
    threads: float = 2.0  # how many times faster than one thread all of them are
    start_ns: float = 2000.0  # to have all threads begin

    def valid(self) -> bool:
        """Whether each constant is one that a machine may have."""
        values = [float(getattr(self, f.name)) for f in fields(self)]
        return all(math.isfinite(v) and v > 0 for v in values)


NOMINAL = Machine()
FILE = "machine.json"


class _Known:
    """What this process knows of machines, by their key."""

    def __init__(self) -> None:
        self.lock = survives_forks(threading.RLock())
        self.machines: dict[str, Machine] = {}


_known = _Known()


def machine_of(key: str, measure: Callable[[], Machine], home: Path) -> Machine:
    """The machine that `key` names (processor, threads, versions): as known, as kept in `home`, or measured now.

    A file that cannot be read or written is as if there were none.
    """
    with _known.lock:
        found = _known.machines.get(key)
        if found is None:
            found = _read(home / FILE, key) or measure()
            _known.machines[key] = found
            _write(home / FILE, key, found)
        return found


def known_machine(key: str, home: Path) -> Machine:
    """The machine that `key` names where it was measured before; else none in particular."""
    with _known.lock:
        return _known.machines.get(key) or _read(home / FILE, key) or NOMINAL


def _read(path: Path, key: str) -> Machine | None:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        if value["key"] != key:
            return None
        constants: dict[str, float] = {f.name: float(value["constants"][f.name]) for f in fields(Machine)}
        found = Machine(**constants)
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return found if found.valid() else None


def _write(path: Path, key: str, machine: Machine) -> None:
    if _read(path, key) == machine:
        return
    own = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            own.write_text(
                json.dumps({"key": key, "constants": cast(object, asdict(machine))}) + "\n", encoding="utf-8"
            )
            own.replace(path)
        finally:
            own.unlink(missing_ok=True)
