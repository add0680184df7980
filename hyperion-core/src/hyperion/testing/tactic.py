"""What every tactic must do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hyperion.interfaces.tactic import Goal, Progress, Tactic
from hyperion.logic import kernel, literals
from hyperion.logic import terms as t
from hyperion.logic.checking import check
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import NoProof
from hyperion.logic.terms import Term

LABEL = "conformance"


class TacticConformance:
    """Subclass with `make`; `goals` may add those that the tactic is about."""

    def make(self) -> Tactic:
        raise NotImplementedError

    def goals(self) -> Sequence[Goal]:
        return list(sample_goals())

    def test_it_follows_the_interface(self) -> None:
        assert isinstance(self.make(), Tactic)

    def test_where_it_does_not_apply_it_says_why(self) -> None:
        for goal in self.goals():
            try:
                self.make()(goal)
            except NoProof as error:
                assert str(error)

    def test_a_goal_follows_from_what_is_left_of_it(self) -> None:
        for goal, progress in self._progress():
            given = [kernel.oracle(LABEL, g.hypotheses, g.left, g.right) for g in progress.subgoals]
            theorem = progress.justify(given)
            assert theorem.left is goal.left
            assert theorem.right is goal.right
            assert theorem.hypotheses <= goal.hypotheses

    def test_the_checker_accepts_what_it_proves(self) -> None:
        for goal, progress in self._progress():
            if not progress.subgoals:
                theorem = progress.justify(())
                assert check(theorem, oracles=theorem.oracles).hypotheses <= len(goal.hypotheses)

    def test_it_makes_the_same_twice(self) -> None:
        for goal, progress in self._progress():
            assert len(self.make()(goal).subgoals) == len(progress.subgoals)

    def _progress(self) -> Iterator[tuple[Goal, Progress]]:
        for goal in self.goals():
            try:
                yield goal, self.make()(goal)
            except NoProof:
                continue


def sample_goals() -> Iterator[Goal]:
    """Goals of many shapes, true and false, over every kind of term."""
    a, b, c = (t.var(name, t.INT) for name in "abc")
    p, q = t.var("p", t.BOOL), t.var("q", t.BOOL)
    f = t.var("f", t.fun(t.INT, t.INT))
    pair, xs = t.var("pair", t.type_of("prod", t.INT, t.INT)), t.var("xs", t.list_of(t.INT))
    outcome, n = t.var("o", t.outcome_of(t.INT)), t.var("n", t.NAT)
    one, two = literals.int_lit(1), literals.int_lit(2)
    sides: list[tuple[Term, Term]] = [
        (a, a),
        (a, b),
        (one, two),
        (TRUE, FALSE),
        (apply("add", a, b), apply("add", b, a)),
        (apply("mul", a, apply("add", b, c)), apply("add", apply("mul", c, a), apply("mul", a, b))),
        (apply("add", one, two), literals.int_lit(3)),
        (apply("le", a, apply("add", a, one)), TRUE),
        (apply("lt", a, b), apply("lt", b, a)),
        (apply("max", a, b), apply("max", b, a)),
        (apply("and", p, q), apply("and", q, p)),
        (apply("cond", p, a, a), a),
        (t.app(f, a), t.app(f, b)),
        (f, t.lam(a, t.app(f, a))),
        (t.lam(a, apply("add", a, b)), t.lam(a, apply("add", b, a))),
        (t.app(t.lam(a, t.tup(a, b)), c), t.tup(c, b)),
        (t.proj(0, t.tup(a, b)), a),
        (t.tup(t.proj(0, pair), t.proj(1, pair)), pair),
        (apply("map", t.lam(a, a), xs), xs),
        (apply("length", xs), apply("length", apply("map", f, xs))),
        (outcome, t.const("trap", outcome.type)),
        (n, t.const("zero", t.NAT)),
        (apply("fadd.f32", *(literals.float_lit("f32", x) for x in (0.5, 0.25))), literals.float_lit("f32", 0.75)),
    ]
    hypotheses: list[list[tuple[Term, Term]]] = [
        [],
        [(a, b), (apply("le", b, c), TRUE)],
        [(apply("and", p, q), TRUE), (b, a)],
        [(apply("le", two, one), TRUE)],
    ]
    for known in hypotheses:
        for left, right in sides:
            yield Goal(frozenset(known), left, right)
