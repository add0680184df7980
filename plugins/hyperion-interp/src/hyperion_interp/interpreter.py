"""The executable meaning of the IR: one equation after the other, exact at every width.

Slow and plain on purpose: everything else is tested against it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from hyperion.errors import HyperionError
from hyperion.ir.function import Equation, Function, Program, Region, Value
from hyperion.ir.ops import lookup
from hyperion.ir.scalars import Number, Trap
from hyperion.ir.traps import trap_error
from hyperion.ir.verifier import verify
from hyperion_interp import arguments as conversion
from hyperion_interp import loops, memory, parallel
from hyperion_interp.block import Block, Environment, Machine, Meaning, Step

CALL_FRAMES = 4  # Python frames of a call; with REGION_FRAMES, keeps a deep program from Python's recursion limit
REGION_FRAMES = 3
MOST_FRAMES = 600


class _Code(NamedTuple):
    body: Block
    frames: int


class Interpreter:
    """Runs one program any number of times.

    Raises `TypeCheckError` for a program that is not valid. `fuel` bounds the iterations of all `while` loops of a
    run; past it a run ends with HY5106.
    """

    def __init__(self, program: Program, fuel: int | None = None) -> None:
        verify(program)
        self._program = program
        self._fuel = fuel
        self._codes: dict[str, _Code] = {}

    def run(self, arguments: Sequence[object]) -> tuple[object, ...]:
        """The results of the entry function.

        Raises the `Trap...Error` of the first equation that traps, with its span; `BufferError_` (HY2101) for
        arguments that do not fit.
        """
        values = conversion.values_of_arguments(self._program.main, arguments)
        machine = Machine(self._call, self._fuel)
        return tuple(map(conversion.result, self._call(machine, self._program.entry, values)))

    def _call(self, machine: Machine, name: str, values: Sequence[Number]) -> list[Number]:
        code = self._codes.get(name)
        if code is None:
            code = self._codes[name] = _function_code(self._program.functions[name])
        machine.frames += code.frames
        if machine.frames > MOST_FRAMES:
            raise HyperionError(
                "HY5107",
                f"calls and regions are nested too deep at @{name}",
                self._program.functions[name].span,
                hints=("make the chain of calls shorter",),
            )
        results = code.body.run(Environment({}, machine), values)
        machine.frames -= code.frames
        return results


def interpret(program: Program, arguments: Sequence[object], fuel: int | None = None) -> tuple[object, ...]:
    """The results of the program's entry on Python or NumPy values; arrays come back as lists.

    >>> from hyperion.ir.parser import parse_program
    >>> text = "func @inc(%x: i8) -> i8 { %one = const 1 : i8 %y = add.sat %x, %one : i8 return %y }"
    >>> interpret(parse_program(text), [127])
    (127,)
    """
    return Interpreter(program, fuel).run(arguments)


def _function_code(function: Function) -> _Code:
    body = _block(function.parameters, function.equations, function.results)
    return _Code(body, CALL_FRAMES + REGION_FRAMES * _nesting(function))


def _nesting(function: Function) -> int:
    depth, level = 0, list(function.equations)
    while level:
        depth += 1
        level = [inner for e in level for region in e.regions for inner in region.equations]
    return depth


def _block(parameters: tuple[Value, ...], equations: tuple[Equation, ...], results: tuple[Value, ...]) -> Block:
    steps = tuple(map(_step, equations))
    return Block(tuple(v.name for v in parameters), steps, tuple(v.name for v in results))


def _region(region: Region) -> Block:
    return _block(region.parameters, region.equations, region.results)


_MEANINGS: dict[str, Callable[[Equation, tuple[Block, ...]], Meaning]] = {
    "const": memory.constant,
    "len": memory.length,
    "get": memory.get,
    "update": memory.update,
    "fill": memory.fill,
    "if": loops.conditional,
    "for": loops.counted,
    "while": loops.repeated,
    "fold": loops.fold,
    "call": loops.call,
    "par.reduce": parallel.reduce,
    "par.power": parallel.power,
}


def _step(equation: Equation) -> Step:
    evaluate = lookup(equation.op).evaluate
    if evaluate is not None:
        return _scalar_step(equation)
    meaning = _MEANINGS[equation.op](equation, tuple(map(_region, equation.regions)))
    operands = tuple(v.name for v in equation.operands)
    results = tuple(v.name for v in equation.results)

    def step(environment: Environment) -> None:
        values = environment.values
        try:
            found = meaning(environment, [values[name] for name in operands])
        except Trap as trap:
            raise trap_error(trap.kind, equation.span) from None
        for name, value in zip(results, found, strict=True):
            values[name] = value

    return step


def _scalar_step(equation: Equation) -> Step:
    evaluate = lookup(equation.op).evaluate
    assert evaluate is not None
    operands = tuple(v.name for v in equation.operands)
    types = tuple(v.type for v in equation.operands)
    name, kind = equation.result.name, equation.result.type

    def step(environment: Environment) -> None:
        values = environment.values
        try:
            values[name] = evaluate(tuple([values[operand] for operand in operands]), types, kind)
        except Trap as trap:
            raise trap_error(trap.kind, equation.span) from None

    return step
