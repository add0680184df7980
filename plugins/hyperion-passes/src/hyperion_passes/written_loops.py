"""Loops that read and write arrays at their counter become scans over gathered elements.

    %r, %b = for %zero, %n, %one, (%s0, %a) {        %is = progression %zero, %n, %one : i64[m]
      ^(%i: i64, %s: i64, %out: i64[k]):             %ok = .. every index is inside of %xs, and %a has as many elements
        %x = get %xs, %i                             %at = when %ok, %is : i64[l]
        %s1 = add.trap %s, %x : i64             -->  %gx = gather %xs, %at {axis = 0}
        %w = mul.trap %s1, %i : i64                  %q, %ys = scan (%at, %gx), (%s0) {..}
        %b1 = update %out, %i, %w                    %r, %b = if %ok {
        yield %s1, %b1                                 %zs = reshape.like %ys, %a
    }                                                  yield %q, %zs } { the loop as written }

Where the loop is in no other one and starts at 0. What a turn reads of an array that it writes at the same place, is
what was written in this turn, or else what was there before the loop, which is gathered as well. So are writes in
branches: there the element that was there stays. The evidence: see `writing`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from hyperion.interfaces.compiler_pass import PassContext, PassResult
from hyperion.ir.function import Equation, Function, Program, Region, Value, outside_loops, values_of, walk
from hyperion.ir.types import BOOL, I64, INT, ArrayType
from hyperion_passes.copies import Copy
from hyperion_passes.fresh import Fresh
from hyperion_passes.over_indices import OverIndices
from hyperion_passes.rewriting import Renaming, changed_outside_loops


@dataclass(frozen=True, slots=True)
class WrittenLoops:
    @property
    def name(self) -> str:
        return "written-loops"

    def run(self, program: Program, context: PassContext) -> PassResult:
        if not _rewritten(program.main, ())[1]:
            return PassResult(program.main)
        from hyperion_passes.evidence import Evidence, Rewrite
        from hyperion_passes.writing import Writing

        def rewritten(refused: Collection[str]) -> Rewrite:
            function, places = _rewritten(program.main, refused)
            guide = Writing(context.check).guide
            return Rewrite(function, places, guides={"fold": (guide,), "bind": (guide,)})

        return Evidence(program, context).largest(rewritten, "loops")


def _rewritten(function: Function, refused: Collection[str]) -> tuple[Function, tuple[str, ...]]:
    """The function with its loops as scans, and the first result of each of these loops."""
    fresh, places = Fresh(values_of(function)), list[str]()
    constants = {e.results[0].name: e.attribute("value") for e in outside_loops(function.equations) if e.op == "const"}

    def change(e: Equation) -> list[Equation]:
        if e.op != "for" or not e.results or e.results[0].name in refused:
            return [e]
        first, _, step = (constants.get(v.name) for v in e.operands[:3])
        loop = _Loop(e, fresh) if (first, step) == (0, 1) else None
        if loop is None or not loop.is_scan:
            return [e]
        places.append(e.results[0].name)
        return loop.equations()

    return replace(function, equations=changed_outside_loops(function.equations, change)), tuple(places)


class _Unlike(Exception):
    """The loop does something else with an array."""


class _Loop(OverIndices):
    """One loop while it is rewritten."""

    def __init__(self, loop: Equation, fresh: Fresh) -> None:
        super().__init__(loop, fresh)
        (region,) = loop.regions
        counter, *state = region.parameters
        self._written = [n for n, v in enumerate(state) if isinstance(v.type, ArrayType)]
        self._turn: _Turn | None = None
        if self._written:
            try:
                self._turn = _Turn(region, counter, fresh)
            except _Unlike:
                self._turn = None

    @property
    def is_scan(self) -> bool:
        return self._turn is not None

    def equations(self) -> list[Equation]:
        loop, fresh, turn = self._loop, self._fresh, self._turn
        assert turn is not None
        initial = loop.operands[3:]
        old = {n: initial[n] for n in self._written if turn.uses(turn.cells[n])}
        indices = fresh.array("indices", I64)
        self._emit("progression", loop.operands[:3], indices)
        whole = self._guard(indices, [*turn.arrays, *old.values()], [initial[n] for n in self._written])
        chosen = fresh.array("inside.indices", I64)
        self._emit("when", (whole, indices), chosen)
        over = [(self._gather(xs, chosen), turn.elements[xs.name]) for xs in turn.arrays]
        over += [(self._gather(xs, chosen), turn.cells[n]) for n, xs in old.items()]
        if turn.uses(turn.counter) or not over:
            over.insert(0, (chosen, turn.counter))
        states = [n for n in range(len(initial)) if n not in self._written]
        results = tuple(fresh.value(r.name, r.type) for r in (loop.results[n] for n in states))
        arrays = tuple(self._array_over(loop.results[n].name, loop.results[n], chosen) for n in self._written)
        region = turn.step([v for _, v in over], states, self._written)
        attributes = (("arrays", len(over)),)
        operands = (*(a for a, _ in over), *(initial[n] for n in states))
        region = Copy(fresh).region(region)
        self._made.append(Equation((*results, *arrays), "scan", operands, attributes, (region,), loop.span))
        found = dict(zip((*states, *self._written), (*results, *arrays), strict=True))
        self._choose(whole, indices, self._shaped(found))
        return self._made

    def _shaped(self, found: dict[int, Value]) -> Region:
        """The results of the scan, by their place, its arrays in the sizes of those that the loop starts with."""
        loop = self._loop
        shaped: list[Equation] = []
        for n in self._written:
            like = self._fresh.value(found[n].name, loop.results[n].type)
            shaped.append(Equation((like,), "reshape.like", (found[n], loop.operands[3 + n]), (), (), loop.span))
            found[n] = like
        return Region((), tuple(shaped), tuple(found[n] for n in range(len(loop.results))))

    def _guard(self, indices: Value, read: list[Value], written: list[Value]) -> Value:
        """Whether each index is inside of every array that is read, and the written ones have no more elements."""
        fresh = self._fresh
        count = self._emit("len", (indices,), fresh.value("count", INT))
        most = self._emit("const", (), fresh.value("most", INT), value=I64.maximum)
        tests = [self._emit("le", (count, most), fresh.value("fits", BOOL))]
        for a in written:
            size = self._emit("len", (a,), fresh.value("size", INT))
            tests.append(self._emit("eq", (size, count), fresh.value("same", BOOL)))
        if read:
            tests.append(self._inside(indices, read))
        whole = tests[-1]
        for test in reversed(tests[:-1]):
            whole = self._emit("and", (test, whole), fresh.value("ok", BOOL))
        return whole


class _Turn:
    """The body of a loop with elements for what it gets and writes at the counter; raises `_Unlike` where it does
    something else with an array. `cells` are the elements that written arrays held before, by their place in the
    state; `arrays` are those that are read only, `elements` theirs, by name."""

    def __init__(self, region: Region, counter: Value, fresh: Fresh) -> None:
        self.counter = counter
        self.arrays: list[Value] = []
        self.elements: dict[str, Value] = {}
        self.cells: dict[int, Value] = {}
        self._fresh = fresh
        self._held: dict[str, Value] = {}  # by the name of an array as it is at a place of the body, its element
        self._values: dict[str, Value] = {}
        self._parameters = region.parameters[1:]
        for n, v in enumerate(self._parameters):
            if isinstance(v.type, ArrayType):
                self.cells[n] = self._held[v.name] = fresh.value(f"{v.name}.element", v.type.element)
        self._equations = self._block(region.equations)
        self._results = tuple(map(self._value, region.results))
        read = [v for e in walk(self._equations) for v in (*e.operands, *(r for i in e.regions for r in i.results))]
        self._used = {v.name for v in (*read, *self._results)}

    def uses(self, value: Value) -> bool:
        return value.name in self._used

    def step(self, elements: list[Value], states: list[int], written: list[int]) -> Region:
        parameters = (*elements, *(self._parameters[n] for n in states))
        return Region(parameters, tuple(self._equations), tuple(self._results[n] for n in (*states, *written)))

    def _value(self, v: Value) -> Value:
        """What stands for a value: for an array, its element at the counter."""
        if isinstance(v.type, ArrayType):
            if v.name not in self._held:
                raise _Unlike
            return self._held[v.name]
        return self._values.get(v.name, v)

    def _block(self, equations: tuple[Equation, ...]) -> list[Equation]:
        made: list[Equation] = []
        for e in equations:
            if e.op == "get" and e.operands[1:] == (self.counter,):
                self._values[e.result.name] = self._element(e.operands[0])
            elif e.op == "update" and e.operands[1] == self.counter and e.operands[0].name in self._held:
                self._held[e.result.name] = self._value(e.operands[2])
            elif e.op == "if":
                made.append(self._branches(e))
            elif e.regions and any(isinstance(v.type, ArrayType) for each in walk((e,)) for v in each.operands):
                raise _Unlike
            else:
                if any(isinstance(v.type, ArrayType) for v in e.operands):
                    raise _Unlike
                made.append(self._renamed(e))
        return made

    def _element(self, xs: Value) -> Value:
        if xs.name in self._held:
            return self._held[xs.name]
        if xs.name not in self.elements:
            assert isinstance(xs.type, ArrayType)
            self.arrays.append(xs)
            self.elements[xs.name] = self._fresh.value(f"{xs.name}.element", xs.type.element)
        return self.elements[xs.name]

    def _branches(self, e: Equation) -> Equation:
        regions = tuple(
            Region((), tuple(self._block(r.equations)), tuple(map(self._value, r.results))) for r in e.regions
        )
        results: list[Value] = []
        for r in e.results:
            if isinstance(r.type, ArrayType):
                self._held[r.name] = element = self._fresh.value(f"{r.name}.element", r.type.element)
                results.append(element)
            else:
                results.append(r)
        operands = tuple(map(self._value, e.operands))
        return replace(e, operands=operands, results=tuple(results), regions=regions)

    def _renamed(self, e: Equation) -> Equation:
        if not self._values:
            return e

        (found,) = Renaming(self._values).region(Region((), (e,), ())).equations
        return found
