"""Untrusted search, checked theorems: what a loop with steps that are all the same, f s x = h s, does on a segment of
states, and in blocks of steps.

`ran o` is the test that an outcome is `ok v`, and `value o` is then that v. R x y z says that a state y is between the
states x and z.

    R x y z, ran (h x), ran (h z):           ran (h y) and R (value (h x)) (value (h y)) (value (h z))
    --------------------------------------------------------------------------------------------------
    R x y z, ran (fold f x xs), ran (fold f z xs):            the same of fold f . xs

With c i the state at the end of block i of steps xs:

    1 <= i, 1 + i <= q, ran (fold f (c i) xs):       fold f (c i) xs = ok (c (1 + i))
    1 <= i, i <= q, not ran (fold f (c i) xs):       not ran (fold f (c q) xs)
    --------------------------------------------------------------------------------------------------
    1 <= i <= q, length ys = (q - i) * length xs + length bs, length xs <= length bs:
        fold f (c i) ys = fold f (c q) bs
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.counting import FORM, ONE, ZERO, F, N, fold_lemmas, length_lemmas
from hyperion_proofs.derived import at, by_cases, chain, cond_is, contradiction, use
from hyperion_proofs.implication import all_parts, both, eliminate, implies, introduce
from hyperion_proofs.inequalities import nonneg_add, nonneg_mul
from hyperion_proofs.ladder.intervals import implied
from hyperion_proofs.loop import HEAD, XS, S, X, add, le
from hyperion_proofs.repeating import (
    BS,
    QS,
    ZS,
    H,
    as_long,
    in_two_parts,
    list_of_length,
    one_more,
)
from hyperion_proofs.splitting import about, at_equal, both_ways, equals, length_facts, replaced, stop
from hyperion_proofs.unfolding import bind_value, nil_cons, sure

BETWEEN = t.var("R", t.fun(S, S, S, t.BOOL))
ANY = t.var("any", S)
"""The value of an outcome that has none."""
_x, _y, _z, _v = (t.var(name, S) for name in ("x", "y", "z", "v"))
_Q0 = t.var("q0", t.BOOL)
_I = t.var("i", t.INT)


def ran(o: Term) -> Term:
    """The test that an outcome has a value."""
    v = t.var("v", o.type.args[0] if o.type.args else o.type)
    return apply("outcase", o, t.lam(v, TRUE), FALSE, FALSE)


def fine(o: Term) -> Term:
    """The test that an outcome is not to run forever."""
    v = t.var("v", o.type.args[0] if o.type.args else o.type)
    return apply("outcase", o, t.lam(v, TRUE), TRUE, FALSE)


def value(o: Term, otherwise: Term) -> Term:
    """The value of an outcome."""
    v = t.var("v", otherwise.type)
    return apply("outcase", o, t.lam(v, v), otherwise, otherwise)


def of_outcome(x: Term, known: Theorem) -> Theorem:
    """|- x = x with the case taken, for x about an outcome that is `known` to be ok .., trap or diverge."""
    function, (_, *cases) = arguments(x)
    th = k.app(k.refl(function), known)
    for case in cases:
        th = k.app(th, k.refl(case))
    taken = use("outcase.ok", th.right) or use("outcase.trap", th.right) or use("outcase.diverge", th.right)
    th = k.trans(th, sure(taken))
    return k.trans(th, k.beta(th.right)) if th.right.kind == "A" and th.right.function.kind == "L" else th


def by_outcome(o: Term, left: Term, right: Term, prove: Callable[[Theorem], Theorem]) -> Theorem:
    """|- left = right from `prove` run under o = ok v, o = trap and o = diverge."""
    assert o.type.args is not None
    v = t.var("had", o.type.args[0])
    cases = [prove(k.assume(o, x)) for x in (apply("ok", v), t.const("trap", o.type), t.const("diverge", o.type))]
    assert all((th.left, th.right) == (left, right) for th in cases)
    return k.outcome_cases(o, v, *cases)


def has_value(th: Theorem, otherwise: Term) -> Theorem:
    """From |- ran o = true: |- o = ok (value o)."""
    o = arguments(th.left)[1][0]
    wanted = apply("ok", value(o, otherwise))

    def case(known: Theorem) -> Theorem:
        if known.right.kind == "C":
            return contradiction(k.trans(k.sym(th), of_outcome(th.left, known)), o, wanted)
        taken = k.app(k.refl(wanted.function), of_outcome(wanted.argument, known))
        return k.trans(known, k.sym(taken))

    return by_outcome(o, o, wanted, case)


def of_value(known: Theorem, otherwise: Term) -> Theorem:
    """From |- o = ok v: |- value o = v."""
    return of_outcome(value(known.left, otherwise), known)


def traps(no: Theorem, finite: Theorem) -> Theorem:
    """From |- ran o = false and |- fine o = true: |- o = trap."""
    o = arguments(no.left)[1][0]
    trap = t.const("trap", o.type)

    def case(known: Theorem) -> Theorem:
        if known.right is trap:
            return known
        other = no if known.right.kind != "C" else finite
        return contradiction(k.trans(k.sym(other), of_outcome(other.left, known)), o, trap)

    return by_outcome(o, o, trap, case)


def first_ran(th: Theorem) -> Theorem:
    """From |- ran (bind o r) = true: |- ran o = true."""
    bind = arguments(th.left)[1][0]
    o, r = arguments(bind)[1]
    wanted = ran(o)

    def case(known: Theorem) -> Theorem:
        if known.right.kind != "C":
            return of_outcome(wanted, known)
        ended = k.app(k.app(k.refl(bind.function.function), known), k.refl(r))
        ended = k.trans(ended, stop(known.right.name, ended.right))
        return contradiction(k.trans(k.sym(th), of_outcome(th.left, ended)), wanted, TRUE)

    return by_outcome(o, wanted, TRUE, case)


def rewritten_test(th: Theorem, same: Theorem) -> Theorem:
    """From |- test o = b and |- o = p: |- test p = b."""
    function, (_, *cases) = arguments(th.left)
    changed = k.app(k.refl(function), k.sym(same))
    for case in cases:
        changed = k.app(changed, k.refl(case))
    return k.trans(changed, th)


def _fold(s: Term, xs: Term) -> Term:
    return apply("fold", F, s, xs)


def between_law(h: Term, between: Term, otherwise: Term) -> tuple[Term, Term]:
    """That a step keeps y between x and z, as one closed equation."""
    s = otherwise.type
    x, y, z = (t.var(name, s) for name in ("x", "y", "z"))
    conditions = (t.app(between, x, y, z), ran(t.app(h, x)), ran(t.app(h, z)))
    new = (value(t.app(h, u), otherwise) for u in (x, y, z))
    return implies((x, y, z), conditions, apply("and", ran(t.app(h, y)), t.app(between, *new)), TRUE)


@cache
def between_theorem() -> Theorem:
    """{const, the law of R} |- implies (x y z) [R x y z, ran (fold f x xs), ran (fold f z xs)]
    (and (ran (fold f y xs)) (R (value (fold f x xs)) ..)) true"""
    law = k.assume(*between_law(H, BETWEEN, ANY))
    nil, cons = nil_cons(HEAD, XS)

    def conditions(xs: Term) -> tuple[Term, ...]:
        return t.app(BETWEEN, _x, _y, _z), ran(_fold(_x, xs)), ran(_fold(_z, xs))

    def goal(outcomes: Sequence[Term]) -> Term:
        return apply("and", ran(outcomes[1]), t.app(BETWEEN, *(value(o, ANY) for o in outcomes)))

    def statement(xs: Term) -> tuple[Term, Term]:
        return implies((_x, _y, _z), conditions(xs), goal([_fold(s, xs) for s in (_x, _y, _z)]), TRUE)

    def at_values(outcomes: Sequence[Theorem]) -> Theorem:
        """|- the goal = true where the outcomes are ok .. and R holds of their values."""
        here = goal([th.left for th in outcomes])
        test = of_outcome(here.function.argument, outcomes[1])
        values = [of_outcome(u, th) for u, th in zip(arguments(here.argument)[1], outcomes, strict=True)]
        held = k.refl(BETWEEN)
        for th in values:
            held = k.app(held, th)
        return k.app(k.app(k.refl(here.function.function), test), held)

    given = [k.assume(c, TRUE) for c in conditions(nil)]
    base = at_values([k.inst({t.var("s", S): s}, fold_lemmas()[0]) for s in (_x, _y, _z)])
    base = introduce((_x, _y, _z), [th.left for th in given], k.trans(base, both(k.refl(TRUE), given[0])))

    ih = k.assume(*statement(XS))
    given = [k.assume(c, TRUE) for c in conditions(cons)]
    opened = [k.inst({t.var("s", S): s}, one_more(HEAD, XS)) for s in (_x, _y, _z)]
    ends = [rewritten_test(th, opened[j]) for th, j in zip(given[1:], (0, 2), strict=True)]
    stepped = [first_ran(th) for th in ends]
    middle, held = all_parts(eliminate(law, (_x, _y, _z), [given[0], *stepped]), 2)
    steps = [has_value(th, ANY) for th in (stepped[0], middle, stepped[1])]  # h x = ok x', ..

    def after(j: int) -> Theorem:
        """|- fold f x (x0 :: xs) = fold f x' xs."""
        bind = opened[j].right
        into = k.app(k.app(k.refl(bind.function.function), steps[j]), k.refl(bind.argument))
        return chain(opened[j], into, bind_value(into.right))

    on = [after(j) for j in range(3)]
    rest = [rewritten_test(th, on[j]) for th, j in zip(given[1:], (0, 2), strict=True)]
    later = eliminate(ih, [th.right.argument for th in steps], [held, *rest])
    test, last = all_parts(later, 2)
    finals = [has_value(th, ANY) for th in (rest[0], test, rest[1])]
    whole = [k.trans(a, b) for a, b in zip(on, finals, strict=True)]
    made = at_values(whole)
    step = k.trans(made, both(k.refl(TRUE), last))
    step = introduce((_x, _y, _z), [th.left for th in given], step)
    return k.list_induction(HEAD, XS, *statement(XS), base, step)


