"""Untrusted. Words as vectors over GF(2): laws of exclusive or, of single bits, and the values of closed words."""

from __future__ import annotations

from functools import cache

from hyperion.ir.types import IntType, scalar_types
from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, chain, discharge, head, use
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, cond_is, instance, replace_all
from hyperion_proofs.divisions import power, power_of_two
from hyperion_proofs.evaluate import Evaluator, no_range
from hyperion_proofs.ladder.bits import same_bits

WIDTH = 64
WORDS = ("i64", "u64")
"""The words whose shifts have laws: those that Python's integers become."""
BITWISE = ("band", "bor", "bxor")


def literal(word: str, value: int) -> Term:
    return apply(f"ofZ.{word}", literals.int_lit(value))


def xor(a: Term, b: Term) -> Term:
    return apply(f"bxor.{a.type.name}", a, b)


def both(a: Term, b: Term) -> Term:
    return apply(f"band.{a.type.name}", a, b)


def operation(x: Term) -> str:
    """The name of a word's operation, without the type."""
    return head(x).partition(".")[0]


def as_word(e: Term, word: str) -> Term:
    """The word of an integer."""
    return e.argument if head(e) == f"toZ.{word}" else apply(f"ofZ.{word}", e)


def same(a: Term, b: Term) -> Theorem:
    """|- a = b for words whose bits are equal, whatever shifted words in them are."""
    found = same_bits(a, b)
    if found is None:
        raise NoProof("the bits of the two words differ")
    return found


@cache
def xor_zero(word: str) -> Theorem:
    """|- x ^ 0 = x"""
    x = t.var("x", t.type_of(word))
    return same(xor(x, literal(word, 0)), x)


@cache
def zero_xor(word: str) -> Theorem:
    """|- 0 ^ x = x"""
    x = t.var("x", t.type_of(word))
    return same(xor(literal(word, 0), x), x)


@cache
def xor_self(word: str) -> Theorem:
    """|- x ^ x = 0"""
    x = t.var("x", t.type_of(word))
    return same(xor(x, x), literal(word, 0))


@cache
def masked_sum(word: str) -> Theorem:
    """|- (x ^ y) & z = (x & z) ^ (y & z)"""
    x, y, z = (t.var(n, t.type_of(word)) for n in "xyz")
    return same(both(xor(x, y), z), xor(both(x, z), both(y, z)))


@cache
def regrouped(word: str) -> Theorem:
    """|- (x ^ y) ^ z = x ^ (y ^ z)"""
    x, y, z = (t.var(n, t.type_of(word)) for n in "xyz")
    return same(xor(xor(x, y), z), xor(x, xor(y, z)))


@cache
def turned(word: str) -> Theorem:
    """|- x ^ y = y ^ x"""
    x, y = (t.var(n, t.type_of(word)) for n in "xy")
    return same(xor(x, y), xor(y, x))


@cache
def swapped(word: str) -> Theorem:
    """|- x ^ (y ^ z) = y ^ (x ^ z)"""
    x, y, z = (t.var(n, t.type_of(word)) for n in "xyz")
    group = at(regrouped(word), x=x, y=y, z=z)
    other = k.app(k.app(k.refl(xor(x, y).function.function), at(turned(word), x=x, y=y)), k.refl(z))
    return chain(k.sym(group), other, at(regrouped(word), x=y, y=x, z=z))


@cache
def exchanged_sums(word: str) -> Theorem:
    """|- (w ^ x) ^ (y ^ z) = (w ^ y) ^ (x ^ z)"""
    w, x, y, z = (t.var(n, t.type_of(word)) for n in "wxyz")
    inner = k.app(k.refl(xor(w, x).function), at(swapped(word), x=x, y=y, z=z))
    last = at(regrouped(word), x=w, y=y, z=xor(x, z))
    return chain(at(regrouped(word), x=w, y=x, z=xor(y, z)), inner, k.sym(last))


