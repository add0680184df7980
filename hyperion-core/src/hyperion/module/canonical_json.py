"""JSON with one way to write each value: keys sorted, no spaces, ASCII, no NaN."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn, TypeVar, cast  # Any: JSON values

from hyperion.errors import ModuleError
from hyperion.module.codecs import Bytes

T = TypeVar("T")


def dumps(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def loads(data: Bytes, what: str) -> Any:  # Any: whoever reads it compares every part with what it should be
    """The value. Raises `ModuleError` (HY3012) for what is no JSON."""
    try:
        return json.loads(bytes(data), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise malformed(what, str(error)) from None


def printable(text: str) -> str:
    """The text with a replacement character for what `Fields.text` refuses."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def malformed(what: str, why: str) -> ModuleError:
    return ModuleError("HY3012", f"{what} is malformed: {why[:200]}", hints=["compile the module again"])


class Fields:
    """The members of a JSON object, each asked for with its type.

    `end` refuses those that nobody asked for, unless a newer version wrote the file (`strict` is false).
    """

    def __init__(self, value: object, what: str, strict: bool = True) -> None:
        if not isinstance(value, dict):
            raise malformed(what, f"{type(value).__name__} where an object should be")
        self._values = cast("Mapping[str, Any]", value)  # Any: a JSON value
        self._asked: set[str] = set()
        self.what = what
        self.strict = strict

    def malformed(self, why: str) -> ModuleError:
        return malformed(self.what, why)

    def get(self, name: str, kind: type[T]) -> T:
        self._asked.add(name)
        value: Any = self._values.get(name)
        if type(value) is not kind:
            raise self.malformed(f"its {name!r} is no {kind.__name__}")
        return value

    def text(self, name: str) -> str:
        """A text for people: no character in it moves the cursor, except that it may have lines."""
        value = self.get(name, str)
        if not all(c.isprintable() or c in "\n\t" for c in value):
            raise self.malformed(f"its {name!r} has control characters")
        return value

    def count(self, name: str, end: int) -> int:
        """A number from 0 to below `end`."""
        value = self.get(name, int)
        if not 0 <= value < end:
            raise self.malformed(f"its {name!r} is {value}")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        items = self._inner({str(i): item for i, item in enumerate(self._list(name))})
        return tuple(items.text(key) for key in items.names)

    def objects(self, name: str) -> list[Fields]:
        return [self._inner(item) for item in self._list(name)]

    def object(self, name: str) -> Fields:
        return self._inner(cast(object, self.get(name, dict)))

    def _list(self, name: str) -> list[object]:
        return cast("list[object]", self.get(name, list))

    def maybe(self, name: str) -> Fields | None:
        """An object, or null."""
        self._asked.add(name)
        value = self._values.get(name)
        return None if value is None and name in self._values else self._inner(value)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._values)

    def _inner(self, value: object) -> Fields:
        return Fields(value, self.what, self.strict)

    def end(self) -> None:
        unknown = self._values.keys() - self._asked
        if unknown and self.strict:
            raise self.malformed(f"it has a member {min(unknown)[:40]!r}")
