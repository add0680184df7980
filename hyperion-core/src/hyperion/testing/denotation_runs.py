"""Compares what functions denote with what an interpreter computes, and counts what was compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hyperion.errors import HyperionError
from hyperion.ir.function import Equation, Function, Program, Region, Value, walk
from hyperion.ir.printer import print_program
from hyperion.ir.types import F32, REAL, ArrayType, TupleType, Type
from hyperion.logic.denote import denote
from hyperion.testing.denotation import Machine, Ready
from hyperion.testing.opaque_ops import TRAP, TRAPS, Grid, array_of

TOO_LARGE = "HY5108"


@dataclass(slots=True)
class Counts:
    """What was met: by op the programs that use it and gave a value, by code the runs that ended in a trap."""

    programs: int = 0
    values: int = 0
    too_large: int = 0
    ops: Counter[str] = field(default_factory=Counter[str])
    traps: Counter[str] = field(default_factory=Counter[str])

    def add(self, other: Counts) -> None:
        self.programs += other.programs
        self.values += other.values
        self.too_large += other.too_large
        self.ops += other.ops
        self.traps += other.traps

    def __str__(self) -> str:
        few = ", ".join(f"{op} {n}" for op, n in sorted(self.ops.items(), key=lambda item: item[1])[:8])
        traps = ", ".join(f"{code} {n}" for code, n in sorted(self.traps.items()))
        return (
            f"{self.programs} programs: {self.values} gave values, {self.traps.total()} trapped ({traps}), "
            f"{self.too_large} were too large; {len(self.ops)} ops, the rarest: {few}"
        )


class Disagreement(AssertionError):
    """A function denotes something else than it computes."""

    def __init__(self, program: Program, arguments: Sequence[object], denoted: Any, computed: Any) -> None:
        shown = print_program(program)
        super().__init__(f"{shown}\non {list(arguments)!r}\ndenotes {denoted!r}\ngives   {computed!r}")
        self.program = program
        self.arguments = arguments


class Comparison:
    """Compares programs on arguments; `ready` is an interpreter on values of the logic."""

    def __init__(self, ready: Ready) -> None:
        self._ready = ready
        self._machine = Machine(ready)
        self.counts = Counts()

    def compare(self, program: Program, arguments: Sequence[object], computed: Program | None = None) -> None:
        """Raises `Disagreement` unless the program denotes what it computes, or what `computed` does."""
        values = values_of(program.main, arguments)
        self.counts.programs += 1
        try:
            results = self._ready(computed or program)(values)
            expected = ("ok", results[0] if len(results) == 1 else tuple(results) if results else True)
        except HyperionError as error:
            if error.code == TOO_LARGE:  # a large array, such as random counts make, takes the machine too long
                self.counts.too_large += 1
                return
            if error.code not in TRAPS:
                raise
            self.counts.traps[error.code] += 1
            expected = TRAP
        found = self._machine.run(denote(program.main, program), *values)
        if repr(found) != repr(expected):
            raise Disagreement(program, arguments, found, expected)
        if expected is not TRAP:
            self.counts.values += 1
            self.counts.ops.update({e.op for f in program.functions.values() for e in walk(f.equations)})


def values_of(function: Function, arguments: Sequence[object]) -> list[Any]:
    """Arguments as values of the logic: nested lists as arrays whose sizes agree, where no row tells them too."""
    sizes: dict[int | str, int] = {}
    levels = [_levels(p.type, a) for p, a in zip(function.parameters, arguments, strict=True)]
    for p, (lengths, _) in zip(function.parameters, levels, strict=True):
        if isinstance(p.type, ArrayType):
            sizes.update(zip(p.type.shape, lengths, strict=False))
    return [
        array_of(tuple(sizes.get(s, s if isinstance(s, int) else 0) for s in p.type.shape), items)
        if isinstance(p.type, ArrayType)
        else argument
        for p, argument, (_, items) in zip(function.parameters, arguments, levels, strict=True)
    ]


def _levels(kind: Type, argument: Any) -> tuple[list[int], list[Any]]:
    """The lengths of nested lists, as far as there are rows, and the elements."""
    if isinstance(argument, Grid):
        return list(argument.shape), list(argument.items)
    lengths, items = list[int](), argument
    for k in range(len(kind.shape) if isinstance(kind, ArrayType) else 0):
        if k == 0 or items:
            lengths.append(len(items if k == 0 else items[0]))
        items = list(items) if k == 0 else [x for row in items for x in row]
    return lengths, items


REGROUPED = frozenset(("add", "sub", "mul", "neg", "div"))


def regrouped(program: Program, kind: Type = F32) -> Program:
    """A program over `real` as one over floats with fp="reassoc", which denotes the same numbers."""
    functions = {name: _Floats(kind).function(f) for name, f in program.functions.items()}
    return replace(program, functions=functions)


class _Floats:
    def __init__(self, kind: Type) -> None:
        self._kind = kind

    def function(self, f: Function) -> Function:
        return replace(
            f, parameters=self._values(f.parameters), results=self._values(f.results), equations=self._all(f.equations)
        )

    def _all(self, equations: Sequence[Equation]) -> tuple[Equation, ...]:
        return tuple(map(self._equation, equations))

    def _equation(self, e: Equation) -> Equation:
        granted = e.op in REGROUPED and e.operands[0].type == REAL
        return replace(
            e,
            results=self._values(e.results),
            operands=self._values(e.operands),
            attributes=(*e.attributes, ("fp", "reassoc")) if granted else e.attributes,
            regions=tuple(map(self._region, e.regions)),
        )

    def _region(self, r: Region) -> Region:
        return Region(self._values(r.parameters), self._all(r.equations), self._values(r.results))

    def _values(self, values: Sequence[Value]) -> tuple[Value, ...]:
        return tuple(Value(v.name, self._type(v.type)) for v in values)

    def _type(self, kind: Type) -> Type:
        match kind:
            case ArrayType(element, shape):
                return ArrayType(self._type(element), shape)
            case TupleType(elements):
                return TupleType(tuple(map(self._type, elements)))
            case _:
                return self._kind if kind == REAL else kind
