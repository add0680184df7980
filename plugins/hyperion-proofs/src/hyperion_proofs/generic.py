"""Untrusted search, checked theorems: what holds of every loop with a summary. Each is proved once per process.

Variables of the statements: f is the step, lift mul act the summary, cut any choice of pieces. A budget bounds magnitudes:
okS p s, okM p m say that a state and a summary are within p, okX x that an element is within w. The laws are

    step    okS p s, okX x, p + w <= top                        f s x = ok (act (lift x) s)
    lift    okX x, w <= top                                     okM w (lift x)
    mul     okM p A, okM q B, p + q <= top                      okM (p + q) (mul A B)
    act     okM p A, okS q s, p + q <= top                      okS (p + q) (act A s)
    join    okM p A, okM q B, okS r s, p + (q + r) <= top       act A (act B s) = act (mul A B) s
    size    okS q s                                             0 <= q

No associativity and no unit is asked for. Conclusion, by induction on xs:

    okS q s, all okX xs, q + w * length xs <= top               fold f s xs = ok (preduce cut lift mul act xs s)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term, Ty
from hyperion_proofs.derived import NoProof, app_args, arguments, chain, cond_is, discharge, instance, unfold, use
from hyperion_proofs.implication import eliminate, implies, introduce, parts
from hyperion_proofs.ring import INTEGERS

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
CUT = t.var("cut", t.fun(t.list_of(X), t.BOOL))
XS, HEAD = t.var("xs", t.list_of(X)), t.var("x0", X)


def law_equation(loop: Loop, name: str) -> tuple[Term, Term]:
    variables, conditions, left, right = loop.laws()[name]
    return implies(variables, conditions, left, right) if conditions else (left, right)


def law_theorem(loop: Loop, name: str, th: Theorem) -> Theorem:
    """From the law's sequent `conditions |- left = right`: the law as one closed equation."""
    variables, conditions, _, _ = loop.laws()[name]
    return introduce(variables, conditions, th) if conditions else th


def regroup(th: Theorem, bound: Term) -> Theorem:
    """From |- le a top = true and a = bound as sums: |- le bound top = true."""
    same = INTEGERS.equal(bound, th.left.function.argument)
    if same is None:
        raise NoProof("the bounds differ")
    return chain(k.app(k.app(k.refl(th.left.function.function), same), k.refl(th.left.argument)), th)


def drop(th: Theorem, bound: Term, extra: Theorem) -> Theorem:
    """From |- le a top, a = bound + d and |- le 0 d: |- le bound top."""
    d = extra.left.argument
    wide = regroup(th, add(bound, d))
    return discharge(instance("int.le.drop", a=bound, b=th.left.argument, d=d), extra, wide)


def nonneg_add(a: Theorem, b: Theorem) -> Theorem:
    return discharge(instance("int.nonneg.add", a=a.left.argument, b=b.left.argument), a, b)


def nonneg_mul(a: Theorem, b: Theorem) -> Theorem:
    return discharge(instance("int.nonneg.mul", a=a.left.argument, b=b.left.argument), a, b)


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
    longer = k.trans(longer, _sure(rewrite(longer.right, back)))
    step = k.trans(under(longer), nonneg_add(one, ih))
    return k.list_induction(HEAD, XS, ih.left, TRUE, base, step)


def nil_cons(x: Term, xs: Term) -> tuple[Term, Term]:
    """The empty list, and x before xs."""
    return t.const("nil", xs.type), apply("cons", x, xs)


def reduce_list(name: str, x: Term) -> Theorem:
    """Unfold a function defined by listrec at nil or cons, fold the recursive call back, and beta-reduce."""
    opened = unfold(name, x)
    function, args = arguments(opened.right)
    step = use("listrec.nil", opened.right) or use("listrec.cons", opened.right)
    extra: list[Term] = []
    if step is None:  # the recursor's result is applied further
        extra = args[3:]
        inner = t.app(function, *args[:3])
        step = use("listrec.nil", inner) or use("listrec.cons", inner)
        if step is None:
            raise NoProof(f"{name} does not reduce")
        for a in extra:
            step = k.app(step, k.refl(a))
    return beta_all(k.trans(opened, step))


