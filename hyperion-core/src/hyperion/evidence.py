"""TRUSTED. Decides whether a program may be called a proven equivalent of another, and whether it may run in parallel.

The checker's verdict counts, never a theorem object: it recomputes the statement from the proof, and both sides are
compared with what the two programs denote, computed here from exactly the IR at hand.
"""

from __future__ import annotations

from dataclasses import dataclass

from hyperion.errors import ProofError
from hyperion.ir.function import Equation, Function, Program, walk
from hyperion.ir.verifier import verify
from hyperion.logic import checking
from hyperion.logic.denote import denote, expanded, float_formats
from hyperion.logic.kernel import Theorem
from hyperion.logic.sized import sized
from hyperion.logic.terms import Term, TermError, app, digest
from hyperion.policy import Policy as Policy


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement on `source = target`. `reason` says why it is not checked; empty where it is."""

    checked: bool
    reason: str = ""
    axioms: tuple[str, ...] = ()
    oracles: tuple[str, ...] = ()


UNPROVED = Verdict(False, "no theorem was given")


def meaning(function: Function, program: Program | None = None) -> str:
    """The hash of the term that `function` denotes."""
    return digest(denote(function, program))


def no_meaning(function: Function, program: Program | None = None) -> str:
    """Why `function` has no term to speak about; empty where it has one."""
    try:
        denote(function, program)
    except (ProofError, TermError) as error:
        return error.message if isinstance(error, ProofError) else str(error)
    return ""


def same_term(source: Program, target: Program) -> bool:
    """Whether both denote one term, between values of the same types: equal by definition. Raises as `denote` does."""
    source, target = expanded(source), expanded(target)
    return not _different_types(source.main, target.main) and meaning(source.main, source) == meaning(
        target.main, target
    )


def judge(source: Program, target: Program, theorem: Theorem | None, policy: Policy) -> Verdict:
    """Whether the checker accepts, without hypotheses, `denote(source) = denote(target)`."""
    if theorem is None:
        return UNPROVED
    try:
        source, target = expanded(source), expanded(target)
        different = _different_types(source.main, target.main)
        if different:
            return Verdict(False, different)
        checked = checking.check(theorem)
        sides = _statements(denote(source.main, source), denote(target.main, target))
    except ProofError as error:
        return Verdict(False, f"{error.code}: {error.message}")
    except TermError as error:
        return Verdict(False, str(error))
    reason = ""
    if checked.hypotheses:
        reason = f"the theorem has {checked.hypotheses} hypotheses"
    elif checked.left not in sides:
        reason = "the theorem's left side is not what the source function denotes"
    elif checked.right != sides[checked.left]:
        reason = "the theorem's right side is not what the compiled function denotes"
    elif not set(checked.oracles) <= policy.oracles:
        reason = f"policy does not believe the oracles {', '.join(sorted(set(checked.oracles) - policy.oracles))}"
    return Verdict(not reason, reason, tuple(checked.axioms), tuple(checked.oracles))


def _statements(source: Term, target: Term) -> dict[str, str]:
    """The right side, by the left side, of the statements that count: of all arrays, or of those that exist."""
    statements = {digest(source): digest(target)}
    wrapper = sized(source.type)
    if wrapper is not None and target.type is source.type:
        statements[digest(app(wrapper, source))] = digest(app(wrapper, target))
    return statements


def authorise(program: Program, source: Program | None, theorem: Theorem | None, policy: Policy) -> Verdict:
    """The one gate before code generation: valid IR, and no parallel operation without a checked theorem.

    Raises `TypeCheckError` for invalid IR and `ProofError` (HY7020) for a parallel operation that nothing justifies.
    """
    verify(program)
    verdict = UNPROVED
    if source is not None:
        verify(source)
        if first_parallel(source) is None:  # that a parallel program equals itself proves no law
            verdict = judge(source, program, theorem, policy)
    parallel = first_parallel(program)
    if parallel is not None and not verdict.checked:
        raise ProofError(
            "HY7020",
            f"{parallel.op} may not be compiled: no theorem, no parallelism",
            parallel.span,
            notes=[verdict.reason],
            hints=["compile the sequential loop instead; Hyperion derives the parallel form and its theorem"],
        )
    return verdict


def first_parallel(program: Program) -> Equation | None:
    """The first parallel operation of any function of the program."""
    for function in program.functions.values():
        for equation in walk(function.equations):
            if equation.op.startswith("par."):
                return equation
    return None


def other_types(source: Function, target: Function) -> str:
    """That the target takes or gives values of other types; empty where it does not."""
    if [p.type for p in source.parameters] != [p.type for p in target.parameters]:
        return "the compiled function has other parameter types"
    if [r.type for r in source.results] != [r.type for r in target.results]:
        return "the compiled function has other result types"
    return ""


def _different_types(source: Function, target: Function) -> str:
    """Why the theorem cannot speak of these types. Over the reals all float formats denote alike, so the formats that
    the target computes in are compared here."""
    different = other_types(source, target)
    if different:
        return different
    new = float_formats(target) - float_formats(source)
    return f"the compiled function computes in {', '.join(sorted(new))}, the source does not" if new else ""
