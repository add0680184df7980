"""Derived rules that several tactics share: cases, contradictions, conjunctions, choices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import NoProof, chain, cond_is, discharge, use
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term, Ty


def by_cases(c: Term, prove: Callable[[Theorem], Theorem]) -> Theorem:
    """From `prove`, run under c = true and under c = false."""
    return k.bool_cases(c, prove(k.assume(c, TRUE)), prove(k.assume(c, FALSE)))


def is_contradiction(th: Theorem) -> bool:
    """Whether the theorem says true = false, or false = true."""
    return {th.left, th.right} == {TRUE, FALSE}


def contradiction(th: Theorem, left: Term, right: Term) -> Theorem:
    """From A |- true = false (or false = true): A |- left = right."""
    th = th if th.left is TRUE else k.sym(th)
    x, y = apply("cond", TRUE, left, right), apply("cond", FALSE, left, right)
    middle = k.app(k.app(k.app(k.refl(x.function.function.function), th), k.refl(left)), k.refl(right))
    return chain(k.sym(law("cond.true", x)), middle, law("cond.false", y))


def law(name: str, x: Term) -> Theorem:
    """The axiom `name` with its left side instantiated to `x`."""
    th = use(name, x)
    if th is None:
        raise NoProof(f"{name} does not apply")
    return th


def axiom(name: str, **values: Term) -> Theorem:
    """The axiom `name` with variables given by name; type variables from the types of the values."""
    th = k.axiom(name)
    every = th.left.free | th.right.free
    for left, right in th.hypotheses:
        every |= left.free | right.free
    types: dict[str, Ty] = {}
    for v in every:
        if v.name in values and not t.match_type(v.type, values[v.name].type, types):
            raise NoProof(f"{name}: {v.name} of another type")
    th = k.inst_type(types, th) if types else th
    return k.inst(
        {t.var(v.name, t.instantiate_type(v.type, types)): values[v.name] for v in every if v.name in values}, th
    )


@cache
def _and_laws() -> tuple[Theorem, Theorem, Term, Term]:
    """{and p q = true} |- p = true;  {and p q = true} |- q = true."""
    p, q = t.var("p", t.BOOL), t.var("q", t.BOOL)
    both = apply("and", p, q)
    unfolded = law("and.def", both)  # and p q = cond p q false
    held = k.assume(both, TRUE)
    yes, no = k.assume(p, TRUE), k.assume(p, FALSE)
    absurd = chain(k.sym(held), unfolded, cond_is(no, unfolded.right))  # {both, p = false} |- true = false
    first = k.bool_cases(p, yes, contradiction(absurd, p, TRUE))
    opened = chain(k.sym(cond_is(yes, unfolded.right)), k.sym(unfolded), held)
    second = k.bool_cases(p, opened, contradiction(absurd, q, TRUE))
    return first, second, p, q


def conjuncts(th: Theorem) -> Iterator[Theorem]:
    """From |- and c (and d ..) = true: |- c = true, |- d = true, ..; any other theorem as it is."""
    stack = [th]
    while stack:
        one = stack.pop()
        if one.right is TRUE and is_op(one.left, "and"):
            first, second, p, q = _and_laws()
            mapping = {p: one.left.function.argument, q: one.left.argument}
            stack.append(discharge(k.inst(mapping, second), one))
            stack.append(discharge(k.inst(mapping, first), one))
        else:
            yield one


def is_op(x: Term, name: str) -> bool:
    """Whether `x` is the constant `name` applied to two arguments."""
    return x.kind == "A" and x.function.kind == "A" and is_const(x.function.function, name)


def is_const(x: Term, name: str) -> bool:
    return x.kind == "C" and x.name == name
