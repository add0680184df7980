"""Module files for tests: a sample that has everything, and hostile variants whose hashes fit.

Whoever wrote a hostile file also wrote its hashes, so they keep nothing out: `Hostile` changes headers, tables,
sections and what is in them, and seals the result again.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from random import Random
from typing import Any, cast  # Any: JSON values

from hyperion.errors import HyperionError, ModuleError
from hyperion.module import codecs, container
from hyperion.module.container import ALIGNMENT, ENTRY, HEADER, MAGIC
from hyperion.testing.module_programs import other_program

BOUNDARIES = (0, 1, 2, 63, 64, 65, 127, 128, 255, 256, 65535, 1 << 16, 1 << 31, (1 << 32) - 1, 1 << 63, (1 << 64) - 1)


@dataclass
class Part:
    """A section before it is sealed; what is None follows from the rest."""

    kind: bytes
    codec: int
    flags: int
    stored: bytes
    raw: int
    offset: int | None = None
    length: int | None = None


@dataclass
class Draft:
    """A module file before it is sealed: any field may be wrong, and all hashes will fit."""

    parts: list[Part]
    major: int = container.VERSION[0]
    minor: int = container.VERSION[1]
    flags: int = 0
    count: int | None = None
    table: int = HEADER.size
    size: int | None = None
    padding: int = 0
    tail: bytes = b""

    def seal(self) -> bytes:
        end = HEADER.size + ENTRY.size * len(self.parts)
        rows: list[bytes] = []
        body: list[bytes] = []
        for part in self.parts:
            gap = -end % ALIGNMENT
            body += [bytes([self.padding]) * gap, part.stored]
            offset = end + gap if part.offset is None else part.offset
            length = len(part.stored) if part.length is None else part.length
            digest = sha256(part.stored).digest()
            rows.append(ENTRY.pack(part.kind, part.codec, part.flags, _u64(offset), _u64(length), part.raw, digest))
            end += gap + len(part.stored)
        end += len(self.tail)
        count = len(self.parts) if self.count is None else self.count
        fields = (self.major, self.minor, self.flags, count, self.table, end if self.size is None else self.size)
        whole = b"".join(rows) + b"".join(body) + self.tail
        hashed = whole[: min(count, len(whole)) * ENTRY.size]  # what a reader that believes `count` takes for the table
        digest = sha256(HEADER.pack(MAGIC, *fields, bytes(32)) + hashed).digest()
        return HEADER.pack(MAGIC, *fields, digest) + whole


def _u64(value: int) -> int:
    return value % (1 << 64)


def draft_of(data: bytes) -> Draft:
    """The draft that seals to the same bytes."""
    fields = HEADER.unpack_from(data)
    parts: list[Part] = []
    for i in range(fields[4]):
        kind, codec, flags, offset, stored, raw, _ = ENTRY.unpack_from(data, HEADER.size + i * ENTRY.size)
        parts.append(Part(kind, codec, flags, data[offset : offset + stored], raw))
    return Draft(parts)


def raw_of(part: Part) -> bytes:
    """What the section holds; the stored bytes where they are no stream any more."""
    try:
        return zlib.decompress(part.stored) if part.codec == codecs.ZLIB else part.stored
    except zlib.error:
        return part.stored


def put(part: Part, raw: bytes, random: Random) -> None:
    """New contents for a section, compressed or not."""
    packed = zlib.compress(raw, 1)
    if len(packed) < len(raw) and random.random() < 0.5 and part.kind != b"CODE":
        part.codec, part.stored = codecs.ZLIB, packed
    else:
        part.codec, part.stored = codecs.NONE, raw
    part.raw = len(raw)


class Hostile:
    """Variants of module files, each by one to three changes of a kind that is drawn first."""

    def __init__(self, samples: list[bytes], random: Random) -> None:
        self._samples = samples
        self._random = random
        self._kinds: dict[str, Callable[[Draft], None]] = {
            "header": self._header,
            "entry": self._entry,
            "sections": self._sections,
            "bytes": self._bytes,
            "numbers": self._numbers,
            "splice": self._splice,
            "json": self._json,
            "proof": self._proof,
            "swap": self._swap,
            "stream": self._stream,
            "bomb": self._bomb,
            "program": self._program,
        }

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(self._kinds)

    def make(self, kind: str = "") -> tuple[str, bytes]:
        """The kind of change and the file."""
        kind = kind or self._random.choice(list(self._kinds))
        draft = draft_of(self._random.choice(self._samples))
        for _ in range(self._random.choice((1, 1, 1, 2, 3))):
            if draft.parts:
                self._kinds[kind](draft)
        return kind, draft.seal()

    def _number(self, old: int, most: int) -> int:
        near = [old + 1, old - 1, old + 64, old - 64, old * 2, old // 2]
        return self._random.choice([*near, *BOUNDARIES, self._random.randrange(1 << 16)]) % (most + 1)

    def _part(self, draft: Draft, *kinds: bytes) -> Part | None:
        found = [p for p in draft.parts if not kinds or p.kind.rstrip(b"\0") in kinds]
        return self._random.choice(found) if found else None

    def _header(self, draft: Draft) -> None:
        field = self._random.choice(("major", "minor", "flags", "count", "table", "size", "padding", "tail"))
        if field == "tail":
            draft.tail = self._random.randbytes(self._random.choice((1, 63, 64, 65)))
        else:
            old = {"count": len(draft.parts), "size": len(draft.seal())}.get(field) or getattr(draft, field) or 0
            most = {"major": 16, "minor": 16, "flags": 32, "count": 32, "padding": 8}.get(field, 64)
            setattr(draft, field, self._number(old, (1 << most) - 1))

    def _entry(self, draft: Draft) -> None:
        part = self._random.choice(draft.parts)
        match self._random.choice(("kind", "codec", "flags", "offset", "length", "raw")):
            case "kind":
                names = (b"META", b"IR\0\0", b"SPAN", b"THM\0", b"PRF\0", b"CODE", b"ZZZZ", b"zz\0\0", bytes(4))
                part.kind = self._random.choice(names)
            case "codec":
                part.codec = self._random.choice((0, 1, 2, 3, 65535))
            case "flags":
                part.flags = self._random.choice((0, 1, 2, 3, 65535))
            case "offset":
                part.offset = self._number(HEADER.size, (1 << 64) - 1)
            case "length":
                part.length = self._number(len(part.stored), (1 << 64) - 1)
            case _:
                part.raw = self._number(part.raw, (1 << 64) - 1)

    def _sections(self, draft: Draft) -> None:
        parts, at = draft.parts, self._random.randrange(len(draft.parts))
        match self._random.randrange(5):
            case 0:
                del parts[at]
            case 1:
                parts.insert(at, replace(parts[at]))
            case 2:
                self._random.shuffle(parts)
            case 3:
                unknown = Part(b"XTRA", 0, self._random.randrange(2), b"what nobody knows", 17)
                parts.insert(at, unknown)
            case _:
                other = self._random.choice(parts)
                parts[at].kind, other.kind = other.kind, parts[at].kind

    def _bytes(self, draft: Draft) -> None:
        """Bytes of a section changed, put in, taken out, or the section cut."""
        part = self._random.choice(draft.parts)
        raw = bytearray(raw_of(part)) or bytearray(1)
        at = self._random.randrange(len(raw))
        match self._random.randrange(5):
            case 0:
                raw[at] ^= 1 << self._random.randrange(8)
            case 1:
                raw[at] = self._random.randrange(256)
            case 2:
                raw[at:at] = self._random.randbytes(self._random.randrange(1, 9))
            case 3:
                del raw[at : at + self._random.randrange(1, 9)]
            case _:
                del raw[at:]
        put(part, bytes(raw), self._random)

    def _numbers(self, draft: Draft) -> None:
        """A number of a binary section replaced by one at a boundary, in one of the ways that it can be written."""
        part = self._part(draft, b"IR", b"SPAN")
        if part is None:
            return
        raw = bytearray(raw_of(part)) or bytearray(1)
        at, value = self._random.randrange(len(raw)), self._random.choice(BOUNDARIES)
        width = self._random.choice((1, 2, 4, 8))
        new = (value % (1 << 8 * width)).to_bytes(width, "little")
        if self._random.random() < 0.4:
            new = _uint(value)
        end = at + (len(new) if self._random.random() < 0.7 else 1)
        raw[at:end] = new
        put(part, bytes(raw), self._random)

    def _splice(self, draft: Draft) -> None:
        """A piece of a section, or all of it, from another file."""
        part = self._random.choice(draft.parts)
        other = self._part(draft_of(self._random.choice(self._samples)), part.kind.rstrip(b"\0"))
        if other is None:
            return
        raw, found = bytearray(raw_of(part)), raw_of(other)
        if self._random.random() < 0.3 or not raw or not found:
            raw = bytearray(found)
        else:
            start, at = self._random.randrange(len(found)), self._random.randrange(len(raw))
            piece = found[start : start + self._random.randrange(1, 65)]
            raw[at : at + (len(piece) if self._random.random() < 0.5 else 0)] = piece
        put(part, bytes(raw), self._random)

    def _json(self, draft: Draft) -> None:
        part = self._part(draft, b"META", b"THM")
        if part is None:
            return
        value = _json(raw_of(part))
        self._change(value)
        put(part, json.dumps(value, sort_keys=True, separators=(",", ":")).encode(), self._random)

    def _change(self, value: Any) -> None:
        """One member, somewhere inside, replaced, removed or added."""
        places = list(_places(value))
        if not places:
            return
        holder, key = self._random.choice(places)
        old = holder[key]
        strange: list[Any] = [None, True, -1, 1 << 70, 1.5, "", "\x1b[31m", "a" * 5000, [], {}, [[]], "../x", "\ud800"]
        if type(old) is int:
            strange += [self._number(old, (1 << 64) - 1) for _ in range(12)]
        match self._random.randrange(6):
            case 0 if isinstance(holder, dict):
                del holder[key]
            case 1 if isinstance(holder, dict):
                holder["unknown"] = old
            case 2 if isinstance(old, list) and old:
                items = _items(old)
                items.insert(self._random.randrange(len(items)), self._random.choice(items))
            case 3 if isinstance(old, list) and old:
                items = _items(old)
                del items[self._random.randrange(len(items))]
            case _:
                holder[key] = self._random.choice(strange)

    def _proof(self, draft: Draft) -> None:
        """A type, term or step of a proof changed."""
        part = self._part(draft, b"PRF")
        lines = [] if part is None else raw_of(part).split(b"\n")[:-1]
        if part is None or not lines:
            return
        at = self._random.randrange(len(lines))
        value = _json(lines[at])
        inside = _items(_members(value).get(self._random.choice(("types", "terms", "steps", ""))))
        if inside and self._random.random() < 0.5:
            inside = inside[-60:]  # near the conclusion; the rows themselves are those of the proof
        self._change(inside or value)
        lines[at] = json.dumps(value, separators=(",", ":")).encode()
        put(part, b"".join(line + b"\n" for line in lines), self._random)

    def _swap(self, draft: Draft) -> None:
        """Programs, proofs and theorems exchanged between functions."""
        part = self._part(draft, b"META", b"THM")
        if part is None:
            return
        value = _json(raw_of(part))
        rows = [row for row in map(_members, _items(_members(value).get("functions"))) if row]
        if not rows:
            return
        one, other = self._random.choice(rows), self._random.choice(rows)
        a = self._random.choice(list(one))
        b = a if a in other and self._random.random() < 0.7 else self._random.choice(list(other))
        one[a], other[b] = other[b], one[a]
        put(part, json.dumps(value, sort_keys=True, separators=(",", ":")).encode(), self._random)

    def _stream(self, draft: Draft) -> None:
        """A compressed stream that is cut, followed by something, or says another size."""
        part = self._random.choice(draft.parts)
        packed = zlib.compress(raw_of(part), 9)
        part.codec = codecs.ZLIB
        match self._random.randrange(4):
            case 0:
                part.stored = packed[: self._random.randrange(len(packed))]
            case 1:
                part.stored = packed + self._random.randbytes(self._random.randrange(1, 9))
            case 2:
                part.stored, part.raw = packed, self._number(part.raw, 1 << 32)
            case _:
                changed = bytearray(packed)
                changed[self._random.randrange(len(changed))] ^= 1 << self._random.randrange(8)
                part.stored = bytes(changed)

    def _program(self, draft: Draft) -> None:
        """Programs changed or exchanged, and written as the writer writes them."""
        data = other_program(draft.seal(), self._random)
        if data is not None:
            draft.parts = draft_of(data).parts

    def _bomb(self, draft: Draft) -> None:
        """A section that is small in the file and large when it is decompressed."""
        part = self._random.choice(draft.parts)
        size = 1 << self._random.randrange(14, 25)
        filler = self._random.choice((b"\0", b"[", b"[],", b'{"a":', b"\1", b"\xff", b"0,", b"\n"))
        part.codec, part.stored = codecs.ZLIB, _bomb(filler, size)
        part.raw = size if self._random.random() < 0.8 else self._number(size, 1 << 40)


@lru_cache(64)
def _bomb(filler: bytes, size: int) -> bytes:
    return zlib.compress((filler * (size // len(filler) + 1))[:size], 6)


def _json(data: bytes) -> Any:
    """The value; null where it is none any more."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _members(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _items(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _uint(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    found.append(value)
    return bytes(found)


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every member of a JSON value, as the object or array that holds it and its key there."""
    found: list[tuple[Any, Any]] = []
    stack: list[Any] = [value]
    while stack:
        holder = stack.pop()
        found += [(holder, key) for key in _members(holder)] + [(holder, i) for i in range(len(_items(holder)))]
        stack += [*_members(holder).values(), *_items(holder)]
    return found


def refusal(load: Callable[[bytes], object], data: bytes) -> str:
    """The code that a reader refuses the file with; empty where it takes it.

    Anything but a `ModuleError` with an HY3xxx code, whose text can be made, is a defect and goes on as it is.
    """
    try:
        load(data)
    except ModuleError as error:
        assert error.code.startswith("HY3"), error.code
        assert str(error)
        return error.code
    except HyperionError as error:
        raise AssertionError(f"a module file may not raise {error.code}") from error
    return ""
