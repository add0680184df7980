r"""Untrusted. A loop over the neighbours from some place on, as a product that was made for all places at once.

    before      %ok = .. what the loop asks of any window; %at = when %ok, %xs : ..
                %ms = par.windows (%at), (%w) .. {lift} {mul}
    its place   %r = if %ok and the loop reads %w neighbours, from %b on, that are inside {
                  %m = get %ms, %b; .. act(%m, the initial state) } { the loop as written }

Both are equal for every w. What comes before speaks of the array and w, so that it may stand before loops around.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from hyperion.ir.function import Equation, Function, Region, Value
from hyperion.ir.types import BOOL, I64, INT, ArrayType
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, beta_spine, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import Effect
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.analysis import Refused
from hyperion_proofs.cases import decide, order_of, ordered
from hyperion_proofs.counted import Counted
from hyperion_proofs.counting import N
from hyperion_proofs.derived import (
    NoProof,
    at,
    by_cases,
    chain,
    cond_is,
    exhausted,
    fitted,
    head,
    instance,
    replace_all,
    use,
)
from hyperion_proofs.emission import Emitter, substituted
from hyperion_proofs.implication import both, eliminate, introduce, parts
from hyperion_proofs.ladder.intervals import implied
from hyperion_proofs.loop import CUT, XS, add, int_, le
from hyperion_proofs.reduction import all_finite
from hyperion_proofs.sliding import parts as lemmas
from hyperion_proofs.sliding.access import access_of
from hyperion_proofs.sliding.products import ACT, LIFT, MUL
from hyperion_proofs.sliding.running import Running
from hyperion_proofs.sliding.summary import finite, product_law, where_it_holds, window_loop

ZERO = int_(0)


class InnerLoop:
    """The `for` at `function.equations[index]`; `width` is how many neighbours a turn of the loops around reads."""

    def __init__(self, function: Function, index: int, width: Value, size: str) -> None:
        self.counted = Counted(function, index)
        self.site = self.counted.site
        self.loop = self.site.equation
        if self.counted.step_literal != 1:
            raise Refused("the inner loop goes over an array backwards or in larger steps", span=self.loop.span)
        self.access = access_of(self.loop, self.site.names)
        self.window = window_loop(function, index, self.access)
        self._width, self._size = width, size

    def derive(self) -> tuple[Function, Theorem, int]:
        """The function in the new form, that it is equal, and how many of its equations come before the loop's place,
        behind those that were there."""
        site = self.site
        emitter = Emitter(site.names, site.captured())
        self._before(emitter)
        count = len(emitter.equations)
        fits = self._fits(emitter)
        at_word = emitter.op("cast.wrap", I64, self._places[-1], hint="at")
        site.define(emitter.equations)
        choose = self._choice(fits, at_word)
        chosen = site.denotation.equation(choose, site.env)
        assert isinstance(chosen, Effect)
        th = self._proved(chosen.outcome)
        function = site.replaced([*emitter.equations, choose])
        return function, site.conclude(th, function), count

    # ---- code

    def _before(self, emitter: Emitter) -> None:
        names, array = self.site.names, self.access.array
        assert isinstance(array.type, ArrayType)
        wide = emitter.op("max", I64, self._width, emitter.const(1, I64), hint="wide")
        self._wide = emitter.op("cast", INT, wide, hint="width")
        self._count = emitter.op("len", INT, array, hint="n")
        tests = [
            emitter.op("le", BOOL, emitter.const(1, INT), self._wide),
            emitter.op("le", BOOL, self._count, emitter.const(I64.maximum, INT)),
        ]
        asked = self.window.test(names, array, self._wide)
        if asked is not None:
            emitter.equations += asked[0]
            tests.append(asked[1])
        self._safe = emitter.every(tests, hint="safe")
        self._chosen = names.fresh(f"{array.name}.windowed", ArrayType(self.access.element, (self._size,)))
        emitter.equations.append(Equation((self._chosen,), "when", (self._safe, array)))
        lift, mul = (names.copy(r) for r in self.window.reduce.regions[:2])
        made = tuple(names.fresh("product", ArrayType(v.type, (f"{self._size}.made",))) for v in lift.results)
        self._products = made
        attributes, span = (("arrays", 1),), self.loop.span
        emitter.equations.append(Equation(made, "par.windows", (self._chosen, wide), attributes, (lift, mul), span))

    def _fits(self, emitter: Emitter) -> Value:
        """Whether the loop reads a window that is inside, and no sum on the way leaves i64."""
        wide = self._wide
        count = self.counted.emit_count(emitter)
        tests = [self._safe, emitter.op("le", BOOL, count, wide), emitter.op("le", BOOL, wide, count)]
        self._places = self.access.places(emitter, self.loop.operands[0])
        *way, last = self._places
        for place in way:
            tests.append(emitter.op("le", BOOL, emitter.const(I64.minimum, INT), place))
            end = emitter.op("add", INT, place, wide)
            tests.append(emitter.op("le", BOOL, end, emitter.const(I64.maximum, INT)))
        tests.append(emitter.op("le", BOOL, emitter.const(0, INT), last))
        tests.append(emitter.op("le", BOOL, emitter.op("add", INT, last, wide), self._count))
        return emitter.every(tests, hint="inside")

    def _choice(self, fits: Value, place: Value) -> Equation:
        names, span = self.site.names, self.loop.span
        gotten = [names.fresh("m", a.type.element) for a in self._products if isinstance(a.type, ArrayType)]
        gets = [Equation((m,), "get", (a, place), (), (), span) for m, a in zip(gotten, self._products, strict=True)]
        act = self.window.reduce.regions[2]
        values = dict(zip(act.parameters, (*gotten, *self.loop.operands[3:]), strict=True))
        acted = names.copy(substituted(replace(act, parameters=()), values))
        again = tuple(names.fresh(r.name, r.type) for r in self.loop.results)
        slow = Region((), (replace(self.loop, results=again),), again)
        fast = Region((), (*gets, *acted.equations), acted.results)
        emitter = Emitter(names, {})
        is_finite = all_finite(emitter, acted.results) if self.window.reduction.body.real else None
        if is_finite is not None:
            results = tuple(names.fresh(r.name, r.type) for r in self.loop.results)
            branches = Region((), (), acted.results), names.copy(slow)
            tested = Equation(results, "if", (is_finite,), (), branches, span)
            fast = Region((), (*fast.equations, *emitter.equations, tested), results)
        slow = names.copy(slow)
        return Equation(self.loop.results, "if", (fits,), (), (fast, slow), span)

    # ---- proof

    def _proved(self, chosen: Term) -> Theorem:
        """|- the loop's outcome = that of the choice."""
        loop = self.site.loop_outcome()

        def case(known: Theorem) -> Theorem:
            picked = cond_is(known, chosen)
            if known.right is FALSE:
                return k.sym(picked)
            return chain(self._fast(known, picked.right), k.sym(picked))

        return by_cases(arguments(chosen)[1][0], loop, chosen, case)

    def _term(self, value: Value) -> Term:
        return self.site.env[value.name]

    def _fast(self, known: Theorem, wanted: Term) -> Theorem:
        """|- the loop's outcome = wanted, by |- the test = true."""
        facts = _conjuncts(known)
        inside = [_run(th) for th in facts.values() if head(th.left) == "le"]
        xs, base, wide = (self._term(v) for v in (self.access.array, self._places[-1], self._wide))
        length = self._as_many(wide, facts)
        window = lemmas.part(xs, base, wide)
        asked = [self._term(p) for p in self.window.function.parameters[1:]]
        reduced = at(self.window.theorem, window, *asked)
        step, state, _ = arguments(reduced.left)[1]
        opened = self.counted.opened()
        gathered = self._gathered(step, facts, inside, length)
        whole = chain(opened, gathered)
        if whole.right is not reduced.left:
            raise NoProof("the loop over a window was lost")
        holds = where_it_holds(reduced, self._asked(reduced.right, window, wide, facts))
        cut, lift, mul, act, _, _ = arguments(holds.right.argument)[1]
        shown = self._chosen_product(wanted, facts, inside, (base, wide))
        shown = chain(shown, _gotten_together(shown.right))
        products = arguments(arguments(shown.right)[1][0])[1][1]
        split = arguments(products)[1][0]
        law = product_law(self.window.reduction, mul, act)
        values = {LIFT: lift, MUL: mul, ACT: act, CUT: cut, lemmas.SPLITS: split, XS: xs, lemmas.WIDTH: wide}
        lemma = discharge(fitted(lemmas.window_gotten(), values), law, facts[le(int_(1), wide)])
        found = eliminate(
            lemma, (base, state), [facts[le(ZERO, base)], facts[le(add(base, wide), apply("length", xs))]]
        )
        last = chain(k.sym(found), _applied(found.left))
        there = _applied(shown.right)
        if last.right is not there.right:
            raise NoProof("the product of a window was lost")
        return chain(whole, holds, last, k.sym(there), k.sym(shown))

    def _as_many(self, wide: Term, facts: dict[Term, Theorem]) -> Theorem:
        """|- the length of the loop's numbers = the width."""
        counted = self.counted.counted()
        count = counted.right
        same = instance("int.le.antisym", a=count, b=wide)
        return k.trans(counted, discharge(same, facts[le(count, wide)], facts[le(wide, count)]))

    def _gathered(self, step: Term, facts: dict[Term, Theorem], inside: Sequence[Theorem], length: Theorem) -> Theorem:
        """|- the loop over numbers = the loop over the window."""
        xs, base, wide = (self._term(v) for v in (self.access.array, self._places[-1], self._wide))
        over, element, counted = self.counted.over, self.counted.element, self.counted.step
        law = self._law(step, inside)
        values = {lemmas.COUNTED: counted, lemmas.W: element, XS: xs, lemmas.BASE: base, N: wide}
        values |= {lemmas.STEP: step, lemmas.NUMBERS: over}
        lemma = fitted(lemmas.counted_parts(), values)
        lemma = discharge(lemma, law, facts[le(ZERO, base)], facts[le(add(base, wide), apply("length", xs))])
        run = Running(inside, [length])
        state = self.counted.state
        wanted = [run(le(ZERO, ZERO)), run(le(add(ZERO, apply("length", over)), wide))]
        th = eliminate(lemma, (ZERO, state), wanted)
        start = add(base, ZERO)

        def tidy(u: Term) -> Theorem | None:
            if u is length.left:
                return length
            return _sum(u, base) if u is start else None

        return chain(th, replace_all(th.right, tidy))

    def _law(self, step: Term, facts: Sequence[Theorem]) -> Theorem:
        """|- a turn of the loop gets the next element of the window and runs the step on it."""
        xs, base, wide = (self._term(v) for v in (self.access.array, self._places[-1], self._wide))
        counted, element = self.counted.step, self.counted.element
        s = t.var("s", counted.bound_type)
        low, high = le(ZERO, lemmas.AT), le(add(int_(1), lemmas.AT), wide)
        inside = [*facts, *(_run(k.assume(c, TRUE)) for c in (low, high))]
        run = Running(inside, rules=(_Words(inside, lambda z: lemmas.AT in z.free),))
        left = t.app(counted, s, t.app(element, lemmas.AT))
        right = apply("bind", lemmas.gotten(xs, add(base, lemmas.AT)), t.app(step, s))
        return introduce((lemmas.AT, s), (low, high), run.same(left, right))

    def _asked(self, right: Term, window: Term, wide: Term, facts: dict[Term, Theorem]) -> dict[Term, Theorem]:
        """|- the test of the window's parallel form = true, from the test of the whole array."""
        if head(right) != "cond":
            return {}
        test = arguments(right)[1][0]
        xs, base = self._term(self.access.array), self._term(self._places[-1])
        length = fitted(lemmas.part_length(), {XS: xs})
        positive = implied(le(ZERO, wide), [facts[le(int_(1), wide)]])
        fits = facts[le(add(base, wide), apply("length", xs))]
        length = eliminate(length, (base, wide), [facts[le(ZERO, base)], positive, fits])
        sized = replace_all(test, lambda u: length if u is length.left else None) or k.refl(test)

        def truth(goal: Term) -> Theorem:
            if goal in facts:
                return facts[goal]
            certain = finite(goal)
            if certain is not None:
                return certain
            if head(goal) == "and":
                return both(*(truth(c) for c in arguments(goal)[1]))
            if head(goal) == "all" and arguments(goal)[1][1] is window:
                every = arguments(goal)[1][0]
                lemma = fitted(lemmas.part_all(), {XS: xs, lemmas.EVERY: every})
                return eliminate(lemma, (base, wide), [facts[apply("all", every, xs)]])
            raise NoProof("what is asked of a window is not tested of all")

        return {test: k.trans(sized, truth(sized.right))}

    def _chosen_product(
        self, wanted: Term, facts: dict[Term, Theorem], inside: Sequence[Theorem], sizes: tuple[Term, Term]
    ) -> Theorem:
        """|- wanted = the same with the array, the width and the place in the form of the lemma."""
        base, wide = sizes
        safe = self._term(self._safe)
        held = _all(safe, facts)
        width = apply("max", int_(1), wide)
        place = apply("toZ.i64", apply("ofZ.i64", base))
        words = _Words(inside, lambda z: z is base)

        def rule(u: Term) -> Theorem | None:
            if head(u) == "cond" and len(arguments(u)[1]) == 3 and arguments(u)[1][0] is safe:
                return cond_is(held, u)
            if head(u) == "cond" and len(arguments(u)[1]) == 3:
                certain = finite(arguments(u)[1][0])
                return cond_is(certain, u) if certain is not None else None
            if u is width:
                order = decide(order_of(u), [facts[le(int_(1), wide)]])
                return ordered(u, order) if order is not None else None
            return words(u) if u is place else None

        return replace_all(wanted, rule) or k.refl(wanted)


