"""Damaged proofs for tests: rows of a real proof with one thing changed, aimed at one rule or one kind of term.

Most mutants keep types and shapes, so that they get past the first look; some are spliced from two proofs. Whoever
changes the right side of a definition also writes its new digest.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any, Final, TypeAlias  # Any: JSON values

from hyperion.logic import checker
from hyperion.logic.kernel import AXIOMS
from hyperion.logic.theory import axiom_digest, axiom_text

Json: TypeAlias = Any
Rows: TypeAlias = dict[str, Any]
Kinds: TypeAlias = Mapping[str, str]

RULES: Final[Kinds] = checker.VERSION_1
LITERALS: Final = ["0", "1", "-1", "2", "128", "-128", "9223372036854775808", "0/1", "1/1", "1/2", "8000000000000000",
                   "0000000000000000", "7ff8000000000000", "3ff0000000000000", "00000000", "80000000"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed proof; `aim` is the rule of the changed step or the tag of the changed term, `kind` the change."""

    aim: str
    kind: str
    rows: Rows

    def text(self, version: int) -> str:
        """The proof file in that version of the format; in version 2 with axioms' digests that fit."""
        return json.dumps(self.rows) if version == 1 else lines_of(self.rows).decode()


class Sample:
    """A proof with what its rows are: the type of each term, and of what each step concludes."""

    def __init__(self, rows: Mapping[str, Json]) -> None:
        self.rows: Rows = json.loads(json.dumps(rows))
        replay = checker.Replay(_theory(), dict(checker.LIMITS))
        for table, read in (("types", replay.read_type), ("terms", replay.read_term), ("steps", replay.read_step)):
            for row in self.rows[table]:
                read(*row)
        self.types: list[str] = [term.type.text for term in replay.terms]
        self.conclusions: list[str] = [s.left.type.text for s in replay.steps]
        self.statement = _statement(replay)

    def premises_alike(self, step: int, before: int) -> list[int]:
        """The steps before a place whose conclusions have the type of that of `step`."""
        return [i for i, ty in enumerate(self.conclusions[:before]) if ty == self.conclusions[step]]

    def alike(self, term: int) -> list[int]:
        """The other terms of the same type."""
        return [i for i, ty in enumerate(self.types) if ty == self.types[term] and i != term]


def _statement(replay: checker.Replay) -> tuple[str, str]:
    last = replay.steps[-1]
    return checker.digest(last.left), checker.digest(last.right)


@cache
def _theory() -> checker.Theory:
    return checker.Theory(axiom_text())


