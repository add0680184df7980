"""Untrusted. Equality of words bit by bit: formulas over the bits of their parts, compared by cases that share results.

A case puts a truth value for one bit and simplifies; pairs of formulas that come up again are proved once.
"""

from __future__ import annotations

from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import NoProof, arguments, chain, congruence, discharge, head, join, use
from hyperion.logic.effort import checkpoint
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import cond_is, instance, replace_all
from hyperion_proofs.theories.normal import at
from hyperion_proofs.theories.prover import Prover

_BINARY = ("and", "or", "xor")
MOST_CASES = 4000


def same_words(a: Term, b: Term, rules: tuple[Theorem, ...]) -> Theorem | None:
    """|- a = b for words whose bits are equal by `rules`, equations for a bit of a combination; None where they are
    not."""
    word = a.type.text
    i = t.var("i", t.INT)
    bit = t.const(f"bit.{word}", t.fun(a.type, t.INT, t.BOOL))
    sides = [_formula(t.app(bit, x, i), rules) for x in (a, b)]
    variables: dict[Term, Term] = {}
    formulas = [_abstract(th.right, variables) for th in sides]
    found = _Cases().equal(*formulas)
    if found is None:
        return None
    values = {v: x for x, v in variables.items()}
    at_i = chain(sides[0], k.inst(values, found) if values else found, k.sym(sides[1]))
    every = chain(k.sym(k.eta(t.lam(i, at_i.left))), k.abs_(i, at_i), k.eta(t.lam(i, at_i.right)))
    return discharge(instance(f"{word}.bit.ext", x=a, y=b), every)


def _formula(x: Term, rules: tuple[Theorem, ...]) -> Theorem:
    """|- a bit = a formula over bits of parts, simplified."""
    for rule in rules:
        step = at(rule, x)
        if step is not None:
            return chain(step, _deeper(step.right, rules))
    return k.refl(x)


def _deeper(x: Term, rules: tuple[Theorem, ...]) -> Theorem:
    function, args = arguments(x)
    if head(x) in (*_BINARY, "not"):
        inner = congruence(function, args, [_formula(a, rules) for a in args])
        assert inner is not None
        return chain(inner, simplified(inner.right))
    return k.refl(x) if x in (TRUE, FALSE) else _formula(x, rules)


def _abstract(x: Term, variables: dict[Term, Term]) -> Term:
    """The formula with a variable for each bit."""
    if x in (TRUE, FALSE):
        return x
    if head(x) in (*_BINARY, "not"):
        return apply(head(x), *(_abstract(a, variables) for a in arguments(x)[1]))
    return variables.setdefault(x, t.var(f"bit.{len(variables):02}", t.BOOL))


@cache
def _commuted(name: str) -> Theorem:
    p, q = t.var("p", t.BOOL), t.var("q", t.BOOL)
    return Prover().prove(apply(name, p, q), apply(name, q, p))


def simplified(x: Term) -> Theorem:
    """|- x = x without truth values under a connective."""
    name, (function, args) = head(x), arguments(x)
    if name not in (*_BINARY, "not"):
        return k.refl(x)
    th = congruence(function, args, [simplified(a) for a in args])
    assert th is not None
    y = th.right
    if name in _BINARY and y.argument in (TRUE, FALSE) and y.function.argument not in (TRUE, FALSE):
        swapped = at(_commuted(name), y)
        assert swapped is not None
        th, y = k.trans(th, swapped), swapped.right
    first = arguments(y)[1][0]
    if first not in (TRUE, FALSE):
        return th
    opened = use(f"{name}.def", y)
    assert opened is not None
    chosen = cond_is(k.refl(first), opened.right)
    whole = chain(th, opened, chosen)
    return chain(whole, simplified(whole.right)) if head(whole.right) == "not" else whole


class _Cases:
    """Equality of formulas over variables, as theorems without hypotheses."""

    def __init__(self) -> None:
        self._known: dict[tuple[Term, Term], Theorem | None] = {}

    def equal(self, a: Term, b: Term) -> Theorem | None:
        if (a, b) not in self._known:
            if len(self._known) > MOST_CASES:
                raise NoProof("bits are combined in too many ways")
            checkpoint()
            self._known[a, b] = self._equal(a, b)
        return self._known[a, b]

    def _equal(self, a: Term, b: Term) -> Theorem | None:
        if a is b:
            return k.refl(a)
        free = sorted(a.free | b.free, key=lambda v: v.name)
        if not free:
            return None
        v = free[0]
        proved: list[Theorem] = []
        for value in (TRUE, FALSE):
            known = k.assume(v, value)
            sides = [self._at(x, known) for x in (a, b)]
            inner = self.equal(sides[0].right, sides[1].right)
            if inner is None:
                return None
            proved.append(chain(sides[0], inner, k.sym(sides[1])))
        return k.bool_cases(v, *proved)

    def _at(self, x: Term, known: Theorem) -> Theorem:
        """v = value |- x = x at that value, simplified."""
        put = replace_all(x, lambda u: known if u is known.left else None)
        y = put.right if put else x
        found = join(put, simplified(y))
        assert found is not None
        return found
