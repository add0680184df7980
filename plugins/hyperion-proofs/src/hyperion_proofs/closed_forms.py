"""Untrusted. A counting loop of trapping i64 whose state is a polynomial in the number of steps: in closed form.

    no step leaves the range, by the limits of every sum at the first and the last step
    -------------------------------------------------------------------------------------
    the loop = ok (c count)

The guard computes the limits in `int`. Each power of the step's number goes one way, so the limits are those of the
sum itself where its coefficients have one sign; else they are further out, and the loop runs as written more often.
"""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.ir.function import Function
from hyperion.ir.types import I64, INT
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, beta_spine, discharge, head
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import tuple_of, untuple
from hyperion.logic.terms import Term
from hyperion_proofs.analysis import Refused
from hyperion_proofs.clamping import Clamps, smaller, width
from hyperion_proofs.counted import Counted, denied, literal_word
from hyperion_proofs.counting import closed_form_law, instantiate_closed_form
from hyperion_proofs.derived import NoProof, chain, instance, use
from hyperion_proofs.emission import Emitter
from hyperion_proofs.evaluate import Evaluator
from hyperion_proofs.exactness import Exactness
from hyperion_proofs.implication import all_parts, eliminate, introduce
from hyperion_proofs.jumping import Jumps
from hyperion_proofs.known_forms import KnownForm, Proofs
from hyperion_proofs.loop import add, int_, le
from hyperion_proofs.nonnegative import as_sum, difference
from hyperion_proofs.polynomials import INDEX
from hyperion_proofs.pretty import source_names
from hyperion_proofs.solving import Quotient, assuming, literal_or_value, solve
from hyperion_proofs.step_guards import StepGuard
from hyperion_proofs.unfolding import sure
from hyperion_proofs.versions import versioned

_ZERO, _ONE = int_(0), int_(1)


SLOW = 2
"""Sums of a higher degree leave 64 bits after a few million steps, which are run sooner than jumps are proved."""


