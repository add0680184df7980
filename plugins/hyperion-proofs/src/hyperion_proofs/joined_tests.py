"""Untrusted. The test of every element that a function makes first, made while a later parallel loop reads the array.

    held = par.reduce (xs) {} {} {} {p}              held, s = par.reduce (xs, ..) {lift} {mul} {act} {p}
    .. trap unless held                         =    .. trap unless held
    s = par.reduce (xs, ..) {lift} {mul} {act}

Parallel reductions are total, so both sides denote the same term, and the array is read once. A par.scan stays where it
is; the test then makes the summaries that the scan begins with. Nothing else moves over a step that may trap.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hyperion.ir.function import Equation, Function, Value, values_of, walk
from hyperion.logic.denote import denote
from hyperion_proofs.emission import Names


def joined(function: Function) -> Function:
    """The function with each such test joined to the first loop over its array that has none; it denotes the same."""
    for test in function.equations:
        if _is_test(test):
            found = next((e for e in walk(function.equations) if _takes(e, test)), None)
            if found is not None:
                function = _together(function, test, found) or function
    return function


def _is_test(e: Equation) -> bool:
    return e.op == "par.reduce" and len(e.regions) == 4 and len(e.results) == 1


def _takes(loop: Equation, test: Equation) -> bool:
    plain = loop.op == "par.reduce" and len(loop.regions) == 3
    cut = dict(loop.attributes) == dict(test.attributes)  # a search is cut into other pieces
    return (plain or loop.op == "par.scan") and cut and loop.operands[0] == test.operands[0]


def _together(function: Function, test: Equation, loop: Equation) -> Function | None:
    """None where the loop needs what a step gives that may trap, or the two do not denote the same."""
    equations = function.equations
    first = next(i for i, e in enumerate(equations) if e is test)
    last = next(i for i, e in enumerate(equations) if any(inner is loop for inner in walk([e])))
    summary = loop if loop.op == "par.reduce" else _summary(function, loop)
    if first > last or (loop.op == "par.reduce" and equations[last] is not loop):
        return None
    needed = {v.name for v in _read(summary)}
    moved: list[Equation] = []
    for e in reversed(equations[first + 1 : last]):
        if any(r.name in needed for r in e.results):
            moved.append(e)
            needed |= {v.name for v in _read(e)}
    if test.results[0].name in needed:
        return None
    both = replace(summary, results=(*test.results, *summary.results), regions=(*summary.regions, test.regions[3]))
    rest = [e for e in equations[first + 1 :] if e is not loop and not any(e is m for m in moved)]
    made = replace(function, equations=(*equations[:first], *reversed(moved), both, *rest))
    return made if denote(made) is denote(function) else None


def _summary(function: Function, scan: Equation) -> Equation:
    """The reduction whose summaries a scan begins with."""
    names = Names({v.name for v in values_of(function)})
    arrays = scan.attribute("arrays")
    assert isinstance(arrays, int)
    states = len(scan.operands) - arrays
    results = tuple(names.fresh(r.name, r.type) for r in scan.results[:states])
    regions = tuple(names.copy(region) for region in scan.regions[1:])
    return replace(scan, op="par.reduce", results=results, regions=regions)


def _read(e: Equation) -> Iterator[Value]:
    yield from e.operands
    for region in e.regions:
        for inner in walk(region.equations):
            yield from inner.operands
            for block in inner.regions:
                yield from block.results
        yield from region.results
