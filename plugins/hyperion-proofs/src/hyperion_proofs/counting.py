"""Untrusted search, checked theorems: a loop that counts, from its i-th element on, in closed form.

    0 <= i, 1 + i <= n:  f (c i) (w i) = ok (c (1 + i))
    ---------------------------------------------------------------------
    0 <= i, i + length ys <= n:  fold f (c i) [w i, w (1 + i), ..] = ok (c (i + length ys))

`from_index w ys i` is that list, as long as ys; `indices w ys` is the list from 0. By induction on ys.
"""

from __future__ import annotations

from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, chain, unfold, use
from hyperion_proofs.generic import length_nonneg, loop_lemmas
from hyperion_proofs.implication import eliminate, implies, introduce
from hyperion_proofs.inequalities import drop, nonneg_add, regroup
from hyperion_proofs.loop import HEAD, OUT, XS, S, X, add, int_, le
from hyperion_proofs.unfolding import beta_all, bind_ok, nil_cons, reduce_list, rewrite, sure

Y = t.type_variable("'y")
YS, Y0 = t.var("ys", t.list_of(Y)), t.var("y0", Y)
AT, N = t.var("i", t.INT), t.var("n", t.INT)
F = t.var("f", t.fun(S, X, OUT))
W = t.var("w", t.fun(t.INT, X))
FORM = t.var("c", t.fun(t.INT, S))
ZERO, ONE = int_(0), int_(1)


def from_index(w: Term, ys: Term, i: Term) -> Term:
    """The elements w i, w (1 + i), .., as many as ys has: what `indices w ys` is at 0."""
    opened = unfold("indices", apply("indices", w, ys)).right
    return t.app(opened.function, i)


@cache
def element_lemmas() -> tuple[Theorem, Theorem]:
    """|- from_index w [] i = [];  |- from_index w (y :: ys) i = w i :: from_index w ys (1 + i)."""
    nil, cons = nil_cons(Y0, YS)
    return opened_recursion(from_index(W, nil, AT)), opened_recursion(from_index(W, cons, AT))


def opened_recursion(x: Term) -> Theorem:
    """|- listrec .. xs a = what it is, for xs = [] or x :: xs."""
    inner = x.function
    step = use("listrec.nil", inner) or use("listrec.cons", inner)
    return beta_all(k.app(sure(step), k.refl(x.argument)))


@cache
def length_lemmas() -> tuple[Theorem, Theorem, Theorem]:
    """|- length [] = 0, |- length (y :: ys) = 1 + length ys, |- 0 <= length ys, over lists of any elements."""
    nil, cons = nil_cons(Y0, YS)
    longer = reduce_list("length", apply("length", cons))
    back = k.sym(unfold("length", apply("length", YS)))
    longer = k.trans(longer, sure(rewrite(longer.right, back)))
    nonneg = k.inst({t.var("xs", t.list_of(Y)): YS}, k.inst_type({"'x": Y}, length_nonneg()))
    return reduce_list("length", apply("length", nil)), longer, nonneg


def closed_form_law(f: Term, w: Term, form: Term, n: Term) -> tuple[Term, Term]:
    """The law as one closed equation."""
    later = add(ONE, AT)
    left, right = t.app(f, t.app(form, AT), t.app(w, AT)), apply("ok", t.app(form, later))
    return implies((AT,), (le(ZERO, AT), le(later, n)), left, right)


@cache
def fold_lemmas() -> tuple[Theorem, Theorem]:
    """|- fold f s [] = ok s;  |- fold f s (x :: xs) = bind (f s x) (\\s. fold f s xs), unfolded."""
    lemma = loop_lemmas()
    return lemma["fold.nil"], lemma["fold.cons"]


def first_step(stepped: Theorem, x: Term, xs: Term) -> Theorem:
    """From |- f s x = ok s': |- fold f s (x :: xs) = fold f s' xs."""
    state_variable = t.var("s", S)
    f, s = stepped.left.function.function, stepped.left.function.argument
    assert f is F
    unfolded = k.inst({HEAD: x, XS: xs, state_variable: s}, fold_lemmas()[1])
    function, (_, rest) = arguments(unfolded.right)
    into = k.trans(unfolded, k.app(k.app(k.refl(function), stepped), k.refl(rest)))
    th = bind_ok(into)
    again = apply("fold", F, th.right.argument, xs)
    return k.trans(th, k.sym(unfold("fold", again)))


