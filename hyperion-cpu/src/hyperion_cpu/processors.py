"""The processors that this process may use, and equal groups of them."""

from __future__ import annotations

import functools
import os
import platform
from collections.abc import Sequence
from hashlib import sha256
from itertools import groupby
from pathlib import Path

from hyperion_cpu.pool import thread_count

_SYSTEM = Path("/sys/devices/system/cpu")


def usable() -> tuple[int, ...]:
    """Their numbers, those that share a core, a socket or a memory beside each other; as many as there may be threads.

    Raises `DeviceError` (HY5003) as `thread_count` does.
    """
    numbers = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    return tuple(sorted(numbers, key=_place)[: thread_count()])


def group(number: int, count: int) -> tuple[int, ...]:
    """The processors of one of `count` groups; none where there are fewer processors than groups. Processors of one
    core are in one group unless there are more groups than cores."""
    processors = usable()
    cores = [tuple(members) for _, members in groupby(processors, key=lambda n: _place(n)[:3])]
    units: Sequence[tuple[int, ...]] = cores if count <= len(cores) else [(n,) for n in processors]
    if count > len(units):
        return ()
    first, end = (len(units) * n // count for n in (number, number + 1))
    return tuple(n for unit in units[first:end] for n in unit)


@functools.cache
def _place(number: int) -> tuple[int, int, int, int]:
    """Node of memory, socket, core and number of a processor; where the system does not say, each is a core."""
    folder = _SYSTEM / f"cpu{number}"
    nodes = [int(p.name[4:]) for p in folder.glob("node[0-9]*")]
    socket = _number(folder / "topology" / "physical_package_id", 0)
    return nodes[0] if nodes else 0, socket, _number(folder / "topology" / "core_id", number), number


def _number(file: Path, otherwise: int) -> int:
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return otherwise


def processor_name() -> str:
    """The name that the operating system gives, else the architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []  # not Linux
    names = (line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "Model")))
    return next((name for name in names if name), platform.processor() or platform.machine() or "unknown processor")


def memory_bytes() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 0  # the system does not say


def huge_pages() -> str:
    """Which memory the system puts in huge pages: `always` all, `madvise` what asks for them, as results do, `never`
    none, `unknown` where it does not say."""
    try:
        text = Path("/sys/kernel/mm/transparent_hugepage/enabled").read_text()
    except OSError:
        return "unknown"
    return text.partition("[")[2].partition("]")[0] or "unknown"


@functools.cache
def machine_identity() -> str:
    """The same for every process of this machine; its system's identity is not to be read from it (machine-id(5) says
    that it is not to be told)."""
    for file in (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id")):
        try:
            system = file.read_text().strip()
        except OSError:
            continue
        if system:
            break
    else:
        system = platform.node()
    return sha256(f"hyperion cpu {system}".encode()).hexdigest()[:16]
