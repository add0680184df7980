"""Calls replaced by the bodies they call, so that strategies and passes see one function.

A frontend applies this to what it lowers: the result is the program that it means. Values and sizes of a callee get
names of their own at every call; spans stay those of the callee's source and remember the call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from hyperion.errors import Span
from hyperion.ir.function import Equation, Function, Program, Region, Value, values_of, walk
from hyperion.ir.sizes import with_sizes
from hyperion.ir.types import ArrayType, Size, TupleType, Type, size_names

MOST_EQUATIONS = 4000
"""A program that would grow past this keeps its calls."""


def inline_calls(program: Program) -> Program:
    """The program with every call of its entry inlined; unchanged where it has none, or would grow too large."""

    def callee(e: Equation) -> Function | None:
        return program.functions[str(e.attribute("callee"))] if e.op == "call" else None

    try:
        main = Inliner(program, callee, MOST_EQUATIONS).function(program.main)
    except TooLarge:
        return program
    if main is program.main:
        return program
    return replace(program, functions={main.name: main}, entry=main.name)


class TooLarge(Exception):
    """The function would have more equations than the limit."""


class Inliner:
    """Puts the body of `callee(equation)`, where it has one, in the place of an equation of the program."""

    def __init__(self, program: Program, callee: Callable[[Equation], Function | None], limit: int) -> None:
        self._callee = callee
        self._limit = limit
        self._used = {v.name for f in program.functions.values() for v in values_of(f)}
        self._used |= {s for f in program.functions.values() for v in values_of(f) for s in size_names(v.type)}
        self._names = 0
        self._equations = 0

    def function(self, function: Function) -> Function:
        """The function itself where it has nothing to inline. Raises `TooLarge`."""
        if not any(self._callee(e) for e in walk(function.equations)):
            return function
        equations, renamed = self._block(function.equations, {}, None, None)
        return replace(function, equations=equations, results=tuple(renamed.get(v, v) for v in function.results))

    def _fresh(self, name: str) -> str:
        while True:
            self._names += 1
            fresh = f"{name}.{self._names}"
            if fresh not in self._used:
                self._used.add(fresh)
                return fresh

    def _block(
        self,
        equations: Iterable[Equation],
        values: Mapping[Value, Value],
        sizes: _Sizes | None,
        site: Span | None,
    ) -> tuple[tuple[Equation, ...], dict[Value, Value]]:
        """The equations with calls inlined and values renamed. In a callee (`sizes` given, called at `site`) every
        defined value gets a fresh name; in the entry names stay."""
        known = dict(values)
        placed = _Places(site)
        done: list[Equation] = []
        for e in equations:
            self._equations += 1
            if self._equations > self._limit:
                raise TooLarge
            operands = tuple(known.get(v, v) for v in e.operands)
            callee = self._callee(e)
            if callee is not None:
                inner, results = self._call(callee, e, operands, sizes, placed.at(e.span))
                done += inner
                known |= dict(zip(e.results, results, strict=True))
                continue
            regions = tuple(self._region(r, known, sizes, site) for r in e.regions)
            results = tuple(self._defined(v, sizes) for v in e.results)
            known |= {old: new for old, new in zip(e.results, results, strict=True) if old != new}
            done.append(replace(e, operands=operands, regions=regions, results=results, span=placed.at(e.span)))
        return tuple(done), known

    def _region(self, region: Region, known: Mapping[Value, Value], sizes: _Sizes | None, site: Span | None) -> Region:
        parameters = tuple(self._defined(v, sizes) for v in region.parameters)
        inner = dict(known) | dict(zip(region.parameters, parameters, strict=True))
        equations, renamed = self._block(region.equations, inner, sizes, site)
        return Region(parameters, equations, tuple(renamed.get(v, v) for v in region.results))

    def _call(
        self, function: Function, e: Equation, operands: tuple[Value, ...], outer: _Sizes | None, site: Span | None
    ) -> tuple[tuple[Equation, ...], tuple[Value, ...]]:
        sizes = _Sizes(self._fresh)
        for own, given in zip(function.parameters, operands, strict=True):
            sizes.meet(own.type, given.type)
        for own, given in zip(function.results, e.results, strict=True):
            sizes.meet(own.type, given.type if outer is None else outer.resized(given.type))
        values = dict(zip(function.parameters, operands, strict=True))
        equations, renamed = self._block(function.equations, values, sizes, site)
        return equations, tuple(renamed.get(v, v) for v in function.results)

    def _defined(self, value: Value, sizes: _Sizes | None) -> Value:
        return value if sizes is None else Value(self._fresh(value.name), sizes.resized(value.type))


class _Places:
    """The spans of a body that stands in for a call at `site`."""

    def __init__(self, site: Span | None) -> None:
        self._site = site
        self._known: dict[int, tuple[Span, Span]] = {}  # by identity; the first of a pair keeps it taken

    def at(self, span: Span | None) -> Span | None:
        if span is None or self._site is None:
            return span or self._site
        if id(span) not in self._known:
            self._known[id(span)] = (span, span.called_from(self._site))
        return self._known[id(span)][1]


class _Sizes:
    """Names of a callee's sizes at one call: those of its operands and results, else fresh ones."""

    def __init__(self, fresh: Callable[[str], str]) -> None:
        self._fresh = fresh
        self._known: dict[str, Size] = {}

    def meet(self, own: Type, given: Type) -> None:
        """Take the caller's sizes for the callee's type `own`."""
        if isinstance(own, ArrayType) and isinstance(given, ArrayType):
            for name, size in zip(own.shape, given.shape, strict=True):
                if isinstance(name, str):
                    self._known.setdefault(name, size)
        elif isinstance(own, TupleType) and isinstance(given, TupleType):
            for inner, other in zip(own.elements, given.elements, strict=True):
                self.meet(inner, other)

    def resized(self, ty: Type) -> Type:
        for name in size_names(ty):
            if name not in self._known:
                self._known[name] = self._fresh(name)
        return with_sizes(ty, self._known)
