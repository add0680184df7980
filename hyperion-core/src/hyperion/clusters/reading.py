"""Reads the description of a cluster from a TOML file (https://toml.io/en/v1.0.0)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from difflib import get_close_matches
from pathlib import Path
from typing import Final, cast

from hyperion._toml import loads
from hyperion.clusters.description import DescribedDevice, DescribedLink, Description, raise_all
from hyperion.clusters.places import Places
from hyperion.clusters.units import bandwidth_of, seconds_of
from hyperion.errors import DeviceError, Span
from hyperion.interfaces.cluster import HOST, Link

_KEYS: Final[Mapping[str, Mapping[str, type[object]]]] = {
    "": {"name": str, "device": list, "link": list},
    "device": {"address": str, "options": dict},
    "link": {"between": list, "from": str, "to": str, "latency": object, "bandwidth": object, "shared": bool},
}
"""The keys of each table and their types; those of latency and bandwidth are `units`'."""
_NAMES: Final[Mapping[type[object], str]] = {
    str: "a text",
    list: "one or several tables in double brackets, such as [[device]]",
    tuple: 'a list of two addresses, such as ["host", "virtual:0"]',
    dict: "a table",
    bool: "true or false",
}
_WHERE: Final = re.compile(r"\(at line (\d+), column (\d+)\)")


def read_description(path: str | os.PathLike[str]) -> Description:
    """Raises `DeviceError`: HY5031 for a file that cannot be read, and as `parsed` does."""
    try:
        text = Path(path).read_bytes().decode()
    except UnicodeDecodeError as error:
        raise DeviceError("HY5032", f"{os.fspath(path)} is not UTF-8, at byte {error.start}") from error
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        hints = [f'for a device, give a list: cluster(["{path}"])'] if ":" in os.fspath(path) else []
        hints.append("name a TOML file that describes a cluster")
        message = f"the description of a cluster {os.fspath(path)!r} cannot be read: {why}"
        raise DeviceError("HY5031", message, hints=hints) from error
    return parsed(text, os.fspath(path))


def parsed(text: str, file: str = "<cluster>") -> Description:
    """The description that the text says; messages call it `file`.

    Raises `DeviceError`: HY5032 where it is not TOML, HY5033 for unknown keys, HY5034 for values of the wrong kind,
    HY5035 for keys that are missing, all found at once; then as `Description` does.
    """
    try:
        document = loads(text)
    except ValueError as error:
        found = _WHERE.search(str(error))
        lines = text.split("\n")
        line, column = (int(found[1]), int(found[2])) if found else (len(lines), len(lines[-1]) + 1)
        span = Places(text, file).at(line, column, column + 1)
        message = f"this is not TOML: {_WHERE.sub('', str(error)).strip()}"
        raise DeviceError("HY5032", message, span, hints=["see https://toml.io/en/v1.0.0"]) from None
    return _Reader(Places(text, file), file).description(document)


def _is(value: object, kind: type[object]) -> bool:
    return isinstance(value, kind)


