"""Untrusted search, checked theorems: loops whose steps are all the same, f s x = h s for every element x.

    length ys = length as + length bs:       fold f s ys = bind (fold f s as) (\\s. fold f s bs)
    fold f s as = ok s, length ys = q * length as + length bs:       fold f s ys = fold f s bs

Each theorem speaks of lengths by two comparisons, and q is the length of a list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import argument_type
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.clamping import larger
from hyperion_proofs.counting import (
    AT,
    ONE,
    Y0,
    YS,
    ZERO,
    F,
    W,
    element_lemmas,
    fold_lemmas,
    from_index,
    length_lemmas,
)
from hyperion_proofs.derived import at, chain, instance, unfold
from hyperion_proofs.evaluate import Evaluator, no_range
from hyperion_proofs.implication import eliminate, implies, introduce
from hyperion_proofs.inequalities import nonneg_add, nonneg_mul
from hyperion_proofs.ladder.intervals import implied
from hyperion_proofs.loop import HEAD, OUT, XS, S, X, add, le
from hyperion_proofs.splitting import about, both_ways, impossible, length_facts, replaced, stop
from hyperion_proofs.unfolding import bind_value, nil_cons

H = t.var("h", t.fun(S, OUT))
BS, ZS = t.var("bs", t.list_of(X)), t.var("zs", t.list_of(X))
_Z0 = t.var("z0", X)
QS, _Q0 = t.var("qs", t.list_of(t.BOOL)), t.var("q0", t.BOOL)
_s = t.var("s", S)


def constant_law(f: Term, h: Term) -> tuple[Term, Term]:
    """f s x = h s, as one closed equation."""
    assert f.type.args is not None and f.type.args[1].args is not None
    s, x = t.var("s", f.type.args[0]), t.var("x", f.type.args[1].args[0])
    return t.lams((s, x), t.app(f, s, x)), t.lams((s, x), t.app(h, s))


@cache
def length_of_elements() -> Theorem:
    """|- (\\i. length (from_index w ys i)) = (\\i. length ys)"""
    empty, first = element_lemmas()
    elements = k.inst_type({"'y": X}, k.refl(YS)).left
    no_length, longer, _ = (k.inst_type({"'y": X}, th) for th in length_lemmas())
    none, more, _ = length_lemmas()

    def sides(ys: Term) -> tuple[Term, Term]:
        return t.lam(AT, apply("length", from_index(W, ys, AT))), t.lam(AT, apply("length", ys))

    def measured(th: Theorem) -> Theorem:
        return k.app(k.refl(apply("length", th.left).function), th)

    base = chain(measured(empty), no_length, k.sym(none))
    ih = k.assume(*sides(YS))
    later = from_index(W, YS, add(ONE, AT))
    head = t.var("y0", X)
    one_more = k.inst({head: t.app(W, AT), elements: later}, longer)
    tail = at(ih, add(ONE, AT))
    step = chain(measured(first), one_more, k.app(k.refl(one_more.right.function), tail), k.sym(more))
    return k.list_induction(Y0, YS, *sides(YS), k.abs_(AT, base), k.abs_(AT, step))


def _conditions(ys: Term, bound: Term) -> tuple[Term, Term]:
    a = apply("length", ys)
    return le(a, bound), le(bound, a)


def _fold(s: Term, xs: Term) -> Term:
    return apply("fold", F, s, xs)


def _rest(bs: Term) -> Term:
    return t.lam(_s, _fold(_s, bs))


def one_more(head: Term, tail: Term) -> Theorem:
    """{const} |- fold f s (head :: tail) = bind (h s) (\\s. fold f s tail)"""
    law = k.assume(*constant_law(F, H))
    th = k.inst({HEAD: head, XS: tail}, fold_lemmas()[1])
    function, (_, rest) = arguments(th.right)
    th = k.trans(th, k.app(k.app(k.refl(function), at(law, _s, head)), k.refl(rest)))
    back = k.abs_(_s, k.sym(unfold("fold", _fold(_s, tail))))
    folded = k.trans(k.sym(k.eta(back.left)), back)
    return k.trans(th, k.app(k.refl(th.right.function), folded))


@cache
def as_long() -> Theorem:
    """{const} |- implies (s zs) [length ys <= length zs, length zs <= length ys] (fold f s ys) (fold f s zs)"""
    ys, y0 = XS, HEAD
    nil, cons = nil_cons(y0, ys)
    nothing, more = nil_cons(_Z0, ZS)

    def statement(ys: Term) -> tuple[Term, Term]:
        return implies((ZS, _s), _conditions(ys, apply("length", ZS)), _fold(_s, ys), _fold(_s, ZS))

    def case(a: Term, b: Term, ih: Theorem | None) -> Theorem:
        conditions = _conditions(a, apply("length", b))
        facts = [k.assume(c, TRUE) for c in conditions]
        lengths = [*length_facts(a, y0, ys), *length_facts(b, _Z0, ZS)]
        if a is nil and b is nothing:
            th = k.refl(_fold(_s, nil))
        elif a is cons and b is more:
            assert ih is not None
            goals = _conditions(ys, apply("length", ZS))
            shorter = [implied(c, [known, *lengths]) for c, known in zip(goals, facts, strict=True)]
            first, second = one_more(y0, ys), one_more(_Z0, ZS)
            tail = k.abs_(_s, eliminate(ih, (ZS, _s), shorter))
            th = chain(first, k.app(k.refl(first.right.function), tail), k.sym(second))
        else:
            nonneg = [*length_facts(ys, y0, ys), *length_facts(ZS, _Z0, ZS)]
            th = impossible([*facts, *lengths, *nonneg], _fold(_s, a), _fold(_s, b))
        return introduce((_s,), conditions, th)

    def each(a: Term, ih: Theorem | None) -> Theorem:
        inner = implies((_s,), _conditions(a, apply("length", ZS)), _fold(_s, a), _fold(_s, ZS))
        return k.abs_(ZS, k.list_induction(_Z0, ZS, *inner, case(a, nothing, ih), case(a, more, ih)))

    return k.list_induction(y0, ys, *statement(ys), each(nil, None), each(cons, k.assume(*statement(ys))))


@cache
def associated() -> Theorem:
    """|- bind (bind o k) r = bind o (\\v. bind (k v) r), by cases on o."""
    a, b, c = (t.type_variable(name) for name in ("'a", "'b", "'c"))
    o = t.var("o", t.outcome_of(a))
    first, last = t.var("k", t.fun(a, t.outcome_of(b))), t.var("r", t.fun(b, t.outcome_of(c)))
    v = t.var("v", a)
    left = apply("bind", apply("bind", o, first), last)
    right = apply("bind", o, t.lam(v, apply("bind", t.app(first, v), last)))

    def at_value(value: Term) -> tuple[Theorem, Theorem]:
        known = k.assume(o, value)
        inner = k.app(k.app(k.refl(left.function.argument.function.function), known), k.refl(first))
        inside = k.app(k.app(k.refl(left.function.function), inner), k.refl(last))
        return inside, k.app(k.app(k.refl(right.function.function), known), k.refl(right.argument))

    def under(x: Term, th: Theorem) -> Theorem:
        return k.app(k.app(k.refl(x.function.function), th), k.refl(x.argument))

    def stopped(name: str) -> Theorem:
        ours, theirs = at_value(t.const(name, o.type))
        ours = k.trans(ours, under(ours.right, stop(name, ours.right.function.argument)))
        return chain(ours, stop(name, ours.right), k.sym(stop(name, theirs.right)), k.sym(theirs))

    ours, theirs = at_value(apply("ok", v))
    ours = k.trans(ours, under(ours.right, bind_value(ours.right.function.argument)))
    done = chain(ours, k.sym(bind_value(theirs.right)), k.sym(theirs))
    return k.outcome_cases(o, v, done, stopped("trap"), stopped("diverge"))


def instantiate_associated(x: Term) -> Theorem:
    """|- x = bind o (\\v. bind (k v) r), for x = bind (bind o k) r."""
    last = x.argument
    o, first = arguments(x.function.argument)[1]
    assert first.type.args is not None and last.type.args is not None
    assert last.type.args[1].args is not None
    types = {"'a": first.type.args[0], "'b": last.type.args[0], "'c": last.type.args[1].args[0]}
    general = associated()
    variables = {v.name: v for v in general.left.free}
    values = {t.instantiate_types(variables[n], types): y for n, y in (("o", o), ("k", first), ("r", last))}
    th = k.inst(values, k.inst_type(types, general))
    v = t.var("v", first.type.args[0])
    inner = t.app(first, v)
    return (
        th
        if first.kind != "L"
        else k.trans(
            th,
            k.app(
                k.refl(th.right.function),
                k.abs_(v, k.app(k.app(k.refl(th.right.argument.body.function.function), k.beta(inner)), k.refl(last))),
            ),
        )
    )


@cache
def in_two_parts() -> Theorem:
    """{const} |- implies (ys s) [length ys = length xs + length bs]
    (fold f s ys) (bind (fold f s xs) (\\s. fold f s bs))"""
    nil, cons = nil_cons(HEAD, XS)
    nothing, more = nil_cons(_Z0, ZS)
    rest = _rest(BS)

    def bound(xs: Term) -> Term:
        return add(apply("length", xs), apply("length", BS))

    def right(xs: Term) -> Term:
        return apply("bind", _fold(_s, xs), rest)

    def statement(xs: Term) -> tuple[Term, Term]:
        return implies((ZS, _s), _conditions(ZS, bound(xs)), _fold(_s, ZS), right(xs))

    b0 = t.var("b0", X)
    facts = [k.assume(c, TRUE) for c in _conditions(ZS, bound(nil))]
    empty = length_facts(nil, HEAD, XS)
    goals = _conditions(ZS, apply("length", BS))
    same = k.inst({XS: ZS}, as_long())
    shorter = [implied(c, [known, *empty]) for c, known in zip(goals, facts, strict=True)]
    th = eliminate(same, (BS, _s), shorter)
    ran = k.app(k.app(k.refl(right(nil).function.function), fold_lemmas()[0]), k.refl(rest))
    done = k.trans(ran, bind_value(ran.right))
    base = k.abs_(ZS, _introduced(_conditions(ZS, bound(nil)), k.trans(th, k.sym(done))))

    ih = k.assume(*statement(XS))

    def case(ys: Term) -> Theorem:
        conditions = _conditions(ys, bound(cons))
        facts = [k.assume(c, TRUE) for c in conditions]
        lengths = [*length_facts(ys, _Z0, ZS), *length_facts(cons, HEAD, XS)]
        if ys is nothing:
            nonneg = [*length_facts(XS, HEAD, XS), *length_facts(BS, b0, BS)]
            return _introduced(conditions, impossible([*facts, *lengths, *nonneg], _fold(_s, ys), right(cons)))
        goals = _conditions(ZS, bound(XS))
        shorter = [implied(c, [known, *lengths]) for c, known in zip(goals, facts, strict=True)]
        first, second = one_more(_Z0, ZS), one_more(HEAD, XS)
        tail = k.abs_(_s, eliminate(ih, (ZS, _s), shorter))
        mine = k.trans(first, k.app(k.refl(first.right.function), tail))
        whole = k.app(k.app(k.refl(right(cons).function.function), second), k.refl(rest))
        theirs = k.trans(whole, instantiate_associated(whole.right))
        return _introduced(conditions, k.trans(mine, k.sym(theirs)))

    inner = implies((_s,), _conditions(ZS, bound(cons)), _fold(_s, ZS), right(cons))
    step = k.abs_(ZS, k.list_induction(_Z0, ZS, *inner, case(nothing), case(more)))
    return k.list_induction(HEAD, XS, *statement(XS), base, step)


def _introduced(conditions: Sequence[Term], th: Theorem) -> Theorem:
    return introduce((_s,), conditions, th)


@cache
def around() -> Theorem:
    """{const, fold f s xs = ok s} |- implies (ys) [length ys = length qs * length xs + length bs] (fold f s ys)
    (fold f s bs)"""
    back = k.assume(_fold(_s, XS), apply("ok", _s))
    none, further = nil_cons(_Q0, QS)
    size, rest = apply("length", XS), apply("length", BS)
    q_none, q_longer, q_positive = (about(th, _Q0, QS) for th in length_lemmas())

    def bound(qs: Term) -> Term:
        return add(apply("mul", apply("length", qs), size), rest)

    def statement(qs: Term) -> tuple[Term, Term]:
        return implies((ZS,), _conditions(ZS, bound(qs)), _fold(_s, ZS), _fold(_s, BS))

    def scaled(length: Theorem, wanted: Term) -> Theorem:
        """|- bound qs = wanted, from |- length qs = n."""
        product = k.app(k.app(k.refl(apply("mul", size, size).function.function), length), k.refl(size))
        total = k.app(k.app(k.refl(add(size, rest).function.function), product), k.refl(rest))
        return chain(total, INTEGERS.equal(total.right, wanted))

    facts = [k.assume(c, TRUE) for c in _conditions(ZS, bound(none))]
    plain = scaled(q_none, rest)
    shorter = [replaced(th, plain) for th in facts]
    base = introduce((ZS,), [th.left for th in facts], eliminate(k.inst({XS: ZS}, as_long()), (BS, _s), shorter))

    ih = k.assume(*statement(QS))
    facts = [k.assume(c, TRUE) for c in _conditions(ZS, bound(further))]
    later = bound(QS)
    fewer = from_index(W, apply("count", later), ZERO)
    positive = nonneg_add(nonneg_mul(q_positive, length_facts(XS, HEAD, XS)[0]), about(length_lemmas()[2], _b0(), BS))
    length = chain(at(about_words(length_of_elements(), apply("count", later)), ZERO), counted(later, positive))
    once = scaled(q_longer, add(size, later))
    onward = k.trans(once, k.app(k.refl(once.right.function), k.sym(length)))  # = length xs + length fewer
    parts = [replaced(th, onward) for th in facts]
    split = eliminate(k.inst({BS: fewer}, in_two_parts()), (ZS, _s), parts)
    ran = k.app(k.app(k.refl(split.right.function.function), back), k.refl(split.right.argument))
    moved = k.trans(split, k.trans(ran, bind_value(ran.right)))
    whole = eliminate(ih, (fewer,), both_ways(length))
    step = introduce((ZS,), [th.left for th in facts], k.trans(moved, whole))
    return k.list_induction(_Q0, QS, *statement(QS), base, step)


def _b0() -> Term:
    return t.var("b0", X)


def about_words(th: Theorem, ys: Term) -> Theorem:
    """A lemma over lists of 'y as lengths, about `ys`."""
    assert ys.type.args is not None
    return k.inst({t.var("ys", ys.type): ys}, k.inst_type({"'y": ys.type.args[0]}, th))


