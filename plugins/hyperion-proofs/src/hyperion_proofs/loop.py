"""Untrusted. A loop with a summary, and the laws that the generic theorem asks of it.

f is the step, lift mul act the summary. A budget bounds magnitudes: okS p s, okM p m say that a state and a summary are
within p, okX x that an element is within w.

    step    okS p s, okX x, p + w <= top                        f s x = ok (act (lift x) s)
    lift    okX x, w <= top                                     okM w (lift x)
    mul     okM p A, okM q B, p + q <= top                      okM (p + q) (mul A B)
    act     okM p A, okS q s, p + q <= top                      okS (p + q) (act A s)
    join    okM p A, okM q B, okS r s, p + (q + r) <= top       act A (act B s) = act (mul A B) s
    size    okS q s                                             0 <= q
    unit                                                        0 <= w

No associativity and no unit of mul is asked for. Pieces are summarised by appending one element after the other, so of
a summary that can only be appended to, mul and join are asked with A = lift x alone, for elements with okX x.
"""

from __future__ import annotations

from dataclasses import dataclass

from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term, Ty
from hyperion_proofs.implication import implies, introduce

S, X, M = (t.type_variable(n) for n in ("'s", "'x", "'m"))
OUT = t.outcome_of(S)


def int_(value: int) -> Term:
    return literals.int_lit(value)


def add(a: Term, b: Term) -> Term:
    return apply("add", a, b)


def le(a: Term, b: Term) -> Term:
    return apply("le", a, b)


@dataclass(frozen=True)
class Loop:
    """The parameters of the generic theorem, as variables or as the terms of one loop."""

    f: Term
    lift: Term
    mul: Term
    act: Term
    ok_s: Term
    ok_m: Term
    ok_x: Term
    w: Term
    top: Term

    @property
    def state(self) -> Ty:
        assert self.act.type.args is not None and self.act.type.args[1].args is not None
        return self.act.type.args[1].args[0]

    @property
    def summary(self) -> Ty:
        assert self.act.type.args is not None
        return self.act.type.args[0]

    @property
    def element(self) -> Ty:
        assert self.lift.type.args is not None
        return self.lift.type.args[0]

    def laws(self) -> dict[str, tuple[tuple[Term, ...], tuple[Term, ...], Term, Term]]:
        """Variables, conditions, left and right side of each law."""
        p, q, r = (t.var(n, t.INT) for n in "pqr")
        s, x = t.var("s", self.state), t.var("x", self.element)
        a, b = t.var("A", self.summary), t.var("B", self.summary)
        ok_s, ok_m, ok_x = self.ok_s, self.ok_m, self.ok_x

        def fits(bound: Term) -> Term:
            return le(bound, self.top)

        pq = add(p, q)
        acted = t.app(self.act, t.app(self.lift, x), s)
        return {
            "step": (
                (p, s, x),
                (t.app(ok_s, p, s), t.app(ok_x, x), fits(add(p, self.w))),
                t.app(self.f, s, x),
                apply("ok", acted),
            ),
            "lift": ((x,), (t.app(ok_x, x), fits(self.w)), t.app(ok_m, self.w, t.app(self.lift, x)), TRUE),
            "mul": (
                (p, q, a, b),
                (t.app(ok_m, p, a), t.app(ok_m, q, b), fits(pq)),
                t.app(ok_m, pq, t.app(self.mul, a, b)),
                TRUE,
            ),
            "act": (
                (p, q, a, s),
                (t.app(ok_m, p, a), t.app(ok_s, q, s), fits(pq)),
                t.app(ok_s, pq, t.app(self.act, a, s)),
                TRUE,
            ),
            "join": (
                (p, q, r, a, b, s),
                (t.app(ok_m, p, a), t.app(ok_m, q, b), t.app(ok_s, r, s), fits(add(p, add(q, r)))),
                t.app(self.act, a, t.app(self.act, b, s)),
                t.app(self.act, t.app(self.mul, a, b), s),
            ),
            "size": ((q, s), (t.app(ok_s, q, s),), le(int_(0), q), TRUE),
            "unit": ((), (), le(int_(0), self.w), TRUE),
        }


@dataclass(frozen=True)
class Appending(Loop):
    """A loop whose summaries are not joined: one element is appended to them."""

    def laws(self) -> dict[str, tuple[tuple[Term, ...], tuple[Term, ...], Term, Term]]:
        p, q = t.var("p", t.INT), t.var("q", t.INT)
        s, x, b = t.var("s", self.state), t.var("x", self.element), t.var("B", self.summary)
        lifted = t.app(self.lift, x)
        wp = add(self.w, p)
        ok_x, ok_b, ok_s = t.app(self.ok_x, x), t.app(self.ok_m, p, b), t.app(self.ok_s, q, s)
        merged = t.app(self.mul, lifted, b)
        together = le(add(self.w, add(p, q)), self.top)
        return super().laws() | {
            "mul": ((p, x, b), (ok_x, ok_b, le(wp, self.top)), t.app(self.ok_m, wp, merged), TRUE),
            "join": (
                (p, q, x, b, s),
                (ok_x, ok_b, ok_s, together),
                t.app(self.act, lifted, t.app(self.act, b, s)),
                t.app(self.act, merged, s),
            ),
        }


ABSTRACT = Loop(
    f=t.var("f", t.fun(S, X, OUT)),
    lift=t.var("lift", t.fun(X, M)),
    mul=t.var("mul", t.fun(M, M, M)),
    act=t.var("act", t.fun(M, S, S)),
    ok_s=t.var("okS", t.fun(t.INT, S, t.BOOL)),
    ok_m=t.var("okM", t.fun(t.INT, M, t.BOOL)),
    ok_x=t.var("okX", t.fun(X, t.BOOL)),
    w=t.var("w", t.INT),
    top=t.var("top", t.INT),
)
APPENDED = Appending(*(getattr(ABSTRACT, name) for name in Loop.__dataclass_fields__))
CUT = t.var("cut", t.fun(t.list_of(X), t.BOOL))
XS, HEAD = t.var("xs", t.list_of(X)), t.var("x0", X)


def law_equation(loop: Loop, name: str) -> tuple[Term, Term]:
    variables, conditions, left, right = loop.laws()[name]
    return implies(variables, conditions, left, right) if conditions else (left, right)


def law_theorem(loop: Loop, name: str, th: Theorem) -> Theorem:
    """From the law's sequent `conditions |- left = right`: the law as one closed equation."""
    variables, conditions, _, _ = loop.laws()[name]
    return introduce(variables, conditions, th) if conditions else th
