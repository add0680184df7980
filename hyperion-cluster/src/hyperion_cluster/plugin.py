"""Registers the executor on clusters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hyperion.hookspecs import hookimpl

if TYPE_CHECKING:
    from hyperion.interfaces.executor import ExecutorFactory

HYPERION_API = (1, 0)


def _cluster() -> ExecutorFactory:
    from hyperion_cluster.executor import ClusterExecutors

    return ClusterExecutors()


@hookimpl
def hyperion_executors() -> dict[str, Callable[[], ExecutorFactory]]:
    return {"cluster": _cluster}
