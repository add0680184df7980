"""Random programs in which every op of the core's table stands about as often: `int` and `real`, calls, loops of every
kind, parallel forms of summaries that obey no law, and accesses without a check.

What the compiler takes is another set of programs: `hyperion.testing.random_programs`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import cache
from random import Random

from hyperion.errors import TypeCheckError
from hyperion.ir.block_builder import RegionBuilder
from hyperion.ir.builder import Builder
from hyperion.ir.builder import program as program_of
from hyperion.ir.function import Function, Program, Value
from hyperion.ir.ops import OPS, infer, is_scalar_op
from hyperion.ir.types import (
    BOOL,
    I64,
    INT,
    REAL,
    ArrayType,
    ComplexType,
    FloatType,
    SpecType,
    TupleType,
    Type,
    is_scalar,
)
from hyperion.testing import random_arrays
from hyperion.testing.random_arguments import random_value
from hyperion.testing.random_programs import EVERY_SCALAR, Generator

KINDS: tuple[Type, ...] = tuple(dict.fromkeys((*EVERY_SCALAR, INT, REAL)))
Values = tuple[Value, ...]
Use = tuple[str, tuple[Type, ...], Type | None]
"""A scalar op, its operand types and, for a cast, its result type."""


@cache
def uses() -> dict[str, tuple[Use, ...]]:
    """Of each scalar op every use on types of the core."""
    return {op: tuple(_uses(op)) for op in OPS if is_scalar_op(op)}


def _uses(op: str) -> list[Use]:
    words = OPS[op].signature.partition("->")[0].split(",")
    cast = op.startswith(("cast", "bitcast"))
    found: list[Use] = []
    for kind in KINDS:
        operands = tuple(BOOL if w.strip() == "bool" else INT if w.strip() == "int" else kind for w in words)
        for target in KINDS if cast else (None,):
            with suppress(TypeCheckError):
                infer(op, operands, (), target)
                found.append((op, operands, target))
    return list(dict.fromkeys(found))


@cache
def _needs() -> dict[int, list[Use]]:
    """The uses by the types that they need, as bits."""
    found: dict[int, list[Use]] = {}
    for op in uses().values():
        for use in op:
            found.setdefault(_bits((*use[1], *([use[2]] if use[2] else []))), []).append(use)
    return found


def _bits(kinds: Sequence[Type]) -> int:
    return sum({1 << KINDS.index(kind) for kind in kinds})


def every_op_program(random: Random) -> Program:
    """A valid program of up to three functions."""
    others: list[Function] = []
    for number in range(random.choice((0, 0, 0, 0, 1, 2))):
        others.append(EveryOp(random, f"f{number}", others).function(random.randrange(1, 4)))
    return program_of(EveryOp(random, "main", others).function(random.randrange(1, 6)), *others)


def real_program(random: Random) -> Program:
    """A valid program over `real`, with sums and products: see `denotation_runs.regrouped`."""
    g = EveryOp(random, "main", (), (BOOL, I64, REAL))
    return program_of(g.function(random.randrange(2, 8)))


def _chosen(random: Random) -> tuple[Type, ...]:
    """Few types; those without which some ops cannot stand more often."""
    kinds = [BOOL, I64, *random.sample(KINDS, 3)]
    kinds += [kind.part for kind in kinds if isinstance(kind, ComplexType)]
    return tuple(dict.fromkeys(kinds if random.random() < 0.8 else [*kinds, INT]))


class EveryOp(Generator):
    """One function. Few types for each, so that there are values of the type that is needed."""

    def __init__(
        self, random: Random, name: str, callees: Sequence[Function], scalars: tuple[Type, ...] | None = None
    ) -> None:
        super().__init__(random, everything=True)
        self.builder = Builder(name)
        self.callees = callees
        self.scalars = scalars or _chosen(random)
        self._total = 0
        self._arrays = name == "main" and random.random() < 0.7
        known = _bits(self.scalars)
        self._uses: dict[str, list[Use]] = {}
        for need, found in _needs().items():
            for use in found if not need & ~known else ():
                self._uses.setdefault(use[0], []).append(use)
        more = ["add", "sub", "mul", "neg"] * 3 if scalars else ["cast.exact"] * 2  # the only one that traps as it does
        self._ops = [*self._uses, *(op for op in more if op in self._uses)]

    def function(self, size: int) -> Function:
        for i in range(self.random.randrange(1, 4)):
            self.scope.append(self.builder.parameter(f"p{i}", self.random.choice(self.scalars)))
        for name, shape in (("xs", ("n",)), ("ys", ("m",)), ("zs", ("n", "m"))) if self._arrays else ():
            self.scope.append(self.builder.parameter(name, ArrayType(self.random.choice(self.scalars), shape)))
        for _ in range(size):
            self._emit()
        shown = self.scope if self._arrays else [v for v in self.scope if is_scalar(v.type)]
        return self.builder.build(self.random.sample(shown[-6:], min(len(shown), self.random.randrange(1, 5))))

    def constant(self, kind: Type) -> Value:
        match kind:
            case SpecType("int"):
                value: int | float = self.random.choice((0, 1, -1, 7, 1 << 63, -(1 << 127) - 1))
            case SpecType():
                value = self.random.choice((0.0, 1.0, -0.5, 3.0, 0.125))
            case FloatType():
                value = self.random.choice((0.0, -0.0, 1.0, -1.5, 3.0, float("inf"), float("-inf"), float("nan")))
            case _:
                return super().constant(kind)
        return self.builder.const(value, kind)

    def any(self, kind: Type) -> Value | None:
        """A value of that type, rather a late one."""
        found = [v for v in self.scope if v.type == kind]
        return self.random.choice(found[-4:]) if found else None

    def value(self, kind: Type) -> Value:
        """One of the scope, or a constant."""
        return (self.any(kind) if self.random.random() < 0.8 else None) or self.constant(kind)

    def _emit(self) -> None:
        forms: list[Callable[[], Values]] = [self._used] * 10
        if not self._total:
            forms += [self._literal, *([self._call] * 3 if self.callees else [])]
            if self._arrays:
                known = random_arrays.FORMS + (random_arrays.LOOPS if self._depth < 2 else ())
                forms += [lambda: self.random.choice(known)(self)] * 8 + [self._unchecked, self._length, self._pair]
            if self._depth < 2:
                forms += [self._branch, self._counted, self._while, self._power, self._recursion, self._attempt]
                forms += (
                    [self._fold, self._reduce, self._scan_in_pieces, self._windows, self._each_piece]
                    if self.arrays()
                    else []
                )
        with suppress(TypeCheckError):  # operands that the op does not take: one equation less
            self.scope.extend(self.random.choice(forms)())

    def _used(self) -> Values:
        """A scalar op; in a region that must be total, one that never traps."""
        op = self.random.choice(self._ops)
        if self._total and OPS[op].traps:
            return ()
        _, operands, target = self.random.choice(self._uses[op])
        return self.builder.equation(op, [self.value(kind) for kind in operands], types=target)

    def inside(self, block: RegionBuilder, results: Callable[[], Sequence[Value]]) -> None:
        """Random equations, then the results, all in a region."""
        before, self.scope = self.scope, [*self.scope, *block.parameters]
        self._depth += 1
        for _ in range(self.random.randrange(3)):
            self._emit()
        block.yields(*results())
        self._depth -= 1
        self.scope = before

    def _region(self, parameters: Sequence[Type], results: Sequence[Type], total: bool = True) -> RegionBuilder:
        with self.builder.region(*(("e", kind) for kind in parameters)) as block:
            self._total += total
            self.inside(block, lambda: [self.value(kind) for kind in results])
            self._total -= total
        return block

    # ---- forms

    def _call(self) -> Values:
        callee = self.random.choice(self.callees)
        return self.builder.call(callee, *(self.value(p.type) for p in callee.parameters))

    def _length(self) -> Values:
        return self.builder.equation(
            "len", [self.random.choice(self.arrays(None))], types=self.random.choice((I64, INT))
        )

    def _pair(self) -> Values:
        """A tuple and an item of it."""
        pair = self.builder.op("tuple", *self.random.choices(self.scope, k=self.random.randrange(1, 4)))
        assert isinstance(pair.type, TupleType)
        index = self.random.randrange(len(pair.type.elements))
        return pair, self.builder.op("item", pair, attributes=(("index", index),))

    def _while(self) -> Values:
        """A loop of a few steps; its first state counts them."""
        initial = [self.builder.const(0, I64), *self.carried()]
        kinds = [v.type for v in initial]
        limit, one = self.small(0, 4), self.builder.const(1, I64)
        with self.builder.region(*(("s", kind) for kind in kinds)) as test:
            self.inside(test, lambda: [self.builder.op("lt", test.parameters[0], limit)])
        with self.builder.region(*(("s", kind) for kind in kinds)) as body:
            self.inside(
                body,
                lambda: [
                    self.builder.op("add.wrap", body.parameters[0], one),
                    *(self.value(kind) for kind in kinds[1:]),
                ],
            )
        return self.builder.while_(initial, test, body)

    def _recursion(self) -> Values:
        """Up to a few calls inside of each other; the first argument counts them, and some ways make two."""
        initial = [self.small(0, 5), *self.carried()]
        kinds = [v.type for v in initial]
        made = [self.random.choice(self.scalars) for _ in range(self.random.randrange(1, 3))]
        one = self.builder.const(1, I64)
        with self.builder.region(*(("a", kind) for kind in kinds)) as body:
            count, *_ = body.parameters
            with self.builder.region() as base:
                self.inside(base, lambda: [self.value(kind) for kind in made])
            with self.builder.region() as again:
                before, self.scope = self.scope, [*self.scope, *body.parameters]
                for _ in range(self.random.randrange(1, 3)):
                    operands = [self.builder.op("sub.wrap", count, one), *(self.value(kind) for kind in kinds[1:])]
                    self.scope.extend(self.builder.equation("self", operands, types=made))
                self.inside(again, lambda: [self.value(kind) for kind in made])
                self.scope = before
            test = self.builder.op("lt", count, one)
            body.yields(*self.builder.if_(test, base, again))
        memo = [("memo", True)] if self.random.random() < 0.5 else []
        return self.builder.equation("recurse", initial, memo, [body])

    def _attempt(self) -> Values:
        """A few scalar ops, which may trap."""
        others = self.carried()
        with self.builder.region() as body:
            before, self.scope = self.scope, [*self.scope]
            for _ in range(self.random.randrange(1, 5)):
                with suppress(TypeCheckError):
                    self.scope.extend(self._used())
            body.yields(*(self.value(v.type) for v in others))
            self.scope = before
        return self.builder.equation("attempt", others, (), [body])

    def _summary(self, elements: Sequence[Type], states: Sequence[Type]) -> list[RegionBuilder]:
        """lift, mul and act of a summary of one value or two."""
        summary = [self.random.choice(self.scalars) for _ in range(self.random.randrange(1, 3))]
        return [
            self._region(elements, summary),
            self._region((*summary, *summary), summary),
            self._region((*summary, *states), states),
        ]

    def _pieces(self) -> tuple[int, int]:
        return self.random.choice((1, 2, 3, 8)), self.random.randrange(1, 4)

    def _chosen(self) -> tuple[list[Value], list[Type]]:
        """One array or two of the same type, and their elements."""
        array = self.random.choice(self.arrays())
        chosen = [array, *[v for v in self.arrays() if v.type == array.type][: self.random.randrange(2)]]
        return chosen, [v.type.element for v in chosen if isinstance(v.type, ArrayType)]

    def _reduce(self) -> Values:
        (arrays, elements), initial = self._chosen(), self.carried()
        regions = self._summary(elements, [v.type for v in initial])
        if self.random.random() < 0.5:
            regions.append(self._region(elements, (BOOL,)))
        growing = self.random.randrange(3) if len(regions) == 3 else 0
        return self.builder.par_reduce(arrays, initial, regions, *self._pieces(), growing)

    def _scan_in_pieces(self) -> Values:
        (arrays, elements), initial = self._chosen(), self.carried()
        states = [v.type for v in initial]
        made = [self.random.choice(self.scalars) for _ in range(self.random.randrange(1, 3))]
        step = self._region((*elements, *states), (*states, *made))
        return self.builder.par_scan(arrays, initial, [step, *self._summary(elements, states)], *self._pieces())

    def _each_piece(self) -> Values:
        """The summaries of pieces, and often a scan of them from states of the same number."""
        (arrays, elements), summary = self._chosen(), self._few()
        regions = [self._region(elements, summary), self._region((*summary, *summary), summary)]
        if self.random.random() < 0.5:
            regions.append(self._region(elements, (BOOL,)))
        lanes, piece = self._pieces()
        found = self.builder.summaries_of_pieces(arrays, regions, lanes, piece)
        if self.random.random() < 0.3:
            return found
        step = self._region((*elements, *summary), (*summary, *self._few()))
        return found + self.builder.scan_of_pieces(arrays, found[: len(summary)], step, lanes, self._pieces()[1])

    def _few(self) -> list[Type]:
        return [self.random.choice(self.scalars) for _ in range(self.random.randrange(1, 3))]

    def _windows(self) -> Values:
        (arrays, elements), width = self._chosen(), self.builder.const(self.random.randrange(-1, 5), I64)
        made = [self.random.choice(self.scalars) for _ in range(self.random.randrange(1, 3))]
        return self.builder.par_windows(
            arrays, width, [self._region(elements, made), self._region((*made, *made), made)]
        )

    def _power(self) -> Values:
        initial = self.carried()
        bounds = [self.builder.const(self.random.randrange(low, high), I64) for low, high in ((-1, 3), (0, 9), (0, 3))]
        return self.builder.par_power(bounds, initial, self._summary((), [v.type for v in initial]))

    def _unchecked(self) -> Values:
        """An access that is inside: of a literal array, or in a loop over the indices of an array."""
        vectors = self.arrays()
        if not vectors or self.random.random() < 0.4:
            kind = self.random.choice(self.scalars)
            shape = self.random.choice(((2,), (3,), (2, 2)))
            count = shape[0] * (shape[1] if len(shape) > 1 else 1)
            array = self.builder.array([self.value(kind) for _ in range(count)], shape)
            return self._access(array, [self.small(0, size) for size in shape], kind)
        array = self.random.choice(vectors)
        assert isinstance(array.type, ArrayType)
        element = array.type.element
        size = self.builder.op("dim", array, attributes=(("axis", 0),))
        bounds = [self.builder.const(0, I64), size, self.builder.const(1, I64)]
        with self.builder.region(("i", I64), ("a", array.type)) as body:
            index, state = body.parameters
            self.inside(body, lambda: self._access(state, [index], element)[:1])
        return self.builder.for_(bounds, [array], body)

    def _access(self, array: Value, indices: list[Value], element: Type) -> Values:
        """An array with another element, and an element of it."""
        value = self.builder.op("get.unchecked", array, *indices)
        new = self.value(element) if self.random.random() < 0.5 else value
        return self.builder.op("update.unchecked", array, *indices, new), value


def every_op_arguments(random: Random, function: Function, largest: int = 6) -> list[object]:
    """Values of the logic for the parameters: arrays as nested lists, sizes of 0 to `largest`."""
    sizes = {name: random.randint(0, largest) for name in ("n", "m")}

    def argument(kind: Type) -> object:
        if not isinstance(kind, ArrayType):
            return _scalar(random, kind)
        shape = [s if isinstance(s, int) else sizes[s] for s in kind.shape]
        return _nested(random, kind.element, shape)

    return [argument(p.type) for p in function.parameters]


def _nested(random: Random, element: Type, shape: Sequence[int]) -> list[object]:
    if len(shape) == 1:
        return [_scalar(random, element) for _ in range(shape[0])]
    return [_nested(random, element, shape[1:]) for _ in range(shape[0])]


def _scalar(random: Random, kind: Type) -> object:
    match kind:
        case SpecType("int"):
            return random.choice((0, 1, -1, random.randint(-99, 99), (1 << 64) + 3, -(1 << 130)))
        case SpecType():
            return Fraction(random.randint(-9, 9), random.randint(1, 7))
        case _:
            return random_value(random, kind)
