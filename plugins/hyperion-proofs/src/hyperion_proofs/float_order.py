"""Untrusted. What comparisons of floats imply: facts about flt, fle and feq that contradict each other.

The axioms make fle a transitive relation that is total on the numbers, which are the x with fle x x; a NaN compares
with nothing, and the two zeros are equal. All facts are read as facts about fle, which are then closed under these
laws. That finds every contradiction: whatever is not said to be a number may be a NaN, and compares with nothing.
The reals, rlt, rle and req, are the same without a NaN.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, discharge, use
from hyperion.logic.effort import checkpoint
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs import derived
from hyperion_proofs.derived import chain, cond_is, instance
from hyperion_proofs.implication import both, parts

Pair = tuple[Term, Term]
FORMATS = ("f16", "f32", "f64")
TESTS = frozenset(f"{name}.{kind}" for name in ("flt", "fle", "feq") for kind in FORMATS) | {"rlt", "rle", "req"}


def is_test(x: Term) -> bool:
    """Whether x compares two floats, or reals, by an operation that has laws."""
    function, args = arguments(x)
    return function.kind == "C" and function.name in TESTS and len(args) == 2


def contradiction(facts: Sequence[Theorem]) -> Theorem | None:
    """|- true = false from |- test = true and |- test = false, under their hypotheses; None where they agree.

    A test is flt, fle or feq of two floats of one format, rlt, rle or req of two reals, or is made of such by not, and,
    or. Other facts are ignored.
    """
    for order in (*map(_Order, FORMATS), _Reals()):
        found = order.absurd(facts)
        if found is not None:
            return found
    return None


def decide(test: Term, facts: Sequence[Theorem]) -> Theorem | None:
    """|- test = true, or = false, where the facts imply it; None where they do not, or where it is no test."""
    if not is_test(test):
        return None
    for value, other in ((TRUE, FALSE), (FALSE, TRUE)):
        absurd = contradiction([*facts, k.assume(test, other)])
        if absurd is not None:
            cases = {value: k.assume(test, value), other: derived.contradiction(absurd, test, value)}
            return k.bool_cases(test, cases[TRUE], cases[FALSE])
    return None


class _Order:
    """Facts about fle of one format, closed under its laws."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._holds: dict[Pair, Theorem] = {}
        self._fails: dict[Pair, Theorem] = {}
        self._clauses: list[Theorem] = []  # |- flt a b = false, |- feq a b = false
        self._absurd: Theorem | None = None

    def absurd(self, facts: Sequence[Theorem]) -> Theorem | None:
        """|- true = false, if it follows."""
        for fact in facts:
            self._read(fact)
        self._literals()
        while self._absurd is None and any([self._numbers(), self._chains(), self._totals(), self._resolved()]):
            checkpoint()
        return self._absurd

    # ---- reading

    def _read(self, fact: Theorem) -> None:
        if fact.left in (TRUE, FALSE) and fact.right in (TRUE, FALSE):
            if fact.left is not fact.right:
                self._absurd = fact if fact.left is TRUE else k.sym(fact)
            return
        function, args = arguments(fact.left)
        if fact.right not in (TRUE, FALSE) or function.kind != "C":
            return
        name, _, kind = function.name.partition(".")
        match name, fact.right is TRUE:
            case "fle", _ if kind == self._kind:
                self._add(fact)
            case (("flt" | "feq"), True) if kind == self._kind:
                self._both(_unfolded(fact))
            case (("flt" | "feq"), False) if kind == self._kind:
                self._clauses.append(fact)
            case "and", True:
                self._both(fact)
            case "or", False:
                for p in args:
                    self._read(_neither(fact, p))
            case "not", _:
                self._read(_negated(fact))
            case _:
                pass

    def _both(self, fact: Theorem) -> None:
        for part in parts(fact):
            self._read(part)

    def _literals(self) -> None:
        """What comparisons of the literals that occur compute."""
        literals = {x for pair in self._mentioned() for x in pair if x.kind == "K"}
        for a, b in product(literals, literals):
            self._add(k.compute(self._below(a, b)))

    def _below(self, a: Term, b: Term) -> Term:
        return apply(f"fle.{self._kind}", a, b)

    def _mentioned(self) -> list[Pair]:
        return [*self._holds, *self._fails, *(_pair(c) for c in self._clauses)]

    def _add(self, fact: Theorem) -> bool:
        """Notes |- fle a b = true, or false; whether that is new."""
        pair = _pair(fact)
        mine, others = (self._holds, self._fails) if fact.right is TRUE else (self._fails, self._holds)
        if pair in mine:
            return False
        mine[pair] = fact
        if pair in others and self._absurd is None:
            holds, fails = self._holds[pair], self._fails[pair]
            self._absurd = k.trans(k.sym(holds), fails)
        return True

    # ---- laws

    def _numbers(self) -> bool:
        new = False
        for pair, fact in list(self._holds.items()):
            for th in _numbers(self._kind, *pair, fact):
                new |= self._add(th)
        return new

    def _chains(self) -> bool:
        new = False
        for (a, b), (c, d) in product(list(self._holds), list(self._holds)):
            if b is c and (a, d) not in self._holds:
                new |= self._add(discharge(self._chain(a, b, d), self._holds[a, b], self._holds[c, d]))
        return new

    def _chain(self, a: Term, b: Term, c: Term) -> Theorem:
        return instance(f"{self._kind}.fle.trans", x=a, y=b, z=c)

    def _totals(self) -> bool:
        """Two numbers of which one is not below the other."""
        new = False
        for fact in list(self._fails.values()):
            new |= self._turn(fact)
        return new

    def _turn(self, fact: Theorem) -> bool:
        a, b = _pair(fact)
        first, second = self._holds.get((a, a)), self._holds.get((b, b))
        if first is None or second is None or (b, a) in self._holds:
            return False
        return self._add(_total(self._kind, first, second, fact))

    def _resolved(self) -> bool:
        """`a < b` and `a == b` are conjunctions: where one fails, and a part holds, the other part fails."""
        new = False
        for clause in self._clauses:
            for th in self._consequences(clause):
                new |= self._add(th)
        return new

    def _consequences(self, clause: Theorem) -> Iterator[Theorem]:
        a, b = _pair(clause)
        unfolded = _unfolded(clause)
        forward, back = self._holds.get((a, b)), self._holds.get((b, a))
        if arguments(clause.left)[0].name.partition(".")[0] in ("feq", "req"):
            if forward is not None:
                yield _other(unfolded, forward)
            if back is not None:
                yield _one(unfolded, back)
            return
        if forward is not None:  # and p (not q) = false with p: not q = false, so q
            yield _negated(_other(unfolded, forward))
        elif (a, a) in self._holds and (b, b) in self._holds:
            yield self._not_less(clause, a, b)

    def _not_less(self, clause: Theorem, a: Term, b: Term) -> Theorem:
        """Numbers of which a < b fails: b <= a, in either case of a <= b."""
        test, goal = apply(f"fle.{self._kind}", a, b), apply(f"fle.{self._kind}", b, a)
        above = _negated(_other(_unfolded(clause), k.assume(test, TRUE)))
        below = _total(self._kind, self._holds[a, a], self._holds[b, b], k.assume(test, FALSE))
        assert above.left is below.left is goal
        return k.bool_cases(test, above, below)


