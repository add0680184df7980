"""Untrusted. A recursion on two integers becomes a table of rows, which keeps the last of them.

    %r = recurse %i, %j {              %js = progression 0, columns, 1
      ^(%i, %j): .. self .. yield ..     %last, %known, %values = for 0, rows, 1, (0, none of %js, zeros) {
    }                              -->     ^(%row, %last, %known, %values):
                                             %known', %values' = map (%js) {
                                               ^(%j): .. = attempt %zero { .. the row before, for self .. }
                                             }
                                             yield %row, %known', %values'
                                         }
                                         %found, %value = attempt %zero { the cell of %i, %j }
                                         %r = if %found { yield %value } else { the recursion }

A cell is known where it has a value that the recursion has as well; what traps, or asks for a cell that is not in the
table, is not. So the table may hold cells that the recursion does not reach, and they trap nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hyperion.ir.function import Equation, Region, Value, walk
from hyperion.ir.ops import lookup
from hyperion.ir.types import BOOL, I64, ArrayType, BoolType, FloatType, IntType, Type, is_scalar
from hyperion_proofs.analysis import Refused
from hyperion_proofs.emission import Emitter
from hyperion_proofs.recursions.bodies import literals_of
from hyperion_proofs.recursions.layout import layout_of, number
from hyperion_proofs.sites import Site

MOST_ROWS = 1 << 31
MOST_COLUMNS = 1 << 22
MOST_CELLS = 1 << 31
"""A stack ends long before a recursion has come so far."""
MOST_SPARSE = 1 << 28
FEW_ROWS = 20
"""Where calls reach columns here and there, a table of fewer rows does not pay."""
_IN_AN_ATTEMPT = frozenset({"if", "attempt", "for", "fold", "self"})


@dataclass(frozen=True)
class Row:
    """The number of a row, which of its cells are known, and their values."""

    number: Value
    known: Value
    values: tuple[Value, ...]

    @property
    def all(self) -> tuple[Value, ...]:
        return (self.number, self.known, *self.values)


def rows_of(values: Sequence[Value], results: int) -> list[Row]:
    width = 2 + results
    parts = [values[i : i + width] for i in range(0, len(values), width)]
    return [Row(number, known, tuple(rest)) for number, known, *rest in parts]


class Table:
    """The function with a table in the place of the recursion."""

    def __init__(self, site: Site) -> None:
        self.site = site
        equation = site.equation
        (self.region,) = equation.regions
        _fits(self.region)
        self.kinds = tuple(v.type for v in self.region.results)
        self.layout = layout_of(self.region, equation.operands, literals_of(site.function.equations))
        self.names = site.names
        self._emit(equation)

    def _emit(self, equation: Equation) -> None:
        emit = Emitter(self.names, {})
        zeros = tuple(_zero(emit, kind) for kind in self.kinds)
        start, one = emit.const(0, I64), emit.const(1, I64)
        rows, columns = self._sizes(emit, equation.operands)
        self.columns = self.names.fresh("js", ArrayType(I64, (self._size(),)))
        self.listed = Equation((self.columns,), "progression", (start, columns, one))
        known, *values = self._mapped(
            emit, Region((self.names.fresh("j", I64),), (), (emit.const(False, BOOL), *zeros))
        )
        inits = (start, known, *values) * self.layout.depth
        state = tuple(self.names.fresh(v.name, v.type) for v in inits)
        self.loop = Equation(state, "for", (start, rows, one, *inits), (), (self._row(inits, zeros),), equation.span)
        self.rows = rows_of(state, len(zeros))
        inner = Emitter(self.names, {})
        found = self.look(inner, self.rows, self.columns, equation.operands)
        results = tuple(self.names.fresh(r.name, r.type) for r in equation.results)
        self.found = self.names.fresh("found", BOOL)
        attempt = Region((), tuple(inner.equations), found)
        self.look_up = Equation((self.found, *results), "attempt", zeros, (), (attempt,), equation.span)
        again = tuple(self.names.fresh(r.name, r.type) for r in equation.results)
        written = replace(equation, results=again, regions=(self.names.copy(self.region),))
        branches = (Region((), (), results), Region((), (written,), again))
        self.choice = Equation(equation.results, "if", (self.found,), (), branches, equation.span)
        before, last = self._split_before(emit)
        self.function = self.site.replaced([*before, self.listed, *last, self.loop, self.look_up, self.choice])
        self.place = self.site.index + len(before) + 1 + len(last)  # of the loop

    def _split_before(self, emit: Emitter) -> tuple[list[Equation], list[Equation]]:
        """What the columns are made of, and what is made of the columns."""
        maps = [e for e in emit.equations if e.op == "map"]
        return [e for e in emit.equations if e.op != "map"], maps

    def _size(self) -> str:
        used = {s for v in self.site.scope.values() if isinstance(v.type, ArrayType) for s in v.type.shape}
        return next(name for name in (f"columns{i or ''}" for i in range(len(used) + 1)) if name not in used)

    def _mapped(self, emit: Emitter, region: Region) -> list[Value]:
        assert isinstance(self.columns.type, ArrayType)
        shape = self.columns.type.shape
        kinds = (BOOL, *self.kinds)
        results = [
            self.names.fresh(hint, ArrayType(kind, shape)) for hint, kind in zip(_hints(kinds), kinds, strict=True)
        ]
        emit.equations.append(Equation(tuple(results), "map", (self.columns,), (("arrays", 1),), (region,)))
        return results

    def _sizes(self, emit: Emitter, arguments: Sequence[Value]) -> tuple[Value, Value]:
        """How many rows and columns there are; none where the table would be too large."""
        layout = self.layout
        one, zero = emit.const(1, I64), emit.const(0, I64)
        u = number(emit, layout.row, arguments[layout.row.position])
        if layout.widening:
            w = emit.op("mul.wrap", I64, u, emit.const(layout.widening, I64))
        else:
            w = number(emit, layout.column, arguments[layout.column.position])
        tests = [emit.op("ge", BOOL, x, zero) for x in (u, w)]
        for x, most in ((u, MOST_ROWS), (w, MOST_COLUMNS)):
            tests.append(emit.op("lt", BOOL, x, emit.const(most, I64)))
        last = emit.op("add.wrap", I64, u, w) if layout.diagonal else u
        rows, columns = (emit.op("add.wrap", I64, x, one) for x in (last, w))
        cells = emit.op("mul.wrap", I64, rows, columns)
        most = MOST_SPARSE if layout.scattered else MOST_CELLS
        tests.append(emit.op("le", BOOL, cells, emit.const(most, I64)))
        if layout.scattered:
            tests.append(emit.op("ge", BOOL, rows, emit.const(FEW_ROWS, I64)))
        inside = emit.every(tests, hint="inside")
        return (
            emit.op("select", I64, inside, rows, zero, hint="rows"),
            emit.op("select", I64, inside, columns, zero, hint="columns"),
        )

    def _row(self, inits: Sequence[Value], zeros: Sequence[Value]) -> Region:
        """The next row."""
        row = self.names.fresh("row", I64)
        state = tuple(self.names.fresh(v.name, v.type) for v in inits)
        rows = rows_of(state, len(zeros))
        column = self.names.fresh("j", I64)
        inner = Emitter(self.names, {})
        arguments = self.layout.arguments(inner, row, column)
        body = _Body(self, rows, dict(zip(self.region.parameters, arguments, strict=True)))
        equations, results = body.block(self.region.equations, self.region.results)
        cell = tuple(self.names.fresh(hint, kind) for hint, kind in zip(_hints(self.kinds), self.kinds, strict=True))
        known = self.names.fresh("known", BOOL)
        attempt = Equation((known, *cell), "attempt", tuple(zeros), (), (Region((), equations, results),))
        outer = Emitter(self.names, {})
        made = self._mapped(outer, Region((column,), (*inner.equations, attempt), (known, *cell)))
        kept = [v for r in rows[:-1] for v in r.all]
        return Region((row, *state), tuple(outer.equations), (row, *made, *kept))

    def look(self, emit: Emitter, rows: Sequence[Row], columns: Value, arguments: Sequence[Value]) -> tuple[Value, ...]:
        """The values of the cell of these arguments, in the rows from the newest on; a trap where it is not known."""
        place = self.layout.column_of(emit, arguments)
        column = emit.op("get", I64, columns, place, hint="column")
        return self._look(emit, rows, place, column, arguments)

    def _look(
        self, emit: Emitter, rows: Sequence[Row], place: Value, column: Value, arguments: Sequence[Value]
    ) -> tuple[Value, ...]:
        row, *others = rows
        own = self.layout.arguments(emit, row.number, column)
        known = emit.op("get", BOOL, row.known, place, hint="known")
        tests = [emit.op("eq", BOOL, a, b) for a, b in zip(own, arguments, strict=True)]
        here = emit.every([*tests, known], hint="here")
        if not others:
            outside = emit.const(-1, I64)
            at = emit.op("select", I64, here, place, outside, hint="at")
            return tuple(emit.op("get", kind, v, at, hint="x") for v, kind in zip(row.values, self.kinds, strict=True))
        yes, no = Emitter(self.names, {}), Emitter(self.names, {})
        found = tuple(yes.op("get", kind, v, place, hint="x") for v, kind in zip(row.values, self.kinds, strict=True))
        before = self._look(no, others, place, column, arguments)
        results = tuple(self.names.fresh("x", kind) for kind in self.kinds)
        branches = (Region((), tuple(yes.equations), found), Region((), tuple(no.equations), before))
        emit.equations.append(Equation(results, "if", (here,), (), branches))
        return results

    def text(self) -> str:
        layout = self.layout
        names = [p.name.partition(".")[0] for p in self.region.parameters]
        row, column = names[layout.row.position], names[layout.column.position]
        rank = f"{row} + {column}" if layout.diagonal else row
        kept = "is" if layout.depth == 1 else f"{layout.depth} are"
        lines = [
            f"f({', '.join(names)}) = its cell in a table: one row for each {rank}, of which the last {kept} kept",
            "by induction on the rows: a cell is what the body makes of cells before, where it has a value",
            "where a cell traps, or is not in the table, the recursion as written",
        ]
        return "\n  ".join(lines)


class _Body:
    """The body of the recursion on a cell, with cells of the rows before for the calls of itself."""

    def __init__(self, table: Table, rows: Sequence[Row], values: dict[Value, Value]) -> None:
        self._table, self._rows, self._values = table, rows, values

    def block(
        self, equations: Sequence[Equation], results: Sequence[Value]
    ) -> tuple[tuple[Equation, ...], tuple[Value, ...]]:
        made: list[Equation] = []
        for e in equations:
            operands = tuple(self._values.get(v, v) for v in e.operands)
            if e.op == "self":
                emit = Emitter(self._table.names, {})
                found = self._table.look(emit, self._rows, self._table.columns, operands)
                made += emit.equations
                self._values.update(zip(e.results, found, strict=True))
            else:
                made.append(self._copy(e, operands))
        return tuple(made), tuple(self._values.get(v, v) for v in results)

    def _copy(self, e: Equation, operands: tuple[Value, ...]) -> Equation:
        regions = tuple(self._region(r) for r in e.regions)
        results = tuple(self._table.names.fresh(r.name, r.type) for r in e.results)
        self._values.update(zip(e.results, results, strict=True))
        return replace(e, operands=operands, results=results, regions=regions)

    def _region(self, region: Region) -> Region:
        parameters = tuple(self._table.names.fresh(p.name, p.type) for p in region.parameters)
        self._values.update(zip(region.parameters, parameters, strict=True))
        return Region(parameters, *self.block(region.equations, region.results))


def _fits(region: Region) -> None:
    """Raises Refused for a recursion that is not on two integers, or whose body does more than a cell may do."""
    if [p.type for p in region.parameters] != [I64, I64]:
        raise Refused("a table is made of recursions on two integers")
    if not region.results or not all(is_scalar(v.type) and _zero_of(v.type) is not None for v in region.results):
        raise Refused("the recursion gives values that a table does not hold")
    for e in walk(region.equations):
        other = lookup(e.op).is_control and e.op not in _IN_AN_ATTEMPT
        if other or "recursion" in lookup(e.op).traps or not all(is_scalar(r.type) for r in e.results):
            raise Refused(f"the body of the recursion has a {e.op}", span=e.span)


def _hints(kinds: Sequence[Type]) -> list[str]:
    return ["known" if kind == BOOL else "value" for kind in kinds]


def _zero_of(kind: Type) -> int | str | bool | None:
    if isinstance(kind, BoolType):
        return False
    if isinstance(kind, FloatType):
        return (0.0).hex()
    return 0 if isinstance(kind, IntType) else None


def _zero(emit: Emitter, kind: Type) -> Value:
    zero = _zero_of(kind)
    assert zero is not None
    return emit.const(zero, kind)
