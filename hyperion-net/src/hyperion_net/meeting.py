"""What the ranks give to one operation, and whether that fits together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from math import inf
from typing import Final

from hyperion.errors import DeviceError, HyperionError
from hyperion.fences import Fence
from hyperion.interfaces.buffer import BufferView
from hyperion.interfaces.network import Reduction

Views = tuple[BufferView, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """What one rank gave. `sources` are read, `targets` written; `refused` says what was wrong with it by itself."""

    operation: str
    rank: int
    fence: Fence
    sources: Views = ()
    targets: Views = ()
    root: int | None = None
    how: Reduction | None = None
    refused: str = ""

    def __str__(self) -> str:
        if self.refused:
            return f"{self.operation}, refused: {self.refused}"
        shapes = ", ".join(dict.fromkeys(f"{v.dtype}{list(v.shape)}" for v in (*self.sources, *self.targets)))
        root = "" if self.root is None else f", root {self.root}"
        return f"{self.operation}{f' of {shapes}' if shapes else ''}{root}{f', {self.how}' if self.how else ''}"

    @property
    def header(self) -> tuple[object, ...]:
        """What is equal on all ranks."""
        return self.operation, self.root, self.how


@dataclass(frozen=True, slots=True)
class Parcel:
    """Views of one shape and dtype: what is read, by the order of the ranks, and where its result goes."""

    sources: Views
    targets: Views

    @property
    def agrees(self) -> bool:
        return len({(v.dtype, v.shape) for v in (*self.sources, *self.targets)}) <= 1


@dataclass(slots=True, eq=False)
class Meeting:
    """One operation: who came, who is missing, and when those who wait give up."""

    name: str
    missing: set[int]
    calls: dict[int, Call] = field(default_factory=dict[int, Call])
    failure: HyperionError | None = None
    due: float = inf
    seconds: float = inf

    def __str__(self) -> str:
        operations = sorted({call.operation for call in self.calls.values()})
        return self.name if operations[0] in ("send", "receive") else f"{self.name}, {' or '.join(operations)}"

    def add(self, call: Call) -> None:
        self.calls[call.rank] = call
        self.missing.discard(call.rank)

    def limit(self, now: float, seconds: float | None) -> None:
        """The operation ends `seconds` from `now` at the latest."""
        if seconds is not None and now + seconds < self.due:
            self.due, self.seconds = now + seconds, seconds

    def fail(self, failure: HyperionError) -> list[Call]:
        """The calls that wait no longer; their views are let go of."""
        self.failure, self.due = failure, inf
        waiting, self.calls = list(self.calls.values()), {}
        return waiting


def end(calls: Sequence[Call], failure: BaseException | None) -> None:
    """Tells every rank; each gets an error of its own, which its thread may add frames to."""
    for call in calls:
        if failure is None:
            call.fence.signal()
        else:
            call.fence.fail(copy(failure) if isinstance(failure, HyperionError) else failure)


def disagreement(name: str, calls: Mapping[int, Call], newest: int) -> HyperionError | None:
    """The error where the newest of the calls that came so far does not fit to the others, which fit together."""
    call = calls[newest]
    others = [rank for rank in calls if rank != newest]
    if _PARCELS.get(call.operation) in (_nothing, _whole):
        others = others[:1]  # whose shape is that of all
    refused = bool(call.refused)
    if not refused and all(_fit(call, calls[rank]) for rank in others or [newest]):
        return None
    notes = [f"rank {rank}: {calls[rank]}" for rank in sorted(calls)]
    hints = ["let every rank call the same operations, in the same order, with views of the same shape and dtype"]
    what = "what a rank gave was refused" if refused else "the ranks do not agree"
    return DeviceError("HY5201", f"{name}: {what}", notes=notes, hints=hints)


def _fit(call: Call, other: Call) -> bool:
    both = {call.rank: call, other.rank: other}
    return call.header == other.header and all(parcel.agrees for parcel in parcels(both))


def parcels(calls: Mapping[int, Call]) -> Iterator[Parcel]:
    """What moves in the operation of `calls`, from and to the ranks that are there."""
    operation = next(iter(calls.values())).operation
    return _PARCELS[operation]({rank: calls[rank] for rank in sorted(calls)})


def _sources(calls: Mapping[int, Call], k: int) -> Views:
    """View k of every rank that gave so many."""
    return tuple(call.sources[k] for call in calls.values() if k < len(call.sources))


def _targets(calls: Mapping[int, Call], k: int) -> Views:
    return tuple(call.targets[k] for call in calls.values() if k < len(call.targets))


def _nothing(calls: Mapping[int, Call]) -> Iterator[Parcel]:
    yield from ()


def _whole(calls: Mapping[int, Call]) -> Iterator[Parcel]:
    yield Parcel(_sources(calls, 0), _targets(calls, 0))


def _from_each(calls: Mapping[int, Call]) -> Iterator[Parcel]:
    for rank, call in calls.items():
        yield Parcel(call.sources, _targets(calls, rank))


def _to_each(calls: Mapping[int, Call]) -> Iterator[Parcel]:
    for rank, call in calls.items():
        yield Parcel(_sources(calls, rank), call.targets)


def _from_each_to_each(calls: Mapping[int, Call]) -> Iterator[Parcel]:
    for rank, call in calls.items():
        for other, theirs in calls.items():
            yield Parcel(call.sources[other : other + 1], theirs.targets[rank : rank + 1])


_PARCELS: Final[Mapping[str, Callable[[Mapping[int, Call]], Iterator[Parcel]]]] = {
    "barrier": _nothing,
    "broadcast": _whole,
    "reduce": _whole,
    "allreduce": _whole,
    "scan": _whole,
    "gather": _from_each,
    "allgather": _from_each,
    "scatter": _to_each,
    "reduce_scatter": _to_each,
    "all_to_all": _from_each_to_each,
}
