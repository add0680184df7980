"""Untrusted. The loops in a branch of an `if`: the branch is a function of the values that it uses, derived alone.

    |- denote(the branch alone) = denote(its derived form)
    ---------------------------------------------------------------------------------------
    |- denote(function) = denote(the function with the derived form in the branch's place)

So `if len(xs) == 0: return 0` before a loop, or a loop in an `else`, stands in nobody's way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hyperion.ir.function import Equation, Function, Region, values_of
from hyperion.logic import kernel as k
from hyperion.logic.derived import arguments
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import Pure, outcome
from hyperion.logic.terms import Term
from hyperion_proofs.derived import by_cases
from hyperion_proofs.emission import Names
from hyperion_proofs.nested import captured, in_all_places
from hyperion_proofs.sites import Site
from hyperion_proofs.versions import settled


def branch_alone(function: Function, index: int, side: int) -> Function:
    """A branch of the `if` at `index` as a function of the values that it uses; literals and lengths are its own."""
    region = function.equations[index].regions[side]
    used = dict.fromkeys(captured(region))
    own = [e for e in _told(function, index) if e.result in used]
    made = {e.result for e in own}
    outside = dict.fromkeys((*(v for v in used if v not in made), *(v for e in own for v in e.operands)))
    return replace(function, parameters=tuple(outside), equations=(*own, *region.equations), results=region.results)


def _told(function: Function, index: int) -> Iterator[Equation]:
    """Literals and lengths from before the `if`: what ranges and laws look at."""
    return (e for e in function.equations[:index] if e.op in ("const", "len"))


def put_branch(
    function: Function, index: int, side: int, derived: Function, theorem: Theorem
) -> tuple[Function, Theorem]:
    """The function with the derived form of that branch, from |- denote(the branch alone) = denote(derived)."""
    source = function.equations[index]
    names = Names({v.name for v in values_of(function)})
    told = {e.result for e in _told(function, index)}
    own = tuple(e for e in derived.equations if not told.intersection(e.results))
    copied = names.copy(Region((), own, derived.results))
    regions = tuple(copied if i == side else region for i, region in enumerate(source.regions))
    changed = replace(source, regions=regions)
    site = Site(function, index)
    proved = in_all_places(site.loop_outcome(), theorem, derived.parameters)
    found = site.denotation.equation(changed, site.env)
    if isinstance(found, Pure):
        proved = k.trans(proved, _value(proved.right, found))
    new = site.replaced([changed])
    return new, site.conclude(proved, new)


def _value(choice: Term, value: Pure) -> Theorem:
    """|- cond c (ok a) (ok b) = ok (cond c a b), component by component."""
    target = outcome(value)

    def case(known: Theorem) -> Theorem:
        return k.trans(settled(known, choice), k.sym(settled(known, target)))

    return by_cases(arguments(choice)[1][0], choice, target, case)
