"""What functions denote stays what it was, and sequences are what `terms.lam` makes of them, one variable at a time."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperion.errors import ProofError
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


def trapping(name: str, calls: str = "") -> str:
    """A function of 40 equations of which 20 may trap, with `calls` before its end."""
    lines = [f"func @{name}(%x: i64) -> i64 {{", "  %v0 = add.wrap %x, %x : i64"]
    lines += [
        line
        for k in range(20)
        for line in (f"  %w{k} = mul.wrap %v{k}, %x : i64", f"  %v{k + 1} = add.trap %w{k}, %x : i64")
    ]
    return "\n".join([*lines, calls, "  return %v20", "}"]) + "\n"


def looping(loops: int) -> str:
    """A function of so many loops, one after the other, each of a body as `trapping` has it."""
    inner = "\n".join(trapping("f").splitlines()[1:-2])
    lines = ["func @g(%xs: i64[n], %a0: i64) -> i64 {"]
    for k in range(loops):
        body = inner.replace("%v", f"%v{k}_").replace("%w", f"%w{k}_").replace("%x", f"%x{k}")
        lines += [f"  %a{k + 1} = fold (%xs), (%a{k}) {{", f"  ^(%x{k}: i64, %s{k}: i64):", body]
        lines += [f"  yield %v{k}_20", "  }"]
    return "\n".join([*lines, f"  return %a{loops}", "}"]) + "\n"


def nested(depth: int) -> str:
    """Branches in branches, whose innermost equations read a value of each."""
    opening = "".join(f"  %r{k} = if %c {{\n  %t{k} = add.trap %x, %x : i64\n" for k in range(depth))
    innermost = "".join(f"  %u{k + 1} = add.trap %u{k}, %t{k} : i64\n" for k in range(depth))
    values = [*(f"r{k}" for k in range(1, depth)), f"u{depth}"]
    closing = "".join(f"  yield %{value}\n  }} {{\n  yield %x\n  }}\n" for value in reversed(values))
    head = "func @g(%c: bool, %x: i64) -> i64 {\n  %u0 = add.wrap %x, %x : i64\n"
    return f"{head}{opening}{innermost}{closing}  return %r0\n}}\n"


def calling(callees: int) -> str:
    calls = "\n".join(f"  %c{k} = call @f{k}(%x) : i64" for k in range(callees))
    return "".join(trapping(f"f{k}") for k in range(callees)) + trapping("g", calls)


@pytest.mark.parametrize("make", [looping, nested, calling])
def test_the_parts_of_regions_and_callees_count_together(
    make: Callable[[int], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each sequence is small; many of them are not."""
    monkeypatch.setattr(sequences, "MOST_PARTS", 1_500)
    one, many = (replace(parse_program(make(count)), entry="g") for count in (1, 40))
    denote(one.main, one)
    with pytest.raises(ProofError, match="g has no denotation: the term has more than 1,500 parts") as caught:
        denote(many.main, many)
    assert caught.value.code == "HY7010"


def test_each_function_has_all_parts_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequences, "MOST_PARTS", 1_500)
    for _ in range(10):
        denote(parse_program(looping(1)).main)


def straight(lines: int) -> str:
    """One function of that many equations, of which three in ten may trap, each of which reads recent values."""
    chance, names = random.Random(1), ["x", "y"]
    found = ["func @f(%x: i64, %y: i64) -> i64 {"]
    for i in range(lines):
        op = "add.trap" if chance.random() < 0.3 else chance.choice(("add.wrap", "mul.wrap", "max", "sub.wrap"))
        found.append(f"  %v{i} = {op} %{chance.choice(names[-6:])}, %{chance.choice(names[-6:])} : i64")
        names.append(f"v{i}")
    return "\n".join([*found, f"  return %{names[-1]}", "}"]) + "\n"


@pytest.mark.parametrize("lines", [2_000, 4_000])
def test_long_straight_code_stays_well_below_the_limit(lines: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequences, "MOST_PARTS", sequences.MOST_PARTS // 5)
    denote(parse_program(straight(lines)).main)
