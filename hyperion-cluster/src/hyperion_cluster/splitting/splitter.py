"""Splits calls of module functions over the devices of an executor."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hyperion.buffers.host import view
from hyperion.errors import BufferError_, CodegenError, DeviceLostError
from hyperion.interfaces.buffer import BufferView
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.executor import Services
from hyperion.interfaces.strategy import Refusal
from hyperion.ir.function import Value
from hyperion.ir.scalars import Number, Trap
from hyperion.ir.types import ArrayType, BoolType, FloatType, IntType
from hyperion.module import ModuleFunction
from hyperion.module.function import TRAPS
from hyperion.tokens import NOTHING, Token
from hyperion_cluster.lanes import Lane
from hyperion_cluster.moving import on_host
from hyperion_cluster.splitting.crew import Crew, Results
from hyperion_cluster.splitting.planning import Plan, plan_of
from hyperion_cluster.splitting.programs import Part, Parts
from hyperion_cluster.splitting.running import Run
from hyperion_cluster.splitting.shares import LAUNCH, Shares
from hyperion_cluster.splitting.values import Unsplit


@dataclass(frozen=True, slots=True)
class Split:
    """What an executor would do with a call: the elements of the longest array that each device takes, as `(address,
    first, after the last)`, or why the call runs whole on one device."""

    shares: tuple[tuple[str, int, int], ...]
    refusals: tuple[Refusal, ...]


@dataclass(slots=True)
class _Known:
    """What is kept of one function."""

    plan: Plan
    parts: Parts
    shares: Shares
    refused: tuple[Refusal, ...] = ()
    made: dict[object, Part] = field(default_factory=dict[object, Part])
    compiled: dict[tuple[object, str], CompiledFunction] = field(
        default_factory=dict[tuple[object, str], CompiledFunction]
    )
    lock: threading.Lock = field(default_factory=threading.Lock)


class Splitter:
    """Of one executor. `launch`: seconds that handing out runs takes; a call that gains less runs whole. Every method
    may be called from any thread, but those of the lanes, which would wait for themselves."""

    def __init__(self, lanes: Sequence[Lane], services: Services, launch: float = LAUNCH) -> None:
        self._lanes = lanes
        self._services = services
        self._launch = launch
        self._lock = threading.Lock()
        self._known: weakref.WeakKeyDictionary[ModuleFunction, _Known] = weakref.WeakKeyDictionary()

    def plan(self, function: CompiledFunction, arguments: Sequence[object]) -> Split:
        """What `run` would do; nothing runs. Whether a test at run time holds is not known before it does."""
        if not isinstance(function, ModuleFunction):
            return _whole("code of a target, not a function of a module")
        known = self._of(function)
        if known.refused:
            return Split((), known.refused)
        given = _arguments(function, arguments)
        if isinstance(given, str):
            return _whole(given)
        length = max((len(x) for x in given if isinstance(x, BufferView)), default=0)
        places = known.shares.cut(length, known.plan.block)
        if len(places) < 2:
            return _whole(f"{length} elements are not worth more than one device")
        return Split(tuple((self._lanes[k].address, start, stop) for k, start, stop in places), ())

    def run(self, function: CompiledFunction, arguments: Sequence[object], token: Token = NOTHING) -> Results | None:
        """The results, arrays on the host; None where the call is to run whole on one device, which then also raises
        what it has to. Raises `WorkCancelledError` and `DeadlineError` by `token`."""
        if len(self._lanes) < 2 or not isinstance(function, ModuleFunction) or any(x.is_current for x in self._lanes):
            return None
        known = self._of(function)
        given = "" if known.refused else _arguments(function, arguments)
        if isinstance(given, str):
            return None
        for _ in self._lanes:
            try:
                return self._once(function.name, known, given, token)
            except DeviceLostError:
                continue  # what was made there is made again, by those that are left
            except Unsplit as error:
                if error.always:
                    known.refused = (Refusal("splitting", error.reason),)
                return None
            except CodegenError as error:
                known.refused = (Refusal("splitting", f"{error.code}: {error.message}", span=error.span),)
                return None
            except (*TRAPS, Trap):
                return None  # the first step that traps is found by running them in order
        return None

    def _once(self, name: str, known: _Known, given: Sequence[object], token: Token) -> Results:
        own = Token(parent=None if token is NOTHING else token)
        crew = Crew(self._lanes, self._services, own, name)

        def code(key: object, make: Callable[[], Part]) -> tuple[Part, Callable[[str], CompiledFunction]]:
            with known.lock:
                part = known.made.get(key)
                if part is None:
                    part = known.made[key] = make()
            return part, lambda target: self._compiled(known, key, part, target)

        run = Run(known.plan, known.parts, code, crew, lambda n: known.shares.cut(n, known.plan.block))
        try:
            results = run.results(given)
        finally:
            own.cancel("the call is over")
        for number, elements in run.done.items():
            known.shares.learn(number, elements, crew.busy.get(number, 0.0))
        return results

    def _compiled(self, known: _Known, key: object, part: Part, target: str) -> CompiledFunction:
        with known.lock:
            found = known.compiled.get((key, target))
            if found is None:
                found = known.compiled[key, target] = self._services.compiled_program(part.program, target)
        return found

    def _of(self, function: ModuleFunction) -> _Known:
        with self._lock:
            found = self._known.get(function)
            if found is None:
                targets = [lane.device.info.target for lane in self._lanes]
                plan = plan_of(function.derivation.chosen, targets)
                parts = Parts(plan.program, plan.constants)
                shares = Shares(self._lanes, self._launch)
                found = self._known[function] = _Known(plan, parts, shares, plan.refusals)
        return found


def _whole(reason: str) -> Split:
    return Split((), (Refusal("splitting", reason),))


def _arguments(function: ModuleFunction, arguments: Sequence[object]) -> list[Number | BufferView] | str:
    """The arguments as the host runs with them; else why not: what does not fit is told by running whole."""
    parameters = function.derivation.chosen.main.parameters
    if len(parameters) != len(arguments):
        return f"{len(arguments)} arguments given, {len(parameters)} expected"
    sizes: dict[str, int] = {}
    found: list[Number | BufferView] = []
    for parameter, given in zip(parameters, arguments, strict=True):
        made = _one(parameter, given, sizes)
        if made is None:
            return f"argument {parameter.name} is not exactly {parameter.type}, on the host"
        found.append(made)
    return found


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
