"""Registers the network between threads of one process."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hyperion.hookspecs import hookimpl

if TYPE_CHECKING:
    from hyperion.interfaces.network import NetworkProvider

HYPERION_API = (1, 0)


def _in_process() -> NetworkProvider:
    from hyperion_net.networks import InProcessNetworks

    return InProcessNetworks()


@hookimpl
def hyperion_networks() -> dict[str, Callable[[], NetworkProvider]]:
    return {"in-process": _in_process}
