"""Untrusted. Two versions of a loop: a fast one where a test holds, the loop as written otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from hyperion.ir.function import Equation, Function, Region, Value
from hyperion.logic import kernel as k
from hyperion.logic.compute import TRUE
from hyperion.logic.derived import arguments
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import Effect
from hyperion_proofs.derived import by_cases, cond_is
from hyperion_proofs.sites import Site


def versioned(
    site: Site,
    before: Sequence[Equation],
    test: Value,
    results: Sequence[Value],
    prove: Callable[[Theorem], Theorem],
    fast: Sequence[Equation] = (),
) -> tuple[Function, Theorem]:
    """`before`, then `if test {fast; results} {the loop}`, equal to the source function. All of `before` and `fast` is
    total; `prove(|- test = true)` gives |- loop = ok results."""
    site.define(before)
    again = tuple(site.names.fresh(r.name, r.type) for r in site.equation.results)
    fallback = Region((), (replace(site.equation, results=again),), again)
    regions = (Region((), tuple(fast), tuple(results)), fallback)
    choose = Equation(site.equation.results, "if", (test,), (), regions, site.equation.span)
    chosen = site.denotation.equation(choose, site.env)
    assert isinstance(chosen, Effect)

    def case(known: Theorem) -> Theorem:
        picked = k.sym(cond_is(known, chosen.outcome))
        if known.right is not TRUE:
            return picked
        fast = prove(known)
        if fast.right is not picked.left:  # ok r against ok (r.0, r.1, ..)
            fast = k.trans(fast, k.app(k.refl(fast.right.function), k.sym(k.tupeta(fast.right.argument))))
        return k.trans(fast, picked)

    condition = arguments(chosen.outcome)[1][0]
    th = by_cases(condition, site.loop_outcome(), chosen.outcome, case)
    function = site.replaced([*before, choose])
    return function, site.conclude(th, function)
