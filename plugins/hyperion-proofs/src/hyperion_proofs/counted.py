"""Untrusted. A `for` in a function: its elements, how many there are, and the fold that it denotes."""

from __future__ import annotations

from hyperion.ir.function import Equation, Function, Region, Value
from hyperion.ir.types import INT
from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, beta_spine
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import tuple_of
from hyperion.logic.terms import Term
from hyperion_proofs.analysis import Refused
from hyperion_proofs.counting import from_index
from hyperion_proofs.derived import NoProof, abstract, chain, cond_is, contradiction, head, instance, unfold, use
from hyperion_proofs.emission import Emitter
from hyperion_proofs.evaluate import Evaluator, no_range
from hyperion_proofs.sites import Site
from hyperion_proofs.unfolding import bind_ok, sure

_ZERO = literals.int_lit(0)


class Counted:
    """The loop at `function.equations[index]`: `step` runs over element 0, element 1, .., as many as `over` has."""

    def __init__(self, function: Function, index: int) -> None:
        self._at(Site(function, index))

    @classmethod
    def at(cls, site: Site) -> Counted:
        """The loop of a site."""
        counted = cls.__new__(cls)
        counted._at(site)
        return counted

    def _at(self, site: Site) -> None:
        self.site = site
        self.equation: Equation = self.site.equation
        self.region: Region = self.equation.regions[0]
        self.bounds, self.inits = self.equation.operands[:3], self.equation.operands[3:]
        self.step = self.site.denotation.step(self.region, 1, self.site.env)
        self.state = tuple_of(tuple(self.site.env[v.name] for v in self.inits))
        self._outcome = self.site.loop_outcome()
        self._measured = head(self._outcome) == "fold"
        if self._measured:  # over the indices of an array
            self._range = None
            listed = self._outcome.argument
        else:
            self._range = unfold("range", self._outcome.function.argument)
            listed = self._range.right.argument.argument
        if head(listed) != "indices":
            raise Refused(
                "the loop runs over a few numbers that are written, one after the other", span=self.equation.span
            )
        self.element, self.over = arguments(listed)[1]
        self.length = apply("length", self.over)
        self.count = self.length if self._measured else apply("max", _ZERO, self.over.argument)

    def counted(self) -> Theorem:
        """|- length over = count."""
        if self._measured:
            return k.refl(self.length)
        opened = unfold("length", self.length)
        return k.trans(opened, instance("count.length", n=self.over.argument))

    def emit_count(self, emitter: Emitter) -> Value:
        """The count as a value of type `int`."""
        if not self._measured:
            return emitter.exact(self.count)
        (array,) = (v for x, v in self.site.captured().items() if x is self.over)
        return emitter.op("len", INT, array, hint="n")

    @property
    def step_literal(self) -> int | None:
        """The range's step where it is a written number other than 0, and the loop is not over an array's indices."""
        if self._measured:
            return None
        step = literal_word(self.site.env[self.bounds[2].name])
        return literals.int_value(step) or None if step.kind == "K" else None

    @property
    def zero_step(self) -> Term | None:
        """The test whether the range's step is 0, which would trap; None where it is known not to be."""
        if self._range is None:
            return None
        test = arguments(self._range.right)[1][0]
        return None if Evaluator(no_range)(test).right is FALSE else test

    def constant(self) -> tuple[Term, Term, Theorem]:
        """f, h and |- f s x = h s, of a loop with steps that are all the same. Raises Refused for another one."""
        f = self.step
        s, x = t.var("s", f.bound_type), t.var("x", f.body.bound_type)
        once = beta_spine(t.app(f, s, x))
        if x in once.right.free:
            raise Refused(
                "the step uses the loop's counter, so the steps are not all the same", span=self.equation.span
            )
        h = t.lam(s, once.right)
        return f, h, abstract((s, x), k.trans(once, k.sym(k.beta(t.app(h, s)))))

    def opened(self, steps: Theorem | None = None) -> Theorem:
        """|- the loop's outcome = fold step state (from_index element over 0). `steps` is |- zero_step = false."""
        th = k.refl(self._outcome)
        if self._range is not None:
            choice = self._range.right
            test = steps or Evaluator(no_range)(arguments(choice)[1][0])
            if test.right is not FALSE:
                raise NoProof("the range's step may be 0")
            elements = chain(self._range, cond_is(test, choice))
            bind = self._outcome.function.function
            th = bind_ok(k.app(k.app(k.refl(bind), elements), k.refl(self._outcome.argument)))
        listed = unfold("indices", th.right.argument)
        if listed.right is not from_index(self.element, self.over, _ZERO):
            raise NoProof("the loop's elements were lost")
        return k.trans(th, k.app(k.refl(th.right.function), listed))

    def opened_power(self, outcome: Term, steps: Theorem | None = None) -> Theorem:
        """|- outcome = ok (ppower .. over the elements ..), for a power over the loop's range."""
        if self._range is None:
            power, th = outcome, k.refl(outcome)
        else:
            choice = self._range.right
            test = steps or Evaluator(no_range)(arguments(choice)[1][0])
            elements = chain(self._range, cond_is(test, choice))
            th = bind_ok(k.app(k.app(k.refl(outcome.function.function), elements), k.refl(outcome.argument)))
            power = th.right
        listed = unfold("indices", arguments(power.argument)[1][2])
        function, (mul, act, _, m0, first) = arguments(power.argument)
        moved = k.app(k.refl(t.app(function, mul, act)), listed)
        for x in (m0, first):
            moved = k.app(moved, k.refl(x))
        return k.trans(th, k.app(k.refl(power.function), moved))


def literal_word(x: Term) -> Term:
    """The integer value of a word: its literal where it is one."""
    word = x.type.name
    if head(x) == f"ofZ.{word}" and x.argument.kind == "K":
        return x.argument
    return apply(f"toZ.{word}", x)


def denied(th: Theorem) -> Theorem:
    """From |- not c = true: |- c = false."""
    c = th.left.argument
    opened = sure(use("not.def", th.left))
    absurd = chain(k.sym(th), opened, cond_is(k.assume(c, TRUE), opened.right))
    return k.bool_cases(c, contradiction(absurd, c, FALSE), k.assume(c, FALSE))
