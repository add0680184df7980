"""Modules saved and loaded: the same bytes, the same functions."""

from __future__ import annotations

import os
import subprocess
import sys
import zlib
from collections.abc import Callable
from typing import Any

import pytest

import hyperion as hp
from hyperion.errors import CodegenError
from hyperion.ir.function import Program
from hyperion.ir.printer import print_program
from hyperion.module.module import Module
from hyperion.testing.module_files import draft_of, raw_of
from hyperion.testing.module_samples import KINDS, TOTAL, sample_module


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
