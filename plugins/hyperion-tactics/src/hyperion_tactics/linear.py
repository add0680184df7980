"""Linear arithmetic over the integers: comparisons and equations from hypotheses, by certificates replayed in the
kernel.

Products of variables count as variables. A comparison is `0 <= p` for a polynomial p in normal form; its denial joins
the hypotheses, and `inequalities.contradiction` finds how they contradict each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from hyperion.interfaces.tactic import Goal, Progress
from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import NoProof, arguments, discharge, head
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_tactics import inequalities, lemmas
from hyperion_tactics.combinators import done
from hyperion_tactics.inequalities import Combined, Divided, Given, Line, TooMany
from hyperion_tactics.order_lemmas import ONE, ZERO, A, B, as_nonnegative, denied, le, with_right
from hyperion_tactics.proving import Failed
from hyperion_tactics.ring import polynomials
from hyperion_tactics.sums import Normaliser
from hyperion_tactics.tasks import Task, run


def comparison(th: Theorem) -> Iterator[Theorem]:
    """From a comparison that is true or false, or an equation of integers: theorems 0 <= p = true."""
    if th.left in (TRUE, FALSE):
        th = k.sym(th)
    if th.left.type is t.INT:
        yield _nonnegative(_follows(th))
        yield _nonnegative(_follows(k.sym(th)))
        return
    name, args = head(th.left), arguments(th.left)[1]
    if name == "eq" and th.right is TRUE:
        for part in lemmas.conjuncts(k.trans(k.sym(lemmas.law("int.eq.def", th.left)), th)):
            yield from comparison(part)
    if name not in ("le", "lt") or len(args) != 2 or th.right not in (TRUE, FALSE):
        return
    if name == "lt":
        th = k.trans(k.sym(lemmas.law("int.lt.def", th.left)), th)
    yield _nonnegative(th)


def _follows(th: Theorem) -> Theorem:
    """From |- a = b: |- a <= b = true."""
    a = th.left
    return k.trans(k.sym(with_right(le(a, a), th)), lemmas.axiom("int.le.refl", a=a))


def _nonnegative(th: Theorem) -> Theorem:
    """From |- a <= b = true: |- 0 <= b - a = true; from = false: |- 0 <= a - (1 + b) = true."""
    if th.right is FALSE:
        _, (a, b) = arguments(th.left)
        th = discharge(k.inst({A: a, B: b}, denied()), th)
    _, (a, b) = arguments(th.left)
    return k.trans(k.sym(k.inst({A: a, B: b}, as_nonnegative())), th)


@dataclass
class Facts:
    """Inequalities as theorems |- 0 <= p = true, p in normal form, and as lines for the search."""

    normaliser: Normaliser = field(default_factory=lambda: Normaliser(polynomials(t.INT).laws))
    theorems: list[Theorem] = field(default_factory=list[Theorem])
    _known: dict[Line[Term], Theorem] = field(default_factory=dict[Line[Term], Theorem])

    def add(self, th: Theorem) -> None:
        for each in comparison(th):
            self.theorems.append(self.normal(each))

    def normal(self, th: Theorem) -> Theorem:
        """From |- 0 <= e = true: the same of the normal form of e."""
        same = self.normaliser.sum(th.left.argument)
        return k.trans(k.sym(with_right(th.left, same)), th)

    def line(self, th: Theorem) -> tuple[Mapping[Term, int], int]:
        coefficients, constant = dict[Term, int](), 0
        for product in self.normaliser.products(th.left.argument):
            c, p = self.normaliser.parts(product)
            assert c is not None
            if p is ONE:
                constant = literals.int_value(c)
            else:
                coefficients[p] = literals.int_value(c)
        return coefficients, constant

    def contradiction(self) -> Theorem | None:
        """|- false = true, where the facts contradict each other. Raises NoProof where there are too many."""
        self._divisions()
        try:
            found = inequalities.contradiction([self.line(th) for th in self.theorems])
        except TooMany as error:
            raise NoProof(str(error)) from error
        if found is None:
            return None
        return self._absurd(run(self._replayed(found)))

    def _divisions(self) -> None:
        """What a // m and a % m are for literals m > 0, where they occur."""
        seen, checked = set[tuple[Term, Term]](), 0
        while checked < len(self.theorems):
            for product in self.normaliser.products(self.theorems[checked].left.argument):
                for atom in polynomials(t.INT).mul.leaves(self.normaliser.parts(product)[1]):
                    pair = _division(atom)
                    if pair is not None and pair not in seen:
                        seen.add(pair)
                        self._divided_by(*pair)
            checked += 1

    def _divided_by(self, a: Term, m: Term) -> None:
        positive = k.compute(apply("lt", ZERO, m))
        self.add(lemmas.axiom("int.floordiv.mod", a=a, m=m))
        for name in ("int.mod.nonneg", "int.mod.less"):
            self.add(discharge(lemmas.axiom(name, a=a, m=m), positive))

    # ---- replay

    def _replayed(self, line: Line[Term]) -> Task[Theorem]:
        """|- 0 <= p = true for the polynomial of a line."""
        if line not in self._known:
            self._known[line] = yield self._derived(line)
        return self._known[line]

    def _derived(self, line: Line[Term]) -> Task[Theorem]:
        match line.origin:
            case Given(number):
                return self.theorems[number]
            case Combined(first, a, second, b):
                one = yield self._replayed(first)
                other = yield self._replayed(second)
                left, right = self._scaled(one, a), self._scaled(other, b)
                total = lemmas.axiom("int.nonneg.add", a=left.left.argument, b=right.left.argument)
                return self._in_form(discharge(total, left, right), self.normaliser.plus)
            case Divided(inner, divisor):
                return self._divided((yield self._replayed(inner)), divisor, line)

    def _scaled(self, th: Theorem, factor: int) -> Theorem:
        if factor == 1:
            return th
        scale = self._constant(factor)
        positive = k.trans(
            with_right(le(ZERO, scale), polynomials(t.INT).laws.mul_one(literals.int_lit(factor))),
            k.compute(le(ZERO, literals.int_lit(factor))),
        )
        product = lemmas.axiom("int.nonneg.mul", a=scale, b=th.left.argument)
        return self._in_form(discharge(product, positive, th), self.normaliser.times)

    def _in_form(self, th: Theorem, combine: Callable[[Term, Term], Theorem]) -> Theorem:
        x = th.left.argument
        same = combine(x.function.argument, x.argument)
        return k.trans(k.sym(with_right(th.left, same)), th)

    def _constant(self, value: int) -> Term:
        return apply("mul", literals.int_lit(value), ONE)

    def _divided(self, th: Theorem, divisor: int, line: Line[Term]) -> Theorem:
        """From 0 <= d*q + r with 0 <= r < d: 0 <= q; else q <= -1, so d*q + r <= r - d < 0."""
        quotient = self._polynomial(line)
        goal = le(ZERO, quotient)
        denied = self.normal(_nonnegative(k.assume(goal, FALSE)))  # 0 <= 0 - (1 + q)
        scaled = self._scaled(denied, divisor)
        total = lemmas.axiom("int.nonneg.add", a=scaled.left.argument, b=th.left.argument)
        false = self._absurd(self._in_form(discharge(total, scaled, th), self.normaliser.plus))
        return k.bool_cases(goal, k.assume(goal, TRUE), lemmas.contradiction(false, goal, TRUE))

    def _absurd(self, th: Theorem) -> Theorem:
        """From |- 0 <= c*1 = true with c < 0: |- false = true."""
        same = polynomials(t.INT).laws.mul_one(th.left.argument.function.argument)
        plain = k.trans(k.sym(with_right(th.left, same)), th)
        return k.trans(k.sym(k.compute(plain.left)), plain)

    def _polynomial(self, line: Line[Term]) -> Term:
        """The normal form with the coefficients of a line."""
        total: Term = self._constant(line.constant)
        for p, c in line.coefficients.items():
            total = apply("add", apply("mul", literals.int_lit(c), p), total)
        return self.normaliser.sum(total).right


