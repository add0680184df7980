"""Loop-invariant code motion.

    %r = fold (%xs), (%zero) {                 %k = mul.wrap %a, %b
      ^(%x: i64, %s: i64):                     %r = fold (%xs), (%zero) {
        %k = mul.wrap %a, %b            -->      ^(%x: i64, %s: i64):
        %t = mul.wrap %x, %k                       %t = mul.wrap %x, %k
        ...                                        ...

What may trap or run for ever stays, because the loop may not run at all; a division by a literal other than zero does
not trap. With `speculate`, what a branch inside the loop computes is moved as well. The evidence: total equations have
no place in what a function denotes; loops that cannot trap, and such divisions, are evaluated.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from hyperion.interfaces.compiler_pass import PassContext, PassResult
from hyperion.ir.function import Equation, Program, Region, walk
from hyperion.ir.ops import is_total
from hyperion_passes.evidence import Evidence, Rewrite

LOOPS: Final = frozenset({"fold", "for", "while", "map", "scan", "build"})


@dataclass(frozen=True, slots=True)
class LoopInvariantCode:
    """`speculate`: also move out of the branches of an `if`."""

    speculate: bool = False

    @property
    def name(self) -> str:
        return "licm"

    def run(self, program: Program, context: PassContext) -> PassResult:
        def rewritten(refused: Collection[str]) -> Rewrite:
            moving = _Moving(program, self.speculate, refused)
            equations = moving.block(program.main.equations)
            return Rewrite(replace(program.main, equations=equations), tuple(moving.moved))

        return Evidence(program, context).largest(rewritten, "moved")


class _Moving:
    """Moves invariants out of loops, inner loops first; `moved` has the first result of each."""

    def __init__(self, program: Program, speculate: bool, refused: Collection[str]) -> None:
        self._speculate = speculate
        self._refused = refused
        self._registry = program.registry
        self._literals = {e.result.name: e.attribute("value") for e in walk(program.main.equations) if e.op == "const"}
        self.moved: dict[str, None] = {}

    def block(self, equations: Iterable[Equation]) -> tuple[Equation, ...]:
        made: list[Equation] = []
        for e in equations:
            regions = tuple(replace(r, equations=self.block(r.equations)) for r in e.regions)
            if e.op in LOOPS:
                inside = {name for r in regions for name in _defined(r)}
                regions = tuple(self._without_invariants(r, inside, made) for r in regions)
            made.append(replace(e, regions=regions))
        return tuple(made)

    def _without_invariants(self, region: Region, inside: set[str], moved: list[Equation]) -> Region:
        """The region without what depends on nothing `inside` the loop; that is appended to `moved`."""
        kept: list[Equation] = []
        for e in region.equations:
            if self._is_invariant(e, inside):
                moved.append(e)
                inside.difference_update(v.name for v in e.results)
                self.moved[e.results[0].name] = None
            elif self._speculate and e.op == "if":
                branches = tuple(self._without_invariants(r, inside, moved) for r in e.regions)
                kept.append(replace(e, regions=branches))
            else:
                kept.append(e)
        return replace(region, equations=tuple(kept))

    def _is_invariant(self, e: Equation, inside: set[str]) -> bool:
        if not e.results or e.results[0].name in self._refused or not self._never_traps(e):
            return False
        return inside.isdisjoint(_used(e) - {name for r in e.regions for name in _defined(r)})

    def _never_traps(self, e: Equation) -> bool:
        stem, _, mode = e.op.partition(".")
        if stem in ("floordiv", "mod") and mode in ("wrap", "sat"):
            return self._literals.get(e.operands[1].name, 0) != 0
        return is_total(replace(e, regions=()), self._registry) and all(
            self._never_traps(inner) for r in e.regions for inner in r.equations
        )


def _defined(region: Region) -> Iterator[str]:
    """The names of all values defined in the region, in regions of it too."""
    yield from (v.name for v in region.parameters)
    for e in region.equations:
        yield from (v.name for v in e.results)
        for inner in e.regions:
            yield from _defined(inner)


def _used(e: Equation) -> set[str]:
    inner = (i for r in e.regions for i in r.equations)
    results = (v.name for r in e.regions for v in r.results)
    return {v.name for v in e.operands}.union(results, *map(_used, inner))
