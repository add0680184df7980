"""Untrusted search, a checked theorem: a constant update is done by repeated squaring.

    f s x = ok (act m0 s)        act A (act B s) = act (mul A B) s
    ---------------------------------------------------------------
    fold f s xs = ok (ppower mul act xs m0 s)

By induction on xs, from `squares (inc bs) m s = squares bs m (act m s)`, which is by induction on the digits bs.
"""

from __future__ import annotations

from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import discharge
from hyperion.logic.kernel import Equation, Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, abstract, at, chain, cond_is, unfold
from hyperion_proofs.generic import fold_back, loop_lemmas
from hyperion_proofs.loop import ABSTRACT, HEAD, XS, M, S
from hyperion_proofs.unfolding import beta_all, bind_ok, nil_cons, reduce_list, rewrite

M0 = t.var("m0", M)
_m, _s, _a, _b = t.var("m", M), t.var("s", S), t.var("A", M), t.var("B", M)


def law_equations(f: Term, mul: Term, act: Term, m0: Term) -> dict[str, tuple[Term, Term]]:
    """The two laws as closed equations, for abstract or concrete loops."""
    assert act.type.args is not None and act.type.args[1].args is not None and f.type.args is not None
    summary, state = act.type.args[0], act.type.args[1].args[0]
    assert f.type.args[1].args is not None
    s, x = t.var("s", state), t.var("x", f.type.args[1].args[0])
    a, b = t.var("A", summary), t.var("B", summary)
    step = (t.lams((s, x), t.app(f, s, x)), t.lams((s, x), apply("ok", t.app(act, m0, s))))
    join = (
        t.lams((a, b, s), t.app(act, a, t.app(act, b, s))),
        t.lams((a, b, s), t.app(act, t.app(mul, a, b), s)),
    )
    return {"step": step, "join": join}


def _squares(bs: Term) -> Term:
    return apply("squares", ABSTRACT.mul, ABSTRACT.act, bs)


@cache
def increment() -> Theorem:
    """{join} |- (\\m s. squares mul act (inc bs) m s) = (\\m s. squares mul act bs m (act m s))"""
    a = ABSTRACT
    join = k.assume(*law_equations(a.f, a.mul, a.act, M0)["join"])
    b, bs = t.var("b", t.BOOL), t.var("bs", t.list_of(t.BOOL))
    nil, cons = nil_cons(b, bs)

    def sides(digits: Term) -> tuple[Term, Term]:
        left = t.app(_squares(apply("inc", digits)), _m, _s)
        return left, t.app(_squares(digits), _m, t.app(a.act, _m, _s))

    def closed(digits: Term) -> tuple[Term, Term]:
        left, right = sides(digits)
        return t.lams((_m, _s), left), t.lams((_m, _s), right)

    back = [k.sym(unfold("squares", _squares(digits))) for digits in (bs, apply("inc", bs))]
    inc_back = k.sym(unfold("inc", apply("inc", bs)))

    def run(x: Term) -> Theorem:
        """Reduce squares at nil or cons and fold the recursive call back."""
        th = reduce_list("squares", x)
        for fold in back:
            more = rewrite(th.right, fold)
            th = k.trans(th, more) if more else th
        return th

    def inc_at(digits: Term, c: Theorem | None) -> Theorem:
        th = reduce_list("inc", apply("inc", digits))
        if c is not None:
            th = k.trans(th, cond_is(c, th.right))
        more = rewrite(th.right, inc_back)
        return k.trans(th, more) if more else th

    def with_inc(x: Term, th: Theorem) -> Theorem:
        found = rewrite(x, th)
        assert found is not None
        return found

    left, right = sides(nil)
    one = with_inc(left, inc_at(nil, None))  # squares [true] m s
    one = k.trans(one, reduce_list("squares", one.right))
    again = rewrite(one.right, k.sym(unfold("squares", _squares(nil))))
    assert again is not None
    one = k.trans(one, again)  # squares [] (mul m m) (cond true (act m s) s)
    inner = one.right.argument
    one = k.trans(one, k.app(k.refl(one.right.function), cond_is(k.refl(TRUE), inner)))
    one = _end(one)
    base = k.trans(one, k.sym(_end(k.refl(right))))

    left, right = sides(cons)
    ih = k.assume(*closed(bs))

    def case(c: Theorem) -> Theorem:
        opened = with_inc(left, inc_at(cons, c))  # digits false :: inc bs, or true :: bs
        opened = k.trans(opened, run(opened.right))
        opened = _choose(opened, None)
        target = run(right)
        target = _choose(target, c)
        if c.right is FALSE:
            return k.trans(opened, k.sym(target))
        stepped = at(ih, t.app(a.mul, _m, _m), _s)  # squares (inc bs) (mul m m) s
        joined = k.sym(at(join, _m, _m, _s))  # act (mul m m) s = act m (act m s)
        moved = k.app(k.refl(stepped.right.function), joined)
        return chain(opened, stepped, moved, k.sym(target))

    step = k.bool_cases(b, case(k.assume(b, TRUE)), case(k.assume(b, FALSE)))
    return k.list_induction(b, bs, *closed(bs), abstract((_m, _s), base), abstract((_m, _s), step))


