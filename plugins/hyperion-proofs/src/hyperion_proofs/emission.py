"""Untrusted. From expressions of the logic back to IR: the regions and guards of a derived function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import isfinite

from hyperion.ir.function import Attribute, Equation, Region, Value
from hyperion.ir.types import BOOL, I64, INT, FloatType, IntType, Type, scalar_types
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.terms import REAL, Term
from hyperion_proofs.derived import NoProof, head
from hyperion_proofs.divisions import divides
from hyperion_proofs.operations import FLOAT_OPERATIONS, SCALARS, opaque_operation
from hyperion_proofs.wording import term_text

_FLOAT_TESTS = {"flt": "lt", "fle": "le", "feq": "eq", "rlt": "lt", "rle": "le", "req": "eq"}
_BITS = {"band": "and", "bor": "or", "bxor": "xor"}


class Names:
    """Fresh value names that no value of a function has."""

    def __init__(self, used: set[str]) -> None:
        self._used = set(used)
        self._next: dict[str, int] = {}  # of each hint, a number below which all names are used

    def fresh(self, hint: str, ty: Type) -> Value:
        n = self._next.get(hint, 0)
        while (name := f"{hint}.{n}" if n else hint) in self._used:
            n += 1
        self._next[hint] = n + 1
        self._used.add(name)
        return Value(name, ty)

    def copy(self, region: Region) -> Region:
        """The region with new names for all that it defines."""
        return self._copy(region, {})

    def _copy(self, region: Region, known: dict[Value, Value]) -> Region:
        known = known | {p: self.fresh(p.name, p.type) for p in region.parameters}
        equations: list[Equation] = []
        for e in region.equations:
            operands = tuple(known.get(v, v) for v in e.operands)
            regions = tuple(self._copy(r, known) for r in e.regions)
            known |= {r: self.fresh(r.name, r.type) for r in e.results}
            results = tuple(known[r] for r in e.results)
            equations.append(replace(e, operands=operands, regions=regions, results=results))
        parameters = tuple(known[p] for p in region.parameters)
        return Region(parameters, tuple(equations), tuple(known.get(v, v) for v in region.results))


def substituted(region: Region, values: Mapping[Value, Value]) -> Region:
    """The region with other values in place of some that it uses."""
    made: list[Equation] = []
    for e in region.equations:
        operands = tuple(values.get(v, v) for v in e.operands)
        made.append(replace(e, operands=operands, regions=tuple(substituted(r, values) for r in e.regions)))
    return replace(region, equations=tuple(made), results=tuple(values.get(v, v) for v in region.results))


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

    def every(self, tests: Sequence[Value], hint: str = "t") -> Value:
        """The conjunction of tests, nested to the right."""
        whole = tests[-1]
        for test in reversed(tests[:-1]):
            whole = self.op("and", BOOL, test, whole, hint=hint)
        return whole

    def const(self, value: int | str | bool, ty: Type) -> Value:
        return self.op("const", ty, hint="c", attributes=(("value", value),))

    def value(self, e: Term, ty: Type) -> Value:
        """The value of type `ty` that the expression is: an integer for words, a truth value, a real, a float."""
        if isinstance(ty, IntType):
            return self.integer(e, ty)
        if ty == BOOL:
            return self.truth(e, I64)
        assert isinstance(ty, FloatType)
        return self.floating(e, ty)

    def floating(self, e: Term, ty: FloatType) -> Value:
        """The float, or the real that is computed in type `ty`."""
        key = (e, ty)
        if key not in self._done:
            self._done[key] = self._floating(e, ty)
        return self._done[key]

    def _floating(self, e: Term, ty: FloatType) -> Value:
        if e in self._values:
            found = self._values[e]
            if found.type != ty:
                raise NoProof("element and state are of different float types")
            return found
        if e.kind == "K":
            return self._float_literal(e, ty)
        name, (_, args) = head(e).partition(".")[0], arguments(e)
        if name in ("op:const[inf]", "op:const[-inf]"):
            return self.const(name[9:-1], ty)
        if name == "cond":
            test, a, b = args
            return self.op("select", ty, self.truth(test, I64), self.floating(a, ty), self.floating(b, ty))
        if name == "toR":
            return self.op("cast.round", ty, self._counted(args[0]))
        if name in ("rmax", "rmin"):
            a, b = (self.floating(x, ty) for x in args)
            less = self.op("lt", BOOL, a, b)
            return self.op("select", ty, less, *((b, a) if name == "rmax" else (a, b)))
        if name in FLOAT_OPERATIONS:
            granted = (("fp", "reassoc"),) if e.type is REAL else ()
            operands = [self.floating(a, ty) for a in args]
            return self.op(FLOAT_OPERATIONS[name], ty, *operands, attributes=granted)
        return self._opaque(e, ty)

    def _counted(self, e: Term) -> Value:
        """An integer that becomes a float: as the word that it is, else as an i64."""
        word = e.argument if head(e).startswith("toZ.") else e
        return self._values[word] if word in self._values else self.integer(e, I64)

    def _opaque(self, e: Term, ty: Type) -> Value:
        """An operation without laws, as the name of its constant says it."""
        found = opaque_operation(head(e), ty)
        if found is None:
            raise NoProof(f"no code is known for `{head(e) or 'a value'}` of the element")
        operands = [self._operand(a, found.source or ty) for a in arguments(e)[1]]
        return self.op(found.name, ty, *operands, attributes=found.attributes)

    def _operand(self, e: Term, ty: Type) -> Value:
        """An argument of an operation without laws; `ty` is the float type of reals."""
        if e.type is t.BOOL:
            return self.truth(e, I64)
        kind = ty if e.type is REAL else SCALARS.get(e.type.text)
        if isinstance(kind, FloatType):
            return self.floating(e, kind)
        if isinstance(kind, IntType):
            return self.integer(apply(f"toZ.{kind}", e), kind)
        raise NoProof(f"no code is known for an operation on {e.type}")

    def integer(self, e: Term, ty: IntType) -> Value:
        """The word of type `ty` that is congruent to the integer expression e."""
        key = (e, ty)
        if key not in self._done:
            self._done[key] = self._integer(e, ty)
        return self._done[key]

    def _integer(self, e: Term, ty: IntType) -> Value:
        if e in self._values:
            found = self._values[e]
            return found if found.type == ty else self.op("cast", ty, found)
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
            combined = self._combined(word)
            if combined is not None:
                return combined if combined.type == ty else self.op("cast", ty, combined)
            if head(word).startswith("op:") and name[4:] == str(ty):
                return self._opaque(word, ty)
        match name:
            case "add" | "sub" | "mul" | "neg" | "abs":
                return self.op(f"{name}.wrap", ty, *(self.integer(a, ty) for a in args))
            case "max" | "min":
                return self.op(name, ty, *(self.integer(a, ty) for a in args))
            case "mod" | "floordiv" if divides(args[1]):
                return self.op("cast.wrap", ty, self.op(name, INT, *(self.exact(a) for a in args)))
            case "cond":
                test = self.truth(args[0], ty)
                return self.op("select", ty, test, self.integer(args[1], ty), self.integer(args[2], ty))
            case _:
                raise NoProof(f"no code is known for `{term_text(e, {})}` of the element")

    def _combined(self, x: Term) -> Value | None:
        """A word that is combined of others bit by bit, or chosen; None for another."""
        name, (_, args) = head(x), arguments(x)
        operation, ty = _BITS.get(name.partition(".")[0]), scalar_types()[x.type.name]
        assert isinstance(ty, IntType)
        if operation is None and name != "cond":
            return None
        first, second = (self.integer(apply(f"toZ.{ty}", a), ty) for a in args[-2:])
        if operation is not None:
            return self.op(operation, ty, first, second)
        return self.op("select", ty, self.truth(args[0], ty), first, second)

    def truth(self, c: Term, ty: IntType) -> Value:
        """A truth value; integers are compared in the type `ty`, or in their own where both sides have the same."""
        key = (c, BOOL)
        if key not in self._done:
            self._done[key] = self._truth(c, ty)
        return self._done[key]

    def _truth(self, c: Term, ty: IntType) -> Value:
        if c in self._values:
            return self._values[c]
        name = head(c)
        _, args = arguments(c)
        if name in ("lt", "le", "eq") and args[0].type is t.INT:
            common = self._common(args) or ty
            return self.op(name, BOOL, *(self.integer(a, common) for a in args))
        if name in _FLOAT_TESTS or name.partition(".")[0] in _FLOAT_TESTS:
            return self.op(
                _FLOAT_TESTS[name if name in _FLOAT_TESTS else name.partition(".")[0]], BOOL, *self._floats(args)
            )
        if name == "cond":
            return self._connective(args, ty)
        if name in ("and", "or", "xor", "not"):
            return self.op(name, BOOL, *(self.truth(a, ty) for a in args))
        if c.kind == "C" and c.name in ("true", "false"):
            return self.const(c.name == "true", BOOL)
        if name.startswith("op:"):
            return self._opaque(c, BOOL)
        if name.startswith("inr."):
            return self._in_range(args[0], scalar_types()[name[4:]])
        raise NoProof(f"no code is known for the test `{term_text(c, {})}`")

    def _in_range(self, e: Term, ty: Type) -> Value:
        """Whether an integer is one of the values of a word, in exact arithmetic."""
        assert isinstance(ty, IntType)
        z, low, high = self.exact(e), self.const(ty.minimum, INT), self.const(ty.maximum, INT)
        return self.op("and", BOOL, self.op("le", BOOL, low, z), self.op("le", BOOL, z, high))

    def _connective(self, args: Sequence[Term], ty: IntType) -> Value:
        """A conditional between truth values, as and, or, not where it is one."""
        c, a, b = args
        test = self.truth(c, ty)
        if b is FALSE:
            return self.op("and", BOOL, test, self.truth(a, ty))
        if a is TRUE:
            return self.op("or", BOOL, test, self.truth(b, ty))
        if a is FALSE:
            flipped = self.op("not", BOOL, test)
            return flipped if b is TRUE else self.op("and", BOOL, flipped, self.truth(b, ty))
        return self.op("select", BOOL, test, self.truth(a, ty), self.truth(b, ty))

    def _common(self, args: Sequence[Term]) -> IntType | None:
        """The type of values in scope of which both sides are, or are literals."""
        types = {self._values[a].type for a in args if a in self._values} | {
            self._values[a.argument].type
            for a in args
            if a.kind == "A" and a.argument in self._values and head(a).startswith("toZ.")
        }
        others = [a for a in args if a.kind != "K" and a not in self._values and not head(a).startswith("toZ.")]
        if others or len(types) != 1:
            return None
        (ty,) = types
        if not isinstance(ty, IntType):
            return None
        fits = all(ty.minimum <= literals.int_value(a) <= ty.maximum for a in args if a.kind == "K")
        return ty if fits else None

    def _floats(self, args: Sequence[Term]) -> list[Value]:
        """The two sides of a float comparison."""
        kind = SCALARS.get(args[0].type.text)
        if args[0].type is REAL:
            kind = next((v.type for v in self._values.values() if isinstance(v.type, FloatType)), None)
        if not isinstance(kind, FloatType):
            raise NoProof("no code is known for a test of reals of no float type")
        return [self.floating(a, kind) for a in args]

    def _float_literal(self, e: Term, ty: Type) -> Value:
        if e.type is not REAL:
            value = literals.float_value(e)
        else:
            exact: Fraction = literals.real_value(e)
            value = float(exact)
            if Fraction(value) != exact:
                raise NoProof("a coefficient is no float")
        return self.const(value.hex() if isfinite(value) else str(value), ty)

    def truth_exact(self, x: Term) -> Value:
        """A comparison of integers, such as `le a b`, for guards."""
        return self.op(head(x), BOOL, *(self.exact(a) for a in arguments(x)[1]))

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
        elif name == "length" and args[0] in self._values:
            value = self.op("len", INT, self._values[args[0]], hint="n")
        elif name == "cond":
            test, *others = args
            value = self.op("select", INT, self.truth_exact(test), *(self.exact(a) for a in others))
        elif name in ("add", "mul", "sub", "abs", "max", "min", "neg", "floordiv", "mod"):
            value = self.op(name, INT, *(self.exact(a) for a in args))
        else:
            raise NoProof(f"no code is known for `{name or 'a value'}` in a guard")
        self._done[key] = value
        return value

    def word(self, x: Term) -> Value:
        """The word x."""
        if x in self._values:
            return self._values[x]
        kind = SCALARS.get(x.type.text)
        if not isinstance(kind, IntType):
            raise NoProof("a guard speaks of a value that is not in scope")
        return self.integer(apply(f"toZ.{kind}", x), kind)


def region(parameters: Sequence[Value], emitter: Emitter, results: Sequence[Value]) -> Region:
    return Region(tuple(parameters), tuple(emitter.equations), tuple(results))
