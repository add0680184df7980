"""Untrusted. Proofs of the laws of theories: evaluation, case splits, linear arithmetic, induction.

A goal is evaluated on both sides. Where they still differ, the innermost undecided condition is split; a case whose
assumptions contradict each other is closed. What is left must be equal as polynomials, or by order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from hyperion.logic import kernel as k
from hyperion.logic import modular
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import NoProof, arguments, chain, discharge, head
from hyperion.logic.kernel import Theorem
from hyperion.logic.readable import statement
from hyperion.logic.ring import INTEGERS, REALS
from hyperion.logic.terms import Term
from hyperion_proofs import float_order
from hyperion_proofs.derived import contradiction, fresh, instance, replace_all
from hyperion_proofs.implication import parts
from hyperion_proofs.theories import linear
from hyperion_proofs.theories.linear import Fact, fact
from hyperion_proofs.theories.normal import Normaliser, at

MOST_SPLITS = 14
_VALUES = (TRUE, FALSE)
WORDS = ("i8", "i16", "i32", "i64", "i128", "u8", "u16", "u32", "u64")


@dataclass(frozen=True)
class Prover:
    """Proves equations by `rules` and under `assumed` equations. `splits` is how deep cases are nested."""

    rules: tuple[Theorem, ...] = ()
    assumed: tuple[Theorem, ...] = ()
    splits: int = MOST_SPLITS
    kept: frozenset[str] = frozenset()
    _ranges: dict[Term, tuple[Fact, ...]] = field(default_factory=dict[Term, tuple[Fact, ...]])
    _absurd: list[Theorem] = field(default_factory=list[Theorem])
    _decided: dict[Term, Theorem | None] = field(default_factory=dict[Term, "Theorem | None"])

    def prove(self, left: Term, right: Term) -> Theorem:
        """|- left = right, under hypotheses of what is assumed; raises NoProof."""
        run = self._normaliser()
        first, last = run(left), run(right)
        if first.right is last.right:
            return k.trans(first, k.sym(last))
        condition = self._undecided(first.right) or self._undecided(last.right)
        if condition is None:
            return chain(first, self._same(first.right, last.right), k.sym(last))
        if not self.splits:
            raise NoProof("too many cases")
        proved = [self._under(condition, value).proved_here(first.right, last.right) for value in (TRUE, FALSE)]
        return chain(first, k.bool_cases(condition, *proved), k.sym(last))

    def proved_here(self, left: Term, right: Term) -> Theorem:
        """As `prove`; anything where the assumptions contradict each other."""
        impossible = linear.refute(self._facts(*self._inequalities))
        absurd = self._absurd[0] if self._absurd else float_order.contradiction(self.assumed)
        if absurd is not None:
            return contradiction(absurd, left, right)
        return self.prove(left, right) if impossible is None else linear.absurd(impossible, left, right)

    def under(self, left: Term, right: Term) -> Prover:
        """With one assumption more."""
        return replace(self, assumed=(*self.assumed, k.assume(left, right)), _decided={}, _absurd=[])

    def _under(self, condition: Term, value: Term) -> Prover:
        return replace(self.under(condition, value), splits=self.splits - 1)

    # ---- what is known

    def _normaliser(self) -> Normaliser:
        return Normaliser(self.rules, self._tidy, self._decide, self.kept)

    @cached_property
    def _tidy(self) -> list[Theorem]:
        """The assumptions with both sides evaluated, by the ones before them."""
        done: list[Theorem] = []
        for known in self.assumed:
            run = Normaliser(self.rules, done, lambda _: None, self.kept)
            tidy = chain(k.sym(run(known.left)), known, run(known.right))
            done += [th for th in dict.fromkeys((known, tidy)) if th.left is not th.right and th.left not in _VALUES]
            if tidy.left in _VALUES and tidy.right in _VALUES and tidy.left is not tidy.right:
                self._absurd.append(tidy)
        return done

    @cached_property
    def _inequalities(self) -> list[Fact]:
        """What is assumed of integers."""
        return [fact(th) for known in self._tidy for th in _parts(known)]

    def _facts(self, *more: Fact) -> list[Fact]:
        """The inequalities that have to do with `more`, and the ranges of the words that occur in them."""
        facts: list[Fact] = [*more]
        waiting: list[Fact] = list(self._inequalities)
        atoms: set[Term] = set()
        while True:
            for each in facts:
                new = each.atoms - atoms
                atoms |= new
                for word in (word for x in new for word in _words_in(x)):
                    waiting.extend(self._range(word))
            found = [each for each in waiting if not each.atoms.isdisjoint(atoms)]
            if not found:
                return facts
            waiting = [each for each in waiting if each.atoms.isdisjoint(atoms)]
            facts += found

    def _range(self, x: Term) -> tuple[Fact, ...]:
        """For x = toZ.W y: the least and the largest value."""
        if x not in self._ranges:
            word = head(x).removeprefix("toZ.")
            inside = instance(f"{word}.inr.to", x=x.argument)
            defined = instance(f"{word}.inr.def", z=x)
            self._ranges[x] = tuple(map(fact, _parts(k.trans(k.sym(defined), inside))))
        return self._ranges[x]

    def _decide(self, x: Term) -> Theorem | None:
        """|- le a b = true or = false, where what is assumed implies it."""
        if x not in self._decided:
            self._decided[x] = self._implied(x)
        return self._decided[x]

    def _implied(self, x: Term) -> Theorem | None:
        for value, other in ((TRUE, FALSE), (FALSE, TRUE)):
            impossible = linear.refute(self._facts(fact(k.assume(x, other))))
            if impossible is not None:
                cases = {value: k.assume(x, value), other: linear.absurd(impossible, x, value)}
                return k.bool_cases(x, cases[TRUE], cases[FALSE])
        return None

    # ---- what remains

    def _undecided(self, x: Term) -> Term | None:
        """The innermost condition inside x, without bound variables, whose truth is not known."""
        for u in t.subterms(x):
            if u.kind == "A" and head(u) == "cond" and len(arguments(u)[1]) >= 3:
                condition = arguments(u)[1][0]
                if not condition.loose and condition not in (TRUE, FALSE):
                    return condition
        return None

    def _same(self, a: Term, b: Term) -> Theorem:
        """|- a = b for evaluated terms without conditions."""
        if a is b:
            return k.refl(a)
        if a.type is t.BOOL:
            return self._as_truth(a, b)
        if a.type in (t.INT, t.REAL):
            equal = (INTEGERS if a.type is t.INT else REALS).equal(a, b)
            return equal if equal is not None else self._by_order(a, b)
        if a.type.name == "prod":
            return self._components(a, b)
        if a.type.name == "fun":
            return self._extensional(a, b)
        if a.type.text in WORDS:
            return self._same_word(a, b)
        return self._congruent(a, b)

    def _as_truth(self, a: Term, b: Term) -> Theorem:
        """By cases of what is a truth value."""
        for x in (a, b):
            if x not in (TRUE, FALSE) and self.splits:
                proved = [self._under(x, value).proved_here(a, b) for value in (TRUE, FALSE)]
                return k.bool_cases(x, *proved)
        raise NoProof(f"this remains: {statement(a, b)}")

    def _by_order(self, a: Term, b: Term) -> Theorem:
        if a.type is t.INT:
            first, last = self._decide(apply("le", a, b)), self._decide(apply("le", b, a))
            if first and last and first.right is TRUE and last.right is TRUE:
                return discharge(instance("int.le.antisym", a=a, b=b), first, last)
        return self._congruent(a, b)

    def _extensional(self, a: Term, b: Term) -> Theorem:
        """Functions with the same values."""
        v = fresh(t.domain(a.type))
        th = self.prove(t.app(a, v), t.app(b, v))
        return chain(k.sym(k.eta(t.lam(v, th.left))), k.abs_(v, th), k.eta(t.lam(v, th.right)))

    def _components(self, a: Term, b: Term) -> Theorem:
        parts = [[x.items[i] if x.kind == "T" else t.proj(i, x) for i in range(len(x.type.args or ()))] for x in (a, b)]
        whole = k.tuple_(*(self.prove(u, v) for u, v in zip(*parts, strict=True)))
        first = None if a.kind == "T" else k.sym(k.tupeta(a))
        last = None if b.kind == "T" else k.tupeta(b)
        return chain(first, whole, last)

    def _same_word(self, a: Term, b: Term) -> Theorem:
        word = a.type.text
        sides = [x if head(x) == f"ofZ.{word}" else apply(f"ofZ.{word}", apply(f"toZ.{word}", x)) for x in (a, b)]
        first, last = (
            None if x is wrapped else k.sym(instance(f"{word}.of.to", x=x))
            for x, wrapped in zip((a, b), sides, strict=True)
        )
        equal = modular.equal(*sides)
        if equal is None:
            if a.kind == b.kind == "A" and head(a) == head(b):
                return self._congruent(a, b)
            inner = self._by_order(sides[0].argument, sides[1].argument)
            equal = k.app(k.refl(sides[0].function), inner)
        return chain(first, equal, k.sym(last) if last else None)

    def _congruent(self, a: Term, b: Term) -> Theorem:
        if a.kind == b.kind == "A" and a.function.type is b.function.type:
            function = k.refl(a.function) if a.function is b.function else self._congruent(a.function, b.function)
            return k.app(function, self._same(a.argument, b.argument))
        if a.kind == b.kind == "P" and a.index == b.index and a.body.type is b.body.type:
            return k.proj(a.index, self._congruent(a.body, b.body))
        raise NoProof(f"this remains: {statement(a, b)}")


def _parts(known: Theorem) -> list[Theorem]:
    """The inequalities that a theorem says, through conjunctions."""
    name = head(known.left)
    if name == "le" and known.right in (TRUE, FALSE):
        return [known]
    if name == "and" and known.right is TRUE:
        return [th for part in parts(known) for th in _parts(part)]
    return []


def _words_in(x: Term) -> list[Term]:
    """The terms toZ.W y inside, without loose bound variables."""
    return [
        u for u in t.subterms(x) if u.kind == "A" and not u.loose and head(u).startswith("toZ.") and u.type is t.INT
    ]


# ---- induction


def by_list_induction(prover: Prover, xs: Term, left: Term, right: Term) -> Theorem:
    """|- left = right for every list xs."""
    assert xs.type.args is not None
    x = t.var("head", xs.type.args[0])
    nil, cons = t.const("nil", xs.type), apply("cons", x, xs)
    base = _at(prover, xs, nil, left, right)
    step = _step(prover, xs, cons, left, right)
    return k.list_induction(x, xs, left, right, base, step)


def by_nat_induction(prover: Prover, n: Term, left: Term, right: Term) -> Theorem:
    """|- left = right for every natural number n."""
    base = _at(prover, n, t.const("zero", t.NAT), left, right)
    step = _step(prover, n, apply("suc", n), left, right)
    return k.nat_induction(n, left, right, base, step)


def by_outcomes(prover: Prover, o: Term, left: Term, right: Term) -> Theorem:
    """|- left = right for every outcome o."""
    assert o.type.args is not None
    v = fresh(o.type.args[0])
    ok = t.app(t.const("ok", t.fun(v.type, o.type)), v)
    cases = (ok, t.const("trap", o.type), t.const("diverge", o.type))
    return k.outcome_cases(o, v, *(prover.under(o, case).prove(left, right) for case in cases))


def _at(prover: Prover, v: Term, value: Term, left: Term, right: Term) -> Theorem:
    return prover.prove(t.substitute(left, {v: value}), t.substitute(right, {v: value}))


def _step(prover: Prover, v: Term, value: Term, left: Term, right: Term) -> Theorem:
    """The case of `value` from the law for v, which is used from left to right."""
    return _at(prover.under(left, right), v, value, left, right)


# ---- laws of words


def by_bits(prover: Prover, left: Term, right: Term) -> Theorem:
    """|- left = right for two words, whose bits are equal."""
    word = left.type.text
    i = t.var("i", t.INT)
    bits = [t.app(t.const(f"bit.{word}", t.fun(x.type, t.INT, t.BOOL)), x) for x in (left, right)]
    at_i = prover.prove(*(t.app(b, i) for b in bits))
    every = chain(k.sym(k.eta(t.lam(i, at_i.left))), k.abs_(i, at_i), k.eta(t.lam(i, at_i.right)))
    return discharge(instance(f"{word}.bit.ext", x=left, y=right), every)


def by_steps(rules: Sequence[Sequence[Theorem]], left: Term, right: Term) -> Theorem:
    """|- left = right by using each rule once, in this order, at the outermost place where one of its forms applies."""
    th = k.refl(left)
    for forms in rules:
        found: list[Theorem] = []

        def once(x: Term, forms: Sequence[Theorem] = forms, found: list[Theorem] = found) -> Theorem | None:
            step = next((step for rule in forms if (step := at(rule, x)) is not None), None)
            if step is None or found:
                return None
            found.append(step)
            return step

        changed = replace_all(th.right, once)
        if changed is None:
            raise NoProof(f"a step does not apply to {statement(th.right, right)}")
        th = k.trans(th, changed)
    if th.right is not right:
        raise NoProof(f"this remains: {statement(th.right, right)}")
    return th


def by_remainders(left: Term, right: Term) -> Theorem:
    """|- mod a m = mod b m where a and b differ by a multiple of m once the remainders inside are written as
    differences x - m * (x // m)."""
    m = left.argument
    sides = [_opened(x.function.argument, m) for x in (left, right)]
    first, last = (k.app(k.app(k.refl(left.function.function), th), k.refl(m)) for th in sides)
    a, b = first.right.function.argument, last.right.function.argument
    difference = INTEGERS.normal(apply("sub", a, b))
    quotient = _divided(difference.right if difference else apply("sub", a, b), m)
    shifted = apply("add", b, apply("mul", quotient, m))
    equal = INTEGERS.equal(a, shifted)
    if equal is None:
        raise NoProof("the two sides do not differ by a multiple")
    moved = k.app(k.app(k.refl(left.function.function), equal), k.refl(m))
    return chain(first, moved, instance("int.mod.period", a=b, k=quotient, m=m), k.sym(last))


def _opened(x: Term, m: Term) -> Theorem:
    """|- x = x without remainders modulo m."""
    name, args = head(x), arguments(x)[1]
    if name == "mod" and args[1] is m:
        law = instance("int.floordiv.mod", a=args[0], m=m)
        product = law.left.function.argument
        equal = INTEGERS.equal(x, apply("sub", law.left, product))
        assert equal is not None
        minus = k.app(k.app(k.refl(equal.right.function.function), law), k.refl(product))
        return _deeper(chain(equal, minus), m)
    if name in ("add", "mul", "sub", "neg"):
        th = k.refl(arguments(x)[0])
        for a in args:
            th = k.app(th, _opened(a, m))
        return th
    return k.refl(x)


def _deeper(th: Theorem, m: Term) -> Theorem:
    """`th` with the remainders in the first operand of its right side opened too; those in the quotient stay."""
    x = th.right
    inner = _opened(x.function.argument, m)
    return k.trans(th, k.app(k.app(k.refl(x.function.function), inner), k.refl(x.argument)))


def _divided(x: Term, m: Term) -> Term:
    """The polynomial x, in normal form, divided by the variable m: every monomial has it as a factor."""
    if INTEGERS.is_op(x, "add"):
        return apply("add", _divided(x.function.argument, m), _divided(x.argument, m))
    if x is m:
        return INTEGERS.literal(1)
    if INTEGERS.is_op(x, "mul"):
        a, b = x.function.argument, x.argument
        return b if a is m else a if b is m else apply("mul", a, _divided(b, m))
    if x.kind == "K" and INTEGERS.value(x) == 0:
        return x
    raise NoProof("the two sides do not differ by a multiple")