def _end(th: Theorem) -> Theorem:
    """squares at nil is the identity on the state."""
    return beta_all(k.trans(th, reduce_list("squares", th.right)))


def _choose(th: Theorem, c: Theorem | None) -> Theorem:
    """Resolve the conditional in the state argument: by `c`, or by its literal digit."""
    x = th.right.argument
    digit = x.function.function.argument
    chosen = cond_is(c if c is not None and digit is c.left else k.refl(digit), x)
    return k.trans(th, k.app(k.refl(th.right.function), chosen))


@cache
def power_theorem() -> Theorem:
    """{step, join} |- (\\s. fold f s xs) = (\\s. ok (ppower mul act xs m0 s))"""
    a = ABSTRACT
    laws = law_equations(a.f, a.mul, a.act, M0)
    step_law = k.assume(*laws["step"])
    nil, cons = nil_cons(HEAD, XS)

    def sides(xs: Term) -> tuple[Term, Term]:
        return apply("fold", a.f, _s, xs), apply("ok", apply("ppower", a.mul, a.act, xs, M0, _s))

    def closed(xs: Term) -> tuple[Term, Term]:
        left, right = sides(xs)
        return t.lam(_s, left), t.lam(_s, right)

    bits_back = k.sym(unfold("bits", apply("bits", XS)))

    def opened(xs: Term) -> Theorem:
        """ok (ppower .. xs m0 s) = ok (squares (bits xs) m0 s), with bits xs evaluated one step at nil and cons."""
        _, right = sides(xs)
        th = unfold("ppower", right.argument)
        if xs is not XS:
            digits = reduce_list("bits", apply("bits", xs))
            more = rewrite(th.right, digits)
            assert more is not None
            th = k.trans(th, more)
            again = rewrite(th.right, bits_back)
            th = k.trans(th, again) if again else th
        return k.app(k.refl(right.function), th)

    lemma = loop_lemmas()
    empty = opened(nil)
    done = _end(k.refl(empty.right.argument))
    base = k.trans(lemma["fold.nil"], k.sym(k.trans(empty, k.app(k.refl(empty.right.function), done))))

    ih = k.assume(*closed(XS))
    unfolded = lemma["fold.cons"]
    stepped = k.app(
        k.app(k.refl(unfolded.right.function.function), at(step_law, _s, HEAD)), k.refl(unfolded.right.argument)
    )
    first = fold_back(bind_ok(k.trans(unfolded, stepped)))  # fold f (act m0 s) xs
    acted = t.app(a.act, M0, _s)
    tail = at(ih, acted)
    there = k.inst({_s: acted}, opened(XS))
    bumped = opened(cons)  # ok (squares (inc (bits xs)) m0 s)
    bump = k.inst({t.var("bs", t.list_of(t.BOOL)): apply("bits", XS)}, increment())
    moved = k.app(k.refl(bumped.right.function), at(bump, M0, _s))
    step = chain(first, tail, there, k.sym(k.trans(bumped, moved)))
    return k.list_induction(HEAD, XS, *closed(XS), k.abs_(_s, base), k.abs_(_s, step))


def instantiate_power(f: Term, mul: Term, act: Term, m0: Term, xs: Term, laws: list[Theorem]) -> Theorem:
    """|- (\\s. fold f s xs) = (\\s. ok (ppower mul act xs m0 s)) for one loop whose laws are proved, or assumed."""
    a = ABSTRACT
    assert act.type.args is not None and act.type.args[1].args is not None and xs.type.args is not None
    types = {"'m": act.type.args[0], "'s": act.type.args[1].args[0], "'x": xs.type.args[0]}
    pairs = ((a.f, f), (a.mul, mul), (a.act, act), (M0, m0), (XS, xs))
    values = {t.instantiate_types(v, types): x for v, x in pairs}
    th = discharge(k.inst(values, k.inst_type(types, power_theorem())), *laws)
    if th.hypotheses != frozenset[Equation]().union(*(law.hypotheses for law in laws)):
        raise NoProof("the laws do not fit the loop")
    return th
