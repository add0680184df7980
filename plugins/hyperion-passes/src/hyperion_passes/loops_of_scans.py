"""The one loop that does the work of a scan and of the loop over what it makes.

    %l, %ys = scan (%xs), (%a) {                        %l, %r = fold (%xs), (%a, %b) {
      ^(%x: T, %s: S): A yield %s1, %y }                  ^(%x: T, %s: S, %t: R):
    %r = fold (%ys), (%b) {                     -->         A, B with %y for %e
      ^(%e: U, %t: R): B yield %t1 }                        yield %s1, %t1 }

In the same way two scans become one, and a map of one array that a scan makes goes into the scan.

Of several traps the first is seen, so one of the two may not trap. Where that is the scan, the one loop stands where
the second stood, and nothing before it may use the scan's states; where it is the second, the one stands where the scan
stood, before which all that the second uses must be known. A map is always the one that does not trap.
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


def scan_below(loop: Equation, before: Sequence[Equation], uses: Counter[str]) -> Equation | None:
    """The scan of one array among the equations `before` that makes the array of the loop; where that is a fold or a
    scan, no other array that it makes is used.

    Only the loop uses its array, and only to run over it.
    """
    if loop.op not in ("fold", "scan", "map") or loop.attributes != _ONE_ARRAY or not loop.results:
        return None
    if loop.op == "map" and (len(loop.results) != 1 or not uses[loop.result.name]):
        return None
    array = loop.operands[0]
    for e in before:
        if e.op == "scan" and e.attributes == _ONE_ARRAY and array in arrays_of(e):
            used = [array] if loop.op == "map" else arrays_of(e)
            return e if sum(uses[v.name] for v in used) == uses[array.name] == 1 else None
    return None


def arrays_of(scan: Equation) -> tuple[Value, ...]:
    """The arrays that a scan of one array makes."""
    return scan.results[len(scan.operands) - 1 :]


def at_loop(loop: Equation, scan: Equation, before: Sequence[Equation], registry: Registry) -> bool:
    """Whether the one loop can stand where the second stands; `before` are the equations between the two."""
    states = {v.name for v in scan.results}
    rest = replace(loop, operands=loop.operands[1:])
    return loop.op != "map" and is_total(scan, registry) and not any(states & _mentioned(e) for e in (*before, rest))


def at_scan(loop: Equation, scan: Equation, before: Sequence[Equation], registry: Registry) -> bool:
    """Whether it can stand where the scan stands."""
    made = {v.name for e in (scan, *before) for v in e.results}
    return is_total(loop, registry) and not made & _mentioned(replace(loop, operands=loop.operands[1:]))


def _mentioned(e: Equation) -> set[str]:
    """The names of the values that the equation and its regions use."""
    equations = (e, *(inner for region in e.regions for inner in walk(region.equations)))
    return {v.name for each in equations for v in (*each.operands, *(v for r in each.regions for v in r.results))}


def one_loop(loop: Equation, scan: Equation) -> Equation:
    """The loop that does the work of both; its first results are the states of the scan."""
    (outer,), (inner,) = loop.regions, scan.regions
    states, array = len(scan.operands) - 1, loop.operands[0]
    made = dict(zip((v.name for v in arrays_of(scan)), inner.results[states:], strict=True))
    element, *rest = outer.parameters
    results = (*inner.results[:states], *outer.results)
    names = (*scan.results[:states], *loop.results)
    if loop.op == "map":
        names = tuple(loop.result if v == array else v for v in scan.results)
        place = scan.results.index(array)
        results = (*inner.results[:place], outer.results[0], *inner.results[place + 1 :])
    body = Region((*inner.parameters, *rest), (*inner.equations, *outer.equations), results)
    return replace(
        scan if loop.op == "map" else loop,
        operands=(*scan.operands, *loop.operands[1:]),
        results=names,
        regions=(Renaming({element.name: made[array.name]}).region(body),),
    )
