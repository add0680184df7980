"""Machine code in a module file: the sections CODE, one for each target, never compressed, so that a map of the file
is the code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate
from mmap import mmap
from typing import Any  # JSON values

from hyperion.errors import ModuleError
from hyperion.interfaces.codegen import NativeCode
from hyperion.module.canonical_json import Fields
from hyperion.module.container import ALIGNMENT


@dataclass(frozen=True, slots=True)
class CodeTable:
    """What META says of a section CODE: its target, and where each function lies in it, by offset and size."""

    target: str
    format: str
    compat: str
    functions: Mapping[str, tuple[int, int]]

    def json(self) -> dict[str, Any]:
        rows = [{"name": name, "offset": at, "size": size} for name, (at, size) in self.functions.items()]
        return {"target": self.target, "format": self.format, "compat": self.compat, "functions": rows}

    @classmethod
    def read(cls, fields: Fields) -> CodeTable:
        texts = [fields.text(name) for name in ("target", "format", "compat")]
        functions: dict[str, tuple[int, int]] = {}
        for row in fields.objects("functions"):
            functions[row.text("name")] = row.count("offset", 1 << 62), row.count("size", 1 << 62)
            row.end()
        fields.end()
        return cls(texts[0], texts[1], texts[2], functions)


@dataclass(frozen=True, slots=True)
class StoredCode:
    """The code of a module's functions for one target; `file` is the map of the file that it lies in."""

    table: CodeTable
    data: memoryview
    digest: bytes
    file: mmap | None = None

    def function(self, name: str) -> NativeCode | None:
        place = self.table.functions.get(name)
        if place is None:
            return None
        return NativeCode(self.table.format, self.table.compat, self.data[place[0] : place[0] + place[1]])

    def check(self) -> None:
        """Raises `ModuleError` (HY3017) where the bytes are no longer those whose hash was compared."""
        # Reading a map past the end of its file kills the process.
        cut = self.file is not None and self.file.size() < len(self.file)
        if cut or sha256(self.data).digest() != self.digest:
            raise ModuleError(
                "HY3017",
                f"the code for {self.table.target} changed in the file after it was loaded",
                hints=["write module files anew instead of changing them in place: module.save(path) does"],
            )


def stored_code(target: str, functions: Mapping[str, NativeCode]) -> StoredCode:
    """The code of several functions as one section, each at a multiple of 64."""
    first = next(iter(functions.values()))
    sizes = [len(code.data) for code in functions.values()]
    starts = list(accumulate((size + -size % ALIGNMENT for size in sizes), initial=0))
    data = bytearray(starts[-2] + sizes[-1])
    for start, code in zip(starts, functions.values(), strict=False):
        data[start : start + len(code.data)] = code.data
    places = {name: (start, size) for name, start, size in zip(functions, starts, sizes, strict=False)}
    table = CodeTable(target, first.format, first.compat, places)
    return StoredCode(table, memoryview(bytes(data)), sha256(data).digest())


def check_places(table: CodeTable, size: int) -> str:
    """Why the places in a section of that size are not those that `stored_code` gives; empty where they are."""
    end = 0
    for at, length in table.functions.values():
        if at != end + -end % ALIGNMENT:
            return "its functions do not lie one after the other"
        end = at + length
    return "" if end == size else "its functions do not fill it"
