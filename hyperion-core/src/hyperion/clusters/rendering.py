"""Clusters as text and as values for JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from hyperion.clusters.units import rate_text, time_text
from hyperion.interfaces.cluster import HOST, Link, Topology
from hyperion.interfaces.device import DeviceInfo


def listing(name: str, infos: Sequence[DeviceInfo], states: Sequence[str], topology: Topology) -> str:
    """The devices, one a line, then the links: those to and from the host, and those between devices that do not lead
    through the host."""
    head = f"{name or 'cluster'}: {len(infos)} device{'' if len(infos) == 1 else 's'}"
    rows = [device_row(info, state) for info, state in zip(infos, states, strict=True)]
    ways = [[f"{ends}:", link_text(link)] for ends, link in _ways(infos, topology)]
    return "\n".join([head, *indented(rows), "links", *indented(ways)])


def device_row(info: DeviceInfo, state: str) -> list[str]:
    """Address, state, workers, memory and what it is, or why it is absent."""
    workers = f"{info.workers} worker{'' if info.workers == 1 else 's'}"
    return [info.address, state, workers, memory_text(info.memory), info.absent or info.description]


def memory_text(nbytes: int) -> str:
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if nbytes >= size:
            return f"{nbytes / size:.1f} {unit}"
    return f"{nbytes} B" if nbytes else ""


def link_text(link: Link) -> str:
    """`5 us, 10 GB/s (described)`"""
    if link.shared:
        return f"shared memory ({link.source})"
    rate = "" if link.bandwidth == math.inf else f", {rate_text(link.bandwidth)}"
    return f"{time_text(link.latency)}{rate} ({link.source})"


def indented(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  " + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows]


def _ways(infos: Sequence[DeviceInfo], topology: Topology) -> Iterator[tuple[str, Link]]:
    ends = [HOST, *(info.address for info in infos)]
    for number, one in enumerate(ends):
        for other in ends[number + 1 :]:
            there, back = topology.link(one, other), topology.link(other, one)
            if one != HOST and not {(one, other), (other, one)} & topology.links.keys():
                continue
            if there == back:
                yield f"{one} <-> {other}", there
            else:
                yield f"{one} -> {other}", there
                yield f"{other} -> {one}", back


def document(name: str, infos: Sequence[DeviceInfo], states: Sequence[str], topology: Topology) -> dict[str, object]:
    """All of it as values that JSON has; links between all pairs, bandwidths without a limit as None."""
    ends = [HOST, *(info.address for info in infos)]
    return {
        "name": name,
        "devices": [{**info_json(info), "state": state} for info, state in zip(infos, states, strict=True)],
        "links": [_link(a, b, topology.link(a, b)) for a in ends for b in ends if a != b],
    }


def info_json(info: DeviceInfo) -> dict[str, object]:
    """What is known of a device, as values that JSON has."""
    known = {name: getattr(info, name) for name in info.__dataclass_fields__}
    memories = [asdict(memory) for memory in info.memories]
    return {**known, "features": dict(info.features), "memories": memories, "parts": list(info.parts)}


def _link(source: str, target: str, link: Link) -> dict[str, object]:
    bandwidth = None if link.bandwidth == math.inf else link.bandwidth
    return {"from": source, "to": target, **asdict(link), "bandwidth": bandwidth}
