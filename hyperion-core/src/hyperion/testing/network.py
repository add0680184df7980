"""What every network must do."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from functools import partial
from time import monotonic, sleep
from typing import Any, TypeAlias, cast

from hyperion.buffers.host import view
from hyperion.errors import DeadlineError, DeviceError, HyperionError
from hyperion.fences import Fence
from hyperion.interfaces.buffer import BufferView
from hyperion.interfaces.network import CountingNetwork, Network, Reduction
from hyperion.metrics import Metrics, Snapshot
from hyperion.network_counts import NetworkCounts
from hyperion.reductions import in_order, proved
from hyperion.testing.programs import attempt

PATIENCE = 30.0
"""Seconds after which an operation hangs."""
SHORT = 0.02
"""Seconds of a deadline that is meant to pass."""

Work: TypeAlias = Callable[[Network], object]
Array: TypeAlias = Any  # a NumPy array; this module is imported without NumPy


class NetworkConformance:
    """Subclass with `connect`, which gives all ends of a network of `size` ranks in this process; or with `run`, where
    ranks are processes: `work` is a function of a module then, perhaps with arguments by `functools.partial`, and what
    it returns is Python numbers, texts, lists and errors. Needs NumPy."""

    sizes = (1, 2, 3, 5)

    def connect(self, size: int) -> Sequence[Network]:
        raise NotImplementedError

    def run(self, size: int, work: Work) -> list[Any]:
        """What `work` returned or raised on each rank of a new network; the ends are closed once all are done."""
        ends = self.connect(size)
        found: list[object] = [TimeoutError("the rank hangs")] * size

        def rank(end: Network) -> None:
            found[end.rank] = attempt(lambda: work(end))

        threads = [threading.Thread(target=rank, args=(end,), daemon=True) for end in ends]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        for end in ends:
            end.close()
        return found

    def every(self, work: Work, sizes: Sequence[int] = ()) -> None:
        """`work` returns True on every rank of networks of several sizes."""
        for size in sizes or self.sizes:
            assert self.run(size, work) == [True] * size

    def fails(self, size: int, work: Work, code: str) -> list[HyperionError]:
        """`work` raises the error on every rank."""
        found = self.run(size, work)
        for rank, error in enumerate(found):
            assert isinstance(error, HyperionError), f"rank {rank}: {error!r}"
            assert error.code == code, f"rank {rank}: {error}"
        return found

    # What it is

    def test_it_follows_the_interface(self) -> None:
        self.every(_is_a_network)

    def test_a_network_that_counts_counts_each_operation(self) -> None:
        self.every(_counts)

    # What moves

    def test_a_broadcast_reaches_every_rank(self) -> None:
        self.every(_broadcast)

    def test_gather_and_scatter_are_inverse_and_take_views_of_any_layout(self) -> None:
        self.every(_gather_and_scatter)

    def test_all_to_all_transposes(self) -> None:
        self.every(_all_to_all)

    def test_views_without_elements_move(self) -> None:
        self.every(_nothing_to_move)

    def test_sends_are_matched_by_tag_and_within_one_in_order(self) -> None:
        self.every(_tags, (2, 3))

    def test_a_rank_sends_to_itself(self) -> None:
        self.every(_to_itself)

    def test_operations_that_were_started_together_are_matched_in_order(self) -> None:
        self.every(_started_together)

    # What is reduced

    def test_reductions_and_scans_keep_the_order_of_the_ranks(self) -> None:
        self.every(_in_order)

    def test_a_theorem_gives_the_same(self) -> None:
        self.every(partial(_proved, how=proved("add.wrap", "i32")))

    def test_a_reduction_in_place(self) -> None:
        self.every(_in_place)

    def test_a_trap_is_raised_on_every_rank_and_nothing_is_written(self) -> None:
        self.every(_trap, (2, 3))

    def test_a_theorem_that_nobody_showed_is_refused(self) -> None:
        self.fails(2, partial(_reduced, how=Reduction("add", "f64", "0" * 64)), "HY5203")

    # What ranks do not agree on

    def test_other_operations_shapes_types_roots_or_reductions_are_told_to_every_rank(self) -> None:
        for work in (_other_operation, _other_shape, _other_type, _other_root, _other_reduction):
            errors = self.fails(3, work, "HY5201")
            assert all("rank 0" in str(e) and "rank 1" in str(e) for e in errors)
        self.fails(2, _other_shape_sent, "HY5201")

    def test_the_network_works_after_that(self) -> None:
        self.every(_works_after_disagreement, (3,))

    def test_what_cannot_be_written_is_refused(self) -> None:
        self.every(_read_only, (2,))

    # Who does not come

    def test_a_deadline_names_the_ranks_that_did_not_come(self) -> None:
        errors = self.run(3, _one_stays_away)
        assert errors[1] is True
        for error in (errors[0], errors[2]):
            assert isinstance(error, DeadlineError)
            assert error.code == "HY5021"
            assert re.search(r"ranks? 1\b", error.message)  # and 2, where that came too late

    def test_a_receive_without_a_send_ends(self) -> None:
        error = self.run(2, _nobody_sends)[0]
        assert isinstance(error, DeadlineError)
        assert "rank 1" in error.message

    def test_abort_ends_what_waits_with_its_reason(self) -> None:
        for error in self.fails(3, _aborted, "HY5202"):
            assert "the disk is full" in error.message

    def test_who_leaves_is_named(self) -> None:
        errors = self.run(3, _one_leaves)
        assert errors[1] is True
        for error in (errors[0], errors[2]):
            assert isinstance(error, DeviceError)
            assert error.code == "HY5202"
            assert "rank 1" in error.message

    def test_the_survivors_go_on_in_the_next_epoch(self) -> None:
        assert self.run(3, _survive) == [[0, 2, 1, "HY5202"], True, [1, 2, 1, "HY5202"]]


def _done(fence: Fence) -> None:
    assert fence.wait(PATIENCE), f"{fence.label} hangs"


def _array(values: Sequence[object], dtype: str = "int64") -> Array:
    import numpy as np

    return np.array(values, dtype)


def _shown(given: Array) -> BufferView:
    return view(given)


def _equal(found: Array, expected: Sequence[object]) -> None:
    import numpy as np

    np.testing.assert_array_equal(found, np.asarray(expected))


def _is_a_network(end: Network) -> bool:
    assert isinstance(end, Network)
    assert 0 <= end.rank < end.size
    assert end.epoch == 0
    _done(end.barrier())
    return True


def _counts(end: Network) -> bool:
    if not isinstance(end, CountingNetwork):
        return True
    metrics = Metrics()
    end.count_by(NetworkCounts(metrics, "mine"))
    _done(end.broadcast(view(_array([1, 2, 3])), 0))
    _done(end.barrier())
    sent = 24 if end.rank == 0 else 0
    expected = [2, 2, sent, 24 - sent, 0]
    limit = monotonic() + PATIENCE  # another rank's thread may be about to count what is done
    while _counted(metrics.snapshot()) != expected and monotonic() < limit:
        sleep(0.0005)
    assert _counted(metrics.snapshot()) == expected
    return True


def _counted(found: Snapshot) -> list[float]:
    totals = [found.total(f"network_{name}") for name in ("calls", "sent_bytes", "received_bytes", "failures")]
    return [totals[0], found.number("network_wait_seconds"), *totals[1:]]


def _broadcast(end: Network) -> bool:
    for root in range(end.size):
        data = _array([end.rank, 7])
        _done(end.broadcast(view(data), root))
        _equal(data, [root, 7])
    return True


def _gather_and_scatter(end: Network) -> bool:
    root = end.size - 1
    table = _array([[0] * end.size] * 3)
    columns = [_shown(table[::-1, k]) for k in range(end.size)]
    mine = _array([end.rank, 0, 10 + end.rank, 0, 20 + end.rank])
    given = _shown(mine[::2])
    _done(end.gather(given, columns if end.rank == root else None, root))
    if end.rank == root:
        _equal(table, [[20 + k for k in range(end.size)], [10 + k for k in range(end.size)], list(range(end.size))])
    back = _array([0, 0, 0])
    _done(end.scatter(columns if end.rank == root else None, view(back), root))
    _equal(back, mine[::2])
    _done(end.allgather(given, columns))
    _equal(table[0], [20 + k for k in range(end.size)])
    return True


def _all_to_all(end: Network) -> bool:
    given = [_array([end.rank, other]) for other in range(end.size)]
    found = [_array([0, 0]) for _ in given]
    _done(end.all_to_all([view(x) for x in given], [view(x) for x in found]))
    _equal(_array([list(x) for x in found]), [[other, end.rank] for other in range(end.size)])
    return True


def _nothing_to_move(end: Network) -> bool:
    empty, other = _array([]), _array([])
    _done(end.broadcast(view(empty), 0))
    _done(end.allreduce(view(empty), view(other), in_order("add.wrap", "i64")))
    _done(end.allgather(view(empty), [_shown(_array([])) for _ in range(end.size)]))
    return True


def _tags(end: Network) -> bool:
    after, before = (end.rank + 1) % end.size, (end.rank - 1) % end.size
    given = [_array([end.rank, tag, turn]) for turn in range(2) for tag in range(3)]
    sends = [end.send(view(x), after, int(x[1])) for x in given]
    for tag in (2, 0, 1):
        for turn in range(2):
            found = _array([9, 9, 9])
            _done(end.receive(view(found), before, tag))
            _equal(found, [before, tag, turn])
    for fence in sends:
        _done(fence)
    return True


def _to_itself(end: Network) -> bool:
    given, found = _array([end.rank]), _array([9])
    sent = end.send(view(given), end.rank)
    _done(end.receive(view(found), end.rank))
    _done(sent)
    _equal(found, given)
    return True


def _started_together(end: Network) -> bool:
    data = [_array([end.rank * 100 + turn]) for turn in range(20)]
    fences = [end.broadcast(view(x), turn % end.size) for turn, x in enumerate(data)]
    for fence in fences:
        _done(fence)
    _equal(_array([int(x[0]) for x in data]), [turn % end.size * 100 + turn for turn in range(20)])
    return True


TERMS = (1e16, 1.0, -1e16, 1.0, 1.0)
"""Their sum depends on the order."""


def _in_order(end: Network) -> bool:
    how = in_order("add", "f64")
    given, found = _array([TERMS[end.rank]], "float64"), _array([0.0], "float64")
    sums = [sum(TERMS[1:k], TERMS[0]) for k in range(1, end.size + 1)]
    _done(end.allreduce(view(given), view(found), how))
    _equal(found, [sums[-1]])
    _done(end.scan(view(given), view(found), how))
    _equal(found, [sums[end.rank]])
    root = end.size // 2
    found[0] = 9.0
    _done(end.reduce(view(given), view(found) if end.rank == root else None, how, root))
    _equal(found, [sums[-1] if end.rank == root else 9.0])
    many = [_array([TERMS[end.rank] * (k + 1)], "float64") for k in range(end.size)]
    _done(end.reduce_scatter([view(x) for x in many], view(found), how))
    scaled = [term * (end.rank + 1) for term in TERMS[: end.size]]
    _equal(found, [sum(scaled[1:], scaled[0])])
    return True


def _proved(end: Network, how: Reduction) -> bool:
    given, found = _array([2**31 - 1, end.rank], "int32"), _array([0, 0], "int32")
    total = end.size * (2**31 - 1)
    _done(end.allreduce(view(given), view(found), how))
    _equal(found, [(total + 2**31) % 2**32 - 2**31, sum(range(end.size))])
    _done(end.scan(view(given), view(found), how))
    _equal(found[1:], [sum(range(end.rank + 1))])
    return True


def _in_place(end: Network) -> bool:
    data = _array([end.rank, 5])
    _done(end.allreduce(view(data), view(data), in_order("max", "i64")))
    _equal(data, [end.size - 1, 5])
    return True


def _trap(end: Network) -> bool:
    given, found = _array([2**63 - 1, 0]), _array([5, 6])
    error = attempt(lambda: _done(end.allreduce(view(given), view(found), in_order("add.trap", "i64"))))
    assert isinstance(error, OverflowError), error
    assert isinstance(error, HyperionError)
    assert error.code == "HY5101"
    _equal(found, [5, 6])
    return True


def _reduced(end: Network, how: Reduction) -> None:
    _done(end.allreduce(view(_array([1.0], "float64")), view(_array([0.0], "float64")), how))


def _other_operation(end: Network) -> None:
    _done(end.barrier() if end.rank == 1 else end.broadcast(view(_array([1])), 0))


def _other_shape(end: Network) -> None:
    _done(end.broadcast(view(_array([1, 2] if end.rank == 1 else [1])), 0))


def _other_type(end: Network) -> None:
    _done(end.broadcast(view(_array([1], "int32" if end.rank == 1 else "int64")), 0))


def _other_root(end: Network) -> None:
    _done(end.broadcast(view(_array([1])), 1 if end.rank == 1 else 0))


def _other_reduction(end: Network) -> None:
    how = in_order("min" if end.rank == 1 else "max", "i64")
    _done(end.allreduce(view(_array([1])), view(_array([1])), how))


def _other_shape_sent(end: Network) -> None:
    _done(end.send(view(_array([1])), 1) if end.rank == 0 else end.receive(view(_array([1, 2])), 0))


def _works_after_disagreement(end: Network) -> bool:
    assert isinstance(attempt(lambda: _other_operation(end)), DeviceError)
    return _broadcast(end)


def _read_only(end: Network) -> bool:
    data = view(_array([1]))
    error = attempt(lambda: _done(end.broadcast(data.read_only() if end.rank == 1 else data, 0)))
    assert isinstance(error, HyperionError)
    assert error.code == ("HY2010" if end.rank == 1 else "HY5201")
    return True


def _one_stays_away(end: Network) -> bool:
    if end.rank != 1:
        _done(end.barrier(SHORT if end.rank == 0 else None))
    return True


def _nobody_sends(end: Network) -> bool:
    if end.rank == 0:
        _done(end.receive(view(_array([1])), 1, deadline=SHORT))
    return True


def _aborted(end: Network) -> None:
    if end.rank == 2:
        end.abort("the disk is full")
    _done(end.barrier())


def _one_leaves(end: Network) -> bool:
    if end.rank == 1:
        end.close()
        end.close()
    else:
        _done(end.barrier())
    return True


def _survive(end: Network) -> object:
    if end.rank == 1:
        end.close()
        return True
    assert isinstance(attempt(lambda: _done(end.barrier())), DeviceError)
    heir = end.survivors(PATIENCE)
    data = _array([heir.rank])
    _done(heir.broadcast(view(data), 1))
    _equal(data, [1])
    late = attempt(lambda: _done(end.barrier()))
    heir.close()
    return [heir.rank, heir.size, heir.epoch, cast(HyperionError, late).code]
