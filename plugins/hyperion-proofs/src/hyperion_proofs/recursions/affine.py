"""Untrusted. Comparisons of sums that are decided by a few facts `0 <= p`, each taken at most once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from itertools import combinations

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.counted import denied
from hyperion_proofs.derived import by_cases, chain, cond_is, head, instance, use
from hyperion_proofs.inequalities import nonneg_add
from hyperion_proofs.nonnegative import as_sum, at_most, difference, known
from hyperion_proofs.unfolding import sure

Affine = tuple[Mapping[Term, int], int]


def affine(x: Term) -> Affine:
    """The coefficients of the atoms of a sum, and its constant."""
    name, (_, args) = head(x), arguments(x)
    if x.kind == "K" and x.type is t.INT:
        return {}, literals.int_value(x)
    if name in ("add", "sub") and len(args) == 2:
        return _plus(affine(args[0]), affine(args[1]), 1 if name == "add" else -1)
    if name == "neg":
        return _plus(({}, 0), affine(args[0]), -1)
    if name == "mul" and args[0].kind == "K":
        return _plus(({}, 0), affine(args[1]), literals.int_value(args[0]))
    return {x: 1}, 0


def _plus(a: Affine, b: Affine, factor: int) -> Affine:
    atoms = dict(a[0])
    for x, c in b[0].items():
        atoms[x] = atoms.get(x, 0) + factor * c
    return {x: c for x, c in atoms.items() if c}, a[1] + factor * b[1]


class Facts:
    """What is known: theorems |- le a b = true."""

    def __init__(self, *theorems: Theorem) -> None:
        self._known = [difference(th) for th in theorems]
        self._forms = [affine(th.left.argument) for th in self._known]

    def nonnegative(self, p: Term) -> Theorem | None:
        """|- le 0 p = true, where p is a sum of facts and a number."""
        wanted = affine(p)
        for count in range(min(3, len(self._known)) + 1):
            for chosen in combinations(range(len(self._known)), count):
                rest = reduce(lambda sofar, i: _plus(sofar, self._forms[i], -1), chosen, wanted)
                if not rest[0] and rest[1] >= 0:
                    parts = [known(rest[1]), *(self._known[i] for i in chosen)]
                    return as_sum(reduce(nonneg_add, parts), p)
        return None

    def at_most(self, a: Term, b: Term) -> Theorem | None:
        """|- le a b = true."""
        th = self.nonnegative(apply("sub", b, a))
        return None if th is None else at_most(th, a, b)

    def decide(self, test: Term) -> Theorem | None:
        """|- test = true, or = false, for a comparison or a test of range."""
        name, (_, args) = head(test), arguments(test)
        match name:
            case "le":
                return self.at_most(*args) or self._above(*args)
            case "lt":
                return self._by(sure(use("int.lt.def", test)))
            case "eq":
                return self._equal(test)
            case _ if name.startswith("inr."):
                return self._in_range(name.partition(".")[2], args[0])
            case _:
                return None

    def _above(self, a: Term, b: Term) -> Theorem | None:
        """|- le a b = false."""
        th = self.at_most(apply("add", literals.int_lit(1), b), a)
        if th is None:
            return None
        less = k.trans(sure(use("int.lt.def", apply("lt", b, a))), th)
        return denied(k.trans(instance("int.le.not", a=a, b=b), less))

    def _by(self, th: Theorem) -> Theorem | None:
        decided = self.decide(th.right)
        return None if decided is None else k.trans(th, decided)

    def _equal(self, test: Term) -> Theorem | None:
        both = sure(use("int.eq.def", test))
        first, second = arguments(both.right)[1]
        sides = self.decide(first), self.decide(second)
        opened = k.trans(both, sure(use("and.def", both.right)))
        if sides[0] is not None and sides[0].right is FALSE:
            return k.trans(opened, cond_is(sides[0], opened.right))
        if sides[1] is None or (sides[0] is None and sides[1].right is TRUE):
            return None
        function, (c, q, no) = arguments(opened.right)
        changed = k.app(k.app(k.app(k.refl(function), k.refl(c)), sides[1]), k.refl(no))
        whole = k.trans(opened, changed)
        if sides[1].right is FALSE:
            return k.trans(whole, by_cases(c, whole.right, FALSE, lambda th: cond_is(th, whole.right)))
        assert sides[0] is not None
        assert q is second
        return k.trans(whole, cond_is(sides[0], whole.right))

    def _in_range(self, word: str, e: Term) -> Theorem | None:
        whole = instance(f"{word}.inr.def", z=e)
        low, high = (self.decide(x) for x in arguments(whole.right)[1])
        if low is None or high is None or low.right is not TRUE or high.right is not TRUE:
            return None
        opened = sure(use("and.def", whole.right))
        return chain(whole, opened, cond_is(low, opened.right), high)


def equal(a: Term, b: Term, facts: Facts) -> Theorem | None:
    """|- a = b, where each is at most the other."""
    below, above = facts.at_most(a, b), facts.at_most(b, a)
    if below is None or above is None:
        return None
    return discharge(instance("int.le.antisym", a=a, b=b), below, above)
