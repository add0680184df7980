"""Places for IR that was built and has no source: its own printed lines."""

from __future__ import annotations

from dataclasses import replace

from hyperion.errors import Span
from hyperion.ir import printer
from hyperion.ir.function import Equation, Function, Program, Region, walk


def printed_places(function: Function) -> dict[int, Span]:
    """Where each equation stands in the printed function, by the identity of the equation."""
    places: dict[int, Span] = {}
    for number, (text, owner) in enumerate(printer.lines(function), start=1):
        if owner is not None:
            start = len(text) - len(text.lstrip()) + 1
            place = Span(f"<@{function.name}>", number, start, number, len(text) + 1, text)
            places.setdefault(id(owner), place)
    return places


def located(program: Program) -> Program:
    """The program with a place for every equation: the line of the printed function where it has no span. It is the
    program itself where every equation has one."""
    functions = {name: _located(function) for name, function in program.functions.items()}
    if all(functions[name] is function for name, function in program.functions.items()):
        return program
    return replace(program, functions=functions)


def _located(function: Function) -> Function:
    if all(e.span is not None for e in walk(function.equations)):
        return function
    places = printed_places(function)
    return replace(function, equations=_placed(function.equations, places))


def _placed(equations: tuple[Equation, ...], places: dict[int, Span]) -> tuple[Equation, ...]:
    return tuple(
        replace(
            e,
            span=e.span or places.get(id(e)),
            regions=tuple(Region(r.parameters, _placed(r.equations, places), r.results) for r in e.regions),
        )
        for e in equations
    )
