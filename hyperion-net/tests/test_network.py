"""Operations of all ranks, started from one thread: they return at once, and the last one does the work."""

from __future__ import annotations

import gc
import os
import threading
import weakref
from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pytest

from hyperion.buffers.host import HostBuffer, view
from hyperion.errors import BufferError_, DeadlineError, DeviceError, HyperionError
from hyperion.fences import Fence
from hyperion.interfaces.buffer import BufferView
from hyperion.reductions import in_order
from hyperion.testing.apart import Apart, at_once, no_threads, right_in_child
from hyperion_net import deadlines
from hyperion_net.end import InProcessNetwork
from hyperion_net.networks import InProcessNetworks

ADD = in_order("add.wrap", "i64")
PATIENCE = 30.0


def connect(size: int) -> list[InProcessNetwork]:
    return list(InProcessNetworks().connect(size))


def of(*values: object) -> BufferView:
    return view(np.array(values, np.int64))


def values(given: BufferView) -> list[Any]:
    return np.asarray(given).tolist()


def failed(fence: Fence) -> HyperionError:
    with pytest.raises(HyperionError) as caught:
        fence.wait(PATIENCE)
    return caught.value


WRONG: list[tuple[Callable[[InProcessNetwork], object], str, str]] = [
    (lambda n: n.send(of(1), 2), "HY5204", "there is no rank 2 among 0 to 1"),
    (lambda n: n.send(of(1), -1), "HY5204", "there is no rank -1"),
    (lambda n: n.receive(of(1), 1.5), "HY5204", "there is no rank 1.5"),
    (lambda n: n.send(of(1), 1, -1), "HY5204", "a tag is an integer from 0 on, not -1"),
    (lambda n: n.receive(of(1), 1, "x"), "HY5204", "not 'x'"),
    (lambda n: n.send(of(1), 1, deadline=float("nan")), "HY5204", "a number of seconds or None, not nan"),
    (lambda n: n.send(np.zeros(1), 1), "HY5204", "a ndarray is no view"),
    (lambda n: n.receive(of(1).read_only(), 1), "HY2010", "read-only"),
]
WRONG_TOGETHER: list[tuple[Callable[[InProcessNetwork], object], str, str]] = [
    (lambda n: n.broadcast(of(1), 2), "HY5204", "there is no rank 2"),
    (lambda n: n.barrier("soon"), "HY5204", "not 'soon'"),
    (lambda n: n.reduce(of(1), None, ADD, 0), "HY5204", "reduce: rank 0, with root 0, needs into"),
    (lambda n: n.reduce(of(1), of(1), ADD, 1), "HY5204", "reduce: rank 0, with root 1, takes None for into"),
    (lambda n: n.gather(of(1), [of(1)], 0), "HY5204", "gather: 1 views in into, for 2 ranks"),
    (lambda n: n.gather(of(1), None, 0), "HY5204", "needs into"),
    (lambda n: n.scatter(None, of(1), 0), "HY5204", "needs views"),
    (lambda n: n.scatter([of(1)] * 2, of(1), 1), "HY5204", "takes None for views"),
    (lambda n: n.scatter([of(1)] * 3, of(1), 0), "HY5204", "scatter: 3 views in views, for 2 ranks"),
    (lambda n: n.allgather(of(1), [of(1)] * 3), "HY5204", "allgather: 3 views in into, for 2 ranks"),
    (lambda n: n.all_to_all([of(1)], [of(1)] * 2), "HY5204", "all_to_all: 1 views in views, for 2 ranks"),
    (lambda n: n.reduce_scatter([], of(1), ADD), "HY5204", "reduce_scatter: 0 views in views, for 2 ranks"),
    (lambda n: n.allreduce(of(1), of(1), "add"), "HY5204", "'add' is no reduction"),
    (lambda n: n.scan(of(1), of(1), in_order("add", "f64")), "HY5204", "add on f64, a view has elements of type i64"),
    (lambda n: n.broadcast(view(np.broadcast_to(np.zeros(1), 3)), 1), "HY2010", "read-only"),
    (lambda n: n.broadcast(repeated(), 1), "HY2008", "elements of the view that the operation writes share bytes"),
    (lambda n: n.broadcast(freed(), 1), "HY2007", "freed"),
    (lambda n: n.broadcast(far(), 1), "HY2002", "no address in host memory"),
]