def beta_all(th: Theorem) -> Theorem:
    """Beta-reduce the spine of the right side."""
    function, args = arguments(th.right)
    if function.kind != "L":
        return th
    spine = k.refl(function)
    for a in args:
        spine = k.app(spine, k.refl(a))
        if spine.right.function.kind == "L":
            spine = k.trans(spine, k.beta(spine.right))
    return k.trans(th, spine)


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
    cons_pieces = k.trans(cons_pieces, _sure(rewrite(cons_pieces.right, back)))
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
        "all.cons": k.trans(cons_all, _sure(rewrite(cons_all.right, all_back))),
        "length.cons": k.trans(cons_length, _sure(rewrite(cons_length.right, length_back))),
        "preduce.nil": reduce_nil,
        "preduce.cons": reduce_cons,
    }


def rewrite(x: Term, th: Theorem) -> Theorem | None:
    """Rewrite occurrences of th.left inside x (not under binders)."""
    if x is th.left:
        return th
    if x.kind != "A":
        return None
    function, args = arguments(x)
    for count in range(len(args), 0, -1):  # a prefix of the spine may match
        prefix = t.app(function, *args[:count])
        if prefix is th.left:
            result: Theorem | None = th
            for a in args[count:]:
                inner = rewrite(a, th)
                result = k.app(result, inner or k.refl(a))
            return result
    return app_args(function, [rewrite(a, th) for a in args], args)


def _sure(th: Theorem | None) -> Theorem:
    if th is None:
        raise NoProof("nothing to rewrite")
    return th


class _Hypotheses:
    """The laws of the abstract loop, as hypotheses."""

    def __init__(self) -> None:
        self._laws = {name: k.assume(*law_equation(ABSTRACT, name)) for name in ABSTRACT.laws()}

    def use(self, name: str, values: Sequence[Term], facts: Sequence[Theorem]) -> Theorem:
        law = self._laws[name]
        return eliminate(law, values, facts) if facts else law


def bind_ok(th: Theorem) -> Theorem:
    """From |- o = ok v: |- bind o r = r v, for th.left's bind built here by the caller as th.right = bind (ok v) r."""
    opened = unfold("bind", th.right)
    reduced = _sure(use("outcase.ok", opened.right))
    return beta_all(chain(th, opened, reduced))


@cache
def pieces_theorem() -> Theorem:
    """{laws} |- implies (p q m s) [okM p m, okS q s, all okX xs, (p + q) + w * length xs <= top]
    (fold f (act m s) xs) (ok (pieces cut lift mul act xs m s))"""
    a, laws, lemma = ABSTRACT, _Hypotheses(), loop_lemmas()
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
            merged_ok = laws.use("mul", (a.w, p, lifted, m), (x_m, ok_m, wp_fits))
            together = regroup(all_three, add(a.w, pq))
            joined = laws.use("join", (a.w, p, q, lifted, m, s), (x_m, ok_m, ok_s, together))
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
    return _sure(rewrite(x, length))


def fold_back(th: Theorem) -> Theorem:
    """The right side is the unfolded `fold f s xs`: fold it back."""
    again = apply("fold", ABSTRACT.f, th.right.argument, XS)
    return k.trans(th, k.sym(unfold("fold", again)))


@cache
def reduce_theorem() -> Theorem:
    """{laws} |- implies (q s) [okS q s, all okX xs, q + w * length xs <= top]
    (fold f s xs) (ok (preduce cut lift mul act xs s))"""
    a, laws, lemma = ABSTRACT, _Hypotheses(), loop_lemmas()
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
    tail = eliminate(pieces_theorem(), (a.w, q, lifted, s), (x_m, ok_s, rest, enough))
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
