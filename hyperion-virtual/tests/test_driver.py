"""The driver: what there is, what can be asked for, and what is refused."""

from __future__ import annotations

import threading
from typing import Any

import pytest

import hyperion as hp
from hyperion.errors import DeviceError
from hyperion_virtual.driver import VARIABLE, VirtualDriver


def test_there_are_four_and_asking_opens_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    before = set(threading.enumerate())
    driver = VirtualDriver()
    assert [info.address for info in driver.devices()] == [f"virtual:{n}" for n in range(4)]
    assert len({info.identity for info in driver.devices()}) == 4
    assert {info.target for info in driver.devices()} == {"reference"}
    assert not [t for t in threading.enumerate() if t.name.startswith("virtual") and t not in before]


def test_the_environment_says_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = VirtualDriver()
    for text, count in (("0", 0), (" 7 ", 7), ("", 4)):
        monkeypatch.setenv(VARIABLE, text)
        assert len(driver.devices()) == count
    monkeypatch.setenv(VARIABLE, "1")
    assert driver.describe("virtual:1").absent == f"there are 1, {VARIABLE} says how many"
    with pytest.raises(DeviceError, match="virtual:1 is not here: there are 1") as caught:
        driver.open("virtual:1", {})
    assert caught.value.code == "HY5011"


@pytest.mark.parametrize("text", ["many", "-1", "1.5", "²", "1025"])
def test_another_number_in_the_environment_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(DeviceError, match=f"{VARIABLE} is '{text}', not a number from 0 to 1024") as caught:
        VirtualDriver().devices()
    assert caught.value.code == "HY5060"


@pytest.mark.parametrize("number", ["01", "1 ", "²", "1_0", "9" * 5000])
def test_numbers_that_look_like_others_are_refused(number: str) -> None:
    with pytest.raises(DeviceError) as caught:
        VirtualDriver().describe(f"virtual:{number}")
    assert caught.value.code == "HY5010"


def test_options_change_what_a_device_has() -> None:
    device = VirtualDriver().open("virtual:2", {"memory": 1000, "pinned": 0})
    assert (device.info.memory, [m.nbytes for m in device.info.memories]) == (1000, [1000, 0])
    device.close()


def test_an_option_that_is_misspelt_is_named() -> None:
    with pytest.raises(DeviceError) as caught:
        VirtualDriver().open("virtual:0", {"memroy": 1})
    assert caught.value.code == "HY5013"
    assert caught.value.hints[0] == "did you mean memory?"
    assert "asynchronous" in caught.value.hints[1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("memory", -1),
        ("memory", 1.5),
        ("memory", True),
        ("pinned", "1 GiB"),
        ("latency", -0.1),
        ("latency", float("nan")),
        ("seconds", float("inf")),
        ("seconds", "long"),
        ("bandwidth", 0),
        ("bandwidth", float("nan")),
        ("asynchronous", 1),
        ("faults", 3),
        ("faults", None),
    ],
)
def test_values_that_cannot_be_are_refused(name: str, value: Any) -> None:
    with pytest.raises(DeviceError, match=f"virtual:0 cannot have {name} = ") as caught:
        VirtualDriver().open("virtual:0", {name: value})
    assert caught.value.code == "HY5060"
    assert caught.value.hints[0].startswith(f"{name} is ")


def test_an_instance_lists_opens_and_closes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with hp.Instance(plugins=["virtual"]) as instance:
        assert "virtual:3" in instance.devices()
        device = instance.device("virtual:1", memory=1 << 20)
        assert instance.device("virtual:1") is device
        with pytest.raises(DeviceError) as caught:
            instance.device("virtual:1", memory=1 << 21)
        assert caught.value.code == "HY5018"
    assert device.state == "closed"


def test_an_executor_runs_on_one() -> None:
    with hp.Instance(plugins=["cluster", "cpu", "interp", "virtual"]) as instance:
        module = instance.compile("func @f(%x: i64) -> i64 { %y = mul.trap %x, %x : i64 return %y }", frontend="ir")
        with instance.executor(["virtual:0"]) as executor:
            assert executor.execute(module["f"], [12]) == (144,)