def repeated() -> BufferView:
    return BufferView(HostBuffer.allocate(8), "i64", (3,), (0,))


def freed() -> BufferView:
    given = BufferView(HostBuffer.allocate(8), "i64", (1,), (8,))
    given.buffer.free()
    return given


class Far:
    """Memory that has no addresses."""

    device, memory_kind, nbytes, readonly, address = "moon:0", "device", 8, False, None

    def host(self) -> memoryview:
        return memoryview(bytearray(8))

    def free(self) -> None: ...


def far() -> BufferView:
    return BufferView(Far(), "i64", (1,), (8,))


@pytest.mark.parametrize(("start", "code", "text"), WRONG)
def test_what_makes_no_sense_between_two_is_raised_at_once(
    start: Callable[[InProcessNetwork], object], code: str, text: str
) -> None:
    end, other = connect(2)
    with pytest.raises(HyperionError) as caught:
        start(end)
    assert caught.value.code == code
    assert text in str(caught.value)
    fence = other.send(of(1), 0)
    end.close()
    assert failed(fence).code == "HY5202"  # nothing of it was left to match


@pytest.mark.parametrize(("start", "code", "text"), WRONG_TOGETHER)
def test_what_makes_no_sense_together_is_told_to_the_others(
    start: Callable[[InProcessNetwork], object], code: str, text: str
) -> None:
    end, other = connect(2)
    with pytest.raises(HyperionError) as caught:
        start(end)
    assert caught.value.code == code
    assert text in str(caught.value)
    error = failed(other.barrier())
    assert error.code == "HY5201"
    assert "what a rank gave was refused" in error.message
    assert f"refused: {code}" in error.notes[0]
    fences = [n.barrier() for n in (end, other)]
    assert all(fence.wait(PATIENCE) for fence in fences)


def test_a_network_has_a_rank() -> None:
    for size in (0, "2", 2.0):
        with pytest.raises(DeviceError, match=f"HY5204: a network of {size!r} ranks"):
            InProcessNetworks().connect(cast(int, size))


def test_alone_every_operation_is_done_at_once() -> None:
    (n,) = connect(1)
    given, found = of(1, 2), of(0, 0)
    for fence in (
        n.barrier(),
        n.broadcast(given, 0),
        n.reduce(given, found, ADD, 0),
        n.allreduce(given, found, ADD),
        n.scan(given, found, ADD),
        n.gather(given, [found], 0),
        n.allgather(given, [found]),
        n.scatter([given], found, 0),
        n.reduce_scatter([given], found, ADD),
        n.all_to_all([given], [found]),
    ):
        assert fence.done
        assert fence.wait(0)
        assert values(found) in ([0, 0], [1, 2])
    assert values(found) == [1, 2]
    assert isinstance(n.survivors(), InProcessNetwork)


def test_what_one_rank_alone_reads_may_have_its_own_shape() -> None:
    ends = connect(2)
    found = [of(0), of(0, 0, 0)]
    fences = [ends[1].gather(of(4, 5, 6), None, 0), ends[0].gather(of(7), found, 0)]
    assert all(fence.wait(0) for fence in fences)
    assert list(map(values, found)) == [[7], [4, 5, 6]]


def test_reading_comes_before_writing() -> None:
    """The ranks turn one array in a circle."""
    data = np.arange(4)
    cells = [view(data[k : k + 1]) for k in range(4)]
    fences = [end.all_to_all([of()] * 3 + [cells[end.rank]], [of()] * 4) for end in connect(4)]
    assert all(failed(fence).code == "HY5201" for fence in fences)
    ends = connect(4)
    sends = [end.send(cells[end.rank], (end.rank + 1) % 4) for end in ends]
    assert not any(fence.done for fence in sends)
    (a, b) = connect(2)
    whole = view(data)
    fences = [a.gather(whole[:3], [of(0, 0, 0), whole[1:]], 0), b.gather(whole[:3], None, 0)]
    assert all(fence.wait(0) for fence in fences)
    assert data.tolist() == [0, 0, 1, 2]


