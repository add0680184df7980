"""The simplifier: |- x = its normal form under a set of rules, innermost first, under binders and in the branches of a
choice under its condition. It stops: see `Limits`, and `Looping` for rules that undo each other.

A rule whose sides are the same but for the names of variables is used only where its result is less in a fixed order of
terms, so commutative laws sort instead of looping (ordered rewriting: Martin and Nipkow 1990).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from hyperion.interfaces.tactic import Goal, Progress, Tactic
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import NoProof, arguments, chain, cond_is, congruence, discharge, head, join
from hyperion.logic.effort import checkpoint
from hyperion.logic.kernel import Equation, Theorem
from hyperion.logic.terms import Term
from hyperion_tactics.combinators import done
from hyperion_tactics.conversions import compute_root, converted
from hyperion_tactics.lemmas import conjuncts, contradiction, is_const, is_contradiction
from hyperion_tactics.order import TermOrder
from hyperion_tactics.printing import text
from hyperion_tactics.proving import Failed, attempt
from hyperion_tactics.rules import Procedure, RuleSet
from hyperion_tactics.tasks import Task, run

_BOUND = "bound~"
_CONSTRUCTORS = {"true", "false", "ok", "trap", "diverge", "nil", "cons"}


class Looping(NoProof):
    """Rules rewrite a term to itself, or went on beyond the limit. `rules` are their names."""

    def __init__(self, message: str, rules: Iterable[str]) -> None:
        self.rules = tuple(dict.fromkeys(rules))
        super().__init__(f"{message}: {', '.join(self.rules)}")


@dataclass(frozen=True, slots=True)
class Limits:
    """steps: rule applications. size: symbols of a result, as a tree. conditions: how deep conditions of rules are
    proved by rules with conditions."""

    steps: int = 20_000
    size: int = 100_000
    conditions: int = 4


DEFAULT = Limits()


@dataclass(slots=True)
class _Known:
    """Normal forms, and conditions that are proved or not, at one depth of conditions: deeper ones may prove less."""

    normal: dict[Term, Theorem | None] = field(default_factory=dict[Term, Theorem | None])
    proved: dict[Equation, Theorem | None] = field(default_factory=dict[Equation, Theorem | None])


@dataclass(slots=True)
class _Context:
    """What is assumed where a term stands, and what is known there."""

    facts: dict[Term, Theorem]
    known: dict[int, _Known] = field(default_factory=dict[int, _Known])
    proving: set[Equation] = field(default_factory=set[Equation])
    inner: dict[Equation, _Context] = field(default_factory=dict[Equation, "_Context"])

    def under(self, assumption: Theorem, order: TermOrder) -> _Context:
        key = assumption.left, assumption.right
        found = self.inner.get(key)
        if found is None:
            more = {
                fact.left: fact
                for th in (assumption, *conjuncts(assumption))
                if (fact := oriented(th, order)) is not None
            }
            found = self.inner[key] = _Context(self.facts | more)
        return found


@dataclass(slots=True)
class _Trail:
    """The terms that are being normalised and, after each, the rule that was applied to it last."""

    terms: dict[Term, int] = field(default_factory=dict[Term, int])
    rules: list[str] = field(default_factory=list[str])


def _names(*terms: Term) -> int:
    """The first depth whose name for a bound variable does not occur free."""
    every = frozenset[Term]().union(*(x.free for x in terms))
    return max((int(v.name.removeprefix(_BOUND)) + 1 for v in every if v.name.startswith(_BOUND)), default=0)


def oriented(th: Theorem, order: TermOrder) -> Theorem | None:
    """The theorem as a rule: from a variable to what it is, to data, or else from the greater side; None where it says
    nothing."""
    if th.left is th.right:
        return None
    for left, right, turned in ((th.left, th.right, th), (th.right, th.left, k.sym(th))):
        if left.kind == "V" and left not in right.free:
            return turned
    data = _is_data(th.left), _is_data(th.right)
    forwards = data[1] if data[0] != data[1] else order.less(th.right, th.left)
    return th if forwards else k.sym(th)


def _is_data(x: Term) -> bool:
    return x.kind in "KT" or head(x) in _CONSTRUCTORS


class Simplifier:
    """Normal forms under `rules` and `hypotheses`, whose equations are used from the greater side to the less. A
    condition that does not simplify to an identity is put to `solver`, such as linear arithmetic, which must close
    it."""

    def __init__(
        self,
        rules: RuleSet,
        hypotheses: Iterable[Equation] = (),
        limits: Limits = DEFAULT,
        solver: Tactic | None = None,
    ) -> None:
        self._rules = rules
        self._procedures: dict[str, list[Procedure]] = {}
        for procedure in rules.procedures:
            self._procedures.setdefault(procedure.head, []).append(procedure)
        self._limits = limits
        self._solver = solver
        self._order = TermOrder()
        self._steps = 0
        self._conditions = 0
        self._last: deque[str] = deque(maxlen=50)
        self._context = _Context({})
        size = self._order.size  # the simplest first: they simplify the others
        assumed = sorted(hypotheses, key=lambda h: (size(h[0]) + size(h[1]), t.digest(h[0]), t.digest(h[1])))
        self._absurd: Theorem | None = None
        self._depth = max((_names(*equation) for equation in assumed), default=0)
        for equation in (*assumed, *assumed):  # again, as later ones may simplify earlier ones
            self._assume(k.assume(*equation))

    def __call__(self, x: Term) -> Theorem | None:
        """|- x = its normal form, or None where it is one. Raises `Looping`, or `NoProof` at a limit."""
        depth = max(self._depth, _names(x))
        return run(self._normal(x, self._context, depth, _Trail()))

    def contradiction(self) -> Theorem | None:
        """A theorem true = false from the hypotheses alone, where they simplify to it."""
        return self._absurd

    def facts(self) -> list[Theorem]:
        """The hypotheses as they are used: simplified by those before them, and turned."""
        return list(self._context.facts.values())

    def _assume(self, hypothesis: Theorem) -> None:
        """The hypothesis, simplified by those before it, is a rule for what follows."""
        for th in conjuncts(hypothesis):
            fact = chain(*self._ends(th))
            if is_contradiction(fact):
                self._absurd = fact
            self._context = self._context.under(fact, self._order)

    def _ends(self, th: Theorem) -> tuple[Theorem | None, Theorem, Theorem | None]:
        first, last = self(th.left), self(th.right)
        return k.sym(first) if first else None, th, last

    def _normal(self, x: Term, context: _Context, depth: int, trail: _Trail) -> Task[Theorem | None]:
        memo = context.known.setdefault(self._conditions, _Known()).normal
        if x in memo:
            return memo[x]
        result: Theorem | None = None
        y, mine = x, list[Term]()
        while y not in memo:
            checkpoint()
            if y in trail.terms:
                raise Looping(f"rules rewrite {text(y)} to itself", trail.rules[trail.terms[y] :])
            trail.terms[y] = len(trail.rules)
            mine.append(y)
            within = yield self._inside(y, context, depth, trail)
            z = within.right if within else y
            step = self._root(z, context, trail)
            result = join(result, join(within, step))
            if step is None:
                memo[z] = None
                y = z
                break
            y = step.right
        rest = memo.get(y)
        result = join(result, rest)
        if mine:
            del trail.rules[trail.terms[mine[0]] :]
        for term in mine:
            del trail.terms[term]
        memo[x] = result
        return result

    def _inside(self, x: Term, context: _Context, depth: int, trail: _Trail) -> Task[Theorem | None]:
        match x.kind:
            case "A":
                function, args = arguments(x)
                if is_const(function, "cond") and len(args) >= 3:
                    return (yield self._choice(x, context, depth, trail))
                head = (yield self._normal(function, context, depth, trail)) if function.kind != "C" else None
                changes: list[Theorem | None] = []
                for a in args:
                    changes.append((yield self._normal(a, context, depth, trail)))
                if head is None:
                    return congruence(function, args, changes)
                for a, change in zip(args, changes, strict=True):
                    head = k.app(head, change or k.refl(a))
                return head
            case "L":
                v = t.var(f"{_BOUND}{depth}", x.bound_type)
                body = yield self._normal(t.open_binder(x, v), context, depth + 1, trail)
                return k.abs_(v, body) if body else None
            case "T":
                parts: list[Theorem | None] = []
                for item in x.items:
                    parts.append((yield self._normal(item, context, depth, trail)))
                pairs = zip(parts, x.items, strict=True)
                return k.tuple_(*(p or k.refl(i) for p, i in pairs)) if any(parts) else None
            case "P":
                whole = yield self._normal(x.body, context, depth, trail)
                return k.proj(x.index, whole) if whole else None
            case _:
                return None

    def _choice(self, x: Term, context: _Context, depth: int, trail: _Trail) -> Task[Theorem | None]:
        """cond c a b: a under c = true, b under c = false."""
        function, (c, a, b, *more) = arguments(x)
        decided = yield self._normal(c, context, depth, trail)
        th = congruence(function, [c, a, b], [decided, None, None])
        y = th.right if th else t.app(function, c, a, b)
        c = decided.right if decided else c
        if c in (TRUE, FALSE):
            th = join(th, cond_is(k.refl(c), y))
        else:
            branches: list[Theorem | None] = []
            for branch, value in ((a, TRUE), (b, FALSE)):
                inner = context.under(k.assume(c, value), self._order)
                branches.append((yield self._normal(branch, inner, depth, _Trail())))
            th = join(th, _chosen(y, *branches))
        changes: list[Theorem | None] = []
        for each in more:
            changes.append((yield self._normal(each, context, depth, trail)))
        if th is None and not any(changes):
            return None
        th = th or k.refl(y)
        for each, change in zip(more, changes, strict=True):
            th = k.app(th, change or k.refl(each))
        return th

    def _root(self, x: Term, context: _Context, trail: _Trail) -> Theorem | None:
        fact = context.facts.get(x)
        if fact is not None:
            return self._count(fact, "a hypothesis", trail)
        if x.kind == "P" and x.body.kind == "T":
            return k.projbeta(x)
        prefix, rest = x, list[Term]()
        while True:  # a rule may be about fewer arguments than there are
            redex = prefix.kind == "A" and prefix.function.kind == "L"
            step = k.beta(prefix) if redex else self._by_rules(prefix, context, trail)
            if step is not None:
                for a in reversed(rest):
                    step = k.app(step, k.refl(a))
                return step
            if prefix.kind != "A":
                return compute_root(x)
            rest.append(prefix.argument)
            prefix = prefix.function

    def _by_rules(self, x: Term, context: _Context, trail: _Trail) -> Theorem | None:
        for each in self._rules.candidates(x):
            th = each.at(x)
            if th is None or th.right is x or (each.permutes and not self._order.less(th.right, x)):
                continue
            if each.conditions:
                th = self._discharged(th, context)
            if th is not None:
                return self._count(th, each.name, trail)
        for each in self._procedures.get(head(x), ()):
            try:
                th = each.convert(x)
            except NoProof:
                continue
            if th is not None and th.left is x and th.right is not x and not th.hypotheses:
                return self._count(th, each.name, trail)
        return None

    def _count(self, th: Theorem, name: str, trail: _Trail) -> Theorem:
        self._steps += 1
        self._last.append(name)
        trail.rules.append(name)
        if self._steps > self._limits.steps:
            raise Looping(f"more than {self._limits.steps} steps, at last by these rules", self._last)
        if self._order.size(th.right) > self._limits.size:
            raise Looping(f"a term of more than {self._limits.size} symbols, at last by these rules", self._last)
        return th

    def _discharged(self, th: Theorem, context: _Context) -> Theorem | None:
        """The instance of a rule without its conditions, where each simplifies to an identity."""
        if self._conditions >= self._limits.conditions:
            return None
        for condition in sorted(th.hypotheses, key=lambda h: (t.digest(h[0]), t.digest(h[1]))):
            fact = self._condition(condition, context)
            if fact is None:
                return None
            th = discharge(th, fact)
        return th

    def _condition(self, condition: Equation, context: _Context) -> Theorem | None:
        proved = context.known.setdefault(self._conditions, _Known()).proved
        if condition in proved or condition in context.proving:  # a condition that needs itself is not proved
            return proved.get(condition)
        proved[condition] = None
        context.proving.add(condition)
        self._conditions += 1
        try:
            depth = max(self._depth, _names(*condition))
            sides = [run(self._normal(side, context, depth, _Trail())) or k.refl(side) for side in condition]
        except Looping:
            return None
        finally:
            self._conditions -= 1
            context.proving.discard(condition)
        if sides[0].right is sides[1].right:
            proved[condition] = k.trans(sides[0], k.sym(sides[1]))
        elif self._solver is not None:
            proved[condition] = self._solved(self._solver, condition, context)
        return proved[condition]

    def _solved(self, solver: Tactic, condition: Equation, context: _Context) -> Theorem | None:
        known = frozenset[Equation]().union(*(fact.hypotheses for fact in context.facts.values()))
        try:
            progress = attempt(solver, Goal(known, *condition))
        except NoProof:
            return None
        return progress.justify(()) if not progress.subgoals else None


def _chosen(x: Term, yes: Theorem | None, no: Theorem | None) -> Theorem | None:
    """From {c = true} |- a = a' and {c = false} |- b = b': |- cond c a b = cond c a' b', for x = cond c a b."""
    if yes is None and no is None:
        return None
    _, (c, a, b) = arguments(x)
    target = apply("cond", c, yes.right if yes else a, no.right if no else b)

    def case(known: Theorem, branch: Theorem | None) -> Theorem:
        return chain(cond_is(known, x), branch, k.sym(cond_is(known, target)))

    return k.bool_cases(c, case(k.assume(c, TRUE), yes), case(k.assume(c, FALSE), no))


def simplify(
    rules: RuleSet, limits: Limits = DEFAULT, *, hypotheses: bool = True, solver: Tactic | None = None
) -> Tactic:
    """The goal with both sides in normal form under `rules` and, unless `hypotheses` is False, its hypotheses. Closes
    it where they become the same, or where the hypotheses contradict each other. Fails where nothing changes."""

    def tactic(goal: Goal) -> Progress:
        simplifier = Simplifier(rules, goal.hypotheses if hypotheses else (), limits, solver)
        absurd = simplifier.contradiction()
        if absurd is not None:
            return done(contradiction(absurd, goal.left, goal.right))
        first, last = simplifier(goal.left), simplifier(goal.right)
        if first is None and last is None and goal.left is not goal.right:
            raise Failed("the simplifier changes nothing", goal)
        return converted(goal, first, last)

    return tactic
