"""Where laws apply in a function.

A law is matched on equations: its root, and those that define the root's operands, modulo what commutes. Arithmetic
that traps also stands for the wrapping one, since it has the same value once it has one. A law is applied where that
makes the function cheaper, counting what only the root needed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from hyperion.ir.function import Equation, Function, Program, Value, walk
from hyperion.ir.ops import Registry, is_total
from hyperion_passes.dce import live
from hyperion_passes.identities import commutes
from hyperion_passes.laws import Law

_COSTS: Final = {"const": 0, "mul": 3, "div": 10, "sqrt": 12, "exp": 40, "log": 40, "floordiv": 20, "mod": 20}
_MODED: Final = frozenset({"add", "sub", "mul", "neg", "abs", "cast"})
_TURNED: Final = {"gt": "lt", "ge": "le"}

Found: TypeAlias = Mapping[str, Value]
"""By the names of values of a law's left side: the values of the function that they stand for."""


@dataclass(frozen=True, slots=True)
class Site:
    """A place where a law applies: what its parameters stand for, and what values its other equations, but the root."""

    law: Law
    found: Found
    inner: frozenset[str]


class Definitions:
    """The equations that define values, and how often what is not dead uses each."""

    def __init__(self, program: Program) -> None:
        self._registry = program.registry
        self._equations = {e.results[0].name: e for e in walk(program.main.equations) if len(e.results) == 1}
        self.uses = _uses(program.main, program.registry)

    def of(self, value: Value) -> Equation | None:
        """Comparisons by gt and ge as those by lt and le, which denote the same."""
        found = self._equations.get(value.name)
        return turned(found) if found is not None else None

    def apply(self, site: Site, root: Equation) -> bool:
        """Whether the site makes the function cheaper; if so, uses are counted as they are afterwards."""
        needed = [site.found[name].name for name in site.law.needed]
        gone = [root, *self._dead(root, site.inner.difference(needed))]
        if sum(map(_cost, gone)) <= sum(map(_cost, site.law.added)):
            return False
        self.uses.subtract(v.name for e in gone for v in e.operands)
        self.uses.update(needed)
        return True

    def _dead(self, root: Equation, inner: Collection[str]) -> Iterable[Equation]:
        """The equations of those of the values `inner` that nothing but the root needs, and that may go."""
        lost = Counter(v.name for v in root.operands)
        dead: dict[str, Equation] = {}
        while True:
            alone = [self._equations[n] for n in inner if n not in dead and lost[n] == self.uses[n]]
            more = {e.results[0].name: e for e in alone if is_total(e, self._registry)}
            if not more:
                return dead.values()
            dead |= more
            lost.update(v.name for e in more.values() for v in e.operands)


Finder: TypeAlias = Callable[[Equation, Definitions], Iterable[Site]]
"""The sites with an equation as their root, the best first."""


def sites_of(program: Program, finders: Sequence[Finder], refused: Collection[str] = ()) -> dict[str, Site]:
    """Where to apply laws, by the names of the values made there; those of `refused` are left out."""
    definitions, sites = Definitions(program), dict[str, Site]()
    for e in reversed(tuple(walk(program.main.equations))):  # what a law makes superfluous needs none
        name = e.results[0].name if len(e.results) == 1 else ""
        if not definitions.uses[name] or name in refused:
            continue
        found = (site for finder in finders for site in finder(turned(e), definitions))
        site = next((site for site in found if definitions.apply(site, e)), None)
        if site is not None:
            sites[name] = site
    return sites


class Laws:
    """Finds the sites of given laws, in their order."""

    def __init__(self, laws: Iterable[Law]) -> None:
        self._by_op: dict[str, list[Law]] = defaultdict(list)
        for law in laws:
            self._by_op[law.root.op].append(law)

    def __call__(self, e: Equation, definitions: Definitions) -> Iterator[Site]:
        for law in self._by_op.get(e.op, ()):
            for found in _Matching(law, definitions).equation(law.root, e, {}):
                inner = frozenset(found[each.result.name].name for each in law.before.equations[:-1])
                yield Site(law, found, inner)


@dataclass(frozen=True, slots=True)
class _Matching:
    law: Law
    definitions: Definitions

    def equation(self, pattern: Equation, e: Equation, found: Found) -> Iterator[Found]:
        if pattern.attributes != e.attributes or pattern.result.type != e.result.type:
            return
        found = {**found, pattern.result.name: e.result}
        yield from self._values(pattern.operands, e.operands, found)
        if commutes(e):
            yield from self._values(pattern.operands, e.operands[::-1], found)

    def _values(self, patterns: Sequence[Value], values: Sequence[Value], found: Found) -> Iterator[Found]:
        if not patterns:
            yield found
            return
        for more in self._value(patterns[0], values[0], found):
            yield from self._values(patterns[1:], values[1:], more)

    def _value(self, pattern: Value, value: Value, found: Found) -> Iterator[Found]:
        if pattern.name in found:
            if found[pattern.name] == value:
                yield found
            return
        inner = self.law.definitions.get(pattern.name)
        if inner is None:
            if pattern.type == value.type:
                yield {**found, pattern.name: value}
            return
        e = self.definitions.of(value)
        if e is not None and _stands_for(e.op, inner.op) and len(e.operands) == len(inner.operands):
            yield from self.equation(inner, e, found)


def turned(e: Equation) -> Equation:
    """A comparison by lt or le for one by gt or ge, which denotes the same; any other equation as it is."""
    op = _TURNED.get(e.op)
    return replace(e, op=op, operands=e.operands[::-1]) if op else e


def _stands_for(op: str, wanted: str) -> bool:
    stem, _, mode = op.partition(".")
    return op == wanted or (mode == "trap" and stem in _MODED and wanted == f"{stem}.wrap")


def _cost(e: Equation) -> int:
    return _COSTS.get(e.op.partition(".")[0], 1)


def _uses(function: Function, registry: Registry) -> Counter[str]:
    uses = Counter(v.name for v in function.results)
    for e in walk(live(function, registry)):
        uses.update(v.name for v in e.operands)
        uses.update(v.name for r in e.regions for v in r.results)
    return uses
