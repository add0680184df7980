"""Untrusted. The strategies that this plugin registers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from hyperion.cost import CONSTANT, LOGARITHMIC, PARALLEL_LINEAR
from hyperion.errors import ProofError
from hyperion.interfaces.strategy import Candidate, Refusal
from hyperion.ir.function import Equation, Function, Region, Value, walk
from hyperion.logic.effort import OutOfTime, limited
from hyperion.logic.kernel import RuleError, Theorem, trans
from hyperion.logic.terms import TermError
from hyperion.stages import stage
from hyperion_proofs.analysis import Refused
from hyperion_proofs.budget import budgeted
from hyperion_proofs.counted_loops import by_counter, shortened
from hyperion_proofs.derived import NoProof
from hyperion_proofs.ladder.modular_loop import ModularLoop, takes_remainders
from hyperion_proofs.pretty import source_names, summary_text, tuple_text
from hyperion_proofs.reduction import Reduction, unbudgeted
from hyperion_proofs.regions import Regions
from hyperion_proofs.templates import NotLinear
from hyperion_proofs.unread import by_length, is_unread

Derived = tuple[Function, Theorem, str]
_LOOPS = ("for", "fold", "scan", "map", "build", "while", "call")


@dataclass(frozen=True)
class ParallelReduction:
    """Loops over an array whose state is linear over a semiring become parallel reductions."""

    name: str = "parallel-reduction"

    def derive(self, function: Function) -> Iterable[Candidate | Refusal]:
        done = each_loop(self.name, function, "fold", _reduced)
        yield from done.refusals
        yield from _other_loops(self.name, function)
        if done.theorem is not None:
            text = "\n".join(done.texts)
            yield Candidate(self.name, done.function, done.theorem, PARALLEL_LINEAR, parallel=True, summary=text)


@dataclass(frozen=True)
class Power:
    """Counted loops become powers of a constant linear update, O(log n), or polynomials in their count, O(1)."""

    name: str = "power"

    def derive(self, function: Function) -> Iterable[Candidate | Refusal]:
        done = each_loop(self.name, by_counter(function), "for", shortened)
        done = each_loop(self.name, done.function, "fold", _unread, is_unread, done)
        yield from done.refusals
        if done.theorem is not None:
            text = "\n".join(done.texts)
            cost = LOGARITHMIC if _has_loops(done.function) else CONSTANT
            yield Candidate(self.name, done.function, done.theorem, cost, parallel=False, summary=text)


def _has_loops(function: Function) -> bool:
    """Besides those as written, in a branch for where a test fails."""
    return any(e.op in _LOOPS for e in function.equations) or any(e.op == "par.power" for e in walk(function.equations))


@dataclass
class Progress:
    function: Function
    theorem: Theorem | None
    texts: list[str]
    refusals: list[Refusal]


def each_loop(
    name: str,
    function: Function,
    op: str,
    derive: Callable[[Function, int], Derived],
    wanted: Callable[[Equation], bool] = lambda e: not (e.op == "for" and _uses_arrays(e)),
    before: Progress | None = None,
) -> Progress:
    """Derive every top-level loop of the kind that is wanted, one after the other."""
    progress = before or Progress(function, None, [], [])
    index = 0
    while index < len(progress.function.equations):
        equation = progress.function.equations[index]
        if equation.op == op and wanted(equation):
            try:
                with limited(), stage("search", _loop_name(equation)):
                    new, theorem, text = derive(progress.function, index)
            except (OutOfTime, Refused, NotLinear, NoProof, RuleError, TermError, ProofError) as why:
                progress.refusals.append(_refusal(name, why, equation))
            else:
                index += len(new.equations) - len(progress.function.equations)
                progress.theorem = theorem if progress.theorem is None else trans(progress.theorem, theorem)
                progress.function = new
                progress.texts.append(text)
        index += 1
    top = sum(e.op == op for e in function.equations)
    inner = [e for e in walk(function.equations) if e.op == op][top:] if before is None else []
    for equation in inner:
        progress.refusals.append(Refusal(name, "the loop is inside another loop or branch", span=equation.span))
    return progress


def _loop_name(equation: Equation) -> str:
    return equation.op if equation.span is None else f"{equation.op} at line {equation.span.line}"


def _other_loops(name: str, function: Function) -> Iterable[Refusal]:
    """Loops that are no reduction over the elements of one array, with the reason."""
    for e in walk(function.equations):
        if e.op == "while":
            yield Refusal(name, "a while loop has no count that is known before it runs", span=e.span)
        elif e.op == "for" and _uses_arrays(e):
            reason = "the loop reads or writes arrays by index; loops over the elements of one array are understood"
            yield Refusal(name, reason, span=e.span)


def _uses_arrays(e: Equation) -> bool:
    return any(inner.op in ("get", "update") for r in e.regions for inner in walk(r.equations))


def _refusal(name: str, why: Exception, equation: Equation) -> Refusal:
    if isinstance(why, Refused):
        return Refusal(name, why.reason, why.law, why.counterexample, why.span or equation.span)
    reason = why.message if isinstance(why, ProofError) else str(why)
    if isinstance(why, RuleError | TermError):
        reason = f"a summary was found, but a step of its proof failed: {reason}"
    return Refusal(name, reason, span=equation.span)


def _unread(function: Function, index: int) -> Derived:
    """A loop over an array that does not read it, as a loop that counts."""
    counting, theorem, place = by_length(function, index)
    new, shorter, text = shortened(counting, place)
    return new, trans(theorem, shorter), text


def _reduced(function: Function, index: int) -> Derived:
    if not takes_remainders(function.equations[index]):
        return _summarised(function, index)
    try:
        return _modular(function, index)
    except (Refused, NotLinear, NoProof) as why:
        try:
            return _summarised(function, index)
        except (Refused, NotLinear, NoProof):
            raise why from None


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
    return new, theorem, _text(reduction.loop_region, reduction.arrays, reduction.summary, where)


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
