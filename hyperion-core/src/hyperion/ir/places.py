"""Places for IR that was built and has no source: its own printed lines."""

from __future__ import annotations

from dataclasses import replace

from hyperion.ir.function import Equation, Function, Program, Region, walk
from hyperion.ir.heads import Heads, Text


def located(program: Program) -> Program:
    """The program with a place for every equation: in the printed function where it has no span. It is the program
    itself where every equation has one."""
    functions = {name: _located(function) for name, function in program.functions.items()}
    if all(functions[name] is function for name, function in program.functions.items()):
        return program
    return replace(program, functions=functions)


def _located(function: Function) -> Function:
    if all(e.span is not None for e in walk(function.equations)):
        return function
    return replace(function, equations=_placed(function.equations, Heads(Text(None), function)))


def _placed(equations: tuple[Equation, ...], heads: Heads) -> tuple[Equation, ...]:
    return tuple(
        replace(
            e,
            span=e.span or heads.equation(e),
            regions=tuple(Region(r.parameters, _placed(r.equations, heads), r.results) for r in e.regions),
        )
        for e in equations
    )
