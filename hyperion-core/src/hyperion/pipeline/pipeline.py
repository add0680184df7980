"""`OptimizerPipeline`: passes and combinators, made from text or from objects, and run on programs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Event, Lock
from time import monotonic
from typing import TypeAlias, cast

from hyperion.errors import PassError
from hyperion.interfaces.compiler_pass import CompilerPass, PassContext
from hyperion.ir.function import Program
from hyperion.ir.parser import parse_program
from hyperion.ir.registry import CORE, Registry
from hyperion.ir.verifier import verify
from hyperion.pipeline.instrument import Instrument
from hyperion.pipeline.nodes import Fixpoint, Node, Repeat, Try, checked_pass, passes_of
from hyperion.pipeline.outcome import Outcome
from hyperion.pipeline.printer import pipeline_text
from hyperion.pipeline.reproducer import Reproducing
from hyperion.pipeline.running import Refuse, Runner, State
from hyperion.policy import Policy

Item: TypeAlias = "str | CompilerPass | OptimizerPipeline | Fixpoint[Item] | Repeat[Item] | Try[Item]"
"""What `Instance.create_pipeline` takes: text, a pass, another pipeline, or a combinator around such things."""
Runnable: TypeAlias = "Program | Outcome | str | os.PathLike[str]"


class OptimizerPipeline:
    """Passes that run in order on the entry function of a program, each held to its evidence.

    Made by `Instance.pipeline(text)` or `Instance.create_pipeline(items)`. Immutable but for its instruments; may run
    in several threads at once. `str(pipeline)` is its text, which makes an equal pipeline. A context manager: `destroy`
    lets go of passes and instruments, may be called twice, and everything afterwards is a `PassError` (HY4020).

    >>> import hyperion as hp
    >>> with hp.Instance() as instance:
    ...     print(instance.pipeline("canonicalize, fixpoint{max=8}(cse, dce)"))
    canonicalize,fixpoint(cse,dce)
    """

    def __init__(
        self,
        nodes: Iterable[Node] = (),
        policy: Policy | None = None,
        *,
        instruments: Iterable[Instrument] = (),
        verify_each: bool | None = None,
        reproducers: str | os.PathLike[str] | None = None,
        versions: Callable[[], tuple[str, ...]] = tuple,
        registry: Registry = CORE,
    ) -> None:
        self._nodes: tuple[Node, ...] | None = checked_nodes(nodes)
        self._policy = policy or Policy()
        self._instruments = list(map(_checked_instrument, instruments))
        self._verify_each = self._policy.verify_each if verify_each is None else verify_each
        self._reproducers = reproducers
        self._versions = versions
        self._registry = registry
        self._lock = Lock()

    def __enter__(self) -> OptimizerPipeline:
        self._alive()
        return self

    def __exit__(self, *exception: object) -> None:
        self.destroy()

    def __str__(self) -> str:
        return pipeline_text(self._alive())

    def __repr__(self) -> str:
        nodes = self._nodes
        return f"<OptimizerPipeline {'(destroyed)' if nodes is None else repr(pipeline_text(nodes))}>"

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The passes and combinators, as a tree."""
        return self._alive()

    @property
    def passes(self) -> tuple[CompilerPass, ...]:
        """The passes without the combinators around them, in the order of the text."""
        return tuple(passes_of(self._alive()))

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """The instruments that are attached; one that raised no longer is."""
        self._alive()
        return tuple(self._instruments)

    @property
    def destroyed(self) -> bool:
        return self._nodes is None

    def destroy(self) -> None:
        """Lets go of passes and instruments. A run in another thread ends as it would have."""
        with self._lock:
            self._nodes = None
            self._instruments.clear()

    def attach(self, instrument: Instrument) -> None:
        """Has an instrument watch the runs that start from now on."""
        self._alive()
        with self._lock:
            self._instruments.append(_checked_instrument(instrument))

    def detach(self, instrument: Instrument) -> None:
        """Takes an instrument off; nothing happens where it is not attached."""
        with self._lock:
            self._instruments[:] = [each for each in self._instruments if each is not instrument]

    def run(
        self,
        source: Runnable,
        refuse: Refuse | None = None,
        *,
        timeout: float | None = None,
        cancel: Event | None = None,
        verify_each: bool | None = None,
        reproducers: str | os.PathLike[str] | None = None,
    ) -> Outcome:
        """The program after all passes. The program that was given stays as it is.

        source: a program, IR text, the path of a file with it, or the outcome of another pipeline, which goes on: its
            theorem is continued, and passes without evidence stay on record.
        refuse: takes the error of each pass that fails, and the run goes on without that pass; None raises it.
        timeout: seconds after which the run is ended. cancel: an event that ends it when it is set. Passes end at
            their next `PassContext.check`.
        verify_each: verify the IR after each pass; None means as the policy says. The result is verified in any case.
        reproducers: a folder that gets a file for each pass that fails; None means the configuration's, or
            HYPERION_REPRODUCERS, or that no file is written.

        Raises `PassError`: HY4001 a pass failed, HY4002 it made invalid IR, HY4003 it has no evidence, HY4020 the
        pipeline was destroyed, HY4022 `source` is no program; `StoppedError`: HY4004 cancelled, HY4005 out of time;
        `TypeCheckError` where `source` is invalid IR.
        """
        nodes = self._alive()
        state = _state(source, self._registry)
        each = self._verify_each if verify_each is None else verify_each
        folder = reproducers or self._reproducers or os.environ.get("HYPERION_REPRODUCERS") or None
        deadline = None if timeout is None else monotonic() + timeout
        with self._lock:
            instruments = list(self._instruments)
        runner = Runner(
            PassContext(self._policy, deadline, cancel),
            each,
            instruments,
            self.detach,
            Reproducing(None if folder is None else Path(folder), self._policy, each, self._versions),
            refuse,
        )
        outcome = runner.run(nodes, state)
        if isinstance(source, Outcome):
            return Outcome(
                outcome.program,
                outcome.theorem,
                source.steps + outcome.steps,
                outcome.unproved,
                source.notes + outcome.notes,
            )
        return outcome

    def _alive(self) -> tuple[Node, ...]:
        if self._nodes is None:
            hints = ["make a new one: instance.pipeline(text)"]
            raise PassError("HY4020", "this pipeline was destroyed", hints=hints)
        return self._nodes


