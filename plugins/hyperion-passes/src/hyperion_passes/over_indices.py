"""What replaces a counted loop by one over its indices, where all of them are inside of arrays, and keeps the loop as
written for where they are not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from hyperion.ir.function import Equation, Region, Value
from hyperion.ir.types import BOOL, I64, INT, ArrayType
from hyperion_passes.fresh import Fresh

CUTS = (("lanes", 8), ("piece", 4112))


class OverIndices:
    """One loop while it is rewritten: the equations that are made for it."""

    def __init__(self, loop: Equation, fresh: Fresh) -> None:
        self._loop = loop
        self._fresh = fresh
        self._made: list[Equation] = []

    def _emit(self, op: str, operands: tuple[Value, ...], result: Value, **attributes: int) -> Value:
        self._made.append(Equation((result,), op, operands, tuple(attributes.items()), (), self._loop.span))
        return result

    def _array_over(self, name: str, like: Value, indices: Value) -> Value:
        """A new array with the elements' type of `like`, as many as there are indices."""
        assert isinstance(like.type, ArrayType) and isinstance(indices.type, ArrayType)
        return self._fresh.value(name, ArrayType(like.type.element, indices.type.shape))

    def _gather(self, xs: Value, indices: Value) -> Value:
        return self._emit("gather", (xs, indices), self._array_over(f"{xs.name}.gathered", xs, indices), axis=0)

    def _inside(self, indices: Value, arrays: Iterable[Value]) -> Value:
        """Whether each index is inside of every array."""
        fresh, span = self._fresh, self._loop.span
        zero, one = (self._emit("const", (), fresh.value("number", INT), value=n) for n in (0, 1))
        sizes = [self._emit("len", (xs,), fresh.value("size", INT)) for xs in arrays]
        index, number = fresh.value("index", I64), fresh.value("number", INT)
        after, low = fresh.value("after", INT), fresh.value("low", BOOL)
        tests = [
            Equation((number,), "cast", (index,), (), (), span),
            Equation((low,), "le", (zero, number), (), (), span),
            Equation((after,), "add", (one, number), (), (), span),
        ]
        whole = low
        for size in sizes:
            high, both = fresh.value("high", BOOL), fresh.value("both", BOOL)
            tests.append(Equation((high,), "le", (after, size), (), (), span))
            tests.append(Equation((both,), "and", (whole, high), (), (), span))
            whole = both
        nothing = Region((), (), ())
        lift = Region((fresh.value("index", I64),), (), ())
        regions = (lift, nothing, nothing, Region((index,), tuple(tests), (whole,)))
        inside = fresh.value("inside", BOOL)
        self._made.append(Equation((inside,), "par.reduce", (indices,), (("arrays", 1), *CUTS), regions, span))
        return inside

    def _choose(self, test: Value, indices: Value, made: Region) -> None:
        """The results of `made` where the test holds, else those of the loop as written."""
        loop = self._loop
        again = tuple(self._fresh.value(r.name, r.type) for r in loop.results)
        operands = (indices, *loop.operands[3:])
        written = replace(loop, op="fold", operands=operands, attributes=(("arrays", 1),), results=again)
        branches = (made, Region((), (written,), again))
        self._made.append(Equation(loop.results, "if", (test,), (), branches, loop.span))
