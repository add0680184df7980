"""Building functions from Python: fresh names, inferred types."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from copy import copy

from hyperion.errors import InternalError, Span, TypeCheckError
from hyperion.ir.function import Attribute, Equation, Function, Program, Region, Value
from hyperion.ir.ops import infer, region_type
from hyperion.ir.registry import CORE, Registry
from hyperion.ir.scalars import float_text
from hyperion.ir.types import ArrayType, ComplexType, FloatType, SpecType, Type, size_names

Parameter = tuple[str, Type]


class RegionBuilder:
    """A region while it is built: `with b.region(("x", I64)) as r: ...; r.yields(value)`."""

    def __init__(self, parameters: tuple[Value, ...]) -> None:
        self.parameters = parameters
        self._equations: list[Equation] = []
        self._results: tuple[Value, ...] | None = None

    def append(self, equation: Equation) -> None:
        self._equations.append(equation)

    def yields(self, *results: Value) -> None:
        self._results = results

    @property
    def region(self) -> Region:
        if self._results is None:
            raise InternalError("HY9001", "a region was built without `yields`")
        return Region(self.parameters, tuple(self._equations), self._results)


class Builder:
    """Builds one function, of the ops and types of `registry`.

    >>> from hyperion.ir.types import I64
    >>> b = Builder("twice")
    >>> x = b.parameter("x", I64)
    >>> b.build([b.op("add.trap", x, x)]).name
    'twice'
    """

    def __init__(self, name: str, registry: Registry = CORE) -> None:
        self._name = name
        self.registry = registry
        self._parameters: list[Value] = []
        self._blocks: list[RegionBuilder] = [RegionBuilder(())]
        self._taken: dict[str, int] = {}
        self._sizes: set[str] = set()
        self.span: Span | None = None  # the span of the equations that follow

    @contextmanager
    def at(self, span: Span | None) -> Generator[None, None, None]:
        """Equations made inside get this span."""
        before, self.span = self.span, span
        try:
            yield
        finally:
            self.span = before

    def fresh(self, stem: str) -> str:
        """A name that no value of the function has: `stem`, or `stem` with a number."""
        name, number = stem, self._taken.get(stem, 0)
        while name in self._taken:
            number += 1
            name = f"{stem}.{number}"
        self._taken[stem] = number
        self._taken.setdefault(name, 0)
        return name

    def parameter(self, name: str, kind: Type) -> Value:
        value = Value(self.fresh(name), kind)
        self._parameters.append(value)
        self._sizes.update(size_names(kind))
        return value

    def build(self, results: Sequence[Value]) -> Function:
        block = self._blocks[0]
        block.yields(*results)
        return Function(self._name, tuple(self._parameters), block.region.equations, tuple(results), self.span)

    @contextmanager
    def region(self, *parameters: Parameter) -> Generator[RegionBuilder, None, None]:
        """Equations made inside go to this region."""
        block = RegionBuilder(tuple(Value(self.fresh(name), kind) for name, kind in parameters))
        self._blocks.append(block)
        try:
            yield block
        finally:
            self._blocks.pop()

    def equation(
        self,
        op: str,
        operands: Sequence[Value] = (),
        attributes: Sequence[tuple[str, Attribute]] = (),
        regions: Sequence[Region | RegionBuilder] = (),
        types: Type | Sequence[Type] | None = None,
        names: Sequence[str] = (),
    ) -> tuple[Value, ...]:
        """Appends one equation and returns its results. Raises `TypeCheckError` at the current span."""
        built = tuple(r.region if isinstance(r, RegionBuilder) else r for r in regions)
        try:
            inner = [region_type(r) for r in built]
            kinds = infer(op, [v.type for v in operands], attributes, types, inner, self.registry)
        except TypeCheckError as error:
            placed = copy(error)
            placed.span = self.span
            raise placed from None
        stems = [*names, *("v" for _ in kinds[len(names) :])]
        results = tuple(Value(self.fresh(stem), kind) for stem, kind in zip(stems, kinds, strict=True))
        self._blocks[-1].append(Equation(results, op, tuple(operands), tuple(attributes), built, self.span))
        return results

    def op(
        self,
        op: str,
        *operands: Value,
        type: Type | None = None,
        name: str = "v",
        attributes: Sequence[tuple[str, Attribute]] = (),
    ) -> Value:
        """An equation with one result."""
        (result,) = self.equation(op, operands, attributes, (), type, (name,))
        return result

    def const(self, value: bool | int | float | complex, kind: Type, name: str = "c") -> Value:
        """A literal; a Python number takes the form that `kind` asks for. A complex one takes three equations."""
        if isinstance(kind, ComplexType):
            number = complex(value)
            parts = [self.const(part, kind.part, name) for part in (number.real, number.imag)]
            return self.op("complex", *parts, name=name)
        if isinstance(value, complex):
            raise TypeCheckError("HY6022", f"{value} is not a value of {kind}", self.span)
        floating = isinstance(kind, FloatType) or kind == SpecType("real")
        literal = float_text(float(value)) if floating else value
        return self.op("const", type=kind, name=name, attributes=(("value", literal),))

    def call(self, callee: Function, *operands: Value, types: Sequence[Type] | None = None) -> tuple[Value, ...]:
        """A call; `types` are its result types where the callee's sizes have other names here."""
        kinds = tuple(v.type for v in callee.results) if types is None else types
        return self.equation("call", operands, (("callee", callee.name),), (), kinds)

    def fill(self, count: Value, value: Value, name: str = "a") -> Value:
        """A new 1-d array; its size gets a fresh name."""
        return self.op("fill", count, value, type=ArrayType(value.type, (self.size(),)), name=name)

    def size(self) -> str:
        """A name that no size of the function has so far."""
        number = next(i for i in range(len(self._sizes) + 1) if f"size{i}" not in self._sizes)
        self._sizes.add(f"size{number}")
        return f"size{number}"

    def if_(self, condition: Value, then: RegionBuilder, otherwise: RegionBuilder) -> tuple[Value, ...]:
        return self.equation("if", (condition,), (), (then, otherwise))

    def for_(self, bounds: Sequence[Value], initial: Sequence[Value], body: RegionBuilder) -> tuple[Value, ...]:
        """`bounds` are lo, hi and step of Python's range."""
        return self.equation("for", (*bounds, *initial), (), (body,))

    def while_(self, initial: Sequence[Value], condition: RegionBuilder, body: RegionBuilder) -> tuple[Value, ...]:
        return self.equation("while", initial, (), (condition, body))

    def fold(
        self, arrays: Sequence[Value], initial: Sequence[Value], body: RegionBuilder | Region, names: Sequence[str] = ()
    ) -> tuple[Value, ...]:
        return self.equation("fold", (*arrays, *initial), (("arrays", len(arrays)),), (body,), None, names)

    def par_reduce(
        self,
        arrays: Sequence[Value],
        initial: Sequence[Value],
        regions: Sequence[RegionBuilder | Region],
        lanes: int,
        piece: int,
    ) -> tuple[Value, ...]:
        """`regions` are lift, mul, act and, where wanted, guard."""
        attributes = (("arrays", len(arrays)), ("lanes", lanes), ("piece", piece))
        return self.equation("par.reduce", (*arrays, *initial), attributes, regions)

    def par_power(
        self, bounds: Sequence[Value], initial: Sequence[Value], regions: Sequence[RegionBuilder | Region]
    ) -> tuple[Value, ...]:
        return self.equation("par.power", (*bounds, *initial), (), regions)


def program(main: Function, *others: Function, registry: Registry = CORE) -> Program:
    """A program with `main` as its entry."""
    return Program({f.name: f for f in (main, *others)}, main.name, registry)
