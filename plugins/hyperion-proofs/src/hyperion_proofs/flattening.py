"""Untrusted. Loops in a row, each with its own test, as one choice between all of them and the loop as written.

    %a = if %p {A} {..}                     A, B  without a choice: they are total
    %b = if %q {B of %a} {..}       -->     %t = and %p, %q
                                            %a, %b = if %t {yield} {the loop as written}

Where a test fails, nothing of what was made is used, and the loop runs and traps as it was written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hyperion.ir.function import Equation, Function, Region, Value, values_of
from hyperion.ir.ops import is_total
from hyperion.ir.types import BOOL
from hyperion.logic import kernel as k
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import tuple_of
from hyperion.logic.terms import Term
from hyperion_proofs.cascade_lemmas import as_tuple, simplified
from hyperion_proofs.derived import NoProof, at, chain, cond_is, head
from hyperion_proofs.emission import Emitter, Names, substituted
from hyperion_proofs.implication import all_parts
from hyperion_proofs.repeating import instantiate_associated
from hyperion_proofs.sites import Site
from hyperion_proofs.versions import versioned


def flattened(alone: Function, index: int, derived: Function, theorem: Theorem) -> tuple[Function, Theorem]:
    """The function `alone`, which does nothing but the loop at `index`, with one choice, and that it is equal; by the
    theorem `alone` is equal to `derived`. Raises NoProof where what was derived may trap
    outside of its choices."""
    site = Site(alone, index)
    site.names = Names({v.name for f in (alone, derived) for v in values_of(f)})
    made, tests, known = list[Equation](), list[Value](), dict[Value, Value]()

    def take(equations: Sequence[Equation]) -> None:
        for e in equations:
            (e,) = substituted(Region((), (e,), ()), known).equations
            if e.op == "if" and not is_total(e):
                tests.append(e.operands[0])
                take(e.regions[0].equations)
                known.update(zip(e.results, (known.get(v, v) for v in e.regions[0].results), strict=True))
            else:
                made.append(e)

    take(derived.equations[index:])
    own = {r: site.names.fresh(r.name, r.type) for r in site.equation.results if r not in known}
    made = [_named(e, own) for e in substituted(Region((), tuple(made), ()), own).equations]
    known = {r: own.get(v, v) for r, v in {**known, **own}.items()}
    emitter = Emitter(site.names, {})
    test = emitter.every([own.get(v, v) for v in tests], hint="safe") if tests else emitter.const(True, BOOL)
    results = [known[r] for r in site.equation.results]
    opened = at(theorem, *(site.env[p.name] for p in alone.parameters))

    def prove(held: Theorem) -> Theorem:
        known = [k.trans(k.sym(simplified(th.left, as_tuple)), th) for th in all_parts(held, len(tests)) if tests]
        facts = {th.left: th for th in known}
        wanted = apply("ok", tuple_of([site.env[v.name] for v in results]))

        def rule(u: Term) -> Theorem | None:
            name, (_, args) = head(u), arguments(u)
            if name == "cond" and len(args) == 3 and args[0] in facts:
                return cond_is(facts[args[0]], u)
            if name == "bind" and len(args) == 2 and head(args[0]) == "bind":
                return instantiate_associated(u)
            return as_tuple(u)

        first, last = simplified(opened.right, rule), simplified(wanted, rule)
        if first.right is not last.right:
            raise NoProof("the loops do not give what their choices give")
        return chain(opened, first, k.sym(last))

    return versioned(site, [*made, *emitter.equations], test, results, prove)


def _named(e: Equation, values: Mapping[Value, Value]) -> Equation:
    return replace(e, results=tuple(values.get(v, v) for v in e.results))
