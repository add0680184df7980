"""Untrusted. The rung of words whose bits do not move: exclusive or adds, and multiplies.

    s  ->  (A & s) ^ B        with  a | b = a ^ b ^ (a & b)  and  ~a = a ^ -1

Checksums by exclusive or, masks that gather or clear bits, and words that are replaced, or left alone, by a test of the
element. A shift moves bits; see `shifts`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from hyperion.ir.types import IntType
from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import NoProof, arguments, chain, discharge, head, use
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import by_cases, cond_is, instance
from hyperion_proofs.ladder.expressions import mentions
from hyperion_proofs.ladder.intervals import ONE, ZERO, implied
from hyperion_proofs.ladder.step import Step, Summary
from hyperion_proofs.ladder.truth import same_words
from hyperion_proofs.templates import Form, Linear, Matrix, NotLinear, Ring, close, matrix_of
from hyperion_proofs.theories import linear
from hyperion_proofs.theories.prover import WORDS

_OPERATIONS = ("band", "bor", "bxor")


class Moving(NotLinear):
    """Bits of the state are shifted."""


def bitwise(step: Step) -> bool:
    """Whether the new values are words that bits are combined to."""
    heads = {head(u).partition(".")[0] for mode in step.modes for e in mode for u in t.subterms(e)}
    return not heads.isdisjoint(_OPERATIONS)


def bits(step: Step, identity: bool) -> Summary:
    """Every mode is linear over the bits of one type of words. Raises NotLinear."""
    kinds = set(step.types)
    (kind, *others) = kinds
    if others or not isinstance(kind, IntType):
        raise NotLinear("bits of different types are combined")
    word = str(kind)
    algebra = _Bits(word, [a.argument for a in step.atoms])
    matrices = [matrix_of([algebra.form(_as_word(e, word)) for e in mode]) for mode in step.modes]
    unit = _identity(len(step.atoms), algebra.ring)
    template = close(algebra, [*matrices, unit] if identity else matrices)

    def mul(later: Sequence[Term], earlier: Sequence[Term]) -> list[Term]:
        return _integers(template.compose(_words(later, word), _words(earlier, word)))

    def act(values: Sequence[Term], state: Sequence[Term]) -> list[Term]:
        return _integers(template.act(_words(values, word), _words(state, word)))

    lifts = tuple(tuple(_integers(template.lift(m))) for m in matrices)
    types = (kind,) * len(template.entries)
    whole = tuple(_integers(template.lift(unit))) if identity else None
    fixed, states = (frozenset(range(len(x))) for x in (types, step.types))  # of any size
    return Summary(types, lifts, mul, act, whole, leaves=(same_bits,), fixed=fixed, state_fixed=states)


def _identity(size: int, ring: Ring) -> Matrix:
    return tuple(tuple(ring.one if i == j else None for j in range(size + 1)) for i in range(size))


def _as_word(e: Term, word: str) -> Term:
    return e.argument if head(e) == f"toZ.{word}" else apply(f"ofZ.{word}", e)


def _words(values: Sequence[Term], word: str) -> list[Term]:
    return [_as_word(v, word) for v in values]


def _integers(words: Sequence[Term]) -> list[Term]:
    return [w.argument if head(w) == f"ofZ.{w.type.name}" else apply(f"toZ.{w.type.name}", w) for w in words]


class _Bits(Linear):
    """Linear forms over the words `atoms`, bit by bit."""

    def __init__(self, word: str, atoms: Sequence[Term]) -> None:
        ones, none = (apply(f"ofZ.{word}", literals.int_lit(n)) for n in (-1, 0))
        super().__init__(Ring("(xor, and)", f"bxor.{word}", f"band.{word}", ones, none, "", ""), atoms)
        self._words = tuple(atoms)
        self._word = word

    def form(self, e: Term) -> Form:
        name, (_, args) = head(e), arguments(e)
        if e in self._words or not mentions(e, self._words):
            return super().form(e)
        if self._moves(e):
            raise Moving("bits of the state move")
        if name == f"bor.{self._word}":
            f, g = map(self.form, args)
            return self._plus(self._plus(f, g), self._times(f, g))
        if name == f"ofZ.{self._word}" and head(args[0]) == "sub":
            first, second = arguments(args[0])[1]
            if first is literals.int_lit(-1) and head(second) == f"toZ.{self._word}":
                return self._plus(self.form(second.argument), {None: self.ring.one})
        if name == f"ofZ.{self._word}" and head(args[0]) == "cond":
            c, a, b = arguments(args[0])[1]
            return self._cond(c, _as_word(a, self._word), _as_word(b, self._word))
        return super().form(e)

    def _moves(self, e: Term) -> bool:
        """Whether bits of the state are shifted: products with a power of two, quotients by one."""
        shifts = (
            u for u in t.subterms(e) if u.kind == "A" and head(u) in ("mul", "floordiv") and _is_power(u.argument)
        )
        return any(mentions(u, self._words) for u in shifts)


def _is_power(x: Term) -> bool:
    """Whether x is the literal of a power of two."""
    return x.kind == "K" and literals.int_value(x) > 0 and literals.int_value(x).bit_count() == 1


# ---- proofs


def same_bits(a: Term, b: Term) -> Theorem | None:
    """|- a = b for words, or the integers of words, whose bits are equal."""
    if a.type is t.INT:
        words = {head(x)[4:] for x in (a, b) if head(x).startswith("toZ.")}
        if len(words) != 1:
            return None
        first, last = (_as_integer(x, *words) for x in (a, b))
        if first is None or last is None:
            return None
        u, v = first.right, last.right
        found = same_bits(u.argument, v.argument)
        return None if found is None else chain(first, k.app(k.refl(u.function), found), k.sym(last))
    if a.type.name not in WORDS:
        return None
    try:
        return same_words(a, b, _rules(a.type.name))
    except NoProof:
        return None


def _as_integer(x: Term, word: str) -> Theorem | None:
    """|- x = toZ of a word, for such an integer or a literal in the word's range."""
    if x.kind != "K":
        return k.refl(x) if head(x) == f"toZ.{word}" else None
    named = k.compute(apply(f"toZ.{word}", apply(f"ofZ.{word}", x)))
    return k.sym(named) if named.right is x else None


