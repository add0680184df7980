"""Untrusted. Conditions and implications as equations.

`implies (vs) [c1, .., cn] l r` is the closed equation  `\\vs. cond (and c1 (.. cn)) l r  =  \\vs. r`: where the
conditions hold, l = r. So universally quantified implications can be hypotheses of a theorem, and of an induction.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, abstract, at, chain, cond_is, contradiction, head, instance, use


def _step(name: str, x: Term) -> Theorem:
    th = use(name, x)
    if th is None:
        raise NoProof(f"{name} does not apply")
    return th


@cache
def _and_laws() -> tuple[Theorem, Theorem, Theorem, Term, Term]:
    """{and p q = true} |- p = true;  {and p q = true} |- q = true;  {p = true, q = true} |- and p q = true."""
    p, q = t.var("p", t.BOOL), t.var("q", t.BOOL)
    both = apply("and", p, q)
    unfolded = _step("and.def", both)  # and p q = cond p q false
    held = k.assume(both, TRUE)

    def under(c: Theorem) -> Theorem:
        return chain(unfolded, cond_is(c, unfolded.right))

    yes, no = k.assume(p, TRUE), k.assume(p, FALSE)
    absurd = k.trans(k.sym(held), under(no))  # {both, p = false} |- true = false
    first = k.bool_cases(p, yes, contradiction(absurd, p, TRUE))
    second = k.bool_cases(p, k.trans(k.sym(under(yes)), held), contradiction(absurd, q, TRUE))
    made = k.trans(under(yes), k.assume(q, TRUE))
    return first, second, made, p, q


def both(first: Theorem, second: Theorem) -> Theorem:
    """From |- c = true and |- d = true: |- and c d = true."""
    _, _, made, p, q = _and_laws()
    return discharge(k.inst({p: first.left, q: second.left}, made), first, second)


def parts(th: Theorem) -> tuple[Theorem, Theorem]:
    """From |- and c d = true: |- c = true and |- d = true."""
    first, second, _, p, q = _and_laws()
    c, d = th.left.function.argument, th.left.argument
    mapping = {p: c, q: d}
    return discharge(k.inst(mapping, first), th), discharge(k.inst(mapping, second), th)


def equal_words(th: Theorem) -> Theorem:
    """From |- (a == b) = true, of the integers of words: |- a = b."""
    first, last = arguments(th.left)[1]
    low, high = parts(k.trans(k.sym(instance("int.eq.def", a=first, b=last)), th))
    integers = discharge(instance("int.le.antisym", a=first, b=last), low, high)
    a, b = first.argument, last.argument
    back = k.app(k.refl(apply(f"ofZ.{a.type.name}", first).function), integers)
    name = f"{a.type.name}.of.to"
    return chain(k.sym(instance(name, x=a)), back, instance(name, x=b))


def conjunction(conditions: Sequence[Term]) -> Term:
    result = conditions[-1]
    for c in reversed(conditions[:-1]):
        result = apply("and", c, result)
    return result


def all_conjuncts(x: Term) -> list[Term]:
    """The parts of a right-nested conjunction."""
    found: list[Term] = []
    while head(x) == "and":
        found.append(x.function.argument)
        x = x.argument
    return [*found, x]


def all_parts(th: Theorem, count: int) -> list[Theorem]:
    found: list[Theorem] = []
    for _ in range(count - 1):
        first, th = parts(th)
        found.append(first)
    return [*found, th]


def all_of(theorems: Sequence[Theorem]) -> Theorem:
    result = theorems[-1]
    for th in reversed(theorems[:-1]):
        result = both(th, result)
    return result


def implies(variables: Sequence[Term], conditions: Sequence[Term], left: Term, right: Term) -> tuple[Term, Term]:
    """The equation that says: for all variables, the conditions imply left = right."""
    vs = tuple(variables)
    return t.lams(vs, apply("cond", conjunction(conditions), left, right)), t.lams(vs, right)


def introduce(variables: Sequence[Term], conditions: Sequence[Term], th: Theorem) -> Theorem:
    """From A, c1 = true, .. |- l = r: A |- implies(variables, conditions, l, r)."""
    c = conjunction(conditions)
    x = apply("cond", c, th.left, th.right)
    yes, no = k.assume(c, TRUE), k.assume(c, FALSE)
    held = discharge(th, *all_parts(yes, len(conditions)))
    proved = k.bool_cases(c, k.trans(cond_is(yes, x), held), cond_is(no, x))
    return abstract(variables, proved)


def eliminate(th: Theorem, values: Sequence[Term], facts: Sequence[Theorem]) -> Theorem:
    """From implies(..) and a theorem `c = true` for each condition at these values: |- l = r at these values."""
    opened = at(th, *values)
    return chain(k.sym(cond_is(all_of(facts), opened.left)), opened)
