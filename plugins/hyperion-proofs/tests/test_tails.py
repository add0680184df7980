"""Recursions that count and end in a call of themselves, as loops, with theorems; against the plain functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any  # functions of every type

import pytest

import hyperion as hp
from hyperion.interfaces.frontend import CompileOptions, options_of
from hyperion.interfaces.strategy import Candidate, Refusal
from hyperion.ir.function import Function, Program
from hyperion.ir.types import F64, I64, ArrayType, Type
from hyperion.ir.verifier import verify_function
from hyperion.logic.checking import check
from hyperion.logic.denote import denote
from hyperion.logic.effort import limited
from hyperion.logic.terms import digest
from hyperion_interp.interpreter import interpret
from hyperion_proofs.recursions.strategy import Recursion

XS = ArrayType(I64, ("n0",))


def product(n, sofar):
    if n == 1:
        return sofar
    return product(n - 1, sofar * n)


def fibonacci(n, a, b):
    return a if n == 0 else fibonacci(n - 1, b, a + b)


def along(xs, i, total, rises):
    if i == len(xs):
        return total, rises
    if i > 0 and xs[i] > xs[i - 1]:
        return along(xs, i + 1, total + xs[i], rises + 1)
    return along(xs, i + 1, total + xs[i], rises)


def averaged(level, n, rate):
    if n <= 0:
        return level / 3.0 + 1.0
    return averaged(level * rate + n, n - 1, rate)


Case = tuple[Callable[..., Any], tuple[Type, ...], Sequence[tuple[Any, ...]]]
TAKEN: list[Case] = [
    (product, (I64, I64), [(1, 7), (5, 1), (20, 1), (21, 1), (-1, 1 << 40)]),
    (fibonacci, (I64, I64, I64), [(0, 5, 6), (1, 5, 6), (90, 0, 1), (93, 0, 1)]),
    (along, (XS, I64, I64, I64), [([], 0, 3, 4), ([4, 5, 1, 2], 0, 0, 0), ([4, 5, 1, 2], -2, 0, 0), ([4, 5], 3, 0, 0)]),
    (averaged, (F64, I64, F64), [(2.0, 0, 0.5), (2.0, 9, 0.25), (-0.0, -3, 0.5)]),
]


def lowered(function: Callable[..., Any], types: Sequence[Type], options: CompileOptions | None = None) -> Function:
    with hp.Instance() as instance:
        return instance.frontend("python").lower(function, types, options or CompileOptions()).main


def offers(function: Callable[..., Any], types: Sequence[Type], **options: Any) -> list[Candidate | Refusal]:
    with limited(60):
        return list(Recursion().derive(lowered(function, types, options_of(**options) if options else None)))


def outcome(call: Callable[..., Any], *arguments: Any) -> object:
    try:
        return call(*arguments)
    except (ArithmeticError, IndexError, RecursionError) as error:
        return next(kind for kind in (OverflowError, IndexError, RecursionError) if isinstance(error, kind))


def bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    """The plain function on integers of 64 bits, for results that are the largest of all steps."""

    def run(*arguments: Any) -> Any:
        try:
            found = function(*arguments)
        except RecursionError:
            raise OverflowError from None  # the product grows until then
        if isinstance(found, int) and not -(2**63) <= found < 2**63:
            raise OverflowError
        return found

    return run


@pytest.mark.parametrize(("function", "types", "asked"), TAKEN, ids=[case[0].__name__ for case in TAKEN])
def test_the_loop_is_proved_and_gives_what_the_recursion_gives(
    function: Callable[..., Any], types: tuple[Type, ...], asked: Sequence[tuple[Any, ...]]
) -> None:
    source = lowered(function, types)
    candidate = next(c for c in offers(function, types) if isinstance(c, Candidate))
    assert not verify_function(candidate.function)
    assert [e.op for e in candidate.function.equations].count("for") == 1
    checked = check(candidate.theorem)
    assert not checked.hypotheses
    assert checked.left == digest(denote(source))
    assert checked.right == digest(denote(candidate.function))

    def run(*arguments: Any) -> object:
        found = interpret(Program({source.name: candidate.function}, source.name), arguments)
        return found if len(found) > 1 else found[0]

    for arguments in asked:
        assert outcome(run, *arguments) == outcome(bounded(function), *arguments), arguments


def test_a_constant_step_is_a_power() -> None:
    costs = [
        str(c.cost) for c in offers(fibonacci, (I64, I64, I64), overflow="wrap", fp="ieee") if isinstance(c, Candidate)
    ]
    assert costs == ["O(n)", "O(log n)"]


def euclid(a, b):
    return a if b == 0 else euclid(b, a % b)


def halved(n, k):
    return k if n == 0 else halved(n // 2, k + 1)


def past(n, k):
    return k if n == 5 else past(n - 2, k + n)


def not_last(n, k):
    return k if n == 0 else not_last(n - 1, k + 1) + 1


def sought(n, k):
    if n == 0:
        return k
    if k % 7 == 0:
        return n
    return sought(n - 1, k + 2)


REFUSED: list[tuple[Callable[..., Any], str]] = [
    (euclid, "no argument counts"),
    (halved, "no argument counts"),
    (past, "no argument counts"),
    (not_last, "not the last thing"),
    (sought, "is not what the recursion computes"),
]


@pytest.mark.parametrize(("function", "reason"), REFUSED, ids=[f.__name__ for f, _ in REFUSED])
def test_what_is_no_loop_says_why(function: Callable[..., Any], reason: str) -> None:
    (refusal,) = offers(function, (I64, I64))
    assert isinstance(refusal, Refusal)
    assert re.search(reason, refusal.reason), refusal.reason
