"""Versions of distributions, and conditions on them: `foo<1.2`, `bar>=2,<3`, `baz`.

"Version specifiers", packaging.python.org (PEP 440), without `~=`, `===`, wildcards and local versions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_VERSION = re.compile(
    r"v?(?:(?P<epoch>\d+)!)?(?P<release>\d+(?:\.\d+)*)"
    r"(?:[-_.]?(?P<pre>a|b|c|rc|alpha|beta|pre|preview)[-_.]?(?P<pre_n>\d*))?"
    r"(?P<post>-\d+|[-_.]?(?:post|rev|r)[-_.]?\d*)?"
    r"(?P<dev>[-_.]?dev[-_.]?\d*)?(?:\+[a-z0-9._-]*)?$",
    re.IGNORECASE,
)
_REQUIREMENT = re.compile(r"\s*(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?P<conditions>.*)$")
_CONDITION = re.compile(r"\s*(?P<sign><=|>=|==|!=|<|>)\s*(?P<version>\S+)\s*$")
_STAGES = {"a": 0, "alpha": 0, "b": 1, "beta": 1, "c": 2, "rc": 2, "pre": 2, "preview": 2}

Key = tuple[int, tuple[int, ...], tuple[int, int], int, int]


@dataclass(frozen=True, slots=True)
class Requirement:
    """A distribution, of any version where there are no conditions."""

    name: str
    conditions: tuple[tuple[str, Key], ...] = ()

    def matches(self, distribution: str, version: str) -> bool:
        """Whether it speaks of this version. One that no order is defined for matches: nobody knows better."""
        if not distribution or canonical(distribution) != self.name:
            return False
        key = version_key(version)
        return key is None or all(_holds(key, sign, other) for sign, other in self.conditions)


def requirement(text: str) -> Requirement | None:
    """The requirement that `text` writes; None where it is none."""
    found = _REQUIREMENT.match(text)
    if found is None:
        return None
    conditions: list[tuple[str, Key]] = []
    for part in found["conditions"].split(",") if found["conditions"].strip() else []:
        condition = _CONDITION.match(part)
        key = version_key(condition["version"]) if condition else None
        if condition is None or key is None:
            return None
        conditions.append((condition["sign"], key))
    return Requirement(canonical(found["name"]), tuple(conditions))


def canonical(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def version_key(text: str) -> Key | None:
    """What orders versions; None for what is no version."""
    found = _VERSION.match(text.strip())
    if found is None:
        return None
    release = tuple(int(part) for part in found["release"].split("."))
    while len(release) > 1 and release[-1] == 0:
        release = release[:-1]
    post, dev = _number(found["post"]), _number(found["dev"])
    pre = (3, 0)
    if found["pre"]:
        pre = (_STAGES[found["pre"].lower()], int(found["pre_n"] or 0))
    elif dev is not None and post is None:
        pre = (-1, 0)  # 1.0.dev0 comes before 1.0a0
    return int(found["epoch"] or 0), release, pre, -1 if post is None else post, 1 << 62 if dev is None else dev


def _number(part: str | None) -> int | None:
    if part is None:
        return None
    digits = re.search(r"\d+", part)
    return int(digits[0]) if digits else 0


def _holds(key: Key, sign: str, other: Key) -> bool:
    match sign:
        case "<":
            return key < other
        case "<=":
            return key <= other
        case ">":
            return key > other
        case ">=":
            return key >= other
        case "==":
            return key == other
        case _:
            return key != other
