r"""Untrusted search, checked theorems: neighbours in a list, which a loop gets one by one.

`part xs k n` is take n of xs from element k on. Where 0 <= k, 0 <= n and k + n <= length xs,

    length (part xs k n) = n
    fold G s [w 0, w 1, .., n of them] = fold F s (part xs b n)   where G s (w a) gets element b + a and runs F s on it
    get (windows w xs) k runs on to act, as preduce over part xs k w does   where the law of `products` holds

and what holds of all elements of xs holds of those of a part. By induction on the lists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.counting import N, Y, from_index
from hyperion_proofs.derived import at, by_cases, chain, cond_is, instance, unfold
from hyperion_proofs.generic import length_nonneg, loop_lemmas
from hyperion_proofs.implication import eliminate, implies, introduce, parts
from hyperion_proofs.loop import ABSTRACT, CUT, HEAD, OUT, XS, M, S, X, add, int_, le
from hyperion_proofs.sliding.products import ACT, LIFT, MUL, SPLIT, STATE, window_product
from hyperion_proofs.sliding.running import Running, impossible
from hyperion_proofs.unfolding import nil_cons

ZERO, ONE, MINUS = int_(0), int_(1), int_(-1)
AT, WIDTH, BASE = t.var("k", t.INT), t.var("w", t.INT), t.var("b", t.INT)
STEP = t.var("F", t.fun(S, X, OUT))
SPLITS = t.var("splits", t.fun(XS.type, CUT.type))
_I = t.type_variable("'i")
COUNTED, W = t.var("G", t.fun(S, _I, OUT)), t.var("w", t.fun(t.INT, _I))
NUMBERS, NUMBER = t.var("ys", t.list_of(Y)), t.var("y0", Y)
EVERY = ABSTRACT.ok_x
MADE, AFTER = t.var("f", t.fun(X, M)), t.var("g", t.fun(M, OUT))
ONCE, TWICE = t.var("o", t.outcome_of(X)), t.var("h", t.fun(X, X, OUT))


def dropped(xs: Term, count: Term) -> Term:
    """xs from element `count` on."""
    assert xs.type.args is not None
    ty, n = xs.type, t.var("n", t.INT)
    x, ys, r = t.var("x", xs.type.args[0]), t.var("ys", ty), t.var("r", t.fun(t.INT, ty))
    rest = apply("cond", le(n, ZERO), apply("cons", x, ys), t.app(r, add(MINUS, n)))
    return t.app(apply("listrec", t.lam(n, t.const("nil", ty)), t.lams((x, ys, r, n), rest), xs), count)


def part(xs: Term, start: Term, count: Term) -> Term:
    return apply("take", count, dropped(xs, start))


def gotten(xs: Term, index: Term) -> Term:
    assert xs.type.args is not None
    return apply("get", t.const("trap", t.outcome_of(xs.type.args[0])), xs, index)


Sides = Callable[[Term], tuple[Term, Term]]
Conditions = Callable[[Term], tuple[Term, ...]]


def _induction(
    variables: Sequence[Term],
    conditions: Conditions,
    sides: Sides,
    base: Callable[[list[Theorem]], Theorem],
    step: Callable[[Theorem, list[Theorem]], Theorem],
    names: tuple[Term, Term] = (HEAD, XS),
) -> Theorem:
    """|- implies(variables, conditions, left, right) for a list, by induction on it. `base` and `step` are given the
    conditions as facts, in which lengths have run; `step` the statement too."""
    head, xs = names
    nil, cons = nil_cons(head, xs)
    known = k.assume(*implies(variables, conditions(xs), *sides(xs)))

    def facts(value: Term) -> list[Theorem]:
        return [_run(k.assume(c, TRUE)) for c in conditions(value)]

    first = introduce(variables, conditions(nil), base(facts(nil)))
    after = introduce(variables, conditions(cons), step(known, [*facts(cons), _length(xs)]))
    return k.list_induction(head, xs, known.left, known.right, first, after)


def _run(fact: Theorem) -> Theorem:
    """The fact in the form that `Running` meets."""
    return k.trans(k.sym(Running()(fact.left)), fact)


def _length(xs: Term) -> Theorem:
    """|- 0 <= length xs, as it runs."""
    assert xs.type.args is not None
    types = {"'x": xs.type.args[0]}
    th = k.inst_type(types, length_nonneg())
    return _run(k.inst({t.instantiate_types(XS, types): xs}, th))


@cache
def _nothing_dropped() -> Theorem:
    """{le k 0 = true} |- dropped xs k = xs"""
    test = le(AT, ZERO)

    def sides(xs: Term) -> tuple[Term, Term]:
        return apply("cond", test, dropped(xs, AT), xs), xs

    def proved(xs: Term) -> Theorem:
        return k.abs_(AT, by_cases(test, *sides(xs), lambda c: Running([c]).same(*sides(xs))))

    left, right = (t.lam(AT, side) for side in sides(XS))
    th = at(k.list_induction(HEAD, XS, left, right, *map(proved, nil_cons(HEAD, XS))), AT)
    return k.trans(k.sym(cond_is(k.assume(test, TRUE), th.left)), th)


@cache
def _nothing_taken() -> Theorem:
    """|- take 0 xs = nil"""
    nil, cons = nil_cons(HEAD, XS)
    first, after = (Running().same(apply("take", ZERO, xs), nil) for xs in (nil, cons))
    return k.list_induction(HEAD, XS, apply("take", ZERO, XS), nil, first, after)


def held(conditions: Sequence[Term], values: Mapping[Term, Term], facts: Sequence[Theorem]) -> list[Theorem]:
    """|- c = true for each condition at these values, as the facts say."""
    run = Running(facts)
    return [run(t.substitute(c, values)) for c in conditions]


@cache
def _next_gotten() -> Theorem:
    """|- implies (k n s) [0 <= k, 1 + k <= length xs, 0 <= n]
    (fold F s (part xs k (1 + n)))  (bind (bind (get trap xs k) (F s)) (\\s. fold F s (part xs (1 + k) n)))"""

    def conditions(xs: Term) -> tuple[Term, ...]:
        return le(ZERO, AT), le(add(ONE, AT), apply("length", xs)), le(ZERO, N)

    def sides(xs: Term) -> tuple[Term, Term]:
        left = apply("fold", STEP, STATE, part(xs, AT, add(ONE, N)))
        rest = unfold("fold", apply("fold", STEP, STATE, part(xs, add(ONE, AT), N))).right.function
        return left, apply("bind", apply("bind", gotten(xs, AT), t.app(STEP, STATE)), rest)

    nil, cons = nil_cons(HEAD, XS)

    def step(known: Theorem, facts: list[Theorem]) -> Theorem:
        def case(c: Theorem) -> Theorem:
            here = [*facts, c]
            if c.right is TRUE:
                return Running(here, [_nothing_dropped()]).same(*sides(cons))
            before = add(MINUS, AT)
            fits = held(conditions(XS), {AT: before}, here)
            return Running(here, [eliminate(known, (before, N, STATE), fits)]).same(*sides(cons))

        return by_cases(le(AT, ZERO), *sides(cons), case)

    return _induction((AT, N, STATE), conditions, sides, lambda facts: impossible(facts, *sides(nil)), step)


def counted_law(counted: Term, numbers: Term, xs: Term, base: Term, width: Term, step: Term) -> tuple[Term, Term]:
    """implies (k s) [0 <= k, 1 + k <= n]  (G s (w k))  (bind (get trap xs (b + k)) (F s)), as one closed equation."""
    s = t.var("s", counted.bound_type if counted.kind == "L" else S)
    left = t.app(counted, s, t.app(numbers, AT))
    right = apply("bind", gotten(xs, add(base, AT)), t.app(step, s))
    return implies((AT, s), (le(ZERO, AT), le(add(ONE, AT), width)), left, right)


@cache
def counted_parts() -> Theorem:
    """{law, 0 <= b, b + n <= length xs} |- implies (k s) [0 <= k, k + length ys <= n]
    (fold G s (from_index w ys k))  (fold F s (part xs (b + k) (length ys)))"""
    law = k.assume(*counted_law(COUNTED, W, XS, BASE, N, STEP))
    outer = [k.assume(le(ZERO, BASE), TRUE), _run(k.assume(le(add(BASE, N), apply("length", XS)), TRUE))]

    def conditions(ys: Term) -> tuple[Term, ...]:
        return le(ZERO, AT), le(add(AT, apply("length", ys)), N)

    def sides(ys: Term) -> tuple[Term, Term]:
        left = apply("fold", COUNTED, STATE, from_index(W, ys, AT))
        return left, apply("fold", STEP, STATE, part(XS, add(BASE, AT), apply("length", ys)))

    nil, cons = nil_cons(NUMBER, NUMBERS)
    nothing = k.inst({XS: dropped(XS, add(BASE, AT))}, _nothing_taken())

    def step(known: Theorem, facts: list[Theorem]) -> Theorem:
        here = [*facts, *outer]
        length, later = apply("length", NUMBERS), add(ONE, AT)
        first = eliminate(law, (AT, STATE), held((le(ZERO, AT), le(later, N)), {}, here))
        wanted = (le(ZERO, AT), le(add(ONE, AT), apply("length", XS)), le(ZERO, N))
        place = add(BASE, AT)
        second = eliminate(_next_gotten(), (place, length, STATE), held(wanted, {AT: place, N: length}, here))
        onward = eliminate(known, (later, STATE), held(conditions(NUMBERS), {AT: later}, here))
        onward = _functions(Running(here), onward)
        return Running(here, [first, second, onward]).same(*sides(cons))

    def base(facts: list[Theorem]) -> Theorem:
        return Running([*facts, *outer], [nothing]).same(*sides(nil))

    return _induction((AT, STATE), conditions, sides, base, step, (NUMBER, NUMBERS))


def _functions(run: Running, th: Theorem) -> Theorem:
    """From |- f s = g s for every state s, when run: |- f = g."""
    th = chain(k.sym(run(th.left)), th, run(th.right))
    whole = k.abs_(STATE, th)
    return chain(k.sym(k.eta(whole.left)), whole, k.eta(whole.right))


@cache
def part_length() -> Theorem:
    """|- implies (k n) [0 <= k, 0 <= n, k + n <= length xs] (length (part xs k n)) n"""

    def taken(xs: Term) -> tuple[Term, Term]:
        return apply("length", apply("take", N, xs)), N

    def few(xs: Term) -> tuple[Term, ...]:
        return le(ZERO, N), le(N, apply("length", xs))

    def conditions(xs: Term) -> tuple[Term, ...]:
        return le(ZERO, AT), le(ZERO, N), le(add(AT, N), apply("length", xs))

    def sides(xs: Term) -> tuple[Term, Term]:
        return apply("length", part(xs, AT, N)), N

    nil, cons = nil_cons(HEAD, XS)

    def none(facts: Sequence[Theorem]) -> Theorem:
        """|- 0 = n"""
        low, high = held((le(ZERO, N), le(N, ZERO)), {}, facts)
        return discharge(instance("int.le.antisym", a=ZERO, b=N), low, high)

    def shorter(known: Theorem, facts: list[Theorem]) -> Theorem:
        def case(c: Theorem) -> Theorem:
            here = [*facts, c]
            if c.right is not TRUE:
                return k.trans(Running(here)(taken(cons)[0]), none(here))
            less = add(MINUS, N)
            return Running(here, [eliminate(known, (less,), held(few(XS), {N: less}, here))]).same(*taken(cons))

        return by_cases(le(ONE, N), *taken(cons), case)

    first = _induction((N,), few, taken, lambda facts: k.trans(Running()(taken(nil)[0]), none(facts)), shorter)

    def step(known: Theorem, facts: list[Theorem]) -> Theorem:
        def case(c: Theorem) -> Theorem:
            here = [*facts, c]
            if c.right is TRUE:
                whole = k.inst({XS: cons}, first)
                return Running(here, [eliminate(whole, (N,), held(few(cons), {}, here))]).same(*sides(cons))
            before = add(MINUS, AT)
            fits = held(conditions(XS), {AT: before}, here)
            return Running(here, [eliminate(known, (before, N), fits)]).same(*sides(cons))

        return by_cases(le(AT, ZERO), *sides(cons), case)

    def base(facts: list[Theorem]) -> Theorem:
        return k.trans(Running(facts)(sides(nil)[0]), none(facts))

    return _induction((AT, N), conditions, sides, base, step)


@cache
def part_all() -> Theorem:
    """|- implies (k n) [all p xs] (all p (part xs k n)) true"""

    def conditions(xs: Term) -> tuple[Term, ...]:
        return (apply("all", EVERY, xs),)

    def taken(xs: Term) -> tuple[Term, Term]:
        return apply("all", EVERY, apply("take", N, xs)), TRUE

    def left_over(xs: Term) -> tuple[Term, Term]:
        return apply("all", EVERY, dropped(xs, AT)), TRUE

    nil, cons = nil_cons(HEAD, XS)
    every = apply("all", EVERY, cons)
    here, rest = parts(k.trans(k.sym(loop_lemmas()["all.cons"]), k.assume(every, TRUE)))

    def by(sides: Sides, variable: Term, test: Term) -> Theorem:
        def step(known: Theorem, facts: list[Theorem]) -> Theorem:
            onward = eliminate(known, (add(MINUS, variable),), [rest])
            return by_cases(test, *sides(cons), lambda c: Running([c], [here, rest, onward]).same(*sides(cons)))

        return _induction((variable,), conditions, sides, lambda _: Running().same(*sides(nil)), step)

    first, second = by(taken, N, le(ONE, N)), by(left_over, AT, le(AT, ZERO))
    given = k.assume(apply("all", EVERY, XS), TRUE)
    tail = eliminate(second, (AT,), [given])
    whole = eliminate(k.inst({XS: dropped(XS, AT)}, first), (N,), [tail])
    return introduce((AT, N), [given.left], whole)


@cache
def window_gotten() -> Theorem:
    """{law of products, 1 <= w} |- implies (k s) [0 <= k, k + w <= length xs]
    (bind (get trap (windows splits lift mul w xs) k) (\\m. ok (act m s)))
    (ok (preduce cut lift mul act (part xs k w) s))"""
    wide = k.assume(le(ONE, WIDTH), TRUE)
    m = t.var("m", M)

    def conditions(xs: Term) -> tuple[Term, ...]:
        return le(ZERO, AT), le(add(AT, WIDTH), apply("length", xs))

    def sides(xs: Term) -> tuple[Term, Term]:
        found = gotten(apply("windows", SPLITS, LIFT, MUL, WIDTH, xs), AT)
        left = apply("bind", found, t.lam(m, apply("ok", t.app(ACT, m, STATE))))
        return left, apply("ok", apply("preduce", CUT, LIFT, MUL, ACT, part(xs, AT, WIDTH), STATE))

    nil, cons = nil_cons(HEAD, XS)
    rest = apply("take", add(MINUS, WIDTH), XS)
    product = at(k.inst({XS: rest, SPLIT: t.app(SPLITS, cons)}, window_product()), HEAD, STATE)

    def step(known: Theorem, facts: list[Theorem]) -> Theorem:
        def case(c: Theorem) -> Theorem:
            here = [*facts, wide, c]
            if c.right is TRUE:
                return Running(here, [product]).same(*sides(cons))
            before = add(MINUS, AT)
            fits = held(conditions(XS), {AT: before}, here)
            return Running(here, [eliminate(known, (before, STATE), fits)]).same(*sides(cons))

        return by_cases(le(AT, ZERO), *sides(cons), case)

    def base(facts: list[Theorem]) -> Theorem:
        return impossible([*facts, wide], *sides(nil))

    return _induction((AT, STATE), conditions, sides, base, step)


@cache
def mapped_gotten() -> Theorem:
    """|- bind (get trap (map f xs) k) g = bind (get trap xs k) (\\x. g (f x))"""
    x = t.var("x", X)

    def sides(xs: Term) -> tuple[Term, Term]:
        left = apply("bind", gotten(apply("map", MADE, xs), AT), AFTER)
        return left, apply("bind", gotten(xs, AT), t.lam(x, t.app(AFTER, t.app(MADE, x))))

    def by(xs: Term, *equations: Theorem) -> Theorem:
        def case(c: Theorem) -> Theorem:
            def inner(d: Theorem) -> Theorem:
                return Running([c, d], equations).same(*sides(xs))

            return by_cases(le(AT, ZERO), *sides(xs), inner)

        return k.abs_(AT, by_cases(le(ZERO, AT), *sides(xs), case))

    nil, cons = nil_cons(HEAD, XS)
    left, right = (t.lam(AT, side) for side in sides(XS))
    known = at(k.assume(left, right), add(MINUS, AT))
    return at(k.list_induction(HEAD, XS, left, right, by(nil), by(cons, known)), AT)


@cache
def gotten_once() -> Theorem:
    """|- bind o (\\x. bind o (h x)) = bind o (\\x. h x x)"""
    x = t.var("x", X)
    left = apply("bind", ONCE, t.lam(x, apply("bind", ONCE, t.app(TWICE, x))))
    right = apply("bind", ONCE, t.lam(x, t.app(TWICE, x, x)))
    forms = apply("ok", x), t.const("trap", ONCE.type), t.const("diverge", ONCE.type)
    return k.outcome_cases(ONCE, x, *(Running((), [k.assume(ONCE, form)]).same(left, right) for form in forms))
