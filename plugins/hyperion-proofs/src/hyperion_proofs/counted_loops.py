"""Untrusted. Which way a counted loop goes: a closed form, or a power of its update."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from hyperion.ir.function import Equation, Function, walk
from hyperion.logic.denote import denote
from hyperion.logic.kernel import Theorem, trans
from hyperion_proofs.analysis import Refused
from hyperion_proofs.closed_forms import ClosedForm
from hyperion_proofs.counted import Counted
from hyperion_proofs.cycling import Cycle
from hyperion_proofs.derived import NoProof
from hyperion_proofs.drifting import BLOCK, Drift
from hyperion_proofs.gf2.jumps import BitJump, moves_bits
from hyperion_proofs.nested import captured, place_of, shortened_inside
from hyperion_proofs.periods import common_period, runs_alone, some_stays
from hyperion_proofs.powering import Powering
from hyperion_proofs.pretty import source_names, summary_text, tuple_text
from hyperion_proofs.recurring import Recurring
from hyperion_proofs.solving import solve
from hyperion_proofs.templates import NotLinear
from hyperion_proofs.turns import Nest
from hyperion_proofs.unit_coefficients import by_unit

COMES_BACK = "where the state comes back"


def shortened(function: Function, index: int) -> tuple[Function, Theorem, str]:
    """The function whose `for` at `index` takes O(log n) steps, the theorem, and what it says. Raises Refused or
    NotLinear where no way is known."""
    if any(e.op == "for" for e in function.equations[index].regions[0].equations):
        return _flattened(function, index)
    try:
        return _without_steps(function, index)
    except (Refused, NotLinear, NoProof) as why:
        try:
            return _cycling(function, index)
        except (Refused, NoProof):
            raise why from None


def _flattened(function: Function, index: int) -> tuple[Function, Theorem, str]:
    """A loop that only runs another one, as one loop."""
    made, theorem, loop = Nest(function, index).derive()
    made, proved, text = shortened_inside(made, place_of(made, loop), shortened)
    return made, trans(theorem, proved), f"as one loop where the number of all turns is an i64, else as written; {text}"


def _without_steps(function: Function, index: int) -> tuple[Function, Theorem, str]:
    if not moves_bits(walk(function.equations[index].regions[0].equations)):
        return _without_bits(function, index)
    try:
        return _jumping(function, index)
    except (Refused, NotLinear, NoProof) as why:
        try:
            return _without_bits(function, index)
        except (Refused, NotLinear, NoProof):
            raise why from None


def _without_bits(function: Function, index: int) -> tuple[Function, Theorem, str]:
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
    first: Theorem | None = None
    if recurring.starts_anywhere:
        begun, first = Cycle(function, index, 1).derive(len(recurring.counted.inits))
        recurring = Recurring(begun, index + len(begun.equations) - len(function.equations))
    new, theorem = recurring.derive()
    theorem = theorem if first is None else trans(first, theorem)
    names = source_names(recurring.counted.region.parameters[1:])
    where = recurring.guard_text(names)
    lines = [
        f"for every count n, {tuple_text(names)} = act(R**n, initial state), R a step's matrix, by squaring,",
        f"{recurring.text()}, by act(R, s) = step(s) and act(A, act(B, s)) = act(mul(A, B), s)",
        *([f"where {where}, tested at run time; else the loop as written"] if where else []),
    ]
    return new, theorem, "\n  ".join(lines)


def _jumping(function: Function, index: int) -> tuple[Function, Theorem, str]:
    jump = BitJump(function, index)
    new, theorem = jump.derive()
    names = tuple_text(source_names(jump.counted.region.parameters[1:]))
    return new, theorem, "\n  ".join(jump.text(names))


def _cycling(function: Function, index: int) -> tuple[Function, Theorem, str]:
    equation = function.equations[index]
    region, inits = equation.regions[0], equation.operands[3:]
    literals = {e.result: e.attribute("value") for e in function.equations[:index] if e.op == "const"}
    if not runs_alone(region):
        raise Refused("the step is not of integers and truth values alone", span=equation.span)
    for derive in (_at_unit, _drifting):
        try:
            return derive(function, index)
        except (Refused, NotLinear, NoProof):
            continue
    steps = common_period(region, inits, literals, list(dict.fromkeys(captured(region))))
    if steps is None:
        raise Refused("no state that was tried comes back soon", span=equation.span)
    new, theorem = Cycle(function, index, steps).derive(2)
    names = tuple_text(source_names(region.parameters[1:]))
    lines = [
        f"for every count n, {names} after n steps = {names} after n % {steps} steps",
        f"by step(.., step(s)) = s for {steps} steps",
        f"{COMES_BACK}, tested at run time for the first {steps} and the next; else the loop as written from there",
    ]
    return new, theorem, "\n  ".join(lines)


def _at_unit(function: Function, index: int, left: int = 2) -> tuple[Function, Theorem, str]:
    """In closed form where up to two coefficients are 1, if that is a sum of sums: others move evenly, or grow."""

    def closed(alone: Function, place: int) -> tuple[Function, Theorem, str]:
        if left > 1:
            try:
                return _at_unit(alone, place, left - 1)
            except Refused:
                pass
        if max(q.size[1] for q in solve(Counted(alone, place))) < 2:
            raise Refused("the state moves evenly where its coefficients are 1")
        return _closed(alone, place)

    return by_unit(function, index, closed, _drifting)


def _drifting(function: Function, index: int) -> tuple[Function, Theorem, str]:
    equation = function.equations[index]
    region, inits = equation.regions[0], equation.operands[3:]
    drift = Drift(function, index)
    literals = {e.result: e.attribute("value") for e in function.equations[:index] if e.op == "const"}
    if not drift.matrix_varies and not some_stays(region, inits, literals, list(dict.fromkeys(captured(region)))):
        raise Refused("every state that was tried leaves the range soon", span=equation.span)
    new, theorem = drift.derive(2)
    names = tuple_text(source_names(region.parameters[1:]))
    lines = [
        f"for every count n, {names} after n steps = {names} after n % {BLOCK} steps and n // {BLOCK} times a move",
        "by step(y) between step(x) and step(z) for every y between x and z",
        f"{COMES_BACK} or moves evenly in every {BLOCK} steps, tested at run time for some; else the loop as written",
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
