"""Untrusted. What is proved of a shift register, from that its shift S is linear and moves a bit.

combined(c, s)  is the sum of  c, S c, S (S c), ..  for those bits of s that are met first, second, third, ..

    combined(e, s) = s & mask          combined(S c, s) = S (combined(c, s))          whole(s, y) = A s ^ whole(0, y)
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, chain, discharge, use
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, cond_is
from hyperion_proofs.evaluate import Evaluator, no_range
from hyperion_proofs.gf2.additive import Additive
from hyperion_proofs.gf2.register import Register, selected
from hyperion_proofs.gf2.spaces import congruent
from hyperion_proofs.gf2.words import alone, at, below, both, literal, regrouped, same, value, xor, xor_self, xor_zero


class Algebra:
    """Of one register. Raises NotLinear where its shift is not linear."""

    def __init__(self, register: Register) -> None:
        self.register = register
        word = register.state.type
        self.zero = literal(register.word, 0)
        self._a, self._b = t.var("first", word), t.var("second", word)
        self._power, self._made, self._state = (t.var(n, word) for n in ("power", "made", "state"))
        self.additive = Additive({register.state: (self._a, self._b)})(register.layer)
        self.split = self._split()

    def sum_shifted(self, a: Term, b: Term) -> Theorem:
        """|- S (a ^ b) = S a ^ S b"""
        return k.inst({self._a: a, self._b: b}, self.additive)

    @cached_property
    def zero_shifted(self) -> Theorem:
        """|- S 0 = 0"""
        z = self.zero
        nothing = at(xor_zero(self.register.word), x=z)  # 0 ^ 0 = 0
        opened = self.sum_shifted(z, z)
        cancelled = at(xor_self(self.register.word), x=opened.right.argument)
        return chain(k.sym(self.under(nothing)), opened, cancelled)

    def under(self, th: Theorem) -> Theorem:
        """From |- a = b: |- S a = S b."""
        return congruent(self.register.layer, {self.register.state: th})

    def all_under(self, th: Theorem) -> Theorem:
        """From |- a = b: |- A a = A b."""
        for _ in range(self.register.count):
            th = self.under(th)
        return th

    def sum_advanced(self, a: Term, b: Term) -> Theorem:
        """|- A (a ^ b) = A a ^ A b"""
        th = k.refl(xor(a, b))
        for _ in range(self.register.count):
            moved = self.under(th)
            th = k.trans(moved, self.sum_shifted(th.right.function.argument, th.right.argument))
        return th

    # ---- the step

    def _split(self) -> Theorem:
        """|- whole(s, y) = A s ^ whole(0, y)"""
        r = self.register
        s, zero = r.state, self.zero
        layered = r.base is not r.whole
        parts = {s: (s, zero)} | {y: (zero, y) for y in r.inputs}
        th = Additive(parts)(r.base)
        alone_ = {s: at(xor_zero(r.word), x=s)}
        alone_ |= {y: same(xor(zero, y), y) for y in r.inputs}
        th = k.trans(k.sym(congruent(r.base, alone_)), th)  # base(s, y) = base(s, 0) ^ base(0, y)
        if not layered:
            return th
        kept = self._as_it_was(th.right.function.argument)  # base(s, 0) = s
        th = k.trans(th, k.app(k.app(k.refl(th.right.function.function), kept), k.refl(th.right.argument)))
        return k.trans(self.all_under(th), self.sum_advanced(s, th.right.argument))

    def _as_it_was(self, x: Term) -> Theorem:
        """|- x = s, for the base where there is no input."""
        th = Evaluator(no_range)(x)
        return k.trans(th, same(th.right, self.register.state))

    def stepped(self, s: Term, inputs: Mapping[Term, Term]) -> Theorem:
        """|- whole(s, y) = A s ^ whole(0, y), at these words."""
        return k.inst({self.register.state: s} | dict(inputs), self.split)

    # ---- sums of powers

    def combined_shifted(self, c: Term, s: Term) -> Theorem:
        """|- combined(S c, s) = S (combined(c, s))"""
        return k.inst({self._power: c, self._state: s}, self._combined_shifted)

    @cached_property
    def _combined_shifted(self) -> Theorem:
        return k.sym(self._out(self.register.combined(self._power, self._state), self._state))

    def _out(self, total: Term, s: Term) -> Theorem:
        """|- S (combined(c, s)) = combined(S c, s)"""
        if total.function.kind == "C":  # ofZ (cond test 0 (toZ c))
            test, _, power = arguments(total.argument)[1]
            return k.inst({self._test: test, self._a: power.argument}, self._choice)
        rest, part = total.function.argument, total.argument
        opened = self.sum_shifted(rest, part)
        inner = self._out(rest, s), self._out(part, s)
        return k.trans(opened, k.app(k.app(k.refl(opened.right.function.function), inner[0]), inner[1]))

    @cached_property
    def _test(self) -> Term:
        return t.var("tested", t.BOOL)

    @cached_property
    def _choice(self) -> Theorem:
        """|- S (0 if c else a) = 0 if c else S a"""
        nothing = literals.int_lit(0)

        def choice(x: Term) -> Term:
            name = self.register.word
            return apply(f"ofZ.{name}", apply("cond", self._test, nothing, apply(f"toZ.{name}", x)))

        left, right = choice(self._a), choice(self.register.shifted(self._a))
        cases: list[Theorem] = []
        for known in (k.assume(self._test, TRUE), k.assume(self._test, FALSE)):
            first, last = self._picked(left, known), self._picked(right, known)
            middle = self.zero_shifted if known.right is TRUE else k.refl(last.right)
            cases.append(chain(self.under(first), middle, k.sym(last)))
        return k.bool_cases(self._test, *cases)

    def _picked(self, x: Term, known: Theorem) -> Theorem:
        """|- ofZ (cond c 0 (toZ a)) = ofZ 0, or a."""
        th = k.app(k.refl(x.function), cond_is(known, x.argument))
        return th if known.right is TRUE else chain(th, use(f"{self.register.word}.of.to", th.right))

    def combined_first(self, s: Term) -> Theorem:
        """|- combined(e, s) = s & mask"""
        return k.inst({self._b: s}, self._first)

    @cached_property
    def _first(self) -> Theorem:
        r, s = self.register, self._b
        powers = [k.refl(r.first)]  # S (S .. e) = 2**n
        for n in r.order[1:]:
            moved = self.under(powers[-1])
            found = k.trans(moved, value(moved.right))
            if found.right is not literal(r.word, 1 << n):
                raise NoProof("a bit is not moved to the next one")
            powers.append(found)
        by_bit = dict(zip(r.order, powers, strict=True))
        total: Theorem | None = None
        for n in range(r.width):
            part = self._bit_selected(s, n, by_bit[n])  # .. = s & 2**n
            if total is None:
                total = k.trans(part, k.sym(at(alone(r.word, n), x=s)))
            else:
                together = k.app(k.app(k.refl(xor(s, s).function.function), total), part)
                total = k.trans(together, k.sym(at(below(r.word, n), x=s)))
        assert total is not None
        if total.right is not both(s, literal(r.word, r.mask)):
            raise NoProof("the sum of the bits is another")
        return total

    def _bit_selected(self, s: Term, n: int, power: Theorem) -> Theorem:
        """From |- c = 2**n: |- (0 if s & 2**n = 0 else c) = (2**n if bit n of s else 0)"""
        name = self.register.word
        x = selected(s, n, power.left)
        v = t.var("power", power.left.type)
        put = congruent(selected(s, n, v), {v: power})
        law = at(alone(name, n), x=s)
        test = arguments(put.right.argument)[1][0]
        cases: list[Theorem] = []
        for known in (k.assume(arguments(law.right)[1][0], TRUE), k.assume(arguments(law.right)[1][0], FALSE)):
            end = cond_is(known, law.right)
            word = k.app(k.refl(apply(f"toZ.{name}", s).function), k.trans(law, end))
            integer = k.trans(word, k.compute(word.right))
            compared = k.app(k.app(k.refl(test.function.function), integer), k.refl(test.argument))
            decided = k.trans(compared, k.compute(compared.right))
            cases.append(chain(self._picked(put.right, decided), k.sym(end)))
        th = k.trans(put, k.bool_cases(cases_on(law), *cases))
        if th.left is not x:
            raise NoProof("a bit is selected in another way")
        return th

    # ---- the two laws

    def acted(self, s: Term, inputs: Mapping[Term, Term], inside: Theorem) -> Theorem:
        """From |- s & mask = s: |- whole(s, y) = combined(A e, s) ^ whole(0, y)"""
        law = k.inst({self._state: s} | dict(inputs), self._acted)
        return discharge(law, inside)

    @cached_property
    def _acted(self) -> Theorem:
        r, s = self.register, self._state
        th = self.stepped(s, {})
        inside = k.assume(both(s, literal(r.word, r.mask)), s)
        met = k.trans(k.sym(inside), k.sym(self.combined_first(s)))  # s = combined(e, s)
        moved = self.advanced_out(met, self.register.first, s)
        return k.trans(th, k.app(k.app(k.refl(th.right.function.function), moved), k.refl(th.right.argument)))

    def advanced_out(self, th: Theorem, c: Term, s: Term) -> Theorem:
        """From |- x = combined(c, s): |- A x = combined(A c, s)"""
        for _ in range(self.register.count):
            th = k.trans(self.under(th), k.sym(self.combined_shifted(c, s)))
            c = self.register.shifted(c)
        return th

    def appended(self, c: Term, v: Term, s: Term, inputs: Mapping[Term, Term]) -> Theorem:
        """|- whole(combined(c, s) ^ v, y) = combined(A c, s) ^ whole(v, y)"""
        return k.inst({self._power: c, self._made: v, self._state: s} | dict(inputs), self._appended)

    @cached_property
    def _appended(self) -> Theorem:
        r, c, v, s = self.register, self._power, self._made, self._state
        total = r.combined(c, s)
        th = self.stepped(xor(total, v), {})  # A (combined ^ v) ^ whole(0, y)
        sums = self.sum_advanced(total, v)
        sums = k.trans(
            sums,
            k.app(
                k.app(k.refl(sums.right.function.function), self.advanced_out(k.refl(total), c, s)),
                k.refl(sums.right.argument),
            ),
        )
        th = k.trans(th, k.app(k.app(k.refl(th.right.function.function), sums), k.refl(th.right.argument)))
        a, b, rest = (
            th.right.function.argument.function.argument,
            th.right.function.argument.argument,
            th.right.argument,
        )
        grouped = at(regrouped(r.word), x=a, y=b, z=rest)
        back = k.sym(self.stepped(v, {}))
        return chain(th, grouped, k.app(k.refl(grouped.right.function), back))


def cases_on(law: Theorem) -> Term:
    """The test of |- x = cond c a b."""
    return arguments(law.right)[1][0]
