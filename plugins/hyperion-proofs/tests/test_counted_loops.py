"""Counted loops in O(log n): closed forms under trapping, powers of recurrences; against Python's own integers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import pytest
from outcomes import is_checked, outcome

import hyperion as hp
from hyperion.interfaces.strategy import Candidate, Refusal
from hyperion.ir.function import Function, Program, walk
from hyperion.ir.parser import parse_program
from hyperion.ir.verifier import verify
from hyperion.logic.checking import check
from hyperion.logic.denote import denote
from hyperion.logic.terms import digest
from hyperion_proofs.strategies import Power

MIN, MAX, HUGE = -(2**63), 2**63 - 1, 10**15


def counted(body: str, parameters: str = "", bounds: str = "%lo, %n, %one") -> str:
    return f"""
func @loop(%n: i64, %s0: i64{parameters}) -> i64 {{
  %lo = const 0 : i64
  %one = const 1 : i64
  %s1 = for {bounds}, (%s0) {{
    ^(%i: i64, %s: i64):
      {body}
  }}
  return %s1
}}"""


def found(text: str) -> tuple[Function, Candidate | Refusal]:
    program = parse_program(text)
    verify(program)
    (only,) = Power().derive(program.main)
    if isinstance(only, Refusal) and "was cut" in only.reason:
        pytest.skip("the machine is too busy for the search's time limit")
    return program.main, only


REMAINDER = """%v = cast %s : i128
      %w = cast %b : i128
      %p = mul.trap %v, %w : i128
      %q = add.trap %p, %w : i128
      %d = cast %m : i128
      %r = mod.trap %q, %d : i128
      %y = cast.trap %r : i64
      yield %y"""

DERIVED = {
    "sum of the counter": counted("%y = add.trap %s, %i : i64\nyield %y"),
    "constant step": counted("%y = sub.trap %s, %b : i64\nyield %y", ", %b: i64"),
    "any range": counted("%y = add.trap %s, %i : i64\nyield %y", ", %a: i64, %b: i64", "%a, %n, %b"),
    "a quotient without remainder": counted(
        "%j = add.trap %i, %one : i64\n%t = mul.trap %i, %j : i64\n%two = const 2 : i64\n"
        "%h = floordiv.trap %t, %two : i64\n%y = add.trap %s, %h : i64\nyield %y"
    ),
    "wrapping squares": counted("%t = mul.wrap %i, %i : i64\n%y = add.wrap %s, %t : i64\nyield %y"),
    "wrapping hash of the counter": counted(
        "%t = mul.wrap %s, %b : i64\n%y = add.wrap %t, %i : i64\nyield %y", ", %b: i64, %a: i64", "%a, %n, %b"
    ),
    "remainders": counted(REMAINDER, ", %b: i64, %m: i64"),
}


@pytest.mark.parametrize("name", DERIVED)
def test_the_theorem_is_about_exactly_the_two_functions(name: str) -> None:
    source, candidate = found(DERIVED[name])
    assert isinstance(candidate, Candidate), candidate
    verify(Program({"loop": candidate.function}, "loop"))
    checked = check(candidate.theorem)
    assert (checked.left, checked.right) == (digest(denote(source)), digest(denote(candidate.function)))
    assert (checked.hypotheses, checked.oracles) == (0, ())
    top = {e.op for e in candidate.function.equations}
    everywhere = {e.op for e in walk(candidate.function.equations)}
    assert str(candidate.cost) == ("O(log n)" if "par.power" in everywhere else "O(1)")
    assert "for" not in top
    assert "for" not in everywhere or "if" in top


REFUSED = {
    "factorial": (counted("%y = mul.trap %s, %i : i64\nyield %y"), "multiplied by a value that may change"),
    "wrapping factorial": (counted("%y = mul.wrap %s, %i : i64\nyield %y"), "two values of the state are multiplied"),
    "logistic map": (
        counted("%t = sub.wrap %b, %s : i64\n%y = mul.wrap %s, %t : i64\nyield %y", ", %b: i64"),
        "two values of the state are multiplied",
    ),
    "growth": (
        counted("%three = const 3 : i64\n%t = mul.trap %s, %three : i64\n%y = add.trap %t, %one : i64\nyield %y"),
        "grows geometrically",
    ),
    "a quotient with remainder": (
        counted("%two = const 2 : i64\n%h = floordiv.trap %i, %two : i64\n%y = add.trap %s, %h : i64\nyield %y"),
        "takes `floordiv` of the counter",
    ),
    "the counter under a remainder": (counted(REMAINDER.replace("cast %b", "cast %i"), ", %m: i64"), "its counter"),
    "a modulus that changes": (counted(REMAINDER.replace("cast %m", "cast %i"), ", %b: i64"), ""),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_the_reason(name: str) -> None:
    text, reason = REFUSED[name]
    _, refusal = found(text)
    assert isinstance(refusal, Refusal)
    assert reason in refusal.reason
    assert refusal.span is not None


# ---- values, against Python


def triangle(n):
    s = 0
    for i in range(n):
        s += i
    return s


def scaled_squares(n, c):
    s = 0
    for i in range(1, n + 1):
        s += i * i * c
    return s


def triangles(n):
    s = 0
    for i in range(1, n + 1):
        s += i * (i + 1) // 2
    return s


def over_range(a, b, c):
    s = 0
    for i in range(a, b, c):
        s += i
    return s


def steps(n, s, c):
    for _ in range(n):
        s += c
    return s


def sums_of_sums(n):
    s = 0
    t = 0
    for i in range(n):
        t += i
        s += t
    return s


def up_and_down(n, c):
    s = 0
    for i in range(n):
        s += i * (c - i)
    return s


def power(a, n, m):
    r = 1
    for _ in range(n):
        r = r * a % m
    return r


def congruential(x, n, a, c, m):
    for _ in range(n):
        x = (a * x + c) % m
    return x


def fibonacci(n, m):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, (a + b) % m
    return a


def tribonacci(n):
    a, b, c = 0, 0, 1
    for _ in range(n):
        a, b, c = b, c, (a + 2 * b - c) % 998244353
    return a


def cubes(a, b, c):
    s = 1
    for i in range(a, b, c):
        s += i * i * i
    return s


def counted_hash(n, c):
    h = 5
    for i in range(n):
        h = h * c + i * i - 3 * i
    return h


def toggles(n, x, on):
    k = 0
    flag = on > 0
    for _ in range(n):
        x = -x
        flag = not flag
        k = k + 1 if k < 6 else 0
    return x + 100 * k + 1000 * flag


def turned(n, x, y):
    for _ in range(n):
        x, y = -y, x
    return x


def started_anywhere(n, a, b, m):
    for _ in range(n):
        a, b = b, (a + b) % m
    return a


def pairs(n, c):
    s = 0
    for i in range(n):
        for j in range(i, n, 2):
            s += i * j + c
    return s


def turns(n, k, c):
    s = 0
    for _ in range(n):
        for _ in range(k):
            s += c
    return s


def deep(n, k, m):
    x = 1
    for _ in range(3, n):
        for _ in range(k, -2, -3):
            for _ in range(m):
                x = 5 * x % -97
    return x


COUNTS = (0, 1, 2, 3, 10, 1000, -5)
WORDS = (0, 1, -1, 7, MAX, MIN)
TRAPPING: dict[Callable[..., int], Sequence[tuple[int, ...]]] = {
    triangle: [(n,) for n in COUNTS],
    scaled_squares: list(product((0, 1, 2, 100, -3), WORDS)),
    triangles: [(n,) for n in COUNTS],
    over_range: [*product((-5, 0, 3), (-7, 0, 20), (1, -1, 2, -3, 7)), (MAX - 5, MAX, 2), (MIN, MIN + 3, 1), (0, 0, 1)],
    steps: list(product((0, 1, 2, 100), (0, 5, MAX, MIN), WORDS)),
    sums_of_sums: [(n,) for n in COUNTS],
    up_and_down: list(product((0, 1, 2, 500), (0, 5, 10**6, MAX))),
    power: list(product((0, 1, 2, -3, MAX, MIN), (0, 1, 2, 7, -1), (1, 2, 97, MAX, -7, 0))),
    congruential: list(
        product((0, 5, MIN), (0, 1, 2, 9), (1103515245, -3), (12345, MIN), (2**31, 97, MAX, -97, -1, MIN))
    ),
    fibonacci: list(product((0, 1, 2, 10, 100), (1, 2, 1000, -5, MAX, MIN, 0))),
    tribonacci: [(n,) for n in (0, 1, 2, 3, 4, 60)],
    toggles: [(n, x, on) for n in (0, 1, 2, 9, 4095, 4201, 9000) for x, on in ((3, 0), (-MAX, 1), (MIN, 1))],
    turned: [(n, x, y) for n in (0, 1, 3, 8192, 8193) for x, y in ((3, 4), (MIN, 0), (0, MIN), (MAX, -MAX))],
    started_anywhere: list(product((0, 1, 2, 3, 50), (0, 99, -4), (1, MAX), (1, 10, MAX, -7))),
    pairs: list(product((0, 1, 2, 3, 50), (0, -5, MAX, MIN))),
    turns: list(product((0, 1, 3, -1, 60), (0, 1, -3, 50), (0, -1, MAX, MIN, MAX // 3000, MAX // 3001))),
    deep: list(product((MIN, 3, 4, 30), (MIN, -2, -1, 20), (1, 2, -5, 7))),
}
WRAPPING: dict[Callable[..., int], Sequence[tuple[int, ...]]] = {
    cubes: [*product((0, -5, 7), (-9, 9), (1, -1, 3, -4)), (MAX - 10, MAX, 3), (MIN + 9, MIN, -4)],
    counted_hash: list(product((0, 1, 2, 3, 10), WORDS)),
}


def expected(function: Callable[..., int], arguments: tuple[int, ...]) -> int | type[Exception]:
    """Python's, or OverflowError where the result leaves 64 bits."""
    try:
        value = function(*arguments)
    except ZeroDivisionError as error:
        return type(error)
    return value if MIN <= value <= MAX else OverflowError