def test_a_send_into_itself_shifted() -> None:
    (n,) = connect(1)
    data = np.arange(5)
    fences = n.send(view(data[:-1]), 0), n.receive(view(data[1:]), 0)
    assert all(fence.wait(0) for fence in fences)
    assert data.tolist() == [0, 0, 1, 2, 3]


def test_columns_of_one_matrix_are_apart_and_equal_views_are_not() -> None:
    a, b = connect(2)
    table = np.zeros((3, 2), np.int64)
    fences = [a.broadcast(of(1, 2, 3), 0), b.broadcast(view(table[:, 1]), 0)]
    assert all(fence.wait(0) for fence in fences)
    columns = [view(table[:, k]) for k in (0, 1)]
    fences = [a.allgather(of(4, 5, 6), columns), b.allgather(of(7, 8, 9), [of(0, 0, 0), of(0, 0, 0)])]
    assert all(fence.wait(0) for fence in fences)
    assert table.tolist() == [[4, 7], [5, 8], [6, 9]]
    same = view(np.zeros(3, np.int64))
    fences = [n.allreduce(of(1, 1, 1), same, ADD) for n in (a, b)]
    for fence in fences:
        error = failed(fence)
        assert isinstance(error, BufferError_)
        assert error.code == "HY2008"
        assert "two views that the operation writes share bytes" in error.message
    assert values(same) == [0, 0, 0]


def test_memory_that_was_freed_meanwhile_stops_the_operation_before_it_writes() -> None:
    a, b, c = connect(3)
    lost = BufferView(HostBuffer.allocate(8), "i64", (1,), (8,))
    kept = of(5)
    fences = [a.broadcast(kept, 1), c.broadcast(lost, 1)]
    lost.buffer.free()
    fences.append(b.broadcast(of(1), 1))
    assert {failed(fence).code for fence in fences} == {"HY2007"}
    assert values(kept) == [5]


def test_each_rank_has_an_error_of_its_own() -> None:
    a, b = connect(2)
    fences = [a.barrier(), b.broadcast(of(1), 0)]
    first, second = map(failed, fences)
    assert first is not second
    assert str(first) == str(second)
    assert first.notes == ("rank 0: barrier", "rank 1: broadcast of i64[1], root 0")


def test_what_does_not_agree_is_told_before_the_last_comes() -> None:
    a, b, c = connect(3)
    fences = [a.allreduce(of(1), of(1), ADD), b.allreduce(of(1), of(1), in_order("max", "i64"))]
    for fence in fences:
        error = failed(fence)
        assert "rank 0: allreduce of i64[1], add.wrap on i64, in order" in error.notes
        assert "rank 1: allreduce of i64[1], max on i64, in order" in error.notes
    assert failed(c.allreduce(of(1), of(1), ADD)).code == "HY5201"


def test_a_deadline_ends_the_operation_for_everyone_and_no_other() -> None:
    a, b, c = connect(3)
    other = a.send(of(1), 1, tag=4)
    fences = [b.barrier(), a.barrier(0.001)]
    for fence in fences:
        error = failed(fence)
        assert isinstance(error, DeadlineError)
        assert error.message == "operation 0, barrier: rank 2 did not come in 0.001 seconds"
    assert "rank 2 did not come" in failed(c.barrier()).message
    found = of(0)
    assert b.receive(found, 0, tag=4).wait(0)
    assert other.done
    fences = [n.barrier(PATIENCE) for n in (a, b, c)]
    assert all(fence.wait(0) for fence in fences)


def test_the_earliest_deadline_holds_whoever_gave_it() -> None:
    a, b, _ = connect(3)
    fences = [a.barrier(PATIENCE), b.barrier(0)]
    assert "rank 2 did not come in 0 seconds" in failed(fences[0]).message
    sent = a.send(of(1), 1, 7, float("inf"))
    late = a.send(of(2), 1, 8, 0.001)
    assert failed(late).message == "send to rank 1 with tag 8: rank 1 did not come in 0.001 seconds"
    assert not sent.done


