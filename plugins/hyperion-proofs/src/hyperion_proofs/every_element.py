r"""Untrusted. A loop that asks whether something holds for every element, as a test of all elements and nothing else.

    fold (\h x. ok (if h then p x else false)) true xs  =  ok (all p xs)

`hp.Range` of an array and `hp.assume(all(.. for x in xs))` are such loops. In this form they are facts about elements
that later loops over the same array may use (`assumptions`).
"""

from __future__ import annotations

from functools import cache

from hyperion.ir.function import Equation, Function, Region
from hyperion.ir.types import BOOL, I64
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import Pure
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, at, by_cases, chain, cond_is, head, unfold, use
from hyperion_proofs.emission import Emitter, region
from hyperion_proofs.evaluate import Evaluator, no_range
from hyperion_proofs.generic import loop_lemmas
from hyperion_proofs.loop import ABSTRACT, HEAD, XS
from hyperion_proofs.pretty import region_text, source_names
from hyperion_proofs.reduction import LANES, PIECE
from hyperion_proofs.sites import Site
from hyperion_proofs.unfolding import bind_ok, nil_cons

_TYPES = {"'s": t.BOOL}
_F, _P = t.instantiate_types(ABSTRACT.f, _TYPES), ABSTRACT.ok_x


def _fold(h: Term, xs: Term) -> Term:
    return apply("fold", _F, h, xs)


def _value(h: Term, xs: Term) -> Term:
    return apply("ok", apply("cond", h, apply("all", _P, xs), FALSE))


@cache
def every_theorem() -> Theorem:
    """{\\x. f true x = \\x. ok (p x), \\x. f false x = \\x. ok false} |- fold f true xs = ok (all p xs)"""
    h = t.var("s", t.BOOL)
    lemma = {name: k.inst_type(_TYPES, th) for name, th in loop_lemmas().items() if name.startswith(("fold", "all"))}
    held = k.assume(t.lam(HEAD, t.app(_F, TRUE, HEAD)), t.lam(HEAD, apply("ok", t.app(_P, HEAD))))
    failed = k.assume(t.lam(HEAD, t.app(_F, FALSE, HEAD)), t.lam(HEAD, apply("ok", FALSE)))
    nil, cons = nil_cons(HEAD, XS)
    ok = t.const("ok", t.fun(t.BOOL, t.outcome_of(t.BOOL)))

    def chosen(c: Theorem, xs: Term) -> Theorem:
        """|- ok (cond h (all p xs) false) = ok (all p xs) or ok false, by |- h = true or false."""
        value = _value(h, xs)
        return k.app(k.refl(ok), cond_is(c, value.argument))

    def base(c: Theorem) -> Theorem:
        empty = k.trans(
            chosen(c, nil), k.app(k.refl(ok), lemma["all.nil"]) if c.right is TRUE else k.refl(apply("ok", FALSE))
        )
        return chain(lemma["fold.nil"], k.app(k.refl(ok), c), k.sym(empty))

    hypothesis = k.assume(t.lam(h, _fold(h, XS)), t.lam(h, _value(h, XS)))

    def step(c: Theorem) -> Theorem:
        unfolded = lemma["fold.cons"]
        function, (first, rest) = arguments(unfolded.right)
        named = k.app(k.app(k.refl(first.function.function), c), k.refl(HEAD))
        stepped = k.trans(named, at(held if c.right is TRUE else failed, HEAD))
        moved = k.trans(unfolded, k.app(k.app(k.refl(function), stepped), k.refl(rest)))
        onward = bind_ok(moved)
        again = unfold("fold", _fold(onward.right.argument, XS))
        onward = k.trans(onward, k.sym(again))
        found = k.trans(onward, at(hypothesis, stepped.right.argument))
        if c.right is not TRUE:
            return chain(found, k.app(k.refl(ok), cond_is(k.refl(FALSE), found.right.argument)), k.sym(chosen(c, cons)))
        longer = lemma["all.cons"]
        opened = use("and.def", longer.right)
        assert opened is not None
        return k.trans(found, k.sym(k.trans(chosen(c, cons), k.app(k.refl(ok), k.trans(longer, opened)))))

    first = k.abs_(h, by_cases(h, _fold(h, nil), _value(h, nil), base))
    last = k.abs_(h, by_cases(h, _fold(h, cons), _value(h, cons), step))
    th = k.list_induction(HEAD, XS, hypothesis.left, hypothesis.right, first, last)
    whole = at(th, TRUE)
    return k.trans(whole, k.app(k.refl(ok), cond_is(k.refl(TRUE), whole.right.argument)))


