"""Opens a module file: its sections, hashed and decompressed, and its contents."""

from __future__ import annotations

import mmap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from hyperion.errors import ModuleError
from hyperion.ir.registry import CORE, Registry
from hyperion.module import canonical_json, codecs, container
from hyperion.module.about import read_meta
from hyperion.module.canonical_json import Fields
from hyperion.module.codecs import Bytes, Compression
from hyperion.module.container import Entry, Packed, Table
from hyperion.module.contents import CRITICAL, Contents, read_contents
from hyperion.module.limits import DEFAULT, Limits
from hyperion.module.source import File, Memory, Source
from hyperion.module.stored_code import CodeTable, StoredCode, check_places

SIZES = {"META": "json_bytes", "IR": "ir_bytes", "SPAN": "span_bytes", "THM": "json_bytes", "PRF": "proof_bytes"}
"""The limit on each section's size."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file whose every byte fits its hashes. `packed` has the stored bytes of each compressed section, so that
    saving again writes the same whatever the version of the compressor."""

    table: Table
    contents: Contents
    compression: Compression
    packed: Packed


def open_module(source: Source, limits: Limits = DEFAULT, registry: Registry = CORE) -> Opened:
    """Reads a module file; nothing in it is verified or checked then, and none of its code run.

    Raises `ModuleError`: HY3002 to HY3010, HY3012, HY3014.
    """
    table = container.read_table(source, limits)
    _check_kinds(table)
    parts: dict[str, Bytes] = {}
    packed: dict[tuple[int, bytes], bytes] = {}
    for entry, stored in container.check_payloads(source, table, SIZES):
        if stored is None:
            continue
        limits.check(SIZES[entry.kind], entry.raw, f"bytes in {entry.name}")
        parts[entry.kind] = raw = container.payload(entry, stored, limits)
        if entry.codec != codecs.NONE:
            packed[entry.codec, sha256(raw).digest()] = bytes(stored)
    strict = table.version <= container.VERSION
    code = _code(source, table, _code_tables(parts, strict))
    contents = read_contents(parts, code, limits, registry, strict)
    return Opened(table, contents, _compression(table), packed)


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


def _compression(table: Table) -> Compression:
    for entry in table.entries:
        if entry.kind in SIZES and entry.codec != codecs.NONE:
            return codecs.NAMES[entry.codec]
    return "none"


def _code_tables(parts: Mapping[str, Bytes], strict: bool) -> tuple[CodeTable, ...]:
    what = "section META"
    return read_meta(Fields(canonical_json.loads(parts["META"], what), what, strict)).code


def _code(source: Source, table: Table, tables: Sequence[CodeTable]) -> list[StoredCode]:
    entries = [entry for entry in table.entries if entry.kind == "CODE"]
    if len(entries) != len(tables):
        raise canonical_json.malformed("section META", "it speaks of other sections CODE than there are")
    if not entries:
        return []
    targets = [t.target for t in tables]
    if targets != sorted(set(targets)):
        raise canonical_json.malformed("section META", "its targets are not in order, or one is there twice")
    whole, file = _mapped(source)
    return [_one(whole, file, entry, t) for entry, t in zip(entries, tables, strict=True)]


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
