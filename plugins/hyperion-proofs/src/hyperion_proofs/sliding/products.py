r"""Untrusted search, checked theorems: a window's product in two runs acts as its elements do, one after the other.

    law     act (mul A B) s = act A (act B s)
    -----------------------------------------------------------------------------------------------
    act (trailing cut lift mul xs (leading cut lift mul xs x)) s = preduce cut' lift mul act (x :: xs) s

for every place `cut` between the runs and all pieces `cut'`, by induction on xs. Both are what `acted` is: act (lift x)
for every element, in order.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import abstract, at, by_cases
from hyperion_proofs.loop import ABSTRACT, CUT, HEAD, XS, M, S
from hyperion_proofs.sliding.running import Running
from hyperion_proofs.unfolding import nil_cons

LIFT, MUL, ACT = ABSTRACT.lift, ABSTRACT.mul, ABSTRACT.act
SPLIT = t.var("split", CUT.type)
STATE = t.var("s", S)
_M, _LATER, _EARLIER = (t.var(name, M) for name in ("m", "A", "B"))
_FIRST = t.var("x", HEAD.type)


def law_of(mul: Term, act: Term) -> tuple[Term, Term]:
    """The law as one closed equation."""
    assert mul.type.args is not None and act.type.args is not None and act.type.args[1].args is not None
    summary, state = mul.type.args[0], act.type.args[1].args[0]
    a, b, s = t.var("A", summary), t.var("B", summary), t.var("s", state)
    left, right = t.app(act, t.app(mul, a, b), s), t.app(act, a, t.app(act, b, s))
    return t.lams((a, b, s), left), t.lams((a, b, s), right)


def _law() -> Theorem:
    return k.assume(*law_of(MUL, ACT))


def _acts(x: Term) -> Theorem | None:
    """The law as a rule."""
    if x.kind == "A" and x.type is S and x.function.kind == "A" and x.function.function is ACT:
        function, args = arguments(x.function.argument)
        if function is MUL and len(args) == 2:
            return at(_law(), *args, x.argument)
    return None


def acted(xs: Term, s: Term) -> Term:
    """The state after every element of xs has acted on s."""
    x, ys, r = t.var("x", HEAD.type), t.var("ys", XS.type), t.var("r", t.fun(S, S))
    step = t.lams((x, ys, r, STATE), t.app(r, t.app(ACT, t.app(LIFT, x), STATE)))
    return t.app(apply("listrec", t.lam(STATE, STATE), step, xs), s)


def _induction(
    variables: tuple[Term, ...],
    sides: Callable[[Term], tuple[Term, Term]],
    step: Callable[[Theorem, tuple[Term, Term]], Theorem],
) -> Theorem:
    """|- (\\variables. left) = (\\variables. right) for the sides at xs, by induction on it; `step` proves those at
    x :: xs from that."""
    nil, cons = nil_cons(HEAD, XS)
    left, right = (t.lams(variables, side) for side in sides(XS))
    base = abstract(variables, Running(rules=(_acts,)).same(*sides(nil)))
    after = abstract(variables, step(k.assume(left, right), sides(cons)))
    return k.list_induction(HEAD, XS, left, right, base, after)


def _by_cut(cut: Term, sides: tuple[Term, Term], *equations: Theorem) -> Theorem:
    """|- left = right by both answers of `cut`."""
    _, cons = nil_cons(HEAD, XS)
    test = t.app(cut, cons)
    return by_cases(test, *sides, lambda known: Running((), (known, *equations), (_acts,)).same(*sides))


@cache
def pieces_act() -> Theorem:
    """{law} |- \\m s. pieces cut lift mul act xs m s = \\m s. acted xs (act m s)"""

    def sides(xs: Term) -> tuple[Term, Term]:
        left = t.app(apply("pieces", CUT, LIFT, MUL, ACT, xs), _M, STATE)
        return left, acted(xs, t.app(ACT, _M, STATE))

    def step(known: Theorem, goal: tuple[Term, Term]) -> Theorem:
        lifted = t.app(LIFT, HEAD)
        onward = at(known, lifted, t.app(ACT, _M, STATE)), at(known, t.app(MUL, lifted, _M), STATE)
        return _by_cut(CUT, goal, *onward)

    return _induction((_M, STATE), sides, step)


@cache
def _run_acts() -> Theorem:
    """{law} |- \\m s. act (run lift mul xs m) s = \\m s. acted xs (act m s)"""

    def sides(xs: Term) -> tuple[Term, Term]:
        left = t.app(ACT, apply("run", LIFT, MUL, xs, _M), STATE)
        return left, acted(xs, t.app(ACT, _M, STATE))

    def step(known: Theorem, goal: tuple[Term, Term]) -> Theorem:
        onward = at(known, t.app(MUL, t.app(LIFT, HEAD), _M), STATE)
        return Running((), (onward,), (_acts,)).same(*goal)

    return _induction((_M, STATE), sides, step)


@cache
def _trailing_acts() -> Theorem:
    """{law} |- \\A B s. act (trailing cut lift mul xs (mul A B)) s = \\A B s. act (trailing .. A) (act B s)"""

    def sides(xs: Term) -> tuple[Term, Term]:
        a, b = (apply("trailing", SPLIT, LIFT, MUL, xs, m) for m in (t.app(MUL, _LATER, _EARLIER), _LATER))
        return t.app(ACT, a, STATE), t.app(ACT, b, t.app(ACT, _EARLIER, STATE))

    def step(known: Theorem, goal: tuple[Term, Term]) -> Theorem:
        return _by_cut(SPLIT, goal, at(known, _LATER, _EARLIER, STATE))

    return _induction((_LATER, _EARLIER, STATE), sides, step)


@cache
def _window_acts() -> Theorem:
    """{law} |- \\x s. act (trailing cut .. xs (leading cut .. xs x)) s = \\x s. acted xs (act (lift x) s)"""

    def leading(x: Term) -> Term:
        return apply("leading", SPLIT, LIFT, MUL, XS, x)

    def sides(xs: Term) -> tuple[Term, Term]:
        first = apply("leading", SPLIT, LIFT, MUL, xs, _FIRST)
        left = t.app(ACT, apply("trailing", SPLIT, LIFT, MUL, xs, first), STATE)
        return left, acted(xs, t.app(ACT, t.app(LIFT, _FIRST), STATE))

    def step(known: Theorem, goal: tuple[Term, Term]) -> Theorem:
        after = t.app(ACT, t.app(LIFT, _FIRST), STATE)
        later = at(_run_acts(), t.app(LIFT, HEAD), after)
        moved = at(_trailing_acts(), leading(HEAD), t.app(LIFT, _FIRST), STATE)
        return _by_cut(SPLIT, goal, later, moved, at(known, HEAD, after))

    return _induction((_FIRST, STATE), sides, step)


@cache
def window_product() -> Theorem:
    """{law} |- \\x s. act (trailing cut lift mul xs (leading cut lift mul xs x)) s =
    \\x s. preduce cut' lift mul act (x :: xs) s"""
    whole = at(_window_acts(), _FIRST, STATE)
    pieces = at(pieces_act(), t.app(LIFT, _FIRST), STATE)
    reduced = apply("preduce", CUT, LIFT, MUL, ACT, apply("cons", _FIRST, XS), STATE)
    last = Running().same(reduced, pieces.left)
    return abstract((_FIRST, STATE), k.trans(whole, k.sym(k.trans(last, pieces))))
