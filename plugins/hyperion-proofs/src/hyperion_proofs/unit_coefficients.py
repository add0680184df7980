"""Untrusted search, checked theorems: a loop whose state is multiplied by a value that may be 1.

    %r = if v == 1 { the loop with 1 for v } else { the loop }

With 1 for it, a state has a closed form as sums of sums have; with another value it comes back, moves evenly or leaves
64 bits soon.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hyperion.ir.function import Equation, Function, Region, Value, walk
from hyperion.ir.types import BOOL, I64
from hyperion.logic.kernel import Theorem, trans
from hyperion_proofs.analysis import Refused
from hyperion_proofs.cycling import same_word
from hyperion_proofs.derived import replace_all
from hyperion_proofs.emission import Emitter, substituted
from hyperion_proofs.nested import Derive, captured, place_of, shortened_inside
from hyperion_proofs.sites import Site
from hyperion_proofs.unfolding import sure
from hyperion_proofs.versions import versioned


def by_unit(function: Function, index: int, one: Derive, other: Derive) -> tuple[Function, Theorem, str]:
    """The function with the `for` at `index` in two versions: `one` makes it short where the first coefficient is 1,
    `other` where not. Raises Refused where there is no such coefficient, and what they raise."""
    equation = function.equations[index]
    literals = {e.result for e in function.equations[:index] if e.op == "const"}
    factor = next((v for v in _factors(equation) if v not in literals), None)
    if factor is None:
        raise Refused("no value multiplies the state", span=equation.span)
    made, theorem, loops = _chosen(function, index, factor)
    texts: list[str] = []
    for loop, derive in zip(loops, (one, other), strict=True):
        made, proved, text = shortened_inside(made, place_of(made, loop), derive)
        theorem = trans(theorem, proved)
        texts.append(text)
    return made, theorem, f"where {factor.name} = 1, {texts[0]}\n  else {texts[1]}"


def _factors(equation: Equation) -> Iterator[Value]:
    """The values from outside that are multiplied with the state, and are used by the step only."""
    region = equation.regions[0]
    outside = set(captured(region)) - set(equation.operands)
    varying = set(region.parameters[1:])
    for e in walk(region.equations):
        if not varying.isdisjoint(e.operands):
            varying.update(e.results)
            if e.op == "mul.trap":
                yield from (v for v in e.operands if v in outside and v.type == I64)


def _chosen(function: Function, index: int, factor: Value) -> tuple[Function, Theorem, tuple[Equation, Equation]]:
    """The function with both versions, the theorem that it is equal, and their loops."""
    site = Site(function, index)
    names, equation = site.names, site.equation
    emitter = Emitter(names, site.captured())
    unit = emitter.const(1, I64)
    test = emitter.op("eq", BOOL, factor, unit)

    def version(region: Region) -> Equation:
        again = tuple(names.fresh(r.name, r.type) for r in equation.results)
        return replace(equation, results=again, regions=(names.copy(region),))

    def prove(known: Theorem) -> Theorem:
        word = site.env[factor.name]
        same = same_word(word, site.env[unit.name], known)
        return sure(replace_all(site.loop_outcome(), lambda u: same if u is word else None))

    (region,) = equation.regions
    one, other = version(substituted(region, {factor: unit})), version(region)
    branch = Region((), (other,), other.results)
    made, theorem = versioned(site, emitter.equations, test, one.results, prove, [one], branch)
    return made, theorem, (one, other)
