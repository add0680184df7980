"""Untrusted. A loop that gives a value for every element, as a parallel scan."""

from __future__ import annotations

from dataclasses import replace

from hyperion.ir.function import Equation, Function, Region
from hyperion.ir.types import FloatType
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.derived import arguments, beta_spine
from hyperion.logic.kernel import Theorem
from hyperion_proofs.analysis import Refused
from hyperion_proofs.assumptions import Everywhere
from hyperion_proofs.budget import Budget, Form
from hyperion_proofs.derived import chain, head, unfold, use
from hyperion_proofs.emission import Emitter
from hyperion_proofs.implication import all_parts
from hyperion_proofs.laws import UNBOUNDED, Magnitudes
from hyperion_proofs.pretty import source_names, summary_text, tuple_text
from hyperion_proofs.reduction import UNTRAPPED, Instance, all_finite, unbounded
from hyperion_proofs.scanning import Scanning
from hyperion_proofs.versions import versioned


def scanned(function: Function, index: int) -> tuple[Function, Theorem, str]:
    scanning = Scanning(function, index)
    where = ""
    if scanning.body.real:
        _only_linear(scanning)
        new, theorem, tests = _finite(scanning)
        where = f'over the reals (fp="reassoc"), where {tests}; else the loop as written'
    elif scanning.body.domain == "budget":
        new, theorem, guard = _Budget(scanning).derive()
        where = f"where {guard}, tested at run time; else the loop as written"
    else:
        new, theorem, entry = _unguarded(scanning)
        where = f"where {entry}, tested at run time; else the loop as written" if entry else ""
    count, parameters = len(scanning.arrays), scanning.loop_region.parameters
    names, elements = source_names(parameters[count:]), source_names(parameters[:count])
    over, x = ", ".join(f"{a.name} : {a.type}" for a in scanning.arrays), ", ".join(elements)
    them = "it" if count == 1 else "them"
    lines = [
        f"for every {over} and every way to cut {them} into pieces, each piece runs the loop from",
        f"{tuple_text(names)} = act(summary of the piece before it, .. act(summary of the first, initial state))",
        *summary_text(scanning.summary, elements, names),
        f"by act(lift({x}), s) = state of step(s, {x}) and act(A, act(B, s)) = act(mul(A, B), s)",
        *([where] if where else []),
    ]
    return new, theorem, "\n  ".join(lines)


def _only_linear(scanning: Scanning) -> None:
    """Refuses states that may become finite again after they were not: the final state would not tell."""
    summary = scanning.body.summary
    chosen = any(head(u) == "cond" for e in summary.lift for u in t.subterms(e))
    if chosen or not all(isinstance(ty, FloatType) for ty in summary.types):
        raise Refused(
            "a float of the state is chosen or set anew by a branch, so the final state does not tell whether all "
            "values in between were finite",
            span=scanning.site.equation.span,
        )


def _unguarded(scanning: Scanning) -> tuple[Function, Theorem, str]:
    """Where the laws hold without bounds: the function with the loop in parallel form, that it is equal, and what is
    tested, if anything is; where that fails, the loop is as it was written."""
    site, scan, entry = scanning.site, scanning.equation(), scanning.entry_test()
    relied = scanning.relied_on()
    reduce = _tested(scanning)
    found = scanning.scan_instance(scan, reduce, UNBOUNDED, relied)
    emitter = Emitter(site.names, {}) if entry is None else entry[0]
    tests = [] if entry is None else [entry[1]]
    tests += [] if reduce is None else [reduce.results[0]]

    def prove(known: Theorem | None) -> Theorem:
        held = all_parts(known, len(tests)) if known is not None else []
        entered = held[0] if entry is not None else None
        every = held[-1] if reduce is not None else None
        every = relied.theorem if relied is not None else every
        return _whole(scanning, unbounded(scanning, found, entered, every))

    if not tests:
        function = site.replaced([replace(scan, results=site.equation.results)])
        return function, site.conclude(prove(None), function), ""
    test = emitter.every(tests, hint="safe")
    before = [*([reduce] if reduce is not None else []), *emitter.equations]
    new, theorem = versioned(site, before, test, scan.results, prove, [scan])
    texts = [scanning.entry_text()] if entry is not None else []
    texts += [UNTRAPPED] if reduce is not None else []
    return new, theorem, " and ".join(texts)


def _tested(scanning: Scanning) -> Equation | None:
    """The fold to the final states with the test of every element; None where none is needed."""
    guard = scanning.guard()
    return scanning.equation(guard) if guard is not None else None


def _finite(scanning: Scanning) -> tuple[Function, Theorem, str]:
    """A final state that is not finite: all is computed again in the source's order. The state is linear, so one that
    was not finite once stays so."""
    scan, reduce = scanning.equation(), _tested(scanning)
    emitter = Emitter(scanning.site.names, {})
    tests = [] if reduce is None else [reduce.results[0]]
    finite = all_finite(emitter, scan.results[: len(scanning.inits)])
    assert finite is not None
    test = emitter.every([*tests, finite], hint="safe")
    found = scanning.scan_instance(scan, reduce, UNBOUNDED)

    def prove(known: Theorem) -> Theorem:
        every = all_parts(known, 2)[0] if reduce is not None else None
        return _whole(scanning, unbounded(scanning, found, None, every))

    before = [*([reduce] if reduce is not None else []), scan, *emitter.equations]
    new, theorem = versioned(scanning.site, before, test, scan.results, prove)
    return (
        new,
        theorem,
        f"{UNTRAPPED} and the final state is finite" if reduce is not None else "the final state is finite",
    )


def _whole(scanning: Scanning, th: Theorem) -> Theorem:
    """From |- scan .. = ok v: |- the loop's outcome = ok of its results."""
    outcome = scanning.site.loop_outcome()
    if outcome is th.left:
        return th
    function, (_, after) = arguments(outcome)
    bound = k.app(k.app(k.refl(function), th), k.refl(after))
    opened = unfold("bind", bound.right)
    reduced = use("outcase.ok", opened.right)
    assert reduced is not None
    return chain(bound, opened, reduced, beta_spine(reduced.right))


class _Budget(Budget):
    """As for a fold, with the loop in parallel form in the branch where the guard holds."""

    def __init__(self, scanning: Scanning) -> None:
        super().__init__(scanning)
        self.top = scanning.top
        self._scanning = scanning

    def form(self, guard: Region | None) -> Form:
        reduce = self._scanning.equation(guard) if guard is not None else None
        scan = self._scanning.equation()
        return Form((reduce,) if reduce else (), (scan,), scan.results, reduce.results[0] if reduce else None)

    def instance(self, form: Form, magnitudes: Magnitudes, known: Everywhere | None) -> Instance:
        reduce = form.before[0] if form.before else None
        return self._scanning.scan_instance(form.inside[0], reduce, magnitudes, known)

    def whole(self, th: Theorem) -> Theorem:
        return _whole(self._scanning, th)
