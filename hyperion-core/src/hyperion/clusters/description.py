"""What a user says of a cluster: its devices, and links between them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from hyperion.errors import DeviceError, Span
from hyperion.interfaces.cluster import HOST, Link
from hyperion.interfaces.device import Device, DeviceInfo


@dataclass(frozen=True, slots=True)
class DescribedDevice:
    """A device by its address and the options to open it with, or one that is open already."""

    address: str
    options: Mapping[str, object] = field(default_factory=dict[str, object])
    device: Device | None = field(default=None, compare=False)
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class DescribedLink:
    """A link from one address to another; either may be `host`."""

    source: str
    target: str
    link: Link
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Description:
    """Devices in their order, links by their addresses.

    Raises `DeviceError`: HY5030 without a device or with one twice, HY5036 for two links of one direction, HY5037 for a
    link to a device that is not named, HY5039 for one to itself. All mistakes are found at once.
    """

    devices: tuple[DescribedDevice, ...]
    links: tuple[DescribedLink, ...] = ()
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "links", tuple(sorted(self.links, key=lambda x: (x.source, x.target))))
        raise_all([*_device_mistakes(self.devices), *_link_mistakes(self.devices, self.links)])

    def to_toml(self) -> str:
        """The text of a file that says the same."""
        return "\n".join(_toml(self))


def raise_all(errors: Sequence[DeviceError]) -> None:
    """Raises the error, or one that holds all of them; what is said twice of one place, as of both directions of a
    link, counts once."""
    errors = list({(error.code, error.message, error.span): error for error in errors}.values())
    if len(errors) == 1:
        raise errors[0]
    if errors:
        message = f"{len(errors)} mistakes; the first: {errors[0].message}"
        raise DeviceError(errors[0].code, message, errors[0].span, errors=errors)


def _device_mistakes(devices: Sequence[DescribedDevice]) -> Iterator[DeviceError]:
    if not devices:
        hints = ['name at least one, such as "cpu:0"']
        yield DeviceError("HY5030", "a cluster has at least one device", hints=hints)
    yield from twice([d.address for d in devices], devices)


def twice(addresses: Sequence[str], devices: Sequence[DescribedDevice]) -> Iterator[DeviceError]:
    """An error for each device whose address stands before it."""
    for number, (address, device) in enumerate(zip(addresses, devices, strict=True)):
        if address in addresses[:number]:
            yield DeviceError("HY5030", f"the cluster names {address} twice", device.span)


def made_of_the_same(infos: Sequence[DeviceInfo], spans: Sequence[Span | None]) -> Iterator[DeviceError]:
    """An error for each device that has parts of one before it, at the span of its place."""
    for number, (info, span) in enumerate(zip(infos, spans, strict=True)):
        for other in infos[:number]:
            shared = [part for part in other.parts if part in info.parts]
            if shared:
                what = f"the cluster has {other.address} and {info.address}, which are both made of {_listed(shared)}"
                hints = ['leave one out; cluster(["cpu:0", "cpu:1"]) has halves of the processors']
                yield DeviceError("HY5030", what, span, hints=hints)


def _listed(parts: Sequence[str]) -> str:
    """`processor 3`, `processors 2,3`"""
    kinds = {part.rpartition(" ")[0] for part in parts}
    if len(parts) == 1 or len(kinds) != 1:
        return ", ".join(parts)
    return f"{kinds.pop()}s {','.join(part.rpartition(' ')[2] for part in parts)}"


def _link_mistakes(devices: Sequence[DescribedDevice], links: Sequence[DescribedLink]) -> Iterator[DeviceError]:
    known = [HOST, *(d.address for d in devices)]
    seen: dict[tuple[str, str], DescribedLink] = {}
    for link in links:
        for end in dict.fromkeys((link.source, link.target)):
            if end not in known:
                message = f"a link names {end}, which is no device of this cluster"
                yield DeviceError("HY5037", message, link.span, hints=[f"it has: {', '.join(known)}"])
        if link.source == link.target:
            yield DeviceError("HY5039", f"a link leads from {link.source} to itself", link.span)
            continue
        first = seen.setdefault((link.source, link.target), link)
        if first is not link:
            notes = [f"the first is at {first.span}"] if first.span else []
            message = f"the link from {link.source} to {link.target} is described twice"
            yield DeviceError("HY5036", message, link.span, notes=notes, hints=["leave one of them out"])


def _toml(said: Description) -> Iterator[str]:
    if said.name:
        yield f"name = {_value(said.name)}\n"
    for device in said.devices:
        yield f"[[device]]\naddress = {_value(device.address)}"
        if device.options:
            yield f"options = {_value(device.options)}"
        yield ""
    links = {(d.source, d.target): d.link for d in said.links}
    for (source, target), link in links.items():
        back = links.get((target, source))
        if back == link and source > target:
            continue  # said with the other direction
        ends = (
            f"between = {_value([source, target])}"
            if back == link
            else f"from = {_value(source)}\nto = {_value(target)}"
        )
        yield f"[[link]]{'  # measured' if link.source == 'measured' else ''}\n{ends}"
        if link.shared:
            yield "shared = true\n"
        else:
            yield f"latency = {_value(float(link.latency))}\nbandwidth = {_value(float(link.bandwidth))}\n"


_ESCAPED = re.compile("[\x7f-\x9f]")


def _value(value: object) -> str:
    """TOML 1.0 text of a value."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return ("-inf" if value < 0 else "inf") if math.isinf(value) else repr(value)
        case str():
            return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04X}", json.dumps(value, ensure_ascii=False))
        case Mapping():
            items = cast("Mapping[object, object]", value).items()
            return "{" + ", ".join(f"{_value(str(k))} = {_value(v)}" for k, v in items) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(_value, cast("Sequence[object]", value))) + "]"
        case _:
            kind = type(value).__name__
            raise DeviceError("HY5034", f"a file of a cluster cannot say {value!r}: TOML has no {kind}")