def test_the_thread_of_deadlines_ends_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "LINGER", 0.001)
    before = set(threading.enumerate())
    a, _ = connect(2)
    fence = a.barrier(0.001)
    watching = set(threading.enumerate()) - before
    assert len(watching) <= 1
    assert failed(fence).code == "HY5021"
    for thread in watching:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    assert failed(a.barrier(0.001)).code == "HY5021"  # and comes again


def test_close_ends_what_waits_for_the_rank_and_what_it_waits_for() -> None:
    a, b, c = connect(3)
    fences = [a.send(of(1), 1), a.receive(of(1), 1), b.send(of(1), 0, tag=3), a.barrier()]
    between = a.send(of(9), 2)
    b.close()
    for fence in fences:
        error = failed(fence)
        assert error.code == "HY5202"
        assert "rank 1 left the network" in error.message
    assert failed(a.receive(of(1), 1, tag=3)).code == "HY5202"
    assert failed(c.barrier()).code == "HY5202"
    for start in (b.barrier, lambda: b.send(of(1), 0), lambda: b.receive(of(1), 0)):
        assert "rank 1 closed its end" in failed(start()).message
    assert c.receive(of(0), 0).wait(0)
    assert between.done
    (alone,) = connect(1)
    alone.close()
    assert failed(alone.barrier()).code == "HY5202"


def test_leaving_with_an_error_tells_it() -> None:
    a, b = connect(2)
    fence = a.barrier()
    with pytest.raises(ValueError, match="no such file"), b:
        raise ValueError("no such file")
    assert "rank 1 left the network: ValueError: no such file" in failed(fence).message


def test_abort_is_final_and_its_first_reason_stays() -> None:
    a, b = connect(2)
    fences = [a.barrier(), a.send(of(1), 1), a.receive(of(1), 1)]
    b.abort("the disk is full")
    a.abort("something else")
    for fence in (*fences, a.barrier(), b.barrier(), b.send(of(1), 0)):
        error = failed(fence)
        assert error.code == "HY5202"
        assert "rank 1 aborted the network: the disk is full" in error.message


def survivors(*ends: InProcessNetwork) -> list[InProcessNetwork | HyperionError]:
    """What `survivors` gives each of them, at the same time."""

    def ask(number: int) -> InProcessNetwork | HyperionError:
        try:
            return ends[number].survivors(PATIENCE)
        except HyperionError as error:
            return error

    found = at_once(ask, len(ends))
    return sorted(found, key=lambda end: end.rank if isinstance(end, InProcessNetwork) else -1)


def test_after_an_abort_all_may_go_on_and_what_was_sent_before_is_refused() -> None:
    a, b = connect(2)
    a.abort("again")
    first, second = survivors(b, a)
    assert isinstance(first, InProcessNetwork)
    assert isinstance(second, InProcessNetwork)
    assert (first.rank, first.size, first.epoch, second.rank) == (0, 2, 1, 1)
    stale = a.send(of(1), 1)
    fresh = first.send(of(2), 1)
    found = of(0)
    assert second.receive(found, 0).wait(0)
    assert fresh.done
    assert values(found) == [2]
    assert failed(stale).code == "HY5202"


def test_who_does_not_come_in_time_is_lost() -> None:
    a, b, c = connect(3)
    waiting = b.send(of(1), 2)
    heir = a.survivors(0.001)
    assert (heir.rank, heir.size, heir.epoch) == (0, 1, 1)
    with pytest.raises(DeviceError, match="HY5202: rank 2 came too late: ranks 0 went on in epoch 1"):
        c.survivors()
    assert "epoch 0 of the network is over: ranks 0 went on in epoch 1" in failed(waiting).message
    again = heir.survivors()
    assert (again.size, again.epoch) == (1, 2)
    assert failed(heir.barrier()).code == "HY5202"


def test_a_deadline_may_be_as_long_as_one_likes() -> None:
    (alone,) = connect(1)
    assert alone.survivors(float("inf")).epoch == 1
    a, b = connect(2)
    patient = Apart(lambda: a.survivors(1e300))
    assert Apart(lambda: b.survivors(float("inf"))).outcome().size == 2
    assert patient.outcome().size == 2


