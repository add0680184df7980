"""Opens a module file: its sections, hashed; then what is in them, decompressed and decoded.

bytes -> Sealed (every byte fits its hash; META is read) -> Opened (all contents are read)
"""

from __future__ import annotations

import mmap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from hyperion.errors import ModuleError
from hyperion.ir.registry import CORE, Registry
from hyperion.module import canonical_json, codecs, container
from hyperion.module.about import Meta, read_meta
from hyperion.module.canonical_json import Fields
from hyperion.module.codecs import Bytes, Compression
from hyperion.module.container import Entry, Packed, Table
from hyperion.module.contents import CRITICAL, Contents, read_contents
from hyperion.module.limits import DEFAULT, Limits
from hyperion.module.source import File, Memory, Source
from hyperion.module.span_writer import Spans
from hyperion.module.stored_code import CodeTable, StoredCode, check_places

SIZES = {"META": "json_bytes", "IR": "ir_bytes", "SPAN": "span_bytes", "THM": "json_bytes", "PRF": "proof_bytes"}
"""The limit on each section's size."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A file whose every byte fits its hashes, and what its section META says. `stored` has the other sections as
    they are stored, by kind, but for CODE."""

    table: Table
    stored: Mapping[str, bytes]
    meta: Meta
    code: tuple[StoredCode, ...]
    limits: Limits

    @property
    def is_own(self) -> bool:
        """Whether this version knows all that the file holds, and would write its version."""
        return self.table.version == container.VERSION and all(e.kind in CRITICAL for e in self.table.entries)

    @property
    def compression(self) -> Compression:
        for entry in self.table.entries:
            if entry.kind in SIZES and entry.codec != codecs.NONE:
                return codecs.NAMES[entry.codec]
        return "none"

    @property
    def spans(self) -> Spans:
        return "text" if "SPAN" in self.stored else "none"


@dataclass(frozen=True, slots=True)
class Opened:
    """A file and its contents. `packed` has the stored bytes of each compressed section, so that saving again writes
    the same whatever the version of the compressor."""

    table: Table
    contents: Contents
    packed: Packed


def open_module(source: Source, limits: Limits = DEFAULT, registry: Registry = CORE) -> Opened:
    """Reads a module file; nothing in it is verified or checked then, and none of its code run.

    Raises `ModuleError`: HY3002 to HY3010, HY3012, HY3014.
    """
    return read_sealed(open_sealed(source, limits), registry)


def open_sealed(source: Source, limits: Limits = DEFAULT) -> Sealed:
    """Reads a module file as far as its hashes and its section META.

    Raises `ModuleError`: HY3002 to HY3008, HY3014; HY3009 and HY3012 about META.
    """
    table = container.read_table(source, limits)
    _check_kinds(table)
    stored: dict[str, bytes] = {}
    for entry, data in container.check_payloads(source, table, SIZES):
        if data is not None:
            limits.check(SIZES[entry.kind], entry.raw, f"bytes in {entry.name}")
            stored[entry.kind] = data
    what = "section META"
    raw = container.payload(table.entry("META"), stored["META"], limits)
    meta = read_meta(Fields(canonical_json.loads(raw, what), what, _is_known(table)))
    return Sealed(table, stored, meta, _code(source, table, meta.code), limits)


def read_sealed(sealed: Sealed, registry: Registry = CORE) -> Opened:
    """Reads the contents. Raises `ModuleError`: HY3007, HY3009, HY3010, HY3012."""
    parts: dict[str, Bytes] = {}
    packed: dict[tuple[int, bytes], bytes] = {}
    for kind, stored in sealed.stored.items():
        entry = sealed.table.entry(kind)
        parts[kind] = raw = container.payload(entry, stored, sealed.limits)
        if entry.codec != codecs.NONE:
            packed[entry.codec, sha256(raw).digest()] = stored
    contents = read_contents(sealed.meta, parts, sealed.code, sealed.limits, registry, _is_known(sealed.table))
    return Opened(sealed.table, contents, packed)


def _is_known(table: Table) -> bool:
    """Whether this version knows all that may be in such a file; one of a newer minor version may have more."""
    return table.version <= container.VERSION


def _check_kinds(table: Table) -> None:
    """Known sections in their order, each once but CODE, marked as the writer marks them, none missing."""
    kinds = [entry.kind for entry in table.entries]
    for entry in table.entries:
        if CRITICAL.get(entry.kind, False) != entry.critical:
            if entry.kind not in CRITICAL:
                raise ModuleError(
                    "HY3008",
                    f"the module has a section {entry.kind} that this version of Hyperion does not know",
                    hints=["update hyperion-core"],
                )
            raise _malformed(f"{entry.name} is not marked as it should be")
        if entry.kind == "CODE" and entry.codec != codecs.NONE:
            raise _malformed("a section CODE is compressed")
    known = [kind for kind in kinds if kind in CRITICAL]
    single = [kind for kind in known if kind != "CODE"]
    order = list(CRITICAL)
    if len(set(single)) != len(single) or known != sorted(known, key=order.index):
        raise _malformed("its sections are not in order, or one is there twice")
    missing = {"META", "IR", "THM"} - set(known)
    if missing:
        raise _malformed(f"it has no section {min(missing)}")
    codes = {entry.codec for entry in table.entries if entry.kind in SIZES} - {codecs.NONE}
    if len(codes) > 1:
        raise _malformed("its sections are compressed in different ways")


def _malformed(why: str) -> ModuleError:
    return ModuleError("HY3005", f"the module is malformed: {why}", hints=["compile it again from its source"])


def _code(source: Source, table: Table, tables: Sequence[CodeTable]) -> tuple[StoredCode, ...]:
    entries = [entry for entry in table.entries if entry.kind == "CODE"]
    if len(entries) != len(tables):
        raise canonical_json.malformed("section META", "it speaks of other sections CODE than there are")
    if not entries:
        return ()
    targets = [t.target for t in tables]
    if targets != sorted(set(targets)):
        raise canonical_json.malformed("section META", "its targets are not in order, or one is there twice")
    whole, file = _mapped(source)
    return tuple(_one(whole, file, entry, t) for entry, t in zip(entries, tables, strict=True))


def _one(whole: memoryview, file: mmap.mmap | None, entry: Entry, table: CodeTable) -> StoredCode:
    why = check_places(table, entry.stored)
    if why:
        raise canonical_json.malformed("section META", f"the code for {table.target}: {why}")
    return StoredCode(table, whole[entry.offset : entry.offset + entry.stored], entry.digest, file)


def _mapped(source: Source) -> tuple[memoryview, mmap.mmap | None]:
    """The whole file as memory: bytes that are in memory as they are, a file as a map that outlives the open file."""
    if isinstance(source, Memory):
        return source.read(0, source.size), None
    assert isinstance(source, File)
    try:
        mapped = mmap.mmap(source.file.fileno(), source.size, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise ModuleError("HY3014", f"{source.name} cannot be mapped: {error}") from error
    return memoryview(mapped), mapped
