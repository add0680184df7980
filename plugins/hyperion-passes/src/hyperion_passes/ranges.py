"""Untrusted search, checked theorems: comparisons of integers that follow from facts by adding inequalities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import rank
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_passes.access_lemmas import inside_after_get, inside_after_update, length_after_update
from hyperion_passes.arithmetic import Arithmetic
from hyperion_passes.derived import axiom, both, head, instance, named, replaced
from hyperion_passes.facts import Facts
from hyperion_passes.index_lemmas import length_nonneg
from hyperion_passes.linear import Linear, atom, certificate, number
from hyperion_passes.list_lemmas import LIST
from hyperion_passes.order_lemmas import LARGEST, ONE, ZERO, A, B, C, add, fact, fits_i64, le, le_add, not_le


class Ranges:
    """The inequalities that facts give, each as |- le 0 p = true for a polynomial p."""

    def __init__(self, facts: Facts, outer: Ranges | None = None) -> None:
        """`outer` are the ranges of the facts that these were added to."""
        new = facts.added if outer else tuple(facts)
        values = (th for th in reversed(new) if th.left.kind == "V" and th.left.type is not t.BOOL)
        accesses = [th for th in new if _is_access(th.left)]
        sizes = (_updated_size(th) for th in reversed(accesses) if head(th.left) == "update")
        self._values: tuple[Theorem, ...] = (*values, *sizes, *(outer._values if outer else ()))
        self._sizes: dict[Term, Theorem] = dict(outer._sizes) if outer else {}
        self._known: list[tuple[Linear, Theorem]] = list(outer._known) if outer else []
        tests = [self._written_out(th) for th in new if th.right in (TRUE, FALSE)]
        nonneg, fitting = self._fitting(tests)
        fitting += (th for th in tests if head(th.left).startswith("inr."))
        before = outer._arithmetic if outer else None
        self._arithmetic = Arithmetic(fitting, before) if fitting or before is None else before
        tests += [th for access in accesses for th in _accessed(access)]
        for th in (*nonneg, *(each for test in tests for each in _inequalities(test))):
            self._learn(th)

    def le(self, a: Term, b: Term) -> Theorem | None:
        """A |- le a b = true, or None."""
        goal = self._value(le(a, b))
        if goal.right in (TRUE, FALSE):
            return goal if goal.right is TRUE else None
        a, b = arguments(goal.right)[1]
        wanted = INTEGERS.normal(_difference(b, a)) or k.refl(_difference(b, a))
        found = certificate(_linear(wanted.right), [linear for linear, _ in self._known])
        if found is None:
            return None
        total = self._sum([self._known[i][1] for i in found], wanted.right)
        moved = k.cut(total, k.inst({A: ZERO, B: total.left.argument, C: a}, le_add()))  # a + 0 <= a + (b - a)
        sides = (INTEGERS.equal(x, y) for x, y in zip(arguments(moved.left)[1], (a, b), strict=True))
        first, last = sides
        assert first is not None
        assert last is not None
        same = k.app(k.app(k.refl(moved.left.function.function), first), last)
        return both(goal, k.sym(same), moved)

    def index(self, i: Term, xs: Term) -> tuple[Theorem, Theorem] | None:
        """A |- le 0 i = true and A |- le (add 1 i) (length xs) = true."""
        size = apply("length", xs)
        if size not in self._sizes:
            self._sizes[size] = _nonneg(size)
            self._learn(self._sizes[size])
        low = self.le(ZERO, i)
        high = self.le(add(ONE, i), size) if low else None
        return (low, high) if low and high else None

    def _fitting(self, tests: Sequence[Theorem]) -> tuple[list[Theorem], list[Theorem]]:
        """Of the sizes n of arrays that tests are about: that they are not negative, and |- inr.i64 n = true where they
        are known to fit."""
        known = {th.left: th for th in tests if th.right is TRUE}
        nonneg, fitting = list[Theorem](), list[Theorem]()
        for n in dict.fromkeys(u for th in tests for u in t.subterms(th.left) if _is_size(u)):
            low = _nonneg(n) if head(n) == "length" else known.get(le(ZERO, n))
            if low is not None and n not in self._sizes:
                self._sizes[n] = low
                nonneg.append(low)
                if le(n, LARGEST) in known:
                    fitting.append(fits_i64(low, known[le(n, LARGEST)]))
        return nonneg, fitting

    def _written_out(self, th: Theorem) -> Theorem:
        """The theorem with the values of operations that did not trap for the variables that stand for them."""
        x = k.refl(th.left)
        for value in self._values:
            if value.left.kind != "V" or value.left in x.right.free:
                x = k.trans(x, replaced(x.right, value))
        return k.trans(k.sym(x), th)

    def _value(self, x: Term) -> Theorem:
        th = k.sym(self._written_out(k.refl(x)))
        return k.trans(th, self._arithmetic.normal(th.right))

    def _learn(self, th: Theorem) -> None:
        """From |- le a b = true."""
        normal = self._value(th.left)
        if normal.right in (TRUE, FALSE):  # it says nothing, or that nothing reaches this place
            return
        th = k.trans(k.sym(normal), th)
        a, b = arguments(th.left)[1]
        moved = k.cut(th, k.inst({A: a, B: b, C: apply("neg", a)}, le_add()))
        sides = [INTEGERS.normal(x) or k.refl(x) for x in arguments(moved.left)[1]]
        th = both(k.sym(k.app(k.app(k.refl(moved.left.function.function), sides[0]), sides[1])), moved)
        self._known.append((_linear(th.left.argument), th))

    def _sum(self, parts: Sequence[Theorem], wanted: Term) -> Theorem:
        """|- le 0 wanted = true, from |- le 0 p = true for each p; the rest is a constant."""
        total: Theorem | None = None
        for th in parts:
            total = (
                th if total is None else fact("int.nonneg.add", total, th, a=total.left.argument, b=th.left.argument)
            )
        rest = _linear(wanted)
        for th in parts:
            rest = rest - _linear(th.left.argument)
        constant = INTEGERS.literal(rest.constant)
        last = k.compute(le(ZERO, constant))
        total = last if total is None else fact("int.nonneg.add", total, last, a=total.left.argument, b=constant)
        same = INTEGERS.equal(total.left.argument, wanted)
        assert same is not None
        return both(k.sym(k.app(k.refl(total.left.function), same)), total)


def _inequalities(th: Theorem) -> Iterator[Theorem]:
    """|- le a b = true, from what a comparison's truth says."""
    if head(th.left) == "lt" and th.left.kind == "A" and th.left.function.kind == "A":
        a, b = arguments(th.left)[1]
        th = k.trans(k.sym(axiom("int.lt.def", a=a, b=b)), th)
    if head(th.left) == "le" and th.left.kind == "A" and th.left.function.kind == "A":
        a, b = arguments(th.left)[1]
        yield th if th.right is TRUE else k.cut(th, k.inst({A: a, B: b}, not_le()))


