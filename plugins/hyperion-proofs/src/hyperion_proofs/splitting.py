"""Untrusted search, checked theorems: a loop that counts, from a later state on.

    0 <= i, 1 + i <= n:  f (c i) (w i) = ok (c (1 + i))
    ----------------------------------------------------------------------------------------------
    0 <= i <= n, i + length ys = n + length zs:  fold f (c i) [w i, ..] = fold f (c n) [w n, ..]

where the first list, from_index w ys i, is as long as ys and the second as long as zs. And for every loop whose steps
do not change what comes of its state:

    bind (g s x) r = r s
    ----------------------------
    bind (fold g s xs) r = r s
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
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.counting import (
    AT,
    FORM,
    ONE,
    Y0,
    YS,
    ZERO,
    F,
    N,
    W,
    closed_form_law,
    element_lemmas,
    first_step,
    from_index,
    length_lemmas,
)
from hyperion_proofs.derived import NoProof, at, chain, instance, unfold, use
from hyperion_proofs.implication import eliminate, implies, introduce
from hyperion_proofs.inequalities import nonneg_add
from hyperion_proofs.ladder.intervals import implied
from hyperion_proofs.loop import HEAD, XS, S, X, add, le
from hyperion_proofs.nonnegative import equal
from hyperion_proofs.theories import linear
from hyperion_proofs.unfolding import bind_value, nil_cons, reduce_list, sure

_Z = t.type_variable("'z")
ZS, _Z0 = t.var("zs", t.list_of(_Z)), t.var("z0", _Z)
REST = t.var("rest", t.fun(S, t.outcome_of(t.type_variable("'r"))))
STEP = t.var("g", t.fun(S, X, t.outcome_of(S)))
_s = t.var("s", S)


def equals(a: Term, b: Term, facts: Sequence[Theorem]) -> Theorem:
    """|- a = b, by linear arithmetic from theorems |- le .. = true. Raises NoProof."""
    below, above = (implied(le(ZERO, apply("sub", *gap)), facts) for gap in ((b, a), (a, b)))
    return equal(a, b, below, above)


def both_ways(th: Theorem) -> list[Theorem]:
    """From |- a = b, integers: |- le a b = true and |- le b a = true."""
    a, b = th.left, th.right
    same = instance("int.le.refl", a=a)
    upper = k.app(k.refl(same.left.function), k.sym(th))
    lower = k.app(k.app(k.refl(le(b, a).function.function), k.sym(th)), k.refl(a))
    return [k.trans(upper, same), k.trans(lower, same)]


def impossible(facts: Sequence[Theorem], left: Term, right: Term) -> Theorem:
    """|- left = right from comparisons that contradict each other."""
    found = linear.refute([linear.fact(th) for th in facts])
    if found is None:
        raise NoProof("a case that does not occur is not refuted")
    return linear.absurd(found, left, right)


def about(th: Theorem, head: Term, tail: Term) -> Theorem:
    """A lemma over lists of 'y, about y0 = head and ys = tail."""
    return k.inst({t.var("ys", tail.type): tail, t.var("y0", head.type): head}, k.inst_type({"'y": head.type}, th))


def length_facts(xs: Term, head: Term, tail: Term) -> list[Theorem]:
    """What is known of the length of xs, which is [], tail or head :: tail."""
    empty, longer, nonneg = (about(th, head, tail) for th in length_lemmas())
    nil, cons = nil_cons(head, tail)
    return both_ways(empty) if xs is nil else both_ways(longer) if xs is cons else [nonneg]