def asks_of_every_element(function: Function, index: int) -> bool:
    """Whether a fold has the form of such a loop, over one array with one truth value as its state, and a later step
    traps where it gives false. Without that the loop is a search, which may end early."""
    equation = function.equations[index]
    if equation.attribute("arrays") != 1 or len(equation.operands) != 2 or equation.operands[1].type != BOOL:
        return False
    told = {equation.results[0].name}
    for e in function.equations[index + 1 :]:
        if any(v.name in told for v in e.operands):
            if e.op == "shr":
                return True
            if e.op in ("not", "and", "select"):
                told |= {r.name for r in e.results}
    return False


def every_element(function: Function, index: int) -> tuple[Function, Theorem, str]:
    """The function with the loop as a test of all elements, that it is equal, and what is tested as text.

    Raises NoProof where the loop is another one."""
    if not asks_of_every_element(function, index):
        raise NoProof("the loop does more than to ask something of every element")
    site = Site(function, index)
    equation = site.equation
    loop, array, start = equation.regions[0], *equation.operands
    if site.env[start.name] is not TRUE:
        raise NoProof("the loop does not begin with true")
    f = site.denotation.step(loop, 1, site.env)
    x = t.var("x", f.body.bound_type)
    evaluate = Evaluator(no_range)
    held, failed = (evaluate(t.app(f, c, x)) for c in (TRUE, FALSE))
    if any(head(th.right) != "ok" for th in (held, failed)) or failed.right.argument is not FALSE:
        raise NoProof("the loop does more than to ask something of every element")
    element = site.names.fresh(loop.parameters[0].name, loop.parameters[0].type)
    emitter = Emitter(site.names, site.captured() | {x: element})
    test = region([element], emitter, [emitter.truth(held.right.argument, I64)])
    (result,) = equation.results
    nothing = Region((), (), ())
    lift = Region((site.names.fresh(element.name, element.type),), (), ())
    cut = (("arrays", 1), ("lanes", LANES), ("piece", PIECE))
    whole = Equation((result,), "par.reduce", (array,), cut, (lift, nothing, nothing, test), equation.span)
    found = site.denotation.equation(whole, site.env)
    assert isinstance(found, Pure)
    (value,) = found.values
    p, xs = arguments(value)[1]
    asked = evaluate(t.app(p, x))
    if asked.right is not held.right.argument:
        raise NoProof("the test of an element has no code that denotes it")
    laws = (
        k.abs_(x, k.trans(held, k.app(k.refl(held.right.function), k.sym(asked)))),
        k.abs_(x, failed),
    )
    types = {"'x": x.type}
    at_type = k.inst_type(types, every_theorem())
    values = {t.instantiate_types(v, types): u for v, u in ((_F, f), (_P, p), (XS, xs))}
    proved = discharge(k.inst(values, at_type), *laws)
    new = site.replaced([whole])
    x_name = source_names([loop.parameters[0]])[0].rstrip("_")  # a generator's variable has a name of its own
    (text,) = region_text(test, [x_name])
    return (
        new,
        site.conclude(proved, new),
        f"assumed, and tested at run time: {text} for every {x_name} of {array.name}",
    )
