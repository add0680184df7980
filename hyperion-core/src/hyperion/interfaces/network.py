"""A network moves views between the ranks of a cluster and reduces them; each rank has its own end of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from hyperion.fences import Fence
from hyperion.interfaces.buffer import BufferView


@dataclass(frozen=True, slots=True)
class Reduction:
    """How values of several ranks become one, element by element: an op of the IR on two values.

    `theorem` is the digest of a checked theorem that the op is associative on the dtype, which lets the network bracket
    as it likes; without one the order is fixed: rank 0, then 1, and so on, from the left.
    """

    op: str  # "add.wrap"
    dtype: str  # "i64"
    theorem: str = ""


@runtime_checkable
class Network(Protocol):
    """One rank's end. Operations are matched in the order in which each rank starts them, sends by tag.

    Each returns a fence at once; views must not be touched before it is done. Its error is the same on every rank that
    takes part: `DeviceError` HY5201 where shapes, dtypes, operations or reductions of ranks differ, HY5202 where a
    rank is gone or aborted, `DeadlineError` (HY5021) naming the ranks that did not come in `deadline` seconds.
    """

    @property
    def rank(self) -> int: ...

    @property
    def size(self) -> int: ...

    @property
    def epoch(self) -> int:
        """Counts memberships: what belongs to an earlier one is refused."""
        ...

    def send(self, view: BufferView, to: int, tag: int = 0, deadline: float | None = None) -> Fence: ...

    def receive(self, into: BufferView, source: int, tag: int = 0, deadline: float | None = None) -> Fence: ...

    def broadcast(self, view: BufferView, root: int, deadline: float | None = None) -> Fence:
        """`view` is read on the root, and written on the others."""
        ...

    def reduce(
        self, view: BufferView, into: BufferView | None, how: Reduction, root: int, deadline: float | None = None
    ) -> Fence:
        """`into` is written on the root, and None elsewhere."""
        ...

    def allreduce(self, view: BufferView, into: BufferView, how: Reduction, deadline: float | None = None) -> Fence: ...

    def scan(self, view: BufferView, into: BufferView, how: Reduction, deadline: float | None = None) -> Fence:
        """Rank k gets what ranks 0 to k make together."""
        ...

    def gather(
        self, view: BufferView, into: Sequence[BufferView] | None, root: int, deadline: float | None = None
    ) -> Fence:
        """One view for each rank on the root, in their order; shapes may differ between ranks."""
        ...

    def allgather(self, view: BufferView, into: Sequence[BufferView], deadline: float | None = None) -> Fence: ...

    def scatter(
        self, views: Sequence[BufferView] | None, into: BufferView, root: int, deadline: float | None = None
    ) -> Fence: ...

    def reduce_scatter(
        self, views: Sequence[BufferView], into: BufferView, how: Reduction, deadline: float | None = None
    ) -> Fence:
        """Rank k gets the reduction of what every rank gave as `views[k]`."""
        ...

    def all_to_all(
        self, views: Sequence[BufferView], into: Sequence[BufferView], deadline: float | None = None
    ) -> Fence:
        """Rank k gives `views[j]` to rank j, which finds it in `into[k]`."""
        ...

    def barrier(self, deadline: float | None = None) -> Fence: ...

    def abort(self, reason: str) -> None:
        """Ends what is going on, on every rank, with HY5202 and the reason; the network is of no use afterwards."""
        ...

    def close(self) -> None:
        """Leaves; what others still wait for from this rank fails. A second call does nothing."""
        ...


@runtime_checkable
class NetworkProvider(Protocol):
    """Registered by the hook `hyperion_networks`."""

    def connect(self, size: int) -> Sequence[Network]:
        """The ends that this process holds of a new network of `size` ranks: all where it lies in one process."""
        ...
