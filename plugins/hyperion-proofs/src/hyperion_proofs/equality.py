"""Untrusted. Proofs that two states, or outcomes of states, are equal: evaluation, cases, normal forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hyperion.logic import kernel as k
from hyperion.logic import modular
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import untuple
from hyperion.logic.ring import REALS
from hyperion.logic.terms import Term, Ty
from hyperion_proofs import fields, lattice, real_lattice
from hyperion_proofs.cases import Cases, Decider, Informed, Leaf, Memos
from hyperion_proofs.derived import NoProof, chain, head, use
from hyperion_proofs.evaluate import WORDS
from hyperion_proofs.traps import Evaluate
from hyperion_proofs.tropical import MAX_PLUS, MIN_PLUS

Domain = Literal["budget", "exact", "modular"]
"""Of the integers. budget: sums stay in range by a run-time guard. exact: no sums at all. modular: words wrap."""


@dataclass(frozen=True)
class Layout:
    """The domain, the logical types of the components of states and of summaries, and what a summary adds to decide
    equations (`leaves`) and tests (`deciders`)."""

    domain: Domain
    state: tuple[Ty, ...]
    summary: tuple[Ty, ...]
    leaves: tuple[Leaf, ...] = ()
    deciders: tuple[Decider, ...] = ()
    informed: tuple[Informed, ...] = ()


class Equality:
    """Decides equality in one domain."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        integers: Leaf = modular.equal if layout.domain == "modular" else _lattice
        memos: Memos = {}
        self._integers = Cases((integers, *layout.leaves), layout.deciders, memos=memos)
        informed = (*layout.informed, fields.equal, _ring)
        self._reals = Cases((_polynomials, *layout.leaves), layout.deciders, informed, (real_lattice.equal,))
        self._plain = Cases(layout.leaves, layout.deciders, memos=memos)

    def prove(self, left: Term, right: Term, evaluate: Evaluate, truths: Sequence[Theorem] = ()) -> Theorem:
        """|- left = right; `truths` are |- c = true that may be used."""
        a, b = evaluate(left), evaluate(right)
        return chain(a, self._same(a.right, b.right, truths), k.sym(b))

    def truth(self, goal: Term, evaluate: Evaluate, truths: Sequence[Theorem] = ()) -> Theorem:
        """|- goal = true."""
        a = evaluate(goal)
        for decider in self.layout.deciders:
            found = decider(a.right, truths)
            if found is not None and found.right is TRUE:
                return k.trans(a, found)
        return k.trans(a, self._integers.prove(a.right, TRUE, truths))

    def decided(self, test: Term, value: Term, truths: Sequence[Theorem]) -> Theorem:
        """|- test = value, for a truth value."""
        return self._plain.prove(test, value, truths)

    def _same(self, a: Term, b: Term, truths: Sequence[Theorem]) -> Theorem:
        if a is b:
            return k.refl(a)
        if head(a) == "ok" and head(b) == "ok":
            return k.app(k.refl(a.function), self._same(a.argument, b.argument, truths))
        if a.kind == "T" or b.kind == "T":
            count = len((a if a.kind == "T" else b).items)
            pairs = zip(untuple(a, count), untuple(b, count), strict=True)
            whole = k.tuple_(*(self._same(u, v, truths) for u, v in pairs))
            first = None if a.kind == "T" else k.sym(k.tupeta(a))
            last = None if b.kind == "T" else k.tupeta(b)
            return chain(first, whole, last)
        if a.type is t.REAL:
            return self._reals.prove(a, b, truths)
        if a.type.name in WORDS:
            return self._words(a, b, truths)
        if a.type.name == "outcome":
            return self._outcomes(a, b, truths)
        return self._plain.prove(a, b, truths)

    def _outcomes(self, a: Term, b: Term, truths: Sequence[Theorem]) -> Theorem:
        """Of which one is a conditional: by cases of its tests, where no case that is possible traps."""
        if head(a) != "cond" and head(b) != "cond":
            raise NoProof("the two sides differ")
        return Cases((), self.layout.deciders, (self._values,)).prove(a, b, truths)

    def _values(self, a: Term, b: Term, facts: Sequence[Theorem]) -> Theorem | None:
        return self._same(a, b, facts) if head(a) == head(b) == "ok" else None

    def _words(self, a: Term, b: Term, truths: Sequence[Theorem]) -> Theorem:
        first, last = as_word(a), as_word(b)
        a, b = first.right if first else a, last.right if last else b
        if self.layout.domain == "modular":
            middle = self._integers.prove(a, b, truths)
        else:
            middle = k.app(k.refl(a.function), self._integers.prove(a.argument, b.argument, truths))
        return chain(first, middle, k.sym(last) if last else None)


def _polynomials(a: Term, b: Term) -> Theorem | None:
    """Equal as polynomials, where there are no quotients: with them, other ways are much faster."""
    return None if any(head(u) == "rdiv" for x in (a, b) for u in t.subterms(x)) else REALS.equal(a, b)


def _ring(a: Term, b: Term, facts: Sequence[Theorem]) -> Theorem | None:
    """Equal as polynomials over quotients."""
    return REALS.equal(a, b)


def _lattice(a: Term, b: Term) -> Theorem | None:
    """Equal over (max, +), over (min, +), or over all three."""
    if a.type is not t.INT:
        return None
    names = {head(u) for x in (a, b) for u in t.subterms(x)}
    if {"max", "min"} <= names:
        return lattice.equal(a, b)
    return (MIN_PLUS if "min" in names else MAX_PLUS).equal(a, b)


def as_word(x: Term) -> Theorem | None:
    """|- x = the word of its own integer; None where x is the word of one."""
    word = x.type.name
    if head(x) == f"ofZ.{word}":
        return None
    th = use(f"{word}.of.to", apply(f"ofZ.{word}", apply(f"toZ.{word}", x)))
    assert th is not None
    return k.sym(th)
