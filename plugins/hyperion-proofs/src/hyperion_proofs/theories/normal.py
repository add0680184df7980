"""Untrusted. Evaluation of terms by equations used from left to right, with what is known of truth values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

from hyperion.logic import definitions
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.derived import NoProof, arguments, beta_spine, chain, discharge, head, join, match
from hyperion.logic.effort import checkpoint
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term, Ty
from hyperion_proofs.derived import fresh, instance

Decide = Callable[[Term], Theorem | None]
"""|- le a b = true or = false, for le a b; None where that is not known."""

EVALUATION = (
    "cond.true", "cond.false", "and.def", "or.def", "xor.def", "not.def", "outcase.ok", "outcase.trap",
    "outcase.diverge", "listrec.nil", "listrec.cons", "natrec.zero", "natrec.suc", "int.lt.def", "int.eq.def",
    "int.abs.def", "within.def",
)  # fmt: skip


def at(th: Theorem, x: Term) -> Theorem | None:
    """The theorem with its left side instantiated to x, and so its hypotheses; None where it does not match."""
    found: dict[Term, Term] = {}
    types: dict[str, Ty] = {}
    if not match(th.left, x, found, types):
        return None
    if types:
        th = k.inst_type(types, th)
        found = {t.instantiate_types(v, types): y for v, y in found.items()}
    return k.inst(found, th) if found else th


@cache
def _extremes() -> tuple[Theorem, Theorem]:
    """|- max a b = cond (le a b) b a and |- min a b = cond (le a b) a b."""
    a, b = t.var("a", t.INT), t.var("b", t.INT)
    same = k.axiom("int.add.comm")
    larger = discharge(instance("int.le.max", a=a, b=b, u=b, v=a), k.inst({a: b, b: a}, same))
    smaller = discharge(instance("int.le.min", a=a, b=b, u=a, v=b), k.inst({a: a, b: b}, same))
    return k.sym(larger), k.sym(smaller)


@cache
def evaluation() -> Mapping[str, tuple[Theorem, ...]]:
    """The equations that evaluate, by the constant at the head of their left sides."""
    rules = [k.axiom(name) for name in EVALUATION]
    words = [n for n in k.AXIOMS if n.endswith((".of.to", ".to.of", ".inr.def")) and ":" not in n]
    return by_head([*rules, *_extremes(), *(k.axiom(name) for name in words)])


def by_head(rules: Iterable[Theorem]) -> dict[str, tuple[Theorem, ...]]:
    found: dict[str, tuple[Theorem, ...]] = {}
    for th in rules:
        found[head(th.left)] = (*found.get(head(th.left), ()), th)
    return found


class Normaliser:
    """Rewrites a term until nothing applies: beta, components of tuples, computation, definitions, `rules`, and the
    equations that are `known`. Rules with hypotheses apply where these normalise to what they say."""

    def __init__(
        self,
        rules: Sequence[Theorem],
        known: Sequence[Theorem],
        decide: Decide,
        kept: frozenset[str] = frozenset(),
        used: Mapping[str, tuple[Theorem, ...]] | None = None,
    ) -> None:
        self._rules = by_head(rules)
        self._evaluation = evaluation() if used is None else used
        self._known = {th.left: th for th in known}
        self._decide = decide
        self._kept = kept
        self._memo: dict[Term, Theorem | None] = {}
        self._depth = 0

    def __call__(self, x: Term) -> Theorem:
        return self._go(x) or k.refl(x)

    def _go(self, x: Term) -> Theorem | None:
        if x in self._memo:
            return self._memo[x]
        checkpoint()
        self._depth += 1
        if self._depth > 400:
            raise NoProof("the equations do not come to an end")
        th = self._inside(x)
        y = th.right if th else x
        step = self._root(y)
        result = join(th, join(step, self._go(step.right))) if step else th
        self._depth -= 1
        self._memo[x] = result
        return result

    def _inside(self, x: Term) -> Theorem | None:
        match x.kind:
            case "A":
                f, y = self._go(x.function), self._go(x.argument)
                return k.app(f or k.refl(x.function), y or k.refl(x.argument)) if f or y else None
            case "L":
                v = fresh(x.bound_type)
                inner = self._go(t.open_binder(x, v))
                return k.abs_(v, inner) if inner else None
            case "T":
                parts = [self._go(i) for i in x.items]
                pairs = zip(parts, x.items, strict=True)
                return k.tuple_(*(p or k.refl(i) for p, i in pairs)) if any(parts) else None
            case "P":
                inner = self._go(x.body)
                return k.proj(x.index, inner) if inner else None
            case _:
                return None

    def _root(self, x: Term) -> Theorem | None:
        if x in self._known:
            return self._known[x]
        match x.kind:
            case "P" if x.body.kind == "T":
                return k.projbeta(x)
            case "T":
                return _whole(x)
            case "L":
                body = x.body
                reducible = body.kind == "A" and body.argument.kind == "B" and body.argument.index == 0
                return k.eta(x) if reducible and not body.function.loose else None
            case "A" if x.function.kind == "L":
                return beta_spine(x)
            case "A" | "C":
                return self._applied(x)
            case _:
                return None

    def _applied(self, x: Term) -> Theorem | None:
        function, args = arguments(x)
        name = head(x)
        if function.kind != "C":
            return None
        if name == "le" and x.type is t.BOOL and len(args) == 2:
            known = _computed(x) or self._decide(x)
            if known is not None:
                return known
        if name == "cond" and len(args) == 3 and args[1] is args[2]:
            return _either(x)
        for rule in (*self._rules.get(name, ()), *self._evaluation.get(name, ())):
            found = at(rule, x)
            if found is not None and not (_permutes(rule) and t.digest(found.right) >= t.digest(found.left)):
                th = self._discharged(found)
                if th is not None:
                    return th
        if name in definitions.definitions() and name not in self._kept:
            return _unfolded(x, name, len(args))
        return _computed(x)

    def _discharged(self, th: Theorem) -> Theorem | None:
        """The theorem without those hypotheses that are not known by themselves; None where one does not hold."""
        for left, right in th.hypotheses:
            if any((left, right) in fact.hypotheses for fact in self._known.values()):
                continue
            first, last = self(left), self(right)
            if first.right is not last.right:
                return None
            th = discharge(th, k.trans(first, k.sym(last)))
        return th


def _permutes(rule: Theorem) -> bool:
    """Whether the sides differ in the names of variables only: such a rule is used in one direction of an order."""
    return match(rule.left, rule.right, {}, {}) and match(rule.right, rule.left, {}, {})


def _computed(x: Term) -> Theorem | None:
    try:
        return k.compute(x)
    except k.RuleError:
        return None


def _whole(x: Term) -> Theorem | None:
    """|- (y.0, y.1, ..) = y."""
    first = x.items[0]
    if first.kind != "P" or first.body.type is not x.type:
        return None
    th = k.tupeta(first.body)
    return th if th.left is x else None


def _either(x: Term) -> Theorem:
    """|- cond c a a = a."""
    c, a = arguments(x)[1][:2]

    def case(value: Term, name: str) -> Theorem:
        decided = k.assume(c, value)
        opened = chain(*(k.app(k.app(k.app(k.refl(arguments(x)[0]), decided), k.refl(a)), k.refl(a)),))
        last = at(k.axiom(name), opened.right)
        assert last is not None
        return k.trans(opened, last)

    return k.bool_cases(c, case(TRUE, "cond.true"), case(FALSE, "cond.false"))


def _unfolded(x: Term, name: str, count: int) -> Theorem | None:
    """|- name a b .. = its definition at a b .., where the definition takes no more arguments."""
    definition = definitions.definitions()[name]
    body, needed = definition.right, 0
    while body.kind == "L":
        body, needed = body.body, needed + 1
    if count < needed:
        return None
    types: dict[str, Ty] = {}
    t.match_type(definition.left.type, arguments(x)[0].type, types)
    th = k.inst_type(types, definition) if types else definition
    for argument in arguments(x)[1]:
        th = k.app(th, k.refl(argument))
    return chain(th, beta_spine(th.right))
