"""What the ranks of a network count, in the metrics of the Instance that connected it."""

from __future__ import annotations

from time import perf_counter

from hyperion.errors import HyperionError
from hyperion.fences import Fence
from hyperion.metrics import Metrics


class NetworkCounts:
    """For the ends of one network. Any thread may call any method; what an operation costs is less than its fence."""

    def __init__(self, metrics: Metrics, network: str) -> None:
        self._metrics = metrics
        self._network = network
        self._operations: dict[str, _Operation] = {}

    def begin(self, operation: str, sent: int, received: int, fence: Fence) -> None:
        """A rank begins an operation that reads `sent` bytes of its views and writes `received`; how it ends and how
        long that takes is counted when the fence is done."""
        counted = self._operations.get(operation)
        if counted is None:
            counted = self._operations.setdefault(operation, _Operation(self._metrics, self._network, operation))
        counted.begun(1)
        start = perf_counter()

        def done(fence: Fence) -> None:
            if fence.error is None:
                counted.ended(perf_counter() - start, (sent, received))
            else:
                counted.ended(perf_counter() - start, ())
                self.failed(operation, fence.error)

        fence.on_done(done)

    def refused(self, operation: str, error: BaseException) -> None:
        """A rank began an operation and was told at once what is wrong with it."""
        self._metrics.count("network_calls", network=self._network, operation=operation)
        self.failed(operation, error)

    def failed(self, operation: str, error: BaseException) -> None:
        code = error.code if isinstance(error, HyperionError) else type(error).__name__
        self._metrics.count("network_failures", network=self._network, operation=operation, code=code)


class _Operation:
    """The counters of one operation, found once."""

    __slots__ = ("begun", "ended")

    def __init__(self, metrics: Metrics, network: str, operation: str) -> None:
        labels = {"network": network, "operation": operation}
        self.begun = metrics.counter("network_calls", **labels)
        self.ended = metrics.several(("network_sent_bytes", "network_received_bytes"), "network_wait_seconds", **labels)
