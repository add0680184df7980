"""What an Instance opens: devices once, lost ones again, never another one; and how it closes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

import hyperion as hp
from hyperion.errors import DeviceError, PluginError
from hyperion.interfaces.cluster import HOST, Link
from hyperion.interfaces.executor import Executor
from hyperion.interfaces.network import Network
from hyperion.testing.apart import Apart


def test_listing_opens_nothing(inst: hp.Instance, toys: Any) -> None:
    assert list(inst.devices()) == ["near:0", "near:1", "toy:0", "toy:1", "toy:2", "toy:3"]
    assert inst.describe(["toy:4", "near:0"]).missing[0].absent == "its slot is empty"
    assert toys.log == []


def test_a_driver_that_does_not_work_is_listed_with_its_reason(
    toys: Any, make_plugin: Callable[..., ModuleType]
) -> None:
    def broken() -> Any:
        raise OSError("libtoy.so: cannot open shared object file")

    class Failing:
        kind = "failing"
        describe = together = open = lambda self, *_: None  # type: ignore[misc] - none is called

        def devices(self) -> Any:
            raise ValueError("no bus")

    table = {**toys.table(), "broken": broken, "failing": Failing}
    with hp.Instance(plugins=[make_plugin("toys", hyperion_devices=lambda: table)]) as instance:
        infos = instance.devices()
        assert len(infos) == 8
        assert "HY1005" in infos["broken:0"].absent
        assert "cannot open shared object file" in infos["broken:0"].absent
        assert infos["failing:0"].absent == "its driver does not work: ValueError: no bus"


def test_a_device_is_opened_once_and_again_where_it_was_lost(inst: hp.Instance, toys: Any) -> None:
    first: Any = inst.device("toy:0")
    assert inst.device("toy:0") is first
    first.state = "lost"
    again = inst.device("toy:0")
    assert again is not first
    assert again.state == "open"
    inst.close()
    assert toys.log == ["opened toy:0", "opened toy:0", "closed toy:0", "closed toy:0"]


def test_options_of_an_open_device(inst: hp.Instance) -> None:
    device = inst.device("toy:0", size=5)
    assert device is inst.device("toy:0", size=5) is inst.device("toy:0")
    inst.device("toy:1")
    for address, text in (("toy:0", "with {'size': 5}, not with {'size': 6}"), ("toy:1", "without options, not with")):
        with pytest.raises(DeviceError) as caught:
            inst.device(address, size=6)
        assert (caught.value.code, text in str(caught.value)) == ("HY5018", True), caught.value
    with pytest.raises(DeviceError, match="HY5013"):
        inst.device("toy:2", colour="red")


def test_a_device_that_was_lost_keeps_its_options(inst: hp.Instance) -> None:
    for given, size in (({"size": 5}, 5), ({}, 5), ({"size": 6}, 6), ({}, 6)):
        device: Any = inst.device("toy:0", **given)
        assert device.size == size
        device.state = "lost"
    device = inst.device("toy:0")
    device.close()
    again: Any = inst.device("toy:0")
    assert again.size is None, "who closes a device opens a new one"


@pytest.mark.parametrize("address", ["toy", "toy:", "", ":0", "tow:1", "toy:5", "toy:-1"])
def test_addresses_that_nothing_has(inst: hp.Instance, address: str) -> None:
    for call in (inst.device, lambda a: inst.cluster([a]), lambda a: inst.describe([a])):
        with pytest.raises(DeviceError) as caught:
            call(address)
        assert caught.value.code == "HY5010"
        assert repr(address) in caught.value.message
    if address == "tow:1":
        assert "did you mean toy:1?" in str(caught.value)


def test_a_device_is_never_replaced_by_another_in_silence(inst: hp.Instance, toys: Any) -> None:
    toys.toy.opens = lambda address: "toy:3"
    with pytest.raises(PluginError, match="HY1006: the driver of toy:0 opened toy:3"):
        inst.device("toy:0")
    assert toys.log == ["opened toy:0", "closed toy:3"]


@pytest.mark.parametrize(
    ("method", "does", "message"),
    [
        ("open", lambda address, options: None, "HY1006: the driver of toy:0 opened what is no Device: None"),
        ("open", lambda address, options: {}["bus"], "HY5011: toy:0 does not open: KeyError: 'bus'"),
        ("together", lambda addresses: [], "HY1006: the driver of toy:0 takes 1 devices for 0"),
        ("together", lambda addresses: None, "HY1006: the driver of toy:0 raised TypeError: 'NoneType' object is not"),
        ("describe", lambda address: {}["bus"], "HY1006: the driver of toy:0 raised KeyError: 'bus'"),
    ],
)
def test_drivers_that_do_not_do_what_they_should(
    inst: hp.Instance, toys: Any, method: str, does: Any, message: str
) -> None:
    setattr(toys.toy, method, does)
    with pytest.raises((DeviceError, PluginError)) as caught:
        inst.cluster(["toy:0"])
    assert str(caught.value).startswith(message)


def test_a_driver_that_describes_another_device(inst: hp.Instance, toys: Any) -> None:
    describe = toys.toy.describe
    toys.toy.describe = lambda address: describe("toy:1")
    with pytest.raises(PluginError, match="HY1006: the driver of toy:0 describes toy:1"):
        inst.cluster(["toy:0"])


def test_all_that_are_missing_are_named_before_anything_is_opened(inst: hp.Instance, toys: Any) -> None:
    with pytest.raises(DeviceError) as caught:
        inst.cluster(["toy:0", "toy:4", "near:2"])
    assert caught.value.code == "HY5011"
    assert "2 of the cluster's 3 devices are not here" in caught.value.message
    assert caught.value.notes == ("toy:4: its slot is empty", "near:2: its slot is empty")
    assert toys.log == []
    with pytest.raises(DeviceError) as caught:
        inst.cluster(["toy:0", "toy:9", "tow:1"])
    assert [(e.code, e.message.split(":")[0]) for e in caught.value.errors] == [
        ("HY5010", "there is no device 'tow"),
    ]
    with pytest.raises(DeviceError) as caught:
        inst.cluster(["toy:8", "toy:9"])
    assert len(caught.value.errors) == 2


def test_a_cluster_that_is_not_here_is_described(inst: hp.Instance, toys: Any) -> None:
    described = inst.describe(["near:0", "near:1", "toy:4"], links={(HOST, "toy:4"): Link(1e-6, 1e9)})
    assert [info.address for info in described.devices] == ["near:0/2", "near:1/2", "toy:4"]
    assert [info.address for info in described.missing] == ["toy:4"]
    assert "toy:4     absent  1 worker  128.0 KiB  its slot is empty" in described.describe()
    assert "host -> toy:4:      1 us, 1 GB/s (described)" in described.describe()
    assert described.json()["devices"][2]["absent"] == "its slot is empty"  # type: ignore[index] - a list of dicts
    assert 'from = "host"\nto = "toy:4"' in described.to_toml()
    assert toys.log == []


def test_the_configured_device(toys: Any, make_plugin: Callable[..., ModuleType]) -> None:
    plugin = make_plugin("toys", hyperion_devices=lambda: toys.table())
    with hp.Instance(plugins=[plugin], config={"device": "toy:2"}) as instance:
        assert instance.cluster().addresses == ("toy:2",)


def test_one_device_for_all_threads(inst: hp.Instance, in_threads: Any) -> None:
    assert len(set(map(id, in_threads(lambda: inst.device("toy:0"), 8)))) == 1


def test_a_slow_driver_keeps_no_one_else_waiting(inst: hp.Instance, toys: Any) -> None:
    entered, go = threading.Event(), threading.Event()

    def slowly(address: str) -> str:
        if address == "toy:0":
            entered.set()
            assert go.wait(10)
        return address

    toys.toy.opens = slowly
    opening = Apart(lambda: inst.device("toy:0"))
    assert entered.wait(10)
    assert Apart(lambda: inst.device("toy:1")).outcome(5), "opening toy:1 waited for toy:0"
    go.set()
    assert opening.outcome()


def test_what_is_opened_while_the_instance_closes_is_closed(inst: hp.Instance, toys: Any) -> None:
    def closing(address: str) -> str:
        inst.close()
        return address

    toys.toy.opens = closing
    with pytest.raises(PluginError, match="HY1008"):
        inst.device("toy:0")
    assert toys.log == ["opened toy:0", "closed toy:0"]
    for call in (inst.devices, lambda: inst.device("toy:0"), inst.cluster, lambda: inst.describe(["toy:0"])):
        with pytest.raises(PluginError, match="HY1008"):
            call()


class Thing:
    """An executor or an end of a network."""

    def __init__(self, name: str, log: list[str], error: BaseException | None = None) -> None:
        self.name, self.log, self.error = name, log, error
        self.closed = False

    def close(self) -> None:
        self.log.append(self.name)
        self.closed = True
        if self.error is not None:
            raise self.error

    def unused(self, *given: object) -> None: ...


for _member in (*vars(Executor), *vars(Network)):
    if _member in ("__enter__", "__exit__") or not (_member.startswith("_") or hasattr(Thing, _member)):
        setattr(Thing, _member, Thing.unused)


class Maker:
    """A factory of executors, and of networks."""

    def __init__(self, log: list[str], error: BaseException | None = None) -> None:
        self.log, self.error = log, error

    def create(self, cluster: Any, services: Any, options: Any) -> Thing:
        return Thing(f"executor on {cluster.addresses[0]}", self.log, self.error)

    def connect(self, size: int) -> list[Thing]:
        return [Thing(f"network {rank}", self.log, self.error) for rank in range(size)]


def with_things(toys: Any, make_plugin: Callable[..., ModuleType], error: BaseException | None) -> hp.Instance:
    good, bad = Maker(toys.log), Maker(toys.log, error)
    hooks: dict[str, Any] = {
        "hyperion_devices": lambda: toys.table(),
        "hyperion_executors": lambda: {"cluster": lambda: good, "bad": lambda: bad},
        "hyperion_networks": lambda: {"in-process": lambda: good, "bad": lambda: bad},
    }
    return hp.Instance(plugins=[make_plugin("toys", **hooks)])


def test_executors_close_before_networks_and_these_before_devices(
    toys: Any, make_plugin: Callable[..., ModuleType]
) -> None:
    instance = with_things(toys, make_plugin, OSError("gone"))
    instance.executor(["toy:0"])
    instance.networks(2)
    instance.executor(["toy:1"], "bad")
    instance.networks(1, "bad")
    instance.device("near:0")
    toys.log.clear()
    with pytest.raises(ExceptionGroup, match="the rest is closed") as caught:
        instance.close()
    assert [str(e) for e in caught.value.exceptions] == ["gone", "gone"]
    assert toys.log == [
        *("executor on toy:1", "executor on toy:0"),
        *("network 0", "network 1", "network 0"),
        *("closed near:0", "closed toy:1", "closed toy:0"),
    ]
    instance.close()


def test_a_ctrl_c_while_closing_closes_the_rest_first(toys: Any, make_plugin: Callable[..., ModuleType]) -> None:
    instance = with_things(toys, make_plugin, KeyboardInterrupt())
    instance.executor(["toy:0"], "bad")
    with pytest.raises(KeyboardInterrupt):
        instance.close()
    assert toys.log == ["opened toy:0", "executor on toy:0", "closed toy:0"]


def test_executors_that_were_closed_are_forgotten(toys: Any, make_plugin: Callable[..., ModuleType]) -> None:
    with with_things(toys, make_plugin, None) as instance:
        for _ in range(100):
            instance.executor(["toy:0"]).close()
        toys.log.clear()
    assert toys.log == ["executor on toy:0", "closed toy:0"]


def test_what_is_no_executor_and_no_network_is_told_so(toys: Any, make_plugin: Callable[..., ModuleType]) -> None:
    class Wrong:
        def create(self, cluster: Any, services: Any, options: Any) -> int:
            return 3

        def connect(self, size: int) -> list[str]:
            return ["an end"]

    hooks: dict[str, Any] = {
        "hyperion_devices": lambda: toys.table(),
        "hyperion_executors": lambda: {"wrong": Wrong},
        "hyperion_networks": lambda: {"wrong": Wrong},
    }
    with hp.Instance(plugins=[make_plugin("toys", **hooks)]) as instance:
        with pytest.raises(PluginError, match="HY1006: the executors 'wrong' made what is no Executor: 3"):
            instance.executor(["toy:0"], "wrong")
        with pytest.raises(PluginError, match="it lacks cluster, execute, submit, plan, closed, close"):
            instance.executor(["toy:0"], "wrong")
        with pytest.raises(PluginError, match="HY1006: the networks 'wrong' made what is no Network: 'an end'"):
            instance.networks(1, "wrong")


def test_a_list_of_what_is_no_device_is_an_absent_device(inst: hp.Instance, toys: Any) -> None:
    toys.toy.devices = lambda: ["toy:0"]
    infos = inst.devices()
    assert infos["toy:0"].absent == (
        "its driver does not work: TypeError: `devices` gave ['toy:0'], which are not all DeviceInfo"
    )
    assert "near:0" in infos