class Mutator:
    """Makes mutants of `samples`, each rule and each kind of change about equally often."""

    def __init__(self, samples: Sequence[Sample], random: Random) -> None:
        self._samples = samples
        self._random = random
        self._by_rule: dict[str, list[tuple[Sample, int]]] = {}
        self._by_tag: dict[str, list[tuple[Sample, int]]] = {}
        for sample in samples:
            for i, row in enumerate(sample.rows["steps"]):
                self._by_rule.setdefault(row[0], []).append((sample, i))
            for i, row in enumerate(sample.rows["terms"]):
                self._by_tag.setdefault(row[0], []).append((sample, i))
        steps: list[Callable[[Sample, Rows, int], str]] = [
            self._another_premise, self._permuted_premises, self._another_rule, self._dropped, self._doubled,
            self._exchanged, self._another_term, self._another_term, self._another_substitution, self._another_name,
        ]  # fmt: skip
        self._steps = steps
        self.rules = sorted(self._by_rule)

    def make(self) -> Mutant:
        """A mutant; it may happen to equal its original."""
        draw = self._random.random()
        if draw < 0.12:
            return self._splice()
        if draw < 0.6:
            rule = self._random.choice(self.rules)
            sample, at = self._random.choice(self._by_rule[rule])
            rows = copy.deepcopy(sample.rows)
            kind = self._random.choice(self._steps)(sample, rows, at)
            return Mutant(f"step {rule}", kind, rows)
        if draw < 0.67:
            return self._type()
        tag = self._random.choice(sorted(self._by_tag))
        sample, at = self._random.choice(self._by_tag[tag])
        rows = copy.deepcopy(sample.rows)
        kind = self._term(sample, rows, at)
        if self._random.random() < 0.5:
            kind += self._new_digests(rows)
        return Mutant(f"term {tag}", kind, rows)

    def _another_premise(self, sample: Sample, rows: Rows, at: int) -> str:
        places = _places(rows["steps"][at], "#")
        if places and at:
            place = self._random.choice(places)
            same = sample.premises_alike(place[1], at)
            rows["steps"][at][place[0]] = self._random.choice(same or [self._random.randrange(at)])
        return "another premise"

    def _permuted_premises(self, sample: Sample, rows: Rows, at: int) -> str:
        row = rows["steps"][at]
        places = [p for p, _ in _places(row, "#")]
        values = [row[p] for p in places]
        self._random.shuffle(values)
        for p, value in zip(places, values, strict=True):
            row[p] = value
        return "permuted premises"

    def _another_rule(self, sample: Sample, rows: Rows, at: int) -> str:
        row = rows["steps"][at]
        alike = [r for r, kinds in RULES.items() if kinds == RULES[row[0]] and r != row[0]]
        row[0] = self._random.choice(alike if alike and self._random.random() < 0.7 else sorted(RULES))
        return "another rule"

    def _dropped(self, sample: Sample, rows: Rows, at: int) -> str:
        """Without a step: later ones use its first premise, or the step that takes its place."""
        gone = rows["steps"].pop(at)
        instead = next((i for _, i in _places(gone, "#")), None)

        def moved(i: int) -> int:
            return i if i < at else i - 1 if i > at or instead is None else instead

        if self._random.random() < 0.7:
            _renumber(rows, at, moved)
        return "dropped step"

    def _doubled(self, sample: Sample, rows: Rows, at: int) -> str:
        rows["steps"].insert(at, copy.deepcopy(rows["steps"][at]))
        if self._random.random() < 0.5:
            _renumber(rows, at + 2, lambda i: i + (i >= at))
        return "doubled step"

    def _exchanged(self, sample: Sample, rows: Rows, at: int) -> str:
        other = self._random.randrange(len(rows["steps"]))
        steps = rows["steps"]
        steps[at], steps[other] = steps[other], steps[at]
        return "exchanged steps"

    def _another_term(self, sample: Sample, rows: Rows, at: int) -> str:
        row = rows["steps"][at]
        places = _places(row, "tv")
        if places:
            place, term = self._random.choice(places)
            row[place] = self._random.choice(sample.alike(term) or [self._random.randrange(len(rows["terms"]))])
        return "another term"

    def _another_substitution(self, sample: Sample, rows: Rows, at: int) -> str:
        row = rows["steps"][at]
        places = _places(row, "pq")
        if not places:
            return self._another_premise(sample, rows, at)
        pairs = row[places[0][0]]
        change = self._random.randrange(4)
        if change == 0 and pairs:
            pairs.pop(self._random.randrange(len(pairs)))
        elif change == 1 and pairs:
            pair = self._random.choice(pairs)
            count = len(rows["terms" if RULES[row[0]][0] == "p" else "types"])
            alike = sample.alike(pair[1]) if RULES[row[0]][0] == "p" else []
            pair[1] = self._random.choice(alike or [self._random.randrange(count)])
        elif change == 2 and pairs:
            pair = self._random.choice(pairs)
            names = ["'a", "'b", "'s", "'x", "int", "i64", "bool"]
            variables = [i for i, r in enumerate(rows["terms"]) if r[0] == "V"]
            pair[0] = self._random.choice(variables or [0]) if RULES[row[0]][0] == "p" else self._random.choice(names)
        else:
            pairs += copy.deepcopy(pairs[:1])
        return "another substitution"

    def _another_name(self, sample: Sample, rows: Rows, at: int) -> str:
        row = rows["steps"][at]
        if row[0] == "axiom":
            names = sorted(_theory().axioms)
            near = [n for n in names if n.partition(".")[0] == row[1].partition(".")[0]]
            row[1] = self._random.choice(near if self._random.random() < 0.7 else [*names, "int.zero.is.one"])
            return "another axiom"
        if row[0] == "define":
            row[1] = self._random.choice(["d", "fold", "a b", "", "x@y"])
            return "another label"
        return self._another_premise(sample, rows, at)

    def _term(self, sample: Sample, rows: Rows, at: int) -> str:
        row = rows["terms"][at]
        match row[0]:
            case "V":
                row[1] = self._random.choice([r[1] for r in rows["terms"] if r[0] == "V"])
                return "another variable"
            case "B":
                row[1] = max(0, row[1] + self._random.choice([1, -1]))
                return "another bound variable"
            case "C":
                alike = [rows["terms"][i][1] for i in sample.alike(at) if rows["terms"][i][0] == "C"]
                row[1] = self._random.choice(alike + _SWAPS.get(row[1], []) or ["add"])
                return "another constant"
            case "K":
                row[2] = self._random.choice([*LITERALS, _negated(row[2]), row[2] + "0"])
                return "another literal"
            case "L":
                if self._random.random() < 0.5:
                    row[1] = self._random.randrange(len(rows["types"]))
                    return "another binder"
                row[2] = self._random.choice(sample.alike(row[2]) or [row[2]])
                return "another body"
            case "P":
                row[1] = self._random.choice([0, 1, 2, row[1] + 1, True])
                return "another component"
            case "T" if self._random.random() < 0.5:
                row[1:] = row[1:][::-1]
                return "reversed tuple"
            case _:
                place = self._random.randrange(1, len(row))
                alike = [i for i in sample.alike(row[place]) if i < at]
                row[place] = self._random.choice(alike or [self._random.randrange(at or 1)])
                return "another part"

    def _type(self) -> Mutant:
        sample = self._random.choice(self._samples)
        rows = copy.deepcopy(sample.rows)
        row = self._random.choice(rows["types"])
        if row[0] == "var" or len(row) == 2:
            row[1] = self._random.choice(["int", "bool", "i64", "i32", "real", "f64", "'a", "'b", "ext:x", "nat"])
            row[0] = "var" if row[1][0] == "'" else "con"
        else:
            place = self._random.randrange(2, len(row))
            row[place] = self._random.randrange(row[place] + 1)
        return Mutant("type", "another type" + self._new_digests(rows), rows)

    def _splice(self) -> Mutant:
        """Two proofs in one file, joined by a rule."""
        one, other = self._random.choice(self._samples), self._random.choice(self._samples)
        rows = joined(one.rows, other.rows)
        first, last = len(one.rows["steps"]), len(rows["steps"])
        a = self._random.choice([first - 1, self._random.randrange(first)])
        b = self._random.choice([last - 1, self._random.randrange(first, last)])
        rule = self._random.choice(["trans", "app", "cut", "tuple", "cut", "app"])
        rows["steps"].append([rule, a, b])
        return Mutant(f"step {rule}", "spliced proofs", rows)

    def _new_digests(self, rows: Rows) -> str:
        """Rename every defined constant to the digest that its right side has now."""
        for row in [r for r in rows["steps"] if r[0] == "define"]:
            now = _digest_of(rows, row[2])
            if not now:
                return ""
            new = f"{row[1]}@{now}"
            old = [r[1] for r in rows["terms"] if r[0] == "C" and r[1].startswith(f"{row[1]}@")]
            for entry in rows["terms"]:
                if entry[0] == "C" and entry[1] in old:
                    entry[1] = new
        return ", new digests"


