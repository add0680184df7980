"""Bundles move theorems; what is taken in was checked again, and a hostile one wastes bounded time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random

import numpy as np
import pytest

import hyperion as hp
from hyperion.driver import Derivation
from hyperion.errors import ModuleError
from hyperion.interfaces.theorem_library import StoredTheorem
from hyperion.ir.function import walk
from hyperion.logic.literals import int_lit
from hyperion.logic.proof import ProofFile, line_of
from hyperion_library import bundle, record
from hyperion_library.admission import Budget, Refused, admitted
from hyperion_library.constants import with_literals

Fresh = Callable[..., hp.Instance]
Derive = Callable[..., Derivation]


def total(xs):  # type: ignore[no-untyped-def]  what a user writes
    s = 0
    for x in xs:
        s += x
    return s


def highest(xs):  # type: ignore[no-untyped-def]  what a user writes
    best = 0
    for x in xs:
        best = max(best, x)
    return best


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of two theorems."""
    folder = tmp_path_factory.mktemp("bundle")
    with hp.Instance(config={"home": str(folder / "home")}) as instance:
        for loop in (total, highest):
            instance.derive(instance.program(loop, arguments=(np.arange(3, dtype=np.int32),)))
        assert instance.theorems.export(folder / "two.hyt") == 2
    return folder / "two.hyt"


@pytest.fixture
def theorems(exported: Path, fresh: Fresh) -> list[StoredTheorem]:
    registry = fresh().registry
    return [record.decode(data, registry) for data in bundle.read(exported)]


def test_a_bundle_moves_theorems(exported: Path, home: Path, fresh: Fresh, derived: Derive) -> None:
    instance = fresh()
    assert instance.theorems.import_(exported) == 2
    assert instance.theorems.import_(exported) == 2  # known ones included
    assert len(instance.theorems) == 2
    for loop in (total, highest):
        assert derived(fresh(), loop, np.arange(3, dtype=np.int32)).recalled == "exact"


def test_export_of_some_and_again_gives_the_same_bytes(
    exported: Path, tmp_path: Path, home: Path, fresh: Fresh
) -> None:
    library = fresh().theorems
    library.import_(exported)
    assert library.export(tmp_path / "again.hyt") == 2
    assert (tmp_path / "again.hyt").read_bytes() == exported.read_bytes()
    one = next(iter(library))
    assert library.export(tmp_path / "one.hyt", [one]) == 1
    assert library.export(tmp_path / "none.hyt", []) == 0
    assert fresh(config={"home": str(tmp_path / "other")}).theorems.import_(tmp_path / "one.hyt") == 1
    assert fresh().theorems.import_(tmp_path / "none.hyt") == 0


def test_a_bundle_says_nothing_of_files_or_folders(exported: Path, theorems: list[StoredTheorem]) -> None:
    for theorem in theorems:
        for program in (theorem.source, theorem.chosen):
            assert {e.span.file for f in program.functions.values() for e in walk(f.equations) if e.span} <= {""}
    assert b"test_bundles" not in exported.read_bytes()


@pytest.mark.parametrize("name", ["none.hyt", "folder"])
def test_a_file_that_cannot_be_read(name: str, tmp_path: Path, fresh: Fresh) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(ModuleError, match="HY3014"):
        fresh().theorems.import_(tmp_path / name)


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda d: b"", "HY3021"),
        (lambda d: b"PK" + d, "HY3021"),
        (lambda d: d[:20], "HY3023"),
        (lambda d: d[:8] + b"\2" + d[9:], "HY3022"),
        (lambda d: d[:-1], "HY3023"),
        (lambda d: d + b"\0", "HY3023"),
        (lambda d: d[:500] + bytes([d[500] ^ 1]) + d[501:], "HY3023"),
        (lambda d: rehashed(d, count=3), "HY3023"),
        (lambda d: rehashed(d, count=1), "HY3023"),
        (lambda d: rehashed(d, count=1 << 30), "HY3007"),
    ],
)
def test_a_bundle_that_is_not_whole_is_refused(
    damage: Callable[[bytes], bytes], code: str, exported: Path, tmp_path: Path, fresh: Fresh
) -> None:
    (tmp_path / "bad.hyt").write_bytes(damage(exported.read_bytes()))
    with pytest.raises(ModuleError) as caught:
        fresh().theorems.import_(tmp_path / "bad.hyt")
    assert caught.value.code == code


def rehashed(data: bytes, count: int) -> bytes:
    """The bundle with another number of records, and a hash that fits."""
    body = data[bundle.HEADER.size :]
    return bundle.HEADER.pack(bundle.MAGIC, *bundle.VERSION, count, len(data), sha256(body).digest()) + body


def spoiled_chosen(t: StoredTheorem) -> StoredTheorem:
    return replace(t, chosen=with_literals(t.chosen, {int_lit(0): int_lit(1)}))


def spoiled_source(t: StoredTheorem) -> StoredTheorem:
    return replace(t, source=with_literals(t.source, {int_lit(0): int_lit(1)}))


