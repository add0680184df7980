r"""Untrusted. A cell of the rows after a turn: of the new row, or of the rows before.

    F (look s) a [= X, look s a [= X    gives    look s' a [= X

by cases on the column where a would be, and on whether the arguments of the cells there are a.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, head
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, by_cases, replace_all
from hyperion_proofs.implication import equal_words
from hyperion_proofs.recursions.approximation import moved, outcomes_of, read, trapped, upto
from hyperion_proofs.recursions.reading import tests_of
from hyperion_proofs.recursions.states import before_the_first, element_of_map

MOST_CASES = 12


@dataclass
class NewRow:
    """look s' a [= X, by cases on where a lies: `new` and `old` are look s' a and look s a, for the arguments `asked`.
    The new row has the cells of `made`, at the arguments `cell` of a column; `arrays` are those that are read."""

    new: Term
    old: Term
    asked: Term
    made: Term
    cell: Callable[[Term], Term]
    arrays: Sequence[Term]
    x: Term

    def __post_init__(self) -> None:
        spread = replace_all(self.new, element_of_map)
        self.first = spread if spread is not None else k.refl(self.new)
        self.given = [before_the_first(a) for a in self.arrays]
        self.new_fact = k.assume(upto(t.app(self.made, self.asked), self.x), self.x)
        self.old_fact = k.assume(upto(self.old, self.x), self.x)

    def theorem(self) -> Theorem:
        th = read(self.first.right, *self.given)
        place = next((u for u in places(th.right, ()) if arguments(u)[1][1] is self.arrays[0]), None)
        if place is None:
            raise NoProof("the column of a cell is not read")
        return outcomes_of(place, self._at_column)

    def _at_column(self, known: Theorem) -> Theorem:
        if head(known.right) != "ok":
            return self._trap([known])
        own = self.cell(known.right.argument)
        tests = [
            apply("eq", apply("toZ.i64", x), apply("toZ.i64", y))
            for x, y in zip(own.items, self.asked.items, strict=True)
        ]

        def second(first: Theorem) -> Theorem:
            if first.right is FALSE:
                return self._before([known, first], MOST_CASES)
            return by_cases(tests[1], *self._goal(), lambda other: met(first, other))

        def met(first: Theorem, other: Theorem) -> Theorem:
            if other.right is FALSE:
                return self._before([known, first, other], MOST_CASES)
            pair = k.tuple_(*(equal_words(th) for th in (first, other)))
            same = k.app(k.refl(self.made), pair)
            return outcomes_of(same.right, lambda cell: self._here([known, first, other], same, cell))

        return by_cases(tests[0], *self._goal(), second)

    def _goal(self) -> tuple[Term, Term]:
        return upto(self.first.left, self.x), self.x

    def _here(self, given: list[Theorem], same: Theorem, cell: Theorem) -> Theorem:
        """The cell of the new row is the one that is asked for."""
        facts = [*given, k.trans(same, cell)]
        if head(cell.right) != "ok":
            return self._before(facts, MOST_CASES)
        th = packed(self._read(facts))
        if th.right is not cell.right:
            raise NoProof("the new row has another value")
        return moved(self.new_fact, k.trans(cell, k.sym(th)), k.refl(self.x))

    def _read(self, given: Sequence[Theorem]) -> Theorem:
        return k.trans(self.first, read(self.first.right, *self.given, *given))

    def _trap(self, given: Sequence[Theorem]) -> Theorem:
        th = self._read(given)
        if head(th.right) == "ok":
            raise NoProof("a cell outside of the row is known")
        return moved(trapped(self.x, th.right), k.sym(th), k.refl(self.x))

    def _before(self, given: list[Theorem], rest: int) -> Theorem:
        """The cell that is asked for is none of the new row: a trap, or what the rows before have."""
        th = self._read(given)
        if head(th.right) in ("trap", "diverge"):
            return self._trap(given)
        old = read(self.old, *self.given, *given)
        if old.right is th.right:
            return moved(self.old_fact, k.trans(old, k.sym(th)), k.refl(self.x))
        if not rest:
            raise NoProof("the rows before have other cells")
        place = next(places(th.right, given), None)
        if place is not None:
            return outcomes_of(place, lambda known: self._before([*given, known], rest - 1))
        test = next((c for x in (th.right, old.right) for c in tests_of(x)), None)
        if test is None:
            raise NoProof("a cell is neither in a row nor outside")
        return by_cases(test, *self._goal(), lambda known: self._before([*given, known], rest - 1))


def places(x: Term, given: Sequence[Theorem]) -> Iterator[Term]:
    """The accesses to arrays in a term whose places are known, and which are not given."""
    known = {th.left for th in given}
    for u in t.subterms(x):
        whole = head(u) == "get" and len(arguments(u)[1]) == 3 and not u.loose
        if whole and u not in known and not any(head(v) == "cond" for v in t.subterms(arguments(u)[1][2])):
            yield u


def packed(th: Theorem) -> Theorem:
    """From |- o = ok (v.0, v.1, ..): |- o = ok v."""
    x = th.right
    if head(x) != "ok" or x.argument.kind != "T" or x.argument.items[0].kind != "P":
        return th
    whole = k.tupeta(x.argument.items[0].body)
    return k.trans(th, k.app(k.refl(x.function), whole)) if whole.left is x.argument else th
