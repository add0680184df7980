"""Tests what a theorem says on values: it is run, as denotations are, with random values for its free variables.

A type variable stands for the integers. Floats, reals and operations without laws have no values here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from random import Random
from typing import Any, Final, TypeAlias  # Any: values of the logic have every type

from hyperion.ir.function import Program
from hyperion.ir.types import IntType, scalar_types
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term, Ty
from hyperion.testing.denotation import Machine

Value: TypeAlias = Any
_STEPS: Final = 20_000  # of evaluation, for one set of values


class NoValues(Exception):
    """The statement speaks of something that has no values here."""


class Instances:
    """Random instances of statements."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def refutes(self, theorem: Theorem, tries: int = 3) -> bool:
        """Whether some values make all hypotheses true and the conclusion false. Raises NoValues."""
        equations = [*theorem.hypotheses, (theorem.left, theorem.right)]
        if any("(fun" in left.type.text for left, _ in theorem.hypotheses):
            raise NoValues("samples cannot show that two functions are equal")
        sides = [_plain(side) for equation in equations for side in equation]
        variables = sorted(frozenset[Term]().union(*(s.free for s in sides)), key=t.digest)
        closed = [t.lams(tuple(variables), s) for s in sides]
        return any(self._fails(closed, [s.type for s in sides], [v.type for v in variables]) for _ in range(tries))

    def _fails(self, closed: Sequence[Term], types: Sequence[Ty], given: Sequence[Ty]) -> bool:
        machine, arguments = _Bounded(), [self.value(ty) for ty in given]
        try:
            values = [machine.run(c, *arguments) for c in closed]
            holds = [self.same(ty, x, y) for ty, x, y in zip(types[::2], values[::2], values[1::2], strict=True)]
        except (KeyError, AssertionError, TypeError, RecursionError, ValueError) as error:
            raise NoValues(f"{type(error).__name__}: {error}") from error
        return all(holds[:-1]) and not holds[-1]

    def value(self, ty: Ty) -> Value:
        args, random = list(ty.args or ()), self._random
        match ty.name:
            case "bool":
                return random.random() < 0.5
            case "list":
                return tuple(self.value(args[0]) for _ in range(random.randrange(4)))
            case "outcome":
                return random.choice([("ok", self.value(args[0])), ("trap",), ("diverge",)])
            case "prod":
                return tuple(self.value(a) for a in args)
            case "fun":
                values = [self.value(args[1]) for _ in range(3)]
                return partial(_among, values)
            case "int":
                return random.choice([0, 1, -1, 2, 127, 128, 1 << 63, random.randrange(-9, 9)])
            case name if isinstance(kind := scalar_types().get(name), IntType):
                return kind.wrap(random.choice([0, 1, -1, 127, 128, random.randrange(1 << 128)]))
            case _:
                raise NoValues(f"no values of type {ty}")

    def same(self, ty: Ty, x: Value, y: Value, samples: int = 3) -> bool:
        """Whether two values are equal; functions, as far as some arguments show."""
        args = list(ty.args or ())
        match ty.name:
            case "fun":
                given = [self.value(args[0]) for _ in range(samples)]
                return all(self.same(args[1], x(a), y(a), 1) for a in given)
            case "prod":
                return all(self.same(a, x[i], y[i]) for i, a in enumerate(args))
            case "list":
                return len(x) == len(y) and all(self.same(args[0], a, b) for a, b in zip(x, y, strict=True))
            case "outcome":
                return x[0] == y[0] and all(self.same(args[0], a, b) for a, b in zip(x[1:], y[1:], strict=True))
            case _:
                return type(x) is type(y) and x == y


def _among(values: Sequence[Value], x: Value) -> Value:
    """A function with a few values, chosen by what its argument looks like."""
    return values[0 if callable(x) else len(repr(x)) % len(values)]


class _Bounded(Machine):
    """A machine that gives up on what takes long."""

    def __init__(self) -> None:
        super().__init__(_no_operations)
        self._left = _STEPS

    def _fresh(self, x: Term, scope: Any) -> Value:  # a scope of the machine
        self._left -= 1
        if self._left < 0:
            raise NoValues("the evaluation takes long")
        return super()._fresh(x, scope)


def _no_operations(program: Program) -> Any:
    raise NoValues("an operation without laws")


def _plain(x: Term) -> Term:
    """Over the integers instead of type variables, and with `within` written out."""
    x = t.instantiate_types(x, dict.fromkeys(t.type_variables(x), t.INT))
    names = {u for u in t.subterms(x) if u.kind == "C"}
    if any(u.name.partition(".")[0] in _WITHOUT for u in names):
        raise NoValues("floats and reals have no values here")
    p, a = t.var("p", t.INT), t.var("a", t.INT)
    within = t.lams((p, a), apply("le", apply("abs", a), p))
    return t.transform(x, lambda u, _: within if u.kind == "C" and u.name == "within" else None, _nowhere)


def _nowhere(_: Term, __: int) -> bool:
    return False


_WITHOUT: Final = frozenset(
    {f"r{name}" for name in ("add", "sub", "mul", "div", "neg", "max", "min", "le", "lt", "eq")}
    | {f"f{name}" for name in ("add", "sub", "mul", "div", "sqrt", "le", "lt", "eq")}
)