def counted(n: Term, positive: Theorem) -> Theorem:
    """|- length (count n) = n, from |- 0 <= n."""
    opened = unfold("length", apply("length", apply("count", n)))
    length = k.trans(opened, instance("count.length", n=n))  # = max 0 n
    a, b = arguments(length.right)[1]
    return chain(length, instance("int.max.comm", a=a, b=b), larger(positive))


def list_of_length(n: Term, positive: Theorem) -> tuple[Term, Theorem]:
    """A list of n elements, and |- its length = n, from |- 0 <= n."""
    size = apply("count", n)
    return from_index(W, size, ZERO), k.trans(at(about_words(length_of_elements(), size), ZERO), counted(n, positive))


def general(
    th: Theorem, constant: tuple[Term, Term, Theorem], lists: Mapping[Term, Term], more: Mapping[Term, Term]
) -> Theorem:
    """A theorem for the loop with |- f s x = h s."""
    f, h, law = constant
    assert f.type.args is not None and f.type.args[1].args is not None
    types = {"'s": f.type.args[0], "'x": f.type.args[1].args[0]}
    values = {t.instantiate_types(v, types): x for v, x in {F: f, H: h, **lists, **more}.items()}
    return discharge(k.inst(values, k.inst_type(types, th)), law)


def instantiate_in_two_parts(
    constant: tuple[Term, Term, Theorem], lists: tuple[Term, Term, Term], state: Term, length: Theorem
) -> Theorem:
    """|- fold f s ys = bind (fold f s xs) (\\s. fold f s zs) for lists xs, ys, zs, from |- length ys = length xs +
    length zs."""
    xs, ys, zs = lists
    return eliminate(general(in_two_parts(), constant, {XS: xs, BS: zs}, {}), (ys, state), both_ways(length))


