"""Untrusted. An inner loop over windows in its place, the products of all windows before the loops around it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from hyperion.ir.function import Equation, Function, Region, Value, values_of
from hyperion.logic import terms as t
from hyperion.logic.kernel import Theorem
from hyperion_proofs.analysis import Refused
from hyperion_proofs.derived import NoProof, at
from hyperion_proofs.emission import Emitter, Names, substituted
from hyperion_proofs.nested import Place, alone, free, in_each_place, put
from hyperion_proofs.pretty import source_names, summary_text, tuple_text
from hyperion_proofs.sites import Site
from hyperion_proofs.sliding.inner import InnerLoop
from hyperion_proofs.sliding.repeated import without_repeated
from hyperion_proofs.sliding.widths import surroundings, width_of


def slid(function: Function, place: Place, size: str) -> tuple[Function, Theorem, str]:
    """The function whose inner loop at `place` takes a product that was made before, that it is equal, and what the
    theorem says; `size` names the sizes of what is made. Raises Refused, NotLinear or NoProof."""
    index = place.path[0][0]
    site = Site(function, index)
    emitter = Emitter(Names({v.name for v in values_of(function)}), {})
    width = width_of(place.equation, surroundings(_blocks(function, place)), site.scope, emitter)
    first = emitter.equations
    site.define(first)
    loop, literals = alone(function, place, [e for e in first if e.result == width and e.op == "const"], [width])
    inner = InnerLoop(loop, literals, width, size)
    short, theorem, count = inner.derive()
    behind = literals + count
    _outside(short.equations[literals:behind], {*site.scope, *(e.result.name for e in first)}, short)
    names = Names({*(v.name for v in values_of(function)), *(e.result.name for e in first)})
    copied = names.copy(Region((), short.equations, short.results)).equations
    before, turn = copied[:behind], copied[behind:]
    site.define(before)
    turn = (*turn[:-1], replace(turn[-1], results=place.equation.results))
    made, known = without_repeated(function.equations[: site.index], [*first, *before])
    turn = substituted(Region((), turn, ()), known).equations
    changed = put(function.equations, place, turn)[index]
    new = site.replaced([*made, changed])
    kinds = {p: site.denotation.type(p.type) for p in loop.parameters}
    variables = [site.env[p.name] if p == width else t.var(f"inner.{p.name}", ty) for p, ty in kinds.items()]
    return new, _concluded(site, new, at(theorem, *variables)), _text(inner, width)


def _blocks(function: Function, place: Place) -> list[Sequence[Equation]]:
    """The blocks around a place, the outermost first."""
    blocks: list[Sequence[Equation]] = [function.equations]
    for i, j in place.path:
        blocks.append(blocks[-1][i].regions[j].equations)
    return blocks


def _outside(before: Sequence[Equation], scope: set[str], short: Function) -> None:
    """Refuses what comes before the loops around where it speaks of their values."""
    used = {v.name for e in before for v in free(e)}
    for p in short.parameters:
        if p.name in used and p.name not in scope:
            raise Refused(f"what a window is tested for depends on `{source_names([p])[0]}`, which changes in the loop")


def _concluded(site: Site, new: Function, opened: Theorem) -> Theorem:
    """|- denote(source) = denote(new), where one of the loops that `opened` is about is replaced."""
    for proved in in_each_place(site.loop_outcome(), opened):
        with suppress(NoProof):  # another loop of the same form
            return site.conclude(proved, new)
    raise NoProof("the loop is not where it was")


def _text(inner: InnerLoop, width: Value) -> str:
    loop, window = inner.access.body, inner.window
    names, elements = source_names(loop.parameters[1:]), source_names(loop.parameters[:1])
    wide = source_names([width])[0]
    lines = [
        f"for every window of {wide} neighbours in {inner.access.array.name} : {inner.access.array.type},",
        f"{tuple_text(names)} = act(product of the window, initial state), the products made for all windows at once",
        *summary_text(window.reduction.summary, elements, names),
        f"by act(lift({elements[0]}), s) = step(s, {elements[0]}) and act(A, act(B, s)) = act(mul(A, B), s)",
        *([f"where {window.text}, tested at run time; else the loop as written"] if window.text else []),
    ]
    return "\n  ".join(lines)
