"""Number theory: powers, recurrences, remainders, closed forms."""

from __future__ import annotations

from typing import Any  # loops take every type

from catalogue import Count, Domain, Given, Letters, Whole

HERE = Domain("numbers")


@HERE.loop(Given((2, 3, -7)), Count(), overflow="wrap", target="logarithmic")
def power(b: Any, n: Any) -> Any:
    r = 1
    for _ in range(n):
        r *= b
    return r


@HERE.loop(Given((2, 10**9)), Count(), Given((7, 10**9 + 7)), target="logarithmic")
def modular_power(b: Any, n: Any, m: Any) -> Any:
    r = 1
    for _ in range(n):
        r = r * b % m
    return r


@HERE.loop(Count(90), target="logarithmic")
def fibonacci(n: Any) -> Any:
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


@HERE.loop(Count(), target="logarithmic")
def fibonacci_modulo(n: Any) -> Any:
    a, b = 0, 1
    for _ in range(n):
        a, b = b, (a + b) % 1000000007
    return a


@HERE.loop(Count(), overflow="wrap", target="logarithmic")
def lucas(n: Any) -> Any:
    a = 2
    b = 1
    i = 0
    while i < n:
        t = a + b
        a = b
        b = t
        i += 1
    return a


@HERE.loop(Count(), Given((1, 12345)), overflow="wrap", target="logarithmic")
def congruential(n: Any, seed: Any) -> Any:
    x = seed
    for _ in range(n):
        x = x * 6364136223846793005 + 1442695040888963407
    return x


@HERE.loop(Count(), Given((1, 7)), target="logarithmic")
def lehmer(n: Any, seed: Any) -> Any:
    x = seed
    for _ in range(n):
        x = 48271 * x % 2147483647
    return x


@HERE.loop(Count(), overflow="wrap", target="logarithmic")
def pell(n: Any) -> Any:
    p, q = 0, 1
    for _ in range(n):
        p, q = q, 2 * q + p
    return p


@HERE.loop(Count(), target="closed")
def triangular(n: Any) -> Any:
    s = 0
    for i in range(n):
        s += i
    return s


@HERE.loop(Count(), target="closed")
def squares(n: Any) -> Any:
    s = 0
    for i in range(1, n + 1):
        s += i * i
    return s


@HERE.loop(Count(), target="closed")
def odd_numbers(n: Any) -> Any:
    s = 0
    for k in range(n):
        s = s + 2 * k + 1
    return s


@HERE.loop(Count(60), target="closed")
def geometric(n: Any) -> Any:
    s = 0
    t = 1
    for _ in range(n):
        s += t
        t *= 2
    return s


@HERE.loop(Count(40), target="closed")
def pairs(n: Any) -> Any:
    """A nested loop that counts."""
    c = 0
    for i in range(n):
        for j in range(i):
            c += 1
    return c


@HERE.loop(Count(20), target="sequential")
def factorial(n: Any) -> Any:
    f = 1
    for i in range(1, n + 1):
        f *= i
    return f


@HERE.loop(Given((1, 2, 27, 97)), target="sequential")
def collatz(n: Any) -> Any:
    steps = 0
    while n > 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


@HERE.loop(Given((0, 12, 35)), Given((1, 18, 49)), target="sequential")
def greatest_divisor(a: Any, b: Any) -> Any:
    while b > 0:
        a, b = b, a % b
    return a


@HERE.loop(Given((0, 1, 99, 12345)), target="sequential")
def digit_sum(n: Any) -> Any:
    s = 0
    while n > 0:
        s += n % 10
        n //= 10
    return s


@HERE.loop(Whole(0, 10**6), Given((97, 10**9 + 7)))
def sum_modulo(xs: Any, m: Any) -> Any:
    s = 0
    for x in xs:
        s = (s + x) % m
    return s


@HERE.loop(Whole(0, 10**6))
def product_modulo(xs: Any) -> Any:
    p = 1
    for x in xs:
        p = (p * x) % 998244353
    return p


@HERE.loop(Whole(0, 9))
def polynomial(xs: Any) -> Any:
    h = 0
    for x in xs:
        h = (31 * h + x) % 1000000009
    return h


@HERE.loop(Letters(b"0123456789"))
def divisible(digits: Any) -> Any:
    """Whether a long decimal number is a multiple of seven."""
    r = 0
    for d in digits:
        r = (10 * r + (d - 48)) % 7
    return r == 0


@HERE.loop(Whole(0, 1000), dtypes="uint16 int64")
def luhn(xs: Any) -> Any:
    """Every second one is doubled."""
    s = 0
    double = False
    for x in xs:
        s += 2 * x if double else x
        double = not double
    return s


@HERE.loop(Whole(1, 10**6))
def alternating_weights(xs: Any) -> Any:
    """As in EAN codes: 1, 3, 1, 3, ..."""
    s = 0
    w = 1
    for x in xs:
        s = (s + w * x) % 10
        w = 4 - w
    return s


@HERE.loop(Whole(-9, 9), Given((3, -5)), overflow="wrap")
def horner(xs: Any, at: Any) -> Any:
    v = 0
    for c in xs:
        v = v * at + c
    return v


@HERE.loop(Count(), overflow="wrap", target="logarithmic")
def quadratic_map(n: Any) -> Any:
    x = 1
    for _ in range(n):
        x = x * x + 1
    return x


@HERE.loop(Count(), Given((3, -5)), target="logarithmic")
def quarter_turns(n: Any, x: Any) -> Any:
    """Back where it began after four steps."""
    y = 1
    for _ in range(n):
        x, y = -y, x
    return x + 10 * y


@HERE.loop(Count(), target="logarithmic")
def spokes(n: Any) -> Any:
    """A wheel with seven spokes, and a lamp."""
    at = 0
    lit = False
    for _ in range(n):
        at = at + 1 if at < 6 else 0
        lit = not lit
    return at + 10 if lit else at


@HERE.loop(Count(60), Given((1, 9)), Given((7, -4)), target="closed")
def pocket_money(n: Any, weekly: Any, start: Any) -> Any:
    """Two sums, one of the other."""
    saved = start
    total = 0
    for _ in range(n):
        saved += weekly
        total += 2 * saved
    return total


@HERE.loop(Count(50), Given((10, 3)), Given((4, 0)), Given((7, 12)), target="logarithmic")
def rabbits_modulo(n: Any, old: Any, young: Any, m: Any) -> Any:
    """A recurrence whose first values are not below the modulus."""
    for _ in range(n):
        old, young = young, (old + young) % m
    return old


@HERE.loop(Count(40), Count(50), Given((3, -2, 0)), target="closed")
def rows_and_columns(rows: Any, columns: Any, weight: Any) -> Any:
    total = 0
    for _ in range(rows):
        for _ in range(columns):
            total += weight
    return total


@HERE.loop(Count(40), Count(50), Given((97, -11, 1)), target="logarithmic")
def rounds_of_doubling(rounds: Any, often: Any, m: Any) -> Any:
    key = 1
    for _ in range(rounds):
        for _ in range(0, often, 2):
            key = (2 * key + 1) % m
    return key


@HERE.loop(Count(), Given((7, 2**40)), Given((-10, -(2**61))), target="logarithmic")
def below_zero(n: Any, a: Any, m: Any) -> Any:
    x = -1
    for _ in range(n):
        x = (a * x - 3) % m
    return x
