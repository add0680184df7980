"""Untrusted. Terms with products of matrices in normal form, each with its theorem."""

from __future__ import annotations

from functools import cache
from itertools import count

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, head, join, refl
from hyperion.logic.effort import checkpoint
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import by_cases, chain, fitted, unfold, use
from hyperion_proofs.matrices.association import associativity, is_product
from hyperion_proofs.unfolding import bind_value
from hyperion_proofs.versions import settled


def _label(x: Term) -> str:
    return x.name.partition("@")[0] if x.kind == "C" else ""


class Grouping:
    """Normal forms in which products are grouped to the right, and the tests of sizes stand outside of them, in a fixed
    order: what is computed one after the other, with a test each, becomes one value under all tests."""

    def __init__(self) -> None:
        self._speaks: dict[Term, bool] = {}
        self._done: dict[Term, Theorem | None] = {}

    def __call__(self, x: Term) -> Theorem | None:
        """|- x = its normal form; None where that is x itself."""
        if not self._of_products(x):
            return None
        if x not in self._done:
            checkpoint()
            self._done[x] = self._root(x, self._inside(x))
        return self._done[x]

    def _of_products(self, x: Term) -> bool:
        if x not in self._speaks:
            self._speaks[x] = _label(x) == "product" or any(map(self._of_products, x.children()))
        return self._speaks[x]

    def _inside(self, x: Term) -> Theorem | None:
        match x.kind:
            case "A":
                f, y = self(x.function), self(x.argument)
                return k.app(f or refl(x.function), y or refl(x.argument)) if f or y else None
            case "L":
                v = _next(x)
                inner = self(t.open_binder(x, v))
                return k.abs_(v, inner) if inner else None
            case "T":
                parts = [self(i) for i in x.items]
                changed = any(parts)
                return k.tuple_(*(p or refl(i) for p, i in zip(parts, x.items, strict=True))) if changed else None
            case "P":
                inner = self(x.body)
                return k.proj(x.index, inner) if inner else None
            case _:
                return None

    def _root(self, x: Term, th: Theorem | None) -> Theorem | None:
        step = _rewritten(th.right if th else x)
        if step is None:
            return th
        th = join(th, step)
        return join(th, self(step.right))


def _next(x: Term) -> Term:
    """A variable for the binder of x, which depends on nothing but x: tests are in the order of their digests."""
    used = {v.name for v in x.free}
    return t.var(next(name for n in count() if (name := f"%{n}") not in used), x.bound_type)


def _rewritten(x: Term) -> Theorem | None:
    if x.kind == "P":
        return _size(x)
    if x.kind != "A":
        return None
    if x.function.kind == "L":
        return k.beta(x)
    function, args = arguments(x)
    match _label(function), args:
        case "bind", [o, _] if head(o) == "ok":
            return bind_value(x)
        case "bind", [o, f] if head(o) == "cond" and head(arguments(o)[1][2]) == "trap":
            test, inner, _ = arguments(o)[1]
            return _at(_tested(), {"c": test, "o": inner, "f": f})
        case "cond", [test, a, b] if a is b:
            return _at(_either(), {"c": test, "a": a})
        case "cond", [test, a, b] if head(a) == "cond" and len(arguments(a)[1]) == 3:
            return _ordered(test, a, b)
        case "product", [multiply, add, zero, left, right] if is_product(left):
            inner = arguments(left)[1]
            if inner[:3] != [multiply, add, zero]:
                return None
            th = associativity(multiply, add, zero)
            named = {v.name: v for v in th.left.free}
            return k.inst({named["A"]: inner[3], named["B"]: inner[4], named["C"]: right}, th)
        case _:
            return None


def _size(x: Term) -> Theorem | None:
    """The rows or columns of a product, and parts of tuples."""
    if x.body.kind == "T":
        return k.projbeta(x)
    if not is_product(x.body) or x.index > 1:
        return None
    th = k.proj(x.index, unfold("product", x.body))
    return k.trans(th, k.projbeta(th.right))


def _ordered(test: Term, inner: Term, other: Term) -> Theorem | None:
    """cond c (cond d a b) b with the tests in order, each once."""
    second, a, b = arguments(inner)[1]
    if b is not other:
        return None
    if second is test:
        return _at(_once(), {"c": test, "a": a, "b": b})
    return _at(_swapped(), {"c": test, "d": second, "a": a, "b": b}) if t.digest(second) < t.digest(test) else None


# Lemmas about tests


V, W = t.type_variable("'a"), t.type_variable("'b")


def _at(th: Theorem, values: dict[str, Term]) -> Theorem:
    """A lemma with its variables given by name."""
    return fitted(th, {v: values[v.name] for v in th.left.free | th.right.free})


def _by_test(test: Term, left: Term, right: Term) -> Theorem:
    """|- left = right where both are the same whatever the test is; a trap that is bound is a trap."""

    def run(known: Theorem, x: Term) -> Theorem:
        th = settled(known, x)
        if head(th.right) == "bind" and head(arguments(th.right)[1][0]) == "trap":
            opened = unfold("bind", th.right)
            last = use("outcase.trap", opened.right)
            assert last is not None
            th = chain(th, opened, last)
        return th

    def case(known: Theorem) -> Theorem:
        return chain(run(known, left), k.sym(run(known, right)))

    return by_cases(test, left, right, case)


@cache
def _tested() -> Theorem:
    """|- bind (cond c o trap) f = cond c (bind o f) trap"""
    c, o, f = t.var("c", t.BOOL), t.var("o", t.outcome_of(V)), t.var("f", t.fun(V, t.outcome_of(W)))
    left = apply("bind", apply("cond", c, o, t.const("trap", o.type)), f)
    return _by_test(c, left, apply("cond", c, apply("bind", o, f), t.const("trap", t.outcome_of(W))))


@cache
def _either() -> Theorem:
    """|- cond c a a = a"""
    c, a = t.var("c", t.BOOL), t.var("a", V)
    return _by_test(c, apply("cond", c, a, a), a)


@cache
def _once() -> Theorem:
    """|- cond c (cond c a b) b = cond c a b"""
    c, a, b = t.var("c", t.BOOL), t.var("a", V), t.var("b", V)
    return _by_test(c, apply("cond", c, apply("cond", c, a, b), b), apply("cond", c, a, b))


@cache
def _swapped() -> Theorem:
    """|- cond c (cond d a b) b = cond d (cond c a b) b"""
    c, d, a, b = t.var("c", t.BOOL), t.var("d", t.BOOL), t.var("a", V), t.var("b", V)
    left = apply("cond", c, apply("cond", d, a, b), b)
    right = apply("cond", d, apply("cond", c, a, b), b)

    def case(known: Theorem) -> Theorem:
        first, last = settled(known, left), settled(known, right)
        if first.right is not last.right:  # b = cond d b b
            last = k.trans(last, _at(_either(), {"c": d, "a": b}))
        return chain(first, k.sym(last))

    return by_cases(c, left, right, case)
