"""Untrusted search, checked theorems: a counting loop in a counting loop, both with steps that are all the same.

f s x = h s, length ys = length qs * length xs:  fold f s ys = fold (\\s q. fold f s xs) s qs

%r = if the number of all turns is an i64 { one loop of so many } else { the loops as written }
"""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from functools import cache

from hyperion.ir.function import Equation, Function
from hyperion.ir.types import I64
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, beta_spine
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import untuple
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.analysis import Refused
from hyperion_proofs.counted import Counted
from hyperion_proofs.counting import ZERO, F, W, fold_lemmas, length_lemmas
from hyperion_proofs.derived import NoProof, abstract, chain, instance, unfold
from hyperion_proofs.emission import Emitter
from hyperion_proofs.evaluate import Evaluator, no_range
from hyperion_proofs.implication import all_parts, eliminate, implies, introduce
from hyperion_proofs.inequalities import nonneg_mul
from hyperion_proofs.jumping import fits, landed, length_here, rewritten
from hyperion_proofs.known_forms import Facts
from hyperion_proofs.loop import HEAD, XS, S, add, int_, le
from hyperion_proofs.nested import captured
from hyperion_proofs.repeating import (
    BS,
    ZS,
    as_long,
    general,
    in_two_parts,
    length_of,
    list_of_length,
)
from hyperion_proofs.splitting import about, both_ways, length_facts, replaced
from hyperion_proofs.unfolding import nil_cons
from hyperion_proofs.versions import versioned

_s = t.var("s", S)
_Q = t.type_variable("'q")
QS, _Q0 = t.var("qs", t.list_of(_Q)), t.var("q0", _Q)


# ---- the theorem


def _fold(s: Term, xs: Term) -> Term:
    return apply("fold", F, s, xs)


def _turns(qs: Term) -> Term:
    """As many turns as qs has elements, all of them over xs."""
    q = t.var("q", _Q)
    return apply("fold", t.lams((_s, q), _fold(_s, XS)), _s, qs)


@cache
def flattened_theorem() -> Theorem:
    """{const} |- implies (ys s) [length ys = length qs * length xs] (fold f s ys) (the turns)"""
    none, further = nil_cons(_Q0, QS)
    size = apply("length", XS)
    q_none, q_longer, q_positive = (about(th, _Q0, QS) for th in length_lemmas())

    def bound(qs: Term) -> Term:
        return apply("mul", apply("length", qs), size)

    def conditions(qs: Term) -> list[Term]:
        total = bound(qs)
        return [le(apply("length", ZS), total), le(total, apply("length", ZS))]

    def statement(qs: Term) -> tuple[Term, Term]:
        return implies((ZS, _s), conditions(qs), _fold(_s, ZS), _turns(qs))

    def scaled(length: Theorem, wanted: Term) -> Theorem:
        """|- bound qs = wanted, from |- length qs = n."""
        product = k.app(k.app(k.refl(apply("mul", size, size).function.function), length), k.refl(size))
        return chain(product, INTEGERS.equal(product.right, wanted))

    empty = nil_cons(HEAD, XS)[0]
    facts = [k.assume(c, TRUE) for c in conditions(none)]
    no_length = length_facts(empty, HEAD, XS)[0].left.function.argument  # length []
    nothing = scaled(q_none, int_(0))
    zero = chain(nothing, k.sym(k.trans(about(length_lemmas()[0], HEAD, XS), k.refl(int_(0)))))
    if zero.right is not no_length:
        raise NoProof("the length of no elements was lost")
    same = eliminate(k.inst({XS: ZS}, as_long()), (empty, _s), [replaced(th, zero) for th in facts])
    base = chain(same, fold_lemmas()[0], k.sym(_first(fold_lemmas()[0], {})))
    base = introduce((ZS, _s), conditions(none), base)

    ih = k.assume(*statement(QS))
    facts = [k.assume(c, TRUE) for c in conditions(further)]
    later = bound(QS)
    fewer, length = list_of_length(later, nonneg_mul(q_positive, length_facts(XS, HEAD, XS)[0]))
    once = scaled(q_longer, add(size, later))
    onward = k.trans(once, k.app(k.refl(once.right.function), k.sym(length)))  # = length xs + length fewer
    split = eliminate(k.inst({BS: fewer}, in_two_parts()), (ZS, _s), [replaced(th, onward) for th in facts])
    tail = k.abs_(_s, eliminate(ih, (fewer, _s), both_ways(length)))
    whole = k.trans(split, k.app(k.refl(split.right.function), tail))
    step = introduce((ZS, _s), conditions(further), k.trans(whole, k.sym(_more())))
    return k.list_induction(_Q0, QS, *statement(QS), base, step)


