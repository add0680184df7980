"""Untrusted search, checked theorems: what holds of every loop whose summary obeys the laws of `loop`.

    okS q s, all okX xs, q + w * length xs <= top
    ------------------------------------------------------
    fold f s xs = ok (preduce cut lift mul act xs s)

for every choice `cut` of pieces, by induction on xs. Each theorem is proved once per process.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import chain, cond_is, unfold
from hyperion_proofs.implication import eliminate, implies, introduce, parts
from hyperion_proofs.inequalities import drop, nonneg_add, nonneg_mul, regroup
from hyperion_proofs.loop import ABSTRACT, CUT, HEAD, OUT, XS, Appending, Loop, M, S, add, int_, law_equation, le
from hyperion_proofs.unfolding import bind_ok, nil_cons, reduce_list, rewrite, sure


@cache
def length_nonneg() -> Theorem:
    """|- le 0 (length xs) = true."""
    nil, cons = nil_cons(HEAD, XS)
    zero = int_(0)

    def under(length: Theorem) -> Theorem:
        return k.app(k.refl(le(zero, zero).function), length)

    base = under(reduce_list("length", apply("length", nil)))
    base = k.trans(base, k.compute(base.right))
    ih = k.assume(le(zero, apply("length", XS)), TRUE)
    one = k.compute(le(zero, int_(1)))
    back = k.sym(unfold("length", apply("length", XS)))
    longer = reduce_list("length", apply("length", cons))
    longer = k.trans(longer, sure(rewrite(longer.right, back)))
    step = k.trans(under(longer), nonneg_add(one, ih))
    return k.list_induction(HEAD, XS, ih.left, TRUE, base, step)


@cache
def loop_lemmas() -> dict[str, Theorem]:
    """Equations of the defined functions at nil and cons, with the recursive calls folded back."""
    a = ABSTRACT
    m, s = t.var("m", M), t.var("s", S)
    nil, cons = nil_cons(HEAD, XS)

    def pieces(xs: Term) -> Term:
        return apply("pieces", CUT, a.lift, a.mul, a.act, xs)

    def fold(xs: Term) -> Term:
        return apply("fold", a.f, s, xs)

    back = k.sym(unfold("pieces", pieces(XS)))
    cons_pieces = reduce_list("pieces", t.app(pieces(cons), m, s))
    cons_pieces = k.trans(cons_pieces, sure(rewrite(cons_pieces.right, back)))
    all_back = k.sym(unfold("all", apply("all", a.ok_x, XS)))
    cons_all = reduce_list("all", apply("all", a.ok_x, cons))
    length_back = k.sym(unfold("length", apply("length", XS)))
    cons_length = reduce_list("length", apply("length", cons))
    reduce_nil = reduce_list("preduce", apply("preduce", CUT, a.lift, a.mul, a.act, nil, s))
    reduce_cons = reduce_list("preduce", apply("preduce", CUT, a.lift, a.mul, a.act, cons, s))
    return {
        "pieces.nil": reduce_list("pieces", t.app(pieces(nil), m, s)),
        "pieces.cons": cons_pieces,
        "fold.nil": reduce_list("fold", fold(nil)),
        "fold.cons": reduce_list("fold", fold(cons)),
        "all.nil": reduce_list("all", apply("all", a.ok_x, nil)),
        "all.cons": k.trans(cons_all, sure(rewrite(cons_all.right, all_back))),
        "length.cons": k.trans(cons_length, sure(rewrite(cons_length.right, length_back))),
        "preduce.nil": reduce_nil,
        "preduce.cons": reduce_cons,
    }


class _Hypotheses:
    """The laws of the abstract loop, as hypotheses."""

    def __init__(self, loop: Loop) -> None:
        self._appends = isinstance(loop, Appending)
        self._laws = {name: k.assume(*law_equation(loop, name)) for name in loop.laws()}

    def use(self, name: str, values: Sequence[Term], facts: Sequence[Theorem]) -> Theorem:
        law = self._laws[name]
        return eliminate(law, values, facts) if facts else law

    def merged(self, lifted: tuple[Term, Term], p: Term, m: Term, facts: Sequence[Theorem]) -> Theorem:
        """okM (w + p) (mul (lift x) m), from okM w (lift x), okX x, okM p m and that the budget suffices."""
        ok_lifted, ok_x, *others = facts
        if self._appends:
            return self.use("mul", (p, HEAD, m), (ok_x, *others))
        return self.use("mul", (*lifted[:1], p, *lifted[1:], m), (ok_lifted, *others))

    def joined(
        self, lifted: tuple[Term, Term], sizes: tuple[Term, Term], m: Term, s: Term, facts: Sequence[Theorem]
    ) -> Theorem:
        """act (lift x) (act m s) = act (mul (lift x) m) s, from the same and okS q s."""
        ok_lifted, ok_x, *others = facts
        if self._appends:
            return self.use("join", (*sizes, HEAD, m, s), (ok_x, *others))
        return self.use("join", (*lifted[:1], *sizes, *lifted[1:], m, s), (ok_lifted, *others))


@cache
def pieces_theorem(a: Loop = ABSTRACT) -> Theorem:
    """{laws} |- implies (p q m s) [okM p m, okS q s, all okX xs, (p + q) + w * length xs <= top]
    (fold f (act m s) xs) (ok (pieces cut lift mul act xs m s))"""
    laws, lemma = _Hypotheses(a), loop_lemmas()
    p, q, m, s = t.var("p", t.INT), t.var("q", t.INT), t.var("m", M), t.var("s", S)
    vs = (p, q, m, s)

    def conditions(xs: Term) -> tuple[Term, ...]:
        total = add(add(p, q), apply("mul", a.w, apply("length", xs)))
        return t.app(a.ok_m, p, m), t.app(a.ok_s, q, s), apply("all", a.ok_x, xs), le(total, a.top)

    acted = t.app(a.act, m, s)

    def left(xs: Term) -> Term:
        return apply("fold", a.f, acted, xs)

    def right(xs: Term) -> Term:
        return apply("ok", apply("pieces", CUT, a.lift, a.mul, a.act, xs, m, s))

    nil, cons = nil_cons(HEAD, XS)
    ok = k.refl(t.const("ok", t.fun(S, OUT)))
    base = k.trans(k.inst({s: acted}, lemma["fold.nil"]), k.sym(k.app(ok, lemma["pieces.nil"])))
    base = introduce(vs, conditions(nil), base)

    statement = implies(vs, conditions(XS), left(XS), right(XS))
    ih = k.assume(*statement)
    ok_m, ok_s, every, fits = (k.assume(c, TRUE) for c in conditions(cons))
    ok_x, rest = parts(k.trans(k.sym(lemma["all.cons"]), every))
    unit = laws.use("unit", (), ())
    spare = nonneg_mul(unit, length_nonneg())
    pq = add(p, q)
    fits = k.trans(k.sym(_in_le(fits.left, lemma["length.cons"])), fits)  # with 1 + length xs
    all_three = drop(fits, add(pq, a.w), spare)
    two = drop(all_three, pq, unit)
    acted_ok = laws.use("act", (p, q, m, s), (ok_m, ok_s, two))
    alone = drop(all_three, a.w, laws.use("size", (pq, acted), (acted_ok,)))
    x_m = laws.use("lift", (HEAD,), (ok_x, alone))
    stepped = laws.use("step", (pq, acted, HEAD), (acted_ok, ok_x, all_three))
    unfolded = k.inst({s: acted}, lemma["fold.cons"])
    function, (_, r) = arguments(unfolded.right)
    into = k.trans(unfolded, k.app(k.app(k.refl(function), stepped), k.refl(r)))
    first = fold_back(bind_ok(into))  # fold f (act m s) (cons x xs) = fold f (act (lift x) (act m s)) xs
    lifted = t.app(a.lift, HEAD)
    cut_here = t.app(CUT, cons)
    unpieced = lemma["pieces.cons"]

    def finish(c: Theorem) -> Theorem:
        if c.right is TRUE:
            values = (a.w, pq, lifted, acted)
            enough = regroup(fits, add(add(a.w, pq), apply("mul", a.w, apply("length", XS))))
            tail = k.trans(first, eliminate(ih, values, (x_m, acted_ok, rest, enough)))
        else:
            wp = add(a.w, p)
            merged = t.app(a.mul, lifted, m)
            size = laws.use("size", (q, s), (ok_s,))
            wp_fits = drop(all_three, wp, size)
            merged_ok = laws.merged((a.w, lifted), p, m, (x_m, ok_x, ok_m, wp_fits))
            together = regroup(all_three, add(a.w, pq))
            joined = laws.joined((a.w, lifted), (p, q), m, s, (x_m, ok_x, ok_m, ok_s, together))
            function, args = arguments(first.right)
            moved = k.app(k.app(k.app(k.refl(function), k.refl(args[0])), joined), k.refl(args[2]))
            enough = regroup(fits, add(add(wp, q), apply("mul", a.w, apply("length", XS))))
            tail = chain(first, moved, eliminate(ih, (wp, q, merged, s), (merged_ok, ok_s, rest, enough)))
        chosen = k.trans(unpieced, cond_is(c, unpieced.right))
        return k.trans(tail, k.sym(k.app(ok, chosen)))

    both = k.bool_cases(cut_here, finish(k.assume(cut_here, TRUE)), finish(k.assume(cut_here, FALSE)))
    step = introduce(vs, conditions(cons), both)
    return k.list_induction(HEAD, XS, statement[0], statement[1], base, step)


def _in_le(x: Term, length: Theorem) -> Theorem:
    """Rewrite the length inside le (a + w * length ..) top."""
    return sure(rewrite(x, length))


def fold_back(th: Theorem) -> Theorem:
    """The right side is the unfolded `fold f s xs`: fold it back."""
    again = apply("fold", ABSTRACT.f, th.right.argument, XS)
    return k.trans(th, k.sym(unfold("fold", again)))


@cache
def reduce_theorem(a: Loop = ABSTRACT) -> Theorem:
    """{laws} |- implies (q s) [okS q s, all okX xs, q + w * length xs <= top]
    (fold f s xs) (ok (preduce cut lift mul act xs s))"""
    laws, lemma = _Hypotheses(a), loop_lemmas()
    q, s = t.var("q", t.INT), t.var("s", S)
    ok = k.refl(t.const("ok", t.fun(S, OUT)))

    def conditions(xs: Term) -> tuple[Term, ...]:
        total = add(q, apply("mul", a.w, apply("length", xs)))
        return t.app(a.ok_s, q, s), apply("all", a.ok_x, xs), le(total, a.top)

    def statement(xs: Term) -> tuple[Term, Term]:
        value = apply("ok", apply("preduce", CUT, a.lift, a.mul, a.act, xs, s))
        return implies((q, s), conditions(xs), apply("fold", a.f, s, xs), value)

    nil, cons = nil_cons(HEAD, XS)
    base = k.trans(lemma["fold.nil"], k.sym(k.app(ok, lemma["preduce.nil"])))
    base = introduce((q, s), conditions(nil), base)
    ok_s, every, fits = (k.assume(c, TRUE) for c in conditions(cons))
    ok_x, rest = parts(k.trans(k.sym(lemma["all.cons"]), every))
    unit = laws.use("unit", (), ())
    fits = k.trans(k.sym(_in_le(fits.left, lemma["length.cons"])), fits)
    one = drop(fits, add(q, a.w), nonneg_mul(unit, length_nonneg()))
    stepped = laws.use("step", (q, s, HEAD), (ok_s, ok_x, one))
    unfolded = lemma["fold.cons"]
    function, (_, r) = arguments(unfolded.right)
    first = fold_back(bind_ok(k.trans(unfolded, k.app(k.app(k.refl(function), stepped), k.refl(r)))))
    lifted = t.app(a.lift, HEAD)
    alone = drop(one, a.w, laws.use("size", (q, s), (ok_s,)))
    x_m = laws.use("lift", (HEAD,), (ok_x, alone))
    enough = regroup(fits, add(add(a.w, q), apply("mul", a.w, apply("length", XS))))
    tail = eliminate(pieces_theorem(a), (a.w, q, lifted, s), (x_m, ok_s, rest, enough))
    proved = chain(first, tail, k.sym(k.app(ok, lemma["preduce.cons"])))
    step = introduce((q, s), conditions(cons), proved)
    left, right = statement(XS)
    return k.list_induction(HEAD, XS, left, right, base, step)


def instantiate(loop: Loop, cut: Term, xs: Term, laws: dict[str, Theorem], th: Theorem) -> Theorem:
    """A generic theorem at one loop, its laws discharged."""
    types = {"'s": loop.state, "'x": loop.element, "'m": loop.summary}
    th = k.inst_type(types, th)
    values: dict[Term, Term] = {}
    for name in Loop.__dataclass_fields__:
        values[t.instantiate_types(getattr(ABSTRACT, name), types)] = getattr(loop, name)
    values[t.instantiate_types(CUT, types)] = cut
    values[t.instantiate_types(XS, types)] = xs
    return discharge(k.inst(values, th), *laws.values())
