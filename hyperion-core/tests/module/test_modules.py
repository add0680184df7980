"""Modules saved and loaded: the same bytes, the same functions, and nothing believed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

import hyperion as hp
from hyperion.cost import LINEAR
from hyperion.errors import CodegenError, ModuleError, ProofError
from hyperion.interfaces.codegen import NativeCode
from hyperion.interfaces.strategy import Candidate
from hyperion.ir.function import Program
from hyperion.ir.parser import parse_program
from hyperion.ir.printer import print_program
from hyperion.ir.types import ExtensionType
from hyperion.logic import kernel
from hyperion.logic.denote import denote
from hyperion.module import Limits
from hyperion.module.function import ModuleFunction
from hyperion.module.module import Module
from hyperion.testing.module_files import draft_of, raw_of
from hyperion.testing.module_samples import KINDS, TOTAL, sample_module

SUM = parse_program(TOTAL, "total.hir")
RENAMED = parse_program(TOTAL.replace("%sum", "%all"), "total.hir")


@dataclass
class Renames:
    """A strategy that proves a function with other names equal."""

    name: str = "rename"

    def derive(self, function: Any) -> Any:
        if function == SUM.main:
            theorem = kernel.refl(denote(SUM.main))
            yield Candidate("rename", RENAMED.main, theorem, LINEAR, False, "the same loop")


@pytest.fixture
def module(instance: hp.Instance, tiny: Any) -> Module:
    tiny.strategies["rename"] = Renames
    return instance.compile(TOTAL, frontend="ir", filename="total.hir")


def code_of(attempt: Callable[[], object]) -> str:
    with pytest.raises(ModuleError) as caught:
        attempt()
    assert str(caught.value)
    return caught.value.code


def edited(data: bytes, kind: bytes, change: Callable[[Any], object]) -> bytes:
    """The file with the JSON of a section changed."""
    draft = draft_of(data)
    for part in draft.parts:
        if part.kind.rstrip(b"\0") == kind:
            value = json.loads(raw_of(part))
            change(value)
            part.stored = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
            part.codec, part.raw = 0, len(part.stored)
    return draft.seal()


def test_a_module_comes_back(instance: hp.Instance, module: Module) -> None:
    data = module.to_bytes()
    loaded = instance.load(data)
    assert loaded.to_bytes() == data
    assert instance.load(loaded.to_bytes()).to_bytes() == data
    assert list(loaded) == ["total"]
    assert loaded.about == module.about
    assert (module.about.entry, module.about.core, module.about.target) == ("total", hp.__version__, "cpu")
    assert [p.name for p in module.about.plugins] == ["tiny"]
    old, new = module["total"], loaded["total"]
    assert new([1, 2, 3]) == old([1, 2, 3]) == 6
    assert new.explain() == old.explain()
    assert new.explain().checked
    assert (new.ir(), new.ir("source")) == (old.ir(), old.ir("source"))
    assert new.lower() == old.lower()
    assert new.derivation.source.main.span == old.derivation.source.main.span
    theorem = new.explain().theorem
    assert theorem is not None
    assert theorem.proof() == old.explain().theorem.proof()  # type: ignore[union-attr]


def test_it_is_compiled_on_first_use(instance: hp.Instance, tiny: Any, module: Module) -> None:
    before = len(tiny.target.compiled)
    loaded = instance.load(module.to_bytes())
    assert loaded["total"].explain().checked
    assert len(tiny.target.compiled) == before
    assert loaded["total"]([1]) == 1
    assert loaded["total"]([2]) == 2
    assert len(tiny.target.compiled) == before + 1


def test_one_compilation_for_many_threads(
    instance: hp.Instance, tiny: Any, module: Module, in_threads: Callable[..., list[object]]
) -> None:
    loaded = instance.load(module.to_bytes())
    before = len(tiny.target.compiled)
    assert in_threads(lambda: loaded["total"]([1, 2]), 8) == [3] * 8
    assert len(tiny.target.compiled) == before + 1


@pytest.mark.parametrize("compression", ["none", "zlib", "zstd"])
@pytest.mark.parametrize("spans", ["text", "places", "none"])
def test_how_it_was_saved_is_kept(compression: Any, spans: Any, reader: hp.Instance) -> None:
    data = sample_module().to_bytes(compression=compression, spans=spans)
    loaded = reader.load(data)
    assert loaded.to_bytes() == data
    assert loaded.to_bytes(compression="zlib", spans=spans) == sample_module().to_bytes(spans=spans)
    span = loaded["kinds"].derivation.refusals[0].span
    if spans == "none":
        assert span is None
    else:
        assert span is not None
        assert (span.line, bool(span.text), [c.line for c in span.callers]) == (12, spans == "text", [3])
    if spans == "text":
        assert loaded.to_bytes(spans="places") == sample_module().to_bytes(compression=compression, spans="places")


def test_a_loaded_file_keeps_its_compressed_bytes(sample: bytes, reader: hp.Instance) -> None:
    """Another version of zlib compresses otherwise; a file that is loaded and saved stays what it was."""
    draft = draft_of(sample)
    for part in draft.parts:
        if part.codec:
            part.stored = zlib.compress(raw_of(part), 9)
    other = draft.seal()
    assert other != sample
    assert reader.load(other).to_bytes() == other


@pytest.mark.parametrize("seed", ["0", "1", "2", "random"])
def test_the_same_bytes_in_every_process(seed: str, sample: bytes) -> None:
    program = "import sys; from hyperion.testing.module_samples import sample_module as m\n"
    program += "sys.stdout.buffer.write(m().to_bytes())"
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True, timeout=60)
    assert done.stdout == sample


def test_functions_of_a_program_become_functions_of_the_module(instance: hp.Instance) -> None:
    module = instance.compile(KINDS + TOTAL, frontend="ir")
    assert list(module) == ["kinds", "total2", "total"]
    assert module.entry.name == "kinds"
    assert list(module["kinds"].derivation.source.functions) == ["kinds", "total2"]
    assert list(module["total"].derivation.source.functions) == ["total"]
    loaded = instance.load(module.to_bytes())
    assert loaded.to_bytes() == module.to_bytes()
    assert loaded["total2"](1, 2.5) == 2.5
    sources = [loaded[name].derivation.source.functions["total2"] for name in ("kinds", "total2")]
    assert sources[0] is sources[1]


def test_an_error_in_any_function_is_an_error(instance: hp.Instance) -> None:
    with pytest.raises(hp.HyperionError, match="HY6002"):
        instance.compile(TOTAL + "func @g(%x: i64) -> i64 { return %y }", frontend="ir")


def test_what_only_the_target_refuses_is_refused_when_called(instance: hp.Instance, tiny: Any) -> None:
    compiles = tiny.target.compile

    def picky(program: Program) -> object:
        if program.entry == "total2":
            raise CodegenError("HY8002", "no machine form")
        return compiles(program)

    tiny.target.compile = picky
    module = instance.compile(TOTAL + KINDS.partition("func @total2")[2].join(["func @total2", ""]), frontend="ir")
    assert module["total"]([1]) == 1
    for each in (module, instance.load(module.to_bytes())):
        with pytest.raises(CodegenError, match="HY8002"):
            each["total2"](1, 2.0)
    with pytest.raises(CodegenError, match="HY8002"):
        instance.compile("func @total2(%x: i64) -> i64 { return %x }", frontend="ir")


def test_a_target_that_fails_later_falls_back_to_the_source(instance: hp.Instance, tiny: Any, module: Module) -> None:
    compiles = tiny.target.compile

    def picky(program: Program) -> object:
        if "%all" in print_program(program):
            raise CodegenError("HY8001", "no lowering")
        return compiles(program)

    tiny.target.compile = picky
    loaded = instance.load(module.to_bytes())
    assert loaded["total"]([1, 2]) == 3
    explanation = loaded["total"].explain()
    assert (explanation.theorem, explanation.checked) == (None, False)
    assert "the derived form has no code" in explanation.refusals[-1].reason


# Proofs


def proof_line(data: bytes) -> bytes:
    return next(raw_of(p) for p in draft_of(data).parts if p.kind == b"PRF\0")


def with_section(data: bytes, kind: bytes, raw: bytes) -> bytes:
    draft = draft_of(data)
    for part in draft.parts:
        if part.kind.rstrip(b"\0") == kind:
            part.codec, part.stored, part.raw = 0, raw, len(raw)
    return draft.seal()


def test_a_proof_is_checked_again(sample: bytes, reader: hp.Instance) -> None:
    proof = json.loads(proof_line(sample))
    for change in (
        lambda p: p["steps"].append(["axiom", "everything.is.true"]),
        lambda p: p["steps"].append(["sym", 99]),
        lambda p: p["steps"].clear(),
        lambda p: p.update(version=2),
        lambda p: p["terms"].pop(0),
    ):
        changed = json.loads(json.dumps(proof))
        change(changed)
        data = with_section(sample, b"PRF", json.dumps(changed, separators=(",", ":")).encode() + b"\n")
        with pytest.raises(ModuleError, match=r"HY3011: the proof of 'total' is rejected: HY7001") as caught:
            reader.load(data)
        assert "rejected=" in str(caught.value)
        loaded = reader.load(data, rejected="as-written")
        explanation = loaded["total"].explain()
        assert (explanation.checked, explanation.theorem) == (False, None)
        assert loaded["total"].derivation.chosen is loaded["total"].derivation.source
        assert explanation.refusals[-1].strategy == "module file"


WRONG = TOTAL.replace("const 0", "const 1")


def forged(source: str, chosen: str, statement: str, rewritten: bool = False) -> bytes:
    """A module that says that `source` equals `chosen`, with a valid proof of `statement` = `statement`."""
    old = sample_module()["total"].derivation
    about = parse_program(statement)
    proof = kernel.refl(denote(about.main, about))
    equality = None if rewritten else old.equality
    new = replace(old, source=parse_program(source), chosen=parse_program(chosen), theorem=None if rewritten else proof)
    new = replace(new, equality=equality, rewritten=proof if rewritten else None)
    return Module({"total": ModuleFunction.deferred(new, lambda: pytest.fail("compiled"))}).to_bytes()


@pytest.mark.parametrize("rewritten", [False, True])
@pytest.mark.parametrize(
    ("source", "chosen", "statement", "reason"),
    [
        (TOTAL, WRONG, TOTAL, "right side is not what the compiled function denotes"),
        (WRONG, TOTAL, TOTAL, "left side is not what the source function denotes"),
        (TOTAL, WRONG, WRONG, "left side is not what the source function denotes"),
        (TOTAL, TOTAL.replace("i64", "i32"), TOTAL, "other parameter types"),
    ],
)
def test_a_true_proof_of_something_else_is_refused(
    source: str, chosen: str, statement: str, reason: str, rewritten: bool, reader: hp.Instance
) -> None:
    data = forged(source, chosen, statement, rewritten)
    with pytest.raises(ModuleError, match=rf"HY3011(.|\n)*{reason}"):
        reader.load(data)
    assert not reader.load(data, rejected="as-written")["total"].explain().checked


def test_passes_prove_by_the_same_term(reader: hp.Instance) -> None:
    old = sample_module()["total"].derivation
    for chosen, taken in ((RENAMED, True), (parse_program(WRONG), False)):
        new = replace(old, chosen=chosen, theorem=None, equality=None)
        data = Module({"total": ModuleFunction.deferred(new, lambda: pytest.fail("compiled"))}).to_bytes()
        if taken:
            assert reader.load(data)["total"].derivation.chosen == chosen
        else:
            with pytest.raises(ModuleError, match=r"HY3011(.|\n)*nothing shows that it means what its source does"):
                reader.load(data)


def test_passes_without_proof_need_the_policy(reader: hp.Instance) -> None:
    old = sample_module()["total"].derivation
    new = replace(old, chosen=parse_program(WRONG), theorem=None, equality=None, unproved=("wild",))
    data = Module({"total": ModuleFunction.deferred(new, lambda: pytest.fail("compiled"))}).to_bytes()
    with pytest.raises(ModuleError, match=r"HY3011(.|\n)*changed without proof by wild"):
        reader.load(data)
    with hp.Instance(plugins=[], config={"unproved_passes": ("wild",)}) as lenient:
        explanation = lenient.load(data)["total"].explain()
    assert (explanation.unproved, explanation.checked) == (("wild",), False)


PARALLEL = TOTAL.replace("fold (%xs), (%zero) {", "par.reduce (%xs), (%zero) {lanes = 4, piece = 16} {").replace(
    "    ^(%x: i64, %s: i64):\n      %t = add.wrap %s, %x : i64\n      yield %t\n  }",
    "^(%x: i64): yield %x } { ^(%a: i64, %b: i64): %c = add.wrap %a, %b : i64 yield %c }"
    " { ^(%m: i64, %s: i64): %t = add.wrap %m, %s : i64 yield %t }",
)


def test_nothing_parallel_without_a_theorem(instance: hp.Instance) -> None:
    for data in (
        forged(PARALLEL, PARALLEL, PARALLEL),
        forged(TOTAL, PARALLEL, TOTAL),
        forged(TOTAL, PARALLEL, PARALLEL),
    ):
        with pytest.raises(ModuleError, match="HY3011"):
            instance.load(data)
    as_written = instance.load(forged(TOTAL, PARALLEL, TOTAL), rejected="as-written")
    assert as_written["total"]([1, 2]) == 3
    with pytest.raises(ProofError, match="HY7020"):  # the source itself is parallel: the gate before code refuses it
        instance.load(forged(PARALLEL, PARALLEL, PARALLEL), rejected="as-written")["total"]([1, 2])


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.update(left="0" * 64),
        lambda t: t.update(axioms=["int.add.comm"]),
        lambda t: t.update(oracles=["trust me"]),
    ],
)
def test_what_the_file_says_of_a_theorem_is_compared(
    change: Callable[[Any], object], sample: bytes, reader: hp.Instance
) -> None:
    data = edited(sample, b"THM", lambda v: change(v["functions"][0]["theorem"]))
    assert code_of(lambda: reader.load(data)) == "HY3011"


def test_proofs_have_limits(sample: bytes, reader: hp.Instance) -> None:
    fresh = sample_module().to_bytes()
    assert code_of(lambda: reader.load(fresh, limits=Limits(proof_equations=1))) == "HY3007"
    assert code_of(lambda: reader.load(fresh, limits=Limits(proof_bytes=9))) == "HY3007"
    assert code_of(lambda: reader.load(fresh, limits=Limits(proof_terms=2))) == "HY3011"


def test_invalid_ir_is_refused(reader: hp.Instance) -> None:
    bad = parse_program("func @total(%x: i64) -> i64 { return %x }")
    main = replace(bad.main, results=())
    old = sample_module()["total"].derivation
    invalid = replace(bad, functions={"total": replace(main, equations=(_unknown_operand(),))})
    new = replace(old, source=invalid, chosen=invalid, theorem=None, equality=None)
    data = Module({"total": ModuleFunction.deferred(new, lambda: pytest.fail("compiled"))}).to_bytes()
    with pytest.raises(ModuleError, match=r"HY3013: the module's IR is not valid(.|\n)*HY60"):
        reader.load(data)


def _unknown_operand() -> Any:
    return (
        parse_program("func @f(%x: i64) -> i64 { %y = add.wrap %x, %x : i64 return %y }")
        .main.equations[0]
        .__class__((), "add.wrap", ())
    )


# Capabilities, codes and structure


def test_a_missing_plugin_is_named(reader: hp.Instance) -> None:
    registry = reader.registry.extended("acme-money", types=[ExtensionType("acme.money")])
    program = replace(
        parse_program("func @total(%x: acme.money) -> i64 { %c = const 1 : i64 return %c }", registry=registry)
    )
    old = sample_module()["total"].derivation
    new = replace(old, source=program, chosen=program, theorem=None, equality=None)
    data = Module({"total": ModuleFunction.deferred(new, lambda: pytest.fail("compiled"))}).to_bytes()
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
        raw = next(raw_of(p) for p in draft_of(sample).parts if p.kind.rstrip(b"\0") == kind)
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
    function = ModuleFunction.deferred(replace(old, refusals=(refusal,)), lambda: pytest.fail("compiled"))
    data = Module({"kinds": function}).to_bytes()
    loaded = reader.load(data)
    assert loaded["kinds"].derivation.refusals[0].reason == "\ufffd[2Jgone"
    assert loaded.to_bytes() == data


# Machine code


@dataclass
class NativeTiny:
    """The interpreting target, whose machine code is the text of the program."""

    inner: Any
    version: str = "1"
    name: str = "cpu"

    def lower(self, program: Program, emit: Any) -> str:
        return self.inner.lower(program, emit)

    def compile(self, program: Program) -> Any:
        return self.inner.compile(program)

    def native(self, program: Program) -> NativeCode:
        return NativeCode("text", self.version, print_program(program).encode())

    def load(self, program: Program, code: NativeCode) -> Any:
        if code.compat != self.version:
            return None
        return self.inner.compile(parse_program(bytes(code.data).decode()))


@pytest.fixture
def native(instance: hp.Instance, tiny: Any) -> NativeTiny:
    target = tiny.target = NativeTiny(tiny.target)
    return target


def test_code_is_kept_but_not_run(instance: hp.Instance, native: NativeTiny, module: Module, tiny: Any) -> None:
    plain, data = module.to_bytes(), module.to_bytes(code=True)
    assert code_of(lambda: instance.load(plain).code()) == "HY3015"
    loaded = instance.load(data)
    assert loaded.to_bytes() == data
    assert loaded.to_bytes(code=False) == plain
    view = loaded.code("cpu")
    assert bytes(view) == module["total"].ir().encode() == bytes(loaded.code("cpu", "total"))
    assert view.readonly
    assert code_of(lambda: loaded.code("gpu")) == "HY3015"
    assert code_of(lambda: loaded.code("cpu", "other")) == "HY3001"
    other = with_section(data, b"CODE", raw_of(draft_of(data).parts[-1]).replace(b"const 0", b"const 7"))
    assert instance.load(other)["total"]([1]) == 1
    assert instance.load(other, trust_code=True)["total"]([1]) == 8  # it is trusted, and it lies
    native.version = "2"
    assert instance.load(other, trust_code=True)["total"]([1]) == 1


def test_code_of_an_unproved_parallel_function_is_not_run(instance: hp.Instance, native: NativeTiny) -> None:
    loaded = instance.load(forged(PARALLEL, PARALLEL, PARALLEL), rejected="as-written", trust_code=True)
    with pytest.raises(ProofError, match="HY7020"):
        loaded["total"]([1])


def test_a_target_without_machine_code(module: Module) -> None:
    with pytest.raises(CodegenError, match="HY8012"):
        module.to_bytes(code=True)


def test_the_code_of_several_functions(instance: hp.Instance, native: NativeTiny) -> None:
    module = instance.compile(TOTAL + KINDS, frontend="ir")
    loaded = instance.load(module.to_bytes(code=True))
    assert loaded.to_bytes() == module.to_bytes(code=True)
    for name in loaded:
        assert bytes(loaded.code("cpu", name)) == module[name].ir().encode()


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
