"""Untrusted. Equations between outcomes, by cases on the outcomes that they speak of; and loops whose states are told
by outcomes.

    0 <= i, 1 + i <= n:  c (1 + i) = bind (c i) (\\s. f s (w i))
    -----------------------------------------------------------------------------------------
    0 <= i, i + length ys <= n:  bind (c i) (\\s. fold f s [w i, w (1 + i), ..]) = c (i + length ys)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.counting import (
    AT,
    ONE,
    Y0,
    YS,
    ZERO,
    F,
    N,
    W,
    Y,
    element_lemmas,
    fold_lemmas,
    from_index,
    length_lemmas,
)
from hyperion_proofs.derived import NoProof, chain, contradiction, fresh, instance, replace_all, unfold, use
from hyperion_proofs.implication import eliminate, implies, introduce
from hyperion_proofs.inequalities import drop, nonneg_add, regroup
from hyperion_proofs.loop import HEAD, OUT, XS, S, add, le
from hyperion_proofs.recursions.affine import Facts
from hyperion_proofs.recursions.reading import Reader
from hyperion_proofs.unfolding import reduce_list, sure

FORM = t.var("c", t.fun(t.INT, OUT))


def ending(o: Term) -> Term:
    """`o` with a trap where it diverges: o itself for an outcome that does not."""
    ok = t.const("ok", t.fun(_value(o), o.type))
    trap = t.const("trap", o.type)
    return apply("outcase", o, ok, trap, trap)


def _value(o: Term) -> t.Ty:
    assert o.type.args is not None
    return o.type.args[0]


Given = Mapping[Term, Theorem]


def by_outcomes(outcomes: Sequence[Term], left: Term, right: Term, prove: Callable[[Given], Theorem]) -> Theorem:
    """|- left = right by cases on outcomes that end: `prove(given)` shows it from theorems o = ok v or o = trap; the
    theorem has hypotheses `ending o = o`."""

    def split(rest: Sequence[Term], given: dict[Term, Theorem]) -> Theorem:
        if not rest:
            return prove(given)
        o = rest[0]
        v = fresh(_value(o))
        cases = [apply("ok", v), t.const("trap", o.type), t.const("diverge", o.type)]
        first, second = (split(rest[1:], given | {o: k.assume(o, x)}) for x in cases[:2])
        return k.outcome_cases(o, v, first, second, _impossible(o, cases[2], left, right))

    return split(outcomes, {})


def _impossible(o: Term, diverge: Term, left: Term, right: Term) -> Theorem:
    """{ending o = o, o = diverge} |- left = right."""
    known = k.assume(o, diverge)
    ends = k.assume(ending(o), o)
    function, args = arguments(ending(o))
    moved = k.app(k.refl(function), known)
    for a in args[1:]:
        moved = k.app(moved, k.refl(a))
    trap = chain(k.sym(moved), ends, known)  # ending diverge = diverge
    same = k.trans(k.sym(sure(use("outcase.diverge", trap.left))), trap)  # trap = diverge
    v = fresh(_value(o))
    tests = [t.app(t.const("outcase", _outcase(o)), x, t.lam(v, TRUE), TRUE, FALSE) for x in (same.left, same.right)]
    whole = k.app(k.refl(tests[0].function.function.function.function), same)
    for a in arguments(tests[0])[1][1:]:
        whole = k.app(whole, k.refl(a))
    absurd = chain(k.sym(sure(use("outcase.trap", tests[0]))), whole, sure(use("outcase.diverge", tests[1])))
    return contradiction(absurd, left, right)


def _outcase(o: Term) -> t.Ty:
    return t.fun(o.type, t.fun(_value(o), t.BOOL), t.BOOL, t.BOOL, t.BOOL)


def rewritten(x: Term, given: dict[Term, Theorem]) -> Theorem:
    """|- x = x with the sub-terms that are given replaced."""
    return replace_all(x, given.get) or k.refl(x)


def once(body: Term, item: Term, fuel: Term, argument: Term) -> Theorem:
    """|- recursion F (item :: fuel) argument = F (recursion F fuel) argument."""
    th = reduce_list("recursion", apply("recursion", body, apply("cons", item, fuel), argument))
    back = k.sym(unfold("recursion", apply("recursion", body, fuel)))
    inner = th.right.function  # F (listrec ..)
    return k.trans(th, k.app(k.app(k.refl(inner.function), back), k.refl(argument)))


@cache
def fuel_lengths() -> tuple[Theorem, Theorem, Theorem]:
    """|- length [] = 0, |- length (y0 :: ys) = 1 + length ys, |- 0 <= length ys, of what recursions count down."""
    none, longer, nonneg = (k.inst_type({Y.name: t.BOOL}, th) for th in length_lemmas())
    return none, longer, nonneg


def length_of_count(xs: Term) -> Theorem:
    """|- length (count n) = max 0 n"""
    opened = unfold("length", apply("length", xs))
    return k.trans(opened, instance("count.length", n=xs.argument))


# ---- the loop


def step_law(f: Term, w: Term, form: Term, n: Term) -> tuple[Term, Term]:
    later = add(ONE, AT)
    s = t.var("s", _value(t.app(form, AT)))
    right = apply("bind", t.app(form, AT), t.lam(s, t.app(f, s, t.app(w, AT))))
    return implies((AT,), (le(ZERO, AT), le(later, n)), t.app(form, later), right)


@cache
def _binds() -> tuple[Theorem, Theorem]:
    """|- bind o (\\s. ok s) = o;  |- bind o (\\s. bind (f s x) (\\s. g s)) = bind (bind o (\\s. f s x)) (\\s. g s)."""
    o, s = t.var("o", OUT), t.var("s", S)
    g, item = t.var("g", t.fun(S, OUT)), HEAD
    unit = apply("bind", o, t.lam(s, apply("ok", s)))
    last = t.lam(s, t.app(g, s))
    nested = apply("bind", o, t.lam(s, apply("bind", t.app(F, s, item), last)))
    flat = apply("bind", apply("bind", o, t.lam(s, t.app(F, s, item))), last)

    def prove(left: Term, right: Term) -> Theorem:
        v = t.var("v", S)
        cases: list[Theorem] = []
        for x in (apply("ok", v), t.const("trap", OUT), t.const("diverge", OUT)):
            given = {o: k.assume(o, x)}
            reader = Reader(Facts(), given)
            first, second = reader(left), reader(right)
            cases.append(chain(first, k.sym(second)))
        return k.outcome_cases(o, v, cases[0], cases[1], cases[2])

    return prove(unit, o), prove(nested, flat)


def _under(th: Theorem, o: Term) -> Theorem:
    """From |- a = b: |- bind o (\\s. a) = bind o (\\s. b)."""
    s = t.var("s", S)
    bind = apply("bind", o, t.lam(s, th.left))
    return k.app(k.refl(bind.function), k.abs_(s, th))


@cache
def no_turn() -> Theorem:
    """|- bind o (\\s. fold f s (from_index w [] i)) = o."""
    s, nil = t.var("s", S), t.const("nil", YS.type)
    fold = apply("fold", F, s, from_index(W, nil, AT))
    none = k.trans(k.app(k.refl(fold.function), element_lemmas()[0]), fold_lemmas()[0])
    return k.trans(_under(none, t.var("o", OUT)), _binds()[0])


@cache
def first_turn() -> Theorem:
    """|- bind o (\\s. fold f s (from_index w (y :: ys) i)) =
    bind (bind o (\\s. f s (w i))) (\\s. fold f s (from_index w ys (1 + i)))."""
    s, o = t.var("s", S), t.var("o", OUT)
    fold = apply("fold", F, s, from_index(W, apply("cons", Y0, YS), AT))
    opened = k.app(k.refl(fold.function), element_lemmas()[1])
    tail = from_index(W, YS, add(ONE, AT))
    unfolded = k.inst({HEAD: t.app(W, AT), XS: tail}, fold_lemmas()[1])  # bind (f s (w i)) (\\s. (unfolded fold) s)
    opened = k.trans(opened, unfolded)
    again = k.sym(_folded(tail))
    _, (_, rest) = arguments(opened.right)
    body = k.trans(opened, k.app(k.refl(opened.right.function), _eta(rest, s, again)))
    whole = _under(body, o)
    g = t.lam(s, apply("fold", F, s, tail))
    plain = _beta_under(k.inst({HEAD: t.app(W, AT), t.var("g", t.fun(S, OUT)): g}, _binds()[1]))
    return chain(whole, Reader(Facts(), flat=False)(whole.right), plain)


@cache
def _theorem() -> Theorem:
    law = k.assume(*step_law(F, W, FORM, N))
    nil, cons = t.const("nil", YS.type), apply("cons", Y0, YS)
    no_length, longer, nonneg = length_lemmas()
    s = t.var("s", S)

    def reach(ys: Term) -> Term:
        return add(AT, apply("length", ys))

    def conditions(ys: Term) -> tuple[Term, ...]:
        return le(ZERO, AT), le(reach(ys), N)

    def sides(ys: Term) -> tuple[Term, Term]:
        run = t.lam(s, apply("fold", F, s, from_index(W, ys, AT)))
        return apply("bind", t.app(FORM, AT), run), t.app(FORM, reach(ys))

    def to_sum(th: Theorem, same: Theorem) -> Theorem:
        return k.trans(th, k.app(k.refl(FORM), same))

    start = t.app(FORM, AT)
    base = k.inst({t.var("o", OUT): start}, no_turn())
    zero = k.app(k.refl(reach(nil).function), no_length)
    base = to_sum(base, k.sym(_equal_after(zero, AT)))
    base = introduce((AT,), conditions(nil), base)

    statement = implies((AT,), conditions(YS), *sides(YS))
    ih = k.assume(*statement)
    low, high = (k.assume(c, TRUE) for c in conditions(cons))
    length, later = apply("length", YS), add(ONE, AT)
    grown = k.app(k.refl(reach(cons).function), longer)
    function = high.left.function.function
    high = k.trans(k.app(k.app(k.refl(function), k.sym(grown)), k.refl(N)), high)
    enough = regroup(high, add(later, length))
    one = drop(high, later, nonneg)
    stepped = eliminate(law, (AT,), (low, one))  # c (1 + i) = bind (c i) (\s. f s (w i))
    whole = k.inst({t.var("o", OUT): start}, first_turn())
    flat, (_, run) = arguments(whole.right)
    back = k.app(k.app(k.refl(flat), k.sym(stepped)), k.refl(run))
    positive = nonneg_add(k.compute(le(ZERO, ONE)), low)
    finished = eliminate(ih, (later,), (positive, enough))
    whole = chain(whole, back, finished)
    whole = to_sum(whole, k.sym(_equal_after(grown, add(later, length))))
    step = introduce((AT,), conditions(cons), whole)
    return k.list_induction(Y0, YS, *statement, base, step)


def _folded(xs: Term) -> Theorem:
    """|- fold f s xs = its definition unfolded, for a variable s."""
    return unfold("fold", apply("fold", F, t.var("s", S), xs))


def _eta(rest: Term, s: Term, again: Theorem) -> Theorem:
    """|- rest = (\\s. fold f s xs), where rest s is the unfolded fold."""
    th = k.abs_(s, again)
    if th.left is rest:
        return th
    return k.trans(k.sym(k.eta(th.left)), th)


def _beta_under(th: Theorem) -> Theorem:
    """Both sides beta-reduced, under binders too."""
    reader = Reader(Facts(), flat=False)
    first, last = reader(th.left), reader(th.right)
    return chain(k.sym(first), th, last)


def _equal_after(th: Theorem, x: Term) -> Theorem:
    same = INTEGERS.equal(th.right, x)
    if same is None:
        raise NoProof("the sums differ")
    return k.trans(th, same)


def outcome_loop(f: Term, w: Term, form: Term, n: Term, ys: Term, law: Theorem) -> Theorem:
    """The theorem for one loop, its law proved."""
    form_value = _value(t.app(form, AT))
    assert w.type.args is not None
    assert ys.type.args is not None
    types = {"'s": form_value, "'x": w.type.args[1], "'y": ys.type.args[0]}
    pairs = ((F, f), (W, w), (FORM, form), (N, n), (YS, ys))
    values = {t.instantiate_types(v, types): x for v, x in pairs}
    return discharge(k.inst(values, k.inst_type(types, _theorem())), law)
