r"""Untrusted search, checked theorems: a loop whose states do not all depend on each other is a scan and then a loop.

    F (mk s u) x = bind (f s x) (\q. bind (g u q.1) (\v. ok (mk q.0 v)))         neither f nor g diverges
    ------------------------------------------------------------------------------------------------------
    fold F (mk s u) xs = bind (scan f s xs) (\q. bind (fold g u q.1) (\v. ok (mk q.0 v)))

f is the step of the states s, which do not depend on u, and gives an element for each of xs; g is the step of the
states u over these. By induction on xs for all s and u. There is one trap, so it does not matter that the scan may trap
in a later turn than the loop after it does.

    together (columns ys)  =  ys           the arrays that a scan makes, run over together, are the elements it made
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.kernel import Theorem
from hyperion.logic.loops import columns, together
from hyperion.logic.meaning import tuple_type
from hyperion.logic.terms import Term
from hyperion_proofs.derived import at, chain, head, replace_all, unfold, use
from hyperion_proofs.loop import S, X
from hyperion_proofs.unfolding import beta_all, nil_cons, reduce_list, sure

U, P, Y = (t.type_variable(n) for n in ("'u", "'p", "'y"))
WHOLE = t.var("F", t.fun(P, X, t.outcome_of(P)))
FIRST = t.var("f", t.fun(S, X, t.outcome_of(t.type_of("prod", S, Y))))
LAST = t.var("g", t.fun(U, Y, t.outcome_of(U)))
BOTH = t.var("mk", t.fun(S, U, P))
STATE, REST = t.var("s", S), t.var("u", U)
HEAD, XS = t.var("x0", X), t.var("xs", t.list_of(X))
_MADE = t.var("q", t.type_of("prod", S, Y))
_RUN = t.var("r", t.type_of("prod", S, t.list_of(Y)))
_NEXT = t.var("v", U)
_ELEMENT = t.var("y0", Y)
_TRAP = t.const("trap", t.outcome_of(P))

Rule = Callable[[Term], Theorem | None]


def _then(o: Term, v: Term, after: Term) -> Term:
    return apply("bind", o, t.lam(v, after))


def _one_step(s: Term, u: Term, x: Term) -> Term:
    last = t.app(LAST, u, t.proj(1, _MADE))
    return _then(t.app(FIRST, s, x), _MADE, _then(last, _NEXT, apply("ok", t.app(BOTH, t.proj(0, _MADE), _NEXT))))


def _in_two(s: Term, u: Term, xs: Term) -> Term:
    last = apply("fold", LAST, u, t.proj(1, _RUN))
    made = apply("ok", t.app(BOTH, t.proj(0, _RUN), _NEXT))
    return _then(apply("scan", FIRST, s, xs), _RUN, _then(last, _NEXT, made))


def simplified(x: Term, *rules: Rule) -> Theorem:
    """|- x = x with binds of known outcomes run, functions applied, components taken, and what `rules` say."""

    def rule(u: Term) -> Theorem | None:
        if u.kind == "P" and u.body.kind == "T":
            return k.projbeta(u)
        if u.kind == "A" and u.function.kind == "L":
            return k.beta(u)
        args = arguments(u)[1] if head(u) == "bind" else []
        if len(args) == 2 and head(args[0]) in ("ok", "trap", "diverge"):
            opened = unfold("bind", u)
            return beta_all(k.trans(opened, sure(use(f"outcase.{head(args[0])}", opened.right))))
        return next((th for th in (r(u) for r in rules) if th is not None), None)

    th = k.refl(x)
    while (more := replace_all(th.right, rule)) is not None:
        th = k.trans(th, more)
    return th


def rewriting(*facts: Theorem) -> Rule:
    """The rule that puts the right sides of equations for their left sides."""
    known = {th.left: th for th in facts}
    return known.get


def _rest_of(loop: Term) -> Rule:
    """The rule that writes the rest of a loop of this form, after its first step, as a loop."""
    name, (_, (f, _, xs)) = head(loop), arguments(loop)
    inside = unfold(name, loop).right.function

    def rule(u: Term) -> Theorem | None:
        if u.kind == "A" and u.function is inside:
            return k.sym(unfold(name, apply(name, f, u.argument, xs)))
        return None

    return rule


def _stepping(f: Term) -> Rule:
    """The rule that runs the first step of a fold by f."""

    def rule(u: Term) -> Theorem | None:
        args = arguments(u)[1] if head(u) == "fold" else []
        return reduce_list("fold", u) if len(args) == 3 and args[0] is f and head(args[2]) in ("nil", "cons") else None

    return rule


def _ends(o: Term, v: Term) -> list[Theorem]:
    forms = (apply("ok", v), t.const("trap", o.type), t.const("diverge", o.type))
    return [k.assume(o, form) for form in forms]


def _joined(left: Term, right: Term, *rules: Rule) -> Theorem:
    return k.trans(simplified(left, *rules), k.sym(simplified(right, *rules)))


@cache
def _ends_hypotheses() -> tuple[Theorem, Theorem]:
    """That f and g do not diverge: what follows them and only traps does trap."""
    first = _then(t.app(FIRST, STATE, HEAD), _MADE, _TRAP)
    last = _then(t.app(LAST, REST, _ELEMENT), _NEXT, _TRAP)
    return (
        k.assume(t.lams((STATE, HEAD), first), t.lams((STATE, HEAD), _TRAP)),
        k.assume(t.lams((REST, _ELEMENT), last), t.lams((REST, _ELEMENT), _TRAP)),
    )


def _no_diverging(th: Theorem, end: Theorem) -> Rule:
    """From |- bind o (\\v. trap) = trap and |- o = diverge: the rule that diverge = trap."""
    ran = simplified(th.left, rewriting(end))
    impossible = k.trans(k.sym(ran), th)  # diverge = trap
    return rewriting(impossible)


@cache
def _scan_ends() -> Theorem:
    """|- (\\s. bind (scan f s xs) (\\r. trap)) = (\\s. trap)"""

    def left(xs: Term) -> Term:
        return _then(apply("scan", FIRST, STATE, xs), _RUN, _TRAP)

    nil, cons = nil_cons(HEAD, XS)
    known = k.assume(t.lam(STATE, left(XS)), t.lam(STATE, _TRAP))
    base = _joined(left(nil), _TRAP, lambda u: reduce_list("scan", u) if u is left(nil).function.argument else None)
    now = t.app(FIRST, STATE, HEAD)
    first_step = reduce_list("scan", left(cons).function.argument)
    back = _rest_of(apply("scan", FIRST, STATE, XS))
    there = apply("scan", FIRST, t.proj(0, _MADE), XS)
    opened = k.app(k.app(k.refl(left(cons).function.function), first_step), k.refl(left(cons).argument))
    cases: list[Theorem] = []
    for end in _ends(now, _MADE):
        if head(end.right) == "ok":
            hypothesis = at(known, t.proj(0, _MADE))
            inner = [
                _joined(opened.right, _TRAP, rewriting(end, e), back, *_impossible(hypothesis, e))
                for e in _ends(there, _RUN)
            ]
            cases.append(k.outcome_cases(there, _RUN, *inner))
        else:
            law = at(_ends_hypotheses()[0], STATE, HEAD)
            cases.append(_joined(opened.right, _TRAP, rewriting(end), back, *_impossible(law, end)))
    step = k.trans(opened, k.outcome_cases(now, _MADE, *cases))
    return k.list_induction(HEAD, XS, known.left, known.right, k.abs_(STATE, base), k.abs_(STATE, step))


def _impossible(law: Theorem, end: Theorem) -> Sequence[Rule]:
    """Where an outcome diverges that does not by this law."""
    return [_no_diverging(law, end)] if head(end.right) == "diverge" else []


@cache
def in_two() -> Theorem:
    """{the three laws} |- (\\s u. fold F (mk s u) xs) = (\\s u. the scan and the loop after it)"""

    def left(xs: Term) -> Term:
        return apply("fold", WHOLE, t.app(BOTH, STATE, REST), xs)

    nil, cons = nil_cons(HEAD, XS)
    states = (STATE, REST)
    one = t.app(WHOLE, t.app(BOTH, STATE, REST), HEAD)
    law = at(
        k.assume(t.lams((*states, HEAD), one), t.lams((*states, HEAD), _one_step(STATE, REST, HEAD))), *states, HEAD
    )
    first_ends, last_ends = _ends_hypotheses()
    known = k.assume(t.lams(states, left(XS)), t.lams(states, _in_two(STATE, REST, XS)))

    def empty(u: Term) -> Theorem | None:
        args = arguments(u)[1] if head(u) in ("fold", "scan") else []
        return reduce_list(head(u), u) if len(args) == 3 and head(args[2]) == "nil" else None

    base = _joined(left(nil), _in_two(STATE, REST, nil), empty)
    goal = _in_two(STATE, REST, cons)
    longer = reduce_list("scan", goal.function.argument)
    longer = k.app(k.app(k.refl(goal.function.function), longer), k.refl(goal.argument))
    start = simplified(reduce_list("fold", left(cons)).right, rewriting(law))
    start = k.trans(reduce_list("fold", left(cons)), start)
    loops = (
        apply("scan", FIRST, STATE, XS),
        apply("fold", WHOLE, t.app(BOTH, STATE, REST), XS),
        apply("fold", LAST, REST, t.proj(1, _RUN)),
    )
    back = [_rest_of(loop) for loop in loops]
    now, then = t.app(FIRST, STATE, HEAD), t.app(LAST, REST, t.proj(1, _MADE))
    there = apply("scan", FIRST, t.proj(0, _MADE), XS)
    hypothesis = at(known, t.proj(0, _MADE), _NEXT)
    scan_law = at(_scan_ends(), t.proj(0, _MADE))

    def close(*ends: Theorem, rules: Sequence[Rule] = ()) -> Theorem:
        all_rules = (rewriting(*ends), *back, _stepping(LAST), *rules)
        return _joined(start.right, longer.right, *all_rules)

    def after(end: Theorem) -> Theorem:
        """Where f gives a value."""
        cases: list[Theorem] = []
        for e in _ends(then, _NEXT):
            rules = [*_impossible(at(last_ends, REST, t.proj(1, _MADE)), e)]
            rules += [rewriting(hypothesis)] if head(e.right) == "ok" else []
            ways = [close(end, e, w, rules=[*rules, *_impossible(scan_law, w)]) for w in _ends(there, _RUN)]
            cases.append(k.outcome_cases(there, _RUN, *ways))
        return k.outcome_cases(then, _NEXT, *cases)

    ok, *others = _ends(now, _MADE)
    cases = [after(ok), *(close(e, rules=_impossible(at(first_ends, STATE, HEAD), e)) for e in others)]
    step = chain(start, k.outcome_cases(now, _MADE, *cases), k.sym(longer))
    both = [k.abs_(STATE, k.abs_(REST, th)) for th in (base, step)]
    return k.list_induction(HEAD, XS, known.left, known.right, *both)


@cache
def of_columns(count: int) -> Theorem:
    """|- the list of the tuples of elements of the `count` columns of ys = ys"""
    ty = tuple_type([t.type_variable(f"'y{i}") for i in range(count)])
    y, ys = t.var("y0", ty), t.var("ys", t.list_of(ty))
    nil, cons = nil_cons(y, ys)

    def whole(xs: Term) -> Term:
        return together(columns(xs, count))

    if count == 1:
        return k.refl(ys)
    known = k.assume(whole(ys), ys)
    base = simplified(whole(nil), _listed)
    step = simplified(whole(cons), _listed)
    step = chain(step, replace_all(step.right, as_tuple))
    step = chain(step, replace_all(step.right, rewriting(known)))
    return k.list_induction(y, ys, known.left, known.right, base, step)


def _listed(u: Term) -> Theorem | None:
    """map and zip of lists that are known to be empty, or to have a first element."""
    name, (_, args) = head(u), arguments(u)
    if name == "map" and len(args) == 2 and head(args[1]) in ("nil", "cons"):
        return _with_rest(reduce_list("map", u), args[0], args[1])
    if name == "zip" and len(args) == 2 and head(args[0]) == head(args[1]) and head(args[0]) in ("nil", "cons"):
        return _zipped(u)
    return None


def _with_rest(th: Theorem, f: Term, xs: Term) -> Theorem:
    if head(xs) == "nil":
        return th
    back = k.sym(unfold("map", apply("map", f, xs.argument)))
    return k.trans(th, sure(replace_all(th.right, lambda v: back if v is back.left else None)))


def _zipped(u: Term) -> Theorem:
    _, (xs, ys) = arguments(u)
    th = reduce_list("zip", u)
    if head(xs) == "nil":
        return th
    th = beta_all(k.trans(th, sure(use("listrec.cons", th.right))))
    back = k.sym(beta_all(unfold("zip", apply("zip", xs.argument, ys.argument))))
    return k.trans(th, sure(replace_all(th.right, lambda v: back if v is back.left else None)))


def as_tuple(u: Term) -> Theorem | None:
    """|- (p.0, p.1, ..) = p"""
    if u.kind != "T" or u.items[0].kind != "P" or u.items[0].body.type is not u.type:
        return None
    whole = u.items[0].body
    return k.tupeta(whole) if k.tupeta(whole).left is u else None