class _Reader:
    """Collects mistakes, so that all of them are told at once."""

    def __init__(self, places: Places, file: str) -> None:
        self._places = places
        self._whole = Span(file, 1, 1, 1, 1)
        self._errors: list[DeviceError] = []

    def description(self, document: Mapping[str, object]) -> Description:
        top = self._checked("", 0, document)
        devices = [self._device(n, table) for n, table in self._tables(top, "device")]
        links = [link for n, table in self._tables(top, "link") for link in self._links(n, table)]
        raise_all(self._errors)
        try:
            return Description(tuple(d for d in devices if d), tuple(links), cast(str, top.get("name", "")))
        except DeviceError as error:
            error.span = error.span or self._whole
            raise

    def _tables(self, top: Mapping[str, object], key: str) -> Iterator[tuple[int, Mapping[str, object]]]:
        for number, table in enumerate(cast("list[object]", top.get(key, []))):
            if isinstance(table, dict):
                yield number, cast("Mapping[str, object]", table)
            else:
                self._wrong(key, number, "", table, _NAMES[list])

    def _device(self, number: int, table: Mapping[str, object]) -> DescribedDevice | None:
        known = self._checked("device", number, table)
        if "address" not in table:
            self._missing("device", number, "address", 'address = "cpu:0"')
        if "address" not in known:
            return None
        options = cast("Mapping[str, object]", known.get("options", {}))
        place = self._places.key("device", number, "address")
        return DescribedDevice(cast(str, known["address"]), options, span=place)

    def _links(self, number: int, table: Mapping[str, object]) -> list[DescribedLink]:
        known = self._checked("link", number, table)
        link = self._link(number, known)
        ends = self._ends(number, table.keys(), known)
        place = self._places.key("link", number, "")
        return [DescribedLink(a, b, link, place) for a, b in ends] if link else []

    def _ends(self, number: int, given: Set[str], known: Mapping[str, object]) -> Sequence[tuple[str, str]]:
        """The pairs of addresses that the link leads from and to; none where they are not said well."""
        ways = given & {"between", "from", "to"}
        if ways == {"between"}:
            match known.get("between"):
                case [str(one), str(other)]:
                    return ((one, other), (other, one))
                case None:
                    pass  # it is no list, which is said already
                case other:
                    self._wrong("link", number, "between", other, _NAMES[tuple])
        elif ways == {"from", "to"}:
            if ways <= known.keys():
                return ((cast(str, known["from"]), cast(str, known["to"])),)
        elif "between" in ways:
            hints = ["`between` holds in both directions, `from` and `to` in one"]
            self._add("HY5034", "a link says twice where it leads", "link", number, "between", hints)
        elif ways:
            other = "to" if "from" in ways else "from"
            end = "virtual:0" if HOST in known.values() else HOST
            self._missing("link", number, other, f'{other} = "{end}"')
        else:
            self._missing("link", number, "between", 'between = ["host", "virtual:0"]')
        return ()

    def _link(self, number: int, known: Mapping[str, object]) -> Link | None:
        if not {"latency", "bandwidth", "shared"} & known.keys():
            self._missing("link", number, "latency", 'latency = "5 us", bandwidth = "10 GB/s", or shared = true')
            return None
        key = "latency"
        try:
            latency = seconds_of(known.get(key, 0.0))
            key = "bandwidth"
            bandwidth = bandwidth_of(known.get(key, float("inf")))
            key = "latency" if latency else key
            return Link(latency, bandwidth, cast(bool, known.get("shared", False)))
        except DeviceError as error:
            error.span = self._places.key("link", number, key) or self._whole
            self._errors.append(error)
            return None

    def _checked(self, table: str, number: int, given: Mapping[str, object]) -> dict[str, object]:
        """Those of the keys that there are, with values of their types."""
        known = _KEYS[table]
        good: dict[str, object] = {}
        for key, value in given.items():
            if key not in known:
                hints = [f"did you mean {near!r}?" for near in get_close_matches(key, known, n=1)]
                hints.append(f"known are: {', '.join(known)}")
                where = f"[[{table}]]" if table else "the description of a cluster"
                self._add("HY5033", f"{where} has no key {key!r}", table, number, key, hints)
            elif not _is(value, known[key]):
                self._wrong(table, number, key, value, _NAMES[tuple if key == "between" else known[key]])
            else:
                good[key] = value
        return good

    def _wrong(self, table: str, number: int, key: str, value: object, wanted: str) -> None:
        self._add("HY5034", f"{key or table!r} is {wanted}, not {value!r}", table, number, key, [])

    def _missing(self, table: str, number: int, key: str, example: str) -> None:
        self._add("HY5035", f"[[{table}]] lacks {key!r}", table, number, key, [f"add {example}"])

    def _add(self, code: str, message: str, table: str, number: int, key: str, hints: Sequence[str]) -> None:
        place = self._places.key(table, number, key) or self._whole
        self._errors.append(DeviceError(code, message, place, hints=hints))
