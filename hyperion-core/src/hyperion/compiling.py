"""From derived programs to functions of a module."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from hyperion.config import Config, home_of
from hyperion.driver import Derivation, GuardedTarget
from hyperion.errors import CodegenError
from hyperion.folder_store import FolderStore
from hyperion.interfaces.event import Event
from hyperion.ir.function import Program
from hyperion.ir.places import located
from hyperion.ir.verifier import verify
from hyperion.machine import Machine
from hyperion.module import ModuleFunction
from hyperion.module.members import with_entry
from hyperion.observer import Observer
from hyperion.plugins.host import PluginHost
from hyperion.policy import Policy
from hyperion.tokens import current


def guarded_target(host: PluginHost, config: Config, policy: Policy, name: str) -> GuardedTarget:
    """The target of that name, or the configuration's, behind the rule that parallel operations need their theorem."""
    store = FolderStore(home_of(config) / "code") if config.code else None
    return GuardedTarget(host.get("hyperion_codegen_targets", name or config.target), policy, store)


class Machines(Protocol):
    def __call__(self, measure: bool = True) -> Machine: ...


@dataclass(frozen=True, slots=True)
class Compiler:
    """What compiling needs of an Instance: a way to derive, the target, and who is told."""

    derive: Callable[[Program], Derivation]
    target: GuardedTarget
    observer: Observer
    machine: Machines

    def function(self, program: Program) -> ModuleFunction:
        """The program, derived and compiled. Raises `CodegenError` where the target cannot compile it."""
        program = located(program)  # so that what was built points at its printed lines
        return self._told(ModuleFunction(self.derive(program), self.target))

    def functions(self, program: Program) -> dict[str, ModuleFunction]:
        """The entry and then every other function by its name; one of these that the target cannot compile raises its
        error when it is called. Raises `TypeCheckError` for a program that does not type."""
        verify(program)
        others = [name for name in program.functions if name != program.entry]
        functions = {program.entry: self.function(with_entry(program, program.entry))}
        for done, name in enumerate(others, 1):
            current().report("compile", done, 1 + len(others), "functions")
            functions[name] = self._member(with_entry(program, name))
        return functions

    def _member(self, program: Program) -> ModuleFunction:
        program = located(program)
        derivation = self.derive(program)
        try:
            return self._told(ModuleFunction(derivation, self.target))
        except CodegenError:
            return ModuleFunction.deferred(derivation, lambda: self.target, watcher=self.observer)

    def _told(self, function: ModuleFunction) -> ModuleFunction:
        told = {"function": function.name}
        self.observer.tell(Event("compiled", f"{function.name} for {function.target.name}", told))
        function.watcher = self.observer
        function.machine = partial(self.machine, False)
        return function
