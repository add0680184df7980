"""Rewrite rules: theorems read from left to right, found by a discrimination tree over their left sides (McCune
1992)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from hyperion.errors import ProofError
from hyperion.logic.derived import arguments
from hyperion.logic.kernel import Equation, Theorem
from hyperion.logic.terms import Term
from hyperion_tactics import matching
from hyperion_tactics.matching import free_variables
from hyperion_tactics.order import is_variant
from hyperion_tactics.printing import text

Symbol: TypeAlias = tuple[str, str, int]
_ANY: Symbol = ("*", "", 0)
_Pending: TypeAlias = "tuple[Term, _Pending] | None"


@dataclass(frozen=True, slots=True)
class Rule:
    """`left -> right` where the conditions hold. Variables in `fixed` stand for themselves."""

    name: str
    theorem: Theorem
    fixed: frozenset[Term]
    conditions: tuple[Equation, ...]
    permutes: bool
    """Both sides are the same but for names of variables, so it is used only where its result is less in the order."""

    def at(self, x: Term) -> Theorem | None:
        return matching.at(self.theorem, x, self.fixed)


@dataclass(frozen=True, slots=True)
class Procedure:
    """A conversion for terms with the constant `head` at their head, where a rule for each would be too many. It gives
    None, or raises NoProof, where it does not apply."""

    name: str
    head: str
    convert: Callable[[Term], Theorem | None]


def rule(name: str, theorem: Theorem, fixed: Iterable[Term] = ()) -> Rule:
    """Raises ProofError (HY7042) for a left side that is a variable, or that lacks variables of the rest."""
    kept = frozenset(fixed)
    if theorem.left.kind == "V" and theorem.left not in kept:
        raise _no_rule(name, theorem, "its left side is a variable, which everything is an instance of")
    lost = free_variables(theorem) - theorem.left.free - kept
    if lost:
        names = ", ".join(sorted(v.name for v in lost))
        raise _no_rule(name, theorem, f"its left side does not determine {names}")
    conditions = tuple(sorted(theorem.hypotheses, key=lambda h: (len(h[0].free), repr(h))))
    return Rule(name, theorem, kept, conditions, is_variant(theorem.left, theorem.right) and not conditions)


def _no_rule(name: str, theorem: Theorem, reason: str) -> ProofError:
    shown = f"{text(theorem.left)} = {text(theorem.right)}"
    hints = ["turn it around with kernel.sym, or give the variables that stand for themselves as `fixed`"]
    return ProofError("HY7042", f"{name} is no rewrite rule: {reason}", notes=[shown], hints=hints)


@dataclass(slots=True)
class _Tree:
    branches: dict[Symbol, _Tree] = field(default_factory=dict[Symbol, "_Tree"])
    rules: list[tuple[int, Rule]] = field(default_factory=list[tuple[int, Rule]])


class RuleSet:
    """Rules in the order in which they were given: the first that applies is used, and procedures after them."""

    def __init__(self, rules: Iterable[Rule] = (), procedures: Iterable[Procedure] = ()) -> None:
        self._root = _Tree()
        self._rules: list[Rule] = []
        self.procedures = tuple(procedures)
        for each in rules:
            self.add(each)

    @staticmethod
    def of(theorems: Mapping[str, Theorem]) -> RuleSet:
        """Rules from theorems by name, all of whose variables may be instantiated."""
        return RuleSet(rule(name, theorem) for name, theorem in theorems.items())

    def __len__(self) -> int:
        return len(self._rules)

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules)

    def __or__(self, other: RuleSet) -> RuleSet:
        return RuleSet((*self, *other), (*self.procedures, *other.procedures))

    def add(self, rule: Rule) -> None:
        node = self._root
        for symbol in _pattern(rule.theorem.left, rule.fixed):
            node = node.branches.setdefault(symbol, _Tree())
        node.rules.append((len(self._rules), rule))
        self._rules.append(rule)

    def candidates(self, x: Term) -> list[Rule]:
        """The rules whose left side may match `x`, by the symbols at its top."""
        found: list[tuple[int, Rule]] = []
        stack: list[tuple[_Tree, _Pending]] = [(self._root, (x, None))]
        while stack:
            node, pending = stack.pop()
            if pending is None:
                found.extend(node.rules)
                continue
            u, rest = pending
            anything = node.branches.get(_ANY)
            if anything is not None:
                stack.append((anything, rest))
            symbol, parts = _open(u)
            same = node.branches.get(symbol)
            if same is not None:
                for part in reversed(parts):
                    rest = (part, rest)
                stack.append((same, rest))
        return [each for _, each in sorted(found, key=lambda pair: pair[0])]


def _open(x: Term) -> tuple[Symbol, list[Term]]:
    """The symbol at the top of `x` and its parts; abstractions are not looked into."""
    match x.kind:
        case "A":
            head, args = arguments(x)
            return ("A", head.name if head.kind in "CV" else head.kind, len(args)), args
        case "T":
            return ("T", "", len(x.items)), list(x.items)
        case "P":
            return ("P", "", x.index), [x.body]
        case "K":
            return ("K", f"{x.type}:{x.name}", 0), []
        case _:
            return (x.kind, x.name, x.index), []


def _pattern(x: Term, fixed: frozenset[Term]) -> Iterator[Symbol]:
    stack = [x]
    while stack:
        u = stack.pop()
        head, _ = arguments(u)
        if head.kind == "V" and head not in fixed:
            yield _ANY
            continue
        symbol, parts = _open(u)
        yield symbol
        stack.extend(reversed(parts))
