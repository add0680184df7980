"""What the ranks of one network share: who waits for whom. The rank that comes last does the work of an operation."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable
from math import inf
from time import monotonic
from typing import Final, Literal

from hyperion.errors import DeadlineError, DeviceError, HyperionError
from hyperion.waiting import waited
from hyperion_net.deadlines import Watch
from hyperion_net.meeting import Call, Meeting, disagreement, end
from hyperion_net.moving import move, perform

Way = tuple[Literal["send", "receive"], int, int, int]  # from, to, tag
Ended = list[tuple[list[Call], HyperionError]]
_CONNECT: Final = "connect a new network"
_HINT: Final = "network.survivors() connects the ranks that are left"


class Mesh:
    """Every method may be called from any thread. Fences end without the lock: their callbacks may start operations."""

    def __init__(self, size: int, epoch: int = 0) -> None:
        self.size = size
        self.epoch = epoch
        self._process = os.getpid()
        self._lock = threading.Condition()
        self._watch = Watch(self._lock, self._due, self._expire)
        self._started = [0] * size
        self._meetings: dict[int, Meeting] = {}
        self._letters: dict[Way, deque[Meeting]] = {}
        self._gone: dict[int, str] = {}
        self._over: HyperionError | None = None
        self._heirs: set[int] = set()
        self._formed = threading.Event()
        self._next: Mesh | None = None
        self._places: list[int] = []

    # Operations

    def meet(self, call: Call, deadline: float | None) -> None:
        """A rank comes to its next operation with all others."""
        self._refuse_fork()
        ended: Ended = []
        with self._lock:
            if deadline is not None:
                self._watch.begin()
            gone = self._left_itself(call)
            if gone is not None:
                end([call], gone)
                return
            number = self._started[call.rank]
            self._started[call.rank] += 1
            meeting = self._meetings.setdefault(number, Meeting(f"operation {number}", set(range(self.size))))
            meeting.add(call)
            failure = self._hopeless(meeting) or disagreement(meeting.name, meeting.calls, call.rank)
            if not meeting.missing - self._gone.keys():
                del self._meetings[number]
            if failure is not None:
                ended.append((meeting.fail(failure), failure))
            elif meeting.missing:
                self._limit(meeting, deadline)
                return
        if not ended:
            _do(lambda: perform(meeting.calls), list(meeting.calls.values()))
        _tell(ended)

    def exchange(self, call: Call, way: Way, deadline: float | None) -> None:
        """A rank sends, or waits to receive."""
        self._refuse_fork()
        kind, source, to, tag = way
        there, peer = ("to", to) if kind == "send" else ("from", source)
        meeting = Meeting(f"{kind} {there} rank {peer} with tag {tag}", {peer}, {call.rank: call})
        with self._lock:
            if deadline is not None:
                self._watch.begin()
            failure = self._left_itself(call) or self._hopeless(meeting)
            partner = None if failure else self._taken(("receive" if kind == "send" else "send", source, to, tag))
            if failure is None and partner is None:
                self._letters.setdefault(way, deque()).append(meeting)
                self._limit(meeting, deadline)
                return
        if partner is None:
            end([call], failure)
        else:
            _exchange(*((call, partner) if kind == "send" else (partner, call)), tag)

    def _taken(self, way: Way) -> Call | None:
        """The first call that waits for its other side."""
        waiting = self._letters.get(way)
        if waiting is None:
            return None
        (call,) = waiting.popleft().calls.values()
        if not waiting:
            del self._letters[way]
        return call

    def _hopeless(self, meeting: Meeting) -> HyperionError | None:
        """Why the operation cannot end well any more."""
        left = sorted(meeting.missing & self._gone.keys())
        lost = _left(meeting, left[0], self._gone[left[0]]) if left else None
        return self._over or meeting.failure or lost

    def _left_itself(self, call: Call) -> HyperionError | None:
        if call.rank not in self._gone:
            return None
        return DeviceError("HY5202", f"{call.operation}: rank {call.rank} closed its end", hints=[_CONNECT])

    def _refuse_fork(self) -> None:
        """Before the lock, which a thread of the parent may have held when the process was forked."""
        if os.getpid() != self._process:
            hints = ["connect a network in the child"]
            raise DeviceError("HY5205", "the network is that of the process that this one was forked from", hints=hints)

    # What waits

    def _waiting(self) -> Iterable[Meeting]:
        yield from self._meetings.values()
        for letters in self._letters.values():
            yield from letters

    def _limit(self, meeting: Meeting, seconds: float | None) -> None:
        if seconds is not None:
            meeting.limit(monotonic(), seconds)
            self._watch.wake(meeting.due)

    def _due(self) -> float:
        return min((meeting.due for meeting in self._waiting()), default=inf)

    def _expire(self) -> Callable[[], None]:
        now = monotonic()
        ended = self._end_where(lambda meeting: _late(meeting) if meeting.due <= now else None)
        return lambda: _tell(ended)

    def _end_where(self, failure: Callable[[Meeting], HyperionError | None]) -> Ended:
        """Ends what `failure` gives an error for. An operation that ranks are still to come to stays, to tell them."""
        ended: Ended = []
        for meeting in self._waiting():
            why = failure(meeting) if meeting.failure is None else None
            if why is not None:
                ended.append((meeting.fail(why), why))
        self._meetings = {n: m for n, m in self._meetings.items() if m.missing - self._gone.keys()}
        kept = {way: deque(m for m in letters if m.failure is None) for way, letters in self._letters.items()}
        self._letters = {way: letters for way, letters in kept.items() if letters}
        return ended

    # Membership

    def leave(self, rank: int, reason: str) -> None:
        """The rank takes no part any more, and who waits for it is told. A second call does nothing."""
        if os.getpid() != self._process:
            return  # the parent's rank goes on
        with self._lock:
            if rank in self._gone:
                return
            self._gone[rank] = reason
            ended = self._end_where(
                lambda meeting: _left(meeting, rank, reason) if rank in meeting.missing | meeting.calls.keys() else None
            )
            ended += self._form(late=False)
        _tell(ended)

    def abort(self, rank: int, reason: str) -> None:
        self._refuse_fork()
        with self._lock:
            ended = self._finish(DeviceError("HY5202", f"rank {rank} aborted the network: {reason}", hints=[_HINT]))
        _tell(ended)

    def _finish(self, why: HyperionError) -> Ended:
        """Nothing works any more; the first reason stays."""
        if self._over is not None:
            return []
        self._over = why
        ended = self._end_where(lambda meeting: why)
        self._meetings = {}
        return ended

    def survivors(self, rank: int, deadline: float | None) -> tuple[Mesh, int]:
        """The next network, and the rank's number there."""
        self._refuse_fork()
        with self._lock:
            if rank not in self._gone and self._next is None:
                self._heirs.add(rank)
            ended = self._form(late=False)
            joined = rank in self._heirs
        _tell(ended)
        if joined and not self._await(rank, deadline):
            with self._lock:
                ended = self._form(late=True)
            _tell(ended)
        if self._next is None or rank not in self._places:
            what = f"rank {rank} left the network" if rank in self._gone else f"rank {rank} came too late"
            went = "" if self._next is None else f": ranks {_numbers(self._places)} went on in epoch {self.epoch + 1}"
            raise DeviceError("HY5202", what + went, hints=[_CONNECT])
        return self._next, self._places.index(rank)

    def _await(self, rank: int, deadline: float | None) -> bool:
        try:
            return waited(self._formed.wait, deadline)
        except BaseException:  # Ctrl-C: the others go on without
            with self._lock:
                self._heirs.discard(rank)
            raise

    def _form(self, late: bool) -> Ended:
        """Makes the next network once all ranks that did not leave want it, or it is too `late` for the others."""
        heirs = self._heirs - self._gone.keys()
        if self._next is not None or not heirs or not (late or len(heirs) == self.size - len(self._gone)):
            return []
        self._places = sorted(heirs)
        self._next = Mesh(len(heirs), self.epoch + 1)
        self._formed.set()
        went = f"ranks {_numbers(self._places)} went on in epoch {self._next.epoch}"
        hints = ["use the network that survivors() returned"]
        return self._finish(DeviceError("HY5202", f"epoch {self.epoch} of the network is over: {went}", hints=hints))


