"""Reads the section IR. Nothing in it is believed: what is read is IR that still has to be verified."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from hyperion.errors import ModuleError
from hyperion.ir.function import Equation, Function, Program, Region, Value
from hyperion.ir.registry import CORE, Registry
from hyperion.ir.types import ExtensionType
from hyperion.module import bulk
from hyperion.module.codecs import Bytes
from hyperion.module.columns import Reader
from hyperion.module.first_uses import FirstUses
from hyperion.module.ir_writer import FORM
from hyperion.module.limits import DEFAULT, Limits
from hyperion.module.span_reader import SpanReader
from hyperion.module.table_order import Numbers
from hyperion.module.table_reader import TableReader

DEEPEST = 100  # levels of regions, as in the text form


@dataclass(frozen=True, slots=True)
class ReadPrograms:
    """The programs, the names of the ops in them, and those of the types that plugins own."""

    programs: tuple[Program, ...]
    ops: tuple[str, ...]
    types: tuple[str, ...]


def read_programs(
    data: Bytes, spans: SpanReader | None = None, limits: Limits = DEFAULT, registry: Registry = CORE
) -> tuple[Program, ...]:
    """The programs, in whatever way they are written; raises as `read_section` does."""
    return read_section(data, spans or SpanReader(None), limits, registry, exact=False).programs


def read_section(data: Bytes, spans: SpanReader, limits: Limits, registry: Registry, exact: bool) -> ReadPrograms:
    """The section. Raises `ModuleError`: HY3007 past a limit, HY3010 for an unknown type, HY3012 for what has no
    meaning; with `exact`, HY3012 or `OutOfOrder` for what the writer would write in another way."""
    reader = _Programs(Reader(data, "section IR", limits, exact), spans, limits, registry, exact)
    try:
        return reader.programs()
    except IndexError:
        raise reader.malformed("a number is out of place") from None
    except RecursionError:
        raise reader.malformed("it is nested too deeply") from None


class _Programs:
    def __init__(self, data: Reader, spans: SpanReader, limits: Limits, registry: Registry, exact: bool) -> None:
        self._data = data
        self._limits = limits
        self._registry = registry
        self._spans = spans
        self._exact = exact
        self._uses: FirstUses | None = None
        self._equations = self._values = self._in_programs = 0
        self._sizes: dict[int, int] = {}  # equations of a function, by identity

    def malformed(self, why: str) -> ModuleError:
        return self._data.malformed(why)

    def programs(self) -> ReadPrograms:
        form = self._data.uint()
        if form != FORM:
            raise self.malformed(f"it has the form {form}, this version of Hyperion reads {FORM}")
        tables = self._tables = TableReader(self._data)
        self._uses = FirstUses(tables) if self._exact else None
        count = self._data.uint()
        self._limits.check("functions", count, "functions in the module")
        functions = [self._function() for _ in range(count)]
        self._order = Numbers(range(count)) if self._exact else None
        programs = tuple(self._program(functions) for _ in range(self._few(self._data.uint())))
        self._data.end()
        self._spans.end()
        for numbers in (self._uses, self._order):
            if numbers is not None:
                numbers.end()
        types = tuple(kind.name for kind in tables.types if isinstance(kind, ExtensionType))
        return ReadPrograms(programs, tuple(tables.ops), types)

    def _few(self, count: int) -> int:
        self._limits.check("functions", count, "programs in the module")
        return count

    def _program(self, functions: Sequence[Function]) -> Program:
        entry = self._data.uint()
        numbers = self._data.counted()
        members = [functions[number] for number in numbers]
        if self._order is not None:
            self._order.use_all(numbers)
        self._in_programs += sum(self._sizes[id(f)] for f in members)
        self._limits.check("equations", self._in_programs, "equations in all programs together")
        named = {f.name: f for f in members}
        if len(named) != len(members):
            raise self.malformed("two functions of a program have one name")
        return Program(named, members[entry].name, self._registry)

    def _function(self) -> Function:
        data, tables = self._data, self._tables
        start, name_text = data.position, data.uint()
        name = tables.texts[name_text]
        parameters, n_values, n_equations, n_regions = (data.uint() for _ in range(4))
        self._count(n_equations, n_values)
        names, types = data.column(n_values), data.column(n_values)
        ops, results, operands, attributes, inner = (data.column(n_equations) for _ in range(5))
        taken, held, yielded = (data.column(n_regions) for _ in range(3))
        uses, region_uses, function_uses = data.counted(), data.counted(), data.counted()
        sums = parameters + sum(results) + sum(taken), sum(operands), sum(yielded), sum(inner)
        if sums != (n_values, len(uses), len(region_uses), n_regions):
            raise self.malformed(f"the parts of @{name[:80]} do not add up")
        values = bulk.make(Value, n_values, map(tables.texts.__getitem__, names), map(tables.types.__getitem__, types))
        defined, used = iter(values), map(values.__getitem__, uses)
        own = tuple(islice(defined, parameters))
        places, spans = self._spans.places(n_equations)
        equations = bulk.make(
            Equation,
            n_equations,
            [tuple(islice(defined, n)) for n in results],
            map(tables.ops.__getitem__, ops),
            [tuple(islice(used, n)) for n in operands],
            map(tables.attributes.__getitem__, attributes),
            [()] * n_equations,
            spans[1:],
        )
        region_results = map(values.__getitem__, region_uses)
        regions = bulk.make(
            Region,
            n_regions,
            [tuple(islice(defined, n)) for n in taken],
            [()] * n_regions,
            [tuple(islice(region_results, n)) for n in yielded],
        )
        if self._uses is not None:
            self._uses.function(name_text, names, types, ops, attributes)
            self._uses.body(data.bytes_from(start), tuple(places))
        body = self._nest(equations, regions, inner, held, results)
        function = Function(name, own, body, tuple(values[n] for n in function_uses), spans[0])
        self._sizes[id(function)] = 1 + n_equations
        return function

    def _count(self, equations: int, values: int) -> None:
        """Counts of all functions together, before memory is taken for them."""
        self._equations += equations
        self._values += values
        self._limits.check("equations", self._equations, "equations in the module")
        self._limits.check("values", self._values, "values in the module")

    def _nest(
        self,
        equations: list[Equation],
        regions: list[Region],
        inner: list[int],
        held: list[int],
        results: list[int],
    ) -> tuple[Equation, ...]:
        """Puts equations into regions and regions into equations, the inner ones first; gives the outermost.

        `inner` says how many regions each equation has, `held` how many equations each region.
        """
        size = [1] * len(equations)  # equations in an equation, itself included
        depth: dict[int, int] = {}
        region = len(regions)
        owners = [i for i, count in enumerate(inner) if count]
        for i in reversed(owners):
            region -= inner[i]
            own = regions[region : region + inner[i]]
            at, deepest = i + 1, 0
            for each, count in zip(own, held[region : region + inner[i]], strict=True):
                start = at
                for _ in range(count):
                    deepest = max(deepest, depth.get(at, 0))
                    at += size[at]
                bulk.put(Region, "equations", (each,), (self._members(equations, size, start, at, count),))
            size[i] = at - i
            depth[i] = deepest + 1
            if deepest >= DEEPEST:
                raise self.malformed(f"regions are nested deeper than {DEEPEST} levels")
            bulk.put(Equation, "regions", (equations[i],), (tuple(own),))
        return self._members(equations, size, 0, len(equations), None)

    def _members(
        self, equations: list[Equation], size: list[int], start: int, stop: int, count: int | None
    ) -> tuple[Equation, ...]:
        if stop > len(equations):
            raise self.malformed("a region holds more equations than there are")
        if count == stop - start:
            return tuple(equations[start:stop])
        found: list[Equation] = []
        while start < stop:
            found.append(equations[start])
            start += size[start]
        return tuple(found)