@cache
def same_elements() -> Theorem:
    """|- implies (zs i) [length ys <= length zs, length zs <= length ys] (from_index w ys i) (from_index w zs i)"""
    nil, cons = nil_cons(Y0, YS)
    nothing, more = nil_cons(_Z0, ZS)

    def conditions(ys: Term, zs: Term) -> tuple[Term, Term]:
        a, b = apply("length", ys), apply("length", zs)
        return le(a, b), le(b, a)

    def statement(ys: Term) -> tuple[Term, Term]:
        return implies((ZS, AT), conditions(ys, ZS), from_index(W, ys, AT), from_index(W, ZS, AT))

    def case(ys: Term, zs: Term, ih: Theorem | None) -> Theorem:
        facts = [k.assume(c, TRUE) for c in conditions(ys, zs)]
        facts += [*length_facts(ys, Y0, YS), *length_facts(zs, _Z0, ZS)]
        end, first = element_lemmas()
        last, second = (about(th, _Z0, ZS) for th in element_lemmas())
        if ys is nil and zs is nothing:
            th = k.trans(end, k.sym(last))
        elif ys is cons and zs is more:
            assert ih is not None
            shorter = [implied(c, [known, *facts[2:]]) for c, known in zip(conditions(YS, ZS), facts, strict=False)]
            tail = eliminate(ih, (ZS, add(ONE, AT)), shorter)
            th = chain(first, k.app(k.refl(first.right.function), tail), k.sym(second))
        else:
            facts += [about(length_lemmas()[2], *pair) for pair in ((Y0, YS), (_Z0, ZS))]
            th = impossible(facts, from_index(W, ys, AT), from_index(W, zs, AT))
        return introduce((AT,), conditions(ys, zs), th)

    def each(ys: Term, ih: Theorem | None) -> Theorem:
        inner = implies((AT,), conditions(ys, ZS), from_index(W, ys, AT), from_index(W, ZS, AT))
        th = k.list_induction(_Z0, ZS, *inner, case(ys, nothing, ih), case(ys, more, ih))
        return k.abs_(ZS, th)

    return k.list_induction(Y0, YS, *statement(YS), each(nil, None), each(cons, k.assume(*statement(YS))))


@cache
def later_theorem() -> Theorem:
    """{law} |- implies (i) [0 <= i, i <= n, i + length ys <= n + length zs, the same turned around]
    (fold f (c i) (from_index w ys i)) (fold f (c n) (from_index w zs n))"""
    law = k.assume(*closed_form_law(F, W, FORM, N))
    nil, cons = nil_cons(Y0, YS)
    end = add(N, apply("length", ZS))
    later = add(ONE, AT)

    def conditions(ys: Term) -> tuple[Term, ...]:
        reach = add(AT, apply("length", ys))
        return le(ZERO, AT), le(AT, N), le(reach, end), le(end, reach)

    def fold(i: Term, ys: Term) -> Term:
        return apply("fold", F, t.app(FORM, i), from_index(W, ys, i))

    test = le(later, N)
    yes, no = k.assume(test, TRUE), k.assume(test, FALSE)

    def there() -> Theorem:
        """{the conditions, 1 + i <= n is false} |- fold from i on = fold from n on, over as many as zs has."""
        _, below, least, most = (k.assume(c, TRUE) for c in conditions(YS))
        here = equals(AT, N, (below, no))
        a, b = apply("length", YS), apply("length", ZS)
        lengths = [implied(le(a, b), (least, no)), implied(le(b, a), (most, below))]
        same = eliminate(same_elements(), (ZS, AT), lengths)
        first = k.app(k.refl(fold(AT, YS).function), same)
        moved = t.var("moved", t.INT)
        return k.trans(first, at_equal(t.lam(moved, fold(moved, ZS)), here))

    arrived = there()

    def case(ys: Term, ih: Theorem | None) -> Theorem:
        facts = [k.assume(c, TRUE) for c in conditions(ys)]
        if ih is None:
            shorter = (*length_facts(ys, Y0, YS), about(length_lemmas()[2], _Z0, ZS))
            on = impossible([facts[3], yes, *shorter], fold(AT, ys), fold(N, ZS))
        else:
            stepped = eliminate(law, (AT,), (facts[0], yes))
            opened = k.app(k.refl(fold(AT, ys).function), element_lemmas()[1])
            after = first_step(stepped, t.app(W, AT), from_index(W, YS, later))
            low = nonneg_add(k.compute(le(ZERO, ONE)), facts[0])
            longer = k.app(k.refl(add(AT, AT).function), length_lemmas()[1])  # i + length ys = i + (1 + length ys')
            moved = k.trans(longer, sure(INTEGERS.equal(longer.right, add(later, apply("length", YS)))))
            least, most = (replaced(th, moved) for th in facts[2:])
            on = chain(opened, after, eliminate(ih, (later,), (low, yes, least, most)))
        return introduce((AT,), conditions(ys), k.bool_cases(test, on, k.inst({YS: ys}, arrived)))

    statement = implies((AT,), conditions(YS), fold(AT, YS), fold(N, ZS))
    return k.list_induction(Y0, YS, *statement, case(nil, None), case(cons, k.assume(*statement)))


