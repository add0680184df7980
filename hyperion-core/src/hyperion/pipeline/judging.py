"""What one pass claims, held to its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter, thread_time

from hyperion.errors import RAISED, STOPS, HyperionError, PassError, ProofError, StoppedError, TypeCheckError
from hyperion.evidence import Policy, first_unjustified, judge, other_types, same_term
from hyperion.interfaces.compiler_pass import CompilerPass, PassContext, PassResult
from hyperion.ir.function import Program
from hyperion.ir.rebuild import rebuilt
from hyperion.ir.verifier import verify
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import TermError
from hyperion.pipeline.outcome import Evidence, with_main

_MOST_NOTES = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """A pass's output that may be used, its evidence, and the seconds that pass and judgement took."""

    program: Program
    theorem: Theorem | None
    evidence: Evidence
    seconds: float
    cpu_seconds: float
    judging_seconds: float


def judged(each: CompilerPass, program: Program, context: PassContext, verify_each: bool) -> Judged:
    """The program after one pass. Raises `PassError`: HY4001 the pass fails, HY4002 invalid IR, HY4003 no evidence;
    `StoppedError` where the context ends the run."""
    clock, processor = perf_counter(), thread_time()
    try:
        raw: object = each.run(program, context)
    except (StoppedError, *STOPS):
        raise
    except HyperionError as error:
        raise _error("HY4001", each, f"failed: {error.code}: {error.message}", program) from error
    except RAISED as error:  # a stranger's pass may raise anything
        raise _error("HY4001", each, f"failed: {type(error).__name__}: {error}", program) from error
    seconds, cpu_seconds = perf_counter() - clock, thread_time() - processor
    context.check()
    clock = perf_counter()
    result = _own(each, raw, program)
    after = with_main(program, result.function)
    if after.main == program.main:
        return Judged(program, None, "unchanged", seconds, cpu_seconds, perf_counter() - clock)
    if verify_each:
        _verify(each, program, after)
    try:
        evidence = _evidence(each, program, after, result.theorem, context.policy)
    except PassError:
        raise
    except Exception:
        _verify(each, program, after)  # unverified IR may be what the judgement choked on
        raise
    return Judged(after, result.theorem, evidence, seconds, cpu_seconds, perf_counter() - clock)


def _own(each: CompilerPass, result: object, program: Program) -> PassResult:
    """The result with a function of the IR's own classes."""
    if not isinstance(result, PassResult):
        raise _error("HY4001", each, f"returned a {type(result).__name__}, no PassResult", program)
    if result.function is program.main:
        return PassResult(program.main)
    try:
        return PassResult(rebuilt(result.function), result.theorem)
    except TypeCheckError as error:
        raise _error("HY4002", each, f"made invalid IR: {error.message}", program) from error


def _verify(each: CompilerPass, before: Program, after: Program) -> None:
    try:
        verify(after)
    except TypeCheckError as error:
        raise _error("HY4002", each, f"made invalid IR: {error.message}", before, messages(error)) from error


def messages(error: TypeCheckError) -> tuple[str, ...]:
    """What several errors say, as notes; the notes of one alone."""
    members = error.errors
    return tuple(f"{e.code}: {e.message}" for e in members[:_MOST_NOTES]) if len(members) > 1 else error.notes


def _evidence(each: CompilerPass, before: Program, after: Program, theorem: Theorem | None, policy: Policy) -> Evidence:
    if theorem is not None:
        verdict = judge(before, after, theorem, policy)
        if not verdict.checked:
            raise _error("HY4003", each, f"has no valid evidence: {verdict.reason}", before)
        return "theorem"
    if _same_term(before, after):
        return "same term"
    if each.name not in policy.unproved_passes:
        raise _error("HY4003", each, "gives no theorem, and the function no longer denotes the same term", before)
    different = other_types(before.main, after.main)
    if different:
        raise _error("HY4003", each, f"is used without proof, but {different}", before)
    needy = first_unjustified(after)
    if needy is not None and first_unjustified(before) is None:
        raise _error("HY4003", each, f"makes a {needy.op} without a theorem, which no policy allows", before)
    return "none"


def _same_term(before: Program, after: Program) -> bool:
    try:
        return same_term(before, after)
    except (ProofError, TermError):  # without a denotation there is no evidence
        return False


def _error(code: str, each: CompilerPass, what: str, program: Program, notes: tuple[str, ...] = ()) -> PassError:
    hints = ["the function is compiled without this pass", "report it to the authors of the pass"]
    return PassError(code, f"pass {each.name!r} on {program.entry!r} {what}", program.main.span, notes, hints)
