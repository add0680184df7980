"""What every refuter must do."""

from __future__ import annotations

import time
from collections.abc import Sequence

from hyperion.interfaces.refuter import Counterexample, Refuter
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.kernel import Equation
from hyperion.logic.terms import Term

Sequent = tuple[frozenset[Equation], Term, Term]


class RefuterConformance:
    """Subclass with `make`. `decides` says whether it must find what is plainly false, and not only say `unknown`."""

    decides = True
    seconds = 2.0

    def make(self) -> Refuter:
        raise NotImplementedError

    def test_it_follows_the_interface(self) -> None:
        assert isinstance(self.make(), Refuter)
        assert self.make().name

    def test_what_is_true_is_never_refuted(self) -> None:
        for hypotheses, left, right in true_sequents():
            assert self.make().refute(hypotheses, left, right, self.seconds) is None
            assert self.make().decide(hypotheses, left, right, self.seconds) != "refuted"

    def test_what_is_false_is_never_called_proved(self) -> None:
        for hypotheses, left, right in false_sequents():
            verdict = self.make().decide(hypotheses, left, right, self.seconds)
            assert verdict in ("refuted", "unknown")
            assert verdict == "refuted" or not self.decides

    def test_a_counterexample_gives_values_to_free_variables(self) -> None:
        for hypotheses, left, right in false_sequents():
            found = self.make().refute(hypotheses, left, right, self.seconds)
            assert found is not None or not self.decides
            if found is not None:
                assert isinstance(found, Counterexample)
                sides = [left, right, *(side for equation in hypotheses for side in equation)]
                assert set(found.values) <= frozenset[Term]().union(*(side.free for side in sides))

    def test_no_time_is_no_answer(self) -> None:
        for hypotheses, left, right in [*true_sequents(), *false_sequents()]:
            start = time.monotonic()
            assert self.make().decide(hypotheses, left, right, 0.0) in ("proved", "refuted", "unknown")
            assert time.monotonic() - start < self.seconds, "it does not keep to its time limit"

    def test_what_it_does_not_know_it_does_not_raise_about(self) -> None:
        f = t.var("f", t.fun(t.INT, t.INT))
        x = t.var("x", t.type_variable("'a"))
        for left, right in ((f, t.lam(t.var("y", t.INT), literals.int_lit(0))), (x, x), (t.tup(x, x), t.tup(x, x))):
            assert self.make().decide((), left, right, self.seconds) in ("proved", "refuted", "unknown")


def true_sequents() -> Sequence[Sequent]:
    a, b, p = t.var("a", t.INT), t.var("b", t.INT), t.var("p", t.BOOL)
    less = frozenset([(apply("le", a, b), TRUE)])
    return [
        (frozenset(), apply("add", a, b), apply("add", b, a)),
        (frozenset(), apply("and", p, p), p),
        (less, apply("max", a, b), b),
        (frozenset([(TRUE, FALSE)]), literals.int_lit(0), literals.int_lit(1)),
    ]


def false_sequents() -> Sequence[Sequent]:
    a, b, p = t.var("a", t.INT), t.var("b", t.INT), t.var("p", t.BOOL)
    less = frozenset([(apply("le", a, b), TRUE)])
    return [
        (frozenset(), apply("sub", a, b), apply("sub", b, a)),
        (frozenset(), p, TRUE),
        (less, apply("min", a, b), b),
        (frozenset(), literals.int_lit(0), literals.int_lit(1)),
    ]
