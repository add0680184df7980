"""How many elements each device takes: in proportion to how many it did per second in earlier calls."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

from hyperion_cluster.lanes import Lane
from hyperion_cluster.splitting.values import Placed

FIRST_GUESS = 2e8
"""Elements per second and worker of a device that did nothing yet, among others that did not either."""
NEWEST = 0.3
"""The weight of the newest call among those before."""
AGAIN = 64
"""The way that is slower is tried again in one of so many calls."""
LAUNCH = 100e-6
"""Seconds that it takes to hand out runs and to take back what was made of them."""


class Shares:
    """Of one function. Every method may be called from any thread."""

    def __init__(self, lanes: Sequence[Lane], launch: float = LAUNCH) -> None:
        self.lanes = lanes
        self.launch = launch
        self._lock = threading.Lock()
        self._rates: dict[int, float] = {}
        self._saved = _saved(self.rates())

    def rates(self, among: Sequence[int] | None = None) -> Mapping[int, float]:
        """Elements per second of each open device, by its number; a guess, by its workers, where it did nothing yet."""
        open_ = [k for k in (range(len(self.lanes)) if among is None else among) if self.lanes[k].open]
        workers = {k: max(1, self.lanes[k].device.info.workers) for k in open_}
        with self._lock:
            known = {k: self._rates[k] for k in open_ if k in self._rates}
        each = sum(known.values()) / sum(workers[k] for k in known) if known else FIRST_GUESS
        return {k: known.get(k, each * workers[k]) for k in open_}

    def cut(self, length: int, block: int, among: Sequence[int] | None = None) -> tuple[Placed, ...]:
        """The runs of elements, of whole blocks but for the last one, in the order of the devices, of those `among`
        which there are. A single one where more are not worth it; none where no device is open."""
        rates = self.rates(among)
        if not rates:
            return ()
        whole = ((max(rates, key=rates.__getitem__), 0, length),)
        if length < 2 * block or not self._worth(length, rates):
            return whole
        counts = self._counts(length // block, rates)
        if not self.launch:
            _at_least_two(counts, rates)
        places: list[Placed] = []
        for number, count in sorted(counts.items()):
            start = places[-1][2] if places else 0
            places.append((number, start, start + count * block))
        if len(places) < 2:
            return whole
        number, start, _ = places[-1]
        places[-1] = (number, start, length)
        return tuple(places)

    def may_pay(self, length: int) -> bool:
        """Whether so many elements were worth several devices, if all were open, when one did some last: found sooner
        than by `cut`."""
        return length * self._saved > self.launch

    def _counts(self, blocks: int, rates: Mapping[int, float]) -> dict[int, int]:
        """The blocks of each device. One of another target than the first, whose speed nobody knows, tries a single
        one: it may be a thousand times slower."""
        target = self.lanes[min(rates)].device.info.target
        with self._lock:
            new = [k for k in rates if k not in self._rates and self.lanes[k].device.info.target != target]
        if blocks <= len(new):
            new = []
        counts = _apportioned(blocks - len(new), {k: rate for k, rate in rates.items() if k not in new})
        return {**counts, **dict.fromkeys(new, 1)}

    def _worth(self, length: int, rates: Mapping[int, float]) -> bool:
        return length * _saved(rates) > self.launch

    def learn(self, number: int, elements: int, seconds: float) -> None:
        if elements <= 0 or seconds <= 0:
            return
        rate = elements / seconds
        with self._lock:
            before = self._rates.get(number)
            self._rates[number] = rate if before is None else (1 - NEWEST) * before + NEWEST * rate
        self._saved = _saved(self.rates())


def _saved(rates: Mapping[int, float]) -> float:
    """The seconds for each element by which all devices together are faster than the fastest of them."""
    return 1 / max(rates.values()) - 1 / sum(rates.values()) if rates else 0.0


def _apportioned(blocks: int, rates: Mapping[int, float]) -> dict[int, int]:
    """The blocks by number of a device, by largest remainders; devices that take none are left out."""
    total = sum(rates.values())
    wanted = {k: blocks * rate / total for k, rate in rates.items()}
    counts = {k: int(share) for k, share in wanted.items()}
    left = blocks - sum(counts.values())
    for k in sorted(wanted, key=lambda k: counts[k] - wanted[k])[:left]:
        counts[k] += 1
    return {k: count for k, count in counts.items() if count}


def _at_least_two(counts: dict[int, int], rates: Mapping[int, float]) -> None:
    """Where one device would take several blocks, and there is another one, the next fastest takes one of them."""
    others = [k for k in rates if k not in counts]
    if len(counts) == 1 and others:
        (number,) = counts
        if counts[number] > 1:
            counts[number] -= 1
            counts[max(others, key=rates.__getitem__)] = 1


class Judge:
    """Whether calls of one function are faster split or whole, of each order of size, by the seconds that both took.

    Each way is tried once; then the faster one is taken, and the other one now and then, as what it costs may change.
    Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seconds: dict[tuple[int, bool], float] = {}  # of one element, by size and way
        self._calls: dict[int, int] = {}
        self._ran_whole = False

    def splits(self, length: int) -> bool:
        size = length.bit_length()
        with self._lock:
            calls = self._calls[size] = self._calls.get(size, -1) + 1
            split, whole = (self._seconds.get((size, way)) for way in (True, False))
        if split is None or whole is None:
            return split is None
        return (split < whole) != (calls % AGAIN == AGAIN - 1)

    def faster_whole(self, length: int) -> str:
        """The figures that say so; empty where it is not, or nobody knows yet."""
        with self._lock:
            split, whole = (self._seconds.get((length.bit_length(), way)) for way in (True, False))
        if split is None or whole is None or split < whole:
            return ""
        return f"took {whole * length * 1e3:.3g} ms whole, {split * length * 1e3:.3g} ms split"

    def took(self, length: int, split: bool, seconds: float) -> None:
        """The first call that runs whole does not count: the code is made ready in it."""
        key, each = (length.bit_length(), split), seconds / max(1, length)
        with self._lock:
            if not split and not self._ran_whole:
                self._ran_whole = True
                return
            before = self._seconds.get(key)
            self._seconds[key] = each if before is None else (1 - NEWEST) * before + NEWEST * each
