"""TRUSTED. The inference rules. A theorem `hyps |- left = right` can only be made by a rule; each theorem remembers the
rule, its arguments and its premises, so that the independent checker can derive it again.

Python cannot hide a constructor. What is believed in the end is the checker's verdict, in a process of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import InitVar, dataclass
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE, value_of
from hyperion.logic.terms import Term, Ty

Equation: TypeAlias = tuple[Term, Term]
Hypotheses: TypeAlias = frozenset[Equation]
Sequent: TypeAlias = tuple[Hypotheses, Term, Term]
Basis: TypeAlias = frozenset[tuple[str, str]]


class RuleError(Exception):
    """A rule does not apply to these arguments."""


_KEY: Final = object()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Theorem:
    """`hypotheses |- left = right`. `basis` is what its proof rests on besides the rules: ("axiom", name),
    ("definition", name) and ("oracle", label)."""

    key: InitVar[object]
    rule: str
    arguments: tuple[object, ...]
    premises: tuple[Theorem, ...]
    hypotheses: Hypotheses
    left: Term
    right: Term
    basis: Basis = frozenset()

    def __post_init__(self, key: object) -> None:
        _need(key is _KEY, "theorems are made by rules only")

    @property
    def axioms(self) -> frozenset[str]:
        return frozenset(name for kind, name in self.basis if kind == "axiom")

    @property
    def definitions(self) -> frozenset[str]:
        return frozenset(name for kind, name in self.basis if kind == "definition")

    @property
    def oracles(self) -> frozenset[str]:
        return frozenset(name for kind, name in self.basis if kind == "oracle")


def _need(condition: bool, message: str) -> None:
    if not condition:
        raise RuleError(message)


def _infer(
    rule: str, args: tuple[object, ...], premises: tuple[Theorem, ...], left: Term, right: Term,
    hyps: Hypotheses | None = None, basis: Basis = frozenset(),
) -> Theorem:  # fmt: skip
    """The theorem with these hypotheses, or those of all premises; it rests on `basis` and what the premises do."""
    _need(left.type is right.type and not left.loose and not right.loose, "sides of different types, or loose")
    hyps = t.union([p.hypotheses for p in premises]) if hyps is None else hyps
    return Theorem(_KEY, rule, args, premises, hyps, left, right, t.union([basis, *(p.basis for p in premises)]))


def _says(th: Theorem) -> Equation:
    return th.left, th.right


def _free_in(variable: Term, hypotheses: Hypotheses) -> bool:
    return any(variable in left.free or variable in right.free for left, right in hypotheses)


def refl(x: Term) -> Theorem:
    """
    ---------
    |- x = x
    """
    return _infer("refl", (x,), (), x, x)


def sym(th: Theorem) -> Theorem:
    """
    A |- x = y
    ----------
    A |- y = x
    """
    return _infer("sym", (), (th,), th.right, th.left)


def trans(th1: Theorem, th2: Theorem) -> Theorem:
    """
    A |- x = y    B |- y = z
    ------------------------
    A u B |- x = z
    """
    _need(th1.right is th2.left, "trans: the middle terms differ")
    return _infer("trans", (), (th1, th2), th1.left, th2.right)


def app(th1: Theorem, th2: Theorem) -> Theorem:
    """
    A |- f = g    B |- x = y
    ------------------------
    A u B |- f x = g y
    """
    return _infer("app", (), (th1, th2), t.app(th1.left, th2.left), t.app(th1.right, th2.right))


def abs_(v: Term, th: Theorem) -> Theorem:
    """
    A |- x = y                 v not free in A
    ------------------------
    A |- (\\v. x) = (\\v. y)
    """
    _need(not _free_in(v, th.hypotheses), "abs: the variable is free in a hypothesis")
    return _infer("abs", (v,), (th,), t.lam(v, th.left), t.lam(v, th.right))


def beta(x: Term) -> Theorem:
    """
    -----------------------
    |- (\\v. b) a = b[a/v]
    """
    _need(x.kind == "A" and x.function.kind == "L" and not x.loose, "beta: not a redex")
    return _infer("beta", (x,), (), x, t.open_binder(x.function, x.argument))


def eta(x: Term) -> Theorem:
    """
    --------------------         v not free in f
    |- (\\v. f v) = f
    """
    _need(x.kind == "L" and x.body.kind == "A" and x.body.argument.kind == "B", "eta: not of the form \\v. f v")
    f = x.body.function
    _need(x.body.argument.index == 0 and not f.loose and not x.loose, "eta: the variable occurs in the function")
    return _infer("eta", (x,), (), x, f)


def tuple_(*ths: Theorem) -> Theorem:
    """
    A |- x = y    B |- u = w    ...
    -------------------------------
    A u B u .. |- (x, u, ..) = (y, w, ..)
    """
    return _infer("tuple", (), ths, t.tup(*(th.left for th in ths)), t.tup(*(th.right for th in ths)))


def proj(index: int, th: Theorem) -> Theorem:
    """
    A |- x = y
    --------------
    A |- x.i = y.i
    """
    return _infer("proj", (index,), (th,), t.proj(index, th.left), t.proj(index, th.right))


def projbeta(x: Term) -> Theorem:
    """
    -------------------------
    |- (x0, x1, ..).i = xi
    """
    _need(x.kind == "P" and x.body.kind == "T" and not x.loose, "projbeta: not the projection of a tuple")
    return _infer("projbeta", (x,), (), x, x.body.items[x.index])


def tupeta(x: Term) -> Theorem:
    """
    -------------------------
    |- (x.0, x.1, ..) = x
    """
    _need(x.type.name == "prod", "tupeta: not a tuple")
    items = t.tup(*(t.proj(i, x) for i in range(len(x.type.args or ()))))
    return _infer("tupeta", (x,), (), items, x)


def inst(mapping: Mapping[Term, Term], th: Theorem) -> Theorem:
    """
    A |- x = y
    ------------------------      m replaces free variables, all at once
    A[m] |- x[m] = y[m]
    """
    typed = all(v.kind == "V" and v.type is x.type and not x.loose for v, x in mapping.items())
    _need(typed, "inst: ill-typed substitution")
    return _changed("inst", mapping, th, lambda x: t.substitute(x, mapping))


def inst_type(mapping: Mapping[str, Ty], th: Theorem) -> Theorem:
    """
    A |- x = y
    ------------------------      m replaces type variables, never base types
    A[m] |- x[m] = y[m]
    """
    _need(all(name.startswith("'") for name in mapping), "inst_type: only type variables are instantiated")
    return _changed("insttype", mapping, th, lambda x: t.instantiate_types(x, mapping))


def _changed(rule: str, mapping: Mapping[Any, Any], th: Theorem, change: Callable[[Term], Term]) -> Theorem:
    hyps = frozenset((change(a), change(b)) for a, b in th.hypotheses)
    return _infer(rule, (tuple(mapping.items()),), (th,), change(th.left), change(th.right), hyps)


def assume(left: Term, right: Term) -> Theorem:
    """
    -----------------
    {x = y} |- x = y
    """
    return _infer("assume", (left, right), (), left, right, frozenset([(left, right)]))


def cut(th1: Theorem, th2: Theorem) -> Theorem:
    """
    A |- x = y    B, x = y |- c
    ---------------------------
    A u B |- c
    """
    _need(_says(th1) in th2.hypotheses, "cut: the fact is no hypothesis of the second theorem")
    return _infer("cut", (), (th1, th2), th2.left, th2.right, th1.hypotheses | (th2.hypotheses - {_says(th1)}))


def bool_cases(b: Term, th1: Theorem, th2: Theorem) -> Theorem:
    """
    A, b = true |- c    B, b = false |- c
    -------------------------------------
    A u B |- c
    """
    _need(b.type is t.BOOL and not b.loose, "bool_cases: not a truth value")
    _need(_says(th1) == _says(th2), "bool_cases: different conclusions")
    hyps = (th1.hypotheses - {(b, TRUE)}) | (th2.hypotheses - {(b, FALSE)})
    return _infer("boolcases", (b,), (th1, th2), th1.left, th1.right, hyps)


def outcome_cases(o: Term, v: Term, th1: Theorem, th2: Theorem, th3: Theorem) -> Theorem:
    """
    A, o = ok v |- c    B, o = trap |- c    C, o = diverge |- c       v not free in A, B, C, o, c
    -----------------------------------------------------------
    A u B u C |- c
    """
    _need(v.kind == "V" and o.type is t.outcome_of(v.type) and not o.loose, "outcome_cases: ill-typed")
    _need(_says(th1) == _says(th2) == _says(th3), "outcome_cases: different conclusions")
    ok, trap = t.app(t.const("ok", t.fun(v.type, o.type)), v), t.const("trap", o.type)
    hyps = (th1.hypotheses - {(o, ok)}) | (th2.hypotheses - {(o, trap)})
    hyps |= th3.hypotheses - {(o, t.const("diverge", o.type))}
    _need(not _free_in(v, hyps | {(o, o), _says(th1)}), "outcome_cases: eigenvariable")
    return _infer("outcases", (o, v), (th1, th2, th3), th1.left, th1.right, hyps)


def list_induction(x: Term, xs: Term, left: Term, right: Term, base: Theorem, step: Theorem) -> Theorem:
    """
    A |- P[nil]    B, P[xs] |- P[cons x xs]       P[xs] is left = right; x, xs not free in A, B; x not free in P
    ---------------------------------------
    A u B |- P[xs]
    """
    _need({x.kind, xs.kind} == {"V"} and x is not xs and xs.type is t.list_of(x.type), "list_induction: variables")
    _need(x not in left.free and x not in right.free, "list_induction: eigenvariable in the statement")
    cons = t.app(t.const("cons", t.fun(x.type, xs.type, xs.type)), x, xs)
    hyps = _induction(xs, left, right, (base, t.const("nil", xs.type)), (step, cons))
    _need(not _free_in(x, hyps), "list_induction: eigenvariable in a hypothesis")
    return _infer("listind", (x, xs, left, right), (base, step), left, right, hyps)


def nat_induction(n: Term, left: Term, right: Term, base: Theorem, step: Theorem) -> Theorem:
    """
    A |- P[zero]    B, P[n] |- P[suc n]           P[n] is left = right; n not free in A, B
    -----------------------------------
    A u B |- P[n]
    """
    _need(n.kind == "V" and n.type is t.NAT, "nat_induction: not a variable of type nat")
    suc = t.app(t.const("suc", t.fun(t.NAT, t.NAT)), n)
    hyps = _induction(n, left, right, (base, t.const("zero", t.NAT)), (step, suc))
    return _infer("natind", (n, left, right), (base, step), left, right, hyps)


def _induction(v: Term, left: Term, right: Term, base: tuple[Theorem, Term], step: tuple[Theorem, Term]) -> Hypotheses:
    """What remains to assume for P[v], where both cases conclude P of their values and the second may assume P[v]."""
    for th, value in base, step:
        claim = (t.substitute(left, {v: value}), t.substitute(right, {v: value}))
        _need(_says(th) == claim, "induction: a case concludes otherwise")
    hyps = base[0].hypotheses | (step[0].hypotheses - {(left, right)})
    _need(not _free_in(v, hyps), "induction: eigenvariable in a hypothesis")
    return hyps


_LABEL: Final = re.compile(r"[A-Za-z0-9_.-]{1,40}\Z")


def define(label: str, x: Term) -> Theorem:
    """
    ------------------------      x closed, its type variables all in its type; the name carries x's digest
    |- label@digest = x
    """
    _need(not x.free and not x.loose and bool(_LABEL.match(label)), "define: the right side is not closed")
    _need(t.type_variables(x) <= x.type.variables, "define: a type variable is absent from the type")
    name = f"{label}@{t.digest(x)}"
    return _infer("define", (label, x), (), t.const(name, x.type), x, basis=frozenset([("definition", name)]))


def axiom(name: str) -> Theorem:
    """
    -----------      an axiom of the theories in force
    A |- x = y
    """
    _need(name in AXIOMS, f"no axiom {name}")
    hyps, left, right = AXIOMS[name]
    return _infer("axiom", (name,), (), left, right, hyps, frozenset([("axiom", name)]))


def oracle(label: str, hypotheses: Iterable[Equation], left: Term, right: Term) -> Theorem:
    """
    -----------      only on the word of the oracle, whose label every consequence carries
    A |- x = y
    """
    hyps = frozenset(hypotheses)
    typed = all(a.type is b.type and not a.loose and not b.loose for a, b in hyps)
    _need(typed and bool(_LABEL.match(label)), "oracle: an ill-formed hypothesis, or no label")
    return _infer("oracle", (label, tuple(hyps), left, right), (), left, right, hyps, frozenset([("oracle", label)]))


def compute(x: Term) -> Theorem:
    """
    --------------      f and the literals closed; exact on integers, correctly rounded on floats
    |- f k .. = v
    """
    value = value_of(x) or x
    _need(value is not x, "compute: not an operation on literals")
    return _infer("compute", (x,), (), x, value)


_axioms: dict[str, Sequent] = {}
AXIOMS: Final[Mapping[str, Sequent]] = MappingProxyType(_axioms)


def install_axioms(axioms: Mapping[str, Sequent], distribution: str = "") -> None:
    """Only `hyperion.logic.theory` calls this: for the axiom files of the core, and for a distribution's own axioms,
    whose names begin with it and a colon. No axiom ever changes."""
    own = all(name.rpartition(":")[0] == distribution for name in axioms) and axioms.keys().isdisjoint(_axioms)
    _need(own and bool(distribution or not _axioms), "axioms of another's name, or the axioms are installed already")
    _axioms.update(axioms)
