"""The one fold that does the work of a scan and of the fold over what it makes.

    %l, %ys = scan (%xs), (%a) {                        %l, %r = fold (%xs), (%a, %b) {
      ^(%x: T, %s: S): A yield %s1, %y }                  ^(%x: T, %s: S, %t: R):
    %r = fold (%ys), (%b) {                     -->         A, B with %y for %e
      ^(%e: U, %t: R): B yield %t1 }                        yield %s1, %t1 }

Of several traps the first is seen, so one of the two may not trap. Where that is the scan, the one fold stands where
the fold stood, and nothing before it may use the scan's states; where it is the fold, the one stands where the scan
stood, before which all that the fold uses must be known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from hyperion.ir.function import Equation, Region, Value, walk
from hyperion.ir.ops import Registry, is_total
from hyperion_passes.rewriting import Renaming

_ONE_ARRAY: Final = (("arrays", 1),)


def scan_below(fold: Equation, before: Sequence[Equation], uses: Counter[str]) -> Equation | None:
    """The scan of one array among the equations `before` that makes the array of the fold, and no other that is used.

    Only the fold uses that array, and only to run over it.
    """
    if fold.op != "fold" or fold.attributes != _ONE_ARRAY or not fold.results:
        return None
    for e in before:
        if e.op == "scan" and e.attributes == _ONE_ARRAY and fold.operands[0] in arrays_of(e):
            return e if sum(uses[v.name] for v in arrays_of(e)) == 1 else None
    return None


def arrays_of(scan: Equation) -> tuple[Value, ...]:
    """The arrays that a scan of one array makes."""
    return scan.results[len(scan.operands) - 1 :]


def at_fold(fold: Equation, scan: Equation, before: Sequence[Equation], registry: Registry) -> bool:
    """Whether the one fold can stand where the fold stands; `before` are the equations between the two."""
    states = {v.name for v in scan.results}
    rest = replace(fold, operands=fold.operands[1:])
    return is_total(scan, registry) and not any(states & _mentioned(e) for e in (*before, rest))


def at_scan(fold: Equation, scan: Equation, before: Sequence[Equation], registry: Registry) -> bool:
    """Whether it can stand where the scan stands."""
    made = {v.name for e in (scan, *before) for v in e.results}
    return is_total(fold, registry) and not made & _mentioned(replace(fold, operands=fold.operands[1:]))


def _mentioned(e: Equation) -> set[str]:
    """The names of the values that the equation and its regions use."""
    equations = (e, *(inner for region in e.regions for inner in walk(region.equations)))
    return {v.name for each in equations for v in (*each.operands, *(v for r in each.regions for v in r.results))}


def one_fold(fold: Equation, scan: Equation) -> Equation:
    """The fold that does the work of both; its first results are the states of the scan."""
    (outer,), (inner,) = fold.regions, scan.regions
    states = len(scan.operands) - 1
    made = dict(zip((v.name for v in arrays_of(scan)), inner.results[states:], strict=True))
    element, *rest = outer.parameters
    parameters, results = (*inner.parameters, *rest), (*inner.results[:states], *outer.results)
    body = Region(parameters, (*inner.equations, *outer.equations), results)
    return replace(
        fold,
        operands=(*scan.operands, *fold.operands[1:]),
        results=(*scan.results[:states], *fold.results),
        regions=(Renaming({element.name: made[fold.operands[0].name]}).region(body),),
    )
