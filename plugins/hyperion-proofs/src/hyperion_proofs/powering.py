"""Untrusted. A counted loop whose step ignores the counter: O(log n) by repeated squaring, on wrapping words."""

from __future__ import annotations

from collections.abc import Iterator

from hyperion.ir.function import Equation, Function, Region, walk
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.derived import arguments
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import Effect, untuple
from hyperion.logic.terms import Term
from hyperion_proofs.analysis import Refused, analyse
from hyperion_proofs.derived import NoProof, abstract, at, head
from hyperion_proofs.equality import Equality, Layout
from hyperion_proofs.evaluate import Evaluator, no_range
from hyperion_proofs.power import instantiate_power, law_equations
from hyperion_proofs.regions import RegionBuilder
from hyperion_proofs.sites import Site
from hyperion_proofs.templates import NotLinear


class Powering:
    """One `for` in a function, with a constant update."""

    def __init__(self, function: Function, index: int) -> None:
        self.site = Site(function, index)
        equation = self.site.equation
        self.loop_region = equation.regions[0]
        _same_every_time(self.loop_region, equation)
        self.step = self.site.denotation.step(self.loop_region, 1, self.site.env)
        try:
            self.body = analyse(self.step, self.loop_region.parameters[1:], self.loop_region)
        except NotLinear:
            if any(e.op == "mul.trap" for e in walk(self.loop_region.equations)):
                raise _trapping(equation) from None
            raise
        if self.body.domain == "budget":
            raise _trapping(equation)
        if self.body.domain == "real":
            raise Refused("a power over the reals would round differently at every length", span=equation.span)
        self.summary = RegionBuilder(self.site, self.body.summary, self.body.types, False).build((), ())

    def derive(self) -> tuple[Function, Theorem]:
        """The function with the loop as a power, and |- denote(source) = denote(it)."""
        site, equation = self.site, self.site.equation
        regions = (self.summary.lift, self.summary.mul, self.summary.act)
        power = Equation(equation.results, "par.power", equation.operands, (), regions, equation.span)
        found = site.denotation.equation(power, site.env)
        assert isinstance(found, Effect)
        both = self._equal(site.loop_outcome(), found.outcome)
        function = site.replaced([power])
        return function, site.conclude(both, function)

    def _equal(self, loop: Term, power: Term) -> Theorem:
        """|- loop = power, both over one list of steps, under a bind where that is an outcome."""
        if head(power) == "ok":  # for 0, len xs, 1
            th = self._over(power.argument)
        else:  # bind (range ..) (\\xs. ok (ppower mul act xs m0 s))
            _, continuation = arguments(power)[1]
            xs = t.var("steps", continuation.bound_type)
            inner = k.abs_(xs, self._over(t.open_binder(continuation, xs).argument))
            th = k.app(k.refl(loop.function), inner)
        if th.left is not loop or th.right is not power:
            raise NoProof("the loop's place was lost")
        return th

    def _over(self, value: Term) -> Theorem:
        """|- fold step s xs = ok value, for value = ppower mul act xs m0 s."""
        if head(value) != "ppower":
            raise NoProof("the power form denotes something else")
        mul, act, xs, m0, state = arguments(value)[1]
        return at(instantiate_power(self.step, mul, act, m0, xs, self._laws(mul, act, m0)), state)

    def _laws(self, mul: Term, act: Term, m0: Term) -> list[Theorem]:
        state = tuple(u.type for u in untuple(self.body.state, self.body.count))
        stored = tuple(t.type_of(str(ty)) for ty in self.body.summary.types)
        layout = Layout(self.body.domain, state, stored)
        equality = Equality(layout)
        step, join = law_equations(self.step, mul, act, m0).values()
        return [_proved(equality, step, 2), _proved(equality, join, 3)]


def _trapping(equation: Equation) -> Refused:
    return Refused(
        "the steps trap at the range of i64, so the power form would have to prove that no step leaves it; "
        'overflow="wrap" computes modulo 2**64',
        span=equation.span,
    )


def _same_every_time(step: Region, equation: Equation) -> None:
    """Refuses a step that reads its counter or an array."""
    inside = list(walk(step.equations))
    if any(e.op in ("get", "update") for e in inside):
        raise Refused("the loop reads or writes arrays by index, so its steps are not all the same", span=equation.span)
    used = {v for e in inside for v in e.operands} | {v for r in _regions(step) for v in r.results}
    if step.parameters[0] in used:
        raise Refused("the step uses the loop's counter, so the steps are not all the same", span=equation.span)


def _regions(region: Region) -> Iterator[Region]:
    yield region
    for e in walk(region.equations):
        yield from e.regions


def _proved(equality: Equality, law: tuple[Term, Term], count: int) -> Theorem:
    """A law under `count` binders."""
    left, right = law
    variables = [t.var(f"law.{i}", ty) for i, ty in enumerate(_binders(left, count))]
    for v in variables:
        left, right = t.open_binder(left, v), t.open_binder(right, v)
    return abstract(variables, equality.prove(left, right, Evaluator(no_range)))


def _binders(x: Term, count: int) -> list[t.Ty]:
    found: list[t.Ty] = []
    for _ in range(count):
        found.append(x.bound_type)
        x = x.body
    return found
