"""Terms of the logic in z3's language."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial

from hyperion.logic import definitions
from hyperion.logic import terms as t
from hyperion.logic.kernel import Equation
from hyperion.logic.terms import Term, Ty
from hyperion_z3 import constants
from hyperion_z3.arithmetic import Arithmetic
from hyperion_z3.solver import Z3, Untranslatable, z3
from hyperion_z3.values import (
    FLOATS,
    Function,
    List,
    Natural,
    Shapes,
    Tuple,
    Value,
    arguments_of,
    conjunction,
    curried,
    lengths,
    same,
    uncurried,
)

Exceptions = Mapping[str, Callable[..., Value]]


@dataclass
class Scope:
    """The values of bound variables, innermost first, and what terms are there."""

    values: tuple[Value, ...] = ()
    known: dict[Term, Value] = field(default_factory=dict[Term, Value])


class Translation:
    """One statement in one context. `sizes` are the lengths that free lists, and the values that free natural numbers,
    are taken to have; `exceptions` give some constants another meaning than their own. What variables must obey is
    collected in `assumed`."""

    def __init__(
        self,
        arithmetic: Arithmetic,
        where: Z3,
        deadline: float,
        sizes: Mapping[Term, int] | None = None,
        exceptions: Exceptions | None = None,
    ) -> None:
        self.arithmetic, self.where = arithmetic, where
        self.shapes = Shapes(arithmetic, where)
        self.variables: dict[Term, Value] = {}
        self.assumed: list[Z3] = []
        self._deadline = deadline
        self._sizes = sizes or {}
        self._exceptions = exceptions or {}
        self._outermost = Scope()
        self._counter = itertools.count()
        self._definitions = {th.left.name: th for th in definitions.definitions().values()}

    def denial(self, hypotheses: Collection[Equation], left: Term, right: Term) -> list[Z3]:
        """Assumptions that hold exactly where the hypotheses do and the two sides differ."""
        order = sorted(hypotheses, key=lambda pair: (t.digest(pair[0]), t.digest(pair[1])))
        said = [self._holds(a, b) for a, b in order]
        a, b, ty = self.term(left), self.term(right), left.type
        while ty.name == "fun":
            domain, ty = arguments_of(ty)
            v = self._fresh(domain)
            a, b = a.of(v), b.of(v)
        said.append(z3.Not(self._same(a, b)))
        return [*self.assumed, *self.arithmetic.defined, *self.arithmetic.assumed, *said]

    def _holds(self, left: Term, right: Term) -> Z3:
        """left = right, for all arguments where they are functions."""
        a, b, ty = self.term(left), self.term(right), left.type
        if ty.name != "fun":
            return self._same(a, b)
        outside, self.assumed = self.assumed, []
        bound: list[Z3] = []
        introduced = len(self.arithmetic.defined) + len(self.arithmetic.assumed)
        while ty.name == "fun":
            domain, ty = arguments_of(ty)
            v = self._fresh(domain)
            bound += self.shapes.flatten(v, domain)
            a, b = a.of(v), b.of(v)
        inside, self.assumed = self.assumed, outside
        body = self._same(a, b)
        if len(self.arithmetic.defined) + len(self.arithmetic.assumed) > introduced:
            raise Untranslatable("a quotient or power inside a hypothesis about functions")
        return z3.ForAll(bound, z3.Implies(z3.And(*inside), body) if inside else body)

    def _same(self, a: Value, b: Value) -> Z3:
        return conjunction(same(a, b, self.arithmetic), self.where)

    def term(self, x: Term, scope: Scope | None = None) -> Value:
        """The value of a term."""
        scope = (scope if x.loose else None) or self._outermost
        if x in scope.known:
            return scope.known[x]
        if time.monotonic() > self._deadline:
            raise Untranslatable("the translation takes too long")
        value = self._term(x, scope)
        if not isinstance(value, Function):  # which has the scope: both would stay until a collection of cycles
            scope.known[x] = value
        return value

    def _term(self, x: Term, scope: Scope) -> Value:
        match x.kind:
            case "V":
                if x not in self.variables:
                    self.variables[x] = self._variable(f"{x.name}:{x.type}", x.type, self._sizes.get(x))
                return self.variables[x]
            case "B":
                return scope.values[x.index]
            case "K":
                return self._literal(x)
            case "C":
                return self._constant(x)
            case "A":
                return self.term(x.function, scope).of(self.term(x.argument, scope))
            case "L":
                return Function(lambda v: self.term(x.body, Scope((v, *scope.values))))
            case "T":
                return Tuple(tuple(self.term(i, scope) for i in x.items))
            case "P":
                return self.term(x.body, scope).items[x.index]

    def _literal(self, x: Term) -> Z3:
        if x.type is t.INT:
            return self.arithmetic.literal(int(x.name))
        if x.type is t.REAL:
            return z3.RealVal(x.name, self.where)
        exponent, significand = FLOATS[x.type.name]
        bits = z3.BitVecVal(int(x.name, 16), exponent + significand, self.where)
        return z3.fpBVToFP(bits, z3.FPSort(exponent, significand, self.where), self.where)

    def _constant(self, x: Term) -> Value:
        name = x.name
        if name in self._exceptions:
            return curried(len(uncurried(x.type)[0]), self._exceptions[name])
        if name in self._definitions:
            th = self._definitions[name]
            types: dict[str, Ty] = {}
            t.match_type(th.left.type, x.type, types)
            return self.term(t.instantiate_types(th.right, types))
        if name.startswith("op:"):
            return self._variable(f"{name}:{x.type}", x.type, None)
        found = constants.meaning(name, self.arithmetic, self.where)
        if found is None:
            inner = uncurried(x.type)[1]
            found = constants.structural(
                name, self.arithmetic, self.where, lambda: self.shapes.default(arguments_of(inner)[0])
            )
        if found is None:
            raise Untranslatable(f"the constant {name.partition('@')[0]} has no meaning in z3 yet")
        return curried(*found)

    def _fresh(self, ty: Ty) -> Value:
        return self._variable(f"argument:{next(self._counter)}", ty, None)

    def _variable(self, name: str, ty: Ty, size: int | None) -> Value:
        """Any value of the type; for a function, an unknown one."""
        if ty.name == "fun":
            taken, result = uncurried(ty)
            return curried(len(taken), partial(self._unknown, name, taken, result))
        if ty.name == "list" and size is not None:
            (element,) = arguments_of(ty)
            return List(tuple(self._variable(f"{name}:{i}", element, None) for i in range(size)))
        if ty is t.NAT and size is not None:
            return Natural(size)
        sorts = self.shapes.sorts(ty)
        parts = [z3.Const(f"{name}:{i}", s) for i, s in enumerate(sorts)]
        return self.shapes.build(ty, parts, self.assumed)

    def _unknown(self, name: str, taken: list[Ty], result: Ty, *values: Value) -> Value:
        """The result of an unknown function: one unknown function of z3 for each z3 term inside, and for each choice of
        the lengths of lists among the arguments."""
        name += "".join(map(lengths, values))
        pairs = zip(values, taken, strict=True)
        parts = [part for v, ty in pairs for part in self.shapes.flatten(v, ty)]
        sorts = [part.sort() for part in parts]
        made = [z3.Function(f"{name}:{i}", *sorts, s)(*parts) for i, s in enumerate(self.shapes.sorts(result))]
        return self.shapes.build(result, made)
