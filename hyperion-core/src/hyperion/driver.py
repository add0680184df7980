"""From a program to a proven, cheaper one and from there to code: passes, strategies, checker, choice, code generation.

Code generators are reached through `GuardedTarget` only, so nothing parallel is compiled without a checked theorem.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Literal

from hyperion._exiting import no_exit
from hyperion.cost import LINEAR, LOGARITHMIC, Cost
from hyperion.costing import cost_of, is_guarded
from hyperion.errors import CodegenError, PassError, StoppedError, TypeCheckError
from hyperion.evidence import (
    UNPROVED,
    Policy,
    Verdict,
    authorise,
    first_parallel,
    first_unjustified,
    judge,
    meaning,
    no_meaning,
)
from hyperion.explain import CandidateReport, Explanation, ProvedEquality
from hyperion.interfaces.codegen import (
    CodegenTarget,
    CodeStore,
    CompiledFunction,
    NativeCode,
    NativeTarget,
    StoringTarget,
)
from hyperion.interfaces.event import Event
from hyperion.interfaces.strategy import Candidate, Refusal, Strategy
from hyperion.ir.expansion import expand
from hyperion.ir.function import Program
from hyperion.ir.rebuild import rebuilt
from hyperion.ir.verifier import verify
from hyperion.logic import proof
from hyperion.logic.effort import OutOfTime, remaining, share, within
from hyperion.logic.kernel import RuleError, Theorem
from hyperion.logic.proof import Proof
from hyperion.machine import NOMINAL, Machine
from hyperion.pipeline import Outcome, chain, with_main
from hyperion.ranking import UNMEASURED, Ranking
from hyperion.reporting import described
from hyperion.searching import reason, run_passes, search
from hyperion.stages import count, stage, tally
from hyperion.tokens import current

if TYPE_CHECKING:
    from hyperion.pipeline import OptimizerPipeline

Tell = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Derivation:
    """A program, the equivalent chosen for it, and why that is one. Without a theorem `chosen` is the program itself
    after passes: the two denote the same term, or `rewritten` is the passes' theorem that they are equal. A module
    file brings proofs as `ProofFile`."""

    source: Program
    chosen: Program
    theorem: Proof | None
    verdict: Verdict
    equality: ProvedEquality | None
    parallel: bool
    source_cost: Cost
    chosen_cost: Cost
    candidates: tuple[CandidateReport, ...]
    refusals: tuple[Refusal, ...]
    unproved: tuple[str, ...] = ()  # passes that changed `chosen` without evidence, as policy lets them
    rewritten: Proof | None = None
    recalled: str = ""  # how the theorem was found in the library; empty where it was derived

    @property
    def outcome(self) -> str:
        """For metrics: whether it was derived, or comes from the library, or stays as written."""
        return "as written" if self.equality is None else "library" if self.recalled else "derived"

    @property
    def justification(self) -> Proof | None:
        """The theorem from the source on that code generation needs: the derivation's, or, where passes took checks
        away, that of the passes."""
        unjustified = first_unjustified(self.chosen) if self.theorem is None else None
        return self.rewritten if unjustified is not None else self.theorem

    def explanation(self, taken: str = "", machine: Machine = NOMINAL) -> Explanation:
        """What was found out, for people, with times as predicted for `machine`; nothing is run."""
        written = described(CandidateReport("as written", "", str(self.source_cost), ""), self.source, 0, machine)
        axioms = len(self.verdict.axioms)
        reports = [described(c, self.chosen, axioms, machine) if c.verdict == "chosen" else c for c in self.candidates]
        return Explanation(
            function=self.source.entry,
            theorem=self.equality,
            checked=self.verdict.checked,
            axioms=self.verdict.axioms,
            oracles=self.verdict.oracles,
            parallel=self.parallel,
            source_cost=str(self.source_cost),
            chosen_cost=str(self.chosen_cost),
            taken=taken,
            refusals=self.refusals,
            candidates=tuple(reports),
            unproved=self.unproved,
            recalled=self.recalled,
            kept=self.verdict.kept,
            written=written,
        )


@dataclass(frozen=True, slots=True)
class _Option:
    """A candidate as a whole program with the theorem from the source on, and what the checker says."""

    candidate: Candidate
    program: Program
    theorem: Theorem | None
    verdict: Verdict

    @property
    def cost(self) -> Cost:
        """As the strategy claims, if there is a parallel or a guarded form to claim it for; else read off the loops."""
        claimed = first_parallel(self.program) or is_guarded(self.program) or self.candidate.guard
        return self.candidate.cost if claimed else cost_of(self.program)

    @property
    def parallel(self) -> bool:
        return self.candidate.parallel and first_parallel(self.program) is not None


def derive(
    program: Program,
    pipeline: OptimizerPipeline,
    strategies: Iterable[Strategy],
    policy: Policy,
    tell: Tell,
    ranking: Ranking = UNMEASURED,
) -> Derivation:
    """The cheapest equivalent of `program` that the checker accepts, by `ranking`; see `settled`.

    What the limits of `hyperion.logic.effort` leave no time for is cut, and said in the refusals. Raises
    `TypeCheckError` for invalid IR.
    """
    verify(program)
    program = expand(program)
    refusals: list[Refusal] = []

    def refuse(error: PassError) -> None:
        refusals.append(Refusal("pipeline", error.message))
        tell(Event("refused", error.message, {"function": program.entry, "code": error.code}))

    silent = no_meaning(program.main, program)
    if silent:  # nothing can be proved about it, not even that a pass keeps its meaning
        refusals.append(Refusal("denote", silent, span=program.main.span))
        return _as_written(program, None, [], refusals, tell)
    strategies = list(strategies)
    try:
        before = run_passes(pipeline, program, refuse, share(len(strategies) + 1))
    except (StoppedError, OutOfTime) as late:
        refusals.append(Refusal("pipeline", f"cut: {reason(late)}"))
        before = Outcome(program, None, ())
    refusals.extend(Refusal("pipeline", note) for note in before.notes)
    if before.unproved:
        return _unproved(program, before, refusals, tell)
    polish = partial(_polished, pipeline, refuse)
    options: list[_Option] = []

    def weigh(found: Candidate | Refusal, prefix: Theorem | None) -> None:
        if isinstance(found, Refusal):
            if all((found.strategy, found.reason) != (other.strategy, other.reason) for other in refusals):
                refusals.append(found)
            return
        try:
            options.append(within(remaining(), partial(_judged, program, prefix, found, policy, polish)))
        except OutOfTime as late:
            refusals.append(Refusal(found.strategy, f"what it offered was not judged in time: {late}"))
        count("candidates", offered=len(options), checked=sum(o.verdict.checked for o in options))
        current().report("check", len(options), unit="candidates")

    for found in search(before.program, strategies):
        weigh(found, before.theorem)
    for option in _loops_of_recursions(program, options):
        for found in search(option.program, [s for s in strategies if s.name != option.candidate.strategy]):
            weigh(found, option.theorem)
    accepted = [o for o in options if o.verdict.checked]
    for option in options:
        if not option.verdict.checked:
            refusals.append(Refusal(option.candidate.strategy, f"the checker refused it: {option.verdict.reason}"))
    if not accepted:
        return _as_written(program, before, options, refusals, tell)
    accepted.sort(key=lambda o: o.cost.rank)  # of equals: order of names, then of offers
    best = accepted[ranking.best([o.program for o in accepted])]
    return _proven(program, best, options, refusals, tell, ranking.known())


def _loops_of_recursions(source: Program, options: Sequence[_Option]) -> list[_Option]:
    """The first option in which a recursion became a loop, which the other strategies have not seen."""
    if all(e.op != "recurse" for e in source.main.equations):
        return []
    linear = (o for o in options if o.verdict.checked and o.theorem is not None and o.cost == LINEAR)
    return list(islice(linear, 1))


def settled(found: Derivation, ranking: Ranking) -> Derivation:
    """The derivation, or the loop as written where that is predicted to be faster than what was proved equal."""
    if found.equality is None or first_unjustified(found.source) is not None:
        return found
    if found.chosen_cost.rank <= LOGARITHMIC.rank < found.source_cost.rank:
        return found  # faster for some n, however fast a step is
    slower = ranking.slower(found.chosen, found.source)
    if not slower:
        return found
    strategy = found.equality.strategy
    refusal = Refusal("cost", f"the proven form by {strategy} is not compiled: {slower}")
    reports = tuple(
        replace(c, verdict="checked, slower than as written") if c.verdict == "chosen" else c for c in found.candidates
    )
    return replace(unproven(found), candidates=reports, refusals=(*found.refusals, refusal), recalled="")


def _judged(
    source: Program,
    prefix: Theorem | None,
    candidate: Candidate,
    policy: Policy,
    polish: Callable[[Program], Outcome | None],
) -> _Option:
    """The candidate after the passes, as it will be compiled, with one verdict about all of it; as it was offered where
    that is not accepted."""
    program = source
    try:
        program = with_main(source, rebuilt(candidate.function))
        verify(program)
        theorem = chain([prefix, candidate.theorem])
        after = polish(program)
        if after is not None:
            whole = chain([theorem, after.theorem])
            verdict = judge(source, after.program, whole, policy)
            if verdict.checked:
                return _Option(candidate, after.program, whole, verdict)
    except TypeCheckError as error:
        return _Option(candidate, program, None, Verdict(False, f"invalid IR: {error.message}"))
    except RuleError as error:
        return _Option(candidate, program, None, Verdict(False, str(error)))
    return _Option(candidate, program, theorem, judge(source, program, theorem, policy))


def _polished(pipeline: OptimizerPipeline, refuse: Callable[[PassError], None], program: Program) -> Outcome | None:
    """What the passes make of the program, with evidence; None where they do not change it, or are cut."""
    try:
        after = run_passes(pipeline, program, refuse, remaining() / 2)
    except (StoppedError, OutOfTime):
        return None
    return None if after.program == program or after.unproved else after


def as_written(program: Program, refusals: Iterable[Refusal], tell: Tell) -> Derivation:
    """The program as it is, with the reasons why it stays so. Raises `TypeCheckError` for invalid IR."""
    verify(program)
    return _as_written(expand(program), None, [], list(refusals), tell)


def _unproved(source: Program, after: Outcome, refusals: list[Refusal], tell: Tell) -> Derivation:
    """What passes without evidence made. No strategy is asked: a theorem about it says nothing about the source."""
    names = ", ".join(after.unproved)
    refusals.append(Refusal("pipeline", f"changed without proof by {names}; so nothing is derived from it"))
    return replace(_as_written(source, after, [], refusals, tell), unproved=after.unproved, rewritten=None)


def _as_written(
    source: Program, after: Outcome | None, options: list[_Option], refusals: list[Refusal], tell: Tell
) -> Derivation:
    cost = cost_of(source)
    tell(
        Event("refused", f"{source.entry}: no proven equivalent", {"function": source.entry, "refusals": len(refusals)})
    )
    reports = tuple(_report(o, None, NOMINAL) for o in options)
    chosen, rewritten = (source, None) if after is None else (after.program, after.theorem)
    return Derivation(
        source, chosen, None, UNPROVED, None, False, cost, cost, reports, tuple(refusals), rewritten=rewritten
    )


def _proven(
    source: Program, best: _Option, options: list[_Option], refusals: list[Refusal], tell: Tell, machine: Machine
) -> Derivation:
    candidate = best.candidate
    theorem = best.theorem
    assert theorem is not None
    equality = ProvedEquality(
        candidate.summary,
        candidate.strategy,
        meaning(source.main, source),
        meaning(best.program.main, best.program),
        partial(proof.value_of, theorem),
    )
    fields = {"function": source.entry, "strategy": candidate.strategy, "cost": str(best.cost)}
    tell(Event("derived", f"{source.entry}: {best.cost} by {candidate.strategy}", fields))
    return Derivation(
        source,
        best.program,
        theorem,
        best.verdict,
        equality,
        best.parallel,
        cost_of(source),
        best.cost,
        tuple(_report(o, candidate, machine) for o in options),
        tuple(refusals),
    )


def _report(option: _Option, chosen: Candidate | None, machine: Machine) -> CandidateReport:
    candidate = option.candidate
    if candidate is chosen:
        verdict = "chosen"
    else:
        verdict = "checked, not chosen" if option.verdict.checked else f"refused: {option.verdict.reason}"
    return described(
        CandidateReport(candidate.strategy, candidate.summary, str(option.cost), verdict),
        option.program,
        len(option.verdict.axioms),
        machine,
        candidate.guard,
    )


@dataclass(frozen=True, slots=True)
class _Counted:
    """A store whose finds are counted."""

    store: CodeStore

    def find(self, compat: str) -> bytes | None:
        found = self.store.find(compat)
        tally("cache_misses" if found is None else "cache_hits", cache="code")
        return found

    def keep(self, compat: str, data: bytes) -> None:
        self.store.keep(compat, data)


@dataclass(frozen=True, slots=True)
class GuardedTarget:
    """A code generation target behind the gate of `evidence.authorise`. What passed it may be compiled from `store`."""

    target: CodegenTarget
    policy: Policy
    store: CodeStore | None = None

    @property
    def name(self) -> str:
        return self.target.name

    def compile(
        self,
        program: Program,
        source: Program | None = None,
        theorem: Proof | None = None,
        laws: Sequence[Proof] = (),
    ) -> CompiledFunction:
        """Compiles `program`. Parallel operations need `theorem`, `|- denote(source) = denote(program)`, or as `laws`
        what `hyperion.logic.obligations` asks of their regions."""
        authorise(program, source, theorem, self.policy, laws)
        current().report("codegen", 0, 1, "functions")
        with stage("codegen", self.name), self._named():
            if self.store is not None and isinstance(self.target, StoringTarget):
                compiled = self.target.compile_with(program, _Counted(self.store))
            else:
                compiled = self.target.compile(program)
        current().report("codegen", 1, 1, "functions")
        return compiled

    def lower(
        self,
        program: Program,
        emit: Literal["llvm", "asm"],
        source: Program | None = None,
        theorem: Proof | None = None,
        laws: Sequence[Proof] = (),
    ) -> str:
        """The LLVM IR or assembly of `program`, under the same rule."""
        authorise(program, source, theorem, self.policy, laws)
        with self._named():
            return self.target.lower(program, emit)

    def native(self, derivation: Derivation) -> NativeCode:
        """The machine code of what was chosen, under the same rule. Raises `CodegenError` (HY8012) where the target
        gives none."""
        authorise(derivation.chosen, derivation.source, derivation.justification, self.policy)
        if not isinstance(self.target, NativeTarget):
            raise CodegenError("HY8012", f"the target {self.name!r} gives no machine code to keep")
        with stage("codegen", self.name), self._named():
            return self.target.native(derivation.chosen)

    def load(self, derivation: Derivation, code: NativeCode) -> CompiledFunction | None:
        """What `native` gave, ready to call, under the same rule; None where it does not fit this machine."""
        authorise(derivation.chosen, derivation.source, derivation.justification, self.policy)
        return self.target.load(derivation.chosen, code) if isinstance(self.target, NativeTarget) else None

    @contextmanager
    def _named(self) -> Generator[None]:
        """An error of the target says which target it is: kits that several share do not know."""
        try:
            with no_exit(f"the target {self.name!r}"):
                yield
        except CodegenError as error:
            note = f"by the target {self.name!r}"
            if note not in error.notes:  # one that the target raises again
                error.notes = (*error.notes, note)
            raise


def compiled_as_written(derivation: Derivation, error: CodegenError) -> Derivation:
    """The source itself, where the target cannot compile what was derived."""
    refusal = Refusal("codegen", f"{error.code}: the derived form has no code: {error.message}", span=error.span)
    return replace(unproven(derivation), refusals=(*derivation.refusals, refusal))


def unproven(derivation: Derivation) -> Derivation:
    """The source itself in the place of what was chosen."""
    return replace(
        derivation,
        chosen=derivation.source,
        theorem=None,
        verdict=UNPROVED,
        equality=None,
        rewritten=None,
        parallel=False,
        unproved=(),
        chosen_cost=derivation.source_cost,
    )


def compile_derivation(derivation: Derivation, target: GuardedTarget) -> CompiledFunction:
    """Code for what was chosen. Raises `ProofError` (HY7020) where an operation lacks the theorem that it needs."""
    return target.compile(derivation.chosen, derivation.source, derivation.justification)
