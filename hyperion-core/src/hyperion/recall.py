"""The theorem library before the search: what is known about a program is judged as what a strategy offers is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from hyperion.costing import cost_of, is_guarded
from hyperion.driver import Derivation, Tell
from hyperion.errors import RAISED, STOPS, TypeCheckError
from hyperion.evidence import Policy, Verdict, first_parallel, judge, no_meaning
from hyperion.explain import ProvedEquality
from hyperion.interfaces.event import Event
from hyperion.interfaces.theorem_library import Recalled, StoredTheorem, TheoremLibrary
from hyperion.ir.expansion import expand
from hyperion.ir.function import Program
from hyperion.ir.rebuild import rebuilt
from hyperion.ir.verifier import verify
from hyperion.library.in_process import InProcessLibrary
from hyperion.library.keys import key_of, theorem_digest
from hyperion.library.opening import searchers
from hyperion.logic import checking, proof
from hyperion.logic.effort import OutOfTime, limited, remaining
from hyperion.logic.proof import ProofFile, line_of
from hyperion.stages import stage

if TYPE_CHECKING:
    from hyperion.config import Config
    from hyperion.plugins import PluginHost

Search = Callable[[], Derivation]
SHORT = 1 << 18
"""Bytes of a proof whose check takes no time to speak of."""


@dataclass(frozen=True, slots=True)
class Reuse:
    """The library that is asked first. `searched` names what a derivation searches with: passes, strategies and their
    versions. A theorem that was found with something else competes with what the search finds, once."""

    library: TheoremLibrary
    searched: str


def reuse_of(host: PluginHost, config: Config, library: Callable[[], TheoremLibrary]) -> Reuse | None:
    """The library to ask; None where it is switched off, or nothing is searched for."""
    use = config.derive and config.library and host.names("hyperion_strategies")
    return Reuse(library(), searchers(host, config)) if use else None


def recalled_or_derived(
    program: Program, reuse: Reuse | None, policy: Policy, tell: Tell, search: Search
) -> Derivation:
    """What the library knows about `program`, else what `search` derives, which is kept. Raises `TypeCheckError` for
    invalid IR."""
    if reuse is None:
        return search()
    verify(program)
    program = expand(program)
    if policy.unproved_passes or no_meaning(program.main, program):
        return search()
    try:
        with limited(remaining() / 2):
            known = _recall(program, reuse.library, policy, tell)
    except OutOfTime as late:
        tell(_failed(program, late))
        known = None
    if known is not None:
        _keep_verdict(known[1], reuse, policy, tell)
    if known is not None and known[0].searched == reuse.searched:
        if known[1].recalled != "exact":  # the next time it is
            _remember(known[1], reuse, tell)
        return _told(known[1], tell)
    found = search()
    if known is not None and (found.theorem is None or known[1].chosen_cost.rank < found.chosen_cost.rank):
        found = _told(known[1], tell)
    _remember(found, reuse, tell)
    _keep_verdict(found, reuse, policy, tell)
    return found


def _keep_verdict(found: Derivation, reuse: Reuse, policy: Policy, tell: Tell) -> None:
    """So that a later process that finds the theorem in the library need not have it checked again: what is kept is
    about exactly the bytes that the library has. Of a long proof that was just derived it waits for the first find."""
    store, verdict = policy.verdicts, found.verdict
    if store is None or isinstance(reuse.library, InProcessLibrary):
        return
    if found.theorem is None or not verdict.checked or verdict.kept or verdict.oracles:
        return
    stored = ProofFile(line_of(found.theorem))
    if isinstance(found.theorem, ProofFile) or len(stored.text) <= SHORT:
        _attempt(found.source, tell, partial(checking.check_and_keep, stored, store))


def _recall(
    source: Program, library: TheoremLibrary, policy: Policy, tell: Tell
) -> tuple[StoredTheorem, Derivation] | None:
    """The first equivalent that the library offers and the checker accepts; others are taken out of the library,
    unless it is policy that refuses them."""
    with stage("library", source.entry) as told:
        for offer in _offers(source, library, tell):
            chosen, verdict = _judged(source, offer, policy)
            if verdict.checked:
                told.note(found=offer.how)
                return offer.theorem, _as_recalled(source, chosen, offer, verdict)
            if offer.how == "exact" and _is_false(verdict, policy):
                _attempt(source, tell, partial(library.drop, offer.theorem, verdict.reason))
            tell(Event("refused", f"{source.entry}: a stored theorem: {verdict.reason}", {"function": source.entry}))
        told.note(found="")
    return None


def _offers(source: Program, library: TheoremLibrary, tell: Tell) -> Iterator[Recalled]:
    """What the library has to offer. It is untrusted: its failure is the loss of a chance, and is told."""
    try:
        yield from map(_an_offer, library.find(source))
    except STOPS:
        raise
    except RAISED as error:
        tell(_failed(source, error))


def _an_offer(offer: object) -> Recalled:
    if not isinstance(offer, Recalled):
        raise TypeError(f"it offered {offer!r:.80}")
    return offer


def _attempt(source: Program, tell: Tell, act: Callable[[], None]) -> None:
    try:
        act()
    except STOPS:
        raise
    except RAISED as error:
        tell(_failed(source, error))


def _failed(source: Program, error: BaseException) -> Event:
    message = f"{source.entry}: the theorem library failed: {type(error).__name__}: {error}"
    return Event("refused", message, {"function": source.entry})


def _judged(source: Program, offer: Recalled, policy: Policy) -> tuple[Program, Verdict]:
    """What is offered, made anew of the IR's own classes, so that it stays what is judged here."""
    chosen = source
    try:
        functions = {str(name): rebuilt(f) for name, f in offer.chosen.functions.items()}
        chosen = replace(source, functions=functions, entry=str(offer.chosen.entry))
        verify(chosen)
        return chosen, judge(source, chosen, offer.proof, policy)
    except TypeCheckError as error:
        return chosen, Verdict(False, f"invalid IR: {error.message}")
    except RecursionError:
        return chosen, Verdict(False, "it is nested too deeply")
    except (AttributeError, TypeError) as error:
        return chosen, Verdict(False, f"no program is offered: {error}")