def trivial(t: StoredTheorem) -> StoredTheorem:
    """Says of the parallel program that it equals itself: true, and no reason to run it."""
    return replace(t, source=t.chosen)


def without_steps(t: StoredTheorem) -> StoredTheorem:
    return replace(t, proof=ProofFile(line_of(t.proof).replace(b'["trans"', b'["frans"', 1)))


def ill_typed(t: StoredTheorem) -> StoredTheorem:
    return replace(t, chosen=with_literals(t.chosen, {int_lit(0): int_lit(1 << 80)}))


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (spoiled_chosen, "right side"),
        (spoiled_source, "left side"),
        (trivial, "need a theorem themselves"),
        (without_steps, "HY7001"),
        (ill_typed, "not valid"),
    ],
)
def test_a_false_theorem_is_refused_and_the_others_are_taken(
    spoil: Callable[[StoredTheorem], StoredTheorem], word: str, theorems: list[StoredTheorem], tmp_path: Path,
    home: Path, fresh: Fresh, caplog: pytest.LogCaptureFixture, raw: Callable[[StoredTheorem], bytes],
) -> None:  # fmt: skip
    good, bad = theorems
    (tmp_path / "mixed.hyt").write_bytes(bundle.pack([raw(spoil(bad)), raw(good)]))
    instance = fresh()
    with caplog.at_level(logging.WARNING, "hyperion.library"):
        assert instance.theorems.import_(tmp_path / "mixed.hyt") == 1
    assert [t.digest for t in instance.theorems] == [good.digest]
    assert "record 1: " in caplog.text
    assert word in caplog.text


@pytest.fixture
def raw() -> Callable[[StoredTheorem], bytes]:
    """The record of a theorem that may be false, with the claims that a true one would have."""

    def encode(theorem: StoredTheorem) -> bytes:
        return record.encode(theorem, record.Claims("0" * 64, "1" * 64, (), ()))

    return encode


def test_the_names_in_a_bundle_are_shown_and_nothing_more(
    theorems: list[StoredTheorem], tmp_path: Path, home: Path, fresh: Fresh, raw: Callable[[StoredTheorem], bytes]
) -> None:
    """Strategy, summary, cost, digest and what searched are claims; the statement is the checker's."""
    (_, theorem) = theorems
    boast = replace(theorem, summary="0 = 1", strategy="magic", digest="f" * 64)
    (tmp_path / "boast.hyt").write_bytes(bundle.pack([raw(boast)]))
    library = fresh().theorems
    assert library.import_(tmp_path / "boast.hyt") == 1
    (found,) = library
    assert (found.digest, str(found)) == (theorem.digest, str(theorem))
    assert found.summary == "0 = 1"


def test_time_and_size_are_bounded(exported: Path, fresh: Fresh) -> None:
    instance = fresh()
    records = list(bundle.read(exported))

    def reasons(**limits: float) -> list[str]:
        budget = replace(Budget(), **limits)  # type: ignore[arg-type]  some are whole numbers
        return [str(r) for r in admitted(records, instance.registry, instance.policy, budget) if isinstance(r, Refused)]

    assert reasons() == []
    assert [r.partition(": ")[2] for r in reasons(seconds=0)] == ["the 0 seconds for this bundle are over"] * 2
    assert all("HY7002" in r or "seconds" in r for r in reasons(seconds_each=0.0001))
    assert all("equations, more than the limit" in r for r in reasons(equations=2))
    assert all("HY7001" in r for r in reasons(terms=100))


def test_a_record_that_inflates_is_refused_before_it_does(exported: Path, tmp_path: Path, fresh: Fresh) -> None:
    from hyperion.module import container

    bomb = b"".join(container.pieces([container.Section(k, bytes(200 << 20), True, 1) for k in ("META", "IR", "THM")]))
    (tmp_path / "bomb.hyt").write_bytes(bundle.pack([bomb, *bundle.read(exported)]))
    report = fresh().theorems.take_in(tmp_path / "bomb.hyt")
    assert report.accepted == 2
    assert "HY3007" in report.refused[0]


def test_every_damaged_record_is_refused_or_as_good(exported: Path, fresh: Fresh) -> None:
    """Random bytes changed in the stored bytes of one record: its hash does not fit. The fuzzer goes further."""
    instance = fresh()
    data, random = next(iter(bundle.read(exported))), Random(4)
    for _ in range(60):
        bad = bytearray(data)
        bad[random.randrange(len(bad))] ^= 1 << random.randrange(8)
        (found,) = admitted([bytes(bad)], instance.registry, instance.policy, Budget())
        assert isinstance(found, Refused)


def test_memory_only_libraries_move_no_bundles(tmp_path: Path, fresh: Fresh) -> None:
    library = fresh(disable=["library"]).theorems
    for act in (library.export, library.import_, library.take_in):
        with pytest.raises(hp.HyperionError, match="HY1018"):
            act(tmp_path / "x.hyt")