def _first(lemma: Theorem, more: dict[Term, Term]) -> Theorem:
    """A lemma about a loop, for the turns."""
    turn = _turns(QS).function.function.argument
    types = {"'x": _Q}
    values = {F: turn, **more}
    return k.inst({t.instantiate_types(v, types): x for v, x in values.items()}, k.inst_type(types, lemma))


def _more() -> Theorem:
    """|- the turns of q0 :: qs = bind (fold f s xs) (\\s. the turns of qs)"""
    th = _first(fold_lemmas()[1], {HEAD: _Q0, XS: QS})
    function, (once, rest) = arguments(th.right)
    th = k.trans(th, k.app(k.app(k.refl(function), beta_spine(once)), k.refl(rest)))
    back = k.abs_(_s, k.sym(unfold("fold", _turns(QS))))
    return k.trans(th, k.app(k.refl(th.right.function), k.trans(k.sym(k.eta(back.left)), back)))


# ---- one function


class Nest:
    """The loops at `function.equations[index]` and in it. Raises Refused where the inner one is not all that the outer
    one does, or their steps are not all the same."""

    def __init__(self, function: Function, index: int) -> None:
        self.outer = Counted(function, index)
        self.site = site = self.outer.site
        region = site.names.copy(self.outer.region)
        *before, inner = region.equations or (self.outer.equation,)
        whole = inner.op == "for" and inner.results == region.results
        if not whole or inner.operands[3:] != region.parameters[1:] or any(e.op != "const" for e in before):
            raise Refused("the loop does more than to run another one", span=self.outer.equation.span)
        if {*inner.operands[:3], *captured(inner.regions[0])} & set(region.parameters):
            raise Refused("the inner loop depends on where the outer one is", span=inner.span)
        site.define(before)
        self._before, self._loop = before, inner
        g = self.outer.step
        self._s, self._x = t.var("s", g.bound_type), t.var("x", g.body.bound_type)
        inside = copy(site)
        inside.equation = inner
        values = (self._x, *untuple(self._s, len(inner.results)))
        inside.env = site.env | dict(zip((v.name for v in region.parameters), values, strict=True))
        self.inner = Counted.at(inside)
        if self.outer.step_literal is None or self.inner.step_literal is None:
            raise Refused("the steps of the ranges are not written", span=inner.span)

    def derive(self) -> tuple[Function, Theorem, Equation]:
        """The function with one loop, |- denote(source) = denote(it), and the loop."""
        site, names = self.site, self.site.names
        total = apply("mul", self.outer.count, self.inner.count)
        emitter = Emitter(names, site.captured())
        tests = [le(ZERO, total), *fits(total)]
        test = emitter.every([emitter.truth_exact(x) for x in tests])
        count = emitter.op("cast.wrap", I64, emitter.exact(total), hint="turns")
        bounds = (emitter.const(0, I64), count, emitter.const(1, I64))
        results = tuple(names.fresh(r.name, r.type) for r in site.equation.results)
        loop = replace(self._loop, operands=(*bounds, *self.outer.inits), results=results)

        def prove(held: Theorem) -> Theorem:
            return self._proved(loop, total, {th.left: th for th in all_parts(held, len(tests))})

        made, theorem = versioned(site, [*self._before, *emitter.equations], test, results, prove, [loop])
        return made, theorem, loop

    def _proved(self, loop: Equation, total: Term, facts: Facts) -> Theorem:
        """|- the loops = the one loop."""
        there = copy(self.site)
        there.equation = loop
        one = Counted.at(there)
        opened, last = self.outer.opened(), one.opened()
        turn = self._turn()
        function, qs = opened.right.function, opened.right.argument
        turned = k.app(k.app(k.app(k.refl(function.function.function), turn), k.refl(function.argument)), k.refl(qs))
        ys, xs = last.right.argument, turn.right.body.body.argument
        state = function.argument
        assert qs.type.args is not None
        types = {"'q": qs.type.args[0]}
        theorem = k.inst({t.instantiate_types(QS, types): qs}, k.inst_type(types, flattened_theorem()))
        theorem = general(theorem, self.inner.constant(), {XS: xs}, {W: one.element})
        length = self._length(one, (ys, qs, xs), total, facts)
        flat = eliminate(theorem, (ys, state), both_ways(length))
        return chain(opened, turned, k.sym(flat), k.sym(last))

    def _turn(self) -> Theorem:
        """|- the outer loop's step = (\\s x. fold f s xs)"""
        began, opened = beta_spine(t.app(self.outer.step, self._s, self._x)), self.inner.opened()
        if began.right is not opened.left:
            raise NoProof("the inner loop is not where it was")
        state = opened.right.function.argument
        if state is not self._s:
            fold = opened.right.function.function
            whole = k.app(k.app(k.refl(fold), k.tupeta(self._s)), k.refl(opened.right.argument))
            opened = k.trans(opened, whole)
        if self._s in opened.right.argument.free or self._x in opened.right.argument.free:
            raise NoProof("the inner loop's elements change")
        return abstract((self._s, self._x), opened)

    def _length(self, one: Counted, lists: tuple[Term, Term, Term], total: Term, facts: Facts) -> Theorem:
        """|- length ys = length qs * length xs"""
        ys, qs, xs = lists
        elements = one.over.argument
        moved = rewritten(elements, landed(total, facts))  # = -(a // 1)
        exact = _by_one(moved.right.argument.function.argument)
        opposite = k.app(k.refl(moved.right.function), exact)
        plain = Evaluator(no_range)(total)
        number = chain(moved, opposite, INTEGERS.equal(opposite.right, plain.right), k.sym(plain))  # = total
        positive = k.trans(k.app(k.refl(le(ZERO, ZERO).function), number), facts[le(ZERO, total)])
        mine = chain(length_of(ys), length_here(one, positive), number)
        sides = [_length(counted_, over) for counted_, over in ((self.outer, qs), (self.inner, xs))]
        product = k.app(k.app(k.refl(total.function.function), sides[0]), sides[1])
        first, last = plain, Evaluator(no_range)(product.right)
        if first.right is not last.right:
            raise NoProof("the number of turns is another")
        return chain(mine, first, k.sym(last), k.sym(product))


def _length(loop: Counted, xs: Term) -> Theorem:
    """|- length xs = the loop's count, for its elements xs; as a number where that is known."""
    th = length_of(xs)
    return k.trans(th, loop.counted()) if loop.over.free else th


def _by_one(b: Term) -> Theorem:
    """|- floordiv b 1 = b"""
    one = int_(1)
    parts = instance("int.floordiv.mod", a=b, m=one)  # 1 * (b // 1) + b % 1 = b
    period = instance("int.mod.period", a=ZERO, k=b, m=one)  # (0 + b * 1) % 1 = 0 % 1
    same = INTEGERS.equal(b, period.left.function.argument)
    assert same is not None
    rest = k.app(k.app(k.refl(period.left.function.function), same), k.refl(one))
    rest = chain(rest, period, k.compute(period.right))  # b % 1 = 0
    whole = k.app(k.refl(parts.left.function), rest)
    quotient = apply("floordiv", b, one)
    return chain(INTEGERS.equal(quotient, whole.right), k.sym(whole), parts)
