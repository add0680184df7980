"""A function of a module: it can be called, and says what it is and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from hyperion import stages
from hyperion.driver import Derivation, GuardedTarget, compile_derivation, compiled_as_written
from hyperion.errors import (
    CodegenError,
    HyperionError,
    InternalError,
    OutOfMemoryError,
    PassError,
    TrapIndexError,
    TrapInexactError,
    TrapOverflowError,
    TrapRecursionError,
    TrapValueError,
    TrapZeroDivisionError,
    brief,
)
from hyperion.explain import Explanation
from hyperion.interfaces.codegen import CompiledFunction, NativeCode, Taken
from hyperion.ir.function import walk
from hyperion.ir.ops import traps_of
from hyperion.ir.printer import print_program
from hyperion.machine import Machine
from hyperion.module.once import Once
from hyperion.ranking import nominal

TRAPS = (
    TrapOverflowError, TrapZeroDivisionError, TrapIndexError, TrapValueError, TrapInexactError, TrapRecursionError,
)  # fmt: skip


class ModuleFunction:
    """A function of a module. Follows `CompiledFunction`: an executor takes it as it is.

    Where a trap ends the derived version, the source program runs again and raises its own first error, unless that
    would be more work than the call was.
    """

    def __init__(self, derivation: Derivation, target: GuardedTarget) -> None:
        """Compiles what was chosen; the source instead, where the target has no code for the derived form."""
        self._prepare(lambda: derivation, lambda: target)
        _ = self._compiled

    @classmethod
    def deferred(
        cls, derivation: Derivation, target: Callable[[], GuardedTarget], watcher: stages.Watcher | None = None
    ) -> ModuleFunction:
        """A function that is compiled on its first use."""
        return cls.loaded(lambda: derivation, target, lambda: None, watcher)

    @classmethod
    def loaded(
        cls,
        derivation: Callable[[], Derivation],
        target: Callable[[], GuardedTarget],
        code: Callable[[], NativeCode | None],
        watcher: stages.Watcher | None,
    ) -> ModuleFunction:
        """A function of a file: judged by `derivation`, and compiled on its first use; from `code`, where that is
        trusted and fits the machine. What `derivation` raises, every use raises."""
        function = cls.__new__(cls)
        function._prepare(derivation, target)
        function._find_code = code
        function.watcher = watcher
        return function

    def _prepare(self, derivation: Callable[[], Derivation], target: Callable[[], GuardedTarget]) -> None:
        self._find_derivation = derivation
        self._find_target = target
        self._find_code: Callable[[], NativeCode | None] = lambda: None
        self._without_theorem: Derivation | None = None
        self.watcher: stages.Watcher | None = None  # is told of calls; set by the Instance
        self.machine: Callable[[], Machine] = nominal  # by which times are predicted; set by the Instance

    @Once
    def _derivation(self) -> Derivation:
        return self._find_derivation()

    @property
    def derivation(self) -> Derivation:
        """The function, what was chosen for it and why. Raises `ModuleError` where it was loaded with
        `check="first-use"` and is refused."""
        return self._without_theorem or self._derivation

    @property
    def changed(self) -> bool:
        """Whether it was compiled as written instead of as it was derived."""
        return self._without_theorem is not None

    @Once
    def target(self) -> GuardedTarget:
        return self._find_target()

    @Once
    def _compiled(self) -> CompiledFunction:
        with stages.stage_of(self.watcher, "compile", self.name, self.name):
            derivation, code = self.derivation, self._find_code()
            loaded = None if code is None else self.target.load(derivation, code)
            return self._compile() if loaded is None else loaded

    @property
    def compiled(self) -> CompiledFunction:
        """What the target made; a trap of it needs `replay`."""
        return self._compiled

    def _compile(self) -> CompiledFunction:
        try:
            return compile_derivation(self.derivation, self.target)
        except CodegenError as error:
            if self.derivation.theorem is None:
                raise
            self._without_theorem = compiled_as_written(self.derivation, error)
            return compile_derivation(self.derivation, self.target)

    def __call__(self, *arguments: object) -> object:
        run = self._watched_run if stages.watched else self._compiled
        try:
            return run(*arguments)
        except TRAPS as error:
            trap = error
        except OutOfMemoryError as error:
            raise brief(error) from None
        try:
            return self.replay(trap, arguments)
        except TRAPS as error:
            raise brief(error) from None

    def _watched_run(self, *arguments: object) -> object:
        with stages.stage_of(self.watcher, "run", self.name, self.name):
            return self._compiled(*arguments)

    @property
    def name(self) -> str:
        return self.derivation.source.entry

    @property
    def entry(self) -> object:
        """The target's fastest callable. A trap may carry the place of the derived version; see `replay`."""
        return self._compiled.entry

    def bind(self, mismatch: Callable[..., object]) -> Callable[..., object]:
        """The target's callable for exact types; a trap needs `replay`, as with `entry`."""
        return self._compiled.bind(mismatch)

    @property
    def _as_written(self) -> bool:
        """Whether the source program itself is compiled, without a pass or strategy having changed it."""
        return self.derivation.chosen is self.derivation.source

    @Once
    def sequential(self) -> CompiledFunction:
        """The source program as written, compiled on first use."""
        if self._as_written:
            return self._compiled
        return self.target.compile(self.derivation.source)

    def replay(
        self,
        error: Exception,
        arguments: tuple[object, ...],
        run: Callable[[CompiledFunction], object] | None = None,
    ) -> object:
        """Raises the source program's own error after the derived version trapped with `error`. `run` runs it in place
        of a call."""
        if self._as_written or self._is_own(error):
            raise error
        with stages.stage_of(self.watcher, "run", f"{self.name} as written", self.name):
            try:
                result = self.sequential(*arguments) if run is None else run(self.sequential)
            except TrapRecursionError:  # the stack ended before the source came to what `error` says
                raise error from None
        if any(e.attribute("fp") == "reassoc" for e in walk(self.derivation.source.main.equations)):
            return result  # regrouping may move a float across a test; the source's own order then decides
        unproved = self.derivation.unproved
        if unproved:
            raise PassError(
                "HY4008",
                f"{self.name!r}, which {', '.join(unproved)} changed without proof, trapped where the source does not",
                notes=[str(error)],
                hints=["take the passes out of the configuration's unproved_passes"],
            ) from error
        raise InternalError(
            "HY9001",
            f"the derived version of {self.name!r} trapped and the source does not",
            notes=[str(error)],
            hints=["report this with the function and its arguments"],
        ) from error

    def _is_own(self, error: Exception) -> bool:
        """Whether the error is of a step of the source, in a derived version that does less work: it runs the source's
        steps in their order, and what it leaves out may take for ever to run again."""
        derivation = self.derivation
        if derivation.chosen_cost.rank >= derivation.source_cost.rank or derivation.parallel:
            return False
        span = error.span if isinstance(error, HyperionError) else None
        steps = (e for f in derivation.source.functions.values() for e in walk(f.equations))
        return span is not None and any(e.span == span and traps_of(e) for e in steps)

    def taken(self, *arguments: object) -> Taken:
        try:
            return self._compiled.taken(*arguments)
        except TRAPS:  # the guard sent it to the sequential version, which trapped as it should
            return "sequential" if self.derivation.theorem is None else "fallback"

    def explain(self, *arguments: object) -> Explanation:
        """What was found out; with arguments, also which version they select. The function is run only where a test
        at run time selects."""
        d = self.derivation
        taken: str = _only_version(d) or ""
        if not taken and (arguments or not d.source.main.parameters):
            taken = self.taken(*arguments)
        return self.derivation.explanation(taken, self.machine())

    def ir(self, which: Literal["chosen", "source"] = "chosen") -> str:
        """The IR that is compiled, or that of the source, as text."""
        return print_program(self.derivation.chosen if which == "chosen" else self.derivation.source)

    def native(self) -> NativeCode:
        """The machine code of the compiled program. Raises `CodegenError` (HY8012) where the target gives none."""
        derivation = self.derivation
        return self.target.native(derivation)

    def lower(self, emit: Literal["llvm", "asm"] = "llvm") -> str:
        """The LLVM IR or assembly of the compiled program."""
        d = self.derivation
        return self.target.lower(d.chosen, emit, d.source, d.justification)


def _only_version(derivation: Derivation) -> Taken | None:
    """The version that every call takes; None where it is chosen at run time."""
    if derivation.theorem is None:
        return "sequential"
    program = derivation.chosen
    everywhere = [e for f in program.functions.values() for e in walk(f.equations) if e.op.startswith("par.")]
    always = [
        e for e in program.main.equations if e.op.startswith("par.") and (e.op == "par.scan" or len(e.regions) == 3)
    ]
    if len(everywhere) != len(always):  # the others are guarded, in a branch or a loop, or in a called function
        return None
    ops = {e.op for e in always}
    return "parallel" if ops & {"par.reduce", "par.scan"} else "logarithmic" if ops else "sequential"
