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
from hyperion.stages import stage
from hyperion.tokens import current

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
    """Where the nodes of a body stand: in which combinator, which has how many rounds left, at which place itself."""

    node: Node | None = None
    rounds_left: int = 0
    around: _Place | None = None
    siblings: Sequence[Node] = ()  # of the combinator, in the body around it
    position: tuple[int, ...] = ()
    path: tuple[str, ...] = ()

    def inside(self, node: Node, siblings: Sequence[Node], index: int, rounds_left: int) -> _Place:
        """The place of the body of a combinator that stands here, among its siblings."""
        return _Place(node, rounds_left, self, siblings, (*self.position, index), (*self.path, head_text(node)))

    def rest(self, siblings: Sequence[Node], index: int) -> str:
        """The text of what comes after a node that stands here: its siblings, and what is left of all around it."""
        following = tuple(siblings[index + 1 :])
        match self.node:
            case Fixpoint() if self.rounds_left:
                following += (replace(self.node, max=self.rounds_left),)
            case Repeat() if self.rounds_left:
                following += (replace(self.node, n=self.rounds_left),)
            case _:
                pass
        texts = [pipeline_text(following, defaults=True)] if following else []
        if self.around is not None:
            texts.append(self.around.rest(self.siblings, self.position[-1]))
        return ",".join(filter(None, texts))


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

    def _all(self, nodes: Sequence[Node], state: State, place: _Place) -> State:
        for i, node in enumerate(nodes):
            match node:
                case Fixpoint():
                    state = self._fixpoint(node, state, lambda left: place.inside(node, nodes, i, left))  # noqa: B023  called before the next node
                case Repeat():
                    for done in range(1, node.n + 1):
                        state = self._all(node.body, state, place.inside(node, nodes, i, node.n - done))
                case Try():
                    state = self._try(node, state, place.inside(node, nodes, i, 0))
                case _:
                    state = self._pass(node, state, place, nodes, i)
        return state

    def _fixpoint(self, node: Fixpoint[Node], state: State, inside: Callable[[int], _Place]) -> State:
        seen = {state.program.main}
        changing: list[str] = []
        for done in range(1, node.max + 1):
            before, first = state.program, len(self._steps)
            state = self._all(node.body, state, inside(node.max - done))
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

    def _try(self, node: Try[Node], state: State, inside: _Place) -> State:
        steps = len(self._steps)
        self._tries += 1
        try:
            return self._all(node.body, state, inside)
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
        self._refuse(undone, inside.position)
        return state

    def _pass(self, each: CompilerPass, state: State, place: _Place, nodes: Sequence[Node], index: int) -> State:
        position = (*place.position, index)
        context = replace(self.context)  # nothing counted yet
        context.check()
        current().report("passes", self._number, unit="passes")
        self._number += 1
        text = head_text(each)
        run = PassRun(self._number, each.name, text, position, place.path, state.program)
        self._tell(lambda i: i.before(run), "before", run)
        try:
            with stage("pass", text) as told:
                found = judged(each, state.program, context, self.verify_each)
                told.note(evidence=found.evidence, **context.statistics)
        except PassError as error:
            failure = error
            self._tell(lambda i: i.failed(run, failure), "failed", run)
            if isinstance(error, StoppedError):
                raise
            rest = filter(None, (head_text(each, defaults=True), place.rest(nodes, index)))
            note = self.failing(error, state.program, ",".join(rest))
            error.notes = (*error.notes, *([note] if note else []))
            if self.refuse is None or self._tries:
                raise
            self._refuse(error, position)
            return state
        step = Step(
            each.name,
            found.evidence != "unchanged",
            found.evidence,
            found.seconds,
            found.cpu_seconds,
            found.judging_seconds,
            text,
            position,
            MappingProxyType(dict(context.statistics)),
        )
        self._steps.append(step)
        self._tell(lambda i: i.after(run, step, found.program), "after", run)
        return state.after(each, found.program, found.theorem, found.evidence != "none")

    def _refuse(self, error: PassError, position: tuple[int, ...]) -> None:
        """Once for each place: in a fixpoint the pass fails again in every round."""
        if (position, error.message) in self._refused:
            return
        self._refused.add((position, error.message))
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