@pytest.mark.parametrize("function", TRAPPING, ids=lambda f: f.__name__)
def test_trapping_loops_give_pythons_numbers(function: Callable[..., int]) -> None:
    compiled = hp.jit(function)
    for arguments in TRAPPING[function]:
        wanted, got = expected(function, arguments), outcome(compiled, arguments)
        inside = got is OverflowError and function in (
            scaled_squares,
            up_and_down,
            toggles,
            turned,
            pairs,
        )  # of i * i * c, say
        assert got == wanted or (inside and max(map(abs, arguments)) > 10**6), arguments
    is_checked(compiled.explain(*TRAPPING[function][1]))


@pytest.mark.parametrize("function", WRAPPING, ids=lambda f: f.__name__)
def test_wrapping_loops_give_pythons_numbers_modulo_2_64(function: Callable[..., int]) -> None:
    compiled = hp.jit(function, overflow="wrap")
    for arguments in WRAPPING[function]:
        assert compiled(*arguments) == (function(*arguments) - MIN) % 2**64 + MIN, arguments
    is_checked(compiled.explain(*WRAPPING[function][1]))


LIMITS = [
    (triangle, (4294967296,), 4294967295 * 4294967296 // 2),
    (steps, (HUGE, 0, 9223), 9223 * HUGE),
    (steps, (HUGE, MIN, 18446), MIN + 18446 * HUGE),
    (steps, (HUGE, 7, 0), 7),
    (scaled_squares, (HUGE, 0), None),
    (power, (3, HUGE, 10**9 + 7), pow(3, HUGE, 10**9 + 7)),
    (power, (MAX, HUGE, MAX - 1), pow(MAX, HUGE, MAX - 1)),
    (power, (5, HUGE, 1), 0),
    (congruential, (1, HUGE, 1, 1, HUGE), 1),
    (power, (3, HUGE, -(10**9) - 7), pow(3, HUGE, -(10**9) - 7)),
    (power, (5, HUGE, MIN), pow(5, HUGE, MIN)),
    (congruential, (1, HUGE, 1, -1, MIN), 1 - HUGE),
    (fibonacci, (8 * HUGE, -3), 0),
    (fibonacci, (8 * HUGE, 3), 0),
    (fibonacci, (HUGE, 1), 0),
    (turns, (HUGE, 9000, 1), 9000 * HUGE),
    (turns, (0, HUGE, MAX), 0),
    (deep, (HUGE + 3, 20, 12), pow(5, 12 * 8 * HUGE, -97)),
    (toggles, (HUGE + 1, 5, 0), 995 + 100 * ((HUGE + 1) % 7)),
    (turned, (HUGE + 2, 5, 6), -5),
    (started_anywhere, (12 * HUGE, 99, -7, 2), 1),
]


def at_the_end(n, s, c):
    i = 0
    while i < n:
        s += c
        i += 1
    return s


NEVER_HANGS = {
    steps: [(10**18, s, c) for s, c in ((MAX, 1), (MAX - 10**18 + 1, 1), (0, 100), (MIN + 5, -1), (MIN, -(10**9)))],
    at_the_end: [(10**18, s, c) for s, c in ((MAX - 3, 1), (MAX - 10**18 + 1, 1))],
    turned: [(10**18, MIN, 0), (10**18, 1, MIN)],
    turns: [(10**9, 10**9, 10), (9, 10**18, 2), (1, MAX, -2)],
}


@pytest.mark.parametrize("function", NEVER_HANGS, ids=lambda f: f.__name__)
def test_a_loop_that_overflows_late_takes_no_time_either(function: Callable[..., int]) -> None:
    compiled = hp.jit(function)
    is_checked(compiled.explain(3, 4, 5))
    for arguments in NEVER_HANGS[function]:
        with pytest.raises(OverflowError) as error:
            compiled(*arguments)
        assert error.value.span.line > function.__code__.co_firstlineno, arguments


def test_jumps_stop_exactly_where_the_loop_does() -> None:
    compiled = hp.jit(up_from)
    is_checked(compiled.explain(3, 4, 5))
    for n, s, c in product((7, 100, 1001), (MAX - 4950, MAX - 4951, MIN, 0), (0, 1, -1, MIN // 2)):
        assert outcome(compiled, (n, s, c)) == step_by_step(n, s, c), (n, s, c)


def up_from(n, s, c):
    for i in range(n):
        s += i
        s += c
    return s


def step_by_step(n: int, s: int, c: int) -> int | type[Exception]:
    for i in range(n):
        for x in (i, c):
            s += x
            if not MIN <= s <= MAX:
                return OverflowError
    return s


@pytest.mark.parametrize(("function", "arguments", "value"), [x for x in LIMITS if x[2] is not None])
def test_huge_counts_take_no_time(function: Callable[..., int], arguments: tuple[int, ...], value: int) -> None:
    assert hp.jit(function)(*arguments) == value


def test_the_last_count_that_fits_and_the_first_that_does_not() -> None:
    compiled = hp.jit(steps)
    assert compiled(HUGE, MAX - 3 * HUGE, 3) == MAX
    with pytest.raises(OverflowError):
        compiled(4, MAX - 3, 1)
    with pytest.raises(OverflowError):
        compiled(4, MIN + 3, -1)
    assert compiled(3, MIN + 3, -1) == MIN
