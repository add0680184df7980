"""Untrusted. |- left = right by walking both sides together: equal parts cost nothing, the others are evaluated, and
where that does not make them meet, rules rewrite the left one, or a prover compares the two.

Each sees a term and what is known at its place. There is no Python recursion on the depth of a term.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.derived import arguments
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_passes import lemmas
from hyperion_passes.accesses import by_elements
from hyperion_passes.derived import head
from hyperion_passes.evaluation import Evaluation
from hyperion_passes.facts import Facts, after, branched, sequenced

Rule: TypeAlias = Callable[[Term, Facts], Iterable[Theorem]]
"""Theorems A |- x = y for a term x that it applies to, with A among the facts."""
Guide: TypeAlias = Callable[[Term, Term, Facts], Iterable[Theorem]]
"""Theorems A |- left = x for two terms, of which the right one looks like x."""
Prover: TypeAlias = Callable[[Term, Term, Facts], Theorem | None]
"""A |- left = right, with A among the facts, or None."""
Elements: TypeAlias = Callable[[Term, Term, Facts], tuple[Term, Theorem] | None]
"""For a list and a variable v: a test that holds of each element v, and A |- all (\\v. test) xs = true; or None."""
Goal: TypeAlias = tuple[Term, Term, int, Facts]
Task: TypeAlias = Generator[Goal, Theorem | None, Theorem | None]

MOST_GOALS: Final = 50_000
"""Past so many pairs of terms the proof is given up."""


class Congruence:
    """`rules` and `guides` by the head of what they rewrite: a constant, or the kind of the term. Guides are asked
    before anything else is tried. `check` is called often."""

    def __init__(
        self,
        evaluation: Evaluation,
        rules: Mapping[str, Sequence[Rule]],
        prover: Prover | None = None,
        elements: Elements | None = None,
        check: Callable[[], None] = lambda: None,
        guides: Mapping[str, Sequence[Guide]] | None = None,
    ) -> None:
        self._evaluation = evaluation
        self._rules = rules
        self._prover = prover
        self._elements = elements
        self._check = check
        self._guides = guides or {}
        self._proved: dict[tuple[Term, Term, int], Theorem] = {}
        self._failed: set[Goal] = set()

    def __call__(self, left: Term, right: Term) -> Theorem | None:
        """|- left = right, without hypotheses; None where no proof is found."""
        goal: Goal = (left, right, 0, Facts())
        stack: list[tuple[Goal, Task]] = [(goal, self._prove(*goal))]
        answer: Theorem | None = None
        goals = 0
        while stack:
            goal, task = stack[-1]
            try:
                wanted = task.send(answer)
            except StopIteration as stop:
                answer = self._learn(goal, stop.value)
                stack.pop()
                continue
            answer = self._known(wanted)
            if answer is None and wanted not in self._failed:
                self._check()
                goals += 1
                if goals > MOST_GOALS:
                    return None
                self._failed.add(wanted)  # until proved: a goal that leads back to itself is no proof
                stack.append((wanted, self._prove(*wanted)))
        return answer

    def _known(self, goal: Goal) -> Theorem | None:
        left, right, depth, facts = goal
        if left is right:
            return k.refl(left)
        th = self._proved.get((left, right, depth))
        return th if th is not None and facts.cover(th) else None

    def _learn(self, goal: Goal, th: Theorem | None) -> Theorem | None:
        if th is not None:
            self._proved[goal[:3]] = th
        return th

    def _prove(self, left: Term, right: Term, depth: int, facts: Facts) -> Task:
        for step in (th for guide in self._guides.get(head(left), ()) for th in guide(left, right, facts)):
            rest = yield step.right, right, depth, facts
            if rest is not None:
                return k.trans(step, rest)
        th = yield from self._inside(left, right, depth, facts)
        if th is not None:
            return th
        for step in self._steps(left, facts):
            rest = yield step.right, right, depth, facts
            if rest is not None:
                return k.trans(step, rest)
        th = yield from self._evaluated(left, right, depth, facts, Facts())
        if th is None and left.type.name == "outcome" and (head(left) == "bind") != (head(right) == "bind"):
            th = yield from self._returned(left, right, depth, facts)
        if th is not None:
            return th
        th = yield from self._evaluated(left, right, depth, facts, facts)
        return th or (self._prover(left, right, facts) if self._prover else None)

    def _evaluated(self, left: Term, right: Term, depth: int, facts: Facts, used: Facts) -> Task:
        """By evaluation of both sides, which takes tests for decided only where `used` says so: what one side computes
        again the other may as well."""
        first, last = self._evaluation(left, used), self._evaluation(right, used)
        if first is None and last is None:
            return None
        middle = yield first.right if first else left, last.right if last else right, depth, facts
        return joined(first, middle, last) if middle else None

    def _returned(self, left: Term, right: Term, depth: int, facts: Facts) -> Task:
        """One side is a sequence, the other as well: of an operation and of returning its value."""
        first, last = (None if head(x) == "bind" else lemmas.returned(x) for x in (left, right))
        middle = yield first.left if first else left, last.left if last else right, depth, facts
        return joined(k.sym(first) if first else None, middle, k.sym(last) if last else None) if middle else None

    def _steps(self, x: Term, facts: Facts) -> Iterator[Theorem]:
        """By the rules, at the root, or where x is a sequence at what comes first: that may not trap after all."""
        for rule in self._rules.get(head(x), ()):
            yield from rule(x, facts)
        if head(x) == "bind" and x.kind == "A" and x.function.kind == "A":
            function, o = x.function.function, x.function.argument
            for th in self._steps(o, facts):
                yield k.app(k.app(k.refl(function), th), k.refl(x.argument))

    def _inside(self, left: Term, right: Term, depth: int, facts: Facts) -> Task:
        if left.kind != right.kind or left.type is not right.type:
            return None
        match left.kind:
            case "L":
                v = t.var(f"~{depth}", left.bound_type)
                body = yield t.open_binder(left, v), t.open_binder(right, v), depth + 1, facts
                return k.abs_(v, body) if body else None
            case "T":
                return (yield from self._all(left.items, right.items, depth, facts, k.tuple_))
            case "P" if left.index == right.index:
                whole = yield left.body, right.body, depth, facts
                return k.proj(left.index, whole) if whole else None
            case "A":
                return (yield from self._application(left, right, depth, facts))
            case _:
                return None

    def _application(self, left: Term, right: Term, depth: int, facts: Facts) -> Task:
        (function, first), (other, last) = arguments(left), arguments(right)
        if function is not other or len(first) != len(last):
            return None
        match head(left):
            case "bind" if len(first) == 2 and first[1].kind == last[1].kind == "L":
                return (yield from self._sequence(function, first, last, depth, facts))
            case "cond" if len(first) == 3:
                return (yield from self._branches(function, first, last, depth, facts))
            case "fold" if len(first) == 3 and first[2] is last[2] and _is_step(first[0]) and _is_step(last[0]):
                return (yield from self._loop(left, first, last, depth, facts))
            case _:
                return (yield from self._all(first, last, depth, facts, lambda *ths: _applied(k.refl(function), *ths)))

    def _all(
        self, left: Sequence[Term], right: Sequence[Term], depth: int, facts: Facts, whole: Callable[..., Theorem]
    ) -> Task:
        parts: list[Theorem] = []
        for a, b in zip(left, right, strict=True):
            th = yield a, b, depth, facts
            if th is None:
                return None
            parts.append(th)
        return whole(*parts)

    def _sequence(self, bind: Term, left: Sequence[Term], right: Sequence[Term], depth: int, facts: Facts) -> Task:
        before = yield left[0], right[0], depth, facts
        if before is None:
            return None
        o, v = left[0], t.var(f"~{depth}", left[1].bound_type)
        inner = facts.among(*after(o, v))
        body = yield t.open_binder(left[1], v), t.open_binder(right[1], v), depth + 1, inner
        if body is None:
            return None
        th = sequenced(o, v, body)
        return k.trans(th, _applied(k.refl(bind), before, k.refl(right[1])))

    def _branches(self, cond: Term, left: Sequence[Term], right: Sequence[Term], depth: int, facts: Facts) -> Task:
        test = yield left[0], right[0], depth, facts
        if test is None:
            return None
        parts: list[Theorem] = []
        for value, a, b in ((TRUE, left[1], right[1]), (FALSE, left[2], right[2])):
            th = yield a, b, depth, facts.among((left[0], value))
            if th is None:
                return None
            parts.append(th)
        th = branched(left[0], *parts)
        return k.trans(th, _applied(k.refl(cond), test, *(k.refl(r) for r in right[1:])))

    def _loop(self, loop: Term, left: Sequence[Term], right: Sequence[Term], depth: int, facts: Facts) -> Task:
        state = yield left[1], right[1], depth, facts
        if state is None:
            return None
        s, v = (t.var(f"~{depth + i}", x.bound_type) for i, x in enumerate((left[0], left[0].body)))
        found = self._elements(left[2], v, facts) if self._elements else None
        inner = facts.among((found[0], TRUE)) if found else facts
        first, last = (t.open_binder(t.open_binder(x[0], s), v) for x in (left, right))
        body = yield first, last, depth + 2, inner
        if body is None:
            return None
        if found is not None and (found[0], TRUE) in body.hypotheses:
            th = by_elements(loop, s, v, found[1], body)
        else:
            th = _applied(k.refl(arguments(loop)[0]), k.abs_(s, k.abs_(v, body)), k.refl(left[1]), k.refl(left[2]))
        return k.trans(th, _applied(k.refl(t.app(arguments(loop)[0], right[0])), state, k.refl(left[2])))


def _is_step(x: Term) -> bool:
    return x.kind == "L" and x.body.kind == "L"


def joined(first: Theorem | None, middle: Theorem, last: Theorem | None) -> Theorem:
    """|- a = d from a = b (or None), b = c and d = c (or None)."""
    th = k.trans(first, middle) if first else middle
    return k.trans(th, k.sym(last)) if last else th


def _applied(function: Theorem, *args: Theorem) -> Theorem:
    for a in args:
        function = k.app(function, a)
    return function
