"""Untrusted. The region that does what another one does where that does not trap: straight-line, with fresh names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from hyperion.ir.function import Equation, Region, Value
from hyperion.ir.ops import is_total
from hyperion.ir.types import INT, IntType
from hyperion_proofs.analysis import Refused
from hyperion_proofs.emission import Names

_SUMS: Final = frozenset({"add", "sub", "mul", "neg", "abs", "cast"})
_DIVISIONS: Final = frozenset({"floordiv", "mod"})


def totalised(region: Region, names: Names) -> Region:
    """Sums wrap where they trapped, a quotient by 0 is whatever it is, and a branch becomes a selection between both
    sides, which are both computed.

    Raises Refused for what may trap otherwise, and for loops.
    """
    writer = _Writer(names)
    parameters = tuple(writer.fresh(p) for p in region.parameters)
    writer.block(region.equations)
    return Region(parameters, tuple(writer.equations), tuple(writer.value(v) for v in region.results))


class _Writer:
    def __init__(self, names: Names) -> None:
        self._names = names
        self._values: dict[str, Value] = {}
        self.equations: list[Equation] = []

    def fresh(self, v: Value) -> Value:
        self._values[v.name] = made = self._names.fresh(v.name, v.type)
        return made

    def value(self, v: Value) -> Value:
        return self._values.get(v.name, v)

    def block(self, equations: Sequence[Equation]) -> None:
        for e in equations:
            if e.op == "if":
                self._choice(e)
                continue
            operands = tuple(self.value(v) for v in e.operands)
            if e.op.partition(".")[0] in _DIVISIONS and isinstance(e.results[0].type, IntType):
                self._divided(e, operands)
                continue
            total = replace(e, op=total_op(e), operands=operands, results=tuple(self.fresh(r) for r in e.results))
            if e.regions or not is_total(total):
                raise Refused(f"a step may trap, or loops, by {e.op}", span=e.span)
            self.equations.append(total)

    def _divided(self, e: Equation, operands: tuple[Value, ...]) -> None:
        """A division of words, by that of integers, where the quotient by 0 is 0."""
        whole: list[Value] = []
        for v in operands:
            whole.append(self._names.fresh("t", INT))
            self.equations.append(Equation((whole[-1],), "cast", (v,), (), (), e.span))
        found = self._names.fresh("t", INT)
        self.equations.append(Equation((found,), e.op.partition(".")[0], tuple(whole), (), (), e.span))
        self.equations.append(Equation((self.fresh(e.results[0]),), "cast.wrap", (found,), (), (), e.span))

    def _choice(self, e: Equation) -> None:
        test = self.value(e.operands[0])
        sides: list[list[Value]] = []
        for region in e.regions:
            self.block(region.equations)
            sides.append([self.value(v) for v in region.results])
        for result, yes, no in zip(e.results, *sides, strict=True):
            if yes == no:
                self._values[result.name] = yes
            else:
                self.equations.append(Equation((self.fresh(result),), "select", (test, yes, no), (), (), e.span))


def total_op(e: Equation) -> str:
    """The op without its trap at the range of its type."""
    stem, _, mode = e.op.rpartition(".")
    wraps = mode == "trap" and isinstance(e.results[0].type, IntType) and stem in _SUMS
    return "div" if e.op == "div.trap" else f"{stem}.wrap" if wraps else e.op
