"""Untrusted. Rows over (max, +) on the reals, by the rungs for integers: under fp="reassoc" the laws are the same.

Floats have infinities and NaN, which the laws do not know, and a maximum may pass over a NaN. So every element is
tested to be a number, and so small that no sum overflows; where one is not, or the initial state is a NaN, the loop
runs as written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from hyperion.ir.types import I64, FloatType, Type
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
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


def real_rows(step: Step, identity: bool) -> Summary:
    """The rung."""
    if len(step.modes) > 1 or identity or any(a.type is not t.REAL for a in step.atoms):
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
            return _over_reals(rung(), reader, kind)
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
        name, (_, args) = head(e), arguments(e)
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


def _over_reals(plain: Summary, reader: _Reader, kind: FloatType) -> Summary:
    """The summary of integers as one of reals."""
    lift = tuple(_back(v, reader.known) for v in plain.lift)

    def computed(function: Callable[..., list[Term]], *given: Sequence[Term]) -> list[Term]:
        known: dict[Term, Term] = {}
        groups = [[_stand_in(v, f"value.{i}.{j}", known) for j, v in enumerate(vs)] for i, vs in enumerate(given)]
        return [_back(v, known) for v in function(*groups)]

    def mul(later: Sequence[Term], earlier: Sequence[Term]) -> list[Term]:
        return computed(plain.mul, later, earlier)

    def act(values: Sequence[Term], state: Sequence[Term]) -> list[Term]:
        return computed(plain.act, values, state)

    def state_holds(state: Sequence[Term]) -> list[Term]:
        return [apply("rle", s, s) for s in state]  # no NaN

    types: list[Type] = [kind if ty == I64 else ty for ty in plain.types]
    deciders = (float_order.decide, real_signs.decide)
    needs = bounded([v for v in lift if v.type is t.REAL], kind)
    return Summary(tuple(types), (lift,), mul, act, None, plain.holds, state_holds, deciders=deciders, needs=needs)


def _stand_in(v: Term, name: str, known: dict[Term, Term]) -> Term:
    if v.type is not t.REAL:
        return v
    x = t.var(name, t.INT)
    known[x] = v
    return x


def bounded(values: Sequence[Term], kind: FloatType) -> tuple[tuple[Term, Term], ...]:
    """Tests of each element: its values are numbers of which no sum overflows."""
    if kind.largest_exponent < 100:
        raise NotLinear(f"sums of {kind} overflow soon, and a maximum may pass over an infinity")
    most = literals.real_lit(Fraction(2) ** (kind.largest_exponent - 63))  # for any number of elements
    least = literals.real_lit(-literals.real_value(most))
    given = dict.fromkeys(v.argument if head(v) == "rneg" else v for v in values)
    tests = [apply("rle", *pair) for v in given if v.kind != "K" for pair in ((v, most), (least, v))]
    return tuple((test, TRUE) for test in tests)