class _Reals(_Order):
    """Facts about rle, which is total."""

    def __init__(self) -> None:
        super().__init__("real")

    def _read(self, fact: Theorem) -> None:
        name = derived.head(fact.left)
        match name, fact.right is TRUE:
            case "rle", _ if len(arguments(fact.left)[1]) == 2:
                self._add(fact)
            case "rlt", _:
                self._read(_negated(_unfolded(fact)))
            case "req", True:
                self._both(_unfolded(fact))
            case "req", False:
                self._clauses.append(fact)
            case _:
                super()._read(fact)

    def _below(self, a: Term, b: Term) -> Term:
        return apply("rle", a, b)

    def _chain(self, a: Term, b: Term, c: Term) -> Theorem:
        return instance("real.le.trans", a=a, b=b, c=c)

    def _numbers(self) -> bool:
        new = False
        for x in {x for pair in self._mentioned() for x in pair}:
            new |= (x, x) not in self._holds and self._add(_reflexive(x))
        return new

    def _turn(self, fact: Theorem) -> bool:
        a, b = _pair(fact)
        return (b, a) not in self._holds and self._add(discharge(instance("real.le.total", a=a, b=b), fact))


def _reflexive(x: Term) -> Theorem:
    """|- rle x x = true."""
    test = apply("rle", x, x)
    fails = k.assume(test, FALSE)
    return k.bool_cases(test, k.assume(test, TRUE), discharge(instance("real.le.total", a=x, b=x), fails))


