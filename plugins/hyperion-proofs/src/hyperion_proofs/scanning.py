"""Untrusted. The parallel form of a loop that also gives a value for every element, and the generic theorem at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hyperion.ir.function import Equation, Function, Region, Value
from hyperion.ir.types import I64, IntType
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import Pure, argument_type
from hyperion.logic.terms import Term
from hyperion_proofs.analysis import Refused
from hyperion_proofs.assumptions import Everywhere
from hyperion_proofs.bounds import SIGNED
from hyperion_proofs.derived import head, instance
from hyperion_proofs.evaluate import Evaluator, no_range
from hyperion_proofs.implication import all_of, introduce
from hyperion_proofs.laws import Laws, Magnitudes, Sizes, ok_predicate
from hyperion_proofs.loop import Loop
from hyperion_proofs.reduction import Instance, Reduction
from hyperion_proofs.scanning_generic import Scan, instantiate
from hyperion_proofs.sites import Site
from hyperion_proofs.totals import totalised
from hyperion_proofs.traps import known_of, under, without_traps


class Scanning(Reduction):
    """One `scan` in a function. Raises Refused or NotLinear where its states have no summary.

    Its summary is that of the fold to its final states.
    """

    def __init__(self, function: Function, index: int) -> None:
        scan = function.equations[index]
        count = scan.attribute("arrays")
        assert isinstance(count, int)
        states = len(scan.operands) - count
        super().__init__(_fold_of(function, index, states), index)
        names = self.site.names
        self.site = Site(function, index)
        self.site.names = names
        (self.scan_region,) = scan.regions
        self.scan_step = self.site.denotation.scan_step(self.scan_region, count, self.site.env, total=False)
        self.top = I64.maximum
        self._bound_writes()
        self.total = totalised(self.scan_region, names)

    def one_length(self) -> None:
        """The arrays of a scan have one length by their types."""

    def _bound_writes(self) -> None:
        """What a step writes must stay in range as well: under the budget, of which `top` is the least of the ranges,
        or by a test of each element. Refuses other traps."""
        body = self.body
        call = t.app(self.scan_step, body.state, body.element)
        if head(Evaluator(no_range, state=body.state)(call).right) == "ok":
            return
        if not (self._under_budget(call) or self._under_guard(call)):
            reason = "what a step writes may not fit its type, or the step may trap for another reason than sums"
            raise Refused(reason, span=self.site.equation.span)

    def _under_budget(self, call: Term) -> bool:
        body, found, top = self.body, list[Term](), I64.maximum

        def oracle(word: str, e: Term) -> Theorem | None:
            nonlocal top
            if word not in SIGNED:
                return None
            found.append(e)
            top = min(top, IntType(int(word[1:])).maximum)
            return k.assume(apply(f"inr.{word}", e), TRUE)

        if body.domain not in ("budget", "exact") or body.real:
            return False
        th, assumed = without_traps(Evaluator(oracle, state=body.state), call, body.state)
        if head(th.right) != "ok":
            return False
        self.top = top
        self.body = replace(
            body, domain="budget", ranges=(*body.ranges, *found), assumed=_together(body.assumed, assumed)
        )
        return True

    def _under_guard(self, call: Term) -> bool:
        body = self.body
        evaluate = Evaluator(no_range, state=body.state)
        th, assumed = without_traps(evaluate, call, body.state, ranges=True)
        if body.domain == "budget" or head(th.right) != "ok":
            return False
        self.body = replace(body, assumed=_together(body.assumed, assumed))
        return True

    def equation(self, guard: Region | None = None) -> Equation:
        """The loop as par.scan, with fresh results; with a guard the fold to its final states as par.reduce."""
        names, source = self.site.names, self.site.equation
        if guard is not None:
            reduce = super().equation(guard)
            regions = (*map(names.copy, reduce.regions[:3]), guard)
            return replace(reduce, results=reduce.results[: 1 + len(self.inits)], regions=regions)
        results = tuple(names.fresh(r.name, r.type) for r in source.results)
        regions = (self.total, self.summary.lift, self.summary.mul, self.summary.act)
        return Equation(results, "par.scan", (*self.arrays, *self.inits), self.cut(), regions, source.span)

    def scan_instance(
        self, scan: Equation, guard: Equation | None, magnitudes: Magnitudes, known: Everywhere | None = None
    ) -> Instance:
        """Proves the laws of the scan, and so that it is `scan`, its parallel form, where what the guard says, or is
        `known`, holds of every element."""
        value = self._value(scan)
        cut, total, lift, mul, act, xs, state = arguments(value)[1]
        ok_x = known.predicate if known is not None else t.lam(t.var("x", argument_type(xs.type)), TRUE)
        if guard is not None:
            guarded = self.site.denotation.equation(guard, self.site.env)
            assert isinstance(guarded, Pure)
            ok_x = arguments(guarded.values[0])[1][0]
        layout, summary = self.layout, self.body.summary
        entered = Sizes(summary.state_fixed, magnitudes.fixed)
        ok_s = ok_predicate(layout, state.type, layout.state, summary.state_holds, entered)
        sizes = Sizes(summary.fixed, magnitudes.fixed, summary.late, magnitudes.weight)
        ok_m = ok_predicate(layout, t.domain(act.type), layout.summary, summary.holds, sizes)
        loop = Loop(self.step, lift, mul, act, ok_s, ok_m, ok_x, magnitudes.weight, magnitudes.limit)
        whole = Scan(loop, self.scan_step, total)
        laws = _Laws(loop, layout, magnitudes, self.facts)
        proved = (*laws.all().values(), *laws.of_scan(whole))
        return Instance(loop, xs, state, instantiate(whole, cut, xs, proved))

    def known_of(self, ok_x: Theorem) -> list[Theorem]:
        """The same, and that integers are values of words where their two comparisons are known."""
        found = known_of(ok_x)
        truths = {th.left: th for th in found}
        for test, _ in self.body.assumed:
            if head(test).startswith("inr."):
                definition = instance(f"{head(test)[4:]}.inr.def", z=test.argument)
                both = [truths.get(part) for part in arguments(definition.right)[1]]
                if None not in both:
                    found.append(k.trans(definition, all_of([th for th in both if th is not None])))
        return found

    def _value(self, scan: Equation) -> Term:
        """The term pscan .. of the parallel form."""
        found = self.site.denotation.equation(scan, self.site.env)
        assert isinstance(found, Pure)
        value = found.values[0]
        while value.kind == "P":
            value = value.body
        return value


class _Laws(Laws):
    def of_scan(self, scan: Scan) -> list[Theorem]:
        proved: list[Theorem] = []
        for variables, conditions, left, right in scan.laws().values():
            ok_s, ok_x, fits = (k.assume(c, TRUE) for c in conditions)
            bounds = self._bounds([ok_s], ok_x, fits)
            facts = self._facts(ok_x)
            evaluate = under(self._evaluator(bounds), facts)
            th = self._equality.prove(left, right, evaluate, [*self._truths(ok_s), *facts])
            proved.append(introduce(variables, conditions, th))
        return proved


def _together(tests: tuple[tuple[Term, Term], ...], more: Sequence[Theorem]) -> tuple[tuple[Term, Term], ...]:
    return tuple(dict.fromkeys((*tests, *((th.left, th.right) for th in more))))


def _fold_of(function: Function, index: int, states: int) -> Function:
    """The function with the fold to the final states in place of the scan, which stays behind it for its names."""
    scan = function.equations[index]
    (region,) = scan.regions
    needed = {v.name for v in region.results[:states]}
    kept: list[Equation] = []
    for e in reversed(region.equations):
        if needed & {r.name for r in e.results}:
            kept.append(e)
            needed |= {v.name for v in _read(e)}
    body = Region(region.parameters, tuple(reversed(kept)), region.results[:states])
    fold = replace(scan, op="fold", results=scan.results[:states], regions=(body,))
    equations = (*function.equations[:index], fold, *function.equations[index:])
    return replace(function, equations=equations)


def _read(e: Equation) -> Sequence[Value]:
    inner = [v for r in e.regions for v in (*r.results, *(u for each in r.equations for u in _read(each)))]
    return (*e.operands, *inner)
