"""The entry points of installed distributions, read from their files: importing `importlib.metadata` costs more than
all else that an Instance needs to start.

The format: "Entry points specification" and "Recording installed projects", packaging.python.org. Where distributions
do not lie in folders of `sys.path`, `importlib.metadata` is asked after all.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.metadata import Distribution
    from importlib.metadata import EntryPoint as LibraryEntryPoint

_METADATA = {".dist-info": "METADATA", ".egg-info": "PKG-INFO"}


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """The name of an entry point, the module that it names, and the distribution that has it, in which folder."""

    name: str
    module: str
    distribution: str
    version: str
    place: str = field(default="", compare=False)


def entry_points(group: str) -> list[EntryPoint]:
    """The entry points of a group, in the order of their names. Of two distributions of one name the first on
    `sys.path` counts; folders without metadata, and what cannot be read, are what is left of others."""
    found = _everywhere(group) if _ordinary() else _by_the_library(group)
    return sorted(found, key=lambda point: point.name)


def _ordinary() -> bool:
    """Whether all distributions are folders in folders of `sys.path`."""
    standard = "importlib._bootstrap_external", "_frozen_importlib_external"
    for finder in sys.meta_path:
        own = getattr(finder, "find_distributions", None)
        if own is not None and getattr(finder, "__module__", "") not in standard:
            return False
    return not any(isinstance(place, str) and os.path.isfile(place) for place in sys.path)  # pyright: ignore[reportUnnecessaryIsInstance]  as below


def _everywhere(group: str) -> Iterator[EntryPoint]:
    seen: set[str] = set()
    for place in dict.fromkeys(sys.path):
        if not isinstance(place, str):  # pyright: ignore[reportUnnecessaryIsInstance]  anybody may put anything there
            continue
        try:
            names = sorted(os.listdir(place or os.curdir))
        except OSError:
            continue
        for name in names:
            stem, kind = os.path.splitext(name)
            if kind not in _METADATA or stem.startswith("~"):  # what pip failed to remove
                continue
            project = stem.partition("-")[0].lower().replace("-", "_").replace(".", "_")
            folder = os.path.join(place, name)
            if project not in seen and os.path.isfile(os.path.join(folder, _METADATA[kind])):
                seen.add(project)
                yield from _of_distribution(folder, group, _METADATA[kind])


def _of_distribution(folder: str, group: str, metadata: str) -> Iterator[EntryPoint]:
    points = list(_parsed(_lines(os.path.join(folder, "entry_points.txt")), group))
    if points:
        about = _headers(_lines(os.path.join(folder, metadata)))
        for name, module in points:
            yield EntryPoint(name, module, about.get("name", ""), about.get("version", ""), folder)


def _parsed(lines: Iterable[str], group: str) -> Iterator[tuple[str, str]]:
    section = ""
    for line in map(str.strip, lines):
        if line.startswith("["):
            section = line.strip("[] ")
        elif section == group and "=" in line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            yield name.strip(), _module_of(value)


def _module_of(value: str) -> str:
    """What an entry point names: the module, without the object in it and without extras."""
    return value.partition("[")[0].partition(":")[0].strip()


def _headers(lines: Iterable[str]) -> dict[str, str]:
    """The fields of a metadata file, which end at the first empty line."""
    found: dict[str, str] = {}
    for line in lines:
        if not line.strip():
            break
        name, colon, value = line.partition(":")
        if colon:
            found.setdefault(name.lower(), value.strip())
    return found


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.readlines()
    except OSError:
        return []


def _by_the_library(group: str) -> Iterator[EntryPoint]:
    from importlib import metadata  # on use: see above

    try:
        points = list(metadata.entry_points(group=group))
    except Exception:  # of files that are broken: the others, one by one
        try:
            points = [point for distribution in metadata.distributions() for point in _readable(distribution, group)]
        except Exception:  # of a finder that somebody put into `sys.meta_path`: what lies in folders
            yield from _everywhere(group)
            return
    for point in points:
        yield EntryPoint(point.name, _module_of(point.value), *_about(point.dist))


def _about(distribution: Distribution | None) -> tuple[str, str]:
    """Its name and version, as far as they can be read."""
    try:
        return ("", "") if distribution is None else (distribution.name or "", distribution.version or "")
    except Exception:  # the finder is anybody's: a plugin without a name is better than none of all
        return "", ""


def _readable(distribution: Distribution, group: str) -> Iterable[LibraryEntryPoint]:
    try:
        return distribution.entry_points.select(group=group)
    except Exception:
        return ()
