r"""Untrusted. The theorem of a recursion that became a loop because each call ends in the next.

After as many turns as ys has elements the state is s, and what is left to do is the call that it stands for:

    length ys <= n:   bind (states ys) (\s. recursion F zs (z0 - length ys, s)) = recursion F (flipped ys zs) (z0, s0)

by induction on ys, for every zs, since F r (z, s) = bind (f s i) (\s. r (z - 1, s)) in each turn i. Lists of one length
are as good as fuel, so that zs can be chosen to have what the turns leave of it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, cached_property

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.denote import DEEPEST
from hyperion.logic.derived import arguments, discharge, head
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import Effect, outcome, tuple_of, untuple
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.counted import Counted
from hyperion_proofs.counting import opened_recursion
from hyperion_proofs.derived import (
    NoProof,
    at,
    by_cases,
    chain,
    contradiction,
    fitted,
    fresh,
    instance,
    replace_all,
)
from hyperion_proofs.implication import all_parts, eliminate, implies, introduce
from hyperion_proofs.loop import add, int_, le
from hyperion_proofs.recursions.affine import Facts, affine
from hyperion_proofs.recursions.approximation import ITEM, XS
from hyperion_proofs.recursions.looped import no_less, undivided
from hyperion_proofs.recursions.outcomes import fuel_lengths, length_of_count, once, rewritten
from hyperion_proofs.recursions.reading import Reader, flat
from hyperion_proofs.recursions.states import (
    flipped,
    flipped_length,
    folded_states,
    opened_states,
    projections,
    states,
)
from hyperion_proofs.recursions.tails import Tail
from hyperion_proofs.sites import Site
from hyperion_proofs.unfolding import bind_ok

_ZS, _OTHER = t.var("zs", XS.type), t.var("z0", t.BOOL)
_I = t.var("i", t.INT)
_NIL, _CONS = t.const("nil", XS.type), apply("cons", ITEM, XS)


def _length(xs: Term) -> Term:
    return apply("length", xs)


@cache
def _same_length() -> tuple[Theorem, Term]:
    """|- implies (zs) [length xs <= length zs, length zs <= length xs] (recursion F xs) (recursion F zs), and F."""
    a, b = t.type_variable("'a"), t.type_variable("'b")
    body = t.var("F", t.fun(t.fun(a, t.outcome_of(b)), a, t.outcome_of(b)))
    x = t.var("a", a)
    none, longer, nonneg = fuel_lengths()
    more = apply("cons", _OTHER, _ZS)
    longer_zs, nonneg_zs = (k.inst({ITEM: _OTHER, XS: _ZS}, th) for th in (longer, nonneg))
    known = {th.left: th for th in (none, longer, longer_zs)}

    def call(fuel: Term) -> Term:
        return apply("recursion", body, fuel)

    def conditions(xs: Term, zs: Term) -> tuple[Term, Term]:
        return le(_length(xs), _length(zs)), le(_length(zs), _length(xs))

    def claim(xs: Term, zs: Term) -> tuple[Term, Term]:
        return implies((), conditions(xs, zs), call(xs), call(zs))

    def measured(th: Theorem) -> Theorem:
        return k.trans(k.sym(rewritten(th.left, known)), th)

    def absurd(xs: Term, zs: Term) -> Theorem:
        facts = [measured(k.assume(c, TRUE)) for c in conditions(xs, zs)]
        for th in facts:
            refuted = Facts(nonneg, nonneg_zs).decide(th.left)
            if refuted is not None and refuted.right is FALSE:
                wrong = contradiction(chain(k.sym(th), refuted), call(xs), call(zs))
                return introduce((), conditions(xs, zs), wrong)
        raise NoProof("lists of other lengths")

    same = introduce((), conditions(_NIL, _NIL), k.refl(call(_NIL)))
    base = k.list_induction(_OTHER, _ZS, *claim(_NIL, _ZS), same, absurd(_NIL, more))
    sides = implies((_ZS,), conditions(XS, _ZS), call(XS), call(_ZS))
    ih = k.assume(*sides)
    facts = Facts(*(measured(k.assume(c, TRUE)) for c in conditions(_CONS, more)))
    shorter = [facts.at_most(*arguments(c)[1]) for c in conditions(XS, _ZS)]
    rest = eliminate(ih, (_ZS,), [th for th in shorter if th is not None])
    inner = k.app(k.app(k.refl(body), rest), k.refl(x))
    step = chain(once(body, ITEM, XS, x), inner, k.sym(once(body, _OTHER, _ZS, x)))
    step = k.abs_(x, step)
    step = chain(k.sym(k.eta(step.left)), step, k.eta(step.right))
    step = introduce((), conditions(_CONS, more), step)
    step = k.list_induction(_OTHER, _ZS, *claim(_CONS, _ZS), absurd(_CONS, _NIL), step)
    return k.list_induction(ITEM, XS, *sides, k.abs_(_ZS, base), k.abs_(_ZS, step)), body


def _with_fuel(body: Term, xs: Term, zs: Term, same: Theorem) -> Theorem:
    """From |- length xs = length zs: |- recursion F xs = recursion F zs."""
    th, variable = _same_length()
    th = fitted(th, {variable: body, XS: xs})
    at_most = instance("int.le.refl", a=same.right)
    function = at_most.left.function.function
    first = k.trans(k.app(k.app(k.refl(function), same), k.refl(same.right)), at_most)
    second = k.trans(k.app(k.app(k.refl(function), k.refl(same.right)), same), at_most)
    return eliminate(th, (zs,), (first, second))


class TailProof:
    """What is proved of a recursion and its loop."""

    def __init__(self, tail: Tail) -> None:
        self.tail = tail
        self.source = tail.site.loop_outcome()
        self.body, self.fuel, self.argument = arguments(self.source)[1]
        place = tail.site.index + len(tail.before)
        self.site = Site(tail.function, place)
        self.counted = Counted.at(self.site)
        self.step, self.element, self.start = self.counted.step, self.counted.element, self.counted.state
        self.test = self.site.env[tail.test.name]
        self.given = untuple(self.argument, len(tail.region.parameters))
        self.number = self._integer(self.given[tail.position])
        self.stop = self._integer(self.site.env[tail.stop.name])
        down = tail.step_by < 0
        self.turns = apply("sub", *((self.number, self.stop) if down else (self.stop, self.number)))
        self.s = t.var("s", self.start.type)
        self.r = t.var("r", t.domain(self.body.type))

    def _integer(self, word: Term) -> Term:
        return Reader(Facts())(apply("toZ.i64", word)).right

    # ---- terms

    def word(self, i: Term) -> Term:
        """The counter after i turns."""
        return apply("ofZ.i64", apply("sub" if self.tail.step_by < 0 else "add", self.number, i))

    def at(self, word: Term, s: Term) -> Term:
        """The arguments of a call, whose counter is `word`."""
        values = list(untuple(s, len(self.tail.others)))
        values.insert(self.tail.position, word)
        return tuple_of(values)

    def _left(self, zs: Term, i: Term) -> Term:
        """\\s. what is left to do after i turns."""
        return t.lam(self.s, apply("recursion", self.body, zs, self.at(self.word(i), self.s)))

    def _states(self, ys: Term) -> Term:
        return states(self.step, self.element, self.start, ys)

    def _run(self, s: Term, i: Term) -> Term:
        return t.app(self.step, s, t.app(self.element, i))

    # ---- one turn

    def _inside(self) -> Theorem:
        return k.assume(self.test, TRUE)

    def _bounds(self, inside: Theorem) -> list[Theorem]:
        """From |- test = true: the order of start and stop, and how far they are from 0."""
        reader = Reader(Facts())
        plain = (k.trans(k.sym(reader(th.left)), th) for th in all_parts(inside, 3))
        return [th for th in plain if th.left is not TRUE]

    @cached_property
    def turn(self) -> Theorem:
        """{test, 0 <= i, 1 + i <= turns} |- F r (z, s) = bind (f s i) (\\s. r (z - 1, s)), for z after i turns."""
        low, high = (k.assume(c, TRUE) for c in (le(int_(0), _I), le(add(int_(1), _I), self.turns)))
        facts = Facts(*self._bounds(self._inside()), low, high)
        first = t.app(self.body, self.r, self.at(self.word(_I), self.s))
        rest = t.lam(self.s, t.app(self.r, self.at(self.word(add(int_(1), _I)), self.s)))
        second = apply("bind", self._run(self.s, _I), rest)
        otherwise = "a turn of the loop is not what the recursion computes"
        return _alike(lambda x: _normal(facts, x), first, second, otherwise)

    # ---- all turns

    @cached_property
    def unfolded(self) -> Theorem:
        """{test} |- implies (zs) [length ys <= turns] (bind (states ys) ..) (recursion F (flipped ys zs) (z0, s0))."""
        none, longer, nonneg = fuel_lengths()

        def condition(ys: Term) -> Term:
            return le(_length(ys), self.turns)

        def claim(ys: Term) -> tuple[Term, Term]:
            left = apply("bind", self._states(ys), self._left(_ZS, _length(ys)))
            return implies((_ZS,), (condition(ys),), left, self._whole(flipped(ys, _ZS)))

        begun = opened_states(self._states(_NIL))
        opened = rewritten(apply("bind", self._states(_NIL), self._left(_ZS, _length(_NIL))), {begun.left: begun})
        opened = bind_ok(k.trans(opened, rewritten(opened.right, {none.left: none})))
        opened = k.trans(opened, self._placed(opened.right, int_(0), self.given[self.tail.position]))
        flip = opened_recursion(flipped(_NIL, _ZS))
        whole = rewritten(self._whole(flip.left), {flip.left: flip})
        base = introduce((_ZS,), (condition(_NIL),), chain(opened, projections(opened.right), k.sym(whole)))

        ih = k.assume(*claim(XS))
        enough = k.assume(condition(_CONS), TRUE)
        enough = k.trans(k.sym(rewritten(enough.left, {longer.left: longer})), enough)
        facts = Facts(enough, nonneg)
        shorter = facts.at_most(_length(XS), self.turns)
        if shorter is None:
            raise NoProof("the loop is longer than the recursion")
        again = eliminate(ih, (apply("cons", ITEM, _ZS),), (shorter,))
        turned = opened_states(self._states(_CONS))
        left = apply("bind", self._states(_CONS), self._left(_ZS, _length(_CONS)))
        moved = rewritten(left, {turned.left: turned, longer.left: longer})
        grouped = _grouped(moved.right)
        inner = self._one(enough, nonneg)
        middle = apply("bind", self._states(XS), t.lam(self.s, inner.right))
        under = k.app(k.refl(middle.function), k.abs_(self.s, inner))
        flip = opened_recursion(flipped(_CONS, _ZS))
        end = rewritten(self._whole(flip.left), {flip.left: flip})
        step = chain(moved, grouped, k.sym(under), again, k.sym(end))
        step = introduce((_ZS,), (condition(_CONS),), step)
        return k.list_induction(ITEM, XS, *claim(XS), base, step)

    def _one(self, enough: Theorem, nonneg: Theorem) -> Theorem:
        """|- recursion F (y :: zs) (z, s) = bind (f s i) (\\s. recursion F zs (z - 1, s)), for i = length ys."""
        i = _length(XS)
        call = once(self.body, ITEM, _ZS, self.at(self.word(i), self.s))
        th = k.inst({_I: i, self.r: apply("recursion", self.body, _ZS)}, self.turn)
        return k.trans(call, discharge(th, nonneg, enough))

    def _whole(self, fuel: Term) -> Term:
        return apply("recursion", self.body, fuel, self.argument)

    def _placed(self, x: Term, i: Term, target: Term) -> Theorem:
        """|- x = x with `target` for the counter after i turns."""
        place = self.word(i)
        plain = Reader(Facts())(apply("ofZ.i64", self._integer(target)))
        whole = INTEGERS.equal(place.argument, self._integer(target))
        if whole is None or plain.right is not target:
            raise NoProof("the counter ends elsewhere")
        same = k.trans(k.app(k.refl(place.function), whole), plain)
        return rewritten(x, {place: same})

    # ---- the function

    def theorem(self) -> Theorem:
        """|- denote(source) = denote(function)."""
        folded, length = folded_states(self.step, self.element, self.start, self.counted.over)
        loop = k.trans(self.counted.opened(), folded)
        chosen = self._chosen()
        whole = apply("bind", loop.left, t.lam(self.s, chosen))
        first = rewritten(whole, {loop.left: loop})
        length = k.trans(length, self.counted.counted())
        th = by_cases(self.test, first.right, self.source, lambda known: self._case(known, first.right, length))
        return self.tail.site.conclude(k.sym(k.trans(first, th)), self.tail.function, nested=1)

    def _chosen(self) -> Term:
        values = zip((v.name for v in self.tail.loop.results), untuple(self.s, len(self.tail.others)), strict=True)
        found = self.site.denotation.equation(self.tail.choice, self.site.env | dict(values))
        return found.outcome if isinstance(found, Effect) else outcome(found)

    def _case(self, known: Theorem, x: Term, length: Theorem) -> Theorem:
        """From |- test = true, or false: |- bind (states ys) (\\s. chosen) = the recursion."""
        read = Reader(Facts(), {self.test: known})
        function, (run, after) = arguments(x)
        if known.right is FALSE:
            ended = k.trans(length, read(length.right))
            begun = self._no_turn(run, ended)
            th = bind_ok(k.app(k.app(k.refl(function), begun), k.refl(after)))
            return k.trans(th, _alike(read, th.right, self.source, "the recursion as written is another"))
        turns = k.trans(length, self._counted(known, length.right))
        last = run.argument
        left = self._enough(turns.right)
        fuel = apply("cons", TRUE, left)
        at_most = k.trans(k.app(k.app(k.refl(le(self.turns, self.turns).function.function), turns), k.refl(self.turns)),
                          instance("int.le.refl", a=self.turns))  # fmt: skip
        th = k.inst({XS: last}, discharge(self.unfolded, known))
        th = eliminate(th, (fuel,), (at_most,))
        fueled = k.app(self._fueled(last, fuel, turns, known), k.refl(self.argument))
        th = k.trans(th, fueled)  # bind (states ys) (\s. recursion F fuel (stop, s)) = the recursion
        shown = rewritten(th.left, {turns.left: turns})
        placed = self._placed(shown.right, self.turns, self.site.env[self.tail.stop.name])
        ends = chain(k.sym(placed), k.sym(shown), th)
        base = self._ended(after, left, known)
        return k.trans(k.app(k.refl(t.app(function, run)), base), ends)

    def _ended(self, after: Term, left: Term, known: Theorem) -> Theorem:
        """|- (\\s. chosen) = (\\s. recursion F (true :: left) (stop, s))."""
        s = self.s
        chosen = t.open_binder(after, s)
        argument = self.at(self.site.env[self.tail.stop.name], s)
        call = once(self.body, TRUE, left, argument)
        facts = Facts(*self._bounds(known))
        reader = Reader(facts, {self.test: known})
        first, last = reader(chosen), reader(call.right)
        return k.abs_(s, chain(first, k.sym(last), k.sym(call)))

    def _counted(self, known: Theorem, count: Term) -> Theorem:
        """From |- test = true: |- count = turns."""
        facts = Facts(*self._bounds(known))
        th = Reader(facts, {self.test: known})(count)
        th = k.trans(th, undivided(th.right))
        nonneg = facts.at_most(int_(0), self.turns)
        if head(th.right) != "max" or nonneg is None:
            raise NoProof("the count of the turns is not read")
        same = INTEGERS.equal(th.right.argument, self.turns)
        if same is None:
            raise NoProof("the count of the turns is another")
        moved = k.app(k.refl(th.right.function), same)
        return chain(th, moved, no_less(moved.right, nonneg))

    def _enough(self, turns: Term) -> Term:
        """A list of what is left of the fuel after the turns and one call."""
        return apply("count", apply("sub", int_(DEEPEST - 1), turns))

    def _fueled(self, last: Term, fuel: Term, turns: Theorem, known: Theorem) -> Theorem:
        """|- recursion F (flipped ys fuel) = recursion F of all the fuel."""
        _, longer, _ = fuel_lengths()
        left = fuel.argument
        whole = k.inst({XS: last, t.var("ks", XS.type): fuel}, at(flipped_length(), t.var("ks", XS.type)))
        counts = [length_of_count(left), k.inst({ITEM: TRUE, XS: left}, longer), turns]
        shown = whole
        for th in (counts[1], counts[0], counts[2]):
            shown = k.trans(shown, rewritten(shown.right, {th.left: th}))
        facts = Facts(*self._bounds(known))
        rest = left.argument
        nonneg = facts.at_most(int_(0), rest)
        if nonneg is None:
            raise NoProof("there are more turns than fuel")
        biggest = no_less(apply("max", int_(0), rest), nonneg)
        shown = k.trans(shown, rewritten(shown.right, {biggest.left: biggest}))
        every = length_of_count(self.fuel)
        every = k.trans(every, k.compute(every.right))
        same = INTEGERS.equal(shown.right, every.right)
        if same is None:
            raise NoProof("the fuel is another")
        return _with_fuel(self.body, whole.left.argument, self.fuel, chain(shown, same, k.sym(every)))

    def _no_turn(self, run: Term, length: Theorem) -> Theorem:
        """From |- length ys = 0: |- states ys = ok s0."""
        _, longer, nonneg = fuel_lengths()
        if length.right is not int_(0):
            raise NoProof("the loop runs where the test fails")
        begun = opened_states(self._states(_NIL))

        def claim(ys: Term) -> tuple[Term, Term]:
            return implies((), (le(_length(ys), int_(0)),), self._states(ys), begun.right)

        some = k.assume(le(_length(_CONS), int_(0)), TRUE)
        some = k.trans(k.sym(rewritten(some.left, {longer.left: longer})), some)
        refuted = Facts(nonneg).decide(some.left)
        if refuted is None or refuted.right is not FALSE:
            raise NoProof("a list of length 0 has an element")
        absurd = contradiction(chain(k.sym(some), refuted), self._states(_CONS), begun.right)
        base = introduce((), (le(_length(_NIL), int_(0)),), begun)
        th = k.list_induction(ITEM, XS, *claim(XS), base, introduce((), (le(_length(_CONS), int_(0)),), absurd))
        function = le(length.left, int_(0)).function.function
        short = k.app(k.app(k.refl(function), length), k.refl(int_(0)))
        short = k.trans(short, k.compute(short.right))
        return eliminate(k.inst({XS: run.argument}, th), (), (short,))


def _grouped(x: Term) -> Theorem:
    """|- bind (bind o f) g = bind o (\\s. bind (f s) g)."""
    th = flat(x)
    function, (o, rest) = arguments(th.right)
    s = fresh(rest.bound_type, "s")
    body = t.open_binder(rest, s)
    inner = body.function.argument
    plain = k.beta(inner) if inner.kind == "A" and inner.function.kind == "L" else k.refl(inner)
    changed = k.app(k.app(k.refl(body.function.function), plain), k.refl(body.argument))
    return k.trans(th, k.app(k.refl(t.app(function, o)), k.abs_(s, changed)))


def _alike(read: Callable[[Term], Theorem], first: Term, second: Term, otherwise: str) -> Theorem:
    """|- first = second, which read the same; NoProof says `otherwise`."""
    left, right = read(first), read(second)
    if left.right is not right.right:
        raise NoProof(otherwise)
    return k.trans(left, k.sym(right))


def _normal(facts: Facts, x: Term) -> Theorem:
    """|- x = what it reads, with sums in one order."""
    th = Reader(facts)(x)
    for _ in range(2):
        th = k.trans(th, _sums(th.right))
        th = k.trans(th, Reader(facts)(th.right))
    return th


def _sums(x: Term) -> Theorem:
    """Sums of words in one order."""

    def rule(u: Term) -> Theorem | None:
        if (
            u.loose
            or head(u) not in ("add", "sub")
            or u.type is not t.INT
            or u.kind != "A"
            or len(arguments(u)[1]) != 2
        ):
            return None
        atoms, constant = affine(u)
        passing = [atom for atom in atoms if any("~" in v.name for v in atom.free)]  # whose names are new each time
        if _I not in u.free or len(passing) > 1 or any(c not in (1, -1) for c in atoms.values()):
            return None
        whole = int_(constant)
        for atom, c in sorted(atoms.items(), key=lambda pair: (pair[0] in passing, t.digest(pair[0]))):
            whole = add(atom if c > 0 else apply("neg", atom), whole)
        return None if whole is u else INTEGERS.equal(u, whole)

    return replace_all(x, rule) or k.refl(x)