def checked_nodes(nodes: Iterable[object]) -> tuple[Node, ...]:
    """Passes and combinators, each of them checked. Raises `PassError` (HY4021) for anything else."""
    found: list[Node] = []
    for node in nodes:
        if isinstance(node, (Fixpoint, Repeat, Try)):
            inner = cast("Fixpoint[object] | Repeat[object] | Try[object]", node)
            found.append(_around(inner, checked_nodes(inner.body)))
        else:
            found.append(checked_pass(node))
    return tuple(found)


def resolved(items: Iterable[Item], nodes: Callable[[str], tuple[Node, ...]]) -> tuple[Node, ...]:
    """The nodes that items stand for; `nodes` reads text."""
    found: list[Node] = []
    for item in items:
        match item:
            case str():
                found += nodes(item)
            case OptimizerPipeline():
                found += item.nodes
            case Fixpoint() | Repeat() | Try():
                found.append(_around(item, resolved(item.body, nodes)))
            case _:
                found.append(checked_pass(item))
    return tuple(found)


def _around(combinator: object, body: tuple[Node, ...]) -> Node:
    match combinator:
        case Fixpoint():
            return Fixpoint(body, combinator.max)
        case Repeat():
            return Repeat(body, combinator.n)
        case _:
            return Try(body)


def _checked_instrument(thing: object) -> Instrument:
    if not isinstance(thing, Instrument) or isinstance(thing, type):
        hints = ["subclass hyperion.pipeline.Instrument, and give an object of it"]
        raise PassError("HY4021", f"{thing!r:.80} is no instrument", hints=hints)
    return thing


def _state(source: object, registry: Registry) -> State:
    match source:
        case Outcome():
            return State(source.program, source.theorem, source.unproved)
        case Program():
            program = source
        case str():
            program = parse_program(source, registry=registry)
        case os.PathLike():
            path = Path(cast("os.PathLike[str]", source))
            program = parse_program(path.read_text(encoding="utf-8"), str(path), registry)
        case _:
            hints = [
                "it takes a Program, IR text, a path, or an Outcome",
                "instance.program(f, arguments=(xs,)) gives the program of a Python function",
                'and module["f"].derivation.source that of a compiled one',
            ]
            raise PassError("HY4022", f"a pipeline does not run on {source!r:.80}", hints=hints)
    verify(program)
    return State(program, None, ())
