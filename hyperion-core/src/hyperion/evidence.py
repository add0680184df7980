"""TRUSTED. Decides whether a program may be called a proven equivalent of another, and whether it may run in parallel.

The checker's verdict counts, never a theorem object: it recomputes the statement from the proof, and both sides are
compared with what the two programs denote, computed here from exactly the IR at hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hyperion.errors import ProofError
from hyperion.ir.function import Equation, Function, Program, values_of, walk
from hyperion.ir.types import ArrayType, FloatType, Type
from hyperion.ir.verifier import verify
from hyperion.logic import checking
from hyperion.logic.denote import denote
from hyperion.logic.proof import Proof
from hyperion.logic.terms import TermError, digest
from hyperion.policy import Policy as Policy


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement on `source = target`. `reason` says why it is not checked; empty where it is. `left` and `right`
    are the hashes of what the proof was found to say."""

    checked: bool
    reason: str = ""
    axioms: tuple[str, ...] = ()
    oracles: tuple[str, ...] = ()
    left: str = ""
    right: str = ""


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
    return not _different_types(source.main, target.main) and meaning(source.main, source) == meaning(
        target.main, target
    )


def judge(
    source: Program,
    target: Program,
    proof: Proof | None,
    policy: Policy,
    *,
    time_limit: float = checking.TIME_LIMIT,
    limits: Mapping[str, int] | None = None,
) -> Verdict:
    """Whether the checker accepts, without hypotheses, `denote(source) = denote(target)`; `time_limit` in seconds and
    `limits` are the checker's."""
    if proof is None:
        return UNPROVED
    different = _different_types(source.main, target.main)
    if different:
        return Verdict(False, different)
    try:
        checked = checking.check(proof, time_limit=time_limit, limits=limits)
        left, right = meaning(source.main, source), meaning(target.main, target)
    except ProofError as error:
        return Verdict(False, f"{error.code}: {error.message}")
    except TermError as error:
        return Verdict(False, str(error))
    reason = ""
    if checked.hypotheses:
        reason = f"the theorem has {checked.hypotheses} hypotheses"
    elif checked.left != left:
        reason = "the theorem's left side is not what the source function denotes"
    elif checked.right != right:
        reason = "the theorem's right side is not what the compiled function denotes"
    elif not set(checked.oracles) <= policy.oracles:
        reason = f"policy does not believe the oracles {', '.join(sorted(set(checked.oracles) - policy.oracles))}"
    return Verdict(not reason, reason, checked.axioms, checked.oracles, checked.left, checked.right)


def authorise(program: Program, source: Program | None, proof: Proof | None, policy: Policy) -> Verdict:
    """The one gate before code generation: valid IR, and no parallel or unchecked operation without a checked theorem.

    Raises `TypeCheckError` for invalid IR and `ProofError` (HY7020) for an operation that nothing justifies.
    """
    verify(program)
    verdict = UNPROVED
    if source is not None:
        verify(source)
        if first_unjustified(source) is None:  # that a parallel program equals itself proves no law
            verdict = judge(source, program, proof, policy)
    unjustified = first_unjustified(program)
    if unjustified is not None and not verdict.checked:
        parallel = unjustified.op.startswith("par.")
        kind, form = ("parallelism", "sequential loop") if parallel else ("unchecked access", "checked operation")
        raise ProofError(
            "HY7020",
            f"{unjustified.op} may not be compiled: no theorem, no {kind}",
            unjustified.span,
            notes=[verdict.reason],
            hints=[f"compile the {form} instead; Hyperion derives the faster form and its theorem"],
        )
    return verdict


def first_unjustified(program: Program) -> Equation | None:
    """The first operation of any function of the program that needs a theorem from a source without such."""
    ops = program.registry.ops
    for function in program.functions.values():
        for equation in walk(function.equations):
            if equation.op.startswith("par.") or ops[equation.op].unchecked:
                return equation
    return None


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
    new = _float_formats(v.type for v in values_of(target)) - _float_formats(v.type for v in values_of(source))
    return f"the compiled function computes in {', '.join(sorted(new))}, the source does not" if new else ""


def _float_formats(types: Iterable[Type]) -> set[str]:
    scalars = (t.element if isinstance(t, ArrayType) else t for t in types)
    return {str(t) for t in scalars if isinstance(t, FloatType)}
