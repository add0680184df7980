"""Untrusted. Expressions that are linear over GF(2): u(a ^ b) = u(a) ^ u(b).

Shifts and masks are; so is a choice between two such expressions, up to a constant, by a single bit of a third.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.derived import arguments, chain, congruence, head, use
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, cond_is, replace_all
from hyperion_proofs.gf2.sums import same_sum
from hyperion_proofs.gf2.words import (
    BITWISE,
    alone,
    as_word,
    at,
    bit,
    both,
    exchanged_sums,
    literal,
    masked_sum,
    operation,
    same,
    shifted_sum,
    value,
    xor,
)
from hyperion_proofs.ladder.bits import same_bits
from hyperion_proofs.templates import NotLinear

_DIRECTIONS = {"floordiv": "right", "mul": "left"}


class Additive:
    """Proves |- u[a ^ b] = u[a] ^ u[b] for words u, where every variable of `parts` is put as said there."""

    def __init__(self, parts: Mapping[Term, tuple[Term, Term]]) -> None:
        self._sum = {z: xor(a, b) for z, (a, b) in parts.items()}
        self._first = {z: a for z, (a, _) in parts.items()}
        self._last = {z: b for z, (_, b) in parts.items()}
        self._variables = frozenset(parts)
        self._known: dict[Term, Theorem] = {}

    def __call__(self, u: Term) -> Theorem:
        """Raises NotLinear."""
        if u not in self._known:
            self._known[u] = self._proved(u)
        return self._known[u]

    def _sides(self, u: Term) -> tuple[Term, Term, Term]:
        return t.substitute(u, self._sum), t.substitute(u, self._first), t.substitute(u, self._last)

    def _proved(self, u: Term) -> Theorem:
        _, first, last = self._sides(u)
        name = operation(u)
        if u in self._variables:
            return k.refl(self._sum[u])
        if name == "bxor" and all(x.free & self._variables for x in arguments(u)[1]):
            return self._of_sum(u)
        if name == "band" and not arguments(u)[1][1].free & self._variables:
            return self._masked(u, *arguments(u)[1])
        if name in BITWISE or not u.free & self._variables:
            return self._equal(self._spread(u), xor(first, last))
        if name == "ofZ":
            e = u.argument
            if operation(e) == "cond":
                return self._choice(u)
            if (
                operation(e) in _DIRECTIONS
                and operation(arguments(e)[1][0]) == "toZ"
                and exponent(e.argument) is not None
            ):
                return self._shift(u)
            if operation(e) in ("mul", "neg", "sub"):
                return self._of_bit(u)
        raise NotLinear(f"the bits of the state go through {said(u)}, which is not linear over (xor, and)")

    def _of_sum(self, u: Term) -> Theorem:
        first, last = (self(x) for x in arguments(u)[1])
        th = k.app(k.app(k.refl(u.function.function), first), last)  # (w ^ x) ^ (y ^ z)
        (w, x), (y, z) = (arguments(part.right)[1] for part in (first, last))
        return k.trans(th, at(exchanged_sums(u.type.name), w=w, x=x, y=y, z=z))

    def _masked(self, u: Term, x: Term, mask: Term) -> Theorem:
        inner = self(x)
        th = k.app(k.app(k.refl(u.function.function), inner), k.refl(mask))
        a, b = arguments(inner.right)[1]
        return k.trans(th, at(masked_sum(u.type.name), x=a, y=b, z=mask))

    @staticmethod
    def _equal(th: Theorem, wanted: Term) -> Theorem:
        found = same_sum(th.right, wanted) or same_bits(th.right, wanted)
        if found is None:
            raise NotLinear("bits of the state are combined in a way that is not linear over (xor, and)")
        return k.trans(th, found)

    def _spread(self, u: Term) -> Theorem:
        """|- u[a ^ b] = the same with the sums outside of what is shifted or chosen."""
        if not u.free & self._variables:
            return k.refl(u)
        if operation(u) in BITWISE:
            function, args = arguments(u)
            parts = [self._spread(a) for a in args]
            return k.app(k.app(k.refl(function), parts[0]), parts[1])
        return self(u)

    def _shift(self, u: Term) -> Theorem:
        x, factor = arguments(u.argument)[1]
        n = exponent(factor)
        if n is None or x.argument.type is not u.type:
            raise NotLinear(f"the bits of the state go through {said(u)}, which is not linear over (xor, and)")
        inner = self(x.argument)  # x[a ^ b] = x[a] ^ x[b]
        integer = k.app(k.refl(x.function), inner)
        operand = k.app(k.app(k.refl(u.argument.function.function), integer), k.refl(factor))
        word = k.app(k.refl(u.function), operand)
        law = shifted_sum(u.type.name, _DIRECTIONS[operation(u.argument)], n)
        return k.trans(word, at(law, x=inner.right.function.argument, y=inner.right.argument))

    def _of_bit(self, u: Term) -> Theorem:
        """What a single bit of a word is multiplied to, or its negative."""
        word, n = self.only_bit(u)
        spread = self(word)
        bits = [bit(t.substitute(word, side), n) for side in (self._first, self._last)]
        total, first, last = self._sides(u)

        def case(p: Theorem, q: Theorem) -> Theorem:
            sides = [(total, _bit_of_sum(spread, n, p, q)), (first, p), (last, q)]
            whole, a, b = (put_bit(x, n, known) for x, known in sides)
            right = k.app(k.app(k.refl(xor(first, last).function.function), a), b)
            return chain(self._equal(whole, right.right), k.sym(right))

        return self._by_bits(bits, case)

    def _by_bits(self, bits: list[Term], case: Callable[[Theorem, Theorem], Theorem]) -> Theorem:
        """|- an equation in the four cases of two bits."""
        if bits[0] is bits[1]:
            raise NotLinear("a branch tests what is no bit of the state")
        first, last = bits

        def given(p: Theorem) -> Theorem:
            return k.bool_cases(last, *(case(p, k.assume(last, v)) for v in (TRUE, FALSE)))

        return k.bool_cases(first, *(given(k.assume(first, v)) for v in (TRUE, FALSE)))

    def only_bit(self, u: Term) -> tuple[Term, int]:
        """The word that u depends on, and the number of its only bit."""
        inside = [x for x in t.subterms(u.argument) if operation(x) == "toZ" and x.free & self._variables]
        if inside:
            outermost = inside[-1]
            for word, n in _with_masks(outermost.argument):
                if is_bit(word, n):
                    return word, n
        raise NotLinear(f"the bits of the state go through {said(u)}, which is not linear over (xor, and)")

    def _choice(self, u: Term) -> Theorem:
        """One of two branches by a single bit of a word w: four cases, of the bits of w[a] and w[b]."""
        test, *branches = arguments(u.argument)[1]
        word, n = tested_bit(test)
        if not word.free & self._variables:
            raise NotLinear("a branch tests what is no bit of the state")
        spread = self(word)  # w[a ^ b] = w[a] ^ w[b]
        values = [t.substitute(word, side) for side in (self._first, self._last)]
        bits = [bit(v, n) for v in values]
        total, first, last = self._sides(u)

        def case(p: Theorem, q: Theorem) -> Theorem:
            sum_ = _bit_of_sum(spread, n, p, q)
            chosen = [
                _chosen(x, test_, n, known)
                for x, test_, known in (
                    (total, t.substitute(test, self._sum), sum_),
                    (first, t.substitute(test, self._first), p),
                    (last, t.substitute(test, self._last), q),
                )
            ]
            which = 1 if chosen[0].right is not t.substitute(as_word(branches[0], u.type.name), self._sum) else 0
            left = k.trans(chosen[0], self._branch(as_word(branches[which], u.type.name), chosen[0].right))
            right = k.app(k.app(k.refl(xor(first, last).function.function), chosen[1]), chosen[2])
            return chain(self._equal(left, right.right), k.sym(right))

        return self._by_bits(bits, case)

    def _branch(self, branch: Term, at_sum: Term) -> Theorem:
        th = self._spread(branch)
        if th.left is not at_sum:
            raise NotLinear("a branch is written in another way")
        return th


def exponent(factor: Term) -> int | None:
    """n, for the literal 2**n below the width."""
    if factor.kind != "K" or literals.int_value(factor) <= 0 or literals.int_value(factor).bit_count() != 1:
        return None
    n = literals.int_value(factor).bit_length() - 1
    return n if n < 64 else None


def said(u: Term) -> str:
    name = operation(u.argument if operation(u) == "ofZ" else u)
    return f"`{name.removeprefix('op:') or 'a value'}`"


# ---- tests of a bit


def tested_bit(test: Term) -> tuple[Term, int]:
    """The word w and the number n of its only bit, for a test that compares w with 0 or with that bit."""
    for word, n in _candidates(test):
        if is_bit(word, n):
            return word, n
    raise NotLinear("a branch tests more than one bit")


def is_bit(word: Term, n: int) -> bool:
    """Whether a word has no other bit than this."""
    return same_bits(word, both(word, literal(word.type.name, 1 << n))) is not None


def _candidates(test: Term) -> list[tuple[Term, int]]:
    if head(test) != "eq":
        return []
    for x, y in (arguments(test)[1], reversed(arguments(test)[1])):
        if operation(x) == "toZ" and y.kind == "K":
            return _with_masks(x.argument)
    return []


def _with_masks(word: Term) -> list[tuple[Term, int]]:
    """The word with the number of each bit that is a mask in it."""
    masks = [m for m in t.subterms(word) if m.type is word.type and operation(m) == "ofZ" and m.argument.kind == "K"]
    found = [exponent(m.argument) for m in masks]
    return [(word, n) for n in dict.fromkeys(found) if n is not None]


def _bit_of_sum(spread: Theorem, n: int, p: Theorem, q: Theorem) -> Theorem:
    """From |- w = u ^ v, |- bit n of u = p and of v = q: |- bit n of w = p xor q."""
    u = spread.right.function.argument
    function = bit(spread.left, n).function.function
    index = literals.int_lit(n)
    moved = k.app(k.app(k.refl(function), spread), k.refl(index))
    law = use(f"{u.type.name}.bit.xor", bit(spread.right, n))
    assert law is not None
    put = k.app(k.app(k.refl(law.right.function.function), p), q)
    opened = use("xor.def", put.right)
    assert opened is not None
    th = chain(moved, law, put, opened)
    th = k.trans(th, cond_is(k.refl(p.right), th.right))
    if th.right not in (TRUE, FALSE):
        inverted = use("not.def", th.right)
        assert inverted is not None
        th = chain(th, inverted, cond_is(k.refl(q.right), inverted.right))
    return th


def decided(test: Term, n: int, known: Theorem) -> Theorem:
    """|- test = true or false, for the test of a word w whose only bit is n, from |- bit n of w = true or false."""
    function, args = arguments(test)
    th = congruence(function, args, [_put_integer(a, n, known) for a in args])
    if th is None:
        raise NoProof("a test is of another word")
    return k.trans(th, k.compute(th.right))


def _put_integer(x: Term, n: int, known: Theorem) -> Theorem | None:
    """|- toZ w = 2**n or 0, for the word w of the bit that is known."""
    word = known.left.function.argument
    if operation(x) != "toZ" or x.argument is not word:
        return None
    name = word.type.name
    law = at(alone(name, n), x=word)
    only = chain(same(word, both(word, literal(name, 1 << n))), law, cond_is(known, law.right))
    th = k.app(k.refl(x.function), only)
    return k.trans(th, k.compute(th.right))


def put_bit(u: Term, n: int, known: Theorem) -> Theorem:
    """|- ofZ e = a literal, for e over toZ w."""
    th = replace_all(u, lambda x: _put_integer(x, n, known))
    if th is None:
        raise NotLinear("a bit is multiplied in another way")
    return k.trans(th, value(th.right))


def _chosen(x: Term, test: Term, n: int, known: Theorem) -> Theorem:
    """|- ofZ (cond test a b) = the word of a or b."""
    picked = cond_is(decided(test, n, known), x.argument)
    th = k.app(k.refl(x.function), picked)
    back = use(f"{x.type.name}.of.to", th.right) if operation(picked.right) == "toZ" else None
    return chain(th, back)
