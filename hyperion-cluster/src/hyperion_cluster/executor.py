"""Runs functions on the first device of a cluster."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from hyperion.buffers.host import view
from hyperion.errors import DeviceError
from hyperion.fences import Fence
from hyperion.interfaces.buffer import BufferView
from hyperion.interfaces.cluster import Cluster
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.executor import Place, Services
from hyperion.tokens import NOTHING, Token


class ClusterExecutors:
    """Implements `ExecutorFactory`."""

    def create(self, cluster: Cluster, services: Services) -> ClusterExecutor:
        return ClusterExecutor(cluster, services)


class CallFuture(concurrent.futures.Future[tuple[object, ...]]):
    pass


class ClusterExecutor:
    """Implements `Executor`."""

    def __init__(self, cluster: Cluster, services: Services) -> None:
        self.cluster = cluster
        self._services = services
        self._threads: ThreadPoolExecutor | None = ThreadPoolExecutor(1, "hyperion-cluster")

    def execute(
        self,
        function: CompiledFunction,
        arguments: Sequence[object],
        *,
        token: Token | None = None,
        place: Place = "host",
    ) -> tuple[object, ...]:
        self._open()
        device = self.cluster.devices[0]
        compiled = self._services.compiled_for(function, device.info.target)
        return device.run(compiled, [_argument(x) for x in arguments], token or NOTHING)

    def submit(
        self,
        function: CompiledFunction,
        arguments: Sequence[object],
        *,
        token: Token | None = None,
        after: Sequence[Fence] = (),
        place: Place = "host",
    ) -> concurrent.futures.Future[tuple[object, ...]]:
        return self._open().submit(self.execute, function, tuple(arguments), token=token, place=place)

    def close(self, timeout: float | None = None) -> None:
        if self._threads is not None:
            self._threads.shutdown(wait=True)
            self._threads = None

    def __enter__(self) -> ClusterExecutor:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _open(self) -> ThreadPoolExecutor:
        if self._threads is None:
            raise DeviceError("HY5002", "the executor is closed", hints=["create another one"])
        return self._threads


def _argument(given: object) -> object:
    return given if isinstance(given, BufferView | int | float | complex) else view(given)
