"""Damaged and hostile module files: an HY3xxx error, soon, in little memory. `fuzz/module_files.py` does much more."""

from __future__ import annotations

import tracemalloc
import zlib
from collections import Counter
from random import Random

import pytest

import hyperion as hp
from hyperion.errors import ModuleError
from hyperion.module.reading import open_module
from hyperion.module.source import Memory
from hyperion.testing.module_files import Hostile, draft_of, refusal
from hyperion.testing.module_samples import sample_module
from hyperion.testing.one_form import check_one_form


def test_every_bit_is_covered(sample: bytes) -> None:
    """Each single-bit flip of a whole file, in sections that are skipped too."""
    draft = draft_of(sample)
    draft.parts.append(draft_of(sample).parts[0])
    draft.parts[-1].kind, draft.parts[-1].flags = b"XTRA", 0
    data = draft.seal()
    assert refusal(lambda d: open_module(Memory(d)), data) == ""
    taken = [bit for bit in range(8 * len(data)) if not _refused(data, bit)]
    assert taken == []


def _refused(data: bytes, bit: int) -> bool:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    try:
        open_module(Memory(changed))
    except ModuleError as error:
        return error.code in ("HY3002", "HY3003", "HY3004", "HY3005", "HY3006", "HY3007")
    return False


def test_every_truncation_is_refused(sample: bytes) -> None:
    codes = Counter(refusal(lambda d: open_module(Memory(d)), sample[:n]) for n in range(len(sample)))
    assert codes.keys() == {"HY3002", "HY3004"}
    assert codes["HY3002"] == 1  # nothing at all


def test_bytes_after_the_end_are_refused(sample: bytes, reader: hp.Instance) -> None:
    for more in (b"\0", bytes(64), sample):
        assert refusal(reader.load, sample + more) == "HY3004"


@pytest.mark.parametrize("kind", Hostile([], Random()).kinds)
def test_hostile_files_with_hashes_that_fit(kind: str, sample: bytes, reader: hp.Instance) -> None:
    hostile = Hostile([sample, sample_module().to_bytes(compression="none", spans="none", code=False)], Random(kind))
    seen = Counter[str]()
    for _ in range(30 if kind == "bomb" else 80):
        _, data = hostile.make(kind)
        seen[refusal(reader.load, data)] += 1
    assert len(seen) > 1  # the changes are not all refused at the same door
    assert sum(seen.values()) - seen[""] > 10


@pytest.mark.parametrize("kind", Hostile([], Random()).kinds)
def test_a_file_has_one_form(kind: str, sample: bytes) -> None:
    """The reader compares the form while it reads; writing again what was read says the same."""
    assert check_one_form(sample)
    hostile = Hostile([sample, sample_module().to_bytes(compression="none", spans="none")], Random(f"form {kind}"))
    for _ in range(20 if kind == "bomb" else 150):
        check_one_form(hostile.make(kind)[1])


def test_what_is_taken_is_saved_as_it_was(sample: bytes, reader: hp.Instance) -> None:
    hostile = Hostile([sample], Random(5))
    taken = 0
    for _ in range(200):
        kind, data = hostile.make()
        if not refusal(reader.load, data) and kind not in ("header", "sections", "entry"):  # a newer minor is not kept
            taken += 1
            loaded = reader.load(data)
            again = reader.load(loaded.to_bytes())
            assert again.to_bytes() == loaded.to_bytes()
            assert {n: f.ir() for n, f in again.items()} == {n: f.ir() for n, f in loaded.items()}
    assert taken > 5


@pytest.mark.parametrize("filler", [b"[", b"[],", b"\0", b"\1", b"\xff", b'{"a":'])
@pytest.mark.parametrize("kind", [b"META", b"IR", b"SPAN", b"THM", b"PRF"])
def test_memory_is_bounded(kind: bytes, filler: bytes, sample: bytes, reader: hp.Instance) -> None:
    """A section of megabytes of one thing: refused without taking many times its size."""
    raw = (filler * (4 << 20))[: 4 << 20]
    draft = draft_of(sample)
    for part in draft.parts:
        if part.kind.rstrip(b"\0") == kind:
            part.codec, part.stored, part.raw = 1, zlib.compress(raw, 6), len(raw)
    data = draft.seal()
    tracemalloc.start()
    try:
        assert refusal(reader.load, data).startswith("HY30")
        assert tracemalloc.get_traced_memory()[1] < 160 << 20
    finally:
        tracemalloc.stop()
