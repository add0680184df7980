"""Untrusted. Equations and truths by cases: every test that occurs is decided, then both sides have a normal form.

A test is decided by what is known already (linear arithmetic refutes the other way) or by a case split. Cases whose
assumptions contradict each other prove anything. max and min become tests where no normal form decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, congruence, discharge, refl
from hyperion.logic.effort import checkpoint
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, chain, cond_is, contradiction, head, instance, join, use
from hyperion_proofs.evaluate import WORDS
from hyperion_proofs.implication import both, parts
from hyperion_proofs.theories import linear

DEEPEST = 80
"""Nested decisions of tests."""
Leaf = Callable[[Term, Term], Theorem | None]
Decider = Callable[[Term, Sequence[Theorem]], Theorem | None]
"""|- test = true (or false) from the facts, each a decided test; None where they do not decide it."""
Informed = Callable[[Term, Term, Sequence[Theorem]], Theorem | None]
"""A leaf that is given the facts."""
MEMORY = 10_000
"""Facts whose inequalities are remembered."""
NARROWEST = 127
"""The least literal at which the range of a word may decide a comparison."""
_COMPARISONS = ("lt", "le", "eq")


Memo: TypeAlias = dict[Term, Theorem | None]
Memos: TypeAlias = dict[frozenset[k.Sequent], Memo]
"""What `reduced` found under the decided tests that are the key: the components of a state are split alike."""


@dataclass(frozen=True)
class Known:
    """What holds in a case: tests that are decided, and truths that are not single tests yet."""

    tests: dict[Term, Theorem]
    truths: tuple[Theorem, ...] = ()

    def facts(self) -> list[Theorem]:
        return list(self.tests.values())


class Contradictory(Exception):
    """The assumptions of a case contradict each other: |- true = false, or false = true."""

    def __init__(self, theorem: Theorem) -> None:
        super().__init__("the assumptions of a case contradict each other")
        self.theorem = theorem


@dataclass(frozen=True)
class Cases:
    """`leaves` prove equations without tests, `informed` those that need the facts; `deciders` decide tests of other
    kinds than integer comparisons. `orders` are leaves for equations whose tests compare reals."""

    leaves: tuple[Leaf, ...]
    deciders: tuple[Decider, ...] = ()
    informed: tuple[Informed, ...] = ()
    orders: tuple[Leaf, ...] = ()
    memos: Memos = field(default_factory=dict[frozenset[k.Sequent], Memo], compare=False, repr=False)

    def prove(self, left: Term, right: Term, truths: Sequence[Theorem] = ()) -> Theorem:
        """A |- left = right. `truths` are |- c = true that may be used."""
        try:
            known = self._with(Known({}), list(truths))
        except Contradictory as found:
            return contradiction(found.theorem, left, right)
        return self._go(left, right, known, 0)

    def known(self, truths: Sequence[Theorem]) -> Known:
        """What holds where all of these do. Raises Contradictory."""
        return self._with(Known({}), list(truths))

    def _go(self, left: Term, right: Term, known: Known, depth: int) -> Theorem:
        checkpoint()
        memo = self.memos.setdefault(frozenset(map(_statement, known.tests.values())), {})
        first, last = reduced(left, known.tests, memo), reduced(right, known.tests, memo)
        a, b = first.right if first else left, last.right if last else right
        return chain(first, self._reduced(a, b, known, depth), k.sym(last) if last else None)

    def _reduced(self, a: Term, b: Term, known: Known, depth: int) -> Theorem:
        if a is b:
            return refl(a)
        sides = (a, b, *(th.left for th in known.truths))
        test = next_test(sides)
        for leaf in self.orders if test is not None and head(test) in ("rlt", "rle") else ():
            found = leaf(a, b)
            if found is not None:
                return found
        if test is None:
            for leaf in self.leaves:
                found = leaf(a, b)
                if found is not None:
                    return found
            for informed in self.informed:
                found = informed(a, b, known.facts())
                if found is not None:
                    return found
            test = _next_order(sides)
        if test is None:
            return self._by_contradiction(a, b, known)
        if depth >= DEEPEST:
            raise NoProof("the two sides differ after many case splits")
        decided = self._decide(test, known)
        if decided is not None:
            return self._case(a, b, known, decided, depth + 1)
        yes = self._case(a, b, known, k.assume(test, TRUE), depth + 1)
        no = self._case(a, b, known, k.assume(test, FALSE), depth + 1)
        return k.bool_cases(test, yes, no)

    def _case(self, a: Term, b: Term, known: Known, fact: Theorem, depth: int) -> Theorem:
        try:
            return self._go(a, b, self._with(known, [fact]), depth)
        except Contradictory as found:
            return contradiction(found.theorem, a, b)

    def _with(self, known: Known, news: list[Theorem]) -> Known:
        """With more that holds. Truths that become single tests, or conjunctions of such, become tests."""
        tests, waiting = dict(known.tests), [*known.truths, *news]
        while True:
            truths: list[Theorem] = []
            grown = False
            for th in waiting:
                change = reduced(th.left, tests)
                if change is not None:
                    th = k.trans(k.sym(change), th)
                if th.left in (TRUE, FALSE):
                    if th.left is not th.right:
                        raise Contradictory(th)
                    continue
                pieces = _pieces(th)
                if pieces is None:
                    truths.append(th)
                    continue
                for piece in pieces:
                    tests[piece.left] = piece
                    grown = True
                    value = _value(piece)
                    if value is not None:
                        tests[value.left] = value
            if not grown:
                return replace(known, tests=tests, truths=tuple(truths))
            waiting = truths

    def _decide(self, test: Term, known: Known) -> Theorem | None:
        if head(test) in _COMPARISONS and arguments(test)[1][0].type is t.INT:
            return decide(test, known.facts())
        for decider in self.deciders:
            found = decider(test, known.facts())
            if found is not None:
                return found
        return None

    def _by_contradiction(self, a: Term, b: Term, known: Known) -> Theorem:
        facts = known.facts()
        large = any(_is_large(u) for th in facts for u in arguments(th.left)[1])
        if large:
            facts += [more for th in known.facts() for more in ranges(th.left)]
        found = refuted(facts)
        if found is not None:
            return linear.absurd(found, a, b)
        if a.type is t.INT:
            equal = equal_by_order(a, b, facts)
            if equal is not None:
                return equal
        for th in known.facts():
            if head(th.left) == "eq" and th.right is FALSE:
                same = same_by_order(th.left, facts)
                if same is not None:
                    return contradiction(k.trans(k.sym(same), th), a, b)
        raise NoProof("the two sides have different normal forms")


def _value(th: Theorem) -> Theorem | None:
    """From |- eq a n = true with a literal n: |- a = n."""
    if head(th.left) != "eq" or th.right is not TRUE:
        return None
    a, n = arguments(th.left)[1]
    if a.type is not t.INT or (a.kind == "K") == (n.kind == "K"):
        return None
    first, second = parts(k.trans(k.sym(instance("int.eq.def", a=a, b=n)), th))
    same = discharge(instance("int.le.antisym", a=a, b=n), first, second)
    return same if n.kind == "K" else k.sym(same)


def _pieces(th: Theorem) -> list[Theorem] | None:
    """Decided tests that follow from |- c = true or false; None where c is another conditional."""
    c = th.left
    name, (_, args) = head(c), arguments(c)
    if name == "and" and th.right is TRUE:
        return [piece for part in parts(th) for piece in _pieces(part) or [part]]
    if name == "cond" and len(args) == 3:
        p, a, b = args
        if a is FALSE and b is TRUE:  # not p
            return _negated(th, p)
        if b is FALSE and th.right is TRUE:  # p and a
            return [piece for part in _conjuncts(th, p, a) for piece in _pieces(part) or [part]]
        return None
    if name in ("and", "or", "not", "xor"):
        return None
    return [th]


def _negated(th: Theorem, p: Term) -> list[Theorem]:
    """From |- cond p false true = c: |- p = not c."""
    value = FALSE if th.right is TRUE else TRUE
    yes, no = k.assume(p, TRUE), k.assume(p, FALSE)
    cases: list[Theorem] = []
    for known in (yes, no):
        if known.right is value:
            cases.append(known)
        else:
            cases.append(contradiction(chain(k.sym(cond_is(known, th.left)), th), p, value))
    return [k.bool_cases(p, *cases)]


def _conjuncts(th: Theorem, p: Term, a: Term) -> list[Theorem]:
    """From |- cond p a false = true: |- p = true and |- a = true."""
    yes, no = k.assume(p, TRUE), k.assume(p, FALSE)
    absurd = chain(k.sym(cond_is(no, th.left)), th)
    first = k.bool_cases(p, yes, contradiction(absurd, p, TRUE))
    return [first, chain(k.sym(cond_is(first, th.left)), th)]


# ---- rewriting by what is decided


def _statement(th: Theorem) -> k.Sequent:
    return th.hypotheses, th.left, th.right


def reduced(x: Term, tests: dict[Term, Theorem], memo: Memo | None = None) -> Theorem | None:
    """|- x = x with the decided tests in it, their conditionals resolved; None where nothing changes. A `memo` is of
    the same tests."""
    memo = {} if memo is None else memo

    def go(u: Term) -> Theorem | None:
        found = tests.get(u)
        if found is not None:
            return found
        if u.kind not in "APT":
            return None
        if u not in memo:
            memo[u] = step(u)
        return memo[u]

    def step(u: Term) -> Theorem | None:
        if u.kind == "P":
            inner = go(u.body)
            return k.proj(u.index, inner) if inner else None
        if u.kind == "T":
            changes = [go(i) for i in u.items]
            if not any(changes):
                return None
            return k.tuple_(*(c or refl(i) for c, i in zip(changes, u.items, strict=True)))
        function, args = arguments(u)
        if head(u) == "cond" and len(args) == 3:
            return conditional(u, function, args)
        changes = [go(a) for a in args]
        th = congruence(function, args, changes)
        y = th.right if th else u
        if th is not None:
            again = tests.get(y)
            if again is not None:
                return k.trans(th, again)
        if _is_lattice(y) and not all(a.kind == "K" for a in arguments(y)[1]):
            order = tests.get(order_of(y))
            return join(th, ordered(y, order)) if order is not None else th
        return join(th, _root(y))

    def conditional(u: Term, function: Term, args: Sequence[Term]) -> Theorem | None:
        c, a, b = args
        decided = go(c)
        value = decided.right if decided else c
        if value in (TRUE, FALSE):
            chosen = cond_is(decided or refl(c), u)
            return join(chosen, go(chosen.right))
        th = congruence(function, args, [decided, go(a), go(b)])
        y = th.right if th else u
        _, (c, a, b) = arguments(y)
        if a is b:
            yes, no = (cond_is(k.assume(c, v), y) for v in (TRUE, FALSE))
            return join(th, k.bool_cases(c, yes, no))
        if a is TRUE and b is FALSE:
            yes, no = (k.trans(cond_is(f, y), k.sym(f)) for f in (k.assume(c, TRUE), k.assume(c, FALSE)))
            return join(th, k.bool_cases(c, yes, no))
        return th

    return go(x)


def _root(x: Term) -> Theorem | None:
    name, (_, args) = head(x), arguments(x)
    if name in ("and", "or", "not", "xor"):
        return use(f"{name}.def", x)
    if x.kind == "A" and args and all(a.kind == "K" for a in args):
        try:
            return k.compute(x)
        except k.RuleError:
            return None
    return None


def next_test(sides: Sequence[Term]) -> Term | None:
    """A test to decide: an outermost one, so that whole branches fall away; tests inside of it come first."""
    for x in sides:
        for test in _tests(x):
            if not any(_is_lattice(v) or head(v) == "cond" for v in t.subterms(test)):
                return test
    return None


def _tests(x: Term) -> Iterator[Term]:
    """The tests inside that are no conditionals themselves, from the outside in; a truth value is a test."""
    if x.type is t.BOOL and x not in (TRUE, FALSE) and head(x) != "cond":
        yield x
    seen = {x}
    waiting = [x]
    while waiting:
        u = waiting.pop(0)
        children = _parts(u)
        if head(u) == "cond" and len(children) == 3:
            test, *branches = children
            if head(test) != "cond":
                yield test
            for branch in branches if u.type is t.BOOL else ():
                if branch not in (TRUE, FALSE) and head(branch) != "cond":
                    yield branch
        for child in children:
            if child not in seen:
                seen.add(child)
                waiting.append(child)


def _parts(x: Term) -> Sequence[Term]:
    match x.kind:
        case "A":
            return arguments(x)[1]
        case "P":
            return (x.body,)
        case "T":
            return x.items
        case _:
            return ()


def _next_order(sides: Sequence[Term]) -> Term | None:
    """The test that says which of the two an innermost maximum or minimum is."""
    for x in sides:
        for u in t.subterms(x):
            if _is_lattice(u) and not any(_is_lattice(v) for a in arguments(u)[1] for v in t.subterms(a)):
                return order_of(u)
    return None


def _is_lattice(x: Term) -> bool:
    return x.kind == "A" and head(x) in ("max", "min") and len(arguments(x)[1]) == 2


def order_of(x: Term) -> Term:
    """The test under which a maximum or minimum is its first argument."""
    a, b = arguments(x)[1]
    return apply("lt", b, a) if head(x) == "max" else apply("lt", a, b)


def ordered(x: Term, known: Theorem) -> Theorem:
    """|- max a b = a or b, as the decided order says."""
    a, b = arguments(x)[1]
    swapped = INTEGERS.equal(apply("add", a, b), apply("add", b, a))
    assert swapped is not None
    if head(x) == "max":
        th = k.sym(discharge(instance("int.lt.max", a=b, b=a, u=a, v=b), swapped))
    else:
        th = k.sym(discharge(instance("int.lt.min", a=a, b=b, u=a, v=b), swapped))
    return k.trans(th, cond_is(known, th.right))


# ---- integer comparisons


def decide(test: Term, facts: Sequence[Theorem]) -> Theorem | None:
    """|- test = true or false, where the comparisons among the facts say so."""
    if any(_is_large(u) for u in arguments(test)[1]):
        facts = [*facts, *ranges(test)]
    for value, other in ((TRUE, FALSE), (FALSE, TRUE)):
        assumed = k.assume(test, other)
        found = refuted(facts, [assumed])
        if found is not None:
            cases = [k.assume(test, v) if v is value else linear.absurd(found, test, value) for v in (TRUE, FALSE)]
            return k.bool_cases(test, *cases)
    return same_by_order(test, facts) if head(test) == "eq" else None


def same_by_order(test: Term, facts: Sequence[Theorem]) -> Theorem | None:
    """|- eq a b = true from |- le a b and |- le b a."""
    a, b = arguments(test)[1]
    orders = _both_ways(a, b, facts) if a.type is t.INT else None
    return k.trans(instance("int.eq.def", a=a, b=b), both(*orders)) if orders else None


def _is_large(x: Term) -> bool:
    return x.kind == "K" and x.type is t.INT and abs(literals.int_value(x)) >= NARROWEST


def ranges(test: Term) -> list[Theorem]:
    """That the words in a test are in the range of their types."""
    found: list[Theorem] = []
    for u in t.subterms(test):
        name = head(u)
        if u.kind == "A" and name.startswith("toZ.") and name[4:] in WORDS:
            word = name[4:]
            inside = instance(f"{word}.inr.to", x=u.argument)
            found += parts(k.trans(k.sym(instance(f"{word}.inr.def", z=u)), inside))
    return found


def refuted(facts: Sequence[Theorem], about: Sequence[Theorem] = ()) -> Theorem | None:
    """|- le 0 n = true with a negative n, from comparisons that contradict each other; where `about` are given, from
    those that share values with them, directly or through others."""
    inequalities = [each for th in (*about, *facts) for each in _inequalities(th)]
    if about:
        inequalities = _connected(inequalities, {a for th in about for each in _inequalities(th) for a in each.atoms})
    return linear.refute(inequalities) if inequalities else None


def _connected(facts: list[linear.Fact], atoms: set[Term]) -> list[linear.Fact]:
    kept: list[linear.Fact] = []
    waiting = facts
    while True:
        near = [f for f in waiting if not atoms.isdisjoint(f.atoms) or not f.atoms]
        if not near:
            return kept
        kept += near
        waiting = [f for f in waiting if f not in near]
        atoms = atoms.union(*(f.atoms for f in near))


_lately: dict[Theorem, list[linear.Fact]] = {}


def _inequalities(th: Theorem) -> list[linear.Fact]:
    """What a decided comparison says, read once."""
    found = _lately.get(th)
    if found is None:
        if len(_lately) > MEMORY:
            _lately.clear()
        found = _lately[th] = [linear.fact(le) for le in as_inequalities(th)]
    return found


def as_inequalities(th: Theorem) -> list[Theorem]:
    """|- le a b = true or false, as many as a decided integer comparison says."""
    test = th.left
    name, (_, args) = head(test), arguments(test)
    if len(args) != 2 or args[0].type is not t.INT:
        return []
    a, b = args
    match name:
        case "le":
            return [th]
        case "lt":
            return [k.trans(k.sym(instance("int.lt.def", a=a, b=b)), th)]
        case "eq" if th.right is TRUE:
            return list(parts(k.trans(k.sym(instance("int.eq.def", a=a, b=b)), th)))
        case _:
            return []


def equal_by_order(a: Term, b: Term, facts: Sequence[Theorem]) -> Theorem | None:
    """|- a = b from |- le a b and |- le b a."""
    orders = _both_ways(a, b, facts)
    return discharge(instance("int.le.antisym", a=a, b=b), *orders) if orders else None


def _both_ways(a: Term, b: Term, facts: Sequence[Theorem]) -> tuple[Theorem, Theorem] | None:
    """|- le a b = true and |- le b a = true."""
    first, second = (decide(apply("le", *pair), facts) for pair in ((a, b), (b, a)))
    if first is None or second is None or not first.right is second.right is TRUE:
        return None
    return first, second


def decided(truths: Sequence[Theorem]) -> list[Theorem]:
    """|- test = true or false for the tests of which |- c = true are made. Raises Contradictory."""
    return Cases(()).known(truths).facts()
