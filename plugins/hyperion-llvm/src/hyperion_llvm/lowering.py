"""Lowering of one function of the IR: values, scalar equations, traps, and the order of equations."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from hyperion.errors import CodegenError, Span
from hyperion.ir.function import Equation, Function, Program, Region, Value
from hyperion.ir.scalars import TrapKind
from hyperion.ir.types import INT, ArrayType, FloatType, Type
from hyperion_llvm.casts import cast_table
from hyperion_llvm.counting import plain
from hyperion_llvm.float_extremes import float_extremes_table
from hyperion_llvm.narrow import Division
from hyperion_llvm.ownership import Scope, arrays_among, viewed
from hyperion_llvm.ranges import Ranges
from hyperion_llvm.scalar import TrapIf, Use, arithmetic_table
from hyperion_llvm.sources import Array, Source, element_at, shaped, size_names, store_element
from hyperion_llvm.target import TargetSpec
from hyperion_llvm.text import Writer, literal, memory_bytes, scalar_type

Operand = str | Source


@dataclass(frozen=True, slots=True)
class Site:
    """A place that may trap or ask for memory in vain; its number, counted from 1, is the status that the kernel
    returns."""

    kind: TrapKind | Literal["memory"]
    span: Span | None


@dataclass(slots=True)
class ModuleState:
    """What the functions of one module share."""

    program: Program
    target: TargetSpec
    sites: list[Site] = field(default_factory=list[Site])
    functions: list[str] = field(default_factory=list[str])
    sites_of: dict[str, range] = field(default_factory=dict[str, range])
    allocating: set[str] = field(default_factory=set[str])
    shared: dict[object, str] = field(default_factory=dict[object, str])  # functions that several places call
    offered: set[int] = field(default_factory=set[int])  # the results that may be written to memory of the caller
    uses_pool: bool = False
    note_fallback: bool = False

    def site(self, kind: TrapKind | Literal["memory"], span: Span | None) -> int:
        self.sites.append(Site(kind, span))
        return len(self.sites)

    def sites_through(self, callee: str, call: Span | None) -> int:
        """Numbers the sites of a function anew, as reached through one call of it, and gives the distance from the old
        numbers; 0, which leaves out the call, where a program of many calls would have too many."""
        old = self.sites_of[callee]
        if call is None or len(self.sites) + len(old) > MOST_SITES:
            return 0
        first = len(self.sites)
        for site in self.sites[old.start : old.stop]:
            self.sites.append(Site(site.kind, None if site.span is None else site.span.called_from(call)))
        return first - old.start


MOST_SITES = 100_000
"""Each way to a place that may trap has a number of its own, up to so many."""

Emitter = Callable[["Lowering", Equation], None]


@functools.cache
def scalar_emitters() -> Mapping[str, Callable[[Use], str]]:
    return {**arithmetic_table(), **cast_table(), **float_extremes_table()}


class Lowering:
    """Lowers the equations of one function into a writer."""

    def __init__(self, module: ModuleState, function: Function, control: Mapping[str, Emitter]) -> None:
        self.module = module
        self.function = function
        self.control = control
        self.writer = Writer()
        self.values: dict[str, Operand] = {}
        self.ranges = Ranges({})
        self.viewed = viewed(function.equations)
        self.scope = Scope.of(function.equations, function.results, (), self.viewed)
        self.allocations = 0
        self.resized: dict[str, Value] = {}  # the array that another one is, under another size
        self.loops = 0  # how many loops are open
        self.lanes = 0  # more than 0 inside a vector region
        self.summarised: dict[object, object] = {}  # what `summaries` keeps of a par.reduce for a par.scan
        self.running: dict[str, object] = {}  # what `scan` leaves to the one par.reduce that reads what it makes
        self.place = function.span  # of the equation that is lowered
        self.recursion: object = None  # what `recursion` keeps of the one that the function is the body of

    # Values

    def scalar(self, value: Value) -> str:
        operand = self.values[value.name]
        assert isinstance(operand, str)
        return operand

    def source(self, value: Value) -> Source:
        """The array where its elements come from, for whoever only reads them."""
        operand = self.values[value.name]
        assert not isinstance(operand, str)
        return operand

    def array(self, value: Value) -> Array:
        """The array in memory, one element after the other."""
        source = self.source(value)
        assert isinstance(value.type, ArrayType)
        return source if isinstance(source, Array) else self.copy(value.type.element, source)

    def bind(self, value: Value, operand: Operand) -> None:
        self.values[value.name] = operand
        if isinstance(operand, Array):
            self.scope.mine.add(value.name)

    # Values that cross from function to function: an array as its data and its sizes

    def received(self, values: Sequence[Value], array: str = "ptr") -> list[str]:
        """Binds values to the parameters `%a0`, `%a1`, .. of the function that is written, and gives these."""
        parameters: list[str] = []
        for position, value in enumerate(values):
            name = f"%a{position}"
            if isinstance(value.type, ArrayType):
                sizes = size_names(value.type, name)
                parameters += [f"{array} {name}", *(f"i64 {size}" for size in sizes)]
                self.bind(value, shaped(self.writer, name, sizes, owned=False))
            else:
                parameters.append(f"{scalar_type(value.type)} {name}")
                self.bind(value, name)
        return parameters

    def passed(self, values: Sequence[Value]) -> list[str]:
        """The arguments for such parameters."""
        arguments: list[str] = []
        for value in values:
            if isinstance(value.type, ArrayType):
                array = self.array(value)
                arguments += [f"ptr {array.data}", *(f"i64 {size}" for size in array.shape)]
            else:
                arguments.append(f"{scalar_type(value.type)} {self.scalar(value)}")
        return arguments

    # Traps and interruption

    def trap_if(self, equation: Equation) -> TrapIf:
        def leave(condition: str, kind: TrapKind) -> None:
            self.writer.leave_if(condition, str(self.module.site(kind, equation.span)))

        return leave

    def pass_on(self, status: str, distance: int = 0) -> None:
        """Leaves the function with the status of a call, unless it is 0; the number of a site grows by `distance`."""
        failed = self.writer.set(f"icmp ne i32 {status}, 0", "c")
        self.writer.leave_if(failed, status, distance)

    def charge(self, amount: str) -> None:
        """Counts loop rounds; looks at pending signals when enough of them have passed."""
        w = self.writer
        place = w.set("getelementptr i8, ptr %context, i64 8")
        left = w.set(f"sub i64 {w.load('i64', place)}, {amount}")
        w.store("i64", left, place)
        look, on = w.fresh("look"), w.fresh("on")
        w.branch(w.set(f"icmp slt i64 {left}, 0", "c"), look, on, rare=True)
        w.start(look)
        self.pass_on(w.set("call i32 @hyperion.refuel(ptr %context)"))
        w.jump(on)
        w.start(on)

    # Equations

    def equations(self, equations: Sequence[Equation], scope: Scope) -> None:
        """Lowers equations in order; the scope stays at the yield afterwards, so that it can be lowered too."""
        self.scope = scope
        for position, equation in enumerate(equations):
            scope.position = position
            self.equation(equation)
        scope.position = len(equations)

    def equation(self, equation: Equation) -> None:
        self.place = equation.span or self.place
        emitter = self.control.get(equation.op)
        if emitter is not None:
            if self.lanes:
                raise CodegenError("HY8004", f"{equation.op} cannot be in a parallel region", equation.span)
            emitter(self, equation)
        else:
            self.bind(equation.result, self.scalar_equation(equation))
        if equation.op != "if":
            self.ranges.record(equation)

    def scalar_equation(self, equation: Equation) -> str:
        kind = equation.result.type
        if equation.op == "const":
            return constant(equation, self.lanes)
        emitter = scalar_emitters()[equation.op]
        operands = tuple(self.scalar(x) for x in equation.operands)
        kinds = tuple(x.type for x in equation.operands)
        if kind == INT and equation.op in ("floordiv", "mod"):
            (x, y), (first, second) = operands, (self.ranges.of(v, equation) for v in equation.operands)
            narrow = Division(self.writer, equation.op, (x, y), (first, second), self.lanes).lowered()
            if narrow is not None:
                return narrow
        traps = None if self.lanes else self.trap_if(equation)
        return emitter(Use(self.writer, equation.op, operands, kinds, kind, self.lanes, traps))

    def total(self, region: Region, operands: Sequence[str]) -> list[str]:
        """Lowers a region without arrays in place and gives what it yields."""
        for parameter, operand in zip(region.parameters, operands, strict=True):
            self.values[parameter.name] = operand
        for equation in region.equations:
            self.equation(equation)
        return [self.scalar(x) for x in region.results]

    # Arrays

    def allocate(self, element: Type, length: str) -> str:
        """New memory for an array."""
        self.allocations += 1
        w = self.writer
        size = memory_bytes(element)
        data = w.set(f"call noalias ptr @hyperion.allocate(ptr %context, i64 {length}, i64 {size})", "data")
        self.leave_without(data)
        return data

    def result_memory(self, equation: Equation, value: Value, element: Type, length: str) -> str:
        """Memory for an array that an equation makes: where the function gives it, what its caller offers for it, if
        that is as long."""
        results = [v.name for v in self.function.results]
        outermost = any(e is equation for e in self.function.equations)
        if not outermost or value.name not in results or self.function.name != self.module.program.entry:
            return self.allocate(element, length)
        w, number = self.writer, results.index(value.name)
        self.module.offered.add(number)
        bytes_ = w.set(f"mul i64 {length}, {memory_bytes(element)}")
        offered = w.set(f"call ptr @hyperion.offered(ptr %context, i64 {number}, i64 {bytes_})")
        place, fresh, on = w.variable("ptr", offered, "made"), w.fresh("fresh"), w.fresh("on")
        w.branch(w.set(f"icmp eq ptr {offered}, null", "c"), fresh, on)
        w.start(fresh)
        w.store("ptr", self.allocate(element, length), place)
        w.jump(on)
        w.start(on)
        return w.load("ptr", place)

    def leave_without(self, data: str) -> None:
        """Leaves the function where there was no memory."""
        w = self.writer
        w.leave_if(w.set(f"icmp eq ptr {data}, null", "c"), str(self.module.site("memory", self.place)), trap=False)

    def copy(self, element: Type, array: Source) -> Array:
        data = self.allocate(element, array.length)
        self.put(element, array, data)
        return Array(data, array.length, True, array.sizes if isinstance(array, Array) else ())

    def put(self, element: Type, array: Source, data: str) -> None:
        """Copies the elements to memory at `data`."""
        w = self.writer
        if isinstance(array, Array):
            bytes_ = w.set(f"mul i64 {array.length}, {memory_bytes(element)}")
            w.emit(f"call void @llvm.memcpy.p0.p0.i64(ptr {data}, ptr {array.data}, i64 {bytes_}, i1 false)")
        else:
            plain(w, "0", array.length, lambda i: store_element(w, element, element_at(w, element, array, i), data, i))
        if self.loops:
            self.charge(array.length)

    def given(self, value: Value) -> bool:
        """Whether nobody reads an array after the present equation, which then has its memory."""
        if not self.scope.may_give(value.name):
            return False
        self.scope.gone.add(value.name)
        return True

    def take(self, value: Value, shared: frozenset[str] | set[str] = frozenset()) -> Array:
        """The array to be changed, carried or returned: itself if nobody else reads it, else a copy."""
        array, owner = self.source(value), value
        assert isinstance(value.type, ArrayType)
        while owner.name in self.resized:
            owner = self.resized[owner.name]
        there = self.source(owner)
        free = isinstance(there, Array) and there.owned and shared.isdisjoint((value.name, owner.name))
        if free and self.given(owner):
            assert isinstance(there, Array)
            return there
        return self.copy(value.type.element, array)

    def child_scope(self, region: Region, mine: set[str] | None = None) -> Scope:
        carried = set(arrays_among(region.parameters))
        return Scope.of(region.equations, region.results, carried | (mine or set()), self.viewed)


def constant(equation: Equation, lanes: int) -> str:
    value, kind = equation.attribute("value"), equation.result.type
    if isinstance(kind, FloatType):
        assert isinstance(value, str)
        return literal(kind, float.fromhex(value), lanes)
    assert isinstance(value, int)
    return literal(kind, value, lanes)
