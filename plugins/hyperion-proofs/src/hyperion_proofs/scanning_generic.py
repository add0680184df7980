"""Untrusted search, checked theorems: what holds of every scan whose summary obeys the laws of `loop`.

    okS q s, all okX xs, q + w * length xs <= top
    ------------------------------------------------------
    scan f s xs = ok (pscan cut g lift mul act xs s)

for every choice `cut` of pieces, by induction on xs. g is the step without its traps. The laws are those of `loop`
without the one for steps, in whose place there are two:

    scan    okS p s, okX x, p + w <= top        f s x = ok (g s x)
    next    okS p s, okX x, p + w <= top        (g s x).0 = act (lift x) s
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term, Ty
from hyperion_proofs.derived import chain, cond_is, head, replace_all, unfold
from hyperion_proofs.generic import length_nonneg, loop_lemmas
from hyperion_proofs.implication import eliminate, implies, introduce, parts
from hyperion_proofs.inequalities import drop, nonneg_mul, regroup
from hyperion_proofs.loop import ABSTRACT, CUT, HEAD, XS, Loop, M, S, X, add, law_equation, le
from hyperion_proofs.unfolding import beta_all, bind_ok, nil_cons, reduce_list, rewrite, sure

Y = t.type_variable("'y")
STEP = t.var("fs", t.fun(S, X, t.outcome_of(t.type_of("prod", S, Y))))
TOTAL = t.var("g", t.fun(S, X, t.type_of("prod", S, Y)))

Law = tuple[tuple[Term, ...], tuple[Term, ...], Term, Term]


@dataclass(frozen=True)
class Scan:
    """The parameters of the generic theorem: those of the loop without what it makes, the step, and the total one."""

    loop: Loop
    step: Term
    total: Term

    @property
    def made(self) -> Ty:
        pair = self.total.type
        for _ in range(2):
            assert pair.args is not None
            pair = pair.args[1]
        assert pair.args is not None
        return pair.args[1]

    def laws(self) -> dict[str, Law]:
        """Variables, conditions, left and right side of the two laws for steps."""
        loop = self.loop
        (p, s, x), conditions, _, _ = loop.laws()["step"]
        made = t.app(self.total, s, x)
        acted = t.app(loop.act, t.app(loop.lift, x), s)
        return {
            "scan": ((p, s, x), conditions, t.app(self.step, s, x), apply("ok", made)),
            "next": ((p, s, x), conditions, t.proj(0, made), acted),
        }


ABSTRACT_SCAN = Scan(ABSTRACT, STEP, TOTAL)
_SHARED = ("lift", "mul", "act", "join", "size", "unit")


class _Hypotheses:
    """The laws of the abstract scan, as hypotheses."""

    def __init__(self) -> None:
        self._laws = {name: k.assume(*law_equation(ABSTRACT, name)) for name in _SHARED}
        self._laws |= {name: k.assume(*implies(*law)) for name, law in ABSTRACT_SCAN.laws().items()}

    def use(self, name: str, values: Sequence[Term], facts: Sequence[Theorem]) -> Theorem:
        law = self._laws[name]
        return eliminate(law, values, facts) if facts else law


def _scan(s: Term, xs: Term) -> Term:
    return apply("scan", STEP, s, xs)


def _scans(xs: Term) -> Term:
    a = ABSTRACT
    return apply("scans", CUT, TOTAL, a.lift, a.mul, a.act, xs)


def _pscan(xs: Term, s: Term) -> Term:
    a = ABSTRACT
    return apply("pscan", CUT, TOTAL, a.lift, a.mul, a.act, xs, s)


def _run(th: Theorem) -> Theorem:
    """Beta-reduce the right side at its head as far as it goes."""
    while arguments(th.right)[0].kind == "L":
        th = beta_all(th)
    return th


@cache
def _lemmas() -> dict[str, Theorem]:
    """Equations of the scans at nil and cons, with the recursive calls folded back."""
    m, s, now = t.var("m", M), t.var("s", S), t.var("now", S)
    nil, cons = nil_cons(HEAD, XS)
    cons_scans = _run(reduce_list("scans", t.app(_scans(cons), m, s, now)))
    back = k.sym(unfold("scans", _scans(XS)))
    return {
        "scan.nil": _run(reduce_list("scan", _scan(s, nil))),
        "scan.cons": _run(reduce_list("scan", _scan(s, cons))),
        "scans.nil": _run(reduce_list("scans", t.app(_scans(nil), m, s, now))),
        "scans.cons": k.trans(cons_scans, _everywhere(cons_scans.right, back)),
        "pscan.nil": _run(reduce_list("pscan", _pscan(nil, s))),
        "pscan.cons": _run(reduce_list("pscan", _pscan(cons, s))),
    }


def _everywhere(x: Term, th: Theorem) -> Theorem:
    """Rewrite every occurrence of th.left in x."""
    return replace_all(x, lambda u: th if u is th.left else None) or k.refl(x)


def _first_step(s: Term, stepped: Theorem, next_: Theorem) -> Theorem:
    """|- scan f s (cons x xs) = bind (scan f (act (lift x) s) xs) (\\q. ok (q.0, cons (g s x).1 q.1)),
    from the laws at s and x."""
    unfolded = k.inst({t.var("s", S): s}, _lemmas()["scan.cons"])
    function, (_, r) = arguments(unfolded.right)
    th = bind_ok(k.trans(unfolded, k.app(k.app(k.refl(function), stepped), k.refl(r))))
    th = k.trans(th, sure(rewrite(th.right, k.sym(unfold("scan", _scan(next_.left, XS))))))
    function, (scan, after) = arguments(th.right)
    inner, args = arguments(scan)
    moved = k.app(k.app(k.app(k.refl(inner), k.refl(args[0])), next_), k.refl(args[2]))
    return k.trans(th, k.app(k.app(k.refl(function), moved), k.refl(after)))


def _then(first: Theorem, rest: Theorem) -> Theorem:
    """From |- o = bind p r and |- p = ok v: |- o = r v."""
    function, (_, r) = arguments(first.right)
    return _run(bind_ok(k.trans(first, k.app(k.app(k.refl(function), rest), k.refl(r)))))


class _Conditions:
    """What holds of a longer list, in pieces: the element, the rest, and the budget in several groupings."""

    def __init__(self, laws: _Hypotheses, every: Theorem, fits: Theorem, before: Term) -> None:
        lemma, w = loop_lemmas(), ABSTRACT.w
        self.ok_x, self.rest = parts(k.trans(k.sym(lemma["all.cons"]), every))
        self.unit = laws.use("unit", (), ())
        self.whole = k.trans(k.sym(sure(rewrite(fits.left, lemma["length.cons"]))), fits)
        self.one = drop(self.whole, add(before, w), nonneg_mul(self.unit, length_nonneg()))

    def enough(self, before: Term) -> Theorem:
        """The budget of the rest, where `before` is spent."""
        return regroup(self.whole, add(before, apply("mul", ABSTRACT.w, apply("length", XS))))


@cache
def scans_theorem() -> Theorem:
    """{laws} |- implies (p q m s) [okM p m, okS q s, all okX xs, (p + q) + w * length xs <= top]
    (scan f (act m s) xs) (ok (scans cut g lift mul act xs m s (act m s)))"""
    a, laws, lemma = ABSTRACT, _Hypotheses(), _lemmas()
    p, q, m, s = t.var("p", t.INT), t.var("q", t.INT), t.var("m", M), t.var("s", S)
    vs, pq, acted = (p, q, m, s), add(p, q), t.app(a.act, m, s)

    def conditions(xs: Term) -> tuple[Term, ...]:
        total = add(pq, apply("mul", a.w, apply("length", xs)))
        return t.app(a.ok_m, p, m), t.app(a.ok_s, q, s), apply("all", a.ok_x, xs), le(total, a.top)

    def sides(xs: Term) -> tuple[Term, Term]:
        return _scan(acted, xs), apply("ok", t.app(_scans(xs), m, s, acted))

    nil, cons = nil_cons(HEAD, XS)
    now = {t.var("now", S): acted}
    ok = k.refl(sides(nil)[1].function)
    base = k.trans(k.inst({s: acted}, lemma["scan.nil"]), k.sym(k.app(ok, k.inst(now, lemma["scans.nil"]))))
    base = introduce(vs, conditions(nil), base)

    statement = implies(vs, conditions(XS), *sides(XS))
    ih = k.assume(*statement)
    ok_m, ok_s, every, fits = (k.assume(c, TRUE) for c in conditions(cons))
    known = _Conditions(laws, every, fits, pq)
    acted_ok = laws.use("act", vs, (ok_m, ok_s, drop(known.one, pq, known.unit)))
    alone = drop(known.one, a.w, laws.use("size", (pq, acted), (acted_ok,)))
    x_m = laws.use("lift", (HEAD,), (known.ok_x, alone))
    here = ((pq, acted, HEAD), (acted_ok, known.ok_x, known.one))
    next_ = laws.use("next", *here)
    first = _first_step(acted, laws.use("scan", *here), next_)
    lifted = t.app(a.lift, HEAD)
    unfolded = k.inst(now, lemma["scans.cons"])

    def finish(c: Theorem) -> Theorem:
        if c.right is TRUE:
            enough = known.enough(add(a.w, pq))
            state, start = next_, first
            rest = eliminate(ih, (a.w, pq, lifted, acted), (x_m, acted_ok, known.rest, enough))
        else:
            wp, merged = add(a.w, p), t.app(a.mul, lifted, m)
            merged_fits = drop(known.one, wp, laws.use("size", (q, s), (ok_s,)))
            merged_ok = laws.use("mul", (a.w, p, lifted, m), (x_m, ok_m, merged_fits))
            together = regroup(known.one, add(a.w, pq))
            joined = laws.use("join", (a.w, p, q, lifted, m, s), (x_m, ok_m, ok_s, together))
            state = k.trans(next_, joined)
            start = k.trans(first, sure(rewrite(first.right, joined)))
            rest = eliminate(ih, (wp, q, merged, s), (merged_ok, ok_s, known.rest, known.enough(add(wp, q))))
        there = chain(unfolded, _chosen(c, unfolded.right))
        there = k.trans(there, _everywhere(there.right, state))
        return k.trans(_then(start, rest), k.sym(k.app(ok, there)))

    cut_here = t.app(CUT, cons)
    both = k.bool_cases(cut_here, finish(k.assume(cut_here, TRUE)), finish(k.assume(cut_here, FALSE)))
    step = introduce(vs, conditions(cons), both)
    return k.list_induction(HEAD, XS, statement[0], statement[1], base, step)


def _chosen(c: Theorem, x: Term) -> Theorem:
    """Decide every conditional on the test of |- c = true (or false) in x."""

    def decide(u: Term) -> Theorem | None:
        return (
            cond_is(c, u) if head(u) == "cond" and len(arguments(u)[1]) == 3 and arguments(u)[1][0] is c.left else None
        )

    return replace_all(x, decide) or k.refl(x)


@cache
def scan_theorem() -> Theorem:
    """{laws} |- implies (q s) [okS q s, all okX xs, q + w * length xs <= top]
    (scan f s xs) (ok (pscan cut g lift mul act xs s))"""
    a, laws, lemma = ABSTRACT, _Hypotheses(), _lemmas()
    q, s = t.var("q", t.INT), t.var("s", S)

    def conditions(xs: Term) -> tuple[Term, ...]:
        total = add(q, apply("mul", a.w, apply("length", xs)))
        return t.app(a.ok_s, q, s), apply("all", a.ok_x, xs), le(total, a.top)

    nil, cons = nil_cons(HEAD, XS)
    left, right = _scan(s, XS), apply("ok", _pscan(XS, s))
    ok = k.refl(right.function)
    base = k.trans(lemma["scan.nil"], k.sym(k.app(ok, lemma["pscan.nil"])))
    base = introduce((q, s), conditions(nil), base)
    ok_s, every, fits = (k.assume(c, TRUE) for c in conditions(cons))
    known = _Conditions(laws, every, fits, q)
    here = ((q, s, HEAD), (ok_s, known.ok_x, known.one))
    next_ = laws.use("next", *here)
    first = _first_step(s, laws.use("scan", *here), next_)
    alone = drop(known.one, a.w, laws.use("size", (q, s), (ok_s,)))
    x_m = laws.use("lift", (HEAD,), (known.ok_x, alone))
    enough = known.enough(add(a.w, q))
    rest = eliminate(scans_theorem(), (a.w, q, t.app(a.lift, HEAD), s), (x_m, ok_s, known.rest, enough))
    there = lemma["pscan.cons"]
    there = k.trans(there, _everywhere(there.right, next_))
    proved = k.trans(_then(first, rest), k.sym(k.app(ok, there)))
    step = introduce((q, s), conditions(cons), proved)
    return k.list_induction(HEAD, XS, *implies((q, s), conditions(XS), left, right), base, step)


def instantiate(scan: Scan, cut: Term, xs: Term, laws: Sequence[Theorem]) -> Theorem:
    """The theorem at one scan, its laws discharged."""
    loop = scan.loop
    types = {"'s": loop.state, "'x": loop.element, "'m": loop.summary, "'y": scan.made}
    values: dict[Term, Term] = {STEP: scan.step, TOTAL: scan.total, CUT: cut, XS: xs}
    for name in Loop.__dataclass_fields__:
        values[getattr(ABSTRACT, name)] = getattr(loop, name)
    values = {t.instantiate_types(v, types): x for v, x in values.items()}
    return discharge(k.inst(values, k.inst_type(types, scan_theorem())), *laws)
