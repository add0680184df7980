"""Clusters of what is installed: groups of processors, virtual devices, both together; functions run on each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyperion as hp
from hyperion.errors import DeviceError, DeviceLostError
from hyperion.interfaces.cluster import HOST, Link
from hyperion.testing.apart import Apart

PROCESSORS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
groups = pytest.mark.skipif(PROCESSORS < 2, reason="one processor has no groups")

TOTAL = """
func @total(%xs: i64[n]) -> i64 {
  %zero = const 0 : i64
  %s = fold %xs, (%zero) {
    ^(%x: i64, %t: i64):
      %u = add.trap %t, %x : i64
      yield %u
  }
  return %s
}
"""


@pytest.fixture
def instance() -> Iterator[hp.Instance]:
    with hp.Instance(config={"derive": False}) as made:
        yield made


def sums(instance: hp.Instance, cluster: Any) -> list[object]:
    """The function on each device of the cluster alone."""
    module = instance.compile(TOTAL, frontend="ir")
    xs = np.arange(100, dtype=np.int64)
    found: list[object] = []
    for place in range(len(cluster)):
        with instance.executor(cluster[place : place + 1]) as executor:
            found += executor.execute(module["total"], [hp.view(xs)])
    return found


@groups
def test_groups_of_processors_and_virtual_devices_together(instance: hp.Instance) -> None:
    cluster = instance.cluster(["cpu:0", "virtual:1", "cpu:1"])
    assert cluster.addresses == ("cpu:0/2", "virtual:1", "cpu:1/2")
    assert cluster["cpu:1"] is cluster["cpu:1/2"]
    assert cluster.link("cpu:0", "cpu:1").shared
    assert not cluster.link("cpu:0", "virtual:1").shared
    one, other = (cluster[name].info.features["processors"] for name in ("cpu:0", "cpu:1"))
    assert not {*one.split(",")} & {*other.split(",")}
    assert sums(instance, cluster) == [4950] * 3


def test_more_groups_than_processors(instance: hp.Instance) -> None:
    described = instance.describe([f"cpu:{n}" for n in range(PROCESSORS + 1)])
    assert len(described.missing) == len(described.devices)
    with pytest.raises(DeviceError, match="HY5011") as caught:
        instance.cluster([f"cpu:{n}" for n in range(PROCESSORS + 1)])
    assert len(caught.value.notes) == PROCESSORS + 1
    with pytest.raises(DeviceError, match=r"HY5010(.|\n)*cpu:1/2"):
        instance.cluster(["cpu:1"])


def test_the_same_processors_are_not_two_devices(instance: hp.Instance, tmp_path: Path) -> None:
    group = "cpu:0/2" if PROCESSORS > 1 else "cpu:0/1"
    number = instance.describe([group]).devices[0].features["processors"]
    said = f"the cluster has cpu:0 and {group}, which are both made of processor{'s' * (',' in number)} {number}"
    whole, part = instance.device("cpu:0"), instance.device(group)
    for devices in ([group, "cpu:0"], ["cpu:0", "virtual:0", group], [whole, part], ["cpu:0", part]):
        for ask in (instance.describe, instance.cluster, instance.executor):
            with pytest.raises(DeviceError) as caught:
                ask(devices)
            names = sorted([d if isinstance(d, str) else d.info.address for d in devices if d != "virtual:0"])
            assert caught.value.code == "HY5030"
            assert {*names} == {"cpu:0", group}
            assert sorted(caught.value.message.replace(",", "").split()) == sorted(said.replace(",", "").split())
            assert 'cluster(["cpu:0", "cpu:1"])' in str(caught.value)
    cluster = instance.cluster(["cpu:0", "virtual:0"])
    with pytest.raises(DeviceError, match=f"HY5030: the cluster has cpu:0 and {group}, which"):
        cluster.replaced("virtual:0", group)
    file = tmp_path / "twice.toml"
    file.write_text(f'[[device]]\naddress = "cpu:0"\n[[device]]\naddress = "{group}"\n')
    with pytest.raises(DeviceError, match=r"HY5030: the cluster has cpu:0 and (.|\n)*twice.toml:4:1"):
        instance.cluster(file)
    assert cluster.replaced("cpu:0", group).addresses == (group, "virtual:0")


def test_a_cluster_from_a_file_runs(instance: hp.Instance, tmp_path: Path) -> None:
    file = tmp_path / "cluster.toml"
    file.write_text(
        '[[device]]\naddress = "cpu:0"\n[[device]]\naddress = "virtual:0"\noptions = {memory = 65536}\n'
        '[[link]]\nbetween = ["host", "virtual:0"]\nlatency = "1 ms"\n'
    )
    cluster = instance.cluster(file)
    assert cluster.link("cpu:0", "virtual:0") == Link(1e-3)
    assert cluster[1].info.memory == 65536
    assert sums(instance, cluster) == [4950] * 2
    file.write_text(cluster.to_toml())
    assert instance.cluster(file) == cluster


def test_measured_links_follow_what_a_device_is_told_to_take(instance: hp.Instance) -> None:
    instance.device("virtual:0", latency=2e-3, bandwidth=1e8)
    cluster = instance.cluster(["cpu:0", "virtual:0"], measure=True)
    link = cluster.link("host", "virtual:0")
    assert link.source == "measured"
    assert link.latency >= 2e-3
    assert link.seconds(1 << 20) >= 1e-3
    assert cluster.link("cpu:0", "host") == Link(shared=True, source="measured")


def test_a_lost_device_is_replaced(instance: hp.Instance) -> None:
    cluster = instance.cluster(["cpu:0", "virtual:0"], links={(HOST, "virtual:0"): Link(1e-6)})
    lost: Any = cluster["virtual:0"]
    lost.lose("unplugged")
    assert cluster.lost == (lost,)
    with pytest.raises(DeviceLostError, match="HY5012"):
        lost.allocate(8)
    with pytest.raises(DeviceLostError, match="HY5012"):
        sums(instance, cluster)
    for new in ("virtual:0", "virtual:1"):
        assert sums(instance, cluster.replaced(lost, new)) == [4950] * 2


def test_closing_the_instance_while_an_executor_runs(instance: hp.Instance) -> None:
    """What was submitted is done; then the devices close. Nothing hangs."""
    cluster = instance.cluster(["cpu:0", "virtual:0"])
    module = instance.compile(TOTAL, frontend="ir")
    executor = instance.executor(cluster)
    futures = [executor.submit(module["total"], [hp.view(np.arange(200_000))]) for _ in range(4)]
    Apart(instance.close).outcome(60)
    assert [future.result(0) for future in futures] == [(19_999_900_000,)] * 4
    assert {device.state for device in cluster} == {"closed"}
    with pytest.raises(DeviceError, match="HY5002"):
        executor.submit(module["total"], [hp.view(np.arange(2))])