class Form:
    """The state of a loop after `count` steps in closed form, where tests hold. Raises Refused where it has none.

    `count` is a term of type int; that it is not above the number of the loop's elements is for others to see to.
    """

    def __init__(self, counted: Counted, count: Term) -> None:
        self.counted = counted
        self.count = count
        self.forms = solve(counted)
        self.term = t.lam(INDEX, tuple_of(tuple(apply("ofZ.i64", q.term(INDEX)) for q in self.forms)))
        law = closed_form_law(counted.step, counted.element, self.term, count)
        self._exactness = Exactness(t.var("last", t.INT))
        for q in self.forms:
            if q.divisor != 1:
                self._exactness.learn(q.dividend, q.divisor)
        left = arguments(t.open_binder(law[0], INDEX))[1][1]
        self._stepped = Evaluator(assuming)(left)
        if head(self._stepped.right) != "ok":
            raise NoProof("the step in closed form does not evaluate")
        self._ranges = [claim.argument for claim, _ in self._stepped.hypotheses]
        self._ranges.sort(key=t.digest)
        sizes = [self._exactness.size(e) for e in self._ranges] + [q.size for q in self.forms]
        sums = [self._exactness.expanded(e)[1] for e in self._ranges] + [q.dividend for q in self.forms]
        scale, degree = (max(column) for column in zip(*sizes, strict=True))
        self._clamps = Clamps(scale, degree, max(map(width, sums)))
        self._capped = apply("min", count, int_(self._clamps.most))
        self._exactness.last = apply("sub", self._capped, _ONE)
        limits = [x for e in self._ranges for x in self._exactness.limits(e, self._clamps)]
        self.results = [self._result(q) for q in self.forms]
        self.tests = [le(count, int_(self._clamps.most)), *self._clamps.tests, *limits]

    @property
    def most(self) -> int:
        """The largest count that passes the tests."""
        return self._clamps.most

    def _result(self, form: Quotient) -> Term:
        value = self._clamps.horner(form.dividend, self._capped)
        return value if form.divisor == 1 else apply("floordiv", value, int_(form.divisor))

    def finish(self, facts: dict[Term, Theorem]) -> Theorem:
        """|- c count = the results."""
        moved = k.app(k.refl(self.term), k.sym(self._same_count(facts)))
        reduced = beta_spine(moved.right)
        parts: list[Theorem] = []
        for x, y in zip(self.results, untuple(reduced.right, len(self.forms)), strict=True):
            plain = self._clamps.removed(x, facts)
            parts.append(k.sym(k.app(k.refl(y.function), plain)))
        return chain(moved, reduced, _tuple(parts, reduced.right))

    def start(self) -> Theorem:
        """|- the initial state = c 0."""
        parts: list[Theorem] = []
        for q, x in zip(self.forms, untuple(self.counted.state, len(self.forms)), strict=True):
            value = literal_word(x)
            same = self._exactness.start(q.dividend, q.divisor, value, q.term(_ZERO))
            parts.append(_as_word(k.app(k.refl(apply("ofZ.i64", value).function), same), value.kind != "K"))
        whole = _tuple(parts, self.counted.state)
        return k.trans(whole, k.sym(beta_spine(t.app(self.term, _ZERO))))

    def law(self, facts: dict[Term, Theorem]) -> Theorem:
        """The law of `counting`, where the tests hold."""
        later = add(_ONE, INDEX)
        low, high = k.assume(le(_ZERO, INDEX), TRUE), k.assume(le(later, self.count), TRUE)
        capped = k.app(k.refl(high.left.function), self._same_count(facts))  # 1 + i <= min count most = 1 + i <= count
        room = as_sum(difference(k.trans(capped, high)), apply("sub", self._exactness.last, INDEX))
        th = discharge(self._stepped, *(self._in_range(e, low, room, facts) for e in self._ranges))
        target = beta_spine(t.app(self.term, later))
        old, new = (untuple(x, len(self.forms)) for x in (th.right.argument, target.right))
        parts = [self._same_word(a, b) for a, b in zip(old, new, strict=True)]
        done = k.trans(_tuple(parts, th.right.argument), k.sym(target))
        return introduce((INDEX,), (low.left, high.left), k.trans(th, k.app(k.refl(th.right.function), done)))

    def _same_count(self, facts: dict[Term, Theorem]) -> Theorem:
        """|- min count most = count."""
        return smaller(facts[le(self.count, int_(self.most))])

    def _in_range(self, e: Term, low: Theorem, room: Theorem, facts: dict[Term, Theorem]) -> Theorem:
        tests = [
            k.trans(k.sym(self._clamps.removed(x, facts)), facts[x]) for x in self._exactness.limits(e, self._clamps)
        ]
        return self._exactness.in_range(e, low, room, (tests[0], tests[1]))

    def _same_word(self, a: Term, b: Term) -> Theorem:
        """|- a = b, for b = ofZ (the closed form after a further step)."""
        value = literal_or_value(a)
        same = self._exactness.equal(value, b.argument)
        return _as_word(k.app(k.refl(b.function), same), head(a) != "ofZ.i64")