@cache
def _rules(word: str) -> tuple[Theorem, ...]:
    axioms = tuple(k.axiom(f"{word}.bit.{name}") for name in ("and", "or", "xor", "not"))
    ones = every_bit(word)
    named = k.compute(apply(f"toZ.{word}", ones.left.function.argument))  # 2**width - 1 where there is no sign
    again = k.trans(k.app(k.refl(ones.left.function.argument.function), k.sym(named)), _of_to(word, ones))
    bit = ones.left.function.function
    other = k.trans(k.app(k.app(k.refl(bit), again), k.refl(ones.left.argument)), ones)
    both = (ones, other) if named.right is not ones.left.function.argument.argument else (ones,)
    same = k.app(k.app(k.refl(bit), k.axiom(f"{word}.of.to")), k.refl(ones.left.argument))
    return (*axioms, same, no_bit(word), *both)


def _of_to(word: str, ones: Theorem) -> Theorem:
    return instance(f"{word}.of.to", x=ones.left.function.argument)


@cache
def no_bit(word: str) -> Theorem:
    """|- bit i of 0 = false."""
    i = t.var("i", t.INT)
    opened = k.axiom(f"{word}.bit.def")  # bit x i = eq (mod (floordiv (toZ x) (pow2 ..)) 2) 1
    (x,) = (v for v in opened.left.free if v.name == "x")
    th = k.inst({x: apply(f"ofZ.{word}", ZERO)}, opened)
    bit = th.right.function.argument.function.argument  # floordiv (toZ (ofZ 0)) p
    p = bit.argument
    function = bit.function.function
    zero = k.app(k.app(k.refl(function), k.compute(bit.function.argument)), k.refl(p))
    nothing = k.trans(zero, _nothing_divided(p))
    rest = th.right
    two = rest.function.argument.argument
    inner = k.app(k.app(k.refl(rest.function.argument.function.function), nothing), k.refl(two))
    tidy = k.trans(inner, k.compute(inner.right))
    whole = k.app(k.app(k.refl(rest.function.function), tidy), k.refl(rest.argument))
    assert i in th.left.free
    return chain(th, whole, k.compute(whole.right))


