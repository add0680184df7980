"""The parallel forms, run in order: the same pieces and the same steps as compiled code, so the same bits."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.ir.function import Equation
from hyperion.ir.partition import pieces
from hyperion.ir.scalars import Number, Trap
from hyperion_interp.block import Block, Environment, Meaning
from hyperion_interp.meanings.attributes import number
from hyperion_interp.meanings.control import steps
from hyperion_interp.meanings.elementwise import Columns, scanned
from hyperion_interp.meanings.rows import Row, rows, split


def reduce(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    lift, multiply, act, *guards = regions
    lanes, piece = number(equation, "lanes"), number(equation, "piece")
    growing = number(equation, "growing") if equation.attribute("growing") else 0

    def meaning(environment: Environment, operands: list[Number]) -> Sequence[Number]:
        arrays, state = split(equation, operands)
        elements = rows(environment, equation, arrays)
        for start, stop in pieces(len(elements), lanes, piece, growing):
            summary = _summary(environment, lift, multiply, elements[start:stop])
            state = act.run(environment, (*summary, *state))
        held = [all(guard.run(environment, row)[0] for row in elements) for guard in guards]
        return [*held, *state]

    return meaning


def scan(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    """Every piece runs its steps from the state that the summaries of the pieces before it give."""
    body, lift, multiply, act = regions
    lanes, piece = number(equation, "lanes"), number(equation, "piece")

    def meaning(environment: Environment, operands: list[Number]) -> Sequence[Number]:
        arrays, state = split(equation, operands)
        elements = rows(environment, equation, arrays)
        made = Columns(len(equation.results) - len(state))
        final = state
        for start, stop in pieces(len(elements), lanes, piece):
            part = elements[start:stop]
            final = scanned(environment, body, part, state, made)
            state = act.run(environment, (*_summary(environment, lift, multiply, part), *state))
        return [*final, *made.arrays(arrays[0].shape)]

    return meaning


def _summary(environment: Environment, lift: Block, multiply: Block, elements: Sequence[Row]) -> list[Number]:
    found = lift.run(environment, elements[0])
    for row in elements[1:]:
        found = multiply.run(environment, (*lift.run(environment, row), *found))
    return found


def summaries(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    lift, multiply, *guards = regions
    lanes, piece = number(equation, "lanes"), number(equation, "piece")

    def meaning(environment: Environment, operands: list[Number]) -> Sequence[Number]:
        elements = rows(environment, equation, operands)
        cut = pieces(len(elements), lanes, piece)
        made = Columns(len(equation.results) - len(guards))
        for start, stop in cut:
            made.add(_summary(environment, lift, multiply, elements[start:stop]))
        held = [all(guard.run(environment, row)[0] for row in elements) for guard in guards]
        return [*made.arrays((len(cut),)), *held]

    return meaning


def scan_pieces(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    (body,) = regions
    lanes, piece = number(equation, "lanes"), number(equation, "piece")

    def meaning(environment: Environment, operands: list[Number]) -> Sequence[Number]:
        arrays, states = split(equation, operands)
        elements = rows(environment, equation, arrays)
        cut = pieces(len(elements), lanes, piece)
        if any(s.shape != (len(cut),) for s in states):
            raise Trap("value")
        entering = [s.to_list() for s in states]
        left, made = Columns(len(states)), Columns(len(equation.results) - len(states))
        for index, (start, stop) in enumerate(cut):
            left.add(scanned(environment, body, elements[start:stop], [s[index] for s in entering], made))
        return [*left.arrays((len(cut),)), *made.arrays(arrays[0].shape)]

    return meaning


def windows(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    """In compiled code's order: from the middle to the front, from the middle to the back, and both together."""
    lift, multiply = regions

    def meaning(environment: Environment, operands: list[Number]) -> Sequence[Number]:
        arrays, (asked,) = split(equation, operands)
        elements = rows(environment, equation, arrays)
        width = max(1, asked)
        made = Columns(len(equation.results))
        for start in range(len(elements) - width + 1):
            middle = min((start // width + 1) * width, start + width)
            front = lift.run(environment, elements[middle - 1])
            for row in reversed(elements[start : middle - 1]):
                front = multiply.run(environment, (*front, *lift.run(environment, row)))
            if middle < start + width:
                back = _summary(environment, lift, multiply, elements[middle : start + width])
                front = multiply.run(environment, (*back, *front))
            made.add(front)
        return made.arrays((max(0, len(elements) - width + 1),))

    return meaning


def power(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    lift, multiply, act = regions

    def meaning(environment: Environment, operands: list[Number]) -> Sequence[Number]:
        lo, hi, step, *state = operands
        left = steps(lo, hi, step)
        update = lift.run(environment, ())
        while left:
            if left % 2:
                state = act.run(environment, (*update, *state))
            left //= 2
            if left:
                update = multiply.run(environment, (*update, *update))
        return state

    return meaning
