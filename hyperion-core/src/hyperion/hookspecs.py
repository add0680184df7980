"""The hooks of Hyperion: what a plugin may register. A hook returns a table of names and factories; it does no work.

A whole plugin, in a module that a distribution names under the entry-point group `hyperion.plugins`:

    from hyperion.hookspecs import hookimpl

    HYPERION_API = (1, 0)

    def _shout():
        from shouting.passes import Shout  # heavy imports belong here: the factory runs on first use

        return Shout()

    @hookimpl
    def hyperion_passes():
        return {"shout": _shout}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeVar

import pluggy

if TYPE_CHECKING:
    from hyperion.interfaces.codegen import CodegenTarget
    from hyperion.interfaces.command import Command
    from hyperion.interfaces.compiler_pass import CompilerPass
    from hyperion.interfaces.device import DeviceDriver
    from hyperion.interfaces.event import Event
    from hyperion.interfaces.executor import ExecutorFactory
    from hyperion.interfaces.frontend import Frontend
    from hyperion.interfaces.interpreter import Interpreter
    from hyperion.interfaces.network import NetworkProvider
    from hyperion.interfaces.proof_exporter import ProofExporter
    from hyperion.interfaces.refuter import Refuter
    from hyperion.interfaces.strategy import Strategy
    from hyperion.interfaces.tactic import Tactic
    from hyperion.interfaces.theorem_library import TheoremLibraries
    from hyperion.interfaces.theory import Theory
    from hyperion.ir.op_table import OpDef
    from hyperion.ir.types import ExtensionType

__all__ = ["API_VERSION", "PROJECT", "hookimpl"]

PROJECT: Final = "hyperion"
API_VERSION: Final = (1, 0)
"""A plugin's `HYPERION_API` fits if its major number is equal and its minor number is not greater."""

T = TypeVar("T")
Factories = Mapping[str, Callable[[], T]]

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def hyperion_frontends() -> Factories[Frontend]:
    """Source languages, by the name that `Instance.compile(frontend=...)` takes (`python`)."""
    ...


@hookspec
def hyperion_passes() -> Factories[CompilerPass]:
    """Compiler passes, by the name that pipelines take (`canonicalize`)."""
    ...


@hookspec
def hyperion_strategies() -> Factories[Strategy]:
    """Searches for proven equivalents. All of them are asked; the cheapest checked candidate is compiled."""
    ...


@hookspec
def hyperion_tactics() -> Factories[Tactic]:
    """Ways to prove a goal, by name (`ring`)."""
    ...


@hookspec
def hyperion_theories() -> Factories[Theory]:
    """Theories: named axioms with the record of how each was validated."""
    ...


@hookspec
def hyperion_refuters() -> Factories[Refuter]:
    """Searches for values that break an equation (`z3`)."""
    ...


@hookspec
def hyperion_libraries() -> Factories[TheoremLibraries]:
    """Ways to keep theorems between processes; an Instance uses the first by name."""
    ...


@hookspec
def hyperion_proof_exporters() -> Factories[ProofExporter]:
    """Forms of proofs that other systems can check, by name (`smtlib`)."""
    ...


@hookspec
def hyperion_codegen_targets() -> Factories[CodegenTarget]:
    """Targets that turn a program into something that can be called (`cpu`)."""
    ...


@hookspec
def hyperion_interpreters() -> Factories[Interpreter]:
    """Interpreters of the IR; the one called `reference` gives the IR its executable meaning."""
    ...


@hookspec
def hyperion_devices() -> Factories[DeviceDriver]:
    """Drivers of devices, by the kind in their addresses (`cpu`). Making and asking a driver opens nothing."""
    ...


@hookspec
def hyperion_networks() -> Factories[NetworkProvider]:
    """Networks between the ranks of a cluster, by name (`in-process`)."""
    ...


@hookspec
def hyperion_executors() -> Factories[ExecutorFactory]:
    """Executors on clusters of devices, by name (`cluster`)."""
    ...


@hookspec
def hyperion_types() -> Factories[ExtensionType]:
    """Opaque scalar types of the IR, by their name with a prefix (`money.amount`)."""
    ...


@hookspec
def hyperion_ops() -> Factories[OpDef]:
    """Operations of the IR, by their name with a prefix (`money.rounded`)."""
    ...


@hookspec
def hyperion_cli_commands() -> Factories[Command]:
    """Subcommands of `hyperion`, by name (`demo`)."""
    ...


@hookspec
def hyperion_on_event(event: Event) -> None:
    """Told what happens: compiled, derived, refused, and where each stage begins and ends. Must return at once; an
    exception is logged, never raised.

    event: the frozen `hyperion.interfaces.event.Event`.
    """