def _is_false(verdict: Verdict, policy: Policy) -> bool:
    """Whether the proof was refused: neither time nor a process was lacking, nor is policy against it."""
    return set(verdict.oracles) <= policy.oracles and not verdict.reason.startswith(("HY7002", "HY7003"))


def _as_recalled(source: Program, chosen: Program, offer: Recalled, verdict: Verdict) -> Derivation:
    theorem = offer.theorem
    parallel = theorem.parallel and first_parallel(chosen) is not None
    cost = theorem.cost if first_parallel(chosen) or is_guarded(chosen) else cost_of(chosen)
    text = theorem.summary if offer.how == "exact" else f"{theorem.summary}\n{offer.how}"
    equality = ProvedEquality(text, theorem.strategy, verdict.left, verdict.right, partial(proof.value_of, offer.proof))
    return Derivation(
        source, chosen, offer.proof, verdict, equality, parallel, cost_of(source), cost,
        theorem.candidates, theorem.refusals, recalled=offer.how,
    )  # fmt: skip


def _told(found: Derivation, tell: Tell) -> Derivation:
    name, strategy = found.source.entry, found.equality.strategy if found.equality else ""
    fields = {"function": name, "strategy": strategy, "cost": str(found.chosen_cost), "library": found.recalled}
    tell(Event("derived", f"{name}: {found.chosen_cost} by {strategy}, from the library", fields))
    return found


def _remember(found: Derivation, reuse: Reuse, tell: Tell) -> None:
    """Keeps the theorem. Without oracles: what rests on one is true only for who believes it."""
    if found.theorem is None or found.equality is None or found.verdict.oracles:
        return
    key = key_of(found.source)
    theorem = StoredTheorem(
        theorem_digest(key, found.chosen),
        found.source,
        found.chosen,
        found.theorem,
        found.equality.strategy,
        found.equality.text,
        found.chosen_cost,
        found.parallel,
        reuse.searched,
        found.candidates,
        found.refusals,
    )
    _attempt(found.source, tell, partial(reuse.library.add, theorem))
