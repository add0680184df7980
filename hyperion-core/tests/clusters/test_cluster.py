"""Clusters: order, equality, parts, replacement, what they say."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from typing import Any

import pytest

import hyperion as hp
from hyperion.clusters import DeviceCluster
from hyperion.errors import DeviceError
from hyperion.interfaces.cluster import ASSUMED, HOST, Cluster, Link, Topology

FAST = Link(1e-6, 1e9)


def refused(call: Callable[[], object], code: str, *texts: str) -> DeviceError:
    with pytest.raises(DeviceError) as caught:
        call()
    assert caught.value.code == code, caught.value
    for text in texts:
        assert text in str(caught.value)
    return caught.value


def test_devices_in_their_order(inst: hp.Instance) -> None:
    cluster = inst.cluster(["toy:2", "toy:0"])
    assert isinstance(cluster, Cluster)
    assert (cluster.addresses, len(cluster), list(cluster)) == (("toy:2", "toy:0"), 2, list(cluster.devices))
    assert cluster[0] is cluster["toy:2"] is cluster[-2] is inst.device("toy:2")
    assert "toy:0" in cluster
    assert cluster[0] in cluster
    assert "toy:1" not in cluster
    assert [cluster.index(w) for w in (1, -1, "toy:0", cluster[1])] == [1] * 4
    assert repr(cluster) == "<DeviceCluster toy:2 toy:0>"


def test_nothing_of_a_cluster_changes(inst: hp.Instance) -> None:
    cluster = inst.cluster(["toy:2", "toy:0"])
    with pytest.raises(FrozenInstanceError):
        cluster.devices = ()  # type: ignore[misc] - that is the point


def test_devices_that_a_cluster_lacks(inst: hp.Instance) -> None:
    cluster = inst.cluster(["toy:2", "toy:0"])
    for which in (2, -3, "toy:1", "host", inst.device("toy:1"), None, 0.5):
        refused(lambda which=which: cluster.index(which), "HY5038", "it has 0 to 1: toy:2, toy:0")
    refused(lambda: cluster["toy:7"], "HY5038", "the cluster has no device 'toy:7'")
    refused(lambda: cluster.only("toy:7"), "HY5038")
    refused(lambda: cluster.replaced("toy:7", "toy:1"), "HY5038")
    refused(lambda: cluster.link("toy:2", "toy:7"), "HY5038")


def test_equal_clusters(inst: hp.Instance) -> None:
    one, same, turned = (inst.cluster(x) for x in (["toy:0", "toy:1"], ["toy:0", "toy:1"], ["toy:1", "toy:0"]))
    linked = inst.cluster(["toy:0", "toy:1"], links={(HOST, "toy:0"): FAST})
    assert one == same
    assert len({one, same, turned, linked}) == 3
    lost: Any = one[0]
    lost.state = "lost"
    assert inst.cluster(["toy:0", "toy:1"]) != one


def test_parts_of_a_cluster(inst: hp.Instance) -> None:
    links = {("toy:0", "toy:1"): FAST, (HOST, "toy:2"): FAST}
    cluster = inst.cluster(["toy:0", "toy:1", "toy:2"], links=links)
    part = cluster.only("toy:2", 0)
    assert part.addresses == ("toy:2", "toy:0")
    assert dict(part.topology.links) == {(HOST, "toy:2"): FAST}
    assert cluster[:2].topology.link("toy:0", "toy:1") == FAST
    assert cluster[::-1].addresses == ("toy:2", "toy:1", "toy:0")
    refused(lambda: cluster[3:], "HY5030", "a cluster has at least one device")
    refused(lambda: cluster.only(), "HY5030")
    refused(lambda: cluster.only(0, "toy:0"), "HY5030", "the cluster names toy:0 twice")


def test_a_lost_device_is_replaced_by_another(inst: hp.Instance) -> None:
    cluster = inst.cluster(["toy:0", "toy:1"], links={(HOST, "toy:0"): FAST, (HOST, "toy:1"): FAST})
    lost: Any = cluster[0]
    lost.state = "lost"
    assert (cluster.lost, cluster.alive) == ((lost,), (cluster[1],))
    assert repr(cluster) == "<DeviceCluster toy:0 (lost) toy:1>"
    new = cluster.replaced("toy:0", "toy:2")
    assert (new.addresses, new.names, new.lost) == (("toy:2", "toy:1"), ("toy:2", "toy:1"), ())
    assert new.topology.host_link("toy:2") == ASSUMED, "a link of the lost one was taken for the new one's"
    assert new.topology.host_link("toy:1") == FAST
    assert cluster.addresses == ("toy:0", "toy:1")
    assert cluster.replaced(lost, inst.device("toy:3")).addresses == ("toy:3", "toy:1")
    refused(lambda: cluster.replaced(0, "toy:1"), "HY5030", "toy:1 twice")
    refused(lambda: cluster.replaced(0, "toy:4"), "HY5011", "its slot is empty")


def test_a_lost_device_is_replaced_by_itself_opened_again(inst: hp.Instance) -> None:
    cluster = inst.cluster(["toy:0", "toy:1"], links={(HOST, "toy:0"): FAST})
    lost: Any = cluster[0]
    lost.state = "lost"
    again = cluster.replaced("toy:0", "toy:0")
    assert again[0] is not lost
    assert again[0] is inst.device("toy:0")
    assert (again[0].state, again.topology) == ("open", cluster.topology)


def test_a_group_of_processors_keeps_its_name(inst: hp.Instance) -> None:
    """What two addresses mean together is their driver's; the names that were asked for still lead to the devices."""
    cluster = inst.cluster(["near:0", "toy:0", "near:1"])
    assert cluster.addresses == ("near:0/2", "toy:0", "near:1/2")
    assert cluster.names == ("near:0", "toy:0", "near:1")
    assert cluster["near:1"] is cluster["near:1/2"] is cluster[2]
    assert cluster.only("near:1")["near:1"] is cluster[2]
    lost: Any = cluster[2]
    lost.state = "lost"
    again = cluster.replaced("near:1", "near:1/2")
    assert (again.names, again["near:1"].state) == (cluster.names, "open")


