"""Untrusted. Which way a counted loop goes: a closed form, or a power of its update."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from hyperion.ir.function import Equation, Function, walk
from hyperion.logic.denote import denote
from hyperion.logic.kernel import Theorem
from hyperion_proofs.closed_forms import ClosedForm
from hyperion_proofs.powering import Powering
from hyperion_proofs.pretty import source_names, summary_text, tuple_text
from hyperion_proofs.recurring import Recurring


def shortened(function: Function, index: int) -> tuple[Function, Theorem, str]:
    """The function whose `for` at `index` takes O(log n) steps, the theorem, and what it says. Raises Refused or
    NotLinear where no way is known."""
    region = function.equations[index].regions[0]
    inside = list(walk(region.equations))
    if any(e.op.startswith("mod.") for e in inside):
        return _recurring(function, index)
    if any(e.op.endswith(".trap") for e in inside):
        return _closed(function, index)
    counts = region.parameters[0] in {v for e in inside for v in e.operands}
    return _recurring(function, index) if counts else _powered(function, index)


def by_counter(function: Function) -> Function:
    """The function with its loops over the numbers of a range as counted loops, which denote the same term."""
    ranges = {e.result.name: e for e in function.equations if e.op == "progression"}
    uses = Counter(v.name for e in walk(function.equations) for v in e.operands)
    uses.update(v.name for v in function.results)
    made = tuple(_as_for(e, ranges, uses) for e in function.equations)
    found = {e.operands[0].name for e, new in zip(function.equations, made, strict=True) if new is not e}
    if not found:
        return function
    kept = tuple(e for e in made if not (e.op == "progression" and e.result.name in found))
    counted = replace(function, equations=kept)
    return counted if denote(counted) is denote(function) else function


def _as_for(e: Equation, ranges: Mapping[str, Equation], uses: Mapping[str, int]) -> Equation:
    if e.op != "fold" or e.attribute("arrays") != 1:
        return e
    numbers = ranges.get(e.operands[0].name)
    if numbers is None or uses[numbers.result.name] != 1:
        return e
    return replace(e, op="for", operands=(*numbers.operands, *e.operands[1:]), attributes=())


def _closed(function: Function, index: int) -> tuple[Function, Theorem, str]:
    closed = ClosedForm(function, index)
    new, theorem = closed.derive()
    names = source_names(closed.counted.region.parameters[1:])
    lines = [
        f"for every count n, {tuple_text(names)} = {tuple_text(closed.text())}",
        "by step(c(i), element(i)) = c(1 + i) for every step i",
        closed.where(),
    ]
    return new, theorem, "\n  ".join(lines)


def _recurring(function: Function, index: int) -> tuple[Function, Theorem, str]:
    recurring = Recurring(function, index)
    new, theorem = recurring.derive()
    names = source_names(recurring.counted.region.parameters[1:])
    where = recurring.guard_text(names)
    lines = [
        f"for every count n, {tuple_text(names)} = act(R**n, initial state), R a step's matrix, by squaring,",
        f"{recurring.text()}, by act(R, s) = step(s) and act(A, act(B, s)) = act(mul(A, B), s)",
        *([f"where {where}, tested at run time; else the loop as written"] if where else []),
    ]
    return new, theorem, "\n  ".join(lines)


def _powered(function: Function, index: int) -> tuple[Function, Theorem, str]:
    powering = Powering(function, index)
    new, theorem = powering.derive()
    names = source_names(powering.loop_region.parameters[1:])
    lines = [
        f"for every count n, {tuple_text(names)} = act(R**n, initial state) with R = lift(), by repeated squaring,",
        *summary_text(powering.summary, [], names),
        "by act(lift(), s) = step(s) and act(A, act(B, s)) = act(mul(A, B), s)",
    ]
    return new, theorem, "\n  ".join(lines)
