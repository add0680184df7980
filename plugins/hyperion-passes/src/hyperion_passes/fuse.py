"""Fusion: a map goes into the only loop over its arrays, a scan into the only fold or scan over what it makes, and a
map of what a scan makes into the scan.

    %ys = map (%xs) {^(%x: T): A yield %a}                     %zs = map (%xs) {
    %zs = map (%ys) {^(%y: U): B yield %b}            -->        ^(%x: T): A, B with %a for %y  yield %b
                                                               }

The loop is a map, a scan or a fold; the map has no trap, stands in the same block, and nothing else uses its arrays
but `len`, which becomes that of the source. Arrays of one dimension. The evidence: what a loop does to the elements of
a map it does to those of the source, by induction on the list. `loops_of_scans` says what becomes of scans.

Left alone: maps that may trap, whose traps would move; a scan and a loop over what it makes that both may; maps with
several uses, which would run several times; folds over arrays whose lengths are compared at run time; scans of several
arrays whose elements another loop takes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from hyperion.interfaces.compiler_pass import PassContext, PassResult
from hyperion.ir.function import Equation, Function, Program, Region, Value, walk
from hyperion.ir.ops import Registry, is_total
from hyperion.ir.types import ArrayType
from hyperion_passes.evidence import Evidence, Rewrite
from hyperion_passes.list_forms import ListForms
from hyperion_passes.loops_of_scans import at_loop, at_scan, one_loop, scan_below
from hyperion_passes.rewriting import Renaming, Rewriting, Rewritten, kept
from hyperion_passes.scan_forms import ScanForms


@dataclass(frozen=True, slots=True)
class Fuse:
    @property
    def name(self) -> str:
        return "fuse"

    def run(self, program: Program, context: PassContext) -> PassResult:
        def rewritten(refused: Collection[str]) -> Rewrite:
            fusing = Fusing(program.registry, refused)
            function, lists, scans = fusing.function(program.main), ListForms(context.check), ScanForms(context.check)
            return Rewrite(function, tuple(fusing.fused), {"bind": (scans.loop_of_scan,)}, prover=lists.equal)

        return Evidence(program, context).largest(rewritten, "fused")


class Fusing:
    """Fuses block by block; `fused` has the first result of each equation that another went into."""

    def __init__(self, registry: Registry, refused: Collection[str]) -> None:
        self._registry = registry
        self._refused = refused
        self._uses: Counter[str] = Counter()
        self.fused: dict[str, None] = {}

    def function(self, function: Function) -> Function:
        function = _Lengths(self._is_map, self._refused, self.fused).function(function)
        self._uses.update(v.name for v in function.results)
        for e in walk(function.equations):
            self._uses.update(_operands(e))
        return replace(function, equations=self._block(function.equations))

    def _block(self, equations: Iterable[Equation]) -> tuple[Equation, ...]:
        made: list[Equation] = []
        for e in equations:
            e = replace(e, regions=tuple(replace(r, equations=self._block(r.equations)) for r in e.regions))
            made.extend(self._loop(e, made))
        return tuple(made)

    def _loop(self, e: Equation, before: list[Equation]) -> tuple[Equation, ...]:
        """The equation with what goes into it, which is taken from those before it, and what it moved before."""
        place, moved = e.results[0].name if e.results else "", list[Equation]()
        while place not in self._refused:
            if (source := self._source(e, before)) is not None:
                fused = _fused(e, source)
            elif (source := scan_below(e, before, self._uses)) is not None:
                start = before.index(source) + 1
                fused, between = one_loop(e, source), before[start:]
                if not at_loop(e, source, between, self._registry):
                    if not at_scan(e, source, between, self._registry):
                        break
                    moved[:0] = between
                    del before[start:]
            else:
                break
            before.remove(source)
            self._uses.subtract((*_operands(e), *_operands(source)))
            self._uses.update(_operands(fused))
            self.fused[place] = None
            e = fused
        return e, *moved

    def _source(self, e: Equation, before: Sequence[Equation]) -> Equation | None:
        """The map of this block that can go into the loop e."""
        if e.op not in ("map", "scan", "fold"):
            return None
        used = Counter(v.name for v in _arrays(e))
        for source in before:
            names = {v.name for v in source.results}
            alone = names & used.keys() and all(self._uses[name] == used[name] for name in names)
            if alone and self._is_map(source) and (e.op != "fold" or _one_shape((*_arrays(e), *source.operands))):
                return source
        return None

    def _is_map(self, e: Equation) -> bool:
        """A map without traps over arrays of one dimension."""
        return e.op == "map" and is_total(e, self._registry) and all(map(_is_row, e.operands))


class _Lengths(Rewriting):
    """The length of the source for that of a map over one array."""

    def __init__(self, is_map: Callable[[Equation], bool], refused: Collection[str], found: dict[str, None]) -> None:
        super().__init__()
        self._is_map = is_map
        self._refused = refused
        self._found = found
        self._sources: dict[str, Value] = {}

    def equation(self, equation: Equation) -> Rewritten:
        if self._is_map(equation) and len(equation.operands) == 1:
            self._sources.update({v.name: equation.operands[0] for v in equation.results})
        if equation.op != "len" or equation.result.name in self._refused:
            return kept(equation)
        xs = equation.operands[0]
        while xs.name in self._sources:
            xs = self._sources[xs.name]
            self._found[equation.result.name] = None
        return kept(replace(equation, operands=(xs,)))


def _fused(e: Equation, source: Equation) -> Equation:
    """The loop over the arrays of the map `source`, and over its own others, each array once."""
    (region,), (mapping,) = e.regions, source.regions
    made = dict(zip((v.name for v in source.results), mapping.results, strict=True))
    arrays: dict[Value, Value] = {}  # to the parameter of the region for its elements
    values: dict[str, Value] = {}  # for parameters of the region that are none any more
    count = len(_arrays(e))
    for array, element in zip(_arrays(e), region.parameters, strict=False):
        if array.name in made:
            for inner, parameter in zip(source.operands, mapping.parameters, strict=True):
                if arrays.setdefault(inner, parameter) != parameter:
                    values[parameter.name] = arrays[inner]
            values[element.name] = made[array.name]
        elif arrays.setdefault(array, element) != element:
            values[element.name] = arrays[array]
    parameters = (*arrays.values(), *region.parameters[count:])
    body = Renaming(values).region(Region(parameters, (*mapping.equations, *region.equations), region.results))
    attributes = tuple((name, len(arrays) if name == "arrays" else value) for name, value in e.attributes)
    return replace(e, operands=(*arrays, *e.operands[count:]), attributes=attributes, regions=(body,))


def _arrays(e: Equation) -> tuple[Value, ...]:
    """The arrays that a loop runs over."""
    count = e.attribute("arrays")
    return e.operands[:count] if isinstance(count, int) else ()


def _operands(e: Equation) -> tuple[str, ...]:
    """The names of the values that an equation uses and its regions yield, regions' own equations apart."""
    return tuple(v.name for v in (*e.operands, *(v for r in e.regions for v in r.results)))


def _one_shape(arrays: Iterable[Value]) -> bool:
    """Whether arrays are of one length by their types."""
    return len({v.type.shape for v in arrays if isinstance(v.type, ArrayType)}) == 1


def _is_row(array: Value) -> bool:
    return isinstance(array.type, ArrayType) and len(array.type.shape) == 1
