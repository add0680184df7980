"""Bundles of theorems, `.hyt`: a header and records one after the other.

    header   magic 8s | major u16 | minor u16 | records u32 | length u64 | sha256 32s
    record   length u64 | the bytes of `hyperion_library.record`

Numbers are little-endian. The length is that of the whole file, the hash over everything after the header. A record is
a module file of one function, so that each is hashed, compressed and bounded by itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from hashlib import sha256
from struct import Struct

from hyperion.errors import ModuleError
from hyperion.module import writing
from hyperion.module.source import File, opened

MAGIC = b"\x89HYT\r\n\x1a\n"  # as PNG's: damage by text modes and 7-bit channels shows at once
VERSION = (1, 0)
HEADER = Struct("<8sHHIQ32s")
LENGTH = Struct("<Q")
MOST_BYTES = 1 << 28
MOST_RECORDS = 100_000
_AGAIN = "fetch the file once more, or export it again: `hyperion theorems export`"


def write(path: str | os.PathLike[str], records: Iterable[bytes]) -> int:
    """Writes a bundle, whole or not at all; returns how many records it has. Raises `ModuleError` (HY3014)."""
    pieces = [piece for data in records for piece in (LENGTH.pack(len(data)), data)]
    writing.write(path, [_header(pieces), *pieces])
    return len(pieces) // 2


def pack(records: Iterable[bytes]) -> bytes:
    """A bundle as bytes."""
    pieces = [piece for data in records for piece in (LENGTH.pack(len(data)), data)]
    return b"".join([_header(pieces), *pieces])


def _header(pieces: list[bytes]) -> bytes:
    digest = sha256()
    for piece in pieces:
        digest.update(piece)
    length = HEADER.size + sum(map(len, pieces))
    return HEADER.pack(MAGIC, *VERSION, len(pieces) // 2, length, digest.digest())


def read(path: str | os.PathLike[str]) -> Iterator[bytes]:
    """The records of a bundle whose bytes fit its hash. Nothing in them is believed.

    Raises `ModuleError`: HY3014 for a file that cannot be read, HY3021 for what is no bundle, HY3022 for another
    version, HY3023 for a damaged one, HY3007 past a limit.
    """
    with opened(path) as file:
        count, data = _body(file)
    offset = 0
    for _ in range(count):
        start = offset + LENGTH.size
        (length,) = LENGTH.unpack(data[offset:start]) if start <= len(data) else (len(data),)
        offset = start + length
        if offset > len(data):
            raise _damaged(file, "a record ends behind the end of the file")
        yield bytes(data[start:offset])
    if offset != len(data):
        raise _damaged(file, "there is something after the last record")


def _body(file: File) -> tuple[int, memoryview]:
    """How many records there should be, and all bytes after the header."""
    head = file.read(0, min(HEADER.size, file.size))
    if bytes(head[:8]) != MAGIC[: len(head)] or not head:
        raise ModuleError(
            "HY3021", f"{file.name} is no bundle of theorems", hints=["`hyperion theorems export` writes one"]
        )
    if len(head) < HEADER.size:
        raise _damaged(file, f"it ends after {len(head)} bytes, inside the header")
    _, major, minor, count, length, digest = HEADER.unpack(head)
    if major != VERSION[0]:
        hints = ["update hyperion-library" if major > VERSION[0] else "export it again"]
        message = f"{file.name} has the format {major}.{minor}, this version reads {VERSION[0]}.x"
        raise ModuleError("HY3022", message, hints=hints)
    if length != file.size:
        raise _damaged(file, f"it has {file.size:,} bytes, its header says {length:,}")
    for what, asked, most in (("bytes", length, MOST_BYTES), ("records", count, MOST_RECORDS)):
        if asked > most:
            raise ModuleError("HY3007", f"{file.name} has {asked:,} {what}, more than the limit of {most:,}")
    data = file.read(HEADER.size, length - HEADER.size)
    if sha256(data).digest() != digest:
        raise _damaged(file, "its bytes do not fit their hash")
    return count, data


def _damaged(file: File, why: str) -> ModuleError:
    return ModuleError("HY3023", f"{file.name} is damaged: {why}", hints=[_AGAIN])
