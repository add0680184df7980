"""What sections of a file may hold, and what the file needs of the Hyperion that loads it."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

import hyperion as hp
from hyperion.errors import ModuleError
from hyperion.ir.parser import parse_program
from hyperion.ir.types import ExtensionType
from hyperion.module.module import Module
from hyperion.testing.forged_modules import (
    code_of,
    edited,
    never_compiled,
    section,
    with_section,
)
from hyperion.testing.module_files import draft_of
from hyperion.testing.module_samples import sample_module


def test_a_missing_plugin_is_named(reader: hp.Instance) -> None:
    registry = reader.registry.extended("acme-money", types=[ExtensionType("acme.money")])
    program = replace(
        parse_program("func @total(%x: acme.money) -> i64 { %c = const 1 : i64 return %c }", registry=registry)
    )
    old = sample_module()["total"].derivation
    new = replace(old, source=program, chosen=program, theorem=None, equality=None)
    data = Module({"total": never_compiled(new)}).to_bytes()
    with pytest.raises(ModuleError, match=r"HY3010(.|\n)*acme-money: type acme.money(.|\n)*pip install acme-money"):
        reader.load(data)


def test_an_older_core_lacks_operations(sample: bytes, reader: hp.Instance) -> None:
    def add(meta: Any) -> None:
        meta["requires"][0]["ops"].append({"name": "teleport", "version": ""})

    with pytest.raises(
        ModuleError, match=r"HY3010(.|\n)*operation teleport(.|\n)*update hyperion-core to 0.0.1 or later"
    ):
        reader.load(edited(sample, b"META", add))


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (b"META", lambda v: v.update(unknown=1)),
        (b"META", lambda v: v.pop("pipeline")),
        (b"META", lambda v: v.update(entry="other")),
        (b"META", lambda v: v.update(entry="\x1b[2J")),
        (b"META", lambda v: v["requires"][0]["ops"].pop()),
        (b"META", lambda v: v["functions"].reverse()),
        (b"META", lambda v: v["functions"][0].update(source=9)),
        (b"META", lambda v: v["functions"][0].update(chosen=-1)),
        (b"META", lambda v: v["functions"].append(v["functions"][0])),
        (b"META", lambda v: v["code"].clear()),
        (b"META", lambda v: v["code"][0]["functions"][0].update(size=3)),
        (b"META", lambda v: v["code"][0]["functions"][0].update(name="other")),
        (b"META", lambda v: v["producer"].update(name="somebody")),
        (b"THM", lambda v: v["functions"].pop()),
        (b"THM", lambda v: v["functions"][0]["theorem"].update(proof=1)),
        (b"THM", lambda v: v["functions"][1]["refusals"][0].update(span=99)),
        (b"THM", lambda v: v["functions"][0].update(parallel=0)),
        (b"THM", lambda v: v["functions"][0].update(parallel=True)),
        (b"THM", lambda v: v["functions"][0].update(unproved=["cse"])),
        (b"THM", lambda v: v["functions"][0].update(rewritten={"proof": 0})),
        (b"THM", lambda v: v["functions"][0]["cost"].update(rank=1000)),
        (b"THM", lambda v: v["functions"][0].update(theorem=None)),
    ],
)
def test_contents_that_no_writer_makes(
    kind: bytes, change: Callable[[Any], object], sample: bytes, reader: hp.Instance
) -> None:
    assert code_of(lambda: reader.load(edited(sample, kind, change))) == "HY3012"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [(b"{", "Expecting"), (b"NaN", "NaN"), (b"[" * 100_000, "recursion"), (b"\xff", "decode")],
)
def test_what_is_no_json(raw: bytes, reason: str, sample: bytes, reader: hp.Instance) -> None:
    with pytest.raises(ModuleError, match=rf"HY3012: section META is malformed.*{reason}"):
        reader.load(with_section(sample, b"META", raw))


def test_json_is_written_in_one_way(sample: bytes, reader: hp.Instance) -> None:
    for kind in (b"META", b"THM", b"PRF"):
        raw = section(sample, kind)
        assert (
            code_of(lambda k=kind, r=raw: reader.load(with_section(sample, k, r.replace(b":", b": ", 1)))) == "HY3012"
        )


def test_a_newer_minor_version_is_read(sample: bytes, reader: hp.Instance) -> None:
    draft = draft_of(edited(sample, b"META", lambda v: v.update(news="of the future")))
    draft.parts.append(replace(draft.parts[0], kind=b"NEWS", flags=0))
    draft.minor = 1
    assert list(reader.load(draft.seal())) == ["total", "kinds"]
    draft.minor = 0
    assert code_of(lambda: reader.load(draft.seal())) == "HY3012"
    draft.minor, draft.parts[-1].flags = 1, 1
    assert code_of(lambda: reader.load(draft.seal())) == "HY3008"


def test_what_cannot_be_saved() -> None:
    assert code_of(lambda: Module({}).to_bytes()) == "HY3016"


def test_unprintable_texts_do_not_reach_a_file(reader: hp.Instance) -> None:
    old = sample_module()["kinds"].derivation
    refusal = replace(old.refusals[0], reason="\x1b[2Jgone")
    function = never_compiled(replace(old, refusals=(refusal,)))
    data = Module({"kinds": function}).to_bytes()
    loaded = reader.load(data)
    assert loaded["kinds"].derivation.refusals[0].reason == "\ufffd[2Jgone"
    assert loaded.to_bytes() == data


def test_a_section_that_another_section_could_be(sample: bytes, reader: hp.Instance) -> None:
    draft = draft_of(sample)
    for kinds in ([b"IR\0\0", b"META"], [b"META", b"META"], [b"META"]):
        other = draft_of(sample)
        other.parts = [replace(part, kind=kind) for part, kind in zip(draft.parts, kinds, strict=False)]
        assert code_of(lambda o=other: reader.load(o.seal())) == "HY3005"
    compressed = draft_of(sample)
    put_code = compressed.parts[-1]
    put_code.codec, put_code.stored = 1, zlib.compress(put_code.stored)
    assert put_code.kind == b"CODE"
    assert code_of(lambda: reader.load(compressed.seal())) == "HY3005"
    mixed = draft_of(sample)
    mixed.parts[1].codec = 2
    assert code_of(lambda: reader.load(mixed.seal())) in ("HY3005", "HY3012")
