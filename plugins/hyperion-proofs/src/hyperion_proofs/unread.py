r"""Untrusted search, checked theorems: a loop over an array whose elements it does not read counts them.

    fold (\\s x. g s) s xs  =  fold (\\s i. g s) s (indices w xs)

for every w, by induction on xs: a sum of one value is then that value times the length, in closed form.
"""

from __future__ import annotations

from functools import cache

from hyperion.ir.function import Equation, Function, Region, walk
from hyperion.ir.types import I64
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.counting import AT, Y0, YS, W, element_lemmas, fold_lemmas, from_index
from hyperion_proofs.derived import at, chain, replace_all, unfold
from hyperion_proofs.emission import Emitter
from hyperion_proofs.loop import HEAD, OUT, S, add, int_
from hyperion_proofs.sites import Site

_G, _STATE = t.var("g", t.fun(S, OUT)), t.var("s", S)


def is_unread(equation: Equation) -> bool:
    """Whether this is a loop over one array that does not read its elements."""
    if equation.op != "fold" or equation.attribute("arrays") != 1:
        return False
    (region,) = equation.regions
    element = region.parameters[0]
    read = [v for e in walk(region.equations) for v in (*e.operands, *(r for b in e.regions for r in b.results))]
    return element not in read and element not in region.results


def by_length(function: Function, index: int) -> tuple[Function, Theorem, int]:
    """The function whose loop at `index`, which is unread, counts the elements; |- the two are equal; where the loop
    is."""
    site = Site(function, index)
    equation = site.equation
    array, *inits = equation.operands
    (region,) = equation.regions
    emitter = Emitter(site.names, {})
    zero, one = emitter.const(0, I64), emitter.const(1, I64)
    length = emitter.op("len", I64, array, hint="n")
    counter = site.names.fresh("i", I64)
    body = Region((counter, *region.parameters[1:]), region.equations, region.results)
    loop = Equation(equation.results, "for", (zero, length, one, *inits), (), (body,), equation.span)
    made = [*emitter.equations, loop]
    outcome = site.loop_outcome()
    step, state, xs = arguments(outcome)[1]
    s = t.var("state~", step.bound_type)
    g = t.lam(s, t.open_binder(t.open_binder(step, s), t.var("element~", step.body.bound_type)))
    w = t.const(f"ofZ.{I64}", t.fun(t.INT, t.type_of(str(I64))))
    types = {"'s": s.type, "'y": step.body.bound_type, "'x": t.type_of(str(I64))}
    th = k.inst_type(types, counted())
    values = {_G: g, _STATE: state, YS: xs, W: w}
    th = k.inst({t.instantiate_types(v, types): x for v, x in values.items()}, th)
    th = chain(k.sym(_reduced(th.left, g)), th, _reduced(th.right, g))
    new = site.replaced(made)
    return new, site.conclude(th, new), index + len(emitter.equations)


def _reduced(x: Term, g: Term) -> Theorem:
    """|- x = x with g applied to the state in its step."""
    return replace_all(x, lambda u: k.beta(u) if u.kind == "A" and u.function is g else None) or k.refl(x)


@cache
def counted() -> Theorem:
    """|- fold (\\s y. g s) s ys = fold (\\s x. g s) s (indices w ys)"""
    body = t.app(_G, _STATE)
    first, last = t.lams((_STATE, Y0), body), t.lams((_STATE, HEAD), body)
    left = t.lams((_STATE, AT), apply("fold", first, _STATE, YS))
    right = t.lams((_STATE, AT), apply("fold", last, _STATE, from_index(W, YS, AT)))
    nil_elements, cons_elements = element_lemmas()
    known = k.assume(left, right)

    def both_ways(th: Theorem) -> Theorem:
        return k.abs_(_STATE, k.abs_(AT, th))

    none = _within(apply("fold", last, _STATE, nil_elements.left), nil_elements)
    base = chain(_empty(first), k.sym(_empty(last)), k.sym(none))
    there = _rest(last, cons_elements.right.argument)
    here = at(known, _STATE, add(int_(1), AT))
    moved = chain(k.sym(_rest(first, YS)), k.abs_(_STATE, here), there)
    opened, closed = _step(first, Y0, YS), _step(last, *arguments(cons_elements.right)[1])
    middle = k.app(k.refl(opened.right.function), moved)
    some = _within(apply("fold", last, _STATE, cons_elements.left), cons_elements)
    step = chain(opened, middle, k.sym(closed), k.sym(some))
    th = k.list_induction(Y0, YS, left, right, both_ways(base), both_ways(step))
    whole = at(th, _STATE, int_(0))
    listed = unfold("indices", apply("indices", W, YS))
    return chain(whole, k.sym(_within(apply("fold", last, _STATE, listed.left), listed)))


def _at_step(th: Theorem, f: Term) -> Theorem:
    """A lemma about a loop at this step."""
    types = {"'x": f.body.bound_type}
    th = k.inst_type(types, th)
    return k.inst({t.var("f", t.fun(S, f.body.bound_type, OUT)): f}, th)


def _empty(f: Term) -> Theorem:
    """|- fold f s [] = ok s"""
    return _at_step(fold_lemmas()[0], f)


def _step(f: Term, x: Term, xs: Term) -> Theorem:
    """|- fold f s (x :: xs) = bind (g s) r, with what follows as the lemma has it."""
    th = _at_step(fold_lemmas()[1], f)
    th = k.inst({t.var("x0", x.type): x, t.var("xs", xs.type): xs}, th)
    function, (o, rest) = arguments(th.right)
    opened = at(k.refl(f), _STATE, x).right
    ran = k.sym(at(k.refl(f), _STATE, x)) if o is opened else _applied(f, x)
    return k.trans(th, k.app(k.app(k.refl(function), ran), k.refl(rest)))


def _applied(f: Term, x: Term) -> Theorem:
    """|- f s x = g s"""
    once = k.beta(t.app(f, _STATE))
    th = k.app(once, k.refl(x))
    return k.trans(th, k.beta(th.right))


def _rest(f: Term, xs: Term) -> Theorem:
    """|- (\\s. fold f s xs) = what follows the first step of a longer loop"""
    opened = unfold("fold", apply("fold", f, _STATE, xs))
    th = k.abs_(_STATE, opened)
    return k.trans(th, k.eta(th.right))


def _within(x: Term, th: Theorem) -> Theorem:
    """|- x = x with th.right for its last argument th.left."""
    return k.app(k.refl(x.function), th)