def replaced(th: Theorem, same: Theorem) -> Theorem:
    """From |- le a c = true (or le c a) and |- a = b: the same of b."""
    function, (a, b) = arguments(th.left)
    sides = [k.sym(same) if x is same.left else k.refl(x) for x in (a, b)]
    return k.trans(k.app(k.app(k.refl(function), sides[0]), sides[1]), th)


def at_equal(function: Term, same: Theorem) -> Theorem:
    """From |- a = b: |- function a = function b, beta-reduced."""
    th = k.app(k.refl(function), same)
    return chain(k.sym(k.beta(th.left)), th, k.beta(th.right))


@cache
def shifted_theorem() -> Theorem:
    """{\\i. w (n + i) = \\i. v i} |- (\\i. from_index w ys (n + i)) = (\\i. from_index v ys i)"""
    v = t.var("v", W.type)
    law = k.assume(t.lam(AT, t.app(W, add(N, AT))), t.lam(AT, t.app(v, AT)))
    end, first = element_lemmas()
    start, later = add(N, AT), add(ONE, AT)

    def statement(ys: Term) -> tuple[Term, Term]:
        return t.lam(AT, from_index(W, ys, start)), t.lam(AT, from_index(v, ys, AT))

    base = k.trans(k.inst({AT: start}, end), k.sym(k.inst({W: v}, end)))
    ih = k.assume(*statement(YS))
    opened, target = k.inst({AT: start}, first), k.inst({W: v}, first)
    here = at(law, AT)
    cell = k.app(k.refl(opened.right.function.function), here)
    moved = t.var("moved", t.INT)
    same = equals(add(ONE, start), add(N, later), ())
    tail = k.trans(at_equal(t.lam(moved, from_index(W, YS, moved)), same), at(ih, later))
    step = chain(opened, k.app(cell, tail), k.sym(target))
    return k.list_induction(Y0, YS, *statement(YS), k.abs_(AT, base), k.abs_(AT, step))


@cache
def kept_theorem() -> Theorem:
    """{\\s x. bind (g s x) rest = \\s x. rest s} |- (\\s. bind (fold g s xs) rest) = (\\s. rest s)"""
    x = HEAD
    law = k.assume(t.lams((_s, x), apply("bind", t.app(STEP, _s, x), REST)), t.lams((_s, x), t.app(REST, _s)))
    nil, cons = nil_cons(HEAD, XS)

    def left(xs: Term) -> Term:
        return apply("bind", apply("fold", STEP, _s, xs), REST)

    def statement(xs: Term) -> tuple[Term, Term]:
        return t.lam(_s, left(xs)), t.lam(_s, t.app(REST, _s))

    def opened(xs: Term) -> Theorem:
        whole = left(xs)
        th = reduce_list("fold", whole.function.argument)
        return k.app(k.app(k.refl(whole.function.function), th), k.refl(REST))

    empty = opened(nil)
    base = k.trans(empty, bind_value(empty.right))
    more = opened(cons)  # bind (bind (g s x) (\\s. ..)) rest
    ih = k.assume(*statement(XS))
    step = chain(more, _associated(more.right, ih), at(law, _s, x))
    return k.list_induction(HEAD, XS, *statement(XS), k.abs_(_s, base), k.abs_(_s, step))


