"""Untrusted. Theorems and proofs as people read them.

A proof is a list of numbered lemmas and then the theorem. Where a lemma is shown by rewriting, it is a calculation:

    lemma 2
        a + (b + c)
      = a + b + c      by int.add.assoc
      = c + (a + b)    by int.add.comm, lemma 1

Steps that only reduce, and the congruences around a step, are folded away. Definitions that are used stand behind the
theorem, then the axioms. What counts is the verdict of the checker; this is a presentation and cannot be read back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Final, cast

from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import definitions
from hyperion.logic.kernel import AXIOMS, Equation, Sequent, Theorem
from hyperion.logic.notation import Notation
from hyperion.logic.proof import Proof
from hyperion.logic.replay import replayed
from hyperion.logic.terms import Term, digest

_REASONS: Final = 6  # a line has at most so many; a calculation inside with more is a lemma of its own
_MOST_REASONS: Final = 64
_LEMMA: Final = 2  # a derivation that is used twice is a lemma if it has so many reasons
_CASES: Final = {
    "boolcases": ("true", "false"),
    "outcases": ("ok", "trap", "diverge"),
    "listind": ("empty", "one element more"),
    "natind": ("zero", "one more"),
}
_HYPOTHESIS: Final = re.compile(r"h\d+\Z")


def statement(left: Term, right: Term, hypotheses: Iterable[Equation] = ()) -> str:
    """`hypotheses |- left = right`, the names of long and repeated terms first, one a line."""
    return "\n".join(_Page().stated(left, right, hypotheses))


def steps(proof: Proof, most: int | None = None) -> Iterator[str]:
    """The lines of a proof; after `most` lines one that says how many remain.

    Raises ProofError (HY7001) for a proof file that is no proof.
    """
    lines = _Page().proof(replayed(proof))
    yield from islice(lines, most)
    remaining = sum(1 for _ in lines)
    if remaining:
        yield f"... {remaining} more lines"


class _Derivation:
    """What to show of each step of a proof: the reasons for it, and which steps are lemmas."""

    def __init__(self, theorem: Theorem) -> None:
        self.root = theorem
        self._premises: dict[int, tuple[Theorem, ...]] = {}
        self.order = self._distinct(theorem)
        self.numbers: dict[int, int] = {}
        self.hypotheses: dict[Equation, int] = {}
        self.lemmas: list[Theorem] = []
        self.reasons: dict[int, tuple[str, ...]] = {}
        self._chained = self._inside_chains()
        uses: dict[int, int] = {}
        structural: set[int] = set()
        known: dict[Sequent, int] = {}
        for th in self.order:
            for p in self.premises(th):
                uses[id(p)] = uses.get(id(p), 0) + 1
                if th.rule in _CASES:
                    structural.add(id(p))
        for th in self.order:
            found = self._found(th)
            self.reasons[id(th)] = found
            wanted = (
                th.rule in _CASES
                or id(th) in structural
                or (uses.get(id(th), 0) > 1 and len(found) >= _LEMMA and th.rule not in ("sym", "inst", "insttype"))
                or (th.rule == "trans" and len(found) > _REASONS and id(th) not in self._chained)
            )
            said = th.hypotheses, th.left, th.right
            if said in known:
                self.numbers[id(th)] = known[said]
            elif th is not self.root and wanted and (found or id(th) in structural):
                known[said] = self.numbers[id(th)] = len(self.lemmas) + 1
                self.lemmas.append(th)

    def _distinct(self, theorem: Theorem) -> list[Theorem]:
        """Every step, premises before conclusions; a step that is taken again is one, as in a proof file."""
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

    def premises(self, th: Theorem) -> tuple[Theorem, ...]:
        return self._premises[id(th)]

    def _inside_chains(self) -> set[int]:
        """The links of a longer chain of equations."""
        parents: dict[int, list[Theorem]] = {}
        for th in self.order:
            for p in self.premises(th):
                parents.setdefault(id(p), []).append(th)
        return {i for i, above in parents.items() if all(th.rule == "trans" for th in above)}

    def _found(self, th: Theorem) -> tuple[str, ...]:
        match th.rule:
            case "axiom":
                return (str(th.arguments[0]),)
            case "oracle":
                return (f"oracle {th.arguments[0]}",)
            case "define":
                return (f"definition of {th.arguments[0]}",)
            case "compute":
                return ("arithmetic",)
            case "assume":
                return (f"h{self.hypothesis(th.left, th.right)}",)
            case "cut":
                first, second = self.premises(th)
                cut = f"h{self.hypotheses.get((first.left, first.right))}"
                return _merged(self.cited(first), (r for r in self.cited(second) if r != cut))
            case _:
                return _merged(*map(self.cited, self.premises(th)))

    def hypothesis(self, left: Term, right: Term) -> int:
        """The number of a hypothesis."""
        return self.hypotheses.setdefault((left, right), len(self.hypotheses) + 1)

    def cited(self, th: Theorem) -> tuple[str, ...]:
        """How a step that uses `th` speaks of it."""
        number = self.numbers.get(id(th))
        return self.reasons[id(th)] if number is None else (f"lemma {number}",)

    def links(self, th: Theorem) -> list[Theorem]:
        """The links of a chain of equations, in order."""
        links: list[Theorem] = []
        stack = [th]
        while stack:
            link = stack.pop()
            if link.rule == "trans" and (link is th or id(link) not in self.numbers):
                stack.extend(reversed(self.premises(link)))
            else:
                links.append(link)
        return links


class _Page:
    """The lines of one presentation, which share their names for terms."""

    def __init__(self) -> None:
        self._notation = Notation()
        self._hypotheses: set[int] = set()

    def stated(self, left: Term, right: Term, hypotheses: Iterable[Equation]) -> list[str]:
        before = [self._equation(*h) for h in _sorted(hypotheses)]
        line = self._equation(left, right)
        return [*self._notation.names(), f"{', '.join(before)} |- {line}" if before else line]

    def proof(self, theorem: Theorem) -> Iterator[str]:
        derivation = _Derivation(theorem)
        for number, th in enumerate(derivation.lemmas, 1):
            yield from self._lemma(derivation, th, f"lemma {number}")
        yield from self._lemma(derivation, derivation.root, "theorem")
        yield from self._definitions(derivation)
        yield from self._axioms(derivation)

    def _lemma(self, derivation: _Derivation, th: Theorem, title: str) -> Iterator[str]:
        numbers = sorted(derivation.hypothesis(*h) for h in _sorted(th.hypotheses))
        under = f", if {', '.join(f'h{n}' for n in numbers)}" if numbers else ""
        if th.rule in _CASES:
            cases = zip(_CASES[th.rule], derivation.premises(th), strict=True)
            how = "by induction" if th.rule.endswith("ind") else "by cases"
            title += f" {how} ({'; '.join(f'{case}: {_by(derivation.cited(p))}' for case, p in cases)})"
            lines = self._aligned([(self._equation(th.left, th.right), "")])
        else:
            lines = self._calculation(derivation, th)
        used = (int(r[1:]) for r in derivation.reasons[id(th)] if _HYPOTHESIS.match(r))
        told = self._told(derivation, (*numbers, *used))
        yield from self._notation.names()
        yield from (*told, title + under, *(f"  {line}" for line in lines), "")

    def _calculation(self, derivation: _Derivation, th: Theorem) -> list[str]:
        """Links without a reason are part of the next one, or of the last."""
        rows: list[tuple[Term, tuple[str, ...]]] = []
        for link in derivation.links(th):
            reasons = derivation.cited(link) if link is not th else derivation.reasons[id(th)]
            if rows and not rows[-1][1]:
                rows[-1] = link.right, reasons
            elif rows and not reasons:
                rows[-1] = link.right, rows[-1][1]
            else:
                rows.append((link.right, reasons))
        rows = [row for k, row in enumerate(rows) if row[0] is not (rows[k - 1][0] if k else th.left)] or rows[-1:]
        left, *rights = (self._notation.texts(x)[0] for x in (th.left, *(x for x, _ in rows)))
        return self._aligned([(f"  {left}", ""), *((f"= {x}", _by(r)) for x, (_, r) in zip(rights, rows, strict=True))])

    def _told(self, derivation: _Derivation, numbers: Iterable[int]) -> list[str]:
        """The hypotheses among `numbers` that were not told before."""
        new = sorted(set(numbers) - self._hypotheses)
        self._hypotheses.update(new)
        known = list(derivation.hypotheses)
        return [f"h{n}: {self._equation(*known[n - 1])}" for n in new]

    def _aligned(self, rows: Sequence[tuple[str, str]]) -> list[str]:
        width = min(60, max(len(text) for text, _ in rows))
        lines: list[str] = []
        for text, reason in rows:
            if reason and len(text) > width:
                lines += [text, f"{' ' * width}    by {reason}"]
            else:
                lines.append(f"{text.ljust(width)}    by {reason}" if reason else text)
        return lines

    def _definitions(self, derivation: _Derivation) -> Iterator[str]:
        """Of every defined constant that was shown, as far as its definition is known."""
        known = {th.left.name: th.right for th in definitions().values()}
        known |= {th.left.name: th.right for th in derivation.order if th.rule == "define"}
        lines, done = list[str](), set[str]()
        while left := [name for name in self._notation.constants if name in known and name not in done]:
            for name in left:
                done.add(name)
                lines += self._notation.define(self._notation.word(name), known[name])
        yield from ["definitions", *(f"  {line}" for line in lines), ""] if lines else []

    def _axioms(self, derivation: _Derivation) -> Iterator[str]:
        lines: list[str] = []
        for name in sorted(derivation.root.axioms):
            hypotheses, left, right = AXIOMS[name]
            *names, line = self.stated(left, right, hypotheses)
            lines += [*names, f"{name}: {line}"]
        yield from ["axioms", *(f"  {line}" for line in lines)] if lines else ["no axioms"]

    def _equation(self, left: Term, right: Term) -> str:
        """`b` for b = true and `not b` for b = false."""
        if right is TRUE:
            return self._notation.texts(left)[0]
        if right is FALSE:
            return f"not ({self._notation.texts(left)[0]})"
        return " = ".join(self._notation.texts(left, right))


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


def _merged(*reasons: Iterable[str]) -> tuple[str, ...]:
    return tuple(islice(dict.fromkeys(chain.from_iterable(reasons)), _MOST_REASONS))


def _sorted(hypotheses: Iterable[Equation]) -> list[Equation]:
    return sorted(hypotheses, key=lambda h: (digest(h[0]), digest(h[1])))


def _by(reasons: Sequence[str]) -> str:
    if not reasons:
        return "reduction"
    more = len(reasons) - _REASONS
    return ", ".join(reasons[:_REASONS]) + (f" and {more} more" if more > 0 else "")
