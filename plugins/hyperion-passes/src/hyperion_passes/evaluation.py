"""Untrusted. Evaluation at the root of a term: what a block does first, with no work on what it does later."""

from __future__ import annotations

from collections.abc import Collection

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.derived import arguments, beta_spine, cond_is, congruence
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_passes import lemmas
from hyperion_passes.derived import chain, head, rewrite
from hyperion_passes.facts import Facts
from hyperion_passes.meaning import choice, total_fold
from hyperion_passes.simplifier import Simplifier


class Evaluation:
    """|- x = y, where y shows what x does first: an operation, `ok`, a trap. `normal` decides what is closed; the
    functions that are `opaque` are not applied."""

    def __init__(self, normal: Simplifier, opaque: Collection[Term] = ()) -> None:
        self._normal = normal
        self._opaque = frozenset(opaque)
        self._reduced = Simplifier({})

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
                return None if arguments(x)[0] in self._opaque else beta_spine(x)
            case "bind", [o, _]:
                inner = self(o, facts)
                first = congruence(x.function.function, [o, x.argument], [inner, None])
                return chain(first, lemmas.sequencing_at(first.right if first else x))
            case "cond", [test, yes, no]:
                return self._choice(x, test, yes, no, facts)
            case "fold", [step, state, xs]:
                return self._loop(x, step, state, xs)
            case _:
                return facts.of(x)

    def _loop(self, x: Term, step: Term, state: Term, xs: Term) -> Theorem | None:
        """A fold whose step always gives `ok`."""
        found = self.total_step(step)
        if found is None:
            return None
        function = arguments(x)[0]
        th = congruence(function, [step, state, xs], [found, None, None]) if found.right is not step else None
        reduced = self._reduced(th.right if th else x)
        total = total_fold(reduced.right)
        return chain(th, reduced, total) if total else None

    def total_step(self, step: Term) -> Theorem | None:
        """|- step = \\s x. ok .., where it always gives that."""
        if step.kind != "L" or step.body.kind != "L":
            return None
        depth = max((int(v.name[5:]) + 1 for v in step.free if v.name.startswith("loop~")), default=0)
        s, e = (t.var(f"loop~{depth + i}", ty) for i, ty in enumerate((step.bound_type, step.body.bound_type)))
        body = t.open_binder(t.open_binder(step, s), e)
        found = self(body, Facts())
        if head(found.right if found else body) != "ok":
            return None
        return k.abs_(s, k.abs_(e, found)) if found else k.refl(step)

    def _projection(self, x: Term, facts: Facts) -> Theorem | None:
        inner = self(x.body, facts)
        body = inner.right if inner else x.body
        if head(body) == "cond":
            inner = chain(inner, choice(body))
        th = k.proj(x.index, inner) if inner else None
        whole = th.right if th else x
        return chain(th, k.projbeta(whole)) if whole.body.kind == "T" else th

    def _choice(self, x: Term, test: Term, yes: Term, no: Term, facts: Facts) -> Theorem | None:
        known = facts.of(test) or self._closed(test)
        if known is not None and known.right in (TRUE, FALSE):
            return cond_is(known, x)
        if x.type.name != "outcome":
            return rewrite(lemmas.truth()["cond"][2], x) if yes is no else None
        changes = [self(branch, facts) for branch in (yes, no)]  # both may turn out total
        th = congruence(arguments(x)[0], [test, yes, no], [None, *changes])
        yes, no = (c.right if c else b for c, b in zip(changes, (yes, no), strict=True))
        if head(yes) == head(no) == "ok":
            return chain(th, rewrite(lemmas.truth()["cond"][-1], th.right if th else x))
        return th

    def _closed(self, test: Term) -> Theorem | None:
        """|- test = its truth value, where it is one of literals once functions are applied and items taken."""
        reduced = self._reduced(test)
        return k.trans(reduced, self._normal(reduced.right)) if not reduced.right.free else None
