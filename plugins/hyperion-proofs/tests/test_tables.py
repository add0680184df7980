"""Recursions on two integers that become tables, with theorems; against the plain functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any  # functions of every type

import pytest

import hyperion as hp
from hyperion.errors import ProofError
from hyperion.interfaces.frontend import CompileOptions
from hyperion.interfaces.strategy import Candidate, Refusal
from hyperion.ir.function import Function, Program
from hyperion.ir.parser import parse_program
from hyperion.ir.types import BOOL, I64, ArrayType, Type
from hyperion.ir.verifier import verify_function
from hyperion.logic.checking import check
from hyperion.logic.denote import denote
from hyperion.logic.effort import limited
from hyperion.logic.terms import digest
from hyperion_interp.interpreter import interpret
from hyperion_proofs.recursions import tables
from hyperion_proofs.recursions.strategy import Recursion
from hyperion_proofs.sites import Site

XS, YS = ArrayType(I64, ("n0",)), ArrayType(I64, ("n1",))


def binomial(n, k):
    if k == 0 or k == n:
        return 1
    return binomial(n - 1, k - 1) + binomial(n - 1, k)


def distance(xs, ys, i, j):
    if i < 0:
        return j + 1
    if j < 0:
        return i + 1
    if xs[i] == ys[j]:
        return distance(xs, ys, i - 1, j - 1)
    return 1 + min(distance(xs, ys, i - 1, j), distance(xs, ys, i, j - 1), distance(xs, ys, i - 1, j - 1))


def loads(weights, i, room):
    """How many choices of things from the i-th on weigh `room` at most, and the most that one of them weighs."""
    if i == len(weights):
        return 1, 0
    count, best = loads(weights, i + 1, room)
    if weights[i] <= room:
        more, rest = loads(weights, i + 1, room - weights[i])
        count += more
        best = max(best, rest + weights[i])
    return count, best


def descent(xs, row, column, rows):
    here = xs[row * (row + 1) // 2 + column]
    if row == rows - 1:
        return here
    return here + max(descent(xs, row + 1, column, rows), descent(xs, row + 1, column + 1, rows))


def mirrored(xs, i, j):
    if i > j:
        return 0
    if i == j:
        return 1
    if xs[i] == xs[j]:
        return 2 + mirrored(xs, i + 1, j - 1)
    return max(mirrored(xs, i + 1, j), mirrored(xs, i, j - 1))


def reached(blocked, width, i, j):
    if i < 0 or j < 0:
        return False
    if blocked[i * width + j]:
        return False
    if i == 0 and j == 0:
        return True
    return reached(blocked, width, i - 1, j) or reached(blocked, width, i, j - 1)


FIRST, SECOND = [2, 0, 1, 1, 2, 0], [0, 1, 2, 2, 0]
Case = tuple[Callable[..., Any], tuple[Type, ...], tuple[Any, ...], Sequence[tuple[Any, ...]]]
TAKEN: list[Case] = [
    (binomial, (I64, I64), (), [(0, 0), (1, 1), (5, 0), (9, 4)]),
    (distance, (XS, YS, I64, I64), (FIRST, SECOND), [(-1, -1), (-1, 3), (4, -1), (0, 0), (5, 4), (3, 4)]),
    (loads, (XS, I64, I64), ([3, 1, 2, 5],), [(0, 6), (4, 0), (1, -1), (0, 0), (2, 9)]),
]
UNPROVED: list[Case] = [
    (descent, (XS, I64, I64, I64), (list(range(10)),), [(0, 0, 4), (1, 1, 3), (3, 0, 4), (0, 0, 1)]),
    (mirrored, (XS, I64, I64), (FIRST,), [(0, 5), (2, 2), (3, 2), (1, 4)]),
    (reached, (ArrayType(BOOL, ("n0",)), I64, I64, I64), ([False, True, False, False] * 2,), [(4, 1, 0), (4, 1, 3)]),
]


@pytest.fixture(autouse=True)
def small_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "FEW_ROWS", 0)


def lowered(function: Callable[..., Any], types: Sequence[Type]) -> Function:
    with hp.Instance() as instance:
        return instance.frontend("python").lower(function, types, CompileOptions()).main


@cache
def table_of(function: Callable[..., Any], types: tuple[Type, ...]) -> Candidate:
    with limited(60):
        found, refusal = Recursion().derive(lowered(function, types))
    assert isinstance(found, Candidate)
    assert isinstance(refusal, Refusal)
    return found


def run(function: Function, *arguments: object) -> object:
    found = interpret(Program({function.name: function}, function.name), arguments)
    return found if len(found) > 1 else found[0]


@pytest.mark.parametrize(("function", "types", "fixed", "asked"), TAKEN, ids=[case[0].__name__ for case in TAKEN])
def test_the_table_is_proved_and_gives_what_the_recursion_gives(
    function: Callable[..., Any], types: tuple[Type, ...], fixed: tuple[Any, ...], asked: Sequence[tuple[Any, ...]]
) -> None:
    candidate = table_of(function, types)
    assert not verify_function(candidate.function)
    assert str(candidate.cost) == "O(n^2)"
    checked = check(candidate.theorem)
    assert not checked.hypotheses
    assert checked.left == digest(denote(lowered(function, types)))
    assert checked.right == digest(denote(candidate.function))
    for arguments in asked:
        assert run(candidate.function, *fixed, *arguments) == function(*fixed, *arguments), arguments


@pytest.mark.parametrize(("function", "types", "fixed", "asked"), UNPROVED, ids=[case[0].__name__ for case in UNPROVED])
def test_other_tables_have_the_cell_that_is_asked_for(
    function: Callable[..., Any], types: tuple[Type, ...], fixed: tuple[Any, ...], asked: Sequence[tuple[Any, ...]]
) -> None:
    source = lowered(function, types)
    table = tables.Table(Site(source, [e.op for e in source.equations].index("recurse")))
    found = replace(table.function, results=(table.found, *table.function.results))
    for arguments in asked:
        assert run(found, *fixed, *arguments) == (True, function(*fixed, *arguments)), arguments


def test_cells_that_trap_are_no_traps_of_the_function_and_no_stack_is_used() -> None:
    choose = hp.jit(binomial, budget=30)
    assert choose(60_000, 2) == 60_000 * 59_999 // 2
    assert "one row for each n" in str(choose.explain(60_000, 2).theorem)
    assert (choose(70, 3), choose(66, 33)) == (54740, 7219428434016265740)
    with pytest.raises(OverflowError):
        choose(70, 35)
    with pytest.raises(RecursionError):
        choose(3, 4)  # no cell of row 0 is known
    along = table_of(distance, (XS, YS, I64, I64)).function
    with pytest.raises(IndexError):
        run(along, FIRST, SECOND, 5, 5)
    assert run(along, FIRST, [], 5, -1) == 6


def coins(xs, i, amount):
    if amount <= 0 or i < 0:
        return amount == 0
    return coins(xs, i - 1, amount) or coins(xs, i, amount - xs[i])


def split(i, j):
    if i >= j:
        return 0
    best = i
    for m in range(i, j):
        best = min(best, split(i, m) + split(m + 1, j))
    return best


def ackermann(m, n):
    if m == 0:
        return n + 1
    return ackermann(m - 1, 1) if n == 0 else ackermann(m - 1, ackermann(m, n - 1))


def upwards(i, j):
    return 1 if i == j * j else upwards(i + 1, j - 1) + upwards(i + 2, j)


REFUSED: list[tuple[Callable[..., Any], tuple[Type, ...], str]] = [
    (coins, (XS, I64, I64), "do not lessen one argument"),
    (split, (I64, I64), "do not lessen one argument"),
    (ackermann, (I64, I64), "do not lessen one argument"),
    (upwards, (I64, I64), "compared with no number"),
]


@pytest.mark.parametrize(("function", "types", "reason"), REFUSED, ids=[f.__name__ for f, _, _ in REFUSED])
def test_what_is_no_table_says_why(function: Callable[..., Any], types: tuple[Type, ...], reason: str) -> None:
    (refusal,) = Recursion().derive(lowered(function, types))
    assert isinstance(refusal, Refusal)
    assert re.search(reason, refusal.reason), refusal.reason
    assert refusal.span is not None


def test_an_attempt_has_no_meaning_for_what_may_not_end() -> None:
    text = """
func @f(%a: i64) -> bool {
  %ok, %b = attempt %a {
    BODY
    yield %c
  }
  return %ok
}
"""
    endless = "%c = while (%a) { ^(%x: i64): %t = eq %x, %x yield %t } { ^(%y: i64): yield %y }"
    deep = "%c = recurse %a { ^(%x: i64): yield %x }"
    for body in (endless, deep):
        with pytest.raises(ProofError, match="has no denotation: it may not end"):
            denote(parse_program(text.replace("BODY", body)).main)