def _conjuncts(th: Theorem) -> dict[Term, Theorem]:
    """The theorem |- c = true, and one for each part of a conjunction, by its statement."""
    found = {th.left: th}
    if head(th.left) == "and":
        for part in parts(th):
            found |= _conjuncts(part)
    return found


def _run(fact: Theorem) -> Theorem:
    """The fact in the form that `Running` meets."""
    return k.trans(k.sym(Running(rules=(_Words(),))(fact.left)), fact)


def _all(goal: Term, facts: dict[Term, Theorem]) -> Theorem:
    return facts[goal] if goal in facts else both(*(_all(c, facts) for c in arguments(goal)[1]))


def _sum(a: Term, b: Term) -> Theorem:
    same = INTEGERS.equal(a, b)
    if same is None:
        raise NoProof("the sums differ")
    return same


def _gotten_together(x: Term) -> Theorem:
    """|- x = x with one product gotten where its components are, one by one."""

    def rule(u: Term) -> Theorem | None:
        if head(u) != "bind" or u.kind != "A" or u.function.kind != "A":
            return None
        first, then = arguments(u)[1]
        if head(first) == "get" and head(arguments(first)[1][1]) == "map" and not u.loose:
            made, xs = arguments(arguments(first)[1][1])[1]
            return _component(made, xs, first.argument, then)
        return _again(first, then) if then.kind == "L" and head(then.body) == "bind" else None

    return exhausted(x, rule)


