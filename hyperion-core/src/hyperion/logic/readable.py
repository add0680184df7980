"""Untrusted. Theorems and proofs as people read them.

A proof is what is to be shown, a list of numbered lemmas, and then the theorem. What is shown by rewriting is a
calculation:

    h1: a <= b
    lemma 2, if h1
        a + (b + c)
      = a + b + c      by int.add.assoc
      = c + (a + b)    by int.add.comm, lemma 1, h1

Steps that only reduce, and the congruences around a step, are folded away. Definitions stand behind the theorem, each
once, then the axioms. What counts is the verdict of the checker; this is a presentation and cannot be read back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import definitions
from hyperion.logic.derivation import CASES, REASONS, Derivation, Reason
from hyperion.logic.kernel import AXIOMS, Equation, Theorem
from hyperion.logic.notation import Notation
from hyperion.logic.proof import Proof
from hyperion.logic.replay import replayed
from hyperion.logic.terms import Term, digest

_COLUMN = 60  # where reasons stand at most


def statement(left: Term, right: Term, hypotheses: Iterable[Equation] = ()) -> str:
    """`hypotheses |- left = right`, the names of long and repeated terms first, one a line."""
    return "\n".join(_Page().stated(left, right, hypotheses))


def steps(proof: Proof, most: int | None = None) -> Iterator[str]:
    """The lines of a proof; after `most` lines one that says how many remain.

    Raises ProofError (HY7001) for a proof file that is no proof.
    """
    lines = _Page().proof(Derivation(replayed(proof)))
    yield from islice(lines, most)
    remaining = sum(1 for _ in lines)
    if remaining:
        yield f"... {remaining} more lines"


class _Page:
    """The lines of one presentation, which share their names for terms and hypotheses."""

    def __init__(self) -> None:
        self._notation = Notation()
        self._hypotheses: dict[Equation, str] = {}
        self._new: list[str] = []

    def stated(self, left: Term, right: Term, hypotheses: Iterable[Equation]) -> list[str]:
        before = [self._equation(*h) for h in _sorted(hypotheses)]
        line = self._equation(left, right)
        return [*self._notation.names(), f"{', '.join(before)} |- {line}" if before else line]

    def proof(self, derivation: Derivation) -> Iterator[str]:
        root = derivation.root
        if derivation.lemmas:
            yield from self._section("to show", root, [f"  {self._equation(root.left, root.right)}"])
        for number, th in enumerate(derivation.lemmas, 1):
            yield from self._lemma(derivation, th, f"lemma {number}")
        yield from self._lemma(derivation, root, "theorem")
        yield from self._definitions(derivation)
        yield from self._axioms(root)

    def _section(self, title: str, th: Theorem, lines: Sequence[str]) -> Iterator[str]:
        """Lines under a title with the hypotheses; before it what they speak of and was not said before."""
        under = [self._hypothesis(h) for h in _sorted(th.hypotheses)]
        new, self._new = self._new, []
        yield from self._notation.names()
        yield from (*new, f"{title}, if {', '.join(under)}" if under else title, *lines, "")

    def _lemma(self, derivation: Derivation, th: Theorem, title: str) -> Iterator[str]:
        names = CASES.get(th.rule)
        if names is None:
            lines = self._calculation(derivation, th)
        else:
            shown = zip(names, derivation.premises(th), strict=True)
            cases = "; ".join(f"{name}: {self._by(derivation.cited(p))}" for name, p in shown)
            title += f" by {'induction' if th.rule.endswith('ind') else 'cases'} ({cases})"
            lines = [self._equation(th.left, th.right)]
        yield from self._section(title, th, [f"  {line}" for line in lines])

    def _calculation(self, derivation: Derivation, th: Theorem) -> list[str]:
        rows = [(f"  {self._notation.texts(th.left)[0]}", "")]
        for x, reasons in _merged(th, derivation.links(th)):
            rows.append((f"= {self._notation.texts(x)[0]}", self._by(reasons)))
        width = min(_COLUMN, max(len(text) for text, _ in rows))
        return [line for text, reason in rows for line in _aligned(text, reason, width)]

    def _definitions(self, derivation: Derivation) -> Iterator[str]:
        """Of every defined constant that was shown, as far as its definition is known."""
        known = {th.left.name: th.right for th in definitions().values()}
        known |= {th.left.name: th.right for th in derivation.order if th.rule == "define"}
        lines, done = list[str](), set[str]()
        while left := [name for name in self._notation.constants if name in known and name not in done]:
            for name in left:
                done.add(name)
                lines += self._notation.define(self._notation.word(name), known[name])
        yield from ["definitions", *(f"  {line}" for line in lines), ""] if lines else []

    def _axioms(self, theorem: Theorem) -> Iterator[str]:
        lines: list[str] = []
        for name in sorted(theorem.axioms):
            hypotheses, left, right = AXIOMS[name]
            *names, line = self.stated(left, right, hypotheses)
            lines += [*names, f"{name}: {line}"]
        yield from ["axioms", *(f"  {line}" for line in lines)] if lines else ["no axioms"]
        if theorem.oracles:
            yield f"believed without proof: {', '.join(sorted(theorem.oracles))}"

    def _hypothesis(self, hypothesis: Equation) -> str:
        """Its name, which is told when it is first used."""
        if hypothesis not in self._hypotheses:
            name = self._hypotheses[hypothesis] = f"h{len(self._hypotheses) + 1}"
            self._new.append(f"{name}: {self._equation(*hypothesis)}")
        return self._hypotheses[hypothesis]

    def _by(self, reasons: Sequence[Reason]) -> str:
        shown = [r if isinstance(r, str) else self._hypothesis(r) for r in reasons[:REASONS]]
        more = len(reasons) - REASONS
        return ", ".join(shown or ["reduction"]) + (f" and {more} more" if more > 0 else "")

    def _equation(self, left: Term, right: Term) -> str:
        """`b` for b = true and `not b` for b = false."""
        if right is TRUE:
            return self._notation.texts(left)[0]
        if right is FALSE:
            return f"not ({self._notation.texts(left)[0]})"
        return " = ".join(self._notation.texts(left, right))


def _merged(th: Theorem, links: Iterable[tuple[Theorem, tuple[Reason, ...]]]) -> list[tuple[Term, tuple[Reason, ...]]]:
    """The right sides of links, where links without a reason are part of the next one, or of the last."""
    rows: list[tuple[Term, tuple[Reason, ...]]] = []
    for link, reasons in links:
        if rows and not (rows[-1][1] and reasons):
            rows[-1] = link.right, rows[-1][1] or reasons
        else:
            rows.append((link.right, reasons))
    before = [th.left, *(x for x, _ in rows)]
    return [row for x, row in zip(before, rows, strict=False) if row[0] is not x] or rows[-1:]


def _aligned(text: str, reason: str, width: int) -> list[str]:
    if not reason:
        return [text]
    by = f"    by {reason}"
    return [f"{text.ljust(width)}{by}"] if len(text) <= width else [text, " " * width + by]


def _sorted(hypotheses: Iterable[Equation]) -> list[Equation]:
    return sorted(hypotheses, key=lambda h: (digest(h[0]), digest(h[1])))
