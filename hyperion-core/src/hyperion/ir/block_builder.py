"""Names, regions and equations of a function while it is built; `hyperion.ir.builder` has a method for each form."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from copy import copy

from hyperion.errors import InternalError, Span, TypeCheckError
from hyperion.ir.function import Attribute, Equation, Function, Region, Value
from hyperion.ir.ops import infer, region_type
from hyperion.ir.registry import CORE, Registry
from hyperion.ir.scalars import float_text
from hyperion.ir.types import ComplexType, FloatType, SpecType, Type, size_names

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


class BlockBuilder:
    """Builds one function, of the ops and types of `registry`, equation by equation."""

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
        self._sizes.update(name for kind in kinds for name in size_names(kind))
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

    def size(self) -> str:
        """A name that no size of the function has so far."""
        number = next(i for i in range(len(self._sizes) + 1) if f"size{i}" not in self._sizes)
        self._sizes.add(f"size{number}")
        return f"size{number}"
