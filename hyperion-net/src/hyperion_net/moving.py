"""Does an operation when all ranks are there: everything is read, then everything written, or nothing."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, combinations, pairwise
from typing import Any

import numpy as np

from hyperion.buffers.host import copy_into
from hyperion.errors import BufferError_
from hyperion.interfaces.buffer import BufferView
from hyperion_net.combining import combined, running
from hyperion_net.meeting import Call, Parcel, parcels

PATIENCE = 100_000
"""How long NumPy may look for a byte that two interleaved views share."""


def perform(calls: Mapping[int, Call]) -> None:
    """Raises the trap of a reduction, and `BufferError_` (HY2008) where views that are written overlap; nothing is
    written then."""
    found = list(parcels(calls))
    call = next(iter(calls.values()))
    move([pair for parcel in found for pair in _results(parcel, call)])


def move(pairs: Sequence[tuple[BufferView, BufferView]]) -> None:
    """Copies each source to its target, as if all were read before anything is written."""
    targets = [target for _, target in pairs if target.size]
    _refuse_overlap(targets)
    touched = _Extents(targets)
    staged = [(source.copy() if touched.meet(source) else source, target) for source, target in pairs]
    held = [view.buffer.host() for pair in staged for view in pair]  # freed memory is refused before all writing
    for source, target in staged:
        copy_into(target, source)
    del held


def _results(parcel: Parcel, call: Call) -> Iterator[tuple[BufferView, BufferView]]:
    """What is written, and where to."""
    if call.how is None:
        yield from ((source, target) for source in parcel.sources for target in parcel.targets)
    elif call.operation == "scan":
        yield from zip(running(call.how, parcel.sources), parcel.targets, strict=True)
    elif parcel.targets:
        value = combined(call.how, parcel.sources)
        yield from ((value, target) for target in parcel.targets)


def _bytes(view: BufferView) -> tuple[int, int]:
    low, high = view.extent
    start = view.buffer.address or 0
    return start + low, start + high


class _Extents:
    """Ranges of bytes, asked whether another meets one of them."""

    def __init__(self, views: Sequence[BufferView]) -> None:
        ranges = sorted(map(_bytes, views))
        self._lows = [low for low, _ in ranges]
        self._highs = [0, *accumulate((high for _, high in ranges), max)]

    def meet(self, view: BufferView) -> bool:
        low, high = _bytes(view)
        return low < high and self._highs[bisect_left(self._lows, high)] > low


def _refuse_overlap(targets: Sequence[BufferView]) -> None:
    ranges = sorted(map(_bytes, targets))
    if all(first[1] <= second[0] for first, second in pairwise(ranges)):
        return
    shown = [_as_bytes(target) for target in targets]
    for first, second in combinations(shown, 2):
        if np.may_share_memory(first, second) and _share(first, second):
            raise BufferError_("HY2008", "two views that the operation writes share bytes")


def _as_bytes(view: BufferView) -> np.ndarray:
    """The bytes of the elements, with one axis more than the view."""
    memory = np.frombuffer(view.buffer.host(), np.uint8)
    size = view.nbytes // view.size
    return np.ndarray((*view.shape, size), np.uint8, memory.data, view.offset, (*view.strides, 1))


def _share(first: np.ndarray, second: np.ndarray) -> bool:
    try:
        work: Any = PATIENCE  # Any: NumPy's stubs know two of the numbers only
        return bool(np.shares_memory(first, second, max_work=work))
    except np.exceptions.TooHardError:
        return True