def _division(atom: Term) -> tuple[Term, Term] | None:
    """a and m of a // m or a % m with a literal m > 0."""
    if head(atom) not in ("floordiv", "mod"):
        return None
    _, (a, m) = arguments(atom)
    return (a, m) if m.kind == "K" and literals.int_value(m) > 0 else None


def refuted(theorems: Iterable[Theorem]) -> Theorem | None:
    """A theorem false = true under the hypotheses of `theorems`, where their comparisons contradict each other."""
    facts = Facts()
    for th in theorems:
        for each in lemmas.conjuncts(th):
            facts.add(each)
    return facts.contradiction()


def linear(goal: Goal) -> Progress:
    """Proves a comparison (`a <= b = true`, `a < b = false`, ..), an equation of integers, or anything where the
    hypotheses contradict each other, from hypotheses that are comparisons or equations of integers."""
    hypotheses = [k.assume(*h) for h in sorted(goal.hypotheses, key=lambda h: (t.digest(h[0]), t.digest(h[1])))]
    return done(proved_from(goal, hypotheses))


def proved_from(goal: Goal, hypotheses: list[Theorem]) -> Theorem:
    """The theorem of the goal from the comparisons and equations among `hypotheses`; raises NoProof."""
    left, right = goal.left, goal.right
    if left in (TRUE, FALSE) and right not in (TRUE, FALSE):
        return k.sym(proved_from(Goal(goal.hypotheses, right, left), hypotheses))
    if left is right:
        return k.refl(left)
    if left.type is t.INT:
        first, last = (_decided(goal, le(*sides), TRUE, hypotheses) for sides in ((left, right), (right, left)))
        return discharge(lemmas.axiom("int.le.antisym", a=left, b=right), first, last)
    if head(left) in ("le", "lt") and right in (TRUE, FALSE):
        return _decided(goal, left, right, hypotheses)
    false = refuted(hypotheses)
    if false is None:
        raise Failed("the goal is no comparison, and the hypotheses do not contradict each other", goal)
    return lemmas.contradiction(false, left, right)


def _decided(goal: Goal, test: Term, value: Term, hypotheses: list[Theorem]) -> Theorem:
    """|- test = value, as the other value contradicts the hypotheses."""
    other = FALSE if value is TRUE else TRUE
    denial = k.assume(test, other)
    false = refuted([*hypotheses, denial])
    if false is None:
        raise Failed("the inequalities do not decide it", goal)
    denied = lemmas.contradiction(false, test, value)
    held = k.assume(test, value)
    return k.bool_cases(test, *((held, denied) if value is TRUE else (denied, held)))
