"""Runs passes in order and checks what each of them claims."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter

from hyperion.errors import HyperionError, PassError, ProofError, StoppedError, TypeCheckError
from hyperion.evidence import Policy, judge, meaning
from hyperion.interfaces.compiler_pass import CompilerPass, PassContext, PassResult
from hyperion.ir.function import Function, Program
from hyperion.ir.rebuild import rebuilt
from hyperion.ir.verifier import verify
from hyperion.logic import kernel
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import TermError

DEFAULT = ("canonicalize", "constant-folding", "cse", "dce")
"""The passes of an Instance that names none, as far as they are installed."""


@dataclass(frozen=True, slots=True)
class Step:
    """One pass that ran: whether it changed the function, by what evidence, and for how many seconds."""

    name: str
    changed: bool
    evidence: str  # "same term", "theorem", "unchanged"
    seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """`theorem` is `|- denote(before) = denote(after)`, or None where both denote the same term."""

    program: Program
    theorem: Theorem | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """An ordered list of passes over the entry function of a program."""

    passes: tuple[CompilerPass, ...]
    policy: Policy = field(default_factory=Policy)

    def run(self, program: Program, refuse: Callable[[PassError], None] | None = None) -> Outcome:
        """The program after all passes.

        A pass that raises, gives invalid IR or has no evidence is a `PassError`: HY4001, HY4002, HY4003. It is raised,
        or given to `refuse`; the function then goes on as it was before that pass.
        """
        theorem: Theorem | None = None
        steps: list[Step] = []
        for each in self.passes:
            try:
                result, step = _run(each, program, self.policy)
            except StoppedError:
                raise
            except PassError as error:
                if refuse is None:
                    raise
                refuse(error)
                continue
            program = with_main(program, result.function)
            theorem = chain([theorem, result.theorem])
            steps.append(step)
        return Outcome(program, theorem, tuple(steps))


def chain(theorems: Sequence[Theorem | None]) -> Theorem | None:
    """`|- a = z` from `|- a = b`, `|- b = c`, ...; None stands for two sides that are one term."""
    whole: Theorem | None = None
    for theorem in theorems:
        if theorem is not None:
            whole = theorem if whole is None else kernel.trans(whole, theorem)
    return whole


def with_main(program: Program, function: Function) -> Program:
    """The program with another entry function of the same name."""
    return replace(program, functions={**program.functions, program.entry: function.renamed(program.entry)})


def _run(each: CompilerPass, program: Program, policy: Policy) -> tuple[PassResult, Step]:
    start = perf_counter()
    try:
        result = each.run(program, PassContext(policy))
    except StoppedError:
        raise
    except HyperionError as error:
        raise _error("HY4001", each, f"failed: {error.code}: {error.message}", program) from error
    except Exception as error:  # a stranger's pass may raise anything
        raise _error("HY4001", each, f"failed: {type(error).__name__}: {error}", program) from error
    result = _own(each, result, program)
    evidence = _evidence(each, program, result, policy)
    return result, Step(each.name, result.function != program.main, evidence, perf_counter() - start)


def _own(each: CompilerPass, result: object, program: Program) -> PassResult:
    """The result with a function of the IR's own classes."""
    if not isinstance(result, PassResult):
        raise _error("HY4001", each, f"returned a {type(result).__name__}, no PassResult", program)
    try:
        return PassResult(rebuilt(result.function), result.theorem)
    except TypeCheckError as error:
        raise _error("HY4002", each, f"made invalid IR: {error.message}", program) from error


def _evidence(each: CompilerPass, before: Program, result: PassResult, policy: Policy) -> str:
    if result.function == before.main:
        return "unchanged"
    after = with_main(before, result.function)
    try:
        verify(after)
    except TypeCheckError as error:
        raise _error("HY4002", each, f"made invalid IR: {error.message}", before) from error
    if result.theorem is None:
        if _same_term(before, after):
            return "same term"
        raise _error("HY4003", each, "gives no theorem, and the function no longer denotes the same term", before)
    verdict = judge(before, after, result.theorem, policy)
    if not verdict.checked:
        raise _error("HY4003", each, f"has no valid evidence: {verdict.reason}", before)
    return "theorem"


def _same_term(before: Program, after: Program) -> bool:
    try:
        return meaning(before.main, before) == meaning(after.main, after)
    except (ProofError, TermError):  # without a denotation there is no evidence
        return False


def _error(code: str, each: CompilerPass, what: str, program: Program) -> PassError:
    hints = ["the function is compiled without this pass", "report it to the authors of the pass"]
    return PassError(code, f"pass {each.name!r} on {program.entry!r} {what}", program.main.span, hints=hints)
