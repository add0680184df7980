"""Runs a function on a device, with the errors that calling the function raises."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from types import FrameType
from typing import TypeVar, cast

import numpy as np

from hyperion import stages
from hyperion.arguments import PLAIN, Typed, array_of, fitted, taken
from hyperion.buffers.elements import TYPESTRS
from hyperion.buffers.host import view
from hyperion.errors import PluginError, brief
from hyperion.interfaces.buffer import BufferView
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.device import Device
from hyperion.interfaces.executor import Services
from hyperion.module import ModuleFunction
from hyperion.module.function import TRAPS
from hyperion.stages import Quiet
from hyperion.tokens import Token
from hyperion_cluster.lanes import Lane
from hyperion_cluster.moving import on_host, to_host, views_in

Results = tuple[object, ...]
R = TypeVar("R")
QUIET = Quiet()
_AT_ONCE = PLAIN | {np.ndarray, BufferView}
_NATIVE = frozenset(map(np.dtype, TYPESTRS.values()))


def prepared(arguments: Sequence[object]) -> tuple[object, ...]:
    """Numbers, NumPy arrays and views as they are, views of what else offers its memory. Raises as
    `hyperion.arguments.taken`, and `BufferError_` (HY2007) for a view whose buffer is gone."""
    return tuple([x if type(x) in PLAIN else _prepared(k, x) for k, x in enumerate(arguments)])


def _prepared(position: int, argument: object) -> object:
    if type(argument) is np.ndarray and argument.dtype in _NATIVE:
        return argument
    given = taken(position, argument)
    if isinstance(given, BufferView | tuple):
        for each in views_in(cast(object, given)):
            on_host(each)
    return cast(object, given)


def conforming(function: CompiledFunction, arguments: Sequence[object]) -> Sequence[object]:
    """The arguments as the parameters of the function say, if it tells them. Raises as `hyperion.arguments.fitted`."""
    if isinstance(function, ModuleFunction):
        return fitted(function.derivation.source.main, arguments)
    return fitted(function.function, arguments) if isinstance(function, Typed) else arguments


def accepted(function: CompiledFunction, arguments: Sequence[object], lane: Lane) -> Sequence[object]:
    """The arguments as the lane's device takes them."""
    if lane.takes_arrays and _AT_ONCE.issuperset(map(type, arguments)):
        return arguments  # the function itself refuses what is not as its parameters say
    given = conforming(function, arguments)
    return given if lane.takes_arrays else [_shown(x) for x in given]


def _shown(given: object) -> object:
    if isinstance(given, tuple):
        return tuple(map(_shown, cast("tuple[object, ...]", given)))
    return view(cast(object, given)) if isinstance(given, np.ndarray) else given


def run(
    services: Services,
    function: CompiledFunction,
    lane: Lane,
    arguments: Sequence[object],
    token: Token,
    devices: Mapping[str, Device],
) -> Results:
    """The results of the function on the lane's device, once they are there. A trap is the source's own: where the
    derived version ended in one, the source runs again, as it does when the function is called: on the device, under
    the token, where it is compiled for it, and else on the host."""
    device = lane.device
    compiled = services.compiled_for(function, device.info.target)
    try:
        if not stages.watched:
            return _timed_run(compiled, lane, arguments, token)
        with watched(services, "run", function, lane.address):
            return _timed_run(compiled, lane, arguments, token)
    except TRAPS as error:
        if not isinstance(function, ModuleFunction):
            raise
        trap = error
    try:
        if function.target.name == device.info.target:
            return _results(function.replay(trap, (), lambda source: _run(source, lane, arguments, token)))
        there = lane.settled(lambda: _on_host(arguments, devices), token)
        return _results(function.replay(trap, tuple(array_of(x) if isinstance(x, BufferView) else x for x in there)))
    except TRAPS as error:
        raise brief(error) from None
    finally:
        del trap  # in a cycle with this frame, the arguments would wait for a collection


def _timed_run(compiled: CompiledFunction, lane: Lane, arguments: Sequence[object], token: Token) -> Results:
    start = perf_counter()
    results = _run(compiled, lane, arguments, token)
    lane.ran(perf_counter() - start)
    return results


def _run(compiled: CompiledFunction, lane: Lane, arguments: Sequence[object], token: Token) -> Results:
    given = accepted(compiled, arguments, lane)
    return _of_a_run(lane.settled(lambda: lane.device.run(compiled, given, token), token), lane.address)


def _of_a_run(results: object, address: str) -> Results:
    """What `Device.run` gave, if it is what the interface says. Raises `PluginError` (HY1006)."""
    if isinstance(results, tuple):
        return cast(Results, results)
    message = f"{address} gave {results!r:.80} for the results of a run, which are a tuple"
    raise PluginError("HY1006", message, hints=["tell the author of its driver"])


def watched(services: Services, kind: str, function: CompiledFunction | str, device: str) -> Quiet:
    """A stage on a device, where somebody watches."""
    if not stages.watched:
        return QUIET
    name = function if isinstance(function, str) else name_of(function)
    return stages.stage_of(services.watcher, kind, name, name, device)


def transferred(
    services: Services,
    function: CompiledFunction | str,
    device: str,
    view: BufferView,
    ends: tuple[str, str],
    work: Callable[[], R],
) -> R:
    """Does the work, which copies the view by a device between two ends, and tells of it and counts it."""
    source, target = ends
    with watched(services, "transfer", function, device) as told:
        told.note(bytes=view.nbytes, source=source, target=target)
        start = perf_counter()
        made = work()
    seconds, metrics = perf_counter() - start, services.metrics
    metrics.observe("transfer_seconds", seconds, source=source, target=target)
    metrics.count("transfers", source=source, target=target)
    metrics.count("transfer_bytes", view.nbytes, source=source, target=target)
    return made


def _on_host(arguments: Sequence[object], devices: Mapping[str, Device]) -> list[object]:
    return [to_host(x, devices) if isinstance(x, BufferView) else x for x in arguments]


def _results(returned: object) -> Results:
    results = cast(Results, returned) if isinstance(returned, tuple) else () if returned is None else (returned,)
    return tuple(view(cast(object, x)) if isinstance(x, np.ndarray) else x for x in results)


class Submitted:
    """What a call is called in messages. The text is made when it is needed, which for most calls is never."""

    __slots__ = ("_at", "_code", "_function")

    def __init__(self, function: CompiledFunction, caller: FrameType) -> None:
        self._function = function
        self._code = caller.f_code
        self._at = caller.f_lasti  # to find the line takes microseconds, more in a long function

    def __str__(self) -> str:
        line = next(line for first, end, line in self._code.co_lines() if first <= self._at < end)
        return f"{name_of(self._function)}, submitted at {self._code.co_filename}:{line}"


def name_of(function: CompiledFunction) -> str:
    if isinstance(function, ModuleFunction):
        return function.name
    name = getattr(getattr(function, "function", function), "name", "")
    return name if isinstance(name, str) and name else type(function).__name__
