"""TRUSTED. Decides whether a program may be called a proven equivalent of another, and whether it may run in parallel.

The checker's verdict counts, never a theorem object: it recomputes the statement from the proof, and both sides are
compared with what the two programs denote, computed here from exactly the IR at hand.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from hyperion.errors import ProofError
from hyperion.ir.function import Equation, Function, Program, walk
from hyperion.ir.verifier import verify
from hyperion.logic import checking
from hyperion.logic.denote import denote, expanded, float_formats
from hyperion.logic.obligations import obligations, undischarged
from hyperion.logic.proof import Proof
from hyperion.logic.sized import sized
from hyperion.logic.terms import Term, TermError, app, digest
from hyperion.policy import Policy as Policy


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement on `source = target`. `reason` says why it is not checked; empty where it is. `left` and `right`
    are the hashes of what the proof was found to say; `kept` says that an earlier process had it checked."""

    checked: bool
    reason: str = ""
    axioms: tuple[str, ...] = ()
    oracles: tuple[str, ...] = ()
    left: str = ""
    right: str = ""
    kept: bool = False


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
    try:
        source, target = expanded(source), expanded(target)
        different = _different_types(source.main, target.main)
        if different:
            return Verdict(False, different)
        checked = checking.check(
            proof, time_limit=time_limit, limits=limits, oracles=policy.oracles, store=policy.verdicts
        )
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
    else:
        reason = _not_believed(checked, policy)
    return Verdict(not reason, reason, checked.axioms, checked.oracles, checked.left, checked.right, checked.kept)


def _not_believed(checked: checking.Checked, policy: Policy) -> str:
    """That policy does not count what the theorem rests on; empty where it does."""
    oracles, theories = set(checked.oracles) - policy.oracles, checked.theories - policy.theories
    if oracles:
        return f"policy does not believe the oracles {', '.join(sorted(oracles))}"
    if theories:
        from hyperion.logic import theory  # on use: its axioms take longer to read than all else here

        owner = min(theories)
        return f"HY7005: the theorem rests on axioms of {owner}, whose theory is off; {theory.opt_in(owner)}"
    return ""


def _statements(source: Term, target: Term) -> dict[str, str]:
    """The right side, by the left side, of the statements that count: of all arrays, or of those that exist."""
    statements = {digest(source): digest(target)}
    wrapper = sized(source.type)
    if wrapper is not None and target.type is source.type:
        statements[digest(app(wrapper, source))] = digest(app(wrapper, target))
    return statements


def authorise(
    program: Program,
    source: Program | None,
    proof: Proof | None,
    policy: Policy,
    laws: Sequence[Proof] = (),
) -> Verdict:
    """The one gate before code generation: valid IR, and no parallel or unchecked operation without a checked theorem.

    An unchecked operation needs `proof`, of `|- denote(source) = denote(program)`, from a source without such a one.
    A parallel one needs that, or theorems `laws` that say what its regions must obey (`hyperion.logic.obligations`). A
    theorem is about the entry function and what it calls.

    Raises `TypeCheckError` for invalid IR and `ProofError` (HY7020) for an operation that nothing justifies.
    """
    verify(program)
    verdict = UNPROVED
    if source is not None:
        verify(source)
        if first_unjustified(source) is None:  # that a parallel program equals itself proves no law
            verdict = judge(source, program, proof, policy)
    proved = _reached(program) if verdict.checked else frozenset[str]()
    unjustified = first_unjustified(program, proved)
    if unjustified is None:
        return verdict
    parallel = unjustified.op.startswith("par.")
    open_laws = _open(program, laws, policy) if parallel else []
    if parallel and not open_laws:
        return replace(verdict, reason=f"{verdict.reason}; the laws of its parallel operations are proved")
    kind, form = ("parallelism", "sequential loop") if parallel else ("unchecked access", "checked operation")
    raise ProofError(
        "HY7020",
        f"{unjustified.op} may not be compiled: no theorem, no {kind}",
        unjustified.span,
        notes=[verdict.reason, *open_laws],
        hints=[f"compile the {form} instead; Hyperion derives the faster form and its theorem"],
    )


def _open(program: Program, laws: Sequence[Proof], policy: Policy) -> list[str]:
    """Why the parallel operations of the program are not justified by theorems about their regions."""
    try:
        wanted = obligations(program)
        checked = [checking.check(law, oracles=policy.oracles) for law in laws]
        shown = [c for c in checked if not c.hypotheses and not _not_believed(c, policy)]
    except (ProofError, TermError) as error:
        return [str(error)]
    return [f"not proved: {law}" for law in undischarged(wanted, ((c.left, c.right) for c in shown))]


def first_unjustified(program: Program, proved: Collection[str] = ()) -> Equation | None:
    """The first operation that needs a theorem, in any function but those `proved`.

    Unchecked ones come before parallel ones, which theorems about their regions may justify.
    """
    functions = (f for name, f in program.functions.items() if name not in proved)
    needy = [e for f in functions for e in walk(f.equations) if _unchecked(program, e) or e.op.startswith("par.")]
    return next((e for e in needy if _unchecked(program, e)), needy[0] if needy else None)


def _unchecked(program: Program, equation: Equation) -> bool:
    definition = program.registry.ops.get(equation.op)
    return definition is not None and definition.unchecked


def _reached(program: Program) -> frozenset[str]:
    """The entry function and every function that it calls, directly or not."""
    found, left = set[str](), [program.entry]
    while left:
        name = left.pop()
        if name in program.functions and name not in found:
            found.add(name)
            left += [str(e.attribute("callee")) for e in walk(program.functions[name].equations) if e.op == "call"]
    return frozenset(found)


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