def test_links_between_devices(inst: hp.Instance) -> None:
    links = {(HOST, "near:0"): FAST, ("near:1", "toy:0"): FAST}
    cluster = inst.cluster(["near:0", "toy:0", "near:1"], links=links)
    assert cluster.link("host", "near:0") == FAST
    assert cluster.link("near:1", "host") == Link(shared=True)
    assert cluster.link("near:1", "near:0") == FAST
    assert cluster.link(2, cluster[1]) == FAST
    assert cluster.link("toy:0", "near:1") == ASSUMED
    assert cluster.link("toy:0", "toy:0") == Link(shared=True)


def test_links_that_the_devices_contradict(inst: hp.Instance) -> None:
    shared = Link(shared=True)
    inst.cluster(["near:0", "near:1"], links={("near:0", "near:1"): shared, (HOST, "near:0"): shared})
    message = "near:0 and toy:0 do not share memory"
    refused(lambda: inst.cluster(["near:0", "toy:0"], links={("near:0", "toy:0"): shared}), "HY5039", message)
    refused(lambda: inst.cluster(["toy:0"], links={("toy:0", HOST): shared}), "HY5039", "toy:0 and host do not")
    unknown = {("toy:0", "toy:1"): FAST}
    refused(lambda: inst.cluster(["toy:0"], links=unknown), "HY5037", "names toy:1, which is", "it has: host, toy:0")