@cache
def closed_form_theorem() -> Theorem:
    """{law} |- implies (i) [0 <= i, i + length ys <= n] (fold f (c i) (from_index w ys i)) (ok (c (i + length ys)))"""
    law = k.assume(*closed_form_law(F, W, FORM, N))
    nil, cons = nil_cons(Y0, YS)
    no_length, longer, nonneg = length_lemmas()
    ok = t.const("ok", t.fun(S, OUT))

    def reach(ys: Term) -> Term:
        return add(AT, apply("length", ys))

    def conditions(ys: Term) -> tuple[Term, ...]:
        return le(ZERO, AT), le(reach(ys), N)

    def sides(ys: Term) -> tuple[Term, Term]:
        left = apply("fold", F, t.app(FORM, AT), from_index(W, ys, AT))
        return left, t.app(ok, t.app(FORM, reach(ys)))

    def to_sum(th: Theorem, index: Theorem) -> Theorem:
        """From |- .. = ok (c j) and |- j = k: |- .. = ok (c k)."""
        form = th.right.argument.function
        return k.trans(th, k.app(k.refl(ok), k.app(k.refl(form), index)))

    state = t.var("s", S)
    start = t.app(FORM, AT)
    empty, first = element_lemmas()
    left, _ = sides(nil)
    base = k.trans(k.app(k.refl(left.function), empty), k.inst({state: start}, fold_lemmas()[0]))
    zero = k.app(k.refl(reach(nil).function), no_length)
    base = to_sum(base, k.sym(_equal_after(zero, AT)))
    base = introduce((AT,), conditions(nil), base)

    statement = implies((AT,), conditions(YS), *sides(YS))
    ih = k.assume(*statement)
    low, high = (k.assume(c, TRUE) for c in conditions(cons))
    length = apply("length", YS)
    moved = k.app(k.refl(reach(cons).function), longer)  # i + length (y :: ys) = i + (1 + length ys)
    high = k.trans(_in_first(k.sym(moved), high), high)
    later = add(ONE, AT)
    enough = regroup(high, add(later, length))
    one = drop(high, later, nonneg)
    stepped = eliminate(law, (AT,), (low, one))
    left, _ = sides(cons)
    opened = k.app(k.refl(left.function), first)
    after = first_step(stepped, t.app(W, AT), from_index(W, YS, later))
    positive = nonneg_add(k.compute(le(ZERO, ONE)), low)
    tail = eliminate(ih, (later,), (positive, enough))
    whole = chain(opened, after, tail)
    whole = to_sum(whole, k.sym(_equal_after(moved, add(later, length))))
    step = introduce((AT,), conditions(cons), whole)
    return k.list_induction(Y0, YS, *statement, base, step)


def _equal_after(th: Theorem, x: Term) -> Theorem:
    """From |- a = b where b = x as polynomials: |- a = x."""
    same = INTEGERS.equal(th.right, x)
    if same is None:
        raise NoProof("the sums differ")
    return k.trans(th, same)


def _in_first(th: Theorem, comparison: Theorem) -> Theorem:
    """From |- b = a and |- le a c: |- le b c = le a c."""
    function = comparison.left.function.function
    return k.app(k.app(k.refl(function), th), k.refl(comparison.left.argument))


def instantiate_closed_form(f: Term, w: Term, form: Term, n: Term, ys: Term, law: Theorem) -> Theorem:
    """The theorem for one loop, its law proved."""
    assert form.type.args is not None and w.type.args is not None and ys.type.args is not None
    types = {"'s": form.type.args[1], "'x": w.type.args[1], "'y": ys.type.args[0]}
    pairs = ((F, f), (W, w), (FORM, form), (N, n), (YS, ys))
    values = {t.instantiate_types(v, types): x for v, x in pairs}
    return discharge(k.inst(values, k.inst_type(types, closed_form_theorem())), law)