@cache
def cancelled_sums(word: str) -> Theorem:
    """|- (x ^ y) ^ (x ^ z) = y ^ z"""
    x, y, z = (t.var(n, t.type_of(word)) for n in "xyz")
    law = at(exchanged_sums(word), w=x, x=y, y=x, z=z)
    gone = k.app(k.app(k.refl(law.right.function.function), at(xor_self(word), x=x)), k.refl(law.right.argument))
    return chain(law, gone, at(zero_xor(word), x=law.right.argument))


@cache
def masked_part(word: str, turned: bool) -> Theorem:
    """|- (y & x) & z = y & (x & z), or of x & y."""
    x, y, z = (t.var(n, t.type_of(word)) for n in "xyz")
    return same(both(both(x, y) if turned else both(y, x), z), both(y, both(x, z)))


@cache
def exchanged(word: str) -> Theorem:
    """|- x & y = y & x"""
    x, y = (t.var(n, t.type_of(word)) for n in "xy")
    return same(both(x, y), both(y, x))


def powers_computed(th: Theorem) -> Theorem:
    """With powers of two, and sums of literals, as literals on both sides."""

    def rule(u: Term) -> Theorem | None:
        args = arguments(u)[1]
        if head(u) == "pow2" and args:
            inner = Evaluator(no_range)(u.argument)
            raised = k.app(k.refl(u.function), inner)
            found = power(raised.right)
            return None if found is None else k.trans(raised, found)
        if head(u) == "add" and len(args) == 2 and all(a.kind == "K" for a in args):
            return k.compute(u)
        return None

    for _ in range(2):
        sides = [replace_all(x, rule) for x in (th.left, th.right)]
        th = chain(k.sym(sides[0]) if sides[0] else None, th, sides[1])
    return th


def _at_exponent(name: str, n: int, **values: Term) -> Theorem:
    """An axiom about a number n below the width, with powers of two as literals."""
    number = literals.int_lit(n)
    law = instance(name, n=number, **values)
    zero, width = literals.int_lit(0), literals.int_lit(WIDTH)
    small = [k.compute(apply("le", zero, number)), k.compute(apply("lt", number, width))]
    return powers_computed(discharge(law, *small))


@cache
def shifted_sum(word: str, direction: str, n: int) -> Theorem:
    """|- (x ^ y) >> n = (x >> n) ^ (y >> n), or to the left."""
    return _at_exponent(f"{word}.xor.{direction}", n)


@cache
def alone(word: str, n: int) -> Theorem:
    """|- x & 2**n = (2**n if bit n of x else 0)"""
    return _at_exponent(f"{word}.bit.alone", n)


@cache
def below(word: str, n: int) -> Theorem:
    """|- x & (2**(n + 1) - 1) = (x & (2**n - 1)) ^ (2**n if bit n of x else 0)"""
    return _at_exponent(f"{word}.bit.below", n)


@cache
def lowest(word: str, n: int) -> Theorem:
    """{0 <= x, x < 2**n} |- x & (2**n - 1) = x"""
    law = _at_exponent(f"{word}.band.low", n)  # where x < pow2 n
    x, number = t.var("x", t.type_of(word)), literals.int_lit(n)
    limit = apply("lt", apply(f"toZ.{word}", x), apply("pow2", number))
    raised = k.app(k.refl(limit.function), power_of_two(n))
    return discharge(law, k.trans(raised, k.assume(raised.right, TRUE)))


def nothing_met(low: Theorem, c: Term) -> Theorem:
    """From |- x & mask = x: |- x & c = 0, for a literal c that has no bit of the mask."""
    (x, mask), word = arguments(low.left)[1], c.type.name
    put = k.app(k.app(k.refl(both(x, c).function.function), k.sym(low)), k.refl(c))
    group = same(put.right, both(x, both(mask, c)))
    none = k.app(k.refl(group.right.function), value(both(mask, c)))
    return chain(put, group, none, same(none.right, literal(word, 0)))


def bit(x: Term, n: int) -> Term:
    name = x.type.name
    return t.app(t.const(f"bit.{name}", t.fun(x.type, t.INT, t.BOOL)), x, literals.int_lit(n))


