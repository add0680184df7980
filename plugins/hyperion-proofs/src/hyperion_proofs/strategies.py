"""Untrusted. The strategies that this plugin registers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from hyperion.cost import CONSTANT, LINEAR, LOGARITHMIC, PARALLEL_LINEAR, Cost
from hyperion.costing import cost_of
from hyperion.errors import ProofError
from hyperion.interfaces.strategy import Candidate, Refusal
from hyperion.ir.function import Equation, Function, Program, Region, Value, outside_loops, walk
from hyperion.logic.effort import OutOfTime, limited
from hyperion.logic.kernel import RuleError, Theorem, trans
from hyperion.logic.terms import TermError
from hyperion.stages import stage
from hyperion_proofs.analysis import Refused
from hyperion_proofs.branches import branch_alone, put_branch
from hyperion_proofs.budget import budgeted
from hyperion_proofs.cascades import in_a_row
from hyperion_proofs.counted_loops import COMES_BACK, by_counter, shortened
from hyperion_proofs.derived import NoProof
from hyperion_proofs.every_element import every_element
from hyperion_proofs.gf2.register import Register
from hyperion_proofs.joined_tests import joined
from hyperion_proofs.ladder.modular_loop import ModularLoop, takes_remainders
from hyperion_proofs.nested import place_of, places, shortened_inside, without
from hyperion_proofs.pretty import source_names, summary_text, tuple_text
from hyperion_proofs.reduction import Reduction, unbudgeted
from hyperion_proofs.refusing import in_words
from hyperion_proofs.regions import Regions
from hyperion_proofs.scanned import scanned
from hyperion_proofs.templates import NotLinear
from hyperion_proofs.unread import by_length, is_unread

Derived = tuple[Function, Theorem, str]
INSIDE = "the loop is inside another loop"
WHY = (OutOfTime, Refused, NotLinear, NoProof, RuleError, TermError, ProofError)
_LOOPS = ("for", "fold", "scan", "map", "build", "while", "call")


@dataclass(frozen=True)
class ParallelReduction:
    """Loops over an array whose state is linear over a semiring become parallel reductions."""

    name: str = "parallel-reduction"

    def derive(self, function: Function) -> Iterable[Candidate | Refusal]:
        done = each_loop(self.name, function, "fold", reduced_in_a_row, branches=True)
        yield from done.refusals
        yield from _other_loops(self.name, function)
        if done.theorem is not None:
            text = "\n".join(done.texts)
            whole = joined(done.function)
            cost = LINEAR if any(e.op == "scan" for e in whole.equations) else PARALLEL_LINEAR
            yield Candidate(self.name, whole, done.theorem, cost, parallel=True, summary=text)


@dataclass(frozen=True)
class Power:
    """Counted loops become powers of a constant linear update, O(log n), or polynomials in their count, O(1)."""

    name: str = "power"

    def derive(self, function: Function) -> Iterable[Candidate | Refusal]:
        function = by_counter(function)
        done = each_loop(self.name, function, "for", shortened)
        done = each_loop(self.name, done.function, "fold", _unread, is_unread, done)
        inner = each_inner_loop(self.name, done.function) if not done.theorem else None
        yield from done.refusals if inner is None else [r for r in done.refusals if not r.reason.startswith(INSIDE)]
        yield from [] if inner is None else inner.refusals
        if inner is not None and inner.theorem is not None:
            yield Candidate(self.name, inner.function, inner.theorem, inner.cost, parallel=False, summary=inner.text)
        if done.theorem is not None:
            cost = LOGARITHMIC if _has_loops(done.function) else CONSTANT
            guard = next((line.strip() for line in done.text.splitlines() if COMES_BACK in line), "")
            yield Candidate(self.name, done.function, done.theorem, cost, False, done.text, guard)


def _has_loops(function: Function) -> bool:
    """Besides those as written, in a branch for where a test fails."""
    return any(e.op in _LOOPS for e in function.equations) or any(e.op == "par.power" for e in walk(function.equations))


@dataclass
class Progress:
    function: Function
    theorem: Theorem | None
    texts: list[str]
    refusals: list[Refusal]
    cost: Cost = CONSTANT

    @property
    def text(self) -> str:
        return "\n".join(self.texts)

    def join(self, function: Function, theorem: Theorem, text: str) -> None:
        """Goes on to a function, from the one so far by the theorem."""
        self.theorem = theorem if self.theorem is None else trans(self.theorem, theorem)
        self.function = function
        self.texts.append(text)


def each_loop(
    name: str,
    function: Function,
    op: str,
    derive: Callable[[Function, int], Derived],
    wanted: Callable[[Equation], bool] = lambda e: not (e.op == "for" and _uses_arrays(e)),
    before: Progress | None = None,
    branches: bool = False,
) -> Progress:
    """Derive every top-level loop of the kind that is wanted, one after the other; with `branches`, also those in
    branches."""
    progress = before or Progress(function, None, [], [])
    index, inside = 0, list[Equation]()
    while index < len(progress.function.equations):
        equation = progress.function.equations[index]
        if equation.op == op and wanted(equation):
            try:
                with limited(), stage("search", loop_name(equation)):
                    new, theorem, text = derive(progress.function, index)
            except WHY as why:
                progress.refusals.append(refusal(name, why, equation))
            else:
                index += len(new.equations) - len(progress.function.equations)
                progress.join(new, theorem, text)
                inside += [e for region in equation.regions for e in walk(region.equations)]
        elif branches and equation.op == "if":
            for side in range(len(equation.regions)):
                _branch(progress, index, side, lambda f: each_loop(name, f, op, derive, wanted, branches=True))
        index += 1
    if before is not None:
        return progress
    own = [*(outside_loops(function.equations) if branches else function.equations), *inside]
    for equation in (e for e in walk(function.equations) if e.op == op and not any(e is other for other in own)):
        progress.refusals.append(in_words(Refusal(name, INSIDE, span=equation.span), equation))
    return progress


def _branch(progress: Progress, index: int, side: int, derive: Callable[[Function], Progress]) -> None:
    """Derives the loops in a branch of the `if` at `index`, where it has any."""
    if not any(e.op in _LOOPS for e in walk(progress.function.equations[index].regions[side].equations)):
        return
    done = derive(branch_alone(progress.function, index, side))
    progress.refusals += done.refusals
    if done.theorem is not None:
        new, theorem = put_branch(progress.function, index, side, done.function, done.theorem)
        progress.join(new, theorem, done.text)


def each_inner_loop(name: str, function: Function) -> Progress:
    """Derive the counting loops inside of others that have none inside, one after the other, each in its place."""
    progress, left = Progress(function, None, [], []), function
    for equation in (p.equation for p in places(function, "for")):
        if _uses_arrays(equation) or any(e.op in _LOOPS for r in equation.regions for e in walk(r.equations)):
            continue
        try:
            with limited(), stage("search", loop_name(equation)):
                place = place_of(progress.function, equation)
                new, theorem, text = shortened_inside(progress.function, place, shortened)
        except WHY as why:
            progress.refusals.append(refusal(name, why, equation))
        else:
            progress.join(new, theorem, f"inside, {text}")
            left = without(left, place_of(left, equation))
    cost = cost_of(Program({left.name: left}, left.name))
    if any(e.op == "par.power" for e in walk(progress.function.equations)):
        times = Cost(f"{cost.work[:-1]} log n)", f"{cost.span[:-1]} log n)", cost.rank)
        cost = LOGARITHMIC if cost == CONSTANT else times
    progress.cost = cost
    return progress


def loop_name(equation: Equation) -> str:
    return equation.op if equation.span is None else f"{equation.op} at line {equation.span.line}"


def _other_loops(name: str, function: Function) -> Iterable[Refusal]:
    """Loops that are no reduction over the elements of one array, with the reason."""
    for e in walk(function.equations):
        if e.op == "while":
            yield in_words(Refusal(name, "a while loop has no count that is known before it runs", span=e.span), e)
        elif e.op == "for" and _uses_arrays(e):
            reason = "the loop reads or writes arrays by index; loops over the elements of one array are understood"
            yield in_words(Refusal(name, reason, span=e.span), e)


def _uses_arrays(e: Equation) -> bool:
    return any(inner.op in ("get", "update") for r in e.regions for inner in walk(r.equations))


def refusal(name: str, why: Exception, equation: Equation) -> Refusal:
    if isinstance(why, Refused):
        return in_words(Refusal(name, why.reason, why.law, why.counterexample, why.span or equation.span), equation)
    reason = why.message if isinstance(why, ProofError) else str(why)
    if isinstance(why, RuleError | TermError):
        reason = f"a summary was found, but a step of its proof failed: {reason}"
    return in_words(Refusal(name, reason, span=equation.span), equation)


def _unread(function: Function, index: int) -> Derived:
    """A loop over an array that does not read it, as a loop that counts."""
    counting, theorem, place = by_length(function, index)
    new, shorter, text = shortened(counting, place)
    return new, trans(theorem, shorter), text


def reduced(function: Function, index: int) -> Derived:
    try:
        return every_element(function, index)
    except NoProof:
        pass
    if not takes_remainders(function.equations[index]):
        return _summarised(function, index)
    try:
        return _modular(function, index)
    except (Refused, NotLinear, NoProof) as why:
        try:
            return _summarised(function, index)
        except (Refused, NotLinear, NoProof):
            raise why from None


def reduced_in_a_row(function: Function, index: int) -> Derived:
    """The loop as a reduction, or as scans and a reduction one after the other."""
    try:
        return reduced(function, index)
    except (Refused, NotLinear, NoProof) as why:
        try:
            return in_a_row(function, index, scanned, reduced_in_a_row)
        except WHY as late:
            raise why from late


def _modular(function: Function, index: int) -> Derived:
    loop = ModularLoop(function, index)
    new, theorem, tests = loop.derive()
    where = tests and f"where {tests}, tested at run time; else the loop as written"
    return new, theorem, _text(loop.region, [loop.array], loop.summary, where)


def _summarised(function: Function, index: int) -> Derived:
    reduction = Reduction(function, index)
    real = reduction.body.real
    if reduction.body.domain == "budget":
        new, theorem, where = budgeted(reduction)
    else:
        new, theorem, where = unbudgeted(reduction)
    if real:
        where = f"{where} and the result is finite" if where else "the result is finite"
    if where:
        over = 'over the reals (fp="reassoc"), ' if real else ""
        where = f"{over}where {where}, tested at run time; else the loop as written"
    algebra = reduction.body.summary.algebra
    if algebra is not None:
        return new, theorem, _register_text(reduction, algebra.register, where)
    stops = any(e.attribute("growing") is not None for e in walk(new.equations) if e.op == "par.reduce")
    where = "\n  ".join(
        [*(["and act(A, s) = s where s is final: then no more is read"] if stops else []), where]
    ).rstrip()
    text = _text(reduction.loop_region, reduction.arrays, reduction.summary, where)
    if reduction.body.by_facts and reduction.given:
        text += f"\n  given that {' and '.join(reduction.given)}, as is tested before the loop"
    if reduction.invariants:
        text += f"\n  for states with {' and '.join(reduction.invariants)}, which every step keeps"
    return new, theorem, text


def _register_text(reduction: Reduction, register: Register, where: str) -> str:
    """The theorem about a shift register, whose summary is too long to be written out."""
    (name,) = source_names(reduction.loop_region.parameters[len(reduction.arrays) :])
    over = ", ".join(f"{a.name} : {a.type}" for a in reduction.arrays)
    times = "" if register.count == 1 else f", which shifts {register.count} times,"
    lines = [
        f"for every {over} and every way to cut into pieces,",
        f"a step is {name} -> A {name} ^ B x with a linear map A{times} on the lowest {register.width} bits;",
        f"a piece of k elements is (A**k e, what it makes of 0) with the bit e = {1 << register.order[0]:#x}, and",
        f"act((c, v), {name}) = (the sum of c, S c, S (S c), .. for the bits of {name}) ^ v",
        "by act(lift(x), s) = step(s, x) and act(lift(x), act(B, s)) = act(mul(lift(x), B), s)",
        *([where] if where else []),
    ]
    return "\n  ".join(lines)


def _text(region: Region, arrays: Sequence[Value], summary: Regions, where: str) -> str:
    count = len(arrays)
    names, elements = source_names(region.parameters[count:]), source_names(region.parameters[:count])
    over = ", ".join(f"{a.name} : {a.type}" for a in arrays)
    x = ", ".join(elements)
    lines = [
        f"for every {over} and every way to cut {'it' if count == 1 else 'them'} into pieces,",
        f"{tuple_text(names)} = act(summary of the last piece, .. act(summary of the first, initial state))",
        *summary_text(summary, elements, names),
        f"by act(lift({x}), s) = step(s, {x}) and act(A, act(B, s)) = act(mul(A, B), s)",
        *([where] if where else []),
    ]
    return "\n  ".join(lines)
