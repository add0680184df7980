"""LLVM IR text to optimised modules, assembly and object code."""

from __future__ import annotations

import functools

from hyperion.errors import CodegenError
from hyperion_llvm.binding import Machine, Module, llvm
from hyperion_llvm.target import TargetSpec, initialize


def machine(target: TargetSpec) -> Machine:
    initialize()
    return llvm.Target.from_triple(target.triple).create_target_machine(
        cpu=target.cpu, features=target.features, opt=3, reloc="pic", codemodel="small"
    )


_machine = functools.cache(machine)
"""One for each target, to compile with: LLVM looks at the features once. Calls of LLVM come one after the other."""


def parse(text: str, name: str, target: TargetSpec) -> Module:
    """Parses and verifies. LLVM's complaint becomes a `CodegenError` (HY8010) that names the function compiled."""
    try:
        module = llvm.parse_assembly(text)
        module.name = name
        module.triple = target.triple
        module.data_layout = str(_machine(target).target_data)
        module.verify()
    except RuntimeError as error:
        raise CodegenError(
            "HY8010",
            f"LLVM refuses the code made for @{name}",
            notes=str(error).strip().splitlines(),
            hints=["this is a defect of the code generator: please report the function"],
        ) from error
    return module


def optimise(module: Module, target: TargetSpec, level: int = 3) -> None:
    """Runs LLVM's standard pipeline in place."""
    options = llvm.create_pipeline_tuning_options(speed_level=level)
    options.loop_vectorization = level > 1
    options.slp_vectorization = level > 1
    builder = llvm.create_pass_builder(_machine(target), options)
    builder.getModulePassManager().run(module, builder)


def assembly(module: Module, target: TargetSpec) -> str:
    return _machine(target).emit_assembly(_clone(module))


def object_code(module: Module, target: TargetSpec) -> bytes:
    return _machine(target).emit_object(_clone(module))


def _clone(module: Module) -> Module:
    """Emission changes a module, so each emission takes its own."""
    return llvm.parse_bitcode(module.as_bitcode())
