"""Looks at a module file, damaged ones too: what it says, what of it is true. Nothing is compiled, no code is run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256

from hyperion.errors import ModuleError
from hyperion.ir.registry import CORE, Registry
from hyperion.module import canonical_json, container
from hyperion.module.about import Meta, read_meta
from hyperion.module.canonical_json import Fields
from hyperion.module.container import CHUNK, Entry, Table
from hyperion.module.judging import Judged, judged, rejection
from hyperion.module.known_verdicts import Ground
from hyperion.module.limits import DEFAULT, Limits
from hyperion.module.reading import SIZES, open_module
from hyperion.module.source import Memory, Path, Source, opened
from hyperion.policy import Policy


@dataclass(frozen=True, slots=True)
class SectionReport:
    """One section, and whether its bytes fit their hash."""

    entry: Entry
    intact: bool


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found out about a module file, up to the first `error`.

    `meta` is what the file says of itself. The functions in `judgement` are verified, their proofs checked.
    """

    name: str
    size: int
    table: Table | None = None
    sections: tuple[SectionReport, ...] = ()
    meta: Meta | None = None
    judgement: Judged | None = None
    error: ModuleError | None = None


def inspect_module(
    source: Path | bytes | bytearray | memoryview,
    registry: Registry = CORE,
    policy: Policy = Policy(),  # noqa: B008  frozen
    limits: Limits = DEFAULT,
) -> Inspection:
    """Looks at the file at a path, or in memory. Raises `ModuleError` (HY3014) only where it cannot be read at all."""
    if isinstance(source, bytes | bytearray | memoryview):
        return _inspect(Memory(source), registry, policy, limits)
    with opened(source) as file:
        return _inspect(file, registry, policy, limits)


def _inspect(source: Source, registry: Registry, policy: Policy, limits: Limits) -> Inspection:
    found = Inspection(source.name, source.size)
    try:
        found = replace(found, table=container.read_table(source, limits))
        found = replace(found, sections=_sections(source, found.table))
        found = replace(found, meta=_meta(source, found.sections, limits))
        opened_file = open_module(source, limits, registry)
        contents = opened_file.contents
        judgement = judged(contents, Ground(opened_file.table.digest, policy, limits, registry))
    except ModuleError as error:
        return replace(found, error=error)
    return replace(found, judgement=judgement, error=rejection(contents, judgement))


def _sections(source: Source, table: Table | None) -> tuple[SectionReport, ...]:
    entries = () if table is None else table.entries
    return tuple(SectionReport(entry, _digest(source, entry) == entry.digest) for entry in entries)


def _digest(source: Source, entry: Entry) -> bytes:
    digest, end = sha256(), entry.offset + entry.stored
    for start in range(entry.offset, end, CHUNK):
        digest.update(source.read(start, min(CHUNK, end - start)))
    return digest.digest()


def _meta(source: Source, sections: tuple[SectionReport, ...], limits: Limits) -> Meta | None:
    """The section META by itself, which may be whole where others are not."""
    for report in sections:
        entry = report.entry
        if entry.kind == "META" and report.intact:
            limits.check(SIZES["META"], entry.raw, f"bytes in {entry.name}")
            raw = container.payload(entry, source.read(entry.offset, entry.stored), limits)
            return read_meta(Fields(canonical_json.loads(raw, entry.name), entry.name, strict=False))
    return None
