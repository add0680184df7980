"""Untrusted. Equations of reals with quotients and powers of e, decided by normal forms.

Every quotient p / d becomes p * (1 / d), once d is known not to be 0. Denominators that are sums become variables of
their own: the variables in them are solved for, so that only quotients by variables remain. In a monomial v * (1 / v)
is then 1, and powers of e are joined into one. What remains is compared as a polynomial.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, congruence, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import REALS
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, chain, fresh, head, instance, replace_all
from hyperion_proofs.real_signs import ONE, ZERO, Signs, opened, same
from hyperion_proofs.unfolding import sure

_RING = ("radd", "rsub", "rmul", "rneg")
Linear = dict[Term | None, Fraction]  # atom (None: the constant) -> coefficient


def equal(a: Term, b: Term, facts: Sequence[Theorem]) -> Theorem | None:
    """|- a = b; None where the normal forms differ, or a denominator may be 0."""
    if a.type is not t.REAL or not any(head(u) in ("rdiv", "rexp", "toR") for x in (a, b) for u in t.subterms(x)):
        return None
    try:
        return _Fields(Signs(facts)).equal(a, b)
    except NoProof:
        return None


def simplified(x: Term) -> Term:
    """The normal form of x. Raises NoProof where a denominator may be 0."""
    known = _Fields(Signs(()))
    return known.normal(known.flat(x).right).right


@dataclass
class _Fields:
    signs: Signs
    nonzero: dict[Term, Theorem] = field(default_factory=dict[Term, Theorem])  # d -> |- req d 0 = false

    def equal(self, a: Term, b: Term) -> Theorem:
        first, last = self.flat(a), self.flat(b)
        x, y = first.right, last.right
        compound = [d for d in self.nonzero if _is_sum(d)]
        differences = _differences((x, y), {u for d in self.nonzero for u in t.subterms(d)}) if compound else []
        middle = self._with_variables(x, y, compound, differences) if compound else self._merged(x, y)
        return chain(first, middle, k.sym(last))

    # ---- quotients

    def flat(self, x: Term) -> Theorem:
        """|- x = a polynomial over what is no quotient, quotients 1 / d with d in normal form, and powers of e."""
        th = opened(x)
        return chain(th, self._flat(th.right))

    def _flat(self, x: Term) -> Theorem:
        function, args = arguments(x)
        name = head(x)
        if name == "rdiv" and len(args) == 2:
            return self._quotient(x, *args)
        if name in (*_RING, "rexp"):
            changes = [self._flat(a) for a in args]
            if name == "rexp":
                changes = [chain(th, REALS.normal(th.right)) for th in changes]
            return congruence(function, args, changes) or k.refl(x)
        return k.refl(x)

    def _quotient(self, x: Term, p: Term, d: Term) -> Theorem:
        if head(d) == "rmul":
            u, v = arguments(d)[1]
            split = self._split(p, u, v)
            return chain(split, self._flat(split.right))
        first, last = self._flat(p), self._flat(d)
        last = chain(last, REALS.normal(last.right))
        th = sure(congruence(x.function.function, [p, d], [first, last]))
        p, d = first.right, last.right
        if d.kind == "K":
            return chain(th, _by_literal(p, d))
        law = instance("real.div.def", a=p, b=d)
        return k.trans(th, discharge(law, self._known(d)))

    def _known(self, d: Term) -> Theorem:
        if d not in self.nonzero:
            found = self.signs.nonzero(d)
            if found is None:
                raise NoProof("a denominator may be 0")
            self.nonzero[d] = found
        return self.nonzero[d]

    def _split(self, p: Term, u: Term, v: Term) -> Theorem:
        """|- p / (u * v) = (p / u) / v"""
        product = apply("rmul", u, v)
        facts = [self._fact(d) for d in (product, u, v)]
        whole, left, right = (discharge(instance("real.div.inverse", b=d), fact)
                              for d, fact in zip((product, u, v), facts, strict=True))  # fmt: skip
        one, a, b = (apply("rdiv", ONE, d) for d in (product, u, v))
        # 1/(uv) = 1/(uv) * ((u * 1/u) * (v * 1/v)) = (uv * 1/(uv)) * (1/u * 1/v) = 1/u * 1/v
        ones = apply("rmul", one, apply("rmul", apply("rmul", u, a), apply("rmul", v, b)))
        moved = apply("rmul", apply("rmul", product, one), apply("rmul", a, b))
        known = {left.left: left, right.left: right, whole.left: whole}
        down = [sure(replace_all(y, known.get)) for y in (ones, moved)]
        inverse = chain(same(one, down[0].right), k.sym(down[0]), same(ones, moved), down[1],
                        same(down[1].right, apply("rmul", a, b)))  # fmt: skip
        target = apply("rdiv", apply("rdiv", p, u), v)
        start = discharge(instance("real.div.def", a=p, b=product), facts[0])
        outer = discharge(instance("real.div.def", a=apply("rdiv", p, u), b=v), facts[2])
        inner = discharge(instance("real.div.def", a=p, b=u), facts[1])
        end = k.trans(outer, k.app(k.app(k.refl(outer.right.function.function), inner), k.refl(b)))
        middle = k.app(k.refl(start.right.function), inverse)
        return chain(start, middle, same(middle.right, end.right), k.sym(end)) if target is end.left else k.refl(target)

    def _fact(self, d: Term) -> Theorem:
        """|- req d 0 = false, of what is in no normal form."""
        found = self.signs.nonzero(d)
        if found is None:
            raise NoProof("a denominator may be 0")
        return found

    # ---- denominators that are sums

    def _with_variables(self, x: Term, y: Term, sums: Sequence[Term], differences: Sequence[Term]) -> Theorem:
        """|- x = y, by the same equation where each sum that divides, and each of these differences, is a variable."""
        names = {d: fresh(t.REAL, "d") for d in (*sums, *differences)}
        forms = {d: _linear(d) for d in sums} | {d: _difference(d) for d in differences}
        solved = _solved(forms, names)
        inside = {p: _term(form) for p, form in solved.items()}
        quotients = {apply("rdiv", ONE, d): apply("rdiv", ONE, v) for d, v in names.items()}
        a, b = (_substituted(z, quotients | inside) for z in (x, y))
        inner = _Fields(self.signs, {})
        for v in (names[d] for d in sums):
            inner.nonzero[v] = k.assume(apply("req", v, ZERO), FALSE)
        for d, fact in self.nonzero.items():
            if d not in names:
                if d in inside:
                    raise NoProof("a denominator is a part of another")
                inner.nonzero[d] = fact
        general = inner._merged(a, b)
        special = k.inst({v: d for d, v in names.items()}, general)
        special = discharge(special, *(self.nonzero[d] for d in sums))
        back = {v: d for d, v in names.items()}
        whole = {p: same(p, t.substitute(e, back)) for p, e in inside.items()}
        kept = {apply("rdiv", ONE, d) for d in self.nonzero}

        def rule(u: Term) -> Theorem | None:
            return k.refl(u) if u in kept else whole.get(u)

        first, last = replace_all(x, rule), replace_all(y, rule)
        return chain(first, special, k.sym(last) if last else None)

    # ---- monomials

    def _merged(self, x: Term, y: Term) -> Theorem:
        first, last = self.normal(x), self.normal(y)
        if first.right is not last.right:
            raise NoProof("the two sides differ")
        return k.trans(first, k.sym(last))

    def normal(self, x: Term) -> Theorem:
        """|- x = its normal form: no monomial has both v and 1 / v, or two powers of e."""
        th = chain(k.refl(x), REALS.normal(x))
        more = self._sum(th.right)
        return chain(th, more, REALS.normal(more.right)) if more is not None else th

    def _sum(self, x: Term) -> Theorem | None:
        if REALS.is_op(x, "radd"):
            function, args = arguments(x)
            return congruence(function, args, [self._sum(a) for a in args])
        return self._monomial(x)

    def _monomial(self, m: Term) -> Theorem | None:
        atoms = _factors(m)
        rest, units = list(atoms), list[Term]()
        for j in atoms:
            v = arguments(j)[1][1] if head(j) == "rdiv" else None
            if v is not None and v in rest and j in rest:
                rest.remove(v)
                rest.remove(j)
                units.append(apply("rmul", v, j))
        powers = [a for a in rest if head(a) == "rexp"]
        if not units and len(powers) < 2 and not any(p.argument is ZERO for p in powers):
            return None
        for p in powers:
            rest.remove(p)
        grouped = [*rest, *units, *([_product(powers)] if powers else [])]
        whole = _product(grouped)
        th = same(m, whole)
        rules = {u: discharge(instance("real.div.inverse", b=u.function.argument), self._known(u.function.argument))
                 for u in units}  # fmt: skip
        if powers:
            joined = _joined(powers)
            rules[joined.left] = joined
        changed = sure(replace_all(whole, rules.get))
        return chain(th, changed, REALS.normal(changed.right))


def _joined(powers: Sequence[Term]) -> Theorem:
    """|- exp a * (exp b * ..) = exp (a + b + ..), its exponent in normal form, or 1."""
    th = k.refl(powers[-1])
    for p in reversed(powers[:-1]):
        pair = apply("rmul", p, th.left)
        inner = k.app(k.refl(pair.function), th)
        total = apply("radd", p.argument, th.right.argument)
        th = k.trans(inner, k.sym(instance("real.exp.add", a=p.argument, b=th.right.argument)))
        assert th.right.argument is total
    exponent = REALS.normal(th.right.argument)
    if exponent is not None:
        th = k.trans(th, k.app(k.refl(th.right.function), exponent))
    return k.trans(th, instance("real.exp.zero")) if th.right.argument is ZERO else th


def _by_literal(p: Term, d: Term) -> Theorem:
    """|- p / d = p * c with the literal c = 1 / d."""
    value = literals.real_value(d)
    if not value:
        raise NoProof("a denominator is 0")
    fact = k.compute(apply("req", d, ZERO))
    law = discharge(instance("real.div.def", a=p, b=d), fact)
    inverse = discharge(instance("real.div.inverse", b=d), fact)  # d * (1 / d) = 1
    c = literals.real_lit(1 / value)
    one = inverse.left.argument
    scaled = k.app(k.refl(apply("rmul", c, ONE).function), inverse)  # c * (d * (1 / d)) = c * 1
    literal = chain(same(one, scaled.left), scaled, same(scaled.right, c))
    return k.trans(law, k.app(k.refl(law.right.function), literal))


# ---- linear forms


def _linear(d: Term) -> Linear:
    """The coefficients of a sum in normal form; a product counts as one variable. Raises NoProof for quotients."""
    found: Linear = {}
    while True:
        m = d.function.argument if REALS.is_op(d, "radd") else d
        c, p = REALS.split(m)
        if p is not None and any(head(u) == "rdiv" for u in t.subterms(p)):
            raise NoProof("a denominator has a quotient")
        found[p] = c
        if m is d:
            return found
        d = d.argument


def _difference(d: Term) -> Linear:
    u, v = arguments(d)[1]
    return {u: Fraction(1), v: Fraction(-1)}


def _differences(sides: Sequence[Term], divide: set[Term]) -> list[Term]:
    """Differences of two variables that do not divide, no variable in two of them: with a name for each of them, powers
    of differences are no long polynomials."""
    found: list[Term] = []
    used = set(divide)
    for side in sides:
        for u in t.subterms(side):
            parts = arguments(u)[1] if head(u) == "rsub" and u.kind == "A" else []
            if len(parts) == 2 and parts[0] is not parts[1] and all(p.kind in "VP" and p not in used for p in parts):
                found.append(u)
                used.update(parts)
    return found


def _solved(sums: dict[Term, Linear], names: dict[Term, Term]) -> dict[Term, Linear]:
    """Some variables of the sums, as linear forms of the sums' names and of other variables."""
    solved: dict[Term, Linear] = {}
    for d, form in sums.items():
        left = _inserted(form, solved)  # the sum where solved variables are gone
        inside = {u for p in left if p is not None and head(p) == "rmul" for u in t.subterms(p)}
        others = [p for p in left if p is not None and p not in inside and p not in names.values()]
        if not others:
            raise NoProof("a denominator is a sum of others")
        pivot = min(others, key=t.digest)
        c = left.pop(pivot)
        value: Linear = {p: -q / c for p, q in left.items()}
        value[names[d]] = value.get(names[d], Fraction(0)) + 1 / c
        solved = {p: _inserted(e, {pivot: value}) for p, e in solved.items()}
        solved[pivot] = value
    return solved


