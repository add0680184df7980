"""The laws that algebraic simplification and strength reduction use, each proved when first asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from hyperion.ir.type_rules import is_lossless
from hyperion.ir.types import BOOL, BoolType, IntType, SpecType, Type, is_scalar
from hyperion_passes.expressions import functions
from hyperion_passes.laws import Law

_RING: Final = """
(= (sub (add x y) y) x)
(= (add (sub x y) y) x)
(= (sub x (sub x y)) y)
(= (sub x (add x y)) (neg y))
(= (sub (sub x y) x) (neg y))
(= (sub (add x z) (add y z)) (sub x y))
(= (add (neg x) y) (sub y x))
(= (sub x (neg y)) (add x y))
(= (neg (sub x y)) (sub y x))
(= (mul (neg x) (neg y)) (mul x y))
(= (add (mul x y) (mul x z)) (mul x (add y z)))
(= (sub (mul x y) (mul x z)) (mul x (sub y z)))
(= (mul (abs x) (abs x)) (mul x x))
(= (add (max x y) (min x y)) (add x y))
"""
_LATTICE: Final = """
(= (max x (min x y)) x)
(= (min x (max x y)) x)
(= (max x (max x y)) (max x y))
(= (min x (min x y)) (min x y))
(= (select (lt x y) y x) (max x y))
(= (select (le x y) y x) (max x y))
(= (select (lt x y) x y) (min x y))
(= (select (le x y) x y) (min x y))
"""
_MAGNITUDE: Final = """
(= (abs (neg x)) (abs x))
"""
_TRAPPING: Final = """
(= (sub.trap (add.trap x y) y) x)
(= (add.trap (sub.trap x y) y) x)
(= (sub.trap x (sub.trap x y)) y)
(= (neg.trap (neg.trap x)) x)
"""
_CHOICE: Final = """
(= (select p (select p x y) z) (select p x z))
(= (select p x (select p y z)) (select p x z))
"""
_TRUTH: Final = """
(= (and p (or p q)) p)
(= (or p (and p q)) p)
(= (and p (not p)) false)
(= (or p (not p)) true)
(= (xor p (not p)) true)
(= (xor (xor p q) q) p)
(= (and (not p) (not q)) (not (or p q)))
(= (or (not p) (not q)) (not (and p q)))
(= (xor (not p) (not q)) (xor p q))
(= (or (and p q) (and p (not q))) p)
(= (and (or p q) (or p (not q))) p)
(= (or (and p q) (and p r)) (and p (or q r)))
(= (and (or p q) (or p r)) (or p (and q r)))
"""
_DOUBLE: Final = """
(= (mul x 2) (add x x))
"""
_MULTIPLES: Final = """
(= (mul x 3) (add (add x x) x))
(= (mul x 4) (add (add x x) (add x x)))
(= (mul x -2) (neg (add x x)))
"""
_ARITHMETIC: Final = re.compile(r"\((add|sub|mul|neg|abs) ")
_WIDTHS: Final = (8, 16, 32)


def algebra(types: Iterable[Type]) -> tuple[Law, ...]:
    """The laws of algebraic simplification for values of these types."""
    return tuple(law for kind in types for law in _algebra(kind))


def strength(types: Iterable[Type]) -> tuple[Law, ...]:
    """Laws that put sums for products by small literals."""
    return tuple(law for kind in types for law in _strength(kind))


@cache
def _algebra(kind: Type) -> tuple[Law, ...]:
    match kind:
        case IntType():
            laws = (*_laws(_RING, kind, "wrap"), *_laws(_LATTICE, kind), *_laws(_TRAPPING, kind), *_casts(kind))
        case SpecType("int"):
            laws = (*_laws(_RING, kind), *_laws(_MAGNITUDE, kind), *_laws(_LATTICE, kind))
        case BoolType():
            laws = tuple(_laws(_TRUTH, kind))
        case _:
            laws = ()
    return (*laws, *_laws(_CHOICE, kind)) if is_scalar(kind) else ()


@cache
def _strength(kind: Type) -> tuple[Law, ...]:
    match kind:
        case IntType():
            doubles = (law for mode in ("wrap", "trap", "sat") for law in _laws(_DOUBLE, kind, mode))
            return (*doubles, *_laws(_MULTIPLES, kind, "wrap", kind.signed))
        case SpecType("int"):
            return (*_laws(_DOUBLE, kind), *_laws(_MULTIPLES, kind))
        case _:
            return ()


def _casts(kind: IntType) -> Iterator[Law]:
    """A value that went to a narrower type and came back."""
    for width in _WIDTHS:
        for narrow in (IntType(width), IntType(width, signed=False)):
            if narrow != kind and is_lossless(narrow, kind):
                yield from _laws(f"(= (cast:{kind} (cast.trap:{narrow} x)) x)", kind)


def _laws(table: str, kind: Type, mode: str = "", signed: bool = True) -> Iterator[Law]:
    for line in table.strip().splitlines():
        text = _ARITHMETIC.sub(rf"(\1.{mode} ", line) if mode else line
        if signed or " -" not in text:
            yield Law(*functions(text, dict.fromkeys("pqr", BOOL), kind))