def _component(made: Term, xs: Term, place: Term, then: Term) -> Theorem:
    """|- bind (get trap (map f xs) k) g = bind (get trap xs k) (\\x. g (f x)), applied."""
    values = {XS: xs, lemmas.MADE: made, lemmas.AFTER: then, lemmas.AT: place}
    th = fitted(lemmas.mapped_gotten(), values)
    return k.trans(th, _applied(th.right))


def _again(first: Term, then: Term) -> Theorem | None:
    """|- bind o (\\x. bind o (\\y. h x y)) = bind o (\\x. h x x), applied."""
    x = t.var("once~", then.bound_type)
    inner = t.open_binder(then, x)
    o, last = arguments(inner)[1]
    if o is not first or last.kind != "L":
        return None
    th = fitted(lemmas.gotten_once(), {lemmas.ONCE: first, lemmas.TWICE: t.lam(x, last)})
    left, right = _applied(th.left), _applied(th.right)
    return chain(k.sym(left), th, right)


def _applied(x: Term) -> Theorem:
    """|- x = x with functions applied and components of tuples taken."""

    def rule(u: Term) -> Theorem | None:
        if u.kind == "P" and u.body.kind == "T":
            return k.projbeta(u)
        return beta_spine(u) if u.kind == "A" and arguments(u)[0].kind == "L" else None

    return exhausted(x, rule)


class _Words:
    """A rule: the integer of a literal word, and of one of those numbers that the facts say are in range."""

    def __init__(self, facts: Sequence[Theorem] = (), of: Callable[[Term], bool] = lambda _: False) -> None:
        self._facts, self._of = list(facts), of

    def __call__(self, x: Term) -> Theorem | None:
        if head(x) == "inr.i64":
            return use("i64.inr.def", x)
        if head(x) != "toZ.i64" or x.kind != "A" or head(x.argument) != "ofZ.i64":
            return None
        z = x.argument.argument
        if z.kind == "K":
            return k.compute(x)
        if not self._of(z):
            return None
        fits = Running(self._facts, rules=(self,))(apply("inr.i64", z))
        return discharge(instance("i64.to.of", z=z), fits) if fits.right is TRUE else None
