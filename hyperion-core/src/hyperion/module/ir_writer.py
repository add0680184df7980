"""The section IR: programs in a compact form. Its functions are numbered, and shared by the programs.

    uint 1 (the version of this form) | tables | uint functions | functions | uint programs | programs

    function   uint name | uint parameters, values, equations, regions
               column texts, column types                                            of the values
               column ops, results, operands, attributes, regions                    of the equations
               column parameters, equations, results                                 of the regions
               counted column of operands, of regions' results, of results           numbers of values
    program    uint entry (place) | counted column of functions

Equations are numbered outer before inner, in order; regions follow the numbers of their equations. Values are numbered
in this order: parameters, results of equations, parameters of regions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hyperion.errors import ModuleError
from hyperion.ir.function import Function, Program, Region, Value, walk
from hyperion.module.columns import Writer
from hyperion.module.span_writer import SpanWriter
from hyperion.module.table_writer import TableWriter

FORM = 1


@dataclass(frozen=True, slots=True)
class WrittenPrograms:
    """The section IR, the names of the ops in it, and those of the types that plugins own."""

    data: bytes
    ops: tuple[str, ...]
    types: tuple[str, ...]


def write_programs(programs: Sequence[Program], spans: SpanWriter) -> WrittenPrograms:
    """The section; the spans of its functions go to `spans`. Raises `ModuleError` (HY3016) for what it cannot hold."""
    pool = _Pool(spans)
    rows = [pool.program(p) for p in programs]
    out = Writer()
    out.uint(FORM)
    pool.tables.write(out)
    out.uint(len(pool.bodies))
    for body in pool.bodies:
        out.data += body
    out.uint(len(rows))
    for entry, functions in rows:
        out.uint(entry)
        out.counted(functions)
    return WrittenPrograms(bytes(out.data), pool.tables.ops, pool.tables.extensions)


class _Pool:
    """Functions that are written, each once."""

    def __init__(self, spans: SpanWriter) -> None:
        self.tables = TableWriter()
        self.bodies: list[bytes] = []
        self._spans = spans
        self._numbers: dict[tuple[bytes, tuple[int, ...]], int] = {}
        self._seen: dict[int, int] = {}

    def program(self, program: Program) -> tuple[int, list[int]]:
        entry = list(program.functions).index(program.entry)
        return entry, [self._function(f) for f in program.functions.values()]

    def _function(self, function: Function) -> int:
        known = self._seen.get(id(function))
        if known is None:
            body = _Body(function, self.tables)
            places = self._spans.places(function.span, body.equations)
            key = body.write(), places
            known = self._numbers.get(key)
            if known is None:
                known = self._numbers[key] = len(self.bodies)
                self.bodies.append(key[0])
                self._spans.function(places)
            self._seen[id(function)] = known
        return known


class _Body:
    """One function, as columns."""

    def __init__(self, function: Function, tables: TableWriter) -> None:
        self._function = function
        self._tables = tables
        self.equations = list(walk(function.equations))
        self._regions: list[Region] = [r for e in self.equations for r in e.regions]
        self._values: list[Value] = list(function.parameters)
        for equation in self.equations:
            self._values += equation.results
        for region in self._regions:
            self._values += region.parameters
        self._numbers = {value.name: number for number, value in enumerate(self._values)}
        if len(self._numbers) != len(self._values):
            raise ModuleError("HY3016", f"two values of @{function.name} have one name")

    def write(self) -> bytes:
        out, tables, function = Writer(), self._tables, self._function
        equations, regions = self.equations, self._regions
        out.uint(tables.text(function.name))
        for count in (len(function.parameters), len(self._values), len(equations), len(regions)):
            out.uint(count)
        out.column(tables.names(v.name for v in self._values))
        out.column(tables.type_column([v.type for v in self._values]))
        out.column(tables.op_column([e.op for e in equations]))
        out.column([len(e.results) for e in equations])
        out.column([len(e.operands) for e in equations])
        out.column([tables.attributes(e.attributes) if e.attributes else 0 for e in equations])
        out.column([len(e.regions) for e in equations])
        out.column([len(r.parameters) for r in regions])
        out.column([len(r.equations) for r in regions])
        out.column([len(r.results) for r in regions])
        try:
            numbers = self._numbers
            out.counted([numbers[v.name] for e in equations for v in e.operands])
            out.counted([numbers[v.name] for r in regions for v in r.results])
            out.counted([numbers[v.name] for v in function.results])
        except KeyError as error:
            raise ModuleError("HY3016", f"@{function.name} uses the value {error}, which it does not define") from None
        return bytes(out.data)
