"""Untrusted. Rows over (max, +) on the reals, by the rungs for integers: under fp="reassoc" the laws are the same.

Floats have infinities and NaN, which the laws do not know, and a maximum may pass over a NaN. So a summary also stores a
bound of all sums in the chunk, and act adds the bound less itself to the state: over the reals that is 0; where an
element is not finite, or a sum could overflow, it is NaN, and the loop runs as written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from hyperion.ir.types import I64, FloatType, Type
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.terms import Term
from hyperion_proofs import float_order, real_signs
from hyperion_proofs.derived import head
from hyperion_proofs.ladder.expressions import mentions
from hyperion_proofs.ladder.rows import rows
from hyperion_proofs.ladder.signs import signs
from hyperion_proofs.ladder.step import Step, Summary
from hyperion_proofs.real_lattice import with_extrema
from hyperion_proofs.real_signs import ZERO
from hyperion_proofs.templates import NotLinear

_NAMES = {"radd": "add", "rsub": "sub", "rneg": "neg", "rmax": "max", "rmin": "min"}
_BACK = {integer: real for real, integer in _NAMES.items() if real not in ("rmax", "rmin")}
_ROOM = literals.real_lit(Fraction(4))
"""A bound is larger than what it bounds by this factor, for roundings."""


def real_rows(step: Step, identity: bool) -> Summary:
    """The rung."""
    if len(step.modes) > 1 or identity:
        raise NotLinear("a maximum of sums of floats under a test of the state is not understood")
    kind = step.types[0]
    if not isinstance(kind, FloatType) or any(ty != kind for ty in step.types):
        raise NotLinear("values of several types depend on each other")
    exprs = [with_extrema(e).right for e in step.exprs]
    if not any(head(u) in ("rmax", "rmin") for e in exprs for u in t.subterms(e)):
        raise NotLinear("no maximum is taken")
    reader = _Reader(step.atoms)
    modes = (tuple(reader.read(e) for e in exprs),)
    whole = replace(step, types=(I64,) * len(step.types), atoms=reader.atoms, modes=modes, domain="exact", initial=())
    first: NotLinear | None = None
    rungs: tuple[Callable[[], Summary], ...] = (
        lambda: rows(whole, "max", False),
        lambda: rows(whole, "min", False),
        lambda: signs(whole, False),
    )
    for rung in rungs:
        try:
            return _over_reals(rung(), reader, step, kind)
        except NotLinear as why:
            first = first or why
    assert first is not None
    raise first


class _Reader:
    """Expressions of reals as expressions of integers, of the same shape; what the element gives is a variable."""

    def __init__(self, real: Sequence[Term]) -> None:
        self._real = tuple(real)
        self.atoms = tuple(t.var(f"real.{i}", t.INT) for i in range(len(real)))
        self.known: dict[Term, Term] = dict(zip(self.atoms, real, strict=True))
        self._given: dict[Term, Term] = {}

    def read(self, e: Term) -> Term:
        if e in self._real:
            return self.atoms[self._real.index(e)]
        if not mentions(e, self._real):
            return self._element(e)
        function, args = arguments(e)
        name = head(e)
        if name in _NAMES:
            return apply(_NAMES[name], *map(self.read, args))
        if name == "cond" and not mentions(args[0], self._real):
            return apply("cond", args[0], self.read(args[1]), self.read(args[2]))
        if name == "cond":
            raise NotLinear("a branch tests the state in a way that is neither max nor min")
        raise NotLinear(f"the state goes through `{name}`, which is not linear over (max, +)")

    def _element(self, e: Term) -> Term:
        if e is ZERO:
            return literals.int_lit(0)
        if head(e) == "rneg":
            return apply("neg", self._element(e.argument))
        if e not in self._given:
            self._given[e] = t.var(f"element.{len(self._given)}", t.INT)
            self.known[self._given[e]] = e
        return self._given[e]


def _back(e: Term, known: Mapping[Term, Term]) -> Term:
    """The expression of reals of one of integers."""
    if e in known:
        return known[e]
    if e.type is not t.INT:
        return e
    if e.kind == "K":
        return literals.real_lit(Fraction(literals.int_value(e)))
    name, (_, args) = head(e), arguments(e)
    if name == "cond":
        return apply("cond", args[0], _back(args[1], known), _back(args[2], known))
    inner = [_back(a, known) for a in args]
    if name in ("max", "min"):
        a, b = inner
        return apply("cond", apply("rlt", a, b), *((b, a) if name == "max" else (a, b)))
    if name not in _BACK:
        raise NotLinear(f"`{name}` of floats is not understood")
    return apply(_BACK[name], *inner)


def _over_reals(plain: Summary, reader: _Reader, step: Step, kind: FloatType) -> Summary:
    """The summary of integers as one of reals, with the bound of all sums as its last value."""
    lift = [_back(v, reader.known) for v in plain.lift]

    def computed(function: Callable[..., list[Term]], *given: Sequence[Term]) -> list[Term]:
        known: dict[Term, Term] = {}
        groups = [[_stand_in(v, f"value.{i}.{j}", known) for j, v in enumerate(vs)] for i, vs in enumerate(given)]
        return [_back(v, known) for v in function(*groups)]

    def mul(later: Sequence[Term], earlier: Sequence[Term]) -> list[Term]:
        return [*computed(plain.mul, later[:-1], earlier[:-1]), apply("radd", later[-1], earlier[-1])]

    def act(values: Sequence[Term], state: Sequence[Term]) -> list[Term]:
        first, *rest = computed(plain.act, values[:-1], state)
        return [apply("radd", first, apply("rsub", values[-1], values[-1])), *rest]

    def holds(values: Sequence[Term]) -> list[Term]:
        return plain.holds(values[:-1])

    def state_holds(state: Sequence[Term]) -> list[Term]:
        return [apply("rle", s, s) for s in state]  # no NaN

    types: list[Type] = [kind if ty == I64 else ty for ty in plain.types]
    lifts = ((*lift, _bound(lift)),)
    deciders = (float_order.decide, real_signs.decide)
    return Summary((*types, kind), lifts, mul, act, None, holds, state_holds, deciders=deciders)


def _stand_in(v: Term, name: str, known: dict[Term, Term]) -> Term:
    if v.type is not t.REAL:
        return v
    x = t.var(name, t.INT)
    known[x] = v
    return x


def _bound(lift: Sequence[Term]) -> Term:
    """A bound of what an element adds to any sum."""
    total: Term | None = None
    reals = [v.argument if head(v) == "rneg" else v for v in lift if v.type is t.REAL]
    for v in dict.fromkeys(v for v in reals if v is not ZERO):
        size = apply("cond", apply("rlt", v, ZERO), apply("rneg", v), v)
        total = size if total is None else apply("radd", total, size)
    if total is None:
        raise NotLinear("no element is added")
    return apply("rmul", _ROOM, total)
