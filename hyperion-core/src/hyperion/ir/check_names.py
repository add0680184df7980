"""Whether the text form can write a function: its names, types and attributes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hyperion.ir import printer
from hyperion.ir.diagnostics import MAX_DEPTH, did_you_mean, shortened
from hyperion.ir.function import Attribute, Equation, Function, Value, values_of, walk
from hyperion.ir.lexer import LARGEST_SIZE, LONGEST_NAME, LONGEST_STRING, NAME, SIZE
from hyperion.ir.printer import GROUPED
from hyperion.ir.type_rules import LARGEST_LITERAL
from hyperion.ir.types import ArrayType, TupleType, Type


@dataclass(frozen=True, slots=True)
class Finding:
    """An error at an equation, or at the function where there is none; `name` is the value that it is about."""

    code: str
    message: str
    hints: tuple[str, ...]
    equation: Equation | None = None
    name: str = ""


def name_errors(
    function: Function, types: Mapping[str, Type], unknown: Type | None, fine: set[tuple[object, ...]]
) -> Iterator[Finding]:
    """`types` are the scalar types by name; a value of the type `unknown` is passed over. `fine` gains the ops with
    attributes, by identity, that have no error, and those in it are not looked at again."""
    if not _is_name(function.name):
        yield Finding("HY6005", f"@{shortened(function.name)} is not a name", _NAME_HINT)
    if not _are_fine(list(values_of(function)), types, unknown):
        yield from _value_errors(function, types, unknown)
    for equation in walk(function.equations):
        if not equation.attributes:
            continue
        key = equation.op, id(equation.attributes)
        if key not in fine:
            errors = list(_attribute_errors(equation))
            yield from errors
            if not errors:
                fine.add(key)


_NAME_HINT = (f"use letters, digits, _ . $, {LONGEST_NAME} at most",)


def _are_fine(values: list[Value], types: Mapping[str, Type], unknown: Type | None) -> bool:
    """Whether there is nothing to say about the values, found out for all of them together, which is quicker."""
    names = [value.name for value in values]
    kinds = {id(value.type): value.type for value in values}
    return (
        len(set(names)) == len(names)
        and max(map(len, names), default=0) <= LONGEST_NAME
        and all(map(NAME.fullmatch, names))
        and id(unknown) not in kinds
        and all(is_writable(kind, types) for kind in kinds.values())
    )


def _value_errors(function: Function, types: Mapping[str, Type], unknown: Type | None) -> Iterator[Finding]:
    checked: dict[Type, bool] = {}
    seen: set[str] = set()
    for value, owner in _defined(function):
        if value.type is unknown:
            seen.add(value.name)
            continue
        if not _is_name(value.name):
            yield Finding("HY6005", f"%{shortened(value.name)} is not a name", _NAME_HINT, owner, value.name)
        if value.name in seen:
            message = f"%{shortened(value.name)} is defined twice in @{shortened(function.name)}"
            yield Finding("HY6004", message, ("give one of them another name",), owner, value.name)
        seen.add(value.name)
        kind = value.type
        writable = checked.get(kind)
        if writable is None:
            writable = checked[kind] = is_writable(kind, types)
        if not writable:
            message = f"%{value.name} has the type {shortened(str(kind))}, which the IR does not have"
            hints = did_you_mean(str(kind), types) or (f"types: {', '.join(types)}",)
            yield Finding("HY6024", message, hints, owner, value.name)


def _is_name(name: str) -> bool:
    return len(name) <= LONGEST_NAME and NAME.fullmatch(name) is not None


def _defined(function: Function) -> Iterator[tuple[Value, Equation | None]]:
    """Every value that the function defines, with the equation that it stands at."""
    for value in function.parameters:
        yield value, None
    for equation in walk(function.equations):
        for value in equation.results:
            yield value, equation
        for region in equation.regions:
            for value in region.parameters:
                yield value, equation


def is_writable(kind: Type, types: Mapping[str, Type], depth: int = 0) -> bool:
    """Whether the text form can write the type."""
    match kind:
        case TupleType():
            return depth < MAX_DEPTH and all(is_writable(element, types, depth + 1) for element in kind.elements)
        case ArrayType():
            scalar = types.get(str(kind.element)) == kind.element
            return scalar and kind.shape != () and all(map(_is_size, kind.shape))
        case _:
            return types.get(str(kind)) == kind


def _is_size(size: int | str) -> bool:
    if isinstance(size, int):
        return 0 <= size <= LARGEST_SIZE
    return len(size) <= LONGEST_NAME and SIZE.fullmatch(size) is not None


def _attribute_errors(equation: Equation) -> Iterator[Finding]:
    seen: set[str] = set()
    for name, value in equation.attributes:
        if name in seen:
            message = f"the attribute {shortened(name)} of {equation.op} is given twice"
            yield Finding("HY6014", message, ("leave one of them out",), equation)
        seen.add(name)
        if not _is_attribute(value):
            message = f"the attribute {shortened(name)} of {shortened(equation.op)} cannot be written"
            kinds = "a bool, a float, a string, a whole number or a tuple of them"
            hints = (f"use {kinds}; {LARGEST_LITERAL} bits and {LONGEST_STRING} characters at most",)
            yield Finding("HY6014", message, hints, equation)
    if equation.op in GROUPED and "arrays" in seen and equation.attributes[0][0] != "arrays":
        hints = ("the text form shows it before the others",)
        yield Finding("HY6014", f"the attribute arrays of {equation.op} does not come first", hints, equation)


def _is_attribute(value: Attribute) -> bool:
    if type(value) is tuple:
        return all(type(i) is int and i.bit_length() <= LARGEST_LITERAL for i in value)
    if type(value) is int:
        return value.bit_length() <= LARGEST_LITERAL
    if type(value) is str:
        return len(printer.attribute_text(value)) <= LONGEST_STRING
    return type(value) in (bool, float)
