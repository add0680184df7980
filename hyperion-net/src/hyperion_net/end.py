"""One rank's end of a network whose ranks are threads of one process."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import Final, Literal

from hyperion.errors import BufferError_, DeviceError, HyperionError
from hyperion.fences import Fence
from hyperion.interfaces.buffer import BufferView
from hyperion.interfaces.network import Reduction
from hyperion.network_counts import NetworkCounts
from hyperion.reductions import Believed
from hyperion_net.meeting import Call, Views
from hyperion_net.mesh import Mesh

_COPY: Final = "copy it to host memory by its own device"


class InProcessNetwork:
    """Implements `Network`. A context manager that closes, and tells the others the error that it leaves with."""

    def __init__(self, mesh: Mesh, rank: int, believed: Believed) -> None:
        self._mesh = mesh
        self._believed = believed
        self._heir: InProcessNetwork | None = None
        self._counts: NetworkCounts | None = None
        self.rank = rank
        self.size = mesh.size
        self.epoch = mesh.epoch

    def __repr__(self) -> str:
        return f"<rank {self.rank} of {self.size}, in one process, epoch {self.epoch}>"

    # Between two ranks

    def send(self, view: BufferView, to: int, tag: int = 0, deadline: float | None = None) -> Fence:
        return self._exchange("send", view, to, tag, deadline)

    def receive(self, into: BufferView, source: int, tag: int = 0, deadline: float | None = None) -> Fence:
        return self._exchange("receive", into, source, tag, deadline)

    def _exchange(
        self, kind: Literal["send", "receive"], view: BufferView, peer: int, tag: int, deadline: float | None
    ) -> Fence:
        try:
            if kind == "send":
                call = Call(kind, self.rank, Fence(f"send to {peer}"), sources=(_read(view),))
                way = kind, self.rank, self._rank(peer), _tag(tag)
            else:
                call = Call(kind, self.rank, Fence(f"receive from {peer}"), targets=(_written(view),))
                way = kind, self._rank(peer), self.rank, _tag(tag)
            seconds = _seconds(deadline)
        except Exception as error:
            self._refused(kind, error)
            raise
        self._begin(call)
        self._mesh.exchange(call, way, seconds)
        return call.fence

    # Among all ranks

    def barrier(self, deadline: float | None = None) -> Fence:
        return self._meet("barrier", deadline)

    def broadcast(self, view: BufferView, root: int, deadline: float | None = None) -> Fence:
        read, written = ((view,), ()) if root == self.rank else ((), (view,))
        return self._meet("broadcast", deadline, read, written, root)

    def reduce(
        self, view: BufferView, into: BufferView | None, how: Reduction, root: int, deadline: float | None = None
    ) -> Fence:
        return self._meet("reduce", deadline, (view,), None if into is None else (into,), root, how, at_root="into")

    def allreduce(self, view: BufferView, into: BufferView, how: Reduction, deadline: float | None = None) -> Fence:
        return self._meet("allreduce", deadline, (view,), (into,), how=how)

    def scan(self, view: BufferView, into: BufferView, how: Reduction, deadline: float | None = None) -> Fence:
        return self._meet("scan", deadline, (view,), (into,), how=how)

    def gather(
        self, view: BufferView, into: Sequence[BufferView] | None, root: int, deadline: float | None = None
    ) -> Fence:
        return self._meet("gather", deadline, (view,), into, root, at_root="into", many="into")

    def allgather(self, view: BufferView, into: Sequence[BufferView], deadline: float | None = None) -> Fence:
        return self._meet("allgather", deadline, (view,), into, many="into")

    def scatter(
        self, views: Sequence[BufferView] | None, into: BufferView, root: int, deadline: float | None = None
    ) -> Fence:
        return self._meet("scatter", deadline, views, (into,), root, at_root="views", many="views")

    def reduce_scatter(
        self, views: Sequence[BufferView], into: BufferView, how: Reduction, deadline: float | None = None
    ) -> Fence:
        return self._meet("reduce_scatter", deadline, views, (into,), how=how, many="views")

    def all_to_all(
        self, views: Sequence[BufferView], into: Sequence[BufferView], deadline: float | None = None
    ) -> Fence:
        return self._meet("all_to_all", deadline, views, into, many="views and into")

    def _meet(
        self,
        operation: str,
        deadline: float | None,
        read: Sequence[BufferView] | None = (),
        written: Sequence[BufferView] | None = (),
        root: int | None = None,
        how: object = None,
        at_root: str = "",
        many: str = "",
    ) -> Fence:
        """`at_root` names the argument that the root alone gives, `many` those that have a view for each rank."""
        fence = Fence(operation)
        try:
            seconds = _seconds(deadline)
            if root is not None:
                self._rank(root)
            given = {"views": read, "into": written}
            if at_root and (given[at_root] is None) == (root == self.rank):
                what = "needs" if root == self.rank else "takes None for"
                raise _wrong(f"{operation}: rank {self.rank}, with root {root}, {what} {at_root}")
            sources, targets = tuple(read or ()), tuple(written or ())
            for name, views in (("views", sources), ("into", targets)):
                if name in many and (at_root != name or root == self.rank) and len(views) != self.size:
                    raise _wrong(f"{operation}: {len(views)} views in {name}, for {self.size} ranks")
            sources, targets = tuple(map(_read, sources)), tuple(map(_written, targets))
            reduction = None if how is None else self._reduction(operation, how, sources + targets)
            call = Call(operation, self.rank, fence, sources, targets, root, reduction)
        except Exception as error:
            why = str(error).splitlines()[0] if isinstance(error, HyperionError) else f"{type(error).__name__}: {error}"
            self._refused(operation, error)
            self._mesh.meet(Call(operation, self.rank, fence, refused=why), None)
            raise
        self._begin(call)
        self._mesh.meet(call, seconds)
        return fence

    def _reduction(self, operation: str, how: object, views: Views) -> Reduction:
        if not isinstance(how, Reduction):
            raise _wrong(f"{operation}: {how!r} is no reduction; hyperion.reductions.in_order(op, dtype) makes one")
        self._believed.check(how)
        other = next((view.dtype for view in views if view.dtype != how.dtype), None)
        if other is not None:
            raise _wrong(f"{operation}: the reduction is {how.op} on {how.dtype}, a view has elements of type {other}")
        return how

    def _rank(self, rank: object) -> int:
        if not isinstance(rank, int) or not 0 <= rank < self.size:
            raise _wrong(f"there is no rank {rank!r} among 0 to {self.size - 1}")
        return rank

    # Counting

    def count_by(self, counts: NetworkCounts) -> None:
        """For the metrics of an Instance; what `survivors` returns counts too."""
        self._counts = counts

    def _begin(self, call: Call) -> None:
        if self._counts is not None:
            self._counts.begin(call.operation, _bytes(call.sources), _bytes(call.targets), call.fence)

    def _refused(self, operation: str, error: Exception) -> None:
        if self._counts is not None:
            self._counts.refused(operation, error)

    # Membership

    def abort(self, reason: str) -> None:
        self._mesh.abort(self.rank, reason)

    def survivors(self, deadline: float | None = None) -> InProcessNetwork:
        mesh, rank = self._mesh.survivors(self.rank, _seconds(deadline))
        self._heir = InProcessNetwork(mesh, rank, self._believed)
        self._heir._counts = self._counts
        return self._heir

    def close(self) -> None:
        self._leave("")

    def _leave(self, reason: str) -> None:
        self._mesh.leave(self.rank, reason)
        if self._heir is not None:
            self._heir._leave(reason)

    def __enter__(self) -> InProcessNetwork:
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        self._leave("" if error is None else f"{type(error).__name__}: {error}".splitlines()[0])


def _bytes(views: Views) -> int:
    return sum([view.nbytes for view in views]) if views else 0


def _wrong(message: str) -> DeviceError:
    return DeviceError("HY5204", message)


def _tag(tag: object) -> int:
    if not isinstance(tag, int) or tag < 0:
        raise _wrong(f"a tag is an integer from 0 on, not {tag!r}")
    return tag


def _seconds(deadline: object) -> float | None:
    if deadline is None or (isinstance(deadline, int | float) and not isnan(deadline)):
        return deadline
    raise _wrong(f"a deadline is a number of seconds or None, not {deadline!r}")


def _read(view: object) -> BufferView:
    """Raises where the host cannot read the view."""
    if not isinstance(view, BufferView):
        raise DeviceError("HY5204", f"a {type(view).__name__} is no view", hints=["hp.view(array)"])
    view.buffer.host()
    if view.buffer.address is None:
        raise BufferError_("HY2002", f"a view on {view.device} has no address in host memory", hints=[_COPY])
    return view


def _written(given: object) -> BufferView:
    """Raises where the host cannot write the view, each element apart from the others."""
    view = _read(given)
    if view.readonly or view.buffer.readonly:
        raise BufferError_("HY2010", "the view that the operation writes is read-only")
    if not view.injective:
        raise BufferError_("HY2008", "elements of the view that the operation writes share bytes")
    return view
