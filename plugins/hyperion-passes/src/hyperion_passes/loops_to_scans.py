"""Loops over the indices of an array that write every element of arrays of its size.

    %n = len %xs : i64
    %a = map (%xs) {^(%y: T): yield %zero}
    %t, %r = for %zero, %n, %one, (%s0, %a) {          %t, %r = scan (%xs), (%s0) {
      ^(%i: i64, %s: S, %b: U[n]):                       ^(%x: T, %s: S):
        %x = get %xs, %i                       -->         %s1 = add.trap %s, %x : i64
        %s1 = add.trap %s, %x : i64                        yield %s1, %s1
        %b1 = update %b, %i, %s1                         }
        yield %s1, %b1
    }

The counter must have no other use, and an array is written once in a step and never read. What it held before the loop
does not matter: all of it is overwritten. The evidence: induction on the list, for arrays that exist
(docs/adr/0010); `write_lemmas` has the theorem.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace

from hyperion.interfaces.compiler_pass import PassContext, PassResult
from hyperion.ir.function import Equation, Program, Region, Value, values_of, walk
from hyperion.ir.types import ArrayType
from hyperion_passes.rewriting import Renaming, Rewriting, Rewritten, kept


@dataclass(frozen=True, slots=True)
class LoopsToScans:
    @property
    def name(self) -> str:
        return "loops-to-scans"

    def run(self, program: Program, context: PassContext) -> PassResult:
        if _Loops(program, ()).function(program.main) == program.main:
            return PassResult(program.main)
        # Most functions have no such loop, and need no proofs to be imported.
        from hyperion_passes.accesses import Accesses
        from hyperion_passes.evidence import Evidence, Rewrite
        from hyperion_passes.write_forms import WriteForms

        def rewritten(refused: Collection[str]) -> Rewrite:
            loops = _Loops(program, refused)
            function, accesses = loops.function(program.main), Accesses()
            forms = WriteForms(accesses, context.check)
            guides = {"fold": (forms.scanned,), "bind": (forms.followed,)}
            return Rewrite(function, tuple(loops.found), elements=accesses.elements, guides=guides)

        return Evidence(program, context).largest(rewritten, "loops")


@dataclass(frozen=True, slots=True)
class _Write:
    """The one `update` of an array: its place in the state, the equation, and the element that it puts there."""

    place: int
    equation: Equation
    element: Value


class _Loops(Rewriting):
    """`found` has the first result of each loop that became a scan."""

    def __init__(self, program: Program, refused: Collection[str]) -> None:
        super().__init__()
        self._refused = refused
        self._definitions = {v.name: e for e in walk(program.main.equations) for v in e.results}
        self._taken = {v.name for v in values_of(program.main)}
        self.found: list[str] = []

    def equation(self, equation: Equation) -> Rewritten:
        if equation.op != "for" or not equation.results or equation.results[0].name in self._refused:
            return kept(equation)
        xs = self._array(equation)
        if xs is None:
            return kept(equation)
        writes = self._writes(equation, xs)
        states = [n for n in range(len(equation.results)) if n not in {w.place for w in writes}]
        if not writes or not states:
            return kept(equation)
        region = self._step(equation.regions[0], xs, states, writes)
        if region is None:
            return kept(equation)
        order = [*states, *(w.place for w in writes)]
        scan = replace(
            equation,
            op="scan",
            results=tuple(equation.results[n] for n in order),
            operands=(xs, *(equation.operands[3 + n] for n in states)),
            attributes=(("arrays", 1),),
            regions=(region,),
        )
        self.found.append(equation.results[0].name)
        return Rewritten((scan,), equation.results)

    def _array(self, loop: Equation) -> Value | None:
        """The array over whose indices the loop goes."""
        lo, hi, step = (self._definitions.get(v.name) for v in loop.operands[:3])
        if lo is None or hi is None or step is None or hi.op != "len":
            return None
        counted = lo.op == step.op == "const" and (lo.attribute("value"), step.attribute("value")) == (0, 1)
        xs = self._value(hi.operands[0])
        return xs if counted and isinstance(xs.type, ArrayType) and len(xs.type.shape) == 1 else None

    def _writes(self, loop: Equation, xs: Value) -> list[_Write]:
        """The arrays of the state that are written at the counter, and not read."""
        (region,) = loop.regions
        counter, *state = region.parameters
        uses = _uses(region)
        found: list[_Write] = []
        for n, (array, after) in enumerate(zip(state, region.results, strict=True)):
            before = self._definitions.get(loop.operands[3 + n].name)
            if before is None or before.op != "map" or before.operands != (xs,) or uses[array] != 1:
                continue
            written = [e for e in region.equations if e.op == "update" and e.operands[:2] == (array, counter)]
            if len(written) == 1 and written[0].results == (after,) and uses[after] == 1:
                found.append(_Write(n, written[0], written[0].operands[2]))
        return found

    def _step(self, region: Region, xs: Value, states: list[int], writes: list[_Write]) -> Region | None:
        counter, *state = region.parameters
        assert isinstance(xs.type, ArrayType)
        element = Value(self._fresh(f"{xs.name}.element"), xs.type.element)
        gone = {w.equation for w in writes}
        body = Region(
            (element, *(state[n] for n in states)),
            tuple(e for e in region.equations if e not in gone),
            (*(region.results[n] for n in states), *(w.element for w in writes)),
        )
        gets = [e for e in walk(body.equations) if e.op == "get" and e.operands == (xs, counter)]
        body = _without(body, {e.result.name: element for e in gets})
        return None if _uses(body)[counter] else body

    def _fresh(self, stem: str) -> str:
        name, number = stem, 0
        while name in self._taken:
            number += 1
            name = f"{stem}.{number}"
        self._taken.add(name)
        return name


def _uses(region: Region) -> Counter[Value]:
    """How often each value is an operand or a result in a region."""
    uses = Counter(region.results)
    for e in walk(region.equations):
        uses.update(e.operands)
        for inner in e.regions:
            uses.update(inner.results)
    return uses


def _without(region: Region, values: dict[str, Value]) -> Region:
    """The region without the equations that define these values, for which others stand."""

    def block(equations: tuple[Equation, ...]) -> tuple[Equation, ...]:
        return tuple(
            replace(e, regions=tuple(replace(r, equations=block(r.equations)) for r in e.regions))
            for e in equations
            if not (e.results and e.results[0].name in values)
        )

    return Renaming(values).region(replace(region, equations=block(region.equations)))
