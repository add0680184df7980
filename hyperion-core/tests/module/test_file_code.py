"""Machine code in a file: kept, and run only by who trusts the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

import hyperion as hp
from hyperion.errors import CodegenError, ProofError
from hyperion.interfaces.codegen import NativeCode
from hyperion.ir.function import Program
from hyperion.ir.parser import parse_program
from hyperion.ir.printer import print_program
from hyperion.module.module import Module
from hyperion.testing.forged_modules import (
    PARALLEL,
    code_of,
    forged,
    with_section,
)
from hyperion.testing.module_files import draft_of, raw_of
from hyperion.testing.module_samples import KINDS, TOTAL


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
