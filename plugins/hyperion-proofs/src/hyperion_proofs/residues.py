"""Untrusted. The arithmetic in which a recurrence is linear: words that wrap, or remainders by a modulus."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hyperion.ir.function import Value
from hyperion.ir.types import I64
from hyperion.logic import kernel as k
from hyperion.logic import literals, modular
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, discharge, head, use
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import untuple
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term, subterms
from hyperion_proofs import modular_laws
from hyperion_proofs.clamping import larger, smaller
from hyperion_proofs.derived import NoProof, chain, cond_is, contradiction, instance
from hyperion_proofs.emission import Emitter
from hyperion_proofs.evaluate import Evaluator
from hyperion_proofs.implication import parts
from hyperion_proofs.inequalities import nonneg_add
from hyperion_proofs.magnitudes import between, in_word, within, word_within
from hyperion_proofs.nonnegative import as_sum, at_most, difference, known
from hyperion_proofs.unfolding import sure

_ZERO, _ONE, _MINUS_ONE = (literals.int_lit(n) for n in (0, 1, -1))
_TOP = literals.int_lit(I64.maximum)


@dataclass(frozen=True)
class Residues:
    """`modulus` is the integer that remainders are taken by; None where words wrap. One that is no literal is positive
    or `negative`, which `equal` tells apart; it is not 0, by `nonzero`."""

    modulus: Term | None
    negative: bool = False

    @classmethod
    def of(cls, modulus: Term | None) -> Residues:
        """By the sign of a literal; of another modulus, to be positive or not."""
        literal = modulus is not None and modulus.kind == "K"
        return cls(modulus, literal and literals.int_value(modulus) < 0)

    @property
    def varies(self) -> bool:
        """Whether the modulus is known at run time only."""
        return self.modulus is not None and self.modulus.kind != "K"

    def reduce(self, e: Term) -> Term:
        return e if self.modulus is None else apply("mod", e, self.modulus)

    def emitted(self, e: Term) -> Term:
        """The same in code, where a divisor whose sign is known by what it is needs no test for 0."""
        m = self.modulus
        if m is None or not self.varies:
            return self.reduce(e)
        sides = (apply("mod", e, apply(name, m, one)) for name, one in (("max", _ONE), ("min", _MINUS_ONE)))
        return apply("cond", self.positive_claim, *sides)

    @property
    def positive_claim(self) -> Term:
        """0 < modulus."""
        assert self.modulus is not None
        return apply("lt", _ZERO, self.modulus)

    @property
    def negative_claim(self) -> Term:
        """modulus < 0."""
        assert self.modulus is not None
        return apply("lt", self.modulus, _ZERO)

    @property
    def nonzero(self) -> Term:
        """What is asked of a modulus that is known at run time only."""
        return apply("or", self.positive_claim, self.negative_claim)

    def inside(self, x: Term) -> Term | None:
        """What a reduction in a sum reduces."""
        if head(x) == "toZ.i64" and head(x.argument) == "ofZ.i64":
            return x.argument.argument
        if self.modulus is not None and INTEGERS.is_op(x, "mod") and x.argument is self.modulus:
            return x.function.argument
        return None

    def emit(self, emitter: Emitter, e: Term) -> Value:
        if self.modulus is None:
            return emitter.integer(e, I64)
        return emitter.op("cast.wrap", I64, emitter.exact(e))

    # ---- proofs, under |- 0 < modulus or |- modulus < 0 where that is no literal

    def _sign(self) -> Theorem:
        """|- the modulus has its sign: computed, or assumed."""
        claim = self.negative_claim if self.negative else self.positive_claim
        return k.assume(claim, TRUE) if self.varies else k.compute(claim)

    def evaluator(self) -> Evaluator:
        return Evaluator(self._in_range, self._facts() if self.varies else ())

    def _facts(self) -> tuple[Theorem, ...]:
        """|- that the modulus is not 0, which sign it has, and that code for that sign divides by it."""
        m = self.modulus
        assert m is not None
        zero = apply("eq", m, _ZERO)
        under, over = parts(k.trans(k.sym(instance("int.eq.def", a=m, b=_ZERO)), k.assume(zero, TRUE)))
        if self.negative:
            positive = _gap(k.assume(self.positive_claim, TRUE))
            sign = self._refuted(self.positive_claim, positive)
            return self._refuted(zero, difference(over)), sign, smaller(at_most(self._gap, m, _MINUS_ONE))
        return self._refuted(zero, difference(under)), self._sign(), larger(at_most(self._gap, _ONE, m))

    @property
    def _gap(self) -> Theorem:
        """|- 0 <= modulus - 1, or 0 <= -1 - modulus."""
        return _gap(self._sign())

    def _refuted(self, claim: Term, meant: Theorem) -> Theorem:
        """|- claim = false, from {claim} |- 0 <= p for p below 0."""
        absurd = nonneg_add(self._gap, meant)
        number = INTEGERS.normal(absurd.left.argument)
        assert number is not None
        absurd = as_sum(absurd, number.right)
        no = contradiction(k.trans(k.sym(absurd), k.compute(absurd.left)), claim, FALSE)
        return k.bool_cases(claim, no, k.assume(claim, FALSE))

    def remainder(self, x: Term) -> Theorem:
        """|- within (2**63 - 1) x, for x = mod e modulus."""
        assert self.modulus is not None
        e, m = x.function.argument, self.modulus
        if not self.negative:
            return _remainder(e, m, self._sign(), nonneg_add(difference(self._ends()[1]), known(1)))
        opposite = apply("neg", m)
        one = apply("add", _ONE, _ZERO)
        less = k.trans(instance("int.lt.def", a=_ZERO, b=opposite), at_most(self._gap, one, opposite))
        room = as_sum(difference(self._ends()[0]), apply("sub", literals.int_lit(I64.maximum + 1), opposite))
        th = _remainder(apply("neg", e), opposite, less, room)
        flipped = instance("int.mod.neg", a=e, m=m)  # mod (neg e) (neg m) = neg x
        size = th.left.function
        th = k.trans(k.sym(k.app(k.refl(size), flipped)), th)
        th = discharge(instance("within.neg", p=size.argument, a=flipped.right), th)
        same = INTEGERS.equal(x, th.left.argument)
        assert same is not None
        return k.trans(k.app(k.refl(size), same), th)

    def _ends(self) -> tuple[Theorem, Theorem]:
        """|- -2**63 <= modulus and |- modulus <= 2**63 - 1."""
        m = self.modulus
        assert m is not None
        if m.kind == "K":
            lowest = literals.int_lit(I64.minimum)
            found = k.compute(apply("le", lowest, m)), k.compute(apply("le", m, _TOP))
            if any(th.right is not TRUE for th in found):
                raise NoProof("the modulus is no i64")
            return found
        if head(m) != "toZ.i64":
            raise NoProof("the modulus is no i64")
        inside = parts(k.trans(k.sym(instance("i64.inr.def", z=m)), instance("i64.inr.to", x=m.argument)))
        return inside[0], inside[1]

    def _in_range(self, word: str, e: Term) -> Theorem | None:
        if self.modulus is None:
            return None
        try:
            return in_word(word, within(e, self._sizes(e)))
        except NoProof:
            return None

    def _sizes(self, e: Term) -> dict[Term, Theorem]:
        """Magnitudes of the words and remainders in e."""
        found: dict[Term, Theorem] = {}
        for x in subterms(e):
            if head(x).startswith("toZ.") and x.kind == "A" and x.type is _ZERO.type:
                found[x] = word_within(x.argument)
            elif INTEGERS.is_op(x, "mod") and x.argument is self.modulus:
                found[x] = self.remainder(x)
        return found

    def equal(self, a: Term, b: Term) -> Theorem:
        """|- a = b, for terms that evaluate to words, tuples of words, or their outcomes; under |- nonzero where the
        modulus is no literal."""
        if not self.varies:
            return self._equal(a, b)
        claim, nonzero = self.positive_claim, self.nonzero
        opened = sure(use("or.def", nonzero))
        chosen = chain(opened, cond_is(k.assume(claim, FALSE), opened.right))
        below = k.trans(k.sym(chosen), k.assume(nonzero, TRUE))
        negative = replace(self, negative=True)._equal(a, b)
        return k.bool_cases(claim, self._equal(a, b), discharge(negative, below))

    def kept(self, x: Term) -> Term:
        """The test that a word is a remainder already."""
        z = apply("toZ.i64", x)
        return apply("eq", self.emitted(z), z)

    def same(self, x: Term, test: Theorem) -> Theorem:
        """|- ofZ (mod (toZ x) modulus) = x, from |- kept x."""
        z = apply("toZ.i64", x)
        coded = test.left.function.argument
        below, above = parts(k.trans(k.sym(instance("int.eq.def", a=coded, b=z)), test))
        equal = discharge(instance("int.le.antisym", a=coded, b=z), below, above)
        words = [apply("ofZ.i64", e) for e in (self.reduce(z), coded)]
        word = k.app(k.refl(words[1].function), equal)
        return chain(self.equal(*words), word, sure(use("i64.of.to", word.right)))

    def _equal(self, a: Term, b: Term) -> Theorem:
        first, last = self.evaluator()(a), self.evaluator()(b)
        return chain(first, self._same(first.right, last.right), k.sym(last))

    def _same(self, a: Term, b: Term) -> Theorem:
        if a is b:
            return k.refl(a)
        if head(a) == head(b) == "ok":
            return k.app(k.refl(a.function), self._same(a.argument, b.argument))
        if a.type.name == "prod":
            count = len(a.type.args or ())
            pairs = zip(untuple(a, count), untuple(b, count), strict=True)
            whole = k.tuple_(*(self._same(x, y) for x, y in pairs))
            first = None if a.kind == "T" else k.sym(k.tupeta(a))
            return chain(first, whole, None if b.kind == "T" else k.tupeta(b))
        first, last = (_as_word(x) for x in (a, b))
        found = self._words(first.left, last.left)
        return chain(k.sym(first), found, last)

    def _words(self, a: Term, b: Term) -> Theorem:
        """|- ofZ e = ofZ f."""
        if self.modulus is None:
            found = modular.equal(a, b)
        else:
            inside = modular_laws.equal_inside(a.argument, b.argument)
            found = None if inside is None else k.app(k.refl(a.function), inside)
        if found is None:
            raise NoProof("the two sides differ")
        return found


def _as_word(x: Term) -> Theorem:
    """|- ofZ e = x."""
    if head(x) == "ofZ.i64":
        return k.refl(x)
    return sure(use("i64.of.to", apply("ofZ.i64", apply("toZ.i64", x))))


def _gap(th: Theorem) -> Theorem:
    """From |- a < b: |- 0 <= b - (1 + a)."""
    a, b = arguments(th.left)[1]
    return difference(k.trans(k.sym(instance("int.lt.def", a=a, b=b)), th))


def _remainder(e: Term, d: Term, positive: Theorem, room: Theorem) -> Theorem:
    """|- within (2**63 - 1) (mod e d), from |- 0 < d and |- 0 <= 2**63 - d."""
    x = apply("mod", e, d)
    low = discharge(instance("int.mod.nonneg", a=e, m=d), positive)
    less = discharge(instance("int.mod.less", a=e, m=d), positive)
    return between(x, low, at_most(nonneg_add(_gap(less), room), x, _TOP), I64.maximum)
