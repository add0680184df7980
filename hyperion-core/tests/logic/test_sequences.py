"""What functions denote stays what it was, and sequences are what `terms.lam` makes of them, one variable at a time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperion.ir.parser import parse_program
from hyperion.logic import sequences
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.denote import denote
from hyperion.logic.sequences import functions, sequence
from hyperion.logic.terms import Term, TermError

PINNED = Path(__file__).with_name("denotations.json")
"""Programs with the hashes of the terms that they denoted when sequences were built one `lam` at a time."""


def test_the_terms_of_these_programs_are_the_same_for_ever() -> None:
    """Stored proofs and modules speak of them."""
    pinned = json.loads(PINNED.read_text(encoding="utf-8"))
    assert len(pinned) > 150
    programs = {text: parse_program(text) for text in pinned}
    assert {text: t.digest(denote(p.main, p)) for text, p in programs.items()} == pinned


def one_at_a_time(parameters: list[Term], effects: list[tuple[Term, Term]], rest: Term) -> Term:
    for o, v in reversed(effects):
        rest = apply("bind", o, t.lam(v, rest))
    return t.lams(tuple(parameters), rest)


VARIABLES = [t.var(f"v{k}", t.INT) for k in range(6)]
OUTSIDE = [t.var("w", t.INT)]


@st.composite
def numbers(draw: st.DrawFn, variables: list[Term]) -> Term:
    """Terms in which variables occur many times, under binders too."""
    x = draw(st.sampled_from(variables))
    for _ in range(draw(st.integers(0, 4))):
        y = draw(st.sampled_from([x, *variables]))
        match draw(st.integers(0, 3)):
            case 0:
                x = apply("add", x, y)
            case 1:
                x = t.app(t.lam(draw(st.sampled_from(variables)), x), y)
            case 2:
                x = t.proj(0, t.tup(x, y))
            case _:
                x = apply("mul", y, x)
    return x


@given(st.data())
def test_a_sequence_is_what_one_binder_after_the_other_makes(data: st.DataObject) -> None:
    count = data.draw(st.integers(0, 6))
    first = data.draw(st.integers(0, count))
    outcomes = [apply("ok", data.draw(numbers(VARIABLES[:k] + OUTSIDE))) for k in range(first, count)]
    effects = list(zip(outcomes, VARIABLES[first:count], strict=True))
    rest = apply("ok", data.draw(numbers(VARIABLES + OUTSIDE)))
    assert sequence(VARIABLES[:first], effects, rest) is one_at_a_time(VARIABLES[:first], effects, rest)


def test_a_variable_before_its_binder_stays_free() -> None:
    v, w = VARIABLES[:2]
    effects = [(apply("ok", apply("add", v, w)), v), (apply("ok", w), w)]
    made = sequence((), effects, apply("ok", v))
    assert made is one_at_a_time([], effects, apply("ok", v))
    assert made.free == {v, w}


def test_what_is_no_sequence() -> None:
    v, body = VARIABLES[0], apply("ok", VARIABLES[0])
    for parameters, rest in [((v, v), body), ((body,), body), ((v,), t.bound(0, t.INT))]:
        with pytest.raises(TermError):
            functions(parameters, rest)
    with pytest.raises(TermError):
        sequence((v,), [(body, v)], body)


def test_the_terms_that_a_sequence_makes_grow_with_its_length(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not with the square of it: one binder after the other makes a whole new rest for each."""
    count, make = [0], t._make

    def counted(*arguments: Any, **more: Any) -> Term:
        count[0] += 1
        return make(*arguments, **more)

    monkeypatch.setattr(t, "_make", counted)
    for length in (100, 200, 400):
        variables = [t.var(f"{length}.{k}", t.INT) for k in range(length + 1)]
        effects = [(apply("ok", apply("add", variables[k], variables[0])), variables[k + 1]) for k in range(length)]
        before = count[0]
        sequence(variables[:1], effects, apply("ok", variables[-1]))
        assert count[0] - before < 30 * length


def test_a_small_function_that_denotes_a_huge_term_denotes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """What outcomes share is another term below each number of binders: n of them over n equations are n * n."""
    monkeypatch.setattr(sequences, "MOST_PARTS", 2_000)
    x = t.var("x", t.INT)
    shared = x
    for _ in range(100):
        shared = apply("add", shared, shared)
    variables = [t.var(f"v{k}", t.INT) for k in range(100)]
    with pytest.raises(TermError, match="2,000 parts"):
        sequence((x,), [(apply("ok", shared), v) for v in variables], apply("ok", x))
