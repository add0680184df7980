"""What a module file holds, and its sections.

    META   JSON: entry, producer, plugins, pipeline, target, functions, required ops and types, code
    IR     the programs: for each function its source and what was chosen for it
    SPAN   where they stand in the user's source; a reader may do without
    THM    JSON: theorems, costs, candidates and refusals of each function
    PRF    proof files, one a line
    CODE   machine code, one section for each target; a reader may do without

The sections stand in this order. What a reader makes of them, the writer must write the same; anything else is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hyperion.ir.function import Program
from hyperion.ir.registry import Registry
from hyperion.module import bulk, canonical_json, codecs
from hyperion.module.about import About, Member, Meta
from hyperion.module.canonical_json import Fields
from hyperion.module.codecs import Bytes, Compression
from hyperion.module.columns import Reader
from hyperion.module.container import Section
from hyperion.module.ir_reader import ReadPrograms, read_section
from hyperion.module.ir_writer import write_programs
from hyperion.module.limits import Limits
from hyperion.module.records import Record, read_records
from hyperion.module.requirements import check_requirements, requirements
from hyperion.module.span_reader import SpanReader
from hyperion.module.span_writer import Spans, SpanWriter
from hyperion.module.stored_code import StoredCode
from hyperion.module.table_order import Numbers, OutOfOrder

CRITICAL = {"META": True, "IR": True, "SPAN": False, "THM": True, "PRF": True, "CODE": False}
"""The sections of this version in their order, and whether a reader may do without."""


@dataclass(frozen=True, slots=True)
class StoredFunction:
    """One function: its programs and its record, whose proofs are numbers of the contents' proofs."""

    name: str
    source: Program
    chosen: Program
    record: Record


@dataclass(frozen=True, slots=True)
class Contents:
    """A module as a file has it: nothing in it is verified or checked."""

    about: About
    functions: tuple[StoredFunction, ...]
    proofs: tuple[bytes, ...]
    code: tuple[StoredCode, ...]
    spans: Spans


def sections(contents: Contents, compression: Compression) -> list[Section]:
    """The sections to write. Raises `ModuleError` (HY3016) for what a file cannot hold."""
    with bulk.without_collections():
        parts = parts_of(contents)
    codec = codecs.NUMBERS[compression]
    found = [Section(kind, data, CRITICAL[kind], codec) for kind, data in parts.items()]
    return [*found, *(Section("CODE", code.data, CRITICAL["CODE"]) for code in contents.code)]


def parts_of(contents: Contents) -> dict[str, bytes]:
    """The sections other than CODE, in order."""
    spans = SpanWriter(contents.spans)
    programs = _numbered([p for f in contents.functions for p in (f.source, f.chosen)])
    written = write_programs([program for program, _ in programs.values()], spans)
    records = [f.record.json(spans.number) for f in contents.functions]
    registry = contents.functions[0].source.registry
    meta = Meta(
        contents.about,
        tuple(Member(f.name, programs[id(f.source)][1], programs[id(f.chosen)][1]) for f in contents.functions),
        requirements(written.ops, written.types, registry),
        tuple(code.table for code in contents.code),
    )
    parts = {"META": canonical_json.dumps(meta.json()), "IR": written.data}
    if contents.spans != "none":
        parts["SPAN"] = spans.write()
    parts["THM"] = canonical_json.dumps({"functions": records})
    if contents.proofs:
        parts["PRF"] = b"".join(proof + b"\n" for proof in contents.proofs)
    return parts


def _numbered(programs: Sequence[Program]) -> dict[int, tuple[Program, int]]:
    """Each program once, by identity, with its number."""
    found: dict[int, tuple[Program, int]] = {}
    for program in programs:
        found.setdefault(id(program), (program, len(found)))
    return found


def read_contents(
    meta: Meta,
    parts: Mapping[str, Bytes],
    code: Sequence[StoredCode],
    limits: Limits,
    registry: Registry,
    strict: bool = True,
) -> Contents:
    """Reads what `sections` wrote, `meta` in its section META. Raises `ModuleError`: HY3007 past a limit, HY3010 for
    ops and types that `registry` lacks, HY3012 for anything else that is not as `sections` writes it.

    With `strict` false the file is of a newer minor version, and may hold more than this version knows of.
    """
    with bulk.without_collections():
        check_requirements(meta.requires, registry, meta.about.core)
        try:
            return _read(meta, parts, code, limits, registry, strict)
        except OutOfOrder:
            raise canonical_json.malformed("section IR or SPAN", _ONE_WAY) from None


_ONE_WAY = "it is not written in the one way that it should be"


def _fields(parts: Mapping[str, Bytes], kind: str, strict: bool) -> Fields:
    what = f"section {kind}"
    return Fields(canonical_json.loads(parts[kind], what), what, strict)


def _read(
    meta: Meta, parts: Mapping[str, Bytes], code: Sequence[StoredCode], limits: Limits, registry: Registry, strict: bool
) -> Contents:
    spans = SpanReader(Reader(parts["SPAN"], "section SPAN", limits, strict) if "SPAN" in parts else None, strict)
    read = read_section(parts["IR"], spans, limits, registry, strict)
    proofs = _proofs(parts.get("PRF", b""))
    records = _fields(parts, "THM", strict)
    try:
        functions = tuple(
            StoredFunction(m.name, read.programs[m.source], read.programs[m.chosen], record)
            for m, record in zip(meta.members, read_records(records, len(proofs), spans.span), strict=True)
        )
    except (IndexError, ValueError):
        raise records.malformed("it does not fit the sections META, IR and SPAN") from None
    used = dict.fromkeys(n for f in functions for n in f.record.proofs)
    if list(used) != list(range(len(proofs))) or len(set(proofs)) != len(proofs):
        raise records.malformed("the proofs are not those of section PRF, in order")
    if strict:
        _check_form(meta, parts, read, functions, spans, registry)
    return Contents(meta.about, functions, proofs, tuple(code), "text" if "SPAN" in parts else "none")


def _check_form(
    meta: Meta,
    parts: Mapping[str, Bytes],
    read: ReadPrograms,
    functions: Sequence[StoredFunction],
    spans: SpanReader,
    registry: Registry,
) -> None:
    """What was read must be written as the writer does it, so that there is one file for each module. IR and SPAN were
    compared while they were read, PRF has one form; whether programs and spans are all used, and META and THM, are
    compared here."""
    programs = Numbers(range(len(read.programs)))
    programs.use_all(n for member in meta.members for n in (member.source, member.chosen))
    programs.end()
    spans.end_of_uses()
    try:
        again = replace(meta, requires=requirements(read.ops, read.types, registry))
    except KeyError as error:
        raise canonical_json.malformed("section IR", str(error)) from None
    records = {"functions": [f.record.json(spans.number) for f in functions]}
    for kind, value in (("META", again.json()), ("THM", records)):
        if canonical_json.dumps(value) != parts[kind]:
            raise canonical_json.malformed(f"section {kind}", _ONE_WAY)
    if parts.get("PRF") == b"":
        raise canonical_json.malformed("section PRF", _ONE_WAY)


def _proofs(data: Bytes) -> tuple[bytes, ...]:
    lines = bytes(data).split(b"\n")
    if lines.pop():
        raise canonical_json.malformed("section PRF", "its last line has no end")
    return tuple(lines)
