"""Recursions that become loops, with theorems; against the plain functions."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any  # functions of every type

import numpy as np
import pytest

import hyperion as hp
from hyperion.interfaces.frontend import CompileOptions, options_of
from hyperion.interfaces.strategy import Candidate, Refusal
from hyperion.ir.function import Function, Program, walk
from hyperion.ir.types import F64, I32, I64, ArrayType, Type
from hyperion.ir.verifier import verify_function
from hyperion.logic.checking import check
from hyperion.logic.denote import denote
from hyperion.logic.terms import digest
from hyperion_interp.interpreter import interpret
from hyperion_proofs.recursions.strategy import Recursion

MODULUS = 1_000_000_007


def fibonacci(n):
    if n <= 1:
        return n
    return fibonacci(n - 2) + fibonacci(n - 1)


def factorial(n):
    return 1 if n == 0 else n * factorial(n - 1)


def tribonacci(n):
    if n < 2:
        return 0
    if n == 2:
        return 1
    return tribonacci(n - 1) + tribonacci(n - 2) + tribonacci(n - 3)


def stairs(n):
    if n == 0:
        return 1
    if n < 0:
        return 0
    return stairs(n - 1) + stairs(n - 2)


def alternating(n):
    if n == 3:
        return 5
    if n % 2 == 0:
        return alternating(n - 1) + n
    return 1 - alternating(n - 1)


def savings(n, rate):
    if n == 0:
        return 100.0
    return savings(n - 1, rate) * rate + 1.5


def lucas(n, p):
    if n < 1:
        return p
    if n == 1:
        return 1
    return (lucas(n - 1, p) * 3 + lucas(n - 2, p)) % MODULUS


def after_it(n):
    return factorial(n) % 1000 - n


TAKEN: list[tuple[Callable[..., Any], tuple[Any, ...], int]] = [
    (fibonacci, (), 0),
    (factorial, (), 0),
    (tribonacci, (), -2),
    (stairs, (), -2),
    (alternating, (), 3),
    (savings, (1.25,), 0),
    (lucas, (7,), -1),
    (after_it, (), 0),
]


def lowered(function: Callable[..., Any], *types: Type, options: CompileOptions | None = None) -> Function:
    with hp.Instance() as instance:
        return instance.frontend("python").lower(function, types, options or CompileOptions()).main


def looped(function: Function) -> Candidate:
    """The loop alone, which is offered first."""
    return next(c for c in Recursion().derive(function) if isinstance(c, Candidate))


@cache
def fibonacci_loop() -> Function:
    return looped(lowered(fibonacci, I64)).function


@pytest.mark.parametrize(("function", "more", "least"), TAKEN, ids=[f.__name__ for f, _, _ in TAKEN])
def test_the_loop_is_proved_and_gives_what_the_recursion_gives(
    function: Callable[..., Any], more: tuple[Any, ...], least: int
) -> None:
    source = lowered(function, I64, *(F64 if isinstance(x, float) else I64 for x in more))
    candidate = looped(source)
    assert not verify_function(candidate.function)
    checked = check(candidate.theorem)
    assert not checked.hypotheses
    assert checked.left == digest(denote(source))
    assert checked.right == digest(denote(candidate.function))
    assert [e.op for e in candidate.function.equations].count("for") == 1
    for n in range(least, least + 9):
        assert run(candidate.function, n, *more) == function(n, *more), n


def run(function: Function, *arguments: object) -> object:
    (result,) = interpret(Program({function.name: function}, function.name), arguments)
    return result


def test_the_loop_traps_where_the_recursion_does_and_computes_nothing_beyond() -> None:
    function = fibonacci_loop()
    assert run(function, 92) == 7540113804746346429  # the next one leaves 64 bits
    with pytest.raises(OverflowError):
        run(function, 93)


def test_below_its_base_the_recursion_is_as_written() -> None:
    function = looped(lowered(factorial, I64)).function
    with pytest.raises((RecursionError, OverflowError)):
        run(function, -1)
    assert run(function, 0) == 1


def test_wrapping_and_remainders_are_powers() -> None:
    options = options_of("wrap", "ieee")
    for source in (lowered(fibonacci, I64, options=options), lowered(lucas, I64, I64)):
        costs = [str(c.cost) for c in Recursion().derive(source) if isinstance(c, Candidate)]
        assert costs == ["O(n)", "O(log n)"]


def both(n):
    return factorial(n) + fibonacci(n)


def test_two_recursions_become_two_loops() -> None:
    function = looped(lowered(both, I64)).function
    assert [e.op for e in function.equations].count("for") == 2
    assert run(function, 10) == 3628800 + 55


def best_loot(xs, i):
    if i < 0:
        return 0
    return max(best_loot(xs, i - 1), best_loot(xs, i - 2) + xs[i])


def test_recursions_along_an_array() -> None:
    candidate = looped(lowered(best_loot, ArrayType(I32, ("n0",)), I64))
    assert not check(candidate.theorem).hypotheses
    xs = [3, -1, 4, 1, -5, 9, 2]
    for i in range(-2, len(xs)):
        assert run(candidate.function, xs, i) == best_loot(xs, i)
    with pytest.raises(IndexError):
        run(candidate.function, xs, len(xs))


def test_a_loop_goes_further_than_the_stack_and_traps_as_it_does() -> None:
    values = np.ones(10**6, dtype=np.int32)
    along = hp.jit(best_loot, budget=30)
    assert along(values, 10**6 - 1) == 500_000
    with pytest.raises(IndexError):
        along(values, 10**6)
    found = along.explain(values, 10**6 - 1)  # the other strategies have seen the loop
    assert found.checked
    assert found.parallel


def halved(n):
    return 0 if n < 1 else 1 + halved(n // 2)


def endless(n):
    return 0 if n == 0 else endless(n) + 1


def rising(n):
    return 0 if n > 9 else rising(n + 1) + 1


def gap(n):
    return n if n < 3 else gap(n - 3) + 1


def two(n, k):
    return 1 if n == 0 else two(n - 1, k + 1) + k


def no_base(n):
    return no_base(n - 1) + 1


def hole(n):
    return 1 if n == 0 else hole(n - 1) + hole(n - 2)


REFUSED: list[tuple[Callable[..., Any], str]] = [
    (halved, "not at the argument less a constant"),
    (endless, "the call at n does not decrease"),
    (rising, "the call at n . 1 does not decrease|does not call itself"),
    (gap, "not at n - 1"),
    (two, "not the last thing"),
    (no_base, "no base case"),
    (hole, "is no base case, but"),
]


@pytest.mark.parametrize(("function", "reason"), REFUSED, ids=[f.__name__ for f, _ in REFUSED])
def test_what_is_no_loop_says_why(function: Callable[..., Any], reason: str) -> None:
    count = function.__code__.co_argcount
    (refusal,) = Recursion().derive(lowered(function, *[I64] * count))
    assert isinstance(refusal, Refusal)
    assert re.search(reason, refusal.reason), refusal.reason
    assert refusal.span is not None


def test_no_recursion_is_left_where_the_loop_runs() -> None:
    function = fibonacci_loop()
    assert not any(e.op in ("recurse", "self") for e in function.equations)
    (choice,) = (e for e in function.equations if e.op == "if")
    assert not choice.regions[0].equations
    assert any(e.op == "recurse" for e in walk(choice.regions[1].equations))
