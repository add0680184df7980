"""Division of mathematical integers in the width that their intervals need, where that is less than 128 bits.

LLVM narrows sums and products by itself, but not divisions, and calls a function for one of 128 bits.
"""

from __future__ import annotations

from dataclasses import dataclass

from hyperion.ir.types import BOOL, INT, IntType
from hyperion_llvm.ranges import Interval
from hyperion_llvm.text import Writer, literal, vector_type

WIDTHS = (32, 64)


@dataclass(frozen=True, slots=True)
class Division:
    """One floordiv or mod of `int`, with the intervals of its operands."""

    writer: Writer
    op: str
    operands: tuple[str, str]
    intervals: tuple[Interval, Interval]
    lanes: int

    def lowered(self) -> str | None:
        """The result in 128 bits; None where the divisor may not be positive or the operands need all of them."""
        (low, high), (least, most) = self.intervals
        if least <= 0:
            return None
        if least == most and most & (most - 1) == 0:
            return self._by_power_of_two(most)
        for width in WIDTHS:
            for signed in (False, True):
                kind = IntType(width, signed)
                if kind.minimum <= low and max(high, most) <= kind.maximum:
                    return self._in(kind)
        return None

    def _by_power_of_two(self, divisor: int) -> str:
        """An arithmetic shift rounds down; the low bits are the remainder of a negative number too."""
        instruction, operand = ("ashr", divisor.bit_length() - 1) if self.op == "floordiv" else ("and", divisor - 1)
        wide = vector_type(INT, self.lanes)
        return self.writer.set(f"{instruction} {wide} {self.operands[0]}, {literal(IntType(128), operand, self.lanes)}")

    def _in(self, kind: IntType) -> str:
        w, wide, narrow = self.writer, vector_type(INT, self.lanes), vector_type(kind, self.lanes)
        x, y = (w.set(f"trunc {wide} {operand} to {narrow}") for operand in self.operands)
        sign, extend = ("s", "sext") if kind.signed else ("u", "zext")
        remainder = w.set(f"{sign}rem {narrow} {x}, {y}")
        value = remainder if self.op == "mod" else w.set(f"{sign}div {narrow} {x}, {y}")
        if kind.signed:  # the divisor is positive: a negative remainder was rounded up
            moved = f"add {narrow} {value}, {y}" if self.op == "mod" else f"sub {narrow} {value}, {self._one(kind)}"
            flags = vector_type(BOOL, self.lanes)
            up = w.set(f"icmp slt {narrow} {remainder}, {literal(kind, 0, self.lanes)}", "c")
            value = w.set(f"select {flags} {up}, {narrow} {w.set(moved)}, {narrow} {value}")
        return w.set(f"{extend} {narrow} {value} to {wide}")

    def _one(self, kind: IntType) -> str:
        return literal(kind, 1, self.lanes)
