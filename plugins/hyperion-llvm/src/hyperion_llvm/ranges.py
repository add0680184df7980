"""Intervals of mathematical integers: `int` is compiled in 128 bits where every value provably fits.

Refused otherwise: a wrapped guard would let a wrong result through.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hyperion.errors import CodegenError
from hyperion.ir.function import Equation, Value
from hyperion.ir.types import I64, I128, INT, BoolType, IntType

Interval = tuple[int, int]


@dataclass(slots=True)
class Ranges:
    """The interval of each `int` value seen so far, and of words that are narrower than their type says, by name."""

    known: dict[str, Interval]

    def of(self, value: Value, equation: Equation) -> Interval:
        match value.type:
            case BoolType():
                return (0, 1)
            case IntType() as kind:
                return self.known.get(value.name, (kind.minimum, kind.maximum))
            case _ if value.name in self.known:
                return self.known[value.name]
            case _:
                raise CodegenError(
                    "HY8003",
                    f"no bound is known for %{value.name} : int, so it has no machine form",
                    equation.span,
                    notes=["`int` is compiled in 128 bits, where an interval proves that every value fits"],
                    hints=["form it from machine integers and lengths, outside of loops"],
                )

    def record(self, equation: Equation) -> None:
        """Notes the interval of the result of a scalar op that gives an `int`, or a word chosen among literals."""
        if len(equation.results) == 1 and isinstance(equation.result.type, IntType):
            self._record_word(equation, equation.result.type)
        if len(equation.results) != 1 or equation.result.type != INT:
            return
        low, high = self._result(equation)
        if not (I128.minimum <= low and high <= I128.maximum):
            raise CodegenError(
                "HY8003",
                f"%{equation.result.name} : int may reach {low} .. {high}, past 128 bits",
                equation.span,
                hints=["use smaller element types, or a machine integer with a mode"],
            )
        self.known[equation.result.name] = (low, high)

    def _record_word(self, equation: Equation, kind: IntType) -> None:
        if equation.op not in ("const", "select", "neg.wrap"):
            return
        if equation.op == "neg.wrap":
            low, high = arithmetic("neg", [self.of(equation.operands[0], equation)])
        else:
            low, high = self._result(equation)
        if kind.minimum <= low and high <= kind.maximum:
            self.known[equation.result.name] = (low, high)

    def join(self, equation: Equation, branches: tuple[tuple[Value, ...], ...]) -> None:
        """The results of an `if` lie in the union of what the branches yield."""
        for position, result in enumerate(equation.results):
            if result.type == INT:
                each = [self.of(yields[position], equation) for yields in branches]
                self.known[result.name] = (min(low for low, _ in each), max(high for _, high in each))

    def _result(self, equation: Equation) -> Interval:
        if equation.op == "const":
            value = equation.attribute("value")
            assert isinstance(value, int)
            return (value, value)
        if equation.op == "len":
            return (0, I64.maximum)
        operands = equation.operands[1:] if equation.op == "select" else equation.operands
        return arithmetic(equation.op, [self.of(x, equation) for x in operands])


def arithmetic(op: str, ranges: list[Interval]) -> Interval:
    """Bounds of an op on exact integers.

    >>> arithmetic("mul", [(-2, 3), (-5, 7)])
    (-15, 21)
    """
    (a, b), (c, d) = ranges[0], ranges[-1]
    products = (a * c, a * d, b * c, b * d)
    table: Mapping[str, Interval] = {
        "cast": (a, b),
        "neg": (-b, -a),
        "abs": (0 if a <= 0 <= b else min(abs(a), abs(b)), max(abs(a), abs(b))),
        "add": (a + c, b + d),
        "sub": (a - d, b - c),
        "mul": (min(products), max(products)),
        "max": (max(a, c), max(b, d)),
        "min": (min(a, c), min(b, d)),
        "select": (min(a, c), max(b, d)),
        "floordiv": (-max(abs(a), abs(b)), max(abs(a), abs(b))),
    }
    if op not in table:
        raise CodegenError("HY8002", f"{op} gives an int that has no machine form")
    return table[op]