def instantiate_around(
    constant: tuple[Term, Term, Theorem],
    lists: tuple[Term, Term, Term],
    state: Term,
    times: tuple[Term, Theorem],
    length: Theorem,
    back: Theorem,
) -> Theorem:
    """|- fold f s ys = fold f s zs for lists xs, ys, zs, from |- 0 <= q, |- fold f s xs = ok s and |- (the length of
    what ys is made over) = q * p + (the same of zs), for p elements xs."""
    xs, ys, zs = lists
    q, positive = times
    qs = apply("count", q)
    assert xs.type.args is not None
    w = t.lam(t.var("i", t.INT), _any(xs.type.args[0]))
    th = discharge(general(around(), constant, {XS: xs, BS: zs}, {_s: state, QS: qs, W: w}), back)
    a, b, c = length_of(ys), length_of(xs), length_of(zs)
    product = apply("mul", apply("length", qs), b.left)
    scaled = k.app(k.app(k.refl(product.function.function), counted(q, positive)), b)
    total = k.app(k.app(k.refl(add(product, c.left).function.function), scaled), c)
    return eliminate(th, (ys,), both_ways(chain(a, length, k.sym(total))))


def _any(ty: t.Ty) -> Term:
    """Some word."""
    return apply(f"ofZ.{ty.name}", ZERO)