@cache
def fine_theorem() -> Theorem:
    """{const, \\s. fine (h s) = \\s. true} |- (\\s. fine (fold f s xs)) = (\\s. true)"""
    law = k.assume(*fine_law(H))
    nil, cons = nil_cons(HEAD, XS)
    s = t.var("s", S)
    empty, first = fold_lemmas()[0], one_more(HEAD, XS)

    def statement(xs: Term) -> tuple[Term, Term]:
        return t.lam(s, fine(_fold(s, xs))), t.lam(s, TRUE)

    ih = k.assume(*statement(XS))
    bind = first.right
    o, r = arguments(bind)[1]
    whole = fine(_fold(s, cons))

    def case(known: Theorem) -> Theorem:
        into = k.app(k.app(k.refl(bind.function.function), known), k.refl(r))
        if known.right.kind == "C":
            ended = chain(first, into, stop(known.right.name, into.right))
            th = of_outcome(whole, ended)
            if th.right is TRUE:
                return th
            never = at(law, s)
            return contradiction(k.trans(k.sym(never), of_outcome(never.left, known)), whole, TRUE)
        on = chain(first, into, bind_value(into.right))
        later = at(ih, known.right.argument)
        function, (_, *cases) = arguments(whole)
        moved_on = k.app(k.refl(function), on)
        for x in cases:
            moved_on = k.app(moved_on, k.refl(x))
        return k.trans(moved_on, later)

    step = k.abs_(s, by_outcome(o, whole, TRUE, case))
    base = k.abs_(s, of_outcome(fine(_fold(s, nil)), empty))
    return k.list_induction(HEAD, XS, *statement(XS), base, step)


