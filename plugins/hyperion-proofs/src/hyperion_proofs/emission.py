"""Untrusted. From expressions of the logic back to IR: the regions and guards of a derived function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import isfinite

from hyperion.ir.function import Attribute, Equation, Region, Value
from hyperion.ir.types import BOOL, INT, FloatType, IntType, Type
from hyperion.logic import literals
from hyperion.logic.derived import arguments
from hyperion.logic.terms import REAL, Term
from hyperion_proofs.derived import NoProof, head

_FLOAT_TESTS = {"flt": "lt", "fle": "le", "feq": "eq", "rlt": "lt", "rle": "le", "req": "eq"}
_REAL = {"radd": "add", "rsub": "sub", "rmul": "mul", "rneg": "neg"}


class Names:
    """Fresh value names that no value of a function has."""

    def __init__(self, used: set[str]) -> None:
        self._used = set(used)

    def fresh(self, hint: str, ty: Type) -> Value:
        name, n = hint, 0
        while name in self._used:
            n += 1
            name = f"{hint}.{n}"
        self._used.add(name)
        return Value(name, ty)


class Emitter:
    """Emits equations for terms. `values` maps terms (words, truth values, reals, integers) to IR values in scope."""

    def __init__(self, names: Names, values: Mapping[Term, Value]) -> None:
        self._names = names
        self._values = dict(values)
        self.equations: list[Equation] = []
        self._done: dict[tuple[Term, Type], Value] = {}

    def op(
        self,
        name: str,
        result: Type,
        *operands: Value,
        hint: str = "t",
        attributes: tuple[tuple[str, Attribute], ...] = (),
    ) -> Value:
        value = self._names.fresh(hint, result)
        self.equations.append(Equation((value,), name, operands, attributes))
        return value

    def const(self, value: int | str | bool, ty: Type) -> Value:
        return self.op("const", ty, hint="c", attributes=(("value", value),))

    def integer(self, e: Term, ty: IntType) -> Value:
        """The word of type `ty` that is congruent to the integer expression e."""
        key = (e, ty)
        if key not in self._done:
            self._done[key] = self._integer(e, ty)
        return self._done[key]

    def _integer(self, e: Term, ty: IntType) -> Value:
        if e in self._values:
            return self._values[e]
        if e.kind == "K":
            return self.const(ty.wrap(literals.int_value(e)), ty)
        name = head(e)
        _, args = arguments(e)
        if name.startswith("toZ."):
            word = args[0]
            if word in self._values:
                found = self._values[word]
                return found if found.type == ty else self.op("cast", ty, found)
            if head(word) == "ofZ." + name[4:] and name[4:] == str(ty):
                return self.integer(word.argument, ty)
        match name:
            case "add" | "sub" | "mul" | "neg" | "abs":
                return self.op(f"{name}.wrap", ty, *(self.integer(a, ty) for a in args))
            case "max" | "min":
                return self.op(name, ty, *(self.integer(a, ty) for a in args))
            case "cond":
                test = self.truth(args[0], ty)
                return self.op("select", ty, test, self.integer(args[1], ty), self.integer(args[2], ty))
            case _:
                raise NoProof(f"no code is known for `{name or 'a value'}` of the element")

    def truth(self, c: Term, ty: IntType) -> Value:
        if c in self._values:
            return self._values[c]
        name = head(c)
        _, args = arguments(c)
        if name in ("lt", "le", "eq"):
            return self.op(name, BOOL, *(self.integer(a, ty) for a in args))
        if name in _FLOAT_TESTS or name.partition(".")[0] in _FLOAT_TESTS:
            return self.op(
                _FLOAT_TESTS[name if name in _FLOAT_TESTS else name.partition(".")[0]], BOOL, *self._floats(args)
            )
        if name == "cond":
            return self.op("select", BOOL, *(self.truth(a, ty) for a in args))
        if c.kind == "C" and c.name in ("true", "false"):
            return self.const(c.name == "true", BOOL)
        raise NoProof(f"no code is known for the test `{name or 'of a value'}`")

    def _floats(self, args: Sequence[Term]) -> list[Value]:
        """The two sides of a float comparison: values in scope, or literals of the other side's type."""
        known = [self._values[a].type for a in args if a in self._values]
        if not known:
            raise NoProof("no code is known for a test of computed floats")
        return [self._values[a] if a in self._values else self._float_literal(a, known[0]) for a in args]

    def _float_literal(self, e: Term, ty: Type) -> Value:
        if e.kind != "K":
            raise NoProof("no code is known for a test of computed floats")
        value = float(literals.real_value(e)) if e.type is REAL else literals.float_value(e)
        return self.const(value.hex() if isfinite(value) else str(value), ty)

    def real(self, e: Term, ty: FloatType) -> Value:
        key = (e, ty)
        if key not in self._done:
            self._done[key] = self._real(e, ty)
        return self._done[key]

    def _real(self, e: Term, ty: FloatType) -> Value:
        if e in self._values:
            found = self._values[e]
            if found.type != ty:
                raise NoProof("element and state are of different float types")
            return found
        if e.kind == "K":
            value: Fraction = literals.real_value(e)
            if Fraction(float(value)) != value:
                raise NoProof("a coefficient is no float")
            return self.const(float(value).hex(), ty)
        name = head(e)
        if name in _REAL:
            operands = [self.real(a, ty) for a in arguments(e)[1]]
            return self.op(_REAL[name], ty, *operands, attributes=(("fp", "reassoc"),))
        raise NoProof(f"no code is known for `{name or 'a value'}` of the element")

    def exact(self, e: Term) -> Value:
        """A value of type `int`, for guards; structure is kept so that its denotation is e itself."""
        if e in self._values:
            return self._values[e]
        key = (e, INT)
        if key in self._done:
            return self._done[key]
        name = head(e)
        _, args = arguments(e)
        if e.kind == "K":
            value = self.const(literals.int_value(e), INT)
        elif name.startswith("toZ."):
            value = self.op("cast", INT, self.word(args[0]))
        elif name in ("add", "mul", "sub", "abs", "max", "min", "neg", "floordiv"):
            value = self.op(name, INT, *(self.exact(a) for a in args))
        else:
            raise NoProof(f"no code is known for `{name or 'a value'}` in a guard")
        self._done[key] = value
        return value

    def word(self, x: Term) -> Value:
        if x in self._values:
            return self._values[x]
        raise NoProof("a guard speaks of a value that is not in scope")


def region(parameters: Sequence[Value], emitter: Emitter, results: Sequence[Value]) -> Region:
    return Region(tuple(parameters), tuple(emitter.equations), tuple(results))
