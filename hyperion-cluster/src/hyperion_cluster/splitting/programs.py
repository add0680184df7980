"""The programs that a split call runs on its devices. They have no parallel form in them: what a theorem was needed
for, that summaries may act one after the other, is what `running` does with their results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from hyperion.ir.function import Attribute, Equation, Function, Program, Region, Value
from hyperion.ir.ops import is_total
from hyperion.ir.types import BOOL, I64, INT, ArrayType, Type, scalar_types
from hyperion_cluster.splitting.values import Unsplit

CUT = (("lanes", 8), ("piece", 4112))
"""Of a map, whose elements do not depend on where it is cut."""


@dataclass(frozen=True, slots=True)
class Part:
    """A program and what its arguments are: of each array its elements, or the three numbers of a range, or the count
    and the value of a uniform one; then the arrays and scalars that the part is given; then scalars by their names."""

    program: Program
    arrays: tuple[str, ...]
    scalars: tuple[str, ...]


class Parts:
    """Makes the programs for the equations of one program. `constants` are equations by the name of their result."""

    def __init__(self, program: Program, constants: Mapping[str, Equation]) -> None:
        self._program = program
        self._constants = constants

    def summaries(self, equation: Equation, forms: Sequence[str]) -> Part:
        """The summaries of the pieces of a par.reduce or par.scan, and whether its guard holds."""
        lift, multiply, _, *guards = equation.regions[equation.op == "par.scan" :]
        made = (
            *(Value(f"part.r{k}", _array(v.type, "p")) for k, v in enumerate(lift.results)),
            *(Value("part.held", BOOL) for _ in guards),
        )
        return self._over("pieces.summaries", equation, forms, made, (lift, multiply, *guards), _cuts(equation))

    def scan(self, equation: Equation, forms: Sequence[str]) -> Part:
        """The second pass of a par.scan, given an array of the states that enter the pieces for each state."""
        step = equation.regions[0]
        arrays = _count(equation)
        states, results = equation.operands[arrays:], equation.results[len(equation.operands) - arrays :]
        entering = tuple(Value(f"part.s{k}", _array(v.type, "p")) for k, v in enumerate(states))
        made = (*(Value(f"part.e{k}", v.type) for k, v in enumerate(entering)), *_made(results))
        return self._over("pieces.scan", equation, forms, made, (step,), _cuts(equation), entering)

    def map(self, equation: Equation, forms: Sequence[str]) -> Part:
        (body,) = equation.regions
        made = _made(equation.results)
        if all(is_total(e, self._program.registry) and not e.regions for e in body.equations):
            return self._over("pieces.scan", equation, forms, made, (body,), CUT)
        return self._over("map", equation, forms, made, (body,), ())

    def fold(self, equation: Equation) -> Part:
        """What all summaries make of the state, the first of them first. Given the summaries, then the state."""
        act, summaries, states = _act(equation)
        results = tuple(Value(f"part.t{k}", v.type) for k, v in enumerate(states))
        joined = Equation(results, "fold", (*summaries, *states), (("arrays", len(summaries)),), (act,))
        return self._finished("fold", (*summaries, *states), (joined,), results, (), (act,))

    def entering(self, equation: Equation) -> Part:
        """The states that enter the pieces. Given the summaries, then the state."""
        act, summaries, states = _act(equation)
        before = act.parameters[len(summaries) :]
        body = Region(act.parameters, act.equations, (*act.results, *before))
        last = tuple(Value(f"part.t{k}", v.type) for k, v in enumerate(states))
        made = tuple(Value(f"part.e{k}", _array(v.type, "p")) for k, v in enumerate(states))
        scanned = Equation((*last, *made), "scan", (*summaries, *states), (("arrays", len(summaries)),), (body,))
        return self._finished("entering", (*summaries, *states), (scanned,), made, (), (body,))

    def concat(self, dtype: str, count: int) -> Part:
        """So many arrays, one after the other."""
        kind = scalar_types()[dtype]
        arrays = tuple(Value(f"part.x{k}", _array(kind, f"n{k}")) for k in range(count))
        joined = Value("part.joined", _array(kind, "n"))
        return self._finished(
            "concat", arrays, (Equation((joined,), "concat", arrays, (("axis", 0),)),), (joined,), (), ()
        )

    def single(self, equation: Equation) -> Part:
        """One equation on scalars."""
        operands = tuple(Value(f"part.x{k}", v.type) for k, v in enumerate(equation.operands))
        return self._finished("single", operands, (replace(equation, operands=operands),), equation.results, (), ())

    def _over(
        self,
        op: str,
        equation: Equation,
        forms: Sequence[str],
        made: Sequence[Value],
        regions: Sequence[Region],
        cuts: Sequence[tuple[str, Attribute]],
        given: Sequence[Value] = (),
    ) -> Part:
        operands = equation.operands[: _count(equation)]
        parameters, prefix, arrays = _sources(operands, forms)
        attributes = (("arrays", len(arrays)), *cuts)
        results = tuple(_resized(v, arrays[0]) for v in made)
        last = Equation(results, op, (*arrays, *given), attributes, tuple(regions), equation.span)
        names = tuple(dict.fromkeys(v.name for v in operands))
        return self._finished(op, (*parameters, *given), (*prefix, last), results, names, regions)

    def _finished(
        self,
        name: str,
        parameters: Sequence[Value],
        equations: Sequence[Equation],
        results: Sequence[Value],
        arrays: tuple[str, ...],
        regions: Sequence[Region],
    ) -> Part:
        constants: list[Equation] = []
        names: list[str] = []
        scalars: list[Value] = []
        converted: list[Equation] = []
        for value in captured(regions):
            if value.name in self._constants:
                constants.append(self._constants[value.name])
                continue
            if isinstance(value.type, ArrayType):
                raise Unsplit(f"a step reads the array %{value.name} at other places than its own")
            names.append(value.name)
            if value.type == INT:
                scalars.append(Value(f"part.{value.name}", I64))
                converted.append(Equation((value,), "cast", (scalars[-1],)))
            else:
                scalars.append(value)
        function = Function(
            f"{self._program.entry}.{name}",
            (*parameters, *scalars),
            (*constants, *converted, *equations),
            tuple(results),
        )
        program = Program({function.name: function}, function.name, self._program.registry)
        return Part(program, arrays, tuple(names))


def _sources(operands: Sequence[Value], forms: Sequence[str]) -> tuple[list[Value], list[Equation], tuple[Value, ...]]:
    """The parameters for arrays of these forms, the equations that make the arrays of them, and the arrays."""
    parameters: list[Value] = []
    equations: list[Equation] = []
    made: dict[str, Value] = {}
    for number, (value, kind) in enumerate(zip(operands, forms, strict=True)):
        if value.name in made:
            continue
        element = _element(value)
        if kind == "memory":
            parameters.append(Value(value.name, _array(element, "n")))
            made[value.name] = parameters[-1]
            continue
        names = ("lo", "hi", "step") if kind == "range" else ("count", "value")
        op = "progression" if kind == "range" else "fill"
        given = [Value(f"part.{name}{number}", element if name == "value" else I64) for name in names]
        parameters += given
        array = Value(f"part.a{number}", _array(element, f"n{number}"))
        equations.append(Equation((array,), op, tuple(given)))
        made[value.name] = array
    arrays = [made[v.name] for v in operands]
    like = next((v for v in arrays if v in parameters), arrays[0])
    for name, array in made.items():
        if _size(array) != _size(like):
            made[name] = Value(f"{array.name}.like", _array(_element(array), _size(like)))
            equations.append(Equation((made[name],), "reshape.like", (array, like)))
    return parameters, equations, tuple(made[v.name] for v in operands)


def captured(regions: Sequence[Region]) -> tuple[Value, ...]:
    """The values of outer scopes that the regions read, each once, in order."""
    return tuple(dict.fromkeys(v for region in regions for v in _outside(region, frozenset())))


def _outside(region: Region, bound: frozenset[str]) -> Iterator[Value]:
    known = bound | {v.name for v in region.parameters}
    for e in region.equations:
        yield from (v for v in e.operands if v.name not in known)
        for inner in e.regions:
            yield from _outside(inner, known)
        known |= {v.name for v in e.results}
    yield from (v for v in region.results if v.name not in known)


def _act(equation: Equation) -> tuple[Region, tuple[Value, ...], tuple[Value, ...]]:
    """How a summary acts on the state, the arrays of summaries, and the state, as parameters."""
    lift, _, act = equation.regions[equation.op == "par.scan" :][:3]
    summaries = tuple(Value(f"part.r{k}", _array(v.type, "p")) for k, v in enumerate(lift.results))
    states = tuple(Value(f"part.s{k}", v.type) for k, v in enumerate(equation.operands[_count(equation) :]))
    return act, summaries, states


def _made(results: Iterable[Value]) -> tuple[Value, ...]:
    """The arrays, as those of a part."""
    return tuple(Value(v.name, _array(_element(v), "n")) for v in results)


def _resized(value: Value, like: Value) -> Value:
    """An array of as many elements as there are, in their size."""
    return (
        value if value.type == BOOL or _size(value) == "p" else Value(value.name, _array(_element(value), _size(like)))
    )


def _element(array: Value) -> Type:
    assert isinstance(array.type, ArrayType)
    return array.type.element


def _size(array: Value) -> str:
    assert isinstance(array.type, ArrayType)
    return str(array.type.shape[0])


def _array(element: Type, size: str) -> ArrayType:
    return ArrayType(element, (size,))


def _cuts(equation: Equation) -> tuple[tuple[str, Attribute], ...]:
    return tuple((k, v) for k, v in equation.attributes if k in ("lanes", "piece"))


def _count(equation: Equation) -> int:
    count = equation.attribute("arrays")
    assert isinstance(count, int)
    return count
