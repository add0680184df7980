"""A network moves views between the ranks of a cluster and reduces them; each rank has its own end of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from hyperion.fences import Fence
from hyperion.interfaces.buffer import BufferView

if TYPE_CHECKING:
    from hyperion.logic.proof import Proof
    from hyperion.network_counts import NetworkCounts


@dataclass(frozen=True, slots=True)
class Reduction:
    """How values of several ranks become one, element by element: an op of the IR on two values of `dtype`.

    Made by `hyperion.reductions.in_order` and `proved`. `theorem` is the digest of the statement that the op is
    associative on the dtype, and `proof` what shows it: then a network brackets as it likes, after its
    `hyperion.reductions.Believed` had the proof checked; the ranks stay in their order. Without a theorem the order is
    fixed: rank 0, then 1, and so on, from the left.
    """

    op: str  # "add.wrap"
    dtype: str  # "i64"
    theorem: str = ""
    proof: Proof | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.op} on {self.dtype}, {f'theorem {self.theorem[:12]}' if self.theorem else 'in order'}"


@runtime_checkable
class Network(Protocol):
    """One rank's end. Operations are matched in the order in which each rank starts them; sends and receives by tag,
    those of one tag in order. Any thread may call any method.

    Each returns a fence at once; views must not be touched before it is done: a send is done when it was received. What
    is read may overlap what is written, as if all were read first; the views that are written must not overlap each
    other. The error of a fence is the same on every rank that takes part: `DeviceError` HY5201 where operations,
    shapes, dtypes, roots or reductions of ranks differ, HY5202 where a rank is gone or aborted, `DeadlineError`
    (HY5021) naming the ranks that did not come in `deadline` seconds, a trap of the reduction; nothing was written
    then. What a rank gave that is wrong by itself is raised there at once, and is HY5201 on the others: `DeviceError`
    HY5204 for ranks, tags, deadlines and numbers of views that make no sense, HY5203 for a reduction without its
    theorem, `BufferError_` (HY2002, HY2007, HY2008, HY2010) for a view that cannot be read or written.
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
        """Ends what is going on, on every rank, with HY5202 and the reason; `survivors` alone works afterwards."""
        ...

    def survivors(self, deadline: float | None = None) -> Network:
        """The end of a new network, of the next epoch, among the ranks that call this too; they keep their order. Waits
        for all that did not leave, for `deadline` seconds at most: who has not come then is taken for lost. The old
        network is over, and what was not received there is refused. Raises `DeviceError` (HY5202) where the others
        went on without this rank."""
        ...

    def close(self) -> None:
        """Leaves; what others still wait for from this rank fails. A second call does nothing."""
        ...


@runtime_checkable
class CountingNetwork(Protocol):
    """What a network may have besides, for the metrics of the Instance that connected it."""

    def count_by(self, counts: NetworkCounts) -> None:
        """Has `counts.begin` called for each operation from now on, here and in what `survivors` returns."""
        ...


@runtime_checkable
class NetworkProvider(Protocol):
    """Registered by the hook `hyperion_networks`."""

    def connect(self, size: int) -> Sequence[Network]:
        """The ends that this process holds of a new network of `size` ranks: all where it lies in one process."""
        ...
