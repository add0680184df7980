"""One program, split over the devices of an executor, and what is kept of it from call to call."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any, cast

import numpy as np

from hyperion.buffers.host import view
from hyperion.errors import (
    BufferError_,
    CodegenError,
    DeadlineError,
    DeviceError,
    ProofError,
    TypeCheckError,
    WorkCancelledError,
)
from hyperion.interfaces.buffer import BufferView
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.executor import Services
from hyperion.interfaces.strategy import Refusal
from hyperion.ir.function import Program, Value
from hyperion.ir.scalars import Number, Trap
from hyperion.ir.types import ArrayType, BoolType, FloatType, IntType
from hyperion.module.function import TRAPS
from hyperion.tokens import NOTHING, Token
from hyperion_cluster.lanes import Lane
from hyperion_cluster.moving import on_host
from hyperion_cluster.splitting.crew import Crew, Lost, Results
from hyperion_cluster.splitting.planning import plan_of
from hyperion_cluster.splitting.programs import Part, Parts
from hyperion_cluster.splitting.running import Run
from hyperion_cluster.splitting.shares import LAUNCH, Judge, Shares
from hyperion_cluster.splitting.team import Team
from hyperion_cluster.splitting.values import Unsplit


class SplitProgram:
    """`refusals` says why no call is split; empty where calls are. Whoever makes it vouches that the program's parallel
    operations have their theorem; `lost` is told of devices that are lost on the way. Every method may be called from
    any thread but those of the lanes."""

    def __init__(
        self,
        program: Program,
        lanes: Sequence[Lane],
        services: Services,
        launch: float = LAUNCH,
        lost: Lost = lambda lane, error: None,
    ) -> None:
        self._lanes = lanes
        self._services = services
        self._plan = plan_of(program, [lane.device.info.target for lane in lanes])
        self._parts = Parts(program, self._plan.constants)
        self._lock = threading.Lock()
        self._made: dict[object, Part] = {}
        self._compiled: dict[tuple[object, str], CompiledFunction] = {}
        self._known: set[tuple[int, CompiledFunction]] = set()
        self._lost = lost
        self.refusals = self._plan.refusals
        self.least = 2 * self._plan.block  # elements; fewer are not for two devices
        self.shares = Shares(lanes, launch)
        self.judges = tuple(Judge() for _ in range(len(lanes) + 1))
        """Of calls split over so many devices."""

    def arguments(self, given: Sequence[object]) -> list[Number | BufferView] | str:
        """The arguments as the host runs with them; else why not: what does not fit is told by running whole."""
        parameters = self._plan.program.main.parameters
        if len(parameters) != len(given):
            return f"{len(given)} arguments given, {len(parameters)} expected"
        sizes: dict[str, int] = {}
        found: list[Number | BufferView] = []
        for parameter, argument in zip(parameters, given, strict=True):
            made = _one(parameter, argument, sizes)
            if made is None:
                return f"argument {parameter.name} is not exactly {parameter.type}, on the host"
            found.append(made)
        return found

    def cut(self, length: int, among: Sequence[int] | None = None) -> tuple[tuple[int, int, int], ...]:
        return self.shares.cut(length, self._plan.block, among)

    def results(self, given: Sequence[object], token: Token = NOTHING, team: Team | None = None) -> Results | None:
        """The results, arrays on the host; None where the call is to run whole on one device, which then also raises
        what there is to raise. Raises `WorkCancelledError` and `DeadlineError` by `token`."""
        team = team or Team(self._lanes, tuple(range(len(self._lanes))))
        arguments = "" if self.refusals else self.arguments(given)
        if isinstance(arguments, str):
            return None
        for _ in self._lanes:
            try:
                return self._once(arguments, token, team)
            except (WorkCancelledError, DeadlineError):
                raise
            except DeviceError:
                continue  # what was made on a device that is lost or fails is made again, by those that are left
            except Unsplit as error:
                if error.always:
                    self.refusals = (Refusal("splitting", error.reason, span=error.span),)
                return None
            except (*TRAPS, Trap, MemoryError):
                return None  # the first step that traps is found by running them in order; parts take more memory
        return None

    def _once(self, arguments: Sequence[Number | BufferView], token: Token, team: Team) -> Results:
        begun, alone = perf_counter(), team.alone
        own = Token(parent=None if token is NOTHING else token)
        name = self._plan.program.entry
        crew = Crew(self._lanes, team, self._services, own, name, self._concat, self._known, self._lost)
        run = Run(self._plan, self._parts, self._code, crew, lambda length: self.cut(length, team.numbers))
        try:
            results = run.results(arguments)
        finally:
            own.end()
        if not crew.unusual:
            for number, elements in run.done.items():
                self.shares.learn(number, elements, crew.busy.get(number, 0.0))
            if alone and team.alone:
                self.judges[len(team.numbers)].took(longest(arguments), True, perf_counter() - begun)
        return results

    def _code(self, key: object, make: Callable[[], Part]) -> tuple[Part, Callable[[str], CompiledFunction]]:
        with self._lock:
            part = self._made.get(key)
            if part is None:
                part = self._made[key] = make()
        return part, lambda target: self._compile(key, part, target)

    def _concat(self, dtype: str, count: int) -> Callable[[str], CompiledFunction]:
        return self._code(("concat", dtype, count), lambda: self._parts.concat(dtype, count))[1]

    def _compile(self, key: object, part: Part, target: str) -> CompiledFunction:
        with self._lock:
            found = self._compiled.get((key, target))
            if found is None:
                try:
                    found = self._services.compiled_program(part.program, target)
                except (CodegenError, ProofError, TypeCheckError) as error:
                    raise Unsplit(f"{error.code}: {error.message}", span=error.span) from error
                self._compiled[key, target] = found
        return found


def longest(arguments: Sequence[object]) -> int:
    """The length of the longest array."""
    return max((_length(x) for x in arguments), default=0)


def _length(given: object) -> int:
    if isinstance(given, np.ndarray):
        shape = cast("np.ndarray[Any, np.dtype[Any]]", given).shape  # Any: of any elements
    else:
        shape = given.shape if isinstance(given, BufferView) else ()
    return shape[0] if shape else 0


def _one(parameter: Value, given: object, sizes: dict[str, int]) -> Number | BufferView | None:
    match parameter.type:
        case ArrayType() as kind:
            return _array(kind, given, sizes)
        case BoolType():
            return given if isinstance(given, bool) else None
        case IntType() as kind:
            return given if type(given) is int and kind.contains(given) else None
        case FloatType(width=64):
            return given if type(given) is float else None
        case _:
            return None


def _array(kind: ArrayType, given: object, sizes: dict[str, int]) -> BufferView | None:
    try:
        array = view(given)
        here = on_host(array)
    except BufferError_:
        return None
    if not here or array.dtype != str(kind.element) or array.ndim != len(kind.shape):
        return None
    for size, length in zip(kind.shape, array.shape, strict=True):
        expected = size if isinstance(size, int) else sizes.setdefault(size, length)
        if expected != length:
            return None
    return array