def length_of(xs: Term) -> Theorem:
    """|- length xs = n, for elements made over a list, n its length, or for a list of few written elements."""
    function, args = arguments(xs)
    if function.kind == "C" and function.name in ("cons", "nil"):
        return _length_written(xs)
    i = args[-1]
    over = args[-2]
    w = _element_of(xs)
    types = {"'x": argument_type(xs.type), "'y": argument_type(over.type)}
    values = {t.instantiate_types(v, types): x for v, x in ((W, w), (YS, over))}
    th = at(k.inst(values, k.inst_type(types, length_of_elements())), i)
    return th if over.free else k.trans(th, _length_counted(over))


def _length_counted(xs: Term) -> Theorem:
    """|- length (count n) = the number that a closed n is."""
    opened = unfold("length", apply("length", xs))
    length = k.trans(opened, instance("count.length", n=xs.argument))
    return k.trans(length, Evaluator(no_range)(length.right))


def _element_of(xs: Term) -> Term:
    """w, for from_index w ys i."""
    cons = arguments(xs)[1][1]  # \\x ys r i. cons (w i) (r (1 + i))
    body = cons.body.body.body.body
    return arguments(body)[1][0].function


def _length_written(xs: Term) -> Theorem:
    _, args = arguments(xs)
    if not args:
        return about(length_lemmas()[0], t.var("y0", argument_type(xs.type)), t.var("ys", xs.type))
    x, rest = args
    longer = about(length_lemmas()[1], x, rest)
    tail = _length_written(rest)
    th = k.trans(longer, k.app(k.refl(longer.right.function), tail))
    return k.trans(th, k.compute(th.right))
