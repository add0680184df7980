"""Work in the order of asking, or as if: a copy and a run go on at the same time where neither needs the other.

What a vendor must care about: a call returns at once, so its error comes later, and what needs the work that failed is
not done but ends with the same error; work that needs nothing of it goes on.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Sequence
from functools import partial
from queue import SimpleQueue
from time import monotonic
from traceback import clear_frames
from typing import Literal
from weakref import WeakKeyDictionary, finalize

from hyperion.fences import Fence
from hyperion.tokens import NOTHING, Token
from hyperion.waiting import joined, waited
from hyperion_virtual.life import Life, wait_for
from hyperion_virtual.memory import Block

EngineName = Literal["copies", "runs"]


class Engine:
    """A thread that does one thing after the other; started with the first."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._stop = finalize(self, self._queue.put, None)

    def start(self) -> None:
        """Raises RuntimeError where the system has no more threads."""
        with self._lock:
            if self._thread is None:
                thread = threading.Thread(target=_serve, args=(self._queue,), name=self._name, daemon=True)
                thread.start()
                self._thread = thread

    def put(self, work: Callable[[], None]) -> None:
        self._queue.put(work)

    def stop(self, wait: bool) -> None:
        self._stop()
        if wait and self._thread is not None and self._thread is not threading.current_thread():
            waited(partial(joined, self._thread))


def _serve(queue: SimpleQueue[Callable[[], None] | None]) -> None:
    while (work := queue.get()) is not None:
        work()
        del work  # what it holds goes before the next comes


class Work(Fence):
    """What was asked for, and whether it began."""

    __slots__ = ("begun",)

    def __init__(self, label: str) -> None:
        super().__init__(label)
        self.begun = False


class Schedule:
    """The work of one device. Every method may be called from any thread."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._lock = threading.Lock()
        self._engines: dict[EngineName, Engine] = {
            "copies": Engine(f"{life.address} copies"),
            "runs": Engine(f"{life.address} runs"),
        }
        self._open: dict[Fence, None] = {}
        self._failed: list[BaseException] = []  # what nobody was told yet
        self._owed: WeakKeyDictionary[threading.Thread, BaseException] = WeakKeyDictionary()
        """The first error of what a thread asked for: it is told, even where another one was told before."""

    def ask(
        self,
        engine: EngineName,
        work: Callable[[], None],
        reads: Sequence[Block] = (),
        writes: Sequence[Block] = (),
        tell: bool = True,
    ) -> Work:
        """Does `work` after what it needs: what writes the blocks that it reads, and all that uses those that it
        writes. It is not done where a block that it reads was not written because of an error: that error is its own.
        A block that is written only in part is read too. `synchronize` raises its error where `tell` says so."""
        fence, over = Work(engine), Fence(engine)
        fence.on_done(lambda _: over.signal())  # memory that was read knows no error, which might keep the memory
        self._engines[engine].start()
        with self._lock:
            needed = [block.written for block in reads if block.written is not None]
            before = [*needed, *(fence for block in writes for fence in _users(block))]
            for block in reads:
                block.readers = [*(f for f in block.readers if not f.done), over]
            for block in writes:
                block.written, block.readers = fence, []
            self._open[fence] = None
            context = contextvars.copy_context()  # who asks, for logs and traces
            asker = threading.current_thread() if tell else None
            self._engines[engine].put(partial(context.run, partial(self._do, work, fence, needed, before, asker)))
        return fence

    def _do(
        self,
        work: Callable[[], None],
        fence: Work,
        needed: Sequence[Fence],
        before: Sequence[Fence],
        asker: threading.Thread | None,
    ) -> None:
        error = self._error_of(work, fence, needed, before)
        with self._lock:
            del self._open[fence]
            if error is not None and asker is not None:
                self._failed.append(error)
                self._owed.setdefault(asker, error)
        end = [fence.signal if error is None else partial(fence.fail, error)]
        del work, fence, needed, before, error  # the frames of an error keep what they name
        end.pop()()

    def _error_of(
        self, work: Callable[[], None], fence: Work, needed: Sequence[Fence], before: Sequence[Fence]
    ) -> BaseException | None:
        try:
            for other in before:
                self.wait(other)
            self._life.check()
            for other in needed:
                if other.error is not None:
                    raise other.error
            fence.begun = True
            work()
        except BaseException as error:
            clear_frames(error.__traceback__)
            del work, fence, needed, before
            return error
        return None

    def wait(self, fence: Fence, timeout: float | None = None, token: Token = NOTHING) -> bool:
        """Whether the work ended within `timeout` seconds, well or not; or the device, which ends it too. Ends with the
        token."""
        if fence.done:
            return True

        def register(wake: Callable[[], None]) -> list[Callable[[], None]]:
            fence.on_done(lambda _: wake())
            return [self._life.ended.on_cancel(wake), token.on_cancel(wake)]

        left = token.remaining
        wait_for(register, left if timeout is None else min(timeout, left))
        return fence.done or self._life.ended.cancelled

    def synchronize(self, timeout: float | None, token: Token = NOTHING) -> bool:
        """As `Device.synchronize`; the wait ends with the token too, and raises why."""
        end = None if timeout is None else monotonic() + timeout
        with self._lock:
            left = list(self._open)
        for fence in left:
            while not self.wait(fence, None if end is None else max(0.0, end - monotonic()), token):
                token.check("the wait for the device")
                if end is not None and monotonic() >= end:
                    return False
        self._life.check()
        with self._lock:
            failed, self._failed = self._failed, []
            error = self._owed.pop(threading.current_thread(), None) or next(iter(failed), None)
        if error is None:
            return True
        del left, failed  # an error that its own frames hold would keep the memory of its work
        try:
            raise error
        finally:
            del error

    def close(self) -> None:
        """Waits for what was asked, but not for what a lost device still does."""
        with self._lock:
            left = list(self._open)
        for fence in left:
            self.wait(fence)
        lost = self._life.state == "lost"
        self._life.close()
        for engine in self._engines.values():
            engine.stop(wait=not lost)


def _users(block: Block) -> list[Fence]:
    return block.readers if block.written is None else [block.written, *block.readers]
