"""One run of a pipeline: its nodes in order, each pass judged, and everybody told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from hyperion import log
from hyperion.errors import PassError, StoppedError, TypeCheckError
from hyperion.interfaces.compiler_pass import CompilerPass, PassContext
from hyperion.ir.function import Program
from hyperion.ir.verifier import verify
from hyperion.logic.kernel import Theorem
from hyperion.pipeline.instrument import Instrument, PassRun
from hyperion.pipeline.judging import judged, messages
from hyperion.pipeline.nodes import Fixpoint, Node, Repeat, Try
from hyperion.pipeline.outcome import Outcome, Step, chain
from hyperion.pipeline.printer import head_text, node_text, pipeline_text

Refuse = Callable[[PassError], None]
_log = log.logger("pipeline")


@dataclass(frozen=True, slots=True)
class State:
    """What a pass starts from: the program, its theorem, and which passes had no evidence."""

    program: Program
    theorem: Theorem | None
    unproved: tuple[str, ...]

    def after(self, each: CompilerPass, program: Program, theorem: Theorem | None, proved: bool) -> State:
        """A pass without evidence marks the state for good, and ends its theorem."""
        if proved:
            whole = None if self.unproved else chain([self.theorem, theorem])
            return State(program, whole, self.unproved)
        return State(program, None, tuple(dict.fromkeys((*self.unproved, each.name))))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a node stands: its index in each combinator around it, their texts, and the text of what comes after it,
    the rounds that those combinators have left included."""

    position: tuple[int, ...] = ()
    path: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()