class ClosedForm:
    """One `for` in a function, in closed form; in jumps where the tests for that fail. Raises Refused where it has
    none."""

    def __init__(self, function: Function, index: int) -> None:
        self.counted = counted = Counted(function, index)
        self._forms = solve(counted)
        degree = max(q.size[1] for q in self._forms)
        self.jumps = _jumps(counted) if degree <= SLOW else None
        whole = None if self.jumps is None else self.jumps.whole()
        self._form = whole or _known(Form(counted, counted.count))

    def derive(self) -> tuple[Function, Theorem]:
        """The function with the loop in closed form under its guard, and |- denote(source) = denote(it)."""
        counted, site, form = self.counted, self.counted.site, self._form
        emitter = Emitter(site.names, site.captured())
        count = counted.emit_count(emitter)
        assert count.type == INT
        guard = StepGuard(emitter)
        if counted.zero_step is not None:
            guard.nonzero(counted.bounds[2])
        guard.add(form.tests)
        test, parts = guard.emit()
        results = [
            emitter.op("cast.wrap", I64, emitter.exact(x), hint=r.name)
            for x, r in zip(form.results, counted.equation.results, strict=True)
        ]
        jumps = self.jumps
        other, slow = (None, None) if jumps is None else (jumps.region(), jumps.prove)
        return versioned(
            site, emitter.equations, test, results, lambda known: self._prove(known, parts), other=other, slow=slow
        )

    def text(self) -> list[str]:
        """The closed forms, with n for the count."""
        site = self.counted.site
        captured = [(x, v) for x, v in site.captured().items() if x.type.name == "i64"]
        names = {apply("toZ.i64", x): name for x, v in captured for name in source_names([v])}
        return [q.rational.text(names | {INDEX: "n"}) for q in self._forms]

    def where(self) -> str:
        """What is tested at run time, and what happens where it fails."""
        other = "else in jumps for which that holds" if self.jumps is not None else "else the loop as written"
        return f"where no sum leaves 64 bits at the first and the last step, tested at run time; {other}"

    def _prove(self, known: Theorem, count: int) -> Theorem:
        """|- the loop = ok (c count), where the guard holds."""
        counted, form = self.counted, self._form
        facts = {th.left: th for th in all_parts(known, count)}
        zero = counted.zero_step
        opened = counted.opened(None if zero is None else denied(facts[apply("not", zero)]))
        law = form.law(facts)
        whole = instantiate_closed_form(counted.step, counted.element, form.term, counted.count, counted.over, law)
        length = k.app(k.refl(add(_ZERO, counted.length).function), counted.counted())
        index = k.trans(length, sure(use("int.add.zero", length.right)))  # 0 + length over = count
        fits = k.app(k.app(k.refl(le(_ZERO, _ZERO).function.function), index), k.refl(counted.count))
        fits = k.trans(fits, instance("int.le.refl", a=counted.count))
        done = eliminate(whole, (_ZERO,), (k.compute(le(_ZERO, _ZERO)), fits))
        function, elements = opened.right.function, opened.right.argument
        begun = k.app(k.app(k.refl(function.function), form.start()), k.refl(elements))
        reached = k.app(k.refl(form.term), index)
        ended = k.app(k.refl(done.right.function), k.trans(reached, form.finish(facts)))
        return chain(opened, begun, done, ended)


def _known(form: Form) -> KnownForm:
    """Once and for all, for every value of the variables in the form."""
    facts = {x: k.assume(x, TRUE) for x in form.tests}
    return KnownForm(
        form.term,
        form.most,
        tuple(form.results),
        tuple(form.tests),
        Proofs(form.start, lambda: form.finish(facts), lambda: form.law(facts)),
    )


def _jumps(counted: Counted) -> Jumps | None:
    """The loop in jumps; None where the number of steps is not known, or quotients have no form from any state on."""
    if counted.step_literal is None:
        return None
    try:
        return Jumps(counted, lambda here, count: _known(Form(here, count)))
    except (Refused, NoProof):
        return None


def _as_word(th: Theorem, value: bool) -> Theorem:
    """From |- ofZ (toZ x) = y: |- x = y, where the left side is of a `value`."""
    return k.trans(k.sym(sure(use("i64.of.to", th.left))), th) if value else th


def _tuple(parts: Sequence[Theorem], x: Term) -> Theorem:
    """|- x = (y0, y1, ..) from |- x0 = y0, .."""
    if len(parts) == 1:
        return parts[0]
    whole = k.tuple_(*parts)
    return whole if x.kind == "T" else k.trans(k.sym(k.tupeta(x)), whole)
