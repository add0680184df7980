"""Writing the text form; its grammar is in docs/reference/ir.md.

One equation stands on a line, in order, with the attributes as they are stored, so that equal functions have equal
texts and a difference of the texts shows what differs. Printing what the parser read, and parsing what the printer
wrote, give the same function.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import pairwise

from hyperion.ir.function import Attribute, Equation, Function, Program, Region, Value
from hyperion.ir.scalars import float_text
from hyperion.ir.type_rules import LARGEST_LITERAL
from hyperion.ir.types import TupleType, Type

# Result types that follow from the operands or the regions at a glance are not printed.
UNTYPED = frozenset(
    (
        "eq", "ne", "lt", "le", "gt", "ge", "get", "get.unchecked", "update", "update.unchecked", "if", "attempt",
        "for", "while", "fold", "scan", "map", "recurse", "par.reduce", "par.scan", "par.power", "pieces.scan",
    )
)  # fmt: skip
GROUPED = frozenset(("fold", "scan", "map", "par.reduce", "par.scan", "par.windows", "pieces.summaries", "pieces.scan"))
"""Ops that go over arrays: `op (arrays), (initial values)`; the attribute `arrays` counts the first group."""


STATELESS = frozenset(("map", "pieces.summaries"))
_IN_SYNTAX = {"const": "value", "call": "callee", **dict.fromkeys(GROUPED, "arrays")}  # attributes that operands show


def print_program(program: Program) -> str:
    """Every function, the entry first."""
    rest = [f for name, f in program.functions.items() if name != program.entry]
    return "\n".join(print_function(f) for f in (program.main, *rest))


def print_function(function: Function) -> str:
    return "".join(f"{line}\n" for line, _ in lines(function))


def lines(function: Function) -> Iterator[tuple[str, Equation | None]]:
    """The lines of the text form; the first line of an equation comes with it."""
    results = types_text(tuple(v.type for v in function.results))
    yield f"func @{function.name}({_parameters(function.parameters)}) -> {results} {{", None
    yield from _equations(function.equations, "  ")
    yield f"  {_leave('return', function.results)}", None
    yield "}", None


def _equations(equations: tuple[Equation, ...], indent: str) -> Iterator[tuple[str, Equation | None]]:
    for equation in equations:
        first = f"{indent}{head(equation)}"
        if not equation.regions:
            yield first, equation
            continue
        yield f"{first} {{", equation
        for region, following in pairwise((*equation.regions, None)):
            assert region is not None
            yield from _region(region, f"{indent}  ")
            yield (f"{indent}}}" if following is None else f"{indent}}} {{"), None


def _region(region: Region, indent: str) -> Iterator[tuple[str, Equation | None]]:
    inner = indent
    if region.parameters:
        yield f"{indent}^({_parameters(region.parameters)}):", None
        inner = f"{indent}  "
    yield from _equations(region.equations, inner)
    yield f"{inner}{_leave('yield', region.results)}", None


def head(equation: Equation, typed: bool = True) -> str:
    """An equation without its regions."""
    left = f"{_values(equation.results)} = " if equation.results else ""
    operands = _operands(equation)
    hidden = _IN_SYNTAX.get(equation.op)
    shown = [(k, v) for k, v in equation.attributes if k != hidden]
    attributes = f" {{{', '.join(f'{k} = {attribute_text(v)}' for k, v in shown)}}}" if shown else ""
    kinds = tuple(v.type for v in equation.results)
    types = "" if equation.op in UNTYPED or not typed else f" : {types_text(kinds)}"
    return f"{left}{equation.op}{operands and ' '}{operands}{attributes}{types}"


def _operands(equation: Equation) -> str:
    values = equation.operands
    match equation.op:
        case "const":
            return literal_text(equation.attribute("value"))
        case "call":
            return f"@{equation.attribute('callee')}({_values(values)})"
        case op if op in GROUPED:
            return _groups(equation)
        case "for" | "par.power":
            return f"{_values(values[:3])}, ({_values(values[3:])})"
        case "while":
            return f"({_values(values)})"
        case _:
            return _values(values)


def _groups(equation: Equation) -> str:
    """The arrays, and behind them the initial values; those without a state have none."""
    arrays = equation.attribute("arrays")
    cut = arrays if isinstance(arrays, int) else 0
    rest = equation.operands[cut:]
    first = f"({_values(equation.operands[:cut])})"
    return first if equation.op in STATELESS and not rest else f"{first}, ({_values(rest)})"


def _values(values: Iterable[Value]) -> str:
    return ", ".join(map(str, values))


def _parameters(values: Iterable[Value]) -> str:
    return ", ".join(f"{v}: {v.type}" for v in values)


def _leave(word: str, values: tuple[Value, ...]) -> str:
    return f"{word} {_values(values)}" if values else word


def types_text(types: tuple[Type, ...]) -> str:
    if len(types) == 1 and not isinstance(types[0], TupleType):
        return str(types[0])
    return f"({', '.join(map(str, types))})"


def literal_text(value: Attribute | None) -> str:
    """A literal as `const` shows it: hexadecimal floats without trailing zeros."""
    match value:
        case bool():
            return "true" if value else "false"
        case str() if "x" in value and "p" in value:
            digits, exponent = value.split("p")
            whole, _, fraction = digits.partition(".")
            fraction = fraction.rstrip("0") or "0"
            return f"{whole}.{fraction}p{exponent}"
        case int():
            return _whole(value)
        case _:
            return str(value)


def attribute_text(value: Attribute) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return _whole(value)
        case float():
            return float_text(value)
        case str():
            return json.dumps(value)
        case tuple():
            return f"[{', '.join(map(_whole, value))}]"


def _whole(value: int) -> str:
    """Decimal; what no literal may be and Python would not write, hexadecimal."""
    return str(value) if value.bit_length() <= LARGEST_LITERAL else hex(value)
