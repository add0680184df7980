"""The network between threads does what every network must."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.interfaces.network import Network, NetworkProvider
from hyperion.testing import NetworkConformance
from hyperion_net.networks import InProcessNetworks


class TestInProcess(NetworkConformance):
    def connect(self, size: int) -> Sequence[Network]:
        return InProcessNetworks().connect(size)


def test_the_provider_follows_its_interface() -> None:
    assert isinstance(InProcessNetworks(), NetworkProvider)
