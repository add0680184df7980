"""Untrusted. Proofs of the laws of loops that are linear modulo constants."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import NoProof, arguments, beta_spine, chain, discharge, head
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import untuple
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.derived import cond_is, instance, replace_all
from hyperion_proofs.implication import all_conjuncts, all_of, all_parts
from hyperion_proofs.inequalities import nonneg_add
from hyperion_proofs.ladder.intervals import ZERO, implied
from hyperion_proofs.ladder.modular_facts import Facts, as_le
from hyperion_proofs.loop import Loop, law_theorem
from hyperion_proofs.modular_laws import equal_inside, normal


class ModularLaws:
    """Proves the laws of one loop from what is known of its moduli."""

    def __init__(self, loop: Loop, facts: Facts, moduli: Sequence[Term]) -> None:
        self.loop = loop
        self._facts = facts
        self._moduli = moduli
        self._evaluate = facts.evaluator()

    def all(self) -> dict[str, Theorem]:
        return {name: law_theorem(self.loop, name, self._prove(name)) for name in self.loop.laws()}

    def _prove(self, name: str) -> Theorem:
        _, conditions, left, right = self.loop.laws()[name]
        facts = [k.trans(k.sym(beta_spine(c)), k.assume(c, TRUE)) for c in conditions]
        match name:
            case "step" | "join":
                states = all_parts(facts[0] if name == "step" else facts[2], 2 * len(self._moduli) + 1)[:-1]
                return _Equality(self._facts.with_states(states), states).prove(left, right)
            case "lift" | "unit":
                opened = beta_spine(left)
                return k.trans(opened, k.compute(opened.right))
            case "mul":
                return k.trans(beta_spine(left), nonneg_add(*facts[:2]))
            case "act":
                return self._act(left, facts[0], all_parts(facts[1], 2 * len(self._moduli) + 1)[-1])
            case "size":
                return all_parts(facts[0], 2 * len(self._moduli) + 1)[-1]
            case _:
                raise NoProof(f"an unknown law {name}")

    def _act(self, goal: Term, first: Theorem, last: Theorem) -> Theorem:
        """|- okS (p + q) (act A s) = true: the new components are remainders."""
        opened = beta_spine(goal)
        proved: list[Theorem] = []
        for part in all_conjuncts(opened.right)[:-1]:
            evaluated = self._evaluate(part)
            x = evaluated.right
            if head(x) == "lt":
                less = instance("int.lt.def", a=x.function.argument, b=x.argument)
                evaluated, x = k.trans(evaluated, less), less.right
            proved.append(k.trans(evaluated, self._remainder_fact(x)))
        return k.trans(opened, all_of([*proved, nonneg_add(first, last)]))

    def _remainder_fact(self, x: Term) -> Theorem:
        facts: list[Theorem] = []
        for u in t.subterms(x):
            if head(u) == "mod" and u.type is t.INT and u.kind == "A" and not u.loose:
                _, (a, m) = arguments(u)
                positive = instance("int.lt.def", a=ZERO, b=m)
                positive = k.trans(positive, implied(positive.right, self._facts.intervals(m).facts))
                low = discharge(instance("int.mod.nonneg", a=a, m=m), positive)
                less = discharge(instance("int.mod.less", a=a, m=m), positive)
                facts += [low, k.trans(k.sym(instance("int.lt.def", a=u, b=m)), less)]
        return implied(x, facts)


class _Equality:
    """Proves that two states, or outcomes of states, are equal. `small` says 0 <= s and s < m of components."""

    def __init__(self, facts: Facts, small: Sequence[Theorem]) -> None:
        self._facts = facts
        self._small_facts = [as_le(th) for th in small]
        self._evaluate = facts.evaluator()

    def prove(self, left: Term, right: Term) -> Theorem:
        a, b = self._evaluate(left), self._evaluate(right)
        return chain(a, self._same(a.right, b.right), k.sym(b))

    def _same(self, a: Term, b: Term) -> Theorem:
        if a is b:
            return k.refl(a)
        if head(a) == head(b) == "ok":
            return k.app(k.refl(a.function), self._same(a.argument, b.argument))
        if a.kind == "T" or b.kind == "T":
            count = len((a if a.kind == "T" else b).items)
            pairs = zip(untuple(a, count), untuple(b, count), strict=True)
            whole = k.tuple_(*(self._same(u, v) for u, v in pairs))
            first = None if a.kind == "T" else k.sym(k.tupeta(a))
            return chain(first, whole, None if b.kind == "T" else k.tupeta(b))
        word = a.type.text
        sides = [None if head(x) == f"ofZ.{word}" else k.sym(_of_to(word, x)) for x in (a, b)]
        u, v = (th.right if th else x for th, x in zip(sides, (a, b), strict=True))
        middle = k.app(k.refl(u.function), self._split(u.argument, v.argument))
        return chain(sides[0], middle, k.sym(sides[1]) if sides[1] else None)

    def _split(self, a: Term, b: Term, depth: int = 0) -> Theorem:
        found = self._leaf(a, b)
        if found is not None:
            return found
        test = _some_test(a) or _some_test(b)
        if test is None or depth > 6:
            raise NoProof("the two sides have different normal forms")

        def case(known: Theorem) -> Theorem:
            def decide(u: Term) -> Theorem | None:
                _, args = arguments(u)
                return cond_is(known, u) if head(u) == "cond" and len(args) == 3 and args[0] is test else None

            first, last = replace_all(a, decide), replace_all(b, decide)
            u, v = first.right if first else a, last.right if last else b
            return chain(first, self._split(u, v, depth + 1), k.sym(last) if last else None)

        return k.bool_cases(test, case(k.assume(test, TRUE)), case(k.assume(test, FALSE)))

    def _leaf(self, a: Term, b: Term) -> Theorem | None:
        if head(a) == "mod" and head(b) != "mod":
            flipped = self._leaf(b, a)
            return None if flipped is None else k.sym(flipped)
        if head(b) == "mod" and head(a) != "mod":
            wrapped = self._small(apply("mod", a, b.argument))
            if wrapped is None:
                return None
            rest = equal_inside(wrapped.left, b) or _by_period(wrapped.left, b)
            return None if rest is None else k.trans(k.sym(wrapped), rest)
        return equal_inside(a, b) or _by_period(a, b)

    def _small(self, x: Term) -> Theorem | None:
        """|- mod a m = a, where 0 <= a < m is known."""
        _, (a, m) = arguments(x)
        facts = list(self._small_facts)
        try:
            for e in (a, m):
                if e.kind == "K" or head(e).startswith("toZ."):
                    facts += self._facts.intervals(e).facts
            low = implied(apply("le", ZERO, a), facts)
            less = instance("int.lt.def", a=a, b=m)
            less = k.trans(less, implied(less.right, facts))
        except NoProof:
            return None
        return discharge(instance("int.mod.small", a=a, m=m), low, less)


def _by_period(a: Term, b: Term) -> Theorem | None:
    """|- mod e m = mod f m for a literal m, where the coefficients of e and f differ by multiples of m."""
    if head(a) != "mod" or head(b) != "mod" or a.argument is not b.argument or a.argument.kind != "K":
        return None
    m = literals.int_value(a.argument)
    na, nb = normal(a) or k.refl(a), normal(b) or k.refl(b)
    first, last = (th.right.function.argument for th in (na, nb))
    difference = INTEGERS.normal(apply("sub", first, last))
    quotient = _divided(difference.right, m) if difference is not None and m else None
    if quotient is None:
        return None
    moved = INTEGERS.equal(first, apply("add", last, apply("mul", quotient, a.argument)))
    assert moved is not None
    function = na.right.function.function
    shifted = k.app(k.app(k.refl(function), moved), k.refl(a.argument))
    return chain(na, shifted, instance("int.mod.period", a=last, k=quotient, m=a.argument), k.sym(nb))


def _divided(x: Term, m: int) -> Term | None:
    """The polynomial x, in normal form, divided by m; None where a coefficient is no multiple."""
    if INTEGERS.is_op(x, "add"):
        first, rest = _divided(x.function.argument, m), _divided(x.argument, m)
        return None if first is None or rest is None else apply("add", first, rest)
    coefficient, product = INTEGERS.split(x)
    if coefficient % m:
        return None
    value = literals.int_lit(int(coefficient) // m)
    return value if product is None else apply("mul", value, product)


def _of_to(word: str, x: Term) -> Theorem:
    return instance(f"{word}.of.to", x=x)


def _some_test(x: Term) -> Term | None:
    for u in t.subterms(x):
        if u.kind == "A" and head(u) == "cond" and len(arguments(u)[1]) == 3:
            return arguments(u)[1][0]
    return None
