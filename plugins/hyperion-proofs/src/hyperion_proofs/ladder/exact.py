"""Untrusted. Code for expressions over mathematical integers: `int`, so that it denotes the expression itself.

Nothing in it wraps or traps; code generation computes in the width that the types of its leaves need.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hyperion.ir.function import Region, Value
from hyperion.ir.types import BOOL, INT, IntType, Type, scalar_types
from hyperion.logic import literals
from hyperion.logic.derived import NoProof, arguments, head
from hyperion.logic.terms import Term
from hyperion_proofs.emission import Emitter, Names, region

_INTEGER = ("add", "sub", "mul", "neg", "abs", "max", "min", "floordiv", "mod")
_BITS = {"band": "and", "bor": "or", "bxor": "xor"}
_TRUTH = ("and", "or", "xor", "not")


class Exact:
    """Emits equations for terms over `values`: words, truth values, and integers of type `int`."""

    def __init__(self, names: Names, values: Mapping[Term, Value]) -> None:
        self.emitter = Emitter(names, values)
        self._values = dict(values)
        self._done: dict[Term, Value] = {}

    def integer(self, e: Term) -> Value:
        """A value of type `int`."""
        if e not in self._done:
            self._done[e] = self._integer(e)
        return self._done[e]

    def _integer(self, e: Term) -> Value:
        if e in self._values:
            return self._values[e]
        if e.kind == "K":
            return self.emitter.const(literals.int_value(e), INT)
        name, (_, args) = head(e), arguments(e)
        if name.startswith("toZ."):
            return self.emitter.op("cast", INT, self.word(args[0]))
        if name in _INTEGER:
            return self.emitter.op(name, INT, *map(self.integer, args))
        if name == "cond" and len(args) == 3:
            test = self.truth(args[0])
            return self.emitter.op("select", INT, test, self.integer(args[1]), self.integer(args[2]))
        raise NoProof(f"no code is known for `{name or 'a value'}` of the element")

    def word(self, x: Term) -> Value:
        """A machine integer."""
        if x in self._values:
            return self._values[x]
        if x not in self._done:
            self._done[x] = self._word(x)
        return self._done[x]

    def _word(self, x: Term) -> Value:
        name, (_, args) = head(x), arguments(x)
        operation, _, word = name.partition(".")
        kind = scalar_types().get(word)
        if operation == "ofZ" and kind is not None:
            return self.reduced(args[0], kind)
        if operation in _BITS and kind is not None:
            return self.emitter.op(_BITS[operation], kind, *map(self.word, args))
        if name == "cond" and len(args) == 3:
            first, second = self.word(args[1]), self.word(args[2])
            return self.emitter.op("select", first.type, self.truth(args[0]), first, second)
        raise NoProof(f"no code is known for `{name or 'a value'}` of the element")

    def reduced(self, e: Term, kind: Type) -> Value:
        """The machine integer of type `kind` that is congruent to e."""
        assert isinstance(kind, IntType)
        if e.kind == "K":
            return self.emitter.const(kind.wrap(literals.int_value(e)), kind)
        if head(e) == f"toZ.{kind}":
            return self.word(e.argument)
        return self.emitter.op("cast.wrap", kind, self.integer(e))

    def truth(self, c: Term) -> Value:
        if c in self._values:
            return self._values[c]
        if c not in self._done:
            self._done[c] = self._truth(c)
        return self._done[c]

    def _truth(self, c: Term) -> Value:
        name, (_, args) = head(c), arguments(c)
        if name in ("lt", "le", "eq"):
            return self.emitter.op(name, BOOL, *map(self.integer, args))
        if name == "cond" and len(args) == 3:
            return self.emitter.op("select", BOOL, *map(self.truth, args))
        if name in _TRUTH:
            return self.emitter.op(name, BOOL, *map(self.truth, args))
        if c.kind == "C" and c.name in ("true", "false"):
            return self.emitter.const(c.name == "true", BOOL)
        raise NoProof(f"no code is known for the test `{name or 'of a value'}`")

    def region(self, parameters: Sequence[Value], results: Sequence[Value]) -> Region:
        return region(parameters, self.emitter, results)