def _associated(x: Term, ih: Theorem) -> Theorem:
    """|- bind (bind o k) rest = bind o rest, where bind (k s) rest = rest s by `ih`; by cases on o."""
    o = x.function.argument.function.argument
    target = apply("bind", o, REST)
    v = t.var("value", S)

    def case(value: Term) -> Theorem:
        known = k.assume(o, value)
        function, (_, _) = arguments(x)
        old, (_, continuation) = arguments(x.function.argument)
        inside = k.app(k.app(k.refl(old), known), k.refl(continuation))
        return k.app(k.app(k.refl(function), inside), k.refl(REST))

    def to_target(value: Term) -> Theorem:
        return k.sym(k.app(k.app(k.refl(target.function.function), k.assume(o, value)), k.refl(REST)))

    def stopped(name: str) -> Theorem:
        value = t.const(name, o.type)
        first = case(value)
        bind_in = stop(name, first.right.function.argument)
        again = k.app(k.app(k.refl(first.right.function.function), bind_in), k.refl(REST))
        end = stop(name, again.right)
        other = to_target(value)
        return chain(first, again, end, k.sym(stop(name, other.left)), other)

    value = apply("ok", v)
    first = case(value)
    bind_in = bind_value(first.right.function.argument)  # fold g v xs, unfolded
    again = k.app(k.app(k.refl(first.right.function.function), bind_in), k.refl(REST))
    back = k.sym(unfold("fold", apply("fold", STEP, v, XS)))
    folded = k.app(k.app(k.refl(first.right.function.function), back), k.refl(REST))
    other = to_target(value)
    done = chain(first, again, folded, at(ih, v), k.sym(bind_value(other.left)), other)
    return k.outcome_cases(o, v, done, stopped("trap"), stopped("diverge"))


def stop(name: str, x: Term) -> Theorem:
    """|- bind trap r = trap, or of diverge."""
    opened = unfold("bind", x)
    found = use(f"outcase.{name}", opened.right)
    if found is None:
        raise NoProof("a bind is of another outcome")
    return k.trans(opened, found)


def instantiate_later(
    f: Term, w: Term, form: Term, n: Term, over: tuple[Term, Term], law: Theorem, facts: tuple[Theorem, Theorem]
) -> Theorem:
    """|- fold f (c 0) (from_index w ys 0) = fold f (c n) (from_index w zs n) for `over` ys and zs, from the facts
    |- 0 <= n and |- length ys = n + length zs."""
    ys, zs = over
    assert form.type.args is not None and w.type.args is not None and ys.type.args is not None and zs.type.args
    types = {"'s": form.type.args[1], "'x": w.type.args[1], "'y": ys.type.args[0], "'z": zs.type.args[0]}
    pairs = ((F, f), (W, w), (FORM, form), (N, n), (YS, ys), (ZS, zs))
    values = {t.instantiate_types(v, types): x for v, x in pairs}
    th = discharge(k.inst(values, k.inst_type(types, later_theorem())), law)
    positive, length = facts
    shown = k.app(k.refl(add(ZERO, length.left).function), length)
    whole = k.trans(shown, sure(use("int.add.zero", shown.right)))
    return eliminate(th, (ZERO,), [k.compute(le(ZERO, ZERO)), positive, *both_ways(whole)])


def instantiate_shifted(w: Term, v: Term, n: Term, ys: Term, law: Theorem) -> Theorem:
    """|- from_index w ys n = from_index v ys 0, from |- (\\i. w (n + i)) = (\\i. v i)."""
    assert w.type.args is not None and ys.type.args is not None
    types = {"'x": w.type.args[1], "'y": ys.type.args[0]}
    pairs = ((W, w), (t.var("v", W.type), v), (N, n), (YS, ys))
    values = {t.instantiate_types(variable, types): x for variable, x in pairs}
    th = at(discharge(k.inst(values, k.inst_type(types, shifted_theorem())), law), ZERO)
    moved = t.var("moved", t.INT)
    same = equals(n, add(n, ZERO), ())
    return k.trans(at_equal(t.lam(moved, from_index(w, ys, moved)), same), th)


def instantiate_kept(step: Term, rest: Term, xs: Term, law: Theorem, state: Term) -> Theorem:
    """|- bind (fold step state xs) rest = rest state."""
    assert rest.type.args is not None and xs.type.args is not None and rest.type.args[1].args is not None
    types = {"'s": state.type, "'x": xs.type.args[0], "'r": rest.type.args[1].args[0]}
    values = {t.instantiate_types(v, types): x for v, x in ((STEP, step), (REST, rest), (XS, xs))}
    return at(discharge(k.inst(values, k.inst_type(types, kept_theorem())), law), state)
