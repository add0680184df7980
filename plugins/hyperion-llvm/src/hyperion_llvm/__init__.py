"""From the IR to LLVM IR text, optimised code and objects: a kit for codegen plugins."""

from hyperion_llvm.compile import assembly, object_code, optimise, parse
from hyperion_llvm.lowering import Site
from hyperion_llvm.module import ModuleText, write_module
from hyperion_llvm.support import ASKED, CONTEXT, FIRST_FUEL, HEADER, INTERRUPTED, NOTES, OFFERED
from hyperion_llvm.target import TargetSpec, host

__all__ = [
    "ASKED", "CONTEXT", "FIRST_FUEL", "HEADER", "INTERRUPTED", "NOTES", "OFFERED", "ModuleText", "Site", "TargetSpec",
    "assembly", "host", "object_code", "optimise", "parse", "write_module",
]  # fmt: skip
