"""Untrusted. That words have no bit beyond a width: |- u & mask = u, by what u is made of."""

from __future__ import annotations

from collections.abc import Mapping

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, chain, discharge, head, use
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.bounds import Bounds
from hyperion_proofs.derived import NoProof, cond_is, instance
from hyperion_proofs.divisions import divides, masked
from hyperion_proofs.evaluate import NARROW
from hyperion_proofs.gf2.words import (
    as_word,
    at,
    both,
    exchanged,
    literal,
    lowest,
    masked_part,
    masked_sum,
    operation,
    same,
)
from hyperion_proofs.implication import both as conjunction
from hyperion_proofs.implication import parts
from hyperion_proofs.magnitudes import in_word
from hyperion_proofs.theories import linear

_ZERO = literals.int_lit(0)
_TRAPPING = ("mul", "neg", "sub")
"""What a step may leave a word by; the rest need not be known to be inside."""


class Inside:
    """|- u & mask = u for words u below 2**width, from the same of some of their parts."""

    def __init__(self, word: str, width: int, known: Mapping[Term, Theorem]) -> None:
        self.word = word
        self.width = width
        self.mask = literal(word, (1 << width) - 1)
        self._known = dict(known)
        self._ranges: dict[Term, tuple[Theorem, Theorem]] = {}

    def __call__(self, u: Term) -> Theorem:
        """Raises NoProof."""
        if u not in self._known:
            self._known[u] = self._proved(u)
        return self._known[u]

    def in_range(self, word: str, e: Term) -> Theorem | None:
        """|- inr.word e = true, for a word shifted by less than is free above it, and for multiples of its bits; None
        where that is not known."""
        if word != self.word or head(e) not in _TRAPPING:
            return None
        for prove in (lambda: self._in_word(e, *self._range(e)), lambda: in_word(word, Bounds({}, {}).within(e))):
            try:
                return prove()
            except NoProof:
                continue
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
                return self.below(u, self.width)
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

    def below(self, u: Term, width: int) -> Theorem:
        """|- u & (2**width - 1) = u, of u = ofZ e with 0 <= e < 2**width."""
        e, to = u.argument, apply(f"toZ.{self.word}", u)
        low, high = self._range(e)
        fits = self._in_word(e, low, high)
        same_integer = discharge(instance(f"{self.word}.to.of", z=e), fits)
        top = literals.int_lit(1 << width)
        least, less = apply("le", _ZERO, to), apply("lt", to, top)
        first = k.trans(k.app(k.refl(least.function), same_integer), low)
        below = k.app(k.app(k.refl(less.function.function), same_integer), k.refl(top))
        last = k.trans(below, self._proves(apply("lt", e, top), [low, high]))
        return discharge(at(lowest(self.word, width), x=u), first, last)

    def _range(self, e: Term) -> tuple[Theorem, Theorem]:
        """|- 0 <= e and |- e <= a literal."""
        if e not in self._ranges:
            self._ranges[e] = self._found_range(e)
        return self._ranges[e]

    def _found_range(self, e: Term) -> tuple[Theorem, Theorem]:
        if e.kind == "K":
            return k.compute(apply("le", _ZERO, e)), k.compute(apply("le", e, e))
        name, args = head(e), arguments(e)[1]
        if name.startswith("toZ.") and name[4:] in NARROW:
            inside = instance(f"{name[4:]}.inr.to", x=e.argument)
            return parts(k.trans(k.sym(instance(f"{name[4:]}.inr.def", z=e)), inside))
        if masked(e):
            return self._below(*arguments(e.argument)[1])
        if name == f"toZ.{self.word}":
            return self._of_word(e.argument) if head(e.argument) != f"ofZ.{self.word}" else self._of_integer(e)
        if name == "cond":
            return self._range_of_choice(e)
        if name == "mul" and any(map(divides, args)):
            m, x = args if divides(args[0]) else reversed(args)
            low, high = self._range(x)
            top = literals.int_lit(literals.int_value(high.left.argument) * literals.int_value(m))
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

    def _of_integer(self, e: Term) -> tuple[Theorem, Theorem]:
        """Of toZ (ofZ a)."""
        a = e.argument.argument
        try:
            low, high = self._range(a)
            plain = discharge(instance(f"{self.word}.to.of", z=a), self._in_word(a, low, high))
        except NoProof:
            return self._of_word(e.argument)
        le = high.left.function.function
        first = k.trans(k.app(k.refl(low.left.function), plain), low)
        return first, k.trans(k.app(k.app(k.refl(le), plain), k.refl(high.left.argument)), high)

    def _of_word(self, u: Term) -> tuple[Theorem, Theorem]:
        inner = self(u)  # u & mask = u
        low, high = self._below(u, self.mask)
        integer = k.app(k.refl(apply(f"toZ.{self.word}", u).function), inner)
        first = k.trans(k.sym(k.app(k.refl(low.left.function), integer)), low)
        le = high.left.function.function
        return first, k.trans(k.sym(k.app(k.app(k.refl(le), integer), k.refl(high.left.argument))), high)

    def _below(self, x: Term, mask: Term) -> tuple[Theorem, Theorem]:
        """|- 0 <= toZ (x & m) and |- toZ (x & m) <= m, for a literal m."""
        m = k.compute(apply(f"toZ.{self.word}", mask))
        goal = apply("le", _ZERO, m.left)
        positive = k.trans(k.app(k.refl(goal.function), m), k.compute(apply("le", _ZERO, m.right)))
        low, high = parts(discharge(instance(f"{self.word}.band.most", x=x, y=mask), positive))
        return low, k.trans(k.sym(k.app(k.refl(high.left.function), m)), high)

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
