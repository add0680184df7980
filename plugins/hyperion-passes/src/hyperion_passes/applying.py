"""A function with laws applied, and its evidence: the theorem of each law at its places, and congruence around them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Final

from hyperion.interfaces.compiler_pass import PassContext, PassResult
from hyperion.ir.function import Equation, Function, Program, Value, values_of
from hyperion.logic import kernel as k
from hyperion.logic.kernel import Theorem
from hyperion.pipeline import with_main
from hyperion_passes.congruence import Guide, Rule
from hyperion_passes.derived import head
from hyperion_passes.evidence import Evidence, Rewrite
from hyperion_passes.rewriting import Rewriting, Rewritten, kept
from hyperion_passes.sites import Finder, Site, sites_of

MOST_ROUNDS: Final = 10


def simplified(
    program: Program, context: PassContext, finders: Sequence[Finder], once: Sequence[Finder] = ()
) -> PassResult:
    """The entry of the program with laws applied until none makes it cheaper; of several, the first that is found.

    What the finders `once` find comes before all else, and is not looked for again in what was made.
    """
    theorem: Theorem | None = None
    for i in range(MOST_ROUNDS):
        now = finders if i else (*once, *finders)

        def rewritten(refused: Collection[str], program: Program = program, now: Sequence[Finder] = now) -> Rewrite:
            sites = sites_of(program, now, refused)
            rules: dict[str, list[Rule]] = defaultdict(list)
            guides: dict[str, list[Guide]] = defaultdict(list)
            for law in dict.fromkeys(site.law for site in sites.values()):
                rules[head(law.step().left)].append(law.rule)
                guides[head(law.step().left)].append(law.guide)
            function = _Applying(sites, program.main).function(program.main)
            return Rewrite(function, tuple(sites), rules, guides=guides)

        result = Evidence(program, context).largest(rewritten, "simplified")
        if result.function == program.main:
            break
        theorem = k.trans(theorem, result.theorem) if theorem and result.theorem else theorem or result.theorem
        program = with_main(program, result.function)
    return PassResult(program.main, theorem)


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
        values = {name: self._value(site.found[same]) for name, same in law.shared.items() if same in site.found}
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