def _difference(b: Term, a: Term) -> Term:
    return apply("sub", b, a)


def _is_size(x: Term) -> bool:
    if x.loose:
        return False
    return head(x) == "length" if x.kind == "A" else x.kind == "P" and x.index < rank(x.body.type)


def _is_access(x: Term) -> bool:
    return head(x) in ("get", "update") and head(arguments(x)[1][0]) == "trap"


def _accessed(th: Theorem) -> Iterator[Theorem]:
    """What an access that did not trap says of its index."""
    lemmas = inside_after_get() if head(th.left) == "get" else inside_after_update()
    return (discharge(named(lemma, **_parts(th)), th) for lemma in lemmas)


def _updated_size(th: Theorem) -> Theorem:
    """|- length ys = length xs, from |- update trap xs i w = ok ys."""
    return discharge(named(length_after_update(), **_parts(th)), th)


def _parts(th: Theorem) -> dict[str, Term]:
    """The parts of |- get trap xs i = ok v, or of |- update trap xs i w = ok ys."""
    _, xs, i, *new = arguments(th.left)[1]
    value = th.right.argument
    return {"xs": xs, "a": i, **({"w": new[0], "ys": value} if new else {"v": value})}


def _nonneg(length: Term) -> Theorem:
    xs = length.argument
    assert xs.type.args is not None
    return instance(length_nonneg(), {LIST: xs}, {"'x": xs.type.args[0]})


def _linear(polynomial: Term) -> Linear:
    """A polynomial in normal form; products of atoms are atoms."""
    total, rest = number(0), polynomial
    while True:
        last = not INTEGERS.is_op(rest, INTEGERS.add)
        n, product = INTEGERS.split(rest if last else rest.function.argument)
        total += Linear(n) if product is None else atom(product) * n
        if last:
            return total
        rest = rest.argument
