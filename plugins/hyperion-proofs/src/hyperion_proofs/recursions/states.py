r"""Untrusted. The states of a loop, by how often it has turned; elements of a list that a function was mapped over.

states [] = ok s0        states (y :: ys) = bind (states ys) (\s. f s (w (length ys)))

fold f s0 [w 0, w 1, ..] = states (flipped over)        as many elements as `over` has
length (flipped over) = length over
get trap (map g xs) i = bind (get trap xs i) (\x. ok (g x))
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, head
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import argument_type
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.counting import AT, F, W, Y, from_index, opened_recursion
from hyperion_proofs.derived import NoProof, at, by_cases, chain, cond_is, fitted, fresh, replace_all, unfold, use
from hyperion_proofs.loop import HEAD, OUT, S, X, add, int_
from hyperion_proofs.loop import XS as LIST
from hyperion_proofs.recursions.affine import Facts
from hyperion_proofs.recursions.approximation import ITEM, XS
from hyperion_proofs.recursions.outcomes import first_turn, fuel_lengths, no_turn, rewritten
from hyperion_proofs.recursions.reading import Reader
from hyperion_proofs.unfolding import beta_all, bind_ok, reduce_list, sure

_KS = t.var("ks", XS.type)
_START = t.var("s0", S)


def states(f: Term, w: Term, start: Term, ys: Term) -> Term:
    y, rest, s = t.var("y", t.BOOL), t.var("rest", XS.type), t.var("s", start.type)
    before = t.var("r", t.outcome_of(start.type))
    turn = apply("bind", before, t.lam(s, t.app(f, s, t.app(w, apply("length", rest)))))
    return apply("listrec", apply("ok", start), t.lams((y, rest, before), turn), ys)


def opened_states(x: Term) -> Theorem:
    """|- states [] = .., or states (y :: ys) = .."""
    return beta_all(sure(use("listrec.nil", x) or use("listrec.cons", x)))


def flipped(ys: Term, ks: Term) -> Term:
    """The elements of ys in front of ks, the last one first."""
    y, rest, k_ = t.var("y", t.BOOL), t.var("rest", XS.type), t.var("k", XS.type)
    before = t.var("r", t.fun(XS.type, XS.type))
    step = t.lams((y, rest, before, k_), t.app(before, apply("cons", y, k_)))
    return t.app(apply("listrec", t.lam(k_, k_), step, ys), ks)


@cache
def _loop() -> Theorem:
    r"""|- (\ks. bind (states ks) (\s. fold f s (from_index w ys (length ks)))) = (\ks. states (flipped ys ks))."""
    s = t.var("s", S)
    nil, cons = t.const("nil", XS.type), apply("cons", ITEM, XS)
    _, longer, _ = fuel_lengths()

    def reached(ks: Term) -> Term:
        return states(F, W, _START, ks)

    def claim(ys: Term) -> tuple[Term, Term]:
        run = t.lam(s, apply("fold", F, s, from_index(W, ys, apply("length", _KS))))
        return t.lam(_KS, apply("bind", reached(_KS), run)), t.lam(_KS, reached(flipped(ys, _KS)))

    def turned(th: Theorem) -> Theorem:
        values = {t.var("o", OUT): reached(_KS), AT: apply("length", _KS)}
        return k.inst(values, k.inst_type({Y.name: t.BOOL}, th))

    states_ = reached(_KS).function
    base = chain(turned(no_turn()), k.sym(k.app(k.refl(states_), opened_recursion(flipped(nil, _KS)))))
    ih = k.assume(*claim(XS))
    first = turned(first_turn())
    longer_ks = k.inst({XS: _KS}, longer)  # length (y :: ks) = 1 + length ks
    more = apply("cons", ITEM, _KS)
    again = at(ih, more)
    grown = rewritten(again.left, {apply("length", more): longer_ks})
    step = opened_states(reached(more))
    met = rewritten(grown.right, {reached(more): step})
    end = k.sym(k.app(k.refl(states_), opened_recursion(flipped(cons, _KS))))
    whole = chain(first, k.sym(met), k.sym(grown), again, end)
    return k.list_induction(ITEM, XS, *claim(XS), k.abs_(_KS, base), k.abs_(_KS, whole))


def folded_states(f: Term, w: Term, start: Term, over: Term) -> tuple[Theorem, Theorem]:
    """|- fold f start (from_index w over 0) = states (flipped over), and |- length of that list = length over."""
    nil = t.const("nil", XS.type)
    th = at(fitted(_loop(), {F: f, W: w, _START: start, XS: over}), nil)
    no_length, _, _ = fuel_lengths()
    begun = opened_states(states(f, w, start, nil))
    opened = rewritten(th.left, {no_length.left: no_length, begun.left: begun})
    folded = k.trans(k.sym(bind_ok(opened)), th)
    length = k.inst({XS: over, _KS: nil}, at(flipped_length(), _KS))
    plain = rewritten(length.right, {no_length.left: no_length})
    same = INTEGERS.equal(plain.right, apply("length", over))
    if same is None:
        raise NoProof("a sum with 0 is another")
    return folded, chain(length, plain, same)


@cache
def flipped_length() -> Theorem:
    r"""|- (\ks. length (flipped ys ks)) = (\ks. length ys + length ks)."""
    nil, cons = t.const("nil", XS.type), apply("cons", ITEM, XS)
    no_length, longer, _ = fuel_lengths()

    def sides(ys: Term) -> tuple[Term, Term]:
        return apply("length", flipped(ys, _KS)), add(apply("length", ys), apply("length", _KS))

    def claim(ys: Term) -> tuple[Term, Term]:
        left, right = sides(ys)
        return t.lam(_KS, left), t.lam(_KS, right)

    def proved(ys: Term, *steps: Theorem, known: Theorem) -> Theorem:
        left, right = sides(ys)
        opened = k.app(k.refl(left.function), opened_recursion(left.argument))
        whole = chain(opened, *steps)
        shown = rewritten(right, {known.left: known})
        same = INTEGERS.equal(whole.right, shown.right)
        if same is None:
            raise NoProof("the lengths differ")
        return k.abs_(_KS, chain(whole, same, k.sym(shown)))

    ih = at(k.assume(*claim(XS)), apply("cons", ITEM, _KS))
    longer_ks = k.inst({XS: _KS}, longer)
    step = proved(cons, ih, rewritten(ih.right, {longer_ks.left: longer_ks}), known=longer)
    return k.list_induction(ITEM, XS, *claim(XS), proved(nil, known=no_length), step)


# ---- elements


@cache
def _mapped() -> tuple[Theorem, Term, Term, Term]:
    r"""|- get trap (map g xs) i = bind (get trap xs i) (\x. ok (g x)), and g, xs and i."""
    y = t.type_variable("'y")
    g, i = t.var("g", t.fun(X, y)), t.var("i", t.INT)

    def element(xs: Term) -> Term:
        return apply("get", t.const("trap", t.outcome_of(argument_type(xs.type))), xs, i)

    def after(o: Term) -> Term:
        x = fresh(X, "x")
        return apply("bind", o, t.lam(x, apply("ok", t.app(g, x))))

    first, second = unfold("get", element(apply("map", g, LIST))), unfold("get", element(LIST))
    inner = [arguments(th.right)[1][1].function for th in (first, second)]  # listrec .. without the index
    along = _along(g, inner[0].function, inner[1].function, after)

    def case(known: Theorem) -> Theorem:
        left = k.trans(first, cond_is(known, first.right))
        right = rewritten(after(second.left), {second.left: k.trans(second, cond_is(known, second.right))})
        if known.right is TRUE:
            return chain(left, at(along, i), k.sym(right))
        return chain(left, k.sym(Reader(Facts())(right.right)), k.sym(right))

    left, right = element(apply("map", g, LIST)), after(element(LIST))
    return by_cases(arguments(first.right)[1][0], left, right, case), g, LIST, i


def _along(g: Term, mapped: Term, plain: Term, after: Callable[[Term], Term]) -> Theorem:
    r"""|- (\i. listrec .. (map g xs) i) = (\i. bind (listrec .. xs i) (\x. ok (g x))), by induction on xs."""
    i = t.var("i", t.INT)

    def sides(xs: Term) -> tuple[Term, Term]:
        return t.app(mapped, apply("map", g, xs), i), after(t.app(plain, xs, i))

    def claim(xs: Term) -> tuple[Term, Term]:
        left, right = sides(xs)
        return t.lam(i, left), t.lam(i, right)

    nil, cons = t.const("nil", LIST.type), apply("cons", HEAD, LIST)
    ih = k.assume(*claim(LIST))

    def case(xs: Term) -> Theorem:
        left, right = sides(xs)
        spread = reduce_list("map", apply("map", g, xs))
        back = k.sym(unfold("map", apply("map", g, LIST)))
        spread = k.trans(spread, rewritten(spread.right, {back.left: back}))
        first = rewritten(left, {spread.left: spread})
        first = k.trans(first, opened_recursion(t.app(mapped, spread.right, i)))
        second = rewritten(right, {right.function.argument: opened_recursion(t.app(plain, xs, i))})
        read = Reader(Facts())
        second = k.trans(second, read(second.right))
        first = k.trans(first, read(first.right))
        later = next(
            (
                u
                for u in t.subterms(first.right)
                if u.kind == "A" and u.function is t.app(mapped, apply("map", g, LIST))
            ),
            None,
        )
        if later is not None:
            th = at(ih, later.argument)
            first = k.trans(first, rewritten(first.right, {later: th}))
        return k.abs_(i, k.trans(first, k.sym(second)))

    return k.list_induction(HEAD, LIST, *claim(LIST), case(nil), case(cons))


def element_of_map(x: Term) -> Theorem | None:
    """|- get trap (map g xs) i = .., for that x."""
    if head(x) != "get" or len(arguments(x)[1]) != 3 or x.loose:
        return None
    _, (_, listed, index) = arguments(x)
    if head(listed) != "map":
        return None
    g, xs = arguments(listed)[1]
    lemma, *variables = _mapped()
    th = fitted(lemma, dict(zip(variables, (g, xs, index), strict=True)))
    return th if th.left is x else None


def before_the_first(xs: Term) -> Theorem:
    """|- get trap xs -1 = trap."""
    x = apply("get", t.const("trap", t.outcome_of(argument_type(xs.type))), xs, int_(-1))
    opened = unfold("get", x)
    test = k.compute(arguments(opened.right)[1][0])
    return k.trans(opened, cond_is(test, opened.right))


def projections(x: Term) -> Theorem:
    """|- x = x with the parts of tuples for their projections."""

    def rule(u: Term) -> Theorem | None:
        return k.projbeta(u) if u.kind == "P" and u.body.kind == "T" and not u.loose else None

    return replace_all(x, rule) or k.refl(x)
