"""TRUSTED. The inference rules. A theorem `hyps |- left = right` can only be made by a rule; each theorem remembers the
rule, its arguments and its premises, so that the independent checker can derive it again.

Python cannot hide a constructor. What is believed in the end is the checker's verdict, in a process of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE, value_of
from hyperion.logic.terms import Term, Ty

Equation: TypeAlias = tuple[Term, Term]
Hypotheses: TypeAlias = frozenset[Equation]
Sequent: TypeAlias = tuple[Hypotheses, Term, Term]


class RuleError(Exception):
    """A rule does not apply to these arguments."""


_KEY: Final = object()


class Theorem:
    """`hypotheses |- left = right`, with the axioms and definitions that its proof uses."""

    __slots__ = ("arguments", "axioms", "definitions", "hypotheses", "left", "premises", "right", "rule")
    hypotheses: Hypotheses
    left: Term
    right: Term
    axioms: frozenset[str]
    definitions: frozenset[str]
    rule: str
    arguments: tuple[object, ...]
    premises: tuple[Theorem, ...]

    def __init__(
        self,
        key: object,
        rule: str,
        arguments: tuple[object, ...],
        premises: tuple[Theorem, ...],
        hypotheses: Hypotheses,
        left: Term,
        right: Term,
    ) -> None:
        _need(key is _KEY, "theorems are made by rules only")
        _need(left.type is right.type and not left.loose and not right.loose, "sides of different types, or loose")
        t.fill(self, rule=rule, arguments=arguments, premises=premises, hypotheses=hypotheses, left=left, right=right)
        axioms = frozenset((str(arguments[0]),) if rule == "axiom" else ())
        definitions = frozenset((left.name,) if rule == "define" else ())
        t.fill(self, axioms=axioms.union(*(p.axioms for p in premises)))
        t.fill(self, definitions=definitions.union(*(p.definitions for p in premises)))

    def __setattr__(self, *_: object) -> None:
        raise AttributeError("theorems are immutable")


def _need(condition: bool, message: str) -> None:
    if not condition:
        raise RuleError(message)


def _hyps(*theorems: Theorem) -> Hypotheses:
    sets = {th.hypotheses for th in theorems}
    return sets.pop() if len(sets) == 1 else Hypotheses().union(*sets)


def _free_in(variable: Term, hypotheses: Hypotheses) -> bool:
    return any(variable in left.free or variable in right.free for left, right in hypotheses)


def refl(x: Term) -> Theorem:
    """
    ---------
    |- x = x
    """
    return Theorem(_KEY, "refl", (x,), (), frozenset(), x, x)


def sym(th: Theorem) -> Theorem:
    """
    A |- x = y
    ----------
    A |- y = x
    """
    return Theorem(_KEY, "sym", (), (th,), th.hypotheses, th.right, th.left)


def trans(th1: Theorem, th2: Theorem) -> Theorem:
    """
    A |- x = y    B |- y = z
    ------------------------
    A u B |- x = z
    """
    _need(th1.right is th2.left, "trans: the middle terms differ")
    return Theorem(_KEY, "trans", (), (th1, th2), _hyps(th1, th2), th1.left, th2.right)


def app(th1: Theorem, th2: Theorem) -> Theorem:
    """
    A |- f = g    B |- x = y
    ------------------------
    A u B |- f x = g y
    """
    left, right = t.app(th1.left, th2.left), t.app(th1.right, th2.right)
    return Theorem(_KEY, "app", (), (th1, th2), _hyps(th1, th2), left, right)


def abs_(v: Term, th: Theorem) -> Theorem:
    """
    A |- x = y                 v not free in A
    ------------------------
    A |- (\\v. x) = (\\v. y)
    """
    _need(not _free_in(v, th.hypotheses), "abs: the variable is free in a hypothesis")
    return Theorem(_KEY, "abs", (v,), (th,), th.hypotheses, t.lam(v, th.left), t.lam(v, th.right))


def beta(x: Term) -> Theorem:
    """
    -----------------------
    |- (\\v. b) a = b[a/v]
    """
    _need(x.kind == "A" and x.function.kind == "L" and not x.loose, "beta: not a redex")
    return Theorem(_KEY, "beta", (x,), (), frozenset(), x, t.open_binder(x.function, x.argument))


def eta(x: Term) -> Theorem:
    """
    --------------------         v not free in f
    |- (\\v. f v) = f
    """
    _need(x.kind == "L" and x.body.kind == "A" and x.body.argument.kind == "B", "eta: not of the form \\v. f v")
    f = x.body.function
    _need(x.body.argument.index == 0 and not f.loose and not x.loose, "eta: the variable occurs in the function")
    return Theorem(_KEY, "eta", (x,), (), frozenset(), x, f)


def tuple_(*ths: Theorem) -> Theorem:
    """
    A |- x = y    B |- u = w    ...
    -------------------------------
    A u B u .. |- (x, u, ..) = (y, w, ..)
    """
    left, right = t.tup(*(th.left for th in ths)), t.tup(*(th.right for th in ths))
    return Theorem(_KEY, "tuple", (), ths, _hyps(*ths), left, right)


def proj(index: int, th: Theorem) -> Theorem:
    """
    A |- x = y
    --------------
    A |- x.i = y.i
    """
    left, right = t.proj(index, th.left), t.proj(index, th.right)
    return Theorem(_KEY, "proj", (index,), (th,), th.hypotheses, left, right)


def projbeta(x: Term) -> Theorem:
    """
    -------------------------
    |- (x0, x1, ..).i = xi
    """
    _need(x.kind == "P" and x.body.kind == "T" and not x.loose, "projbeta: not the projection of a tuple")
    return Theorem(_KEY, "projbeta", (x,), (), frozenset(), x, x.body.items[x.index])


def tupeta(x: Term) -> Theorem:
    """
    -------------------------
    |- (x.0, x.1, ..) = x
    """
    _need(x.type.name == "prod", "tupeta: not a tuple")
    items = t.tup(*(t.proj(i, x) for i in range(len(x.type.args or ()))))
    return Theorem(_KEY, "tupeta", (x,), (), frozenset(), items, x)


def inst(mapping: Mapping[Term, Term], th: Theorem) -> Theorem:
    """
    A |- x = y
    ------------------------      m replaces free variables, all at once
    A[m] |- x[m] = y[m]
    """
    for v, x in mapping.items():
        _need(v.kind == "V" and v.type is x.type and not x.loose, "inst: ill-typed substitution")
    hyps = frozenset((t.substitute(a, mapping), t.substitute(b, mapping)) for a, b in th.hypotheses)
    left, right = t.substitute(th.left, mapping), t.substitute(th.right, mapping)
    return Theorem(_KEY, "inst", (tuple(mapping.items()),), (th,), hyps, left, right)


def inst_type(mapping: Mapping[str, Ty], th: Theorem) -> Theorem:
    """
    A |- x = y
    ------------------------      m replaces type variables, never base types
    A[m] |- x[m] = y[m]
    """
    _need(all(name.startswith("'") for name in mapping), "inst_type: only type variables are instantiated")
    hyps = frozenset((t.instantiate_types(a, mapping), t.instantiate_types(b, mapping)) for a, b in th.hypotheses)
    left, right = t.instantiate_types(th.left, mapping), t.instantiate_types(th.right, mapping)
    return Theorem(_KEY, "insttype", (tuple(mapping.items()),), (th,), hyps, left, right)


def assume(left: Term, right: Term) -> Theorem:
    """
    -----------------
    {x = y} |- x = y
    """
    return Theorem(_KEY, "assume", (left, right), (), frozenset(((left, right),)), left, right)


def cut(th1: Theorem, th2: Theorem) -> Theorem:
    """
    A |- x = y    B, x = y |- c
    ---------------------------
    A u B |- c
    """
    fact = (th1.left, th1.right)
    _need(fact in th2.hypotheses, "cut: the fact is no hypothesis of the second theorem")
    return Theorem(_KEY, "cut", (), (th1, th2), th1.hypotheses | (th2.hypotheses - {fact}), th2.left, th2.right)


def bool_cases(b: Term, th1: Theorem, th2: Theorem) -> Theorem:
    """
    A, b = true |- c    B, b = false |- c
    -------------------------------------
    A u B |- c
    """
    _need(b.type is t.BOOL and _same(th1, th2), "bool_cases: not a truth value, or different conclusions")
    hyps = (th1.hypotheses - {(b, TRUE)}) | (th2.hypotheses - {(b, FALSE)})
    return Theorem(_KEY, "boolcases", (b,), (th1, th2), hyps, th1.left, th1.right)


def outcome_cases(o: Term, v: Term, th1: Theorem, th2: Theorem, th3: Theorem) -> Theorem:
    """
    A, o = ok v |- c    B, o = trap |- c    C, o = diverge |- c       v not free in A, o, c
    -------------------------------------------------------------
    A u B u C |- c
    """
    _need(v.kind == "V" and o.type is t.outcome_of(v.type) and not o.loose, "outcome_cases: ill-typed")
    _need(_same(th1, th2) and _same(th2, th3), "outcome_cases: different conclusions")
    ok = t.app(t.const("ok", t.fun(v.type, o.type)), v)
    hyps = th1.hypotheses - {(o, ok)}
    _need(not _free_in(v, hyps) and v not in o.free | th1.left.free | th1.right.free, "outcome_cases: eigenvariable")
    hyps |= th2.hypotheses - {(o, t.const("trap", o.type))}
    hyps |= th3.hypotheses - {(o, t.const("diverge", o.type))}
    _need(not _free_in(v, hyps), "outcome_cases: eigenvariable")
    return Theorem(_KEY, "outcases", (o, v), (th1, th2, th3), hyps, th1.left, th1.right)


def list_induction(x: Term, xs: Term, left: Term, right: Term, base: Theorem, step: Theorem) -> Theorem:
    """
    A |- P[nil]    B, P[xs] |- P[cons x xs]       P[xs] is left = right; x, xs not free in A, B; x not free in P
    ---------------------------------------
    A u B |- P[xs]
    """
    _need({x.kind, xs.kind} == {"V"} and x is not xs and xs.type is t.list_of(x.type), "list_induction: variables")
    nil = {xs: t.const("nil", xs.type)}
    cons = {xs: t.app(t.const("cons", t.fun(x.type, xs.type, xs.type)), x, xs)}
    _need(base.left is t.substitute(left, nil) and base.right is t.substitute(right, nil), "list_induction: base")
    _need(step.left is t.substitute(left, cons) and step.right is t.substitute(right, cons), "list_induction: step")
    hyps = base.hypotheses | (step.hypotheses - {(left, right)})
    _need(not _free_in(x, hyps) and not _free_in(xs, hyps), "list_induction: eigenvariable in a hypothesis")
    _need(x not in left.free and x not in right.free, "list_induction: eigenvariable in the statement")
    return Theorem(_KEY, "listind", (x, xs, left, right), (base, step), hyps, left, right)


_LABEL: Final = re.compile(r"[A-Za-z0-9_.-]{1,40}\Z")


def define(label: str, x: Term) -> Theorem:
    """
    ------------------------      x closed, its type variables all in its type; the name carries x's digest
    |- label@digest = x
    """
    _need(not x.free and not x.loose and bool(_LABEL.match(label)), "define: the right side is not closed")
    _need(t.type_variables(x) <= x.type.variables, "define: a type variable is absent from the type")
    name = f"{label}@{t.digest(x)}"
    return Theorem(_KEY, "define", (label, x), (), frozenset(), t.const(name, x.type), x)


def axiom(name: str) -> Theorem:
    """
    -----------      an axiom of the theories in force
    A |- x = y
    """
    _need(name in AXIOMS, f"no axiom {name}")
    hyps, left, right = AXIOMS[name]
    return Theorem(_KEY, "axiom", (name,), (), hyps, left, right)


def compute(x: Term) -> Theorem:
    """
    --------------      f and the literals closed; exact on integers, correctly rounded on floats
    |- f k .. = v
    """
    value = value_of(x)
    if value is None:
        raise RuleError("compute: not an operation on literals")
    return Theorem(_KEY, "compute", (x,), (), frozenset(), x, value)


def _same(th1: Theorem, th2: Theorem) -> bool:
    return th1.left is th2.left and th1.right is th2.right


# The constructors that rules speak of, and the axioms in force.
_A: Final = t.type_variable("'a")
t.SIGNATURE.update({"nil": t.list_of(_A), "cons": t.fun(_A, t.list_of(_A), t.list_of(_A))})
t.SIGNATURE.update({"ok": t.fun(_A, t.outcome_of(_A)), "trap": t.outcome_of(_A), "diverge": t.outcome_of(_A)})
_axioms: dict[str, Sequent] = {}
AXIOMS: Final[Mapping[str, Sequent]] = MappingProxyType(_axioms)


def install_axioms(axioms: Mapping[str, Sequent]) -> None:
    """Called once, by `hyperion.logic.theory`, with the axiom file of this distribution."""
    _need(not _axioms, "the axioms are installed already")
    _axioms.update(axioms)
