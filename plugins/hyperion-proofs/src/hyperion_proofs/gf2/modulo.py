"""Untrusted. Multiplication of polynomials over GF(2) modulo one that is known, and how it is written out."""

from __future__ import annotations

from functools import cache, cached_property

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.derived import chain, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import tuple_of
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, at
from hyperion_proofs.gf2 import vectors
from hyperion_proofs.gf2.orbits import whole_in_parts
from hyperion_proofs.gf2.places import literal_test, within_mask
from hyperion_proofs.gf2.ring import Ring, listed, suffixes
from hyperion_proofs.gf2.spaces import gate_of_parts, together
from hyperion_proofs.gf2.vectors import repeated, unrolled
from hyperion_proofs.gf2.words import WIDTH, literal


@cache
def ring_of(width: int) -> Ring:
    """The ring of polynomials below a degree; what is proved of it holds for every modulus."""
    return Ring(width)


class Modulo:
    """Polynomials modulo x**width + the polynomial of these coefficients."""

    def __init__(self, ring: Ring, modulus: int) -> None:
        self.ring, self.modulus = ring, modulus
        self.vectors = ring.vectors
        mask = (1 << WIDTH) - 1
        self.words = [literal(x.type.name, modulus >> i * WIDTH & mask) for i, x in enumerate(ring.modulus)]
        self._put = dict(zip(ring.modulus, self.words, strict=True))
        self.next = t.substitute(ring.map.term, self._put)
        self.absent = [FALSE if modulus >> n & 1 else TRUE for n in range(ring.width)]
        self.tests = listed(self.absent)

    def _at(self, th: Theorem) -> Theorem:
        th = k.inst(self._put, th)
        return discharge(th, self._below) if th.hypotheses else th

    @cached_property
    def _below(self) -> Theorem:
        """|- the modulus has no bits beyond the width"""
        return within_mask(self.words[-1], self.ring.top + 1)

    def kept(self, m: Term) -> Term:
        return t.app(self.ring.keep.term, m)

    def times(self, m: Term) -> Term:
        return t.substitute(self.ring.times(m), self._put)

    def next_opened(self, x: Term) -> Theorem:
        """|- B x, written out."""
        return self._at(self.ring.map.opened(x))

    # ---- written out

    @cached_property
    def _product(self) -> tuple[Term, Term, Theorem]:
        m, r = (t.var(n, self.vectors.type) for n in ("factor", "other"))
        return m, r, self._written(m, r)

    def product(self, m: Term, r: Term) -> Theorem:
        """|- times m (keep r) = that written out"""
        first, last, th = self._product
        return k.inst({first: m, last: r}, th)

    def _written(self, m: Term, r: Term) -> Theorem:
        tests, space = self.ring.tests(self.vectors.parts(m)), self.vectors.space
        lists = suffixes(tests)
        steps: list[tuple[Theorem, Theorem]] = []
        chosen = t.substitute(space.chosen(vectors.NIL, self.ring.map.term), self._put)
        start = self.ring.keep.opened(r)
        v = start.right
        for tail, test in zip(lists, tests, strict=False):
            th = unrolled(vectors.over(chosen, tail), v)
            after = self.next_opened(v)
            gate = gate_of_parts(self.vectors, test, v)
            th = k.trans(th, k.app(k.app(k.refl(space.plus), gate), k.refl(th.right.argument)))
            steps.append((th, after))
            v = after.right
        last = self.vectors.added_up(steps, unrolled(vectors.over(chosen, lists[-1]), v))
        return k.trans(k.app(k.refl(last.left.function), start), last)

    # ---- theorems

    def associative(self, a: Term, b: Term, r: Term) -> Theorem:
        """|- times a (keep (times b (keep r))) = times (times a (keep b)) (keep r)"""
        put: dict[Term, Term] = {}
        for name, x in zip("abr", (a, b, r), strict=True):
            put |= dict(zip(self.vectors.variables(name), self.vectors.parts(x), strict=True))
        return self._at(k.inst(put, self.ring.associative))

    @cached_property
    def following(self) -> Theorem:
        """|- times x (keep r) = B (keep r), for a variable as r"""
        ring, r = self.ring, t.var("r", self.vectors.type)
        x = ring.power(1)
        swapped = ring.product_commutes(x, r)  # = times r (keep x)
        swapped = k.trans(swapped, k.app(k.refl(ring.times(r)), ring.power_kept(1)))
        moved = k.app(k.refl(ring.times(r)), k.sym(ring.moves[0]))
        after = at(ring.chosen_commutes(r), ring.power(0))
        back = k.app(k.refl(ring.map.term), ring.firstly(r))
        return self._at(chain(swapped, moved, after, back))

    @cached_property
    def whole(self) -> Theorem:
        """|- whole ps (keep r) = 0, for a variable as r: keep r times the modulus and x**width is 0"""
        ring, r = self.ring, t.var("r", self.vectors.type)
        split = ring.known(whole_in_parts(), {vectors.TESTS: self.tests})
        split = at(split, self.kept(r))  # = chosen ps (keep r) + repeated ps (keep r)
        again = repeated(self.tests, ring.map.term)
        additive = ring.known(vectors.repeated_sum(), {vectors.TESTS: self.tests})
        commutes = ring.known(vectors.repeated_commutes(), {vectors.TESTS: self.tests})
        th = k.app(k.refl(again), k.sym(ring.firstly(r)))
        through = at(ring.through(again, additive, commutes, listed(ring.tests(self.vectors.parts(r)))), ring.power(0))
        ends = k.trans(self._repeated_one(), k.sym(self._chosen_one()))  # repeated ps 1 = chosen ps 1
        th = chain(self._at(th), self._at(through), k.app(k.refl(self.times(r)), ends))
        back = at(ring.through(ring.times(r), ring.chosen_sum(r), ring.chosen_commutes(r), self.tests), ring.power(0))
        chosen = self.vectors.space.chosen(self.tests, ring.map.term)
        th = chain(th, self._at(back), self._at(k.app(k.refl(chosen), ring.firstly(r))))
        split = self._at(split)
        first = split.right.function
        both = k.app(k.refl(first), th)
        return chain(split, both, at(self.vectors.laws()[3], th.right))

    def _repeated_one(self) -> Theorem:
        """|- repeated ps 1 = the modulus"""
        ring, lists = self.ring, suffixes(self.absent)
        again = repeated(vectors.NIL, ring.map.term)
        maps = [vectors.over(again, x) for x in lists]
        th = unrolled(maps[-1], tuple_of(ring.modulus))
        for n in range(ring.width - 1, -1, -1):
            step = unrolled(maps[n], ring.power(n))
            th = chain(step, k.app(k.refl(maps[n + 1]), ring.moves[n]), th)
        return self._at(th)

    def _chosen_one(self) -> Theorem:
        """|- chosen ps 1 = the modulus"""
        ring, m = self.ring, tuple_of(self.words)
        known = k.refl(vectors.NIL)
        cons = k.refl(vectors.CONS.function.function)
        for n in range(ring.width - 1, -1, -1):
            word, place = divmod(n, WIDTH)
            known = k.app(k.app(cons, literal_test(self.words[word], place)), known)
        first = ring.firstly(m)
        chosen = first.left.function  # listrec nothing more (the tests of the modulus)
        first = k.trans(first, self._modulus_kept())
        same = k.app(k.app(k.refl(chosen.function), known), k.refl(first.left.argument))
        if same.right.function.argument is not self.tests:
            raise NoProof("the coefficients of the modulus are others")
        return self._at(k.trans(k.sym(same), first))

    def _modulus_kept(self) -> Theorem:
        """|- keep of the modulus = it"""
        opened = self.ring.keep.opened(tuple_of(self.words))
        if opened.right is tuple_of(self.words):
            return opened
        return k.trans(opened, together([*map(k.refl, self.words[:-1]), self._below]))

    @property
    def next_kept(self) -> Theorem:
        """|- keep (B v) = B v, of all v"""
        return self._at(self.ring.kept)

    @cached_property
    def laws(self) -> tuple[Theorem, ...]:
        return (*self.vectors.laws(), self._at(self.ring.map.additive))
