"""The container: what is written is read, every byte is covered, nothing but the one form is taken."""

from __future__ import annotations

import tracemalloc
import zlib
from hashlib import sha256
from importlib.util import find_spec

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperion.errors import ModuleError
from hyperion.module import codecs, container
from hyperion.module.codecs import Compression
from hyperion.module.container import ENTRY, HEADER, Entry, Section
from hyperion.module.limits import DEFAULT, Limits
from hyperion.module.source import Memory
from hyperion.testing.module_files import Draft, Part, draft_of

KINDS = st.sampled_from(["META", "IR", "CODE", "X1", "A"])
SECTIONS = st.lists(
    st.builds(Section, KINDS, st.binary(max_size=300), st.booleans(), st.sampled_from([codecs.NONE, codecs.ZLIB])),
    max_size=5,
)


def written(*sections: Section) -> bytes:
    return b"".join(container.pieces(sections))


def read(data: bytes, limits: Limits = DEFAULT) -> list[tuple[Entry, bytes]]:
    source = Memory(data)
    table = container.read_table(source, limits)
    kept = {entry.kind for entry in table.entries}
    found = container.check_payloads(source, table, kept)
    return [(e, bytes(container.payload(e, s, limits))) for e, s in found if s is not None]


def code_of(data: bytes, limits: Limits = DEFAULT) -> str:
    with pytest.raises(ModuleError) as caught:
        read(data, limits)
    return caught.value.code


@given(SECTIONS)
def test_what_is_written_is_read(sections: list[Section]) -> None:
    data = written(*sections)
    found = read(data)
    assert [(e.kind, e.critical, raw) for e, raw in found] == [(s.kind, s.critical, s.data) for s in sections]
    assert all(e.offset % 64 == 0 for e, _ in found)
    assert written(*sections) == data


@given(st.binary(max_size=200))
def test_other_bytes_are_no_module(data: bytes) -> None:
    cut = data and container.MAGIC.startswith(data)
    assert code_of(data) == ("HY3004" if cut else "HY3002")


def test_the_layout_is_the_documented_one() -> None:
    """docs/reference/module-files.md says these numbers."""
    data = written(Section("META", b"{}", True), Section("IR", b"i" * 500, True, codecs.ZLIB))
    assert (HEADER.size, ENTRY.size) == (68, 64)
    assert data[:8] == b"\x89HYM\r\n\x1a\n"
    assert data[8:12] == b"\1\0\0\0"
    assert data[16:20] == b"\2\0\0\0"
    assert int.from_bytes(data[20:28], "little") == 68
    assert int.from_bytes(data[28:36], "little") == len(data)
    assert data[68:76] == b"META\0\0\1\0"
    assert data[256:258] == b"{}"
    assert zlib.decompress(data[320:]) == b"i" * 500


def test_a_section_is_compressed_only_where_that_makes_it_smaller() -> None:
    (small, _), (large, _) = read(written(Section("A", b"ab", False, 1), Section("B", bytes(999), False, 1)))
    assert (small.codec, large.codec) == (codecs.NONE, codecs.ZLIB)
    flat = bytes(64 << 20)
    known = {(codecs.ZLIB, sha256(flat).digest()): zlib.compress(flat, 9)}
    ((entry, _),) = read(b"".join(container.pieces([Section("A", flat, False, 1)], known)))
    assert entry.codec == codecs.NONE  # a reader would take it for a decompression bomb


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"major": 2}, "HY3003"),
        ({"major": 0}, "HY3003"),
        ({"minor": 7}, ""),
        ({"flags": 1}, "HY3005"),
        ({"count": 300}, "HY3007"),
        ({"count": 3}, "HY3005"),
        ({"count": 1}, "HY3005"),
        ({"table": 69}, "HY3005"),
        ({"size": 5}, "HY3004"),
        ({"padding": 1}, "HY3005"),
        ({"tail": b"x"}, "HY3005"),
        ({"tail": bytes(64)}, "HY3005"),
    ],
)
def test_a_header_that_no_writer_makes(change: dict[str, object], code: str) -> None:
    draft = draft_of(written(Section("META", b"{}", True), Section("IR", b"i" * 500, True)))
    for name, value in change.items():
        setattr(draft, name, value)
    if code:
        assert code_of(draft.seal()) == code
    else:
        assert len(read(draft.seal())) == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": b"meta"}, "HY3005"),
        ({"kind": b"A\0B\0"}, "HY3005"),
        ({"kind": bytes(4)}, "HY3005"),
        ({"codec": 9}, "HY3005"),
        ({"codec": 9, "raw": 999}, "HY3009"),
        ({"codec": 1, "raw": 999}, "HY3012"),
        ({"codec": 1, "raw": 1 << 40}, "HY3007"),
        ({"flags": 2}, "HY3005"),
        ({"raw": 499}, "HY3005"),
        ({"offset": 64}, "HY3005"),
        ({"offset": 257}, "HY3005"),
        ({"offset": 320}, "HY3005"),
        ({"offset": (1 << 64) - 64}, "HY3005"),
        ({"length": 499}, "HY3005"),
        ({"length": 0}, "HY3005"),
        ({"length": (1 << 64) - 1}, "HY3005"),
    ],
)
def test_an_entry_that_no_writer_makes(change: dict[str, object], code: str) -> None:
    draft = draft_of(written(Section("META", b"i" * 500, True), Section("IR", b"i" * 500, True)))
    for name, value in change.items():
        setattr(draft.parts[0], name, value)
    assert code_of(draft.seal()) == code


