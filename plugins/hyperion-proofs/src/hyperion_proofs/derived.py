"""Untrusted. Derived rules: short-cuts over the kernel's rules, and rewriting inside terms."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply, definitions
from hyperion.logic.derived import MEMORY, arguments
from hyperion.logic.derived import NoProof as NoProof
from hyperion.logic.derived import chain as chain
from hyperion.logic.derived import cond_is as cond_is
from hyperion.logic.derived import head as head
from hyperion.logic.derived import join as join
from hyperion.logic.derived import refl as refl
from hyperion.logic.derived import use as use
from hyperion.logic.effort import checkpoint
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term, Ty

_counter = itertools.count()


def fresh(ty: Ty, hint: str = "v") -> Term:
    return t.var(f"{hint}~{next(_counter)}", ty)


def at(th: Theorem, *args: Term) -> Theorem:
    """From |- (\\x. l) = (\\x. r): |- l[a] = r[a]."""
    for a in args:
        th = k.app(th, refl(a))
        if th.left.function.kind == "L":
            th = k.trans(k.sym(k.beta(th.left)), th)
        if th.right.kind == "A" and th.right.function.kind == "L":
            th = k.trans(th, k.beta(th.right))
    return th


def abstract(variables: Sequence[Term], th: Theorem) -> Theorem:
    for v in reversed(variables):
        th = k.abs_(v, th)
    return th


def applied(left: Term, right: Term) -> tuple[list[Term], Term, Term]:
    """Variables for the arguments of two functions, and what both are at these."""
    variables: list[Term] = []
    while left.kind == "L":
        v = t.var(f"law.{len(variables)}", left.bound_type)
        variables.append(v)
        left, right = t.open_binder(left, v), t.open_binder(right, v)
    return variables, left, right


def instance(name: str, **values: Term) -> Theorem:
    """The axiom with variables given by name (type variables from the values' types)."""
    checkpoint()
    given = tuple(values.items())
    return _known_instance(name, given) if ":" not in name else _instance(name, given)


@lru_cache(maxsize=MEMORY)
def _known_instance(name: str, given: tuple[tuple[str, Term], ...]) -> Theorem:
    """Of the core's axioms, which never change."""
    return _instance(name, given)


def _instance(name: str, given: tuple[tuple[str, Term], ...]) -> Theorem:
    th, values = k.axiom(name), dict(given)
    every = th.left.free | th.right.free
    for left, right in th.hypotheses:
        every |= left.free | right.free
    types: dict[str, Ty] = {}
    for v in every:
        if v.name in values and not t.match_type(v.type, values[v.name].type, types):
            raise NoProof(f"{name}: {v.name} of another type")
    if types:
        th = k.inst_type(types, th)
    mapping = {t.var(v.name, t.instantiate_type(v.type, types)): values[v.name] for v in every if v.name in values}
    return k.inst(mapping, th)


def fitted(th: Theorem, values: Mapping[Term, Term]) -> Theorem:
    """The theorem with values for its variables, whose types say what its type variables are. Raises NoProof."""
    types: dict[str, Ty] = {}
    for v, x in values.items():
        if not t.match_type(v.type, x.type, types):
            raise NoProof(f"{v.name} of another type")
    return k.inst({t.var(v.name, x.type): x for v, x in values.items()}, k.inst_type(types, th))


def unfold(name: str, x: Term) -> Theorem:
    """|- name a b .. = definition applied and beta-reduced, for x = name a b .."""
    function, args = arguments(x)
    th = definitions()[name]
    types: dict[str, Ty] = {}
    if not t.match_type(th.left.type, function.type, types):
        raise NoProof(f"{name} at another type")
    th = _definition_at(name, tuple(sorted(types.items()))) if types else th
    for a in args:
        th = k.app(th, refl(a))
        if th.right.function.kind == "L":
            th = k.trans(th, k.beta(th.right))
    return th


@lru_cache(maxsize=MEMORY)
def _definition_at(name: str, types: tuple[tuple[str, Ty], ...]) -> Theorem:
    return k.inst_type(dict(types), definitions()[name])


def replace_all(x: Term, rule: Callable[[Term], Theorem | None]) -> Theorem | None:
    """Rewrite every maximal sub-term for which `rule` has a theorem, under binders too; None where nothing changes."""
    memo: dict[Term, Theorem | None] = {}

    def go(u: Term) -> Theorem | None:
        if u in memo:
            return memo[u]
        checkpoint()
        result = rule(u)
        if result is None:
            match u.kind:
                case "A":
                    f, y = go(u.function), go(u.argument)
                    result = k.app(f or refl(u.function), y or refl(u.argument)) if f or y else None
                case "L":
                    v = fresh(u.bound_type)
                    inner = go(t.open_binder(u, v))
                    result = k.abs_(v, inner) if inner else None
                case "T":
                    parts = [go(i) for i in u.items]
                    if any(parts):
                        result = k.tuple_(*(p or refl(i) for p, i in zip(parts, u.items, strict=True)))
                case "P":
                    inner = go(u.body)
                    result = k.proj(u.index, inner) if inner else None
                case _:
                    pass
        memo[u] = result
        return result

    return go(x)


def exhausted(x: Term, rule: Callable[[Term], Theorem | None]) -> Theorem:
    """|- x = x rewritten by `replace_all` until `rule` has nothing more to say."""
    th = refl(x)
    while (more := replace_all(th.right, rule)) is not None:
        th = k.trans(th, more)
    return th


def contradiction(th: Theorem, left: Term, right: Term) -> Theorem:
    """From A |- true = false (or false = true): A |- left = right."""
    th = th if th.left is TRUE else k.sym(th)
    x = apply("cond", TRUE, left, right)
    y = apply("cond", FALSE, left, right)
    function, (_, a, b) = arguments(x)
    middle = k.app(k.app(k.app(refl(function), th), refl(a)), refl(b))
    first, last = use("cond.true", x), use("cond.false", y)
    assert first is not None
    assert last is not None
    return chain(k.sym(first), middle, last)


def by_cases(c: Term, left: Term, right: Term, prove: Callable[[Theorem], Theorem]) -> Theorem:
    """|- left = right from `prove` run under c = true and under c = false."""
    return k.bool_cases(c, prove(k.assume(c, TRUE)), prove(k.assume(c, FALSE)))
