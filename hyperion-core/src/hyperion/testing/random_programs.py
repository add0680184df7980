"""Random valid programs: scalars of several types, tuples, arrays, branches and loops that end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from random import Random

from hyperion.errors import TypeCheckError
from hyperion.ir.block_builder import RegionBuilder
from hyperion.ir.builder import Builder
from hyperion.ir.builder import program as program_of
from hyperion.ir.function import Program, Value
from hyperion.ir.ops import OPS, is_scalar_op
from hyperion.ir.types import (
    BF16,
    BOOL,
    C64,
    C128,
    F16,
    F32,
    F64,
    I8,
    I16,
    I32,
    I64,
    I128,
    U8,
    U16,
    U32,
    U64,
    ArrayType,
    BoolType,
    ComplexType,
    IntType,
    Type,
    is_scalar,
)
from hyperion.testing import random_arrays

_COMPILED: tuple[Type, ...] = (BOOL, I8, I32, I64, I64, I64, U8, U64, F32, F64)
EVERY_SCALAR: tuple[Type, ...] = (*_COMPILED, I16, I128, U16, U32, F16, BF16, C64, C128)
_INTERPRETED = frozenset(
    ("bitcast", "cast.sat", "cast.truncate.sat", "ceil", "clz", "complex", "conj", "copysign", "ctz", "floor", "fma",
     "imag", "maximum", "maxnum", "minimum", "minnum", "popcount", "real", "round", "trunc")
)  # fmt: skip
"""Scalar ops that code generation does not have."""
_FLOATS = (0.0, -0.0, 1.0, -1.0, 0.5, 3.0, float("inf"), float("nan"))


def random_program(random: Random, size: int = 16, everything: bool = False) -> Program:
    """A valid program of one function with about `size` equations in its outermost block.

    It keeps to what every code generator takes, or with `everything` uses all scalar types and ops of the core, tuples,
    and n-d arrays.
    """
    return Generator(random, everything).program(size)


class Generator:
    """The function so far and the values that may be used."""

    def __init__(self, random: Random, everything: bool) -> None:
        self.random = random
        self.builder = Builder("main")
        self.scope: list[Value] = []
        self.scalars = EVERY_SCALAR if everything else _COMPILED
        self._everything = everything
        self._ops = sorted(op for op in OPS if is_scalar_op(op) and (everything or op not in _INTERPRETED))
        self._depth = 0

    def program(self, size: int) -> Program:
        for i in range(self.random.randrange(1, 5)):
            self.scope.append(self.builder.parameter(f"p{i}", self.random.choice(self.scalars)))
        shapes: list[tuple[str, tuple[str, ...]]] = [("xs", ("n",)), ("ys", ("m",))]
        shapes = [*shapes, ("zs", ("n", "m"))] if self._everything else shapes[: self.random.randrange(3)]
        for name, shape in shapes:
            self.scope.append(self.builder.parameter(name, ArrayType(self.random.choice(self.scalars), shape)))
        self.scope.append(self.constant(I64))
        for _ in range(size):
            self._emit()
        results = [self.random.choice(self.scope) for _ in range(self.random.randrange(1, 4))]
        return program_of(self.builder.build(results))

    def _emit(self) -> None:
        choices: list[Callable[[], tuple[Value, ...]]] = [self._scalar] * 12 + [self._literal] * 4 + [self._array] * 2
        if self._depth < 2:
            choices += [self._branch, self._fold, self._counted]
        if self._everything:
            known = random_arrays.FORMS + (random_arrays.LOOPS if self._depth < 1 else ())
            choices += [lambda: self.random.choice(known)(self)] * 8
        with suppress(TypeCheckError):  # operands that the op does not take: one equation less
            self.scope.extend(self.random.choice(choices)())

    def _literal(self) -> tuple[Value, ...]:
        return (self.constant(self.random.choice(self.scalars)),)

    def constant(self, kind: Type) -> Value:
        match kind:
            case BoolType():
                return self.builder.const(self.random.random() < 0.5, kind)
            case IntType():
                near = [v for v in (-1, 0, 1, 2, kind.minimum, kind.maximum) if kind.contains(v)]
                return self.builder.const(self.random.choice(near), kind)
            case ComplexType():
                return self.builder.const(complex(self.random.choice(_FLOATS), self.random.choice(_FLOATS)), kind)
            case _:
                return self.builder.const(self.random.choice(_FLOATS), kind)

    def _scalar(self) -> tuple[Value, ...]:
        op = self.random.choice(self._ops)
        arity = OPS[op].signature.partition("->")[0].count(",") + 1
        first = self.any(BOOL) if op == "select" else self.random.choice(self.scope)
        operands = [first] if first else []
        while operands and len(operands) < arity:
            same = [v for v in self.scope if op == "select" or v.type == first.type] if first else []
            chosen = self.random.choice(same)
            operands.append(operands[1] if op == "select" and len(operands) == 2 and chosen is first else chosen)
        hint = self.random.choice(self.scalars) if "cast" in op else None
        return self.builder.equation(op, operands, types=hint)

    def small(self, low: int = -1, high: int = 4) -> Value:
        """A small number, for a count or an index."""
        return self.builder.const(self.random.randrange(low, high), I64)

    def any(self, kind: Type) -> Value | None:
        found = [v for v in self.scope if v.type == kind]
        return self.random.choice(found) if found else None

    def arrays(self, rank: int | None = 1) -> list[Value]:
        """The arrays of that many dimensions; all where it is None."""
        found = [v for v in self.scope if isinstance(v.type, ArrayType)]
        return [v for v in found if isinstance(v.type, ArrayType) and rank in (None, len(v.type.shape))]

    def _array(self) -> tuple[Value, ...]:
        arrays = self.arrays()
        index = self.any(I64) or self.constant(I64)
        if not arrays or self.random.random() < 0.1:
            value = self.any(self.random.choice(self.scalars))
            return (self.builder.fill(self.small(), value),) if value else ()
        array = self.random.choice(arrays)
        match self.random.randrange(3):
            case 0:
                return self.builder.equation("len", (array,), types=I64)
            case 1:
                return self.builder.equation("get", (array, index))
            case _:
                assert isinstance(array.type, ArrayType)
                value = self.any(array.type.element)
                return self.builder.equation("update", (array, index, value)) if value else ()

    def carried(self) -> list[Value]:
        scalars = [v for v in self.scope if is_scalar(v.type)]
        return [self.random.choice(scalars) for _ in range(self.random.randrange(1, 3))]

    def fill(self, block: RegionBuilder, types: list[Type]) -> None:
        """Random equations, then values of these types as the region's results."""
        before, self.scope = self.scope, [*self.scope, *block.parameters]
        self._depth += 1
        for _ in range(self.random.randrange(5)):
            self._emit()
        block.yields(*(self.any(kind) or self.constant(kind) for kind in types))
        self._depth -= 1
        self.scope = before

    def _branch(self) -> tuple[Value, ...]:
        condition = self.any(BOOL) or self.constant(BOOL)
        types = [self.random.choice(self.scalars) for _ in range(self.random.randrange(1, 3))]
        blocks: list[RegionBuilder] = []
        for _ in range(2):
            with self.builder.region() as block:
                self.fill(block, types)
            blocks.append(block)
        return self.builder.if_(condition, *blocks)

    def _fold(self) -> tuple[Value, ...]:
        arrays = self.arrays()
        if not arrays:
            return ()
        chosen = [self.random.choice(arrays)]
        chosen += [v for v in arrays if v.type == chosen[0].type][: self.random.randrange(2)]
        initial = self.carried()
        elements = [v.type.element for v in chosen if isinstance(v.type, ArrayType)]
        with self.builder.region(*(("e", kind) for kind in elements), *(("s", v.type) for v in initial)) as block:
            self.fill(block, [v.type for v in initial])
        return self.builder.fold(chosen, initial, block)

    def _counted(self) -> tuple[Value, ...]:
        initial = self.carried()
        bounds = [self.builder.const(self.random.randrange(low, high), I64) for low, high in ((0, 3), (0, 5), (0, 3))]
        with self.builder.region(("i", I64), *(("s", v.type) for v in initial)) as block:
            self.fill(block, [v.type for v in initial])
        return self.builder.for_(bounds, initial, block)
