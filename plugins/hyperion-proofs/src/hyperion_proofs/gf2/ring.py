"""Untrusted search, checked theorems: words as polynomials over GF(2), modulo another.

Bit i of the words is the coefficient of x**i, for i below the width w; `keep` forgets higher bits. B multiplies by x:
it shifts, and adds the modulus where the highest bit leaves. With `times m r` = the sum of B**i r for the bits i of m,
which reads the bits of m in their places, the product of m and r is  times m (keep r),  and

    times a (keep (times b (keep r))) = times (times a (keep b)) (keep r)

for every modulus, since keep r = times r 1, and sums of powers of B commute. So B**w (keep r) = times modulus (keep r).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import chain, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import tuple_of
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, at, by_cases, cond_is
from hyperion_proofs.evaluate import merge_cond
from hyperion_proofs.gf2 import vectors
from hyperion_proofs.gf2.places import WORD, highest_test, taken, unset, within_mask
from hyperion_proofs.gf2.spaces import LinearMap, Words, gate_of_parts, together
from hyperion_proofs.gf2.vectors import in_space, unrolled
from hyperion_proofs.gf2.words import WIDTH, both, literal, masked_sum, operation, same, value, xor, xor_zero, zero_xor
from hyperion_proofs.gf2.words import at as named
from hyperion_proofs.unfolding import nil_cons


class Ring:
    """Polynomials below the degree `width`, of 2 or more, modulo x**width + `modulus`."""

    def __init__(self, width: int) -> None:
        count = -(-width // WIDTH)
        self.vectors = Words((WORD,) * count)
        self.width = width
        self.top = (width - 1) % WIDTH  # the highest place in the last word
        self.mask = literal(WORD, (2 << self.top) - 1)  # of the last word
        self.modulus = self.vectors.variables("modulus")
        self.variables = self.vectors.variables("register")
        self.zero = literal(WORD, 0)

    # ---- what is computed

    def highest(self, m: Sequence[Term]) -> Term:
        """The test that the highest bit is 0."""
        return unset(m[-1], self.top)

    def _below(self, words: Sequence[Term]) -> list[Term]:
        """The words without the bits beyond the width."""
        return [*words[:-1], words[-1] if self.top == WIDTH - 1 else both(words[-1], self.mask)]

    @cached_property
    def keep(self) -> LinearMap:
        return LinearMap(self.vectors, self.variables, self._below(self.variables))

    @cached_property
    def map(self) -> LinearMap:
        """B, for variables as the modulus."""
        z, two = self.variables, apply(f"toZ.{WORD}", literal(WORD, 2))
        words: list[Term] = []
        for i, x in enumerate(z):
            shifted = apply(f"ofZ.{WORD}", apply("mul", apply(f"toZ.{WORD}", x), two))
            if i:
                carry = apply("floordiv", apply(f"toZ.{WORD}", z[i - 1]), literals.int_lit(1 << (WIDTH - 1)))
                shifted = xor(shifted, apply(f"ofZ.{WORD}", carry))
            words.append(shifted)
        pairs = zip(self._below(words), self.modulus, strict=True)
        return LinearMap(self.vectors, z, [xor(x, apply("cond", self.highest(z), self.zero, p)) for x, p in pairs])

    def power(self, n: int) -> Term:
        """x**n, below the width."""
        word, place = divmod(n, WIDTH)
        return tuple_of([literal(WORD, 1 << place if i == word else 0) for i in range(self.vectors.count)])

    def tests(self, m: Sequence[Term]) -> list[Term]:
        """That a bit is 0, for each bit."""
        return [unset(m[n // WIDTH], n % WIDTH) for n in range(self.width)]

    def times(self, m: Term) -> Term:
        """Multiplication by m, as a map."""
        return self.vectors.space.chosen(listed(self.tests(self.vectors.parts(m))), self.map.term)

    # ---- theorems, for all moduli

    def known(self, th: Theorem, values: Mapping[Term, Term]) -> Theorem:
        """A theorem about the general space for this one and B."""
        put = {vectors.MAP: self.map.term, **values}
        return in_space(th, self.vectors.space, put, *self.vectors.laws(), self.map.additive)

    @cached_property
    def moves(self) -> list[Theorem]:
        """|- B (x**n) = x**(n + 1), the last of them = the modulus."""
        return [self._move(n) for n in range(self.width)]

    def _move(self, n: int) -> Theorem:
        x = self.power(n)
        opened = self.map.opened(x)
        parts = [self._literal(e) for e in self.vectors.parts(opened.right)]
        th = k.trans(opened, together(parts))
        if th.right is not (self.power(n + 1) if n + 1 < self.width else tuple_of(self.modulus)):
            raise NoProof("a bit is not moved to the next one")
        return th

    def _literal(self, e: Term) -> Theorem:
        """|- shifted ^ (0 if the highest bit is 0 else modulus) = the next power."""
        chosen = e.argument
        test = chosen.function.function.argument
        picked = cond_is(highest_test(test.function.argument.argument.function.argument, self.top), chosen)
        shifted = self._shifted(e.function.argument)
        th = k.app(k.app(k.refl(e.function.function), shifted), picked)
        if picked.right is self.zero:
            return k.trans(th, named(xor_zero(WORD), x=shifted.right))
        return k.trans(th, named(zero_xor(WORD), x=picked.right))

    def _shifted(self, x: Term) -> Theorem:
        """|- a shifted literal, with what another carries to it, below the width = a literal"""
        if operation(x) == "band":
            inner = k.app(k.refl(x.function.function), self._shifted(x.function.argument))
            th = k.app(inner, k.refl(x.argument))
            return k.trans(th, self._masked(th.right))
        if x.function.kind != "C":
            pieces = [self._shifted(u) for u in (x.function.argument, x.argument)]
            th = k.app(k.app(k.refl(x.function.function), pieces[0]), pieces[1])
            return k.trans(th, value(th.right))
        product = x.argument
        factors = product.function.argument, product.argument
        parts = [k.refl(u) if u.kind == "K" else k.compute(u) for u in factors]
        th = k.app(k.app(k.refl(product.function.function), parts[0]), parts[1])
        th = k.app(k.refl(x.function), k.trans(th, k.compute(th.right)))
        return k.trans(th, value(th.right))

    @cached_property
    def first(self) -> Theorem:
        """|- times m 1 = m below the width, for variables as m: its lowest n bits and the rest of the sum are that, for
        every n."""
        space, m = self.vectors.space, self.vectors.variables("m")
        tests = self.tests(m)
        chosen = space.chosen(vectors.NIL, self.map.term)
        maps = [vectors.over(chosen, x) for x in suffixes(tests)]
        nothing = unrolled(maps[-1], tuple_of(self.modulus))
        th = k.trans(self._sum(k.refl(self._lowest(m, self.width)), nothing), self._every(m))
        for n in range(self.width - 1, -1, -1):
            step = unrolled(maps[n], self.power(n))  # = gate + the rest of B (x**n)
            gate, rest = step.right.function.argument, step.right.argument
            step = k.trans(step, self._sum(k.refl(gate), k.app(k.refl(rest.function), self.moves[n])))
            whole = self._sum(k.refl(self._lowest(m, n)), step)
            apart = k.sym(at(self.vectors.laws()[0], self._lowest(m, n), gate, step.right.argument))
            th = chain(whole, apart, self._sum(self._taken(m, n, tests[n]), k.refl(step.right.argument)), th)
        rest = th.left.argument
        none = together([same(both(x, self.zero), self.zero) for x in m])
        return chain(k.sym(at(self.vectors.laws()[2], rest)), k.sym(self._sum(none, k.refl(rest))), th)

    def _sum(self, first: Theorem, last: Theorem) -> Theorem:
        return k.app(k.app(k.refl(self.vectors.space.plus), first), last)

    def _lowest(self, m: Sequence[Term], n: int) -> Term:
        """The lowest n bits."""
        places = [min(max(n - i * WIDTH, 0), WIDTH) for i in range(len(m))]
        return tuple_of([both(x, literal(WORD, (1 << p) - 1)) for x, p in zip(m, places, strict=True)])

    def _every(self, m: Sequence[Term]) -> Theorem:
        """|- all bits + 0 = m below the width"""
        whole = self._lowest(m, self.width)
        th = self.vectors.summed(whole, self.vectors.space.zero)
        pairs = zip(self.vectors.parts(th.right), self._below(m), strict=True)
        return k.trans(th, together([same(a, b) for a, b in pairs]))

    def _taken(self, m: Sequence[Term], n: int, test: Term) -> Theorem:
        """|- the lowest n bits + (0 if bit n of m is 0 else x**n) = the lowest n + 1 bits"""
        v, (word, place) = self.vectors, divmod(n, WIDTH)
        gates = gate_of_parts(v, test, self.power(n))
        put = self._sum(k.refl(self._lowest(m, n)), gates)
        opened = v.summed(self._lowest(m, n), gates.right)
        parts: list[Theorem] = []
        for i, (x, e) in enumerate(zip(m, v.parts(opened.right), strict=True)):
            plus = k.refl(e.function.function)
            low = e.function.argument
            if i == word:
                part = taken(x, place)
            else:
                nothing = merge_cond(e.argument)
                assert nothing is not None
                part = k.app(k.app(plus, k.refl(low)), nothing)
                part = k.trans(part, same(part.right, low))
            parts.append(part)
        return chain(put, opened, together(parts))

    @cached_property
    def associative(self) -> Theorem:
        """|- times a (keep (times b (keep r))) = times (times a (keep b)) (keep r), for variables as a, b, r"""
        a, b, r = (tuple_of(self.vectors.variables(n)) for n in "abr")
        first, last = k.refl(self.times(a)), k.refl(self.times(r))
        ab = t.app(self.times(a), t.app(self.keep.term, b))
        th = k.app(first, k.trans(self.product_kept(b, r), self.product_commutes(b, r)))  # = times a (times r (keep b))
        return chain(
            th,
            self.sums_commute(a, r, t.app(self.keep.term, b)),  # = times r (times a (keep b))
            k.app(last, k.sym(self.product_kept(a, b))),
            self.product_commutes(r, ab),
        )

    def product_kept(self, m: Term, r: Term) -> Theorem:
        """{the modulus is below the width} |- keep (times m (keep r)) = times m (keep r)"""
        th = self.known(vectors.chosen_kept(), {vectors.KEEP: self.keep.term, **self._tests(m)})
        return at(discharge(th, self.keep.additive, self._kept_twice, self.kept), r)

    @cached_property
    def below(self) -> Theorem:
        """{the modulus is below the width} |- the same"""
        m = self.modulus[-1]
        return k.assume(both(m, self.mask), m)

    @cached_property
    def _kept_twice(self) -> Theorem:
        """|- keep (keep v) = keep v, of all v"""
        v = t.var("v", self.vectors.type)
        once = self.keep.opened(v)
        return k.abs_(v, self._kept(once, lambda word: same(both(word, self.mask), word)))

    @cached_property
    def kept(self) -> Theorem:
        """{the modulus is below the width} |- keep (B v) = B v, of all v"""
        v = t.var("v", self.vectors.type)
        return k.abs_(v, self._kept(self.map.opened(v), self._sum_kept))

    def _kept(self, x: Theorem, last: Callable[[Term], Theorem]) -> Theorem:
        """From |- x = (.., word): |- keep x = x, where `last` gives |- word & mask = word."""
        words = self.vectors.parts(x.right)
        opened = self.keep.opened(x.right)
        pieces = [k.refl(word) for word in words]
        if self.top != WIDTH - 1:
            pieces[-1] = last(words[-1])
        return chain(k.app(k.refl(self.keep.term), x), opened, together(pieces), k.sym(x))

    def _sum_kept(self, word: Term) -> Theorem:
        """|- ((shifted & mask) ^ (0 or the modulus)) & mask = the same"""
        shifted, gate = word.function.argument, word.argument
        split = named(masked_sum(WORD), x=shifted, y=gate, z=self.mask)
        masked = both(gate, self.mask)

        def case(known: Theorem) -> Theorem:
            picked = cond_is(known, gate)
            put = k.app(k.app(k.refl(masked.function.function), picked), k.refl(self.mask))
            inner = same(both(self.zero, self.mask), self.zero) if known.right is TRUE else self.below
            return chain(put, inner, k.sym(picked))

        parts = [same(both(shifted, self.mask), shifted)]
        parts.append(by_cases(gate.function.function.argument, masked, gate, case))
        return k.trans(split, k.app(k.app(k.refl(word.function.function), parts[0]), parts[1]))

    def power_kept(self, n: int) -> Theorem:
        """|- keep (x**n) = x**n, below the width"""
        opened = self.keep.opened(self.power(n))
        words = self.vectors.parts(opened.right)
        return k.trans(opened, together([self._masked(u) if operation(u) == "band" else k.refl(u) for u in words]))

    def _masked(self, x: Term) -> Theorem:
        """|- a literal & mask = a literal"""
        word = x.function.argument
        beyond = literals.int_value(word.argument) >> self.top + 1
        return value(x) if beyond else within_mask(word, self.top + 1)

    def sums_commute(self, a: Term, b: Term, r: Term) -> Theorem:
        """|- times a (times b r) = times b (times a r)"""
        tests = listed(self.tests(self.vectors.parts(b)))
        return at(self.through(self.times(a), self.chosen_sum(a), self.chosen_commutes(a), tests), r)

    def product_commutes(self, a: Term, b: Term) -> Theorem:
        """|- times a (keep b) = times b (keep a)"""
        one = self.power(0)
        first, last = self.firstly(a), self.firstly(b)
        return chain(
            k.app(k.refl(self.times(a)), k.sym(last)),  # times a (times b 1)
            self.sums_commute(a, b, one),
            k.app(k.refl(self.times(b)), first),
        )

    def firstly(self, m: Term) -> Theorem:
        """|- times m 1 = keep m"""
        parts = self.vectors.parts(m)
        th = k.inst(dict(zip(self.vectors.variables("m"), parts, strict=True)), self.first)
        return k.trans(th, k.sym(self.keep.opened(m)))

    def through(self, x: Term, additive: Theorem, commutes: Theorem, tests: Term) -> Theorem:
        """|- x (chosen by tests v) = chosen by tests (x v), of all v, for x that is additive and commutes with B"""
        th = self.known(vectors.chosen_through(), {vectors.THROUGH: x, vectors.TESTS: tests})
        return discharge(th, additive, commutes)

    def chosen_sum(self, m: Term) -> Theorem:
        return self.known(vectors.chosen_sum(), self._tests(m))

    def chosen_commutes(self, m: Term) -> Theorem:
        return self.known(vectors.chosen_commutes(), self._tests(m))

    def _tests(self, m: Term) -> dict[Term, Term]:
        return {vectors.TESTS: listed(self.tests(self.vectors.parts(m)))}


def listed(tests: Sequence[Term]) -> Term:
    return suffixes(tests)[0]


def suffixes(tests: Sequence[Term]) -> list[Term]:
    """The lists of all tests, of all but the first, .., the empty one."""
    found = [vectors.NIL]
    for test in reversed(tests):
        found.append(nil_cons(test, found[-1])[1])
    return found[::-1]
