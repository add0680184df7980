"""The summaries of pieces that a par.reduce left, for a par.scan of the same arrays to start from.

A guard of every element runs as a par.reduce before the par.scan that it guards. Both summarise the same pieces in the
same way, so the scan goes over its input once, not twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hyperion.ir.function import Equation, Region, Value
from hyperion_llvm.lowering import Lowering


@dataclass(frozen=True, slots=True)
class Summaries:
    """Where they lie, how many there are, and the cut that they are of."""

    place: str
    total: str
    cut: object


def keep(lowering: Lowering, equation: Equation, found: Summaries) -> None:
    """Keeps what every later equation of the function may use: so does nothing in a branch or a loop."""
    key = _key(equation, equation.regions[0], equation.regions[1])
    if key is not None and any(e is equation for e in lowering.function.equations):
        lowering.summarised[key] = found


def kept(lowering: Lowering, equation: Equation) -> Summaries | None:
    """What a par.reduce left for this par.scan."""
    key = _key(equation, equation.regions[1], equation.regions[2])
    found = lowering.summarised.get(key) if key is not None else None
    assert found is None or isinstance(found, Summaries)
    return found


def _key(equation: Equation, lift: Region, multiply: Region) -> object:
    """Equal for equal summaries of equal pieces; None where regions are not compared."""
    count = equation.attribute("arrays")
    assert isinstance(count, int)
    parts = [_form(r) for r in (lift, multiply)]
    cut = equation.attribute("lanes"), equation.attribute("piece")
    return (equation.operands[:count], cut, *parts) if all(parts) else None


def _form(region: Region) -> object:
    """A straight-line region with numbers for the names of its own values."""
    own: dict[Value, int] = {v: n for n, v in enumerate(region.parameters)}
    lines: list[object] = []
    for e in region.equations:
        if e.regions:
            return None
        lines.append((e.op, _names(own, e.operands), e.attributes, tuple(r.type for r in e.results)))
        own |= {v: n for n, v in enumerate(e.results, len(own))}
    return tuple(v.type for v in region.parameters), tuple(lines), _names(own, region.results)


def _names(own: dict[Value, int], values: Sequence[Value]) -> tuple[object, ...]:
    return tuple(own.get(v, v) for v in values)
