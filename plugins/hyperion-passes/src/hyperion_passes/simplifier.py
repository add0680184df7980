"""Untrusted. |- x = its normal form under a table of rules, innermost first, under binders too.

Bound variables are named by their depth while their binder is open, so that equal terms have one normal form wherever
the rules sort operands. There is no Python recursion on the depth of a term.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.derived import arguments, beta_spine, congruence
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_passes.derived import chain, head

Rule: TypeAlias = Callable[[Term], Theorem | None]
"""|- x = y for a term x that it applies to, else None."""
Task: TypeAlias = Generator[tuple[Term, int], Theorem | None, Theorem | None]

Memo: TypeAlias = dict[tuple[Term, int], Theorem | None]
"""Normal forms of terms below so many open binders; None for what is in normal form."""

_DECIDED: Final = {"true", "false", "ok", "trap", "diverge"}
_FIRST: Final = {"bind", "cond"}  # their first argument decides whether the others are worth a look


class Simplifier:
    """Rules by the head of what they rewrite: a constant, or the kind `T`, `P` of a term."""

    def __init__(
        self,
        rules: Mapping[str, Sequence[Rule]],
        check: Callable[[], None] | None = None,
        computes: bool = True,
        memo: Memo | None = None,
    ) -> None:
        """`check` is called before each term that is looked at, and may raise; operations on literals are computed
        unless `computes` is false. A `memo` is shared by simplifiers with the same rules, of any threads."""
        self.rules = rules
        self._computes = computes
        self._check = check
        self._memo: Memo = {} if memo is None else memo

    def __call__(self, x: Term) -> Theorem:
        depth = max((int(v.name[1:]) + 1 for v in x.free if v.name.startswith("~")), default=0)
        stack: list[tuple[tuple[Term, int], Task]] = [((x, depth), self._normal(x, depth))]
        answer: Theorem | None = None
        while stack:
            key, task = stack[-1]
            try:
                wanted = task.send(answer)
            except StopIteration as stop:
                answer = self._memo[key] = stop.value
                stack.pop()
                continue
            if self._check is not None:
                self._check()
            known = self._memo.get(wanted, wanted)
            answer = None if isinstance(known, tuple) else known
            if known is wanted:
                stack.append((wanted, self._normal(*wanted)))
        return answer or k.refl(x)

    def _normal(self, x: Term, depth: int) -> Task:
        th: Theorem | None = None
        if head(x) == "L" and x.kind == "A":
            return (yield from self._then(beta_spine(x), depth))
        if head(x) in _FIRST and x.kind == "A":
            function, args = arguments(x)
            first = yield args[0], depth
            th = congruence(function, args, [first, *(None for _ in args[1:])])
            x = th.right if th else x
            step = self._root(x) if head(first.right if first else args[0]) in _DECIDED else None
            if step is not None:
                return (yield from self._then(chain(th, step), depth))
        inside = yield from self._inside(x, depth)
        th = chain(th, inside)
        x = th.right if th else x
        step = self._root(x)
        return (yield from self._then(chain(th, step), depth)) if step else th

    def _then(self, th: Theorem | None, depth: int) -> Task:
        assert th is not None
        rest = yield th.right, depth
        return chain(th, rest)

    def _inside(self, x: Term, depth: int) -> Task:
        match x.kind:
            case "A":
                function, args = arguments(x)
                changes: list[Theorem | None] = []
                for a in args:
                    changes.append((yield a, depth))
                return congruence(function, args, changes)
            case "L":
                v = t.var(f"~{depth}", x.bound_type)
                body = yield t.open_binder(x, v), depth + 1
                return k.abs_(v, body) if body else None
            case "T":
                parts: list[Theorem | None] = []
                for item in x.items:
                    parts.append((yield item, depth))
                pairs = zip(parts, x.items, strict=True)
                return k.tuple_(*(p or k.refl(i) for p, i in pairs)) if any(parts) else None
            case "P":
                whole = yield x.body, depth
                return k.proj(x.index, whole) if whole else None
            case _:
                return None

    def _root(self, x: Term) -> Theorem | None:
        if x.kind == "P" and x.body.kind == "T":
            return k.projbeta(x)
        rules = self.rules.get(head(x), ())
        if x.kind != "A":
            return next((found for rule in rules if (found := rule(x))), None) if x.kind in "TP" else None
        prefix, rest = x, list[Term]()
        while prefix.kind == "A":  # a rule may be about fewer arguments than there are
            for rule in rules:
                found = rule(prefix)
                if found is not None:
                    return applied(found, reversed(rest))
            rest.append(prefix.argument)
            prefix = prefix.function
        return computed(x) if self._computes else None


def applied(th: Theorem, args: Iterable[Term]) -> Theorem:
    """From |- f = g: |- f a .. = g a .."""
    for a in args:
        th = k.app(th, k.refl(a))
    return th


def computed(x: Term) -> Theorem | None:
    """An operation on literals."""
    function, args = arguments(x)
    literal = all(a.kind == "K" for a in args) or (len(args) == 1 and args[0].kind == "A")
    if function.kind != "C" or not literal or x.type.name == "fun":
        return None
    if args[0].kind == "A" and not (function.name.startswith("toZ.") and args[0].argument.kind == "K"):
        return None
    try:
        return k.compute(x)
    except k.RuleError:
        return None
