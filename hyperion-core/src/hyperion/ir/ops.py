"""The operations of the IR: one table with signature, type rule, traps, scalar meaning and documentation.

Codegen plugins register lowerings per (op, target) elsewhere; nothing here knows a target.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hyperion.errors import TypeCheckError
from hyperion.ir.diagnostics import did_you_mean, shortened
from hyperion.ir.function import Attribute, Equation, Region
from hyperion.ir.op_table import OpDef
from hyperion.ir.partition import pieces
from hyperion.ir.registry import CORE, Registry, lookup
from hyperion.ir.scalars import Number, Trap, TrapKind
from hyperion.ir.type_rules import RegionType, Types, Use
from hyperion.ir.types import ArrayType, FloatType, Type

__all__ = [
    "CORE", "OPS", "OpDef", "RegionType", "Registry", "Trap", "TrapKind", "evaluate", "infer", "is_scalar_op",
    "is_total", "lookup", "made_sizes", "pieces", "region_type", "traps_of",
]  # fmt: skip

OPS = CORE.ops
"""The ops of the core by name; a program may have more, in its `registry`."""


def infer(
    op: str,
    operand_types: Sequence[Type],
    attributes: Iterable[tuple[str, Attribute]] = (),
    result_type_hint: Type | Sequence[Type] | None = None,
    regions: Sequence[RegionType] = (),
    registry: Registry = CORE,
) -> tuple[Type, ...]:
    """The result types of one use of `op`.

    `result_type_hint` is needed by const, the casts, call and what makes sizes, whose result type is a choice. Raises
    `TypeCheckError` without a span; `SizeError`, one of them, says which sizes differ.

    >>> from hyperion.ir.types import I64
    >>> [str(t) for t in infer("lt", (I64, I64))]
    ['bool']
    """
    definition = lookup(op, registry)
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
            notes = (f"its attributes: {', '.join(definition.attributes) or 'none'}",)
            hints = did_you_mean(name, definition.attributes)
            raise TypeCheckError("HY6014", f"{use.op} has no attribute {shortened(name)}", notes=notes, hints=hints)
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


def evaluate(
    op: str, values: Sequence[Number], types: Sequence[Type], result: Type, registry: Registry = CORE
) -> Number:
    """The value of a scalar op on Python values (see `hyperion.ir.scalars`). Raises `Trap`.

    >>> from hyperion.ir.types import I8
    >>> evaluate("add.wrap", (127, 1), (I8, I8), I8)
    -128
    """
    function = lookup(op, registry).evaluate
    if function is None:
        raise ValueError(f"{op} is not a scalar op")
    return function(tuple(values), tuple(types), result)


def is_scalar_op(op: str, registry: Registry = CORE) -> bool:
    """Whether the op maps scalars to one scalar, by `evaluate`."""
    found = registry.ops.get(op)
    return found is not None and found.evaluate is not None


def is_total(equation: Equation, registry: Registry = CORE) -> bool:
    """Whether the equation always ends with values: it neither traps nor diverges, nor does a region of it.

    An unchecked op is not total: it has a value only where a theorem says so, at the place where it stands.
    """
    definition = registry.ops.get(equation.op)
    if definition is None or definition.diverges or definition.unchecked:
        return False
    inner = (e for region in equation.regions for e in region.equations)
    return not traps_of(equation, registry) and all(is_total(e, registry) for e in inner)


def traps_of(equation: Equation, registry: Registry = CORE) -> tuple[TrapKind, ...]:
    """The traps that the equation's own step may end in; fewer than those of its op where attributes rule some out."""
    traps = lookup(equation.op, registry).traps
    match equation.op:
        case "fold" | "par.reduce" | "pieces.summaries" if equation.attribute("arrays") == 1:
            return ()  # the only trap is arrays of different lengths
        case "contract" if _same_sizes(equation):
            return ()  # as above
        case "reduce":
            inner = registry.ops.get(str(equation.attribute("monoid")))
            return inner.traps if inner is not None else traps
        case "concat":
            kind, axis = equation.results[0].type, equation.attribute("axis")
            declared = kind.shape[axis] if isinstance(kind, ArrayType) and isinstance(axis, int) else 0
            return () if isinstance(declared, str) else traps
        case _:
            return traps


def _same_sizes(equation: Equation) -> bool:
    """Whether the types of the operands of a contraction say that the contracted sizes are equal."""
    shapes = [v.type.shape if isinstance(v.type, ArrayType) else () for v in equation.operands[:2]]
    axes = [equation.attribute(side, ()) for side in ("left", "right")]
    pairs = zip(shapes, axes, strict=True)
    sizes = [[shape[k] for k in a] for shape, a in pairs if isinstance(a, tuple)]
    return sizes[0] == sizes[-1]


def made_sizes(equation: Equation, registry: Registry = CORE) -> Iterator[str]:
    """The size names that the equation introduces; none of them may be known before it."""
    definition = registry.ops.get(equation.op)
    if definition is None or not definition.makes_sizes or not equation.results:
        return
    kind = equation.results[0].type
    if not isinstance(kind, ArrayType):
        return
    for axis, size in enumerate(kind.shape):
        if isinstance(size, str) and (definition.makes_sizes == "every axis" or axis == equation.attribute("axis")):
            yield size
