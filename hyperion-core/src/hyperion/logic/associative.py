"""Untrusted. Proofs that an operation associates, from the axioms: words that wrap, orders, bits, truth values."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Final

from hyperion.logic import kernel as k
from hyperion.logic import modular
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import NoProof, chain, cond_is, congruence, discharge, extensionality, head, refl, use
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term

_CONNECTIVES: Final = ("and", "or", "xor", "not", "cond")


def associativity(left: Term, right: Term) -> Theorem:
    """|- left = right, for `\\x y z. ok (op (op x y) z)` and `\\x y z. ok (op x (op y z))`; raises `NoProof`."""
    variables: list[Term] = []
    first, second = left, right
    while first.kind == "L" and second.kind == "L":
        variables.append(t.var(f"%{len(variables)}", first.bound_type))
        first, second = (t.open_binder(side, variables[-1]) for side in (first, second))
    if not head(first) == head(second) == "ok":
        raise NoProof("the operation may trap")
    th = k.app(refl(first.function), _equal(first.argument, second.argument))
    for v in reversed(variables):
        th = k.abs_(v, th)
    return th


def _equal(a: Term, b: Term) -> Theorem:
    name, _, word = head(a).partition(".")
    th: Theorem | None = None
    if name == "ofZ" and head(a.argument) in ("max", "min") and _are_words(word, a.argument):
        th = _order(word, a, b)
    elif name == "ofZ":
        th = modular.equal(a, b)
    elif name in ("band", "bor", "bxor"):
        th = _bits(word, name[1:], a, b)
    elif name in _CONNECTIVES:
        th = _by_values(a, b)
    elif name in ("fmaximum", "fminimum", "fmaxnum", "fminnum"):
        th = use(f"{word}.{name}.assoc", a)
    if th is None or th.right is not b:
        raise NoProof("the axioms alone do not say so; a proof of another's is taken")
    return th


def _are_words(word: str, z: Term) -> bool:
    """Whether both operands are values of the word: not for a saturating operation, which bounds an integer."""
    return all(head(u) == f"toZ.{word}" for u in (z.function.argument, z.argument))


def _order(word: str, a: Term, b: Term) -> Theorem:
    """Of max and min: what they give of values of the word is a value of the word."""
    op = head(a.argument)

    def flat(z: Term) -> Theorem:
        """|- z without the words in between, for z = op (toZ ..) (toZ ..)."""
        sides = [_inside(word, side) for side in (z.function.argument, z.argument)]
        return congruence(z.function.function, (z.function.argument, z.argument), sides) or refl(z)

    first, last = flat(a.argument), flat(b.argument)
    law = use(f"int.{op}.assoc", first.right)
    return k.app(refl(a.function), chain(first, law, k.sym(last)))


def _inside(word: str, x: Term) -> Theorem | None:
    """|- toZ (ofZ (op u v)) = op u v, where u and v are values of the word; None for another term."""
    if head(x.argument) != f"ofZ.{word}":
        return None
    z = x.argument.argument
    law = use(f"{word}.to.of", x)
    fits = use(f"{word}.inr.{head(z)}", apply(f"inr.{word}", z))
    assert law is not None
    assert fits is not None
    parts = (use(f"{word}.inr.to", apply(f"inr.{word}", u)) for u in (z.function.argument, z.argument))
    return discharge(law, discharge(fits, *(th for th in parts if th is not None)))


def _bits(word: str, op: str, a: Term, b: Term) -> Theorem:
    """Equal bits make equal words, and bit by bit the law is one of truth values."""
    i = t.var("%i", t.INT)
    first, last = (_bit(word, op, apply(f"bit.{word}", x, i)) for x in (a, b))
    same = extensionality(i, chain(first, _by_values(first.right, last.right), k.sym(last)))
    ext = k.axiom(f"{word}.bit.ext")
    x, y = ext.left, ext.right
    return discharge(k.inst({x: a, y: b}, ext), same)


def _bit(word: str, op: str, x: Term) -> Theorem:
    """|- bit (op u v) i = op (bit u i) (bit v i), as far down as there are such operations."""
    law = use(f"{word}.bit.{op}", x)
    if law is None:
        return refl(x)
    y = law.right
    args = (y.function.argument, y.argument)
    return chain(law, congruence(y.function.function, args, [_bit(word, op, u) for u in args]))


def _by_values(a: Term, b: Term) -> Theorem:
    """Of truth values, by the table of what they are made of."""
    atoms = list(dict.fromkeys(u for x in (a, b) for u in t.subterms(x) if _is_atom(u)))
    rows: dict[tuple[Term, ...], Theorem] = {}
    for values in product((TRUE, FALSE), repeat=len(atoms)):
        known = {u: k.assume(u, value) for u, value in zip(atoms, values, strict=True)}
        rows[values] = chain(_value(a, known), k.sym(_value(b, known)))
    for n in reversed(range(len(atoms))):
        shorter = dict.fromkeys(values[:n] for values in rows)
        rows = {v: k.bool_cases(atoms[n], rows[(*v, TRUE)], rows[(*v, FALSE)]) for v in shorter}
    return rows[()]


def _is_atom(u: Term) -> bool:
    return u.type is t.BOOL and head(u) not in _CONNECTIVES and u not in (TRUE, FALSE)


def _value(x: Term, known: Mapping[Term, Theorem]) -> Theorem:
    """|- x = true, or = false."""
    if x in (TRUE, FALSE):
        return refl(x)
    if x in known:
        return known[x]
    name = head(x)
    if name == "cond":
        choice = cond_is(_value(x.function.function.argument, known), x)
    else:
        definition = use(f"{name}.def", x)
        if definition is None:
            raise NoProof(f"no value of {name}")
        choice = definition
    return chain(choice, _value(choice.right, known))
