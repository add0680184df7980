"""Untrusted. A counted loop whose step ignores the counter: O(log n) by repeated squaring, on wrapping words."""

from __future__ import annotations

from dataclasses import replace

from hyperion.ir.function import Equation, Function
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import Effect
from hyperion.logic.terms import Term
from hyperion_proofs.analysis import Refused, analyse
from hyperion_proofs.derived import NoProof, abstract, arguments, at, head, unfold
from hyperion_proofs.equality import Equality, Layout
from hyperion_proofs.evaluate import Evaluator, no_range
from hyperion_proofs.power import instantiate_power, law_equations
from hyperion_proofs.regions import RegionBuilder
from hyperion_proofs.sites import Site


class Powering:
    """One `for` in a function, with a constant update."""

    def __init__(self, function: Function, index: int) -> None:
        self.site = Site(function, index)
        equation = self.site.equation
        self.inits = equation.operands[3:]
        self.loop_region = equation.regions[0]
        self.step = self.site.denotation.step(self.loop_region, 1, self.site.env)
        self.body = analyse(self.step, self.loop_region.parameters[1:], self.loop_region)
        if self.body.domain == "budget":
            raise Refused(
                "the steps trap at the range of i64, so the power form would have to prove that no step leaves it; "
                'overflow="wrap" computes modulo 2**64',
                span=equation.span,
            )
        if self.body.domain == "real":
            raise Refused("a power over the reals would round differently at every length", span=equation.span)
        if any(self.body.element in e.free for g in self.body.groups for e in g.template.lift()):
            raise Refused("the step depends on the counter", span=equation.span)

    def derive(self) -> tuple[Function, Theorem]:
        """The function with the loop as a power, and |- denote(source) = denote(it)."""
        site, equation = self.site, self.site.equation
        self.summary = RegionBuilder(site, self.body, self.inits[0].type).build(None)
        regions = (self.summary.lift, self.summary.mul, self.summary.act)
        power = Equation(equation.results, "par.power", equation.operands, (), regions, equation.span)
        found = site.denotation.equation(power, site.env)
        assert isinstance(found, Effect)
        steps, continuation = arguments(found.outcome)[1]  # bind (range ..) (\xs. ok (ppower mul act xs m0 s))
        xs = t.var("steps", continuation.bound_type)
        value = t.open_binder(continuation, xs).argument
        if head(value) != "ppower":
            raise NoProof("the power form denotes something else")
        mul, act, _, m0, state = arguments(value)[1]
        th = instantiate_power(self.step, mul, act, m0, xs, self._laws(mul, act, m0))
        inner = k.abs_(xs, at(th, state))
        loop = site.loop_outcome()
        both = k.app(k.refl(loop.function), inner)
        if both.left is not loop or both.right is not found.outcome:
            raise NoProof("the loop's place was lost")
        function = site.replaced([replace(power)])
        return function, site.conclude(both, function)

    def _laws(self, mul: Term, act: Term, m0: Term) -> list[Theorem]:
        layout = Layout(self.body.domain, self.body.word, self.body.count, self.summary.size, self.body.tropical())
        equality = Equality(layout)
        proved: list[Theorem] = []
        for left, right in law_equations(self.step, mul, act, m0).values():
            variables: list[Term] = []
            while left.kind == "L" and len(variables) < (2 if not proved else 3):
                v = t.var(f"law.{len(variables)}", left.bound_type)
                variables.append(v)
                left, right = t.open_binder(left, v), t.open_binder(right, v)
            th = equality.prove(left, right, Evaluator(no_range))
            proved.append(abstract(variables, th))
        return proved


__all__ = ["Powering", "unfold"]
