"""Machine code in a module file: the sections CODE, one for each target, never compressed, so that a map of the file
is the code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from mmap import mmap
from typing import Any  # JSON values

from hyperion.errors import ModuleError
from hyperion.interfaces.codegen import NativeCode
from hyperion.module.canonical_json import Fields
from hyperion.module.container import ALIGNMENT


@dataclass(frozen=True, slots=True)
class Place:
    """Where the code of one function lies in its section, and what it relies on (`NativeCode.compat`)."""

    offset: int
    size: int
    compat: str


@dataclass(frozen=True, slots=True)
class CodeTable:
    """What META says of a section CODE: its target, the format of the code, and the place of each function."""

    target: str
    format: str
    functions: Mapping[str, Place]

    def json(self) -> dict[str, Any]:
        rows = [
            {"name": name, "offset": p.offset, "size": p.size, "compat": p.compat} for name, p in self.functions.items()
        ]
        return {"target": self.target, "format": self.format, "functions": rows}

    @classmethod
    def read(cls, fields: Fields) -> CodeTable:
        target, form = fields.text("target"), fields.text("format")
        functions: dict[str, Place] = {}
        for row in fields.objects("functions"):
            place = Place(row.count("offset", 1 << 62), row.count("size", 1 << 62), row.text("compat"))
            functions[row.text("name")] = place
            row.end()
        fields.end()
        return cls(target, form, functions)


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
        return NativeCode(self.table.format, place.compat, self.data[place.offset : place.offset + place.size])

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
    """The code of several functions of one format as one section, each at a multiple of 64."""
    data = bytearray()
    places: dict[str, Place] = {}
    for name, code in functions.items():
        data += bytes(-len(data) % ALIGNMENT)
        places[name] = Place(len(data), len(code.data), code.compat)
        data += code.data
    table = CodeTable(target, next(iter(functions.values())).format, places)
    return StoredCode(table, memoryview(bytes(data)), sha256(data).digest())


def check_places(table: CodeTable, size: int) -> str:
    """Why the places in a section of that size are not those that `stored_code` gives; empty where they are."""
    end = 0
    for place in table.functions.values():
        if place.offset != end + -end % ALIGNMENT:
            return "its functions do not lie one after the other"
        end = place.offset + place.size
    return "" if end == size else "its functions do not fill it"
