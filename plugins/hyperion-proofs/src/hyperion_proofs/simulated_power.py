"""Untrusted search, a checked theorem: a loop whose states are pictures of others, which a constant update leads on.

    f (g r) x = ok (g (act m r))        act A (act B r) = act (mul A B) r
    ---------------------------------------------------------------------
    fold f (g r) xs = ok (g (ppower mul act xs m r))

By induction on xs: the loop is the picture of one whose states are r.
"""

from __future__ import annotations

from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.derived import beta_spine, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.counting import F, first_step, fold_lemmas
from hyperion_proofs.derived import NoProof, abstract, at, chain, fitted
from hyperion_proofs.loop import HEAD, XS, S, X
from hyperion_proofs.power import instantiate_power
from hyperion_proofs.unfolding import bind_value

_Q = t.type_variable("'q")
_G = t.var("g", t.fun(_Q, S))
_ACT, _MUL = (t.var(n, t.fun(_Q, _Q, _Q)) for n in ("act", "mul"))
_M, _r = t.var("m", _Q), t.var("r", _Q)


def step_law(f: Term, g: Term, act: Term, m: Term) -> tuple[Term, Term]:
    """As a closed equation."""
    assert g.type.args is not None and f.type.args is not None and f.type.args[1].args is not None
    r, x = t.var("r", g.type.args[0]), t.var("x", f.type.args[1].args[0])
    return t.lams((r, x), t.app(f, t.app(g, r), x)), t.lams((r, x), apply("ok", t.app(g, t.app(act, m, r))))


def join_law(mul: Term, act: Term) -> tuple[Term, Term]:
    """As a closed equation."""
    assert act.type.args is not None
    a, b, s = (t.var(n, act.type.args[0]) for n in ("A", "B", "s"))
    left, right = t.app(act, a, t.app(act, b, s)), t.app(act, t.app(mul, a, b), s)
    return t.lams((a, b, s), left), t.lams((a, b, s), right)


def _updating() -> Term:
    x = t.var("x", X)
    return t.lams((_r, x), apply("ok", t.app(_ACT, _M, _r)))


@cache
def _theorem() -> Theorem:
    """{step, join} |- (\\r. fold f (g r) xs) = (\\r. ok (g (ppower mul act xs m r)))"""
    step = k.assume(*step_law(F, _G, _ACT, _M))
    update = _updating()
    picture = t.lam(_r, apply("ok", t.app(_G, _r)))
    fold_nil, _ = fold_lemmas()

    def of_updates(th: Theorem) -> Theorem:
        return k.inst({t.var("f", t.fun(_Q, X, t.outcome_of(_Q))): update}, k.inst_type({"'s": _Q}, th))

    def sides(xs: Term) -> tuple[Term, Term]:
        whole = apply("bind", apply("fold", update, _r, xs), picture)
        return t.lam(_r, apply("fold", F, t.app(_G, _r), xs)), t.lam(_r, whole)

    def under(th: Theorem) -> Theorem:
        bind = apply("bind", th.left, picture)
        return k.app(k.app(k.refl(bind.function.function), th), k.refl(picture))

    s = t.var("s", S)
    ended = under(k.inst({t.var("s", _Q): _r}, of_updates(fold_nil)))
    base = chain(k.inst({s: t.app(_G, _r)}, fold_nil), k.sym(k.trans(ended, bind_value(ended.right))))
    given = k.assume(*sides(XS))
    stepped = first_step(at(step, _r, HEAD), HEAD, XS)
    after = t.app(_ACT, _M, _r)
    assumed = k.assume(t.app(F, s, HEAD), apply("ok", t.var("s'", S)))
    general = of_updates(first_step(assumed, HEAD, XS))
    put = {t.var("s", _Q): _r, t.var("s'", _Q): after}
    moved = discharge(k.inst(put, general), beta_spine(t.app(update, _r, HEAD)))
    proved = chain(stepped, at(given, after), k.sym(under(moved)))
    simulated = k.list_induction(HEAD, XS, *sides(XS), k.abs_(_r, base), k.abs_(_r, proved))
    law = abstract((t.var("s", _Q), t.var("x", X)), beta_spine(t.app(update, t.var("s", _Q), t.var("x", X))))
    join = k.assume(*join_law(_MUL, _ACT))
    power = at(instantiate_power(update, _MUL, _ACT, _M, XS, [law, join]), _r)
    whole = k.trans(at(simulated, _r), under(power))
    return k.abs_(_r, k.trans(whole, bind_value(whole.right)))


def instantiate_simulated(
    f: Term, picture: Term, power: tuple[Term, Term, Term], xs: Term, r: Term, laws: tuple[Theorem, Theorem]
) -> Theorem:
    """|- fold f (g r) xs = ok (g (ppower mul act xs m r)) from the two laws, for mul, act and m."""
    mul, act, m = power
    th = discharge(fitted(_theorem(), {F: f, _G: picture, _ACT: act, _MUL: mul, _M: m, XS: xs}), *laws)
    if any(claim in th.hypotheses for claim in (step_law(f, picture, act, m), join_law(mul, act))):
        raise NoProof("the laws do not fit the loop")
    return at(th, r)
