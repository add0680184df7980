"""Untrusted. What the body of a recursion comes to, under binders too: tests are decided by facts, outcomes that are
known run on, and a call of the function itself gets its argument as `z + c`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, beta_spine, congruence, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, by_cases, chain, cond_is, fitted, fresh, head, instance, join, unfold, use
from hyperion_proofs.evaluate import push
from hyperion_proofs.recursions.affine import Facts, affine
from hyperion_proofs.unfolding import bind_value, sure

_TESTS = ("le", "lt", "eq")
_CONNECTIVES = ("and", "or", "xor", "not")
_OUTCOMES = ("ok", "trap", "diverge")
_ONE = literals.int_lit(1)


class Reader:
    """`given` are equations of terms as they occur after their parts were read; `itself` is the function whose calls
    get arguments `ofZ (z + c)`. Sequences of outcomes are read as one, where they are to be `flat`."""

    def __init__(
        self,
        facts: Facts,
        given: Mapping[Term, Theorem] = {},
        itself: Term | None = None,
        z: Term | None = None,
        flat: bool = True,
    ) -> None:
        self._facts = facts
        self._given = given
        self._itself, self._z, self._flat = itself, z, flat
        self._memo: dict[Term, Theorem | None] = {}

    def __call__(self, x: Term) -> Theorem:
        return self.go(x) or k.refl(x)

    def go(self, x: Term) -> Theorem | None:
        if x not in self._memo:
            self._memo[x] = self._read(x)
        return self._memo[x]

    def knowing(self, th: Theorem) -> Reader:
        """A reader that knows one equation more."""
        return Reader(self._facts, {**self._given, th.left: th}, self._itself, self._z, self._flat)

    def _then(self, th: Theorem | None, x: Term) -> Theorem | None:
        return join(th, self.go(th.right)) if th is not None else None

    def _read(self, x: Term) -> Theorem | None:
        known = self._given.get(x)
        if known is not None:
            return self._then(known, x)
        match x.kind:
            case "A":
                return self._application(x)
            case "L":
                v = fresh(x.bound_type)
                inner = self.go(t.open_binder(x, v))
                return k.abs_(v, inner) if inner else None
            case "T":
                parts = [self.go(i) for i in x.items]
                if not any(parts):
                    return None
                return k.tuple_(*(p or k.refl(i) for p, i in zip(parts, x.items, strict=True)))
            case "P":
                inner = self.go(x.body)
                th = k.proj(x.index, inner) if inner else None
                y = th.right if th else x
                return join(th, k.projbeta(y)) if y.body.kind == "T" else th
            case _:
                return None

    def _application(self, x: Term) -> Theorem | None:
        function, args = arguments(x)
        name = head(x)
        if function.kind == "L":
            return self._then(beta_spine(x), x)
        if name in ("bind", "outcase", "cond"):
            first = self.go(args[0])
            th = congruence(function, args, [first, *(None for _ in args[1:])])
            y = th.right if th else x
            chosen = self._choice(name, y)
            if chosen is not None:
                return self._then(join(th, chosen), x)
            rest = congruence(function, arguments(y)[1], [None, *(self.go(a) for a in args[1:])])
            th = join(th, rest)
            y = th.right if th else x
            same = _same_branches(y) if name == "cond" else None
            return join(th, same)
        whole = name != "recursion"  # the body of another recursion stays as it is
        th = congruence(function, args, [self.go(a) if whole or i == 2 else None for i, a in enumerate(args)])
        y = th.right if th else x
        reduced = self._root(name, y)
        return self._then(join(th, reduced), x) if reduced else th

    def _choice(self, name: str, x: Term) -> Theorem | None:
        """|- bind (ok v) k = k v, and the like, for an outcome or a test that is known."""
        function, args = arguments(x)
        first = args[0]
        if name == "cond":
            return cond_is(k.refl(first), x) if first in (TRUE, FALSE) and len(args) == 3 else None
        known = head(first)
        if known == "cond":
            return _pushed(function, args)
        if known == name == "bind" and self._flat:
            return flat(x)
        if known not in _OUTCOMES:
            return None
        if name == "bind":
            if known == "ok":
                return bind_value(x)
            opened = unfold("bind", x)
            return k.trans(opened, sure(use(f"outcase.{known}", opened.right)))
        return use(f"outcase.{known}", x)

    def _root(self, name: str, x: Term) -> Theorem | None:
        known = self._given.get(x)
        if known is not None:
            return known
        function, args = arguments(x)
        if x.kind == "A" and x.function is self._itself:
            return self._called(x)
        if name in _CONNECTIVES and any(a in (TRUE, FALSE) for a in args):
            return self._connective(name, x)
        if name in _TESTS or name.startswith("inr."):
            if all(a.kind == "K" for a in args):
                return k.compute(x)
            return self._facts.decide(x) if args[0].type is t.INT else None
        word = name.partition(".")[2]
        if name.startswith("toZ.") and head(args[0]) == f"ofZ.{word}":
            inside = args[0].argument
            fits = self._facts.decide(apply(f"inr.{word}", inside))
            return None if fits is None else discharge(instance(f"{word}.to.of", z=inside), fits)
        if name.startswith("ofZ.") and head(args[0]) == f"toZ.{word}":
            return use(f"{word}.of.to", x)
        if name == "mul" and args[0] is _ONE:
            return use("int.mul.one", x)
        if args and function.kind == "C" and all(a.kind == "K" for a in args):
            try:
                return k.compute(x)
            except k.RuleError:
                return None
        return None

    def _connective(self, name: str, x: Term) -> Theorem | None:
        opened = sure(use(f"{name}.def", x))
        return opened if arguments(x)[1][0] in (TRUE, FALSE) else self._second(opened)

    def _second(self, opened: Theorem) -> Theorem | None:
        """cond p false false and the like, where the second part is known."""
        same = _same_branches(opened.right)
        if same is not None:
            return k.trans(opened, same)
        _, (p, yes, no) = arguments(opened.right)
        if (yes, no) != (TRUE, FALSE):
            return None
        whole = by_cases(p, opened.right, p, lambda th: k.trans(cond_is(th, opened.right), k.sym(th)))
        return k.trans(opened, whole)

    def _called(self, x: Term) -> Theorem | None:
        """|- itself (ofZ e) = itself (ofZ (z + c))."""
        word = x.argument
        if self._z is None or not head(word).startswith("ofZ."):
            return None
        atoms, constant = affine(word.argument)
        if dict(atoms) != {self._z: 1}:
            return None
        place = apply("add", self._z, literals.int_lit(constant))
        if word.argument is place:
            return None
        same = INTEGERS.equal(word.argument, place)
        return None if same is None else k.app(k.refl(x.function), k.app(k.refl(word.function), same))


@cache
def _regrouped() -> tuple[Theorem, Term, Term, Term]:
    """|- bind (bind o (\\s. g s)) h = bind o (\\s. bind (g s) h), and o, g and h."""
    a, b, c = (t.type_variable(name) for name in ("'a", "'b", "'c"))
    o, s = t.var("o", t.outcome_of(a)), t.var("s", a)
    g, h = t.var("g", t.fun(a, t.outcome_of(b))), t.var("h", t.fun(b, t.outcome_of(c)))
    left = apply("bind", apply("bind", o, g), h)
    right = apply("bind", o, t.lam(s, apply("bind", t.app(g, s), h)))
    cases: list[Theorem] = []
    for x in (apply("ok", s), t.const("trap", o.type), t.const("diverge", o.type)):
        reader = Reader(Facts(), {o: k.assume(o, x)})
        first, last = reader(left), reader(right)
        cases.append(k.trans(first, k.sym(last)))
    return k.outcome_cases(o, s, cases[0], cases[1], cases[2]), o, g, h


def flat(x: Term) -> Theorem:
    """|- bind (bind o g) h = bind o (\\s. bind (g s) h)."""
    th, *variables = _regrouped()
    _, (inner, h) = arguments(x)
    _, (o, g) = arguments(inner)
    return fitted(th, dict(zip(variables, (o, g, h), strict=True)))


def _pushed(function: Term, args: Sequence[Term]) -> Theorem:
    """|- F (cond c a b) .. = cond c (F a ..) (F b ..)."""
    rest = args[1:]

    def lift(e: Theorem) -> Theorem:
        th = k.app(k.refl(function), e)
        for a in rest:
            th = k.app(th, k.refl(a))
        return th

    return push(t.app(function, *args), args[0], lambda u: t.app(function, u, *rest), lift)


def _same_branches(x: Term) -> Theorem | None:
    _, args = arguments(x)
    if len(args) != 3 or args[1] is not args[2]:
        return None
    return by_cases(args[0], x, args[1], lambda th: cond_is(th, x))


MOST_TESTS = 6


def same_by(reader: Reader, left: Term, right: Term, tests: int = MOST_TESTS) -> Theorem:
    """|- left = right, where both read the same, by cases on the tests that choose values in them."""
    first, last = reader(left), reader(right)
    if first.right is last.right:
        return chain(first, k.sym(last))
    test = next((c for x in (first.right, last.right) for c in tests_of(x)), None)
    if test is None or not tests:
        raise NoProof("a step of the loop is not what the recursion computes")
    middle = by_cases(
        test, first.right, last.right, lambda known: same_by(reader.knowing(known), first.right, last.right, tests - 1)
    )
    return chain(first, middle, k.sym(last))


def tests_of(x: Term) -> Iterator[Term]:
    """The tests of the conditionals in a term that hold no bound variable."""
    for u in t.subterms(x):
        if head(u) == "cond" and len(arguments(u)[1]) == 3:
            test = arguments(u)[1][0]
            if not test.loose and test not in (TRUE, FALSE):
                yield test
