"""The commutative rings int and real: polynomials in normal form, and equations between them."""

from __future__ import annotations

from functools import cache

from hyperion.interfaces.tactic import Goal, Progress
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.terms import Ty
from hyperion_tactics.chains import Operation
from hyperion_tactics.proving import Failed
from hyperion_tactics.semiring import Semiring, decide, normal_form


@cache
def polynomials(ty: Ty) -> Semiring:
    """The ring of a type, int or real; subtraction and negation are written as products by -1."""
    prefix, name = ("", "int") if ty is t.INT else ("r", "real")
    add, mul = (t.const(f"{prefix}{op}", t.fun(ty, ty, ty)) for op in ("add", "mul"))
    return Semiring(
        Operation(add, k.axiom(f"{name}.{prefix}add.assoc")),
        Operation(mul, k.axiom(f"{name}.{prefix}mul.assoc")),
        k.axiom(f"{name}.{prefix}add.comm"),
        k.axiom(f"{name}.mul.add"),
        mul_comm=k.axiom(f"{name}.{prefix}mul.comm"),
        zero=(k.axiom(f"{name}.add.zero"), k.axiom(f"{name}.mul.zero")),
        one=k.axiom(f"{name}.mul.one"),
        literals=True,
        others=(k.axiom(f"{name}.sub.def"), k.axiom(f"{name}.neg.def")),
    )


def _of(goal: Goal) -> Semiring:
    if goal.left.type not in (t.INT, t.REAL):
        raise Failed("the sides are neither integers nor reals", goal)
    return polynomials(goal.left.type)


def ring(goal: Goal) -> Progress:
    """Proves every equation between polynomials over int or real that holds by the laws of commutative rings."""
    return decide(_of(goal))(goal)


def polynomial(goal: Goal) -> Progress:
    """Both sides as polynomials in normal form."""
    return normal_form(_of(goal))(goal)
