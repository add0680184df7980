"""Products of many factors with fewer multiplications: each factor is squared before the others are multiplied in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Final, TypeAlias

from hyperion.ir.function import Equation, Value
from hyperion.ir.types import IntType, Type
from hyperion_passes.expressions import functions
from hyperion_passes.laws import Law
from hyperion_passes.sites import Definitions, Laws, Site

MOST_FACTORS: Final = 16

Powers: TypeAlias = Mapping[str, int]


def products(root: Equation, definitions: Definitions) -> Iterator[Site]:
    """The product that `root` finishes, if it can have fewer multiplications. It consists of what only it needs."""
    if root.op != ("mul.wrap" if isinstance(root.results[0].type, IntType) else "mul") or root.attributes:
        return
    factors: dict[Value, str] = {}
    inner: list[str] = []

    def text(v: Value) -> str:
        e = definitions.of(v)
        full = len(inner) + 2 == MOST_FACTORS
        if full or e is None or e.op != root.op or e.attributes or definitions.uses[v.name] != 1:
            return factors.setdefault(v, f"x{len(factors)}")
        inner.append(v.name)
        return f"({e.op} {' '.join(map(text, e.operands))})"

    whole = f"({root.op} {' '.join(map(text, root.operands))})"
    if len(inner) >= 2:
        law = _law(whole, root.op, root.result.type)
        for site in Laws([law])(root, definitions) if law is not None else ():
            yield replace(site, inner=site.inner.union(inner))


@cache
def _law(whole: str, op: str, kind: Type) -> Law | None:
    """The law for a product written as an expression; None where squaring saves nothing."""
    names = whole.replace("(", " ").replace(")", " ").split()
    powers = Counter(name for name in names if name != op)
    law = Law(*functions(f"(= {whole} {_squared(powers, op)})", {}, kind))
    return law if len(law.after.equations) < powers.total() - 1 else None


def _squared(powers: Powers, op: str) -> str:
    """The product of powers: what is left over from the squares, times the square of the square root of the rest."""
    parts = [name for name, n in powers.items() if n % 2]
    root = {name: n // 2 for name, n in powers.items() if n > 1}
    if root:
        half = _squared(root, op)
        parts.append(f"({op} {half} {half})")
    whole = parts[-1]
    for part in reversed(parts[:-1]):
        whole = f"({op} {part} {whole})"
    return whole