def at(th: Theorem, **values: Term) -> Theorem:
    """A law with its variables put in."""
    every = th.left.free | th.right.free
    return k.inst({v: values[v.name] for v in every if v.name in values}, th)


# ---- values


def value(x: Term) -> Theorem:
    """|- x = a literal, for a closed word of which at each operation one side is 0 or a single bit. Raises NoProof."""
    word, args = x.type.name, arguments(x)[1]
    name = operation(x)
    if name == "ofZ":
        return _value_of_integer(x, word)
    if name not in BITWISE:
        raise NoProof("the word is not closed")
    a, b = (value(y) for y in args)
    th = k.app(k.app(k.refl(x.function.function), a), b)
    u, v = (_number(side.right) for side in (a, b))
    if name == "band":
        return k.trans(th, _meet(word, u, v))
    if u and v:
        raise NoProof("the word has several bits")
    rest = same(th.right, b.right if v else a.right)
    return k.trans(th, rest)


def _number(x: Term) -> int:
    return literals.int_value(x.argument)


def _meet(word: str, u: int, v: int) -> Theorem:
    """|- u & v = a literal."""
    x, y = literal(word, u), literal(word, v)
    whole = both(x, y)
    if not u or not v:
        return same(whole, literal(word, 0))
    kind = _kind(word)
    mask = (1 << kind.width) - 1
    swapped = None
    if (v & mask).bit_count() != 1:
        swapped = same(whole, both(y, x))
        x, u, v = y, v, u
    if (v & mask).bit_count() != 1:
        raise NoProof("the word has several bits")
    n = (v & mask).bit_length() - 1
    law = at(alone(word, n), x=x)
    if law.left is not (swapped.right if swapped else whole):
        raise NoProof("a bit is written in another way")
    return chain(swapped, law, cond_is(known_bit(x, n), law.right))


def _kind(word: str) -> IntType:
    kind = scalar_types()[word]
    assert isinstance(kind, IntType)
    return kind


def known_bit(x: Term, n: int) -> Theorem:
    """|- bit n of a literal = true or false."""
    law = instance(f"{x.type.name}.bit.def", x=x, i=literals.int_lit(n))
    return k.trans(law, Evaluator(no_range)(law.right))


def _value_of_integer(x: Term, word: str) -> Theorem:
    th = integer(x.argument)
    whole = k.app(k.refl(x.function), th)
    wrapped = _kind(word).wrap(literals.int_value(th.right))
    if wrapped == literals.int_value(th.right):
        return whole
    named = k.compute(apply(f"toZ.{word}", whole.right))  # toZ (ofZ n) = n wrapped
    again = k.app(k.refl(x.function), named)
    back = use(f"{word}.of.to", again.left)
    if back is None:
        raise NoProof("a literal does not reduce")
    return chain(whole, k.sym(back), again)


def integer(e: Term) -> Theorem:
    """|- e = a literal, for a closed integer over such words."""
    if e.kind == "K":
        return k.refl(e)
    name, (function, args) = operation(e), arguments(e)
    if name == "toZ" and e.argument.type.name in WORDS:
        inner = k.app(k.refl(e.function), value(e.argument))
        return k.trans(inner, k.compute(inner.right))
    if name == "cond":
        test = truth(args[0])
        whole = k.app(k.app(k.app(k.refl(function), test), k.refl(args[1])), k.refl(args[2]))
        chosen = k.trans(whole, cond_is(k.refl(test.right), whole.right))
        return k.trans(chosen, integer(chosen.right))
    th = k.refl(function)
    for a in args:
        th = k.app(th, integer(a))
    return k.trans(th, k.compute(th.right))


def truth(c: Term) -> Theorem:
    """|- c = true or false, for a closed comparison of such integers."""
    function, args = arguments(c)
    th = k.refl(function)
    for a in args:
        th = k.app(th, integer(a))
    found = k.trans(th, k.compute(th.right))
    if found.right not in (TRUE, FALSE):
        raise NoProof("a test is not decided")
    return found