def test_sections_that_overlap_are_refused() -> None:
    """Two entries for the same bytes: a quine of this kind is how archives become bombs."""
    draft = Draft([Part(b"A\0\0\0", 0, 0, b"x" * 64, 64, offset=256), Part(b"B\0\0\0", 0, 0, b"", 64, 256, 64)])
    assert code_of(draft.seal()) == "HY3005"


def stream(packed: bytes, raw: int) -> bytes:
    return Draft([Part(b"A\0\0\0", codecs.ZLIB, 0, packed, raw)]).seal()


def test_a_stream_is_read_to_exactly_its_size() -> None:
    data = b"hyperion " * 99
    packed = zlib.compress(data)
    assert read(stream(packed, len(data)))[0][1] == data
    for bad, size in (
        (packed, len(data) - 1),
        (packed, len(data) + 1),
        (packed[:-1], len(data)),
        (packed + b"x", len(data)),
        (packed + packed, 2 * len(data)),
        (b"not zlib", len(data)),
    ):
        assert code_of(stream(bad, size)) == "HY3012"


def test_a_bomb_is_refused_before_it_is_decompressed(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = zlib.compress(bytes(200 << 20), 9)
    monkeypatch.setattr(codecs, "decompress", None)
    assert code_of(stream(bomb, 200 << 20)) == "HY3007"
    assert code_of(stream(bomb, 2 << 30)) == "HY3007"


def test_a_bomb_that_lies_about_its_size_stops_there() -> None:
    """1 MiB said, 64 MiB held: hardly more than what was said is ever made."""
    packed = zlib.compress(bytes(64 << 20), 9)
    tracemalloc.start()
    try:
        assert code_of(stream(packed, len(packed))) == "HY3005"  # nothing is compressed to its own size
        assert code_of(stream(packed, 1 << 20)) == "HY3012"
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def test_limits_are_named() -> None:
    data = written(Section("META", bytes(500), True))
    for limits, name in (
        (Limits(file_bytes=9), "file_bytes"),
        (Limits(sections=0), "sections"),
        (Limits(raw_bytes=9), "raw_bytes"),
    ):
        with pytest.raises(ModuleError, match=rf"HY3007(.|\n)*limits=Limits\({name}="):
            read(data, limits)


HAS_ZSTD = any(find_spec(name.split(".")[0]) and find_spec(name) for name in ("compression.zstd", "zstandard"))


@pytest.mark.skipif(not HAS_ZSTD, reason="needs Python 3.14 or the package zstandard")
@pytest.mark.parametrize("change", [0, 1, -1])
def test_zstandard_is_bounded_as_well(change: int) -> None:
    data = b"hyperion " * 999
    (entry, raw), *_ = read(written(Section("A", data, False, codecs.ZSTD)))
    assert (entry.codec, raw) == (codecs.ZSTD, data)
    packed = codecs.compress(codecs.ZSTD, data)
    for bad in (packed[:-1], packed + b"x", packed + packed, b"no frame"):
        with pytest.raises(ModuleError, match="HY3012"):
            codecs.decompress(codecs.ZSTD, bad, len(data), "it")
    if change:
        with pytest.raises(ModuleError, match="HY3012"):
            codecs.decompress(codecs.ZSTD, packed, len(data) + change, "it")


def test_without_zstandard_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> object:
        raise ImportError(name)

    monkeypatch.setattr(codecs, "import_module", missing)
    for attempt in (lambda: codecs.compress(codecs.ZSTD, b""), lambda: codecs.decompress(codecs.ZSTD, b"", 5, "it")):
        with pytest.raises(ModuleError, match=r"HY3009(.|\n)*pip install zstandard"):
            attempt()


def test_names_of_codecs() -> None:
    names: list[Compression] = ["none", "zlib", "zstd"]
    assert [codecs.NUMBERS[n] for n in names] == [0, 1, 2]