def test_what_is_no_list_or_no_link_is_refused(inst: hp.Instance) -> None:
    anything: Any = inst.cluster  # Any: what is wrong is given
    refused(lambda: anything({"toy:0": {"colour": "red"}}), "HY5034", "is no list of devices", "options")
    refused(lambda: anything(3), "HY5034", "3 is no list of devices")
    for links in ({("toy:0", HOST): (1, 2)}, {"toy:0": FAST}):
        refused(lambda links=links: anything(["toy:0"], links=links), "HY5034", "is no link of a cluster", "Link(")
    refused(lambda: inst.device(3), "HY5010", "there is no device 3:")  # type: ignore[arg-type] - that is the point


def test_strangers_take_part(inst: hp.Instance, toys: Any) -> None:
    """Devices that somebody else opened are taken, and stay open when the Instance is closed."""
    mine = toys.toy.open("toy:1", {})
    cluster = inst.cluster(["toy:0", mine])
    assert cluster[1] is mine
    refused(lambda: inst.cluster(["toy:1", mine]), "HY5030", "toy:1 twice")
    refused(lambda: inst.cluster([5]), "HY5034", "5 is no device of a cluster")  # type: ignore[list-item] - that is the point
    inst.close()
    assert (cluster[0].state, mine.state) == ("closed", "open")
    mine.close()
    with hp.Instance(plugins=[]) as other:
        refused(lambda: other.cluster([mine]), "HY5014", "toy:1 is closed")


def test_a_cluster_that_no_instance_made(toys: Any) -> None:
    cluster = DeviceCluster((toys.toy.open("toy:1", {}),), Topology())
    refused(lambda: cluster.replaced(0, "toy:2"), "HY5010", "'toy:2' cannot be opened", "Instance.cluster")
    assert cluster.replaced(0, toys.near.open("near:0", {})).link(0, "host").shared
    refused(lambda: DeviceCluster((), Topology()), "HY5030")


def test_what_a_cluster_says(inst: hp.Instance) -> None:
    cluster = inst.cluster(["near:0", "toy:0"], links={(HOST, "toy:0"): FAST, ("near:0", "toy:0"): Link(0.5)})
    assert cluster.describe() == "\n".join(
        [
            "cluster: 2 devices",
            "  near:0  open  1 worker  128.0 KiB  a toy",
            "  toy:0   open  1 worker  128.0 KiB  a toy",
            "links",
            "  host <-> near:0:  shared memory (described)",
            "  host -> toy:0:    1 us, 1 GB/s (described)",
            "  toy:0 -> host:    10 us, 10 GB/s (assumed)",
            "  near:0 -> toy:0:  500 ms (described)",
            "  toy:0 -> near:0:  10 us, 10 GB/s (assumed)",
        ]
    )
    said = json.loads(cluster.to_json())
    assert said == cluster.json()
    assert [d["address"] for d in said["devices"]] == ["near:0", "toy:0"]
    assert {d["state"] for d in said["devices"]} == {"open"}
    assert len(said["links"]) == 6
    assert said["links"][5] == {
        "from": "toy:0",
        "to": "near:0",
        "latency": 1e-5,
        "bandwidth": 1e10,
        "shared": False,
        "source": "assumed",
    }
    assert said["links"][3]["bandwidth"] is None


def test_a_cluster_writes_its_own_file(inst: hp.Instance, tmp_path: Any) -> None:
    links = {(HOST, "toy:0"): FAST, ("toy:0", HOST): Link(0.25, source="measured")}
    cluster = inst.cluster(["near:0", "near:1", "toy:0"], links=links)
    file = tmp_path / "cluster.toml"
    file.write_text(cluster.to_toml())
    again = inst.cluster(file)
    assert again.addresses == cluster.addresses
    assert again.link("toy:0", "host") == Link(0.25), "on another day it is a description"
    assert {way: link.seconds(99) for way, link in again.topology.links.items()} == {
        way: link.seconds(99) for way, link in cluster.topology.links.items()
    }
    file.write_text(inst.cluster(file).to_toml())
    assert inst.cluster(file) == again
