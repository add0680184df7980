"""The container of a module file: header, section table, payloads; every byte of it is covered by a hash.

    header   magic 8s | major u16 | minor u16 | flags u32 | sections u32 | table u64 | length u64 | sha256 32s
    entry    kind 4s | codec u16 | flags u16 | offset u64 | stored u64 | raw u64 | sha256 32s      one per section
    payload  at the next multiple of 64, zeros between; nothing after the last

Numbers are little-endian. The header's hash is over the header with a zero hash and the table, an entry's over its
stored bytes; sections that a reader skips are hashed too. There is one way to write the same sections.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate
from struct import Struct
from types import MappingProxyType

from hyperion.errors import ModuleError
from hyperion.module import codecs
from hyperion.module.codecs import Bytes
from hyperion.module.limits import DEFAULT, Limits
from hyperion.module.source import Source

MAGIC = b"\x89HYM\r\n\x1a\n"  # as PNG's: damage by text modes and 7-bit channels shows at once
VERSION = (1, 0)
HEADER = Struct("<8sHHIIQQ32s")
ENTRY = Struct("<4sHHQQQ32s")
ALIGNMENT = 64
CHUNK = 1 << 20  # what is read at once of a section that is hashed only
CRITICAL = 1  # the only flag of an entry: a reader that does not know the section may not go on

Packed = Mapping[tuple[int, bytes], bytes]
"""Compressed bytes by the codec and the hash of what they hold."""

_NOTHING: Packed = MappingProxyType({})
_KIND = re.compile(rb"[A-Z0-9]{1,4}\0*")


@dataclass(frozen=True, slots=True)
class Section:
    """A section to write. `codec` is what it is compressed by, if that makes it smaller."""

    kind: str
    data: Bytes
    critical: bool
    codec: int = codecs.NONE


@dataclass(frozen=True, slots=True)
class Entry:
    """A section of a file: where its bytes lie, and how many there are."""

    kind: str
    codec: int
    critical: bool
    offset: int
    stored: int
    raw: int
    digest: bytes

    @property
    def name(self) -> str:
        return f"section {self.kind}"


@dataclass(frozen=True, slots=True)
class Table:
    """What the header and the section table of a file say; `head` are their bytes, with the hash of every section."""

    version: tuple[int, int]
    length: int
    entries: tuple[Entry, ...]
    head: bytes

    @property
    def digest(self) -> bytes:
        """A hash of all that the file holds."""
        return sha256(self.head).digest()

    def entry(self, kind: str) -> Entry:
        """The first section of that kind, which is there."""
        return next(e for e in self.entries if e.kind == kind)


def pieces(sections: Sequence[Section], packed: Packed = _NOTHING, version: tuple[int, int] = VERSION) -> list[Bytes]:
    """The bytes of a file in order, in pieces; payloads are not copied. `packed` has compressed forms that are
    known."""
    entries: list[bytes] = []
    body: list[Bytes] = []
    end = HEADER.size + ENTRY.size * len(sections)
    for section in sections:
        stored, codec = _stored(section, packed)
        padding = -end % ALIGNMENT
        offset = end + padding
        kind = section.kind.encode("ascii")
        flags = CRITICAL if section.critical else 0
        size = memoryview(section.data).nbytes
        entries.append(ENTRY.pack(kind, codec, flags, offset, len(stored), size, sha256(stored).digest()))
        body += [bytes(padding), stored]
        end = offset + len(stored)
    table = b"".join(entries)
    digest = _header_digest(version, 0, len(sections), HEADER.size, end, table)
    return [HEADER.pack(MAGIC, *version, 0, len(sections), HEADER.size, end, digest), table, *body]


def again(table: Table, stored: Mapping[str, Bytes], code: Sequence[Bytes]) -> list[Bytes]:
    """The bytes of a file that was read, in pieces: `stored` are those of each section but CODE, `code` of those."""
    left = iter(code)
    found: list[Bytes] = [table.head]
    end = len(table.head)
    for entry in table.entries:
        found += [bytes(entry.offset - end), next(left) if entry.kind == "CODE" else stored[entry.kind]]
        end = entry.offset + entry.stored
    return found


def _stored(section: Section, known: Packed) -> tuple[Bytes, int]:
    data = memoryview(section.data).cast("B")
    if section.codec != codecs.NONE:
        packed = known.get((section.codec, sha256(data).digest())) if known else None
        packed = packed or codecs.compress(section.codec, data)
        # A reader refuses extreme ratios, since that is what a decompression bomb is.
        if len(packed) < len(data) <= DEFAULT.ratio * len(packed):
            return packed, section.codec
    return data, codecs.NONE


def _header_digest(version: tuple[int, int], flags: int, count: int, table_at: int, length: int, table: Bytes) -> bytes:
    blank = HEADER.pack(MAGIC, *version, flags, count, table_at, length, bytes(32))
    return sha256(blank + table).digest()


def read_table(source: Source, limits: Limits) -> Table:
    """The section table, checked against its hash, the length of the file and the limits.

    Raises `ModuleError`: HY3002 no module file, HY3003 version, HY3004 length, HY3005 structure, HY3006 hash, HY3007
    limit. No payload has been read then.
    """
    head = bytes(source.read(0, min(HEADER.size, source.size)))
    if head[:8] != MAGIC[: len(head)] or not head:
        raise ModuleError("HY3002", f"{source.name} is not a Hyperion module", hints=["module.save(path) writes one"])
    if len(head) < HEADER.size:
        raise _length(source, f"it ends after {len(head)} bytes, inside the header")
    _, major, minor, flags, count, table_at, length, digest = HEADER.unpack(head)
    if major != VERSION[0]:
        raise _version(source, major, minor)
    if length != source.size:
        raise _length(source, f"it has {source.size:,} bytes, its header says {length:,}")
    limits.check("file_bytes", length, "bytes in the file")
    limits.check("sections", count, "sections")
    end = HEADER.size + count * ENTRY.size
    if flags or table_at != HEADER.size or end > length:
        raise _structure(source, "the header has values that no writer gives it")
    table = bytes(source.read(HEADER.size, end - HEADER.size))
    if digest != _header_digest((major, minor), flags, count, table_at, length, table):
        raise _damaged(source, "the section table")
    entries = tuple(_entry(source, *fields) for fields in ENTRY.iter_unpack(table))
    _check_layout(source, entries, end, length)
    limits.check("raw_bytes", sum(e.raw for e in entries), "bytes in all sections")
    return Table((major, minor), length, entries, head + table)


def _entry(
    source: Source, kind: bytes, codec: int, flags: int, offset: int, stored: int, raw: int, digest: bytes
) -> Entry:
    if not _KIND.fullmatch(kind):
        raise _structure(source, f"a section has the kind {kind!r}")
    if flags & ~CRITICAL:
        raise _structure(source, f"section {kind!r} has unknown flags")
    if raw != stored if codec == codecs.NONE else stored >= raw:
        raise _structure(source, f"section {kind!r} has sizes that do not fit its codec")
    return Entry(kind.rstrip(b"\0").decode("ascii"), codec, bool(flags & CRITICAL), offset, stored, raw, digest)


def _check_layout(source: Source, entries: Sequence[Entry], start: int, length: int) -> None:
    """Each payload at the one place that a writer would give it."""
    ends = list(accumulate(entries, lambda end, e: end + -end % ALIGNMENT + e.stored, initial=start))
    for end, entry in zip(ends, entries, strict=False):
        if entry.offset != end + -end % ALIGNMENT:
            raise _structure(source, f"{entry.name} lies at {entry.offset:,}, not at {end + -end % ALIGNMENT:,}")
    if ends[-1] != length:
        raise _structure(source, f"the sections end at {ends[-1]:,}, the file at {length:,}")


def check_payloads(source: Source, table: Table, kept: Collection[str]) -> Iterator[tuple[Entry, bytes | None]]:
    """Every section in order, after its bytes fit their hash; a copy of them comes along for the kinds in `kept`.

    Raises `ModuleError`: HY3005 for padding that is not zero, HY3006 for bytes that do not fit.
    """
    end = HEADER.size + len(table.entries) * ENTRY.size
    for entry in table.entries:
        if any(source.read(end, entry.offset - end)):
            raise _structure(source, f"the padding before {entry.name} is not zero")
        end = entry.offset + entry.stored
        digest = sha256()
        stored = bytes(source.read(entry.offset, entry.stored)) if entry.kind in kept else None
        if stored is not None:
            digest.update(stored)
        else:
            for start in range(entry.offset, end, CHUNK):
                digest.update(source.read(start, min(CHUNK, end - start)))
        if digest.digest() != entry.digest:
            raise _damaged(source, entry.name)
        yield entry, stored


def payload(entry: Entry, stored: Bytes, limits: Limits) -> Bytes:
    """The section's bytes before compression. Raises HY3007 past the ratio, HY3009 and HY3012 as `decompress` does."""
    if entry.codec == codecs.NONE:
        return stored
    limits.check("ratio", entry.raw // max(entry.stored, 1), f"compression of {entry.name}")
    return codecs.decompress(entry.codec, stored, entry.raw, entry.name)


def _version(source: Source, major: int, minor: int) -> ModuleError:
    newer = major > VERSION[0]
    return ModuleError(
        "HY3003",
        f"{source.name} has the format {major}.{minor}, this version of Hyperion reads {VERSION[0]}.x",
        hints=["update hyperion-core" if newer else "compile the module again from its source"],
    )


def _length(source: Source, why: str) -> ModuleError:
    hints = ["it was cut or not written to its end: copy it or compile it again"]
    return ModuleError("HY3004", f"{source.name} is incomplete: {why}", hints=hints)


def _structure(source: Source, why: str) -> ModuleError:
    return ModuleError("HY3005", f"{source.name} is malformed: {why}", hints=["compile it again from its source"])


def _damaged(source: Source, what: str) -> ModuleError:
    hints = ["it was damaged after it was written: copy it or compile it again"]
    return ModuleError("HY3006", f"{source.name}: {what} does not fit its hash", hints=hints)
