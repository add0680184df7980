"""Untrusted. Evaluation at the root of a term: what a block does first, with no work on what it does later."""

from __future__ import annotations

from hyperion.logic import kernel as k
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.derived import arguments, beta_spine, cond_is, congruence
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_passes import lemmas
from hyperion_passes.derived import chain, head, rewrite
from hyperion_passes.facts import Facts
from hyperion_passes.simplifier import Simplifier


class Evaluation:
    """|- x = y, where y shows what x does first: an operation, `ok`, a trap. `normal` decides what is closed."""

    def __init__(self, normal: Simplifier) -> None:
        self._normal = normal

    def __call__(self, x: Term, facts: Facts) -> Theorem | None:
        th: Theorem | None = None
        while (step := self._step(th.right if th else x, facts)) is not None:
            th = chain(th, step)
        return th

    def _step(self, x: Term, facts: Facts) -> Theorem | None:
        if x.kind == "P":
            return self._projection(x, facts)
        if x.kind != "A":
            return facts.of(x)
        match head(x), arguments(x)[1]:
            case "L", _:
                return beta_spine(x)
            case "bind", [o, _]:
                inner = self(o, facts)
                first = congruence(x.function.function, [o, x.argument], [inner, None])
                return chain(first, lemmas.sequencing_at(first.right if first else x))
            case "cond", [test, yes, no]:
                return self._choice(x, test, yes, no, facts)
            case "fold", [_, _, _]:
                total = self._normal(x)
                return total if head(total.right) == "ok" else None
            case _:
                return facts.of(x)

    def _projection(self, x: Term, facts: Facts) -> Theorem | None:
        inner = self(x.body, facts)
        th = k.proj(x.index, inner) if inner else None
        whole = th.right if th else x
        return chain(th, k.projbeta(whole)) if whole.body.kind == "T" else th

    def _choice(self, x: Term, test: Term, yes: Term, no: Term, facts: Facts) -> Theorem | None:
        known = facts.of(test) or (None if test.free else self._normal(test))
        if known is not None and known.right in (TRUE, FALSE):
            return cond_is(known, x)
        if yes is no:
            return rewrite(lemmas.truth()["cond"][2], x)
        if x.type.name != "outcome":
            return None
        changes = [self(branch, facts) for branch in (yes, no)]  # both may turn out total
        th = congruence(arguments(x)[0], [test, yes, no], [None, *changes])
        yes, no = (c.right if c else b for c, b in zip(changes, (yes, no), strict=True))
        if head(yes) == head(no) == "ok":
            return chain(th, rewrite(lemmas.truth()["cond"][-1], th.right if th else x))
        return th
