"""Where laws apply in a function, and the function with them applied.

A law is matched on equations: the root, and those that define its operands, modulo what commutes; arithmetic that traps
also stands for the wrapping one, since it has the same value once it has one. It is applied where that makes the
function cheaper, counting what only the root used.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Final, TypeAlias

from hyperion.interfaces.compiler_pass import PassContext, PassResult
from hyperion.ir.function import Equation, Function, Program, Value, values_of, walk
from hyperion.ir.ops import is_total
from hyperion.logic import kernel as k
from hyperion.logic.kernel import Theorem
from hyperion.pipeline import with_main
from hyperion_passes.congruence import Rule
from hyperion_passes.derived import head
from hyperion_passes.evidence import Evidence, Rewrite
from hyperion_passes.identities import commutes
from hyperion_passes.laws import Law
from hyperion_passes.rewriting import Rewriting, Rewritten, kept

MOST_ROUNDS: Final = 10
_COSTS: Final = {"const": 0, "mul": 3, "div": 10, "sqrt": 12, "floordiv": 20, "mod": 20}
_MODED: Final = frozenset({"add", "sub", "mul", "neg", "abs", "cast"})
_TURNED: Final = {"gt": "lt", "ge": "le"}

Found: TypeAlias = Mapping[str, Value]
"""Values of the left side of a law, by name, and the values of the function that they stand for."""


def simplified(program: Program, context: PassContext, laws: Sequence[Law]) -> PassResult:
    """The entry of the program with laws applied until none makes it cheaper; of several, the first in order."""
    theorem: Theorem | None = None
    for _ in range(MOST_ROUNDS):
        main = program.main

        def rewritten(refused: Collection[str], main: Function = main) -> Rewrite:
            sites = sites_of(main, laws, refused)
            rules: dict[str, list[Rule]] = defaultdict(list)
            for law in dict.fromkeys(site.law for site in sites.values()):
                rules[head(law.step().left)].append(law.rule)
            return Rewrite(_Applying(sites, main).function(main), tuple(sites), rules)

        result = Evidence(program, context).largest(rewritten, "simplified")
        if result.function == main:
            break
        theorem = k.trans(theorem, result.theorem) if theorem and result.theorem else theorem or result.theorem
        program = with_main(program, result.function)
    return PassResult(program.main, theorem)


@dataclass(frozen=True, slots=True)
class Site:
    """A place where a law applies, and what its left side stands for there."""

    law: Law
    found: Found


def sites_of(function: Function, laws: Sequence[Law], refused: Collection[str] = ()) -> dict[str, Site]:
    """Where to apply laws, by the names of the values made there; those of `refused` are left out."""
    by_op: dict[str, list[Law]] = defaultdict(list)
    for law in laws:
        by_op[law.root.op].append(law)
    equations = tuple(walk(function.equations))
    search = _Search({e.results[0].name: e for e in equations if len(e.results) == 1}, _uses(function))
    sites: dict[str, Site] = {}
    for e in reversed(equations):  # what a law makes superfluous needs no law
        if len(e.results) != 1 or not search.uses[e.result.name] or e.result.name in refused:
            continue
        e = turned(e)
        for law in by_op.get(e.op, ()):
            found = search.gainful(law, e)
            if found is not None:
                sites[e.result.name] = Site(law, found)
                break
    return sites


@dataclass(frozen=True, slots=True)
class _Search:
    """The equations that define values, and how often values are used; what a site makes superfluous uses nothing."""

    definitions: Mapping[str, Equation]
    uses: Counter[str]

    def gainful(self, law: Law, root: Equation) -> Found | None:
        """What the left side of the law stands for at `root`, if the right side is cheaper; counts uses as they are
        afterwards."""
        for found in self._equations(law.root, root, law, {}):
            needed = [found[name].name for name in law.needed]
            inner = {found[e.result.name].name for e in law.before.equations[:-1]}
            dead = self._dead(root, inner.difference(needed))
            gone = [root, *(self.definitions[name] for name in dead)]
            if sum(map(_cost, gone)) > sum(map(_cost, law.added)):
                self.uses.subtract(v.name for e in gone for v in e.operands)
                self.uses.update(needed)
                return found
        return None

    def _dead(self, root: Equation, inner: Collection[str]) -> set[str]:
        """Those of the values `inner` that nothing but the root needs, and that may go."""
        lost = Counter(v.name for v in root.operands)
        dead: set[str] = set()
        while True:
            more = {n for n in inner if n not in dead and lost[n] == self.uses[n] and is_total(self.definitions[n])}
            if not more:
                return dead
            dead |= more
            lost.update(v.name for name in more for v in self.definitions[name].operands)

    def _equations(self, pattern: Equation, e: Equation, law: Law, found: Found) -> Iterator[Found]:
        if pattern.attributes != e.attributes or pattern.result.type != e.result.type:
            return
        found = {**found, pattern.result.name: e.result}
        yield from self._values(pattern.operands, e.operands, law, found)
        if commutes(e):
            yield from self._values(pattern.operands, e.operands[::-1], law, found)

    def _values(self, patterns: Sequence[Value], values: Sequence[Value], law: Law, found: Found) -> Iterator[Found]:
        if not patterns:
            yield found
            return
        for more in self._value(patterns[0], values[0], law, found):
            yield from self._values(patterns[1:], values[1:], law, more)

    def _value(self, pattern: Value, value: Value, law: Law, found: Found) -> Iterator[Found]:
        known = found.get(pattern.name)
        if known is not None:
            if known == value:
                yield found
            return
        inner = law.definitions.get(pattern.name)
        if inner is None:
            if pattern.type == value.type:
                yield {**found, pattern.name: value}
            return
        e = self.definitions.get(value.name)
        e = turned(e) if e is not None else None
        if e is not None and _stands_for(e.op, inner.op) and len(e.operands) == len(inner.operands):
            yield from self._equations(inner, e, law, found)


class _Applying(Rewriting):
    """Puts the right sides of laws in the places of roots."""

    def __init__(self, sites: Mapping[str, Site], function: Function) -> None:
        super().__init__()
        self._sites = sites
        self._taken = {v.name for v in values_of(function)}

    def equation(self, equation: Equation) -> Rewritten:
        site = self._sites.get(equation.results[0].name) if equation.results else None
        if site is None:
            return kept(equation)
        law = site.law
        values = {name: self._value(site.found[same]) for name, same in law.shared.items()}
        made: list[Equation] = []
        for e in law.added:
            whole = e.result == law.after.results[0]
            values[e.result.name] = equation.result if whole else self._fresh(equation, e)
            operands = tuple(values[v.name] for v in e.operands)
            made.append(replace(e, results=(values[e.result.name],), operands=operands, span=equation.span))
        return Rewritten(tuple(made), (values[law.after.results[0].name],))

    def _fresh(self, root: Equation, e: Equation) -> Value:
        stem = root.result.name
        name = next(n for i in count(1) if (n := f"{stem}.{i}") not in self._taken)
        self._taken.add(name)
        return Value(name, e.result.type)


def turned(e: Equation) -> Equation:
    """A comparison by lt or le for one by gt or ge, which denotes the same; any other equation as it is."""
    op = _TURNED.get(e.op)
    return replace(e, op=op, operands=e.operands[::-1]) if op else e


def _stands_for(op: str, wanted: str) -> bool:
    stem, _, mode = op.partition(".")
    return op == wanted or (mode == "trap" and stem in _MODED and wanted == f"{stem}.wrap")


def _cost(e: Equation) -> int:
    return _COSTS.get(e.op.partition(".")[0], 1)


def _uses(function: Function) -> Counter[str]:
    uses = Counter(v.name for v in function.results)
    for e in walk(function.equations):
        uses.update(v.name for v in e.operands)
        uses.update(v.name for r in e.regions for v in r.results)
    return uses
