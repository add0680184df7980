"""The codegen target `cpu`: a program to a builtin, through LLVM."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

import numpy as np

from hyperion import __version__
from hyperion.errors import CodegenError
from hyperion.interfaces.codegen import CodeStore, NativeCode
from hyperion.ir.function import Function, Program
from hyperion.ir.types import BF16, ArrayType, BoolType, FloatType, IntType
from hyperion.machine import Machine
from hyperion.stages import stage
from hyperion_cpu.entry import MOST_AXES, fast_entry, is_fast, packed_entry
from hyperion_cpu.function import CpuFunction
from hyperion_cpu.layout import dtype_of, layout
from hyperion_cpu.measuring import measured
from hyperion_cpu.pool import thread_count
from hyperion_cpu.processors import processor_name
from hyperion_cpu.runtime import runtime
from hyperion_llvm import ModuleText, assembly, host, object_code, optimise, parse, write_module
from hyperion_llvm.binding import llvm

TYPES = ("PyLong_Type", "PyFloat_Type", "_Py_TrueStruct", "_Py_FalseStruct")


class CpuTarget:
    """Implements `NativeTarget`, `StoringTarget` and `MeasuredTarget` for the machine that runs this process."""

    name = "cpu"

    def lower(self, program: Program, emit: Literal["llvm", "asm"]) -> str:
        """The optimised LLVM IR or the assembly of the program's entry, without the code that reads Python objects."""
        _check_signature(program.main)
        text = write_module(program, host())
        # Without a caller in the module the function must be visible, or nothing of it is left.
        visible = text.text.replace(f"define internal i32 @{text.kernel}(", f"define i32 @{text.kernel}(")
        module = parse(visible, program.entry, host())
        optimise(module, host())
        return str(module) if emit == "llvm" else assembly(module, host())

    def compile(self, program: Program) -> CpuFunction:
        """Raises `CodegenError` (HY80xx) for what this target cannot compile."""
        written = _write(program)
        return _linked(written, _object(written))

    def compile_with(self, program: Program, store: CodeStore) -> CpuFunction:
        """Raises as `compile` does."""
        written = _write(program, store)
        image = store.find(written.compat)
        if image is None:
            image = _object(written)
            store.keep(written.compat, image)
        return _linked(written, image)

    def native(self, program: Program) -> NativeCode:
        """The object that `compile` would load; raises as `compile` does."""
        written = _write(program)
        return NativeCode("object", written.compat, _object(written))

    def load(self, program: Program, code: NativeCode) -> CpuFunction | None:
        """The function from an object that `native` gave; None unless this machine would make the very same."""
        written = _write(program)
        fits = (code.format, code.compat) == ("object", written.compat)
        return _linked(written, bytes(code.data)) if fits else None

    @property
    def machine_key(self) -> str:
        spec = runtime().target
        features = sha256(spec.features.encode()).hexdigest()[:16]
        version = ".".join(map(str, llvm.llvm_version_info))
        return f"{processor_name()}; {spec.cpu}; {features}; {thread_count()} threads; LLVM {version}; {__version__}"

    def measure(self) -> Machine:
        with stage("measure", self.name):
            return measured(lambda program: self.compile(program).entry)


@dataclass(frozen=True, slots=True)
class _Written:
    """A program as LLVM IR with the entry that Python calls; `whole` is all of the text, `name` the entry's symbol."""

    function: Function
    module: ModuleText
    whole: str
    name: str

    @property
    def compat(self) -> str:
        """All that decides which object is made; the text has Python's layout in it."""
        return runtime().target.compat(self.whole)


def _write(program: Program, store: CodeStore | None = None) -> _Written:
    function = program.main
    _check_signature(function)
    with stage("llvm", "write IR"):
        text = write_module(program, runtime(store).target)
        places = layout()
        if places is not None and is_fast(function):
            entry, name = fast_entry(function, text.kernel, places, text.offered), "hyperion_call"
        else:
            entry, name = packed_entry(function, text.kernel), "hyperion_packed"
    likely = '!1 = !{!"branch_weights", i32 4000, i32 1}\n'
    return _Written(function, text, text.text + entry + "\n" + likely, name)


def _object(written: _Written) -> bytes:
    target = runtime().target
    with stage("llvm", "parse IR"):
        module = parse(written.whole, written.function.name, target)
    with stage("llvm", "optimise"):
        optimise(module, target)
    with stage("llvm", "machine code"):
        return object_code(module, target)


def _linked(written: _Written, image: bytes) -> CpuFunction:
    exports = (written.name,)
    with stage("llvm", "link"):
        linked = runtime().link(image, exports, _python_objects(written.function))
    return CpuFunction(written.function, written.module, linked)


def _check_signature(function: Function) -> None:
    for value in (*function.parameters, *function.results):
        kind = value.type
        element = kind.element if isinstance(kind, ArrayType) else kind
        unfit = not isinstance(element, BoolType | IntType | FloatType) or element == BF16
        if unfit or (isinstance(kind, ArrayType) and (len(kind.shape) > MOST_AXES or dtype_of(element) is None)):
            raise CodegenError(
                "HY8002",
                f"{value} : {kind} of @{function.name} has no form in Python",
                function.span,
                hints=[
                    "parameters and results are machine scalars and arrays of them of one or two dimensions",
                    'target="reference" interprets every type and operation',
                ],
            )


def _python_objects(function: Function) -> dict[str, int]:
    """The objects of this process that the entry compares with."""
    symbols = {name: _object_address(name) for name in TYPES}
    symbols["numpy_ndarray"] = id(np.ndarray)
    for value in function.parameters:
        if isinstance(value.type, ArrayType):
            symbols[f"dtype_{value.type.element}"] = id(dtype_of(value.type.element))
    return symbols


def _object_address(name: str) -> int:
    return ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, name))
