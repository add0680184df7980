"""The operations of the IR: one table with signature, type rule, traps, scalar meaning and documentation.

Codegen plugins register lowerings per (op, target) elsewhere; nothing here knows a target.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from hyperion.errors import TypeCheckError
from hyperion.ir.function import Attribute, Equation, Region
from hyperion.ir.op_table import OpDef, table
from hyperion.ir.partition import pieces
from hyperion.ir.scalars import Number, Trap, TrapKind
from hyperion.ir.type_rules import RegionType, Types, Use
from hyperion.ir.types import FloatType, Type

__all__ = [
    "OPS", "OpDef", "RegionType", "Trap", "TrapKind", "evaluate", "infer", "is_scalar_op", "is_total", "lookup",
    "pieces", "region_type",
]  # fmt: skip

OPS: Mapping[str, OpDef] = MappingProxyType({op.name: op for op in table()})


def lookup(name: str) -> OpDef:
    """The definition of an op. Raises `TypeCheckError` (HY6010) with the nearest names."""
    found = OPS.get(name)
    if found is not None:
        return found
    near = difflib.get_close_matches(name, OPS, n=3) or [op for op in OPS if op.split(".")[0] == name.split(".")[0]]
    raise TypeCheckError("HY6010", f"there is no op {name}", hints=[f"did you mean {', '.join(near)}?"] if near else ())


def infer(
    op: str,
    operand_types: Sequence[Type],
    attributes: Iterable[tuple[str, Attribute]] = (),
    result_type_hint: Type | Sequence[Type] | None = None,
    regions: Sequence[RegionType] = (),
) -> tuple[Type, ...]:
    """The result types of one use of `op`.

    `result_type_hint` is needed by const, the casts, fill and call, whose result type is a choice. Raises
    `TypeCheckError` without a span.

    >>> from hyperion.ir.types import I64
    >>> [str(t) for t in infer("lt", (I64, I64))]
    ['bool']
    """
    definition = lookup(op)
    hint = _types(result_type_hint)
    use = Use(op, tuple(operand_types), dict(attributes), hint, tuple(regions))
    _check_attributes(definition, use)
    _check_region_count(definition, use)
    return definition.rule(use)


def _types(hint: Type | Sequence[Type] | None) -> Types | None:
    if hint is None:
        return None
    return tuple(hint) if isinstance(hint, Sequence) else (hint,)


def _check_attributes(definition: OpDef, use: Use) -> None:
    for name, value in use.attributes.items():
        if name not in definition.attributes:
            known = ", ".join(definition.attributes) or "none"
            raise TypeCheckError("HY6014", f"{use.op} has no attribute {name}", notes=(f"its attributes: {known}",))
        if name == "fp":
            _check_relaxation(use, value)


def _check_relaxation(use: Use, value: Attribute) -> None:
    if value != "reassoc":
        raise TypeCheckError("HY6014", f'fp is "reassoc" or absent, not {value!r}')
    if use.operands and not isinstance(use.operands[0], FloatType):
        raise TypeCheckError("HY6014", f"fp is for floats, the operands of {use.op} are {use.operands[0]}")


def _check_region_count(definition: OpDef, use: Use) -> None:
    most, given = len(definition.regions), len(use.regions)
    least = most - definition.optional_regions
    if not least <= given <= most:
        names = ", ".join(definition.regions) or "none"
        raise TypeCheckError("HY6015", f"{use.op} has {given} regions, expected {most}", notes=(f"regions: {names}",))


def region_type(region: Region) -> RegionType:
    return RegionType(tuple(v.type for v in region.parameters), tuple(v.type for v in region.results))


def evaluate(op: str, values: Sequence[Number], types: Sequence[Type], result: Type) -> Number:
    """The value of a scalar op on Python values (see `hyperion.ir.scalars`). Raises `Trap`.

    >>> from hyperion.ir.types import I8
    >>> evaluate("add.wrap", (127, 1), (I8, I8), I8)
    -128
    """
    function = lookup(op).evaluate
    if function is None:
        raise ValueError(f"{op} is not a scalar op")
    return function(tuple(values), tuple(types), result)


def is_scalar_op(op: str) -> bool:
    """Whether the op maps scalars to one scalar, by `evaluate`."""
    found = OPS.get(op)
    return found is not None and found.evaluate is not None


def is_total(equation: Equation) -> bool:
    """Whether the equation always ends with values: it neither traps nor diverges, nor does a region of it."""
    definition = OPS.get(equation.op)
    if definition is None or definition.diverges:
        return False
    traps = definition.traps
    if equation.op == "fold" and equation.attribute("arrays") == 1:
        traps = ()  # the only trap is arrays of different lengths
    return not traps and all(is_total(inner) for region in equation.regions for inner in region.equations)