def _numbers(ranks: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(ranks)))


def _left(meeting: Meeting, rank: int, reason: str) -> HyperionError:
    return DeviceError("HY5202", f"{meeting}: rank {rank} left the network{reason and f': {reason}'}", hints=[_HINT])


def _late(meeting: Meeting) -> HyperionError:
    ranks = f"rank{'s' if len(meeting.missing) > 1 else ''} {_numbers(meeting.missing)}"
    hints = ["look at what these ranks do instead", "a longer deadline", _HINT]
    return DeadlineError("HY5021", f"{meeting}: {ranks} did not come in {meeting.seconds:.3g} seconds", hints=hints)


def _exchange(sent: Call, received: Call, tag: int) -> None:
    source, target = sent.sources[0], received.targets[0]
    if (source.dtype, source.shape) == (target.dtype, target.shape):
        _do(lambda: move([(source, target)]), [sent, received])
        return
    notes = [f"rank {sent.rank} sent {sent}", f"rank {received.rank} was to receive {received}"]
    hints = ["send and receive views of the same shape and dtype"]
    what = f"rank {sent.rank} sends to rank {received.rank} with tag {tag}: the ranks do not agree"
    end([sent, received], DeviceError("HY5201", what, notes=notes, hints=hints))


def _do(work: Callable[[], None], calls: list[Call]) -> None:
    """The work of the operation; its error is that of every rank."""
    try:
        work()
    except Exception as error:
        end(calls, error)
    except BaseException:  # Ctrl-C, in the thread of the rank that came last
        end(calls, DeviceError("HY5202", f"{calls[0].operation}: the rank that came last was interrupted in the work"))
        raise
    else:
        end(calls, None)


def _tell(ended: Ended) -> None:
    for calls, failure in ended:
        end(calls, failure)
