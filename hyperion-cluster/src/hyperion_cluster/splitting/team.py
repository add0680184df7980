"""Which devices share a call that is split."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion_cluster.lanes import Lane
from hyperion_cluster.placing import Placing


class Team:
    """Some of an executor's devices, by their numbers, for the time of one call. `here` is the one in whose own thread
    the call is split, None where that is a thread of a caller. Only such a one that `take_idle` entered may wait for
    the others: they wait for nobody."""

    def __init__(self, lanes: Sequence[Lane], numbers: tuple[int, ...], placing: Placing | None = None) -> None:
        self._lanes = lanes
        self.numbers = numbers
        self.here: int | None = None
        self.decided = False  # that the call is split, if nothing comes between
        self._placing = placing

    @property
    def lane(self) -> Lane:
        """The one in whose thread the call is split."""
        assert self.here is not None
        return self._lanes[self.here]

    @property
    def home(self) -> int | None:
        """Where what is not split runs: the first open one that reads the host's memory, or else the first open one;
        None where none is open."""
        numbers = [k for k in self.numbers if self._lanes[k].open]
        return next((k for k in numbers if self._lanes[k].in_host_memory), numbers[0] if numbers else None)

    def has_other_calls(self, number: int) -> bool:
        """Whether calls that came later may wait for, or run on, that device."""
        return self._placing is not None and self._placing.waiting(self._lanes[number]) > 1

    @property
    def alone(self) -> bool:
        """Whether nothing but this call uses the devices now, so that the time that it takes says something; callers
        that wait for their calls are not asked."""
        return self.here is None or not any(map(self.has_other_calls, self.numbers))

    def enter(self) -> None:
        """The call uses the devices from now on."""
        if self._placing is not None:
            for number in self.numbers:
                self._placing.entered(self._lanes[number])

    def leave(self) -> None:
        """The call does not use the devices any more."""
        if self._placing is not None:
            for number in self.numbers:
                self._placing.left(self._lanes[number])
