"""Untrusted. A recursion whose calls of itself are the last that a call does, and count, becomes a loop.

%r = recurse %n, %a {                      %s = for 0, n - end, 1, (%a) {
  ^(%n, %a):                                 ^(%i, %a):  %n = n - i   ..  yield %b
    %base = eq %n, %end              -->   }
    %v = if %base { yield %x }             %r = if end <= n { %x, of %s } { the recursion }
      { .. self (n - 1), %b .. }
}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hyperion.ir.function import Equation, Region, Value, walk
from hyperion.ir.types import BOOL, I64
from hyperion_proofs.analysis import Refused
from hyperion_proofs.emission import Emitter, substituted
from hyperion_proofs.recursions.bodies import literals_of
from hyperion_proofs.recursions.layout import Origin, ends_of, reaches
from hyperion_proofs.sites import Site

MOST = 1 << 61
"""Numbers farther from 0 take the recursion as written."""

Block = tuple[tuple[Equation, ...], tuple[Value, ...]]


def counters(region: Region, numbers: dict[str, int]) -> Iterator[tuple[int, int, Origin]]:
    """The positions of arguments that every call changes by one, how, and where they may end."""
    found = list(reaches(region, numbers))
    for position, parameter in enumerate(region.parameters):
        steps = {reach[position] for reach in found}
        if parameter.type == I64 and steps in ({1}, {-1}):
            (step,) = steps
            assert step is not None
            for end in dict.fromkeys(ends_of(region, position, -step, numbers)):
                yield position, step, end


class Tail:
    """The function with a loop in the place of the recursion, which ends in this base case."""

    def __init__(self, site: Site, position: int, step: int, end: Origin, base: Block) -> None:
        self.site, self.position, self.step_by = site, position, step
        (self.region,) = site.equation.regions
        self.others = tuple(p for i, p in enumerate(self.region.parameters) if i != position)
        if not self.others:
            raise Refused("a recursion that only counts gives what its base case gives")
        self._emit(end, base)

    def others_of(self, values: Sequence[Value]) -> tuple[Value, ...]:
        return tuple(v for i, v in enumerate(values) if i != self.position)

    def _emit(self, end: Origin, base: Block) -> None:
        site, equation = self.site, self.site.equation
        names, given = site.names, equation.operands
        emit = Emitter(names, {})
        start, stop = given[self.position], end.emit(emit)
        low, high = (stop, start) if self.step_by < 0 else (start, stop)
        tests = [
            emit.op("le", BOOL, low, high),
            emit.op("le", BOOL, emit.const(-MOST, I64), low),
            emit.op("le", BOOL, high, emit.const(MOST, I64)),
        ]
        self.test = emit.every(tests, hint="inside")
        zero, one = emit.const(0, I64), emit.const(1, I64)
        turns = emit.op("select", I64, self.test, emit.op("sub.wrap", I64, high, low), zero, hint="turns")
        inits = self.others_of(given)
        state = tuple(names.fresh(v.name, p.type) for v, p in zip(inits, self.others, strict=True))
        body = self._step(start)
        self.loop = Equation(state, "for", (zero, turns, one, *inits), (), (body,), equation.span)
        self.stop = stop
        last = Region((*self.others, self.region.parameters[self.position]), *base)
        last = names.copy(last)
        known = dict(zip(last.parameters, (*state, stop), strict=True))
        ended = substituted(replace(last, parameters=()), known)
        again = tuple(names.fresh(r.name, r.type) for r in equation.results)
        written = replace(equation, results=again, regions=(names.copy(self.region),))
        branches = (ended, Region((), (written,), again))
        self.choice = Equation(equation.results, "if", (self.test,), (), branches, equation.span)
        self.before = tuple(emit.equations)
        self.function = site.replaced([*self.before, self.loop, self.choice])

    def _step(self, start: Value) -> Region:
        names = self.site.names
        turn = names.fresh("i", I64)
        emit = Emitter(names, {})
        number = emit.op("sub.wrap" if self.step_by < 0 else "add.wrap", I64, start, turn, hint="n")
        equations, results = self._tail(self.region.equations, self.region.results)
        body = names.copy(Region((*self.others, self.region.parameters[self.position]), equations, results))
        *others, counter = body.parameters
        moved = substituted(body, {counter: number})
        return Region((turn, *others), (*emit.equations, *moved.equations), moved.results)

    def _tail(self, equations: tuple[Equation, ...], results: tuple[Value, ...]) -> Block:
        """The arguments of the call that a call ends in, but for the counter."""
        *before, last = equations
        if any(e.op == "self" for e in walk(tuple(before))) or last.results != results:
            raise Refused("a call of itself is not the last thing that a call does")
        if last.op == "self":
            return tuple(before), self.others_of(last.operands)
        calling = [r for r in last.regions if _calls(r)]
        if last.op != "if" or not calling:
            raise Refused("a call of itself is not the last thing that a call does")
        if len(calling) == 1:
            inner, arguments = self._tail(calling[0].equations, calling[0].results)
            return (*before, *inner), arguments
        regions = tuple(Region((), *self._tail(r.equations, r.results)) for r in last.regions)
        chosen = tuple(self.site.names.fresh(p.name, p.type) for p in self.others)
        return (*before, replace(last, results=chosen, regions=regions)), chosen

    def text(self) -> str:
        names = [p.name.partition(".")[0] for p in self.region.parameters]
        counter, others = names[self.position], [x for i, x in enumerate(names) if i != self.position]
        lines = [
            f"f({', '.join(names)}) = a loop over {counter} that keeps {', '.join(others)}",
            "by unfolding the recursion once in each turn",
            "where the base case lies ahead, tested at run time; else the recursion as written",
        ]
        return "\n  ".join(lines)


def _bases(equations: tuple[Equation, ...], results: tuple[Value, ...]) -> Iterator[Block]:
    """The base cases, from the first test on."""
    *before, last = equations
    if last.op == "if" and last.results == results:
        for region in last.regions:
            if not _calls(region):
                yield (*before, *region.equations), region.results
        for region in last.regions:
            if _calls(region) and region.equations:
                yield from (((*before, *inner), found) for inner, found in _bases(region.equations, region.results))


def _calls(region: Region) -> bool:
    return any(e.op == "self" for e in walk(region.equations))


def candidates(site: Site) -> Iterator[Tail]:
    """Every way to make a loop of the recursion. Raises Refused where there is none."""
    (region,) = site.equation.regions
    numbers = literals_of(site.function.equations)
    refusal: Refused | None = Refused("no argument counts in the calls of itself, up or down by one")
    for position, step, end in counters(region, numbers):
        for base in _bases(region.equations, region.results):
            try:
                tail = Tail(Site(site.function, site.index), position, step, end, base)
            except Refused as why:
                refusal = refusal and why
            else:
                refusal = None
                yield tail
    if refusal is not None:
        raise refusal