def _pair(fact: Theorem) -> Pair:
    a, b = arguments(fact.left)[1]
    return a, b


def _unfolded(fact: Theorem) -> Theorem:
    """flt and feq by their definitions."""
    name, _, kind = derived.head(fact.left).partition(".")
    law = use(f"{kind}.{name}.def" if kind else f"real.{name[1:]}.def", fact.left)
    assert law is not None
    return k.trans(k.sym(law), fact)


def _numbers(kind: str, a: Term, b: Term, fact: Theorem) -> tuple[Theorem, Theorem]:
    """From |- fle a b = true: |- fle a a = true, |- fle b b = true."""
    return parts(discharge(instance(f"{kind}.fle.number", x=a, y=b), fact))


def _total(kind: str, first: Theorem, second: Theorem, fact: Theorem) -> Theorem:
    """From |- fle a a = true, |- fle b b = true, |- fle a b = false: |- fle b a = true."""
    a, b = _pair(fact)
    law = discharge(instance(f"{kind}.fle.total", x=a, y=b), first, second)
    defined = use("or.def", law.left)
    assert defined is not None
    opened = k.trans(defined, cond_is(fact, defined.right))
    return k.trans(k.sym(opened), law)


# ---- truth values, by two variables once


P, Q = t.var("p", t.BOOL), t.var("q", t.BOOL)


@cache
def _conjunction() -> tuple[Theorem, Theorem]:
    """{and p q = false, p = true} |- q = false;  {and p q = false, q = true} |- p = false."""
    failed = k.assume(apply("and", P, Q), FALSE)
    defined = use("and.def", failed.left)
    assert defined is not None
    opened = k.trans(k.sym(defined), failed)  # cond p q false = false
    other = k.trans(k.sym(cond_is(k.assume(P, TRUE), opened.left)), opened)
    made = both(k.assume(P, TRUE), k.assume(Q, TRUE))
    absurd = k.trans(k.sym(made), failed)
    one = k.bool_cases(P, derived.contradiction(absurd, P, FALSE), k.assume(P, FALSE))
    return other, one


def _other(failed: Theorem, held: Theorem) -> Theorem:
    """From |- and p q = false and |- p = true: |- q = false."""
    p, q = arguments(failed.left)[1]
    return discharge(k.inst({P: p, Q: q}, _conjunction()[0]), failed, held)


def _one(failed: Theorem, held: Theorem) -> Theorem:
    """From |- and p q = false and |- q = true: |- p = false."""
    p, q = arguments(failed.left)[1]
    return discharge(k.inst({P: p, Q: q}, _conjunction()[1]), failed, held)


@cache
def _denied(value: Term) -> Theorem:
    """{not p = value} |- p = the other value."""
    said = k.assume(apply("not", P), value)
    defined = use("not.def", said.left)
    assert defined is not None

    def case(p: Theorem) -> Theorem:
        other = FALSE if value is TRUE else TRUE
        if p.right is other:
            return p
        clash = chain(k.sym(cond_is(p, defined.right)), k.sym(defined), said)
        return derived.contradiction(clash, P, other)

    return k.bool_cases(P, case(k.assume(P, TRUE)), case(k.assume(P, FALSE)))


def _negated(fact: Theorem) -> Theorem:
    """From |- not p = true (or false): |- p = false (or true)."""
    return discharge(k.inst({P: fact.left.argument}, _denied(fact.right)), fact)


@cache
def _alternatives() -> tuple[Theorem, Theorem]:
    """{or p q = false} |- p = false, and |- q = false."""
    failed = k.assume(apply("or", P, Q), FALSE)
    defined = use("or.def", failed.left)
    assert defined is not None
    opened = k.trans(k.sym(defined), failed)  # cond p true q = false

    def under(value: Term) -> Theorem:
        return k.trans(k.sym(cond_is(k.assume(P, value), opened.left)), opened)

    absurd = under(TRUE)  # true = false
    first = k.bool_cases(P, derived.contradiction(absurd, P, FALSE), k.assume(P, FALSE))
    second = k.bool_cases(P, derived.contradiction(absurd, Q, FALSE), under(FALSE))
    return first, second


def _neither(failed: Theorem, part: Term) -> Theorem:
    """From |- or p q = false: |- p = false, or |- q = false."""
    p, q = arguments(failed.left)[1]
    law = _alternatives()[0 if part is p else 1]
    return discharge(k.inst({P: p, Q: q}, law), failed)
