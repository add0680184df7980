"""Runs the steps of a proof file through the kernel again, with literals replaced by variables.

A computation on literals becomes a hypothesis where one of them is replaced: what then follows holds for all literals
for which the computation goes the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias  # Any: JSON values

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import value_of
from hyperion.logic.effort import checkpoint
from hyperion.logic.kernel import RuleError, Theorem
from hyperion.logic.literals import literal
from hyperion.logic.terms import Term, TermError, Ty

Literals: TypeAlias = Mapping[Term, Term]

_RULES: dict[str, tuple[str, Callable[..., Theorem]]] = {
    "refl": ("t", k.refl),
    "sym": ("", k.sym),
    "trans": ("", k.trans),
    "app": ("", k.app),
    "abs": ("t", k.abs_),
    "beta": ("t", k.beta),
    "eta": ("t", k.eta),
    "tuple": ("", k.tuple_),
    "proj": ("i", k.proj),
    "projbeta": ("t", k.projbeta),
    "tupeta": ("t", k.tupeta),
    "assume": ("tt", k.assume),
    "cut": ("", k.cut),
    "boolcases": ("t", k.bool_cases),
    "outcases": ("tt", k.outcome_cases),
    "listind": ("tttt", k.list_induction),
    "natind": ("ttt", k.nat_induction),
    "define": ("it", k.define),
    "axiom": ("i", k.axiom),
}
"""The arguments before the premises: t a term, i as it is. Others: `inst`, `insttype`, `compute`; no `oracle`."""


class NotReplayed(Exception):
    """A step does not go through; `blamed` are the replaced literals' variables for which it does not."""

    def __init__(self, message: str, blamed: frozenset[Term] = frozenset()) -> None:
        super().__init__(message)
        self.blamed = blamed


class Replay:
    """The entries of one proof. `replaced` says which literals become which variables."""

    def __init__(self, value: Mapping[str, Any], replaced: Literals) -> None:
        self._replaced = replaced
        self._variables = frozenset(replaced.values())
        self._types: list[Ty] = []
        self.terms: list[Term] = []
        self._steps: list[Theorem] = []
        self.computed: dict[tuple[Term, Term], None] = {}
        """The computations that became hypotheses, in their order."""
        try:
            for row in value["types"]:
                self._types.append(self._type(row))
            for row in value["terms"]:
                self.terms.append(self._term(row))
            for row in value["steps"]:
                checkpoint()
                self._steps.append(self._step(row))
        except (TermError, KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise NotReplayed(f"it is no proof: {error}") from error

    @property
    def theorem(self) -> Theorem:
        return self._steps[-1]

    # An index of unknown type would make the type of what it finds unknown.
    def _type_at(self, index: int) -> Ty:
        return self._types[index]

    def _term_at(self, index: int) -> Term:
        return self.terms[index]

    def _step_at(self, index: int) -> Theorem:
        return self._steps[index]

    def _type(self, row: Sequence[Any]) -> Ty:
        if row[0] == "var":
            return t.type_variable(row[1])
        return t.type_of(row[1], *(self._type_at(i) for i in row[2:]))

    def _term(self, row: Sequence[Any]) -> Term:
        kind: str = row[0]
        rest: Sequence[Any] = row[1:]
        match kind:
            case "V":
                return t.var(rest[0], self._type_at(rest[1]))
            case "B":
                return t.bound(rest[0], self._type_at(rest[1]))
            case "C":
                return t.const(rest[0], self._type_at(rest[1]))
            case "K":
                found = literal(self._type_at(rest[0]), rest[1])
                return self._replaced.get(found, found)
            case "L":
                # A binder and its variables may differ in type in a hostile proof: the checker compares them.
                return t._abstraction(self._type_at(rest[0]), self._term_at(rest[1]))  # pyright: ignore[reportPrivateUsage]  a body of a proof file is not closed, as `lam` wants it
            case "P":
                return t.proj(rest[0], self._term_at(rest[1]))
            case "A":
                return t.app(self._term_at(rest[0]), self._term_at(rest[1]))
            case _:
                return t.tup(*(self._term_at(i) for i in rest))

    def _step(self, row: Sequence[Any]) -> Theorem:
        rule: str = row[0]
        rest: Sequence[Any] = row[1:]
        match rule:
            case "compute":
                return self._compute(self._term_at(rest[0]))
            case "inst":
                pairs: dict[Term, Term] = {self._term_at(v): self._term_at(x) for v, x in rest[0]}
                return self._apply(rule, k.inst, (pairs,), rest[1:])
            case "insttype":
                types: dict[str, Ty] = {name: self._type_at(i) for name, i in rest[0]}
                return self._apply(rule, k.inst_type, (types,), rest[1:])
            case _ if rule in _RULES:
                kinds, function = _RULES[rule]
                arguments: list[Any] = [
                    self._term_at(x) if kind == "t" else x for kind, x in zip(kinds, rest, strict=False)
                ]
                return self._apply(rule, function, arguments, rest[len(kinds) :])
            case _:
                raise NotReplayed(f"the rule {rule}")

    def _apply(
        self, rule: str, function: Callable[..., Theorem], arguments: Sequence[object], premises: Sequence[int]
    ) -> Theorem:
        theorems = [self._step_at(i) for i in premises]
        try:
            return function(*arguments, *theorems)
        except (RuleError, TermError) as error:
            terms = [a for a in arguments if isinstance(a, Term)]
            raise NotReplayed(f"{rule}: {error}", self._blamed(rule, terms, theorems)) from error

    def _compute(self, x: Term) -> Theorem:
        if x.free.isdisjoint(self._variables):
            return k.compute(x)
        value = self._original(x)
        self.computed.setdefault((x, value))
        return k.assume(x, value)

    def _original(self, x: Term) -> Term:
        """What the computation gave on the literals that were replaced, replaced in the same way."""
        found = value_of(t.substitute(x, {v: lit for lit, v in self._replaced.items()}))
        if found is None:
            raise NotReplayed("compute: not an operation on literals")
        return self._replaced.get(found, found)

    def _blamed(self, rule: str, terms: Sequence[Term], theorems: Sequence[Theorem]) -> frozenset[Term]:
        """The variables that stand where another step has a literal; for a definition all of them."""
        if rule == "define":
            return frozenset[Term]().union(*(x.free for x in terms)) & self._variables
        if rule == "trans":
            return differences(theorems[0].right, theorems[1].left) & self._variables
        sides = [x for th in theorems for pair in [(th.left, th.right), *th.hypotheses] for x in pair]
        found = frozenset[Term]().union(
            *(differences(x, y) for x in [*terms, *sides] for y in sides if x.type is y.type)
        )
        return found & self._variables


def differences(x: Term, y: Term) -> frozenset[Term]:
    """The free variables that stand in one of the terms where the other has something else."""
    found: set[Term] = set()
    seen: set[tuple[Term, Term]] = set()
    stack = [(x, y)]
    while stack:
        a, b = stack.pop()
        if a is b or (a, b) in seen:
            continue
        seen.add((a, b))
        found |= {u for u in (a, b) if u.kind == "V"}
        mates = a.children(), b.children()
        if a.kind == b.kind and len(mates[0]) == len(mates[1]):
            stack.extend(zip(*mates, strict=True))
    return frozenset(found)
