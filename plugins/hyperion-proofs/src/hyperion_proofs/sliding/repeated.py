"""Untrusted. Products that were made for another loop already are not made again."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from hyperion.ir.function import Equation, Region, Value
from hyperion.ir.ops import is_total
from hyperion.ir.types import ArrayType, Type
from hyperion_proofs.emission import substituted


def without_repeated(
    before: Sequence[Equation], made: Sequence[Equation]
) -> tuple[tuple[Equation, ...], dict[Value, Value]]:
    """The equations of `made` that say something else than those before them, and for the results of the others, which
    values they are. Arrays that are equal may have sizes of different names; they are taken for one."""
    seen: dict[Hashable, tuple[Value, ...]] = {}
    known: dict[Value, Value] = {}
    for e in before:
        seen.setdefault(_form(e, {}), e.results)
    kept: list[Equation] = []
    for e in made:
        (e,) = substituted(Region((), (e,), ()), known).equations
        form = _form(e, {})
        found = seen.setdefault(form, e.results) if is_total(e) else e.results
        if found == e.results:
            kept.append(e)
        known |= {r: f for r, f in zip(e.results, found, strict=True) if r != f}
    return tuple(kept), known


def _form(e: Equation, numbers: Mapping[Value, int]) -> Hashable:
    """What two equations have in common that say the same; `numbers` stand for values of regions around."""
    operands = tuple(numbers.get(v, v.name) for v in e.operands)
    regions = tuple(_region_form(r, dict(numbers)) for r in e.regions)
    return e.op, operands, e.attributes, tuple(_kind(r.type) for r in e.results), regions


def _region_form(region: Region, numbers: dict[Value, int]) -> Hashable:
    for p in region.parameters:
        numbers[p] = len(numbers)
    equations: list[Hashable] = []
    for e in region.equations:
        equations.append(_form(e, numbers))
        for r in e.results:
            numbers[r] = len(numbers)
    parameters = tuple(_kind(p.type) for p in region.parameters)
    return parameters, tuple(equations), tuple(numbers.get(v, v.name) for v in region.results)


def _kind(kind: Type) -> Hashable:
    return ("array", kind.element, len(kind.shape)) if isinstance(kind, ArrayType) else kind