@dataclass(slots=True)
class Runner:
    """Runs nodes. `refuse` takes what a failing pass raised, and the run goes on without that pass; None raises it.
    `failing` is told of it first, with the program and the text from that pass on; what it gives is noted on the error.
    `detach` is told which instrument raised."""

    context: PassContext
    verify_each: bool
    instruments: list[Instrument]
    detach: Callable[[Instrument], None]
    failing: Callable[[PassError, Program, str], str]
    refuse: Refuse | None = None
    _steps: list[Step] = field(default_factory=list[Step])
    _notes: list[str] = field(default_factory=list[str])
    _number: int = 0
    _tries: int = 0
    _refused: set[tuple[tuple[int, ...], str]] = field(default_factory=set[tuple[tuple[int, ...], str]])

    def run(self, nodes: Sequence[Node], state: State) -> Outcome:
        """All nodes in order. Raises `PassError`, and `StoppedError` where the context ends the run."""
        before = state.program
        state = self._all(nodes, state, _Place())
        if not self.verify_each and state.program != before:
            self._verify(state.program)
        return Outcome(state.program, state.theorem, tuple(self._steps), state.unproved, tuple(self._notes))

    def _all(self, nodes: Sequence[Node], state: State, around: _Place) -> State:
        for i, node in enumerate(nodes):
            rest = pipeline_text(nodes[i + 1 :], defaults=True)
            place = _Place((*around.position, i), around.path, (*([rest] if rest else []), *around.rest))
            state = self._node(node, state, place)
        return state

    def _node(self, node: Node, state: State, place: _Place) -> State:
        match node:
            case Fixpoint():
                return self._fixpoint(node, state, place)
            case Repeat():
                for done in range(1, node.n + 1):
                    state = self._all(node.body, state, _inside(place, node, node.n - done))
                return state
            case Try():
                return self._try(node, state, place)
            case _:
                return self._pass(node, state, place)

    def _fixpoint(self, node: Fixpoint[Node], state: State, place: _Place) -> State:
        seen = {state.program.main}
        changing: list[str] = []
        for done in range(1, node.max + 1):
            before, first = state.program, len(self._steps)
            state = self._all(node.body, state, _inside(place, node, node.max - done))
            if state.program == before:
                return state
            changing = list(dict.fromkeys(s.text for s in self._steps[first:] if s.changed))
            if state.program.main in seen:
                self._note(node, state, f"goes round in circles after {done} rounds", changing)
                return state
            seen.add(state.program.main)
        self._note(node, state, f"did not converge in {node.max} rounds", changing)
        return state

    def _note(self, node: Node, state: State, what: str, changing: Sequence[str]) -> None:
        note = f"{node_text(node)} on {state.program.entry!r} {what}; the last one changed it by {', '.join(changing)}"
        if note not in self._notes:
            self._notes.append(note)

    def _try(self, node: Try[Node], state: State, place: _Place) -> State:
        steps = len(self._steps)
        self._tries += 1
        try:
            return self._all(node.body, state, _inside(place, node, 0))
        except StoppedError:
            raise
        except PassError as error:
            del self._steps[steps:]
            if self.refuse is None:
                self._notes.append(f"{node_text(node)} was undone: {error.code}: {error.message}")
                return state
            undone = error
        finally:
            self._tries -= 1
        self._refuse(undone, place)
        return state

    def _pass(self, each: CompilerPass, state: State, place: _Place) -> State:
        context = replace(self.context)  # nothing counted yet
        context.check()
        self._number += 1
        text = head_text(each)
        run = PassRun(self._number, each.name, text, place.position, place.path, state.program)
        self._tell(lambda i: i.before(run), "before", run)
        try:
            found = judged(each, state.program, context, self.verify_each)
        except PassError as error:
            failure = error
            self._tell(lambda i: i.failed(run, failure), "failed", run)
            if isinstance(error, StoppedError):
                raise
            note = self.failing(error, state.program, ",".join((head_text(each, defaults=True), *place.rest)))
            error.notes = (*error.notes, *([note] if note else []))
            if self.refuse is None or self._tries:
                raise
            self._refuse(error, place)
            return state
        step = Step(
            each.name,
            found.evidence != "unchanged",
            found.evidence,
            found.seconds,
            found.cpu_seconds,
            found.judging_seconds,
            text,
            place.position,
            MappingProxyType(dict(context.statistics)),
        )
        self._steps.append(step)
        self._tell(lambda i: i.after(run, step, found.program), "after", run)
        return state.after(each, found.program, found.theorem, found.evidence != "none")

    def _refuse(self, error: PassError, place: _Place) -> None:
        """Once for each pass: in a fixpoint it fails again in every round."""
        if (place.position, error.message) in self._refused:
            return
        self._refused.add((place.position, error.message))
        assert self.refuse is not None
        self.refuse(error)

    def _tell(self, call: Callable[[Instrument], None], when: str, run: PassRun) -> None:
        for instrument in tuple(self.instruments):
            try:
                call(instrument)
            except Exception as error:  # watching never disturbs what is watched
                self.instruments.remove(instrument)
                self.detach(instrument)
                where = f"{when} {run.text} on {run.program.entry!r}"
                why = f"{type(error).__name__}: {error}"
                note = f"the instrument {type(instrument).__name__} failed {where} and is detached: {why}"
                self._notes.append(note)
                _log.warning("%s", note, exc_info=True)

    def _verify(self, program: Program) -> None:
        try:
            verify(program)
        except TypeCheckError as error:
            message = f"the pipeline made invalid IR of {program.entry!r}: {error.message}"
            hints = ["verify_each=True says which pass"]
            raise PassError("HY4002", message, program.main.span, messages(error), hints) from error


def _inside(place: _Place, node: Node, rounds_left: int) -> _Place:
    """The place of a body. What comes after it starts with the rounds that are left."""
    again: str | None = None
    match node:
        case Fixpoint() if rounds_left:
            again = node_text(replace(node, max=rounds_left), defaults=True)
        case Repeat() if rounds_left:
            again = node_text(replace(node, n=rounds_left), defaults=True)
        case _:
            pass
    return _Place(place.position, (*place.path, head_text(node)), (*([again] if again else []), *place.rest))
