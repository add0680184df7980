"""`check="first-use"`: an error at the first use of a function, the same each time, or what `check="now"` gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest

import hyperion as hp
from hyperion.errors import ModuleError, PluginError, ProofError
from hyperion.interfaces.event import Event
from hyperion.module import Limits, Module, ModuleFunction
from hyperion.testing.first_use import load_both
from hyperion.testing.forged_modules import (
    PARALLEL,
    WRONG,
    code_of,
    edited,
    forged,
    never_compiled,
    section,
    with_section,
)
from hyperion.testing.module_files import Hostile, refusal
from hyperion.testing.module_samples import KINDS, TOTAL, sample_module

USES: dict[str, Callable[[ModuleFunction], object]] = {
    "call": lambda f: f([1, 2]),
    "ir": lambda f: f.ir(),
    "explain": lambda f: f.explain(),
    "derivation": lambda f: f.derivation,
    "name": lambda f: f.name,
    "entry": lambda f: f.entry,
    "bind": lambda f: f.bind(lambda *_: None),
    "taken": lambda f: f.taken([1]),
    "lower": lambda f: f.lower(),
    "compiled": lambda f: f.compiled,
    "native": lambda f: f.native(),
    "sequential": lambda f: f.sequential,
    "replay": lambda f: f.replay(ValueError(), ()),
}

BAD_PROOF = "HY3011: the proof of 'total' is rejected"


@pytest.fixture(scope="session")
def two(sample: bytes) -> bytes:
    """The sample, where the proof of `total` is wrong and `kinds` is as it was."""
    return with_section(sample, b"PRF", section(sample, b"PRF").replace(b'"steps":[', b'"steps":[["sym",0],', 1))


def public(kind: type) -> set[str]:
    return {name for name in vars(kind) if not name.startswith("_")}


def test_every_use_is_listed() -> None:
    others = {"deferred", "loaded", "target", "changed"}  # makers, and what says nothing of the function
    assert public(ModuleFunction) == (USES.keys() - {"call"}) | others


@pytest.mark.parametrize("use", USES)
def test_a_function_is_refused_at_every_use(use: str, two: bytes, reader: hp.Instance) -> None:
    module = reader.load(two, check="first-use")
    assert (list(module), len(module), "total" in module, module.about.entry) == (["total", "kinds"], 2, True, "total")
    messages = set[str]()
    for _ in range(3):
        with pytest.raises(ModuleError, match=BAD_PROOF) as caught:
            USES[use](module["total"])
        messages.add(str(caught.value))
    assert len(messages) == 1
    assert module["kinds"].ir().startswith("func @kinds")
    assert not module["kinds"].explain().checked


def test_each_caller_has_its_own_error(two: bytes, reader: hp.Instance) -> None:
    function, found = reader.load(two, check="first-use")["total"], list[ModuleError]()
    for _ in range(2):
        with pytest.raises(ModuleError) as caught:
            function.ir()
        found.append(caught.value)
    assert found[0] is not found[1]
    assert str(found[0]) == str(found[1])


def test_what_is_taken_is_the_same_as_now(sample: bytes, reader: hp.Instance) -> None:
    now, later = reader.load(sample), reader.load(sample, check="first-use")
    for name in now:
        assert later[name].ir() == now[name].ir()
        assert later[name].ir("source") == now[name].ir("source")
        assert later[name].explain() == now[name].explain()
    assert later["total"].explain().checked


def test_a_checked_function_is_called(instance: hp.Instance, module: Module, tiny: Any) -> None:
    loaded = instance.load(module.to_bytes(), check="first-use")
    before = len(tiny.target.compiled)
    assert loaded["total"]([1, 2]) == 3
    assert loaded["total"]([4]) == 4
    assert len(tiny.target.compiled) == before + 1


def test_one_judgement_for_many_threads(
    two: bytes, reader: hp.Instance, in_threads: Callable[..., list[object]]
) -> None:
    module = reader.load(two, check="first-use")
    codes = in_threads(lambda: code_of(lambda: module["total"].ir()), 8)
    assert codes == ["HY3011"] * 8
    derivations = in_threads(lambda: module["kinds"].derivation, 8)
    assert {id(d) for d in derivations} == {id(module["kinds"].derivation)}


def test_the_first_use_is_told(sample: bytes, reader: hp.Instance) -> None:
    events: list[Event] = []
    with reader.listening(events.append):
        module = reader.load(sample, check="first-use")
        module["kinds"].ir()
        module["kinds"].ir()
    begun = [(e.kind, e.fields["name"], e.fields["function"]) for e in events if e.kind.endswith(".begin")]
    assert begun == [("load.begin", "bytes", ""), ("load.begin", "kinds", "kinds"), ("verify.begin", "", "kinds")]


def test_what_is_compared_at_once(sample: bytes, reader: hp.Instance) -> None:
    changed = bytearray(sample)
    changed[-1] ^= 1  # of the code, which nobody asked for
    for data, code in (
        (bytes(changed), "HY3006"),
        (sample[:-1], "HY3004"),
        (with_section(sample, b"META", b"{"), "HY3012"),
        (
            edited(sample, b"META", lambda v: v["requires"][0]["ops"].append({"name": "teleport", "version": ""})),
            "HY3010",
        ),
    ):
        assert code_of(lambda d=data: reader.load(d, check="first-use")) == code
    assert code_of(lambda: reader.load(sample, check="first-use", limits=Limits(ir_bytes=10))) == "HY3007"


@pytest.mark.parametrize(
    ("kind", "raw", "code"),
    [(b"IR", b"\2", "HY3012"), (b"THM", b"{}", "HY3012"), (b"PRF", b"x", "HY3012"), (b"SPAN", b"", "HY3012")],
)
def test_what_is_not_decoded_yet(kind: bytes, raw: bytes, code: str, sample: bytes, reader: hp.Instance) -> None:
    module = reader.load(with_section(sample, kind, raw), check="first-use")
    for name in module:
        assert code_of(lambda n=name: module[n].ir()) == code


def test_limits_hold_at_first_use(sample: bytes, reader: hp.Instance) -> None:
    for limits, name, code in (
        (Limits(proof_equations=1), "total", "HY3007"),
        (Limits(proof_terms=2), "total", "HY3011"),
        (Limits(equations=1), "kinds", "HY3007"),
    ):
        module = reader.load(sample, check="first-use", limits=limits)
        assert code_of(lambda m=module, n=name: m[n].explain()) == code


def test_a_wrong_function_does_not_run(instance: hp.Instance, tiny: Any) -> None:
    for data in (forged(TOTAL, WRONG, TOTAL), forged(TOTAL, PARALLEL, PARALLEL), forged(PARALLEL, PARALLEL, PARALLEL)):
        before = len(tiny.target.compiled)
        module = instance.load(data, check="first-use", trust_code=True)
        assert code_of(lambda m=module: m["total"]([1, 2])) == "HY3011"
        assert len(tiny.target.compiled) == before


def test_as_written(instance: hp.Instance) -> None:
    data = forged(TOTAL, WRONG, TOTAL)
    now = instance.load(data, rejected="as-written")
    later = instance.load(data, rejected="as-written", check="first-use")
    assert later["total"]([1, 2]) == 3
    assert not later["total"].explain().checked
    assert later["total"].explain() == now["total"].explain()
    fresh = instance.load(data, rejected="as-written", check="first-use")
    assert fresh.to_bytes() == later.to_bytes() == now.to_bytes() != data
    unfounded = instance.load(forged(PARALLEL, PARALLEL, PARALLEL), rejected="as-written", check="first-use")["total"]
    with pytest.raises(ProofError, match="HY7020"):
        unfounded([1, 2])


def test_it_is_saved_as_it_was(sample: bytes, two: bytes, reader: hp.Instance) -> None:
    assert reader.load(sample, check="first-use").to_bytes() == sample
    untouched = reader.load(two, check="first-use")
    assert untouched.to_bytes() == two  # a copy of what was loaded, which says nothing of its functions
    assert code_of(lambda: untouched.to_bytes(spans="none")) == "HY3011"  # written anew from functions
    assert reader.load(sample, check="first-use").to_bytes(spans="none") == sample_module().to_bytes(spans="none")


def test_code_is_given_after_the_check(two: bytes, sample: bytes, reader: hp.Instance) -> None:
    module = reader.load(two, check="first-use")
    assert code_of(lambda: module.code("fake")) == "HY3011"
    assert code_of(lambda: module.code("fake", "total")) == "HY3011"
    assert bytes(module.code("fake", "kinds")) == b"kinds" * 20
    assert bytes(reader.load(sample, check="first-use").code("fake", "total")) == b"total" * 20


def test_memory_that_changes_afterwards(sample: bytes, reader: hp.Instance) -> None:
    """What is decoded later is what was hashed."""
    data = bytearray(sample_module().to_bytes(code=False))
    before = bytes(data)
    module = reader.load(data, check="first-use")
    data[:] = bytes(len(data))
    assert module["total"].explain().checked
    assert module.to_bytes() == before


@pytest.mark.parametrize("choice", [{"check": "never"}, {"check": None}, {"rejected": "ignore"}])
def test_other_words_for_when(choice: dict[str, Any], sample: bytes, reader: hp.Instance) -> None:
    with pytest.raises(PluginError, match="HY1009"):
        reader.load(sample, **choice)


@pytest.mark.parametrize("kind", Hostile([], Random()).kinds)
def test_hostile_files(kind: str, sample: bytes, reader: hp.Instance) -> None:
    hostile = Hostile([sample, sample_module().to_bytes(compression="none", spans="none")], Random(f"later {kind}"))
    seen = Counter(
        refusal(lambda d: load_both(reader, d), hostile.make(kind)[1]) for _ in range(20 if kind == "bomb" else 60)
    )
    assert len(seen) > 1


def test_a_function_that_calls_another_is_verified_with_it(instance: hp.Instance) -> None:
    """`kinds` calls `total2`: its program holds the callee, which is invalid here."""
    module = instance.compile(KINDS, frontend="ir")
    old = module["kinds"].derivation
    callee = old.source.functions["total2"]
    invalid = replace(callee, results=callee.parameters[:1])  # another type than calls expect
    broken = replace(old.source, functions={"kinds": old.source.main, "total2": invalid})
    bad = replace(old, source=broken, chosen=broken)
    data = Module({"kinds": never_compiled(bad), "total2": never_compiled(module["total2"].derivation)}).to_bytes()
    loaded = instance.load(data, check="first-use")
    assert loaded["total2"](1, 2.5) == 2.5
    assert code_of(lambda: loaded["kinds"].ir()) == "HY3013"
    assert code_of(lambda: instance.load(data)) == "HY3013"
