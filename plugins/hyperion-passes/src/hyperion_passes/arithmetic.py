"""Untrusted. Equality of small terms over machine words, integers and truth values: polynomials, ranges, case splits.

Words are compared modulo 2**width, integers as polynomials; where that is not enough, the tests that occur are decided
both ways: the sides of max, min and abs are compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import product
from typing import Final

from hyperion.logic import kernel as k
from hyperion.logic import modular
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, cond_is, congruence, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_passes import lemmas
from hyperion_passes.derived import axiom, both, head, replaced, rewrite
from hyperion_passes.index_lemmas import length_cons, length_nil
from hyperion_passes.list_lemmas import length_map
from hyperion_passes.meaning import WORDS, in_range
from hyperion_passes.simplifier import Rule, Simplifier

_MOST_SPLITS: Final = 6
_COMPARISONS: Final = ("le", "lt", "eq")
_ORDER: Final = ("le", "lt")


class Arithmetic:
    """What follows from `facts`, theorems `A |- test = true` (or false) that are used in their order."""

    def __init__(self, facts: Sequence[Theorem] = ()) -> None:
        self._facts = tuple(facts)
        self._known: dict[Term, Theorem] = {}
        self._normal = Simplifier(self._rules())
        for fact in facts:
            normal = self._normal(fact.left)
            self._known[normal.right] = k.trans(k.sym(normal), fact)
            self._normal = Simplifier(self._rules())

    def normal(self, x: Term) -> Theorem:
        """A |- x = a simpler form."""
        return self._normal(x)

    def equal(self, left: Term, right: Term, splits: int = _MOST_SPLITS) -> Theorem | None:
        """A |- left = right, or None."""
        first, last = self._normal(left), self._normal(right)
        middle = self._same(first.right, last.right) or self._split(first.right, last.right, splits)
        return both(first, middle, k.sym(last)) if middle else None

    def _same(self, a: Term, b: Term) -> Theorem | None:
        if a is b:
            return k.refl(a)
        if a.type is t.INT:
            return INTEGERS.equal(a, b)
        word = a.type.name
        if word not in WORDS:
            return None
        first, last = (_as_word(word, x) for x in (a, b))
        middle = modular.equal(first.right, last.right)
        return both(first, middle, k.sym(last)) if middle else None

    def _split(self, a: Term, b: Term, splits: int) -> Theorem | None:
        test = _next_test(a, b) if splits else None
        if test is None:
            return None
        cases: list[Theorem] = []
        for value in (TRUE, FALSE):
            fact = k.assume(test, value)
            first, last = replaced(a, fact), replaced(b, fact)
            middle = Arithmetic((*self._facts, fact)).equal(first.right, last.right, splits - 1)
            if middle is None:
                return None
            cases.append(both(first, middle, k.sym(last)))
        return k.bool_cases(test, *cases)

    def _rules(self) -> dict[str, tuple[Rule, ...]]:
        rules = {name: tuple(map(lemmas.rule, laws)) for name, laws in lemmas.truth().items()}
        rules |= dict.fromkeys(_COMPARISONS, (_polynomials, self._fact))
        rules["le"] = (*rules["le"], lemmas.rule(k.axiom("int.le.refl")))
        for name in ("and", "or", "xor"):
            rules[name] = (*rules[name], lemmas.sorted_operands(name))
        for name in ("max", "min"):
            idempotent = lemmas.rule(k.axiom(f"int.{name}.idem"))
            rules[name] = (_polynomials, idempotent, lemmas.sorted_operands(name), self._chosen)
        rules["abs"] = lemmas.axioms("int.abs.def")
        rules["length"] = tuple(map(lemmas.rule, (length_map(), length_cons(), length_nil())))
        for word in WORDS:
            rules[f"ofZ.{word}"] = (lemmas.rule(k.axiom(f"{word}.of.to")), _polynomials)
            rules[f"toZ.{word}"] = (self._integer,)
            rules[f"inr.{word}"] = (_polynomials, self._fact, _range)
        return rules

    def _fact(self, x: Term) -> Theorem | None:
        return self._known.get(x)

    def _chosen(self, x: Term) -> Theorem | None:
        """The larger or smaller, where a comparison of the two is known."""
        args = arguments(x)[1]
        if len(args) != 2:
            return None
        for comparison, swapped in product(_ORDER, (False, True)):
            known = self._known.get(apply(comparison, *(args[::-1] if swapped else args)))
            if known is not None:
                th = rewrite(_choice(head(x), comparison, swapped), x)
                assert th is not None
                return k.trans(th, cond_is(known, th.right))
        return None

    def _integer(self, x: Term) -> Theorem | None:
        """toZ (ofZ z) = z where z is in range."""
        word = head(x)[4:]
        if head(x.argument) != f"ofZ.{word}":
            return None
        known = self._normal(apply(f"inr.{word}", x.argument.argument))
        return discharge(axiom(f"{word}.to.of", z=x.argument.argument), known) if known.right is TRUE else None


def _polynomials(x: Term) -> Theorem | None:
    """The integers that x is about, as polynomials in normal form."""
    function, args = arguments(x)
    return congruence(function, args, [INTEGERS.normal(a) if a.type is t.INT else None for a in args])


def _range(x: Term) -> Theorem | None:
    return in_range(head(x)[4:], x.argument)


def _as_word(word: str, x: Term) -> Theorem:
    """|- x = ofZ z."""
    if head(x) == f"ofZ.{word}":
        return k.refl(x)
    return k.sym(axiom(f"{word}.of.to", x=x))


def _next_test(*sides: Term) -> Term | None:
    """What to decide next: the order of the sides of an innermost max or min, else a test that occurs."""
    inside = [u for side in sides for u in t.subterms(side) if not u.loose]
    tests = [u for u in inside if u.type is t.BOOL and (u.kind == "V" or head(u) in _COMPARISONS)]
    for u in inside:
        if head(u) in ("max", "min") and len(arguments(u)[1]) == 2:
            pair = set(arguments(u)[1])
            near = (test for test in tests if head(test) in _ORDER and set(arguments(test)[1]) == pair)
            return next(near, apply("le", *arguments(u)[1]))
    return tests[0] if tests else None


@cache
def _choice(name: str, comparison: str, swapped: bool) -> Theorem:
    """|- max a b = cond (a <= b) b a, min a b = cond (a <= b) a b, or the like by lt, or by b and a."""
    a, b = (t.var(v, t.INT) for v in ("ba" if swapped else "ab"))
    u, v = (b, a) if name == "max" else (a, b)
    law = axiom(f"int.{comparison}.{name}", a=a, b=b, u=u, v=v)
    ((left, _),) = law.hypotheses
    law = k.cut(axiom("int.add.comm", a=left.function.argument, b=left.argument), law)
    there = apply(name, b, a) if swapped else apply(name, a, b)
    commuted = axiom(f"int.{name}.comm", a=there.function.argument, b=there.argument)
    return both(commuted if there is not law.right else None, k.sym(law))
