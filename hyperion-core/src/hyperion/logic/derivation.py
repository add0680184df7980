"""Untrusted. What to show of the steps of a proof: which of them are lemmas, and what each one is shown by.

Congruences, symmetry and instances add nothing to read: a step that uses one is shown by what that is shown by.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, islice
from typing import Final, TypeAlias, cast

from hyperion.logic.kernel import Equation, Sequent, Theorem

Reason: TypeAlias = "str | Equation"
"""An axiom, a lemma or what the kernel did; or a hypothesis."""

CASES: Final = {
    "boolcases": ("true", "false"),
    "outcases": ("ok", "trap", "diverge"),
    "listind": ("empty", "one element more"),
    "natind": ("zero", "one more"),
}
"""The rules with cases, and these."""

REASONS: Final = 6  # a line has at most so many; a calculation inside with more is a lemma of its own
_MOST_REASONS: Final = 64
_LEMMA: Final = 2  # a derivation that is used twice is a lemma if it has so many reasons
_PLAIN: Final = frozenset(("sym", "inst", "insttype"))


class Derivation:
    """The steps of a proof, premises before conclusions, and the numbers of those that are lemmas."""

    def __init__(self, theorem: Theorem) -> None:
        self._premises: dict[int, tuple[Theorem, ...]] = {}
        self._numbers: dict[int, int] = {}
        self._reasons: dict[int, tuple[Reason, ...]] = {}
        self.root = theorem
        self.order = self._distinct(theorem)
        self.lemmas = self._lemmas()

    def _distinct(self, theorem: Theorem) -> list[Theorem]:
        """Every step; one that is taken again is one, as in a proof file."""
        order: list[Theorem] = []
        same: dict[int, Theorem] = {}
        known: dict[tuple[object, ...], Theorem] = {}
        for th in _order(theorem):
            premises = tuple(same[id(p)] for p in th.premises)
            first = known.setdefault((th.rule, *map(_unordered, th.arguments), *map(id, premises)), th)
            same[id(th)] = first
            if first is th:
                order.append(th)
                self._premises[id(th)] = premises
        self.root = same[id(theorem)]
        return order

    def _lemmas(self) -> list[Theorem]:
        """What is shown by cases, the cases, what is used often, and long calculations inside of others."""
        above: dict[int, list[Theorem]] = {}
        for th in self.order:
            for p in self.premises(th):
                above.setdefault(id(p), []).append(th)
        lemmas: list[Theorem] = []
        known: dict[Sequent, int] = {}
        for th in self.order:
            reasons = self._reasons[id(th)] = self._found(th)
            users = above.get(id(th), [])
            said = th.hypotheses, th.left, th.right
            if said in known:
                self._numbers[id(th)] = known[said]
            elif th is not self.root and _is_lemma(th, reasons, users):
                lemmas.append(th)
                known[said] = self._numbers[id(th)] = len(lemmas)
        return lemmas

    def _found(self, th: Theorem) -> tuple[Reason, ...]:
        match th.rule:
            case "axiom":
                return (str(th.arguments[0]),)
            case "oracle":
                return (f"the word of {th.arguments[0]}",)
            case "define":
                return (f"definition of {th.arguments[0]}",)
            case "compute":
                return ("arithmetic",)
            case "assume":
                return ((th.left, th.right),)
            case "cut":
                fact, rest = self.premises(th)
                said = fact.left, fact.right
                return _merged(self.cited(fact), (r for r in self.cited(rest) if r != said))
            case _:
                return _merged(*map(self.cited, self.premises(th)))

    def premises(self, th: Theorem) -> tuple[Theorem, ...]:
        return self._premises[id(th)]

    def reasons(self, th: Theorem) -> tuple[Reason, ...]:
        """What `th` is shown by."""
        return self._reasons[id(th)]

    def cited(self, th: Theorem) -> tuple[Reason, ...]:
        """What a step that uses `th` says of it."""
        number = self._numbers.get(id(th))
        return self._reasons[id(th)] if number is None else (f"lemma {number}",)

    def links(self, th: Theorem) -> list[tuple[Theorem, tuple[Reason, ...]]]:
        """The links of a chain of equations, in order, each with its reasons."""
        links: list[tuple[Theorem, tuple[Reason, ...]]] = []
        stack = [th]
        while stack:
            link = stack.pop()
            if link.rule == "trans" and (link is th or id(link) not in self._numbers):
                stack.extend(reversed(self.premises(link)))
            else:
                links.append((link, self.reasons(link) if link is th else self.cited(link)))
        return links


def _is_lemma(th: Theorem, reasons: tuple[Reason, ...], users: list[Theorem]) -> bool:
    if th.rule in CASES or any(user.rule in CASES for user in users):
        return True
    if len(users) > 1 and len(reasons) >= _LEMMA and th.rule not in _PLAIN:
        return True
    return th.rule == "trans" and len(reasons) > REASONS and any(user.rule != "trans" for user in users)


def _order(theorem: Theorem) -> list[Theorem]:
    """Every step, premises in their order before conclusions."""
    order: list[Theorem] = []
    seen: set[int] = set()
    stack = [(theorem, False)]
    while stack:
        th, ready = stack.pop()
        if ready:
            order.append(th)
        elif id(th) not in seen:
            seen.add(id(th))
            stack.append((th, True))
            stack.extend((p, False) for p in reversed(th.premises))
    return order


def _unordered(argument: object) -> object:
    """A substitution, or hypotheses, whose order means nothing."""
    return frozenset(cast("tuple[object, ...]", argument)) if isinstance(argument, tuple) else argument


def _merged(*reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    return tuple(islice(dict.fromkeys(chain.from_iterable(reasons)), _MOST_REASONS))