def test_who_left_is_not_waited_for_and_cannot_come_back() -> None:
    a, b, c = connect(3)
    c.close()
    found = survivors(a, b)
    assert [end.rank for end in found if isinstance(end, InProcessNetwork)] == [0, 1]
    with pytest.raises(DeviceError, match="HY5202: rank 2 left the network: ranks 0, 1 went on"):
        c.survivors()


def test_leaving_while_the_others_gather_lets_them_go_on() -> None:
    a, b, c = connect(3)
    threading.Timer(0.002, c.close).start()
    assert len([end for end in survivors(a, b) if isinstance(end, InProcessNetwork)]) == 2


def test_closing_closes_what_followed() -> None:
    a, b = connect(2)
    first, second = survivors(a, b)
    assert isinstance(first, InProcessNetwork)
    assert isinstance(second, InProcessNetwork)
    fence = second.barrier()
    a.close()
    assert "rank 0 left the network" in failed(fence).message


class Interrupted(HostBuffer):
    """Ctrl-C comes when the work reads it."""

    armed = False

    def host(self) -> memoryview:
        if self.armed:
            raise KeyboardInterrupt
        return super().host()


def test_ctrl_c_in_the_work_is_for_the_thread_that_does_it() -> None:
    a, b = connect(2)
    buffer = Interrupted(memoryview(bytearray(8)), 64)
    fence = a.broadcast(BufferView(buffer, "i64", (1,), (8,)), 0)
    buffer.armed = True
    with pytest.raises(KeyboardInterrupt):
        b.broadcast(of(1), 0)
    error = failed(fence)
    assert error.code == "HY5202"
    assert "the rank that came last was interrupted" in error.message


def test_a_callback_may_start_the_next_operation() -> None:
    a, b = connect(2)
    later: list[Fence] = []
    fence = a.barrier()
    fence.on_done(lambda _: later.append(a.barrier()))
    assert b.barrier().wait(0)
    assert b.barrier().wait(0)
    assert later[0].done


def test_the_operations_of_several_threads_of_a_rank_are_ordered_by_their_start() -> None:
    a, b = connect(2)
    at_once(lambda _: a.broadcast(of(1), 0), 8)
    assert all(b.broadcast(of(0), 0).wait(PATIENCE) for _ in range(8))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_in_the_child_of_a_fork_it_is_refused() -> None:
    a, b = connect(2)

    def is_refused() -> bool:
        codes: list[str] = []
        for start in (a.barrier, lambda: a.send(of(1), 1), lambda: a.abort(""), a.survivors):
            try:
                start()
            except HyperionError as error:
                codes.append(error.code)
        a.close()
        return codes == ["HY5205"] * 4

    assert right_in_child(is_refused)
    fences = [a.barrier(), b.barrier()]
    assert all(fence.wait(0) for fence in fences)


def test_nothing_is_held_after_an_operation_nor_after_a_network() -> None:
    a, b = connect(2)
    data = np.zeros(3)
    watched = weakref.ref(data)
    fences = [a.broadcast(view(data), 0), b.broadcast(view(np.zeros(3)), 0)]
    fences += [a.barrier(0.001)]
    assert failed(fences[-1]).code == "HY5021"
    fences += [b.send(view(data), 0), a.barrier()]
    a.close()
    b.close()
    assert failed(fences[-1]).code == "HY5202"
    end = weakref.ref(a)
    del data, a, b, fences
    gc.collect()
    assert watched() is None
    assert end() is None


def test_a_deadline_that_nobody_would_see_begins_nothing() -> None:
    a, b = connect(2)
    with no_threads():
        for ask in (lambda: a.barrier(1.0), lambda: a.send(of(1), 1, deadline=1.0)):
            with pytest.raises(DeviceError, match="HY5206: a deadline needs a thread: can't start new thread"):
                ask()
    fences = [a.barrier(1.0), b.barrier(1.0)]
    assert all(fence.wait(PATIENCE) for fence in fences)
