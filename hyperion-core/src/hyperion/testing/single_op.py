"""Programs of one operation, for tests of what it means."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from hyperion.ir.builder import Builder, RegionBuilder
from hyperion.ir.builder import program as program_of
from hyperion.ir.function import Attribute, Program, Value
from hyperion.ir.parser import parse_program
from hyperion.ir.types import Type

Body = Callable[..., Sequence[Value]]
"""Of a region: takes the builder and the region's parameters, gives its yields."""


@cache
def type_of(text: str) -> Type:
    """The type that the text form writes so: `f64[n, 3]`."""
    return parse_program(f"func @f(%x: {text}) -> () {{ return }}").main.parameters[0].type


def single_op(
    op: str,
    operands: Sequence[str],
    results: str | Sequence[str] | None = None,
    attributes: Mapping[str, Attribute] | None = None,
    regions: Sequence[tuple[Sequence[str], Body]] = (),
) -> Program:
    """A function of the operands that returns the results of one equation. Types are in the text form; a region is its
    parameter types and its body.

    >>> from hyperion.ir.printer import print_program
    >>> print(print_program(single_op("add.wrap", ["i8", "i8"])).strip())
    func @f(%x0: i8, %x1: i8) -> i8 {
      %v = add.wrap %x0, %x1 : i8
      return %v
    }
    """
    builder = Builder("f")
    values = [builder.parameter(f"x{i}", type_of(kind)) for i, kind in enumerate(operands)]
    if isinstance(results, str):
        results = (results,)
    kinds = None if results is None else [type_of(kind) for kind in results]
    built = [_region(builder, parameters, body) for parameters, body in regions]
    found = builder.equation(op, values, list((attributes or {}).items()), built, kinds)
    return program_of(builder.build(found))


def _region(builder: Builder, parameters: Sequence[str], body: Body) -> RegionBuilder:
    named = ((f"p{i}", type_of(kind)) for i, kind in enumerate(parameters))
    with builder.region(*named) as block:
        block.yields(*body(builder, *block.parameters))
    return block