def _inserted(form: Linear, known: dict[Term, Linear]) -> Linear:
    result: Linear = {}
    for p, c in form.items():
        for q, e in (known[p] if p is not None and p in known else {p: Fraction(1)}).items():
            result[q] = result.get(q, Fraction(0)) + c * e
    return {p: c for p, c in result.items() if c}


def _term(form: Linear) -> Term:
    parts = [literals.real_lit(c) if p is None else apply("rmul", literals.real_lit(c), p) for p, c in form.items()]
    whole = parts[-1] if parts else ZERO
    for part in reversed(parts[:-1]):
        whole = apply("radd", part, whole)
    return whole


def _substituted(x: Term, known: dict[Term, Term]) -> Term:
    """`x` with these sub-terms replaced, outermost first."""
    done: dict[Term, Term] = {}

    def go(u: Term) -> Term:
        if u in known:
            return known[u]
        if u not in done:
            function, args = arguments(u)
            done[u] = t.app(function, *map(go, args)) if args else u
        return done[u]

    return go(x)


def _is_sum(d: Term) -> bool:
    return head(d) in ("radd", "rmul")


def _factors(m: Term) -> list[Term]:
    found: list[Term] = []
    while REALS.is_op(m, "rmul"):
        found.append(m.function.argument)
        m = m.argument
    return [*found, m]


def _product(factors: Sequence[Term]) -> Term:
    whole = factors[-1] if factors else ONE
    for f in reversed(factors[:-1]):
        whole = apply("rmul", f, whole)
    return whole
