"""Which functions are split, told from their program alone.

The equations of the function run one after the other: those on scalars and those that only move elements on the host,
the parallel ones and maps on all devices. Of a branch, one side may hold what is not split: a call that takes it runs
whole on one device.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import lcm

from hyperion.interfaces.strategy import Refusal
from hyperion.ir.function import Equation, Program, Value
from hyperion.ir.intervals import is_interval
from hyperion.ir.ops import is_scalar_op
from hyperion.ir.types import ArrayType, BoolType, FloatType, IntType, SpecType, TupleType

MOVING = frozenset(
    ("len", "dim", "get", "progression", "iota", "when", "slice", "gather", "reshape.like", "reverse", "fill")
)
"""What is read off, or takes elements to other places, without looking at them."""
SPLIT = frozenset(("par.reduce", "par.scan", "map"))
INEXACT = frozenset(("exp", "log"))
"""Whose last bits depend on the target."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`refusals` says why no call is split; empty where calls are. `block` elements go to one device at least."""

    program: Program
    refusals: tuple[Refusal, ...]
    block: int
    constants: dict[str, Equation] = field(default_factory=dict[str, Equation], compare=False)


def plan_of(program: Program, targets: Sequence[str]) -> Plan:
    """The plan for devices of these targets."""
    function = program.main
    reader = _Reader(program, len(set(targets)) > 1)
    refused = [*_signature(function.parameters, function.results), *reader.block(function.equations)]
    if not refused and not reader.blocks:
        refused = [Refusal("splitting", "nothing in it goes over an array in a parallel form")]
    return Plan(program, tuple(refused), lcm(*reader.blocks) if reader.blocks else 1, reader.constants)


def _signature(parameters: Sequence[Value], results: Sequence[Value]) -> Iterator[Refusal]:
    for value in (*parameters, *results):
        kind = value.type
        if isinstance(kind, TupleType | SpecType):
            yield Refusal("splitting", f"%{value.name} is {kind}, which has no form in memory")


class _Reader:
    def __init__(self, program: Program, mixed: bool) -> None:
        self._program = program
        self._mixed = mixed
        self.blocks: list[int] = []
        self.constants: dict[str, Equation] = {}

    def block(self, equations: Sequence[Equation]) -> list[Refusal]:
        return [r for e in equations for r in self._equation(e)]

    def _equation(self, e: Equation) -> list[Refusal]:
        if e.op == "const":
            self.constants[e.result.name] = e
            return []
        if e.op == "if":
            return self._branches(e)
        if e.op in SPLIT:
            return self._split(e)
        if e.op in MOVING:
            return [] if _is_vector_op(e) else [_refusal(e, f"{e.op} of an array of several axes")]
        if is_scalar_op(e.op, self._program.registry):
            return self._scalar(e)
        return [_refusal(e, f"{e.op} runs on one device")]

    def _branches(self, e: Equation) -> list[Refusal]:
        """One side must be what runs split; what the other side alone would split does not count."""
        found: list[list[Refusal]] = []
        for region in e.regions:
            before = len(self.blocks)
            found.append(self.block(region.equations))
            if found[-1]:
                del self.blocks[before:]
        return [] if not all(found) else found[0]

    def _scalar(self, e: Equation) -> list[Refusal]:
        if e.op in INEXACT and self._mixed:
            return [_refusal(e, f"{e.op} has other last bits on devices of another kind")]
        return []

    def _split(self, e: Equation) -> list[Refusal]:
        count = e.attribute("arrays")
        assert isinstance(count, int)
        arrays, states = e.operands[:count], e.operands[count:]
        if not all(_is_vector(v) for v in arrays):
            return [_refusal(e, f"{e.op} goes over an array of several axes")]
        if e.attribute("growing"):
            return [_refusal(e, "a loop that is left early: the pieces behind its end would be work for nothing")]
        inner = [i for region in e.regions for i in region.equations]
        if self._mixed and any(i.op in INEXACT for i in inner):
            return [_refusal(e, "exp and log have other last bits on devices of another kind")]
        if e.op == "map":
            if inner:
                self.blocks.append(1)
            return []
        if is_test_of_ends(e):
            return []
        summary = e.regions[e.op == "par.scan"].results
        if any(not isinstance(v.type, IntType | FloatType | BoolType) for v in (*summary, *states)):
            return [_refusal(e, "its state is a number of no machine type")]
        if states and not summary:
            return [_refusal(e, "its state changes by the number of pieces alone")]
        lanes, piece = e.attribute("lanes"), e.attribute("piece")
        assert isinstance(lanes, int)
        assert isinstance(piece, int)
        self.blocks.append(lanes * piece)
        return []


def is_test_of_ends(e: Equation) -> bool:
    """Whether a par.reduce only asks for a test that, of numbers going up or down, the first and the last decide."""
    return e.op == "par.reduce" and len(e.operands) == 1 and len(e.regions) == 4 and is_interval(e.regions[3])


def _is_vector(value: Value) -> bool:
    return isinstance(value.type, ArrayType) and len(value.type.shape) == 1


def _is_vector_op(e: Equation) -> bool:
    arrays = [v for v in (*e.operands, *e.results) if isinstance(v.type, ArrayType)]
    return e.op in ("len", "dim") or all(_is_vector(v) for v in arrays)


def _refusal(e: Equation, reason: str) -> Refusal:
    return Refusal("splitting", reason, span=e.span)
