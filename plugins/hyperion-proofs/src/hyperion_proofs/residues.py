"""Untrusted. The arithmetic in which a recurrence is linear: words that wrap, or remainders by a modulus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hyperion.ir.function import Value
from hyperion.ir.types import I64
from hyperion.logic import kernel as k
from hyperion.logic import literals, modular
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import discharge, head, use
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import untuple
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term, subterms
from hyperion_proofs import modular_laws
from hyperion_proofs.clamping import larger
from hyperion_proofs.derived import NoProof, chain, contradiction, instance
from hyperion_proofs.emission import Emitter
from hyperion_proofs.evaluate import Evaluator
from hyperion_proofs.implication import both, parts
from hyperion_proofs.magnitudes import between, in_word, within, word_within
from hyperion_proofs.unfolding import sure

_ZERO, _ONE, _TOP = literals.int_lit(0), literals.int_lit(1), literals.int_lit(I64.maximum)


@dataclass(frozen=True)
class Residues:
    """`modulus` is the integer that remainders are taken by, positive; None where words wrap."""

    modulus: Term | None

    def reduce(self, e: Term) -> Term:
        return e if self.modulus is None else apply("mod", e, self.modulus)

    def emitted(self, e: Term) -> Term:
        """The same in code, where a divisor that is positive by what it is needs no test for 0."""
        m = self.modulus
        if m is None or m.kind == "K":
            return self.reduce(e)
        return apply("mod", e, apply("max", m, _ONE))

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

    # ---- proofs, under |- 0 < modulus where that is no literal

    @property
    def positive(self) -> Theorem:
        """|- 0 < modulus = true: computed, or assumed."""
        assert self.modulus is not None
        claim = apply("lt", _ZERO, self.modulus)
        return k.compute(claim) if self.modulus.kind == "K" else k.assume(claim, TRUE)

    def evaluator(self) -> Evaluator:
        facts: tuple[Theorem, ...] = ()
        if self.modulus is not None and self.modulus.kind != "K":
            facts = (self._nonzero(), larger(self._at_least_one()))
        return Evaluator(self._in_range, facts)

    def _at_least_one(self) -> Theorem:
        """|- 1 <= modulus."""
        assert self.modulus is not None
        sharper = k.trans(k.sym(instance("int.lt.def", a=_ZERO, b=self.modulus)), self.positive)
        one = k.compute(sharper.left.function.argument)
        function = sharper.left.function.function
        return k.trans(k.sym(k.app(k.app(k.refl(function), one), k.refl(self.modulus))), sharper)

    def _nonzero(self) -> Theorem:
        """|- (modulus == 0) = false."""
        assert self.modulus is not None
        test = apply("eq", self.modulus, _ZERO)
        yes = k.assume(test, TRUE)
        at_most = parts(k.trans(k.sym(instance("int.eq.def", a=self.modulus, b=_ZERO)), yes))[0]
        sharper = k.trans(k.sym(instance("int.lt.def", a=_ZERO, b=self.modulus)), self.positive)
        sum_ = discharge(
            instance("int.le.trans", a=sharper.left.function.argument, b=self.modulus, c=_ZERO), sharper, at_most
        )
        absurd = k.trans(k.sym(sum_), as_false(sum_.left))
        return k.bool_cases(test, contradiction(absurd, test, FALSE), k.assume(test, FALSE))

    def remainder(self, x: Term) -> tuple[Theorem, Theorem]:
        """|- 0 <= x and |- x <= 2**63 - 1, for x = mod e modulus."""
        assert self.modulus is not None
        values = {"a": x.function.argument, "m": self.modulus}
        low = discharge(instance("int.mod.nonneg", **values), self.positive)
        less = discharge(instance("int.mod.less", **values), self.positive)
        below = k.trans(k.sym(instance("int.lt.def", a=x, b=self.modulus)), less)
        top = self._modulus_fits()
        sharper = discharge(
            instance("int.le.trans", a=below.left.function.argument, b=self.modulus, c=_TOP), below, top
        )
        drop = instance("int.le.drop", a=x, b=_TOP, d=literals.int_lit(1))
        flipped = INTEGERS.commute("add", apply("add", x, literals.int_lit(1)))
        f = sharper.left.function.function
        sharper = k.trans(k.app(k.app(k.refl(f), flipped), k.refl(_TOP)), sharper)
        return low, discharge(drop, k.compute(apply("le", _ZERO, literals.int_lit(1))), sharper)

    def _modulus_fits(self) -> Theorem:
        """|- modulus <= 2**63 - 1."""
        m = self.modulus
        assert m is not None
        if m.kind == "K":
            found = k.compute(apply("le", m, _TOP))
            if found.right is not TRUE:
                raise NoProof("the modulus is no i64")
            return found
        if head(m) != "toZ.i64":
            raise NoProof("the modulus is no i64")
        known = k.trans(k.sym(instance("i64.inr.def", z=m)), instance("i64.inr.to", x=m.argument))
        return parts(known)[1]

    def _in_range(self, word: str, e: Term) -> Theorem | None:
        if self.modulus is None:
            return None
        try:
            if word == "i64" and INTEGERS.is_op(e, "mod") and e.argument is self.modulus:
                low, high = self.remainder(e)
                bottom = discharge(
                    instance("int.le.trans", a=literals.int_lit(I64.minimum), b=_ZERO, c=e),
                    k.compute(apply("le", literals.int_lit(I64.minimum), _ZERO)),
                    low,
                )
                return k.trans(instance("i64.inr.def", z=e), both(bottom, high))
            return in_word(word, within(e, self._sizes(e)))
        except NoProof:
            return None

    def _sizes(self, e: Term) -> dict[Term, Theorem]:
        """Magnitudes of the words and remainders in e."""
        known: dict[Term, Theorem] = {}
        for x in subterms(e):
            if head(x).startswith("toZ.") and x.kind == "A" and x.type is _ZERO.type:
                known[x] = word_within(x.argument)
            elif INTEGERS.is_op(x, "mod") and x.argument is self.modulus:
                low, high = self.remainder(x)
                known[x] = between(x, low, high, I64.maximum)
        return known

    def equal(self, a: Term, b: Term) -> Theorem:
        """|- a = b, for terms that evaluate to words, tuples of words, or their outcomes."""
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


def as_false(x: Term) -> Theorem:
    """|- x = false, for x = le (1 + 0) 0 or the like."""
    inner = k.compute(x.function.argument)
    moved = k.app(k.app(k.refl(x.function.function), inner), k.refl(x.argument))
    return k.trans(moved, k.compute(moved.right))


def small(x: Term, modulus: Term, facts: Sequence[Theorem]) -> Theorem:
    """|- ofZ (mod (toZ x) modulus) = x, from |- 0 <= toZ x and |- toZ x < modulus."""
    z = apply("toZ.i64", x)
    th = discharge(instance("int.mod.small", a=z, m=modulus), *facts)
    word = k.app(k.refl(apply("ofZ.i64", z).function), th)
    return k.trans(word, sure(use("i64.of.to", word.right)))
