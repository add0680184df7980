"""The test of every element that a par.reduce makes beside its summary: what is kept from one element to the next.

A truth value of each element costs comparisons, which vector units have few of. Where the test joins by `and` that
integers lie between values from outside, `low <= x and x <= high`, less is kept:

- where both ends are constants, the largest distance `x - low` without a sign, which is at most `high - low` if and
  only if all lie between; its bits joined by `or` say the same where `high - low + 1` is a power of two
- else the bits of `x + bias`, joined by `or`, for a range that is a power of two wide and lies in low .. high. Where
  they say that all elements lie in that range, the test holds. Where not, it is in doubt, and the piece is tested once
  more as the region says; that happens for elements close to the ends only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hyperion.ir.function import Equation, Region, Value
from hyperion.ir.types import BOOL, IntType
from hyperion_llvm.lowering import Lowering
from hyperion_llvm.text import Writer, vector_type


@dataclass(frozen=True, slots=True)
class Between:
    """`low <= x and x <= high`, or `x < high` where that is `strict`; low and high do not depend on the element."""

    element: Value
    low: Value
    high: Value
    strict: bool
    tests: tuple[Value, Value]
    constants: tuple[int, int] | None

    @property
    def kind(self) -> IntType:
        assert isinstance(self.element.type, IntType)
        return self.element.type

    @property
    def bits(self) -> bool:
        """Whether bits are joined; else the largest distance is kept."""
        if self.constants is None:
            return True
        low, high = self.constants
        return (high + (not self.strict) - low).bit_count() == 1


@dataclass(frozen=True, slots=True)
class Window:
    """Where x + bias, without a sign, is at most `widest`, x lies between; `possible` is false where nothing does."""

    bias: str
    widest: str
    possible: str


def window(w: Writer, between: Between, lanes: int, low: str, high: str) -> Window:
    """The window in low .. high for what `ElementTest` keeps."""
    kind, scalar = vector_type(between.kind, lanes), f"i{between.kind.width}"
    flag, one = vector_type(BOOL, lanes), f"splat ({scalar} 1)" if lanes else "1"
    name = f"{f'v{lanes}' if lanes else ''}{scalar}"
    order = "lt" if between.strict else "le"
    possible = w.set(f"icmp {'s' if between.kind.signed else 'u'}{order} {kind} {low}, {high}", "c")
    if between.strict:
        high = w.set(f"sub {kind} {high}, {one}")
    span = w.set(f"sub {kind} {high}, {low}", "span")
    from_low = w.set(f"sub {kind} {'zeroinitializer' if lanes else '0'}, {low}", "bias")
    if between.constants is not None:
        return Window(from_low, span, possible)

    all_bits = f"splat ({scalar} -1)" if lanes else "-1"

    def below(x: str) -> str:
        """The largest 2**k - 1 that is at most x, without a sign."""
        zeros = w.set(f"call {kind} @llvm.ctlz.{name}({kind} {w.set(f'or {kind} {x}, {one}')}, i1 true)")
        above = w.set(f"lshr {kind} {all_bits}, {zeros}")
        half = w.set(f"lshr {kind} {above}, {one}")
        exact = w.set(f"icmp eq {kind} {above}, {x}", "c")
        return _select(w, kind, flag, exact, above, half)

    upward = below(span)
    if not between.kind.signed:
        return Window(from_low, upward, possible)
    nearer = w.set(f"call {kind} @llvm.smin.{name}({kind} {high}, {kind} {w.set(f'xor {kind} {low}, {all_bits}')})")
    half = below(nearer)
    both_ways = w.set(f"or {kind} {w.set(f'shl {kind} {half}, {one}')}, {one}")
    around = w.set(f"icmp sge {kind} {nearer}, {'zeroinitializer' if lanes else '0'}", "c")
    wide = w.set(f"icmp uge {kind} {both_ways}, {w.set(f'lshr {kind} {upward}, {one}')}", "c")
    chosen = w.set(f"and {flag} {around}, {wide}", "c")
    bias = _select(w, kind, flag, chosen, w.set(f"add {kind} {half}, {one}"), from_low)
    return Window(bias, _select(w, kind, flag, chosen, both_ways, upward), possible)


def _select(w: Writer, kind: str, flag: str, test: str, yes: str, no: str) -> str:
    return w.set(f"select {flag} {test}, {kind} {yes}, {kind} {no}")


@dataclass(slots=True)
class ElementTest:
    """A test of every element in a function that goes over a piece, or over one piece for each lane.

    `each` yields the integers that are to lie between, then the truth values that are kept as they are; `ends` yields
    low and high of each."""

    lowering: Lowering
    whole: Region
    between: Sequence[Between]
    each: Region
    ends: Region
    _seen: list[str] = field(default_factory=list[str])
    _held: list[str] = field(default_factory=list[str])
    _windows: list[Window] = field(default_factory=list[Window])

    @property
    def settles(self) -> bool:
        """Whether `holds` is never in doubt."""
        return all(b.constants is not None for b in self.between)

    def first(self, elements: Sequence[str]) -> None:
        """Tests the first element."""
        w, lanes = self.lowering.writer, self.lowering.lanes
        ends = iter(self.lowering.total(self.ends, []))
        self._windows = [window(w, b, lanes, next(ends), next(ends)) for b in self.between]
        distances, truths = self._of(elements)
        kinds = [vector_type(b.kind, lanes) for b in self.between]
        self._seen = [w.variable(kind, x, "seen") for kind, x in zip(kinds, distances, strict=True)]
        self._held = [w.variable(vector_type(BOOL, lanes), x, "held") for x in truths]

    def later(self, elements: Sequence[str]) -> None:
        """Tests one element more."""
        w, lanes = self.lowering.writer, self.lowering.lanes
        distances, truths = self._of(elements)
        for b, distance, place in zip(self.between, distances, self._seen, strict=True):
            kind, seen = vector_type(b.kind, lanes), w.load(vector_type(b.kind, lanes), place)
            if b.bits:
                w.store(kind, w.set(f"or {kind} {seen}, {distance}", "seen"), place)
            else:
                name = f"{f'v{lanes}' if lanes else ''}i{b.kind.width}"
                w.store(kind, w.set(f"call {kind} @llvm.umax.{name}({kind} {seen}, {kind} {distance})", "seen"), place)
        flag = vector_type(BOOL, lanes)
        for truth, place in zip(truths, self._held, strict=True):
            w.store(flag, w.set(f"and {flag} {truth}, {w.load(flag, place)}"), place)

    def holds(self) -> str:
        """Whether it surely held of all elements so far: a truth value, or one for each lane."""
        w, lanes = self.lowering.writer, self.lowering.lanes
        found = [w.load(vector_type(BOOL, lanes), place) for place in self._held]
        for b, seen, place in zip(self.between, self._windows, self._seen, strict=True):
            kind = vector_type(b.kind, lanes)
            found.append(seen.possible)
            found.append(w.set(f"icmp ule {kind} {w.load(kind, place)}, {seen.widest}", "c"))
        return self._all(found)

    def exactly(self, elements: Sequence[str]) -> str:
        """Whether it holds of these elements, by the region as it is."""
        (held,) = self.lowering.total(self.whole, elements)
        return held

    def _all(self, tests: Sequence[str]) -> str:
        whole, *rest = tests
        for each in rest:
            whole = self.lowering.writer.set(f"and {vector_type(BOOL, self.lowering.lanes)} {whole}, {each}", "c")
        return whole

    def _of(self, elements: Sequence[str]) -> tuple[list[str], list[str]]:
        """The integers with their bias, and the truth values."""
        w, lanes, count = self.lowering.writer, self.lowering.lanes, len(self.between)
        values = self.lowering.total(self.each, elements)
        biased = [
            w.set(f"add {vector_type(b.kind, lanes)} {x}, {seen.bias}", "x")
            for b, x, seen in zip(self.between, values[:count], self._windows, strict=True)
        ]
        return biased, values[count:]


def element_test(lowering: Lowering, test: Region) -> ElementTest:
    """The test that the region makes of an element, taken apart."""
    made = {r.name: e for e in test.equations for r in e.results}
    tests = list(_joined(test.results[0], made))
    between = _between(test, tests, made)
    paired = {v.name for b in between for v in b.tests}
    kept = [v for v in tests if v.name not in paired]
    fixed = _same_for_all(test)
    outside = tuple(e for e in test.equations if e.results[0].name in fixed)
    each = Region(test.parameters, test.equations, (*(b.element for b in between), *kept))
    ends = Region((), outside, tuple(v for b in between for v in (b.low, b.high)))
    return ElementTest(lowering, test, between, each, ends)


def _same_for_all(test: Region) -> set[str]:
    """The values made inside the region that do not depend on the element."""
    varying = {p.name for p in test.parameters}
    for e in test.equations:
        if e.regions or any(v.name in varying for v in e.operands):
            varying |= {r.name for r in e.results}
    return {r.name for e in test.equations for r in e.results} - varying


def _joined(result: Value, made: Mapping[str, Equation]) -> Iterator[Value]:
    """The tests whose conjunction the value is."""
    e = made.get(result.name)
    if e is None or e.op != "and" or e.result.type != BOOL:
        yield result
        return
    for operand in e.operands:
        yield from _joined(operand, made)


def _between(test: Region, tests: Sequence[Value], made: Mapping[str, Equation]) -> list[Between]:
    """The pairs among the tests that say of an integer that it lies between two values from outside."""
    varying = ({p.name for p in test.parameters} | set(made)) - _same_for_all(test)
    lows, highs = dict[Value, tuple[Value, Value]](), dict[Value, tuple[Value, Value, bool]]()
    for v in tests:
        e = made.get(v.name)
        if e is None or e.op not in ("le", "lt"):
            continue
        a, b = e.operands
        if not isinstance(a.type, IntType) or a.type.width > 64:
            continue
        if a.name not in varying and e.op == "le":
            lows.setdefault(b, (a, v))
        elif b.name not in varying:
            highs.setdefault(a, (b, v, e.op == "lt"))
    both = [x for x in lows if x in highs and x.name in varying]
    found: list[Between] = []
    for x in both:
        (low, above), (high, under, strict) = lows[x], highs[x]
        values = [_constant(made.get(v.name)) for v in (low, high)]
        constants = None if None in values else (int(str(values[0])), int(str(values[1])))
        found.append(Between(x, low, high, strict, (above, under), constants))
    return found


def _constant(e: Equation | None) -> int | None:
    value = e.attribute("value") if e is not None and e.op == "const" else None
    return value if isinstance(value, int) else None
