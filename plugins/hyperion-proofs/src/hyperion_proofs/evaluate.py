"""Untrusted. Symbolic evaluation of a loop body: |- body = ok (..) with integer expressions between toZ and ofZ.

Binds are run from the front, conditionals on undecided truth values are pushed to the leaves, and a conditional on a
comparison becomes max or min where that is what it is. Whether a sum stays in the range of its word is asked of
`in_range`, which answers with a theorem or None.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, beta_spine, congruence, discharge, refl
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import INTEGERS, REALS, Ring
from hyperion.logic.terms import Term
from hyperion_proofs.derived import by_cases, chain, cond_is, head, instance, join, unfold, use
from hyperion_proofs.divisions import power

WORDS = {"i8", "i16", "i32", "i64", "i128", "u8", "u16", "u32", "u64"}
NARROW = ("i8", "i16", "i32", "u8", "u16", "u32")
"""Words whose values all lie within i64."""


class RangeOracle(Protocol):
    def __call__(self, word: str, e: Term) -> Theorem | None:
        """|- inr.word e = true, possibly under hypotheses; None where that is not known."""
        ...


def no_range(word: str, e: Term) -> Theorem | None:
    """The oracle that knows nothing: only the shape of an expression decides."""
    return None


class Evaluator:
    """Evaluates closed-binder terms; `in_range` decides sums, structure decides what needs no bound."""

    def __init__(self, in_range: RangeOracle, facts: tuple[Theorem, ...] = (), state: Term | None = None) -> None:
        self._in_range = in_range
        self._state = state
        self._facts = {th.left: th for th in facts}
        self._memo: dict[Term, Theorem | None] = {}
        self._ranges: dict[tuple[str, Term], Theorem | None] = {}

    def __call__(self, x: Term) -> Theorem:
        return self.go(x) or refl(x)

    def go(self, x: Term) -> Theorem | None:
        if x in self._memo:
            return self._memo[x]
        fact = self._facts.get(x)
        result = join(fact, self.go(fact.right)) if fact is not None else self._step(x)
        self._memo[x] = result
        return result

    def then(self, th: Theorem | None, x: Term) -> Theorem | None:
        """`th` followed by the evaluation of its right side (of x where nothing changed)."""
        return join(th, self.go(th.right)) if th is not None else None

    def _step(self, x: Term) -> Theorem | None:
        match x.kind:
            case "T":
                parts = [self.go(i) for i in x.items]
                if not any(parts):
                    return None
                return k.tuple_(*(p or refl(i) for p, i in zip(parts, x.items, strict=True)))
            case "P":
                return self._projection(x)
            case "A":
                return self._application(x)
            case _:
                return None

    def _projection(self, x: Term) -> Theorem | None:
        inner = self.go(x.body)
        th = k.proj(x.index, inner) if inner else None
        y = th.right if th else x
        if y.body.kind == "T":
            return join(th, k.projbeta(y))
        if head(y.body) == "cond":
            pushed = push(y, y.body, lambda u: t.proj(y.index, u), lambda e: k.proj(y.index, e))
            return self.then(join(th, pushed), y)
        return th

    def _application(self, x: Term) -> Theorem | None:
        function, args = arguments(x)
        name = head(x)
        if function.kind == "L":
            return self.then(beta_spine(x), x)
        match name:
            case "bind":
                return self.then(unfold("bind", x), x)
            case "outcase" if len(args) == 4:
                return self._outcome(x)
            case "cond" if len(args) == 3:
                return self._cond(x)
            case "and" | "or" | "xor" | "not":
                return self.then(use(f"{name}.def", x), x)
            case _:
                pass
        th = congruence(function, args, [self.go(a) for a in args])
        y = th.right if th else x
        reduced = self._root(y)
        return self.then(join(th, reduced), y) if reduced else th

    def _root(self, x: Term) -> Theorem | None:
        """Reduce at the root of an application whose arguments are evaluated."""
        function, args = arguments(x)
        if function.kind != "C":
            return None
        name, _, word = function.name.partition(".")
        if name == "pow2":
            return power(x)
        if word in WORDS and len(args) == 1:
            if name == "inr":
                return self._range(word, args[0])
            if (
                name == "ofZ"
                and args[0].kind == "A"
                and args[0].function.kind == "C"
                and (args[0].function.name == f"toZ.{word}")
            ):
                return use(f"{word}.of.to", x)
            if name == "ofZ":
                return _reduced_once(word, x)
            if name == "toZ":
                return self._to_integer(word, x)
        if args and all(a.kind == "K" for a in args):
            try:
                return k.compute(x)
            except k.RuleError:
                return None
        return None

    def _to_integer(self, word: str, x: Term) -> Theorem | None:
        inner = x.argument
        name = head(inner)
        if name == f"ofZ.{word}":
            known = self._range(word, inner.argument)
            if known is None or known.right is not TRUE:
                return None
            return discharge(instance(f"{word}.to.of", z=inner.argument), known)
        if name == "cond":
            return push(x, inner, lambda u: t.app(x.function, u), lambda e: k.app(refl(x.function), e))
        return None

    def _range(self, word: str, e: Term) -> Theorem | None:
        """|- inr.word e = true by the shape of e, else by the oracle."""
        key = (word, e)
        if key not in self._ranges:
            self._ranges[key] = self._in_its_range(word, e)
        return self._ranges[key]

    def _in_its_range(self, word: str, e: Term) -> Theorem | None:
        goal = apply(f"inr.{word}", e)
        if e.kind == "K":
            return k.compute(goal)
        name = head(e)
        if name == f"toZ.{word}":
            return use(f"{word}.inr.to", goal)
        if word == "i64" and name.startswith("toZ.") and name[4:] in NARROW:
            return use(f"{name[4:]}.inr.i64", goal)
        if name in ("max", "min", "cond"):
            *_, a, b = arguments(e)[1]
            first, second = self._range(word, a), self._range(word, b)
            if first and second and first.right is TRUE and second.right is TRUE:
                th = use(f"{word}.inr.{name}", goal)
                return discharge(th, first, second) if th else None
        return self._in_range(word, e)

    def _outcome(self, x: Term) -> Theorem | None:
        function, (o, f, u, v) = arguments(x)
        inner = self.go(o)
        th = congruence(function, [o, f, u, v], [inner, None, None, None])
        y = th.right if th else x
        value = inner.right if inner else o
        match head(value):
            case "ok" | "trap" | "diverge" as name:
                return self.then(join(th, use(f"outcase.{name}", y)), y)
            case "cond":

                def lift(e: Theorem) -> Theorem:
                    found = congruence(function, [e.left, f, u, v], [e, None, None, None])
                    assert found is not None
                    return found

                return self.then(join(th, push(y, value, lambda z: t.app(function, z, f, u, v), lift)), y)
            case _:
                return th

    def _cond(self, x: Term) -> Theorem | None:
        function, (c, a, b) = arguments(x)
        decided = self.go(c)
        value = decided.right if decided else c
        if value in (TRUE, FALSE):
            return self.then(cond_is(decided or refl(c), x), x)
        if head(value) == "cond":
            th = congruence(function, [c, a, b], [decided, None, None])
            y = th.right if th else x

            def lift(e: Theorem) -> Theorem:
                return k.app(k.app(k.app(refl(function), e), refl(a)), refl(b))

            return self.then(join(th, push(y, value, lambda z: t.app(function, z, a, b), lift)), y)
        th = congruence(function, [c, a, b], [decided, self.go(a), self.go(b)])
        y = th.right if th else x
        about_state = self._state is None or self._state in value.free
        merged = merge_cond(y, about_state)
        return self.then(join(th, merged), y) if merged else th


def _reduced_once(word: str, x: Term) -> Theorem | None:
    """|- ofZ (cond c a b) = ofZ (cond c u v), where a branch toZ (ofZ u) is u."""
    e = x.argument
    if head(e) != "cond" or len(arguments(e)[1]) != 3:
        return None
    c, *branches = arguments(e)[1]
    inner = [_inside(word, b) for b in branches]
    if inner == branches:
        return None
    target = t.app(x.function, apply("cond", c, *inner))

    def case(known: Theorem) -> Theorem:
        first, last = (k.app(k.refl(x.function), cond_is(known, side)) for side in (e, target.argument))
        if first.right is last.right:
            return k.trans(first, k.sym(last))
        return chain(first, use(f"{word}.of.to", first.right), k.sym(last))

    return by_cases(c, x, target, case)


def _inside(word: str, e: Term) -> Term:
    again = head(e) == f"toZ.{word}" and head(e.argument) == f"ofZ.{word}"
    return e.argument.argument if again else e


def push(x: Term, conditional: Term, around: Callable[[Term], Term], lift: Callable[[Theorem], Theorem]) -> Theorem:
    """|- F[cond c a b] = cond c F[a] F[b], for x = F[conditional]."""
    _, (c, a, b) = arguments(conditional)
    target = apply("cond", c, around(a), around(b))

    def case(known: Theorem) -> Theorem:
        return k.trans(lift(cond_is(known, conditional)), k.sym(cond_is(known, target)))

    return by_cases(c, x, target, case)


def merge_cond(x: Term, about_state: bool = True) -> Theorem | None:
    """Move a conditional with an undecided test towards the leaves of its evaluated branches. Only where the test is
    about the state does it become max or min: a test of the element selects coefficients."""
    _, (c, a, b) = arguments(x)
    if a is b:
        return by_cases(c, x, a, lambda known: cond_is(known, x))
    if a.kind == "T" and b.kind == "T":
        return _merge(x, t.tup(*(apply("cond", c, u, v) for u, v in zip(a.items, b.items, strict=True))))
    name, other = head(a), head(b)
    if name == other == "ok":
        return _merge(x, apply("ok", apply("cond", c, a.argument, b.argument)))
    word = x.type.name
    if word in WORDS:
        return _merge_words(x, word)
    return minmax(x) if x.type is t.INT and about_state else None


def _merge(x: Term, target: Term) -> Theorem:
    """|- cond c a b = target, where target is a or b with conditionals on the same test at its leaves."""
    _, (c, _, _) = arguments(x)

    def case(known: Theorem) -> Theorem:
        return k.trans(cond_is(known, x), k.sym(_resolve(target, c, known)))

    return by_cases(c, x, target, case)


def _resolve(x: Term, c: Term, known: Theorem) -> Theorem:
    """Decide the conditionals on `c` in a tuple, or under one constructor."""
    if head(x) == "cond" and arguments(x)[1][0] is c:
        return cond_is(known, x)
    if x.kind == "T":
        return k.tuple_(*(_resolve(i, c, known) for i in x.items))
    if x.kind == "A":
        return k.app(refl(x.function), _resolve(x.argument, c, known))
    return refl(x)


def _merge_words(x: Term, word: str) -> Theorem | None:
    function, (c, a, b) = arguments(x)
    wrapped = [head(y) == f"ofZ.{word}" for y in (a, b)]
    if not any(wrapped) and not (a.kind in "VPA" and b.kind in "VPA"):
        return None
    changes = [None if w else k.sym(_of_to(word, y)) for w, y in zip(wrapped, (a, b), strict=True)]
    th = congruence(function, [c, a, b], [None, *changes])
    y = th.right if th else x
    _, (_, u, v) = arguments(y)
    target = apply(f"ofZ.{word}", apply("cond", c, u.argument, v.argument))
    return chain(th, _merge(y, target))


def _of_to(word: str, x: Term) -> Theorem:
    th = use(f"{word}.of.to", apply(f"ofZ.{word}", apply(f"toZ.{word}", x)))
    assert th is not None
    return th


_COMPARED: dict[str, Ring] = {"lt": INTEGERS, "le": INTEGERS, "rlt": REALS, "rle": REALS}


def minmax(x: Term) -> Theorem | None:
    """|- cond (a < b) u v = max u v (or min u v) of integers or reals, where u and v differ as a and b do."""
    _, (c, u, v) = arguments(x)
    comparison = head(c)
    ring = _COMPARED.get(comparison)
    if ring is None or x.type is not ring.type:
        return None
    a, b = arguments(c)[1]
    for name, first, second in (("max", a, b), ("min", b, a)):
        same = ring.equal(apply(ring.add, u, first), apply(ring.add, v, second))
        if same is not None:
            return discharge(instance(f"{ring.axioms}.{comparison}.{name}", a=a, b=b, u=u, v=v), same)
    return None
