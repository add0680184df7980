"""Loops that get elements of arrays at their counter become loops over the elements.

                                                 %is = progression %lo, %hi, %step : i64[m]
                                                 %ok = par.reduce (%is) {..} {..} {..} {
    %r = for %lo, %hi, %step, (%a) {               ^(%j: i64): .. 0 <= %j and %j < the sizes of %xs and %ys
      ^(%i: i64, %s: i64):                       }
        %x = get %xs, %i                         %at = when %ok, %is : i64[k]
        %y = get %ys, %i                  -->    %gx = gather %xs, %at {axis = 0}
        %t = mul.wrap %x, %y                     %gy = gather %ys, %at {axis = 0}
        %u = add.wrap %s, %t                     %q = fold (%gx, %gy), (%a) { ^(%x: i64, %y: i64, %s: i64): .. }
        yield %u                                 %r = if %ok { yield %q } { the loop as written }
    }

Where the loop is in no other one. If its counter has other uses, the loop runs over `%at` as well. The evidence: where
all indices are inside, what is gotten and what is gathered are the same elements; see `gathering`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from hyperion.interfaces.compiler_pass import PassContext, PassResult
from hyperion.ir.function import Equation, Function, Program, Region, Value, outside_loops, values_of, walk
from hyperion.ir.types import I64, ArrayType
from hyperion_passes.copies import Copy
from hyperion_passes.fresh import Fresh
from hyperion_passes.over_indices import OverIndices
from hyperion_passes.rewriting import Rewriting, Rewritten, changed_outside_loops, kept


@dataclass(frozen=True, slots=True)
class GatheredLoops:
    @property
    def name(self) -> str:
        return "gathered-loops"

    def run(self, program: Program, context: PassContext) -> PassResult:
        if not any(_arrays_at_counter(e) for e in outside_loops(program.main.equations)):
            return PassResult(program.main)
        from hyperion_passes.evidence import Evidence, Rewrite
        from hyperion_passes.gathering import Gathering

        def rewritten(refused: Collection[str]) -> Rewrite:
            function, places = _gathered(program.main, refused)
            guide = Gathering(context.check).guide
            return Rewrite(function, places, guides={"fold": (guide,), "bind": (guide,)})

        return Evidence(program, context).largest(rewritten, "loops")


def _arrays_at_counter(loop: Equation) -> tuple[Value, ...]:
    """The arrays that a counted loop gets elements of, where each of them is gotten at the counter."""
    if loop.op != "for" or not loop.results or any(isinstance(v.type, ArrayType) for v in loop.operands[3:]):
        return ()
    (region,) = loop.regions
    found: dict[str, Value] = {}
    for e in walk(region.equations):
        arrays = [v for v in e.operands if isinstance(v.type, ArrayType)]
        if not arrays or e.op in ("len", "dim"):
            continue
        if e.op != "get" or e.operands[1:] != (region.parameters[0],):
            return ()
        found.setdefault(arrays[0].name, arrays[0])
    return tuple(found.values())


def _gathered(function: Function, refused: Collection[str]) -> tuple[Function, tuple[str, ...]]:
    """The function with its loops over gathered elements, and the first result of each of these loops."""
    fresh, places = Fresh(values_of(function)), list[str]()

    def change(e: Equation) -> list[Equation]:
        arrays = _arrays_at_counter(e)
        if not arrays or e.results[0].name in refused:
            return [e]
        places.append(e.results[0].name)
        return _Loop(e, arrays, fresh).equations()

    return replace(function, equations=changed_outside_loops(function.equations, change)), tuple(places)


class _Loop(OverIndices):
    """One loop while it is rewritten."""

    def __init__(self, loop: Equation, arrays: tuple[Value, ...], fresh: Fresh) -> None:
        super().__init__(loop, fresh)
        self._arrays = arrays

    def equations(self) -> list[Equation]:
        loop, fresh = self._loop, self._fresh
        indices = fresh.array("indices", I64)
        self._emit("progression", loop.operands[:3], indices)
        inside = self._inside(indices, self._arrays)
        chosen = fresh.array("inside.indices", I64)
        self._emit("when", (inside, indices), chosen)
        gathered = [self._gather(xs, chosen) for xs in self._arrays]
        region, uses_counter = self._over_elements()
        over = (chosen, *gathered) if uses_counter else tuple(gathered)
        results = tuple(fresh.value(r.name, r.type) for r in loop.results)
        attributes = (("arrays", len(over)),)
        self._made.append(Equation(results, "fold", (*over, *loop.operands[3:]), attributes, (region,), loop.span))
        self._choose(inside, indices, Region((), (), results))
        return self._made

    def _over_elements(self) -> tuple[Region, bool]:
        """The body with elements for what it gets, under names of its own, and whether it uses the counter."""
        (region,) = self._loop.regions
        counter, *state = region.parameters
        elements: dict[str, Value] = {}
        for xs in self._arrays:
            assert isinstance(xs.type, ArrayType)
            elements[xs.name] = self._fresh.value(f"{xs.name}.element", xs.type.element)
        body = _Elements(elements).region(region)
        read = {v.name for e in walk(body.equations) for v in (*e.operands, *(r for i in e.regions for r in i.results))}
        uses = counter.name in read | {v.name for v in body.results}
        parameters = (*([counter] if uses else []), *elements.values(), *state)
        return Copy(self._fresh).region(replace(body, parameters=parameters)), uses


class _Elements(Rewriting):
    """Puts the element for every `get` at the counter."""

    def __init__(self, elements: dict[str, Value]) -> None:
        super().__init__()
        self._elements = elements

    def equation(self, equation: Equation) -> Rewritten:
        if equation.op == "get" and equation.operands[0].name in self._elements:
            return Rewritten((), (self._elements[equation.operands[0].name],))
        return kept(equation)

    def region(self, region: Region) -> Region:
        return self._region(region)
