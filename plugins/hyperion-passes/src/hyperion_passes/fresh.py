"""Names that a function does not have yet, of values and of sizes."""

from __future__ import annotations

from collections.abc import Iterable

from hyperion.ir.function import Value
from hyperion.ir.types import ArrayType, Type


class Fresh:
    """Gives new values to a function that has `values`."""

    def __init__(self, values: Iterable[Value]) -> None:
        self._names: set[str] = set()
        self._sizes: set[str] = set()
        for v in values:
            self._names.add(v.name)
            if isinstance(v.type, ArrayType):
                self._sizes.update(size for size in v.type.shape if isinstance(size, str))

    def value(self, stem: str, kind: Type) -> Value:
        return Value(_unused(self._names, stem), kind)

    def array(self, stem: str, element: Type) -> Value:
        """An array with a size of its own."""
        return self.value(stem, ArrayType(element, (_unused(self._sizes, "m"),)))


def _unused(taken: set[str], stem: str) -> str:
    name, number = stem, 0
    while name in taken:
        number += 1
        name = f"{stem}.{number}" if stem != "m" else f"{stem}{number}"
    taken.add(name)
    return name
