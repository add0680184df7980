"""Untrusted. Words without a common bit: what joins them by `|` is their sum."""

from __future__ import annotations

from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, chain
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, by_cases
from hyperion_proofs.gf2.additive import Additive, put_bit
from hyperion_proofs.gf2.inside import Inside
from hyperion_proofs.gf2.words import at, bit, both, nothing_met, same, xor, xor_zero


def exclusive(e: Term) -> Term:
    """The words with exclusive or in the place of or."""

    def put(u: Term, depth: int) -> Term | None:
        if u.kind == "A" and u.function.kind == "A" and u.function.function.kind == "C":
            name, dot, word = u.function.function.name.partition(".")
            if name == "bor" and dot:
                return apply(f"bxor.{word}", exclusive(u.function.argument), exclusive(u.argument))
        return None

    return t.transform(e, put, lambda u, _: u.kind == "K")


def apart(u: Term, inside: Inside) -> Theorem:
    """|- a | b = a ^ b, for a word of a single bit and one below it. Raises NoProof or NotLinear."""
    a, b = arguments(u)[1]
    try:
        return _beside_bit(a, b, inside)
    except NoProof:
        swapped = same(u, apply(f"bor.{u.type.name}", b, a))
        return chain(swapped, _beside_bit(b, a, inside), same(xor(b, a), xor(a, b)))


def _beside_bit(a: Term, b: Term, inside: Inside) -> Theorem:
    """For b of a single bit: by cases of that bit."""
    word, n = Additive({v: (v, v) for v in b.free}).only_bit(b)
    target, whole = xor(a, b), apply(f"bor.{b.type.name}", a, b)
    joins = k.refl(whole.function)

    def case(known: Theorem) -> Theorem:
        known_b = put_bit(b, n, known)
        c = known_b.right
        if literals.int_value(c.argument) == 0:
            middle = same(apply(f"bor.{c.type.name}", a, c), xor(a, c))
        else:
            middle = _beside_literal(a, c, inside)
        return chain(k.app(joins, known_b), middle, k.sym(k.app(k.refl(target.function), known_b)))

    return by_cases(bit(word, n), whole, target, case)


def _beside_literal(a: Term, c: Term, inside: Inside) -> Theorem:
    """|- a | c = a ^ c for c = 2**n, from a < 2**n"""
    n = literals.int_value(c.argument).bit_length() - 1
    if literals.int_value(c.argument) != 1 << n:
        raise NoProof("words that are joined by | may have bits in common")
    below = inside.below(a, n)  # a & (2**n - 1) = a
    th = at(_joined(a.type.name), x=a, y=c)  # (a ^ c) ^ (a & c)
    return chain(th, k.app(k.refl(th.right.function), nothing_met(below, c)), at(xor_zero(a.type.name), x=xor(a, c)))


@cache
def _joined(word: str) -> Theorem:
    """|- x | y = (x ^ y) ^ (x & y)"""
    x, y = (t.var(n, t.type_of(word)) for n in "xy")
    return same(apply(f"bor.{word}", x, y), xor(xor(x, y), both(x, y)))
