"""Untrusted. Which polynomial of a linear map over GF(2) is 0, found on single bits."""

from __future__ import annotations

from collections.abc import Sequence

Matrix = Sequence[int]
"""Of each bit, the bits that become of it; vectors and polynomials are integers, bit by bit."""


def image(matrix: Matrix, v: int) -> int:
    total, n = 0, 0
    while v:
        if v & 1:
            total ^= matrix[n]
        v >>= 1
        n += 1
    return total


def evaluated(polynomial: int, matrix: Matrix, v: int) -> int:
    """p (a) v"""
    total = 0
    for n in reversed(range(polynomial.bit_length())):
        total = image(matrix, total) ^ (v if polynomial >> n & 1 else 0)
    return total


def product(p: int, q: int) -> int:
    total = 0
    while q:
        total ^= p if q & 1 else 0
        p, q = p << 1, q >> 1
    return total


def minimal_polynomial(matrix: Matrix, bits: Sequence[int], most: int) -> int | None:
    """The polynomial p of least degree with p (a) v = 0 for all sums v of these bits; None beyond degree `most`."""
    p = 1
    for n in bits:
        rest = evaluated(p, matrix, 1 << n)
        if rest:
            p = product(_annihilator(matrix, rest), p)
        if p.bit_length() > most + 1:
            return None
    return p


def _annihilator(matrix: Matrix, v: int) -> int:
    """The polynomial p of least degree with p (a) v = 0, by elimination."""
    reduced: dict[int, tuple[int, int]] = {}  # by the highest bit: a vector, and the polynomial that gives it
    power = 1
    while True:
        left, p = v, power
        while left and left.bit_length() in reduced:
            other, q = reduced[left.bit_length()]
            left, p = left ^ other, p ^ q
        if not left:
            return p
        reduced[left.bit_length()] = left, p
        v, power = image(matrix, v), power << 1
