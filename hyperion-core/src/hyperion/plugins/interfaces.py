"""What the factories of each hook make."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

INTERFACES: Mapping[str, str] = {
    "hyperion_cli_commands": "interfaces.command:Command",
    "hyperion_codegen_targets": "interfaces.codegen:CodegenTarget",
    "hyperion_devices": "interfaces.device:DeviceDriver",
    "hyperion_executors": "interfaces.executor:ExecutorFactory",
    "hyperion_frontends": "interfaces.frontend:Frontend",
    "hyperion_interpreters": "interfaces.interpreter:Interpreter",
    "hyperion_libraries": "interfaces.theorem_library:TheoremLibraries",
    "hyperion_networks": "interfaces.network:NetworkProvider",
    "hyperion_ops": "ir.op_table:OpDef",
    "hyperion_passes": "interfaces.compiler_pass:CompilerPass",
    "hyperion_proof_exporters": "interfaces.proof_exporter:ProofExporter",
    "hyperion_refuters": "interfaces.refuter:Refuter",
    "hyperion_strategies": "interfaces.strategy:Strategy",
    "hyperion_tactics": "interfaces.tactic:Tactic",
    "hyperion_theories": "interfaces.theory:Theory",
    "hyperion_types": "ir.types:ExtensionType",
}


def interface(hook: str) -> type:
    """The interface of a hook. Its module is imported on use: listing plugins needs none of them."""
    module, _, name = INTERFACES[hook].partition(":")
    return getattr(import_module(f"hyperion.{module}"), name)
