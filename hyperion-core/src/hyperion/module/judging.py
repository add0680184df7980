"""From the contents of a module file to derivations: IR that is verified, and proofs that the checker accepts for
exactly that IR."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Literal

from hyperion.cost import Cost
from hyperion.costing import cost_of
from hyperion.driver import Derivation
from hyperion.errors import ModuleError, ProofError, TypeCheckError
from hyperion.evidence import UNPROVED, Verdict, first_parallel, first_unjustified, judge, same_term
from hyperion.explain import ProvedEquality
from hyperion.interfaces.strategy import Refusal
from hyperion.ir.function import Program, walk
from hyperion.ir.verifier import verify
from hyperion.logic.proof import ProofFile, text_of
from hyperion.logic.terms import TermError
from hyperion.module import canonical_json
from hyperion.module.contents import Contents, StoredFunction
from hyperion.module.known_verdicts import Accepted, Ground, known_verdicts
from hyperion.module.limits import Limits
from hyperion.module.records import TheoremRecord
from hyperion.tokens import current

Rejected = Literal["error", "as-written"]
"""What becomes of a function whose proof is rejected: the module is, or the function is taken as it was written."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The functions of a module by name, and why the proofs of some were rejected: those are as they were written."""

    derivations: Mapping[str, Derivation]
    rejected: Mapping[str, str]


def judged(contents: Contents, ground: Ground) -> Judged:
    """Verifies the IR and checks the proofs. Raises `ModuleError`: HY3013 for IR that is not valid, HY3007 for a proof
    about too large a function."""
    judge = Judge(contents, ground)
    for function in contents.functions:
        judge.verify(function)
    each: dict[str, tuple[Derivation, str]] = {}
    for done, function in enumerate(contents.functions):
        current().report("load", done, len(contents.functions), "functions")
        each[function.name] = judge.judged(function)
    rejected = {name: why for name, (_, why) in each.items() if why}
    return Judged({name: derivation for name, (derivation, _) in each.items()}, rejected)


class Judge:
    """Judges the functions of one file one by one, on one clock for all its proofs. Not for several threads at once."""

    def __init__(self, contents: Contents, ground: Ground) -> None:
        self._verified: dict[int, Program] = {}  # by identity
        self._checking = _Checking(contents.proofs, ground)

    def verify(self, function: StoredFunction) -> None:
        """Raises `ModuleError` (HY3013) for IR that is not valid. A program that was verified is not again."""
        for program in (function.source, function.chosen):
            if id(program) not in self._verified:
                _verify(program)
                self._verified[id(program)] = program

    def judged(self, function: StoredFunction) -> tuple[Derivation, str]:
        """The derivation, or the function as it was written and why its proof is rejected; raises as `judged` does."""
        self.verify(function)
        try:
            return _derivation(function, self._checking), ""
        except _Rejected as error:
            return _as_written(function, str(error)), str(error)


def rejection(contents: Contents, judgement: Judged) -> ModuleError | None:
    """The error that names the functions whose proofs were rejected; None where none was."""
    if not judgement.rejected:
        return None
    name = next(iter(judgement.rejected))
    others = [f"and that of {other!r}: {why}" for other, why in judgement.rejected.items() if other != name]
    return ModuleError(
        "HY3011",
        f"the proof of {name!r} is rejected: {judgement.rejected[name]}",
        judgement.derivations[name].source.main.span,
        notes=[*others, f"the module was made by hyperion-core {contents.about.core}"],
        hints=[
            "compile it again from its source: what operations mean may have changed since",
            'load(..., rejected="as-written") takes such functions as they were written, without a theorem',
        ],
    )


def _verify(program: Program) -> None:
    try:
        verify(program)
    except TypeCheckError as error:
        notes = [f"{e.code}: {e.message}" for e in error.errors[:10]]
        raise ModuleError(
            "HY3013", "the module's IR is not valid", notes=notes, hints=["compile the module again"]
        ) from None
    except RecursionError:
        raise ModuleError("HY3013", "the module's IR is not valid: it is nested too deeply") from None


class _Rejected(Exception):
    """A proof does not show what it should."""


