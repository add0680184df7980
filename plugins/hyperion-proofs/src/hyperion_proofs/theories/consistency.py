"""Untrusted. An attempt to prove 0 = 1 (true = false, 0.0 = -0.0, NaN = 0.0) from axioms, by brute force.

Every axiom is instantiated at small closed terms, and at those terms that its left side then matches. The instances
whose hypotheses hold are closed under congruence, beta and computation, by union-find over all their sub-terms (Nelson
and Oppen 1980). Two different values in one class are a contradiction. That none is found proves nothing, but a false
axiom rarely survives.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from hyperion.ir.types import IntType
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE, value_of
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, head, match
from hyperion.logic.kernel import Sequent
from hyperion.logic.terms import Term, Ty

INSTANCES = 60
"""Of each axiom."""
NUMBERS = (0, 1, -1, 2, 3, 7, 127, 128, -128, 255)
FLOATS = (0.0, -0.0, 1.0, -1.0, 2.0, 0.5, float("inf"), float("-inf"), float("nan"))


@dataclass(frozen=True)
class Contradiction:
    """Two values that the axioms make equal, and the axiom whose instance showed it."""

    left: Term
    right: Term
    axiom: str


class _Found(Exception):
    def __init__(self, left: Term, right: Term) -> None:
        super().__init__()
        self.values = left, right


@dataclass
class _Class:
    """Terms that are equal: the applications in which they occur, their value where one is known, and a function among
    them."""

    parents: list[Term] = field(default_factory=list[Term])
    value: Term | None = None
    abstraction: Term | None = None


class Closure:
    """The least congruence with the equations that it was told, and with what computes. Raises `_Found`."""

    def __init__(self) -> None:
        self._up: dict[Term, Term] = {}
        self._classes: dict[Term, _Class] = {}
        self._known: dict[tuple[object, ...], Term] = {}

    def find(self, x: Term) -> Term:
        while self._up[x] is not x:
            self._up[x] = self._up[self._up[x]]
            x = self._up[x]
        return x

    def add(self, x: Term) -> None:
        """Every sub-term without loose variables, inside binders left alone."""
        stack = [(x, False)]
        while stack:
            u, ready = stack.pop()
            if u in self._up:
                continue
            if not ready:
                stack.append((u, True))
                stack += [(c, False) for c in _inside(u)]
                continue
            self._up[u] = u
            self._classes[u] = _Class(value=_value(u), abstraction=u if u.kind == "L" else None)
            for c in _inside(u):
                self._classes[self.find(c)].parents.append(u)
            self._visit(u)

    def merge(self, x: Term, y: Term) -> None:
        """That x = y, with all that follows."""
        self.add(x)
        self.add(y)
        waiting = [(x, y)]
        while waiting:
            a, b = (self.find(v) for v in waiting.pop())
            if a is b:
                continue
            first, second = self._classes[a], self._classes[b]
            if first.value and second.value and _differ(first.value, second.value):
                raise _Found(first.value, second.value)
            if len(first.parents) > len(second.parents):
                a, b, first, second = b, a, second, first
            self._up[a] = b
            second.value = second.value or first.value
            second.abstraction = second.abstraction or first.abstraction
            news = second.value or second.abstraction
            parents = [*first.parents, *second.parents] if news else first.parents
            second.parents += first.parents
            for parent in parents:
                waiting += self._consequences(parent)

    def terms(self) -> list[Term]:
        """Every term that was added, applications only."""
        return [x for x in self._up if x.kind == "A"]

    def equal(self, x: Term, y: Term) -> bool:
        self.add(x)
        self.add(y)
        return self.find(x) is self.find(y)

    def _visit(self, u: Term) -> None:
        for a, b in self._consequences(u):
            self.merge(a, b)

    def _consequences(self, u: Term) -> list[tuple[Term, Term]]:
        """What u equals by congruence, beta, projection and computation."""
        key = (u.kind, u.index if u.kind == "P" else "", *(self.find(c) for c in _inside(u)))
        found: list[tuple[Term, Term]] = []
        if len(key) > 2:
            known = self._known.setdefault(key, u)
            if known is not u:
                found.append((u, known))
        abstraction = self._classes[self.find(u.function)].abstraction if u.kind == "A" else None
        if abstraction is not None:
            found.append((u, t.open_binder(abstraction, u.argument)))
        if u.kind == "P" and u.body.kind == "T":
            found.append((u, u.body.items[u.index]))
        computed = self._computed(u)
        if computed is not None:
            found.append((u, computed))
        for _, right in found:
            self.add(right)
        return found

    def _computed(self, u: Term) -> Term | None:
        operation, args = arguments(u)
        if operation.kind != "C" or not args or u.type.name == "fun":
            return None
        values = [self._classes[self.find(a)].value for a in args]
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            return None
        applied = t.app(operation, *known)
        return value_of(applied) or _value(applied)


def _inside(x: Term) -> Sequence[Term]:
    return () if x.kind == "L" else x.children()


def _value(x: Term) -> Term | None:
    """x itself where it is a value: a literal, a truth value, or the word of a literal."""
    if x.kind == "K" or x in (TRUE, FALSE):
        return x
    if x.kind == "A" and x.function.kind == "C" and x.function.name.startswith("ofZ.") and x.argument.kind == "K":
        return x
    return None


def _differ(x: Term, y: Term) -> bool:
    if x.kind == y.kind == "A":
        word = _word(x.type)
        assert word is not None
        return word.wrap(literals.int_value(x.argument)) != word.wrap(literals.int_value(y.argument))
    return x is not y


def _word(ty: Ty) -> IntType | None:
    sign, width = ty.name[:1], ty.name[1:]
    return IntType(int(width), sign == "i") if sign in ("i", "u") and width.isdigit() else None


def values(ty: Ty) -> list[Term]:
    """Small closed terms of a type."""
    args = list(ty.args or ())
    word = _word(ty)
    match ty.name:
        case "bool":
            return [TRUE, FALSE]
        case "int":
            return [literals.int_lit(n) for n in NUMBERS]
        case "real":
            return [literals.literal(t.REAL, text) for text in ("0/1", "1/1", "-1/1", "1/2")]
        case "f16" | "f32" | "f64":
            return [literals.float_lit(ty.name, x) for x in FLOATS]
        case "nat":
            zero = t.const("zero", t.NAT)
            return [zero, apply("suc", zero), apply("suc", apply("suc", zero))]
        case "list":
            nil = t.const("nil", ty)
            return [nil, *(apply("cons", x, nil) for x in values(args[0])[:3])]
        case "outcome":
            return [t.const("trap", ty), t.const("diverge", ty), *(apply("ok", x) for x in values(args[0])[:3])]
        case "prod":
            return [t.tup(*items) for items in itertools.islice(itertools.product(*(values(a)[:3] for a in args)), 9)]
        case "fun":
            return _functions(args[0], args[1])
        case _ if word is not None:
            edges = (0, 1, 2, word.maximum, word.minimum, -1)
            return [apply(f"ofZ.{word}", literals.int_lit(n)) for n in edges]
        case _:
            return []


def _functions(domain: Ty, result: Ty) -> list[Term]:
    v = t.var("v", domain)
    constant = [t.lam(v, x) for x in values(result)[:3]]
    return [t.lam(v, v), *constant] if domain is result else constant


def instances(axioms: Mapping[str, Sequent], random: Random, most: int = INSTANCES) -> Iterator[tuple[str, Sequent]]:
    """Each axiom with its variables replaced by values; its type variables by int, or bool."""
    for name, (hypotheses, left, right) in axioms.items():
        for ty in (t.INT, t.BOOL):
            sides = [side for pair in (*hypotheses, (left, right)) for side in pair]
            types = {v: ty for side in sides for v in t.type_variables(side)}
            free = sorted(frozenset[Term]().union(*(x.free for x in sides)), key=lambda v: v.name)
            pools = {v: values(t.instantiate_type(v.type, types)) for v in free}
            for chosen in _choices(list(pools.values()), random, most):
                mapping = {t.instantiate_types(v, types): value for v, value in zip(pools, chosen, strict=True)}

                def closed(x: Term, types: Mapping[str, Ty] = types, mapping: Mapping[Term, Term] = mapping) -> Term:
                    return t.substitute(t.instantiate_types(x, types), mapping)

                yield name, (frozenset((closed(a), closed(b)) for a, b in hypotheses), closed(left), closed(right))
            if not types:
                break


def _choices(pools: Sequence[Sequence[Term]], random: Random, most: int) -> Iterable[tuple[Term, ...]]:
    """All choices where they are few, else those of the first values of each, and some at random."""
    if math.prod(map(len, pools)) <= most:
        return itertools.product(*pools)
    few = max(2, int(most ** (1 / len(pools)) + 1e-9))
    first = list(itertools.islice(itertools.product(*(pool[:few] for pool in pools)), most))
    return [*first, *(tuple(random.choice(pool) for pool in pools) for _ in range(most - len(first)))]


def contradiction(axioms: Mapping[str, Sequent], seed: int = 0, most: int = INSTANCES) -> Contradiction | None:
    """A contradiction that the axioms have; None where the search finds none."""
    search = _Search(Closure())
    try:
        search.take(list(instances(axioms, Random(seed), most)))
        search.take(list(itertools.islice(search.matches(axioms), 10 * most * len(axioms))))
    except _Found as found:
        return Contradiction(*found.values, search.now)
    return None


@dataclass
class _Search:
    closure: Closure
    now: str = ""  # the axiom whose instance is looked at

    def take(self, waiting: list[tuple[str, Sequent]]) -> None:
        """Merges the sides of the instances, those with hypotheses once these hold."""
        while waiting:
            later: list[tuple[str, Sequent]] = []
            for name, (hypotheses, left, right) in waiting:
                self.now = name
                if all(self.closure.equal(a, b) for a, b in hypotheses):
                    self.closure.merge(left, right)
                else:
                    later.append((name, (hypotheses, left, right)))
            if len(later) == len(waiting):
                return
            waiting = later

    def matches(self, axioms: Mapping[str, Sequent]) -> Iterator[tuple[str, Sequent]]:
        """The instances whose left side is there already."""
        by_head: dict[str, list[str]] = {}
        for name, (_, left, _) in axioms.items():
            by_head.setdefault(head(left), []).append(name)
        for u in self.closure.terms():
            for name in by_head.get(head(u), ()) if not u.free and not u.loose else ():
                hypotheses, left, right = axioms[name]
                found: dict[Term, Term] = {}
                types: dict[str, Ty] = {}
                if match(left, u, found, types) and right.free <= found.keys():
                    mapping = {t.instantiate_types(v, types): x for v, x in found.items()}
                    sides = ((t.instantiate_types(a, types), t.instantiate_types(b, types)) for a, b in hypotheses)
                    said = frozenset((t.substitute(a, mapping), t.substitute(b, mapping)) for a, b in sides)
                    if all(not side.free for pair in said for side in pair):
                        yield name, (said, u, t.substitute(t.instantiate_types(right, types), mapping))
