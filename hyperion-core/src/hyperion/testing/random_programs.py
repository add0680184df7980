"""Random valid programs: scalars of several types, arrays, branches and loops that end."""

from __future__ import annotations

from contextlib import suppress
from random import Random

from hyperion.errors import TypeCheckError
from hyperion.ir.builder import Builder, RegionBuilder
from hyperion.ir.builder import program as program_of
from hyperion.ir.function import Program, Value
from hyperion.ir.ops import OPS, is_scalar_op
from hyperion.ir.types import BOOL, F32, F64, I8, I32, I64, U8, U64, ArrayType, BoolType, IntType, Type

_SCALARS: tuple[Type, ...] = (BOOL, I8, I32, I64, I64, I64, U8, U64, F32, F64)
_INTERPRETED = frozenset(
    ("bitcast", "cast.sat", "cast.truncate.sat", "ceil", "clz", "complex", "conj", "copysign", "ctz", "floor", "fma",
     "imag", "maximum", "maxnum", "minimum", "minnum", "popcount", "real", "round", "trunc")
)  # fmt: skip
"""Scalar ops that code generation does not have."""
_OPS = sorted(name for name in OPS if is_scalar_op(name) and name not in _INTERPRETED)
_FLOATS = (0.0, -0.0, 1.0, -1.0, 0.5, 3.0, float("inf"), float("nan"))


def random_program(random: Random, size: int = 16) -> Program:
    """A valid program of one function with about `size` equations in its outermost block."""
    return _Generator(random).program(size)


class _Generator:
    def __init__(self, random: Random) -> None:
        self._random = random
        self._builder = Builder("main")
        self._scope: list[Value] = []
        self._depth = 0

    def program(self, size: int) -> Program:
        for i in range(self._random.randrange(1, 5)):
            kind = self._random.choice(_SCALARS)
            self._scope.append(self._builder.parameter(f"p{i}", kind))
        for name, length in (("xs", "n"), ("ys", "m"))[: self._random.randrange(3)]:
            kind = ArrayType(self._random.choice(_SCALARS), (length,))
            self._scope.append(self._builder.parameter(name, kind))
        self._scope.append(self._constant(I64))
        for _ in range(size):
            self._emit()
        results = [self._random.choice(self._scope) for _ in range(self._random.randrange(1, 4))]
        return program_of(self._builder.build(results))

    def _emit(self) -> None:
        choices = [self._scalar] * 12 + [self._literal] * 4 + [self._array] * 2
        if self._depth < 2:
            choices += [self._branch, self._fold, self._counted]
        with suppress(TypeCheckError):  # operands that the op does not take: one equation less
            self._scope.extend(self._random.choice(choices)())

    def _literal(self) -> tuple[Value, ...]:
        return (self._constant(self._random.choice(_SCALARS)),)

    def _constant(self, kind: Type) -> Value:
        match kind:
            case BoolType():
                return self._builder.const(self._random.random() < 0.5, kind)
            case IntType():
                near = [v for v in (-1, 0, 1, 2, kind.minimum, kind.maximum) if kind.contains(v)]
                return self._builder.const(self._random.choice(near), kind)
            case _:
                return self._builder.const(self._random.choice(_FLOATS), kind)

    def _scalar(self) -> tuple[Value, ...]:
        op = self._random.choice(_OPS)
        arity = OPS[op].signature.partition("->")[0].count(",") + 1
        first = self._any(BOOL) if op == "select" else self._random.choice(self._scope)
        operands = [first] if first else []
        while operands and len(operands) < arity:
            same = [v for v in self._scope if op == "select" or v.type == first.type] if first else []
            chosen = self._random.choice(same)
            operands.append(operands[1] if op == "select" and len(operands) == 2 and chosen is first else chosen)
        hint = self._random.choice(_SCALARS) if op.startswith("cast") else None
        return self._builder.equation(op, operands, types=hint)

    def _any(self, kind: Type) -> Value | None:
        found = [v for v in self._scope if v.type == kind]
        return self._random.choice(found) if found else None

    def _arrays(self) -> list[Value]:
        return [v for v in self._scope if isinstance(v.type, ArrayType)]

    def _array(self) -> tuple[Value, ...]:
        arrays = self._arrays()
        index = self._any(I64) or self._constant(I64)
        if not arrays or self._random.random() < 0.1:
            value = self._any(self._random.choice(_SCALARS))
            return (self._builder.fill(self._small(), value),) if value else ()
        array = self._random.choice(arrays)
        match self._random.randrange(3):
            case 0:
                return self._builder.equation("len", (array,), types=I64)
            case 1:
                return self._builder.equation("get", (array, index))
            case _:
                assert isinstance(array.type, ArrayType)
                value = self._any(array.type.element)
                return self._builder.equation("update", (array, index, value)) if value else ()

    def _small(self) -> Value:
        return self._builder.const(self._random.randrange(-1, 4), I64)

    def _carried(self) -> list[Value]:
        scalars = [v for v in self._scope if not isinstance(v.type, ArrayType)]
        return [self._random.choice(scalars) for _ in range(self._random.randrange(1, 3))]

    def _fill(self, block: RegionBuilder, types: list[Type]) -> None:
        """Random equations, then values of these types as the region's results."""
        before, self._scope = self._scope, [*self._scope, *block.parameters]
        self._depth += 1
        for _ in range(self._random.randrange(5)):
            self._emit()
        block.yields(*(self._any(kind) or self._constant(kind) for kind in types))
        self._depth -= 1
        self._scope = before

    def _branch(self) -> tuple[Value, ...]:
        condition = self._any(BOOL) or self._constant(BOOL)
        types = [self._random.choice(_SCALARS) for _ in range(self._random.randrange(1, 3))]
        blocks: list[RegionBuilder] = []
        for _ in range(2):
            with self._builder.region() as block:
                self._fill(block, types)
            blocks.append(block)
        return self._builder.if_(condition, *blocks)

    def _fold(self) -> tuple[Value, ...]:
        arrays = self._arrays()
        if not arrays:
            return ()
        chosen = [self._random.choice(arrays)]
        chosen += [v for v in arrays if v.type == chosen[0].type][: self._random.randrange(2)]
        initial = self._carried()
        elements = [v.type.element for v in chosen if isinstance(v.type, ArrayType)]
        with self._builder.region(*(("e", kind) for kind in elements), *(("s", v.type) for v in initial)) as block:
            self._fill(block, [v.type for v in initial])
        return self._builder.fold(chosen, initial, block)

    def _counted(self) -> tuple[Value, ...]:
        initial = self._carried()
        bounds = [self._builder.const(self._random.randrange(low, high), I64) for low, high in ((0, 3), (0, 5), (0, 3))]
        with self._builder.region(("i", I64), *(("s", v.type) for v in initial)) as block:
            self._fill(block, [v.type for v in initial])
        return self._builder.for_(bounds, initial, block)
