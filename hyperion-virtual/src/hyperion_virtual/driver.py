"""The driver of virtual devices.

What a vendor must care about: asking opens nothing and takes no memory; an absent device has a description too, for
which code can be made; each way in which opening can fail has its code and says what to do.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Final

from hyperion.errors import DeviceError, DeviceLostError
from hyperion.interfaces.device import DeviceInfo, MemoryInfo
from hyperion_virtual.device import VirtualDevice
from hyperion_virtual.options import Options

VARIABLE: Final = "HYPERION_VIRTUAL_DEVICES"
USUAL, MOST = 4, 1024


class VirtualDriver:
    """Implements `DeviceDriver`. There are four devices, or as many as HYPERION_VIRTUAL_DEVICES says."""

    kind = "virtual"

    def devices(self) -> Sequence[DeviceInfo]:
        return tuple(_info(number, Options()) for number in range(_count()))

    def describe(self, address: str) -> DeviceInfo:
        return _info(_number(address), Options())

    def together(self, addresses: Sequence[str]) -> Sequence[str]:
        return addresses

    def open(self, address: str, options: Mapping[str, object]) -> VirtualDevice:
        """The options are those of `hyperion_virtual.options.Options`."""
        number = _number(address)
        chosen = Options.of(address, options)
        info = _info(number, chosen)
        if info.absent:
            raise DeviceError("HY5011", f"{address} is not here: {info.absent}")
        fault = chosen.faults.at("open")
        if fault is not None and fault.kind == "raise":
            raise fault.error(address)
        if fault is not None and fault.kind == "lose":
            raise DeviceLostError(
                "HY5012", f"{address} was lost while it was opened: the fault {str(fault)!r} was asked for"
            )
        device = VirtualDevice(info, chosen)
        if fault is not None:
            device.pause(fault.seconds)
        return device


def _info(number: int, options: Options) -> DeviceInfo:
    count = _count()
    absent = f"there are {count}, {VARIABLE} says how many" if number >= count else ""
    memories = (
        MemoryInfo("device", options.memory, host=False, alignment=256),
        MemoryInfo("pinned", options.pinned, host=True, alignment=64),
    )
    return DeviceInfo(
        f"virtual:{number}",
        "virtual",
        "virtual device that interprets the IR",
        workers=1,
        memory=options.memory,
        target="reference",
        identity=f"virtual-{number}",
        memories=memories,
        absent=absent,
    )


def _number(address: str) -> int:
    found = re.fullmatch(r"virtual:(0|[1-9]\d{0,8})", address, re.ASCII)
    if found is None:
        hints = ["virtual:0 is the first; an absent one is virtual:9"]
        raise DeviceError("HY5010", f"there is no device {address!r}: an address is virtual:NUMBER", hints=hints)
    return int(found[1])


def _count() -> int:
    text = os.environ.get(VARIABLE, "").strip() or str(USUAL)
    if not re.fullmatch(r"\d{1,4}", text, re.ASCII) or int(text) > MOST:
        hints = [f"unset it for {USUAL} devices"]
        raise DeviceError("HY5060", f"{VARIABLE} is {text!r}, not a number from 0 to {MOST}", hints=hints)
    return int(text)
