"""Untrusted. How long a program takes on a machine: an estimate from its IR, by which proven equivalents are ranked.

What is counted: the operations of a loop's step, weighted; for a sequential loop the longest chain from a component of
the state to itself, since each step waits for the one before; for a parallel one the operations of lift and mul, which
lanes and threads share; and the bytes that are read. What is not: caches, branches that are predicted badly, calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from hyperion.costing import axes_of, is_guarded
from hyperion.ir.function import Equation, Program, Region, Value, walk
from hyperion.ir.types import I64, INT, ArrayType, IntType
from hyperion.machine import Machine
from hyperion.op_weights import bits, bits_of, latency, vector_weight, weight
from hyperion.polynomial import ZERO, Polynomial, constant

SIZE = 1 << 20
"""The size at which forms are compared; shorter inputs take less time than it takes to call the function twice."""
FEW = 1 << 16
"""Fewer elements than these are summarised by one thread."""

LOOPS = frozenset(("fold", "for", "while", "scan", "map", "build", "recurse"))
TESTED = 0.75
"""Of a comparison in the test of every element, of which two keep an integer between two values."""
_CALL = 20.0  # a call of a recursion, and looking up what is known
_FAR = 1e18
_REGROUPED = frozenset(("add.wrap", "mul.wrap", "max", "min", "and", "or", "xor"))


@dataclass(frozen=True, slots=True)
class Part:
    """One loop, or what is outside of loops: operations one by one, operations that wait for each other, operations
    times the bits of their lanes, bytes. `shared` says that threads share it."""

    scalar: Polynomial = ZERO
    chained: Polynomial = ZERO
    vector: Polynomial = ZERO
    lanes: Polynomial = ZERO  # the operations that `vector` counts, for people
    bytes: Polynomial = ZERO
    shared: bool = False

    def times_n(self) -> Part:
        parts = (self.scalar, self.chained, self.vector, self.lanes, self.bytes)
        return Part(*(p.times_n() for p in parts), shared=False)

    def nanoseconds(self, machine: Machine, n: float) -> float:
        threads = machine.threads if self.shared and n >= FEW else 1.0
        busy = max(self.scalar.at(n) * machine.issue_ns, self.chained.at(n) * machine.latency_ns)
        vectors = self.vector.at(n) / machine.vector_bits * machine.vector_ns / threads
        start = machine.start_ns if threads > 1 else 0.0
        return max(busy + vectors, self.bytes.at(n) * machine.byte_ns) + start


@dataclass(frozen=True)
class Estimate:
    """The parts of a program. `work` counts weighted operations, `span` those that no lane or thread can take over,
    and `bytes` what is read, all in the size n of the longest loop."""

    parts: tuple[Part, ...]

    @property
    def work(self) -> Polynomial:
        return sum((p.scalar + p.lanes for p in self.parts), ZERO)

    @property
    def span(self) -> Polynomial:
        return sum((p.chained for p in self.parts), ZERO)

    @property
    def shared(self) -> Polynomial:
        """The part of the work that lanes, and threads where there are any, share."""
        return sum((p.lanes for p in self.parts), ZERO)

    @property
    def bytes(self) -> Polynomial:
        return sum((p.bytes for p in self.parts), ZERO)

    @property
    def grows(self) -> bool:
        """Whether any of it depends on n."""
        return any(p.coefficients[1:] or p.logarithm for p in (self.work, self.span, self.bytes))

    def nanoseconds(self, machine: Machine, n: float = SIZE) -> float:
        return sum(part.nanoseconds(machine, n) for part in self.parts)

    @property
    def span_text(self) -> str:
        """The span with its shared part: `3 n`, `(13 n)/p`; p is lanes times threads."""
        shared = [f"({self.shared})/p"] if self.shared else []
        return " + ".join([*([str(self.span)] if self.span else []), *shared]) or "0"


def estimate(program: Program) -> Estimate:
    """The estimate for the entry function; raises RecursionError where functions or loops nest too deeply."""
    parallel = any(_is_parallel(e) for e in walk(program.main.equations)) or is_guarded(program)
    return Estimate(tuple(_Reader(program, parallel).block(program.main.equations)))


def _is_parallel(e: Equation) -> bool:
    return e.op.startswith("par.")


def _is_proven_form(branch: Region) -> bool:
    """Whether a branch is not the loop as written, which may yet be in a branch of it."""
    inside = list(walk(branch.equations))
    return any(map(_is_parallel, inside)) or not any(e.op in LOOPS for e in inside)


@dataclass
class _Reader:
    program: Program
    parallel: bool
    calls: dict[str, list[Part]] = field(default_factory=dict[str, list[Part]])
    summarised: set[object] = field(default_factory=set[object])  # the pieces of which a par.reduce leaves summaries

    def block(self, equations: Iterable[Equation]) -> list[Part]:
        """What is outside of loops, then each loop."""
        scalar, chained, loops = 0.0, ZERO, list[Part]()
        for e in equations:
            if e.op in LOOPS or e.op.startswith("par.") or e.op == "call":
                loops += self.loop(e)
            elif e.op in ("if", "attempt"):
                first, *rest = self.choice(e)
                scalar += 1 + first.scalar.at(0)
                chained += first.chained
                loops += rest
            else:
                scalar += weight(e)
                loops += _over_elements(e)
        return [Part(constant(scalar), chained), *loops]

    def choice(self, e: Equation) -> list[Part]:
        """The dearer branch; in a program with a proven form not the one with the loop as written, which a test
        avoids."""
        branches = [(region, self.block(region.equations)) for region in e.regions]
        if self.parallel:
            branches = [b for b in branches if _is_proven_form(b[0])] or branches
        return max((parts for _, parts in branches), key=_size, default=[Part()])

    def loop(self, e: Equation) -> list[Part]:
        match e.op:
            case "call":
                name = str(e.attribute("callee"))
                if name not in self.calls:
                    self.calls[name] = self.block(self.program.functions[name].equations)
                return self.calls[name]
            case "par.reduce" | "par.scan":
                return [self.shared(e)]
            case "par.windows":
                return [self.windows(e)]
            case "par.power":
                squared = sum(weight(i) for region in e.regions[1:2] for i in walk(region.equations))
                return [Part(chained=Polynomial((), 2 * squared))]
            case _:
                return self.sequential(e)

    def shared(self, e: Equation) -> Part:
        arrays = [v.type for v in e.operands if isinstance(v.type, ArrayType)]
        scan = e.op == "par.scan"
        lift = e.regions[1 if scan else 0]
        pieces = (e.operands[: len(arrays)], e.attribute("lanes"), e.attribute("piece"), len(lift.results))
        left = scan and pieces in self.summarised
        if not scan:
            self.summarised.add(pieces)
        passes = 2 if scan and not left else 1
        regions = e.regions[:1] if left else e.regions[:3] if scan else e.regions[:2]
        inner = [(i, vector_weight(i)) for region in regions for i in with_shifts(list(walk(region.equations)))]
        inner += [(i, test_weight(i)) for region in e.regions[3:4] for i in walk(region.equations)]
        ops = passes * sum(weight for _, weight in inner)
        width = passes * sum(weight * bits(i) for i, weight in inner)
        read = passes * sum(bits_of(a.element) / 8 for a in arrays)
        per = Part(vector=constant(width), lanes=constant(ops), bytes=constant(read)).times_n()
        return Part(vector=per.vector, lanes=per.lanes, bytes=per.bytes, shared=True)

    def windows(self, e: Equation) -> Part:
        """Two passes over the elements, of which one joins as well, one element after the other."""
        lift, multiply = e.regions
        lifted, joined = (sum(weight(i) for i in walk(r.equations)) for r in (lift, multiply))
        read = sum(bits_of(v.type.element) / 8 for v in e.operands if isinstance(v.type, ArrayType))
        made = sum(bits_of(v.type.element) / 8 for v in e.results if isinstance(v.type, ArrayType))
        per = Part(scalar=constant(2 * lifted + 3 * joined), bytes=constant(2 * read + 3 * made)).times_n()
        return Part(scalar=per.scalar, bytes=per.bytes, shared=True)

    def sequential(self, e: Equation) -> list[Part]:
        region = e.regions[-1]
        first, *rest = self.block(region.equations)
        if e.op == "recurse":
            own = Part(first.scalar + constant(_CALL), first.chained + constant(_CALL))
            return [_each(part, e) for part in (own, *rest)]
        arrays = e.attribute("arrays", 1 if e.op == "for" else 0)
        assert isinstance(arrays, int)
        states = region.parameters[arrays:]
        over = [v.type for v in e.operands if isinstance(v.type, ArrayType)] if e.op != "for" else []
        read = constant(sum(bits_of(a.element) / 8 for a in over))
        if e.op in ("fold", "map", "build") and not rest and regrouped(region, states, e.op):
            width = sum(vector_weight(i) * bits(i) for i in region.equations)
            ops = sum(vector_weight(i) for i in region.equations)
            return [Part(vector=constant(width), lanes=constant(ops), bytes=read).times_n()]
        chain = first.chained + constant(cycle(region, states))
        return [Part(first.scalar, chain, bytes=read).times_n(), *(part.times_n() for part in rest)]


def _each(call: Part, e: Equation) -> Part:
    """What all calls of a recursion take: where results are kept, those of each combination of arguments."""
    arguments = len(e.operands) if e.attribute("memo") else 1
    for _ in range(arguments):
        call = call.times_n()
    return call


def with_shifts(equations: Sequence[Equation]) -> Iterable[Equation]:
    """With quotients of `int` by a power of two as the shifts of words that they are in code, and without the casts
    that lead to such a quotient and from it."""
    numbers = {e.result.name: e.attribute("value") for e in equations if e.op == "const"}
    shifts = {e.result.name: e for e in equations if e.op == "floordiv" and e.result.type == INT and _power(e, numbers)}
    shifted = {e.operands[0].name for e in shifts.values()}
    for e in equations:
        if e.op == "const" or not e.results:
            yield e
        elif e.results[0].name in shifts:
            yield replace(e, op="shr", results=(replace(e.results[0], type=I64),), operands=())
        elif not (e.op.startswith("cast") and (e.results[0].name in shifted or e.operands[0].name in shifts)):
            yield e


def _power(e: Equation, numbers: Mapping[str, object]) -> bool:
    divisor = numbers.get(e.operands[1].name)
    return isinstance(divisor, int) and divisor > 0 and divisor.bit_count() == 1


def test_weight(e: Equation) -> float:
    """The weight of an operation in the test of every element: that an integer lies between two values takes a sum and
    half an operation to keep it, whatever else is tested with it."""
    if e.op == "and":
        return 0.0
    compared = e.op in ("le", "lt") and isinstance(e.operands[0].type, IntType)
    return TESTED if compared else vector_weight(e)


def regrouped(region: Region, states: Sequence[Value], op: str) -> bool:
    """Whether LLVM makes vectors of the loop as it is: nothing traps, and each component is a sum, a maximum or the
    like, of integers, by itself."""
    if any(e.op.endswith(".trap") or e.regions or e.op in ("get", "call") for e in region.equations):
        return False
    if op != "fold":
        return True
    made = {r.name: e for e in region.equations for r in e.results}
    own = {s.name for s in states}
    used = [v.name for e in region.equations for v in e.operands if v.name in own]
    for state, result in zip(states, region.results, strict=True):
        e = made.get(result.name)
        if not isinstance(state.type, IntType) or e is None or e.op not in _REGROUPED or used.count(state.name) != 1:
            return False
        if state.name not in {v.name for v in e.operands}:
            return False
    return True


def cycle(region: Region, states: Sequence[Value]) -> float:
    """The operations, weighted by their latency, between a component of the state and itself one step later: the
    largest mean over the cycles through several components."""
    names = [s.name for s in states]
    after: dict[str, list[float]] = {
        name: [0.0 if i == j else -_FAR for j in range(len(names))] for i, name in enumerate(names)
    }
    nothing = [-_FAR] * len(names)
    for e in region.equations:
        own = latency(e)
        read = [v.name for v in e.operands] + [v.name for inner in e.regions for v in _free(inner)]
        far = [max((after.get(r, nothing)[j] for r in read), default=-_FAR) + own for j in range(len(names))]
        for r in e.results:
            after[r.name] = far
    step = [after.get(r.name, nothing) for r in region.results[: len(names)]]  # a scan gives values behind its states
    best, power = 0.0, step
    for length in range(1, len(names) + 1):
        best = max([best, *(power[i][i] / length for i in range(len(names)))])
        power = [[_longest(row, column) for column in zip(*step, strict=True)] for row in power]
    return best


def _longest(row: Iterable[float], column: Iterable[float]) -> float:
    return max(a + b for a, b in zip(row, column, strict=True))


def _free(region: Region) -> Iterable[Value]:
    for e in walk(region.equations):
        yield from e.operands
    yield from region.results


def _size(parts: Sequence[Part]) -> float:
    return sum((p.scalar + p.chained + p.lanes).at(SIZE) for p in parts)


def _over_elements(e: Equation) -> list[Part]:
    """An operation on whole arrays reads and makes every element."""
    arrays = [v.type for v in (*e.operands, *e.results) if isinstance(v.type, ArrayType)]
    if not arrays or e.op in ("len", "get", "update"):
        return []
    read = sum(bits_of(a.element) / 8 for a in arrays)
    if e.op == "contract":
        part = Part(lanes=constant(2), vector=constant(128))
        for _ in range(axes_of(e)):
            part = part.times_n()
        return [replace(part, shared=True)]
    return [Part(lanes=constant(1), vector=constant(64), bytes=constant(read)).times_n()]
