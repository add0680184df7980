r"""Untrusted. One outcome approximates another: it is a trap, diverges, or is the same value.

    o [= r   says   upto o r = r,    where upto o r is o where that is a value, else r.

The body of a recursion is monotone: from L a [= R a for all a, F L a [= F R a. Its structure shows it, for calls of
itself in sequence and in branches. So, by induction on the first list,

    length xs <= length zs:   recursion F xs a [= recursion F zs a
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import argument_type
from hyperion.logic.terms import Term
from hyperion_proofs.analysis import Refused
from hyperion_proofs.derived import abstract, at, by_cases, chain, cond_is, contradiction, fitted, fresh, head, use
from hyperion_proofs.implication import eliminate, implies, introduce
from hyperion_proofs.loop import le
from hyperion_proofs.recursions.affine import Facts
from hyperion_proofs.recursions.outcomes import fuel_lengths, once
from hyperion_proofs.recursions.reading import Reader
from hyperion_proofs.unfolding import reduce_list, sure

_A, _B = t.type_variable("'a"), t.type_variable("'b")
_O, _P, _Q = (t.var(name, t.outcome_of(_B)) for name in "opq")
XS, ITEM = t.var("ys", t.list_of(t.BOOL)), t.var("y0", t.BOOL)
_ZS, _OTHER = t.var("zs", t.list_of(t.BOOL)), t.var("z0", t.BOOL)


def upto(o: Term, r: Term) -> Term:
    return apply("outcase", o, t.const("ok", t.fun(argument_type(o.type), o.type)), r, r)


def joined(below: Term, above: Term) -> Term:
    r"""\b. upto (L b) (R b)."""
    b = fresh(t.domain(below.type), "b")
    return t.lam(b, upto(t.app(below, b), t.app(above, b)))


def outcomes_of(o: Term, prove: Callable[[Theorem], Theorem]) -> Theorem:
    """The theorem that `prove` has from o = ok v, o = trap and o = diverge."""
    v = fresh(argument_type(o.type))
    forms = (apply("ok", v), t.const("trap", o.type), t.const("diverge", o.type))
    return k.outcome_cases(o, v, *(prove(k.assume(o, form)) for form in forms))


def read(x: Term, *given: Theorem) -> Theorem:
    return Reader(Facts(), {th.left: th for th in given})(x)


def _both(left: Term, right: Term, *given: Theorem) -> Theorem:
    """|- left = right, which read the same."""
    first, last = read(left, *given), read(right, *given)
    return k.trans(first, k.sym(last))


@cache
def _itself() -> Theorem:
    """|- upto o o = o."""
    return outcomes_of(_O, lambda th: _both(upto(_O, _O), _O, th))


@cache
def _below_joined() -> Theorem:
    """|- upto o (upto o p) = upto o p."""
    return outcomes_of(_O, lambda th: _both(upto(_O, upto(_O, _P)), upto(_O, _P), th))


@cache
def _transitive() -> Theorem:
    """{upto o p = p, upto p q = q} |- upto o q = q."""
    first, second = k.assume(upto(_O, _P), _P), k.assume(upto(_P, _Q), _Q)

    def case(th: Theorem) -> Theorem:
        if head(th.right) != "ok":
            return read(upto(_O, _Q), th)
        same = k.sym(k.trans(k.sym(read(first.left, th)), first))  # p = o's value
        last = k.sym(k.trans(k.sym(read(second.left, same)), second))
        return k.trans(read(upto(_O, _Q), th), k.sym(last))

    return outcomes_of(_O, case)


def itself(o: Term) -> Theorem:
    return fitted(_itself(), {_O: o})


def below_joined(o: Term, p: Term) -> Theorem:
    return fitted(_below_joined(), {_O: o, _P: p})


def transitive(first: Theorem, second: Theorem) -> Theorem:
    """From o [= p and p [= q: o [= q."""
    o = arguments(first.left)[1][0]
    th = fitted(_transitive(), {_O: o, _P: first.right, _Q: second.right})
    return discharge(th, first, second)


def trapped(r: Term, o: Term | None = None) -> Theorem:
    """trap [= r, or diverge [= r."""
    o = t.const("trap", r.type) if o is None else o
    return sure(use(f"outcase.{head(o)}", upto(o, r)))


# ---- bodies


def monotone(body: Term) -> Theorem:
    r"""|- (\L R a. upto (F L a) (F (joined L R) a)) = (\L R a. F (joined L R) a)."""
    below, above, a = _variables(body)
    return abstract((below, above, a), _Monotone(below, joined(below, above))(t.app(body, below, a)))


def _claim(body: Term) -> tuple[Term, Term]:
    below, above, a = _variables(body)
    high = t.app(body, joined(below, above), a)
    return t.lams((below, above, a), upto(t.app(body, below, a), high)), t.lams((below, above, a), high)


def _variables(body: Term) -> tuple[Term, Term, Term]:
    kind = t.domain(body.type)
    return t.var("L", kind), t.var("R", kind), t.var("a", t.domain(kind))


class _Monotone:
    """x [= x with `above` for `below`."""

    def __init__(self, below: Term, above: Term) -> None:
        self._below, self._above = below, above

    def _raised(self, x: Term) -> Term:
        return t.substitute(x, {self._below: self._above})

    def __call__(self, x: Term) -> Theorem:
        if self._below not in x.free:
            return itself(x)
        name, (function, args) = head(x), arguments(x)
        if function.kind == "L":
            return self._reduced(x)
        if function is self._below and len(args) == 1 and self._below not in args[0].free:
            return self._call(x)
        if name == "bind":
            return self._sequence(x, *args)
        if name == "cond" and self._below not in args[0].free:
            return self._branches(x, *args)
        raise Refused("the recursion calls itself inside of a loop or of an argument of itself")

    def _reduced(self, x: Term) -> Theorem:
        first = read_head(x)
        th = self(first.right)
        return moved(th, k.sym(first), k.sym(read_head(self._raised(x))))

    def _call(self, x: Term) -> Theorem:
        beta = k.beta(t.app(self._above, x.argument))
        _, (o, _, rest, _) = arguments(beta.right)
        return moved(below_joined(o, rest), None, k.sym(beta))

    def _sequence(self, x: Term, o: Term, function: Term) -> Theorem:
        v = fresh(argument_type(o.type))
        th, first = t.app(function, v), self(o)
        rest = k.abs_(v, self(th))
        more = self._raised(function)
        lemma, variables = _sequences()
        whole = fitted(lemma, dict(zip(variables, (o, first.right, function, more), strict=True)))
        return discharge(whole, first, rest)

    def _branches(self, x: Term, test: Term, yes: Term, no: Term) -> Theorem:
        first, second = self(yes), self(no)
        y = self._raised(x)
        sides = upto(x, y), y

        def case(known: Theorem) -> Theorem:
            chosen = first if known.right is TRUE else second
            left, right = (k.sym(cond_is(known, z)) for z in (x, y))
            return moved(chosen, left, right)

        return by_cases(test, *sides, case)


def read_head(x: Term) -> Theorem:
    """|- x = x without the redex at its head."""
    function, args = arguments(x)
    th = k.beta(t.app(function, args[0]))
    for a in args[1:]:
        th = k.app(th, k.refl(a))
    return th


def moved(th: Theorem, first: Theorem | None, last: Theorem) -> Theorem:
    """From o [= p, |- o = o' and |- p = p': o' [= p'."""
    function, (o, ok, *_) = arguments(th.left)
    left = k.app(k.app(k.refl(function), first or k.refl(o)), k.refl(ok))
    left = k.app(k.app(left, last), last)
    return chain(k.sym(left), th, last)


@cache
def _sequences() -> tuple[Theorem, tuple[Term, ...]]:
    r"""{upto o p = p, (\v. upto (f v) (g v)) = (\v. g v)} |- upto (bind o f) (bind p g) = bind p g."""
    o, p = (t.var(name, t.outcome_of(_A)) for name in "op")
    f, g = (t.var(name, t.fun(_A, t.outcome_of(_B))) for name in "fg")
    v = t.var("v", _A)
    first = k.assume(upto(o, p), p)
    second = k.assume(t.lam(v, upto(t.app(f, v), t.app(g, v))), t.lam(v, t.app(g, v)))
    x, y = apply("bind", o, f), apply("bind", p, g)

    def case(th: Theorem) -> Theorem:
        if head(th.right) != "ok":
            return read(upto(x, y), th)
        same = k.sym(k.trans(k.sym(read(first.left, th)), first))  # p = ok v
        value = th.right.argument
        lemma = at(second, value)
        return moved(lemma, k.sym(read(x, th)), k.sym(read(y, same)))

    return outcomes_of(o, case), (o, p, f, g)


# ---- more fuel


@cache
def fuel_lemma() -> tuple[Theorem, Term]:
    r"""{F is monotone} |- implies (zs, a) [length xs <= length zs] (upto (rec F xs a) (rec F zs a)) (rec F zs a)."""
    body = t.var("F", t.fun(t.fun(_A, t.outcome_of(_B)), _A, t.outcome_of(_B)))
    a = t.var("a", _A)
    monotonic = k.assume(*_claim(body))

    def call(fuel: Term, argument: Term = a) -> Term:
        return apply("recursion", body, fuel, argument)

    def condition(xs: Term, zs: Term) -> Term:
        return le(apply("length", xs), apply("length", zs))

    def claim(xs: Term) -> tuple[Term, Term]:
        return implies((_ZS, a), (condition(xs, _ZS),), upto(call(xs), call(_ZS)), call(_ZS))

    def inner(xs: Term, zs: Term) -> tuple[Term, Term]:
        return implies((a,), (condition(xs, zs),), upto(call(xs), call(zs)), call(zs))

    nil = t.const("nil", XS.type)
    cons, more = apply("cons", ITEM, XS), apply("cons", _OTHER, _ZS)
    no_length, longer, nonneg = fuel_lengths()
    ends = reduce_list("recursion", call(nil))
    base = introduce((_ZS, a), (condition(nil, _ZS),), read(upto(call(nil), call(_ZS)), ends))

    none = k.assume(condition(cons, nil), TRUE)
    shorter = _lengths(none, longer, no_length)
    refuted = Facts(nonneg).decide(shorter.left)
    assert refuted is not None
    assert refuted.right is FALSE
    absurd = contradiction(chain(k.sym(shorter), refuted), upto(call(cons), call(nil)), call(nil))
    empty = introduce((a,), (condition(cons, nil),), absurd)

    ih = k.assume(*claim(XS))
    enough = k.assume(condition(cons, more), TRUE)
    both = _lengths(enough, longer, k.inst({XS: _ZS, ITEM: _OTHER}, longer))
    rest = Facts(both).at_most(*arguments(condition(XS, _ZS))[1])
    assert rest is not None
    r, r_more = (apply("recursion", body, fuel) for fuel in (XS, _ZS))
    higher = raised(monotonic, r, r_more, a, eliminate(ih, (_ZS, a), (rest,)))
    ends = moved(higher, k.sym(once(body, ITEM, XS, a)), k.sym(once(body, _OTHER, _ZS, a)))
    full = introduce((a,), (condition(cons, more),), ends)
    step = k.abs_(_ZS, k.list_induction(_OTHER, _ZS, *inner(cons, _ZS), empty, full))
    return k.list_induction(ITEM, XS, *claim(XS), base, step), body


def _lengths(th: Theorem, first: Theorem, second: Theorem) -> Theorem:
    """From |- le a b = true, |- a = c and |- b = d: |- le c d = true."""
    function = th.left.function.function
    return k.trans(k.sym(k.app(k.app(k.refl(function), first), second)), th)


def raised(monotonic: Theorem, below: Term, above: Term, a: Term, th: Theorem) -> Theorem:
    r"""From the theorem that F is monotone and L a [= R a for all a, a variable: F L a [= F R a."""
    whole = at(monotonic, below, above, a)
    same = k.abs_(a, th)
    same = k.trans(same, k.eta(same.right))  # (\a. upto (L a) (R a)) = R
    body = whole.right.function.function
    return moved(whole, None, k.app(k.app(k.refl(body), same), k.refl(a)))


def more_fuel(monotonic: Theorem, body: Term, xs: Term, zs: Term, a: Term, th: Theorem) -> Theorem:
    """From |- length xs <= length zs: recursion F xs a [= recursion F zs a."""
    lemma, variable = fuel_lemma()
    return eliminate(discharge(fitted(lemma, {variable: body, XS: xs}), monotonic), (zs, a), (th,))