def _digest_of(rows: Rows, term: int) -> str:
    """The digest of a term; empty where the rows are no terms."""
    replay = checker.Replay(_theory(), dict(checker.LIMITS))
    try:
        for entry in rows["types"]:
            replay.read_type(*entry)
        for entry in rows["terms"]:
            replay.read_term(*entry)
        return checker.digest(replay.terms[term])
    except (checker.Refused, TypeError, ValueError, IndexError):
        return ""


def lines_of(rows: Mapping[str, Json]) -> bytes:
    """The rows of version 1 as the lines of version 2."""
    steps = [[*row, _digest(row[1])] if row[:1] == ["axiom"] and len(row) == 2 else row for row in rows["steps"]]
    entries = [*rows["types"], *rows["terms"], *steps]
    end = ["end", *(len(rows[table]) for table in ("types", "terms", "steps"))]
    return "".join(json.dumps(entry) + "\n" for entry in [["hyperion-proof", 2], *entries, end]).encode()


def _digest(name: Json) -> str:
    return axiom_digest(name) if isinstance(name, str) and name in AXIOMS else "0" * 64


_SWAPS: Final[Mapping[str, list[str]]] = {
    "true": ["false"], "false": ["true"], "add": ["sub", "mul", "max"], "max": ["min"], "min": ["max"],
    "mul": ["add"], "le": ["lt"], "lt": ["le"], "trap": ["diverge"], "diverge": ["trap"], "and": ["or"],
    "or": ["and"], "toZ.i64": ["toZ.i32"], "ofZ.i64": ["ofZ.u64", "ofZ.i32"], "radd": ["rmul"], "nil": ["trap"],
}  # fmt: skip


def _negated(text: str) -> str:
    return text[1:] if text.startswith("-") else f"-{text}"


def _places(row: list[Json], kinds: str) -> list[tuple[int, Json]]:
    """Where a step has arguments of these kinds, with the values."""
    shape = "#" * (len(row) - 1) if RULES[row[0]] == "*" else RULES[row[0]].replace("*", "#")
    return [(i + 1, row[i + 1]) for i, kind in enumerate(shape) if kind in kinds]


def _renumber(rows: Rows, start: int, moved: Callable[[int], int]) -> None:
    for row in rows["steps"][start:]:
        for place, value in _places(row, "#"):
            row[place] = moved(value)


def joined(one: Mapping[str, Json], other: Mapping[str, Json]) -> Rows:
    """The rows of both, those of the second renumbered."""
    rows: Rows = copy.deepcopy(dict(one))
    types, terms, steps = (len(rows[table]) for table in ("types", "terms", "steps"))
    for tag, *args in other["types"]:
        rows["types"].append([tag, args[0], *(a + types for a in args[1:])])
    for tag, *args in other["terms"]:
        by = {"i": 0, "s": 0, "y": types, "k": terms, "*": terms}
        kinds = "*" * len(args) if checker.TERMS[tag] == "*" else checker.TERMS[tag]
        rows["terms"].append([tag, *(a + by[k] if by[k] else a for k, a in zip(kinds, args, strict=True))])
    for row in other["steps"]:
        moved = copy.deepcopy(row)
        for place, value in _places(row, "#"):
            moved[place] = value + steps
        for place, value in _places(row, "tv"):
            moved[place] = value + terms
        for place, value in _places(row, "p"):
            moved[place] = [[a + terms, b + terms] for a, b in value]
        for place, value in _places(row, "q"):
            moved[place] = [[a, b + types] for a, b in value]
        rows["steps"].append(moved)
    return rows
