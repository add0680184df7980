"""Untrusted. That words have no bit beyond a width: |- u & mask = u, by what u is made of."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, chain, discharge, head, use
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, cond_is, instance
from hyperion_proofs.divisions import divides, power_of_two
from hyperion_proofs.evaluate import NARROW
from hyperion_proofs.gf2.words import WIDTH, as_word, at, both, exchanged, literal, masked_part, masked_sum, operation, powers_computed, same
from hyperion_proofs.implication import both as conjunction
from hyperion_proofs.implication import parts
from hyperion_proofs.theories import linear

_ZERO = literals.int_lit(0)


class Inside:
    """|- u & mask = u for words u below 2**width, from the same of some of their parts."""

    def __init__(self, word: str, width: int, known: Mapping[Term, Theorem]) -> None:
        self.word = word
        self.width = width
        self.mask = literal(word, (1 << width) - 1)
        self._known = dict(known)

    def __call__(self, u: Term) -> Theorem:
        """Raises NoProof."""
        if u not in self._known:
            self._known[u] = self._proved(u)
        return self._known[u]

    def in_range(self, word: str, e: Term) -> Theorem | None:
        """|- inr.word e = true, for a word shifted to the left by less than is free above it; None for other integers."""
        if word != self.word or head(e) != "mul":
            return None
        try:
            return self._in_word(e, *self._range(e))
        except NoProof:
            return None

    def _proved(self, u: Term) -> Theorem:
        name, args = operation(u), arguments(u)[1]
        match name:
            case "bxor":
                return self._sum(u)
            case "band":
                return self._part(u, *args)
            case "bor":
                a, b = (self(x) for x in args)
                spread = same(both(u, self.mask), apply(f"bor.{self.word}", a.left, b.left))
                return k.trans(spread, k.app(k.app(k.refl(u.function.function), a), b))
            case "ofZ" if operation(u.argument) == "cond":
                return self._choice(u)
            case "ofZ":
                return self._integer(u)
            case _:
                raise NoProof(f"a word may have bits beyond the {self.width} lowest")

    def _sum(self, u: Term) -> Theorem:
        x, y = arguments(u)[1]
        law = at(masked_sum(self.word), x=x, y=y, z=self.mask)
        return k.trans(law, k.app(k.app(k.refl(u.function.function), self(x)), self(y)))

    def _part(self, u: Term, a: Term, b: Term) -> Theorem:
        for turned, (x, y) in enumerate(((b, a), (a, b))):
            try:
                inner = self(x)
            except NoProof:
                continue
            first = at(masked_part(self.word, bool(turned)), x=x, y=y, z=self.mask)
            put = k.app(k.refl(first.right.function), inner)
            return chain(first, put, at(exchanged(self.word), x=y, y=x) if turned else None)
        raise NoProof(f"a word may have bits beyond the {self.width} lowest")

    def _choice(self, u: Term) -> Theorem:
        c, *branches = arguments(u.argument)[1]
        masked = both(u, self.mask)
        cases: list[Theorem] = []
        for known, branch in zip((k.assume(c, TRUE), k.assume(c, FALSE)), branches, strict=True):
            picked = k.app(k.refl(u.function), cond_is(known, u.argument))
            if operation(branch) == "toZ":
                back = use(f"{self.word}.of.to", picked.right)
                assert back is not None
                picked = k.trans(picked, back)
            put = k.app(k.app(k.refl(masked.function.function), picked), k.refl(self.mask))
            cases.append(chain(put, self(as_word(branch, self.word)), k.sym(picked)))
        return k.bool_cases(c, *cases)

    def _integer(self, u: Term) -> Theorem:
        """Of ofZ e with 0 <= e < 2**width."""
        e, to = u.argument, apply(f"toZ.{self.word}", u)
        low, high = self._range(e)
        fits = self._in_word(e, low, high)
        same_integer = discharge(instance(f"{self.word}.to.of", z=e), fits)
        law = powers_computed(instance(f"{self.word}.band.low", x=u, n=literals.int_lit(self.width)))
        top = literals.int_lit(1 << self.width)
        least, less = apply("le", _ZERO, to), apply("lt", to, top)
        first = k.trans(k.app(k.refl(least.function), same_integer), low)
        below = k.app(k.app(k.refl(less.function.function), same_integer), k.refl(top))
        last = k.trans(below, self._proves(apply("lt", e, top), [low, high]))
        width = literals.int_lit(self.width)
        small = [k.compute(apply("le", _ZERO, width)), k.compute(apply("lt", width, literals.int_lit(WIDTH)))]
        raised = k.app(k.refl(last.left.function), power_of_two(self.width))  # e < pow2 width = e < 2**width
        return discharge(law, *small, first, k.trans(raised, last))

    def _range(self, e: Term) -> tuple[Theorem, Theorem]:
        """|- 0 <= e and |- e <= a literal."""
        if e.kind == "K":
            return k.compute(apply("le", _ZERO, e)), k.compute(apply("le", e, e))
        name, args = head(e), arguments(e)[1]
        if name.startswith("toZ.") and name[4:] in NARROW:
            inside = instance(f"{name[4:]}.inr.to", x=e.argument)
            return parts(k.trans(k.sym(instance(f"{name[4:]}.inr.def", z=e)), inside))
        if name == f"toZ.{self.word}":
            return self._of_word(e.argument)
        if name == "cond":
            return self._range_of_choice(e)
        if name == "mul" and divides(args[1]):
            low, high = self._range(args[0])
            top = literals.int_lit(literals.int_value(high.left.argument) * literals.int_value(args[1]))
            return self._proves(apply("le", _ZERO, e), [low]), self._proves(apply("le", e, top), [high])
        if name == "floordiv" and divides(args[1]):
            low, high = self._range(args[0])
            m = args[1]
            positive = k.compute(apply("lt", _ZERO, m))
            rest = [discharge(instance(f"int.mod.{n}", a=args[0], m=m), positive) for n in ("nonneg", "less")]
            law = instance("int.floordiv.mod", a=args[0], m=m)
            refl = instance("int.le.refl", a=args[0])
            le = refl.left.function.function
            equal = [
                k.trans(k.app(k.app(k.refl(le), law), k.refl(args[0])), refl),
                k.trans(k.app(k.app(k.refl(le), k.refl(args[0])), law), refl),
            ]
            sharper = k.trans(k.sym(instance("int.lt.def", a=apply("mod", args[0], m), b=m)), rest[1])
            facts = [low, high, rest[0], sharper, *equal]
            top = literals.int_lit(literals.int_value(high.left.argument) // literals.int_value(m))
            return self._proves(apply("le", _ZERO, e), facts), self._proves(apply("le", e, top), facts)
        raise NoProof("the range of an integer is not known")

    def _range_of_choice(self, e: Term) -> tuple[Theorem, Theorem]:
        c, *branches = arguments(e)[1]
        ranges = [self._range(b) for b in branches]
        top = literals.int_lit(max(literals.int_value(high.left.argument) for _, high in ranges))
        goals = apply("le", _ZERO, e), apply("le", e, top)
        cases: list[list[Theorem]] = [[], []]
        for known, (low, high) in zip((k.assume(c, TRUE), k.assume(c, FALSE)), ranges, strict=True):
            picked = cond_is(known, e)
            cases[0].append(k.trans(k.app(k.refl(goals[0].function), picked), low))
            wider = self._proves(apply("le", picked.right, top), [high])
            put = k.app(k.app(k.refl(goals[1].function.function), picked), k.refl(top))
            cases[1].append(k.trans(put, wider))
        return k.bool_cases(c, *cases[0]), k.bool_cases(c, *cases[1])

    def _of_word(self, u: Term) -> tuple[Theorem, Theorem]:
        inner = self(u)  # u & mask = u
        law = self._most(u)
        to = apply(f"toZ.{self.word}", u).function
        integer = k.app(k.refl(to), inner)
        low, high = parts(law)
        first = k.trans(k.sym(k.app(k.refl(low.left.function), integer)), low)
        le = high.left.function.function
        named = k.compute(high.left.argument)
        last = k.trans(k.sym(k.app(k.app(k.refl(le), integer), named)), high)
        return first, last

    def _most(self, u: Term) -> Theorem:
        return discharge(instance(f"{self.word}.band.most", x=u, y=self.mask), self._mask_positive)

    @cached_property
    def _mask_positive(self) -> Theorem:
        goal = apply("le", _ZERO, apply(f"toZ.{self.word}", self.mask))
        named = k.app(k.refl(goal.function), k.compute(goal.argument))
        return k.trans(named, k.compute(named.right))

    @staticmethod
    def _proves(goal: Term, facts: list[Theorem]) -> Theorem:
        """|- goal = true for a comparison, from inequalities."""
        opened = instance("int.lt.def", a=goal.function.argument, b=goal.argument) if head(goal) == "lt" else None
        le = opened.right if opened else goal
        denied = k.assume(le, FALSE)
        found = linear.refute([linear.fact(th) for th in (*facts, denied)])
        if found is None:
            raise NoProof("the range of an integer is not known")
        th = k.bool_cases(le, k.assume(le, TRUE), linear.absurd(found, le, TRUE))
        return k.trans(opened, th) if opened else th

    def _in_word(self, e: Term, low: Theorem, high: Theorem) -> Theorem:
        law = instance(f"{self.word}.inr.def", z=e)
        first, last = arguments(law.right)[1]
        return k.trans(law, conjunction(self._proves(first, [low]), self._proves(last, [high])))
