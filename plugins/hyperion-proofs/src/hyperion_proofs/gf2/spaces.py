"""Untrusted. Words, and tuples of words, as vectors over GF(2): their sum, its laws, and maps that go through it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.derived import beta_spine, chain
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import tuple_of, tuple_type, untuple
from hyperion.logic.terms import Term, Ty
from hyperion_proofs.derived import abstract, applied, by_cases, cond_is, exhausted, replace_all
from hyperion_proofs.evaluate import Evaluator, no_range
from hyperion_proofs.gf2.additive import Additive
from hyperion_proofs.gf2.vectors import Space
from hyperion_proofs.gf2.words import literal, same, xor


def congruent(x: Term, changes: Mapping[Term, Theorem]) -> Theorem:
    """|- x = x with variables replaced, from |- a = b for the values of each: both sides have the variable put in."""
    variables = tuple(changes)
    th = k.refl(t.lams(variables, x))
    for v in variables:
        th = k.app(th, changes[v])
    return chain(k.sym(beta_spine(th.left)), th, beta_spine(th.right))


def together(parts: Sequence[Theorem]) -> Theorem:
    """From |- x0 = y0, ..: |- (x0, ..) = (y0, ..)"""
    return parts[0] if len(parts) == 1 else k.tuple_(*parts)


def part(th: Theorem, i: int, count: int) -> Theorem:
    """From |- x = (y0, ..): |- x.i = yi, where x may be a tuple itself."""
    if count == 1:
        return th
    taken = k.proj(i, th)
    last = k.projbeta(taken.right) if th.right.kind == "T" else None
    first = k.sym(k.projbeta(taken.left)) if th.left.kind == "T" else None
    return chain(first, taken, last)


@dataclass(frozen=True)
class Words:
    """Vectors that are tuples of words of these types; one word is no tuple."""

    words: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.words)

    @property
    def type(self) -> Ty:
        return tuple_type([t.type_of(w) for w in self.words])

    @property
    def space(self) -> Space:
        return _space(self.words)

    def parts(self, v: Term) -> tuple[Term, ...]:
        return untuple(v, self.count)

    def variables(self, hint: str) -> tuple[Term, ...]:
        return tuple(t.var(f"{hint}.{i}", t.type_of(w)) for i, w in enumerate(self.words))

    def map(self, variables: Sequence[Term], exprs: Sequence[Term]) -> Term:
        """The map whose parts are these expressions of the parts of a vector."""
        s = t.var("s", self.type)
        put = dict(zip(variables, self.parts(s), strict=True))
        return t.lam(s, tuple_of([t.substitute(e, put) for e in exprs]))

    def laws(self) -> tuple[Theorem, ...]:
        """The laws of the space, as its closed equations."""
        return _laws(self)

    def summed(self, x: Term, y: Term) -> Theorem:
        """|- x + y = (x0 ^ y0, ..)"""
        total = self.space.sum(x, y)
        if self.count == 1:
            return k.refl(total)
        th = beta_spine(total)
        pieces = [k.refl(u) for u in th.right.items]
        for i, u in enumerate(th.right.items):
            a, b = u.function.argument, u.argument
            changes = [k.projbeta(v) if v.kind == "P" and v.body.kind == "T" else k.refl(v) for v in (a, b)]
            pieces[i] = k.app(k.app(k.refl(u.function.function), changes[0]), changes[1])
        return k.trans(th, k.tuple_(*pieces))

    def added_up(self, steps: Sequence[tuple[Theorem, Theorem]], last: Theorem) -> Theorem:
        """From |- f v = x + g (a v), |- a v = v', and so on for g at v', and the last of them: |- f v = the sum's
        words."""
        for th, after in reversed(steps):
            first, rest = th.right.function.argument, th.right.argument
            tail = k.trans(k.app(k.refl(rest.function), after), last)
            whole = k.trans(th, k.app(k.app(k.refl(self.space.plus), k.refl(first)), tail))
            last = k.trans(whole, self.summed(first, tail.right))
        return last


@cache
def _space(words: tuple[str, ...]) -> Space:
    zeros = tuple_of([literal(w, 0) for w in words])
    if len(words) == 1:
        return Space(xor(zeros, zeros).function.function, zeros)
    x, y = (t.var(n, zeros.type) for n in "xy")
    pairs = zip(untuple(x, len(words)), untuple(y, len(words)), strict=True)
    return Space(t.lams((x, y), tuple_of([xor(a, b) for a, b in pairs])), zeros)


@cache
def _laws(vectors: Words) -> tuple[Theorem, ...]:
    found: list[Theorem] = []
    for left, right in vectors.space.laws().values():
        variables, first, last = applied(left, right)
        found.append(abstract(variables, _equal(vectors, first, last)))
    return tuple(found)


def _equal(vectors: Words, left: Term, right: Term) -> Theorem:
    evaluate = Evaluator(no_range)
    first, last = evaluate(left), evaluate(right)
    if vectors.count == 1:
        return chain(first, same(first.right, last.right), k.sym(last))
    sides = [th.right if th.right.kind == "T" else None for th in (first, last)]
    opened = [
        th if side is not None else k.trans(th, k.sym(k.tupeta(th.right)))
        for th, side in zip((first, last), sides, strict=True)
    ]
    pairs = zip(opened[0].right.items, opened[1].right.items, strict=True)
    return chain(opened[0], k.tuple_(*(same(a, b) for a, b in pairs)), k.sym(opened[1]))


class LinearMap:
    """A map of vectors, from expressions of their parts. Raises NotLinear where it does not go through sums."""

    def __init__(self, vectors: Words, variables: Sequence[Term], exprs: Sequence[Term]) -> None:
        self.vectors = vectors
        self.variables, self.exprs = tuple(variables), tuple(exprs)
        self.term = vectors.map(variables, exprs)
        evaluate = Evaluator(no_range)
        self.normal = [evaluate(e) for e in exprs]  # |- expression = words between toZ and ofZ
        first, last = vectors.variables("first"), vectors.variables("last")
        self._sides = first, last
        pairs = zip(variables, zip(first, last, strict=True), strict=True)
        prove = Additive(dict(pairs))
        self._sums = [self._expression_sum(th, prove(th.right)) for th in self.normal]
        self.additive = self._whole()

    def _at(self, th: Theorem, values: Sequence[Term]) -> Theorem:
        return k.inst(dict(zip(self.variables, values, strict=True)), th)

    def _expression_sum(self, normal: Theorem, total: Theorem) -> Theorem:
        """|- e[a ^ b] = e[a] ^ e[b]"""
        first, last = self._sides
        sums = [xor(a, b) for a, b in zip(first, last, strict=True)]
        back = [k.sym(self._at(normal, side)) for side in (first, last)]
        function = total.right.function.function
        return chain(self._at(normal, sums), total, k.app(k.app(k.refl(function), back[0]), back[1]))

    def at(self, values: Sequence[Term]) -> list[Term]:
        """The expressions at the parts of a vector."""
        put = dict(zip(self.variables, values, strict=True))
        return [t.substitute(e, put) for e in self.exprs]

    def opened(self, x: Term) -> Theorem:
        """|- a x = (e0 of the parts of x, ..), where parts of a tuple are its items."""
        th = k.beta(t.app(self.term, x))
        return th if x.kind != "T" else k.trans(th, self.moved([k.projbeta(u) for u in _projections(x)]))

    def moved(self, parts: Sequence[Theorem]) -> Theorem:
        """From |- x0 = y0, ..: |- (e0 of x0, ..) = (e0 of y0, ..)"""
        changes = dict(zip(self.variables, parts, strict=True))
        return together([congruent(e, changes) for e in self.exprs])

    def _whole(self) -> Theorem:
        v = self.vectors
        x, y = (t.var(n, v.type) for n in "xy")
        total = v.space.sum(x, y)
        summed = v.summed(x, y)
        opened = k.beta(t.app(self.term, total))
        parts = [part(summed, i, v.count) for i in range(v.count)]
        first, last = self._sides
        put = dict(zip((*first, *last), (*v.parts(x), *v.parts(y)), strict=True))
        left = chain(opened, self.moved(parts), together([k.inst(put, th) for th in self._sums]))
        images = [k.beta(t.app(self.term, u)) for u in (x, y)]
        right = v.summed(images[0].left, images[1].left)
        pieces = [
            k.app(k.app(k.refl(u.function.function), part(images[0], i, v.count)), part(images[1], i, v.count))
            for i, u in enumerate(v.parts(right.right))
        ]
        return abstract((x, y), k.trans(left, k.sym(k.trans(right, together(pieces)))))


def _projections(x: Term) -> list[Term]:
    return [t.proj(i, x) for i in range(len(x.items))]


def tidied(th: Theorem) -> Theorem:
    """The theorem with the parts of written tuples taken, and tuples of all parts of one value as that value."""

    def rule(u: Term) -> Theorem | None:
        if u.kind == "P" and u.body.kind == "T":
            return k.projbeta(u)
        if u.kind == "T" and u.items[0].kind == "P":
            whole = k.tupeta(u.items[0].body)
            return whole if whole.left is u else None
        return None

    return chain(k.sym(exhausted(th.left, rule)), th, exhausted(th.right, rule))


def parts_taken(th: Theorem) -> Theorem:
    """From |- x = y: the same with the parts of written tuples in y taken."""
    taken = replace_all(th.right, lambda u: k.projbeta(u) if u.kind == "P" and u.body.kind == "T" else None)
    return chain(th, taken)


def gate_of_parts(words: Words, test: Term, x: Term) -> Theorem:
    """|- (0 if c else x) = ((0 if c else x0), ..)"""
    whole = words.space.gate(test, x)
    if words.count == 1:
        return k.refl(whole)
    if x.kind != "T":
        items = k.app(k.refl(whole.function), k.sym(k.tupeta(x)))
        return k.trans(items, gate_of_parts(words, test, items.right.argument))
    pieces = [apply("cond", test, literal(w, 0), u) for w, u in zip(words.words, x.items, strict=True)]
    target = tuple_of(pieces)

    def case(known: Theorem) -> Theorem:
        return k.trans(cond_is(known, whole), k.sym(k.tuple_(*(cond_is(known, u) for u in target.items))))

    return by_cases(test, whole, target, case)
