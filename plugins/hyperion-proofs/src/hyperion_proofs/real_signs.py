"""Untrusted. Signs of reals: that a sum is not negative, or not 0, from facts about its parts; integers as reals.

A fact is |- test = true or false. Of integers `le`, of reals `rle`, `rlt` and `req` are read; a real toR z of an
integer has the facts of z.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import REALS
from hyperion.logic.terms import Term
from hyperion_proofs import derived
from hyperion_proofs.cases import as_inequalities
from hyperion_proofs.derived import NoProof, chain, head, instance, replace_all, use
from hyperion_proofs.implication import parts
from hyperion_proofs.unfolding import sure

ZERO, ONE = literals.real_lit(Fraction(0)), literals.real_lit(Fraction(1))


# ---- integers among the reals


def opened(x: Term) -> Theorem:
    """|- x = x where toR stands at integers that are no sums, differences or literals."""
    th = k.refl(x)
    while (more := replace_all(th.right, _opened)) is not None:
        th = k.trans(th, more)
    return th


def _opened(x: Term) -> Theorem | None:
    if head(x) != "toR" or x.kind != "A":
        return None
    n = x.argument
    match head(n):
        case "add" | "neg" as name if n.kind == "A":
            return use(f"real.of.{name}", x)
        case "sub" if n.kind == "A":
            return k.app(k.refl(x.function), sure(use("int.sub.def", n)))
        case _:
            return _literal(literals.int_value(n)) if n.kind == "K" else None


@cache
def _literal(n: int) -> Theorem:
    """|- toR n = n"""
    if n in (0, 1):
        return instance("real.of.one" if n else "real.of.zero")
    low = abs(n) // 2
    whole = apply("neg", literals.int_lit(-n)) if n < 0 else apply("add", *map(literals.int_lit, (low, n - low)))
    function = apply("toR", whole).function
    th = chain(k.sym(k.app(k.refl(function), k.compute(whole))), _opened(apply("toR", whole)))
    inner = replace_all(th.right, _opened)
    assert inner is not None
    return chain(th, inner, k.compute(inner.right))


def normal(x: Term) -> Theorem:
    """|- x = its normal form as a polynomial, integers among the reals opened."""
    th = opened(x)
    return chain(th, REALS.normal(th.right))


# ---- signs


class Signs:
    """What facts say about the signs of reals."""

    def __init__(self, facts: Sequence[Theorem]) -> None:
        self._least: list[Theorem] = []  # |- rle 0 p = true, p in normal form
        self._strict: list[Theorem] = []  # |- rle p 0 = false, p in normal form
        self._unequal: list[Theorem] = []  # |- req d 0 = false
        for fact in facts:
            self._read(fact)

    def _read(self, fact: Theorem) -> None:
        name, (_, args) = head(fact.left), arguments(fact.left)
        if name in ("le", "lt", "eq") and len(args) == 2 and args[0].type is t.INT:
            for le in as_inequalities(fact):
                a, b = arguments(le.left)[1]
                self._order(k.trans(instance("real.of.le", a=a, b=b), le))
        elif name == "rle":
            self._order(fact)
        elif name == "rlt":
            a, b = args
            turned = k.trans(k.sym(instance("real.lt.def", a=a, b=b)), fact)
            self._order(derived_not(turned))
        elif name == "req" and fact.right is FALSE:
            self._unequal.append(fact)
        elif name == "req":
            for part in parts(k.trans(k.sym(instance("real.eq.def", a=args[0], b=args[1])), fact)):
                self._order(part)

    def _order(self, fact: Theorem) -> None:
        """From |- rle a b = true or false."""
        a, b = arguments(fact.left)[1]
        if fact.right is FALSE:
            self._strict.append(moved(fact, a, b))
            fact = discharge(instance("real.le.total", a=a, b=b), fact)
            a, b = b, a
        self._least.append(moved(fact, a, b))
        low = self._least[-1].left.argument
        constant, rest = _constant(low)
        if constant < 0 and rest is not None:  # 1 <= a, so 0 <= a and a is no 0
            self._positive(self._least[-1], constant, rest)

    def _positive(self, fact: Theorem, constant: Fraction, rest: Term) -> None:
        """From |- rle 0 (rest + constant) = true with a negative constant."""
        bound = literals.real_lit(-constant)
        above = from_difference(fact, bound, rest)
        least = discharge(
            instance("real.le.trans", a=ZERO, b=bound, c=rest), k.compute(apply("rle", ZERO, bound)), above
        )
        self._least.append(least)
        failing = k.assume(apply("rle", rest, ZERO), TRUE)
        absurd = discharge(instance("real.le.trans", a=bound, b=rest, c=ZERO), above, failing)
        wrong = k.trans(k.sym(absurd), k.compute(absurd.left))
        test = failing.left
        self._strict.append(k.bool_cases(test, derived.contradiction(wrong, test, FALSE), k.assume(test, FALSE)))

    def nonnegative(self, p: Term, depth: int = 1) -> Theorem | None:
        """|- rle 0 p = true, for p in normal form."""
        monomials = _monomials(p)
        each = [self._monomial(m) for m in monomials]
        if all(each):
            total = each[-1]
            assert total is not None
            for m, th in zip(reversed(monomials[:-1]), reversed(each[:-1]), strict=True):
                assert th is not None
                rest = total.left.argument
                total = discharge(instance("real.nonneg.add", a=m, b=rest), th, total)
            return total
        for known in self._least if depth else ():
            q = known.left.argument
            if len(_monomials(q)) > 1:
                left = REALS.normal(apply("rsub", p, q))
                rest = left.right if left else apply("rsub", p, q)
                other = self.nonnegative(rest, depth - 1)
                if other is not None:
                    both_ = discharge(instance("real.nonneg.add", a=q, b=rest), known, other)
                    return rewritten(both_, p)
        return None

    def _monomial(self, m: Term) -> Theorem | None:
        """|- rle 0 m = true"""
        for th in self._least:
            if th.left.argument is m:
                return th
        if m.kind == "K":
            found = k.compute(apply("rle", ZERO, m))
            return found if found.right is TRUE else None
        if head(m) == "rmul":
            a, b = arguments(m)[1]
            first, last = self._monomial(a), self._monomial(b)
            if first is None or last is None:
                return None
            return discharge(instance("real.nonneg.mul", a=a, b=b), first, last)
        return None

    def positive(self, p: Term) -> Theorem | None:
        """|- rle p 0 = false, for p in normal form."""
        for th in self._strict:
            if th.left.function.argument is p:
                return th
        monomials = _monomials(p)
        for i, m in enumerate(monomials):
            strict = self._strictly(m)
            others = monomials[:i] + monomials[i + 1 :]
            if strict is None:
                continue
            if not others:
                return strict
            rest = others[-1]
            for other in reversed(others[:-1]):
                rest = apply("radd", other, rest)
            least = self.nonnegative(rest)
            if least is not None:
                return _more_than(strict, least, m, p)
        for strict in self._strict:
            q = strict.left.function.argument
            if len(_monomials(q)) > 1:
                rest = normal(apply("rsub", p, q)).right
                least = self.nonnegative(rest)
                if least is not None:
                    return _more_than(strict, least, q, p)
        return None

    def _strictly(self, m: Term) -> Theorem | None:
        """|- rle m 0 = false"""
        if m.kind == "K":
            found = k.compute(apply("rle", m, ZERO))
            return found if found.right is FALSE else None
        return next((th for th in self._strict if th.left.function.argument is m), None)

    def nonzero(self, d: Term) -> Theorem | None:
        """|- req d 0 = false"""
        for fact in self._unequal:
            a, b = arguments(fact.left)[1]
            if b is ZERO:
                same = chain(normal(d), k.sym(normal(a))) if normal(d).right is normal(a).right else None
                if same is not None:
                    test = apply("req", d, ZERO)
                    return k.trans(k.app(k.app(k.refl(test.function.function), same), k.refl(ZERO)), fact)
        same = normal(d)
        strict = self.positive(same.right)
        if strict is None:
            return None
        p = same.right
        test = apply("req", p, ZERO)
        zero = k.assume(test, TRUE)
        low, _ = parts(k.trans(k.sym(instance("real.eq.def", a=p, b=ZERO)), zero))
        wrong = k.trans(k.sym(low), strict)
        th = k.bool_cases(test, derived.contradiction(wrong, test, FALSE), k.assume(test, FALSE))
        return k.trans(k.app(k.app(k.refl(test.function.function), same), k.refl(ZERO)), th)

    def decide(self, test: Term) -> Theorem | None:
        """|- test = true or false, for a comparison of reals."""
        name, (_, args) = head(test), arguments(test)
        if name not in ("rle", "rlt", "req") or len(args) != 2:
            return None
        a, b = args
        if name == "req":
            return self.nonzero(a) if b is ZERO else None
        squares = _sum_of_squares(a) if name == "rlt" and b is ZERO else None
        if squares is not None:
            return k.trans(instance("real.lt.def", a=a, b=b), _not(squares))
        if name == "rlt":
            found = self._below(b, a)
            return None if found is None else k.trans(instance("real.lt.def", a=a, b=b), _not(found))
        return self._below(a, b)

    def _below(self, a: Term, b: Term) -> Theorem | None:
        """|- rle a b = true or false."""
        up, down = normal(apply("rsub", b, a)), normal(apply("rsub", a, b))
        least = self.nonnegative(up.right)
        if least is not None:
            return from_difference(least, a, b)
        strict = self.positive(down.right)
        if strict is None:
            return None
        p = down.right  # a - b, and p <= 0 fails
        shifted = instance("real.le.add", a=p, b=ZERO, c=b)
        whole = k.trans(shifted, strict)
        return _sides(whole, a, b)


def _sum_of_squares(x: Term) -> Theorem | None:
    """|- rle 0 x = true, where x is written as one; a normal form would multiply it out."""
    args = arguments(x)[1]
    if head(x) == "rmul" and args[0] is args[1]:
        return _square(args[0])
    if head(x) != "radd":
        return None
    first, last = map(_sum_of_squares, args)
    if first is None or last is None:
        return None
    return discharge(instance("real.nonneg.add", a=args[0], b=args[1]), first, last)


def _square(d: Term) -> Theorem:
    """|- rle 0 (d * d) = true"""
    test = apply("rle", ZERO, d)
    above, below = k.assume(test, TRUE), k.assume(test, FALSE)
    low = moved(discharge(instance("real.le.total", a=ZERO, b=d), below), d, ZERO)
    minus = low.left.argument
    turned = discharge(instance("real.nonneg.mul", a=minus, b=minus), low, low)
    positive = discharge(instance("real.nonneg.mul", a=d, b=d), above, above)
    return k.bool_cases(test, positive, _sides(turned, ZERO, apply("rmul", d, d)))


def decide(test: Term, facts: Sequence[Theorem]) -> Theorem | None:
    """|- test = true or false where the signs of sums say so; a decider."""
    if head(test) not in ("rle", "rlt", "req"):
        return None
    return Signs(facts).decide(test)


def derived_not(fact: Theorem) -> Theorem:
    """From |- not p = true (or false): |- p = false (or true)."""
    p = fact.left.argument
    value = FALSE if fact.right is TRUE else TRUE
    cases: list[Theorem] = []
    for v in (TRUE, FALSE):
        known = k.assume(p, v)
        if v is value:
            cases.append(known)
            continue
        wrong = chain(k.sym(_not(known)), fact)
        cases.append(derived.contradiction(wrong, p, value))
    return k.bool_cases(p, *cases)


def _not(fact: Theorem) -> Theorem:
    """From |- p = true (or false): |- not p = false (or true)."""
    whole = apply("not", fact.left)
    inner = k.app(k.refl(whole.function), fact)
    law = sure(use("not.def", inner.right))
    return chain(inner, law, derived.cond_is(k.refl(fact.right), law.right))


def moved(fact: Theorem, a: Term, b: Term) -> Theorem:
    """From |- rle a b = true: |- rle 0 p = true with p the normal form of b - a; from false: |- rle p 0 = false, where
    p is that of a - b."""
    if fact.right is TRUE:
        minus = apply("rneg", a)
        th = k.trans(instance("real.le.add", a=a, b=b, c=minus), fact)  # rle (a - a) (b - a)
        return _sides(th, ZERO, normal(apply("rsub", b, a)).right)
    minus = apply("rneg", b)
    th = k.trans(instance("real.le.add", a=a, b=b, c=minus), fact)
    return _sides(th, normal(apply("rsub", a, b)).right, ZERO)


def from_difference(least: Theorem, a: Term, b: Term) -> Theorem:
    """From |- rle 0 p = true with p = b - a: |- rle a b = true."""
    p = least.left.argument
    th = k.trans(instance("real.le.add", a=ZERO, b=p, c=a), least)
    return _sides(th, a, b)


def _sides(th: Theorem, a: Term, b: Term) -> Theorem:
    """From |- rle u v = value: |- rle a b = value, where u = a and v = b as polynomials."""
    u, v = arguments(th.left)[1]
    first, last = same(a, u), same(b, v)
    return k.trans(k.app(k.app(k.refl(th.left.function.function), first), last), th)


def same(a: Term, b: Term) -> Theorem:
    """|- a = b as polynomials. Raises NoProof."""
    if a is b:
        return k.refl(a)
    first, last = normal(a), normal(b)
    if first.right is not last.right:
        raise NoProof("two sums of reals differ")
    return k.trans(first, k.sym(last))


def rewritten(least: Theorem, p: Term) -> Theorem:
    """From |- rle 0 q = true with q = p: |- rle 0 p = true."""
    return _sides(least, ZERO, p)


def _more_than(strict: Theorem, least: Theorem, m: Term, p: Term) -> Theorem:
    """From |- rle m 0 = false and |- rle 0 rest = true: |- rle p 0 = false, for p = m + the rest."""
    above = from_difference(rewritten(least, normal(apply("rsub", p, m)).right), m, p)  # m <= p
    test = apply("rle", p, ZERO)
    failing = k.assume(test, TRUE)
    absurd = discharge(instance("real.le.trans", a=m, b=p, c=ZERO), above, failing)
    wrong = k.trans(k.sym(absurd), strict)
    return k.bool_cases(test, derived.contradiction(wrong, test, FALSE), k.assume(test, FALSE))


def _monomials(p: Term) -> list[Term]:
    found: list[Term] = []
    while REALS.is_op(p, "radd"):
        found.append(p.function.argument)
        p = p.argument
    return [*found, p]


def _constant(p: Term) -> tuple[Fraction, Term | None]:
    """The literal in a normal form, and the sum of the rest."""
    monomials = _monomials(p)
    rest = [m for m in monomials if m.kind != "K"]
    constant = sum((literals.real_value(m) for m in monomials if m.kind == "K"), Fraction(0))
    if not rest:
        return constant, None
    whole = rest[-1]
    for m in reversed(rest[:-1]):
        whole = apply("radd", m, whole)
    return constant, whole