def _nothing_divided(p: Term) -> Theorem:
    """|- floordiv 0 p = 0 for a power of two p."""
    q = apply("floordiv", ZERO, p)
    exponent = p.argument
    positive = instance("int.pow2.positive", n=exponent)
    width = exponent.argument
    wide = k.compute(apply("lt", ZERO, width))
    positive = discharge(positive, discharge(instance("int.mod.nonneg", a=exponent.function.argument, m=width), wide))
    one = k.trans(k.sym(instance("int.lt.def", a=ZERO, b=p)), positive)  # le (0 + 1) p
    parts = instance("int.floordiv.mod", a=ZERO, m=p)  # add (mul p q) (mod 0 p) = 0
    small = discharge(instance("int.mod.small", a=ZERO, m=p), k.compute(apply("le", ZERO, ZERO)), positive)
    equal = k.trans(k.sym(k.app(k.refl(parts.left.function), small)), parts)  # add (mul p q) 0 = 0
    facts = [one, *_both_ways(equal)]
    sides: list[Theorem] = []
    for goal, distance in (
        (apply("le", q, ZERO), apply("sub", q, ONE)),
        (apply("le", ZERO, q), apply("sub", ZERO, apply("add", q, ONE))),
    ):

        def case(known: Theorem, goal: Term = goal, distance: Term = distance) -> Theorem:
            if known.right is TRUE:
                return known
            far = _negated(known, distance)
            product = discharge(instance("int.nonneg.mul", a=distance, b=p), far, implied(apply("le", ZERO, p), [one]))
            impossible = linear.refute([linear.fact(th) for th in (known, product, *facts)])
            assert impossible is not None
            return linear.absurd(impossible, goal, TRUE)

        sides.append(by_cases(goal, goal, TRUE, case))
    return discharge(instance("int.le.antisym", a=q, b=ZERO), *sides)


def _negated(known: Theorem, distance: Term) -> Theorem:
    """|- le 0 distance = true from a negated inequality."""
    impossible = linear.refute([linear.fact(known), linear.fact(k.assume(apply("le", ZERO, distance), FALSE))])
    assert impossible is not None
    goal = apply("le", ZERO, distance)
    return k.bool_cases(goal, k.assume(goal, TRUE), linear.absurd(impossible, goal, TRUE))


def _both_ways(equal: Theorem) -> list[Theorem]:
    """|- le a b = true and |- le b a = true from |- a = b."""
    a, b = equal.left, equal.right
    same = instance("int.le.refl", a=b)
    le = same.left.function.function
    first = k.trans(k.app(k.app(k.refl(le), equal), k.refl(b)), same)
    last = k.trans(k.app(k.app(k.refl(le), k.refl(b)), equal), same)
    return [first, last] if a is not b else [same]


@cache
def every_bit(word: str) -> Theorem:
    """|- bit i of -1 = true."""
    none = no_bit(word)
    zero = apply(f"ofZ.{word}", ZERO)
    law = instance(f"{word}.bit.not", x=zero)  # bit (ofZ (sub -1 (toZ (ofZ 0)))) i = not (bit (ofZ 0) i)
    argument = law.left.function.argument.argument  # sub -1 (toZ (ofZ 0))
    inside = k.app(k.refl(argument.function), k.compute(argument.argument))
    value = k.trans(inside, k.compute(inside.right))
    bit = law.left.function.function
    left = k.app(
        k.app(k.refl(bit), k.app(k.refl(law.left.function.argument.function), value)), k.refl(law.left.argument)
    )
    right = k.app(k.refl(law.right.function), none)
    opened = use("not.def", right.right)
    assert opened is not None
    return chain(k.sym(left), law, right, opened, cond_is(k.refl(FALSE), opened.right))
