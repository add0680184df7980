"""A theorem whose places are numbers instead of lines of somebody's file: what is kept and exported."""

from __future__ import annotations

from dataclasses import replace

from hyperion.errors import Span
from hyperion.interfaces.theorem_library import StoredTheorem
from hyperion.ir.function import Equation, Function, Program, Region, walk
from hyperion.library.fitting import moved

Numbers = dict[Span, Span | None]


def without_files(theorem: StoredTheorem) -> StoredTheorem:
    """The theorem where the n-th equation of the source stands in line n of no file, and what was at the same place in
    the chosen program and the refusals does so too."""
    numbers: Numbers = {}
    for line, span in enumerate([theorem.source.main.span, *(e.span for e in walk(theorem.source.main.equations))]):
        if span is not None:
            numbers.setdefault(span, Span("", line + 1, 1, line + 1, 1))
    return replace(
        theorem,
        source=_program(theorem.source, numbers),
        chosen=_program(theorem.chosen, numbers),
        refusals=tuple(moved(r, numbers) for r in theorem.refusals),
    )


def _program(program: Program, numbers: Numbers) -> Program:
    return replace(program, functions={n: _function(f, numbers) for n, f in program.functions.items()}, source=None)


def _function(f: Function, numbers: Numbers) -> Function:
    return replace(f, equations=_equations(f.equations, numbers), span=_number(f.span, numbers))


def _equations(equations: tuple[Equation, ...], numbers: Numbers) -> tuple[Equation, ...]:
    return tuple(
        replace(e, regions=tuple(_region(r, numbers) for r in e.regions), span=_number(e.span, numbers))
        for e in equations
    )


def _region(r: Region, numbers: Numbers) -> Region:
    return Region(r.parameters, _equations(r.equations, numbers), r.results)


def _number(span: Span | None, numbers: Numbers) -> Span | None:
    return None if span is None else numbers.get(span)
