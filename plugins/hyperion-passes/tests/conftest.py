"""Random programs for the passes, and how programs are compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from random import Random

import pytest

from hyperion.errors import HyperionError, TypeCheckError
from hyperion.interfaces.compiler_pass import CompilerPass, PassContext
from hyperion.ir.builder import Builder, RegionBuilder
from hyperion.ir.builder import program as program_of
from hyperion.ir.function import Function, Program, Value
from hyperion.ir.parser import parse_program
from hyperion.ir.printer import print_program
from hyperion.ir.types import BOOL, I8, I64, U8, ArrayType, BoolType, FloatType, IntType, Type
from hyperion.ir.verifier import verify
from hyperion.pipeline import with_main
from hyperion_interp.interpreter import interpret

TRAPS = {"HY5101", "HY5102", "HY5103", "HY5104", "HY5105"}
SCALARS: tuple[Type, ...] = (I8, I8, U8, BOOL, I64)
ARRAY = ArrayType(I8, ("n",))
OPS = ("add.wrap", "sub.wrap", "mul.wrap", "add.trap", "sub.trap", "mul.trap", "neg.wrap", "abs.wrap", "max", "min",
       "add.sat", "floordiv.wrap", "mod.wrap", "and", "or", "xor", "not", "lt", "le", "gt", "ge", "eq", "select",
       "cast.trap", "cast.wrap", "shr")  # fmt: skip
ARITY = {"neg.wrap": 1, "abs.wrap": 1, "not": 1, "cast.trap": 1, "cast.wrap": 1, "select": 3}


class Programs:
    """Random functions over few types, so that operands fit and small numbers leave their range.

    `special` may emit what a pass is about; it is called for about a third of the equations.
    """

    def __init__(self, random: Random, special: Callable[[Programs], Sequence[Value]] | None = None) -> None:
        self.random = random
        self.builder = Builder("main")
        self.scope: list[Value] = []
        self._special = special
        self._depth = 0
        self.element = I8

    def function(
        self, name: str = "main", size: int = 8, parameters: Sequence[Type] = (), results: int = 4
    ) -> Function:
        self.builder = Builder(name)
        self.scope = [self.builder.parameter(f"p{i}", kind) for i, kind in enumerate(parameters)]
        self._emit(size)
        return self.builder.build([self.random.choice(self.scope[-12:]) for _ in range(results)])

    def main(self, size: int = 8) -> Function:
        kinds = [self.random.choice(SCALARS) for _ in range(self.random.randrange(2, 5))]
        return self.function(size=size, parameters=[*kinds, *([ARRAY] * self.random.randrange(2))])

    def any(self, kind: Type) -> Value:
        """A value of the type, new where there is none."""
        found = [v for v in self.scope if v.type == kind]
        return self.random.choice(found) if found and self.random.random() < 0.9 else self.literal(kind)

    def literal(self, kind: Type) -> Value:
        if isinstance(kind, IntType):
            near = [v for v in (-2, -1, 0, 1, 2, 3, kind.minimum, kind.maximum) if kind.contains(v)]
            value: bool | int = self.random.choice(near)
        else:
            value = self.random.random() < 0.5
        made = self.builder.const(value, kind)
        self.scope.append(made)
        return made

    def _emit(self, size: int) -> None:
        for _ in range(size):
            choices = [self._scalar] * 6
            if self._special is not None:
                choices += [self._pass] * 4
            if self._depth < 2:
                choices += [self._branch, self._fold, self._counted]
            with suppress(TypeCheckError):  # operands that the op does not take
                self.scope.extend(self.random.choice(choices)())

    def _pass(self) -> Sequence[Value]:
        assert self._special is not None
        return self._special(self)

    def _scalar(self) -> Sequence[Value]:
        op = self.random.choice(OPS)
        first = self.any(BOOL) if op == "select" else self.random.choice(self.scope)
        kind = self.random.choice(SCALARS) if op == "select" else first.type
        rest = [self.any(kind) for _ in range(ARITY.get(op, 2) - 1)]
        hint = self.random.choice((I8, U8, I64)) if op.startswith("cast") else None
        return self.builder.equation(op, (first, *rest), types=hint)

    def _region(self, block: RegionBuilder, types: Sequence[Type]) -> None:
        before, self.scope = self.scope, [*self.scope, *block.parameters]
        self._depth += 1
        self._emit(self.random.randrange(1, 5))
        block.yields(*map(self.any, types))
        self._depth -= 1
        self.scope = before

    def _branch(self) -> Sequence[Value]:
        types = [self.random.choice(SCALARS) for _ in range(self.random.randrange(1, 3))]
        condition, blocks = self.any(BOOL), list[RegionBuilder]()
        for _ in range(2):
            with self.builder.region() as block:
                self._region(block, types)
            blocks.append(block)
        return self.builder.if_(condition, *blocks)

    def _state(self) -> list[Value]:
        return [self.any(self.random.choice(SCALARS)) for _ in range(self.random.randrange(1, 3))]

    def _fold(self) -> Sequence[Value]:
        arrays = [v for v in self.scope if isinstance(v.type, ArrayType)]
        if not arrays:
            return ()
        state = self._state()
        with self.builder.region(("e", I8), *(("s", v.type) for v in state)) as block:
            self._region(block, [v.type for v in state])
        return self.builder.fold([self.random.choice(arrays)], state, block)

    def _counted(self) -> Sequence[Value]:
        bounds = [self.builder.const(self.random.randrange(low, high), I64) for low, high in ((0, 2), (0, 4), (0, 3))]
        state = self._state()
        with self.builder.region(("i", I64), *(("s", v.type) for v in state)) as block:
            self._region(block, [v.type for v in state])
        return self.builder.for_(bounds, state, block)


def argument(random: Random, kind: Type, length: int | None = None) -> object:
    match kind:
        case ArrayType():
            return [argument(random, kind.element) for _ in range(random.randrange(4) if length is None else length)]
        case BoolType():
            return random.random() < 0.5
        case FloatType():
            return random.choice((2.5, 0.0, -0.0, float("inf"), float("nan")))
        case IntType():
            return random.choice([v for v in (0, 1, 2, 3, -1, -2, kind.minimum, kind.maximum) if kind.contains(v)])
        case _:
            return random.choice((0, 1, 2, 126, 127))


def outcome(program: Program, arguments: Sequence[object]) -> str:
    """The results, or the trap and the place of the equation that trapped."""
    try:
        return repr(interpret(program, arguments))
    except HyperionError as error:
        if error.code not in TRAPS:
            raise
        return f"{error.code} at {error.span}"


class Comparison:
    """Runs a pass on programs and compares outcomes; `fired` of `seen` programs were changed."""

    def __init__(self) -> None:
        self.seen = self.fired = 0

    def __call__(
        self, each: CompilerPass, program: Program, random: Random, runs: int = 3, same_length: bool = False
    ) -> Program:
        placed = parse_program(print_program(program))  # the parser gives every equation its place
        result = each.run(placed, PassContext())
        after = with_main(placed, result.function)
        verify(after)
        self.seen += 1
        self.fired += result.function != placed.main
        for _ in range(runs):
            length = random.randrange(4) if same_length else None
            arguments = [argument(random, p.type, length) for p in placed.main.parameters]
            assert outcome(after, arguments) == outcome(placed, arguments), print_program(after)
        return after


@pytest.fixture
def comparison() -> Comparison:
    return Comparison()


@pytest.fixture
def programs() -> type[Programs]:
    return Programs


@pytest.fixture
def several() -> Callable[..., Program]:
    """A program of a main function and others."""
    return program_of
