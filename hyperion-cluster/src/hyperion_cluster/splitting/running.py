"""Runs one call split over the devices: the equations of the program in order, as the interpreter would.

What a par.reduce gives is `act(summary of the last piece, .. act(summary of the first, initial state))`, by its
theorem: the summaries are made on all devices, and act on one. A par.scan runs its step in each piece from the state
that those before it leave. The pieces are fixed by the number of elements, so no bit depends on who did what.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from hyperion.buffers.elements import FORMATS
from hyperion.buffers.host import allocate_view
from hyperion.interfaces.buffer import BufferView
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.ir.function import Equation, Region, Value
from hyperion.ir.ops import evaluate, is_scalar_op
from hyperion.ir.scalars import Number, Trap
from hyperion.ir.types import ArrayType, IntType
from hyperion_cluster.splitting.crew import Crew, Results
from hyperion_cluster.splitting.planning import INEXACT, Plan, is_test_of_ends
from hyperion_cluster.splitting.programs import Part, Parts
from hyperion_cluster.splitting.values import (
    Elements,
    Placed,
    Spread,
    Uniform,
    Unsplit,
    between,
    form,
    picked,
)

Given = Number | Elements
Code = Callable[[object, Callable[[], Part]], tuple[Part, Callable[[str], CompiledFunction]]]
"""Gives the part of a key, made on first use, and its code by target."""


@dataclass(slots=True)
class Run:
    """One call. `cut` gives the runs of elements for a length."""

    plan: Plan
    parts: Parts
    code: Code
    crew: Crew
    cut: Callable[[int], tuple[Placed, ...]]
    values: dict[str, Given] = field(default_factory=dict[str, Given])
    done: dict[int, int] = field(default_factory=dict[int, int])  # elements by device
    _cuts: dict[int, tuple[Placed, ...]] = field(default_factory=dict[int, tuple[Placed, ...]])

    def results(self, arguments: Sequence[Given]) -> Results:
        """Raises `Unsplit` where the call is to run whole, what a part raises, and `Trap` of what runs here."""
        function = self.plan.program.main
        self.values.update({p.name: x for p, x in zip(function.parameters, arguments, strict=True)})
        self._block(function.equations)
        results: list[object] = []
        for found in map(self._result, function.results):
            same = isinstance(found, BufferView) and any(x is found for x in results)
            results.append(cast(BufferView, found).copy() if same else found)  # each has memory of its own
        return tuple(results)

    # Equations

    def _block(self, equations: Sequence[Equation]) -> None:
        for e in equations:
            found = self._equation(e)
            self.values.update({v.name: x for v, x in zip(e.results, found, strict=True)})

    def _equation(self, e: Equation) -> Sequence[Given]:
        self.crew.token.check("run")
        match e.op:
            case "const":
                return (_literal(e),)
            case "if":
                return self._branch(e)
            case "par.reduce":
                return self._reduce(e)
            case "par.scan":
                return self._scan(e)
            case "map":
                return self._map(e)
            case _ if is_scalar_op(e.op, self.plan.program.registry):
                return (self._scalar(e, self.values),)
            case _:
                moved = MOVES.get(e.op)
                if moved is None:
                    raise Unsplit(f"{e.op} runs on one device", always=False)
                return (moved(e, [self.values[v.name] for v in e.operands]),)

    def _branch(self, e: Equation) -> Sequence[Given]:
        region = e.regions[0 if self.values[e.operands[0].name] else 1]
        self._block(region.equations)
        return [self.values[v.name] for v in region.results]

    def _scalar(self, e: Equation, values: Mapping[str, Given]) -> Number:
        operands = [cast(Number, values[v.name]) for v in e.operands]
        if e.op in INEXACT:
            part, code = self.code((e.results, "single"), lambda: self.parts.single(e))
            (found,) = self.crew.on_home(code, operands)
            del part
            return found
        return evaluate(e.op, operands, [v.type for v in e.operands], e.result.type, self.plan.program.registry)

    # What is split

    def _reduce(self, e: Equation) -> Sequence[Given]:
        arrays, states = self._operands(e)
        first = arrays[0]
        if is_test_of_ends(e) and isinstance(first, range):
            return (self._holds_at_ends(e.regions[3], first),)
        length = _one_length(arrays)
        places = self._cut(length)
        found = self._over(e, "summaries", Parts.summaries, arrays, places)
        guards = len(e.regions) - 3
        held = [all(bool(part[-1]) for part in found)] * guards
        if not states:
            return held
        summaries = self._joined(places, [part[: len(part) - guards] for part in found])
        part, code = self.code((e.results, "fold"), lambda: self.parts.fold(e))
        return [*held, *self.crew.on_home(code, [*summaries, *states, *self._captured(part)])]

    def _scan(self, e: Equation) -> Sequence[Given]:
        arrays, states = self._operands(e)
        length = _one_length(arrays)
        places = self._cut(length)
        entering: list[list[BufferView]] = [[] for _ in places]
        if states:
            found = self._over(e, "summaries", Parts.summaries, arrays, places)
            part, code = self.code((e.results, "entering"), lambda: self.parts.entering(e))
            given = self.crew.on_home(code, [*self._joined(places, found), *states, *self._captured(part)])
            entering = _shared([len(cast(BufferView, part[0])) for part in found], cast(Sequence[BufferView], given))
        rooms = self._rooms(e.results[len(states) :], length)
        made = self._over(e, "scan", Parts.scan, arrays, places, entering, [None] * len(states), rooms)
        last = [cast(BufferView, left) for left in made[-1][: len(states)]]
        final = [element(self.crew.collected([(places[-1][0], 0, 1)], [left[len(left) - 1 :]])) for left in last]
        return [*final, *self._spread(places, [part[len(states) :] for part in made], rooms)]

    def _map(self, e: Equation) -> Sequence[Given]:
        arrays, _ = self._operands(e)
        length, (body,) = _one_length(arrays), e.regions
        if not body.equations and not set(body.results) & set(body.parameters):
            return [Uniform(self.values[v.name], length) for v in body.results]
        places = self._cut(length)
        rooms = self._rooms(e.results, length)
        return self._spread(places, self._over(e, "map", Parts.map, arrays, places, rooms=rooms), rooms)

    def _over(
        self,
        e: Equation,
        name: str,
        make: Callable[[Parts, Equation, Sequence[str]], Part],
        arrays: Sequence[Elements],
        places: Sequence[Placed],
        given: Sequence[Sequence[BufferView]] = (),
        before: Sequence[None] = (),
        rooms: Sequence[BufferView] = (),
    ) -> list[Results]:
        """Runs a part of the equation on each device, over its run of the arrays; its results, but those `before`, in
        the rooms, if there are any."""
        forms = tuple(map(form, arrays))
        part, code = self.code((e.results, name, forms), lambda: make(self.parts, e, forms))
        own = dict(zip((v.name for v in e.operands), arrays, strict=False))
        scalars = self._captured(part)
        arguments = [
            [
                *(x for name in part.arrays for x in _arguments(between(own[name], start, stop))),
                *(given[number] if given else ()),
                *scalars,
            ]
            for number, (_, start, stop) in enumerate(places)
        ]
        outs = [[*before, *(room[start:stop] for room in rooms)] for _, start, stop in places] if rooms else ()
        found = self.crew.all(code, places, arguments, outs)
        for number, start, stop in places:
            self.done[number] = self.done.get(number, 0) + stop - start
        return found

    def _captured(self, part: Part) -> list[Number]:
        if not part.scalars:
            return []
        values = [cast(Number, self.values[name]) for name in part.scalars]
        for parameter, value in zip(part.program.main.parameters[-len(values) :], values, strict=True):
            if isinstance(parameter.type, IntType) and not parameter.type.contains(value):
                raise Unsplit(f"%{parameter.name} does not fit in {parameter.type}", always=False)
        return values

    def _operands(self, e: Equation) -> tuple[list[Elements], list[Number]]:
        count = e.attribute("arrays")
        assert isinstance(count, int)
        given = [self.values[v.name] for v in e.operands]
        return cast("list[Elements]", given[:count]), given[count:]

    def _cut(self, length: int) -> tuple[Placed, ...]:
        if length not in self._cuts:
            places = self.cut(length)
            if len(places) < 2:
                raise Unsplit(f"{length} elements are not worth more than one device", always=False)
            self._cuts[length] = places
        return self._cuts[length]

    def _holds_at_ends(self, test: Region, numbers: range) -> bool:
        return not numbers or all(self._test(test, x) for x in (numbers[0], numbers[-1]))

    def _test(self, test: Region, number: int) -> bool:
        values: dict[str, Given] = {**self.values, test.parameters[0].name: number}
        for e in test.equations:
            values[e.result.name] = _literal(e) if e.op == "const" else self._scalar(e, values)
        return bool(values[test.results[0].name])

    # Between devices and the host

    def _joined(self, places: Sequence[Placed], found: Sequence[Results]) -> list[BufferView]:
        """One array of each component of the summaries, of which each device made those of its pieces."""
        made: list[BufferView] = []
        for runs in zip(*found, strict=True):
            views = [cast(BufferView, run) for run in runs]
            counted: list[Placed] = []
            for (number, *_), view in zip(places, views, strict=True):
                start = counted[-1][2] if counted else 0
                counted.append((number, start, start + len(view)))
            made.append(self.crew.collected(counted, views))
        return made

    def _rooms(self, made: Sequence[Value], length: int) -> list[BufferView]:
        """Where all devices write what they make of these arrays, so that nothing is put together afterwards; none
        where they cannot."""
        if not self.crew.writes_in_place:
            return []
        return [self.crew.room(str(cast(ArrayType, value.type).element), length) for value in made]

    def _spread(self, places: tuple[Placed, ...], made: Sequence[Results], rooms: Sequence[BufferView]) -> list[Given]:
        wholes = rooms or [None] * len(made[0])
        return [
            self._one_spread(places, cast("tuple[BufferView, ...]", runs), room)
            for runs, room in zip(zip(*made, strict=True), wholes, strict=True)
        ]

    def _one_spread(self, places: tuple[Placed, ...], runs: tuple[BufferView, ...], room: BufferView | None) -> Spread:
        crew = self.crew  # not the Run: in a cycle, large arrays would wait for a collection
        whole = [] if room is None else [room]

        def collected() -> BufferView:
            if not whole:
                whole.append(crew.collected(places, runs))
            return whole[0]

        return Spread(places, runs, collected)

    def _result(self, value: Value) -> object:
        found = self.values[value.name]
        match found:
            case BufferView():
                return found.copy()
            case Spread():
                return found.whole()
            case range() | Uniform():
                assert isinstance(value.type, ArrayType)
                return _filled(found, str(value.type.element))
            case _:
                return found


def element(array: Elements) -> Number:
    """The only element of an array on the host."""
    match array:
        case range():
            return array[0]
        case Uniform():
            return array.value
        case Spread():
            return element(array.whole())
        case _:
            if array.dtype not in FORMATS or array.dtype == "f16":  # which a memoryview does not read
                raise Unsplit(f"elements {array.dtype} have no number of Python")
            memory: Any = array.copy().host()  # Any: the types of formats are a list of literals
            return memory.cast(FORMATS[array.dtype])[0]


def _filled(array: range | Uniform, dtype: str) -> BufferView:
    import numpy as np  # on use: most calls make no such array

    made = allocate_view(dtype, (len(array),))
    np.asarray(made)[:] = array.value if isinstance(array, Uniform) else np.arange(array.start, array.stop, array.step)
    return made


def _shared(counts: Sequence[int], arrays: Sequence[BufferView]) -> list[list[BufferView]]:
    """For each device so many elements of each array, in order."""
    made: list[list[BufferView]] = []
    start = 0
    for count in counts:
        made.append([array[start : start + count] for array in arrays])
        start += count
    return made


def _arguments(array: BufferView | range | Uniform) -> tuple[object, ...]:
    match array:
        case range():
            return (array.start, array.stop, array.step)
        case Uniform():
            return (array.length, array.value)
        case _:
            return (array,)


def _one_length(arrays: Sequence[Elements]) -> int:
    length = len(arrays[0])
    if any(len(x) != length for x in arrays):
        raise Trap("value")
    return length


def _literal(e: Equation) -> Number:
    value = e.attribute("value")
    return float.fromhex(value) if isinstance(value, str) else value


# What is read off arrays, or only moves their elements. Where an index is outside, a Trap.


def _length(e: Equation, operands: Sequence[Given]) -> Given:
    array = cast(Elements, operands[0])
    axis = e.attribute("axis", 0)
    assert isinstance(axis, int)
    return array.shape[axis] if isinstance(array, BufferView) else len(array)


def _get(e: Equation, operands: Sequence[Given]) -> Given:
    array, index = cast(Elements, operands[0]), cast(int, operands[1])
    if not 0 <= index < len(array):
        raise Trap("index")
    return element(picked(array, range(index, index + 1)))


def _progression(e: Equation, operands: Sequence[Given]) -> Given:
    lo, hi, step = cast("Sequence[int]", operands)
    if step == 0:
        raise Trap("value")
    return range(lo, hi, step)


def _iota(e: Equation, operands: Sequence[Given]) -> Given:
    count, kind = cast(int, operands[0]), e.result.type
    assert isinstance(kind, ArrayType)
    if str(kind.element) != "i64" or isinstance(kind.shape[0], int):
        raise Unsplit(f"numbers counted in {kind}")
    if count < 0:
        raise Trap("value")
    return range(count)


def _fill(e: Equation, operands: Sequence[Given]) -> Given:
    count, value = cast(int, operands[0]), operands[1]
    kind = e.result.type
    assert isinstance(kind, ArrayType)
    if count < 0 or (isinstance(kind.shape[0], int) and kind.shape[0] != count):
        raise Trap("value")
    return Uniform(value, count)


def _when(e: Equation, operands: Sequence[Given]) -> Given:
    array = cast(Elements, operands[1])
    return array if operands[0] else picked(array, range(0))


def _slice(e: Equation, operands: Sequence[Given]) -> Given:
    array, lo, hi = cast(Elements, operands[0]), cast(int, operands[1]), cast(int, operands[2])
    steps = e.attribute("steps", (1,))
    assert isinstance(steps, tuple)
    if not 0 <= lo <= hi <= len(array):
        raise Trap("index")
    found = picked(array, range(lo, hi, steps[0]))
    kind = e.result.type
    assert isinstance(kind, ArrayType)
    if isinstance(kind.shape[0], int) and kind.shape[0] != len(found):
        raise Trap("value")
    return found


def _gather(e: Equation, operands: Sequence[Given]) -> Given:
    array, indices = cast(Elements, operands[0]), operands[1]
    if not isinstance(indices, range):
        raise Unsplit("elements are gathered by an array of indices")
    if indices and not (min(indices[0], indices[-1]) >= 0 and max(indices[0], indices[-1]) < len(array)):
        raise Trap("index")
    return picked(array, indices)


def _like(e: Equation, operands: Sequence[Given]) -> Given:
    array, other = cast("Sequence[Elements]", operands)
    if len(array) != len(other):
        raise Trap("value")
    return array


def _reverse(e: Equation, operands: Sequence[Given]) -> Given:
    array = cast(Elements, operands[0])
    return picked(array, range(len(array) - 1, -1, -1)) if e.attribute("axes") == (0,) else array


MOVES: Mapping[str, Callable[[Equation, Sequence[Given]], Given]] = {
    "len": _length,
    "dim": _length,
    "get": _get,
    "progression": _progression,
    "iota": _iota,
    "fill": _fill,
    "when": _when,
    "slice": _slice,
    "gather": _gather,
    "reshape.like": _like,
    "reverse": _reverse,
}
