"""Links as they are measured. Clocks of tests stand still but where a device moves bytes."""

from __future__ import annotations

from typing import Any

import pytest

import hyperion as hp
from hyperion.clusters import measuring
from hyperion.errors import DeadlineError, DeviceError
from hyperion.interfaces.cluster import ASSUMED, HOST, Link


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that the measurement sees."""
    now = [0.0]
    monkeypatch.setattr(measuring, "perf_counter", lambda: now[0])
    return now


def slow(device: Any, clock: list[float], link: Link) -> None:
    """Lets each copy take what it takes through this link."""
    copy = device.copy

    def slowly(source: Any, target: Any) -> None:
        copy(source, target)
        clock[0] += link.seconds(source.nbytes)

    device.copy = slowly


@pytest.mark.parametrize("link", [Link(5e-6, 10e9), Link(1e-3, 1e6), Link(0.0, 1e11), Link(0.1)])
def test_latency_and_bandwidth_are_found(inst: hp.Instance, clock: list[float], link: Link, toys: Any) -> None:
    toys.toy.memory = 1 << 30
    cluster = inst.cluster(["toy:0"])
    slow(cluster[0], clock, link)
    measured = cluster.measured()
    for found in (measured.link("host", 0), measured.link(0, "host")):
        assert found.source == "measured"
        assert found.latency == pytest.approx(link.seconds(64), abs=2e-9)
        if link.bandwidth < 1e12:
            assert found.bandwidth == pytest.approx(link.bandwidth, rel=1e-3)
        else:
            assert found.seconds(1 << 24) == pytest.approx(link.seconds(1 << 24), rel=0.11), "lost in the latency"
    assert cluster.topology.host_link("toy:0") == ASSUMED


def test_small_memories_are_enough(inst: hp.Instance, clock: list[float]) -> None:
    """The toys have 128 KiB: the copies stay below, and nothing stays allocated."""
    cluster = inst.cluster(["toy:0"])
    device: Any = cluster[0]
    slow(device, clock, Link(1e-6, 1e9))
    found = cluster.measured().link("host", "toy:0")
    assert found.bandwidth == pytest.approx(1e9, rel=1e-3)
    assert max(device.copied) == 1 << 16


def test_slow_links_are_not_measured_longer_than_needed(inst: hp.Instance, clock: list[float], toys: Any) -> None:
    toys.toy.memory = 1 << 30
    cluster = inst.cluster(["toy:0"])
    device: Any = cluster[0]
    slow(device, clock, Link(0.0, 1e7))
    cluster.measured()
    assert max(device.copied) == 1 << 16


def test_shared_memory_is_found(inst: hp.Instance) -> None:
    cluster = inst.cluster(["near:0", "near:1"], measure=True)
    assert cluster.link("near:0", "host") == Link(shared=True, source="measured")
    assert cluster.link("near:0", "near:1") == Link(shared=True, source="measured")


def test_memory_that_is_not_shared_after_all_is_measured(inst: hp.Instance, clock: list[float]) -> None:
    cluster = inst.cluster(["near:0"])
    device: Any = cluster[0]
    device.far = True
    slow(device, clock, Link(1e-6, 1e9))
    found = cluster.measured().link("host", "near:0")
    assert (found.shared, found.source) == (False, "measured")


def test_what_was_described_between_devices_stays(inst: hp.Instance) -> None:
    direct, host = Link(1e-9, 1e12), Link(7.0)
    cluster = inst.cluster(["toy:0", "toy:1"], links={("toy:0", "toy:1"): direct, (HOST, "toy:1"): host}).measured()
    assert cluster.link("toy:0", "toy:1") == direct
    assert cluster.link("host", "toy:1").source == "measured"
    assert cluster.link("toy:1", "toy:0").source == "measured"


def test_lost_devices_are_left_out(inst: hp.Instance) -> None:
    cluster = inst.cluster(["toy:0", "toy:1"])
    lost: Any = cluster[0]
    lost.state = "lost"
    assert cluster.measured().link("host", "toy:0") == ASSUMED
    assert cluster.measured().link("host", "toy:1").source == "measured"


def test_a_device_that_does_not_answer(inst: hp.Instance) -> None:
    cluster = inst.cluster(["toy:0"])
    device: Any = cluster[0]
    device.synchronize = lambda timeout: False
    with pytest.raises(DeadlineError, match="HY5021: toy:0 did not copy 64 bytes in 60 seconds"):
        cluster.measured()

    def broken(source: Any, target: Any) -> None:
        raise DeviceError("HY5016", "not that one")

    device.copy = broken
    with pytest.raises(DeviceError, match="HY5016"):
        cluster.measured()
