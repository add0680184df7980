"""Networks whose ranks are threads of one process: every view lies in one memory, so nothing is sent."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.errors import DeviceError
from hyperion.policy import Policy
from hyperion.reductions import Believed
from hyperion_net.end import InProcessNetwork
from hyperion_net.mesh import Mesh


class InProcessNetworks:
    """Implements `NetworkProvider`. `policy` says what counts as the proof of a reduction's theorem."""

    def __init__(self, policy: Policy | None = None) -> None:
        self._believed = Believed(policy or Policy())

    def connect(self, size: int) -> Sequence[InProcessNetwork]:
        """All ends, by rank. Raises `DeviceError` (HY5204) for a size that is no number from 1 on."""
        if not isinstance(size, int) or size < 1:  # pyright: ignore[reportUnnecessaryIsInstance]  users write it
            raise DeviceError("HY5204", f"a network of {size!r} ranks", hints=["networks(4) has four"])
        mesh = Mesh(size)
        return [InProcessNetwork(mesh, rank, self._believed) for rank in range(size)]
