"""Whether the numbers of a table are given in the order of first use, and nothing stands in it twice: what is read can
then be compared with what the writer would write, without writing it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class OutOfOrder(Exception):
    """The writer would have written something else."""


class Numbers:
    """The numbers of one table, from `seen` on not used yet."""

    def __init__(self, rows: Sequence[object], seen: int = 0) -> None:
        self._count = len(rows)
        self.seen = seen
        require(len(set(rows)) == self._count)

    def new(self, used: Iterable[int]) -> list[int]:
        """Those that are used for the first time, in order."""
        seen = self.seen
        return [number for number in dict.fromkeys(used) if number >= seen]

    def use(self, number: int) -> None:
        if number >= self.seen:
            require(number == self.seen)
            self.seen += 1

    def use_all(self, used: Iterable[int]) -> None:
        new = self.new(used)
        require(new == list(range(self.seen, self.seen + len(new))))
        self.seen += len(new)

    def end(self) -> None:
        require(self.seen == self._count)


def require(so: bool) -> None:
    if not so:
        raise OutOfOrder
