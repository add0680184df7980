"""Untrusted. Code for products of polynomials over GF(2), and for what a polynomial in a map makes of a vector."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.ir.function import Equation, Region, Value
from hyperion.ir.types import BOOL, INT, IntType, Type
from hyperion.logic.terms import Term
from hyperion_proofs.emission import Emitter, Names
from hyperion_proofs.gf2.places import WORD
from hyperion_proofs.gf2.words import WIDTH

POLYNOMIAL = IntType(WIDTH, signed=WORD.startswith("i"))


class Code:
    """Equations that denote exactly what the theorems speak of."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._emitter = Emitter(names, {})
        self._constants: dict[tuple[int, Type], Value] = {}

    @property
    def equations(self) -> list[Equation]:
        return self._emitter.equations

    def const(self, value: int, ty: Type) -> Value:
        key = value, ty
        if key not in self._constants:
            self._constants[key] = self._emitter.const(value, ty)
        return self._constants[key]

    def op(self, name: str, *operands: Value, ty: Type | None = None) -> Value:
        return self._emitter.op(name, ty or operands[-1].type, *operands)

    def every(self, tests: Sequence[Value]) -> Value:
        return self._emitter.every(tests)

    def mapped(self, variables: Sequence[Term], exprs: Sequence[Term], values: Sequence[Value]) -> list[Value]:
        """The expressions of words, with these values for the variables."""
        emitter = Emitter(self.names, dict(zip(variables, values, strict=True)))
        found = [emitter.word(e) for e in exprs]
        self.equations.extend(emitter.equations)
        return found

    def unset(self, word: Value, n: int) -> Value:
        ty = word.type
        return self.op("eq", self.op("and", word, self.const(1 << n, ty)), self.const(0, ty), ty=BOOL)

    def gate(self, test: Value, values: Sequence[Value]) -> list[Value]:
        return [self.op("select", test, self.const(0, v.type), v) for v in values]

    def sum(self, first: Sequence[Value], last: Sequence[Value]) -> list[Value]:
        return [self.op("xor", a, b) for a, b in zip(first, last, strict=True)]

    def zeros(self, like: Sequence[Value]) -> list[Value]:
        return [self.const(0, v.type) for v in like]

    def total(self, parts: Sequence[Sequence[Value]]) -> list[Value]:
        """The parts, and 0, from the last on."""
        whole = self.zeros(parts[0])
        for part in reversed(parts):
            whole = self.sum(part, whole)
        return whole

    def below(self, r: Sequence[Value], width: int) -> list[Value]:
        """A polynomial without coefficients beyond the width."""
        free = -width % WIDTH
        last = self.op("and", r[-1], self.const((1 << (WIDTH - free)) - 1, POLYNOMIAL)) if free else r[-1]
        return [*r[:-1], last]

    def highest_unset(self, r: Sequence[Value], width: int) -> Value:
        """The test that the highest bit of a polynomial is 0."""
        return self.unset(r[-1], (width - 1) % WIDTH)

    def following(self, r: Sequence[Value], test: Value, width: int, modulus: int) -> list[Value]:
        """The polynomial times x, from the test that its highest bit is 0."""
        moved = list[Value]()
        for i, x in enumerate(r):
            shifted = self.op("mul.wrap", x, self.const(2, POLYNOMIAL))
            if i:
                whole = self.op("cast", r[i - 1], ty=INT)
                carry = self.op("floordiv", whole, self.const(1 << (WIDTH - 1), INT))
                shifted = self.op("xor", shifted, self.op("cast.wrap", carry, ty=POLYNOMIAL))
            moved.append(shifted)
        found = list[Value]()
        for i, shifted in enumerate(self.below(moved, width)):
            part = self.const(modulus >> i * WIDTH & ((1 << WIDTH) - 1), POLYNOMIAL)
            found.append(self.op("xor", shifted, *self.gate(test, [part])))
        return found

    def product(self, m: Sequence[Value], r: Sequence[Value], width: int, modulus: int) -> list[Value]:
        r, parts = self.below(r, width), list[list[Value]]()
        for n in range(width):
            if n:
                r = self.following(r, self.highest_unset(r, width), width, modulus)
            parts.append(self.gate(self.unset(m[n // WIDTH], n % WIDTH), r))
        return self.total(parts)

    def spread(self, r: Sequence[Value], values: Sequence[Sequence[Value]], modulus: int) -> list[Value]:
        """The values, as many as the width, added up where the highest bits of r, r times x, .. are set."""
        width, parts = len(values), list[list[Value]]()
        r = self.below(r, width)
        for n, each in enumerate(values):
            test = self.highest_unset(r, width)
            parts.append(self.gate(test, each))
            if n + 1 < width:
                r = self.following(r, test, width, modulus)
        return self.total(parts)


def multiplication(names: Names, width: int, modulus: int) -> Region:
    """The product of two polynomials as a region."""
    code, count = Code(names), -(-width // WIDTH)
    m, r = ([names.fresh(hint, POLYNOMIAL) for _ in range(count)] for hint in "mr")
    results = code.product(m, r, width, modulus)
    return Region((*m, *r), tuple(code.equations), tuple(results))


def linear(names: Names, count: int) -> Region:
    """The polynomial x as a region."""
    code = Code(names)
    results = [code.const(2 if i == 0 else 0, POLYNOMIAL) for i in range(count)]
    return Region((), tuple(code.equations), tuple(results))