def fine_law(h: Term) -> tuple[Term, Term]:
    """That no step runs forever, as one closed equation."""
    assert h.type.args is not None
    s = t.var("s", h.type.args[0])
    return t.lam(s, fine(t.app(h, s))), t.lam(s, TRUE)


def blocks_laws(f: Term, form: Term, n: Term, xs: Term) -> tuple[tuple[Term, Term], tuple[Term, Term]]:
    """What is asked of c, as closed equations."""
    block, last = apply("fold", f, t.app(form, _I), xs), apply("fold", f, t.app(form, n), xs)
    later = add(ONE, _I)
    goes_on = implies((_I,), (le(ONE, _I), le(later, n), ran(block)), block, apply("ok", t.app(form, later)))
    stops = implies((_I,), (le(ONE, _I), le(_I, n), apply("not", ran(block))), ran(last), FALSE)
    return goes_on, stops


@cache
def blocks_theorem() -> Theorem:
    """{const, fine, the laws of c, length xs <= length bs} |- implies (i ys) [1 <= i, i + length qs = n,
    length ys = length qs * length xs + length bs] (fold f (c i) ys) (fold f (c n) bs)"""
    goes_on, stops = (k.assume(*law) for law in blocks_laws(F, FORM, N, XS))
    enough = k.assume(le(apply("length", XS), apply("length", BS)), TRUE)
    none, further = nil_cons(_Q0, QS)
    size, rest = apply("length", XS), apply("length", BS)
    q_none, q_longer, q_positive = (about(th, _Q0, QS) for th in length_lemmas())
    end = _fold(t.app(FORM, N), BS)
    nonneg = [about(length_lemmas()[2], t.var("b0", X), BS), length_facts(XS, HEAD, XS)[0]]

    def total(qs: Term) -> Term:
        return add(apply("mul", apply("length", qs), size), rest)

    def conditions(qs: Term) -> tuple[Term, ...]:
        reach, have = add(_I, apply("length", qs)), apply("length", ZS)
        return le(ONE, _I), le(reach, N), le(N, reach), le(have, total(qs)), le(total(qs), have)

    def statement(qs: Term) -> tuple[Term, Term]:
        return implies((_I, ZS), conditions(qs), _fold(t.app(FORM, _I), ZS), end)

    def scaled(length: Theorem, wanted: Term) -> Theorem:
        """|- total qs = wanted, from |- length qs = n."""
        product = k.app(k.app(k.refl(apply("mul", size, size).function.function), length), k.refl(size))
        th = k.app(k.app(k.refl(add(size, rest).function.function), product), k.refl(rest))
        return chain(th, INTEGERS.equal(th.right, wanted))

    def reached(facts: Sequence[Theorem], length: Theorem) -> list[Theorem]:
        """The comparisons with i + length qs, that length written."""
        same = k.app(k.refl(add(_I, ONE).function), length)
        return [replaced(th, same) for th in facts]

    facts = [k.assume(c, TRUE) for c in conditions(none)]
    at_end = reached(facts[1:3], q_none)
    here = equals(_I, N, at_end)
    shorter = [replaced(th, scaled(q_none, rest)) for th in facts[3:]]
    same = eliminate(k.inst({XS: ZS}, as_long()), (BS, t.app(FORM, _I)), shorter)
    j = t.var("j", t.INT)
    at_n = at_equal(t.lam(j, _fold(t.app(FORM, j), BS)), here)
    base = introduce((_I, ZS), [th.left for th in facts], k.trans(same, at_n))

    ih = k.assume(*statement(QS))
    facts = [k.assume(c, TRUE) for c in conditions(further)]
    in_reach = reached(facts[1:3], q_longer)
    later = total(QS)
    fewer, length = list_of_length(later, nonneg_add(nonneg_mul(q_positive, nonneg[1]), nonneg[0]))
    once = scaled(q_longer, add(size, later))
    onward = k.trans(once, k.app(k.refl(once.right.function), k.sym(length)))  # = length xs + length fewer
    state = t.app(FORM, _I)
    split = eliminate(k.inst({BS: fewer}, in_two_parts()), (ZS, state), [replaced(th, onward) for th in facts[3:]])
    block = _fold(state, XS)
    wanted = _fold(state, ZS)

    def case(known: Theorem) -> Theorem:
        bind = split.right
        if known.right is TRUE:
            low = implied(le(add(ONE, _I), N), [*in_reach, q_positive])
            on = eliminate(goes_on, (_I,), (facts[0], low, known))
            ran_on = k.app(k.app(k.refl(bind.function.function), on), k.refl(bind.argument))
            ran_on = chain(split, ran_on, bind_value(ran_on.right))
            goals = conditions(QS)
            next_ = [t.substitute(c, {_I: add(ONE, _I), ZS: fewer}) for c in goals[:3]]
            lengths = both_ways(length)
            tail = eliminate(ih, (add(ONE, _I), fewer), [*(implied(c, [facts[0], *in_reach]) for c in next_), *lengths])
            return k.trans(ran_on, tail)
        stopped = traps(known, at(fine_theorem(), state))
        ours = k.app(k.app(k.refl(bind.function.function), stopped), k.refl(bind.argument))
        ours = chain(split, ours, stop("trap", ours.right))
        high = implied(le(_I, N), [*in_reach, q_positive])
        not_ran = eliminate(stops, (_I,), (facts[0], high, not_true(known)))
        last = traps(not_ran, at(fine_theorem(), t.app(FORM, N)))
        spare = apply("sub", rest, size)
        short, short_length = list_of_length(spare, implied(le(ZERO, spare), [enough]))
        whole = k.app(k.refl(add(size, rest).function), short_length)
        sum_ = k.trans(sure(INTEGERS.equal(rest, whole.right)), k.sym(whole))
        theirs = eliminate(k.inst({BS: short}, in_two_parts()), (BS, t.app(FORM, N)), both_ways(sum_))
        bind = theirs.right
        theirs_on = k.app(k.app(k.refl(bind.function.function), last), k.refl(bind.argument))
        theirs = chain(theirs, theirs_on, stop("trap", theirs_on.right))
        return k.trans(ours, k.sym(theirs))

    step = introduce((_I, ZS), [th.left for th in facts], by_cases(ran(block), wanted, end, case))
    return k.list_induction(_Q0, QS, *statement(QS), base, step)


def not_true(th: Theorem) -> Theorem:
    """From |- c = false: |- not c = true."""
    c = th.left
    opened = sure(use("not.def", apply("not", c)))
    return k.trans(opened, cond_is(th, opened.right))
