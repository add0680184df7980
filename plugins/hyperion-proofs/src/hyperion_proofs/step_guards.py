"""Untrusted. The test that no sum of a counting loop leaves i64, in 128 bits.

What the guard computes could itself leave 128 bits. So it tests first how far the count, and the coefficients that are
known at run time only, may go; those tests only make the guard narrower, and no proof uses them.
"""

from __future__ import annotations

from collections.abc import Iterable

from hyperion.ir.function import Value
from hyperion.ir.types import BOOL, INT
from hyperion.logic.derived import arguments
from hyperion_proofs.analysis import Refused
from hyperion_proofs.emission import Emitter
from hyperion_proofs.exactness import Reach, limits
from hyperion_proofs.polynomials import INDEX, Polynomial

_BITS = 126
_COUNT_BITS = 64


class StepGuard:
    """Collects tests; `count` is the number of steps."""

    def __init__(self, emitter: Emitter, count: Value) -> None:
        self._emitter = emitter
        self._count = count
        self._tests: dict[object, Value] = {}

    def nonzero(self, step: Value) -> None:
        """The range's step is not 0."""
        e = self._emitter
        self._tests["step"] = e.op("ne", BOOL, e.op("cast", INT, step), e.const(0, INT))

    def add(self, reaches: Iterable[Reach]) -> None:
        for reach in reaches:
            for n, c in reach.scaled.by_powers(INDEX).items():
                self._computable(c, n)
            for x in limits(reach):
                if x not in self._tests:
                    self._tests[x] = self._at_most(*(self._emitter.exact(a) for a in arguments(x)[1]))

    def emit(self) -> tuple[Value, int]:
        """The test, and of how many it is the conjunction."""
        *rest, test = self._tests.values()
        for v in reversed(rest):
            test = self._emitter.op("and", BOOL, v, test, hint="fits")
        return test, len(rest) + 1

    def _at_most(self, a: Value, b: Value) -> Value:
        return self._emitter.op("le", BOOL, a, b)

    def _computable(self, c: Polynomial, n: int) -> None:
        """c * count**n fits in 128 bits."""
        size = _bits(c)
        if size > _BITS:
            raise Refused("a step multiplies too many values for a guard in 128 bits")
        if size + n * _COUNT_BITS <= _BITS:
            return
        e = self._emitter
        if not c.atoms:
            most = _root((1 << _BITS) // int(abs(next(iter(c.monomials.values())))), n)
            self._tests.setdefault(("count", most), self._at_most(self._count, e.const(most, INT)))
            return
        x = c.term()
        if (x, n) not in self._tests:
            room, some = e.const(1 << _BITS, INT), e.op("max", INT, e.const(1, INT), self._count)
            for _ in range(n):
                room = e.op("floordiv", INT, room, some)
            self._tests[x, n] = self._at_most(e.op("abs", INT, e.exact(x)), room)


def _bits(c: Polynomial) -> int:
    """Bits of the largest magnitude of the coefficient, whose atoms are values of at most 64 bits."""
    total = 0
    for powers, k in c.monomials.items():
        total += int(abs(k)) << (63 * sum(n for _, n in powers))
    return (total - 1).bit_length() if total else 0


def _root(value: int, n: int) -> int:
    """The largest r with r**n <= value."""
    low, high = 0, 1 << (value.bit_length() // n + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**n <= value else (low, middle)
    return low

