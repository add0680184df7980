"""Untrusted. The body of a recursion as the step of a loop: from the least number on at which no test of the argument
holds a base case, with the calls of itself replaced by what is known of the numbers before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hyperion.ir.function import Equation, Region, Value, walk
from hyperion.ir.types import I64
from hyperion_proofs.analysis import Refused
from hyperion_proofs.emission import Names
from hyperion_proofs.recursions.stable import MOST

_COMPARISONS = {"lt": 0, "le": 1, "gt": 1, "ge": 0, "eq": 1, "ne": 1}
"""Of a test of the argument and a number, how far above the number it says the same of all arguments."""
_SWAPPED = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq", "ne": "ne"}
MOST_WIDTH = 4


def least_number(region: Region, numbers: dict[str, int]) -> int:
    """The number from which on every test of the argument by a literal says the same."""
    (argument,) = region.parameters
    ends: list[int] = []
    for e in walk(region.equations):
        if e.op in _COMPARISONS and argument in e.operands:
            first, second = e.operands
            other, op = (second, e.op) if first == argument else (first, _SWAPPED[e.op])
            if other.name in numbers:
                ends.append(numbers[other.name] + _COMPARISONS[op])
    if not ends:
        raise Refused("the recursion has no base case that compares the argument with a number", span=None)
    return max(ends)


def literals_of(equations: Sequence[Equation]) -> dict[str, int]:
    """The integer constants of a function, by name."""
    found: dict[str, int] = {}
    for e in walk(tuple(equations)):
        value = e.attribute("value")
        if e.op == "const" and isinstance(value, int) and not isinstance(value, bool):
            found[e.result.name] = value
    return found


@dataclass
class Step:
    """Makes the step for arguments from `least` on. `window` is the state: the results at the numbers before, from the
    oldest to the newest."""

    names: Names
    region: Region
    least: int
    numbers: dict[str, int]

    def __post_init__(self) -> None:
        (self._argument,) = self.region.parameters
        self.distances: set[int] = set()
        self._known: dict[str, bool] = {}
        self._offsets: dict[str, int] = {self._argument.name: 0}
        self._values: dict[str, Value] = {}
        self._spare: set[str] = set()
        self._window: dict[int, Value] = {}

    def made(self) -> Region:
        equations, (result,) = self._block(self.region.equations, self.region.results)
        width = max(self.distances, default=0)
        if not width:
            raise Refused("the recursion does not call itself from its least number on")
        if width > MOST_WIDTH:
            raise Refused(f"the recursion reaches {width} numbers back; up to {MOST_WIDTH} are kept")
        for c in range(1, width + 1):
            if c not in self.distances:
                reason = (
                    f"the recursion calls itself at n - {width} but not at n - {c}, whose value the loop would need"
                )
                raise Refused(reason)
        window = [self._window[c] for c in range(width, 0, -1)]
        counter = self._argument
        used = _without_spare(equations, self._spare, {result.name})
        region = Region((counter, *window), used, (*window[1:], result))
        return self.names.copy(region)

    def _value(self, v: Value) -> Value:
        return self._values.get(v.name, v)

    def _block(
        self, equations: Sequence[Equation], results: Sequence[Value]
    ) -> tuple[tuple[Equation, ...], tuple[Value, ...]]:
        made: list[Equation] = []
        for e in equations:
            made += self._equation(replace(e, operands=tuple(map(self._value, e.operands))))
        return tuple(made), tuple(map(self._value, results))

    def _equation(self, e: Equation) -> list[Equation]:
        if e.op == "self":
            self._call(e)
            return []
        if e.op == "if" and e.operands[0].name in self._known:
            chosen = e.regions[0 if self._known[e.operands[0].name] else 1]
            inner, yields = self._block(chosen.equations, chosen.results)
            self._values.update(zip((r.name for r in e.results), yields, strict=True))
            return list(inner)
        if e.op == "select" and e.operands[0].name in self._known:
            self._values[e.result.name] = e.operands[1 if self._known[e.operands[0].name] else 2]
            return []
        if e.op in ("recurse", "call", "while"):
            raise Refused(f"the body of the recursion has a {e.op}", span=e.span)
        self._learn(e)
        regions: list[Region] = []
        for r in e.regions:
            inner, yields = self._block(r.equations, r.results)
            regions.append(Region(r.parameters, inner, yields))
        return [replace(e, regions=tuple(regions))]

    def _call(self, e: Equation) -> None:
        offset = self._offsets.get(e.operands[0].name)
        if offset is None:
            reason = "a call of itself is not at the argument less a constant: it is remembered, not a loop"
            raise Refused(reason, span=e.span)
        if offset >= 0:
            shown = f"n + {offset}" if offset else "n"
            reason = f"the call at {shown} does not decrease the argument, so the recursion need not end"
            raise Refused(reason, span=e.span)
        self.distances.add(-offset)
        if -offset not in self._window:
            for c in range(1, -offset + 1):
                if c not in self._window:
                    self._window[c] = self.names.fresh("before", e.result.type)
        self._values[e.result.name] = self._window[-offset]

    def _learn(self, e: Equation) -> None:
        """What is known of the result of an equation for every argument from the least number on."""
        match e.op.partition(".")[0]:
            case "const":
                value = e.attribute("value")
                if isinstance(value, bool):
                    self._known[e.result.name] = value
                self._spare.add(e.result.name)
            case "add" | "sub" if e.result.type == I64:
                self._learn_sum(e)
            case "lt" | "le" | "gt" | "ge" | "eq" | "ne":
                self._learn_test(e)
            case "and" | "or" | "not":
                self._learn_connective(e)
            case _:
                pass

    def _learn_sum(self, e: Equation) -> None:
        first, second = e.operands
        sign = 1 if e.op.startswith("add") else -1
        if first.name in self._offsets and second.name in self.numbers:
            offset = self._offsets[first.name] + sign * self.numbers[second.name]
        elif sign == 1 and second.name in self._offsets and first.name in self.numbers:
            offset = self._offsets[second.name] + self.numbers[first.name]
        else:
            return
        if abs(offset) < MOST and self.least + offset > -MOST:
            self._offsets[e.result.name] = offset
            self._spare.add(e.result.name)

    def _learn_test(self, e: Equation) -> None:
        first, second = e.operands
        if first.name in self._offsets and second.name in self.numbers:
            op, offset, number = e.op, self._offsets[first.name], self.numbers[second.name]
        elif second.name in self._offsets and first.name in self.numbers:
            op, offset, number = _SWAPPED[e.op], self._offsets[second.name], self.numbers[first.name]
        else:
            return
        if self.least + offset > number or (self.least + offset == number and op in ("lt", "ge")):
            self._known[e.result.name] = op in ("gt", "ge", "ne")
            self._spare.add(e.result.name)

    def _learn_connective(self, e: Equation) -> None:
        known = [self._known.get(v.name) for v in e.operands]
        value: bool | None = None
        if e.op == "not":
            value = None if known[0] is None else not known[0]
        elif None not in known:
            value = all(known) if e.op == "and" else any(known)
        elif (e.op == "and" and False in known) or (e.op == "or" and True in known):
            value = e.op == "or"
        elif any(truth is not None for truth in known):  # one side is known and decides nothing: the other is the value
            other = next(v for v, truth in zip(e.operands, known, strict=True) if truth is None)
            self._values[e.result.name] = other
            self._spare.add(e.result.name)
        if value is not None:
            self._known[e.result.name] = value
            self._spare.add(e.result.name)


def _without_spare(equations: tuple[Equation, ...], spare: set[str], used: set[str]) -> tuple[Equation, ...]:
    """Without the equations, of those that surely have a value, that nobody reads."""
    kept: list[Equation] = []
    for e in reversed(equations):
        if e.results[0].name in spare and not any(r.name in used for r in e.results):
            continue
        kept.append(e)
        used |= {v.name for v in e.operands}
        for inner in walk(tuple(x for r in e.regions for x in r.equations)):
            used |= {v.name for v in inner.operands} | {v.name for r in inner.regions for v in r.results}
        used |= {v.name for r in e.regions for v in r.results}
    return tuple(reversed(kept))
