"""An Instance with the plugin connects networks, and closes their ends."""

from __future__ import annotations

import pytest

import hyperion as hp
from hyperion.errors import DeviceError


def test_closing_the_instance_ends_what_waits() -> None:
    with hp.Instance(plugins=["net"]) as instance:
        first, second = instance.networks(2)
        assert [first.rank, second.rank] == [0, 1]
        waiting = first.barrier()
        with pytest.raises(DeviceError, match="HY5204: a network of 0 ranks"):
            instance.networks(0)
    with pytest.raises(DeviceError, match=r"HY5202: operation 0, barrier: rank . left the network"):
        waiting.wait(30)


def test_two_networks_keep_apart() -> None:
    with hp.Instance(plugins=["net"]) as instance:
        (first, _), (other, _) = instance.networks(2), instance.networks(2)
        first.abort("only this one")
        assert not other.barrier().done
