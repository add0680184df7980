"""A reader of module files by docs/reference/module-files.md alone: it shares no code with Hyperion.

It gives the IR as nested lists; nothing is verified.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from collections.abc import Iterator
from typing import Any

WIDTHS = {1: "B", 2: "H", 4: "I", 8: "Q"}


def sections(data: bytes) -> dict[str, bytes]:
    magic, major, _, flags, count, table, length, digest = struct.unpack_from("<8sHHIIQQ32s", data)
    assert (magic, major, flags, table, length) == (b"\x89HYM\r\n\x1a\n", 1, 0, 68, len(data))
    assert hashlib.sha256(data[:36] + bytes(32) + data[68 : 68 + 64 * count]).digest() == digest
    found: dict[str, bytes] = {}
    end = 68 + 64 * count
    for i in range(count):
        kind, codec, flags, offset, stored, raw, digest = struct.unpack_from("<4sHHQQQ32s", data, 68 + 64 * i)
        assert offset == -(-end // 64) * 64
        assert not any(data[end:offset])
        payload = data[offset : offset + stored]
        assert hashlib.sha256(payload).digest() == digest
        name = kind.rstrip(b"\0").decode()
        assert flags == (name not in ("SPAN", "CODE"))
        found[name] = payload if codec == 0 else zlib.decompress(payload)
        assert len(found[name]) == raw
        end = offset + stored
    assert end == len(data)
    return found


class Words:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        self.at += count
        return self.data[self.at - count : self.at]

    def uint(self) -> int:
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value += (byte % 128) << shift
            shift += 7
            if byte < 128:
                return value

    def column(self, count: int) -> list[int]:
        width = self.take(1)[0]
        return list(struct.unpack(f"<{count}{WIDTHS[width]}", self.take(count * width)))

    def counted(self) -> list[int]:
        return self.column(self.uint())

    def texts(self) -> list[str]:
        lengths = self.counted()
        blob = self.take(self.uint()).decode("utf-8", "surrogatepass")
        found = [blob[sum(lengths[:i]) : sum(lengths[: i + 1])] for i in range(len(lengths))]
        assert "".join(found) == blob
        return found


def programs(data: bytes) -> list[dict[str, Any]]:
    words = Words(data)
    assert words.uint() == 1
    texts = words.texts()
    types: list[str] = []
    for _ in range(words.uint()):
        form = words.uint()
        if form in (0, 3):
            types.append(texts[words.uint()])
        elif form == 1:
            element = types[words.uint()]
            sizes = [words.uint() for _ in range(words.uint())]
            types.append(f"{element}[{', '.join(texts[s // 2] if s % 2 else str(s // 2) for s in sizes)}]")
        else:
            types.append(f"({', '.join(types[words.uint()] for _ in range(words.uint()))})")
    ops = [texts[t] for t in words.counted()]
    count = words.uint()
    forms, payloads = words.column(count), words.column(count)
    tuples = list(rows(words, 1))
    values: list[object] = []
    for form, payload in zip(forms, payloads, strict=True):
        values.append(
            [
                lambda p: p == 1,
                lambda p: p // 2 if p % 2 == 0 else -(p + 1) // 2,
                lambda p: int(texts[p], 16),
                lambda p: struct.unpack("<d", struct.pack("<Q", p))[0],
                lambda p: texts[p],
                lambda p: tuple(values[i] for (i,) in tuples[p]),
            ][form](payload)
        )
    attributes = [[(texts[n], values[v]) for n, v in row] for row in rows(words, 2)]
    functions = [function(words, texts, types, ops, attributes) for _ in range(words.uint())]
    found: list[dict[str, Any]] = []
    for _ in range(words.uint()):
        entry = words.uint()
        members = [functions[n] for n in words.counted()]
        found.append({"entry": members[entry]["name"], "functions": members})
    assert words.at == len(data)
    return found


def rows(words: Words, columns: int) -> Iterator[list[tuple[int, ...]]]:
    lengths = words.counted()
    flat = list(zip(*(words.column(sum(lengths)) for _ in range(columns)), strict=True))
    for length in lengths:
        yield flat[:length]
        del flat[:length]


def function(
    words: Words, texts: list[str], types: list[str], ops: list[str], attributes: list[list[tuple[str, object]]]
) -> dict[str, Any]:
    name = texts[words.uint()]
    n_parameters, n_values, n_equations, n_regions = (words.uint() for _ in range(4))
    names, kinds = words.column(n_values), words.column(n_values)
    values = [(texts[n], types[k]) for n, k in zip(names, kinds, strict=True)]
    columns = [words.column(n_equations) for _ in range(5)]
    inside = [words.column(n_regions) for _ in range(3)]
    operands, yields, results = words.counted(), words.counted(), words.counted()
    parameters, rest = values[:n_parameters], values[n_parameters:]
    n_results = sum(columns[1])
    of_equations, of_regions = rest[:n_results], rest[n_results:]
    equations: list[dict[str, Any]] = []
    for op, n_out, n_in, row, _ in zip(*columns, strict=True):
        equations.append({"op": ops[op], "attributes": attributes[row], "regions": []})
        equations[-1]["results"], of_equations = of_equations[:n_out], of_equations[n_out:]
        equations[-1]["operands"], operands = [values[i] for i in operands[:n_in]], operands[n_in:]
    regions: list[dict[str, Any]] = []
    for n_taken, n_held, n_yielded in zip(*inside, strict=True):
        regions.append({"parameters": of_regions[:n_taken], "held": n_held})
        of_regions = of_regions[n_taken:]
        regions[-1]["results"], yields = [values[i] for i in yields[:n_yielded]], yields[n_yielded:]
    owned: list[list[dict[str, Any]]] = []
    for count in columns[4]:
        owned.append(regions[:count])
        regions = regions[count:]
    place = [0]

    def block(count: int | None) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while place[0] < len(equations) if count is None else len(found) < count:
            at = place[0]
            place[0] += 1
            for region in owned[at]:
                region["equations"] = block(region.pop("held"))
            equations[at]["regions"] = owned[at]
            found.append(equations[at])
        return found

    return {
        "name": name,
        "parameters": parameters,
        "equations": block(None),
        "results": [values[i] for i in results],
    }


def spans(data: bytes, functions: list[dict[str, Any]]) -> list[list[str | None]]:
    """The place of each function and of its equations, as `file:line:column`."""
    words = Words(data)
    texts = words.texts()
    count = words.uint()
    files, lines, columns, *_ = [words.column(count) for _ in range(7)]
    shown = [None, *(f"{texts[f]}:{line}:{c}" for f, line, c in zip(files, lines, columns, strict=True))]
    found = [[shown[n] for n in words.column(1 + size(f["equations"]))] for f in functions]
    assert words.at == len(data)
    return found


def size(equations: list[dict[str, Any]]) -> int:
    return sum(1 + sum(size(r["equations"]) for r in e["regions"]) for e in equations)


def read(data: bytes) -> dict[str, Any]:
    """Everything: programs by function, places, the two JSON documents, proofs, code."""
    found = sections(data)
    assert list(found) == [k for k in ("META", "IR", "SPAN", "THM", "PRF", "CODE") if k in found]
    meta, theorems = json.loads(found["META"]), json.loads(found["THM"])
    all_programs = programs(found["IR"])
    return {
        "meta": meta,
        "theorems": theorems["functions"],
        "proofs": [json.loads(line) for line in found.get("PRF", b"").splitlines()],
        "programs": all_programs,
        "functions": {f["name"]: (all_programs[f["source"]], all_programs[f["chosen"]]) for f in meta["functions"]},
        "sections": found,
    }
