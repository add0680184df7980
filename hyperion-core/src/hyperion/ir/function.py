"""Functions in A-normal form: immutable values, equations, regions and functions.

    function ::= name parameters equations results
    equation ::= results "=" op operands attributes regions
    region   ::= parameters equations results

A region may use the values of the scopes around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from hyperion.errors import Span
from hyperion.ir.types import Type

if TYPE_CHECKING:
    from hyperion.ir.registry import Registry

Attribute = bool | int | float | str | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """A named result or parameter. Names are unique within a function."""

    name: str
    type: Type

    def __str__(self) -> str:
        return f"%{self.name}"


@dataclass(frozen=True, slots=True)
class Region:
    """A lambda block: `^(parameters): equations; yield results`."""

    parameters: tuple[Value, ...]
    equations: tuple[Equation, ...]
    results: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Equation:
    """`results = op operands {attributes} (regions)`. The span takes no part in equality."""

    results: tuple[Value, ...]
    op: str
    operands: tuple[Value, ...] = ()
    attributes: tuple[tuple[str, Attribute], ...] = ()
    regions: tuple[Region, ...] = ()
    span: Span | None = field(default=None, compare=False)

    @property
    def result(self) -> Value:
        """The only result."""
        (value,) = self.results
        return value

    def attribute(self, name: str, default: Attribute | None = None) -> Attribute | None:
        return next((v for k, v in self.attributes if k == name), default)


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the IR; denotes an outcome `ok v | trap | diverge`."""

    name: str
    parameters: tuple[Value, ...]
    equations: tuple[Equation, ...]
    results: tuple[Value, ...]
    span: Span | None = field(default=None, compare=False)

    def renamed(self, name: str) -> Function:
        return replace(self, name=name)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from hyperion.ir.pictures import html  # on use: only notebooks need it

        return html(self)


@dataclass(frozen=True, slots=True)
class SourceText:
    """The text that a program was read from, and the name of its file."""

    text: str
    file: str


@dataclass(frozen=True, slots=True)
class Program:
    """Functions that may call each other by name; `entry` is the one that is run. Recursion is not allowed.

    `registry` has the ops and types that the functions use; whoever makes a program from another keeps it
    (`dataclasses.replace`). `source` is the text that it was read from, for the places in errors.
    """

    functions: Mapping[str, Function]
    entry: str
    registry: Registry = field(default_factory=lambda: _core(), compare=False, repr=False)
    source: SourceText | None = field(default=None, compare=False, repr=False)

    @property
    def main(self) -> Function:
        return self.functions[self.entry]

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from hyperion.ir.pictures import html  # on use: only notebooks need it

        return html(self)


def _core() -> Registry:
    from hyperion.ir.registry import CORE  # the registry is made of type rules, which know functions

    return CORE


def walk(equations: tuple[Equation, ...]) -> Iterator[Equation]:
    """Every equation, outer before inner, in order."""
    for equation in equations:
        yield equation
        for region in equation.regions:
            yield from walk(region.equations)


def outside_loops(equations: Iterable[Equation]) -> Iterator[Equation]:
    """The equations that are in no loop: those of a block, and of the branches in it."""
    for e in equations:
        yield e
        if e.op == "if":
            yield from (inner for region in e.regions for inner in outside_loops(region.equations))


def values_of(function: Function) -> Iterator[Value]:
    """Every value that the function defines: parameters, results of equations, parameters of regions."""
    yield from function.parameters
    for equation in walk(function.equations):
        yield from equation.results
        for region in equation.regions:
            yield from region.parameters