@dataclass(slots=True)
class _Checking:
    """The proofs of one file and the time that is left for them."""

    proofs: Sequence[bytes]
    ground: Ground
    files: dict[int, ProofFile] = field(default_factory=dict[int, ProofFile])
    spent: float = 0.0

    @property
    def limits(self) -> Limits:
        return self.ground.limits

    def proof(self, number: int) -> ProofFile:
        if number not in self.files:
            text = self.proofs[number]
            value = canonical_json.loads(text, "section PRF")
            if text_of(value) != text:
                raise canonical_json.malformed("section PRF", "it is not written in the one way that it should be")
            self.files[number] = ProofFile(text)
        return self.files[number]

    def accepted(self, function: StoredFunction, number: int) -> Accepted:
        """The checker's verdict on source = chosen. Raises `_Rejected` unless it accepts the proof."""
        found = known_verdicts.get(self.ground, function.name, number)
        if found is None:
            proof = self.proof(number)
            found = Accepted(self._verdict(function, proof), proof)
            known_verdicts.put(self.ground, function.name, number, found)
        return found

    def _verdict(self, function: StoredFunction, proof: ProofFile) -> Verdict:
        _check_size(function, self.limits)
        self.limits.check("seconds", round(self.spent), "seconds for checking proofs")
        start = monotonic()
        try:
            verdict = judge(
                function.source,
                function.chosen,
                proof,
                self.ground.policy,
                time_limit=max(0.01, self.limits.seconds - self.spent),
                limits={"terms": self.limits.proof_terms},
            )
        except RecursionError:
            raise _Rejected("the function is nested too deeply to say what it means") from None
        finally:
            self.spent += monotonic() - start
        if not verdict.checked:
            raise _Rejected(verdict.reason)
        return verdict


def _check_size(function: StoredFunction, limits: Limits) -> None:
    for program in (function.source, function.chosen):
        count = sum(1 for f in program.functions.values() for _ in walk(f.equations))
        limits.check("proof_equations", count, f"equations of {function.name!r}, which has a proof")


def _derivation(function: StoredFunction, checking: _Checking) -> Derivation:
    record = function.record
    if record.parallel and (record.theorem is None or first_parallel(function.chosen) is None):
        raise canonical_json.malformed("section THM", f"{function.name!r} is not parallel")
    if sum([record.theorem is not None, record.rewritten is not None, bool(record.unproved)]) > 1:
        raise canonical_json.malformed("section THM", f"{function.name!r} has several kinds of evidence")
    if first_unjustified(function.source) is not None:
        raise _Rejected("what should be its source holds operations that need a theorem themselves")
    if record.theorem is not None:
        return _proven(function, record.theorem, checking)
    proof = None
    if record.unproved:
        forbidden = sorted(set(record.unproved) - checking.ground.policy.unproved_passes)
        if forbidden:
            raise _Rejected(
                f"it was changed without proof by {', '.join(forbidden)}, which policy does not let change it"
            )
    elif record.rewritten is not None:
        proof = checking.accepted(function, record.rewritten).proof
    elif function.chosen is not function.source:
        _check_size(function, checking.limits)
        _check_same(function)
    return _unproved(function, record.cost, record.refusals, proof)


def _proven(function: StoredFunction, record: TheoremRecord, checking: _Checking) -> Derivation:
    accepted = checking.accepted(function, record.proof)
    verdict, proof = accepted.verdict, accepted.proof
    if (record.left, record.right) != (verdict.left, verdict.right):
        raise _Rejected("the statement in the file is not the one that its proof shows")
    if (record.axioms, record.oracles) != (verdict.axioms, verdict.oracles):
        raise _Rejected("the axioms in the file are not those that its proof rests on")
    return Derivation(
        function.source,
        function.chosen,
        proof,
        verdict,
        ProvedEquality(record.summary, record.strategy, record.left, record.right, proof.value),
        function.record.parallel,
        cost_of(function.source),
        function.record.cost,
        function.record.candidates,
        function.record.refusals,
    )


def _check_same(function: StoredFunction) -> None:
    """Without a theorem, passes may have changed the function into one that denotes the same term."""
    try:
        same = same_term(function.source, function.chosen)
    except (ProofError, TermError, RecursionError) as error:
        raise _Rejected(f"nothing shows that it means what its source does: {error}") from None
    if not same:
        raise _Rejected("nothing shows that it means what its source does")


def _unproved(
    function: StoredFunction, cost: Cost, refusals: tuple[Refusal, ...], rewritten: ProofFile | None = None
) -> Derivation:
    source, record = function.source, function.record
    return Derivation(
        source, function.chosen, None, UNPROVED, None, False, cost_of(source), cost, record.candidates, refusals,
        record.unproved, rewritten,
    )  # fmt: skip


def _as_written(function: StoredFunction, why: str) -> Derivation:
    refusal = Refusal("module file", f"the proof was rejected: {why}")
    written = replace(function, chosen=function.source, record=replace(function.record, unproved=()))
    return _unproved(written, cost_of(function.source), (*function.record.refusals, refusal))
